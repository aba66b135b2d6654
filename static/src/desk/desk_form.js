import { Component, useEffect, useRef, useState } from "@odoo/owl";
import { CallbackForm } from "./forms/callback_form";
import { ContactForm } from "./forms/contact_form";
import { CopyForm } from "./forms/copy_form";
import { DisputeForm } from "./forms/dispute_form";
import { PlanForm } from "./forms/plan_form";
import { PromiseForm } from "./forms/promise_form";

const FORMS = { promise: PromiseForm, dispute: DisputeForm, callback: CallbackForm, plan: PlanForm, copy: CopyForm, wrong_contact: ContactForm };
const OWN = "button, a"; // what uses the Enter key itself
const FIELD = "input:not([type=checkbox]):not(:disabled), select, textarea";

/** The two or three fields of an outcome. Enter saves, Esc closes and keeps what was typed. */
export class DeskForm extends Component {
    static template = "account_credit_collection.DeskForm";
    static props = { call: Object, code: String };

    setup() {
        this.desk = useState(this.env.desk);
        this.call = useState(this.props.call);
        this.root = useRef("root");
        useEffect(
            () => this.focusFirst(),
            () => []
        );
        useEffect(
            (problem) => {
                problem && this.root.el.querySelector(".o_desk_problem").scrollIntoView({ block: "nearest" });
            },
            () => [this.call.problem]
        );
    }

    get outcome() {
        return this.desk.outcome(this.props.code);
    }

    get fields() {
        return FORMS[this.props.code];
    }

    /** What happens by itself when nobody answers. */
    get hint() {
        return this.props.code === "no_answer" ? this.call.data.defaults.no_answer?.text : "";
    }

    focusFirst() {
        const field = this.root.el.querySelector(FIELD);
        field?.focus();
        field?.select?.();
        this.root.el.scrollIntoView({ block: "nearest" });
    }

    onKeydown(ev) {
        const plain = ev.key === "Enter" && !ev.shiftKey && !ev.altKey && !ev.isComposing;
        if (plain && !ev.target.matches(OWN)) {
            ev.preventDefault();
            setTimeout(() => this.call.form && this.save()); // after the field took over what was typed
        }
    }

    save() {
        return this.call.save();
    }

    setContact(ev) {
        this.call.contactId = Number(ev.target.value) || false;
    }
}
