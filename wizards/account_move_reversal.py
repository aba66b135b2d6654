from odoo import models
from odoo.exceptions import UserError


class AccountMoveReversal(models.TransientModel):
    _inherit = "account.move.reversal"

    def modify_moves(self):
        """A second bill of a charge would be unknown to the ledger of charges."""
        bill = self.move_ids._charges().move_id[:1]
        if bill:
            raise UserError(self.env._("%s is the bill of a charge. Waive the charge or cancel it; the next charge run makes the new bill.", bill.display_name))
        return super().modify_moves()
