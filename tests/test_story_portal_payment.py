import re
from datetime import timedelta

from odoo.fields import Command
from odoo.tests import tagged

from ..models.collection_plan_terms import AGREED
from .checkout import CheckoutCase
from .credit import CreditCommon
from .smtp import SmtpCase
from .test_credit_upload import pdf


@tagged("post_install", "-at_install", "browser")
class TestStoryPortalPayment(SmtpCase, CheckoutCase):
    """Three invoices are overdue, a reminder goes out, and its link leads to the end of the matter."""

    def test_story_portal_payment(self):
        self.company.collection_thanks = "reminded"
        run = self._run()
        with self.smtp() as sink:
            path = self._reminded(sink)
            self.start_tour(path, "portal_payment")
            self.env.invalidate_all()
            self._is_reconciled()
            self._is_thanked(sink)
        self._is_closed(run)

    def _reminded(self, sink):
        """The path of the link in the mail that really went out."""
        self._perform()
        mail = sink.mails[0]
        self.assertEqual((len(sink.mails), mail.envelope_to), (1, ["northwind@customer.example"]))
        return re.search(r"https?://[^/]+(/collections/\d+/[A-Za-z0-9_-]+)\"", self.html(mail))[1]

    def _is_reconciled(self):
        """One payment of 500 pays all three."""
        self.assertEqual(self._left(), [0.0, 0.0, 0.0])
        payment = self.env["account.payment"].search([("partner_id", "=", self.customer.id)])
        self.assertRecordValues(payment, [{"amount": 500.0, "reconciled_invoices_count": 3}])

    def _is_thanked(self, sink):
        """Once, for all that was paid."""
        for _time in range(2):
            self._follows()
        self.env["mail.mail"].sudo().search([("email_to", "=", "northwind@customer.example"), ("state", "=", "outgoing")]).send()
        thanks = sink.mails[1:]
        self.assertEqual([mail["Subject"] for mail in thanks], ["Thank you for your payment"])
        self.assertIn("500.00", self.html(thanks[0]).replace("\xa0", " "))

    def _is_closed(self, run):
        """Nothing further is sent on any day, and the picture of the customer is of today."""
        self.assertEqual(run.action_ids.mapped("state"), ["sent"])
        self.assertFalse(self._run(8).action_ids)
        self.assertFalse(self._run(30).action_ids)
        self.assertRecordValues(self._profile(), [{"overdue": 0.0, "balance": 0.0, "work_band": False}])

    def test_story_a_part_only(self):
        """250.50 of 500: the oldest first, and the follow-up goes on with the rest."""
        self._sent(self._run(-10))
        self.start_tour(self._link(), "portal_payment_part")
        self.env.invalidate_all()
        self.assertEqual(self._left(), [0.0, 129.5, 120.0])
        run = self._run(8)
        self.assertEqual({line.item_id.move_id: line.residual for line in run.action_ids.line_ids}, dict(zip(self.invoices[1:], (129.5, 120.0))))


@tagged("post_install", "-at_install", "browser")
class TestStoryPortalPaymentTelephone(TestStoryPortalPayment):
    """The same on a telephone."""

    browser_size = "390x844"
    touch_enabled = True
    allow_inherited_tests_method = True


@tagged("post_install", "-at_install")
class TestStoryPortalPaymentEnds(CheckoutCase, CreditCommon):
    """What else was waiting for the payment comes to its end with it."""

    def test_story_promise_kept(self):
        items = self.env["account.move.line"].concat(*map(self._item, self.invoices))
        promise = self.env["collection.promise"].create({
            "promised_on": self.today + timedelta(days=2), "line_ids": [Command.create({"item_id": item.id}) for item in items]})
        self._choose(*self.invoices[:2])
        self._pay_online()
        self.assertRecordValues(promise, [{"state": "open", "paid_amount": 380.0}])
        self._choose(self.invoices[2])
        self._pay_online()
        self.assertRecordValues(promise, [{"state": "kept", "paid_amount": 500.0}])

    def test_story_part_of_a_plan_met(self):
        """500 in five parts of 100: paying the first invoice of 200 on the account meets two of them."""
        plan = self._plan()
        self._choose(self.invoices[0])
        self._pay_online()
        self.assertEqual(plan.installment_ids.sorted("number").mapped("state"), ["paid", "paid", "open", "open", "open"])
        self._choose(*self.invoices[1:])
        self._pay_online()
        self._follows()
        self.assertRecordValues(plan, [{"state": "finished", "open_amount": 0.0, "thanked_on": self.today}])

    def test_story_one_mail_of_thanks_only(self):
        """Who is thanked for keeping a plan is not thanked once more for its last payment."""
        self.company.collection_thanks = "always"
        self._plan()
        self._choose(*self.invoices)
        self._pay_online()
        self._follows()
        mails = self.env["mail.mail"].sudo().search([("email_to", "like", "northwind@customer.example"), ("subject", "like", "Thank you")])
        self.assertEqual(len(mails), 1)
        self.assertIn("PLAN", mails.subject)

    def test_story_hold_released(self):
        """600 of credit, 500 taken up: an order of 400 waits until the customer has paid."""
        self._grant(600.0)
        order = self._confirmed(400.0)
        self.assertEqual(order.credit_state, "held")
        self._choose(*self.invoices)
        self._pay_online()
        self._follows()
        self.assertEqual((order.credit_state, self._hold(order).state), ("passed", "obsolete"))

    def _plan(self):
        self.patch(type(self.env["collection.plan"]), "_render", lambda *_args: pdf())
        template = self.env["collection.plan.template"].create({
            "name": "Test plan", "company_id": self.company.id, "currency_id": self.company.currency_id.id, "down_percent": 20, "count": 4,
            "rhythm": "monthly", "max_days_late": 14, "accept_days": 10, "year_limit": 0})
        items = self.env["account.move.line"].concat(*map(self._item, self.invoices))
        plan = self.env["collection.plan"]._draw(self._profile(), items, template, {
            **{name: template[name] for name in AGREED}, "down_amount": 100.0, "down_on": self.today, "first_on": self.today + timedelta(days=30)})
        plan.action_offer()
        plan.sudo()._accept("Ada Miller", "127.0.0.1", "Test", plan.document_hash)
        return plan.sudo()
