import { _t } from "@web/core/l10n/translation";
import { Component, useEffect, useRef, useState } from "@odoo/owl";
import { formatInteger } from "@web/views/fields/formatters";
import { money } from "./desk_text";

const WEIGHTY = 3; // reasons a row has room for

/** Whom to call, from the top. It stays put while one works. */
export class DeskList extends Component {
    static template = "account_credit_collection.DeskList";
    static props = {};

    setup() {
        this.desk = useState(this.env.desk);
        this.root = useRef("root");
        // With nobody on the desk the keys belong to the list.
        useEffect(
            (loading, openId) => {
                if (!loading && !openId) {
                    this.focusCursor();
                }
            },
            () => [this.desk.loading, this.desk.openId]
        );
        useEffect(
            (moves) => {
                moves && this.focusCursor();
            },
            () => [this.desk.moves]
        );
    }

    focusCursor() {
        this.root.el.querySelector(".o_desk_row.o_cursor")?.focus();
    }

    get bands() {
        return this.desk.list.bands.map((one) => ({ ...one, letter: one.band.toUpperCase(), text: this.money(one.amount) }));
    }

    /** What is not on the list today and why, so that nobody looks for it. */
    get hidden() {
        const { later, small } = this.desk.list.hidden;
        return [later && _t("%s later", later), small && _t("%s left to automation", small)].filter(Boolean).join(" · ");
    }

    get moreText() {
        return _t("and %s more", formatInteger(this.desk.more));
    }

    get passed() {
        return this.desk.all.filter((row) => row.passed && row.state === "todo").length;
    }

    get finished() {
        return this.desk.all.length && !this.desk.query && !this.desk.band && !this.desk.next();
    }

    get passedText() {
        return this.passed === 1 ? _t("1 customer was skipped.") : _t("%s customers were skipped.", this.passed);
    }

    state(row) {
        if (row.state === "done") {
            const label = this.desk.outcome(row.outcome)?.label || _t("Done");
            return row.doneAt ? _t("%(outcome)s at %(time)s", { outcome: label, time: row.doneAt }) : label;
        }
        return row.passed ? _t("Skipped") : "";
    }

    /** What weighs most; all of it stands with the customer. */
    reasons(row) {
        const weighty = [...new Set(row.reasons)].slice(0, WEIGHTY);
        return [row.at && _t("agreed for %s", row.at), ...weighty].filter(Boolean).join(" · ");
    }

    money(amount) {
        return money(amount, this.desk.list.currency_id);
    }

    search(ev) {
        this.desk.query = ev.target.value;
        const { rows } = this.desk;
        if (rows.length && !rows.some(({ id }) => id === this.desk.cursor)) {
            this.desk.cursor = rows[0].id;
        }
    }

    /** Enter in the search opens what was found, an arrow goes into the list. */
    onSearchKey(ev) {
        const { desk } = this;
        if (ev.key === "Enter" && desk.rows.length) {
            ev.preventDefault();
            desk.open(desk.cursor);
        } else if (ev.key === "ArrowDown") {
            ev.preventDefault();
            this.focusCursor();
        }
    }
}
