"""Statement of account: what a customer owes on a day, or how its account moved in a period, currency by currency."""
from collections import defaultdict
from datetime import date
from decimal import Decimal
from operator import itemgetter
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine.ageing import BUCKETS
from ..models.collection_reader import Row

ZERO = Decimal(0)
OPEN, MOVES = "open", "moves"


class Terms(NamedTuple):
    """What a statement is about: what is open on ``last``, or all that moved from ``first`` to ``last``; no currencies: all.

    ``items``: only these of what is open, for who is to see no more of the account; None: all.
    """

    kind: str
    first: date | None
    last: date
    currencies: tuple[int, ...] = ()
    items: frozenset[int] | None = None


class Line(NamedTuple):
    """A line of a statement. ``total`` is the amount of the document, ``amount`` what is open of it, or what it moved."""

    document: str
    date: date
    due: date | None
    text: str
    total: Decimal
    amount: Decimal
    balance: Decimal
    days: int = 0


class Section(NamedTuple):
    """The part of a statement in one currency; ``ages`` is what is open by class of the ageing."""

    currency: models.Model
    lines: list[Line]
    opening: Decimal
    closing: Decimal
    ages: dict[str, Decimal]
    disputed: Decimal
    transit: Decimal

    @property
    def open(self):
        """What is open of the items, credits taken off."""
        return sum(self.ages.values(), ZERO)

    @property
    def to_pay(self):
        return max(ZERO, self.open - self.disputed - self.transit)


class CollectionStatement(models.AbstractModel):
    """Puts statements of account together. Whoever asks must be allowed to see the customers; then all of their ledger shows."""

    _name = "collection.statement"
    _description = "Statement of account"

    @api.model
    def _read_terms(self, company, data):
        """The terms of a statement as an address or a dialog gives them; without any, what is open today."""
        data, today = data or {}, company._collection_today()
        try:
            first, last = fields.Date.to_date(data.get("first") or False), fields.Date.to_date(data.get("last") or False)
            currencies = tuple(int(one) for one in data.get("currencies") or ())
            items = frozenset(int(one) for one in data["items"]) if "items" in data else None
        except (TypeError, ValueError) as error:
            raise UserError(self.env._("The days of the statement cannot be read. Choose them anew.")) from error
        first, last = first and company._check_report_day(first), company._check_report_day(last) if last else today
        kind = MOVES if data.get("kind") == MOVES else OPEN
        if kind == MOVES and (not first or first > last):
            raise UserError(self.env._("A statement of all movements needs a first day, not after its last day."))
        return Terms(kind if items is None else OPEN, first, last, currencies, items)

    @api.model
    def _sections(self, profiles, terms):
        """The sections of customers of one company: ``{profile: [Section]}``, in the language of the environment."""
        company, reader = profiles.company_id, self.env["collection.reader"].sudo()  # sudo: the customers' own ledger
        partners = profiles.partner_id.ids
        rows = [row for row in reader._read_open_on(company, partners, terms.last) if not terms.currencies or row.currency in terms.currencies]
        rows = [row for row in rows if terms.items is None or row.id in terms.items]
        disputed, transit = self._held_back(company, reader, rows, terms)
        groups = defaultdict(list)
        for row in rows:
            groups[row.partner, row.currency].append(row)
        if terms.kind == OPEN:
            found = {key: self._open_section(key[1], some, terms.last, disputed, transit) for key, some in groups.items()}
        else:
            found = self._moved_sections(company, reader, partners, terms, groups, disputed, transit)
        order = {currency: place for place, currency in enumerate(self.env["res.currency"].sudo().with_context(active_test=False).search([]).ids)}
        main = company.root_id.currency_id.id
        keys = sorted(found, key=lambda key: (key[1] != main, order[key[1]]))
        return {profile: [found[key] for key in keys if key[0] == profile.partner_id.id] for profile in profiles}

    @api.model
    def _held_back(self, company, reader, rows, terms):
        """What is disputed of items and what is on its way for them: known as of today only."""
        today = company._collection_today()
        if terms.last < today:
            return {}, {}
        debits = [Row(row.id, row.partner, row.move, row.document, row.currency, row.due, row.residual, ZERO, False, None)
                  for row in rows if row.residual > 0]
        return reader._read_disputes([row.id for row in debits], today), reader._read_transit(debits)

    @api.model
    def _open_section(self, currency, rows, day, disputed, transit):
        balance, lines = ZERO, []
        for row in rows:
            balance += row.residual
            lines.append(Line(row.document, row.date, row.due if row.residual > 0 else None, self._state(row, day, disputed, transit),
                              row.total, row.residual, balance, (day - row.due).days if row.residual > 0 else 0))
        return self._section(currency, lines, ZERO, balance, rows, disputed, transit)

    @api.model
    def _state(self, row, day, disputed, transit):
        """What there is to say of an open item beside its amount."""
        words = self.env["collection.action"]
        if row.residual < 0:
            return self.env._("Credit")
        if disputed.get(row.id, ZERO) >= row.residual:
            return words._state_texts()["disputed"]
        if disputed.get(row.id):
            currency = self.env["res.currency"].browse(row.currency)
            return self.env._("%(amount)s under dispute", amount=currency.format(float(disputed[row.id])))
        if transit.get(row.id, ZERO) >= row.residual:
            return words._state_texts()["transit"]
        late = words._lateness(row.due, day)
        return self.env._("%(late)s, partly paid", late=late) if row.residual < row.total else late

    @api.model
    def _moved_sections(self, company, reader, partners, terms, groups, disputed, transit):
        openings, moved = reader._read_openings(company, partners, terms.first), defaultdict(list)
        for row in reader._read_booked(company, partners, terms.first, terms.last):
            moved[row.partner, row.currency].append((row.date, row.document, row.due, self._kind_text(row), row.amount))
        for row in reader._read_statement_set_off(company, partners, terms.last):
            if row.date < terms.first:
                openings[row.partner, row.currency] += row.amount
            else:
                moved[row.partner, row.currency].append((row.date, row.document, None, self._set_off_text(row), row.amount))
        keys = [key for key in {*moved, *groups, *(key for key, amount in openings.items() if amount)}
                if not terms.currencies or key[1] in terms.currencies]
        return {key: self._moved_section(key[1], openings.get(key, ZERO), moved[key], groups.get(key, []), disputed, transit) for key in keys}

    @api.model
    def _moved_section(self, currency, opening, moved, rows, disputed, transit):
        balance, lines = opening, []
        for day, document, due, text, amount in sorted(moved, key=itemgetter(0)):  # what was booked before what was set off on the same day
            balance += amount
            lines.append(Line(document, day, due, text, amount, amount, balance))
        return self._section(currency, lines, opening, balance, rows, disputed, transit)

    @api.model
    def _kind_text(self, row):
        return {"invoice": self.env._("Invoice"), "credit_note": self.env._("Credit note"), "payment": self.env._("Payment"),
                "entry": self.env._("Booking")}[row.kind]

    @api.model
    def _set_off_text(self, row):
        """With what an item was set off; documents of another customer are not named."""
        if not row.other_currency:
            return self.env._("Set off with another account")
        currency = self.env["res.currency"].browse(row.other_currency).name
        return self.env._("Set off in %(currency)s: %(document)s", currency=currency, document=row.other_document)

    @api.model
    def _section(self, currency, lines, opening, closing, rows, disputed, transit):
        ages = dict.fromkeys(BUCKETS, ZERO)
        for row in rows:
            ages["credit" if row.residual < 0 else row.bucket] += row.residual
        contested = {row.id: min(row.residual, disputed.get(row.id, ZERO)) for row in rows if row.residual > 0}
        flying = sum((min(row.residual - contested[row.id], transit.get(row.id, ZERO)) for row in rows if row.id in contested), ZERO)
        return Section(self.env["res.currency"].browse(currency), lines, opening, closing, ages, sum(contested.values(), ZERO), flying)

    @api.model
    def _bucket_labels(self):
        return dict(self.env["collection.ageing"]._fields["bucket"]._description_selection(self.env))
