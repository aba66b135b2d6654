from odoo import fields, models

from ..engine.money import exact
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

    def _reconcile_reversed_moves(self, reverse_moves, move_reverse_cancel):
        """A credit note of an offer goes to the items of the offer, not to the oldest installment of the invoice."""
        for note in reverse_moves.filtered(lambda move: move.sudo().collection_settlement_id and move.move_type == "out_refund"):
            items = note.sudo().collection_settlement_id.line_ids.item_id  # sudo: whoever posts the credit note need not see offers
            for item in items.filtered(lambda item, note=note: item.move_id == note.reversed_entry_id and not item.reconciled):
                lines = note.line_ids.filtered(lambda line, item=item: line.account_id == item.account_id and not line.reconciled)
                if lines:
                    (lines + item.with_env(lines.env)).reconcile()
        return super()._reconcile_reversed_moves(reverse_moves, move_reverse_cancel)

    def _counted_before(self):
        """What takes a settlement back is a debt that was there before, no new credit."""
        counted = super()._counted_before()
        back = self.filtered(lambda move: move.sudo().collection_settlement_id and move.reversed_entry_id)  # sudo: as above
        return {**counted, **{move: exact(move.amount_total_signed) for move in back}}
