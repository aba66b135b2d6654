import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatMonetary } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component } from "@odoo/owl";

const LABELS = {
    receivable: _t("Open invoices"),
    drafts: _t("Draft invoices"),
    deliveries: _t("Delivered, not invoiced yet"),
    orders: _t("Confirmed orders, not delivered yet"),
    credits: _t("Payments and credit notes not matched yet"),
};

/** What a customer has taken up, part by part, so that anyone can add it up. */
export class ExposureField extends Component {
    static template = "account_credit_collection.ExposureField";
    static props = { ...standardFieldProps };

    get rows() {
        const parts = this.props.record.data[this.props.name] || {};
        const names = [...new Set([...Object.keys(LABELS), ...Object.keys(parts)])];
        return names
            .filter((name) => parts[name] || name === "receivable")
            .map((name) => ({ name, label: String(LABELS[name] || name), amount: this.money(parts[name] || 0) }));
    }

    get total() {
        const parts = Object.values(this.props.record.data[this.props.name] || {});
        return this.money(parts.reduce((sum, amount) => sum + amount, 0));
    }

    money(amount) {
        return formatMonetary(amount, { currencyId: this.props.record.data.currency_id?.id });
    }
}

export const exposureField = {
    component: ExposureField,
    supportedTypes: ["json"],
    fieldDependencies: [{ name: "currency_id", type: "many2one" }],
};

registry.category("fields").add("credit_exposure", exposureField);
