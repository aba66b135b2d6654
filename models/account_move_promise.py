from odoo import fields, models
from odoo.tools.misc import format_date


class AccountMove(models.Model):
    _inherit = "account.move"

    promise_text = fields.Char("Promised", compute="_compute_promise_text", groups="account_credit_collection.group_viewer")

    def _post(self, soft=True):
        posted = super()._post(soft)
        posted._judge_payments()
        return posted

    def button_draft(self):
        result = super().button_draft()
        self._judge_payments()
        return result

    def _judge_payments(self):
        """Money that came in, or did not after all, counts for promises on the balance before anybody matches it.

        One look-up for all that are booked together; invoices pass by without any.
        """
        # sudo: whoever books a payment, a customer online too, need not see promises
        booked = self.sudo().filtered(lambda move: move.journal_id.type in ("bank", "cash", "credit"))
        received = booked.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable" and line.balance < 0)
        self.env["collection.promise"]._judge_about(received.ids)

    def _compute_promise_text(self):
        """Until when the customer promised to pay, part by part."""
        lines = self.env["collection.promise.line"].search([("item_id.move_id", "in", self.ids), ("is_open", "=", True)])
        by_move = lines.grouped(lambda line: line.item_id.move_id)
        for move in self:
            move.promise_text = ", ".join(self.env._(
                "%(amount)s by %(day)s", amount=line.currency_id.format(line.amount), day=format_date(self.env, line.promise_id.promised_on))
                for line in by_move.get(move, ())) or False
