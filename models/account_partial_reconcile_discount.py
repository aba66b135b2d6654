from odoo import fields, models


class AccountPartialReconcile(models.Model):
    """A payment that is taken back takes its discount with it."""

    _inherit = "account.partial.reconcile"

    discount_move_id = fields.Many2one("account.move", "Discount", readonly=True, copy=False, index="btree_not_null", ondelete="set null",
                                       help="The entry of the early payment discount this payment got.")

    def unlink(self):
        if not self:
            return super().unlink()
        entries = self.sudo().discount_move_id  # sudo: made by the system, so taken back by it
        items = (self.debit_move_id + self.credit_move_id).filtered(lambda line: line.move_id._discount_kept())
        result = super().unlink()
        entries.filtered(lambda move: move.state == "posted")._take_back_discounts()
        for company, some in items.exists().grouped(lambda item: item.company_id.sudo().root_id).items():
            some._follow_discounts(company._collection_today())
        return result


class AccountMove(models.Model):
    _inherit = "account.move"

    def _take_back_discounts(self):
        for move in self:
            day = move._get_accounting_date(move.date, move._affect_tax_report())
            move._reverse_moves([{"date": day, "ref": self.env._("Taken back: %s", move.ref)}], cancel=True)
