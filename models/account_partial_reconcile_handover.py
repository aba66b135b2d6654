from odoo import api, models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    @api.model
    def _set_off(self, items):
        """A payment set off, or taken back, changes what becomes of a handover at once."""
        super()._set_off(items)
        self.env["collection.handover"]._judge_about(items)
