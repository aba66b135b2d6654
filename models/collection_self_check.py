import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_datetime

from .collection_invariant import CHECKS
from .collection_metrics import note_failure
from .collection_reason import describe

_logger = logging.getLogger(__name__)

JOB = "self_check"
KEPT_DAYS = 90
TOLD = 20  # violations that the heartbeat names
NOTED = 200  # violations of one rule that are noted one by one; the others are only counted
STATES = [("clean", "All is well"), ("partly", "Not all was looked at"), ("violated", "Violations")]
MANAGER = "account_credit_collection.group_manager"
TASK = "account_credit_collection.mail_activity_collection_self_check"


class CollectionSelfCheck(models.Model):
    """What a look at what must always be true found, for a company: every night, and when somebody asks (R-62).

    Nothing is mended here: who broke it is not known, so a person decides. What can not be mended any more is settled.
    """

    _name = "collection.self.check"
    _description = "Self-check"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"

    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict", readonly=True)
    done_on = fields.Datetime("Done", required=True, readonly=True)
    asked_by = fields.Many2one("res.users", "Asked for by", ondelete="restrict", readonly=True, help="Empty: the nightly job.")
    line_ids = fields.One2many("collection.self.check.line", "check_id", "Violations", readonly=True)
    violation_count = fields.Integer("Violations found", readonly=True)
    new_count = fields.Integer("New", readonly=True)
    missing = fields.Char("Could not be looked at", readonly=True)
    state = fields.Selection(STATES, compute="_compute_state", store=True)
    text = fields.Text("In words", compute="_compute_text")
    found_text = fields.Char("Found", compute="_compute_text")

    @api.depends("line_ids.settled_on", "violation_count", "missing")
    def _compute_state(self):
        for check in self:
            held = check._open_lines() or check.violation_count > len(check.line_ids)
            check.state = "violated" if held else "partly" if check.missing else "clean"

    @api.depends("state", "done_on", "missing", "violation_count", "new_count")
    @api.depends_context("lang", "tz")
    def _compute_text(self):
        for check in self:
            check.text = check._in_words()
            check.found_text = describe(self.env, "check_found", {"count": check.violation_count, "new": check.new_count})

    def _in_words(self):
        """What checks found, in sentences: those of several companies together."""
        state, missing = self._standing(), ", ".join(self._missing_codes())
        when = format_datetime(self.env, min(self.mapped("done_on")), dt_format="short") if self else ""
        codes = [f"check_{state}"] + (["check_partly"] if missing and state == "violated" else [])
        return "\n".join(describe(self.env, code, {"when": when, "missing": missing}) for code in codes)

    def _standing(self):
        """The worst state of checks."""
        return next((state for state in ("violated", "partly", "clean") if state in self.mapped("state")), "none")

    @api.depends("done_on", "company_id")
    @api.depends_context("lang", "tz")
    def _compute_display_name(self):
        for check in self:
            check.display_name = self.env._("Self-check of %(company)s, %(when)s", company=check.company_id.name,
                                            when=format_datetime(self.env, check.done_on, dt_format="short")) if check.done_on else ""

    # ------------------------------------------------------------------ the job

    @api.model
    def _cron_self_check(self):
        """Nightly, after the others as far as possible: look, tell the managers what is new, and forget old checks."""
        broken = self._check(self.env["res.company"].search([("parent_id", "=", False)]))
        self.search([("done_on", "<", self._kept_from())]).unlink()
        self.env["ir.cron"]._commit_progress()  # the beat may be written again: what was found must not be lost with it
        if not broken:
            self.env["collection.heartbeat"]._beat(JOB)
        self.env["credit.profile"]._attempt(self._tell_heartbeat)
        self.env["ir.cron"]._commit_progress(remaining=0)

    @api.model
    def _kept_from(self):
        return fields.Datetime.now() - timedelta(days=KEPT_DAYS)

    @api.model
    def _check(self, companies, asked_by=None):
        """Look at all that must be true of companies and their branches; return the codes that could not be looked at."""
        invariant, since = self.env["collection.invariant"], self._kept_from().date()
        found, broken = [], []
        for code in CHECKS:
            error = self.env["credit.profile"]._attempt(lambda code=code: found.extend(invariant._violations_of(code, since)))
            if error:
                note_failure(_logger, error, "self-check: %s could not be looked at", code)
                broken.append(code)
        for company in companies:
            family = self.env["collection.reader"]._companies(company).ids
            self._record(company, [one for one in found if one.company_id in family], broken, asked_by)
        return broken

    @api.model
    def _record(self, company, violations, broken, asked_by):
        """Write down what was found for a company. What was found before is not new; what could not be looked at is as it was."""
        last = self._latest(company).line_ids
        known, still = {line.key: line for line in last}, last.filtered(lambda line: line.code in broken)
        check = self.create({"company_id": company.id, "done_on": fields.Datetime.now(), "asked_by": asked_by and asked_by.id,
                             "violation_count": len(violations) + len(still), "missing": ", ".join(broken)})
        values = [check._prepare_line(violation, known) for violation in self._first(violations, known)]
        lines = self.env["collection.self.check.line"].create(values + [{**line._prepare_again(), "check_id": check.id} for line in still])
        check.new_count = len(lines.filtered("is_new"))
        check._tell_managers()

    @api.model
    def _first(self, violations, known):
        """The violations that are noted: those known before first, so many of each rule."""
        first, counts = [], {}
        for violation in sorted(violations, key=lambda one: one._key() not in known):
            counts[violation.rule] = counts.get(violation.rule, 0) + 1
            if counts[violation.rule] <= NOTED:
                first.append(violation)
        return first

    def _prepare_line(self, violation, known):
        key, since = violation._key(), {"since": self.done_on, "is_new": True}
        return {"check_id": self.id, "code": violation.code, "rule": violation.rule, "model": violation.model, "res_ids": list(violation.ids),
                "detail": violation.detail, "key": key, **(known[key]._prepare_since() if key in known else since)}

    @api.model
    def _latest(self, companies):
        """The last check of each company."""
        return self.browse().union(*(self.search([("company_id", "=", company.id)], limit=1) for company in companies))

    # ------------------------------------------------------------------ telling

    def _tell_managers(self):
        """A task for each manager of the company, once per violation; one that is not there any more needs no task."""
        self.ensure_one()
        self._forget_tasks()
        if not self.new_count:
            return
        for manager in self._managers() or self.env.ref("base.user_admin"):
            summary = describe(self.with_context(lang=manager.lang).env, "check_task", {"new": self.new_count})
            self.with_context(mail_activity_quick_update=True).activity_schedule(TASK, summary=summary, user_id=manager.id)

    def _forget_tasks(self):
        """Where nothing is left to do, the tasks of this check and of those before it go."""
        clean = self.filtered(lambda check: check.state == "clean")
        self.search([("company_id", "in", clean.company_id.ids)]).activity_unlink([TASK])

    def _managers(self):
        return self.env.ref(MANAGER).all_user_ids.filtered(
            lambda user: user.active and not user.share and self.company_id in user.company_ids)

    @api.model
    def _tell_heartbeat(self):
        """What the last checks of all companies left open, in ids only, so that the health address answers 503."""
        checks = self._latest(self.env["res.company"].search([("parent_id", "=", False)]))
        told = [f"{code} ?" for code in checks._missing_codes()] + [line._in_ids() for line in checks._open_lines()]
        self.env["collection.heartbeat"]._note_error(JOB, "; ".join(told[:TOLD]))

    def _open_lines(self):
        """What nobody has settled."""
        return self.line_ids.filtered(lambda line: not line.settled_on)

    def _missing_codes(self):
        """The checks that could not be made, in their order."""
        return [code for code in CHECKS if any(code in (check.missing or "").split(", ") for check in self)]
