from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.translate import LazyTranslate

from ..engine import score
from ..engine.money import exact

_lt = LazyTranslate(__name__)

FACTOR_SOURCES = [
    ("years_in_business", "Years in business"),
    ("trade_manner", "Trade references: days they are paid late"),
    ("trade_high_credit_ratio", "Trade references: high credit to requested limit (%)"),
    ("bank_reference", "Bank reference: days late"),
    ("requested_to_purchases", "Requested limit to monthly purchases (months)"),
    ("requested_to_net_worth", "Requested limit to net worth (%)"),
    ("external_score", "Outside score (0 to 100)"),
    ("average_days_late", "Own experience: days late on average"),
    ("question", "Answer to a question"),
]
PROBLEMS = {
    "no_bands": _lt("“%s” has no band: say which values are worth how many points."),
    "not_open": _lt("“%s” has a gap: mark one band as the lowest, so that every value is worth something."),
    "overlap": _lt("“%s”: two bands overlap, since they begin at the same value."),
    "points": _lt("“%s”: points must lie between 0 and 1."),
    "weight": _lt("“%s”: the weight must be more than zero."),
}


class CreditScorecard(models.Model):
    """How an applicant is judged: weighted factors, classes, and the figures of the proposed limit (F-2, F-3)."""

    _name = "credit.scorecard"
    _description = "Credit Scorecard"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, ondelete="restrict", domain=[("parent_id", "=", False)],
                                 help="Empty: for every company.")
    tolerance = fields.Float("Tolerance (points)", default=3.0, digits=(5, 2),
                             help="How far beyond its boundary a known class survives.")
    buffer = fields.Float("Buffer on purchases (%)", default=10.0, digits=(5, 2))
    net_worth_share = fields.Float("Share of net worth (%)", default=10.0, digits=(5, 2))
    rounding = fields.Float("Round the limit down to", default=500.0, digits=(16, 2))
    factor_ids = fields.One2many("credit.scorecard.factor", "scorecard_id", "Factors", copy=True)
    class_ids = fields.One2many("credit.scorecard.class", "scorecard_id", "Classes", copy=True)

    _figures_positive = models.Constraint(
        "CHECK(tolerance >= 0 AND buffer >= 0 AND net_worth_share >= 0 AND rounding > 0)",
        "Tolerance, buffer and share must not be negative, and the unit of rounding must be more than zero.")

    @api.constrains("factor_ids", "class_ids")
    def _check_complete(self):
        self.factor_ids._check_bands()
        for card in self:
            lows = card.class_ids.mapped("low")
            if lows and (min(lows) != 0 or len(set(lows)) != len(lows)):
                raise ValidationError(self.env._("The classes of “%s” must begin at 0 and at different scores.", card.name))

    def _to_engine(self):
        """Factors and classes as the engine takes them; the key of each is its record's id."""
        self.ensure_one()
        factors = [factor._to_engine() for factor in self.factor_ids if factor.active]
        classes = [score.Class(line.id, exact(line.low)) for line in self.class_ids]
        return factors, classes


class CreditScorecardFactor(models.Model):
    """One thing that is looked at, its weight, and the points each of its values is worth."""

    _name = "credit.scorecard.factor"
    _description = "Factor of a Scorecard"
    _order = "scorecard_id, sequence, id"

    scorecard_id = fields.Many2one("credit.scorecard", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="scorecard_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    name = fields.Char(required=True, translate=True)
    source = fields.Selection(FACTOR_SOURCES, required=True, default="years_in_business")
    question_code = fields.Char("Question", help="Technical name of the question, the same in all checklists that ask it.")
    weight = fields.Float(required=True, default=10.0, digits=(7, 2))
    band_ids = fields.One2many("credit.scorecard.band", "factor_id", "Bands", copy=True)

    @api.constrains("band_ids", "weight", "source", "question_code")
    def _check_bands(self):
        for factor in self:
            if factor.source == "question" and not factor.question_code:
                raise ValidationError(self.env._("“%s” looks at an answer: name the question.", factor.name))
            problem = score.problem(factor._to_engine())
            if problem:
                raise ValidationError(factor._problem_text(problem))

    def _problem_text(self, code):
        text = self.env._(PROBLEMS[code])
        return text % self.name

    def _to_engine(self):
        self.ensure_one()
        bands = [score.Band(None if band.is_lowest else exact(band.low), exact(band.points), band.choice_code or None)
                 for band in self.band_ids]
        return score.Factor(self.id, exact(self.weight), tuple(bands))


class CreditScorecardBand(models.Model):
    """The points of the values from ``low`` to where the next band begins, or of one choice."""

    _name = "credit.scorecard.band"
    _description = "Band of a Scorecard Factor"
    _order = "factor_id, is_lowest desc, low, id"

    factor_id = fields.Many2one("credit.scorecard.factor", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="factor_id.company_id", store=True, index=True)
    is_lowest = fields.Boolean("Lowest", help="Reaches down without end.")
    low = fields.Float("From", digits=(16, 2))
    choice_code = fields.Char("Choice", help="For a question with choices: the technical name of the choice.")
    points = fields.Float(required=True, digits=(4, 3), help="0 is worst, 1 is best.")
    name = fields.Char("In words", translate=True)


class CreditScorecardClass(models.Model):
    """A risk class: the scores from ``low`` to where the next class begins."""

    _name = "credit.scorecard.class"
    _description = "Risk Class of a Scorecard"
    _order = "scorecard_id, low desc, id"

    scorecard_id = fields.Many2one("credit.scorecard", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="scorecard_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True)
    low = fields.Float("Score from", digits=(5, 2))
    risk_factor = fields.Float(default=1.0, digits=(4, 3), help="What of the calculated limit is proposed, 0 to 1.")
    ladder_id = fields.Many2one("credit.ladder", ondelete="restrict", index="btree_not_null")

    _range = models.Constraint("CHECK(low >= 0 AND low <= 100 AND risk_factor >= 0 AND risk_factor <= 1)",
                               "A class begins between 0 and 100, and its risk factor lies between 0 and 1.")


class CreditExternalScore(models.Model):
    """What somebody else says of a customer: a bureau, or a person who typed it in.

    Another provider adds itself to ``provider`` and a method ``_fetch_<provider>``.
    """

    _name = "credit.external.score"
    _description = "Outside Credit Score"
    _inherit = ["credit.application.part"]
    _order = "fetched_on desc, id desc"

    _owner_fields = frozenset({"application_id", "profile_id"})

    application_id = fields.Many2one("credit.application", index="btree_not_null", ondelete="cascade")
    profile_id = fields.Many2one("credit.profile", "Customer", index="btree_not_null", ondelete="cascade")
    company_id = fields.Many2one("res.company", compute="_compute_company_id", store=True, index=True)
    provider = fields.Selection([("manual", "Entered by hand")], required=True, default="manual")
    score = fields.Float("Score (0 to 100)", required=True, digits=(5, 2), aggregator="avg")
    fetched_on = fields.Date("As of", required=True, default=fields.Date.context_today)
    valid_until = fields.Date()
    note = fields.Char()

    _score_range = models.Constraint("CHECK(score BETWEEN 0 AND 100)", "An outside score lies between 0 and 100.")
    _has_subject = models.Constraint("CHECK(application_id IS NOT NULL OR profile_id IS NOT NULL)",
                                     "An outside score is about an application or a customer.")

    @api.depends("application_id.company_id", "profile_id.company_id")
    def _compute_company_id(self):
        for line in self:
            line.company_id = line.application_id.company_id or line.profile_id.company_id

    @api.model
    def _fetch(self, application):
        """Ask every provider for what is not known yet; nobody is asked without the applicant's consent (R-111)."""
        today = application.company_id._collection_today()
        known = set(application.external_score_ids._valid(today).mapped("provider"))
        for provider, _label in self._fields["provider"].selection:
            if provider in known or not application.bureau_consent:
                continue
            values = getattr(self, f"_fetch_{provider}")(application)
            if values:
                self.create({**values, "application_id": application.id, "provider": provider})

    @api.model
    def _fetch_manual(self, application):
        """A person types it in: there is nobody to ask."""

    def _valid(self, today):
        return self.filtered(lambda line: not line.valid_until or line.valid_until >= today)
