from odoo import api, fields, models

from .collection_level import CHANNELS
from .collection_metrics import note
from .collection_reason import heading


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
            row.reason_text = row.level_id.name if row.outcome == "contact" else heading(self.env, row.reason)


class CollectionRun(models.Model):
    """A run ends with its outcome counted."""

    _inherit = "collection.run"

    def _finish(self, ids=None):
        """Count the outcome and close the run; ``ids`` are the profiles it was limited to."""
        self._tally(ids)
        failures = sum(self.count_ids.filtered(lambda row: row.reason == "error").mapped("count"))
        waiting = self.env["collection.action"].search_count([("run_id", "=", self.id), ("state", "=", "planned")])
        message = False
        if failures:
            message = self.env._("%s customers could not be decided; each has its reason.", failures)
        elif waiting:
            age = self.kind == "auto" and self._bank_age_beyond_limit(self.company_id, self.run_date)
            message = self.env._("Bank data is %(age)s days old: %(count)s contacts wait for approval.", age=age, count=waiting) \
                if age else self.env._("%s contacts wait for approval.", waiting)
        self.write({"state": "error" if failures else "held" if waiting else "done", "message": message,
                    "finished_at": fields.Datetime.now()})
        note("run", run=self.id, company=self.company_id.id, state=self.state, seconds=(self.finished_at - self.create_date).seconds,
             **{outcome: sum(rows.mapped("count")) for outcome, rows in self.count_ids.grouped("outcome").items()}, errors=failures)

    def _tally(self, ids):
        """Store the outcome by reason, counted from what is recorded, so that a restart counts right."""
        self.count_ids.unlink()
        Action, Profile = self.env["collection.action"], self.env["credit.profile"]
        rows = [{"outcome": "contact", "level_id": level.id, "channel": channel, "reason": reason, "count": count, "amount": amount}
                for level, channel, reason, count, amount in Action._read_group(
                    [("run_id", "=", self.id)], ["level_id", "channel", "planned_reason"], ["__count", "amount:sum"])]
        # as ids: of contacts just recorded PostgreSQL has no statistics yet, and would join them row by row
        [[contacted]] = Action._read_group([("run_id", "=", self.id)], [], ["profile_id:array_agg"])
        silent = [("company_id", "=", self.company_id.id), ("evaluated_on", "=", self.run_date), ("next_reason", "!=", "nothing_open"),
                  ("id", "not in", contacted or [])]
        rows += [{"outcome": "silent", "reason": reason, "count": count, "amount": amount}
                 for reason, count, amount in Profile._read_group(
                     silent + ([("id", "in", ids)] if ids is not None else []), ["next_reason"], ["__count", "overdue:sum"])]
        self.env["collection.run.count"].create([dict(row, run_id=self.id) for row in rows])
