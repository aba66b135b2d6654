from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.tools.misc import format_date


class CollectionAgeingWizard(models.TransientModel):
    """Asks for the day of the ageing report."""

    _name = "collection.ageing.wizard"
    _description = "Ageing of Receivables"

    day = fields.Date("At the end of", required=True, default=lambda self: self._today())
    by = fields.Selection([("contract", "Due date by contract"), ("plan", "Due date by payment plan")], "Days late by", required=True, default="contract")

    def action_open(self):
        """The report as of the chosen day."""
        return self._open(self.day)

    def action_last_month(self):
        return self._open(self._today().replace(day=1) - timedelta(days=1))

    def action_last_quarter(self):
        today = self._today()
        return self._open(today.replace(month=1 + (today.month - 1) // 3 * 3, day=1) - timedelta(days=1))

    def action_last_year(self):
        return self._open(self._today() + relativedelta(years=-1, month=12, day=31))

    def _today(self):
        return self.env["collection.ageing"].with_context(collection_day=False)._report_day()

    def _open(self, day):
        """Companies with several currencies stand apart: their amounts make no sum."""
        self.ensure_one()
        self.env["collection.ageing"]._check_viewer()
        bucket, apart = "plan_bucket" if self.by == "plan" else "bucket", len(self.env.companies.currency_id) > 1
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_ageing_action")
        title = self._title(day)
        return {**action, "name": title, "display_name": title, "context": {
            "collection_day": fields.Date.to_string(day), "pivot_column_groupby": [bucket], "graph_groupbys": ["segment_id", bucket],
            "pivot_row_groupby": ["company_id", "segment_id"] if apart else ["segment_id"]}}

    def _title(self, day):
        """Core names the view after the action: on every page of it stands the day."""
        if self.by == "plan":
            return self.env._("Ageing by plan as of %s", format_date(self.env, day, date_format="long"))
        return self.env._("Ageing as of %s", format_date(self.env, day, date_format="long"))
