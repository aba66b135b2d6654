from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

FROM_MONTH_END = ("days_after_end_of_month", "days_after_end_of_next_month")
MONTH = 30  # days, where months cannot be said
MOST_MONTHS = 120


class AccountPaymentTerm(models.Model):
    _inherit = "account.payment.term"

    has_months = fields.Boolean(compute="_compute_has_months")

    @api.depends("line_ids.nb_months")
    def _compute_has_months(self):
        for term in self:
            term.has_months = any(term.line_ids.mapped("nb_months"))

    @api.depends("line_ids.nb_months", "line_ids.delay_type", "line_ids.days_next_month")
    def _compute_example_preview(self):
        """Core's example is worked out anew when a line moves by months."""
        super()._compute_example_preview()


class AccountPaymentTermLine(models.Model):
    """Parts that are whole months apart: core counts in days, and 30 days miss a February or meet a month twice."""

    _inherit = "account.payment.term.line"

    nb_months = fields.Integer("Months", default=0, help="So many months later than the days alone would say.")

    _months_not_negative = models.Constraint(
        f"CHECK(nb_months BETWEEN 0 AND {MOST_MONTHS})", f"A part is due between 0 and {MOST_MONTHS} months after the invoice.")

    def _get_due_date(self, date_ref):
        """Core's day, so many months later: a month's end stays a month's end, 31 January is followed by 28 February.

        Days after the end of a month count from the end of the later month.
        """
        if not self.nb_months:
            return super()._get_due_date(date_ref)
        later = relativedelta(months=min(max(self.nb_months, 0), MOST_MONTHS))  # what is typed is shown before it is refused
        if self.delay_type in FROM_MONTH_END:
            return super()._get_due_date((fields.Date.to_date(date_ref) or fields.Date.today()) + later)  # nosemgrep: day-of-the-server - as core does without a date
        due = super()._get_due_date(date_ref) + later
        if self.delay_type == "days_end_of_month_on_the":
            due += relativedelta(day=int(self.days_next_month) or 31)
        return due

    def _months_as_days(self):
        """Before the addon goes: parts stay apart, by 30 days a month as core would have them."""
        for line in self.search([("nb_months", ">", 0)]):
            line.write({"nb_days": line.nb_days + MONTH * line.nb_months, "nb_months": 0})
