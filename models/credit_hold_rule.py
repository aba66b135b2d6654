from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from ..engine import hold
from ..engine.money import exact

KINDS = [
    ("over_limit", "Over the credit limit"),
    ("overdue", "Overdue"),
    ("expired", "Limit expired"),
    ("level", "A follow-up level that holds orders was reached"),
    ("broken_promises", "Promises to pay were broken"),
]
OUTCOMES = [("warn", "Go on with a warning"), ("hold", "Hold until released"), ("stop", "Stop; only payment helps")]


class CreditHoldRule(models.Model):
    """What keeps an order or an invoice from going on. All rules of a company are asked; the strictest decides."""

    _name = "credit.hold.rule"
    _description = "Rule for Credit Holds"
    _order = "company_id, sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict",
                                 default=lambda self: self.env.company.root_id)
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(KINDS, required=True, default="over_limit")
    outcome = fields.Selection(OUTCOMES, required=True, default="hold")
    on_orders = fields.Boolean("Orders", default=True)
    on_invoices = fields.Boolean("Invoices", default=True)
    days = fields.Integer("More than days late", default=0, help="Of broken promises: how many days back they count. 0 = ever.")
    count = fields.Integer("At least", default=1, aggregator=None, help="How many promises were broken.")
    amount = fields.Monetary("More than", help="What is that much late, in total. 0 = any amount.")
    share = fields.Float("More than (% of the limit)", help="0: any share of what is overdue, the whole limit for the exposure.")

    _figures_positive = models.Constraint("CHECK(days >= 0 AND amount >= 0 AND share >= 0 AND count >= 0)", "The figures of a rule must not be negative.")

    @api.constrains("outcome", "kind")
    def _check_outcome(self):
        for rule in self:
            if rule.kind == "over_limit" and rule.outcome == "stop":
                raise ValidationError(self.env._(
                    "“%s”: a limit can always be released by somebody with the authority; choose to hold.", rule.name))
            if rule.kind == "broken_promises" and rule.outcome == "stop":
                raise ValidationError(self.env._(
                    "“%s”: a broken promise cannot be paid for afterwards, so somebody must be able to release it; choose to hold.", rule.name))

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    @api.model
    def _in_force(self, company, checkpoint):
        """The rules a company asks at an ``order`` or an ``invoice``, as the engine takes them."""
        company = company.root_id
        if company.credit_check == "off":
            return ()
        rules = self._cached(company.id, f"on_{checkpoint}s")
        if company.credit_check == "warn":
            return tuple(rule._replace(outcome=hold.WARN) for rule in rules)
        return rules

    @api.model
    @tools.ormcache("company_id", "field")
    def _cached(self, company_id, field):
        # sudo: a salesperson confirms orders and need not see the rules; what is kept for all must not hang on one caller's context
        rules = self.sudo().with_context(active_test=True).search([("company_id", "=", company_id), (field, "=", True)])
        return tuple(rule._to_engine() for rule in rules)

    def _to_engine(self):
        self.ensure_one()
        return hold.Rule(self.kind, self.outcome, self.days, exact(self.amount), exact(self.share) / 100,
                         self.count)
