from odoo import api, fields, models

from .collection_reason import describe
from .collection_self_check import JOB

STATES = [("violated", "Violations"), ("failing", "Fails"), ("late", "Not run lately"), ("never", "Never succeeded"), ("clock", "Wrong clock"), ("off", "Off"),
          ("partly", "With errors"), ("new", "Not yet run"), ("ok", "Working"), ("idle", "Not needed")]


class CollectionHeartbeat(models.Model):
    """A job as a person reads it: when it last succeeded, what did not work, and what to do."""

    _inherit = "collection.heartbeat"

    name = fields.Char("Name of the job", compute="_compute_state")
    next_call = fields.Datetime("Next run", compute="_compute_state")
    state = fields.Selection(STATES, "Status", compute="_compute_state")
    state_text = fields.Text("In words", compute="_compute_state")

    @api.depends("last_success", "last_error")
    @api.depends_context("lang")
    def _compute_state(self):
        problems, jobs = dict(self.sudo()._problems()), self._jobs()  # sudo: when our jobs run is no secret to those who see how they did
        for row in self:
            cron = self.env.ref(f"account_credit_collection.{jobs.get(row.job)}", raise_if_not_found=False)
            cron = cron and cron.sudo()  # sudo: as above
            row.name, row.next_call = (cron.name, cron.nextcall) if cron else (row.job, False)
            row.state = problems.get(row.job) or row._standing(cron)
            row.state_text = describe(self.env, f"job_{row.state}")

    def _standing(self, cron):
        """How a job without a problem is doing."""
        if cron and not cron.active:
            return "idle"
        return "partly" if self.last_error else "ok" if self.last_success else "new"

    @api.model
    def _ensure_all(self):
        """A row for each job, so that one that never ran is seen too."""
        known = set(self.search([]).mapped("job"))
        self.create([{"job": job} for job in self._jobs() if job not in known])

    @api.model
    def _note_error(self, job, error):
        """What a job found wrong, though it ran to its end (ids only)."""
        row = self.search([("job", "=", job)], limit=1) or self.create({"job": job})
        row.last_error = error or False

    @api.model
    def _problems(self):
        """As above; what must be true and is not is a problem of the job that found it (R-62)."""
        problems, row = super()._problems(), self.search([("job", "=", JOB)], limit=1)
        return problems + ([(JOB, "violated")] if row.last_error and JOB not in dict(problems) else [])

    @api.model
    def _jobs(self):
        return {**super()._jobs(), JOB: "ir_cron_collection_self_check"}
