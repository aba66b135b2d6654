import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatMonetary } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { FormViewDialog } from "@web/views/view_dialogs/form_view_dialog";
import { Component } from "@odoo/owl";

const formatters = registry.category("formatters");
const RIGHT = new Set(["monetary", "integer", "float"]);

/**
 * Read-only rows under a heading each, with the number and the sum of every group.
 * A row opens what `open_field` names, on top, so that the preview is not lost.
 */
export class GroupedListField extends Component {
    static template = "account_credit_collection.GroupedListField";
    static props = {
        ...standardFieldProps,
        columns: Array,
        groupBy: String,
        openField: { type: String, optional: true },
        titleField: { type: String, optional: true },
    };

    setup() {
        this.dialog = useService("dialog");
    }

    get groups() {
        const groups = new Map();
        for (const record of this.props.record.data[this.props.name].records) {
            const title = this.title(record.data[this.props.groupBy]); // levels of several policies may share a name
            if (!groups.has(title)) {
                groups.set(title, { key: title, title, records: [], amount: 0 });
            }
            const group = groups.get(title);
            group.records.push(record);
            group.amount += record.data.amount;
        }
        return [...groups.values()].map((group) => ({
            ...group,
            ...this.sharedTitle(group),
            amountText: formatMonetary(group.amount, { currencyId: group.records[0].data.currency_id?.id }),
        }));
    }

    /** Without the columns that would be empty: what the headings say, and a yes-or-no that is no for all. */
    get columns() {
        const { records } = this.props.record.data[this.props.name];
        const said = this.groups.every((group) => group.said);
        return this.props.columns.filter(({ name }) =>
            records[0]?.fields[name].type === "boolean"
                ? records.some((record) => record.data[name])
                : !(said && name === this.props.titleField)
        );
    }

    /** What all rows of a group say alike is said once, as its heading. */
    sharedTitle({ records }) {
        const name = this.props.titleField;
        const texts = new Set(records.map((record) => record.data[name]));
        return name && texts.size === 1 ? { title: [...texts][0], said: name } : {};
    }

    title(value) {
        return value?.display_name || value || _t("Other");
    }

    /** A yes-or-no needs no heading: its words stand in the rows that say yes. */
    heading(column) {
        const { fields } = this.props.record.data[this.props.name];
        return fields[column.name].type === "boolean" ? "" : column.label;
    }

    text(record, column) {
        const field = record.fields[column.name];
        if (field.type === "boolean") {
            return record.data[column.name] ? column.label : "";
        }
        const value = record.data[column.name];
        const formatter = formatters.get(field.type, String);
        return value === false ? "" : formatter(value, { field, data: record.data });
    }

    isRight(record, column) {
        return RIGHT.has(record.fields[column.name].type);
    }

    open(record) {
        const target = record.data[this.props.openField];
        const { relation } = record.fields[this.props.openField];
        this.dialog.add(FormViewDialog, { resModel: relation, resId: target.id, title: target.display_name, size: "xl" });
    }
}

export const groupedListField = {
    component: GroupedListField,
    supportedTypes: ["one2many"],
    useSubView: true,
    extractProps: ({ options, views }) => ({
        columns: views.list.columns
            .filter(({ type, name }) => type === "field" && name !== options.group_by && name !== "currency_id")
            .map(({ name, label }) => ({ name, label })),
        groupBy: options.group_by,
        openField: options.open_field,
        titleField: options.title_field,
    }),
};

registry.category("fields").add("collection_grouped_list", groupedListField);
