from odoo.fields import Command
from odoo.tests import tagged

from .report import CLASSES, ReportCommon, day, month

# by hand: what is open on three days, and what moved in the months up to them
OURS = {
    "2024-01": ({"not_due": 2050, "b30": 90}, {"billed": 2540, "collected": -400}, 2140),
    "2024-02": ({"not_due": 300, "b30": 1680, "b60": 90},
                {"billed": 2310, "credited": -120, "collected": -2169.8, "discount": -40.2, "exchange": -50}, 2070),
    "2024-03": ({"not_due": 430, "b30": 33, "b60": 1080, "b90": 90, "credit": -75},
                {"billed": 500, "collected": -965, "written_off": -80, "other": 33}, 1558),
}
THEIRS = {
    "2024-01": ({"not_due": 1400}, {"billed": 1400}, 1400),
    "2024-02": ({"b30": 900, "credit": -100}, {"credited": -100, "collected": -500}, 800),
    "2024-03": ({"b60": 700, "credit": -100}, {"collected": -160, "exchange": -40}, 600),
}
# what a month calls each kind of movement, and what it does to what is open
SIGNS = {"billed": ("billed", 1), "credited": ("credited", -1), "collected": ("collected", -1), "discounts": ("discount", -1),
         "written_off": ("written_off", -1), "exchange": ("exchange", 1), "other": ("other", 1)}


@tagged("post_install", "-at_install")
class TestStorySegments(ReportCommon):
    """A ledger of two companies in three currencies, with all that settles invoices: on three past days the reports equal the trial balance."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.setup_other_currency("EUR", rates=[("2024-01-01", 1.0)])
        cls.other = cls.setup_other_company(name="Second Ltd", currency_id=cls.euro.id)
        cls.env["res.currency.rate"].create([{"currency_id": cls.franc.id, "company_id": cls.other["company"].id, "name": first, "rate": rate}
                                             for first, rate in (("2024-01-01", 2.0), ("2024-02-01", 2.5))])

    def _terms(self, **values):
        return self.env["account.payment.term"].create({
            "name": "2/10 n/30", "early_discount": True, "company_id": self.company.id, "early_pay_discount_computation": "included",
            "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 30})], **values})

    def _january(self):
        self.partly = self._billed("2024-01-05", "2024-02-04", 1000)
        self._paid(self.partly, 400, "2024-01-20")
        self.foreign = self._billed("2024-01-08", "2024-02-07", 500, currency=self.franc)  # 250 of ours
        self.credited = self._billed("2024-01-25", "2024-02-24", 1200)
        self.bounced = self._billed("2024-01-15", "2024-01-20", 90)
        self.theirs = self._billed("2024-01-10", "2024-02-09", 900, data=self.other)
        self.theirs_foreign = self._billed("2024-01-12", "2024-02-11", 1000, data=self.other, currency=self.franc)  # 500 of theirs

    def _february(self):
        note = self._billed("2024-02-02", "2024-02-02", 120, move_type="out_refund")
        (self._item(note) + self._item(self.credited)).reconcile()
        self._paid(self.foreign, 500, "2024-02-15")  # 200 of ours: 50 of exchange loss
        core = self._terms(discount_percentage=2, discount_days=10)
        self._paid(self._billed("2024-02-05", False, 800, invoice_payment_term_id=core.id), 784, "2024-02-10")
        tax = self.env["account.tax"].create({"name": "21 %", "amount": 21, "type_tax_use": "sale", "company_id": self.company.id})
        tiers = self._terms(discount_mode="tiers", tier_ids=[Command.create({"days": 10, "percent": 2}), Command.create({"days": 20, "percent": 1})])
        taxed = self._billed("2024-02-10", False, 1000, tax=tax, invoice_payment_term_id=tiers.id)
        (self._received(1185.8, "2024-02-18").move_id.line_ids + taxed.line_ids).filtered(
            lambda line: line.account_type == "asset_receivable").reconcile()  # 1,210 less 2 %, tax included
        self.short = self._billed("2024-02-20", "2024-03-21", 300)
        self._paid(self.bounced, 50, "2024-02-20").move_id.button_draft()
        self._billed("2024-02-05", "2024-02-05", 100, data=self.other, move_type="out_refund")
        self._paid(self.theirs, 500, "2024-02-28", data=self.other)

    def _march(self):
        self._paid(self.partly, 600, "2024-03-10")
        self._paid(self.short, 290, "2024-03-01", payment_difference_handling="reconcile",
                   writeoff_account_id=self.company_data["default_account_expense"].id)
        self._written_off(self._billed("2024-03-02", "2024-04-01", 500), 70, "2024-03-20")
        self._received(75, "2024-03-05")
        self._entry("2024-03-15", (self.company_data["default_account_receivable"], 33, None), (self.company_data["default_account_revenue"], -33, None))
        self._paid(self.theirs_foreign, 400, "2024-03-05", data=self.other)  # 160 of theirs: 40 of exchange loss

    def test_the_reports_equal_the_trial_balance_on_three_past_days(self):
        self._january()
        self._february()
        self._march()
        for company, expected in ((self.company, OURS), (self.other["company"], THEIRS)):
            before = 0
            for name, (classes, moved, closing) in expected.items():
                first, last = month(name)
                with self.subTest(company=company.name, month=name):
                    self.assertEqual(self._balance(company, last), closing)
                    found = self._classes(company, last)
                    self.assertEqual(found, classes)
                    self.assertEqual(round(sum(found.values()) - self._balance(company, last), 2), 0.00)
                    movements = self._moved(company, first, last)
                    self.assertEqual(movements, moved)
                    self.assertEqual(round(before + sum(movements.values()) - self._balance(company, last), 2), 0.00)
                before = closing

    def test_the_months_equal_the_trial_balance_and_the_ageing(self):
        self._january()
        self._february()
        self._march()
        Snapshot = self.env["collection.snapshot"].sudo()
        for company, expected in ((self.company, OURS), (self.other["company"], THEIRS)):
            Snapshot._rebuild(company, day("2024-01-31"), day("2024-03-31"))
            before = 0
            for name, (classes, moved, closing) in expected.items():
                _first, last = month(name)
                with self.subTest(company=company.name, month=name):
                    rows = Snapshot.search([("company_id", "=", company.id), ("month", "=", last)])
                    sums = {figure: round(sum(rows.mapped(figure)), 2) for figure in ("opening", *SIGNS, "closing", *CLASSES)}
                    self.assertEqual((sums["opening"], sums["closing"]), (before, closing))
                    self.assertEqual(round(sums["closing"] - self._balance(company, last), 2), 0.00)
                    found = {code: sums[code] for code in CLASSES if sums[code]}
                    self.assertEqual(found, classes)
                    self.assertEqual(found, self._classes(company, last))
                    self.assertEqual({kind: sign * sums[figure] for figure, (kind, sign) in SIGNS.items() if sums[figure]}, moved)
                    self.assertEqual(round(sums["opening"] + sum(moved.values()) - sums["closing"], 2), 0.00)
                before = closing

    def test_rows_in_the_currency_of_the_document_equal_the_ledger_too(self):
        self._january()
        self._february()
        self._march()
        rows = self.env["collection.ageing"]._at(day("2024-03-31"))._read_group(
            [("company_id", "in", (self.company | self.other["company"]).ids)], ["company_id", "currency_id"], ["amount_currency:sum", "amount:sum"])
        self.assertEqual([(company.name, currency.name, round(theirs, 2), round(ours, 2)) for company, currency, theirs, ours in rows if ours],
                         [(self.company.name, self.company.currency_id.name, 1558, 1558), ("Second Ltd", "CHF", 600, 300), ("Second Ltd", "EUR", 300, 300)])
