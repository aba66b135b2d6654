import { Component, useState } from "@odoo/owl";
import { DeskForm } from "./desk_form";

/** How the call ended: one row of buttons with their keys, and above it the small form of the one that is chosen. */
export class DeskOutcomes extends Component {
    static template = "account_credit_collection.DeskOutcomes";
    static components = { DeskForm };
    static props = { call: Object, choose: Function };

    setup() {
        this.desk = useState(this.env.desk);
        this.call = useState(this.props.call);
    }

    active(outcome) {
        return outcome.code === "excuse" ? this.call.asked && !this.call.form : outcome.code === this.call.form;
    }

    /** Of somebody who paid meanwhile nothing is wanted any more. */
    disabled(outcome) {
        return this.call.data.settled && outcome.code !== "skip";
    }
}
