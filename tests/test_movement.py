from odoo.fields import Command
from odoo.tests import tagged

from .report import ReportCommon, day


@tagged("post_install", "-at_install")
class TestMovement(ReportCommon):
    """What each entry did to the receivables: the parts of an item always sum to its balance."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receivable = cls.company_data["default_account_receivable"]
        cls.expense = cls.company_data["default_account_expense"]
        cls.income = cls.company_data["default_account_revenue"]
        cls.bank = cls.company_data["default_journal_bank"].default_account_id
        cls.discount = cls.company.account_journal_early_pay_discount_loss_account_id
        cls.other_customer = cls._customer("Other")

    def _of_bank(self, *lines):
        return self._entry("2024-03-01", *lines, journal="default_journal_bank")

    def _sums_hold(self, *moves):
        """Every item equals its parts."""
        for item in self.env["account.move.line"].union(*(move.line_ids for move in moves)).filtered(lambda line: line.account_type == "asset_receivable"):
            parts = self.env["collection.movement"].search([("item_id", "=", item.id)])
            self.assertEqual(round(sum(parts.mapped("amount")), 2), item.balance)
            self.assertEqual(len(parts.mapped("kind")), len(set(parts.mapped("kind"))))

    def test_sales_documents_are_of_one_kind(self):
        invoice = self._billed("2024-03-01", "2024-03-31", 100)
        note = self._billed("2024-03-01", "2024-03-01", 30, move_type="out_refund")
        receipt = self._billed("2024-03-01", "2024-03-01", 20, move_type="out_receipt")
        self.assertEqual(self._kinds(invoice, note, receipt), [("billed", 20), ("billed", 100), ("credited", -30)])

    def test_an_invoice_in_installments_is_billed_in_parts(self):
        term = self.env["account.payment.term"].create({"name": "Half and half", "line_ids": [
            Command.create({"value": "percent", "value_amount": 50, "nb_days": days}) for days in (0, 30)]})
        invoice = self._billed("2024-03-01", False, 101, invoice_payment_term_id=term.id)
        self.assertEqual(self._kinds(invoice), [("billed", 50.5), ("billed", 50.5)])

    def test_money_and_what_became_an_expense_of_one_payment(self):
        for lines, expected in (
                # 100 of the customer: paid; 98 and 2 written off; 98 and a discount of 2; 95, a discount of 3 and 2 written off
                ([(self.bank, 100), (self.receivable, -100)], [("collected", -100)]),
                ([(self.bank, 98), (self.expense, 2), (self.receivable, -100)], [("collected", -98), ("written_off", -2)]),
                ([(self.bank, 98), (self.discount, 2), (self.receivable, -100)], [("collected", -98), ("discount", -2)]),
                ([(self.bank, 95), (self.discount, 3), (self.expense, 2), (self.receivable, -100)],
                 [("collected", -95), ("discount", -3), ("written_off", -2)]),
                # paid 5 cents too much, which became income: the customer's debt went down by 100
                ([(self.bank, 100.05), (self.income, -0.05), (self.receivable, -100)], [("collected", -100)]),
                # a bank line that also brought something else
                ([(self.bank, 100), (self.income, -40), (self.receivable, -60)], [("collected", -60)]),
                # half of it never was money
                ([(self.bank, 60), (self.company_data["default_account_payable"], 40), (self.receivable, -100)], [("collected", -60), ("other", -40)]),
                # money that went back to the customer
                ([(self.bank, -30), (self.receivable, 30)], [("collected", 30)])):
            with self.subTest(lines):
                move = self._of_bank(*((account, balance, self.customer) for account, balance in lines))
                self.assertEqual(self._kinds(move), expected)
                self._sums_hold(move)

    def test_one_transfer_of_two_customers_is_shared_to_the_cent(self):
        move = self._of_bank((self.bank, 99.99, None), (self.expense, 0.01, None),
                             (self.receivable, -33.33, self.customer), (self.receivable, -66.67, self.other_customer))
        self._sums_hold(move)
        rows = self.env["collection.movement"]._read_group([("move_id", "=", move.id)], ["kind"], ["amount:sum"])
        self.assertEqual([(kind, round(amount, 2)) for kind, amount in rows], [("collected", -99.99), ("written_off", -0.01)])

    def test_what_goes_from_one_customer_to_another_is_no_money(self):
        move = self._entry("2024-03-01", (self.receivable, -100, self.customer), (self.receivable, 100, self.other_customer))
        self.assertEqual(self._kinds(move), [("other", -100), ("other", 100)])
        mixed = self._of_bank((self.bank, 70, None), (self.receivable, -100, self.customer), (self.receivable, 30, self.customer))
        self.assertEqual(self._kinds(mixed), [("collected", -70), ("other", -30), ("other", 30)])
        self._sums_hold(move, mixed)

    def test_an_opening_balance_is_other_and_an_expense_in_any_journal_a_write_off(self):
        opening = self._entry("2024-03-01", (self.receivable, 500, self.customer), (self.income, -500, None))
        loss = self._entry("2024-03-02", (self.receivable, -200, self.customer), (self.expense, 200, None))
        self.assertEqual(self._kinds(opening), [("other", 500)])
        self.assertEqual(self._kinds(loss), [("written_off", -200)])

    def test_our_own_write_off_and_its_reversal(self):
        invoice = self._billed("2024-03-01", "2024-03-01", 100)
        entry = self._written_off(invoice, 40, "2024-03-05")
        back = entry._reverse_moves([{"date": day("2024-03-08")}], cancel=True)
        self.assertEqual(self._kinds(entry), [("written_off", -40)])
        self.assertEqual(self._kinds(back), [("written_off", 40)])

    def test_a_registered_discount_takes_its_taxes_along(self):
        tax = self.env["account.tax"].create({"name": "21 %", "amount": 21, "type_tax_use": "sale", "company_id": self.company.id})
        term = self.env["account.payment.term"].create({
            "name": "2/10", "early_discount": True, "discount_percentage": 2, "discount_days": 10, "early_pay_discount_computation": "included",
            "company_id": self.company.id, "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 30})]})
        invoice = self._billed("2024-03-01", False, 1000, tax=tax, invoice_payment_term_id=term.id)
        payment = self._paid(invoice, 1185.8, "2024-03-05")
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(self._kinds(payment.move_id), [("collected", -1185.8), ("discount", -24.2)])

    def test_an_exchange_difference_is_its_own_kind(self):
        invoice = self._billed("2024-01-08", "2024-02-07", 500, currency=self.franc)  # 250 of ours
        payment = self._paid(invoice, 500, "2024-02-15")  # 200 of ours
        entry = self._item(invoice).matched_credit_ids.exchange_move_id
        self.assertEqual(self._kinds(payment.move_id, *entry), [("collected", -200), ("exchange", -50)])

    def test_drafts_move_nothing(self):
        invoice = self._billed("2024-03-01", "2024-03-01", 100)
        payment = self._paid(invoice, 50, "2024-03-05")
        payment.move_id.button_draft()
        self.assertEqual(self._kinds(invoice, payment.move_id), [("billed", 100)])

    def test_the_sql_takes_companies_and_days(self):
        for on in ("2024-02-29", "2024-03-01", "2024-03-31", "2024-04-01"):
            self._billed(on, on, 100)
        Movement = self.env["collection.movement"]
        march = Movement._movement_sql(self.company, day("2024-03-31"), day("2024-03-01"))
        self.assertEqual(len(self.env.execute_query(march)), 2)
        self.assertEqual(len(self.env.execute_query(Movement._movement_sql(self.company, day("2024-03-31")))), 3)
        self.assertFalse(self.env.execute_query(Movement._movement_sql(self.env["res.company"], day("2024-03-31"))))
