import { _t } from "@web/core/l10n/translation";
import { Component, onMounted, useRef, useState } from "@odoo/owl";
import { DeskItems } from "./desk_items";
import { day, lateness, money } from "./desk_text";

/** The facts of one customer: what can be collected, whom to call and when, and what was said before. */
export class DeskCustomer extends Component {
    static template = "account_credit_collection.DeskCustomer";
    static components = { DeskItems };
    static props = { call: Object };

    setup() {
        this.desk = useState(this.env.desk);
        this.call = useState(this.props.call);
        this.day = day;
        this.title = useRef("title");
        this.asked = useState({ for: null }); // the numbers of a customer to be left alone are shown when asked for only
        onMounted(() => this.title.el.focus()); // reading starts at the customer, and the keys are free
    }

    get data() {
        return this.call.data;
    }

    get row() {
        return this.desk.row(this.call.id);
    }

    reveal() {
        this.asked.for = this.call.id;
    }

    get place() {
        return _t("%(rank)s of %(total)s", { rank: this.desk.rank(this.call.id), total: this.desk.all.length + this.desk.more });
    }

    get worked() {
        const label = this.desk.outcome(this.row?.outcome)?.label || _t("Done");
        return this.row?.state === "done" && _t("Already worked on today: %s.", label);
    }

    get late() {
        return this.data.days_late > 0 ? lateness(this.data.days_late) : "";
    }

    get recordUrl() {
        return `/odoo/action-account_credit_collection.credit_profile_action/${this.call.id}`;
    }

    /** Short facts, one line each; a hold in red, for it changes what is said. */
    get facts() {
        const { held_out: heldOut, hold, limit, payrun, payer, promise_record: promises } = this.data;
        return [
            hold && { icon: "fa-ban", text: hold, colour: "text-danger" },
            heldOut && { icon: "fa-flask", text: heldOut, colour: "text-danger" },
            payrun && { icon: "fa-calendar-check-o", text: payrun },
            payer && { icon: "fa-clock-o", text: payer },
            promises && { icon: "fa-handshake-o", text: promises },
            limit && { icon: "fa-tachometer", text: _t("Credit limit: %s", limit) },
        ].filter(Boolean);
    }

    /** Whether one may call is never told by colour alone. */
    hour(contact) {
        if (!contact.local_time) {
            return contact.callable ? "" : contact.why_not;
        }
        const time = _t("%s there", contact.local_time);
        return contact.callable ? _t("%s, a good time", time) : `${time} · ${contact.why_not || ""}`;
    }

    tel(phone) {
        return `tel:${phone.replace(/[^\d+]/g, "")}`;
    }

    money(amount) {
        return money(amount, this.data.currency_id);
    }
}
