import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component } from "@odoo/owl";

const ICONS = { email: "fa-envelope-o", sms: "fa-mobile", letter: "fa-file-text-o", call: "fa-phone" };

/** The channels of a level as icons with their names; those used only in need are pale and say so. */
export class ChannelsField extends Component {
    static template = "account_credit_collection.ChannelsField";
    static props = { ...standardFieldProps };

    get channels() {
        return this.props.record.data[this.props.name].records.map((row) => ({
            key: row.id,
            icon: ICONS[row.data.channel],
            label: row.data.channel_label,
            spare: row.data.use === "fallback",
            title: row.data.use === "fallback" ? _t("%s, if nothing else works", row.data.channel_label) : row.data.channel_label,
        }));
    }
}

export const channelsField = {
    component: ChannelsField,
    supportedTypes: ["one2many"],
    relatedFields: [
        { name: "channel", type: "selection", selection: [] },
        { name: "use", type: "selection", selection: [] },
        { name: "channel_label", type: "char", readonly: true },
    ],
};

registry.category("fields").add("collection_channels", channelsField);
