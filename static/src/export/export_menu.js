import { Component } from "@odoo/owl";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { download } from "@web/core/network/download";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { STATIC_ACTIONS_GROUP_NUMBER } from "@web/search/action_menus/action_menus";

/** The lists that the server writes as a workbook: reports/collection_export_tables.py. */
const MODELS = new Set([
    "collection.ageing",
    "collection.movement",
    "collection.snapshot",
    "collection.provision.line",
    "collection.forecast",
    "credit.profile",
]);

/** Takes out all rows of a report that the filter shows, as a workbook with totals and a sheet that says what it is. */
export class CollectionExport extends Component {
    static template = "account_credit_collection.Export";
    static components = { DropdownItem };
    static props = {};

    setup() {
        this.ui = useService("ui");
    }

    async onSelected() {
        const { resModel, domain, context } = this.env.searchModel;
        this.ui.block();
        try {
            await download({
                url: "/collections/export.xlsx",
                data: {
                    model: resModel,
                    domain: JSON.stringify(domain),
                    day: context.collection_day || "",
                    companies: user.activeCompanies.map((company) => company.id).join(","),
                },
            });
        } finally {
            this.ui.unblock();
        }
    }
}

registry.category("cogMenu").add(
    "collection-export",
    {
        Component: CollectionExport,
        groupNumber: STATIC_ACTIONS_GROUP_NUMBER,
        isDisplayed: ({ config, searchModel }) =>
            MODELS.has(searchModel.resModel) && ["list", "kanban", "pivot", "graph"].includes(config.viewType),
    },
    { sequence: 9 }
);
