from datetime import timedelta
from decimal import Decimal

from ..models.collection_plan_terms import AGREED

OUTCOMES = ("withdrawn", "credit_note", "written_off")


class AgreementSteps:
    """What customers contest, promise and agree on, as collectors enter it; see ``machine.OdooWorld``."""

    # ------------------------------------------------------------------ what is said and agreed on

    def do_dispute(self, item, percent):
        item = self.world.open_item(item)
        amount = item and self.world.share(self.world.residual(item), percent)
        return self.case._dispute(self.known[item], float(amount)) if amount else False

    def do_resolve(self, number, how, percent):
        found = self.world.pick([one for one in self.world.disputes if one.state == "open"], number)
        amount = found and self.world.share(found.balance.open, percent)
        if not amount:
            return False
        self.known[found]._resolve(OUTCOMES[how], float(amount))
        return None

    def do_promise(self, item, days, percent):
        item = self.world.open_item(item)
        amount = item and self.world.share(self.world.residual(item), percent)
        return bool(amount) and self.judged(self.case._promise(self.known[item], in_days=days, amount=float(amount)))

    def judged(self, promise):
        """What is missing of a new promise is reckoned with the first look at it, tonight or with a payment."""
        promise.sudo()._judge(self.world.today)
        return promise

    def do_promise_balance(self, customer, days, percent):
        customer, currency = self.world.customer(customer), self.world.settings.currencies[0]
        whole = self.env["collection.reader"]._read_open_amounts(self.company, self.partners[customer]).get(currency, Decimal(0))
        amount = self.world.share(whole, percent)
        return amount > 0 and self.judged(self.case._promise(in_days=days, amount=float(amount), profile_id=self.profile(customer).id))

    def do_withdraw(self, number):
        found = self.world.pick([one for one in self.world.promises if one.state == "open"], number)
        if not found:
            return False
        self.known[found]._withdraw("It was a mistake")
        return None

    def do_plan(self, item, count, days):
        item = self.world.open_item(item)
        if not item:
            return False
        items = [one for one in self.world.open_items(item.customer, item.currency)
                 if one is item or self.world.is_free([one]) and not self.world.is_promised(one)]
        lines = self.env["account.move.line"].union(*(self.line(self.known[one]) for one in items))
        first = self.calendar(self.world.today).next_working_day(self.world.today + timedelta(days=days))
        terms = {name: self.case.terms[name] for name in AGREED}
        plan = self.env["collection.plan"]._draw(self.profile(item.customer), lines, self.case.terms, {
            **terms, "count": count, "rhythm": "weekly", "down_amount": 0.0, "down_on": False, "first_on": first})
        plan.action_offer()
        plan._accept_by_hand("Ms Miller", self.world.today)
        return plan

    def do_cancel_plan(self, number):
        plan = self.world.pick([one for one in self.world.plans if one.state == "active"], number)
        if not plan:
            return False
        self.known[plan]._cancel("It is over")
        return None

    def do_offer(self, item, percent, days):
        item = self.world.open_item(item)
        amount = item and self.world.share(self.world.residual(item), percent)
        if not amount:
            return False
        offer = self.env["collection.settlement"]._make(self.profile(item.customer), self.line(self.known[item]), float(amount),
                                                        self.world.today + timedelta(days=days), "A clear end")
        offer.action_offer()
        return offer

    def do_withdraw_offer(self, number):
        offer = self.world.pick([one for one in self.world.offers if one.state == "offered"], number)
        if not offer:
            return False
        self.known[offer]._decide_on("withdraw", "It is over")
        return None
