from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import formatLang
from odoo.tools.translate import LazyTranslate

from ..engine import score
from ..engine.money import exact

_lt = LazyTranslate(__name__)

# How a figure reads; another source adds its own.
UNITS = {
    "years_in_business": _lt("%s years"), "trade_manner": _lt("%s days late"), "bank_reference": _lt("%s days late"),
    "average_days_late": _lt("%s days late"), "trade_high_credit_ratio": _lt("%s %% of the request"),
    "requested_to_purchases": _lt("%s months of purchases"), "requested_to_net_worth": _lt("%s %% of net worth"),
    "external_score": _lt("%s of 100"),
}
PLAIN = _lt("%s")


class CreditApplicationScore(models.Model):
    """What one factor gave to a score, as it was found that day."""

    _name = "credit.application.score"
    _description = "Factor of an Application's Score"
    _order = "application_id, sequence, id"

    application_id = fields.Many2one("credit.application", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="application_id.company_id", store=True, index=True)
    factor_id = fields.Many2one("credit.scorecard.factor", required=True, index=True, ondelete="restrict")
    sequence = fields.Integer()
    name = fields.Char(related="factor_id.name")
    found = fields.Float("Figure", digits=(16, 2), help="The figure the score was made of; an answer is looked up.")
    value = fields.Char("Found", compute="_compute_reason")
    low = fields.Float(digits=(16, 2))
    high = fields.Float(digits=(16, 2))
    is_lowest = fields.Boolean()
    is_highest = fields.Boolean()
    points = fields.Float(digits=(4, 3), aggregator=None)
    percent = fields.Float("Points (%)", compute="_compute_percent")
    weight = fields.Float(digits=(7, 2), aggregator=None)
    contribution = fields.Float(digits=(5, 1), help="Points of the score.")
    reason_code = fields.Char()
    reason = fields.Text("Why", compute="_compute_reason")
    missing = fields.Boolean()

    @api.depends("points")
    def _compute_percent(self):
        for line in self:
            line.percent = 100 * line.points

    @api.depends("reason_code", "found", "low", "high", "points", "contribution", "application_id.answer_ids.value")
    @api.depends_context("lang")
    def _compute_reason(self):
        for line in self:
            line.value = line._value_text()
            line.reason = line._to_sentence()

    def _value_text(self):
        """What was found, with its unit."""
        if self.missing:
            return ""
        if self.factor_id.source == "question":
            return self.application_id._answer_to(self.factor_id.question_code)._to_text()
        unit = self.env._(UNITS.get(self.factor_id.source, PLAIN))
        return unit % self._number(self.found)

    def _to_sentence(self):
        """One sentence: what was found, the band it falls in, and what that is worth."""
        if self.missing:
            return self.env._("Not known: left out, its weight is spread over the others")
        worth = self.env._("%(contribution)s points of the score", contribution=self._number(self.contribution, 1))
        return self.env._("%(band)s: %(percent)s %% of its weight, %(worth)s",
                          band=self._band_text(), percent=self._number(self.percent, 0), worth=worth)

    def _band_text(self):
        if self.reason_code == score.CHOICE or (self.is_lowest and self.is_highest):
            return f"“{self.value}”"
        low, high = self._number(self.low), self._number(self.high)
        if self.is_lowest:
            return self.env._("%(value)s, below %(high)s", value=self.value, high=high)
        if self.is_highest:
            return self.env._("%(value)s, %(low)s or more", value=self.value, low=low)
        return self.env._("%(value)s, from %(low)s to below %(high)s", value=self.value, low=low, high=high)

    def _number(self, value, digits=None):
        if digits is None:
            digits = next((places for places in (0, 1) if round(value, places) == value), 2)
        return formatLang(self.env, value, digits=digits)


class CreditApplication(models.Model):
    """What the scorecard says (F-2). It proposes; a person decides (R-109)."""

    _inherit = "credit.application"

    scorecard_id = fields.Many2one("credit.scorecard", compute="_compute_scorecard_id", store=True, readonly=False, index="btree_not_null",
                                   ondelete="restrict", domain="[('company_id', 'in', (False, company_id))]")
    score = fields.Float(digits=(5, 1), readonly=True, copy=False, aggregator="avg", tracking=True)
    coverage = fields.Float("Known of all weights (%)", digits=(5, 1), readonly=True, copy=False, aggregator="avg")
    class_id = fields.Many2one("credit.scorecard.class", "Risk class", readonly=True, copy=False, index="btree_not_null", ondelete="restrict",
                               tracking=True)
    score_ids = fields.One2many("credit.application.score", "application_id", "Factors", readonly=True, copy=False,
                                groups="account_credit_collection.group_collector")
    scored_on = fields.Datetime(readonly=True, copy=False)
    external_score_ids = fields.One2many("credit.external.score", "application_id", "Outside scores")

    @api.depends("checklist_id")
    def _compute_scorecard_id(self):
        for application in self:
            application.scorecard_id = application.checklist_id.scorecard_id or application.scorecard_id

    def action_score(self):
        self._check_staff()
        self._check_open()
        self._score()

    def _after_submit(self):
        result = super()._after_submit()
        self._score_gently()
        return result

    # ------------------------------------------------------------------ score

    def _score(self):
        """Judge anew what is known now, and keep each factor's part with its reason."""
        for application in self.sudo():  # sudo: scores are written by methods only
            if not application.scorecard_id:
                continue
            self.env["credit.external.score"].sudo()._fetch(application)
            factors, classes = application.scorecard_id._to_engine()
            records = application.scorecard_id.factor_ids.filtered("active")
            values = {factor.id: application._value_of(factor) for factor in records}
            result = application._decide_score(values, factors)
            known = application._known_class()
            label = application._decide_class(result.score, classes, known.id, exact(application.scorecard_id.tolerance))
            risk = application.env["credit.scorecard.class"].browse(label or [])
            application.score_ids.unlink()
            application.write({
                "score": float(result.score or 0), "coverage": float(result.coverage), "class_id": risk.id, "scored_on": fields.Datetime.now(),
                "score_ids": [fields.Command.create(application._prepare_score_line(line, place)) for place, line in enumerate(result.lines)],
            })
            application._propose(risk)

    def _score_gently(self):
        """Score while somebody else waits: a mistake in the scorecard is for the office to read, not for an applicant."""
        try:
            self._score()
        except UserError as error:
            self._message_log(body=self.env._("Not scored: %s", error))

    def _decide_score(self, values, factors):
        """One engine call: the place to hook another way to score."""
        try:
            return score.score(values, factors)
        except score.FactorError as error:
            factor = self.env["credit.scorecard.factor"].browse(error.factor.key)
            raise UserError(factor._problem_text(error.code)) from error

    def _decide_class(self, figure, classes, known, tolerance):
        """One engine call: the place to hook another way to classify."""
        return score.classify(figure, classes, known, tolerance)

    def _known_class(self):
        """The class the matched customer has: it changes only beyond the tolerance."""
        name = self.profile_id.risk_class
        return self.scorecard_id.class_ids.filtered(lambda line: name and line.name == name)[:1]

    def _prepare_score_line(self, line, place):
        return {
            "factor_id": line.key, "sequence": place, "found": float(line.value) if isinstance(line.value, Decimal) else 0.0, "weight": float(line.weight),
            "points": float(line.points or 0), "contribution": float(line.contribution), "reason_code": line.reason,
            "missing": line.reason == score.MISSING, "low": float(line.low or 0), "high": float(line.high or 0),
            "is_lowest": line.low is None, "is_highest": line.high is None,
        }
