from odoo import fields, models

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
