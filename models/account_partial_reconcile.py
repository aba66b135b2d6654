from odoo import api, models


class AccountPartialReconcile(models.Model):
    """A payment set off, or taken back, changes what becomes of a promise and of a dispute: at once, not only next night."""

    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        items = (partials.debit_move_id | partials.credit_move_id).ids
        self._set_off(items)
        return partials

    def unlink(self):
        if not self:  # core asks for it with each document it posts
            return super().unlink()
        items = (self.debit_move_id | self.credit_move_id).ids
        result = super().unlink()
        self._set_off(items)
        return result

    @api.model
    def _set_off(self, items):
        """Disputes first: what is contested is not expected of a promise."""
        self.env["collection.dispute"]._settle_about(items)
        self.env["collection.promise"]._judge_about(items)
        self.env["collection.plan"]._judge_about(items)
        self.env["collection.settlement"]._judge_about(items)
