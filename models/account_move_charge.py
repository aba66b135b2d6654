from odoo import api, fields, models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    """Bills of charges: what is done to them in the books is done to the ledger of charges."""

    _inherit = "account.move"

    collection_charge_id = fields.Many2one("collection.charge", "Charge", readonly=True, copy=False, index="btree_not_null", ondelete="set null",
                                           groups="account_credit_collection.group_viewer")

    def _post(self, soft=True):
        posted = super()._post(soft)
        posted._charges()._follow_bill("posted")
        posted._follow_charge_notes()
        return posted

    def button_draft(self):
        result = super().button_draft()
        self._charges()._follow_bill("draft")
        self._follow_charge_notes()
        return result

    def button_cancel(self):
        result = super().button_cancel()
        self._charges()._cancel()
        self._follow_charge_notes()
        return result

    def _charges(self):
        """The charges of which these are the bills; of credit notes on them there are none."""
        # sudo: whoever books need not see charges
        return self.sudo().collection_charge_id.filtered(lambda charge: charge.move_id in self)

    def _follow_charge_notes(self):
        for note in self.sudo():  # sudo: as above
            charge = note.reversed_entry_id.collection_charge_id
            if charge:
                charge._follow_note(note)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_charge(self):
        billed = self._charges()[:1]
        if billed:
            raise UserError(self.env._("%(bill)s is the bill of a charge. Cancel it instead: its days are free then.", bill=billed.move_id.display_name))
