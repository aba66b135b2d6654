from odoo import models

from ..engine.ledger import ZERO
from ..engine.money import exact


class CollectionCheckout(models.Model):
    """Discounts for early payment: each invoice of a payment keeps its own, whether it is core's or ours."""

    _inherit = "collection.checkout"

    def _savings(self):
        """What each item is given today, ``{item: Decimal}``; none beside a payment on its way, nor for an item of which a part is contested."""
        items = self._pay_items()
        contested = self._contested(items)
        return {} if self._pay_flying() else items._savings_today(items.filtered(lambda item: item.id not in contested))

    def _saving(self):
        return self.currency_id.round(float(sum(self._savings().values(), ZERO)))

    def _give_discounts(self, transaction, line):
        """Book our discounts as they were asked: ``{item: entry}``. Core's are in the entry of the payment."""
        given = {}
        for item, amount, saved in transaction._asked_items():
            if saved and item._discountable() and item._is_open_with(amount):
                given[item] = item.move_id._book_discount(saved, line._paid_on())
        return given

    def _tie_discounts(self, line, entries):
        """A payment that is taken back takes its discounts with it."""
        for item, entry in entries.items():
            part = item.matched_credit_ids.filtered(lambda one: one.credit_move_id == line)[:1]
            part.sudo().discount_move_id = entry  # sudo: set by methods only


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _discount_lines(self):
        """Lines of the payment's entry with the discounts of core that were asked for, as its wizard books them for several invoices."""
        found = [(item, saved) for item, amount, saved in self._asked_items() if saved and not item._discountable() and item._is_open_with(amount)]
        if not found:
            return []
        company, saved = self.provider_id.company_id, float(sum(saved for _item, saved in found))
        balance = self.currency_id._convert(saved, company.currency_id, company, self._agreement().company_id._collection_today())
        lines = self.env["account.move"]._get_invoice_counterpart_amls_for_early_payment_discount(
            [{"aml": item, "amount_currency": -item.amount_residual_currency, "balance": -item.balance} for item, _saved in found], balance)
        return [line for kind in lines.values() for line in kind]


class AccountMoveLine(models.Model):
    """What paying items online today saves."""

    _inherit = "account.move.line"

    def _is_open_with(self, amount):
        """Whether nothing of it was paid since ``amount`` was open."""
        return not self.reconciled and not self.currency_id.compare_amounts(self.amount_residual_currency, float(amount))

    def _savings_today(self, wanted):
        """``{item: Decimal}``: what is taken off of each ``wanted`` one for paying all of these today; without the grace, which nobody is told of."""
        wanted = wanted.filtered(lambda item: item.display_type == "payment_term")
        ours, today = wanted._discountable(), wanted[:1]._discount_today() if wanted else None
        refused = ours.move_id._discount_refusals(today, self) if ours else {}
        found = {item: item._saved_ours(today) if item in ours else item._saved_core(today) for item in wanted if item.move_id not in refused}
        return {item: saved for item, saved in found.items() if saved > 0}

    def _saved_ours(self, today):
        move = self.move_id
        told = move._discounts_told(today) if self == move._discount_item() and move._allows_parts() else ()
        return exact(told[0].discount) if told and move._discount_on(today).discount else ZERO

    def _saved_core(self, today):
        move = self.move_id
        account = move.company_id.account_journal_early_pay_discount_loss_account_id
        if not account or not self.discount_date or self.discount_date < today or not move._is_eligible_for_early_payment_discount(self.currency_id, today):
            return ZERO
        return exact(self.amount_residual_currency) - exact(self.discount_amount_currency)
