import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component, xml } from "@odoo/owl";

/** The number of a document as a link to the document itself; the record carries its item in `item_id`. */
export class DocumentField extends Component {
    static template = xml`<a href="#" t-on-click.prevent.stop="open" t-out="props.record.data[props.name]"/>`;
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
    }

    open() {
        this.action.doActionButton({
            type: "object",
            name: "action_open_business_doc",
            resModel: "account.move.line",
            resId: this.props.record.data.item_id.id,
        });
    }
}

export const documentField = {
    component: DocumentField,
    supportedTypes: ["char"],
    fieldDependencies: [{ name: "item_id", type: "many2one" }],
};

registry.category("fields").add("collection_document", documentField);
