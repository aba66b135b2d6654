import { registry } from "@web/core/registry";
import { saved } from "./tour_steps";

registry.category("web_tour.tours").add("collection_pause", {
    steps: () => [
        { content: "Who decides is the manager's to say", trigger: ".o_field_widget[name=collector_id].o_readonly_modifier, span:contains('nobody')" },
        { trigger: "button[name=action_pause]", run: "click" },
        { trigger: ".modal .o_field_widget[name=until] :is(button, input)", run: "click" },
        { trigger: ".modal .o_field_widget[name=until] input", run: "edit 12/31/2099" },
        { trigger: ".modal .o_field_widget[name=reason] input", run: "edit New delivery agreed" },
        { trigger: ".modal .modal-footer button[name=action_pause]", run: "click" },
        { trigger: ".alert:contains('Paused until'):contains('New delivery agreed')" },
        { trigger: "button[name=action_resume]:contains('Resume')", run: "click" },
        { trigger: ".o_form_view:not(:has(.alert:contains('Paused until'))) .o_collection_figures" },
    ],
});

registry.category("web_tour.tours").add("collection_try_again", {
    steps: () => [
        { trigger: ".alert:contains('Stopped after three errors') button:contains('Try again')", run: "click" },
        { trigger: ".o_form_view:not(:has(.alert:contains('Stopped after three errors'))) .o_collection_figures" },
    ],
});

registry.category("web_tour.tours").add("collection_partner", {
    steps: () => [
        { trigger: ".nav-link[name=collections]", run: "click" },
        { trigger: ".o_field_widget[name=collection_reason]:contains('is 10 days past due')" },
        { trigger: ".oe_stat_button[name=action_open_credit_profile]:contains('100.00')", run: "click" },
        { trigger: ".o_collection_figure:contains('100.00')" },
        { trigger: ".o_field_widget[name=item_ids] .o_data_row:contains('10 days late')" },
    ],
});

registry.category("web_tour.tours").add("collection_invoice", {
    steps: () => [
        { trigger: ".nav-link[name=other_info]", run: "click" },
        { trigger: ".o_field_widget[name=no_followup] input", run: "click" },
        ...saved(),
        { trigger: ".oe_stat_button[name=action_open_follow_up]:contains('Left out')" },
    ],
});
