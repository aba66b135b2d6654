from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools.date_utils import start_of
from odoo.tools.misc import format_date

FIRST_DAY, YEARS_AHEAD = date(2000, 1, 1), 10  # the days that reports are about


class ResCompany(models.Model):
    """What the figures of collections rest on: months kept up to date, and what a contact costs."""

    _inherit = "res.company"

    collection_cost_email = fields.Float("An e-mail costs", default=0.05, digits=(12, 4))
    collection_cost_sms = fields.Float("An SMS costs", default=0.08, digits=(12, 4))
    collection_cost_letter = fields.Float("A letter costs", default=1.5, digits=(12, 4))
    collection_cost_minute = fields.Float("A minute of a collector costs", default=0.75, digits=(12, 4))
    collection_snapshot_history = fields.Integer("Months of history", default=24,
                                                 help="How many past months are built from the ledger to begin with.")
    # the last month that the job built, and the months somebody asked to be built again, from the newest to the oldest
    collection_snapshot_last = fields.Date(readonly=True)
    collection_snapshot_ask_from = fields.Date(readonly=True)
    collection_snapshot_ask_to = fields.Date(readonly=True)
    collection_snapshot_asked = fields.Integer(readonly=True)

    _collection_cost_positive = models.Constraint(
        "CHECK(collection_cost_email >= 0 AND collection_cost_sms >= 0 AND collection_cost_letter >= 0 AND collection_cost_minute >= 0"
        " AND collection_snapshot_history > 0)",
        "Costs of contacts must not be negative, and there must be a month of history at least.")

    def _collection_last_month(self, today=None):
        """The last day of the month before that of ``today``, by default of the day where the company is."""
        return start_of(today or self._collection_today(), "month") - timedelta(days=1)

    def _read_report_day(self, given):
        """The day that a text names, where reports may be about it."""
        try:
            day = fields.Date.to_date(given)
        except (TypeError, ValueError) as error:
            raise UserError(self.env._("“%s” is no day: choose the day of the report anew.", given)) from error
        return self._check_report_day(day)

    def _check_report_day(self, day):
        """``day``, or an error that names the days that reports are about: a slip of the pen is none of them."""
        last = self._collection_today() + relativedelta(years=YEARS_AHEAD)
        if not FIRST_DAY <= day <= last:
            raise UserError(self.env._(
                "Reports are about days from %(first)s to %(last)s. Choose one of them.",
                first=format_date(self.env, FIRST_DAY), last=format_date(self.env, last)))
        return day
