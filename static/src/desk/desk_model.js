import { browser } from "@web/core/browser/browser";
import { normalize } from "@web/core/l10n/utils";
import { _t } from "@web/core/l10n/translation";
import { DeskCall, told } from "./desk_call";

const SCOPE = "account_credit_collection.desk_scope";
export const SCOPES = ["mine", "team", "all"];
const { DateTime } = luxon;
const EMPTY = { outcomes: [], excuses: [], dispute_reasons: [], methods: [] };

/**
 * The worklist of a morning and the customer that is being worked on.
 * The list stays as it was loaded: who is done keeps the place, and nothing moves until Reload.
 */
export class DeskModel {
    /** ``also`` is a customer on top of the list though it may not be listed, opened at once; ``scope`` the one to begin with. */
    constructor(orm, notify, also = false, scope = false) {
        Object.assign(this, {
            orm, notify, also, scope: scope || browser.localStorage.getItem(SCOPE) || false,
            list: null, failed: "", loading: false, band: false, query: "", more: 0, goal: 0,
            cursor: false, moves: 0, openId: false, calls: new Map(), last: null,
        });
    }

    ask(method, args, silent = false) {
        return (silent ? this.orm.silent : this.orm).call("collection.desk", method, args);
    }

    // ------------------------------------------------------------------ the list

    async load() {
        this.loading = true;
        this.failed = "";
        try {
            this.take(await this.ask("load_worklist", [this.scope, this.also]));
            this.also && !this.openId && this.open(this.also);
            this.cursor = this.rows.find(({ id }) => id === this.cursor)?.id || this.next()?.id || this.rows[0]?.id || false;
        } catch (error) {
            this.failed = told(error) || _t("The worklist could not be loaded.");
        } finally {
            this.loading = false;
        }
    }

    take(list) {
        const todo = list.rows.filter((row) => row.state === "todo").length;
        Object.assign(this, { list, scope: list.scope, more: list.total - todo, goal: list.total + list.done.count });
        this.calls.forEach((call) => (call.loadedAt = 0));
        if (this.row(this.openId)) {
            this.call.load(true);
        } else {
            this.leave(); // no longer on the list
        }
    }

    setScope(scope) {
        this.scope = scope;
        browser.localStorage.setItem(SCOPE, scope);
        this.openId = this.cursor = this.band = false;
        return this.load();
    }

    get library() {
        return this.list?.library || EMPTY;
    }

    get all() {
        return this.list?.rows || [];
    }

    get rows() {
        const query = normalize(this.query.trim());
        return this.all.filter((row) => (!this.band || row.band === this.band) && normalize(row.name).includes(query));
    }

    row(id) {
        return this.all.find((row) => row.id === id);
    }

    rank(id) {
        return this.all.findIndex((row) => row.id === id) + 1;
    }

    /** The ways a call can go on, in the order of the buttons: those that are recorded, and the two that are not. */
    get outcomes() {
        const [promise, dispute, ...others] = this.library.outcomes;
        const excuse = { code: "excuse", label: _t("Excuse"), key: "x", icon: "fa-comment-o" };
        const skip = { code: "skip", label: _t("Skip"), key: "s", icon: "fa-step-forward" };
        return promise ? [promise, dispute, excuse, ...others, skip] : [];
    }

    outcome(code) {
        return this.outcomes.find((outcome) => outcome.code === code);
    }

    setBand(band) {
        this.band = this.band === band ? false : band;
    }

    move(step) {
        const { rows } = this;
        const at = rows.findIndex(({ id }) => id === this.cursor);
        this.cursor = rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + step))]?.id || false;
        this.moves++; // the list takes the focus
    }

    /** Who comes after a customer: the next one below that is neither done nor skipped, else the first from the top. */
    next(id = false) {
        const { rows } = this;
        const at = rows.findIndex((row) => row.id === id);
        return [...rows.slice(at + 1), ...rows.slice(0, at + 1)].find((row) => row.id !== id && row.state === "todo" && !row.passed);
    }

    // ------------------------------------------------------------------ the customer

    get call() {
        return this.openId ? this.calls.get(this.openId) : null;
    }

    callOf(id) {
        if (!this.calls.has(id)) {
            this.calls.set(id, new DeskCall(this, id));
        }
        return this.calls.get(id);
    }

    async open(id) {
        const call = this.callOf(id);
        this.cursor = this.openId = id;
        call.startedAt = Date.now();
        if (!call.data || call.stale) {
            await call.load(Boolean(call.data));
        }
        const next = this.next(id);
        if (next && this.openId === id) {
            this.fetchAhead(next.id);
        }
    }

    /** So that the next customer is there at once. A failure shows when the customer is opened. */
    fetchAhead(id) {
        const call = this.callOf(id);
        if (!call.data || call.stale) {
            call.load(true);
        }
    }

    leave() {
        this.openId = false;
    }

    /** How the call goes on. Whoever is faster than the server gets the form as soon as it has answered. */
    choose(code) {
        const { call } = this;
        if (code === "skip") {
            this.skip();
        } else if (!call.data) {
            call.wanted = code;
        } else if (!call.data.settled) {
            code === "excuse" ? call.ask() : call.open(code);
        }
    }

    openNext() {
        const next = this.next(this.openId);
        next ? this.open(next.id) : this.leave();
    }

    /** On to the next one without a word: this one stays on the list, today and tomorrow. */
    skip() {
        const row = this.row(this.openId);
        row.passed = row.state === "todo";
        this.openNext();
    }

    again() {
        this.all.forEach((row) => (row.passed = false));
        this.openNext();
    }

    // ------------------------------------------------------------------ saving and taking back

    saved(call, outcome, result) {
        const row = this.row(call.id);
        Object.assign(row, { state: "done", outcome, doneAt: DateTime.local().toLocaleString(DateTime.TIME_SIMPLE), passed: false });
        this.last = result.undo ? { call, row, id: result.call_id, done: this.list.done } : null;
        this.list.done = result.done;
        this.calls.delete(call.id);
        this.notify.saved(row, result);
        if (this.openId === call.id) {
            this.openNext();
        }
    }

    /** The last outcome is taken back, and its customer comes up again with what was typed. */
    async undo() {
        const { last } = this;
        this.last = null;
        if (!last) {
            return;
        }
        try {
            await this.ask("undo", [last.id]);
        } catch (error) {
            return this.notify.failed(told(error) || _t("This could not be taken back."));
        }
        Object.assign(last.row, { state: "todo", outcome: false, doneAt: false });
        this.list.done = last.done;
        last.call.revive();
        this.calls.set(last.call.id, last.call);
        this.notify.undone(last.row);
        await this.open(last.call.id);
    }
}
