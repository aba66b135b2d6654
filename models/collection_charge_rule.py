from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.misc import formatLang

from ..engine import daycount, ranged, rate
from ..engine.money import exact

KINDS = [("any", "Everybody"), ("business", "Businesses"), ("consumer", "Consumers")]
METHODS = [("daily", "Interest by the day"), ("monthly", "Rates by the month late"), ("none", "No interest")]
TAKEN = [(rate.DAILY, "Every day"), (rate.HALF_YEAR, "On 1 January and 1 July"), (rate.BEFORE_HALF_YEAR, "On the last day before 1 January and 1 July")]
MODES = [(rate.SPLIT, "Each day's"), (rate.AT_DEFAULT, "That of the first day late, to the end"), (rate.AT_PAYMENT, "That of the day of payment, for all days")]
DAY_COUNTS = [(daycount.ACT_365, "Days / 365"), (daycount.ACT_360, "Days / 360"), (daycount.ACT_ACT, "Days / days of the year"),
              (daycount.THIRTY_360, "30 / 360")]
GRACES = [(daycount.CLIFF, "Up to so many days nothing, then all days"), (daycount.TOLERANCE, "So many days are free in any case")]
COUNTS = [(ranged.FULL, "When it is full"), (ranged.BEGUN, "As soon as it begins")]


class CollectionChargeRule(models.Model):
    """What paying late costs: by a law, or by a contract. Data; the arithmetic stands in the engine.

    Amounts are in the rule's own currency and are converted for invoices in another one.
    """

    _name = "collection.charge.rule"
    _description = "Charge Rule"
    _order = "sequence, name"

    name = fields.Char(required=True, translate=True)
    company_id = fields.Many2one("res.company", index=True, ondelete="restrict", help="Empty: for all companies.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    currency_id = fields.Many2one("res.currency", required=True, ondelete="restrict", default=lambda self: self.env.company.currency_id)
    customer_kind = fields.Selection(KINDS, "For", required=True, default="any")
    note = fields.Text("Rests on", translate=True, help="The law or the clause of the contract. It stands on the proof sheet.")

    method = fields.Selection(METHODS, required=True, default="daily")
    rate_kind = fields.Selection([("fixed", "A fixed rate"), ("reference", "A reference rate and a margin")], "Rate", required=True, default="fixed")
    percent = fields.Float("Percent a year", digits=(7, 4), help="The rate, or the margin on top of the reference rate.")
    rate_id = fields.Many2one("collection.rate", "Reference rate", ondelete="restrict")
    rate_taken = fields.Selection(TAKEN, "Looked up", required=True, default=rate.HALF_YEAR)
    rate_mode = fields.Selection(MODES, "Which rate counts", required=True, default=rate.SPLIT)
    rate_step = fields.Float("Rounded up to a multiple of", digits=(5, 4), help="0 = as it is. Belgium: 0.5.")
    is_contract = fields.Boolean("A contract's rate", help="A rate that a contract sets may not be below the floor of the law.")
    floor_rate_id = fields.Many2one("collection.rate", "Never below", ondelete="restrict")
    floor_times = fields.Float("Times", digits=(5, 2), default=1.0)
    floor_taken = fields.Selection(TAKEN, "Floor looked up", required=True, default=rate.HALF_YEAR)
    ceiling = fields.Float("Never above (% a year)", digits=(7, 4), help="0 = no ceiling.")
    day_count = fields.Selection(DAY_COUNTS, "Day count", required=True, default=daycount.ACT_365)
    range_ids = fields.One2many("collection.charge.range", "rule_id", "Rates by month", copy=True)
    compound = fields.Boolean("Interest on interest")
    month_counts = fields.Selection(COUNTS, "A month counts", required=True, default=ranged.FULL)

    grace_days = fields.Integer("Days of grace")
    grace_kind = fields.Selection(GRACES, "Grace means", required=True, default=daycount.CLIFF)
    wait_after = fields.Selection([("none", "The due date"), ("reminder", "The first reminder in writing")], "Interest runs from", required=True, default="none")
    wait_days = fields.Integer("Days after the reminder")
    bill_when = fields.Selection([("running", "At each charge run"), ("paid", "Once the invoice is paid")], "Charged", required=True, default="running")
    minimum = fields.Monetary("Charged from", help="Interest on an invoice below this amount waits for more to come.")
    cap_percent = fields.Float("Charges at most (% of the invoice)", digits=(5, 2), help="0 = no cap.")
    band_ids = fields.One2many("collection.charge.band", "rule_id", "Fixed sums", copy=True)
    free_reminders = fields.Integer("Reminders without a fee")
    fee_cap = fields.Monetary("Fee of a reminder at most", help="0 = as the level says.")
    summary = fields.Char("In short", compute="_compute_summary")
    warning = fields.Char(compute="_compute_warning")

    _figures_positive = models.Constraint(
        "CHECK(percent >= 0 AND rate_step >= 0 AND floor_times >= 0 AND ceiling >= 0 AND grace_days >= 0 AND wait_days >= 0 AND minimum >= 0"
        " AND cap_percent >= 0 AND free_reminders >= 0 AND fee_cap >= 0)", "The figures of a charge rule must not be negative.")

    @api.constrains("method", "rate_kind", "rate_id", "range_ids", "is_contract", "floor_rate_id", "rate_mode", "bill_when")
    def _check_complete(self):
        for rule in self:
            problem = rule._problem()
            if problem:
                raise ValidationError(problem)

    def _problem(self):
        """What is missing, in a sentence that names the rule."""
        if self.method == "daily" and self.rate_kind == "reference" and not self.rate_id:
            return self.env._("“%s” adds a margin to a reference rate: choose the rate.", self.name)
        if self.method == "monthly" and not self.range_ids:
            return self.env._("“%s” has rates by the month: add at least one.", self.name)
        if self.method == "daily" and self.rate_mode == rate.AT_PAYMENT and self.bill_when != "paid":
            return self.env._("“%s” takes the rate of the day of payment, which is not known before: charge it once the invoice is paid.", self.name)
        return None

    @api.depends("method", "rate_kind", "percent", "rate_id", "range_ids.percent", "band_ids.amount", "is_contract", "floor_rate_id", "floor_times")
    @api.depends_context("lang")
    def _compute_summary(self):
        for rule in self:
            parts = [rule._rate_words()]
            if rule.band_ids:
                parts.append(self.env._("%s per invoice", " / ".join(rule.currency_id.format(band.amount) for band in rule.band_ids.sorted(_by_below))))
            rule.summary = " · ".join(parts)

    def _rate_words(self):
        if self.method == "none":
            return self.env._("No interest")
        if self.method == "monthly":
            return self.env._("%s %% a month", " / ".join(_number(self.env, step.percent) for step in self.range_ids.sorted(_by_month)))
        if self.rate_kind == "reference":
            return self.env._("%(rate)s + %(margin)s points", rate=self.rate_id.name, margin=_number(self.env, self.percent))
        if self.is_contract and self.floor_rate_id and not self.percent:
            return self.env._("%(times)s × %(rate)s", times=_number(self.env, self.floor_times), rate=self.floor_rate_id.name)
        return self.env._("%s %% a year", _number(self.env, self.percent))

    @api.depends("rate_id.value_ids", "rate_id.checked_on", "floor_rate_id.value_ids", "is_contract")
    @api.depends_context("lang")
    def _compute_warning(self):
        for rule in self:
            rates = rule._used_rates().filtered("is_outdated")
            rule.warning = " ".join(rates.mapped("warning")) or False

    def _used_rates(self):
        """The reference rates that the rule looks at."""
        if self.method != "daily":
            return self.env["collection.rate"]
        return (self.rate_id if self.rate_kind == "reference" else self.rate_id.browse()) | (self.floor_rate_id if self.is_contract else self.rate_id.browse())

    def _rate_days(self, start, end, due, quotes):
        """The days whose rates a charged period looked at, among which any change shows."""
        if self.rate_mode == rate.AT_DEFAULT:
            return [due + rate.DAY]
        if self.rate_mode == rate.AT_PAYMENT:
            return [end - rate.DAY]
        halves = [rate.half_year(start), rate.half_year(end - rate.DAY)]
        return [start, end - rate.DAY, *(day for day in halves + [day for day, _percent in quotes] if start <= day < end)]

    # ------------------------------------------------------------------ as the engine takes it

    def _grace(self):
        return daycount.Grace(self.grace_days, self.grace_kind)

    def _basis(self):
        """What charges are reckoned by, as each line of the ledger keeps it, for corrections and its proof."""
        compound = self.method == "monthly" and self.compound
        count = self.month_counts if self.method == "monthly" else self.day_count
        return f"{'compound' if compound else self.method}:{count}:{self.grace_days}:{self.grace_kind}"

    def _to_engine(self):
        """``rate.Terms`` of interest by the day, ``ranged.Monthly`` of rates by the month, None without interest."""
        if self.method == "none":
            return None
        if self.method == "monthly":
            return ranged.Monthly(tuple(step._to_engine() for step in self.range_ids.sorted(_by_month)), self.compound, self.month_counts, self._grace())
        series = self.rate_id._to_engine(self.rate_taken) if self.rate_kind == "reference" else None
        floor = self.floor_rate_id._to_engine(self.floor_taken) if self.is_contract and self.floor_rate_id else None
        return rate.Terms(
            exact(self.percent), series, self.rate_mode, self.day_count, exact(self.rate_step) or None, self.is_contract, floor,
            exact(self.floor_times), exact(self.ceiling) or None, self._grace())

    def _bands(self):
        return tuple(ranged.Band(exact(band.amount), exact(band.below) or None, exact(band.percent), exact(band.above)) for band in self.band_ids.sorted(_by_below))


def read_basis(basis, percent=0):
    """What ``_basis`` kept, as the engine takes it: ``rate.Terms`` of a line at its rate, or ``ranged.Monthly``."""
    method, count, days, kind = basis.split(":")
    grace = daycount.Grace(int(days), kind)
    if method in ("monthly", "compound"):
        return ranged.Monthly((), method == "compound", count, grace)
    return rate.Terms(exact(percent), basis=count, grace=grace)


class CollectionChargeRange(models.Model):
    """The rate of a month late, up to and with a month's number."""

    _name = "collection.charge.range"
    _description = "Rate by Month"
    _order = "rule_id, id"

    rule_id = fields.Many2one("collection.charge.rule", required=True, index=True, ondelete="cascade")
    percent = fields.Float("Percent a month", digits=(7, 4), required=True)
    until_month = fields.Integer("Up to month", help="0 = all that follow.")

    _month_uniq = models.UniqueIndex("(rule_id, until_month)", "A rule has one rate up to a month.")
    _positive = models.Constraint("CHECK(percent >= 0 AND until_month >= 0)", "Rates and months must not be negative.")

    def _to_engine(self):
        return ranged.Range(exact(self.percent), self.until_month or None)


class CollectionChargeBand(models.Model):
    """A fixed sum for each invoice that is paid late, by its amount."""

    _name = "collection.charge.band"
    _description = "Fixed Sum per Invoice"
    _order = "rule_id, id"

    rule_id = fields.Many2one("collection.charge.rule", required=True, index=True, ondelete="cascade")
    currency_id = fields.Many2one(related="rule_id.currency_id")
    amount = fields.Monetary(required=True)
    below = fields.Monetary("For invoices below", help="0 = for all others.")
    percent = fields.Float("And percent", digits=(5, 2), help="Of what is above an amount. Belgium, consumers: 30 € and 10 % of what is above 150 €.")
    above = fields.Monetary("Of what is above")

    _below_uniq = models.UniqueIndex("(rule_id, below)", "A rule has one fixed sum below an amount.")
    _positive = models.Constraint("CHECK(amount >= 0 AND below >= 0 AND percent >= 0 AND above >= 0)", "Fixed sums must not be negative.")


def _by_month(step):
    return step.until_month or float("inf")


def _by_below(band):
    return band.below or float("inf")


def _number(env, value):
    """A percentage without needless zeros, as the reader writes numbers."""
    return formatLang(env, value, digits=4).rstrip("0").rstrip(".,")
