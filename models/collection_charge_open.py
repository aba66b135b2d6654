from odoo import models


class CollectionChargeLine(models.Model):
    """From the ledger of charges to what it is about: the invoice, its item in the books, and the bill."""

    _inherit = "collection.charge.line"

    def action_open_invoice(self):
        return self._open(self.move_id)

    def action_open_bill(self):
        return self._open(self.charge_id.move_id)

    def action_open_item(self):
        return self._open(self.item_id)

    def _open(self, record):
        """The form of a record; nothing where there is none."""
        return record and {"type": "ir.actions.act_window", "res_model": record._name, "res_id": record.id, "views": [(False, "form")]}
