from odoo import models

from ..engine.money import exact


class AccountMove(models.Model):
    """Credit notes and entries with which a settlement or a handover gives debts up."""

    _inherit = "account.move"

    def _given_up_for(self):
        """The settlement or handover that the entry was made for, None for any other entry."""
        self.ensure_one()
        move = self.sudo()  # sudo: whoever posts an entry need not see what it was made for
        return move.collection_settlement_id or move.collection_handover_id or None

    def _reconcile_reversed_moves(self, reverse_moves, move_reverse_cancel):
        """A credit note goes to the items that are given up, not to the oldest installment of the invoice."""
        for note in reverse_moves.filtered(lambda move: move.move_type == "out_refund" and move._given_up_for()):
            for item in note._given_up_for().line_ids.item_id.filtered(lambda item, note=note: item.move_id == note.reversed_entry_id and not item.reconciled):
                lines = note.line_ids.filtered(lambda line, item=item: line.account_id == item.account_id and not line.reconciled)
                if lines:
                    (lines + item.with_env(lines.env)).reconcile()
        return super()._reconcile_reversed_moves(reverse_moves, move_reverse_cancel)

    def _counted_before(self):
        """What takes it back is a debt that was there before, no new credit."""
        counted = super()._counted_before()
        back = self.filtered(lambda move: move.reversed_entry_id and move._given_up_for())
        return {**counted, **{move: exact(move.amount_total_signed) for move in back}}
