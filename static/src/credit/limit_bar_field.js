import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatMonetary } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component } from "@odoo/owl";

const NEARLY = 90; // percent from which the bar warns, as the shipped hold rule does

/** How much of the limit is taken up, as a bar with the limit and the next stage marked, and the same in words. */
export class LimitBarField extends Component {
    static template = "account_credit_collection.LimitBarField";
    static props = { ...standardFieldProps };

    get data() {
        return this.props.record.data;
    }

    /** The limit that the share was counted with: what is taken up and what is left of it. */
    get limit() {
        return this.data.exposure + this.data.available;
    }

    get counted() {
        return this.data.limit_meaning === "amount" && this.limit > 0;
    }

    get next() {
        return this.data.next_limit > this.limit ? this.data.next_limit : 0;
    }

    get scale() {
        return Math.max(this.limit, this.data.exposure, this.next, 0.01);
    }

    get percent() {
        return Math.round(this.props.record.data[this.props.name]);
    }

    get colour() {
        if (this.percent > 100) {
            return "text-bg-danger";
        }
        return this.percent >= NEARLY ? "text-bg-warning" : "text-bg-success";
    }

    get left() {
        const { available } = this.data;
        return available < 0 ? _t("%s over the limit", this.money(-available)) : _t("%s available", this.money(available));
    }

    at(amount) {
        return `${Math.max(0, Math.min(100, (100 * amount) / this.scale))}%`;
    }

    money(amount) {
        return formatMonetary(amount, { currencyId: this.data.currency_id?.id });
    }
}

export const limitBarField = {
    component: LimitBarField,
    supportedTypes: ["float"],
    fieldDependencies: [
        { name: "currency_id", type: "many2one" },
        { name: "limit_meaning", type: "selection" },
        { name: "exposure", type: "monetary" },
        { name: "available", type: "monetary" },
        { name: "next_limit", type: "monetary" },
    ],
};

registry.category("fields").add("credit_limit_bar", limitBarField);
