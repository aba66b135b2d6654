from odoo import api, models


class AccountPartialReconcile(models.Model):
    """A payment set off, or taken back, changes what becomes of a promise: at once, not only next night."""

    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        self.env["collection.promise"]._judge_about((partials.debit_move_id | partials.credit_move_id).ids)
        return partials

    def unlink(self):
        items = (self.debit_move_id | self.credit_move_id).ids
        result = super().unlink()
        self.env["collection.promise"]._judge_about(items)
        return result
