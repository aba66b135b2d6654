from odoo import api, models

from ..engine.money import exact
from .collection_promise import METHODS

TEXT = 1000  # letters of what a customer tells


class CreditForm(models.AbstractModel):
    """What a customer is asked when it says something about its invoices."""

    _inherit = "credit.form"

    @api.model
    def _promise(self, currency):
        methods = self.env["collection.promise"]._fields["method"]._description_selection(self.env)
        return [
            self._field("promised_on", self.env._("I pay by"), kind="date", required=True, length=10, wide=False),
            self._field("amount", self.env._("Amount"), kind="amount", required=True, length=25, positive=True, decimals=currency.decimal_places,
                        suffix=currency.name, wide=False),
            self._field("method", self.env._("How will you pay?"), kind="choice", required=True, length=20,
                        options=[(code, label) for code, label in methods if code in dict(METHODS)]),
        ]

    @api.model
    def _dispute(self, currency):
        # sudo: customers may know the reasons they choose from
        reasons = self.env["collection.dispute.reason"].sudo().search([("is_public", "=", True)])
        return [
            self._field("reason_id", self.env._("What is wrong?"), kind="choice", required=True, length=10,
                        options=[(str(reason.id), reason.name) for reason in reasons]),
            self._field("amount", self.env._("Which amount is wrong?"), kind="amount", required=True, length=25, positive=True,
                        decimals=currency.decimal_places, suffix=currency.name, wide=False, help=self.env._("The rest of the invoice stays due.")),
            self._note(self.env._("What happened?"), required=True),
        ]

    @api.model
    def _dispute_note(self):
        return [self._note(self.env._("What do you want to add?"))]

    @api.model
    def _plan_wish(self, most):
        numbers = [(str(number), str(number)) for number in range(2, most + 1)]
        return [
            self._field("parts", self.env._("In how many parts?"), kind="choice", required=True, length=3, options=numbers, wide=False),
            self._field("first_on", self.env._("First part on"), kind="date", required=True, length=10, wide=False),
        ]

    @api.model
    def _plan_note(self):
        return [self._note(self.env._("What should we know?"))]

    def _note(self, label, required=False):
        return self._field("text", label, kind="lines", required=required, length=TEXT)

    @api.model
    def _amount_text(self, amount, currency, company):
        """An amount as the reader would type it."""
        return f"{exact(currency.round(amount)):.{currency.decimal_places}f}".replace(".", self._reader(company).point)
