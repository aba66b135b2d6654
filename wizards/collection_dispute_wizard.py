from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..models.collection_dispute import check_numbers
from ..models.collection_dispute_reason import CHOICES


class CollectionDisputeWizard(models.TransientModel):
    """How a dispute ends: what is done, about which amount, and what becomes of the rest."""

    _name = "collection.dispute.wizard"
    _description = "Resolve a Dispute"
    _inherit = ["collection.items.dialog"]

    dispute_id = fields.Many2one("collection.dispute", required=True)
    currency_id = fields.Many2one(related="dispute_id.currency_id")
    open_amount = fields.Monetary(related="dispute_id.open_amount")
    finding = fields.Text(related="dispute_id.finding")
    outcome = fields.Selection(CHOICES, "How does it end?", required=True, compute="_compute_outcome", store=True, readonly=False, precompute=True)
    amount = fields.Monetary(required=True, compute="_compute_amount", store=True, readonly=False, precompute=True)
    rest = fields.Selection([("keep", "Stays in dispute"), ("drop", "Is not contested any more")], "The rest", required=True, default="keep")
    has_rest = fields.Boolean(compute="_compute_sentence")
    why = fields.Char("In words", help="A customer who contested it online reads this when it is rejected.")
    our_fault = fields.Boolean("It was our fault", compute="_compute_our_fault", store=True, readonly=False, precompute=True)
    books = fields.Boolean(compute="_compute_sentence")
    sentence = fields.Text(compute="_compute_sentence")

    @api.model_create_multi
    def create(self, vals_list):
        check_numbers(self.env, vals_list)
        return super().create(vals_list)

    def write(self, vals):
        check_numbers(self.env, [vals])
        return super().write(vals)

    def onchange(self, values, field_names, fields_spec):
        check_numbers(self.env, [values])
        return super().onchange(values, field_names, fields_spec)

    @api.depends("dispute_id")
    def _compute_outcome(self):
        for wizard in self:
            wizard.outcome = wizard.dispute_id.reason_id.default_outcome or "rejected"

    @api.depends("dispute_id")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = wizard.dispute_id.open_amount

    @api.depends("dispute_id", "outcome")
    def _compute_our_fault(self):
        """What is rejected or withdrawn was not our fault, unless the collector says so."""
        for wizard in self:
            wizard.our_fault = wizard.dispute_id._likely_our_fault() and wizard.outcome not in ("rejected", "withdrawn")

    @api.depends("dispute_id", "outcome", "amount", "rest")
    @api.depends_context("lang")
    def _compute_sentence(self):
        for wizard in self:
            currency = wizard.currency_id
            wizard.has_rest = bool(currency) and currency.compare_amounts(wizard.amount, wizard.open_amount) < 0
            wizard.books = wizard.outcome in ("credit_note", "written_off")
            wizard.sentence = wizard._describe(currency.format(wizard.amount)) if currency else False

    def _describe(self, amount):
        """What the button will do."""
        detail = {"amount": amount, "document": self.dispute_id.document}
        if self.outcome == "credit_note":
            return self.env._("A credit note of %(amount)s, taxes included, is made for %(document)s, posted and set off against it.", **detail)
        if self.outcome == "written_off":
            return self.env._("%(amount)s of %(document)s is written off and not asked for any more.", **detail)
        return self.env._("%(amount)s of %(document)s is asked for again from tomorrow on.", **detail)

    def action_resolve(self):
        self.ensure_one()
        if not self.env.user.has_group("account_credit_collection.group_collector"):
            raise AccessError(self.env._("Only collectors and credit managers decide on disputes."))
        if self.outcome == "rejected" and not self.why:
            raise UserError(self.env._("Say why it is rejected: the customer will ask."))
        move = self.dispute_id._resolve(self.outcome, self.amount, self.has_rest and self.rest == "drop", self.why, self.our_fault)
        if move and move.state == "draft":
            return {"type": "ir.actions.act_window", "res_model": "account.move", "view_mode": "form", "res_id": move.id}
        return {"type": "ir.actions.act_window_close"}
