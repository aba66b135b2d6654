from odoo import api, models

from ..engine import discount
from ..engine.money import exact

MONEY = ("bank", "cash", "credit")


class AccountMoveLine(models.Model):
    """Money that is set off against an item gets the discount of its day, however it came in."""

    _inherit = "account.move.line"

    @api.model
    def _reconcile_plan(self, reconciliation_plan):
        lines = _lines_of(self, reconciliation_plan)
        items = lines.filtered(lambda line: line.balance > 0 and not line.reconciled)._discountable()
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
                item._take_discount(new, bool(before[item]), lines)
        return result

    # ------------------------------------------------------------------ one item

    def _take_discount(self, partials, had_parts, settled):
        """Book what the payments just set off against this item are owed, in the order of their days; ``settled``: all items they pay."""
        move = self.move_id
        money = partials._money_for(self)
        # an exchange difference is no part of its own
        parts = partials.filtered(lambda part: part.credit_move_id.move_id not in partials.exchange_move_id)
        allowed = move._discount_kept()["gross_up"] or not had_parts and len(parts) == 1
        if not self.reconciled and money and allowed:
            open_amount = exact(self.amount_residual_currency) + sum(exact(part.debit_amount_currency) for part in money)
            for part in money.sorted(lambda part: (part.credit_move_id._paid_on(), part.id)):
                open_amount -= self._take_part(part, open_amount, settled)
        self._follow_discounts(move.company_id.sudo().root_id._collection_today())

    def _take_part(self, part, open_amount, settled):
        """Book the discount of one payment; return what it settles of ``open_amount``."""
        day = part.credit_move_id._paid_on()
        found = self._owed_to(part, open_amount, settled)
        if found.discount:
            part.sudo().discount_move_id = self.move_id._book_discount(found.discount, day)  # sudo: set by methods only
        return found.settled

    def _owed_to(self, part, open_amount, settled=()):
        """What one payment settles, and what of it is discount: none where that is refused, or was kept open on purpose."""
        move, day, paid = self.move_id, part.credit_move_id._paid_on(), exact(part.debit_amount_currency)
        kept_open = part.credit_move_id.sudo().payment_id.discount_kept_open  # sudo: whoever sets off need not see payments
        if kept_open and not move._discount_kept()["gross_up"] or move._discount_refusals(day, settled):
            return discount.Settled(paid, exact(0), discount.PART_PLAIN)
        return self._decide_settled(open_amount, paid, day)

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
        if len(debits) < 2 or not money or len(lines.currency_id) > 1 or any(money.sudo().payment_id.mapped("discount_kept_open")):  # sudo: as above
            return {}
        day = max(line._paid_on() for line in money)
        short = sum(exact(line.amount_residual_currency) for line in lines)
        given = debits._discounts_of(day, lines - debits - money)
        if not 0 < short <= sum(given.values()):
            return {}
        entries = {}
        for item, amount in given.items():
            amount = min(amount, short)
            short -= amount
            if amount:
                entries[item] = item.move_id._book_discount(amount, day)
        return entries

    def _discounts_of(self, day, credits):
        """What payments of a day are given: ``{item: discount}``. What ``credits`` settle of it is no money, and gets none."""
        owed = sum(exact(item.amount_residual_currency) for item in self)
        if owed <= 0:  # only an exchange difference is left
            return {}
        share = max(exact(0), owed + sum(exact(line.amount_residual_currency) for line in credits)) / owed
        found = {}
        for item in self._discountable().sorted(lambda item: (item.date_maturity or item.date, item.id)):
            if item.move_id._has_discount(day, self):
                found[item] = exact(item.currency_id.round(float(item.move_id._discount_on(day).discount * share)))
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
