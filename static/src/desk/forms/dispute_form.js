import { Component, useState } from "@odoo/owl";
import { figure, money } from "../desk_text";

/** What of which invoice is contested, and why; the reason says what proof to ask for. */
export class DisputeForm extends Component {
    static template = "account_credit_collection.DeskDisputeForm";
    static props = { call: Object };

    setup() {
        this.desk = this.env.desk;
        this.call = useState(this.props.call);
        this.draft = this.call.drafts.dispute;
    }

    get item() {
        return this.call.items.find(({ id }) => id === this.draft.itemId);
    }

    get reason() {
        return this.desk.library.dispute_reasons.find(({ id }) => id === this.draft.reasonId);
    }

    title(item) {
        return `${item.document} · ${money(item.residual, item.currency_id)}`;
    }

    setItem(ev) {
        this.draft.itemId = Number(ev.target.value);
        this.draft.amount = figure(this.item.residual, this.item.currency_id);
    }

    setReason(ev) {
        this.draft.reasonId = Number(ev.target.value) || false;
    }
}
