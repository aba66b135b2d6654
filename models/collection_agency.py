from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..engine import handover
from ..engine.money import exact

KINDS = [("agency", "Collection agency"), ("lawyer", "Lawyer"), ("insurer", "Credit insurer")]


class CollectionAgency(models.Model):
    """Who collects for us: an agency, a lawyer, an insurer. What it costs follows from its fee rule."""

    _name = "collection.agency"
    _description = "Collection Agency"
    _inherit = ["mail.thread"]
    _order = "sequence, id"

    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    partner_id = fields.Many2one("res.partner", "Contact", required=True, index=True, ondelete="restrict", tracking=True)
    name = fields.Char(related="partner_id.name", store=True)
    kind = fields.Selection(KINDS, required=True, default="agency", tracking=True)
    company_id = fields.Many2one("res.company", index=True, ondelete="restrict", default=lambda self: self.env.company.root_id,
                                 help="Empty: for all companies.")
    currency_id = fields.Many2one("res.currency", "Currency of the fee", required=True, ondelete="restrict", default=lambda self: self.env.company.currency_id)
    email = fields.Char("E-mail for files", compute="_compute_email", store=True, readonly=False)
    lang = fields.Selection(lambda self: self.env["res.lang"].get_installed(), "Language of files", default=lambda self: self.env.lang)
    country_ids = fields.Many2many("res.country", string="Countries", help="Where it collects. Empty: everywhere.")
    fee_fixed = fields.Monetary("Fixed fee a case", help="Charged once, with the first money that comes in.")
    band_ids = fields.One2many("collection.agency.band", "agency_id", "Fee by age", copy=True)
    fee_tax_ids = fields.Many2many("account.tax", string="Taxes on the fee", domain="[('type_tax_use', '=', 'purchase'), ('price_include', '=', False)]", check_company=False)
    vat_note = fields.Char("Note on VAT", translate=True, help="For example: the fee is subject to reverse charge.")
    stops_interest = fields.Boolean("Interest stops with the handover", help="Where the agency reckons interest of its own from then on.")
    note = fields.Text("Internal note")

    handover_ids = fields.One2many("collection.handover", "agency_id", "Handovers")
    handover_count = fields.Integer("Cases", compute="_compute_figures")
    company_currency_id = fields.Many2one("res.currency", compute="_compute_figures")
    handed_amount = fields.Monetary("Handed over", compute="_compute_figures", currency_field="company_currency_id")
    recovered_amount = fields.Monetary("Recovered", compute="_compute_figures", currency_field="company_currency_id")
    fee_amount = fields.Monetary("Fees", compute="_compute_figures", currency_field="company_currency_id")
    recovery_rate = fields.Float("Recovered (%)", compute="_compute_figures", digits=(5, 1))
    average_days = fields.Integer("Days on average", compute="_compute_figures", help="From the handover until the case is closed.")

    _fee_positive = models.Constraint("CHECK(fee_fixed >= 0)", "The fixed fee must not be negative.")

    @api.depends("partner_id")
    def _compute_email(self):
        for agency in self:
            agency.email = agency.partner_id.email or agency.email

    @api.depends("handover_ids.claim_own", "handover_ids.recovered_own", "handover_ids.fee_own", "handover_ids.days")
    @api.depends_context("company", "uid")
    def _compute_figures(self):
        """What was handed over in all, of the companies and customers that the reader sees."""
        own = self.env.company
        groups = self.env["collection.handover"]._read_group(
            [("agency_id", "in", self.ids), ("handed_on", "!=", False)], ["agency_id", "company_id"],
            ["__count", "claim_own:sum", "recovered_after_own:sum", "fee_own:sum"]) if self.ids else []
        closed = dict(self.env["collection.handover"]._read_group(
            [("agency_id", "in", self.ids), ("handed_on", "!=", False), ("ended_on", "!=", False)], ["agency_id"], ["days:avg"])) if self.ids else {}
        sums = {}
        for agency, company, count, *amounts in groups:
            known = sums.setdefault(agency, [0, 0.0, 0.0, 0.0])
            known[0] += count
            for place, amount in enumerate(amounts, 1):
                known[place] += company.currency_id._convert(amount, own.currency_id, own, fields.Date.context_today(self))
        for agency in self:
            count, handed, recovered, fees = sums.get(agency._origin, (0, 0.0, 0.0, 0.0))
            agency.update({
                "company_currency_id": own.currency_id.id, "handover_count": count, "handed_amount": handed, "recovered_amount": recovered,
                "fee_amount": fees, "recovery_rate": 100 * recovered / handed if handed else 0.0, "average_days": round(closed.get(agency._origin) or 0)})

    def action_open_handovers(self):
        """The cases of this agency."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_handover_action")
        return dict(action, domain=[("agency_id", "in", self.ids)], context={})

    def _check_usable(self, company):
        """An agency that the user sees and that works for the company."""
        self.check_access("read")
        if self.company_id and self.company_id != company:
            raise UserError(self.env._("%(agency)s works for another company than %(company)s.", agency=self.name, company=company.name))

    def _serves(self, country):
        """Whether it collects in the customer's country."""
        return not self.country_ids or not country or country in self.country_ids

    # ------------------------------------------------------------------ the fee

    @api.constrains("fee_tax_ids")
    def _check_fee_taxes(self):
        """The fee is without taxes: one that is in the price would be counted twice."""
        for agency in self:
            included = agency.fee_tax_ids.flatten_taxes_hierarchy().filtered("price_include")[:1]
            if included:
                raise ValidationError(self.env._("%(tax)s is included in the price. For the fee of %(agency)s choose a tax that comes on top.",
                                                 tax=included.name, agency=agency.name))

    def _fee(self, amount, currency, age, first, company, today):
        """What it charges for ``amount`` that came in, without taxes, in ``currency``."""
        self.ensure_one()
        fixed = self.currency_id._convert(self.fee_fixed, currency, company, today) if first else 0.0
        return float(self._decide_fee(exact(amount), age, exact(fixed), exact(currency.rounding)))

    def _decide_fee(self, amount, age, fixed, quantum):
        """One engine call: the place to hook another fee rule."""
        bands = tuple(handover.Band(band.age_days_from, exact(band.percent)) for band in self.band_ids)
        return handover.fee(amount, age, bands, fixed, quantum)


class CollectionAgencyBand(models.Model):
    """The percentage that is kept of debts from an age on."""

    _name = "collection.agency.band"
    _description = "Fee of an Agency by Age"
    _order = "agency_id, age_days_from"
    _rec_name = "age_days_from"

    agency_id = fields.Many2one("collection.agency", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="agency_id.company_id", store=True, index=True)
    age_days_from = fields.Integer("From days late", required=True, aggregator=None)
    percent = fields.Float("Keeps (%)", required=True, digits=(5, 2), aggregator=None)

    _percent_share = models.Constraint("CHECK(percent BETWEEN 0 AND 100)", "A fee lies between 0 and 100 %.")
    _age_positive = models.Constraint("CHECK(age_days_from >= 0)", "The days late must not be negative.")
    _age_uniq = models.UniqueIndex("(agency_id, age_days_from)", "There is a fee from this day on already.")
