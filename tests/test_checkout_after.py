from datetime import timedelta

from odoo.fields import Command
from odoo.tests import tagged

from .checkout import CheckoutCase
from .credit import CreditCommon


@tagged("post_install", "-at_install")
class TestCheckoutAfter(CheckoutCase):
    """What follows when a customer paid online."""

    def test_a_promise_is_kept(self):
        item = self._item(self.invoices[0])
        promise = self.env["collection.promise"].create({
            "promised_on": self.today + timedelta(days=3), "line_ids": [Command.create({"item_id": item.id})]})
        self._choose(self.invoices[0])
        self._pay_online()
        self.assertRecordValues(promise, [{"state": "kept", "paid_amount": 200.0}])

    def test_contacts_about_it_are_called_off_at_once(self):
        self._level(self.policy, 5, channels=("call",))
        other = self._customer("Westwind")
        self._invoice(10, 60.0, partner=other)
        run = self._run()
        own = run.action_ids.filtered(lambda action: action.partner_id == self.customer)
        self.assertTrue(own and all(action.state in ("ready", "planned", "waiting") for action in own))
        self._choose(*self.invoices)
        self._pay_online()
        self.assertEqual(set(own.mapped("state")), {"cancelled"})
        self.assertEqual(set(own.mapped("reason")), {"settled"})
        self.assertNotIn("cancelled", (run.action_ids - own).mapped("state"), "of other customers nothing is called off")

    def test_contacts_about_more_than_that_stay(self):
        run = self._run()
        self._choose(self.invoices[0])
        self._pay_online()
        self.assertNotIn("cancelled", run.action_ids.mapped("state"))

    def test_standing_is_refreshed_soon(self):
        profile = self._profile().sudo()
        profile._refresh(self.company, self.today)
        self.assertEqual((profile.overdue, profile.balance), (500.0, 500.0))
        self._choose(*self.invoices[:2])
        transaction = self._pay_online()
        self.assertFalse(transaction.is_collection_followed)
        self._follows()
        self.assertEqual((profile.overdue, profile.balance, transaction.is_collection_followed), (120.0, 120.0, True))

    def test_core_s_own_page_is_followed_too(self):
        """Paid on the page of a single invoice, with no checkout of ours."""
        run, profile = self._run(), self._profile().sudo()
        transaction = self.env["payment.transaction"].sudo().create({
            "provider_id": self.provider.id, "payment_method_id": self.method.id, "amount": 500.0, "currency_id": self.company.currency_id.id,
            "partner_id": self.customer.id, "reference": "elsewhere", "operation": "online_direct",
            "invoice_ids": [Command.set([invoice.id for invoice in self.invoices])]})
        transaction._set_done()
        transaction._post_process()
        self.assertEqual(run.action_ids.mapped("state"), ["cancelled"])
        self._follows()
        self.assertEqual((profile.overdue, self._left()), (0.0, [0.0, 0.0, 0.0]))

    def test_a_failure_costs_nobody_the_payment(self):
        self._choose(*self.invoices)
        self._pay_online()
        self.patch(type(self.env["credit.profile"]), "_refresh", lambda *_args: 1 / 0)
        self._follows()
        self.assertEqual(self._left(), [0.0, 0.0, 0.0])
        beat = self.env["collection.heartbeat"].sudo().search([("job", "=", "thanks")])
        self.assertEqual(beat.last_error, f"profile {self._profile().id}")


@tagged("post_install", "-at_install")
class TestCheckoutHold(CheckoutCase, CreditCommon):
    """500 of 600 are taken up: what is over 100 waits, until enough is paid."""

    def setUp(self):
        super().setUp()
        self._grant(600.0)

    def _pays(self, *invoices):
        self._choose(*invoices)
        self._pay_online()
        self._follows()

    def test_an_order_is_off_hold(self):
        order = self._confirmed(400)
        hold = self._hold(order)
        self._pays(self.invoices[0])
        self.assertEqual((hold.state, order.credit_state), ("held", "held"), "300 are still taken up")
        self._pays(self.invoices[1])
        self.assertEqual((hold.state, order.credit_state, order.state), ("obsolete", "passed", "draft"), "a person confirms it")
        self.assertIn("off credit hold", order.activity_ids.filtered(lambda one: one.active)[:1].summary)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_an_invoice_is_off_hold(self):
        invoice = self._invoice(-10, 400.0)
        hold = self._hold(invoice)
        self.assertEqual((invoice.state, hold.state), ("draft", "held"))
        self._pays(*self.invoices)
        self.assertEqual((hold.state, invoice.credit_state, invoice.state), ("obsolete", "passed", "draft"))

    def test_a_transfer_changes_no_hold_by_itself(self):
        """Paying by transfer is checked when somebody tries again, as ever; nothing is done behind the desk's back."""
        order = self._confirmed(400)
        self._pay(self.invoices[0]), self._pay(self.invoices[1])
        self._follows()
        self.assertEqual(self._hold(order).state, "held")
