from datetime import timedelta

from odoo import api, fields, models

from ..engine.money import exact

ON_ITS_WAY = ("pending", "authorized")
# A transfer that somebody still has to make is no money on its way; core sees it so too.
NO_MONEY_YET = ("none", "custom")
# How long a payment may be on its way; one that takes longer is a person's to look into.
FLYING = timedelta(days=10)
# How long a payment that was begun and not sent keeps another window from paying the same.
BEGUN = timedelta(minutes=10)


class PaymentTransaction(models.Model):
    """An online payment knows the agreement it was made for."""

    _inherit = "payment.transaction"

    agreement_model = fields.Char(readonly=True)
    agreement_id = fields.Many2oneReference(model_field="agreement_model", readonly=True, index="btree_not_null")
    agreement_on = fields.Date(readonly=True, help="The company's day on which it was begun.")
    agreement_choice = fields.Char(readonly=True, help="The code of what was chosen to be paid: everything, everything less a credit, …")
    agreement_credit = fields.Monetary(readonly=True, help="What of the customer's credits was taken off.")
    agreement_items = fields.Json(readonly=True, help="What was asked of the items when it was begun, in the order in which they are paid: item, amount, discount.")
    agreement_overdue = fields.Boolean(readonly=True, help="Somebody was asked to look into it.")

    def _agreement(self):
        """The plan or settlement, None for any other payment."""
        if not self.agreement_id or self.agreement_model not in self.env:
            return None
        return self.env[self.agreement_model].sudo().browse(self.agreement_id).exists()  # sudo: it follows from the payment

    def _asked_items(self):
        """``[(item, amount, discount)]``: what this payment was asked for, as it was when it was begun; items that are gone left out."""
        rows = self.agreement_items or []
        known = set(self.env["account.move.line"].browse([item for item, _amount, _saved in rows]).exists().ids)
        return [(self.env["account.move.line"].browse(item), exact(amount), exact(saved)) for item, amount, saved in rows if item in known]

    def _is_begun(self):
        """Whether somebody may be at the provider with it."""
        return self.state == "draft" and fields.Datetime.now() - self.create_date < BEGUN

    def _is_flying(self):
        """Whether its money is on its way: sent and not arrived, or arrived and not matched. What never arrives is forgotten after some days."""
        if self.state in ON_ITS_WAY:
            return fields.Datetime.now() - self.create_date < FLYING
        return self.state == "done" and (not self.is_post_processed or _waits_for_bank(self.payment_id))

    @api.model
    def _flying_for(self, records):
        """Online payments made for these agreements whose money is not in the ledger yet."""
        found = self.sudo().search([  # sudo: whoever judges an agreement need not see online payments
            ("agreement_model", "=", records._name), ("agreement_id", "in", records.ids), ("state", "in", (*ON_ITS_WAY, "done")),
            ("provider_code", "not in", NO_MONEY_YET)])
        return found.filtered(lambda one: one._is_flying())

    @api.model
    def _ask_about_overdue(self, profiles, today):
        """Payments that neither arrive nor fail are looked into by a person, once each."""
        overdue = self.sudo().search([  # sudo: found by the night
            ("agreement_id", "!=", False), ("state", "in", ON_ITS_WAY), ("provider_code", "not in", NO_MONEY_YET),
            ("agreement_overdue", "=", False), ("agreement_on", "<=", today - FLYING), ("partner_id", "in", profiles.partner_id.ids)])
        for transaction in overdue:
            agreement = transaction._agreement()
            if agreement and agreement.profile_id in profiles:
                transaction.agreement_overdue = True
                agreement.profile_id._task(
                    "account_credit_collection.mail_activity_collection_task",
                    self.env._("%s: an online payment does not arrive", agreement.name),
                    note=self.env._("%s has been on its way for too long. Ask the payment provider; the customer may pay in another way meanwhile.",
                                    transaction.reference))

    def _create_payment(self, **extra_create_values):
        """The money came on the company's day, which core takes to be that of UTC."""
        agreement = self._agreement()
        if agreement:
            extra_create_values.setdefault("date", agreement.company_id._collection_today())
        return super()._create_payment(**extra_create_values)


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def action_post(self):
        """An online payment for an agreement pays its items in their order."""
        result = super().action_post()
        for payment in self:
            agreement = payment.sudo().payment_transaction_id._agreement()  # sudo: whose payment it is
            if agreement:
                agreement._match_payment(payment)
        return result


def _waits_for_bank(payment):
    """Without an account for money on its way, a payment has no entry before the statement comes."""
    return payment.state == "in_process" and not payment.move_id
