from odoo import models


class CollectionRun(models.Model):
    """A run that asks for calls puts these customers where they belong on today's list."""

    _inherit = "collection.run"

    def _process(self, profiles, stale=False):
        super()._process(profiles, stale)
        today = self.company_id._collection_today()
        if self.run_date == today:
            called = self.env["collection.action"].search(
                [("run_id", "=", self.id), ("profile_id", "in", profiles.ids), ("channel", "=", "call"), ("state", "=", "ready")]).profile_id
            called._rank(self.company_id, today)
