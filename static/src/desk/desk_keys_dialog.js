import { _t } from "@web/core/l10n/translation";
import { Dialog } from "@web/core/dialog/dialog";
import { Component } from "@odoo/owl";

/** All keys of the desk at a glance. */
export class DeskKeysDialog extends Component {
    static template = "account_credit_collection.DeskKeysDialog";
    static components = { Dialog };
    static props = { outcomes: Array, close: Function };

    get title() {
        return _t("Keys");
    }

    get outcomes() {
        return this.props.outcomes.map(({ key, label }) => ({ keys: [key.toUpperCase()], label }));
    }

    get others() {
        return [
            { keys: ["↓", "J"], label: _t("Down the list") },
            { keys: ["↑", "K"], label: _t("Up the list") },
            { keys: [_t("Enter")], label: _t("Open the customer, save the form") },
            { keys: [_t("Esc")], label: _t("Close; what was typed is kept") },
            { keys: ["Z"], label: _t("Take back what was saved last") },
            { keys: ["/"], label: _t("Find a customer") },
            { keys: ["?"], label: _t("These keys") },
        ];
    }
}
