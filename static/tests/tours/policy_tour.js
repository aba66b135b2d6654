import { registry } from "@web/core/registry";
import { goTo, ours, saved } from "./tour_steps";

const LEVEL = ".o_collection_timeline .o_level";

registry.category("web_tour.tours").add("collection_policy", {
    steps: () => [
        ...goTo(ours("collection_menu_root"), ours("collection_menu_configuration"), ours("collection_policy_menu")),
        { trigger: ".o_list_view .o_data_cell[name=name]:contains('Test')", run: "click" },

        { content: "A level opens from the timeline", trigger: `${LEVEL}:contains('Day 8')`, run: "click" },
        { trigger: ".modal .o_field_widget[name=offset_days] input", run: "edit 10" },
        { trigger: ".modal .o_form_button_save", run: "click" },
        { content: "It stands at its new day", trigger: "body:not(:has(.modal)) .o_collection_timeline .o_mark:contains('+10 days')" },
        ...saved(),

        { content: "A level is taken out of use, not deleted", trigger: `${LEVEL}:contains('Day 20')`, run: "click" },
        { trigger: ".modal .modal-footer:not(:has(.o_btn_remove))" },
        { trigger: ".modal .o_field_widget[name=active] input", run: "click" },
        { trigger: ".modal .o_form_button_save", run: "click" },
        { trigger: `body:not(:has(.modal)) ${LEVEL}:contains('no longer in use')` },
        ...saved(),
        { trigger: ".o_collection_timeline:not(:contains('Day 20'))" },
        { content: "It is found again when asked for", trigger: ".o_cp_action_menus button:has(.fa-cog)", run: "click" },
        { trigger: ".o-dropdown-item:contains('Archived levels')", run: "click" },
        { trigger: ".o_data_row:contains('Day 20') .o_list_record_selector input", run: "click" },
        { trigger: ".o_control_panel button[name=action_unarchive]", run: "click" },
        { trigger: ".o_view_nocontent:contains('Every level of this policy is in use')" },
        { trigger: ".o_breadcrumb a:contains('Test'), .breadcrumb-item a:contains('Test')", run: "click" },
        { trigger: `${LEVEL}:contains('Day 20')` },

        { content: "What it would do today", trigger: "button[name=action_preview]", run: "click" },
        { trigger: ".modal button[name=action_preview]", run: "click" },
        { trigger: ".modal .o_collection_grouped:contains('Northwind')" },
        { content: "Nothing was sent", trigger: ".modal .modal-footer button[special=cancel]", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_collection_timeline" },
    ],
});
