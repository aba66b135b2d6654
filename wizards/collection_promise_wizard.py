from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools.misc import clean_context

from ..engine.ledger import spread
from ..engine.money import exact
from ..models.collection_promise import METHODS
from ..models.collection_reader_worklist import Owed


class CollectionPromiseWizard(models.TransientModel):
    """Take a promise on the telephone: the day, the amount, how it will be paid, and what for."""

    _name = "collection.promise.wizard"
    _description = "Take a Promise"
    _inherit = ["collection.items.dialog"]

    profile_id = fields.Many2one("credit.profile", "Customer", required=True)
    company_id = fields.Many2one(related="profile_id.company_id")
    partner_id = fields.Many2one(related="profile_id.partner_id", string="Partner")
    currency_id = fields.Many2one("res.currency", required=True, compute="_compute_currency_id", store=True, readonly=False, precompute=True)
    promised_on = fields.Date("By", required=True, compute="_compute_promised_on", store=True, readonly=False, precompute=True)
    on = fields.Selection([("items", "These invoices"), ("balance", "All that is open")], "For", required=True,
                          compute="_compute_items", store=True, readonly=False, precompute=True)
    item_ids = fields.Many2many("account.move.line", string="Invoices", compute="_compute_items", store=True, readonly=False, precompute=True)
    open_amount = fields.Monetary("Open", compute="_compute_open_amount")
    amount = fields.Monetary(required=True, compute="_compute_amount", store=True, readonly=False, precompute=True)
    method = fields.Selection(METHODS, required=True, default="transfer")
    note = fields.Char()
    previous_id = fields.Many2one("collection.promise", "Instead of")

    @api.depends("profile_id", "previous_id")
    def _compute_currency_id(self):
        """That of what is open, the customer's own where there are several."""
        for wizard in self:
            items = wizard._open_items()
            own = wizard.profile_id.company_id.currency_id
            wizard.currency_id = (wizard.previous_id.currency_id or (own if own in items.currency_id else items[:1].currency_id)
                                  or own or self.env.company.currency_id)

    @api.depends("profile_id")
    def _compute_promised_on(self):
        """In a week, unless nobody works then."""
        for wizard in self:
            company = wizard.profile_id.company_id or self.env.company.root_id
            today = company._collection_today()
            calendar = self.env["collection.reader"]._read_calendars(company, (), today)[None]
            wizard.promised_on = calendar.next_working_day(today + timedelta(days=7))

    @api.depends("profile_id", "currency_id", "previous_id")
    def _compute_items(self):
        """What was promised before, else what is overdue, else all; never what is promised already."""
        for wizard in self:
            wizard.on = "balance" if wizard.previous_id.on_balance else "items"
            items = wizard._open_items().filtered(lambda item, wizard=wizard: item.currency_id == wizard.currency_id)
            again = items & wizard.previous_id.line_ids.item_id
            today = wizard.profile_id.company_id._collection_today() if wizard.profile_id else None
            late = items.filtered(lambda item, today=today: item.date_maturity and item.date_maturity < today)
            wizard.item_ids = again or late or items

    @api.depends("on", "item_ids", "currency_id", "profile_id")
    def _compute_open_amount(self):
        for wizard in self:
            items = wizard.item_ids if wizard.on == "items" else wizard.profile_id.item_ids.filtered(
                lambda item, wizard=wizard: item.currency_id == wizard.currency_id)
            wizard.open_amount = sum(items.mapped("amount_residual_currency"))

    @api.depends("open_amount")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = wizard.open_amount

    def _open_items(self):
        """What the customer owes and has not promised, oldest first; what a renewed promise covers is free again."""
        lines = self.env["collection.promise.line"].search([("promise_id.profile_id", "=", self.profile_id.id), ("is_open", "=", True)])
        promised = lines.filtered(lambda line: line.promise_id != self.previous_id).item_id
        return self.profile_id.item_ids.filtered(lambda item: item.amount_residual_currency > 0) - promised

    # ------------------------------------------------------------------ taking it

    def action_promise(self):
        self._take()
        return {"type": "ir.actions.act_window_close"}

    def _take(self):
        """The promise as it stands in the dialog; an open one that it replaces is withdrawn as a whole."""
        self.ensure_one()
        if not self.env.user.has_group("account_credit_collection.group_collector"):
            raise AccessError(self.env._("Only collectors and credit managers take promises."))
        return self._make()

    def _make(self, **besides):
        """The promise, whoever takes it; ``besides``: what is known of it that nobody types."""
        if self.on == "items" and not self.item_ids:
            raise UserError(self.env._("Choose the invoices, or take the promise for all that is open."))
        if self.currency_id.compare_amounts(self.amount, 0) <= 0:
            raise UserError(self.env._("Enter the amount that was promised."))
        if self.previous_id.profile_id != self.profile_id and self.previous_id:
            raise UserError(self.env._("%s is a promise of another customer.", self.previous_id.display_name))
        if self.previous_id.state == "open":
            self.previous_id._check_renewed(self.item_ids if self.on == "items" else self.previous_id._still_open())
            self.previous_id._withdraw(self.env._("Renewed"))
        # the defaults of the dialog are none of the promise
        return self.env["collection.promise"].with_context(clean_context(self.env.context)).create({  # pylint: disable=context-overridden
            "profile_id": self.profile_id.id, "currency_id": self.currency_id.id, "promised_on": self.promised_on,
            "amount": self.amount, "method": self.method, "note": self.note, "line_ids": self._prepare_lines(), **besides})

    def _prepare_lines(self):
        """The amount goes to the oldest of the chosen invoices first, to what is contested of them last.

        More than all of them is refused with the last.
        """
        if self.on == "balance":
            return []
        items = self.item_ids.sorted(lambda item: (item.date_maturity or item.date, item.id))
        parts = self._decide_parts({item.id: exact(item.amount_residual_currency) for item in items}, self._read_contested())
        beyond = exact(self.amount) - sum(parts.values())
        if beyond > 0:
            parts[items[-1:].id] += beyond
        return [Command.create({"item_id": item, "amount": float(amount)}) for item, amount in parts.items() if amount]

    def _decide_parts(self, residuals, contested):
        """What is promised of each item. Money is promised for what is asked for: what is contested comes last."""
        amount = exact(self.amount)
        first = spread(amount, {item: residual - contested.get(item, Decimal(0)) for item, residual in residuals.items()})
        parts = {item: first.get(item, Decimal(0)) for item in residuals}
        last = spread(amount - sum(parts.values()), {item: residual - parts[item] for item, residual in residuals.items()})
        return {item: part + last.get(item, Decimal(0)) for item, part in parts.items()}

    def _read_contested(self):
        """What of each item of the customer is disputed or on its way."""
        company, partner = self.profile_id.company_id, self.profile_id.partner_id
        owed = self.env["collection.reader"]._read_claims(company, partner.ids, company._collection_today()).get(partner.id, Owed())
        return {item.id: item.disputed + item.in_transit for item in owed.items}


class CollectionPromiseWithdrawWizard(models.TransientModel):
    """Why a promise no longer holds. It counts as one that was not kept when the next is taken."""

    _name = "collection.promise.withdraw.wizard"
    _description = "Withdraw a Promise"

    promise_ids = fields.Many2many("collection.promise", required=True, string="Promises")
    reason = fields.Char(required=True)

    def action_withdraw(self):
        for wizard in self:
            wizard.promise_ids._withdraw(wizard.reason)
        return {"type": "ir.actions.act_window_close"}
