from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CollectionDispute(models.Model):
    """What a customer contests of an item: while open, that part is not asked for."""

    _name = "collection.dispute"
    _description = "Dispute"
    _inherit = ["mail.thread", "collection.state.mixin"]
    _order = "opened_on desc, id desc"

    _transitions = frozenset({("open", "closed"), ("closed", "open")})

    profile_id = fields.Many2one("credit.profile", "Customer", required=True, index=True, ondelete="restrict", readonly=True)
    company_id = fields.Many2one(related="profile_id.company_id", store=True, index=True)
    item_id = fields.Many2one("account.move.line", "Item", index=True, ondelete="set null",
                              domain=[("account_type", "=", "asset_receivable"), ("parent_state", "=", "posted")])
    currency_id = fields.Many2one(related="item_id.currency_id")
    amount = fields.Monetary("Disputed amount", required=True, tracking=True,
                             compute="_compute_amount", store=True, readonly=False, precompute=True)
    reason = fields.Char(required=True, tracking=True)
    state = fields.Selection([("open", "Open"), ("closed", "Closed")], default="open", required=True, tracking=True)
    opened_on = fields.Date(required=True, default=fields.Date.context_today)
    closed_on = fields.Date(readonly=True, copy=False)

    _amount_positive = models.Constraint("CHECK(amount > 0)", "The disputed amount must be more than zero.")
    _open_idx = models.Index("(item_id) WHERE state = 'open'")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            item = self.env["account.move.line"].browse(vals.get("item_id"))
            if not item:
                raise ValidationError(self.env._("A dispute is about an item: choose one."))
            vals["profile_id"] = self.env["credit.profile"]._ensure(item.company_id, item.partner_id).id
        return super().create(vals_list)

    @api.depends("item_id")
    def _compute_amount(self):
        for dispute in self:
            dispute.amount = dispute.amount or dispute.item_id.amount_residual_currency

    @api.depends("item_id", "reason")
    def _compute_display_name(self):
        for dispute in self:
            dispute.display_name = ": ".join(filter(None, (dispute.item_id.move_name, dispute.reason))) or self.env._("New dispute")

    @api.constrains("amount", "item_id", "state")
    def _check_amount(self):
        for dispute in self.filtered(lambda d: d.state == "open"):
            whole = abs(dispute.item_id.amount_currency)
            twins = self.search([("item_id", "=", dispute.item_id.id), ("state", "=", "open")])
            if dispute.currency_id.compare_amounts(sum(twins.mapped("amount")), whole) > 0:
                raise ValidationError(self.env._(
                    "More is disputed of %(item)s than its amount of %(amount)s.",
                    item=dispute.item_id.move_name, amount=dispute.currency_id.format(whole)))

    def action_close(self):
        today = fields.Date.context_today(self)
        self._transition("closed", closed_on=today)

    def action_reopen(self):
        self._transition("open", closed_on=False)
