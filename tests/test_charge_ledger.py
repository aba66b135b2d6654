import random
from datetime import date, timedelta
from decimal import Decimal

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.account_credit_collection.engine import interest
from odoo.addons.account_credit_collection.engine.daycount import Span
from odoo.addons.account_credit_collection.engine.money import exact

from .charge import ChargeCommon

DUE = date(2024, 5, 15)
STEPS = 14


@tagged("post_install", "-at_install")
class TestChargeLedger(ChargeCommon):
    """Whatever the order of payments, runs, bills, waivers and cancellations: no day is charged twice, and the sum is right."""

    def test_any_order_of_payments_runs_and_waivers_charges_each_day_once(self):
        for seed in range(6):
            with self.subTest(seed=seed):
                self._live(random.Random(seed), self._customer(f"Seed {seed}"))

    def _live(self, chance, customer):
        invoice, until = self._dated(DUE, 10000, customer), DUE + timedelta(days=5)
        for _step in range(STEPS):
            until += timedelta(days=chance.randint(0, 20))
            chance.choice([self._part, self._bill, self._bill, self._draft, self._forgive, self._cancel])(chance, invoice, until)
            self._check_days(invoice)
        until += timedelta(days=30)
        self._bill(chance, invoice, until)
        self._bill(chance, invoice, until)  # what changed meanwhile
        self._check_days(invoice)
        self._check_sum(invoice, until + timedelta(days=1))

    def _part(self, chance, invoice, until):
        """A payment dated on some day since the due date, also one that was charged already."""
        if invoice.amount_residual > 100:
            self._pay(invoice, round(invoice.amount_residual * chance.choice([0.1, 0.3, 0.5]), 2), DUE + timedelta(days=chance.randint(-3, (until - DUE).days)))

    def _draft(self, chance, invoice, until):
        self._charge(until)

    def _bill(self, chance, invoice, until):
        charges = self._charge(until)
        drafts = self.env["collection.charge"].search([("state", "=", "draft"), ("profile_id.partner_id", "=", invoice.partner_id.id)])
        drafts.action_post()
        (drafts | charges).filtered(lambda charge: charge.state == "draft").action_post()

    def _forgive(self, chance, invoice, until):
        charges = self._all(invoice).filtered(lambda charge: charge.state in ("draft", "posted"))
        lines = charges.line_ids.filtered(lambda line: line.kind == "interest" and line.state in ("draft", "posted"))
        if lines:
            line = chance.choice(lines)
            self._try(lambda: line.charge_id._waive("Goodwill", line))

    def _cancel(self, chance, invoice, until):
        charges = self._all(invoice).filtered(lambda charge: charge.state in ("draft", "posted"))
        if charges:
            charge = chance.choice(charges)
            self._try(lambda: charge.action_reverse())

    def _try(self, step):
        """What was corrected together with other charges is not taken apart: refused, and nothing has changed."""
        try:
            with self.cr.savepoint():
                step()
        except UserError as refusal:
            self.assertIn("was corrected", str(refusal))

    def _all(self, invoice):
        return self.env["collection.charge"].search([("line_ids.move_id", "=", invoice.id)])

    def _check_days(self, invoice):
        """No day of the invoice is in two lines, and each posted charge has a posted, balanced bill of its amount (I-7, I-8)."""
        lines = self._all(invoice).line_ids.filtered(lambda line: line.kind == "interest" and line.state != "reversed").sorted("date_from")
        for one, two in zip(lines, lines[1:]):
            self.assertLessEqual(one.date_to, two.date_from)
        for charge in self._all(invoice).filtered(lambda charge: charge.state == "posted"):
            self.assertEqual(charge.move_id.state, "posted")
            credited = sum(charge._credit_notes().mapped("amount_untaxed"))
            signed = charge.move_id.amount_untaxed * (1 if charge.move_id.move_type == "out_invoice" else -1)
            self.assertAlmostEqual(signed - credited, charge.amount, 2)

    def _check_sum(self, invoice, until):
        """What was charged, less what was corrected, is what its days cost; waived days are free (I-6)."""
        self.env.flush_all()
        lines = self._all(invoice).line_ids.filtered(lambda line: line.state == "posted")
        taken = self._all(invoice).line_ids.filtered(lambda line: line.kind == "interest" and line.state == "waived")
        reader = self.env["collection.reader"]
        [row] = [row for row in reader._read_charge_rows(self.company, invoice.partner_id.ids, date(2020, 1, 1), until) if row.move == invoice.id]
        item = interest.Item(row.due, row.amount, reader._read_charge_entries([row.id]).get(row.id, ()))
        accrual = interest.accrue(item, self.rule._to_engine(), until, [Span(line.date_from, line.date_to) for line in taken])
        cost = sum((segment.amount for segment in accrual.segments), Decimal(0))
        charged = sum((exact(line.amount) for line in lines), Decimal(0))
        self.assertLessEqual(abs(charged - cost), Decimal("0.01") * (len(lines) + 1), f"charged {charged}, cost {cost}")
