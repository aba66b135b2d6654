from datetime import timedelta

from odoo.fields import Command
from odoo.tests import tagged

from .checkout import CheckoutCase


@tagged("post_install", "-at_install")
class TestCheckout(CheckoutCase):
    """One payment over what a customer ticks: how much it is, and where it goes."""

    def test_one_payment_over_several_invoices(self):
        checkout = self._choose(self.invoices[0], self.invoices[2])
        words = self._words(self._get(self.where))
        for said in (self.invoices[0].name, self.invoices[2].name, "$ 320.00"):
            self.assertIn(said, words)
        self.assertNotIn(self.invoices[1].name, words)
        transaction = self._pay_online()
        self.assertRecordValues(transaction, [{"amount": 320.0, "partner_id": self.customer.id, "currency_id": self.company.currency_id.id}])
        self.assertEqual(transaction.invoice_ids, self.invoices[0] + self.invoices[2])
        self.assertEqual(self._left(), [0.0, 180.0, 0.0])
        self.assertRecordValues(checkout, [{"paid_on": self.today, "paid_amount": 320.0}])
        words = self._words(self._get(self.where))
        for said in ("Thank you for your payment", "$ 320.00", "Still due on your account: $ 180.00"):
            self.assertIn(said, words)

    def test_by_login_as_well(self):
        self._as(self.ada)
        checkout = self._choose(*self.invoices, path=self._my())
        self.assertEqual(checkout.visitor_id, self.ada.partner_id)
        transaction = self._pay_online()
        self.assertEqual(self._left(), [0.0, 0.0, 0.0])
        self.assertNotIn("/my/credit", transaction.landing_route)
        self.assertEqual(self._get(transaction.landing_route).headers["Location"].rpartition("/my/")[2], self.where.rpartition("/my/")[2])
        self.assertIn("Nothing else is due", self._words(self._get(self.where)))

    def test_contacts_of_the_customer_are_paid_together(self):
        branch = self._customer("Northwind Branch", parent_id=self.customer.id, is_company=False)
        theirs = self._invoice(60, 50.0, partner=branch)
        self._choose(self.invoices[0], theirs)
        self.assertEqual(self._pay_online().amount, 250.0)
        self.assertEqual((theirs.amount_residual, self._left()), (0.0, [0.0, 180.0, 120.0]))

    def test_another_amount_goes_to_the_oldest(self):
        whole = self._choose(*self.invoices)
        part = self._choose(*self.invoices, amount="250.50", checkout=whole.id)
        self.assertNotEqual(part, whole)
        self.assertEqual(self._choices(part), [("part", 250.5)])
        self._pay_online()
        self.assertEqual(self._left(), [0.0, 129.5, 120.0])
        self.assertEqual(part._pay_choices(), [], "what was typed is paid")
        self.assertEqual(self._choices(whole), [("all", 249.5)])

    def test_another_amount_in_the_words_of_the_reader(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.customer.lang = "de_DE"
        whole = self._choose(*self.invoices)
        self.assertEqual(self._choices(self._choose(*self.invoices, amount="250,50", checkout=whole.id)), [("part", 250.5)])

    def test_amount_that_cannot_be(self):
        whole = self._choose(*self.invoices)
        for typed, said in (("0", "above zero"), ("-5", "like"), ("500.01", "$ 500.00 is open"), ("1e3", "like"), ("nan", "like"), ("9" * 29, "like"), ("", "fill this in")):
            with self.subTest(typed):
                answer = self._tick(*self.invoices, amount=typed, checkout=whole.id)
                self.assertEqual(answer.status_code, 400)
                self.assertIn(said, self._words(answer))
                self.assertIn(f'value="{typed}"', answer.text)
        self.assertEqual(self.env["collection.checkout"].search_count([("profile_id", "=", self._profile().id)]), 1)

    def test_each_currency_is_a_payment(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        foreign = self._invoice(10, 70.0, currency=euro)
        first = self._choose(self.invoices[0], foreign)
        second = first._together() - first
        self.assertEqual([(one.currency_id, one.amount) for one in first + second], [(self.company.currency_id, 200.0), (euro, 70.0)])
        self.assertIn("Pay 70.00 €", self._words(self._get(self.where)))
        self._pay_online()
        self.assertIn("Pay 70.00 €", self._words(self._get(self.where)), "the other one is offered with the thanks")
        self._pay_online(where=self._link(f"/pay/{second.id}"))
        self.assertFalse(foreign.amount_residual)
        self.assertNotIn("Also chosen", self._words(self._get(self.where)))

    def test_a_form_sent_twice_is_one_checkout(self):
        first = self._choose(*self.invoices)
        self.assertEqual(self._choose(*self.invoices), first)
        self.assertNotEqual(self._choose(*self.invoices[:2]), first)

    def test_nothing_ticked_leads_back(self):
        answer = self._post(self._link("/pay"), {})
        self.assertEqual((answer.status_code, answer.headers["Location"].endswith(self._link()[-40:])), (303, True))

    def test_paid_meanwhile_is_left_out(self):
        self._pay(self.invoices[0])
        checkout = self._choose(*self.invoices)
        self.assertEqual(self._choices(checkout), [("all", 300.0)])
        self._pay(self.invoices[1])
        self._pay(self.invoices[2])
        self.assertIn("This is paid already", self._words(self._get(self.where)))

    def test_an_entry_of_another_account_is_paid_apart(self):
        """An opening balance may stand on a receivable account of its own; core would set off nothing against it."""
        account = self.company_data["default_account_receivable"].copy({"code": "130099"})
        entry = self.env["account.move"].create({"move_type": "entry", "date": self._due(50), "line_ids": [
            Command.create({"account_id": account.id, "partner_id": self.customer.id, "debit": 75.0, "name": "Opening"}),
            Command.create({"account_id": self.company_data["default_account_revenue"].id, "credit": 75.0})]})
        entry.action_post()
        item = entry.line_ids.filtered("debit")
        answer = self._post(self._link("/pay"), {"item": [item.id, self._item(self.invoices[0]).id]})
        first = self.env["collection.checkout"].sudo().browse(int(answer.headers["Location"].rpartition("/")[2]))
        self.assertEqual({(one.account_id, one.amount) for one in first._together()}, {
            (account, 75.0), (self.company_data["default_account_receivable"], 200.0)})
        own = first._together().filtered(lambda one: one.account_id == account)
        self._pay_online(where=self._link(f"/pay/{own.id}"))
        self.assertTrue(item.reconciled)

    # ------------------------------------------------------------------ less than all

    def test_contested_part_is_not_asked_for(self):
        reason = self.env["collection.dispute.reason"].search([], limit=1)
        self.env["collection.dispute"].create({"item_id": self._item(self.invoices[0]).id, "amount": 50.0, "reason_id": reason.id})
        checkout = self._choose(*self.invoices)
        self.assertEqual(self._choices(checkout), [("all", 450.0)])
        self.assertIn("without the part that you do not agree with", self._words(self._get(self.where)))
        self._pay_online()
        self.assertEqual(self._left(), [50.0, 0.0, 0.0], "what is contested stays open, and nothing else")

    def test_two_contested_ones_are_paid_one_by_one(self):
        reason = self.env["collection.dispute.reason"].search([], limit=1)
        for invoice in self.invoices[:2]:
            self.env["collection.dispute"].create({"item_id": self._item(invoice).id, "amount": 50.0, "reason_id": reason.id})
        first = self._choose(*self.invoices)
        self.assertEqual([self._choices(one) for one in first._together()], [[("all", 270.0)], [("all", 130.0)]])
        for one in first._together():
            self._pay_online(where=self._link(f"/pay/{one.id}"))
        self.assertEqual(self._left(), [50.0, 50.0, 0.0])

    def test_a_credit_is_taken_off_and_set_off(self):
        credit = self._invoice(3, 30.0, move_type="out_refund")
        checkout = self._choose(*self.invoices)
        self.assertEqual(self._choices(checkout), [("net", 470.0), ("all", 500.0)])
        self.assertIn("less your credit of $ 30.00", self._words(self._get(self.where)))
        self._pay_online()
        self.assertEqual((self._left(), credit.amount_residual), ([0.0, 0.0, 0.0], 0.0))

    def test_a_credit_beside_a_contested_part(self):
        """500 less 50 that are contested, less a credit of 30: 420 are paid, and 50 stay open."""
        credit = self._invoice(3, 30.0, move_type="out_refund")
        reason = self.env["collection.dispute.reason"].search([], limit=1)
        self.env["collection.dispute"].create({"item_id": self._item(self.invoices[0]).id, "amount": 50.0, "reason_id": reason.id})
        checkout = self._choose(*self.invoices)
        self.assertEqual(self._choices(checkout), [("net", 420.0), ("all", 450.0)])
        self._pay_online()
        self.assertEqual((self._left(), credit.amount_residual), ([50.0, 0.0, 0.0], 0.0))

    def test_a_credit_may_be_kept(self):
        credit = self._invoice(3, 30.0, move_type="out_refund")
        self._choose(self.invoices[0])
        self._pay_online("all")
        self.assertEqual((self._left()[0], credit.amount_residual), (0.0, 30.0))

    def test_a_credit_larger_than_what_was_chosen_is_left_alone(self):
        self._invoice(3, 300.0, move_type="out_refund")
        self.assertEqual(self._choices(self._choose(self.invoices[2])), [("all", 120.0)])
        self.assertIn("You have a credit of $ 300.00", self._words(self._get(self.where)))

    # ------------------------------------------------------------------ paying early

    def _term(self, **values):
        return self.env["account.payment.term"].create({
            "name": "2 % in 10 days", "company_id": self.company.id, "early_discount": True, "early_pay_discount_computation": "included",
            "line_ids": [Command.create({"value": "percent", "value_amount": 100, "delay_type": "days_after", "nb_days": 30})], **values})

    def _early(self, term, amount):
        return self._invoice(-30, amount, invoice_date=self.today, invoice_payment_term_id=term.id)

    def test_our_discounts_are_given_to_each_invoice(self):
        """2 % of 100 and of 50: 147 pays both, and the one that has none in full."""
        term = self._term(discount_mode="tiers", tier_ids=[Command.create({"days": 10, "percent": 2.0})])
        early = [self._early(term, 100.0), self._early(term, 50.0)]
        checkout = self._choose(*early, self.invoices[0])
        self.assertEqual(self._choices(checkout), [("early", 347.0)])
        self._pay_online()
        self.assertEqual([one.amount_residual for one in early] + self._left()[:1], [0.0, 0.0, 0.0])

    def test_cores_discounts_are_given_in_one_payment(self):
        """2 % of 100 and of 50: 98 + 49 + 200 = 347 in one payment, the discount of 3 is an expense of its entry, and nothing stays open."""
        term = self._term(discount_percentage=2.0, discount_days=10)
        early = [self._early(term, 100.0), self._early(term, 50.0)]
        checkout = self._choose(*early, self.invoices[0])
        self.assertEqual((len(checkout._together()), self._choices(checkout)), (1, [("early", 347.0)]))
        entry = self._pay_online().payment_id.move_id
        self.assertEqual([one.amount_residual for one in early] + self._left(), [0.0, 0.0, 0.0, 180.0, 120.0])
        loss = entry.line_ids.filtered(lambda line: line.account_id == self.company.account_journal_early_pay_discount_loss_account_id)
        self.assertEqual((sum(loss.mapped("balance")), sum(entry.line_ids.mapped("balance"))), (3.0, 0.0))

    def test_discounts_of_both_kinds_beside_a_contested_part(self):
        """2 % of 100 by core, of 50 by us, and 200 less 60 that are contested: 98 + 49 + 140."""
        core = self._early(self._term(discount_percentage=2.0, discount_days=10), 100.0)
        ours = self._early(self._term(discount_mode="tiers", tier_ids=[Command.create({"days": 10, "percent": 2.0})]), 50.0)
        reason = self.env["collection.dispute.reason"].search([], limit=1)
        self.env["collection.dispute"].create({"item_id": self._item(self.invoices[0]).id, "amount": 60.0, "reason_id": reason.id})
        checkout = self._choose(core, ours, self.invoices[0])
        self.assertEqual(self._choices(checkout), [("early", 287.0)])
        self._pay_online()
        self.assertEqual((core.amount_residual, ours.amount_residual, self._left()[0]), (0.0, 0.0, 60.0))

    # ------------------------------------------------------------------ housekeeping

    def test_many_invoices_need_no_queries_each(self):
        def look(count):
            customer = self._customer(f"Customer {count}")
            invoices = [self._invoice(number + 1, 10.0, partner=customer) for number in range(count)]
            items, profile = self.env["account.move.line"].concat(*map(self._item, invoices)).sudo(), self._profile(customer).sudo()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            checkout = items.env["collection.checkout"]._choose(profile, items)
            self.assertEqual(self._choices(checkout), [("all", 10.0 * count)])
            self.assertEqual((len(checkout._page_rows()), checkout._page_covered(), len(checkout._page_left())), (count, 0.0, 1))
            self.env.flush_all()
            return self.env.cr.sql_log_count - before
        look(1)
        self.assertLessEqual(look(42) - look(2), 3)

    def test_what_nobody_paid_is_forgotten(self):
        paid, begun, left, fresh = (self._choose(*some) for some in (self.invoices[:1], self.invoices[1:2], self.invoices[1:], self.invoices[2:]))
        self._pay_online(where=self._link(f"/pay/{paid.id}"))
        self._begin(self._form(self._link(f"/pay/{begun.id}")))
        (paid + begun + left).made_on = self.today - timedelta(days=61)
        self.env["collection.checkout"].sudo()._gc_checkouts()
        self.assertEqual((paid + begun + left + fresh).exists(), paid + begun + fresh)
