import re
import unittest
from unittest.mock import patch

from odoo import SUPERUSER_ID

from .account import AccountCase


class CheckoutCase(AccountCase):
    """Northwind owes 200, 180 and 120; who has the link, or the login, pays with the demo provider."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider = cls.env["payment.provider"].sudo().search([("code", "=", "demo"), ("company_id", "=", cls.company.id)])
        if not cls.provider:
            raise unittest.SkipTest("payment_demo is not installed")
        cls.provider.write({"state": "test", "is_published": True})
        cls.method = cls.env.ref("payment_demo.payment_method_demo")
        cls.method.active = True

    def setUp(self):
        super().setUp()
        self.invoices = [self._invoice(days, amount) for days, amount in ((40, 200.0), (20, 180.0), (5, 120.0))]

    # ------------------------------------------------------------------ the customer

    def _choose(self, *invoices, path=None, **data):
        """Tick invoices on the page of the account and press “Pay selected”: the checkout that this leads to."""
        answer = self._tick(*invoices, path=path, **data)
        self.assertEqual(answer.status_code, 303, self._words(answer))
        self.where = answer.headers["Location"].partition("127.0.0.1")[2].partition("/")[2]
        self.where = "/" + self.where if self.where else answer.headers["Location"]
        return self.env["collection.checkout"].sudo().browse(int(self.where.rpartition("/")[2]))

    def _tick(self, *invoices, path=None, **data):
        items = self.env["account.move.line"].concat(*map(self._item, invoices))
        return self._post((path or self._link()) + "/pay", {"item": items.ids, **data})

    def _form(self, where=None, choice=""):
        """Core's payment form on the page: what its script would send, and where to; None without one."""
        page = self._get((where or self.where) + (f"?choice={choice}" if choice else ""))
        self.assertEqual(page.status_code, 200)
        found = re.search(r'<form[^>]*id="o_payment_form"[^>]*>', page.text)
        return dict(re.findall(r'data-([a-z-]+)="([^"]*)"', found[0])) if found else None

    def _begin(self, form, **values):
        """The call by which core's form starts a payment: its answer."""
        self.env["credit.throttle"].sudo().search([]).unlink()
        return self.make_jsonrpc_request(form["transaction-route"], {
            "provider_id": self.provider.id, "payment_method_id": self.method.id, "token_id": None, "amount": float(form["amount"]), "flow": "direct",
            "tokenization_requested": False, "landing_route": form["landing-route"], "is_validation": False, "access_token": form["access-token"],
            **values})

    def _pay_online(self, choice="", state="done", where=None):
        """Paid with the demo provider; the transaction."""
        begun = self._begin(self._form(where, choice))
        self.make_jsonrpc_request("/payment/demo/simulate_payment", {
            "reference": begun["reference"], "payment_details": "1234", "simulated_state": state})
        landed = self.make_jsonrpc_request("/payment/status/poll", {})
        self.env.invalidate_all()
        transaction = self.env["payment.transaction"].sudo().search([("reference", "=", begun["reference"])])
        self.assertEqual((landed["state"], transaction.state), (state, state))
        return transaction

    # ------------------------------------------------------------------ then

    def _left(self):
        return [invoice.amount_residual for invoice in self.invoices]

    def _choices(self, checkout):
        return [(code, amount) for code, _label, amount in checkout._pay_choices()]

    def _follows(self):
        """What the job does soon after a payment."""
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *_args, **_values: 1):
            self.env["collection.thanks"].with_user(SUPERUSER_ID)._cron_thank()
        self.env.invalidate_all()
