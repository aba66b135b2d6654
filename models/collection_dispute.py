from math import isfinite

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ..engine.dispute import days_excused
from .collection_dispute_reason import OUTCOMES

# What a collector may correct in an open dispute, and what whoever clears it up may write.
EDITABLE = {"amount", "reason", "reason_id", "customer_amount", "owner_id", "deadline", "our_fault", "finding"}
OWNERS = {"finding"}
GIVEN = EDITABLE | {"item_id", "opened_on"}
COLLECTOR = "account_credit_collection.group_collector"
MOST = 10 ** 15  # beyond it a float is no exact amount any more


def check_numbers(env, vals_list, names=("amount", "customer_amount")):
    """Amounts are numbers: over RPC come infinity and what is no number at all, which no comparison refuses."""
    for value in (vals.get(name, env.context.get(f"default_{name}")) for vals in vals_list for name in names):
        try:
            valid = isfinite(float(value or 0)) and abs(float(value or 0)) < MOST
        except (TypeError, ValueError):
            valid = False
        if not valid:
            raise ValidationError(env._("%s is not an amount.", value))


class CollectionDispute(models.Model):
    """What a customer contests of an item: while open, that part is not asked for.

    ``amount`` is the original one. It always equals what is still open plus what was paid, credited,
    cleared and written off, which follow from what the item is set off against (``collection_dispute_settle``).
    """

    _name = "collection.dispute"
    _description = "Dispute"
    _inherit = ["mail.thread", "mail.activity.mixin", "collection.state.mixin"]
    _order = "opened_on desc, id desc"

    _transitions = frozenset({("open", "closed"), ("closed", "open")})

    profile_id = fields.Many2one("credit.profile", "Customer", required=True, index=True, ondelete="restrict", readonly=True)
    partner_id = fields.Many2one(related="profile_id.partner_id", string="Contact")
    company_id = fields.Many2one(related="profile_id.company_id", store=True, index=True)
    item_id = fields.Many2one("account.move.line", index=True, ondelete="set null",
                              domain=[("account_type", "=", "asset_receivable"), ("parent_state", "=", "posted"),
                                      ("reconciled", "=", False), ("amount_residual_currency", ">", 0)])
    document = fields.Char(compute="_compute_item", store=True, precompute=True)
    currency_id = fields.Many2one("res.currency", compute="_compute_item", store=True, precompute=True, ondelete="restrict")
    amount = fields.Monetary("Disputed amount", required=True, tracking=True,
                             compute="_compute_amount", store=True, readonly=False, precompute=True)
    customer_amount = fields.Monetary("As the customer says", help="May differ from what we leave out of the follow-up.")
    reason_id = fields.Many2one("collection.dispute.reason", required=True, index=True, ondelete="restrict", tracking=True,
                                default=lambda self: self._default_reason())
    reason = fields.Char("What is contested", tracking=True)
    team = fields.Selection(related="reason_id.team", string="Team", store=True)
    evidence = fields.Char(related="reason_id.evidence", string="Evidence needed")
    state = fields.Selection([("open", "Open"), ("closed", "Closed")], default="open", required=True, readonly=True, tracking=True, index=True)
    opened_on = fields.Date(required=True, default=fields.Date.context_today)
    owner_id = fields.Many2one("res.users", "Cleared up by", index="btree_not_null", ondelete="restrict", tracking=True,
                               domain="[('share', '=', False), ('company_ids', 'in', company_id)]")
    deadline = fields.Date("Until", tracking=True)
    escalated_on = fields.Date(readonly=True)
    finding = fields.Text(tracking=True, help="What whoever looked into it found out.")
    our_fault = fields.Boolean("Our fault", compute="_compute_our_fault", store=True, readonly=False, precompute=True, tracking=True,
                               help="Days in this dispute do not count as days late of the customer.")

    open_amount = fields.Monetary("Still contested", readonly=True)
    paid_amount = fields.Monetary("Paid", readonly=True)
    credited_amount = fields.Monetary("Credited", readonly=True)
    cleared_amount = fields.Monetary("Cleared", readonly=True, help="Rejected, replaced, withdrawn or settled in the books otherwise.")
    written_off_amount = fields.Monetary("Written off", readonly=True)
    # how the item stood when the dispute was opened or last decided on, and what persons decided
    money_before = fields.Monetary(readonly=True)
    credit_before = fields.Monetary(readonly=True)
    decided_amount = fields.Monetary(readonly=True)
    kept_amount = fields.Monetary(readonly=True)
    resting_amount = fields.Monetary(readonly=True, help="Decided on the day below: asked for again the day after.")
    decided_on = fields.Date(readonly=True)

    outcome = fields.Selection(OUTCOMES, readonly=True, tracking=True)
    outcome_reason = fields.Char("Why", readonly=True, tracking=True)
    closed_on = fields.Date(readonly=True, copy=False)
    closed_by = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    days_open = fields.Integer("Days", readonly=True, aggregator="avg")
    days_excused = fields.Integer("Days late that do not count", compute="_compute_days_excused")
    move_ids = fields.One2many("account.move", "collection_dispute_id", "Credit notes and entries", readonly=True)
    move_text = fields.Char("Booked", compute="_compute_move_text")

    _amount_positive = models.Constraint("CHECK(amount > 0)", "The disputed amount must be more than zero.")
    _customer_amount_positive = models.Constraint("CHECK(customer_amount >= 0)", "What the customer contests must not be negative.")
    _open_idx = models.Index("(item_id) WHERE state = 'open'")
    _fault_idx = models.Index("(item_id) WHERE our_fault")

    @api.model
    def _default_reason(self):
        return self.env.ref("account_credit_collection.collection_dispute_reason_other", raise_if_not_found=False)

    @api.depends("item_id")
    def _compute_item(self):
        """The name and the currency stay when the item is rewritten."""
        for dispute in self:
            item = dispute.item_id.sudo()  # sudo: facts of an item whose reading was checked when it was chosen
            dispute.document = item.move_name or item.name or dispute.document
            dispute.currency_id = item.currency_id or dispute.currency_id

    @api.depends("item_id")
    def _compute_amount(self):
        for dispute in self:
            dispute.amount = dispute.amount or dispute.item_id.amount_residual_currency

    @api.depends("reason_id")
    def _compute_our_fault(self):
        for dispute in self:
            dispute.our_fault = dispute.reason_id.our_fault

    @api.depends("document", "reason", "reason_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for dispute in self:
            what = dispute.reason or dispute.reason_id.name
            dispute.display_name = ": ".join(filter(None, (dispute.document, what))) if dispute.document else self.env._("New dispute")

    @api.depends("our_fault", "opened_on", "closed_on", "item_id.date_maturity")
    def _compute_days_excused(self):
        for dispute in self:
            dispute.days_excused = dispute._decide_excused(dispute.company_id._collection_today()) if dispute.our_fault and dispute.item_id else 0

    def _decide_excused(self, today):
        """One engine call: the days late in this dispute."""
        item = self.sudo().item_id  # sudo: when it was due may be known to whoever clears it up
        return days_excused(item.date_maturity or item.date, today, [(self.opened_on, self.closed_on or today)])

    @api.depends("move_ids.state", "move_ids.name")
    def _compute_move_text(self):
        for dispute in self:
            # sudo: whoever clears up a dispute may know how its own documents are called
            dispute.move_text = ", ".join(dispute.sudo().move_ids.mapped("display_name")) or False

    # ------------------------------------------------------------------ opening

    @api.model_create_multi
    def create(self, vals_list):
        """Open disputes of open items; all that becomes of them is reckoned, never given."""
        if not self.env.su:
            if any(set(vals) - GIVEN for vals in vals_list):
                raise AccessError(self.env._("What becomes of a dispute is not written by hand."))
            self._check_collector()
        check_numbers(self.env, vals_list)
        records = super().create([self._prepare_dispute(vals) for vals in vals_list])
        # sudo: what follows from the ledger is written by no person
        records.sudo()._begin()
        records._check_amount()
        records.sudo()._tell(dict.fromkeys(records, "opened"))
        records._judge_promises()
        return records

    @api.model
    def _prepare_dispute(self, vals):
        """The values of a dispute with all that is not the collector's to say."""
        item = self.env["account.move.line"].browse(vals.get("item_id"))
        if not item:
            raise ValidationError(self.env._("A dispute is about an item: choose one."))
        item.check_access("read")
        profile = self.env["credit.profile"]._ensure(item.company_id, item.partner_id)
        today = profile.company_id._collection_today()
        return {
            **vals, "opened_on": self._check_opened(vals.get("opened_on") or today, today), "profile_id": profile.id, "state": "open",
            "escalated_on": False, "outcome": False, "outcome_reason": False, "closed_on": False, "closed_by": False, "days_open": 0,
            "paid_amount": 0.0, "credited_amount": 0.0, "cleared_amount": 0.0, "written_off_amount": 0.0, "move_ids": [],
            "decided_amount": 0.0, "kept_amount": 0.0, "resting_amount": 0.0, "decided_on": False}

    # ------------------------------------------------------------------ rights

    def write(self, vals):
        """Collectors correct what was said, owners write what they found; the rest is reckoned."""
        if not self.env.su:
            self._refuse_write(vals)
        check_numbers(self.env, [vals])
        before = {record: record.reason_id for record in self if record.state == "open"} if "reason_id" in vals else {}
        if "amount" in vals:
            self._refuse_new_amount()
        result = super().write(vals)
        if "amount" in vals:
            self.sudo()._settle()
            self._check_amount()
            self._judge_promises()
        changed = self.filtered(lambda record: before.get(record, record.reason_id) != record.reason_id)
        if changed and not {"owner_id", "deadline"} & set(vals):
            changed.sudo()._assign()  # sudo: who clears it up follows from the reason
        elif {"owner_id", "deadline"} & set(vals):
            self.sudo()._ask_owner()  # sudo: a task for somebody else
        return result

    # ------------------------------------------------------------------ actions

    def action_resolve(self):
        """Ask how the dispute ends."""
        self.ensure_one()
        self._check_collector()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_dispute_wizard_action")
        return dict(action, context={"default_dispute_id": self.id, "dialog_size": "medium"})

    def action_close(self):
        """The customer no longer contests it, so it was not our fault."""
        self._check_collector()
        self.check_access("write")
        for dispute in self.filtered(lambda record: record.state == "open"):
            dispute._resolve("withdrawn", dispute.open_amount, our_fault=False)

    def action_reopen(self):
        """Take the decision back, with what was booked for it where that can be taken back."""
        self._check_collector()
        self.check_access("write")
        for dispute in self.filtered(lambda record: record.state == "closed"):
            dispute._reopen()

    def action_open_moves(self):
        """The credit notes and entries made for the dispute."""
        self.ensure_one()
        moves = self.move_ids
        action = {"type": "ir.actions.act_window", "res_model": "account.move", "name": self.env._("Booked for the dispute")}
        if len(moves) == 1:
            return {**action, "view_mode": "form", "res_id": moves.id}
        return {**action, "view_mode": "list,form", "domain": [("id", "in", moves.ids)]}

    def action_open_document(self):
        """The contested invoice."""
        self.ensure_one()
        return {"type": "ir.actions.act_window", "res_model": "account.move", "view_mode": "form", "res_id": self.item_id.move_id.id}
