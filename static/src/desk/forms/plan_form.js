import { _t } from "@web/core/l10n/translation";
import { Component, useState } from "@odoo/owl";
import { DayField } from "./day_field";

/** The instalments that the customer asks for. */
export class PlanForm extends Component {
    static template = "account_credit_collection.DeskPlanForm";
    static components = { DayField };
    static props = { call: Object };

    setup() {
        this.call = useState(this.props.call);
        this.draft = this.call.drafts.plan;
        this.dayLabel = _t("First part on");
    }
}
