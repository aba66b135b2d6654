from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from odoo import api, fields, models

from ..engine import installment as engine
from ..engine import overlay
from ..engine.money import exact
from ..engine.promise import Entry
from ..engine.schedule import ZERO

# A plan paid this long is history: what happens to its payments then changes it no more.
SETTLED_DAYS = 180
# So long a broken plan is in force again when it turns out that it was paid in time.
REVIVE_DAYS = 30


class Booked(NamedTuple):
    """What was set off against the items of a plan, and what of it was credited on its interest and fee."""

    entries: list
    credited: Decimal


class CollectionPlan(models.Model):
    """What payments make of plans: brought up to date every night and with each reconciliation.

    What is open of a plan is what is open of its items: an older payment that bounces is missing in the plan too.
    """

    _inherit = "collection.plan"

    @api.model
    def _judge_about(self, item_ids):
        """Judge the plans of journal items that were just set off, or no longer are."""
        today = fields.Date.today()  # nosemgrep: day-of-the-server - a bound, weeks wide
        # sudo: whoever books a payment need not see plans
        lines = self.env["collection.plan.line"].sudo().search([
            ("item_id", "in", item_ids), *self._looked_at("plan_id.", today)]) if item_ids else ()
        if lines:
            for company, plans in lines.plan_id.grouped("company_id").items():
                plans._judge(company._collection_today())

    @api.model
    def _looked_at(self, path, today):
        """The domain of plans that payments may change."""
        return ["|", (f"{path}state", "in", ("offered", "active")),
                "|", "&", (f"{path}state", "=", "finished"), (f"{path}ended_on", ">=", today - timedelta(days=SETTLED_DAYS)),
                "&", (f"{path}state", "=", "defaulted"), (f"{path}defaulted_on", ">=", today - timedelta(days=REVIVE_DAYS))]

    def _judge(self, today):
        """Bring plans of one company to what the payments make them, in a fixed number of queries: ``{plan: Booked}``.

        An invoice that is a draft again keeps its plan as it is.
        """
        booked = self._read_booked()
        for plan in self.filtered(lambda plan: plan.state == "defaulted" and plan in booked):
            plan._revive(booked[plan])
        going = self.filtered(lambda plan: plan.state != "defaulted" and plan in booked)
        found = {plan: plan._decide_standing(booked[plan].entries, today) for plan in going}
        for plan, standing in found.items():
            plan._follow(standing, booked[plan].entries, today)
        return booked

    def _read_booked(self):
        """What was set off against the items since the plans were made: ``{plan: Booked}``; none of a plan with an item in draft."""
        items = self.env["collection.reader"]._read_plan_items(self.line_ids.ids)
        drafts = self.line_ids.filtered(lambda line: line.id in items and items[line.id].state == "draft").plan_id
        found = {}
        for plan in self - drafts:
            own = {line: line._own_entries(items.get(line.id)) for line in plan.line_ids}
            found[plan] = Booked([entry for entries in own.values() for entry in entries], sum(
                (entry.amount for line, entries in own.items() if line.is_cost for entry in entries if not entry.money), ZERO))
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
        elif self.state == "finished" and standing.open:
            self._reopen("plan_note_reopened")

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

    def _reopen(self, code, **values):
        """In force again, unless another agreement took its items in the meantime; return whether it is."""
        if self._is_replaced():
            return False
        self._transition("active", ended_on=False, thanked_on=False, **values)
        self.profile_id._note((code, self._told()), tell=True)
        return True

    def _is_replaced(self):
        """Whether something else was agreed about its items since: another plan, an offer, a promise."""
        items = self._items()
        promises = self.env["collection.promise"].sudo().search_count(  # sudo: an item is promised once, whoever looks
            [("profile_id", "=", self.profile_id.id), ("currency_id", "=", self.currency_id.id), ("on_balance", "=", True), ("state", "=", "open")], limit=1)
        return bool(promises or self.env["collection.plan.line"]._live_ones(items) or self.env["collection.promise.line"].sudo()._open_ones(items)  # sudo: as above
                    or self.env["collection.settlement.line"].sudo().search_count(  # sudo: as above
                        [("item_id", "in", items.ids), ("settlement_id.state", "in", ("offered", "taken"))], limit=1))

    def _payoff(self, today):
        """What ends the plan on a day."""
        return self._decide_payoff(self._read_booked().get(self, Booked([], ZERO)), today)

    def _decide_payoff(self, booked, on, tolerance=0):
        """One engine call: what ends the plan on a day; the interest of some days of ``tolerance`` before it is not asked for."""
        return engine.payoff(self.installment_ids._to_engine(), booked.entries, self.agreed_on or self.made_on, on, self._quantum(),
                             booked.credited, tolerance)

    def _decide_unearned(self, booked, on):
        """One engine call: the interest of days after ``on`` that is not credited yet."""
        return engine.unearned(self.installment_ids._to_engine(), self.agreed_on, on, self._quantum(), booked.credited)

    def _decide_earned(self, on):
        """One engine call: the interest up to a day."""
        return engine.earned(self.installment_ids._to_engine(), self.agreed_on, on, self._quantum())

    def _pay_now(self):
        """What is due by now, with the next installment: what a pay link asks for."""
        today = self.company_id._collection_today()
        rows = self.installment_ids.sorted("number").filtered("open_amount")
        return self.currency_id.round(sum((rows.filtered(lambda row: row.due <= today) or rows[:1]).mapped("open_amount")))

    # ------------------------------------------------------------------ broken

    def _to_rules(self):
        return engine.Rules(late=self.max_days_late or None, missed=self.max_missed or None, grace=self.grace_days,
                            shortfall=exact(self.max_shortfall) or None, current=self.current_days or None)

    def _decide_default(self, standing, outside, today):
        """One engine call: whether the plan is broken."""
        return engine.default(standing, self._to_rules(), today, outside)


class CollectionPlanLine(models.Model):
    _inherit = "collection.plan.line"

    def _own_entries(self, item):
        """What belongs to the plan of what was set off against the item. What is cancelled, or less than it was, is as if credited.

        What it is more than it was is outside the plan.
        """
        if not item or item.state != "posted":
            return [Entry(self.plan_id.made_on, exact(self.amount), money=False)]
        entries, more = overlay.since(item.entries, exact(self.money_before), exact(self.credit_before)), self._growth(item.total)
        if more > 0:
            return overlay.within(entries, exact(self.amount))
        return [*entries, Entry(self.plan_id.made_on, -more, money=False)] if more else entries

    def _growth(self, total):
        """By how much the item is larger than when the plan was made."""
        return total - exact(self.amount) - exact(self.money_before) - exact(self.credit_before)
