import { registry } from "@web/core/registry";
import { goTo, ours, state } from "./tour_steps";

const open = (name) => ({ trigger: `.o_data_row:contains('${name}') .o_data_cell[name=level_id]`, run: "click" });

registry.category("web_tour.tours").add("collection_approval", {
    steps: () => [
        ...goTo(ours("collection_menu_root"), ours("collection_menu_follow_up"), ours("collection_action_menu_approve")),
        open("Northwind"),
        { content: "Who approves has read it", trigger: ".o_collection_message:contains('Dear Northwind'):contains('100.00')" },
        { trigger: "button[name=action_approve]", run: "click" },
        state("Ready"),
        { trigger: ".o_breadcrumb a, .breadcrumb-item a", run: "click" },

        open("Southwind"),
        { trigger: "button[name=action_skip]", run: "click" },
        { content: "It asks first", trigger: ".modal:contains('the items go on to the next level') .btn-primary", run: "click" },
        state("Skipped"),
        { trigger: ".alert:contains('Level skipped by')" },
        { trigger: ".o_breadcrumb a, .breadcrumb-item a", run: "click" },

        open("Eastwind"),
        { trigger: "button[name=action_cancel]", run: "click" },
        state("Cancelled"),
    ],
});
