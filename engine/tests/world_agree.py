"""Payment plans and settlement offers in the world of ``world``."""
from datetime import timedelta

from .. import installment, overlay, schedule, settlement
from ..ledger import ZERO, Pause
from ..money import quantize
from ..promise import Entry
from .steps import CENT

RULES = installment.Rules(late=10)
REVIVE_DAYS = 30
SETTLED_DAYS = 180


class Agreements:
    """What is agreed on besides promises."""

    # ------------------------------------------------------------------ plans

    def do_plan(self, item, count, days):
        """A plan for all that a customer owes in the currency of an item and that nothing else is agreed about, accepted at once."""
        item = self.open_item(item)
        if not item or self.is_promised(item) or not self.is_free([item]):
            return False
        items = [one for one in self.open_items(item.customer, item.currency) if self.is_free([one]) and not self.is_promised(one)]
        principal = sum((self.residual(one) for one in items), ZERO)
        calendar = self.settings.calendar(self.today)
        first = calendar.next_working_day(self.today + timedelta(days=days))
        rows = schedule.build(principal, schedule.Terms(first, schedule.WEEKLY, count, start=self.today), calendar, CENT)
        lines = [self.plan_line(one) for one in items]
        plan = self.add(self.plans, customer=item.customer, currency=item.currency, made_on=self.today, lines=lines, rows=rows, total=principal, state="active",
                        broken_on=None, ended_on=None, standing=None)
        self.judge_plan(plan)
        return True

    def plan_line(self, item):
        """What is open of an item now, and what was set off before."""
        entries = self.of_item(item)
        money = sum((one.amount for one in entries if one.credit.kind == "money"), ZERO)
        return item, self.residual(item), money, sum((one.amount for one in entries), ZERO) - money

    def do_cancel_plan(self, number):
        plan = self.pick([one for one in self.plans if one.state == "active"], number)
        if not plan:
            return False
        plan.state, plan.ended_on = "cancelled", self.today
        return True

    def items_of(self, plan):
        return [line[0] for line in plan.lines]

    def is_planned(self, item):
        return any(plan.state == "active" and item in self.items_of(plan) for plan in self.plans)

    def is_free(self, items):
        """Whether neither a plan nor an offer has one of the items."""
        return not any(self.is_planned(item) for item in items) and not self.under_offer(items)

    def is_unclaimed(self, plan):
        """Whether nothing else was agreed on about what a plan was about."""
        balance = any(made.state == "open" and not made.items and made.customer is plan.customer and made.currency == plan.currency
                      for made in self.promises)
        return not balance and self.is_free(self.items_of(plan)) and not any(
            made.state == "open" and item in made.items for made in self.promises for item in self.items_of(plan))

    def plan_pause(self, item):
        return Pause("plan") if self.is_planned(item) else None

    def booked(self, plan):
        """What was set off against the items of a plan since it was made."""
        found = []
        for item, _amount, money, credit in plan.lines:
            entries = [Entry(one.credit.day, one.amount, one.credit.kind == "money") for one in self.of_item(item)]
            found += overlay.since(entries, money, credit)
        return found

    def judge_plans(self):
        for plan in self.plans:
            self.judge_plan(plan)

    def judge_plan(self, plan):
        """What payments made of a plan; a broken one is in force again when it turns out that it was paid in time."""
        if plan.state == "defaulted" and self.today - timedelta(days=REVIVE_DAYS) <= plan.broken_on:
            standing = installment.match(plan.rows, self.booked(plan), plan.broken_on)
            if not installment.default(standing, RULES, plan.broken_on).code and self.is_unclaimed(plan):
                plan.state, plan.broken_on, plan.ended_on = "active", None, None
            else:
                return
        elif plan.state not in ("active", "finished") or plan.ended_on and plan.ended_on < self.today - timedelta(days=SETTLED_DAYS):
            return
        entries = self.booked(plan)
        plan.standing = installment.match(plan.rows, entries, self.today)
        if plan.state == "active" and not plan.standing.open:
            plan.state, plan.ended_on = "finished", min(max((entry.on for entry in entries), default=self.today), self.today)
        elif plan.state == "finished" and plan.standing.open and self.is_unclaimed(plan):
            plan.state, plan.ended_on = "active", None

    def night_plans(self):
        """Plans that are broken, unless what is contested or not matched speaks against it."""
        for plan in self.plans:
            if plan.state != "active" or plan.customer.paused and plan.customer.paused >= self.today:
                continue
            contested = [Entry(plan.made_on, min(self.disputed(item), self.residual(item)), False)
                         for item in self.items_of(plan) if self.disputed(item)]
            standing = installment.match(plan.rows, [*self.booked(plan), *contested], self.today)
            if installment.default(standing, RULES, self.today).code:
                due = sum((one.open for one in standing.installments if one.installment.due <= self.today), ZERO)
                unmatched = sum((self.unused(one) for one in self.unapplied(plan.customer) if one.currency == plan.currency), ZERO)
                if not unmatched or unmatched < due:
                    plan.state, plan.broken_on, plan.ended_on = "defaulted", self.today, self.today

    # ------------------------------------------------------------------ settlement offers

    def do_offer(self, item, percent, days):
        """An offer for one item."""
        item = self.open_item(item)
        debt = item and self.residual(item)
        amount = item and quantize(debt * percent / 100, CENT)
        if not amount or amount >= debt or self.is_promised(item) or not self.is_free([item]):
            return False
        self.add(self.offers, customer=item.customer, currency=item.currency, item=item, made_on=self.today, until=self.today + timedelta(days=days),
                 amount=amount, debt=debt, state="offered", booked_on=None, bounced=False, paid=ZERO, missing=amount, given=ZERO)
        return True

    def do_withdraw_offer(self, number):
        offer = self.pick([one for one in self.offers if one.state == "offered"], number)
        if not offer:
            return False
        offer.state = "withdrawn"
        return True

    def is_live_offer(self, offer):
        return offer.state == "offered" or offer.state == "taken" and not offer.booked_on

    def under_offer(self, items):
        return any(self.is_live_offer(offer) and offer.item in items for offer in self.offers)

    def offer_pause(self, item):
        for offer in self.offers:
            if offer.item is item and self.is_live_offer(offer):
                return Pause("settlement", offer.until) if offer.state == "offered" else Pause("settlement_taken_silent")
        return None

    def answers(self, offer):
        """What was set off since the offer was made; money that was there before is no answer to it."""
        return [Entry(one.credit.day, one.amount, one.credit.kind == "money" and one.credit.id > offer.id)
                for one in self.of_item(offer.item) if one.id > offer.id]

    def is_current(self, offer):
        """Whether payments may still change it: a lapsed one not where something else was agreed on since.

        This and ``is_replaced`` are Odoo's own methods in other words: they find what SQL and flushing get wrong, not a wrong rule.
        """
        if offer.state == "withdrawn" or not self.is_live_offer(offer) and offer.until < self.today - timedelta(days=SETTLED_DAYS):
            return False
        if offer.state != "lapsed":
            return True
        later = any(one.item is offer.item and one.id > offer.id and one.state in ("offered", "taken") for one in self.offers)
        planned = any(offer.item in self.items_of(plan) and (
            plan.state == "active" or plan.state in ("finished", "defaulted") and plan.made_on > offer.until) for plan in self.plans)
        promised = any(made.state == "open" and (offer.item in made.items or not made.items and made.customer is offer.customer
                                                 and made.currency == offer.currency) for made in self.promises)
        return not (later or planned or promised)

    def is_replaced(self, offer):
        return any(one is not offer and one.item is offer.item and one.state in ("offered", "taken") for one in self.offers)

    def judge_offers(self):
        for offer in reversed(self.offers):  # of several that would come back the last one does
            if self.is_current(offer):
                verdict = settlement.judge(settlement.Offer(offer.made_on, offer.until, offer.amount, offer.debt), self.answers(offer), self.today)
                state = {settlement.OPEN: "offered", settlement.TAKEN: "taken", settlement.LAPSED: "lapsed"}[verdict.state]
                if offer.state == "lapsed" and state != "lapsed" and self.is_replaced(offer):
                    continue
                offer.paid, offer.missing = verdict.paid, verdict.missing
                if offer.booked_on:
                    offer.bounced, state = state != "taken", "taken"
                offer.state = state

    def night_offers(self):
        """Money on account goes to the offers it is clearly for."""
        for offer in self.offers:
            if offer.state in ("offered", "lapsed") and self.is_current(offer):
                self.match_offer(offer)

    def book_offers(self):
        """What is taken is booked, in a job of its own."""
        for offer in self.offers:
            if offer.state == "taken" and not offer.booked_on:
                self.book(offer)
                self.judge()

    def match_offer(self, offer):
        money = sorted((one for one in self.unapplied(offer.customer) if one.kind == "money" and one.currency == offer.currency
                        and offer.made_on <= one.day <= offer.until and one.id > offer.id), key=lambda one: (one.day, one.id))
        owes = any(item is not offer.item for item in self.open_items(offer.customer, offer.currency))
        for place in settlement.on_account(offer.missing, [self.unused(one) for one in money], owes):
            self.match(money[place], offer.item)

    def book(self, offer):
        """Give up what is open, no more than was offered; what came too late for that goes back on account."""
        given = offer.debt - offer.amount
        answers = sorted((one for one in self.of_item(offer.item) if one.id > offer.id and one.credit.id > offer.id and one.credit.kind == "money"
                          and offer.made_on <= one.credit.day <= offer.until), key=lambda one: (one.credit.day, one.id))
        missing, released = given - self.residual(offer.item), []
        for place in reversed(settlement.too_much(offer.amount, [one.amount for one in answers])):
            if missing > 0:
                missing -= answers[place].amount
                released.append(answers[place].credit)
                self.partials.remove(answers[place])
        [part] = settlement.shares(given, [self.residual(offer.item)]) or [ZERO]
        if part:
            self.match(self.credit(offer.customer, offer.currency, part, "credit"), offer.item)
        offer.booked_on, offer.given = self.today, part
        for credit in released:
            self.match(credit, offer.item)
