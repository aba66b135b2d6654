from odoo import fields, models


class AccountMove(models.Model):
    """Credit notes and entries made for a dispute."""

    _inherit = "account.move"

    collection_dispute_id = fields.Many2one("collection.dispute", "Made for the dispute", readonly=True, copy=False, index="btree_not_null",
                                            ondelete="restrict", groups="account_credit_collection.group_viewer")

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") == "cancel":
            self._end_disputes()
        return result

    def _end_disputes(self):
        """A cancelled invoice is not asked for, so nothing of it is contested."""
        records = self.sudo()  # sudo: whoever cancels an invoice need not see its disputes
        records.env["collection.dispute"].search([("item_id", "in", records.line_ids.ids), ("state", "=", "open")])._end_with_invoice()

    def _written_off_amount(self):
        """What write-offs took off the customer's account, company currency."""
        lines = self.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")
        return -sum(lines.mapped("balance"))

    def _reconcile_reversed_moves(self, reverse_moves, move_reverse_cancel):
        """A credit note made for a dispute goes to the contested installment, not to the oldest one."""
        for note in reverse_moves.filtered(lambda move: move.sudo().collection_dispute_id and move.move_type == "out_refund"):
            item = note.sudo().collection_dispute_id.item_id  # sudo: whoever posts the credit note need not see disputes
            lines = note.line_ids.filtered(lambda line, item=item: line.account_id == item.account_id and not line.reconciled)
            if item and not item.reconciled and lines:
                (lines + item.with_env(lines.env)).reconcile()
        return super()._reconcile_reversed_moves(reverse_moves, move_reverse_cancel)
