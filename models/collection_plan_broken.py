from datetime import timedelta

from odoo import api, models

from ..engine import installment as engine
from ..engine.money import exact
from ..engine.promise import Entry
from ..engine.schedule import ZERO

FLYING_DAYS = 10  # an online payment that takes longer does not come any more
FLYING = ("pending", "authorized", "done")


class CollectionPlan(models.Model):
    """When a plan is broken, and what speaks against saying so today: stops, disputes, money that is on its way or not matched."""

    _inherit = "collection.plan"

    def _look_for_broken(self, booked, company, today):
        """Judged up to the last day of which we know what came in."""
        day = self._known_until(company, today)
        active = self.filtered(lambda plan: plan.state == "active" and plan in booked) - self._left_alone(today)
        outside = self.env["collection.reader"]._read_new_overdue(active.ids, day)
        standings = active._as_expected(booked, day)
        verdicts = {plan: plan._decide_default(standings[plan], outside.get(plan.id, 0), day) for plan in active}
        broken = active.filtered(lambda plan: verdicts[plan].code)
        held = broken._held({plan: plan._due_by(standings[plan], day) for plan in broken}, today)
        for plan in broken - held:
            plan._book(lambda plan=plan: plan._break(verdicts[plan], outside.get(plan.id, 0), today),
                       self.env._("Payment plan %s is broken, but could not be ended", plan.name))

    @api.model
    def _known_until(self, company, today):
        """Today, or the day of the newest bank entry where bank data is older than the follow-up takes it."""
        return today - timedelta(days=self.env["collection.run"]._bank_age_beyond_limit(company, today) or 0)

    # ------------------------------------------------------------------ what speaks against it

    def _left_alone(self, today):
        """Plans of customers whom follow-up leaves alone, for good or until a day."""
        return self.filtered(lambda plan: plan.profile_id.excluded or plan.profile_id.stop_kind or plan.profile_id.paused_until and plan.profile_id.paused_until >= today)

    def _as_expected(self, booked, day):
        """How plans stood on a day if what is contested were credited: ``{plan: Standing}``."""
        disputed = self.env["collection.reader"]._read_disputes(self._items().ids, day) if self else {}
        return {plan: plan._decide_standing([*booked[plan].entries, *plan._contested(disputed)], day) for plan in self}

    def _contested(self, disputed):
        return [Entry(self.made_on, min(disputed[line.item_id.id], exact(line._still_open())), money=False)
                for line in self.line_ids if disputed.get(line.item_id.id)]

    def _due_by(self, standing, day):
        """What is missing of what was due by a day."""
        return sum((one.open for one in standing.installments if one.installment.due <= day), ZERO)

    def _held(self, due, today):
        """Of these plans those with money on its way, and those whose customer has unmatched money for what is ``due``."""
        flying = self._flying(today)
        unmatched = self.env["collection.reader"]._read_unmatched((self - flying).profile_id) if self - flying else {}
        covered = self.browse()
        for plan in self - flying:
            amount = unmatched.get((plan.profile_id.id, plan.currency_id.id), ZERO)
            if amount and amount >= due[plan]:
                covered |= plan
                plan._ask("task", self.env._("Match the open payments of the customer: they cover what is due of the payment plan %s", plan.name))
        return flying | covered

    def _flying(self, today):
        """Plans of which an online payment is on its way, for some days at most."""
        if not self:
            return self
        recent = self.env["payment.transaction"].sudo().search([  # sudo: payments are the accountants'
            ("invoice_ids", "in", self._items().move_id.ids), ("state", "in", FLYING),
            ("last_state_change", ">=", today - timedelta(days=FLYING_DAYS))])
        return self.filtered(lambda plan: recent.invoice_ids & plan._items().move_id and recent & plan._pay_transactions())

    # ------------------------------------------------------------------ broken, and not broken after all

    def _break(self, verdict, outside, today):
        """The plan is over: follow-up goes on where it stopped, and a person decides what else."""
        late = [one for one in self.installment_ids if one.open_amount and one.due < today]
        self._transition("defaulted", defaulted_on=today, ended_on=today, default_code=verdict.code, default_detail={
            "number": late[0].number if late else 0, "late": outside if verdict.code == engine.NEW_OVERDUE else verdict.late, "missed": verdict.missed,
            "short": f"{float(verdict.shortfall):.0f}", "on": today.isoformat()})
        self._credit_unearned(today)
        self._bill_is_due(today)
        self._drop_tasks("plan_late")
        self._ask("plan_broken", self.env._("Payment plan %s is broken", self.name), note=self.default_text)
        self.profile_id._note(("plan_note_broken", self._told()), tell=True)
        self.env["collection.channel"]._queue_plan(self, "broken")
        self.profile_id._wake()

    def _revive(self, booked):
        """In force again when entries booked since, dated in time, say that it was never broken; return whether it is.

        The credit for days to come that it got is no payment of it.
        """
        if self.default_code == engine.NEW_OVERDUE:
            return False
        on = self.defaulted_on
        verdict = self._decide_default(self._decide_standing(booked.entries, on), 0, on)
        if verdict.code or not self._reopen("plan_note_revived", defaulted_on=False, default_code=False, default_detail=False):
            return False
        self._drop_tasks("plan_broken")
        self._bill_is_due(self.last_on)
        return True
