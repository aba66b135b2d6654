from datetime import date
from decimal import Decimal

from odoo import api, models
from odoo.tools import groupby

from ..engine import recount
from .collection_charge_rule import read_basis
from .collection_reader_invariant import Violation

# Which reads make which check (reliability.md, 3.3).
CHECKS = {
    "I-1": ("_read_sent_twice",), "I-2": ("_read_sent_paid",), "I-3": ("_read_same_day",), "I-4": ("_read_too_soon", "_read_level_order"),
    "I-5": ("_read_plan_totals", "_read_plan_payments"), "I-6": ("_check_charge_sums",), "I-7": ("_read_days_twice", "_read_charged_once"),
    "I-8": ("_read_bill_missing",), "I-9": ("_read_beyond_cap",), "I-10": ("_read_across_companies",),
    "I-11": ("_read_agreed_twice", "_read_contested_twice"), "I-12": ("_read_run_totals",),
}
PAST = ("I-1", "I-2", "I-3", "I-4", "I-12")  # checks of what happened, which nobody can undo: they look back to a day
ITEMS = 20_000  # items of which the charged days are in memory at once


class CollectionInvariant(models.AbstractModel):
    """What must always be true, whatever died or lied: looked up in what is stored, in a fixed number of queries."""

    _name = "collection.invariant"
    _description = "What must always be true"

    @api.model
    def _violations(self, companies=None):
        """All that is not as it must be, and ever was: ``[Violation]``; of ``companies`` only, where they are given."""
        found = [one for code in CHECKS for one in self._violations_of(code)]
        return [one for one in found if companies is None or one.company_id in companies.ids]

    @api.model
    def _violations_of(self, code, since=date.min):
        """What one check finds, of all companies; ``since``: the day from which on the past is looked at."""
        self.env.flush_all()
        back = (since,) if code in PAST else ()
        return [one._replace(code=code) for name in CHECKS[code] for one in self._look(name, *back)]

    @api.model
    def _looked_at(self):
        """How many records each check is about: ``{code: number}``."""
        return self.env["collection.reader"].sudo()._read_invariant_sizes()  # sudo: a number of all companies, for those who run the server

    @api.model
    def _look(self, name, *back):
        """What one of the reads found."""
        # sudo: what is wrong is wrong whoever looks
        place = self if hasattr(type(self), name) else self.env["collection.reader"]
        return getattr(place.sudo(), name)(*back)

    @api.model
    def _check_charge_sums(self):
        """I-6: items whose charged days come to something else when they are worked out once more; some items at a time."""
        reader, found, block = self.env["collection.reader"], [], (0, 0)
        while block := reader._read_charged_items(block[1], ITEMS):
            for subject, rows in groupby(reader._read_charged_days(*block), key=lambda row: (row[0], row[-1])):
                found += self._wrong_sums(subject, rows)
        return found

    @api.model
    def _wrong_sums(self, subject, rows):
        """The violation by the charged days of one item, if any."""
        wrong = [one for one in self._decide_recount([self._to_line(row) for row in rows], Decimal(rows[0][4])) if not one.holds]
        return [Violation("charge_sums", rows[0][1], "collection.charge", tuple(sorted({row[2] for row in rows})), {
            "document": rows[0][3], "charged": float(sum(one.charged for one in wrong)), "due": float(sum(one.due for one in wrong)), "currency": rows[0][-1]},
            subject)] if wrong else []

    @api.model
    def _to_line(self, row):
        """A line of the ledger as the engine takes it."""
        start, end, balance, rate, amount, basis, cut = row[5:12]
        terms = read_basis(basis, rate)
        return recount.Line(start, end, Decimal(balance), Decimal(rate), Decimal(amount), getattr(terms, "basis", None), cut)

    @api.model
    def _decide_recount(self, lines, quantum):
        """One engine call: what charged days come to."""
        return recount.recount(lines, quantum)
