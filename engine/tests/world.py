"""A small world of customers who owe, pay, contest, promise and are reminded: the rules of the engine over a ledger in memory.

A step is a name and numbers (see ``steps``); numbers choose among what is there, so that every sequence of steps can be
played. A step that is not possible changes nothing and returns False. The same steps are played against Odoo, see tests/machine.py.
"""
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import NamedTuple

from ..followup import Level, Policy
from ..ledger import ZERO, Facts, Item, Pause
from ..money import quantize
from ..workday import Calendar
from .steps import CENT
from .world_agree import Agreements
from .world_charge import Charges
from .world_contact import Contacts
from .world_talk import Talk

LEVELS = (Level(0, 0, -7, channels=("email",)), Level(1, 1, 1, channels=("email",)), Level(2, 2, 8, wait=5, channels=("email",)),
          Level(3, 3, 20, wait=7, channels=("email", "letter")), Level(4, 4, 35, channels=("email",), repeat=14))
CUSTOMERS = 3


class Settings(NamedTuple):
    """What is the same for all customers; ``policy`` and ``calendar`` as of a day."""

    currencies: tuple = (1, 2)
    policy: object = lambda today: Policy(1, LEVELS, gap=5, cap=3, cap_days=30)
    calendar: object = lambda today: Calendar()
    promise_days: int = 2
    manual_wait: int = 7


class Record(SimpleNamespace):
    """Something with a number of its own, which tells older from newer."""

    def __hash__(self):
        return self.id

    def __eq__(self, other):
        return self is other


class World(Talk, Agreements, Charges, Contacts):
    """The ledger, and what is known of each customer."""

    def __init__(self, settings=None, today=date(2026, 3, 18)):
        self.settings, self.today, self.locked, self.count = settings or Settings(), today, None, 0
        self.customers, self.items, self.credits, self.partials = [], [], [], []
        self.disputes, self.promises, self.plans, self.offers = [], [], [], []
        self.rows, self.runs, self.charges, self.log = [], [], [], []
        self.refused, self.asked = Counter(), 0  # steps that were not possible; how often a person was asked about a message
        for _number in range(CUSTOMERS):
            self.add(self.customers, into=None, parent=None, archived=False, paused=None)

    def step(self, name, *numbers):
        """Play a step; whether it was possible. What follows from the ledger is brought up to date with it."""
        self.log.append((name, *numbers))
        done = getattr(self, f"do_{name}")(*numbers) is not False
        self.judge()
        self.refused[name] += not done
        return done

    def add(self, shelf, **values):
        self.count += 1
        shelf.append(Record(id=self.count, **values))
        return shelf[-1]

    # ------------------------------------------------------------------ looking things up

    @staticmethod
    def pick(shelf, number):
        return shelf[number % len(shelf)] if shelf else None

    def customer(self, number):
        """One that is still one: neither merged into another one nor a part of it."""
        return self.pick([one for one in self.customers if not one.into and not one.parent], number)

    def open_items(self, customer=None, currency=None):
        return [item for item in self.items if self.residual(item) > 0 and (customer is None or item.customer is customer)
                and (currency is None or item.currency == currency)]

    def open_item(self, number):
        return self.pick(self.open_items(), number)

    def residual(self, item):
        return item.amount - sum((one.amount for one in self.partials if one.item is item), ZERO)

    def unused(self, credit):
        return credit.amount - sum((one.amount for one in self.partials if one.credit is credit), ZERO)

    def unapplied(self, customer=None):
        return [one for one in self.credits if self.unused(one) > 0 and (customer is None or one.customer is customer)]

    def of_item(self, item):
        return [one for one in self.partials if one.item is item]

    @staticmethod
    def share(amount, percent):
        return quantize(amount * percent / 100, CENT)

    # ------------------------------------------------------------------ the ledger

    def booking_day(self, day):
        """What is booked in a locked period is booked on the first day after it."""
        return max(day, self.locked + timedelta(days=1)) if self.locked else day

    def credit(self, customer, currency, amount, kind, day=None, dispute=None):
        return self.add(self.credits, customer=customer, currency=currency, amount=amount, kind=kind, dispute=dispute,
                        day=self.booking_day(day or self.today))

    def match(self, credit, item, amount=None):
        part = min(self.unused(credit), self.residual(item), *([amount] if amount is not None else []))
        if part > 0:
            self.add(self.partials, credit=credit, item=item, amount=part)

    def do_invoice(self, customer, late, cents, currency):
        customer = self.customer(customer)
        self.add(self.items, customer=customer, currency=self.settings.currencies[currency], due=self.today - timedelta(days=late),
                 amount=Decimal(cents) / 100, mild=False)

    def do_pay(self, item, percent, back):
        """A payment of an item, all of it or a part or too much, dated back some days."""
        item = self.open_item(item)
        amount = item and self.share(self.residual(item), percent)
        if not amount:
            return False
        self.match(self.credit(item.customer, item.currency, amount, "money", self.today - timedelta(days=back)), item)
        return True

    def do_on_account(self, customer, cents, currency):
        self.credit(self.customer(customer), self.settings.currencies[currency], Decimal(cents) / 100, "money")

    def do_credit_note(self, item, percent):
        item = self.open_item(item)
        amount = item and self.share(self.residual(item), percent)
        if not amount:
            return False
        self.match(self.credit(item.customer, item.currency, amount, "credit"), item)
        return True

    def do_credit_free(self, customer, cents, currency):
        self.credit(self.customer(customer), self.settings.currencies[currency], Decimal(cents) / 100, "credit")

    def do_match(self, number):
        """A credit nobody matched goes to the oldest item of its customer."""
        credit = self.pick(self.unapplied(), number)
        items = credit and sorted(self.open_items(credit.customer, credit.currency), key=lambda item: (item.due, item.id))
        if not items:
            return False
        self.match(credit, items[0])
        return True

    def do_bounce(self, number):
        """A payment is taken back, with all that it was set off against."""
        credit = self.pick([one for one in self.credits if one.kind == "money"], number)
        if not credit or self.locked and credit.day <= self.locked:
            return False
        self.partials = [one for one in self.partials if one.credit is not credit]
        self.credits.remove(credit)
        return True

    def do_lock(self, back):
        """Accounting closes the days up to ``back`` days ago; it does not open them again."""
        self.locked = max(self.locked or date.min, self.today - timedelta(days=back))

    # ------------------------------------------------------------------ customers

    def do_pause(self, customer, days):
        self.customer(customer).paused = self.today + timedelta(days=days) if days else None

    def do_archive(self, customer):
        customer = self.customer(customer)
        customer.archived = not customer.archived

    def do_merge(self, source, target):
        """One of two customers goes; a new one comes, so that there are always as many."""
        source, target = self.customer(source), self.customer(target)
        if source is target:
            return False
        target.archived = source.archived and target.archived
        target.paused = max((one.paused for one in (source, target) if one.paused), default=None)
        self.merge_contacts(source, target)
        self.merge_promises(source, target)
        for shelf in (self.items, self.credits, self.plans, self.offers):
            for one in shelf:
                if one.customer is source:
                    one.customer = target
        source.into = target
        self.add(self.customers, into=None, parent=None, archived=False, paused=None)
        return True

    def do_change_parent(self, child, parent):
        """A customer becomes a part of another one, which owes its debts from now on; agreements stay with who made them."""
        child, parent = self.customer(child), self.customer(parent)
        if child is parent:
            return False
        for one in (*self.items, *self.credits):
            if one.customer is child:
                one.customer = parent
        child.parent = parent
        self.add(self.customers, into=None, parent=None, archived=False, paused=None)
        return True

    # ------------------------------------------------------------------ time

    def do_advance(self, days):
        """Some days later, after the night."""
        self.today += timedelta(days=days)
        self.night()

    def night(self):
        self.judge()
        self.night_offers()
        self.judge()
        self.night_plans()
        self.judge()
        self.book_offers()

    def judge(self):
        """What follows from the entries, in the order in which one depends on the other."""
        self.judge_disputes()
        self.judge_promises()
        self.judge_plans()
        self.judge_offers()

    # ------------------------------------------------------------------ what the rules are asked

    def facts(self, customer, skip=(), quiet_run=None):
        """All that decides whether a customer is contacted today; without the contacts ``skip``, nor those of ``quiet_run``."""
        items = tuple(self.fact(item) for item in self.open_items(customer))
        credits = {}
        for one in self.unapplied(customer):
            credits[one.currency] = credits.get(one.currency, ZERO) + self.unused(one)
        contacts, flying = self.contacts_of(customer, [item.id for item in items], skip, quiet_run)
        return Facts(customer.id, tuple(sorted(items, key=lambda item: (item.due, item.id))), credits, contacts, flying,
                     frozenset({"email", "letter"}), Pause("paused", customer.paused) if customer.paused else None,
                     "archived" if customer.archived else None, False)

    def fact(self, item):
        residual = self.residual(item)
        promised, pause = self.promised(item, residual)
        level, level_on, round_ = self.progress(item)
        return Item(item.id, item.currency, item.due, residual, min(self.disputed(item), residual), ZERO,
                    self.pause_of(item, pause), level, round_, level_on, (), promised, None, item.mild)

    def pause_of(self, item, promise):
        """A plan in force before anything else, then a promise, then an offer."""
        return self.plan_pause(item) or promise or self.offer_pause(item)
