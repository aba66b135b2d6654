from odoo import fields, models

from ..engine.money import exact
from .collection_settlement import MONEY


class AccountMove(models.Model):
    """Payments, credit notes and entries made for handovers."""

    _inherit = "account.move"

    collection_handover_id = fields.Many2one("collection.handover", "Made for the handover", readonly=True, copy=False, index="btree_not_null",
                                             ondelete="restrict", groups="account_credit_collection.group_viewer")
    # what the entry does for it: money of the agency (its fee too, which is money it kept), costs that came in, or a write-off
    collection_handover_use = fields.Selection([("recovery", "Recovery"), ("fee", "Fee"), ("bill", "Bill of the fee"), ("kept_bill", "Bill of a fee that was kept"),
                                                ("costs", "Costs"), ("write_off", "Write-off")], readonly=True, copy=False, groups="account_credit_collection.group_viewer")

    def _judge_payments(self):
        """A payment that is set to draft stays matched, and is none any more."""
        super()._judge_payments()
        received = self.sudo().filtered(lambda move: move.journal_id.type in MONEY or move.collection_handover_id).line_ids  # sudo: see promises
        self.env["collection.handover"]._judge_about(received.matched_debit_ids.debit_move_id.ids)
        fees = (self | self.reversed_entry_id).sudo().filtered(lambda move: move.collection_handover_use in ("fee", "bill"))  # sudo: as above
        for company, records in fees.collection_handover_id.grouped("company_id").items():
            records._judge(company._collection_today())

    def _reconcile_reversed_moves(self, reverse_moves, move_reverse_cancel):
        """A credit note of a handover goes to its items, not to the oldest installment of the invoice."""
        for note in reverse_moves.filtered(lambda move: move.sudo().collection_handover_id and move.move_type == "out_refund"):
            items = note.sudo().collection_handover_id.line_ids.item_id  # sudo: whoever posts the credit note need not see handovers
            for item in items.filtered(lambda item, note=note: item.move_id == note.reversed_entry_id and not item.reconciled):
                lines = note.line_ids.filtered(lambda line, item=item: line.account_id == item.account_id and not line.reconciled)
                if lines:
                    (lines + item.with_env(lines.env)).reconcile()
        return super()._reconcile_reversed_moves(reverse_moves, move_reverse_cancel)

    def _counted_before(self):
        """What takes a write-off back is a debt that was there before, no new credit."""
        counted = super()._counted_before()
        back = self.filtered(lambda move: move.sudo().collection_handover_id and move.reversed_entry_id)  # sudo: as above
        return {**counted, **{move: exact(move.amount_total_signed) for move in back}}
