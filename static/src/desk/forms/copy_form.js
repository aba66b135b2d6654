import { Component, useState } from "@odoo/owl";

/** Which invoices are sent again, and where to; it goes out while one is still talking. */
export class CopyForm extends Component {
    static template = "account_credit_collection.DeskCopyForm";
    static props = { call: Object };

    setup() {
        this.call = useState(this.props.call);
        this.draft = this.call.drafts.copy;
    }

    /** An invoice with several instalments is one document. */
    get documents() {
        const found = new Map(this.call.items.map((item) => [item.move_id, item.document]));
        return [...found].map(([id, name]) => ({ id, name }));
    }

    toggle(id) {
        const { moveIds } = this.draft;
        this.draft.moveIds = moveIds.includes(id) ? moveIds.filter((one) => one !== id) : [...moveIds, id];
    }
}
