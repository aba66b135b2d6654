import { Component, useState } from "@odoo/owl";
import { DeskCustomer } from "./desk_customer";
import { DeskOutcomes } from "./desk_outcomes";
import { DeskScript } from "./desk_script";

/** One customer: the facts, what to say, and how the call ended. Another customer is another one of these. */
export class DeskWork extends Component {
    static template = "account_credit_collection.DeskWork";
    static components = { DeskCustomer, DeskScript, DeskOutcomes };
    static props = { call: Object, choose: Function };

    setup() {
        this.call = useState(this.props.call);
    }
}
