from odoo import api, fields, models

from ..engine import priority
from ..engine.money import exact

KINDS = [
    ("broken_promise", "A promise was broken"),
    ("callback", "A call was agreed for today"),
    ("call_due", "The follow-up asks for a call"),
    ("amount", "So much can be collected"),
    ("days_late", "The oldest invoice is so late"),
    ("limit_used", "The credit limit is used up"),
    ("no_reaction", "A reminder brought nothing"),
    ("silent", "Nobody spoke to the customer for long"),
    ("payer", "How the customer pays"),
    ("pay_run", "The customer's next pay run is near"),
]
PAYERS = [("new", "New"), ("prompt", "Prompt"), ("occasional", "Occasionally late"), ("chronic", "Chronically late")]


class CollectionWorklistRule(models.Model):
    """A reason to call, worth points. The points met in percent of all there are rank the worklist (F-5)."""

    _name = "collection.worklist.rule"
    _description = "Rule of the Worklist"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, ondelete="restrict", help="Empty: for all companies.")
    kind = fields.Selection(KINDS, required=True, default="amount")
    points = fields.Integer(default=10, aggregator=None, help="0: shown as a reason, without weight.")
    amount = fields.Float("From", digits=(16, 2), help="In the currency of the company.")
    days = fields.Integer(aggregator=None)
    share = fields.Float("From (%)", digits=(5, 1), aggregator=None)
    payer = fields.Selection(PAYERS, default="chronic")
    exclusive_group = fields.Char("One of", help="Of the rules with the same word here only one can be met, so only the dearest counts for the highest mark.")
    first = fields.Boolean("Comes first", help="Puts the customer on top of the list, whatever the points.")

    _figures_positive = models.Constraint("CHECK(points >= 0 AND amount >= 0 AND days >= 0 AND share >= 0)", "The figures of a rule must not be negative.")

    @api.model
    def _in_force(self, company):
        """The rules of a company as the engine takes them."""
        # sudo: whoever reads the worklist is ranked by all rules of the company
        rules = self.sudo().with_context(active_test=True).search([("company_id", "in", (False, company.root_id.id))])
        return tuple(rule._to_engine() for rule in rules)

    def _to_engine(self):
        self.ensure_one()
        return priority.Rule(self.id, self.kind, self.points, exact(self.amount), self.days, exact(self.share),
                             self.payer, self.exclusive_group or None, self.first)
