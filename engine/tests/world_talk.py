"""What customers contest and promise in the world of ``world``."""
from collections import defaultdict
from datetime import timedelta

from .. import dispute, promise
from ..ledger import ZERO, Pause
from ..money import quantize
from ..promise import BROKEN, OPEN, PARTLY, WITHDRAWN
from .steps import CENT

SETTLED_DAYS = 180  # a promise this long past is history
KINDS = {"money": dispute.MONEY, "credit": dispute.CREDIT, "write_off": dispute.WRITE_OFF}


class Talk:
    """Disputes and promises."""

    # ------------------------------------------------------------------ disputes

    def do_dispute(self, item, percent):
        item = self.open_item(item)
        free = item and self.residual(item) - sum((one.balance.open for one in self.disputes_of(item) if one.state == "open"), ZERO)
        amount = item and quantize(self.residual(item) * percent / 100, CENT)
        if not amount or amount > free:
            return False
        entries = self.of_item(item)
        self.add(self.disputes, customer=item.customer, item=item, amount=amount, opened_on=self.today, state="open", decided=ZERO, kept=ZERO, decided_on=None,
                 resting=ZERO, closed_on=None, balance=dispute.Balance(amount, amount, ZERO, ZERO, ZERO, ZERO, "open"),
                 money_before=sum((one.amount for one in entries if one.credit.kind == "money"), ZERO),
                 credit_before=sum((one.amount for one in entries if one.credit.kind == "credit" and not one.credit.dispute), ZERO))
        return True

    def do_resolve(self, number, how, percent):
        """0: rejected, 1: a credit note, 2: written off."""
        found = self.pick([one for one in self.disputes if one.state == "open"], number)
        amount = found and quantize(found.balance.open * percent / 100, CENT)
        if not amount:
            return False
        if how:
            kind = "credit" if how == 1 else "write_off"
            self.match(self.credit(found.item.customer, found.item.currency, amount, kind, dispute=found), found.item)
            return True
        found.resting = amount + (found.resting if found.decided_on == self.today else ZERO)
        found.decided, found.decided_on, found.kept = found.decided + amount, self.today, found.balance.paid
        found.money_before = sum((one.amount for one in self.of_item(found.item) if one.credit.kind == "money"), ZERO)
        return True

    def disputes_of(self, item):
        return [one for one in self.disputes if one.item is item]

    def judge_disputes(self):
        for item in {one.item for one in self.disputes}:
            entries = tuple(dispute.Entry(one.credit.day, one.amount, KINDS[one.credit.kind], one.credit.dispute and one.credit.dispute.id)
                            for one in self.of_item(item))
            found = self.disputes_of(item)
            balances = dispute.settle(dispute.Item(self.residual(item), entries), [dispute.Dispute(
                one.id, one.amount, one.opened_on, one.money_before, one.credit_before, one.decided, one.kept) for one in found], CENT)
            for one in found:
                one.balance = balances[one.id]
                state = "open" if one.balance.code == dispute.OPEN else "closed"
                if state != one.state:
                    one.state, one.closed_on = state, self.today if state == "closed" else None

    def disputed(self, item):
        """What is contested, and on the day of a decision what was decided on."""
        return sum((one.balance.open + (one.resting if one.decided_on and one.decided_on >= self.today else ZERO)
                    for one in self.disputes_of(item)
                    if one.state == "open" or one.decided_on and one.decided_on >= self.today), ZERO)

    # ------------------------------------------------------------------ promises

    def do_promise(self, item, days, percent):
        item = self.open_item(item)
        amount = item and quantize(self.residual(item) * percent / 100, CENT)
        if not amount or self.is_promised(item) or not self.is_free([item]):
            return False
        self.take_promise(item.customer, item.currency, days, amount, [item])
        return True

    def do_promise_balance(self, customer, days, percent):
        customer, currency = self.customer(customer), self.settings.currencies[0]
        whole = sum((self.residual(item) for item in self.open_items(customer, currency)), ZERO) \
            - sum((self.unused(one) for one in self.unapplied(customer) if one.currency == currency), ZERO)
        amount = quantize(whole * percent / 100, CENT)
        same = [one for one in self.promises if one.customer is customer and one.currency == currency and one.state == OPEN]
        offered = [one for one in self.offers if one.customer is customer and one.currency == currency and self.is_live_offer(one)]
        planned = [one for one in self.plans if one.customer is customer and one.currency == currency and one.state == "active"]
        if amount <= 0 or same or offered or planned:
            return False
        self.take_promise(customer, currency, days, amount, [])
        return True

    def take_promise(self, customer, currency, days, amount, items):
        until = promise.last_day(self.today + timedelta(days=days), self.settings.promise_days, self.settings.calendar(self.today))
        made = self.add(self.promises, customer=customer, currency=currency, made_on=self.today, until=until, items=items, amount=amount,
                        state=OPEN, by_person=False, before=ZERO, contested=ZERO, settled=False, paid=ZERO, missing=amount)
        made.before = sum((one.amount for one in self.promise_entries(made) if one.money and one.on >= self.today), ZERO)

    def do_withdraw(self, number):
        found = self.pick([one for one in self.promises if one.state == OPEN], number)
        if not found:
            return False
        found.state, found.by_person = WITHDRAWN, True
        return True

    def is_promised(self, item):
        return any(one.state == OPEN and (item in one.items or not one.items and one.customer is item.customer and one.currency == item.currency)
                   for one in self.promises)

    def promise_entries(self, made):
        """What was set off against the promised item, or what the customer paid at all."""
        if made.items:
            return [promise.Entry(one.credit.day, one.amount, one.credit.kind == "money") for one in self.of_item(made.items[0])]
        return [promise.Entry(one.day, one.amount) for one in self.credits if self.is_of(one.customer, made.customer)
                and one.currency == made.currency and one.kind == "money" and made.made_on <= one.day <= made.until]

    def is_of(self, customer, other):
        return customer is other

    def judge_promises(self):
        """Odoo's own method in other words: it finds what SQL and flushing get wrong. Of the rule itself see ``invariants.promises``."""
        verdicts = {made: promise.judge(self.to_promise(made), self.today, CENT) for made in self.promises
                    if not made.by_person and (made.state == OPEN or made.until >= self.today - timedelta(days=SETTLED_DAYS))}
        closed, taken = set(), self.agreed_otherwise().union(*(self.claims(made) for made in self.promises if made.state == OPEN))
        for made in sorted(verdicts, key=lambda made: -made.id):
            if verdicts[made].state == OPEN and made.state != OPEN:
                if taken & self.subjects(made):
                    closed.add(made)
                else:
                    taken |= self.claims(made)
        for made, verdict in verdicts.items():
            made.paid, made.missing = verdict.paid, verdict.missing
            made.state = (PARTLY if verdict.paid else BROKEN) if made in closed else verdict.state

    def agreed_otherwise(self):
        """What is in a plan or under an offer."""
        plans = [plan for plan in self.plans if plan.state == "active"]
        offers = [offer for offer in self.offers if self.is_live_offer(offer)]
        return {item for plan in plans for item in self.items_of(plan)} | {offer.item for offer in offers} \
            | {(one.customer, one.currency) for one in (*plans, *offers)}

    def subjects(self, made):
        key = (made.customer, made.currency)
        return {*made.items, (*key, "all")} if made.items else {key}

    def claims(self, made):
        """A balance keeps from all its items, an item from the whole balance."""
        key = (made.customer, made.currency)
        return {*made.items, key} if made.items else {key, (*key, "all")}

    def to_promise(self, made):
        entries = tuple(self.promise_entries(made))
        contested = made.contested
        if not made.settled:
            contested = self.contested(made)
            if made.items and contested:
                contested += promise.credited_late(entries, made.until)
            if made.until < self.today:
                made.settled, made.contested = True, contested
        total = made.items[0].amount if made.items else None
        return promise.Promise(made.made_on, made.until, (promise.Part(made.amount, entries, total, made.before, contested),))

    def contested(self, made):
        """What was contested as the window ended, or is today; of a balance only what was contested after the promise."""
        found = defaultdict(lambda: ZERO)
        for one in self.disputes:
            about = one.item in made.items if made.items else (
                one.customer is made.customer and one.item.currency == made.currency and one.id > made.id)
            if about and one.opened_on <= made.until and (one.state == "open" or one.closed_on > made.until):
                found[made] += one.balance.open + (one.balance.paid if one.opened_on >= made.made_on else ZERO) \
                    + (one.decided if one.decided_on and one.decided_on > made.until else ZERO)
        return found[made]

    def promised(self, item, residual):
        """What is promised of an item and not paid yet, and the pause when that is all of it."""
        for made in self.promises:
            if made.state == OPEN and made.until >= self.today:
                if item in made.items:
                    left = max(ZERO, made.amount - made.paid)
                    return (left, None) if left < residual else (ZERO, Pause("promise", made.until))
                if not made.items and self.is_of(item.customer, made.customer) and made.currency == item.currency:
                    return ZERO, Pause("promise", made.until)
        return ZERO, None

    def merge_promises(self, source, target):
        """Of two open promises on the balance that of the customer that stays stands."""
        known = {made.currency for made in self.promises if made.customer is target and not made.items and made.state == OPEN}
        for one in self.disputes:
            if one.customer is source:
                one.customer = target
        for made in self.promises:
            if made.customer is source:
                if not made.items and made.state == OPEN and made.currency in known:
                    made.state, made.by_person = WITHDRAWN, True
                made.customer = target
