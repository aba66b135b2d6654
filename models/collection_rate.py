from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ..engine import rate
from ..engine.money import exact


class CollectionRate(models.Model):
    """A reference rate that laws and contracts look at: a central bank's, with the days from which its values hold."""

    _name = "collection.rate"
    _description = "Reference Rate"
    _order = "sequence, name"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, copy=False)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    value_ids = fields.One2many("collection.rate.value", "rate_id", "Values", copy=True)
    checked_on = fields.Date("Checked on", copy=False, help="The day on which somebody last saw that the newest value is still in force.")
    newest_percent = fields.Float("Newest", digits=(7, 4), compute="_compute_newest")
    newest_from = fields.Date("Valid from", compute="_compute_newest")
    is_outdated = fields.Boolean("Out of date", compute="_compute_newest", search="_search_is_outdated")
    warning = fields.Char(compute="_compute_newest")
    billed_warning = fields.Char(compute="_compute_billed_warning")

    _code_uniq = models.UniqueIndex("(code)", "There is a rate with this code already.")

    @api.depends("value_ids.valid_from", "value_ids.percent", "checked_on")
    @api.depends_context("lang")
    def _compute_newest(self):
        today = self.env.company._collection_today()
        for record in self:
            newest = record.value_ids.sorted("valid_from")[-1:]
            record.newest_percent, record.newest_from = newest.percent, newest.valid_from
            record.is_outdated = record._decide_outdated(today)
            record.warning = record.is_outdated and record._outdated_sentence()

    def _search_is_outdated(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        outdated = self.search([]).filtered("is_outdated").ids
        return [("id", "in" if (operator == "in") == (True in value) else "not in", outdated)]

    def _outdated_sentence(self):
        known = max(filter(None, (self.newest_from, self.checked_on)), default=None)
        if not known:
            return self.env._("“%s” has no value yet.", self.name)
        return self.env._("The newest value of “%(rate)s” was last checked on %(day)s. Add the value of this half-year, or confirm it.",
                          rate=self.name, day=format_date(self.env, known))

    # ------------------------------------------------------------------ values of days that are billed

    @api.depends("value_ids.valid_from", "value_ids.percent")
    @api.depends_context("lang")
    def _compute_billed_warning(self):
        """While values are edited: what was billed by those of before stays as it is, and somebody should know."""
        for record in self:
            count = record._count_billed_otherwise()
            record.billed_warning = self.env._(
                "Charge lines billed already with another rate: %s. They stay as they are. Where it matters, cancel these charges once this is saved: the next run"
                " charges their days anew.", count) if count else False

    def _count_billed_otherwise(self):
        """How many lines of bills would have had another rate by the values as they are edited now."""
        before, after = self._origin._quotes(), self._quotes()
        changed = before ^ after
        if not self._origin or not changed:
            return 0
        first, count = min(day for day, _percent in changed), 0
        # sudo: how many lines there are, of all companies that use the rate
        rules = self.env["collection.charge.rule"].sudo().with_context(active_test=False).search(
            ["|", ("rate_id", "=", self._origin.id), ("floor_rate_id", "=", self._origin.id)])
        for rule in rules.filtered(lambda rule: self._origin in rule._used_rates()):
            groups = rule.env["collection.charge.line"]._read_group(
                [("charge_id.rule_id", "=", rule.id), ("kind", "=", "interest"), ("state", "=", "posted"), ("date_to", ">", first)],
                ["date_from:day", "date_to:day", "due:day"], ["__count"])
            terms = [self._terms_with(rule, quotes) for quotes in (before, after)]
            count += sum(row[-1] for row in groups if any(len({rate.rate_on(one, day) for one in terms}) > 1 for day in rule._rate_days(*row[:3], before | after)))
        return count

    def _quotes(self):
        return {(value.valid_from, exact(value.percent)) for value in self.value_ids if value.valid_from}

    def _terms_with(self, rule, quotes):
        """The terms of a rule if this rate had these values."""
        terms, quotes = rule._to_engine(), tuple(rate.Quote(*quote) for quote in sorted(quotes))
        return terms._replace(
            series=terms.series._replace(quotes=quotes) if rule.rate_kind == "reference" and rule.rate_id == self._origin else terms.series,
            floor=terms.floor._replace(quotes=quotes) if terms.floor and rule.floor_rate_id == self._origin else terms.floor)

    # ------------------------------------------------------------------ as the engine takes it

    def _to_engine(self, taken):
        """The values as the engine takes them, looked up as ``taken`` says."""
        values = sorted((value.valid_from, exact(value.percent)) for value in self.value_ids)
        return rate.Series(tuple(rate.Quote(*value) for value in values), taken, self.checked_on or None)

    def _decide_outdated(self, today):
        """Whether nobody entered or checked a value in the half-year of ``today``."""
        return rate.is_outdated(self._to_engine(rate.HALF_YEAR), today)

    def action_confirm(self):
        """The newest value still holds: somebody looked today."""
        self.check_access("write")
        self.checked_on = self.env.company._collection_today()


class CollectionRateValue(models.Model):
    """What a reference rate is from a day on."""

    _name = "collection.rate.value"
    _description = "Value of a Reference Rate"
    _order = "rate_id, valid_from desc"
    _rec_name = "valid_from"

    rate_id = fields.Many2one("collection.rate", required=True, index=True, ondelete="cascade")
    valid_from = fields.Date(required=True)
    percent = fields.Float("Percent a year", digits=(7, 4), required=True)
    source = fields.Char(required=True, help="Where the value was read.")

    _day_uniq = models.UniqueIndex("(rate_id, valid_from)", "A reference rate has one value from a day on.")

    @api.constrains("percent")
    def _check_percent(self):
        for value in self:
            if not -10 <= value.percent <= 100:
                raise ValidationError(self.env._("%(percent)s is no rate in percent a year: “%(rate)s” from %(day)s.",
                                                 percent=value.percent, rate=value.rate_id.name, day=format_date(self.env, value.valid_from)))
