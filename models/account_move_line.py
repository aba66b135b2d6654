from odoo import api, fields, models
from odoo.exceptions import UserError

# Contacts not yet handed to anybody: their item is gone, so they are too.
CALLED_OFF_STATES = ("planned", "ready", "retry", "waiting")


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    collection_line_ids = fields.One2many("collection.action.line", "item_id", "Contacts",
                                          groups="account_credit_collection.group_viewer")
    collection_level_id = fields.Many2one("collection.level", "Follow-up level", compute="_compute_collection_level_id",
                                          groups="account_credit_collection.group_viewer")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_disputed(self):
        """Contacts about a rewritten item are called off; an open dispute or promise must be ended first."""
        disputed = self.env["collection.dispute"].sudo().search([("item_id", "in", self.ids), ("state", "=", "open")], limit=1)
        if disputed:
            raise UserError(self.env._("%s has an open dispute. Close it before you change the installments.", disputed.item_id.move_name))
        promised = self.env["collection.promise.line"].sudo().search([("item_id", "in", self.ids), ("is_open", "=", True)], limit=1)
        if promised:
            raise UserError(self.env._("%s is promised. Withdraw the promise before you change the installments.", promised.document))
        lines = self.env["collection.action.line"].sudo().search([("item_id", "in", self.ids), ("action_id.state", "in", CALLED_OFF_STATES)])
        lines.action_id._stop("settled")

    def _compute_collection_level_id(self):
        lines = self.env["collection.action.line"].search(
            [("item_id", "in", self.ids), ("advances", "=", True), ("live", "=", True), ("action_id.sent_on", "!=", False)])
        by_item = lines.grouped("item_id")
        for item in self:
            item.collection_level_id = by_item.get(item, lines.browse()).level_id.sorted("offset_days")[-1:]
