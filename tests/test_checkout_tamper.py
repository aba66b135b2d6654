import json

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

from .checkout import CheckoutCase

NAMES = ("Northwind", "$ 200.00", "$ 500.00", "200.00")


@tagged("post_install", "-at_install")
class TestCheckoutTamper(CheckoutCase):
    """Only what the page offers is paid, by whom it is offered (R-89)."""

    def _refused(self, form, **values):
        with self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
            self._begin(form, **values)

    def _transactions(self):
        return self.env["payment.transaction"].sudo().search([("agreement_model", "=", "collection.checkout")])

    def test_only_what_the_page_offered(self):
        theirs = self._invoice(9, 77.0, partner=self.other)
        foreign = self._choose(theirs, path=self._link(partner=self.other))
        other = self._form()
        part = self._choose(self.invoices[0], amount="50")
        typed = self._form()
        checkout = self._choose(*self.invoices)
        form = self._form()
        base = form["transaction-route"].rpartition("/")[0]
        for why, values in {
                "less": {"amount": 1.0}, "more": {"amount": 4000.0}, "negative": {"amount": -500.0}, "huge": {"amount": 1e308}, "text": {"amount": "500"},
                "stamp": {"access_token": "x"}, "no stamp": {"access_token": None},
                "stamp of another customer": {"access_token": other["access-token"]}, "stamp of a part": {"access_token": typed["access-token"]},
                "saved card": {"flow": "token", "token_id": 1}, "another method": {"payment_method_id": self.method.id + 100000},
                "another provider": {"provider_id": self.provider.id + 100000}, "validation": {"is_validation": True},
                "foreign customer": {"partner_id": self.other.id}, "another currency": {"currency_id": self.env.ref("base.EUR").id},
                "foreign invoice": {"invoice_ids": [Command.set(theirs.ids)]}}.items():
            with self.subTest(why):
                self._refused(form, **values)
        for why, route in {
                "unknown choice": f"{base}/none", "another customer's": self._link(f"/pay/{foreign.id}/transaction/all"),
                "not the next": self._link(f"/pay/{checkout.id + 1}/transaction/all"), "none": self._link("/pay/0/transaction/all"),
                "huge": self._link(f"/pay/{2 ** 31}/transaction/all"), "half a token": self._link(f"/pay/{checkout.id}/transaction/all", token="x" * 70),
                "a part's": self._link(f"/pay/{part.id}/transaction/all"), "not logged in": self._my(f"/pay/{checkout.id}/transaction/all")}.items():
            with self.subTest(why):
                self._refused({**form, "transaction-route": route})
        self.provider.is_published = False
        self._refused(form)
        self.assertFalse(self._transactions())

    def test_no_number_makes_no_amount(self):
        """What is no JSON number never reaches the books: at most a payment of what the server says."""
        self._choose(*self.invoices)
        form = self._form()
        for number in ("Infinity", "-Infinity", "NaN", "1e999"):
            call = json.dumps({"jsonrpc": "2.0", "method": "call", "id": 1, "params": {
                "provider_id": self.provider.id, "payment_method_id": self.method.id, "token_id": None, "amount": 0, "flow": "direct", "tokenization_requested": False,
                "landing_route": form["landing-route"], "is_validation": False, "access_token": form["access-token"]}}).replace('"amount": 0', f'"amount": {number}')
            with mute_logger("odoo.http"):
                self.url_open(form["transaction-route"], data=call, headers={"Content-Type": "application/json"})
        self.assertLessEqual(set(self._transactions().mapped("amount")), {500.0})

    def test_items_of_somebody_else_make_no_checkout(self):
        theirs = self._item(self._invoice(9, 77.0, partner=self.other))
        income = self.invoices[0].invoice_line_ids
        own = self._item(self.invoices[0])
        for why, items in {"another customer's": [own.id, theirs.id], "only theirs": [theirs.id], "no receivable": [income.id], "unknown": [2 ** 31 - 1], "too large": [2 ** 31],
                           "huge": ["9" * 60], "zero": [0], "negative": [-own.id], "text": ["x"], "digits of another script": ["١"]}.items():
            with self.subTest(why):
                answer = self._post(self._link("/pay"), {"item": items})
                self.assertEqual(answer.status_code, 404)
                self.assertNotIn("77.00", answer.text)
        self.assertEqual(self._post(self._link("/pay"), {"item": [own.id], "profile_id": self._profile(self.other).id}).status_code, 400)
        self.assertEqual(self._post(self._link("/pay"), {"item": [own.id]}, csrf=False).status_code, 400)
        self.assertFalse(self.env["collection.checkout"].search_count([("profile_id", "in", (self._profile() + self._profile(self.other)).ids)]))

    def test_a_checkout_is_for_its_customer_alone(self):
        checkout = self._choose(*self.invoices)
        self._as(self.bert)
        ways = [self._my(f"/pay/{checkout.id}"), self._my(f"/pay/{checkout.id}", partner=self.other), self._link(f"/pay/{checkout.id}", partner=self.other),
                self._my(f"/pay/{checkout.id + 1}", partner=self.other), f"/collections/checkout/{checkout.id}/paid"]
        self._as(None)
        for user in (self.bert, None):
            self._as(user)
            for path in ways:
                with self.subTest(user=user, path=path.rpartition("/")[0]):
                    answer = self._get(path)
                    self.assertIn(answer.status_code, (303, 404) if user is None and path.startswith("/my") else (404,))
                    for name in NAMES:
                        self.assertNotIn(name, answer.text)

    def test_looking_changes_nothing(self):
        checkout = self._choose(*self.invoices)
        self.env.flush_all()
        before = self.env["collection.checkout"].search_count([]), checkout.write_date, self.invoices[0].access_token
        self._get(self.where), self._get(self.where + "?choice=all"), self._get(self.where + "?choice=none"), self._get(self.where + "?account=1&checkout_id=2")
        self.env.invalidate_all()
        self.assertEqual((self.env["collection.checkout"].search_count([]), checkout.write_date, self.invoices[0].access_token), before)
        self.assertEqual(self._get(self._link("/pay")).status_code, 405)

    def test_staff_see_and_do_not_pay(self):
        self._choose(*self.invoices)
        form, where = self._form(), self.where
        staff = new_test_user(self.env, "mara", "base.group_user,account_credit_collection.group_manager", password="mara", company_id=self.company.id,
                              company_ids=[Command.set(self.company.ids)])
        self._as(staff)
        self.assertIn("$ 500.00", self._words(self._get(where)))
        self.assertIsNone(self._form(where))
        self._refused(form)
        count = self.env["collection.checkout"].search_count([])
        self.assertEqual(self._tick(self.invoices[0]).status_code, 303)
        self.assertEqual(self.env["collection.checkout"].search_count([]), count)

    # ------------------------------------------------------------------ twice

    def test_double_click_is_one_payment(self):
        self._choose(*self.invoices)
        form = self._form()
        self.assertEqual(self._begin(form)["reference"], self._begin(form)["reference"])
        self.assertEqual(len(self._transactions()), 1)

    def test_a_page_is_paid_once(self):
        self._choose(*self.invoices)
        form = self._form()
        self._pay_online()
        self._refused(form)
        self.assertEqual((len(self._transactions()), self._left()), (1, [0.0, 0.0, 0.0]))

    def test_the_same_invoice_in_another_window(self):
        """Two choices with an invoice in common: while one is at the provider, the other waits; and then it asks for the rest only."""
        self._choose(*self.invoices[:2])
        self._begin(self._form())
        self._as(self.ada)  # another session
        self._choose(*self.invoices[1:], path=self._my())
        self._refused(self._form())
        self._as(None)
        self._choose(*self.invoices[:2])
        self.env["payment.transaction"].sudo().search([("state", "=", "draft")])._set_canceled()
        self._pay_online()
        self._as(self.ada)
        self._choose(*self.invoices[1:], path=self._my())
        self.assertEqual(self._pay_online().amount, 120.0)
        self.assertEqual(self._left(), [0.0, 0.0, 0.0])

    def test_what_is_on_its_way_is_not_asked_for_again(self):
        checkout = self._choose(*self.invoices[:2])
        form = self._form()
        self._pay_online(state="pending")
        self._refused(form)
        self.assertEqual(checkout._pay_choices(), [])
        self.assertIn("Your payment is on its way", self._words(self._get(self.where)))
        self.assertEqual(self._choices(self._choose(*self.invoices)), [("all", 120.0)])

    def test_failed_payment_can_be_made_again(self):
        self._choose(*self.invoices)
        for state in ("cancel", "error"):
            self._pay_online(state=state)
            self.assertEqual(self._left(), [200.0, 180.0, 120.0])
        self._pay_online()
        self.assertEqual(self._left(), [0.0, 0.0, 0.0])

    def test_paid_by_transfer_while_the_page_is_open(self):
        self._choose(*self.invoices)
        form = self._form()
        self._pay(self.invoices[0])
        self._refused(form)

    def test_paid_by_transfer_while_at_the_provider(self):
        """The money is there all the same: what it is too much is a credit on the account."""
        self._choose(self.invoices[0])
        begun = self._begin(self._form())
        self._pay(self.invoices[0])
        self.make_jsonrpc_request("/payment/demo/simulate_payment", {"reference": begun["reference"], "payment_details": "1234", "simulated_state": "done"})
        self.make_jsonrpc_request("/payment/status/poll", {})
        self.env.invalidate_all()
        items = self._profile().sudo()._account_items().filtered(lambda item: item.amount_residual < 0)
        self.assertEqual((items.mapped("amount_residual"), self._left()), ([-200.0], [0.0, 180.0, 120.0]))

    # ------------------------------------------------------------------ how the page is served

    def test_headers(self):
        self._choose(*self.invoices)
        headers = self._get(self.where).headers
        self.assertLessEqual({"Referrer-Policy": "strict-origin", "Cache-Control": "no-store", "X-Robots-Tag": "noindex", "X-Frame-Options": "DENY"}.items(),
                             dict(headers).items())
        self.assertIn("frame-ancestors 'none'", headers["Content-Security-Policy"])

    def test_without_a_provider_the_bank_account_is_shown(self):
        self.provider.is_published = False
        self.company_data["default_journal_bank"].bank_account_id = self.env["res.partner.bank"].create({
            "acc_number": "BE15001559627230", "partner_id": self.company.partner_id.id})
        checkout = self._choose(*self.invoices)
        page = self._get(self.where)
        self.assertNotIn("o_payment_form", page.text)
        self.assertIn("BE15001559627230", page.text.replace(" ", ""))
        self.assertIn(checkout.name, self._words(page))

    def test_nobody_makes_or_changes_one_by_hand(self):
        checkout = self._choose(*self.invoices)
        manager = new_test_user(self.env, "mara", "account_credit_collection.group_manager", company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        with self.assertRaises(AccessError):
            checkout.with_user(manager).paid_on = self.today
        with self.assertRaises(AccessError):
            self.env["collection.checkout"].with_user(manager).create({"profile_id": checkout.profile_id.id})
