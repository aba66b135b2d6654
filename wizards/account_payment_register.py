from odoo import api, fields, models

from ..engine.money import exact
from ..models.collection_reason import describe


class AccountPaymentRegister(models.TransientModel):
    """A payment gets the discount of its own day, also when it is registered later."""

    _inherit = "account.payment.register"

    discount_note = fields.Text(compute="_compute_discount_note")

    @api.depends("line_ids", "payment_date", "amount", "currency_id", "payment_difference_handling")
    def _compute_discount_note(self):
        for wizard in self:
            wizard.discount_note = "\n".join(wizard._discount_notes()) or False

    def _discount_notes(self):
        """Why there is no discount; and what a part payment settles, of a single invoice."""
        items = self.line_ids._origin._discountable().filtered(lambda item: item.currency_id == self.currency_id)
        refused = items.move_id._discount_refusals(self.payment_date)
        notes = [self.env._("%(document)s: %(why)s", document=move.name, why=describe(self.env, *why)) for move, why in refused.items()]
        if len(self.line_ids) == 1 and items and not refused and self.payment_date and self.payment_difference_handling == "open":
            notes += items._part_notes(exact(self.amount), self.payment_date)
        return notes

    def _create_payment_vals_from_wizard(self, batch_result):
        """Who keeps a difference open wants no discount for it, unless the terms gross up parts."""
        vals = super()._create_payment_vals_from_wizard(batch_result)
        kept_open = self.payment_difference_handling == "open" and not self.currency_id.is_zero(self.payment_difference)
        return {**vals, "discount_kept_open": True} if kept_open else vals

    def _create_payments(self):
        """Core reads the discount off the items: they show that of the day of payment, and those still open today's again."""
        items = self.line_ids._discountable()
        if self.payment_date:
            items._follow_discounts(self.payment_date, grace=True)
        payments = super()._create_payments()
        for company, some in items.grouped(lambda item: item.company_id.sudo().root_id).items():
            some._follow_discounts(company._collection_today())
        return payments


class AccountPayment(models.Model):
    _inherit = "account.payment"

    discount_kept_open = fields.Boolean("Difference kept open", readonly=True, copy=False)


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _part_notes(self, amount, day):
        move, currency = self.move_id, self.currency_id
        if not move._has_discount(day) or not amount:
            return []
        found = self._decide_settled(exact(self.amount_residual_currency), amount, day)
        if not found.discount:
            return []
        return [self.env._("%(paid)s settle %(settled)s: %(discount)s is early payment discount.", paid=currency.format(float(amount)),
                           settled=currency.format(float(found.settled)), discount=currency.format(float(found.discount)))]
