import { registry } from "@web/core/registry";
import { fits, goTo, ours, state } from "./tour_steps";

/** A button of the header that is not the first one: on a telephone it is behind the three dots. */
const header = (name) => [
    { isActive: ["mobile"], trigger: ".o_statusbar_buttons .dropdown-toggle", run: "click" },
    { trigger: `button[name=${name}]`, run: "click" },
];
const alone = (trigger) => `body:not(:has(.modal)) ${trigger}`;

registry.category("web_tour.tours").add("credit_set_limit", {
    steps: () => [
        { content: "There is none yet", trigger: ".o_credit_standing .o_collection_figure:contains('No limit')" },
        ...header("action_set_limit"),
        { trigger: ".modal .o_field_widget[name=current]:contains('Northwind')" },
        { trigger: ".modal .o_field_widget[name=amount] input", run: "edit 5000" },
        { trigger: ".modal .o_field_widget[name=reason] input", run: "edit Annual accounts seen" },
        fits(".modal .o_field_widget[name=reason]"),
        { trigger: ".modal button[name=action_decide]:contains('Set limit')", run: "click" },
        { trigger: alone(".o_credit_standing .o_collection_figure:contains('5,000.00')") },
        { content: "What is taken up of it", trigger: ".o_credit_bar:contains('100.00'):contains('2 %'):contains('4,900.00 available')" },
        { trigger: ".nav-link[name=credit]", run: "click" },
        { content: "The decision and its reason stay", trigger: ".o_field_widget[name=limit_ids]:contains('Annual accounts seen')" },
        { content: "Anyone can add it up", trigger: ".o_credit_exposure:contains('Open invoices'):contains('100.00')" },
        fits(".o_credit_exposure"),
    ],
});

registry.category("web_tour.tours").add("credit_over_limit", {
    steps: () => [
        ...header("action_confirm"),
        { trigger: ".o_credit_alert:contains('On credit hold'):contains('credit limit would be exceeded')" },
        { content: "No figure of the receivables", trigger: "body:not(:has(.o_credit_alert:contains('1,'))):not(:has(button[name=action_open_credit_hold]))" },
        { isActive: ["desktop"], ...state("Quotation") },
        fits(".o_credit_alert"),
    ],
});

registry.category("web_tour.tours").add("credit_release", {
    steps: () => [
        ...goTo(ours("collection_menu_root"), ours("credit_menu"), ours("credit_hold_menu")),
        { trigger: ".o_data_row:contains('Northwind') .o_data_cell[name=document], .o_kanban_record:contains('Northwind')", run: "click" },
        { content: "Why, in figures", trigger: ".alert:contains('Over the limit by'):contains('100.00')" },
        { content: "The way out", trigger: ".alert:contains('releases it')" },
        fits(".o_collection_figures"),
        { trigger: "button[name=action_release]", run: "click" },
        { trigger: ".modal .o_field_widget[name=reason] input", run: "edit Payment seen, arrives tomorrow" },
        { trigger: ".modal button[name=action_release]", run: "click" },
        { isActive: ["desktop"], ...state("Released") },
        { content: "It stays for good", trigger: alone(".o_field_widget[name=decision_reason]:contains('Payment seen')") },
    ],
});

registry.category("web_tour.tours").add("credit_ladder", {
    steps: () => [
        ...goTo(ours("collection_menu_root"), ours("collection_menu_configuration"), ours("credit_ladder_menu")),
        { trigger: ".o_list_button_add, .o-kanban-button-new", run: "click" },
        { trigger: ".o_field_widget[name=name] input", run: "edit Growing customers" },
        { trigger: ".o_field_widget[name=first_amount] input", run: "edit 1000" },
        { trigger: ".o_field_widget[name=growth] input", run: "edit 2" },
        { trigger: ".o_field_widget[name=top_amount] input", run: "edit 4000" },
        { trigger: "button[name=action_make_stages]", run: "click" },
        { trigger: ".o_field_widget[name=stage_ids]:contains('Stage 3'):contains('4,000.00')" },
        fits(".o_field_widget[name=stage_ids]"),
    ],
});
