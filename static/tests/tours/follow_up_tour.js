import { registry } from "@web/core/registry";
import { fits, goTo, ours } from "./tour_steps";

// The same way on a screen and on a telephone: lists are cards there.
registry.category("web_tour.tours").add("collection_follow_up", {
    steps: () => [
        ...goTo("account.menu_finance", "account.menu_finance_receivables", ours("collection_menu_account_follow_up")),
        { trigger: ".o_control_panel button:contains('Preview & run'), .o_list_buttons button:contains('Preview & run')", run: "click" },

        { content: "Nothing is sent yet", trigger: ".modal .alert:contains('Nothing is sent yet')" },
        { trigger: ".modal button[name=action_preview]", run: "click" },
        { content: "Who is contacted, and why", trigger: ".modal .o_collection_grouped:contains('Northwind'):contains('10 days past due')" },
        { content: "Who is not, and why", trigger: ".modal .o_collection_grouped:contains('Southwind'):contains('Under dispute')" },
        fits(".modal .o_collection_grouped"),
        { trigger: ".modal button[name=action_send]:contains('Send now')", run: "click" },

        { content: "The run tells what came of it", trigger: ".o_field_collection_outcome td:contains('Under dispute')" },
        { trigger: ".oe_stat_button[name=action_open_contacts], .o_statusbar_buttons button[name=action_open_contacts]", run: "click" },
        {
            trigger: ".o_data_row:contains('Northwind') .o_data_cell[name=level_id], .o_kanban_record:contains('Northwind')",
            run: "click",
        },

        { content: "The very message", trigger: ".o_collection_message:contains('Dear Northwind'):contains('100.00')" },
        { trigger: ".o_collection_message:contains('Your account with')" },
        { content: "And why", trigger: ".o_field_widget[name=planned_text]:contains('is 10 days past due')" },
        { trigger: ".o_field_widget[name=recipient]:contains('northwind@customer.example')" },
        fits(".o_collection_message"),
    ],
});
