import { registry } from "@web/core/registry";
import { fits, goTo, ours, state } from "./tour_steps";

const tab = (name) => ({ trigger: `.o_notebook .nav-link[name=${name}]`, run: "click" });

registry.category("web_tour.tours").add("credit_decision", {
    steps: () => [
        ...goTo(ours("collection_menu_root"), ours("credit_menu"), ours("credit_application_menu")),
        { trigger: ".o_data_row:contains('Fabrikam') .o_data_cell[name=name]", run: "click" },
        { content: "Why, factor by factor", trigger: ".o_field_widget[name=score_ids] .o_data_row:contains('6 years, from 5 to below 10')" },
        { content: "And how the limit comes about", trigger: ".o_field_widget[name=proposal_table]:contains('the lowest')" },
        { trigger: "button[name=action_review]", run: "click" },
        state("In review"),
        { trigger: ".alert:contains('This may be a customer you know'):contains('Fabrikam Ltd')" },
        { trigger: "button[name=action_match_partner]:visible", run: "click" },
        { trigger: ".modal .o_field_widget[name=duplicate_ids]:contains('Fabrikam Ltd')" },
        { trigger: ".modal button[name=action_match]", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_field_widget[name=partner_id]:contains('Fabrikam Ltd')" },

        tab("references"),
        { trigger: "button[name=action_ask_references]", run: "click" },
        { content: "It asks first", trigger: ".modal .btn-primary", run: "click" },
        { trigger: ".o_field_widget[name=reference_ids] .badge:contains('Asked')" },

        { trigger: "button[name=action_decide]", run: "click" },
        { trigger: ".modal .o_field_widget[name=approved_cap] input", run: "edit 12000 && click .modal .modal-title" },
        { trigger: ".modal .o_field_widget[name=conditions] textarea", run: "edit A guarantee of the parent company" },
        { trigger: ".modal button[name=action_decide]:contains('Approve')", run: "click" },
        state("Approved"),
        tab("decision"),
        { trigger: ".o_field_widget[name=approved_cap]:contains('12,000.00')" },
        { trigger: ".o_field_widget[name=contract_file]" },
    ],
});

registry.category("web_tour.tours").add("credit_decision_telephone", {
    steps: () => [
        fits(".o_field_widget[name=score_ids] .o_kanban_record:contains('6 years, from 5 to below 10')"),
        { trigger: "button[name=action_decide]", run: "click" },
        fits(".modal .o_field_widget[name=approved_cap] input"),
        { trigger: ".modal .o_field_widget[name=outcome] input[data-value=refuse]", run: "click" },
        { trigger: ".modal .o_field_widget[name=reason_ids] .form-check:contains('do not support the limit') input", run: "click" },
        fits(".modal button[name=action_decide]:contains('Refuse')"),
        { trigger: ".modal button[name=action_decide]:contains('Refuse')", run: "click" },
        fits(".alert:contains('Kept until')"),
    ],
});
