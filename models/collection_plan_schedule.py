from odoo import fields, models


class CollectionPlan(models.Model):
    """What was agreed about the day of each item, kept for reports: the plan itself goes by what is still open."""

    _inherit = "collection.plan"

    def _activate(self, **accepted):
        result = super()._activate(**accepted)
        self._schedule_items()
        return result

    def _make_bill(self, parts):
        """The plan may be billed some nights after it was agreed."""
        result = super()._make_bill(parts)
        self._schedule_items()
        return result

    def _schedule_items(self):
        """Note when the plan pays its items, of those that have no day yet."""
        covers = self._decide_cover()
        for line in self.line_ids.filtered(lambda line: not line.scheduled_on and line.id in covers):
            line.scheduled_on = covers[line.id][1]


class CollectionPlanLine(models.Model):
    _inherit = "collection.plan.line"

    scheduled_on = fields.Date("Paid by the plan on", readonly=True, help="The day by which the plan, as it was agreed, pays the item.")


class AccountPartialReconcile(models.Model):
    """What reports on past days look for."""

    _inherit = "account.partial.reconcile"

    _collection_day_idx = models.Index("(max_date)")


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    # entries that were set to draft and are set off still: none or a few
    _collection_unposted_idx = models.Index("(id) WHERE parent_state != 'posted' AND matching_number IS NOT NULL")
