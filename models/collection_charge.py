from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import format_date

from .collection_charge_line import STATES

COLLECTOR, MANAGER = "account_credit_collection.group_collector", "account_credit_collection.group_manager"


class CollectionCharge(models.Model):
    """What a customer is charged in one currency for paying late: a proposal first, then a bill.

    The lines are the ledger of charges. A draft already takes its days, so that no other run charges them.
    """

    _name = "collection.charge"
    _description = "Charge"
    _inherit = ["mail.thread", "collection.state.mixin", "collection.guard.mixin"]
    _order = "id desc"

    _transitions = frozenset({("draft", "posted"), ("draft", "waived"), ("draft", "reversed"), ("posted", "waived"), ("posted", "reversed"),
                              ("posted", "draft"), ("waived", "posted"), ("reversed", "posted")})

    name = fields.Char(readonly=True, copy=False, default="/")
    run_id = fields.Many2one("collection.charge.run", index=True, ondelete="restrict", readonly=True)
    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict", readonly=True)
    booking_company_id = fields.Many2one("res.company", "Billed by", required=True, ondelete="restrict", readonly=True)
    profile_id = fields.Many2one("credit.profile", "Customer", required=True, index=True, ondelete="restrict", readonly=True)
    partner_id = fields.Many2one(related="profile_id.partner_id", string="Partner")
    rule_id = fields.Many2one("collection.charge.rule", ondelete="restrict", readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, ondelete="restrict", readonly=True)
    date_to = fields.Date(readonly=True)
    last_day = fields.Date("Up to", compute="_compute_last_day", help="The last day that was looked at.")
    line_ids = fields.One2many("collection.charge.line", "charge_id", "Lines", readonly=True)
    amount = fields.Monetary("Net amount", readonly=True)
    move_id = fields.Many2one("account.move", "Bill", index="btree_not_null", ondelete="restrict", readonly=True)
    item_id = fields.Many2one("account.move.line", compute="_compute_item_id")
    residual = fields.Monetary("Still open", compute="_compute_item_id")
    state = fields.Selection(STATES, default="draft", required=True, readonly=True, tracking=True, index=True)
    changed = fields.Boolean("Changed since", readonly=True, help="Something was paid or decided since it was prepared; it was reckoned anew.")
    problem = fields.Char(readonly=True)
    posted_on = fields.Date(readonly=True)
    mailed_on = fields.Date("Sent on", readonly=True)
    waive_until = fields.Date("Waived if paid by", readonly=True, tracking=True)
    waive_reason = fields.Char("Why waived", readonly=True, tracking=True)
    waived_by = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    credit_count = fields.Integer(compute="_compute_credit_count")
    warning = fields.Char(related="rule_id.warning")

    @api.depends("date_to")
    def _compute_last_day(self):
        for charge in self:
            charge.last_day = fields.Date.subtract(charge.date_to, days=1) if charge.date_to else False

    @api.depends("move_id.line_ids.amount_residual_currency")
    def _compute_item_id(self):
        for charge in self:
            items = charge.move_id.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")
            charge.item_id = items[:1]
            charge.residual = sum(items.mapped("amount_residual_currency"))

    def _compute_credit_count(self):
        for charge in self:
            charge.credit_count = len(charge._credit_notes())

    @api.depends("name", "profile_id", "date_to")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for charge in self:
            number = charge.name if charge.name != "/" else self.env._("Draft up to %s", format_date(self.env, charge.last_day)) if charge.date_to else self.env._("Draft")
            charge.display_name = f"{charge.profile_id.display_name}: {number}"

    # ------------------------------------------------------------------ rights

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("Charges are made by a charge run."))
        return super().create(vals_list)

    def write(self, vals):
        own = {name for name, field in self._fields.items() if field._module == "account_credit_collection"}
        if not self.env.su and own & set(vals):
            raise AccessError(self.env._("A charge is not changed. Waive it, or cancel it and prepare it anew."))
        return super().write(vals)

    def _check_group(self, group=COLLECTOR):
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group(group):
            raise AccessError(self.env._("You may not decide about charges."))

    # ------------------------------------------------------------------ amounts

    def _sum_up(self):
        """Bring the amount in line with the lines, and drop the state of a charge of which nothing is left."""
        for charge in self:
            charge.amount = charge.currency_id.round(sum(charge.line_ids._billable().mapped("amount")))

    def _credit_notes(self):
        """The posted credit notes on the bill."""
        return self.move_id.reversal_move_ids.filtered(lambda move: move.state == "posted" and move.move_type != self.move_id.move_type)

    # ------------------------------------------------------------------ opening

    def action_open_move(self):
        self.ensure_one()
        return {"type": "ir.actions.act_window", "res_model": "account.move", "res_id": self.move_id.id, "views": [(False, "form")]}

    def action_open_credits(self):
        self.ensure_one()
        return {"type": "ir.actions.act_window", "name": self.env._("Credit notes"), "res_model": "account.move", "views": [(False, "list"), (False, "form")],
                "domain": [("id", "in", self._credit_notes().ids)]}

    def action_waive(self):
        """Ask why, and what of it."""
        self._check_group()
        gone = self.filtered(lambda charge: charge.state not in ("draft", "posted"))[:1]
        if gone:
            raise UserError(self.env._("%s is not open any more: there is nothing to waive.", gone.display_name))
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_charge_waive_action")
        return dict(action, context={"default_charge_ids": [Command.set(self.ids)]})

    def _move_to(self, profile):
        """The charges of a customer merged with another."""
        self.write({"profile_id": profile.id})
        self.line_ids.write({"profile_id": profile.id})
