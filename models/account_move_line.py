from odoo import fields, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    collection_line_ids = fields.One2many("collection.action.line", "item_id", "Contacts",
                                          groups="account_credit_collection.group_viewer")
    collection_level_id = fields.Many2one("collection.level", "Follow-up level", compute="_compute_collection_level_id",
                                          groups="account_credit_collection.group_viewer")

    # The open receivable items of a customer are what everything here asks for.
    _collection_open_idx = models.Index(
        "(partner_id, account_id) INCLUDE (date_maturity, amount_residual) "
        "WHERE reconciled IS NOT TRUE AND parent_state = 'posted' AND partner_id IS NOT NULL")

    def _compute_collection_level_id(self):
        lines = self.env["collection.action.line"].search(
            [("item_id", "in", self.ids), ("advances", "=", True), ("live", "=", True), ("action_id.sent_on", "!=", False)])
        by_item = lines.grouped("item_id")
        for item in self:
            item.collection_level_id = by_item.get(item, lines.browse()).level_id.sorted("offset_days")[-1:]
