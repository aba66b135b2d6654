import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError, RPCError } from "@web/core/network/rpc";
import { DRAFTS, proposePromise } from "./desk_drafts";
import { Unreadable } from "./desk_text";

const STALE = 60 * 1000; // what was fetched ahead is looked up anew when it is older than a minute
const TOLD = "odoo.exceptions."; // errors whose text is meant for the reader

/** By it the server knows a form that was sent twice because its answer was lost on the way. */
const uniqueToken = () => `${Date.now()}-${Math.random().toString(36).slice(2)}`;

/** One customer on the desk: what is known, what was said, and what is typed but not saved yet. */
export class DeskCall {
    constructor(desk, id) {
        Object.assign(this, {
            desk, id, data: null, failed: "", loading: false, loadedAt: 0, startedAt: 0,
            form: false, wanted: false, drafts: {}, note: "", contactId: null, chosen: new Set(),
            token: uniqueToken(), asked: false, excuseId: false, answerId: false, saving: false, problem: "",
        });
    }

    // ------------------------------------------------------------------ what is known

    get items() {
        return this.data?.items || [];
    }

    get excuse() {
        return this.desk.library.excuses.find(({ id }) => id === this.excuseId);
    }

    get answer() {
        return this.excuse?.answers.find(({ id }) => id === this.answerId);
    }

    get stale() {
        return Date.now() - this.loadedAt > STALE;
    }

    async load(silent = false) {
        if (this.loading) {
            return this.loading;
        }
        this.failed = "";
        this.loading = this.fetch(silent);
        await this.loading;
        this.loading = false;
        if (this.data && this.wanted && this.desk.openId === this.id) {
            this.desk.choose(this.wanted);
        }
        this.wanted = false;
    }

    async fetch(silent) {
        try {
            this.data = await this.desk.ask("load_customer", [this.id], silent);
            this.loadedAt = Date.now();
            this.contactId ??= this.data.contacts[0]?.id || false;
        } catch (error) {
            this.failed = told(error) || _t("This customer could not be loaded.");
        }
    }

    // ------------------------------------------------------------------ what was said

    /** The library of excuses comes up when the customer has given one, never before. */
    ask() {
        this.form = false;
        this.asked = true;
    }

    choose(excuse) {
        this.excuseId = excuse ? excuse.id : false;
        this.answerId = false;
        if (excuse && !excuse.answers.length) {
            this.propose();
        }
    }

    reply(answer) {
        this.answerId = answer.id;
        this.propose();
    }

    /** How calls with this excuse should end: opened, not saved. */
    propose() {
        const { outcome, dispute_reason_id: reasonId } = this.excuse;
        if (outcome === "dispute" && this.drafts.dispute && !this.drafts.dispute.reasonId) {
            this.drafts.dispute.reasonId = reasonId;
        }
        if (outcome && outcome in DRAFTS) {
            this.open(outcome);
        }
    }

    // ------------------------------------------------------------------ what is typed

    get draft() {
        return this.drafts[this.form];
    }

    open(outcome) {
        this.drafts[outcome] ||= DRAFTS[outcome].start(this);
        this.problem = "";
        this.form = outcome;
    }

    close() {
        this.form = false;
        this.problem = "";
    }

    /** The items that a promise or dispute is about; an amount typed by hand is left alone. */
    toggle(item) {
        this.chosen.has(item.id) ? this.chosen.delete(item.id) : this.chosen.add(item.id);
        const { promise, dispute } = this.drafts;
        if (promise) {
            const { on, method, amount } = promise;
            const typed = amount === promise.proposed ? {} : { amount };
            Object.assign(promise, proposePromise(this), { on, method, ...typed });
        }
        if (dispute && this.chosen.has(item.id)) {
            Object.assign(dispute, DRAFTS.dispute.start(this), { reasonId: dispute.reasonId });
        }
    }

    values() {
        return {
            note: this.note.trim(),
            contact_id: this.contactId || false,
            excuse_id: this.excuseId,
            answer_id: this.answerId,
            token: `${this.token}-${this.form}`,
            seconds: Math.round((Date.now() - this.startedAt) / 1000),
            ...DRAFTS[this.form].values(this.draft, this),
        };
    }

    /** Taken back: it is as if it had not been saved, and saving is something new. */
    revive() {
        Object.assign(this, { loadedAt: 0, token: uniqueToken(), saving: false });
    }

    /** Save once, however often Enter is pressed; what the server refuses stays on the screen with its reason. */
    async save() {
        if (this.saving) {
            return;
        }
        this.saving = true;
        this.problem = "";
        try {
            const result = await this.desk.ask("save_outcome", [this.id, this.form, this.values()]);
            this.desk.saved(this, this.form, result);
        } catch (error) {
            this.problem = problem(error);
            if (!this.problem) {
                this.problem = _t("Something went wrong; nothing was saved.");
                throw error;
            }
        } finally {
            this.saving = false;
        }
    }
}

/** The words of an error that was written for the reader, or nothing. */
export function told(error) {
    const name = error instanceof RPCError && (error.exceptionName || error.data?.name || "");
    return name && name.startsWith(TOLD) ? error.data?.message || error.message : "";
}

function problem(error) {
    if (error instanceof Unreadable) {
        return error.message;
    }
    if (error instanceof ConnectionLostError) {
        return _t("No connection. What you typed is still here; save it again when you are back online.");
    }
    return told(error);
}
