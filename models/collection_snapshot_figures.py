from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

from ..engine import metrics
from .collection_ratio_mixin import DAYS, LAST_DAY
from .collection_snapshot import SALES


class CollectionSnapshot(models.Model):
    """The figures of a month, a segment, a collector or whatever is grouped by."""

    _inherit = "collection.snapshot"

    _ratios = {
        "dso": ("closing", "billed", "credited", DAYS),
        "dso_countback": ("closing", LAST_DAY, *SALES),
        "dso_best": ("closing", "overdue", "billed", "credited", DAYS),
        "days_delinquent": ("closing", "overdue", "billed", "credited", DAYS),
        "effectiveness": ("opening", "billed", "credited", "closing", "overdue"),
        "on_time_share": ("paid_on_time", "paid"),
        "days_late": ("paid_days", "overdue_days", "paid", "overdue"),
        "roll_b30": ("b30:sum", "prev_not_due"),
        "roll_b60": ("b60:sum", "prev_b30"),
        "roll_b90": ("b90:sum", "prev_b60"),
        "roll_over": ("rolled_over", "prev_b90"),
        "kept_share": ("promises_kept", "promises"),
        "kept_amount_share": ("promised_kept", "promised"),
        "dispute_length": ("dispute_days", "disputes_closed"),
        "cost_share": ("cost", "collected"),
    }

    dso = fields.Float("DSO", compute="_compute_ratios", aggregator="avg", digits=(16, 2), help=(
        "Days sales outstanding, simple: open at the end, unapplied credits taken off, ÷ (billed − credited) × days of the months shown."))
    dso_countback = fields.Float("DSO by countback", compute="_compute_ratios", aggregator="avg", digits=(16, 2), help=(
        "Open at the end, less what was billed in the last month, less the month before, and so on; of the last month its fraction, in calendar days. "
        "It looks back over 12 months: a figure of all their days means that long, or longer."))
    is_countback_capped = fields.Boolean("Or longer", compute="_compute_is_countback_capped")
    dso_best = fields.Float("Best possible DSO", compute="_compute_ratios", aggregator="avg", digits=(16, 2), help=(
        "(Open at the end − overdue at the end) ÷ (billed − credited) × days of the months shown: the DSO if everybody paid in time."))
    days_delinquent = fields.Float("Average days delinquent", compute="_compute_ratios", aggregator="avg", digits=(16, 2), help=(
        "ADD: DSO − best possible DSO, that is overdue at the end ÷ (billed − credited) × days of the months shown."))
    effectiveness = fields.Float("CEI (%)", compute="_compute_ratios", aggregator="avg", digits=(16, 2), help=(
        "Collection effectiveness index, total of the period: (open at the start + billed − credited − open at the end) ÷ "
        "(open at the start + billed − credited − open at the end + overdue at the end) × 100. Sales count in full, not divided by the number of months."))
    on_time_share = fields.Float("Paid in time (%)", compute="_compute_ratios", aggregator="avg", digits=(16, 2), help=(
        "Paid on the due date or before ÷ all payments set off against invoices × 100, by money."))
    days_late = fields.Float("Average days late", compute="_compute_ratios", aggregator="avg", digits=(16, 2), help=(
        "Weighted by money: (payments × days late, early counts 0, + overdue at the end × its days late) ÷ (payments + overdue at the end)."))
    roll_b30 = fields.Float("Roll: not due to 1–30 (%)", compute="_compute_ratios", aggregator="avg", digits=(16, 2), help=(
        "1–30 days late at the end of a month ÷ not due a month before × 100, over all months shown."))
    roll_b60 = fields.Float("Roll: 1–30 to 31–60 (%)", compute="_compute_ratios", aggregator="avg", digits=(16, 2), help=(
        "31–60 days late at the end of a month ÷ 1–30 days late a month before × 100, over all months shown."))
    roll_b90 = fields.Float("Roll: 31–60 to 61–90 (%)", compute="_compute_ratios", aggregator="avg", digits=(16, 2), help=(
        "61–90 days late at the end of a month ÷ 31–60 days late a month before × 100, over all months shown."))
    roll_over = fields.Float("Roll: 61–90 to over 90 (%)", compute="_compute_ratios", aggregator="avg", digits=(16, 2), help=(
        "What passed 90 days late in a month and was open at its end ÷ 61–90 days late a month before × 100, over all months shown."))
    kept_share = fields.Float("Promises kept (%)", compute="_compute_ratios", aggregator="avg", digits=(16, 2), help=(
        "Promises kept in full ÷ promises judged × 100, by number."))
    kept_amount_share = fields.Float("Promised money kept (%)", compute="_compute_ratios", aggregator="avg", digits=(16, 2), help=(
        "Promised and paid in time ÷ promised × 100, by money, of the promises judged."))
    dispute_length = fields.Float("Days per dispute", compute="_compute_ratios", aggregator="avg", digits=(16, 2), help=(
        "Days from opening to closing ÷ disputes closed."))
    cost_share = fields.Float("Cost per 100 collected", compute="_compute_ratios", aggregator="avg", digits=(16, 2), help=(
        "Cost of contacts and calls ÷ collected × 100."))

    @api.depends("closing", "month", *SALES)
    def _compute_is_countback_capped(self):
        for row in self:
            row.is_countback_capped = self._decide_countback(*(row._own_part(part) for part in row._ratios["dso_countback"])).capped

    # ------------------------------------------------------------------ one engine call each: the places to hook another formula

    def _decide_dso(self, closing, billed, credited, days):
        return metrics.dso(closing, billed - credited, days)

    def _decide_dso_countback(self, closing, last_day, *sales):
        return self._decide_countback(closing, last_day, *sales).days if last_day else None

    def _decide_countback(self, closing, last_day, *sales):
        lengths = ((last_day - relativedelta(months=back) + relativedelta(day=31)).day for back in range(len(sales)))
        return metrics.countback(closing, zip(sales, lengths))

    # What is not due is, beside what is open, all but the overdue: unapplied credits lower both. Taken without them, the
    # credits would stand as collected too well: a CEI over 100 %, days delinquent below 0.

    def _decide_dso_best(self, closing, overdue, billed, credited, days):
        return self._decide_dso(closing - overdue, billed, credited, days)

    def _decide_days_delinquent(self, closing, overdue, billed, credited, days):
        return metrics.average_days_delinquent(closing, closing - overdue, billed - credited, days)

    def _decide_effectiveness(self, opening, billed, credited, closing, overdue):
        return metrics.effectiveness(opening, billed - credited, closing, closing - overdue)

    def _decide_days_late(self, paid_days, overdue_days, paid, overdue):
        return metrics.weighted_days(paid_days + overdue_days, paid + overdue)

    def _decide_share(self, part, whole):
        return metrics.share(part, whole)

    def _decide_roll(self, now, before):
        return metrics.roll(now, before)

    def _decide_dispute_length(self, days, closed):
        return metrics.ratio(days, closed)

    _decide_on_time_share = _decide_kept_share = _decide_kept_amount_share = _decide_cost_share = _decide_share
    _decide_roll_b30 = _decide_roll_b60 = _decide_roll_b90 = _decide_roll_over = _decide_roll
