from odoo import fields, models

from ..engine.ledger import ZERO
from ..engine.money import exact
from .collection_payable_transaction import NO_MONEY_YET, ON_ITS_WAY

KEY = ("company_id", "currency_id", "account_id")


class CollectionCheckout(models.Model):
    """The customer's credits beside what is paid: each is taken off once."""

    _inherit = "collection.checkout"

    credit_before = fields.Monetary("Credit for the others", readonly=True, help="What of the customer's credits is for what was chosen together with it and comes first.")

    def _credits(self):
        """Credit notes and money on account that nothing was set off against yet."""
        items = self.profile_id._account_items()
        return items.filtered(lambda item: item.amount_residual_currency < 0 and all(item[name] == self[name] for name in KEY))

    def _credit(self):
        """What of the customer's credits may be set off here; left alone while money for the same is on its way."""
        if self._pay_flying():
            return 0.0
        credit = sum((exact(-item.amount_residual_currency) for item in self._credits()), ZERO)
        return float(max(ZERO, credit - self._credit_taken() - exact(self.credit_before))) if credit else 0.0

    def _credit_taken(self):
        """What other payments, on their way or begun a moment ago, take of the same credits. One begun of the same invoices has to end first anyway."""
        found = self.env["payment.transaction"].sudo().search([  # sudo: the payer is nobody here
            ("agreement_model", "=", self._name), ("agreement_credit", ">", 0), ("partner_id", "=", self._pay_partner().id),
            ("state", "in", ("draft", *ON_ITS_WAY, "done")), ("provider_code", "not in", NO_MONEY_YET)])
        live = found.filtered(lambda one: one._is_flying() or one._is_begun() and not one.invoice_ids & self._pay_moves())
        return sum((exact(one.agreement_credit) for one in live if all(one._checkout()[name] == self[name] for name in KEY)), ZERO)

    # ------------------------------------------------------------------ chosen

    def _spread_credits(self):
        """Of what was chosen together the first one comes first with the credits, so that none is promised twice."""
        before = {}
        for one in self:
            key = tuple(one[name] for name in KEY)
            one.credit_before = before.get(key, 0.0)
            before[key] = before.get(key, 0.0) + one._pay_open()

    def _ask_to_set_off(self):
        """A person sets off the credit that is enough for what was chosen: the customer need not pay it."""
        for one in self:
            credit = not one.is_part and one._page_covered()
            if credit:
                one._credit_task(min(credit, one._pay_open()))

    def _credit_task(self, amount):
        env = self.profile_id._chatter_env()
        self.profile_id._task("account_credit_collection.mail_activity_collection_task", env._(
            "Set off the credit of %(credit)s against %(documents)s", credit=self.currency_id.with_env(env).format(float(amount)), documents=self.subject))

    # ------------------------------------------------------------------ paid

    def _set_off_credits(self, taken):
        """The oldest credit against the oldest item, as far as the payment left it open; where more than was ``taken`` would go, a person does it."""
        credits = self._credits()
        open_amount = sum((exact(item.amount_residual_currency) for item in self._pay_items()), ZERO)
        if min(open_amount, sum((exact(-item.amount_residual_currency) for item in credits), ZERO)) > taken:
            self._credit_task(taken)
            return
        for item in self._pay_items():
            for credit in credits:
                if item.reconciled:
                    break
                if not credit.reconciled:
                    (credit + item).reconcile()
