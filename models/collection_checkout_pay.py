from odoo import api, models

from ..engine.money import exact


class CollectionCheckout(models.Model):
    """What is to be paid of what was chosen, and how a payment is set off."""

    _name = "collection.checkout"
    _inherit = ["collection.checkout", "collection.payable.mixin"]

    # ------------------------------------------------------------------ what is open of it

    def _pay_moves(self):
        return self.line_ids.item_id.filtered(lambda item: item.parent_state == "posted").move_id

    def _pay_items(self):
        """What is open of it, oldest due first, and last the first one with a contested part, which is what stays open.

        A payment can leave a part open of its last item only: what was contested since the choice is chosen anew, for a payment of its own.
        """
        items = self._pay_open_items()
        found = self._contested(items)
        contested = items.filtered(lambda item: item.id in found)
        return items - contested + contested[:1]

    def _pay_open_items(self):
        items = self.line_ids.item_id.filtered(lambda item: item.parent_state == "posted" and item.amount_residual_currency > 0)
        return items.sorted(lambda item: (item.date_maturity or item.date, item.id))

    def _contested(self, items):
        found = self.env["collection.reader"]._read_disputes(items.ids, self._today())
        return {item: amount for item, amount in found.items() if amount}

    def _pay_open(self):
        items = self._pay_items()
        contested = self._contested(items)
        return self.currency_id.round(float(sum(item._asked(contested) for item in items)))

    def _pay_wishes(self):
        """What was typed; or everything, less what paying early saves or what the customer has as a credit."""
        open_amount, money = self._pay_open(), self.currency_id.format
        if self.is_part:
            return [("part", self.env._("A part of what is open"), min(self.amount - self.paid_amount, open_amount))]
        saved, credit = self._saving(), self._credit()
        wishes = []
        if saved:
            wishes.append(("early", self.env._("Everything you chose, less %s for paying early", money(saved)), open_amount - saved))
        if 0 < credit < open_amount:
            wishes.append(("net", self.env._("Everything you chose, less your credit of %s", money(credit)), open_amount - credit))
        return wishes if saved else [*wishes, ("all", self.env._("Everything you chose"), open_amount)]

    def _pay_begun_part(self, code, flying):
        """Of an amount that was typed only what is on its way for it: another part may be paid meanwhile, as far as something is open."""
        if code != "part":
            return flying
        return sum((exact(one.amount) for one in self._pay_transactions() if one._agreement() == self), exact(0))

    def _pay_reference(self):
        """The invoices, which a transfer is known by, and the number of this choice; the number alone where they are too many."""
        items = self._pay_items()
        documents = dict.fromkeys(line.document for line in self.line_ids if line.item_id in items)
        reference = ", ".join([*filter(None, documents), self.name])
        return reference if len(reference) <= 140 else self.name

    def _today(self):
        return self.profile_id.company_id._collection_today()

    # ------------------------------------------------------------------ begun

    def _pay_claimed(self):
        return self._pay_items() + self._credits()

    def _prepare_transaction_values(self, code=None):
        """With what is asked of each item, which holds when the payment arrives, whatever is chosen or contested meanwhile."""
        items = self._pay_items()
        contested, savings = self._contested(items), self._savings() if code == "early" else {}
        return {**super()._prepare_transaction_values(code), "agreement_credit": self._credit() if code == "net" else 0.0,
                "agreement_items": [[item.id, str(item._asked(contested)), str(savings.get(item, 0))] for item in items]}

    # ------------------------------------------------------------------ paid

    def _pay_order(self, payment):
        """As it was asked: what was contested then is the last."""
        asked = payment.sudo().payment_transaction_id._asked_items()  # sudo: whose payment it is
        return [item for item, _amount, _saved in asked] or self._pay_items()

    def _match_payment(self, payment):
        """Our discounts first, then the money, one item after the other; then the credit that was taken off."""
        transaction, line = payment.sudo().payment_transaction_id, self._pay_line(payment)  # sudo: as above
        entries = self._give_discounts(transaction, line) if line else {}
        super()._match_payment(payment)
        self._tie_discounts(line, entries)
        if transaction.agreement_choice == "net":
            self._set_off_credits(exact(transaction.agreement_credit))
        self._note_payment(payment)

    def _note_payment(self, payment):
        self.write({"paid_on": self._today(), "paid_amount": self.paid_amount + payment.amount})


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _checkout(self):
        """What it was chosen with, nothing for any other payment."""
        found = self._agreement() if self.agreement_model == "collection.checkout" else None
        return found if found is not None else self.env["collection.checkout"]


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def _to_checkout(self, vals):
        """A new payment of a choice: to its account, and with the discounts that were asked for, neither of which core need guess."""
        # sudo: a customer pays online
        transaction = self.env["payment.transaction"].sudo().browse(vals.get("payment_transaction_id") or ())
        checkout = transaction._checkout() if transaction else None
        return {**vals, "destination_account_id": checkout.account_id.id, "write_off_line_vals": transaction._discount_lines()} if checkout else vals

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._to_checkout(vals) for vals in vals_list])
