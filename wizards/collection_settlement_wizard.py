from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..models.collection_reason import describe
from ..models.collection_settlement import COLLECTOR


class CollectionSettlementWizard(models.TransientModel):
    """Make a settlement offer: what for, how much, until when, and at once what it costs and whether it may be."""

    _name = "collection.settlement.wizard"
    _description = "Make a Settlement Offer"
    _inherit = ["collection.items.dialog"]

    profile_id = fields.Many2one("credit.profile", "Customer", required=True)
    company_id = fields.Many2one(related="profile_id.company_id")
    partner_id = fields.Many2one(related="profile_id.partner_id", string="Partner")
    currency_id = fields.Many2one("res.currency", required=True, compute="_compute_currency_id", store=True, readonly=False, precompute=True)
    item_ids = fields.Many2many("account.move.line", string="Invoices", compute="_compute_item_ids", store=True, readonly=False, precompute=True)
    until = fields.Date("Until and including", required=True, compute="_compute_until", store=True, readonly=False, precompute=True)
    amount = fields.Monetary("To pay", required=True, compute="_compute_amount", store=True, readonly=False, precompute=True)
    percent = fields.Float("Of what is open (%)", digits=(5, 2), compute="_compute_percent", store=True, readonly=False, precompute=True)
    reason = fields.Char("Why", help="For the credit manager who approves it.")

    principal = fields.Monetary("Invoices open", compute="_compute_figures")
    charges = fields.Monetary("Charges open", compute="_compute_figures")
    debt = fields.Monetary("Open in all", compute="_compute_figures")
    waived = fields.Monetary("Charges waived", compute="_compute_figures")
    discount = fields.Monetary("Discount granted", compute="_compute_figures")
    floor = fields.Monetary("Least to accept", compute="_compute_figures")
    floor_terms = fields.Html("How it comes about", compute="_compute_figures", sanitize=False)
    below_floor = fields.Boolean(compute="_compute_figures")
    above_right = fields.Boolean(compute="_compute_figures")
    verdict = fields.Char(compute="_compute_figures")
    on_account = fields.Monetary("Not matched yet", compute="_compute_on_account")
    is_manager = fields.Boolean(compute="_compute_is_manager")

    @api.depends("profile_id")
    def _compute_currency_id(self):
        """That of what is overdue, the company's own where there are several."""
        for wizard in self:
            own = wizard.profile_id.company_id.currency_id or self.env.company.currency_id
            items = wizard._late_items() or wizard._open_items()
            wizard.currency_id = own if own in items.currency_id or not items else items[:1].currency_id

    @api.depends("profile_id", "currency_id")
    def _compute_item_ids(self):
        """What is overdue with the open charges on it; what is agreed on otherwise is left out."""
        for wizard in self:
            mine = wizard._open_items().filtered(lambda item, wizard=wizard: item.currency_id == wizard.currency_id)
            late = wizard._late_items() & mine
            charges = self.env["collection.charge"]._on(late).item_id if late else late
            wizard.item_ids = (late | (charges & mine)) or mine

    @api.depends("profile_id")
    def _compute_until(self):
        for wizard in self:
            company = wizard.profile_id.company_id or self.env.company.root_id
            wizard.until = self.env["collection.settlement"]._default_until(company, company._collection_today())

    @api.depends("item_ids")
    def _compute_amount(self):
        """The invoices without the charges: the smallest thing to give up."""
        for wizard in self:
            wizard.amount = wizard._deal(0.0)[0] if wizard.item_ids else 0.0

    @api.depends("amount", "item_ids")
    def _compute_percent(self):
        for wizard in self:
            debt = sum(wizard.item_ids.mapped("amount_residual_currency"))
            wizard.percent = round(100 * wizard.amount / debt, 2) if debt else 0.0

    @api.onchange("percent")
    def _onchange_percent(self):
        """The amount follows, unless the percent came from it."""
        debt = sum(self.item_ids.mapped("amount_residual_currency"))
        if debt and round(100 * self.amount / debt, 2) != self.percent:
            self.amount = self.currency_id.round(debt * self.percent / 100)

    @api.depends("item_ids", "amount", "profile_id")
    def _compute_figures(self):
        for wizard in self:
            wizard.update(wizard._prepare_figures())

    @api.depends("profile_id", "currency_id")
    def _compute_on_account(self):
        """What came in before counts for no offer: it is matched first, or given back."""
        for wizard in self:
            wizard.on_account = -sum(wizard._credits().mapped("amount_residual_currency"))

    @api.depends_context("uid")
    def _compute_is_manager(self):
        self.is_manager = self.env["collection.settlement"]._is_manager()

    def _deal(self, amount):
        company = self.profile_id.company_id or self.env.company.root_id
        return self.env["collection.settlement"]._read_deal(company, self.item_ids, amount, company._collection_today())

    def _prepare_figures(self):
        deal, Settlement = self._deal(self.amount), self.env["collection.settlement"]
        company, debt = self.profile_id.company_id or self.env.company.root_id, deal.principal + deal.charges
        given = float(sum(deal.given))
        own = self.currency_id._convert(given, company.currency_id, company, company._collection_today()) if self.currency_id else given
        below, above = not deal.answer.accept, own > company.collection_write_off_max
        return {
            "principal": float(deal.principal), "charges": float(deal.charges), "debt": float(debt), "waived": float(deal.given.charges),
            "discount": float(deal.given.discount), "floor": float(deal.answer.floor), "below_floor": below, "above_right": above,
            "floor_terms": Settlement._describe_floor(self.currency_id, debt, deal.age, deal.prospect) if self.currency_id else "",
            "verdict": describe(self.env, self._verdict(given, below, above))}

    def _verdict(self, given, below, above):
        """The code of what pressing the button does."""
        if not self.item_ids or given <= 0:
            return "settlement_verdict_nothing"
        if self.env["collection.settlement"]._is_manager():
            return "settlement_verdict_below_manager" if below else "settlement_verdict_fine"
        return "settlement_verdict_below" if below else "settlement_verdict_above" if above else "settlement_verdict_fine"

    def _open_items(self):
        """What the customer owes and nothing else is agreed on."""
        items = self.profile_id.item_ids.filtered(lambda item: item.amount_residual_currency > 0)
        if not items:
            return items
        settled, planned = (self.env[f"collection.{name}.line"]._live_ones(items).item_id for name in ("settlement", "plan"))
        return items - settled - planned - self.env["collection.promise.line"]._open_ones(items).item_id

    def _credits(self):
        """Money and credit notes of the customer that nobody has matched yet."""
        return self.profile_id.item_ids.filtered(lambda item: item.amount_residual_currency < 0 and item.currency_id == self.currency_id)

    def _late_items(self):
        today = self.profile_id.company_id._collection_today() if self.profile_id else None
        return self._open_items().filtered(lambda item: item.date_maturity and item.date_maturity < today)

    # ------------------------------------------------------------------ rights

    def _check_seen(self, names):
        if not self.env.user.has_group(COLLECTOR):
            raise AccessError(self.env._("Only collectors and credit managers make settlement offers."))
        super()._check_seen(names)

    # ------------------------------------------------------------------ making it

    def action_offer(self):
        """Offer it, or ask a credit manager; the offer is shown."""
        record = self._make()
        record.action_offer()
        return self._show(record)

    def action_draft(self):
        """Keep it to think about it: nothing is sent, nothing is silent."""
        return self._show(self._make())

    def _make(self):
        self.ensure_one()
        if not self.item_ids:
            raise UserError(self.env._("Choose the invoices that the offer settles."))
        return self.env["collection.settlement"]._make(self.profile_id, self.item_ids, self.amount, self.until, self.reason)

    def _show(self, record):
        return {"type": "ir.actions.act_window", "res_model": record._name, "res_id": record.id, "view_mode": "form", "views": [(False, "form")]}


class CollectionSettlementDecisionWizard(models.TransientModel):
    """Why an offer is approved, refused, withdrawn or taken back."""

    _name = "collection.settlement.decision.wizard"
    _description = "Decide on a Settlement Offer"
    _inherit = ["collection.items.dialog"]

    settlement_id = fields.Many2one("collection.settlement", "Offer", required=True, ondelete="cascade")
    decision = fields.Selection([("approve", "Approve"), ("refuse", "Refuse"), ("withdraw", "Withdraw"), ("take_back", "Take back"),
                                 ("note", "Note")], required=True)
    reason = fields.Char()
    note = fields.Text()

    def action_decide(self):
        for wizard in self:
            if wizard.decision == "note":
                wizard.settlement_id._write_note(wizard.note)
            else:
                wizard.settlement_id._decide_on(wizard.decision, wizard.reason)
        return {"type": "ir.actions.act_window_close"}
