from datetime import timedelta
from unittest.mock import patch

from odoo import SUPERUSER_ID
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CollectionCommon


@tagged("post_install", "-at_install")
class TestThanks(CollectionCommon):
    """Who is thanked for paying, and who is not."""

    def setUp(self):
        super().setUp()
        self.company.collection_thanks = "always"

    def _thank(self):
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *_args, **_values: 1):
            self.env["collection.thanks"].with_user(SUPERUSER_ID)._cron_thank()
        return self._mails()

    def _mails(self, partner=None):
        address = (partner or self.customer).email
        return self.env["mail.mail"].sudo().search([("email_to", "=", address), ("subject", "like", "Thank you")])

    def _reminded(self, *args, **values):
        """An invoice that somebody was reminded of."""
        invoice = self._invoice(*args, **values)
        self._sent(self._run())
        return invoice

    def test_nobody_is_thanked_unless_the_company_wants_it(self):
        self.company.collection_thanks = "never"
        self._pay(self._invoice())
        self.assertFalse(self._thank())

    def test_a_mail_says_what_was_paid(self):
        invoice = self._invoice(10, 123.45)
        self._pay(invoice)
        mail = self._thank()
        self.assertEqual(len(mail), 1)
        for said in ("Dear Northwind", "123.45", invoice.name, self.company.name):
            self.assertIn(said, mail.body_html)
        self.assertNotIn("object.", mail.body_html)
        self.assertIn("Thank you for your payment", self._profile().message_ids[:1].body)

    def test_in_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.env.ref("account_credit_collection.collection_thanks_mail_template").with_context(lang="de_DE").subject = "Vielen Dank: Thank you"
        self.customer.lang = "de_DE"
        self._pay(self._invoice(10, 1234.5))
        mail = self._thank()
        self.assertEqual(mail.subject, "Vielen Dank: Thank you")
        self.assertIn("1.234,50", mail.body_html)

    def test_once_a_day(self):
        first, second = self._invoice(-5), self._invoice(-6)
        self._pay(first)
        self.assertEqual(len(self._thank()), 1)
        self._pay(second)
        self.assertEqual(len(self._thank()), 1)

    def test_one_mail_for_all_that_was_paid_that_day(self):
        for days in (10, 20):
            self._pay(self._invoice(days, 50.0))
        mail = self._thank()
        self.assertEqual(len(mail), 1)
        self.assertIn("100.00", mail.body_html)

    def test_only_with_nothing_left_to_ask_for(self):
        first, second = self._invoice(20), self._invoice(10)
        self._pay(first)
        self.assertFalse(self._thank())
        self._pay(second)
        self.assertEqual(len(self._thank()), 1, "and then for both")

    def test_what_is_not_due_yet_speaks_against_nothing(self):
        self._invoice(-10)
        self._pay(self._invoice(10))
        self.assertEqual(len(self._thank()), 1)

    def test_only_the_reminded_where_so_set(self):
        self.company.collection_thanks = "reminded"
        reminded, other = self._reminded(10), self._customer("Westwind")
        quiet = self._invoice(3, partner=other)
        self._pay(reminded), self._pay(quiet)
        self.assertEqual((len(self._thank()), len(self._mails(other))), (1, 0))

    def test_what_we_paid_back_is_no_payment(self):
        paid, back = self._on_account(75.0), self.env["account.payment"].create({
            "payment_type": "outbound", "partner_type": "customer", "partner_id": self.customer.id, "amount": 75.0, "date": self.today,
            "journal_id": self.company_data["default_journal_bank"].id})
        back.action_post()
        (paid.move_id.line_ids + back.move_id.line_ids).filtered(lambda line: line.account_type == "asset_receivable").reconcile()
        self.assertFalse(self._thank())

    def test_an_old_payment_matched_anew_is_none(self):
        self._pay(self._invoice(220), on=self._due(200))
        self.assertFalse(self._thank())

    def test_what_is_due_today_is_still_asked_for(self):
        self._invoice(0)
        self._pay(self._invoice(10))
        self.assertFalse(self._thank())

    def test_one_broken_mail_stops_no_other(self):
        other = self._customer("Westwind")
        self._pay(self._invoice(10)), self._pay(self._invoice(10, partner=other))
        Thanks = type(self.env["collection.thanks"])
        send = Thanks._send

        def break_one(record, who):
            if record.profile_id == self._profile():
                raise ValueError("broken")
            return send(record, who)

        with patch.object(Thanks, "_send", break_one), mute_logger("odoo.addons.account_credit_collection.models.credit_profile_night"):
            self._thank()
        self.assertEqual((len(self._mails()), len(self._mails(other))), (0, 1))
        self.assertEqual(len(self._thank()), 1, "the next time")

    def test_a_credit_note_is_no_payment(self):
        invoice = self._invoice(10)
        invoice._reverse_moves([{"date": self.today}], cancel=True)
        self.assertFalse(self._thank())

    def test_a_payment_taken_back_before_is_none(self):
        payment = self._pay(self._invoice(-5))
        payment.action_draft()
        self.assertFalse(self._thank())

    def test_not_while_something_is_contested(self):
        contested = self._invoice(-5, 80.0)
        reason = self.env["collection.dispute.reason"].search([], limit=1)
        self.env["collection.dispute"].create({"item_id": self._item(contested).id, "amount": 20.0, "reason_id": reason.id})
        self._pay(self._invoice(10))
        self.assertFalse(self._thank())

    def test_not_who_is_left_alone(self):
        self._profile().sudo().stop_kind = "ceased"
        self._pay(self._invoice(10))
        self.assertFalse(self._thank())
        self.assertFalse(self.env["collection.thanks"].search_count([]))

    def test_not_after_the_thanks_of_a_plan(self):
        invoice = self._invoice(10)
        plan = self.env["collection.plan"].sudo().create({
            "name": "PLAN/T", "profile_id": self._profile().id, "currency_id": self.company.currency_id.id, "made_on": self.today, "made_by": self.env.uid,
            "first_on": self.today, "state": "finished", "thanked_on": self.today})
        self._pay(invoice)
        self.assertFalse(self._thank())
        plan.thanked_on = self.today - timedelta(days=30)
        self.assertEqual(len(self._thank()), 1)

    def test_payments_of_long_ago_are_over(self):
        self._pay(self._invoice(10))
        self.env.flush_all()
        self.env.cr.execute("UPDATE account_partial_reconcile SET create_date = create_date - interval '5 days'")
        self.assertFalse(self._thank())

    def test_counts_as_a_contact_where_so_set(self):
        self._pay(self._invoice(10))
        self._thank()
        read = lambda: self.env["collection.reader"]._read_contacts(self._profile(), self.today, 7)  # noqa: E731
        self.assertEqual(read(), {})
        self.company.collection_thanks_count = True
        self.assertEqual(read(), {self._profile().id: (self.today,)})

    def test_merged_customers_keep_one_for_a_day(self):
        other = self._customer("Westwind")
        for partner in (self.customer, other):
            self._pay(self._invoice(10, partner=partner))
        self._thank()
        yesterday = self.env["collection.thanks"].sudo().create({
            "profile_id": self._profile(other).id, "paid_on": self.today - timedelta(days=1), "sent_on": self.today - timedelta(days=1), "paid": []})
        self.assertEqual(len(self._mails(other)), 1)
        self.env["base.partner.merge.automatic.wizard"].sudo().create({})._merge((self.customer + other).ids, self.customer)
        self.env.invalidate_all()
        kept = self.env["collection.thanks"].sudo().search([("profile_id", "=", self._profile().id)])
        self.assertEqual((sorted(kept.mapped("paid_on")), yesterday.profile_id), ([self.today - timedelta(days=1), self.today], self._profile()))

    def test_booking_payments_looks_for_nobody_to_thank(self):
        """However many are booked, the look is the job's: no query of ours about thanks is made with a payment."""
        invoices = [self._invoice(10, 10.0 + number) for number in range(3)]
        self.patch(type(self.env["collection.thanks"]), "_thank", lambda *_args: self.fail("looked for while a payment was booked"))
        for invoice in invoices:
            self._pay(invoice)
        self.assertFalse(self._mails())

    def test_a_fixed_number_of_queries_finds_whom(self):
        def look(count):
            customers = [self._customer(f"Customer {count} {number}") for number in range(count)]
            for customer in customers:
                self._pay(self._invoice(10, partner=customer))
                self._profile(customer).excluded = True  # found, and not written to
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["collection.thanks"].sudo()._thank(self.company)
            return self.env.cr.sql_log_count - before
        look(1)
        self.assertLessEqual(look(12) - look(2), 2)
