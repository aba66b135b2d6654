import { registry } from "@web/core/registry";
import { formatMonetary } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component } from "@odoo/owl";

/** The outcome of a run as two tables side by side: who is contacted, and who is not and why. */
export class OutcomeField extends Component {
    static template = "account_credit_collection.OutcomeField";
    static props = { ...standardFieldProps };

    get contacted() {
        return this.rows("contact");
    }

    get silent() {
        return this.rows("silent");
    }

    rows(outcome) {
        const { records } = this.props.record.data[this.props.name];
        const rows = new Map();
        for (const { data, fields } of records) {
            const channel = fields.channel.selection.find(([code]) => code === data.channel)?.[1] || "";
            const key = `${data.reason_text}|${channel}`; // levels of several policies may share a name
            const row = rows.get(key) || { key, title: data.reason_text, channel, count: 0, sum: 0 };
            if (data.outcome === outcome) {
                row.count += data.count;
                row.sum += data.amount;
                row.amount = formatMonetary(row.sum, { currencyId: data.currency_id?.id });
                rows.set(key, row);
            }
        }
        return [...rows.values()].sort((a, b) => b.count - a.count);
    }

    total(rows) {
        return rows.reduce((sum, row) => sum + row.count, 0);
    }
}

export const outcomeField = { component: OutcomeField, supportedTypes: ["one2many"], useSubView: true };

registry.category("fields").add("collection_outcome", outcomeField);
