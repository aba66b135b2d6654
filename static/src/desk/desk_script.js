import { Component, useState } from "@odoo/owl";
import { DeskExcuses } from "./desk_excuses";

/** What to say and what to listen for. No excuse stands here before the customer has given one. */
export class DeskScript extends Component {
    static template = "account_credit_collection.DeskScript";
    static components = { DeskExcuses };
    static props = { call: Object };

    setup() {
        this.desk = useState(this.env.desk);
        this.call = useState(this.props.call);
    }

    get script() {
        return this.call.data.script;
    }
}
