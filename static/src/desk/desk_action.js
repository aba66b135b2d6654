import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { useSetupAction } from "@web/search/action_hook";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { Component, onWillStart, useRef, useState, useSubEnv } from "@odoo/owl";
import { DeskKeysDialog } from "./desk_keys_dialog";
import { DeskList } from "./desk_list";
import { DeskModel, SCOPES } from "./desk_model";
import { DeskWork } from "./desk_work";
import { useDeskKeys } from "./desk_keys";
import { money } from "./desk_text";

const UNDO = 8000; // milliseconds the toast stays

/** The collector's morning: the worklist, and one customer after another without leaving the screen. */
export class DeskAction extends Component {
    static template = "account_credit_collection.DeskAction";
    static components = { Layout, DeskList, DeskWork };
    static props = { ...standardActionServiceProps };

    setup() {
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        const kept = this.props.state?.desk;
        const { profile_id, scope } = this.props.action.params || {};
        this.desk = useState(kept || new DeskModel(useService("orm"), this.notify, profile_id, scope));
        this.root = useRef("root");
        useSubEnv({ desk: this.desk });
        useSetupAction({ getLocalState: () => ({ desk: this.desk }) });
        useDeskKeys((key, target) => this.act(key, target));
        onWillStart(() => {
            kept || this.desk.load(); // the frame of the screen comes first
        });
    }

    get notify() {
        return {
            saved: (row, result) => this.tell(_t("%(customer)s: %(outcome)s", { customer: row.name, outcome: result.text }), result.undo),
            undone: (row) => this.notification.add(_t("%s: taken back.", row.name), { type: "info" }),
            failed: (text) => this.notification.add(text, { type: "danger" }),
        };
    }

    tell(text, undo) {
        this.forget?.();
        const buttons = undo ? [{ name: _t("Undo (Z)"), onClick: () => this.undo() }] : [];
        this.forget = this.notification.add(text, { type: "success", autocloseDelay: UNDO, buttons });
    }

    undo() {
        this.forget?.();
        this.desk.undo();
    }

    get scopes() {
        const labels = { mine: _t("Mine"), team: _t("Team"), all: _t("All") };
        return SCOPES.map((scope) => ({ scope, label: labels[scope] }));
    }

    get done() {
        const { goal, list } = this.desk;
        const { count, promised } = list.done;
        return {
            count: _t("Done %(done)s of %(total)s", { done: count, total: goal }),
            promised: _t("promised %s", money(promised, list.currency_id)),
            share: `${Math.min(100, (100 * count) / Math.max(1, goal))}%`,
        };
    }

    showKeys() {
        this.dialog.add(DeskKeysDialog, { outcomes: this.desk.outcomes });
    }

    // ------------------------------------------------------------------ keys

    act(key, target) {
        const typing = Boolean(target.closest?.(".o_desk_form"));
        const moves = { arrowdown: 1, j: 1, arrowup: -1, k: -1 };
        const common = {
            escape: () => this.escape(),
            "?": () => this.showKeys(),
            "/": () => this.root.el.querySelector(".o_desk_search").focus(),
            z: () => this.undo(),
            enter: () => this.enter(target),
        };
        if (typing && key !== "escape" && key !== "?") {
            return false;
        }
        if (key in common) {
            return common[key]() !== false;
        }
        if (key in moves) {
            this.desk.move(moves[key]);
            return true;
        }
        return this.outcome(key);
    }

    /** A button or link under the focus has the Enter key to itself; whoever types fast saves before the form has the focus. */
    enter(target) {
        const { desk } = this;
        if (target.matches?.("button, a, summary") || !desk.cursor) {
            return false;
        }
        if (desk.call?.form) {
            desk.call.save();
        } else if (desk.cursor !== desk.openId) {
            desk.open(desk.cursor);
        }
    }

    escape() {
        const { desk } = this;
        const search = this.root.el.querySelector(".o_desk_search");
        if (document.activeElement === search) {
            desk.query = "";
            return desk.move(0);
        }
        if (desk.call?.form) {
            desk.call.close();
        } else if (desk.call?.asked) {
            desk.call.asked = false;
        } else {
            desk.leave();
        }
        this.root.el.querySelector(".o_desk_customer h2")?.focus();
    }

    outcome(key) {
        const outcome = this.desk.call && this.desk.outcomes.find((one) => one.key === key);
        return outcome ? (this.desk.choose(outcome.code), true) : false;
    }
}

registry.category("actions").add("collection_desk", DeskAction);
