import { registry } from "@web/core/registry";
import { fits, ours } from "./tour_steps";

const back = [
    { isActive: ["desktop"], trigger: ".o_breadcrumb .o_back_button, .breadcrumb-item a", run: "click" },
    { isActive: ["mobile"], trigger: ".o_breadcrumb .o_back_button, .breadcrumb-item a", run: "click" },
];
const rows = (name) => ({ content: "The list behind it", trigger: `.o_data_row:contains('${name}'), .o_kanban_record:contains('${name}')` });

registry.category("web_tour.tours").add("collection_overview", {
    steps: () => [
        { trigger: ".o_overview_changed:contains('Overdue rose by'):contains('300.00')" },
        { content: "The formula is told", trigger: ".o_overview_tile[data-code=overdue][data-tooltip*='after their due date']:contains('300.00')" },
        { trigger: ".o_overview_bars:contains('300.00')" },
        { trigger: ".o_overview_trend[data-code=dso] svg circle" },
        fits(".o_overview_page"),
        { content: "By keys too", trigger: ".o_overview_tile[data-code=overdue]", run() { this.anchor.focus(); } },
        { trigger: ".o_overview_tile[data-code=overdue]:focus", run: "press Enter" },
        rows("Northwind"),
        ...back,
        { trigger: ".o_overview_line[data-code=disputes]:contains('1')", run: "click" },
        rows("Southwind"),
        ...back,
        { trigger: ".o_overview_bar button", run: "click" },
        rows("Northwind"),
        ...back,
        { content: "A trend opens as the line that it is", trigger: ".o_overview_trend[data-code=dso]", run: "click" },
        { isActive: ["desktop"], trigger: ".o_graph_view .o_graph_renderer canvas" },
        { isActive: ["mobile"], trigger: ".o_kanban_record:not(.o_kanban_ghost)" },
        { content: "No filter hides what was shown", trigger: ".o_control_panel:not(:has(.o_searchview_facet))" },
        ...back,
        { content: "The worklist opens with all that was counted, whatever was looked at last", trigger: ".o_overview_line[data-code=calls]", run() {
            localStorage.setItem("account_credit_collection.desk_scope", "mine");
            this.anchor.click();
        } },
        { isActive: ["desktop"], trigger: ".o_desk_scopes [data-scope=all].active" },
        { trigger: ".o_desk_row:contains('Northwind')" },
    ],
});

registry.category("web_tour.tours").add("collection_overview_empty", {
    steps: () => [
        { trigger: ".o_overview_empty:contains('No customer owes anything yet.') button:contains('Go to the invoices')", run: "click" },
        { trigger: ".o_control_panel:contains('Invoices')" },
    ],
});

registry.category("web_tour.tours").add("collection_report_pivot", {
    steps: () => [
        { trigger: `.o_menu_sections button[data-menu-xmlid='${ours("collection_menu_reporting")}']`, run: "click" },
        { trigger: `.dropdown-item[data-menu-xmlid='${ours("collection_forecast_menu")}']`, run: "click" },
        { trigger: ".o_switch_view.o_pivot", run: "click" },
        { content: "The formula of a measure is told on its header", trigger: ".o_pivot_measure_row[data-tooltip*='unapplied credits']:contains('Expected')" },
        { trigger: ".o_pivot_cell_value:contains('300.00')", run: "click" },
        rows("Northwind"),
        { trigger: ".o_data_row:contains('Northwind') .o_data_cell", run: "click" },
        { content: "Down to the invoice", trigger: ".o_form_view:contains('Northwind') .o_field_widget[name=invoice_line_ids]" },
    ],
});

registry.category("web_tour.tours").add("collection_dashboard", {
    steps: () => [
        { trigger: ".o_search_panel li:contains('Collections')", run: "click" },
        { content: "Its charts are drawn", trigger: ".o-chart-container canvas, .o-figure canvas" },
        { trigger: ".o-scorecard, .o-figure" },
    ],
});
