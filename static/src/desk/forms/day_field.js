import { DateTimeInput } from "@web/core/datetime/datetime_input";
import { deserializeDate, serializeDate } from "@web/core/l10n/dates";
import { Component, useState } from "@odoo/owl";

const { DateTime } = luxon;

/** A day to come, typed or picked; with its weekday, for that is what is said on the telephone. */
export class DayField extends Component {
    static template = "account_credit_collection.DeskDayField";
    static components = { DateTimeInput };
    static props = { id: String, label: String, draft: Object, name: String };

    setup() {
        this.draft = useState(this.props.draft);
    }

    get value() {
        const text = this.draft[this.props.name];
        return text ? deserializeDate(text) : false;
    }

    get weekday() {
        return this.value ? this.value.toFormat("cccc") : "";
    }

    get today() {
        return DateTime.local().startOf("day");
    }

    set(value) {
        this.draft[this.props.name] = value ? serializeDate(value) : false;
    }
}
