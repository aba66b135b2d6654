import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { Component, onWillStart, useState } from "@odoo/owl";
import { OverviewTrend } from "./overview_trend";

/** The landing page: what is due, what waits for somebody, and where it is going. Everything on it opens the list behind it. */
export class OverviewAction extends Component {
    static template = "account_credit_collection.OverviewAction";
    static components = { Layout, OverviewTrend };
    static props = { ...standardActionServiceProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.state = useState({ page: null, loading: false, failed: false });
        onWillStart(() => {
            this.load(); // the frame of the screen comes first
        });
    }

    async load() {
        this.state.loading = true;
        this.state.failed = false;
        try {
            this.state.page = await this.orm.call("collection.overview", "load_overview", []);
        } catch (error) {
            this.state.failed = true;
            throw error;
        } finally {
            this.state.loading = false;
        }
    }

    /** A list of ours, narrowed to what the figure counts; a report begins with its list then, cards on a telephone. */
    async open(target) {
        const action = await this.action.loadAction(target.action);
        if (target.domain) {
            action.domain = target.domain;
            action.context = target.context;
            action.name = action.display_name = target.name;
            const wanted = [target.view, ...(this.env.isSmall ? ["kanban", "list"] : ["list", "kanban"])];
            const viewType = wanted.find((type) => action.views?.some((view) => view[1] === type));
            return this.action.doAction(action, { viewType });
        }
        Object.assign(action, target.params && { params: target.params });
        return this.action.doAction(action, { additionalContext: target.context });
    }

    openTask(xmlid) {
        return this.action.doAction(xmlid);
    }
}

registry.category("actions").add("collection_overview", OverviewAction);
