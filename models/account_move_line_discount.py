from odoo import models

from ..engine.discount import GRANTED
from ..engine.money import exact

SHOWN = ("discount_date", "discount_amount_currency", "discount_balance")


class AccountMoveLine(models.Model):
    """The open item of an invoice with discounts: what core's fields show of it, and what a payment gets."""

    _inherit = "account.move.line"

    def _discountable(self):
        """Those whose discount is ours to work out."""
        return self.filtered(lambda line: line.display_type == "payment_term" and line.parent_state == "posted" and line.move_id._discount_kept())

    # ------------------------------------------------------------------ core's fields

    def _follow_discounts(self, day, grace=False):
        """Let core's fields show the discount of a day: as told, or with ``grace`` as a payment of that day gets it.

        What is over stays, as in core, as it was last; what is refused or lost by a part payment is not shown.
        """
        items = self._discountable().filtered(lambda item: not item.reconciled)
        refused = items.move_id._discount_refusals(day)
        changed = {}
        for item in items:
            values = item._shown_discount(day, grace, item.move_id in refused)
            if values and any(item[name] != values[name] for name in SHOWN):
                changed[item] = values
        self.browse(item.id for item in changed)._write_shown(list(changed.values()))

    def _shown_discount(self, day, grace, refused):
        move = self.move_id
        if refused or not move._allows_parts():
            return dict.fromkeys(SHOWN[1:], 0.0) | {"discount_date": False}
        found = move._discount_on(day) if grace else next(iter(move._discounts_told(day)), None)
        if not found or found.code != GRANTED:
            return None
        return {"discount_date": found.until, "discount_amount_currency": float(found.to_pay), "discount_balance": float(self._discount_balance(found))}

    def _discount_balance(self, found):
        """What is to be paid in company currency, at the rate of the invoice."""
        move, currency = self.move_id, self.company_currency_id
        if currency == self.currency_id:
            return found.to_pay
        if move.invoice_cash_rounding_id:
            return currency.round(float(found.to_pay) * self.amount_residual / self.amount_residual_currency)
        own = exact(self.amount_residual)
        base = move._discount_base(own)
        return exact(currency.round(float(own - (own if base is None else base) * found.percent / 100)))

    def _write_shown(self, vals_list):
        """In a few statements, past the checks of posted entries: none of this is in the books."""
        if not self:
            return
        self.flush_recordset(SHOWN)
        self._write_multi([{name: self._fields[name].convert_to_column(value, item) for name, value in vals.items()}
                           for item, vals in zip(self, vals_list)])
        self.invalidate_recordset([*SHOWN, "payment_date"], flush=False)

    def _told_discount(self, today):
        """(to pay, until, saved) of the discount that core's fields show, None when there is none any more."""
        if not self.discount_date or self.discount_date < today or self.reconciled:
            return None
        saved = self.currency_id.round(self.amount_residual_currency - self.discount_amount_currency)
        in_full = self.move_id._discount_kept() or not self.currency_id.compare_amounts(self.amount_residual_currency, self.amount_currency)
        return (self.discount_amount_currency, self.discount_date, saved) if in_full and 0 < saved < self.amount_residual_currency else None

    # ------------------------------------------------------------------ what is to be paid on a day

    def _get_installments_data(self, payment_currency=None, payment_date=None, next_payment_date=None):
        found = super()._get_installments_data(payment_currency, payment_date, next_payment_date)
        for installment in found:
            item = installment["line"]
            if item._discountable() and not item.reconciled:
                installment.update(item._discounted(payment_currency or item.currency_id, payment_date) or item._undiscounted(payment_date, next_payment_date))
        return found

    def _discounted(self, currency, payment_date):
        """What core asks of an item with a discount; without a day of payment: what is told today, without the grace."""
        move, day = self.move_id, payment_date or self._discount_today()
        if not move._is_eligible_for_early_payment_discount(currency, day):
            return None
        found = move._discount_on(day) if payment_date else next(iter(move._discounts_told(day)), None)
        if not found:
            return None
        to_pay, own = float(found.to_pay), float(self._discount_balance(found))
        return {"amount_residual_currency": to_pay, "amount_residual": own, "amount_residual_currency_unsigned": to_pay, "amount_residual_unsigned": own,
                "discount_amount_currency": float(found.discount), "discount_amount": self.company_currency_id.round(self.amount_residual - own),
                "type": "early_payment_discount"}

    def _discount_today(self):
        """The company's day, whatever clock the reader has."""
        return self.company_id.sudo().root_id._collection_today()  # sudo: a customer online

    def _undiscounted(self, payment_date, next_payment_date):
        due, day = self.date_maturity or self.date, payment_date or self._discount_today()
        kind = "before_date" if next_payment_date and due <= next_payment_date else "overdue" if due < day else "next"
        return {"amount_residual_currency": self.amount_residual_currency, "amount_residual": self.amount_residual,
                "amount_residual_currency_unsigned": self.amount_residual_currency, "amount_residual_unsigned": self.amount_residual, "type": kind}

    # ------------------------------------------------------------------ what a payment gets
