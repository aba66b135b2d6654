import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.modules import module as odoo_module
from odoo.tools import format_date, split_every

from .collection_action import OPEN_STATES
from .collection_job import CONCURRENCY_ERRORS
from .collection_metrics import note_failure
from .collection_reason import jsonable

_logger = logging.getLogger(__name__)

BATCH = 500


class CollectionRun(models.Model):
    """One pass of the follow-up over a company's customers, as of a day.

    Lock, gather, decide and record a batch of customers per transaction. Sending is
    another job's work (``collection.outbox``), so a dead mail server stops no decision.
    """

    _name = "collection.run"
    _description = "Follow-up Run"
    _inherit = ["collection.job"]
    _order = "run_date desc, id desc"

    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict", readonly=True)
    run_date = fields.Date("As of", required=True, readonly=True)
    kind = fields.Selection([("auto", "Automatic"), ("manual", "By hand")], required=True, default="manual", readonly=True)
    state = fields.Selection([("running", "Running"), ("held", "Waits for approval"), ("done", "Done"), ("error", "With errors")],
                             default="running", required=True, readonly=True)
    message = fields.Char(readonly=True)
    finished_at = fields.Datetime(readonly=True)
    action_ids = fields.One2many("collection.action", "run_id", "Contacts", readonly=True)
    count_ids = fields.One2many("collection.run.count", "run_id", "Outcome", readonly=True)
    contact_count = fields.Integer("Contacts planned", compute="_compute_totals")
    open_count = fields.Integer("Not finished", compute="_compute_totals")
    sent_count = fields.Integer("Sent", compute="_compute_totals")
    progress = fields.Integer("Done (%)", compute="_compute_totals")

    # A second job on the same day goes on with the same run.
    _auto_uniq = models.UniqueIndex("(company_id, run_date) WHERE kind = 'auto'", "The automatic run of the day exists already.")

    @api.depends("run_date", "company_id")
    def _compute_display_name(self):
        for run in self:
            run.display_name = f"{run.company_id.name or ''} {format_date(self.env, run.run_date) if run.run_date else ''}".strip()

    @api.depends("action_ids.state")
    def _compute_totals(self):
        counts = {}
        for run, state, count in self.env["collection.action"]._read_group(
                [("run_id", "in", self.ids)], ["run_id", "state"], ["__count"]):
            counts.setdefault(run, {})[state] = count
        for run in self:
            states = counts.get(run, {})
            run.contact_count = sum(states.values())
            run.sent_count = states.get("sent", 0)
            run.open_count = sum(states.get(state, 0) for state in OPEN_STATES)
            run.progress = 100 - round(100 * run.open_count / run.contact_count) if run.contact_count else 100

    # ------------------------------------------------------------------ batch after batch

    def _execute(self, profiles=None, commit=False):
        """Run over ``profiles`` (default: all that have something open), a batch at a time.

        With ``commit`` each batch is a transaction of its own. Returns False when the job's time is up before all
        are done, or others hold some of them all the time; the next call goes on with those not yet evaluated.
        """
        self.ensure_one()
        ids = self._candidate_ids(commit) if profiles is None else profiles.ids
        stale = self.kind == "auto" and self._bank_age_beyond_limit(self.company_id, self.run_date)
        if not stale:
            self._release_held()
        done, cron = 0, self.env["ir.cron"]
        if commit:
            cron._commit_progress(remaining=len(ids))
        for batch in split_every(BATCH, ids):
            self._attempt_batch(self.env["credit.profile"].browse(batch), stale, commit)
            done += len(batch)
            if commit and not cron._commit_progress(len(batch)) and done < len(ids):
                return False
        if commit and profiles is None and not self._look_again(stale):
            return False
        self._finish(None if profiles is None else ids)
        if commit:
            cron._commit_progress()
        return True

    def _candidate_ids(self, commit):
        """Ids of the customers to decide on; after an interruption those that are left."""
        self._retrying(lambda: self.env["credit.profile"]._ensure_missing(self.company_id, open_only=True), commit)
        if commit:
            self.env["ir.cron"]._commit_progress()  # a batch that is rolled back must not take the new profiles along
        return self.env["collection.reader"]._read_candidates(self.company_id, self.run_date if commit else None)

    def _release_held(self):
        """Contacts that only waited for fresh bank data may go: they are checked again before they leave."""
        if self.kind == "auto":
            self.env["collection.action"].search([
                ("company_id", "=", self.company_id.id), ("state", "=", "planned"), ("reason", "=", "bank_stale"),
                ("level_id.needs_approval", "=", False)])._transition("ready")

    def _attempt_batch(self, profiles, stale, commit):
        """Process a batch; a poisoned one, or one that others keep changing, customer by customer."""
        try:
            self._retrying(lambda: self._process(profiles, stale), commit)
            return
        except CONCURRENCY_ERRORS:
            if not commit or odoo_module.current_test:
                raise
        except Exception:  # one bad customer must not stop the others
            _logger.warning("collection run %s: a batch of %s failed, going on one by one", self.id, len(profiles))
        for profile in profiles:
            self._attempt_one(profile, stale, commit)

    def _attempt_one(self, profile, stale, commit):
        """Process one customer, with ``commit`` in a transaction of its own."""
        try:
            self._retrying(lambda: self._process(profile, stale), commit)
        except CONCURRENCY_ERRORS:
            raise
        except Exception as error:
            note_failure(_logger, error, "collection run %s: profile %s failed", self.id, profile.id)
            self.env.invalidate_all(flush=False)
            profile._quarantine(str(error))
            profile._write_snapshot([{"next_reason": "error", "next_detail": {"error": str(error)[:200]},
                                      "evaluated_on": self.run_date}])
        if commit:
            self.env["ir.cron"]._commit_progress()

    # ------------------------------------------------------------------ lock, gather, decide, record

    def _process(self, profiles, stale=False):
        """Stages 1 to 4 for one batch."""
        self = self.with_company(self.company_id)
        profiles = self.env["credit.profile"]._lock_batch(profiles.filtered(lambda p: p.company_id == self.company_id))
        decided, gathered = self._decide_batch(self.company_id, profiles, self.run_date)
        vals_list, tasks = [], self.env["credit.profile"]
        for profile, policy, decision in decided:
            if decision.contact:
                vals_list += self._prepare_actions(profile, policy, decision, gathered, stale)
            if self._misses_address(decision):
                tasks |= profile
        self.env["collection.action"]._record(vals_list)
        tasks._ask_once("address", self.env._("No usable address for follow-up"))
        archived = profiles.browse([profile.id for profile, _policy, decision in decided if decision.reason == "archived"])
        archived.filtered("next_reason")._ask_once("task", self.env._("Archived, but owes money"))
        profiles._write_snapshot([self._prepare_snapshot(profile, decision, gathered)
                                  for profile, _policy, decision in decided])

    @api.model
    def _decide_batch(self, company, profiles, today):
        """Gather and decide without writing: ``([(profile, engine policy, decision)], gathered)``."""
        policies = self.env["collection.policy"]._in_force(company, profiles, today)
        gathered = self.env["collection.reader"]._read_facts(company, profiles, policies, today)
        decided = []
        for profile in profiles:
            policy = policies.get(profile.partner_id.id)
            facts = gathered.facts[profile.id]
            record = policy.record if policy else self.env["collection.policy"]
            engine = policy.engine if policy else record._nothing()
            decided.append((profile, policy and policy.engine, record._decide(facts, engine, today)))
        return decided, gathered

    def _prepare_actions(self, profile, policy, decision, gathered, stale):
        """One action per channel of the contact, waiting for approval where the level asks for it."""
        Action, record = self.env["collection.action"], self.env["collection.policy"].browse(policy.id)
        found = []
        for channel in decision.contact.channels:
            vals = Action._prepare_action(self, profile, policy, decision, channel, gathered)
            if self.run_date == self.company_id._collection_today():
                vals["not_before"] = record._not_before(gathered.recipients[profile.partner_id.id], channel, policy.calendar)
            if stale:
                vals.update(state="planned", reason="bank_stale", detail={"age": stale})
            elif decision.contact.level.approval:
                vals.update(state="planned", reason="needs_approval", detail={})
            found.append(vals)
        return found

    def _misses_address(self, decision):
        """Whether none of the channels that the level wants could be used."""
        if decision.contact:
            return not set(decision.contact.level.channels) & set(decision.contact.channels)
        return decision.reason == "unreachable"

    def _prepare_snapshot(self, profile, decision, gathered):
        balance, overdue, oldest = gathered.overdue.get(profile.partner_id.id, (0, 0, None))
        contact = decision.contact
        if contact:
            code, detail = self.env["collection.action"]._prepare_reason(decision, gathered.rows)
        else:
            code, detail = decision.reason, jsonable(decision.detail)
        return {
            "evaluated_on": self.run_date, "balance": float(balance), "overdue": float(overdue), "oldest_due": oldest,
            "next_contact_on": self.run_date if contact else decision.next_on,
            "next_level_id": contact.level.id if contact else decision.next_level,
            "next_reason": code, "next_detail": detail,
            "error_count": profile.error_count if profile.error_count >= 3 else 0,  # only errors in a row count
        }

    # ------------------------------------------------------------------ guards and approval

    @api.model
    def _bank_age_beyond_limit(self, company, today):
        """Days since the last bank entry when that is longer than the company allows, else False."""
        limit = company.collection_bank_days
        age = limit and self.env["collection.reader"]._read_bank_age(company, today)
        return age if age and age > limit else False

    def action_approve_all(self):
        """Release all contacts of this run that wait for approval."""
        self.ensure_one()
        waiting = self.action_ids.filtered(lambda action: action.state == "planned")
        if not waiting:
            raise UserError(self.env._("Nothing of run %s waits for approval.", self.display_name))
        waiting.action_approve()
        self._close_held()
        return True

    def _close_held(self):
        """A run whose contacts are all released or called off is done."""
        for run in self.sudo().filtered(lambda run: run.state == "held"):
            if not run.action_ids.filtered(lambda action: action.state == "planned"):
                run.state = "done"

    def action_open_contacts(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_action_action")
        return dict(action, domain=[("run_id", "=", self.id)], context={})
