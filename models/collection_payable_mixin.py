from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools.misc import hmac

from ..engine.money import exact
from .collection_payable_transaction import BEGUN, NO_MONEY_YET, ON_ITS_WAY


class CollectionPayableMixin(models.AbstractModel):
    """A record that is paid online: one payment over several invoices, in one currency.

    What may be paid, and how much, is what the record says at that moment. The visitor chooses one of
    ``_pay_choices`` and nothing else; what is already on its way is never asked for again.
    """

    _name = "collection.payable.mixin"
    _description = "Record paid online"

    # ------------------------------------------------------------------ what the record says

    def _pay_moves(self):
        """The invoices it is about, in the order in which they are paid."""
        raise NotImplementedError

    def _pay_items(self):
        """The items a payment is matched with, in this order."""
        moves = self._pay_moves()
        lines = moves.line_ids.filtered(lambda line: line.account_type == "asset_receivable" and line.currency_id == self._pay_currency())
        order = {move: number for number, move in enumerate(moves)}
        return lines.sorted(lambda line: (order[line.move_id], line.date_maturity or line.date, line.id))

    def _pay_open(self):
        """What of its items is open, payments on their way included."""
        return self.currency_id.round(sum(self._pay_items().mapped("amount_residual_currency")))

    def _pay_wishes(self):
        """What a payer may want to pay: ``[(code, label, amount)]``, before anything on its way is taken off."""
        return [("all", self.env._("Everything that is open"), self._pay_open())]

    def _pay_currency(self):
        return self.currency_id

    def _pay_partner(self):
        """Who pays: always the customer, whoever looks at the page."""
        return self.profile_id.partner_id

    # ------------------------------------------------------------------ what can be paid now

    def _pay_choices(self):
        """``[(code, label, amount)]``: each amount once, never more than is open."""
        self.ensure_one()
        currency, flying = self._pay_currency(), self._pay_flying()
        rest = exact(max(self._pay_open(), 0)) - flying
        choices, seen = [], set()
        for code, label, amount in self._pay_wishes():
            amount = min(exact(amount) - self._pay_begun_part(code, flying), rest)
            if amount > 0 and not currency.is_zero(float(amount)) and amount not in seen:
                seen.add(amount)
                choices.append((code, label, currency.round(float(amount))))
        return choices

    def _pay_begun_part(self, code, flying):
        """What of a wish is on its way already: all of it that is ``flying``, unless a record knows better."""
        return flying

    def _pay_flying(self):
        """What is paid online already and not in the ledger yet."""
        return sum((exact(transaction.amount) for transaction in self._pay_transactions()), exact(0))

    def _pay_transactions(self):
        """Online payments about these invoices whose money is not matched yet."""
        transactions = self.env["payment.transaction"].sudo().search([  # sudo: the payer is nobody here
            ("invoice_ids", "in", self._pay_moves().ids), ("currency_id", "=", self._pay_currency().id), ("amount", ">", 0),
            ("state", "in", (*ON_ITS_WAY, "done")), ("provider_code", "not in", NO_MONEY_YET)])
        return transactions.filtered(lambda one: one._is_flying())

    def _pay_choice(self, code):
        """``(code, label, amount)`` of one choice, as it is now; None if it is none any more."""
        return next((choice for choice in self._pay_choices() if choice[0] == code), None)

    def _pay_stamp(self, code, amount):
        """What a choice looked like on the page: it changes with every payment, so that a page is paid once."""
        seen = (self._name, self.id, code, exact(amount), exact(self._pay_open()), self._pay_flying())
        return hmac(self.env(su=True), "account_credit_collection.pay", repr(tuple(map(str, seen))))[:20]

    # ------------------------------------------------------------------ other ways

    def _pay_online(self, amount):
        """Providers and methods that take so much online from a visitor without a login."""
        partner, currency = self._pay_partner(), self._pay_currency()
        # sudo: the payer may not read how providers are set up
        providers = self.env["payment.provider"].sudo()._get_compatible_providers(
            self.company_id.id, partner.id, amount, currency_id=currency.id).filtered("is_published")
        methods = self.env["payment.method"].sudo()._get_compatible_payment_methods(  # sudo: as above
            providers.ids, partner.id, currency_id=currency.id)
        return providers, methods

    def _pay_bank(self):
        """Where to transfer to, as label and value; empty without a bank account."""
        account = self._pay_bank_account()
        if not account:
            return []
        rows = [
            (self.env._("Account holder"), account.acc_holder_name or account.partner_id.name or self.company_id.name),
            (self.env._("Account number"), account.acc_number), (self.env._("Bank"), account.bank_id.name),
            (self.env._("BIC"), account.bank_id.bic), (self.env._("Reference"), self._pay_reference()),
        ]
        return [(label, value) for label, value in rows if value]

    def _pay_reference(self):
        """What a transfer is to say."""
        return self.name

    def _pay_bank_account(self):
        """The account of the company's first bank journal that has one, as messages name it; a branch without one takes that of the company above it."""
        companies = self.company_id.sudo().parent_ids  # sudo: the company's own account is for its customers to know
        journals = self.env["account.journal"].sudo().search(  # sudo: as above
            [("type", "=", "bank"), ("bank_account_id", "!=", False), ("company_id", "in", companies.ids)])
        by_company = journals.grouped("company_id")
        accounts = [by_company[one][:1].bank_account_id if one in by_company else one.partner_id.bank_ids[:1] for one in companies]
        return next(filter(None, reversed(accounts)), journals.bank_account_id)

    # ------------------------------------------------------------------ an online payment

    def _prepare_transaction(self, code, stamp, own=None):
        """What an online payment of one choice is made with; UserError when the page is older than the record.

        ``own`` is the payment that this visitor has begun.
        """
        self.ensure_one()
        self.env["collection.reader"]._claim_contested(self._pay_claimed().ids)
        choice = self._pay_choice(code)
        if not choice or stamp != self._pay_stamp(code, choice[2]):
            raise UserError(self.env._("This amount is not open any more: it is paid, or a payment of it is on its way. Please load the page again."))
        self._check_begun(own)
        return {"amount": choice[2], "currency_id": self._pay_currency().id, "partner_id": self._pay_partner().id, "reference_prefix": self.name}

    def _pay_claimed(self):
        """What one payment at a time may be begun of, whichever page it is begun on.

        The rows are written: of two that begin at the same moment, one is turned away by the database, repeated by Odoo, and then sees the other.
        """
        return self._pay_items()

    def _check_begun(self, own):
        """Refuse a second payment while another window is at the provider with one, of this record or of the same invoices: both would arrive."""
        others = self.env["payment.transaction"].sudo().search([  # sudo: the payer is nobody here
            "|", ("invoice_ids", "in", self._pay_moves().ids), "&", ("agreement_model", "=", self._name), ("agreement_id", "=", self.id),
            ("state", "=", "draft"), ("amount", ">", 0), ("provider_code", "not in", NO_MONEY_YET), ("create_date", ">", fields.Datetime.now() - BEGUN)])
        if others - (own or others.browse()):
            raise UserError(self.env._("A payment was begun a moment ago in another window. Finish it there, or try again in %s minutes.",
                                       int(BEGUN.total_seconds() // 60)))

    def _prepare_transaction_values(self, code=None):
        """What ties an online payment of one choice to the record and its invoices."""
        return {"invoice_ids": [Command.set(self._pay_moves().ids)], "agreement_model": self._name, "agreement_id": self.id,
                "agreement_on": self.company_id._collection_today(), "agreement_choice": code}

    def _pay_order(self, payment):
        """The items that a payment is set off against, one after the other."""
        return self._pay_items()

    def _pay_line(self, payment):
        """The open line of a payment of this customer, nothing where there is not just one."""
        own = payment.partner_id.commercial_partner_id == self._pay_partner() and payment.currency_id == self._pay_currency()
        line = payment.move_id.line_ids.filtered(lambda one: one.account_id == payment.destination_account_id and not one.reconciled)
        return line if own and len(line) == 1 else line.browse()

    def _match_payment(self, payment):
        """Set a payment off against the items in our order, before core does it in its own."""
        line = self._pay_line(payment)
        for item in self._pay_order(payment) if line else ():
            if line.reconciled:
                break
            if item.account_id == line.account_id and not item.reconciled and item.parent_state == "posted":
                (line + item).reconcile()
