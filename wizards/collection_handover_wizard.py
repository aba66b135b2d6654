from odoo import api, fields, models

from ..models.collection_handover import COLLECTOR, MANAGER


class CollectionHandoverWizard(models.TransientModel):
    """Propose a handover: which invoices, to whom, and why."""

    _name = "collection.handover.wizard"
    _description = "Propose a Handover"
    _inherit = ["collection.items.dialog"]

    profile_id = fields.Many2one("credit.profile", "Customer", required=True)
    company_id = fields.Many2one(related="profile_id.company_id")
    partner_id = fields.Many2one(related="profile_id.partner_id", string="Partner")
    currency_id = fields.Many2one("res.currency", required=True, compute="_compute_currency_id", store=True, readonly=False, precompute=True)
    item_ids = fields.Many2many("account.move.line", string="Invoices", compute="_compute_item_ids", store=True, readonly=False, precompute=True)
    agency_id = fields.Many2one("collection.agency", "To", domain="['|', ('company_id', '=', False), ('company_id', '=', company_id)]",
                                help="Whoever approves it may choose another one.")
    reason = fields.Char("Why", required=True)
    claim = fields.Monetary(compute="_compute_claim")
    disputed = fields.Monetary("Under dispute", compute="_compute_claim")

    @api.depends("profile_id")
    def _compute_currency_id(self):
        for wizard in self:
            own = wizard.profile_id.company_id.currency_id or self.env.company.currency_id
            items = wizard._late_items()
            wizard.currency_id = own if own in items.currency_id or not items else items[:1].currency_id

    @api.depends("profile_id", "currency_id")
    def _compute_item_ids(self):
        """What is late and nothing else is agreed on."""
        for wizard in self:
            wizard.item_ids = wizard._late_items().filtered(lambda item, wizard=wizard: item.currency_id == wizard.currency_id)

    @api.depends("item_ids", "profile_id")
    def _compute_claim(self):
        for wizard in self:
            items = wizard.item_ids._origin
            company = wizard.profile_id.company_id or self.env.company.root_id
            disputed = self.env["collection.reader"]._read_disputes(items.ids, company._collection_today()) if items else {}
            wizard.disputed = float(sum(disputed.values()))
            wizard.claim = sum(items.mapped("amount_residual_currency")) - wizard.disputed

    def _late_items(self):
        if not self.profile_id:
            return self.env["account.move.line"]
        today = self.profile_id.company_id._collection_today()
        items = self.profile_id.item_ids.filtered(lambda item: item.amount_residual_currency > 0 and item.date_maturity and item.date_maturity < today)
        bound = [self.env[f"collection.{name}.line"]._live_ones(items).item_id for name in ("settlement", "plan", "handover")]
        return items - bound[0] - bound[1] - bound[2] - self.env["collection.promise.line"]._open_ones(items).item_id

    def _check_seen(self, names):
        self.env["collection.handover"]._check_group(COLLECTOR)
        super()._check_seen(names)

    def action_propose(self):
        """Propose it; the proposal is shown."""
        self.ensure_one()
        record = self.env["collection.handover"]._propose(self.profile_id, self.item_ids, self.agency_id, self.reason)
        return {"type": "ir.actions.act_window", "res_model": record._name, "res_id": record.id, "view_mode": "form", "views": [(False, "form")]}


class CollectionHandoverDecisionWizard(models.TransientModel):
    """What a step of a handover takes: whom to, why, what was said."""

    _name = "collection.handover.decision.wizard"
    _description = "Decide on a Handover"
    _inherit = ["collection.items.dialog"]

    handover_id = fields.Many2one("collection.handover", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="handover_id.company_id")
    currency_id = fields.Many2one(related="handover_id.currency_id")
    decision = fields.Selection([("approve", "Approve"), ("hand_over", "Hand over"), ("recall", "Recall"), ("cancel", "Cancel"), ("note", "Note"),
                                 ("write_off", "Write off"), ("undo_write_off", "Undo the write-off")], required=True)
    agency_id = fields.Many2one("collection.agency", "To", domain="['|', ('company_id', '=', False), ('company_id', '=', company_id)]")
    costs = fields.Monetary("Costs to claim besides", help="Such as the fee of the letter before action. They are claimed, not booked.")
    kind = fields.Selection([("status", "Word of the agency"), ("note", "Note of ours")], default="status")
    reference = fields.Char("File number of the agency")
    reason = fields.Char("Why")
    note = fields.Text("What was said")
    open_amount = fields.Monetary(related="handover_id.open_amount", string="Still open", related_sudo=False)

    def action_decide(self):
        for wizard in self:
            wizard._decide()
        return {"type": "ir.actions.act_window_close"}

    def _decide(self):
        record = self.handover_id
        given = {
            "approve": (record._approve, self.agency_id, self.costs, self.reason), "hand_over": (record._hand_over, self.reference),
            "recall": (record._recall, self.reason), "cancel": (record._cancel, self.reason),
            "note": (record._write_note, self.kind, self.note, self.reference),
            "write_off": (record._write_off, self.reason), "undo_write_off": (record._undo_write_off, self.reason)}
        step, *values = given[self.decision]
        step(*values)


class CollectionHandoverRecoveryWizard(models.TransientModel):
    """Money from the agency: how much it collected, what it keeps of it, and how the rest came in."""

    _name = "collection.handover.recovery.wizard"
    _description = "Book a Recovery"
    _inherit = ["collection.items.dialog"]

    handover_id = fields.Many2one("collection.handover", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="handover_id.company_id")
    currency_id = fields.Many2one(related="handover_id.currency_id")
    open_amount = fields.Monetary(related="handover_id.open_amount", string="Still open", related_sudo=False)
    amount = fields.Monetary("The customer paid", required=True, help="Nothing where the agency only bills a fee.")
    costs_left = fields.Monetary("Costs claimed", compute="_compute_costs_left")
    costs = fields.Monetary("Of it, costs", compute="_compute_costs", store=True, readonly=False,
                            help="For the costs claimed besides what is in the books: booked as an income.")
    on = fields.Date("Came in on", required=True, compute="_compute_on", store=True, readonly=False, precompute=True)
    fee = fields.Monetary("Fee, without tax", compute="_compute_fee", store=True, readonly=False)
    fee_tax = fields.Monetary("Tax on the fee", compute="_compute_net")
    kept = fields.Boolean("The agency kept its fee", default=True)
    net = fields.Monetary("Comes in", compute="_compute_net")
    fee_by = fields.Selection([("bill", "A draft bill of the agency"), ("expense", "An expense entry")], "The fee becomes", required=True,
                              compute="_compute_fee_by", store=True, readonly=False, precompute=True)
    journal_id = fields.Many2one("account.journal", "Came in by", domain="[('type', 'in', ('bank', 'cash')), ('company_id', 'child_of', company_id)]",
                                 compute="_compute_journal_id", store=True, readonly=False, precompute=True)
    line_id = fields.Many2one("account.move.line", "Payment in the books",
                              help="Where the payment is in the books already, whether nobody has matched it or it was matched with these invoices.")
    matched_ids = fields.Many2many("account.move.line", compute="_compute_matched_ids")

    @api.depends("handover_id")
    def _compute_on(self):
        for wizard in self:
            wizard.on = (wizard.company_id or self.env.company.root_id)._collection_today()

    @api.depends("handover_id")
    def _compute_fee_by(self):
        for wizard in self:
            wizard.fee_by = wizard.company_id.collection_handover_fee_by or "bill"

    @api.depends("handover_id")
    def _compute_journal_id(self):
        for wizard in self:
            wizard.journal_id = self.env["account.journal"].search(
                [("type", "=", "bank"), ("company_id", "=", wizard.company_id.id)], limit=1)

    @api.depends("amount", "handover_id")
    def _compute_fee(self):
        for wizard in self:
            wizard.fee = wizard.handover_id._expected_fee(wizard.amount) if wizard.handover_id and wizard.amount > 0 else 0.0

    @api.depends("handover_id")
    def _compute_costs_left(self):
        for wizard in self:
            wizard.costs_left = wizard.handover_id._costs_left() if wizard.handover_id else 0.0

    @api.depends("amount", "handover_id", "line_id")
    def _compute_costs(self):
        for wizard in self:
            wizard.costs = wizard.handover_id._expected_costs(wizard.amount, wizard.line_id) if wizard.handover_id else 0.0

    @api.depends("handover_id")
    def _compute_matched_ids(self):
        for wizard in self:
            wizard.matched_ids = wizard.handover_id._matched_money().ids

    def _keeps(self):
        """Of nothing that came in it kept nothing: it bills."""
        return self.kept and bool(self.amount)

    @api.depends("amount", "fee", "kept")
    def _compute_net(self):
        for wizard in self:
            gross = wizard.handover_id._fee_gross(wizard.fee) if wizard.handover_id else 0.0
            wizard.fee_tax = gross - wizard.fee
            wizard.net = wizard.amount - gross if wizard._keeps() else wizard.amount

    def action_recover(self):
        self.ensure_one()
        self.env["collection.handover"]._check_group(MANAGER)
        self.handover_id._recover(self.amount, self.fee, self._keeps(), self.on, self.journal_id, self.line_id, self.fee_by, self.costs)
        return {"type": "ir.actions.act_window_close"}
