import { registry } from "@web/core/registry";
import { formatMonetary } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component } from "@odoo/owl";
import { REASON_HEADINGS } from "../reason_headings";

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
        return records.filter(({ data }) => data.outcome === outcome).map(({ id, data, fields }) => ({
            id,
            title: outcome === "contact" ? data.reason_text : String(REASON_HEADINGS[data.reason] || data.reason_text),
            channel: fields.channel.selection.find(([code]) => code === data.channel)?.[1] || "",
            count: data.count,
            amount: formatMonetary(data.amount, { currencyId: data.currency_id?.id }),
        }));
    }

    total(rows) {
        return rows.reduce((sum, row) => sum + row.count, 0);
    }
}

export const outcomeField = { component: OutcomeField, supportedTypes: ["one2many"], useSubView: true };

registry.category("fields").add("collection_outcome", outcomeField);
