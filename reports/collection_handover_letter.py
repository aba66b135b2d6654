"""The letter before action, on the lean paper of letters."""
from odoo import api, models

from .collection_agreement import _report_values
from .collection_letter import MODULE

LETTER = f"{MODULE}.report_collection_handover"


class ReportCollectionHandover(models.AbstractModel):
    _name = f"report.{LETTER}"
    _description = "Letter before action"

    @api.model
    def _get_report_values(self, docids, data=None):
        return _report_values(self.env["collection.handover"], docids)


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _is_lean(self):
        return self.report_name == LETTER or super()._is_lean()
