from unittest.mock import patch

from odoo import SUPERUSER_ID

from .account import AccountCase
from .online import OnlineCase


class CheckoutCase(OnlineCase, AccountCase):
    """Northwind owes 200, 180 and 120; who has the link, or the login, pays with the demo provider."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._open_provider()

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
        """Core's payment form on the page of the checkout, None without one."""
        return self._form_of((where or self.where) + (f"?choice={choice}" if choice else ""))

    def _pay_online(self, choice="", state="done", where=None):
        """Paid with the demo provider; the transaction."""
        reference = self._pay_form(self._form(where, choice), state)
        transaction = self.env["payment.transaction"].sudo().search([("reference", "=", reference)])
        self.assertEqual(transaction.state, state)
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
