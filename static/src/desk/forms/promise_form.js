import { getCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";
import { Component, useState } from "@odoo/owl";
import { proposePromise } from "../desk_drafts";
import { DayField } from "./day_field";

/** An amount by a day, how it is paid, and the invoices it is about. */
export class PromiseForm extends Component {
    static template = "account_credit_collection.DeskPromiseForm";
    static components = { DayField };
    static props = { call: Object };

    setup() {
        this.desk = this.env.desk;
        this.call = useState(this.props.call);
        this.draft = this.call.drafts.promise;
        this.dayLabel = _t("Paid by");
    }

    get currencies() {
        const ids = new Set([...this.call.data.defaults.promise.map((one) => one.currency_id), this.draft.currencyId]);
        return [...ids].map((id) => ({ id, symbol: getCurrency(id)?.symbol || getCurrency(id)?.name || "" }));
    }

    get documents() {
        const { items } = this.call;
        return items.filter(({ id }) => this.draft.itemIds.includes(id)).map((item) => item.document).join(", ");
    }

    /** The promise that gives way to this one. */
    get instead() {
        const promise = this.call.data.promises.find(({ id }) => id === this.draft.previousId);
        return promise ? _t("Instead of the promise of %s", promise.text) : "";
    }

    setCurrency(ev) {
        const { method } = this.draft;
        Object.assign(this.draft, proposePromise(this.call, Number(ev.target.value)), { method });
    }
}
