import { registry } from "@web/core/registry";
import { formatMonetary } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component, xml } from "@odoo/owl";

/** An amount of credit; "Prepayment only" and "No limit" in words, for they are no amounts. */
export class CreditAmountField extends Component {
    static template = xml`<span t-out="text"/>`;
    static props = { ...standardFieldProps, meaningField: String };

    get text() {
        const { data, fields } = this.props.record;
        const meaning = data[this.props.meaningField];
        if (meaning && meaning !== "amount") {
            return fields[this.props.meaningField].selection.find(([code]) => code === meaning)[1];
        }
        return formatMonetary(data[this.props.name], { currencyId: data.currency_id?.id });
    }
}

export const creditAmountField = {
    component: CreditAmountField,
    supportedTypes: ["monetary"],
    fieldDependencies: ({ options }) => [{ name: options.meaning_field || "meaning", type: "selection" }],
    extractProps: ({ options }) => ({ meaningField: options.meaning_field || "meaning" }),
};

registry.category("fields").add("credit_amount", creditAmountField);
