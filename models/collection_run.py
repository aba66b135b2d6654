import logging
import random
import time

import psycopg2.errors

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.modules import module as odoo_module
from odoo.tools import SQL, split_every

from .collection_policy import CHANNELS
from .collection_reason import describe, jsonable

_logger = logging.getLogger(__name__)

BATCH = 500
RETRIES = 5
CONCURRENCY_ERRORS = (psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected,
                      psycopg2.errors.LockNotAvailable)


class CollectionRun(models.Model):
    """One pass of the follow-up over a company's customers, as of a day.

    Lock, gather, decide and record a batch of customers per transaction. Sending is
    another job's work (``collection.outbox``), so a dead mail server stops no decision.
    """

    _name = "collection.run"
    _description = "Follow-up Run"
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
            run.display_name = f"{run.company_id.name} {fields.Date.to_string(run.run_date)}"

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
            run.open_count = sum(states.get(state, 0) for state in ("planned", "ready", "checking", "sending", "retry", "unknown"))
            run.progress = 100 - round(100 * run.open_count / run.contact_count) if run.contact_count else 100

    # ------------------------------------------------------------------ the job

    @api.model
    def _cron_run(self):
        """Nightly: one run for each company that armed it. Nothing raises out of the job (R-21)."""
        problem = None
        for company in self.env["res.company"].search([("parent_id", "=", False), ("collection_automatic", "=", True)]):
            run = self._open_auto(company, company._collection_today())
            self.env["ir.cron"]._commit_progress(remaining=1)
            run._execute(commit=True)
            problem = problem or (run.state == "error" and f"run {run.id}") or None
        self.env["collection.heartbeat"]._beat("run", problem)
        self.env["collection.outbox"]._wake()
        self.env["ir.cron"]._commit_progress(remaining=0)

    @api.model
    def _open_auto(self, company, today):
        """The automatic run of ``company`` for ``today``, whoever made it first."""
        values = {"company_id": company.id, "run_date": today, "kind": "auto"}
        domain = [(name, "=", value) for name, value in values.items()]
        run = self.search(domain, limit=1)
        if run:
            return run
        try:
            with self.env.cr.savepoint():
                return self.create(values)
        except psycopg2.errors.UniqueViolation:
            return self.search(domain, limit=1)

    def _execute(self, profiles=None, commit=False):
        """Run over ``profiles`` (default: all that have something open), a batch at a time."""
        self.ensure_one()
        if profiles is None:
            self.env["credit.profile"]._ensure_missing(self.company_id, open_only=True)
            ids = self.env["collection.reader"]._read_candidates(self.company_id)
            profiles = self.env["credit.profile"].browse(ids)
        stale = self.kind == "auto" and self._bank_age_beyond_limit(self.company_id, self.run_date)
        failures = 0
        for ids in split_every(BATCH, profiles.ids):
            failures += self._attempt_batch(profiles.browse(ids), stale, commit)
            if commit:
                self.env["ir.cron"]._commit_progress(len(ids))
        self._finish(stale, failures)

    def _attempt_batch(self, profiles, stale, commit):
        """Process a batch, again when another worker got in between; a poisoned one customer by customer."""
        for attempt in range(RETRIES):
            try:
                with self.env.cr.savepoint():
                    self._process(profiles, stale)
                return 0
            except CONCURRENCY_ERRORS:
                if not commit or odoo_module.current_test or attempt == RETRIES - 1:
                    raise
                self.env.cr.rollback()
                time.sleep(random.uniform(0.1, 0.5) * (attempt + 1))
            except Exception:  # one bad customer must not stop the others
                _logger.warning("collection run %s: a batch of %s failed, going on one by one", self.id, len(profiles))
                break
        return sum(self._attempt_one(profile, stale) for profile in profiles)

    def _attempt_one(self, profile, stale):
        try:
            with self.env.cr.savepoint():
                self._process(profile, stale)
            return 0
        except CONCURRENCY_ERRORS:
            raise
        except Exception as error:
            _logger.exception("collection run %s: profile %s failed", self.id, profile.id)
            self.env.invalidate_all(flush=False)
            profile._quarantine(str(error))
            profile._write_snapshot([{"next_reason": "error", "next_detail": {"error": str(error)[:200]},
                                      "evaluated_on": self.run_date}])
            return 1

    # ------------------------------------------------------------------ lock, gather, decide, record

    def _process(self, profiles, stale=False):
        """Stages 1 to 4 for one batch."""
        profiles = self.env["credit.profile"]._lock_batch(profiles)
        decided, gathered = self._decide_batch(self.company_id, profiles, self.run_date)
        vals_list, tasks = [], self.env["credit.profile"]
        for profile, policy, decision in decided:
            if decision.contact:
                vals_list += self._prepare_actions(profile, policy, decision, gathered, stale)
            if self._misses_address(decision):
                tasks |= profile
        self.env["collection.action"]._record(vals_list)
        tasks._ask_for_address()
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
        """Whether a channel that the level wants could not be used."""
        if decision.contact:
            return bool(set(decision.contact.level.channels) - set(decision.contact.channels))
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
        }

    # ------------------------------------------------------------------ guards and totals

    @api.model
    def _bank_age_beyond_limit(self, company, today):
        """Days since the last bank entry when that is longer than the company allows, else False."""
        limit = company.collection_bank_days
        age = limit and self.env["collection.reader"]._read_bank_age(company, today)
        return age if age and age > limit else False

    def _finish(self, stale, failures):
        self._tally()
        waiting = stale and self.action_ids.filtered(lambda action: action.state == "planned")
        state = "error" if failures else "held" if waiting else "done"
        message = False
        if failures:
            message = self.env._("%s customers could not be decided; each has its reason.", failures)
        elif waiting:
            message = self.env._("Bank data is %(age)s days old: %(count)s contacts wait for approval.",
                                 age=stale, count=len(waiting))
        self.write({"state": state, "message": message, "finished_at": fields.Datetime.now()})

    def _tally(self):
        """Store the outcome by reason, counted from what is recorded, so that a restart counts right."""
        self.count_ids.unlink()
        self.env["collection.action"].flush_model()
        self.env["credit.profile"].flush_model()
        rows = self.env.execute_query(SQL(
            """SELECT 'contact', level_id, channel, planned_reason, count(*), sum(amount)
                 FROM collection_action WHERE run_id = %(run)s GROUP BY level_id, channel, planned_reason
                UNION ALL
               SELECT 'silent', NULL, NULL, next_reason, count(*), sum(overdue)
                 FROM credit_profile p
                WHERE company_id = %(company)s AND evaluated_on = %(today)s AND next_reason <> 'nothing_open'
                  AND NOT EXISTS (SELECT 1 FROM collection_action a WHERE a.run_id = %(run)s AND a.profile_id = p.id)
                GROUP BY next_reason""",
            run=self.id, company=self.company_id.id, today=self.run_date))
        names = ("outcome", "level_id", "channel", "reason", "count", "amount")
        self.env["collection.run.count"].create([dict(zip(names, row), run_id=self.id) for row in rows])

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


class CollectionRunCount(models.Model):
    """How many customers of a run had an outcome, and how much money that is about."""

    _name = "collection.run.count"
    _description = "Outcome of a Follow-up Run"
    _order = "outcome, count desc"

    run_id = fields.Many2one("collection.run", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="run_id.company_id", store=True)
    currency_id = fields.Many2one(related="run_id.company_id.currency_id")
    outcome = fields.Selection([("contact", "Contacted"), ("silent", "Not contacted")], required=True)
    level_id = fields.Many2one("collection.level", ondelete="cascade")
    channel = fields.Selection(CHANNELS)
    reason = fields.Char("Reason code")
    reason_text = fields.Char("Reason", compute="_compute_reason_text")
    count = fields.Integer("Customers")
    amount = fields.Monetary()

    @api.depends("reason", "level_id")
    @api.depends_context("lang")
    def _compute_reason_text(self):
        for row in self:
            row.reason_text = row.level_id.name if row.outcome == "contact" else describe(self.env, row.reason)
