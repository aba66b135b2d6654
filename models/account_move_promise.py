from odoo import fields, models
from odoo.tools.misc import format_date


class AccountMove(models.Model):
    _inherit = "account.move"

    promise_text = fields.Char("Promised", compute="_compute_promise_text", groups="account_credit_collection.group_viewer")

    def _compute_promise_text(self):
        """Until when the customer promised to pay, part by part."""
        lines = self.env["collection.promise.line"].search([("item_id.move_id", "in", self.ids), ("is_open", "=", True)])
        by_move = lines.grouped(lambda line: line.item_id.move_id)
        for move in self:
            move.promise_text = ", ".join(self.env._(
                "%(amount)s by %(day)s", amount=line.currency_id.format(line.amount), day=format_date(self.env, line.promise_id.promised_on))
                for line in by_move.get(move, ())) or False
