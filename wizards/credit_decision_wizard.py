from odoo import api, fields, models
from odoo.exceptions import UserError


class CreditApplicationWizard(models.AbstractModel):
    """A dialog about one application."""

    _name = "credit.application.wizard"
    _description = "Dialog about a Credit Application"
    _inherit = ["collection.items.dialog"]

    application_id = fields.Many2one("credit.application", required=True, ondelete="cascade")


class CreditDecisionWizard(models.TransientModel):
    """Approve an application with amount and conditions, or refuse it with reasons."""

    _name = "credit.decision.wizard"
    _description = "Decide on a Credit Application"
    _inherit = ["credit.application.wizard"]

    company_id = fields.Many2one(related="application_id.company_id")
    currency_id = fields.Many2one(related="application_id.currency_id")
    contract_required = fields.Boolean(related="company_id.credit_contract_required")
    requested_limit = fields.Monetary(related="application_id.requested_limit")
    proposed_limit = fields.Monetary(related="application_id.proposed_limit")
    score = fields.Float(related="application_id.score")
    coverage = fields.Float(related="application_id.coverage")
    class_id = fields.Many2one(related="application_id.class_id")
    outcome = fields.Selection([("approve", "Approve"), ("refuse", "Refuse")], "Decision", required=True, default="approve")

    approved_cap = fields.Monetary("Ceiling", compute="_compute_approved_cap", store=True, readonly=False, precompute=True,
                                   help="The limit never grows beyond it.")
    ladder_id = fields.Many2one("credit.ladder", "Grows along", compute="_compute_ladder_id", store=True, readonly=False, precompute=True,
                                domain="[('company_id', '=', company_id)]", help="Empty: the whole ceiling from the first day.")
    stage_id = fields.Many2one("credit.ladder.stage", "First stage", compute="_compute_stage_id", store=True, readonly=False, precompute=True,
                               domain="[('ladder_id', '=', ladder_id)]")
    start_limit = fields.Monetary("Limit to start with", compute="_compute_start_limit", store=True, readonly=False, precompute=True)
    granted_term_id = fields.Many2one("account.payment.term", "Payment terms", compute="_compute_granted_term_id", store=True, readonly=False,
                                      precompute=True, domain="[('company_id', 'in', (False, company_id))]")
    conditions = fields.Text(help="Printed in the letter and in the contract.")
    offer_until = fields.Date("To be signed by", compute="_compute_offer_until", store=True, readonly=False, precompute=True)
    limit_until = fields.Date("Limit runs out on", compute="_compute_limit_until", store=True, readonly=False, precompute=True)
    review_on = fields.Date("Review on", compute="_compute_review_on", store=True, readonly=False, precompute=True)

    reason_ids = fields.Many2many("credit.refusal.reason", string="Reasons")
    refusal_text = fields.Text("In addition")

    # One method for each: a method that sets several would overwrite those that were given.

    @api.depends("application_id")
    def _compute_approved_cap(self):
        for wizard in self:
            wizard.approved_cap = wizard.application_id.proposed_limit or wizard.application_id.requested_limit

    @api.depends("application_id")
    def _compute_ladder_id(self):
        for wizard in self:
            wizard.ladder_id = wizard.application_id._default_ladder()

    @api.depends("application_id")
    def _compute_offer_until(self):
        for wizard in self:
            wizard.offer_until = wizard.application_id._default_dates()["offer_until"]

    @api.depends("application_id")
    def _compute_limit_until(self):
        for wizard in self:
            wizard.limit_until = wizard.application_id._default_dates()["limit_until"]

    @api.depends("application_id")
    def _compute_review_on(self):
        for wizard in self:
            wizard.review_on = wizard.application_id._default_dates()["review_on"]

    @api.depends("ladder_id")
    def _compute_stage_id(self):
        for wizard in self:
            wizard.stage_id = wizard.ladder_id._first_stage()

    @api.depends("stage_id", "approved_cap")
    def _compute_start_limit(self):
        for wizard in self:
            wizard.start_limit = min(wizard.stage_id.amount, wizard.approved_cap) if wizard.stage_id else wizard.approved_cap

    @api.depends("stage_id")
    def _compute_granted_term_id(self):
        for wizard in self:
            wizard.granted_term_id = wizard.stage_id.payment_term_id or wizard.application_id.requested_term_id

    def action_decide(self):
        for wizard in self:
            if wizard.outcome == "approve":
                wizard.application_id._approve(wizard._prepare_offer())
            else:
                wizard.application_id._refuse(wizard.reason_ids, wizard.refusal_text)
        return {"type": "ir.actions.act_window_close"}

    def _prepare_offer(self):
        names = ("approved_cap", "start_limit", "conditions", "limit_until", "review_on")
        return {
            **{name: self[name] for name in names}, "offer_until": self.offer_until if self.contract_required else False,
            "ladder_id": self.ladder_id.id, "stage_id": self.stage_id.id, "granted_term_id": self.granted_term_id.id}


class CreditAskBackWizard(models.TransientModel):
    """Give the form back to the applicant, saying what is still needed."""

    _name = "credit.ask.back.wizard"
    _description = "Ask an Applicant Back"
    _inherit = ["credit.application.wizard"]

    email = fields.Char(related="application_id.email")
    text = fields.Text("What is still needed", required=True)

    def action_ask(self):
        for wizard in self:
            wizard.application_id._ask_back(wizard.text)
        return {"type": "ir.actions.act_window_close"}


class CreditMatchWizard(models.TransientModel):
    """Say which customer an application is from."""

    _name = "credit.match.wizard"
    _description = "Match an Application with a Customer"
    _inherit = ["credit.application.wizard"]

    duplicate_ids = fields.Many2many(related="application_id.duplicate_ids")
    partner_id = fields.Many2one("res.partner", "Customer", domain=[("parent_id", "=", False)],
                                 default=lambda self: self._default_partner())

    def _default_partner(self):
        application = self.env["credit.application"].browse(self.env.context.get("default_application_id"))
        return application.duplicate_ids if len(application.duplicate_ids) == 1 else False

    def action_match(self):
        for wizard in self:
            if not wizard.partner_id:
                raise UserError(self.env._("Choose the customer, or create a new one."))
            wizard.application_id._check_staff()
            wizard.application_id._match(wizard.partner_id)
        return {"type": "ir.actions.act_window_close"}

    def action_create(self):
        self.application_id.action_create_partner()
        return {"type": "ir.actions.act_window_close"}
