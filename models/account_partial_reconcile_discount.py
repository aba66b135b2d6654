from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..engine.money import exact


class AccountPartialReconcile(models.Model):
    """A payment that is taken back takes its discount with it."""

    _inherit = "account.partial.reconcile"

    discount_move_id = fields.Many2one("account.move", "Discount", readonly=True, copy=False, index="btree_not_null", ondelete="set null",
                                       help="The entry of the early payment discount this payment got.")

    def unlink(self):
        if not self:
            return super().unlink()
        entries = self.sudo().discount_move_id  # sudo: made by the system, so taken back by it; nosemgrep: public-method-with-sudo - read only
        items = (self.debit_move_id + self.credit_move_id).filtered(lambda line: line.move_id._discount_kept())
        result = super().unlink()
        entries.filtered(lambda move: move.state == "posted")._take_back_discounts()
        for company, some in items.exists().grouped(lambda item: item.company_id.sudo().root_id).items():
            some._follow_discounts(company._collection_today())
        return result

    def _judge_again(self, item):
        """The discount of a payment by the day it has now."""
        entry = self.sudo().discount_move_id  # sudo: made by the system, so judged by it
        if not entry:
            self._check_own_discount(item)
            return
        booked = sum(exact(line.amount_currency) for line in entry.line_ids if line.account_id == item.account_id)
        open_amount = exact(item.amount_residual_currency) + exact(self.debit_amount_currency) - booked
        if item._owed_to(self, open_amount, item).discount == -booked:
            return
        entry._take_back_discounts()
        self.sudo().discount_move_id = False
        others = item.matched_credit_ids.filtered(lambda part: part != self and part.credit_move_id.move_id != self.exchange_move_id)
        item._take_discount(self, bool(others), item)

    def _check_own_discount(self, item):
        """A payment that has its discount in its own entry, as one that was registered, is not moved to a day that has none."""
        payment, move, currency = self.credit_move_id.move_id, item.move_id, item.currency_id
        account = move.company_id.account_journal_early_pay_discount_loss_account_id
        booked = sum(exact(line.amount_currency) for line in payment.line_ids if line.account_id == account)
        day = self.credit_move_id._paid_on()
        owed = sum(exact(part.debit_move_id.move_id._discount_on(day, exact(part.debit_amount_currency)).discount)
                   for part in self.credit_move_id.matched_debit_ids if part.debit_move_id._discountable())
        if account and booked > owed:
            raise UserError(self.env._(
                "%(payment)s settles %(invoice)s with a discount of %(discount)s; a payment of %(day)s gets %(owed)s. Put its day back, or cancel it and register it anew.",
                payment=payment.display_name, invoice=move.name, discount=currency.format(float(booked)), day=format_date(self.env, day),
                owed=currency.format(float(owed))))


class AccountMove(models.Model):
    _inherit = "account.move"

    def _take_back_discounts(self):
        for move in self:
            day = move._get_accounting_date(move.date, move._affect_tax_report())
            move._reverse_moves([{"date": day, "ref": self.env._("Taken back: %s", move.ref)}], cancel=True)

    def _judge_discounts_again(self):
        """A payment that was set back and is posted anew, of another day perhaps, keeps what it settles, so its discount is looked at again."""
        credits = self.line_ids.filtered(lambda line: line.balance < 0 and line.account_id.account_type == "asset_receivable")
        for part in credits.matched_debit_ids:
            item = part.debit_move_id
            if item._discountable() and part._money_for(item):
                part._judge_again(item)
