from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

FURTHEST = 120  # days until charges may be waived for a payment


class CollectionChargeWaiveWizard(models.TransientModel):
    """What of charges is forgiven, why, and whether at once or for a payment in time."""

    _name = "collection.charge.waive.wizard"
    _description = "Waive Charges"
    _inherit = ["collection.items.dialog"]

    charge_ids = fields.Many2many("collection.charge", "collection_charge_waive_rel", "wizard_id", "charge_id", "Charges", required=True)
    line_ids = fields.Many2many("collection.charge.line", "collection_charge_waive_line_rel", "wizard_id", "line_id", "Lines",
                                compute="_compute_line_ids", store=True, readonly=False,
                                domain="[('charge_id', 'in', charge_ids), ('state', 'in', ('draft', 'posted'))]")
    when = fields.Selection([("now", "At once"), ("paid", "If the invoices are paid by")], required=True, default="now")
    until = fields.Date("Paid by")
    reason = fields.Char(required=True)
    is_one = fields.Boolean(compute="_compute_totals")
    totals = fields.Char("To waive", compute="_compute_totals")

    @api.depends("charge_ids")
    def _compute_line_ids(self):
        for wizard in self:
            wizard.line_ids = wizard.charge_ids.line_ids.filtered(lambda line: line.state in ("draft", "posted"))

    @api.depends("line_ids", "when", "charge_ids")
    def _compute_totals(self):
        for wizard in self:
            lines = wizard._chosen()
            wizard.is_one = len(wizard.charge_ids) == 1
            wizard.totals = " · ".join(wizard._total(currency, some) for currency, some in lines.grouped("currency_id").items())

    def _total(self, currency, lines):
        """What is forgiven, and what of it the credit notes take off with the taxes: a collector's limit is about that."""
        company = lines.company_id[:1]
        net = sum(lines.mapped("amount"))
        taxed = company.currency_id._convert(lines._with_tax(company), currency, company, company._collection_today())
        if not currency.compare_amounts(net, taxed):
            return currency.format(net)
        return self.env._("%(net)s, with tax %(taxed)s", net=currency.format(net), taxed=currency.format(taxed))

    def _chosen(self):
        """Charges are waived for a payment as a whole."""
        return self.line_ids if self.when == "now" else self.charge_ids.line_ids.filtered(lambda line: line.state in ("draft", "posted"))

    def action_waive(self):
        self.ensure_one()
        charges, lines = self.charge_ids, self._chosen()
        charges.check_access("read")
        charges._check_waive(lines)
        if not lines:
            raise UserError(self.env._("Choose at least one line to waive."))
        if self.when == "now":
            charges._waive(self.reason, lines)
        else:
            self._check_until()
            charges._promise_waiver(self.until, self.reason)
        return {"type": "ir.actions.act_window_close"}

    def _check_until(self):
        today = self.charge_ids.company_id[:1]._collection_today()
        if not self.until or not 0 <= (self.until - today).days <= FURTHEST:
            raise UserError(self.env._("Choose a day from %(first)s, at most %(days)s days ahead.", first=format_date(self.env, today), days=FURTHEST))
