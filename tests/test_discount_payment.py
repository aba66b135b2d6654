from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .test_discount import DAY, DiscountCase


class DiscountPaymentCase(DiscountCase):

    def _books(self, moves):
        """Account by account what entries say, credits negative; without accounts that come to nothing."""
        found = {}
        names = {self.company_data["default_account_receivable"]: "customer", self.company.account_journal_early_pay_discount_loss_account_id: "discount"}
        for line in moves.line_ids:
            kind = "tax" if line.tax_repartition_line_id else names.get(line.account_id, "bank")
            found[kind] = round(found.get(kind, 0) + line.amount_currency, 3)
        return found

    def _paid(self, invoice, day, amount=None):
        """Registered today, paid on a day after the invoice: the entries that came of it."""
        before = self.env["account.move"].search([])
        self._pay(invoice, amount, invoice.invoice_date + day * DAY)
        return self.env["account.move"].search([]) - before

    def _booked_line(self, invoice, day, amount):
        """A line of a bank statement, set off against the invoice as reconciling does."""
        line = self.env["account.bank.statement.line"].create({
            "journal_id": self.company_data["default_journal_bank"].id, "date": invoice.invoice_date + day * DAY, "amount": amount,
            "payment_ref": invoice.name, "partner_id": self.customer.id})
        _liquidity, suspense, _other = line._seek_for_lines()
        suspense.with_context(skip_account_move_synchronization=True).account_id = self._item(invoice).account_id
        (suspense + self._item(invoice)).reconcile()
        return line


@tagged("post_install", "-at_install")
class TestDiscountPayment(DiscountPaymentCase):
    """A payment gets the discount of its day, to the cent and with its taxes, also when it is registered later."""

    def test_f10_by_the_day_of_payment(self):
        for day, paid in ((8, 9800), (10, 9800), (15, 9900), (20, 9900)):
            with self.subTest(day=day):
                invoice = self._billed(ago=25)
                self.assertEqual(self._books(self._paid(invoice, day)), {"bank": paid, "discount": 10000 - paid, "customer": -10000})
                self.assertEqual(invoice.amount_residual, 0)
        invoice = self._billed(ago=25)
        self.assertEqual(self._books(self._paid(invoice, 25)), {"bank": 10000, "customer": -10000})

    def test_three_ways_for_the_tax(self):
        """10,000 with 21 %: two of 12,100 are 242 (200 and 42); two of the price alone 200; always: tax on 9,800 is 2,058."""
        tax = self._vat()
        for way, day, total, expected in (
                ("included", 8, 12100, {"bank": 11858, "discount": 200, "tax": 42}), ("included", 15, 12100, {"bank": 11979, "discount": 100, "tax": 21}),
                ("excluded", 8, 12100, {"bank": 11900, "discount": 200}), ("excluded", 15, 12100, {"bank": 12000, "discount": 100}),
                ("mixed", 8, 12058, {"bank": 11858, "discount": 200}), ("mixed", 15, 12058, {"bank": 11958, "discount": 100})):
            with self.subTest(way=way, day=day):
                invoice = self._billed(self._terms(early_pay_discount_computation=way), tax=tax, ago=25)
                self.assertEqual(invoice.amount_total, total)
                self.assertEqual(self._books(self._paid(invoice, day)), {**expected, "customer": -total})
                self.assertEqual(invoice.payment_state, "paid")

    def test_the_tax_of_a_discount_is_reported(self):
        tax = self._vat()
        entry = self._paid(self._billed(tax=tax, ago=25), 8)
        base = entry.line_ids.filtered("tax_ids")
        self.assertEqual((base.tax_ids, base.balance), (tax, 200))
        self.assertEqual(entry.line_ids.filtered("tax_line_id").mapped(lambda line: (line.tax_line_id, line.balance)), [(tax, 42)])
        self.assertEqual(entry.line_ids.tax_tag_ids, tax.refund_repartition_line_ids.tag_ids)

    def test_two_rates_of_tax_share_the_discount(self):
        """1,000 at 21 % and 500 at 6 %: 1,740; 2 % are 34.80 = 20 + 4.20 + 10 + 0.60."""
        high, low = self._vat(), self._vat(6.0)
        invoice = self._billed(ago=5, amount=1000.0, tax=high, post=False)
        invoice.write({"invoice_line_ids": [Command.create({
            "name": "Food", "price_unit": 500, "tax_ids": [Command.set(low.ids)], "account_id": self.company_data["default_account_revenue"].id})]})
        invoice.action_post()
        entry = self._paid(invoice, 5)
        self.assertEqual(sorted(entry.line_ids.mapped("balance")), [-1740, 0.6, 4.2, 10, 20, 1705.2])

    def test_terms_edited_later_book_what_was_told(self):
        term = self._terms()
        invoice = self._billed(term, tax=self._vat(), ago=25)
        term.tier_ids.unlink()
        term.write({"early_discount": False, "discount_percentage": 0, "early_pay_discount_computation": "excluded"})
        self.assertEqual(self._books(self._paid(invoice, 8)), {"bank": 11858, "discount": 200, "tax": 42, "customer": -12100})

    def test_several_invoices_in_one_payment(self):
        invoices = self._billed(ago=8) + self._billed(ago=15) + self._billed(ago=25)
        wizard = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoices.ids).create(
            {"payment_date": self.today, "group_payment": True, "journal_id": self.company_data["default_journal_bank"].id})
        self.assertEqual(wizard.amount, 29700)
        wizard._create_payments()
        self.assertEqual(invoices.mapped("amount_residual"), [0, 0, 0])

    def test_grace_counts_for_the_payment(self):
        term = self._terms(discount_grace_days=2)
        self.assertEqual(self._books(self._paid(self._billed(term, ago=25), 12))["bank"], 9800)
        self.assertEqual(self._books(self._paid(self._billed(term, ago=25), 13))["bank"], 9900)

    def test_another_currency_makes_no_exchange_difference_of_the_discount(self):
        dollar = self.setup_other_currency("CHF", rates=[("1900-01-01", 2.0)])
        invoice = self._billed(currency=dollar, ago=25)
        entry = self._paid(invoice, 8)
        self.assertEqual(self._books(entry), {"bank": 9800, "discount": 200, "customer": -10000})
        self.assertEqual(sum(entry.line_ids.filtered(lambda line: line.balance > 0).mapped("balance")), 5000)

    # ------------------------------------------------------------------ parts

    def test_a_part_is_grossed_up(self):
        """F-10: 485 settle 494.90; the discount of the rest stays: 9,505.10 × 0.98 = 9,315.00."""
        invoice = self._billed(self._terms(discount_gross_up=True), ago=8)
        self.assertEqual(self._books(self._paid(invoice, 8, 485)), {"bank": 485, "discount": 9.9, "customer": -494.9})
        self.assertEqual((invoice.amount_residual, self._shown(invoice)), (9505.1, (10, 9315)))
        self.assertEqual(self._books(self._paid(invoice, 8)), {"bank": 9315, "discount": 190.1, "customer": -9505.1})
        self.assertEqual(invoice.payment_state, "paid")

    def test_the_tax_of_a_part_goes_with_it(self):
        """9.90 of 121 %: 8.18 and 1.72; the rest 11,605.10 × 0.98 = 11,373.00: 232.10 = 191.82 + 40.28."""
        invoice = self._billed(self._terms(discount_gross_up=True), tax=self._vat(), ago=8)
        self.assertEqual(self._books(self._paid(invoice, 8, 485)), {"bank": 485, "discount": 8.18, "tax": 1.72, "customer": -494.9})
        self.assertEqual(self._books(self._paid(invoice, 8)), {"bank": 11373, "discount": 191.82, "tax": 40.28, "customer": -11605.1})

    def test_a_part_where_the_tax_stays(self):
        """11,900 are enough for 12,100: 485 settle 485 × 12,100 / 11,900 = 493.15; always: 11,858 for 12,058, 493.18."""
        tax = self._vat()
        for way, settled in (("excluded", 493.15), ("mixed", 493.18)):
            invoice = self._billed(self._terms(discount_gross_up=True, early_pay_discount_computation=way), tax=tax, ago=8)
            self.assertEqual(self._books(self._paid(invoice, 8, 485)), {"bank": 485, "discount": round(settled - 485, 2), "customer": -settled}, way)

    def test_a_part_in_another_currency_is_booked_at_the_rate_of_the_invoice(self):
        franc = self.setup_other_currency("CHF", rates=[("1900-01-01", 2.0)])
        invoice = self._billed(self._terms(discount_gross_up=True), currency=franc, ago=8)
        entries = self._paid(invoice, 8, 485)
        self.assertEqual(self._books(entries), {"bank": 485, "discount": 9.9, "customer": -494.9})
        self.assertEqual((invoice.amount_residual, self._item(invoice).amount_residual), (9505.1, 4752.55))

    def test_a_payment_on_account_set_off_by_hand(self):
        invoice = self._billed(ago=8)
        payment = self._on_account(9800)
        invoice.js_assign_outstanding_line(payment.move_id.line_ids.filtered(lambda line: line.account_id == self._item(invoice).account_id).id)
        self.assertEqual((invoice.amount_residual, invoice.payment_state), (0, "paid"))

    def test_a_discount_keeps_a_promise(self):
        invoice = self._billed(ago=8)
        promise = self.env["collection.promise"].create({
            "profile_id": self._profile().id, "promised_on": self.today, "line_ids": [Command.create({"item_id": self._item(invoice).id})]})
        self._booked_line(invoice, 8, 9800)
        self.assertEqual(promise.state, "kept")

    def test_without_it_a_part_ends_the_discount_as_in_core(self):
        invoice = self._billed(ago=8)
        self.assertEqual(self._books(self._paid(invoice, 8, 485)), {"bank": 485, "customer": -485})
        self.assertEqual(self._shown(invoice), (None, 0))
        self.assertEqual(self._books(self._paid(invoice, 8)), {"bank": 9515, "customer": -9515})

    def test_a_part_too_late_is_a_part(self):
        invoice = self._billed(self._terms(discount_gross_up=True), ago=25)
        self.assertEqual(self._books(self._paid(invoice, 21, 485)), {"bank": 485, "customer": -485})

    def test_the_dialog_says_what_a_part_settles_and_why_there_is_no_discount(self):
        invoice = self._billed(self._terms(discount_gross_up=True), ago=8)
        dialog = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids).create({"amount": 485})
        self.assertIn("494.90", dialog.discount_note)
        self.company.collection_discount_refuse_overdue = True
        self._invoice(40, 500)
        dialog = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids).create({})
        self.assertEqual(dialog.amount, 10000)
        self.assertIn("500.00", dialog.discount_note)

    # ------------------------------------------------------------------ the bank

    def test_a_line_of_the_bank_gets_the_discount_of_its_day(self):
        for day, paid in ((8, 9800), (15, 9900)):
            invoice = self._billed(ago=25)
            self._booked_line(invoice, day, paid)
            self.assertEqual(invoice.amount_residual, 0)
            entry = self._item(invoice).matched_credit_ids.discount_move_id
            self.assertEqual((self._books(entry), entry.date), ({"discount": 10000 - paid, "customer": paid - 10000}, invoice.invoice_date + day * DAY))

    def test_too_little_or_too_late_at_the_bank(self):
        invoice = self._billed(ago=25)
        self._booked_line(invoice, 11, 9800)
        self.assertEqual(invoice.amount_residual, 200)
        invoice = self._billed(self._terms(discount_gross_up=True), ago=25)
        self._booked_line(invoice, 8, 485)
        self.assertEqual(invoice.amount_residual, 9505.1)

    def test_who_pays_more_than_needed_gets_what_is_missing(self):
        invoice = self._billed(tax=self._vat(), ago=8)
        self._booked_line(invoice, 8, 11979)
        self.assertEqual(self._books(self._item(invoice).matched_credit_ids.discount_move_id), {"discount": 100, "tax": 21, "customer": -121})

    def test_a_payment_taken_back_takes_its_discount_with_it(self):
        invoice = self._billed(tax=self._vat(), ago=8)
        self._booked_line(invoice, 8, 11858)
        entry = self._item(invoice).matched_credit_ids.discount_move_id
        self.assertEqual(invoice.payment_state, "paid")
        self._item(invoice).remove_move_reconcile()
        self.assertEqual((invoice.amount_residual, self._shown(invoice)), (12100, (10, 11858)))
        self.assertEqual(self._books(entry + entry.reversal_move_ids), {"discount": 0, "tax": 0, "customer": 0})

    def test_a_credit_note_gets_no_discount(self):
        invoice = self._billed(self._terms(discount_gross_up=True), ago=8)
        note = self._invoice(0, 485, move_type="out_refund")
        (self._item(invoice) + self._item(note)).reconcile()
        self.assertEqual((invoice.amount_residual, self._shown(invoice)), (9515, (10, 9324.7)))

    def test_refused_is_refused_at_the_bank_too(self):
        self.company.collection_discount_refuse_overdue = True
        self._invoice(40, 500)
        invoice = self._billed(ago=8)
        self._booked_line(invoice, 8, 9800)
        self.assertEqual(invoice.amount_residual, 200)

    def test_locked_days_move_the_entry_not_the_discount(self):
        invoice = self._billed(ago=25)
        line = self.env["account.bank.statement.line"].create({
            "journal_id": self.company_data["default_journal_bank"].id, "date": invoice.invoice_date + 8 * DAY, "amount": 9800, "partner_id": self.customer.id})
        _liquidity, suspense, _other = line._seek_for_lines()
        suspense.with_context(skip_account_move_synchronization=True).account_id = self._item(invoice).account_id
        self.company.fiscalyear_lock_date = invoice.invoice_date + 9 * DAY
        (suspense + self._item(invoice)).reconcile()
        self.assertEqual(self._item(invoice).matched_credit_ids.discount_move_id.date, invoice.invoice_date + 10 * DAY)
        self.assertEqual(invoice.amount_residual, 0)

    def test_without_an_account_for_discounts_it_says_where_to_choose_one(self):
        self.company.account_journal_early_pay_discount_loss_account_id = False
        with self.assertRaisesRegex(UserError, "account for cash discounts"):
            self._paid(self._billed(ago=8), 8)

    # ------------------------------------------------------------------ online

    def _provider(self):
        Provider = self.env["payment.provider"].sudo()
        own = Provider.search([("code", "=", "demo"), ("company_id", "=", self.company.id)], limit=1)
        demo = own or Provider.search([("code", "=", "demo")], limit=1)
        if not demo:
            self.skipTest("payment_demo is not installed")
        if not own:
            own = demo.copy({"company_id": self.company.id, "state": "test"})
        if not own.journal_id:
            own.journal_id = self.company_data["default_journal_bank"]
        return own

    def _online(self, invoices, amount, ago=0):
        transaction = self.env["payment.transaction"].sudo().create({
            "provider_id": self._provider().id, "payment_method_id": self.env["payment.method"].sudo().search([("code", "=", "demo")], limit=1).id,
            "reference": f"T-{invoices[0].id}", "amount": amount, "currency_id": invoices.currency_id.id, "partner_id": self.customer.id,
            "invoice_ids": [Command.set(invoices.ids)], "operation": "online_direct"})
        self.env.flush_all()
        self.env.cr.execute("UPDATE payment_transaction SET create_date = create_date - %s WHERE id = %s", [timedelta(days=ago), transaction.id])
        transaction.invalidate_recordset(["create_date"])
        transaction._set_done()
        transaction._post_process()
        return transaction

    def test_online_what_the_page_asked_for_is_enough(self):
        high, low = self._vat(), self._vat(6.0)
        invoice = self._billed(ago=8, amount=1000.0, tax=high, post=False)
        invoice.write({"invoice_line_ids": [Command.create({
            "name": "Food", "price_unit": 500, "tax_ids": [Command.set(low.ids)], "account_id": self.company_data["default_account_revenue"].id})]})
        invoice.action_post()
        asked = invoice._get_invoice_next_payment_values()["amount_due"]
        self.assertEqual(asked, 1705.2)
        payment = self._online(invoice, asked).payment_id
        entry = self._item(invoice).matched_credit_ids.discount_move_id
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(self._books(payment.move_id), {"bank": 1705.2, "customer": -1705.2})
        self.assertEqual(sorted(entry.line_ids.mapped("balance")), [-34.8, 0.6, 4.2, 10, 20])

    def test_online_the_day_of_the_customer_counts(self):
        invoice = self._billed(ago=11)
        self._online(invoice, 9800, ago=1)
        self.assertEqual(invoice.amount_residual, 0)
        invoice = self._billed(ago=12)
        self._online(invoice, 9800, ago=1)
        self.assertEqual(invoice.amount_residual, 200)

    def test_online_several_invoices_in_one_payment(self):
        """Two of 10,000 and one without a discount: 9,800 + 9,900 + 500."""
        invoices = self._billed(ago=8) + self._billed(ago=15) + self._invoice(-5, 500)
        self._online(invoices, 20200)
        self.assertEqual(invoices.mapped("amount_residual"), [0, 0, 0])
        entries = self._item(invoices).matched_credit_ids.discount_move_id
        self.assertEqual(entries.sorted("amount_total").mapped("amount_total"), [100, 200])
        self._item(invoices).remove_move_reconcile()
        self.assertEqual(invoices.mapped("amount_residual"), [10000, 10000, 500])

    def test_a_transfer_for_several_invoices_that_is_short_is_a_part(self):
        invoices = self._billed(ago=8) + self._billed(ago=8)
        self._online(invoices, 19599)
        self.assertEqual(invoices.mapped("amount_residual"), [0, 401])


@tagged("post_install", "-at_install")
class TestDiscountPages(DiscountPaymentCase, HttpCase):
    """What a customer sees, signed link and portal."""

    def test_the_signed_statement(self):
        self._billed(self._terms([(3, 2.0), (28, 1.0)]), ago=24)
        action = self._run().action_ids
        page = self.url_open(f"/collections/{action.id}/{action._link_token()}").text.replace("\xa0", " ").replace("&nbsp;", " ")
        self.assertRegex(page, r"Pay \$ 9,900\.00 until .*, saving \$ 100\.00")

    def test_the_portal(self):
        user = new_test_user(self.env, "northwind", groups="base.group_portal", company_id=self.company.id)
        user.partner_id.parent_id = self.customer
        invoice = self._billed(self._terms(discount_grace_days=3), ago=8)
        invoice.message_subscribe(self.customer.ids)
        own = invoice.with_user(user)
        self.assertEqual(own._get_invoice_portal_extra_values()["amount_due"], 9800)
        for name in ("discount_terms", "discount_refusal"):
            with self.assertRaises(AccessError):
                own.read([name])
        page = self.url_open(invoice.get_portal_url()).text.replace("\xa0", " ").replace("&nbsp;", " ")
        self.assertRegex(page, r"9,800\.00 if paid until")
        self.assertRegex(page, r"9,900\.00 if paid until")
