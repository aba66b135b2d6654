import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatDate } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component, xml } from "@odoo/owl";

const { DateTime } = luxon;

/** A due date with its distance in words: "Oct 8 · 45 days late". */
export class DueField extends Component {
    static template = xml`
        <t t-if="value">
            <span class="text-nowrap" t-out="date"/> <span class="text-nowrap" t-att-class="days gt 0 ? 'text-danger' : 'text-muted'" t-out="distance"/>
        </t>`;
    static props = { ...standardFieldProps };

    get value() {
        return this.props.record.data[this.props.name];
    }

    get date() {
        return formatDate(this.value);
    }

    get days() {
        return Math.round(DateTime.local().startOf("day").diff(this.value.startOf("day"), "days").days);
    }

    get distance() {
        const days = this.days;
        if (days === 0) {
            return _t("due today");
        }
        if (days > 0) {
            return days === 1 ? _t("1 day late") : _t("%s days late", days);
        }
        return days === -1 ? _t("due tomorrow") : _t("due in %s days", -days);
    }
}

export const dueField = { component: DueField, supportedTypes: ["date"] };

registry.category("fields").add("collection_due", dueField);
