import { registry } from "@web/core/registry";
import { fits } from "./tour_steps";

registry.category("web_tour.tours").add("collection_promise", {
    steps: () => [
        { isActive: ["mobile"], trigger: ".o_statusbar_buttons .dropdown-toggle", run: "click" },
        { trigger: "button[name=action_promise]", run: "click" },
        { content: "What is overdue is proposed", trigger: ".modal .o_field_widget[name=item_ids]:contains('INV/')" },
        { trigger: ".modal .o_field_widget[name=amount] input:value(100.00)" },
        fits(".modal .o_form_view"),
        { trigger: ".modal .o_field_widget[name=amount] input", run: "edit 60" },
        { trigger: ".modal .o_field_widget[name=note] input", run: "edit Mrs Miller" },
        { content: "Enter saves", trigger: ".modal .o_field_widget[name=note] input", run: "press Enter" },
        { trigger: "body:not(:has(.modal)) .alert:contains('Promised'):contains('60.00 by')" },
        { trigger: ".nav-link[name=promises]", run: "click" },
        { isActive: ["desktop"], trigger: ".o_field_widget[name=promise_ids] .o_data_row:contains('60.00'):contains('Open')" },
        { isActive: ["mobile"], trigger: ".o_field_widget[name=promise_ids] .o_kanban_record:contains('60.00'):contains('Open')" },
        fits(".o_form_view"),
    ],
});

registry.category("web_tour.tours").add("collection_promise_renew", {
    steps: () => [
        { trigger: ".o_data_row .o_data_cell:contains('Northwind')", run: "click" },
        { trigger: "button[name=action_renew]", run: "click" },
        { trigger: ".modal .alert:contains('Stands in for the promise')" },
        { trigger: ".modal .modal-footer button[name=action_promise]", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_statusbar_status .o_arrow_button_current:contains('Withdrawn')" },
    ],
});

registry.category("web_tour.tours").add("collection_promise_withdraw", {
    steps: () => [
        { trigger: "button[name=action_withdraw]", run: "click" },
        { trigger: ".modal .o_field_widget[name=reason] input", run: "edit Not before next month" },
        { trigger: ".modal .modal-footer button[name=action_withdraw]", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_statusbar_status .o_arrow_button_current:contains('Withdrawn')" },
        { trigger: ".o_field_widget[name=outcome]:contains('Not before next month')" },
    ],
});
