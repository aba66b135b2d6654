from odoo import models


class CollectionCheckout(models.Model):
    """What the page of an online payment shows; days and amounts in the language of the reader."""

    _inherit = "collection.checkout"

    def _page_rows(self):
        """The invoices with what is asked of each now: ``[{document, due, item, asked, contested, apart}]``; ``apart``: it needs a payment of its own by now."""
        items, still = self._pay_items(), self._pay_open_items()
        contested = self._contested(items)
        return [{"document": line.document, "due": line.due, "item": line.item_id, "apart": line.item_id in still - items,
                 "asked": float(line.item_id._asked(contested)) if line.item_id in items else 0.0,
                 "contested": float(contested.get(line.item_id.id, 0)) if line.item_id in items else 0.0} for line in self.line_ids]

    def _page_others(self):
        """What was chosen together with it and is to be paid apart: ``[{id, subject, amount, covered}]``; each amount worked out once."""
        found = []
        for one in self._together() - self:
            choices = one._pay_choices()
            if choices:
                money = one.currency_id.format
                found.append({"id": one.id, "subject": one.subject, "amount": money(choices[0][2]), "covered": money(one._page_covered()) if one._page_covered() else ""})
        return found

    def _page_is_less(self, chosen):
        """Whether less than what was typed is asked for, since no more is open beside what is on its way."""
        return bool(chosen) and chosen[0] == "part" and self.currency_id.compare_amounts(chosen[2], self.amount - self.paid_amount) < 0

    def _page_qr(self, amount):
        """The bank's QR code for the amount and the reference, as a data URI; False where there is none."""
        if not amount:
            return False
        # a contact that is not stored knows which standard fits
        action = self.env["collection.action"].new({"company_id": self.company_id.id, "partner_id": self.profile_id.partner_id.id, "profile_id": self.profile_id.id})
        group = {"currency": self.currency_id, "to_pay": amount, "items": [{"document": self._pay_reference(), "to_pay": amount}]}
        return action._bank_qr([group], self._pay_bank_account())

    def _page_covered(self):
        """The customer's credit where it is enough for all that was chosen, else nothing."""
        credit = 0.0 if self.is_part else self._credit()
        return credit if credit and self.currency_id.compare_amounts(credit, self._pay_open()) >= 0 else 0.0

    def _page_left(self):
        """What is due on the account besides, an amount in words for each currency."""
        opens, credits = self.profile_id._account_open()
        return [one.currency.format(float(one.due)) for one in self.profile_id._account_positions(opens, credits) if one.due]


class CreditProfile(models.Model):
    _inherit = "credit.profile"

    def _is_own_item(self, item):
        """Whether a receivable item, paid or not, is one of this account."""
        return (item.account_id.account_type == "asset_receivable" and item.partner_id.commercial_partner_id == self.partner_id
                and item.company_id.root_id == self.company_id)
