"""Interest for paying late in the world of ``world``: what was posted for which days of which item."""
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from .. import interest
from ..daycount import TOLERANCE, Grace, Span, subtract
from ..ledger import ZERO
from ..promise import Entry
from ..rate import HALF_YEAR, Quote, Series, Terms
from .steps import CENT

EU = Series((Quote(date(2020, 1, 1), Decimal("2.15")), Quote(date(2026, 7, 1), Decimal("3.40"))), HALF_YEAR)
TERMS = Terms(Decimal(8), EU, step=Decimal("0.5"), grace=Grace(3, TOLERANCE))


class Charges:
    """A charge is a bill of its own; it bears no interest itself."""

    def do_charge(self):
        """Bill the days not charged before; what was charged before stays as it is."""
        for item in [one for one in self.items if not one.mild]:
            known, charged = self.to_interest(item), self.charged(item)
            before = self.to_correct(item)
            accrual = interest.accrue(known, TERMS, self.today, charged)
            amount = sum((segment.line(CENT) for segment in accrual.segments), ZERO)
            if not accrual.segments:
                continue
            spans = subtract(Span(interest.first_day(known, TERMS.grace), self.today), charged)
            self.add(self.charges, item=item, spans=spans, amount=amount)
            assert self.to_correct(item) == before, f"the new days of {item.id} changed what the old ones cost"
            if amount > 0:
                self.add(self.items, customer=item.customer, currency=item.currency, due=self.today + timedelta(days=14), amount=amount, mild=True)

    def do_correct(self):
        """Credit or bill what is known better now."""
        for item in {one.item for one in self.charges}:
            more = self.to_correct(item)
            if more:
                self.add(self.charges, item=item, spans=[], amount=more)
            assert not self.to_correct(item)

    def charged(self, item):
        return [span for one in self.charges if one.item is item for span in one.spans]

    def posted(self, item):
        return sum((one.amount for one in self.charges if one.item is item), ZERO)

    def to_correct(self, item):
        return interest.correction(self.to_interest(item), TERMS, self.charged(item), self.posted(item), CENT)

    def to_interest(self, item):
        """What was set off by day, and the days on which it was contested or in a plan."""
        settled = defaultdict(lambda: ZERO)
        for one in self.of_item(item):
            settled[one.credit.day, one.credit.kind == "money"] += one.amount
        stops = [interest.Stop(one.opened_on, one.closed_on, one.amount) for one in self.disputes_of(item)]
        stops += [interest.Stop(plan.made_on, plan.ended_on) for plan in self.plans if item in self.items_of(plan)]
        entries = tuple(Entry(day, amount, money) for (day, money), amount in sorted(settled.items()))
        return interest.Item(item.due, item.amount, entries, tuple(stops), None, None)
