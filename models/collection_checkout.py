from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..engine.money import exact

KEPT_DAYS = 60  # a checkout that nobody paid: so long a transfer may come that names its number


class CollectionCheckout(models.Model):
    """What a customer chose to pay online, in one payment: items of one company, currency and receivable account.

    It says which items; how much is open of them is asked anew each time, so a page that was left open asks for nothing twice.
    """

    _name = "collection.checkout"
    _description = "Online Payment"
    _inherit = ["collection.guard.mixin"]
    _order = "id desc"

    name = fields.Char("Number", required=True, readonly=True, copy=False)
    profile_id = fields.Many2one("credit.profile", "Customer", required=True, index=True, ondelete="restrict", readonly=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="restrict", readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, ondelete="restrict", readonly=True)
    account_id = fields.Many2one("account.account", required=True, ondelete="restrict", readonly=True)
    first_id = fields.Many2one("collection.checkout", "Chosen together with", ondelete="set null", readonly=True, index="btree_not_null")
    visitor_id = fields.Many2one("res.partner", "Chosen by", ondelete="restrict", readonly=True, index="btree_not_null")
    made_on = fields.Date("Chosen on", required=True, readonly=True, index=True)
    line_ids = fields.One2many("collection.checkout.line", "checkout_id", "Invoices", readonly=True)
    subject = fields.Char("For", compute="_compute_subject")
    amount = fields.Monetary("Chosen", readonly=True, help="What was open of the invoices when they were chosen, or the amount that the customer typed.")
    is_part = fields.Boolean("A part only", readonly=True)
    paid_on = fields.Date("Paid on", readonly=True, index="btree_not_null")
    paid_amount = fields.Monetary("Paid", readonly=True)

    _amount_positive = models.Constraint("CHECK(amount > 0)", "The amount to pay must be more than zero.")
    _name_uniq = models.UniqueIndex("(name)", "There is an online payment with this number already.")

    @api.depends("line_ids.document")
    def _compute_subject(self):
        for record in self:
            record.subject = ", ".join(dict.fromkeys(record.line_ids.mapped("document")))

    # ------------------------------------------------------------------ choosing

    @api.model
    def _choose(self, profile, items, amount=None, visitor=None):
        """The checkouts for some open items of a customer, the first one first; ``amount`` when it is to be another one than all of it."""
        groups = list(self._groups(profile, items).values())
        self._check_amount(profile, groups, amount)
        made = new = self.browse()
        for group in groups:
            values = self._prepare_choice(profile, group, amount, visitor)
            record = self._same(values, group)
            if not record:
                record = self.create(values)
                new += record
            record.first_id = made[:1]
            made += record
        made._spread_credits()
        new._ask_to_set_off()
        return made

    @api.model
    def _groups(self, profile, items):
        """The items that one payment can settle: ``{key: items}``.

        A payment settles one item after the other, so of several items with a contested part, each has a payment of its own.
        """
        contested = self.env["collection.reader"]._read_disputes(items.ids, profile.company_id._collection_today())
        groups, count = {}, Counter()
        for item in items:
            key = (item.company_id, item.currency_id, item.account_id)
            number = count[key] if contested.get(item.id) else 0
            count[key] += bool(contested.get(item.id))
            key = (*key, number)
            groups[key] = groups.get(key, items.browse()) + item
        return groups

    @api.model
    def _check_amount(self, profile, groups, amount):
        if amount is None:
            return
        if len(groups) != 1:
            raise UserError(self.env._("Another amount can be paid for invoices that are paid together only. Please choose them again."))
        contested = self.env["collection.reader"]._read_disputes(groups[0].ids, profile.company_id._collection_today())
        currency, open_amount = groups[0].currency_id, float(sum(item._asked(contested) for item in groups[0]))
        if currency.compare_amounts(float(amount), 0) <= 0 or not currency.is_zero(float(amount - exact(currency.round(float(amount))))):
            raise UserError(self.env._("Please write an amount above zero, like %s.", currency.format(open_amount)))
        if currency.compare_amounts(float(amount), open_amount) > 0:
            if contested:
                raise UserError(self.env._("%s is open of what you chose, without what you do not agree with. Please do not pay more than that.", currency.format(open_amount)))
            raise UserError(self.env._("%s is open of what you chose. Please do not pay more than that.", currency.format(open_amount)))

    @api.model
    def _prepare_choice(self, profile, items, amount, visitor):
        company, today = items.company_id, profile.company_id._collection_today()
        contested = self.env["collection.reader"]._read_disputes(items.ids, today)
        lines = [{"item_id": item.id, "document": item.move_name or item.name or "", "due": item.date_maturity or item.date,
                  "amount": float(item._asked(contested))} for item in items]
        return {
            "name": self.env["ir.sequence"].sudo().next_by_code("collection.checkout"),  # sudo: whoever pays
            "profile_id": profile.id, "company_id": company.id, "currency_id": items.currency_id.id, "account_id": items.account_id.id,
            "visitor_id": visitor.id if visitor else False, "made_on": today, "is_part": amount is not None,
            "amount": float(amount) if amount is not None else sum(line["amount"] for line in lines),
            "line_ids": [Command.create(line) for line in lines]}

    @api.model
    def _same(self, values, items):
        """The checkout that was made for the very same today and is not paid: a form that is sent twice makes one."""
        found = self.search([(name, "=", values[name]) for name in ("profile_id", "company_id", "currency_id", "account_id", "made_on", "is_part", "visitor_id")]
                            + [("paid_on", "=", False), ("line_ids.item_id", "in", items[:1].ids)])
        return found.filtered(lambda one: one.line_ids.item_id == items and not one.currency_id.compare_amounts(one.amount, values["amount"]))[:1]

    def action_open_transactions(self):
        """The payments that the customer began for it."""
        self.ensure_one()
        self.check_access("read")
        return {"type": "ir.actions.act_window", "name": self.env._("Payments"), "res_model": "payment.transaction", "view_mode": "list,form",
                "domain": [("agreement_model", "=", self._name), ("agreement_id", "=", self.id)]}

    def _together(self):
        """All that was chosen at once, in its order."""
        first = self.first_id or self
        return (first + self.search([("first_id", "=", first.id)], order="id")).sorted("id")

    # ------------------------------------------------------------------ rights

    @api.model_create_multi
    def create(self, vals_list):
        """Made by the customer's page only."""
        self._refuse_guarded(set().union(*vals_list) | self._guarded_defaults(set(self._fields)))
        return super().create(vals_list)

    def write(self, vals):
        self._refuse_guarded(set(vals))
        return super().write(vals)

    @api.autovacuum
    def _gc_checkouts(self):
        """What nobody paid is forgotten after some weeks; what a payment was begun for stays with the payment."""
        old = fields.Date.subtract(fields.Date.today(), days=KEPT_DAYS)  # nosemgrep: day-of-the-server - weeks, of all companies
        unpaid = self.search([("made_on", "<", old), ("paid_on", "=", False)], limit=10_000)
        begun = self.env["payment.transaction"].search([("agreement_model", "=", self._name), ("agreement_id", "in", unpaid.ids)]).mapped("agreement_id")
        gone = unpaid - self.browse(begun)
        gone.unlink()
        return len(gone), 10_000 if len(unpaid) == 10_000 and gone else 0


class CollectionCheckoutLine(models.Model):
    """An item that was chosen. One that was rewritten since keeps its name only."""

    _name = "collection.checkout.line"
    _description = "Item of an Online Payment"
    _order = "checkout_id, due, id"
    _rec_name = "document"

    checkout_id = fields.Many2one("collection.checkout", required=True, index=True, ondelete="cascade", readonly=True)
    currency_id = fields.Many2one(related="checkout_id.currency_id")
    item_id = fields.Many2one("account.move.line", "Invoice", index=True, ondelete="set null", readonly=True)
    document = fields.Char(readonly=True)
    due = fields.Date(readonly=True)
    amount = fields.Monetary("Asked", readonly=True)


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _asked(self, contested):
        """What is asked of an item: without the part that is ``contested`` {item id: amount}, unless that is all of it."""
        open_amount = exact(self.amount_residual_currency)
        return max(open_amount - contested.get(self.id, 0), 0) or open_amount
