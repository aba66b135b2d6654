from datetime import timedelta

from odoo import api, fields, models

from ..engine import hold, promise
from .collection_promise_judge import UNKEPT
from .collection_reader_promise import SETTLED_DAYS

TASK = "account_credit_collection.mail_activity_collection_promise"


class CreditProfile(models.Model):
    """What a customer promised, how far its word can be trusted, and what follows when it was broken."""

    _inherit = "credit.profile"

    promise_ids = fields.One2many("collection.promise", "profile_id", "Promises")
    promise_text = fields.Char("Promised", compute="_compute_promise_text")
    promise_record = fields.Char("Promises so far", compute="_compute_promise_record")

    @api.depends("promise_ids.state", "promise_ids.amount", "promise_ids.promised_on")
    @api.depends_context("lang")
    def _compute_promise_text(self):
        for profile in self:
            promises = profile.promise_ids.filtered(lambda record: record.state == "open").sorted("promised_on")
            profile.promise_text = ", ".join(record._sentence() for record in promises) or False

    @api.depends("promise_ids.state", "promise_ids.amount", "promise_ids.paid_amount")
    @api.depends_context("lang")
    def _compute_promise_record(self):
        for profile in self:
            judged = profile.promise_ids.filtered(lambda record: record.state in promise.JUDGED)
            rates = promise.rates(record._in_company_currency() for record in judged)
            profile.promise_record = rates.count is not None and self.env._(
                "%(kept)s of %(count)s promises kept, %(share)s %% of the amount",
                kept=len(judged.filtered(lambda record: record.state == "kept")), count=len(judged), share=round(100 * rates.amount))

    # ------------------------------------------------------------------ every night

    def _refresh(self, company, today):
        """Promises first: the ladder looks at those that were broken."""
        self._judge_promises(company, today)
        super()._refresh(company, today)

    def _judge_promises(self, company, today):
        """Judge what these customers promised, and ask for a call about what was not kept."""
        # sudo: what became of a promise is written by no person
        promises = self.env["collection.promise"].sudo().search(
            [("profile_id", "in", self.ids), "|", ("state", "=", "open"), ("grace_until", ">=", today - timedelta(days=SETTLED_DAYS))])
        promises._judge(today)
        unkept = promises.filtered(lambda record: record.state in UNKEPT and not record.task_given and record.profile_id._may_be_called())
        if unkept:
            unkept.profile_id._ask_call(company, today)
            unkept.task_given = True

    def _ask_call(self, company, today):
        """A task for the next working morning, one for each customer."""
        calendar = self.env["collection.reader"]._read_calendars(company, (), today)[None]
        self._ask_once("promise", self.env._("Promise broken: call"), date_deadline=calendar.next_working_day(today))

    def _drop_promise_tasks(self):
        """The money came after all: nobody is called about it, unless there is another broken promise."""
        others = self.env["collection.promise"].search(
            [("profile_id", "in", self.ids), ("state", "in", UNKEPT), ("task_given", "=", True)]) if self else None
        if self:
            (self - others.profile_id).activity_unlink([TASK])

    # ------------------------------------------------------------------ ladder and holds

    def _broken_promises(self):
        """Those of the stage: one on its first day was in time to end the stage before it."""
        days = self.env["collection.reader"]._read_broken(self.ids)
        return {profile.id: (sum(day > profile.stage_since for day in days[profile.id]), days[profile.id][-1])
                for profile in self if profile.id in days}

    def _read_credit(self, today, skip_moves=()):
        """With the promises broken, where a rule asks for them."""
        found = super()._read_credit(today, skip_moves)
        Rule = self.env["credit.hold.rule"]
        rules = [rule for name in ("order", "invoice") for rule in Rule._in_force(self.company_id, name)]
        if not any(rule.kind == hold.BROKEN_PROMISES for rule in rules):
            return found
        for profile, days in self.env["collection.reader"]._read_broken(self.ids).items():
            broken = tuple((today - day).days for day in days)
            found[profile] = found[profile]._replace(credit=found[profile].credit._replace(broken=broken))
        return found

    # ------------------------------------------------------------------ actions

    def action_promise(self):
        """Take a promise of this customer."""
        self.ensure_one()
        return self._promise_dialog()

    def _promise_dialog(self, **context):
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_promise_wizard_action")
        return dict(action, context={"default_profile_id": self.id, "dialog_size": "medium", **context})
