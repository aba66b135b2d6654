from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..models.credit_limit import KINDS, MEANINGS


class CreditLimitWizard(models.TransientModel):
    """A decision about the credit of one or several customers: in force at once, or sent to who may approve it."""

    _name = "credit.limit.wizard"
    _description = "Decide on a Credit Limit"
    _inherit = ["collection.items.dialog"]

    profile_ids = fields.Many2many("credit.profile", required=True, string="Customers")
    company_id = fields.Many2one("res.company", compute="_compute_company_id")
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(KINDS, required=True, default="base")
    meaning = fields.Selection(MEANINGS, "Credit", required=True, default="amount")
    amount = fields.Monetary()
    cap = fields.Monetary("Ceiling for the ladder", compute="_compute_cap", store=True, readonly=False, precompute=True,
                          help="The ladder never goes beyond it. 0: every rise waits for approval.")
    date_from = fields.Date("From", required=True, default=fields.Date.context_today)
    date_to = fields.Date("Until and including")
    reason = fields.Char(required=True)
    current = fields.Text("Now", compute="_compute_current")
    needs_approval = fields.Boolean(compute="_compute_needs_approval")

    @api.depends("profile_ids")
    def _compute_company_id(self):
        for wizard in self:
            wizard.company_id = wizard.profile_ids.company_id[:1] or self.env.company.root_id

    @api.depends("profile_ids")
    def _compute_cap(self):
        for wizard in self:
            wizard.cap = wizard.profile_ids.cap_amount if len(wizard.profile_ids) == 1 else 0.0

    @api.depends("profile_ids")
    def _compute_current(self):
        for wizard in self:
            wizard.current = "\n".join(f"{profile.display_name}: {profile.limit_text}" for profile in wizard.profile_ids[:10])

    @api.depends("profile_ids", "meaning", "amount", "cap", "kind")
    def _compute_needs_approval(self):
        Limit = self.env["credit.limit"]
        for wizard in self:
            wizard.needs_approval = any(not Limit._may_decide(profile, wizard._prepare_line()) for profile in wizard.profile_ids)

    def _prepare_line(self):
        self.ensure_one()
        counted = self.meaning == "amount"
        return {"kind": self.kind, "meaning": self.meaning, "amount": self.amount if counted else 0.0,
                "cap": self.cap if counted and self.kind == "base" else 0.0,
                "date_from": self.date_from, "date_to": self.date_to, "reason": self.reason, "source": "manual"}

    def action_decide(self):
        self.ensure_one()
        if not self.env.user.has_group("account_credit_collection.group_collector"):
            raise AccessError(self.env._("Only collectors and credit managers ask for a credit limit."))
        if len(self.profile_ids.company_id) > 1:
            raise UserError(self.env._("These customers belong to several companies. Choose those of one."))
        if self.meaning == "amount" and not self.amount:
            raise UserError(self.env._("Enter the amount. For no credit at all choose “Prepayment only”."))
        self.profile_ids.check_access("write")
        lines = self.env["credit.limit"]
        for profile in self.profile_ids:
            lines += lines._request(profile, self._prepare_line())
        waiting = lines.filtered(lambda line: line.state == "proposed")
        waiting.profile_id._ask_once("limit", self.env._("Approve the new credit limit"))
        return {"type": "ir.actions.act_window_close"}
