from odoo import fields, models

from .collection_settlement import MONEY


class AccountMove(models.Model):
    """Credit notes and entries made for settlement offers."""

    _inherit = "account.move"

    collection_settlement_id = fields.Many2one("collection.settlement", "Made for the settlement", readonly=True, copy=False,
                                               index="btree_not_null", ondelete="restrict", groups="account_credit_collection.group_viewer")

    def _judge_payments(self):
        """A payment that is set to draft stays matched, and is none any more."""
        super()._judge_payments()
        received = self.sudo().filtered(lambda move: move.journal_id.type in MONEY).line_ids  # sudo: see promises
        self.env["collection.settlement"]._judge_about(received.matched_debit_ids.debit_move_id.ids)
        self.sudo().collection_settlement_id._judge_booked()  # sudo: as above

    def button_cancel(self):
        result = super().button_cancel()
        self.sudo().collection_settlement_id._judge_booked()  # sudo: see _judge_payments
        return result
