from odoo import models
from odoo.exceptions import AccessError


class CreditProfile(models.Model):
    """The way from a row of a report to what stands behind it."""

    _inherit = "credit.profile"

    def _open_entry(self, move):
        """A journal entry, for those who may see it; for others its customer, if it has one."""
        if move.has_access("read"):
            return self._form_of(move, move.sudo().name)  # sudo: the name of what may be seen
        if self and self.has_access("read"):
            return self._form_of(self, self.display_name)
        raise AccessError(self.env._("The entry behind this row is for those who may see journal entries: ask whoever keeps the books for the right."))

    def _form_of(self, record, name):
        return {"type": "ir.actions.act_window", "name": name, "res_model": record._name, "res_id": record.id, "views": [(False, "form")]}
