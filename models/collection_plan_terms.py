from odoo import fields, models

METHODS = [("count", "Number of parts"), ("amount", "Amount of a part")]
RHYTHMS = [("weekly", "Every week"), ("fortnightly", "Every two weeks"), ("monthly", "Every month"), ("month_end", "At the end of every month")]
# what is agreed with the customer; the rest is the template's alone
AGREED = ("down_percent", "method", "count", "part_amount", "rhythm", "annual_rate", "fee_amount", "waive_charges")
RULES = ("stops_interest", "revive_interest", "activates_on_payment", "max_days_late", "max_missed", "max_shortfall", "current_days", "grace_days")


class CollectionPlanTerms(models.AbstractModel):
    """How a plan is paid, what it costs and what breaks it: proposed by a template, agreed in a plan. 0 = no such rule."""

    _name = "collection.plan.terms"
    _description = "Terms of Payment Plans"

    currency_id = fields.Many2one("res.currency", required=True, ondelete="restrict")
    down_percent = fields.Float("Down payment (%)", digits=(5, 2))
    method = fields.Selection(METHODS, "Divided by", required=True, default="count")
    count = fields.Integer("Parts", default=3, aggregator=None)
    part_amount = fields.Monetary("Amount of a part", aggregator=None)
    rhythm = fields.Selection(RHYTHMS, "Due", required=True, default="monthly")
    annual_rate = fields.Float("Interest (% a year)", digits=(7, 4), aggregator=None)
    fee_amount = fields.Monetary("Fee", help="Comes with the first payment.")
    waive_charges = fields.Boolean("Waive open charges at the end", help="Late interest and fees billed on the invoices of the plan are given up once it is paid.")
    stops_interest = fields.Boolean("No late interest meanwhile", default=True, help="The invoices of the plan bear no late interest while it is kept to.")
    revive_interest = fields.Boolean("Late interest after all when broken", help="Once the plan is broken, late interest is due for the days of the plan too.")
    activates_on_payment = fields.Boolean("First payment accepts", help="The plan is also taken as accepted when its first payment comes in.")
    max_days_late = fields.Integer("Days late", default=14, aggregator=None, help="Broken when an installment is more days late than this.")
    max_missed = fields.Integer("Installments missed", default=2, aggregator=None, help="Broken when so many were not paid within the grace.")
    max_shortfall = fields.Float("Shortfall (%)", digits=(5, 2), aggregator=None, help="Broken when more than this is missing of what was due.")
    current_days = fields.Integer("New invoices late (days)", aggregator=None, help="Broken when a new invoice outside the plan is more days late than this.")
    grace_days = fields.Integer("Grace (days)", default=3, aggregator=None, help="So long after its day an installment does not count as missed.")

    _terms_sane = models.Constraint(
        "CHECK(down_percent >= 0 AND down_percent < 100 AND (method <> 'count' OR count BETWEEN 1 AND 120) AND (method <> 'amount' OR part_amount > 0)"
        " AND annual_rate >= 0 AND annual_rate <= 100 AND fee_amount >= 0 AND max_days_late >= 0 AND max_missed >= 0 AND max_shortfall >= 0"
        " AND current_days >= 0 AND grace_days >= 0)",
        "A plan has 1 to 120 parts of more than nothing; percents lie between 0 and 100, and nothing is negative.")

    def _copy_terms(self, names):
        """The values of ``names``, for another record with terms."""
        self.ensure_one()
        return {name: self[name] for name in names}
