import { _t } from "@web/core/l10n/translation";
import { Component, useState } from "@odoo/owl";
import { DayField } from "./day_field";

/** A day and an hour that were agreed on. */
export class CallbackForm extends Component {
    static template = "account_credit_collection.DeskCallbackForm";
    static components = { DayField };
    static props = { call: Object };

    setup() {
        this.call = useState(this.props.call);
        this.draft = this.call.drafts.callback;
        this.dayLabel = _t("Call again on");
    }
}
