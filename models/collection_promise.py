from itertools import permutations

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools.misc import format_date

from ..engine import promise
from ..engine.money import exact
from .collection_reason import describe

STATES = [("open", "Open"), ("kept", "Kept"), ("partly", "Partly kept"), ("broken", "Broken"), ("withdrawn", "Withdrawn")]
METHODS = [("transfer", "Transfer"), ("cheque", "Cheque"), ("card", "Card"), ("direct_debit", "Direct debit"), ("cash", "Cash")]
# What may be corrected later; a promise about another day or amount is another promise.
EDITABLE = {"method", "note"}
GIVEN = EDITABLE | {"profile_id", "currency_id", "amount", "promised_on", "line_ids"}


class CollectionPromise(models.Model):
    """What a customer said when asked for money: so much, until then.

    Its state follows from the payments alone, so it goes back when a payment bounces;
    only withdrawing is a person's word. While it is open, what it covers is not asked for.
    """

    _name = "collection.promise"
    _description = "Promise to Pay"
    _inherit = ["mail.thread", "collection.state.mixin", "collection.guard.mixin"]
    _order = "promised_on desc, id desc"

    # from any state to any other, as payments come and go
    _transitions = frozenset(permutations([state for state, _label in STATES], 2))

    profile_id = fields.Many2one("credit.profile", "Customer", required=True, index=True, ondelete="restrict", readonly=True)
    company_id = fields.Many2one(related="profile_id.company_id", store=True, index=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True, ondelete="restrict")
    amount = fields.Monetary("Promised", required=True, readonly=True, tracking=True)
    made_on = fields.Date("Taken on", required=True, readonly=True)
    promised_on = fields.Date("By", required=True, readonly=True, tracking=True)
    grace_until = fields.Date("Counts until", required=True, readonly=True, help="The last day on which a payment keeps the promise.")
    method = fields.Selection(METHODS, required=True, default="transfer")
    note = fields.Char()
    taken_by = fields.Many2one("res.users", "Taken by", readonly=True, ondelete="restrict")
    line_ids = fields.One2many("collection.promise.line", "promise_id", "Invoices", readonly=True)
    on_balance = fields.Boolean(readonly=True)
    subject = fields.Char("For", compute="_compute_subject")
    state = fields.Selection(STATES, default="open", required=True, readonly=True, tracking=True, index=True)
    judged_on = fields.Date(readonly=True, help="Since when it is kept, partly kept or broken.")
    paid_amount = fields.Monetary("Paid", readonly=True)
    paid_before = fields.Monetary(readonly=True, help="Paid that day already, before it was promised.")
    # of a promise on the balance, the invoices have theirs; once the window is over it stays as it was then
    contested_amount = fields.Monetary("Contested", readonly=True)
    is_settled = fields.Boolean("Closed", readonly=True)
    paid_on = fields.Date("Last payment", readonly=True)
    missing_amount = fields.Monetary("Missing", readonly=True)
    outcome = fields.Char(compute="_compute_outcome")
    level = fields.Integer("Promise no.", readonly=True, default=1, aggregator=None, help="One more for each promise before it that was not kept.")
    previous_id = fields.Many2one("collection.promise", "After", readonly=True, index="btree_not_null", ondelete="set null")
    withdrawn_by = fields.Many2one("res.users", readonly=True, ondelete="restrict", tracking=True)
    withdraw_reason = fields.Char(readonly=True, tracking=True)
    withdrawn_on = fields.Date(readonly=True, help="Since when it is not waited for any more.")
    task_given = fields.Boolean(readonly=True)

    _amount_positive = models.Constraint("CHECK(amount > 0)", "The promised amount must be more than zero.")
    _balance_uniq = models.UniqueIndex("(profile_id, currency_id) WHERE state = 'open' AND on_balance",
                                       "There is an open promise on the customer's balance already.")

    @api.depends("profile_id", "amount", "currency_id", "promised_on")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for record in self:
            record.display_name = self.env._(
                "%(customer)s: %(amount)s by %(day)s", customer=record.profile_id.display_name,
                amount=record.currency_id.format(record.amount) if record.currency_id else "", day=format_date(self.env, record.promised_on))

    @api.depends("line_ids.document", "on_balance")
    @api.depends_context("lang")
    def _compute_subject(self):
        for record in self:
            record.subject = self.env._("Balance") if record.on_balance else ", ".join(record.line_ids.mapped("document"))

    @api.depends("state", "paid_amount", "missing_amount", "paid_on", "grace_until", "withdraw_reason")
    @api.depends_context("lang")
    def _compute_outcome(self):
        for record in self:
            code = "open_part" if record.state == "open" and record.paid_amount else record.state
            money = record.currency_id.format if record.currency_id else str
            record.outcome = record.withdraw_reason or describe(self.env, f"promise_{code}", {
                "paid": money(record.paid_amount), "missing": money(record.missing_amount),
                "on": record.paid_on and record.paid_on.isoformat(), "until": record.grace_until and record.grace_until.isoformat()})

    def _sentence(self):
        """“500.00 by 3 December”, with what came of it already."""
        text = self.env._("%(amount)s by %(day)s", amount=self.currency_id.format(self.amount), day=format_date(self.env, self.promised_on))
        if self.paid_amount:
            text = self.env._("%(promise)s (%(paid)s paid)", promise=text, paid=self.currency_id.format(self.paid_amount))
        return text

    def _in_company_currency(self):
        """State, promised and paid amount, comparable with promises in other currencies."""
        convert = self.currency_id._convert
        own = self.company_id.currency_id
        amounts = (convert(amount, own, self.company_id, self.made_on) for amount in (self.amount, self.paid_amount))
        return (self.state, *(exact(amount) for amount in amounts))

    # ------------------------------------------------------------------ taking a promise

    @api.model_create_multi
    def create(self, vals_list):
        """Take promises: ``line_ids`` creates lines with ``item_id`` and ``amount`` (empty: all that is open); none = on the balance."""
        if not self.env.su and any(set(vals) - GIVEN for vals in vals_list):
            raise AccessError(self.env._("What becomes of a promise is not written by hand."))
        self._refuse_guarded(self._guarded_defaults(self._own_fields() - GIVEN))
        prepared = [self._prepare_promise(vals) for vals in vals_list]
        records = super().create([vals for vals, _lines in prepared])
        # sudo: a line is made with its promise only
        self.env["collection.promise.line"].sudo().create([
            {**line, "promise_id": record.id} for record, (_vals, lines) in zip(records, prepared) for line in lines])
        records.invalidate_recordset(["line_ids"])
        records._check_new()
        records._note_paid_before()
        records._note_taken()
        return records

    @api.model
    def _prepare_promise(self, vals):
        """The values of a promise and of its lines, with all that is not the customer's word."""
        self._check_given(vals)
        lines = [self._prepare_line(command[2]) for command in vals.get("line_ids") or () if command[0] == Command.CREATE]
        items = self.env["account.move.line"].browse([line["item_id"] for line in lines])
        items.check_access("read")
        Profile = self.env["credit.profile"]
        profile = Profile.browse(vals.get("profile_id")) or (items and Profile._ensure(items[:1].company_id, items[:1].partner_id))
        if not profile:
            raise UserError(self.env._("A promise is given by a customer: choose one."))
        company = profile.company_id
        today = company._collection_today()
        currency = items[:1].currency_id.id or vals.get("currency_id") or company.currency_id.id
        promised_on = fields.Date.to_date(vals.get("promised_on")) or today
        self._check_far(promised_on, today)
        self._check_free(profile, items, currency)
        amount = sum(line["amount"] for line in lines) if lines else vals.get("amount")
        previous, level = self._find_previous(profile, items, currency)
        return {
            "made_on": today, "taken_by": self.env.uid, "method": "transfer",
            **{name: value for name, value in vals.items() if name != "line_ids"},
            "profile_id": profile.id, "currency_id": currency, "on_balance": not lines, "promised_on": promised_on,
            "amount": amount,
            "grace_until": company._promise_last_day(promised_on), "state": "open", "level": level, "previous_id": previous.id,
            "judged_on": False, "paid_amount": 0.0, "paid_before": 0.0, "missing_amount": amount, "paid_on": False,
            "withdrawn_by": False, "withdraw_reason": False, "withdrawn_on": False, "task_given": False, "contested_amount": 0.0, "is_settled": False,
        }, lines

    @api.model
    def _prepare_line(self, vals):
        item = self.env["account.move.line"].browse(vals["item_id"])
        return {"item_id": item.id, "amount": vals.get("amount") or item.amount_residual_currency, "document": item.move_name or item.name,
                "paid_amount": 0.0, "paid_before": 0.0, "contested_amount": 0.0}

    @api.model
    def _find_previous(self, profile, items, currency):
        """The promise before a new one on the same items (on the balance), and the level of the new one."""
        if items:
            lines = self.env["collection.promise.line"].search([("item_id", "in", items.ids)], order="id desc")
            last = self.browse({line.item_id: line.promise_id.id for line in reversed(lines)}.values())
        else:
            last = self.search([("profile_id", "=", profile.id), ("on_balance", "=", True), ("currency_id", "=", currency)],
                               order="id desc", limit=1)
        worst = max(last, key=lambda record: (promise.level([record._standing()]), record.id), default=self.browse())
        return worst, promise.level(record._standing() for record in last)

    def _standing(self):
        """State and level for the next promise; where nothing was left to pay, nothing was left unkept."""
        settled = self.state == "withdrawn" and not self.withdrawn_by
        return ("kept" if settled else self.state, self.level)

    # ------------------------------------------------------------------ rights

    @api.model
    def _own_fields(self):
        return {name for name, field in self._fields.items() if field._module == "account_credit_collection"}

    def write(self, vals):
        if not self.env.su and self._own_fields() & set(vals) - EDITABLE:
            raise AccessError(self.env._("A promise is not changed. Withdraw it and take a new one."))
        return super().write(vals)

    # ------------------------------------------------------------------ withdrawing

    def _transition(self, state, **values):
        """With the day on which it was withdrawn: from then on what it covered was asked for."""
        moved = super()._transition(state, **values)
        for company, records in moved.grouped("company_id").items():
            records.withdrawn_on = company._collection_today() if state == "withdrawn" else False
        return moved

    def action_withdraw(self):
        """Ask why the promise no longer holds."""
        self._check_withdraw()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_promise_withdraw_action")
        return dict(action, context={"default_promise_ids": self.ids})

    def action_renew(self):
        """A new promise about the same; an open one is withdrawn with it."""
        self.ensure_one()
        return self.profile_id._promise_dialog(default_previous_id=self.id)

    def _check_withdraw(self):
        self.check_access("write")
        for record in self.filtered(lambda record: record.state != "open"):
            raise UserError(self.env._("%s is not open any more: what became of it stays.", record.display_name))

    def _withdraw(self, reason):
        """Take open promises back, in the name of ``env.user``."""
        self._check_withdraw()
        self.sudo()._transition("withdrawn", withdraw_reason=reason, withdrawn_by=self.env.uid)  # sudo: the state is written by methods only
        self._note_moves(dict.fromkeys(self, "withdrawn"))
        self.profile_id._wake()

    def _move_to(self, profile):
        """The promises of a customer merged with another; of two open ones on the balance that of the other stands."""
        known = {record.currency_id for record in profile.promise_ids if record.on_balance and record.state == "open"}
        for record in self.filtered(lambda record: record.on_balance and record.state == "open" and record.currency_id in known):
            record._transition("withdrawn", withdrawn_by=self.env.uid, withdraw_reason=self.env._("Merged with %s", profile.display_name))
        self.write({"profile_id": profile.id})
