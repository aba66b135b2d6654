import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component, xml } from "@odoo/owl";

/** A language code such as de_AT as the name of the language, in the reader's own. */
export class LanguageField extends Component {
    static template = xml`<span t-out="name"/>`;
    static props = { ...standardFieldProps };

    get name() {
        const code = this.props.record.data[this.props.name];
        if (!code) {
            return "";
        }
        try {
            const names = new Intl.DisplayNames([user.lang], { type: "language" });
            return names.of(code.split("@")[0].replace("_", "-"));
        } catch {
            return code;
        }
    }
}

export const languageField = { component: LanguageField, supportedTypes: ["char"] };

registry.category("fields").add("collection_language", languageField);
