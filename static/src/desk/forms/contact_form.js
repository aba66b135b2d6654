import { Component, useState } from "@odoo/owl";

/** Who is to be called instead, as far as it is known. */
export class ContactForm extends Component {
    static template = "account_credit_collection.DeskContactForm";
    static props = { call: Object };

    setup() {
        this.call = useState(this.props.call);
        this.draft = this.call.drafts.wrong_contact;
    }
}
