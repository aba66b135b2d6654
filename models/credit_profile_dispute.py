from odoo import models


class CreditProfile(models.Model):
    """Disputes in the nightly look at every customer."""

    _inherit = "credit.profile"

    def _refresh(self, company, today):
        """Disputes first: behaviour and ladder look at their days."""
        self.env["collection.dispute"]._settle_all(self, today)
        super()._refresh(company, today)
