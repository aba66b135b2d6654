import { _t } from "@web/core/l10n/translation";
import { normalize } from "@web/core/l10n/utils";
import { useAutofocus } from "@web/core/utils/hooks";
import { Component, useEffect, useRef, useState } from "@odoo/owl";

/** What the customer said, found by typing; then what to ask back and the answers in their order. */
export class DeskExcuses extends Component {
    static template = "account_credit_collection.DeskExcuses";
    static props = { call: Object };

    setup() {
        this.desk = useState(this.env.desk);
        this.call = useState(this.props.call);
        this.state = useState({ query: "", at: 0 });
        this.root = useRef("root");
        useAutofocus({ refName: "search", mobile: false });
        useEffect(
            () => {
                this.root.el.scrollIntoView({ block: "nearest" });
            },
            () => []
        );
        useEffect(
            (excuse) => {
                excuse && !this.call.form && this.root.el.querySelector(".o_desk_answer, .o_desk_go_on")?.focus();
            },
            () => [this.call.excuseId]
        );
    }

    /** All words that were typed occur, in any order. */
    get found() {
        const words = normalize(this.state.query).split(/\s+/).filter(Boolean);
        return this.desk.library.excuses.filter(({ name }) => words.every((word) => normalize(name).includes(word)));
    }

    rate(answer) {
        return answer.rate === false ? "" : _t("%(share)s of the promises kept, answered %(used)s times", { share: `${answer.rate} %`, used: answer.used });
    }

    search(ev) {
        Object.assign(this.state, { query: ev.target.value, at: 0 });
    }

    onSearchKey(ev) {
        const steps = { ArrowDown: 1, ArrowUp: -1 };
        const { found } = this;
        if (ev.key in steps) {
            ev.preventDefault();
            this.state.at = Math.max(0, Math.min(found.length - 1, this.state.at + steps[ev.key]));
            this.root.el.querySelectorAll(".o_desk_excuse")[this.state.at]?.scrollIntoView({ block: "nearest" });
        } else if (ev.key === "Enter" && found.length) {
            ev.preventDefault();
            this.call.choose(found[this.state.at]);
        }
    }

    /** A number answers, the arrows go from answer to answer. */
    onAnswerKey(ev) {
        const buttons = [...this.root.el.querySelectorAll(".o_desk_answer")];
        const at = buttons.indexOf(ev.target);
        const steps = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };
        if (ev.key in steps) {
            ev.preventDefault();
            buttons[Math.max(0, Math.min(buttons.length - 1, at + steps[ev.key]))]?.focus();
        } else if (/^[1-9]$/.test(ev.key) && buttons[ev.key - 1]) {
            ev.preventDefault();
            this.call.reply(this.call.excuse.answers[ev.key - 1]);
        }
    }
}
