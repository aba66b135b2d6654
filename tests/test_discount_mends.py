from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .test_discount import DAY, DiscountCase
from .test_discount_payment import DiscountPaymentCase


@tagged("post_install", "-at_install")
class TestDiscountTermsMends(DiscountCase):

    def test_a_single_discount_comes_back_with_its_kind(self):
        term = self._terms(mode="core", discount_percentage=2, discount_days=10)
        term.write({"discount_mode": "tiers", "tier_ids": [Command.create({"days": 7, "percent": 5.0})]})
        self.assertEqual((term.discount_percentage, term.discount_days), (5, 7))
        term.discount_mode = "core"
        self.assertEqual((term.discount_percentage, term.discount_days), (2, 10))
        term.discount_mode = "tiers"
        term.write({"discount_mode": "core", "discount_percentage": 3})
        self.assertEqual((term.discount_percentage, term.discount_days), (3, 10), "what is entered goes first")

    def test_terms_taken_off_in_draft_take_their_discount_with_them(self):
        invoice = self._billed()
        invoice.button_draft()
        self.assertIn("9,800.00", invoice.discount_text)
        invoice.invoice_payment_term_id = False
        self.assertFalse(invoice.discount_text)
        invoice.action_post()
        self.assertFalse(invoice.discount_terms)

    def test_a_draft_goes_by_its_own_terms(self):
        invoice = self._billed()
        invoice.button_draft()
        invoice.invoice_payment_term_id = self._terms([(10, 3.0)])
        self.assertIn("9,700.00", invoice.discount_text)
        self.assertNotIn("9,800.00", invoice.discount_text)


@tagged("post_install", "-at_install")
class TestDiscountPaymentMends(DiscountPaymentCase):

    def _assigned(self, invoice, day, amount):
        """A payment on account of a day after the invoice, set off against it."""
        payment = self.env["account.payment"].create({
            "payment_type": "inbound", "partner_type": "customer", "partner_id": self.customer.id, "amount": amount,
            "date": invoice.invoice_date + day * DAY, "journal_id": self.company_data["default_journal_bank"].id})
        payment.action_post()
        (self._item(invoice) + payment.move_id.line_ids.filtered(lambda line: line.account_id == self._item(invoice).account_id)).reconcile()
        return payment

    def _moved(self, payment, day):
        payment.action_draft()
        payment.date = day
        payment.action_post()

    def test_an_exchange_difference_is_no_part_payment(self):
        franc = self.setup_other_currency("CHF", rates=[("1900-01-01", 2.0), (self.today - 20 * DAY, 4.0)])
        invoice = self._billed(currency=franc, ago=25)
        payment = self.env["account.payment"].create({
            "payment_type": "inbound", "partner_type": "customer", "partner_id": self.customer.id, "amount": 9800, "currency_id": franc.id,
            "date": invoice.invoice_date + 8 * DAY, "journal_id": self.company_data["default_journal_bank"].id})
        payment.action_post()
        (self._item(invoice) + payment.move_id.line_ids.filtered(lambda line: line.account_id == self._item(invoice).account_id)).reconcile()
        self.assertTrue(self._item(invoice).matched_credit_ids.exchange_move_id, "the rate changed")
        self.assertEqual((invoice.amount_residual, self._item(invoice).amount_residual), (0, 0))

    def test_terms_taken_off_settle_nothing_less(self):
        invoice = self._billed(ago=8)
        invoice.button_draft()
        invoice.invoice_payment_term_id = False
        invoice.action_post()
        self._booked_line(invoice, 8, 9800)
        self.assertEqual(invoice.amount_residual, 200)

    # ------------------------------------------------------------------ refused while overdue

    def test_overdue_is_judged_on_the_day_of_payment(self):
        """Paid on day 5, when nothing was overdue; entered today, when something is. And the other way round."""
        self.company.collection_discount_refuse_overdue = True
        self._invoice(3, 500)
        invoice = self._billed(ago=15)
        self._booked_line(invoice, 5, 9800)
        self.assertEqual(invoice.amount_residual, 0)
        late = self._invoice(12, 500)
        invoice = self._billed(ago=15)
        self._pay(late, on=self.today - DAY)
        self._booked_line(invoice, 5, 9800)
        self.assertEqual(invoice.amount_residual, 200)

    def test_the_invoice_being_paid_is_not_held_against_itself(self):
        """Due on day 30, paid on day 31 within three days of grace for the last discount."""
        self.company.collection_discount_refuse_overdue = True
        invoice = self._billed(self._terms([(10, 2.0), (30, 1.0)], discount_grace_days=3), ago=31)
        self.assertFalse(invoice.discount_refusal)
        self._booked_line(invoice, 31, 9900)
        self.assertEqual(invoice.amount_residual, 0)

    def test_what_the_same_transfer_settles_is_not_held_against_it(self):
        self.company.collection_discount_refuse_overdue = True
        late, invoice = self._invoice(40, 500), self._billed(ago=8)
        payment = self._on_account(10300)
        (self._item(late + invoice) + payment.move_id.line_ids.filtered(lambda line: line.account_id == self._item(invoice).account_id)).reconcile()
        self.assertEqual((late + invoice).mapped("amount_residual"), [0, 0])

    # ------------------------------------------------------------------ charges

    def test_a_discount_booked_later_makes_no_late_day(self):
        invoice = self._billed(self._terms([(30, 2.0)]), ago=40)
        line = self.env["account.bank.statement.line"].create({
            "journal_id": self.company_data["default_journal_bank"].id, "date": invoice.invoice_date + 8 * DAY, "amount": 9800, "partner_id": self.customer.id})
        _liquidity, suspense, _other = line._seek_for_lines()
        suspense.with_context(skip_account_move_synchronization=True).account_id = self._item(invoice).account_id
        self.company.fiscalyear_lock_date = invoice.invoice_date + 35 * DAY
        (suspense + self._item(invoice)).reconcile()
        item = self._item(invoice)
        self.assertEqual(item.matched_credit_ids.discount_move_id.date, invoice.invoice_date + 36 * DAY, "five days after the due date")
        entries = self.env["collection.reader"]._read_charge_entries(item.ids)[item.id]
        self.assertEqual({(entry.on, float(entry.amount)) for entry in entries}, {(invoice.invoice_date + 8 * DAY, 9800), (invoice.invoice_date + 8 * DAY, 200)})

    # ------------------------------------------------------------------ moved

    def test_a_payment_moved_to_a_later_day_loses_its_discount(self):
        invoice = self._billed(ago=40, amount=1000)
        payment = self._assigned(invoice, 8, 980)
        entry = self._item(invoice).matched_credit_ids.discount_move_id
        self.assertEqual((invoice.amount_residual, entry.amount_total), (0, 20))
        self._moved(payment, invoice.invoice_date + 9 * DAY)
        self.assertEqual((invoice.amount_residual, self._item(invoice).matched_credit_ids.discount_move_id), (0, entry), "in time all the same")
        self._moved(payment, invoice.invoice_date + 40 * DAY)
        self.assertEqual(invoice.amount_residual, 20)
        self.assertEqual(self._books(entry + entry.reversal_move_ids), {"discount": 0, "customer": 0})

    def test_a_registered_payment_is_not_moved_past_its_discount(self):
        invoice = self._billed(ago=40, amount=1000)
        payment = self._pay(invoice, on=invoice.invoice_date + 8 * DAY)
        self.assertEqual((payment.amount, invoice.amount_residual), (980, 0))
        self._moved(payment, invoice.invoice_date + 9 * DAY)
        self.assertEqual(invoice.amount_residual, 0)
        with self.assertRaisesRegex(UserError, "discount of .*20.00"):
            self._moved(payment, invoice.invoice_date + 40 * DAY)

    # ------------------------------------------------------------------ by hand

    def test_a_difference_kept_open_stays_open(self):
        """985 of 1,000 on day 8: 980 would have been enough."""
        for amount, expected in ((985, 15), (980, 20)):
            invoice = self._billed(ago=8, amount=1000)
            self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids).create({
                "payment_date": self.today, "amount": amount, "payment_difference_handling": "open",
                "journal_id": self.company_data["default_journal_bank"].id})._create_payments()
            self.assertEqual(invoice.amount_residual, expected)

    def test_what_a_credit_note_settles_gets_no_discount(self):
        """Two of 1,000 less a credit note of 980: 1,020, of which 2 % are 20.40."""
        for money, expected, given in ((980, 40, 0), (999.6, 0, 20.4)):
            invoices = self._billed(ago=8, amount=1000) + self._billed(ago=8, amount=1000)
            note = self._invoice(0, 980, move_type="out_refund")
            payment = self._on_account(money)
            account = self._item(note).account_id
            (self._item(invoices + note) + payment.move_id.line_ids.filtered(lambda line, account=account: line.account_id == account)).reconcile()
            self.assertEqual(round(sum(invoices.mapped("amount_residual")), 2), expected)
            self.assertEqual(round(sum(self._item(invoices).matched_credit_ids.discount_move_id.mapped("amount_total")), 2), given)

    # ------------------------------------------------------------------ online

    def test_an_invoice_of_cores_own_discount_keeps_it_beside_one_of_ours(self):
        core = self._billed(self._terms(mode="core", discount_percentage=5, discount_days=10), ago=2, amount=1000)
        ours = self._billed(ago=2, amount=400)
        transaction = self.env["payment.transaction"].new({"amount": 950, "currency_id": core.currency_id.id, "invoice_ids": [Command.set((core + ours).ids)]})
        self.assertEqual(transaction._discounted_invoice()._origin, core)
        transaction.amount = 392
        self.assertEqual(transaction._discounted_invoice()._origin, ours)
