from datetime import timedelta

from odoo import api, fields, models

from ..engine import installment as engine
from ..engine import overlay
from ..engine.money import exact
from ..engine.promise import Entry

# A plan paid this long is history: what happens to its payments then changes it no more.
SETTLED_DAYS = 180


class CollectionPlan(models.Model):
    """What payments make of plans: brought up to date every night and with each reconciliation.

    What is open of a plan is what is open of its items: an older payment that bounces is missing in the plan too.
    """

    _inherit = "collection.plan"

    @api.model
    def _judge_about(self, item_ids):
        """Judge the plans of journal items that were just set off, or no longer are."""
        today = fields.Date.today()
        # sudo: whoever books a payment need not see plans
        lines = self.env["collection.plan.line"].sudo().search([
            ("item_id", "in", item_ids), "|", ("plan_id.state", "in", ("offered", "active")),
            "&", ("plan_id.state", "=", "finished"), ("plan_id.ended_on", ">=", today - timedelta(days=SETTLED_DAYS))]) if item_ids else ()
        if lines:
            for company, plans in lines.plan_id.grouped("company_id").items():
                plans._judge(company._collection_today())

    def _judge(self, today):
        """Bring plans of one company to what the payments make them, in a fixed number of queries: ``{plan: [Entry]}``."""
        entries = self._read_entries()
        found = {}
        for plan in self:
            if plan in entries:  # an invoice that is a draft again keeps its plan as it is
                found[plan] = plan._decide_standing(entries[plan], today)
        for plan, standing in found.items():
            plan._follow(standing, entries[plan], today)
        return entries

    def _read_entries(self):
        """What was set off against the items since the plans were made: ``{plan: [Entry]}``; none of a plan with an item in draft."""
        items = self.env["collection.reader"]._read_plan_items(self.line_ids.ids)
        found = {plan: [] for plan in self}
        for plan in self:
            for line in plan.line_ids:
                state, entries = items.get(line.id, ("cancel", ()))
                if state == "draft":
                    found.pop(plan)
                    break
                found[plan] += line._own_entries(entries, state)
        return found

    def _decide_standing(self, entries, today):
        """One engine call: what payments made of the installments."""
        return engine.match(self.installment_ids._to_engine(), entries, today)

    def _follow(self, standing, entries, today):
        """Write what changed, and end a plan that is paid, or take it up again when a payment bounced."""
        for row, paid in zip(self.installment_ids.sorted("number"), standing.installments):
            row._follow(paid)
        values = self._prepare_standing(standing, today)
        changed = {name: value for name, value in values.items() if self[name] != value}
        if changed:
            self.write(changed)
        if self.state == "active" and not standing.open:
            self._finish(max((entry.on for entry in entries), default=today))
        elif self.state == "finished" and standing.open and not self.env["collection.plan.line"]._live_ones(self._items()):
            self._transition("active", ended_on=False)
            self.profile_id._note(("plan_note_reopened", self._told()), tell=True)

    def _prepare_standing(self, standing, today):
        owed = [one for one in standing.installments if one.open]
        late = [one for one in owed if one.installment.due < today]
        return {
            "paid_amount": float(sum(one.paid for one in standing.installments)), "open_amount": float(standing.open),
            "late_amount": float(sum(one.open for one in late)), "days_late": max((one.late for one in late), default=0),
            "next_due": owed[0].installment.due if owed else False, "next_amount": float(owed[0].open) if owed else 0.0}

    # ------------------------------------------------------------------ paid

    def _finish(self, on):
        """Everything is paid. What costs entries of its own follows at night: see ``_settle``."""
        self._transition("finished", ended_on=min(on, self.company_id._collection_today()), late_task_on=False)
        self._drop_tasks("plan_late")
        self.profile_id._note(("plan_note_finished", self._told()), tell=True)

    def _payoff(self, today):
        """What ends the plan on a day."""
        return self._decide_payoff(self._read_entries().get(self, ()), today)

    def _decide_payoff(self, entries, on):
        """One engine call: what ends the plan on a day."""
        return engine.payoff(self.installment_ids._to_engine(), entries, self.agreed_on or self.made_on, on, self._quantum())

    def _pay_now(self):
        """What is due by now, with the next installment: what a pay link asks for."""
        today = self.company_id._collection_today()
        rows = self.installment_ids.sorted("number").filtered("open_amount")
        return self.currency_id.round(sum((rows.filtered(lambda row: row.due <= today) or rows[:1]).mapped("open_amount")))

    def _pay_off(self, entries):
        """Paid before its time: the interest of days to come is credited, with which nothing is open any more."""
        last = max((entry.on for entry in entries if entry.money), default=None)
        if self.interest and self.open_amount and last and not self._decide_payoff(entries, last):
            self._credit_unearned(last)

    def _credit_unearned(self, on):
        """Interest of days after ``on`` is not owed."""
        if not self.charge_id:
            return
        earned = self._decide_earned(on)
        unearned = float(exact(self.interest) - earned)
        if self.currency_id.compare_amounts(unearned, 0) > 0:
            env = self.profile_id._chatter_env()
            self.charge_id._credit_part(unearned, env._("Interest of %s for days to come", self.name))

    def _decide_earned(self, on):
        """One engine call: the interest up to a day."""
        return engine.earned(self.installment_ids._to_engine(), self.agreed_on, on, self._quantum())

    # ------------------------------------------------------------------ broken

    def _to_rules(self):
        return engine.Rules(late=self.max_days_late or None, missed=self.max_missed or None, grace=self.grace_days,
                            shortfall=exact(self.max_shortfall) or None, current=self.current_days or None)

    def _decide_default(self, standing, outside, today):
        """One engine call: whether the plan is broken."""
        return engine.default(standing, self._to_rules(), today, outside)

    def _break(self, verdict, outside, today):
        """The plan is over: follow-up goes on where it stopped, and a person decides what else."""
        late = [one for one in self.installment_ids if one.open_amount and one.due < today]
        self._transition("defaulted", defaulted_on=today, ended_on=today, default_code=verdict.code, default_detail={
            "number": late[0].number if late else 0, "late": outside if verdict.code == engine.NEW_OVERDUE else verdict.late, "missed": verdict.missed,
            "short": f"{float(verdict.shortfall):.0f}", "on": today.isoformat()})
        self._credit_unearned(today)
        self._drop_tasks("plan_late")
        profile = self.profile_id
        profile._ask_once("plan_broken", self.env._("Payment plan %s is broken", self.name), note=self.default_text)
        profile._note(("plan_note_broken", self._told()), tell=True)
        profile._wake()


class CollectionPlanLine(models.Model):
    _inherit = "collection.plan.line"

    def _own_entries(self, entries, state):
        """What belongs to the plan of what was set off against the item. What is cancelled is as if credited."""
        if state != "posted":
            return [Entry(self.plan_id.made_on, exact(self.amount), money=False)]
        return overlay.since(entries, exact(self.money_before), exact(self.credit_before))
