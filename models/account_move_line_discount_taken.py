from odoo import api, models

from ..engine import discount
from ..engine.money import exact

MONEY = ("bank", "cash", "credit")


class AccountMoveLine(models.Model):
    """Money that is set off against an item gets the discount of its day, however it came in."""

    _inherit = "account.move.line"

    @api.model
    def _reconcile_plan(self, reconciliation_plan):
        items = _lines_of(self, reconciliation_plan).filtered(lambda line: line.balance > 0 and not line.reconciled)._discountable()
        before = {item: item.matched_credit_ids for item in items}
        entries = {}
        for group in _groups_of(reconciliation_plan) if len(items) > 1 else ():
            entries.update(group._take_together())
        result = super()._reconcile_plan(reconciliation_plan)
        for item in items:
            new = item.matched_credit_ids - before[item]
            if item in entries:
                new._money_for(item)[:1].sudo().discount_move_id = entries[item]  # sudo: set by methods only
            else:
                item._take_discount(new, bool(before[item]))
        return result

    # ------------------------------------------------------------------ one item

    def _take_discount(self, partials, had_parts):
        """Book what the payments just set off against this item are owed, in the order of their days."""
        move = self.move_id
        money = partials._money_for(self)
        allowed = move._discount_kept()["gross_up"] or not had_parts and len(partials) == 1
        if not self.reconciled and money and allowed and not move._discount_refusals():
            open_amount = exact(self.amount_residual_currency) + sum(exact(part.debit_amount_currency) for part in money)
            for part in money.sorted(lambda part: (part.credit_move_id._paid_on(), part.id)):
                open_amount -= self._take_part(part, open_amount)
        self._follow_discounts(move.company_id.sudo().root_id._collection_today())

    def _take_part(self, part, open_amount):
        """Book the discount of one payment; return what it settles of ``open_amount``."""
        day = part.credit_move_id._paid_on()
        found = self._decide_settled(open_amount, exact(part.debit_amount_currency), day)
        if found.discount:
            part.sudo().discount_move_id = self.move_id._book_discount(found.discount, day)  # sudo: set by methods only
        return found.settled

    def _decide_settled(self, open_amount, paid, day):
        """One engine call: what a payment of that day settles, and what of it is discount."""
        move = self.move_id
        return discount.settle(open_amount, paid, move._discount_on(day, open_amount).to_pay, exact(self.currency_id.rounding), move._discount_kept()["gross_up"])

    # ------------------------------------------------------------------ several at once

    def _take_together(self):
        """One transfer for several invoices: where it is enough with their discounts, each is given first: ``{item: entry}``.

        Core would settle the oldest in full, and leave the last one short of all the discounts.
        """
        lines = self.filtered(lambda line: not line.reconciled)
        debits = lines.filtered(lambda line: line.balance > 0)
        money = (lines - debits).filtered(lambda line: line.journal_id.type in MONEY)
        if len(debits) < 2 or not money or len(lines.currency_id) > 1:
            return {}
        day = max(line._paid_on() for line in money)
        short = sum(exact(line.amount_residual_currency) for line in lines)
        given = debits._discounts_of(day)
        if not 0 < short <= sum(given.values()):
            return {}
        entries = {}
        for item, amount in given.items():
            amount = min(amount, short)
            short -= amount
            if amount:
                entries[item] = item.move_id._book_discount(amount, day)
        return entries

    def _discounts_of(self, day):
        """What payments of a day are given: ``{item: discount}``."""
        found = {}
        for item in self._discountable().sorted(lambda item: (item.date_maturity or item.date, item.id)):
            if item.move_id._has_discount(day):
                found[item] = item.move_id._discount_on(day).discount
        return found

    def _paid_on(self):
        """The day a payment counts from: online the customer's, who does not wait for the provider."""
        transaction = self.sudo().payment_id.payment_transaction_id  # sudo: whoever books a payment need not see transactions
        day = transaction and transaction.company_id._collection_date(transaction.create_date)
        return min(self.date, day) if day else self.date


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    def _money_for(self, item):
        """Payments in the currency of the item: as in core, those in another one get no discount."""
        return self.filtered(lambda part: part.credit_move_id.journal_id.type in MONEY and part.credit_move_id.currency_id == item.currency_id)


def _groups_of(plan):
    """The sets of lines that core sets off, of its nested plans."""
    if isinstance(plan, models.BaseModel):
        return [plan]
    return [group for part in plan or () for group in _groups_of(part)]


def _lines_of(lines, plan):
    return lines.browse().union(*_groups_of(plan))
