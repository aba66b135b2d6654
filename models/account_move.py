from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    collection_level_id = fields.Many2one("collection.level", "Follow-up level", compute="_compute_collection_level",
                                          groups="account_credit_collection.group_viewer")
    collection_last_on = fields.Date("Last reminder", compute="_compute_collection_level",
                                     groups="account_credit_collection.group_viewer")

    # Core asks per customer for its invoices; without this each such question reads the whole table.
    _commercial_partner_idx = models.Index("(commercial_partner_id) WHERE commercial_partner_id IS NOT NULL")

    def _compute_collection_level(self):
        """The highest level any installment reached, derived from the contacts."""
        lines = self.env["collection.action.line"].search(
            [("item_id.move_id", "in", self.ids), ("advances", "=", True), ("live", "=", True),
             ("action_id.sent_on", "!=", False)])
        by_move = lines.grouped(lambda line: line.item_id.move_id)
        for move in self:
            reached = by_move.get(move, lines.browse())
            move.collection_level_id = reached.level_id.sorted("offset_days")[-1:]
            move.collection_last_on = max(reached.action_id.mapped("sent_on"), default=False)

    def _post(self, soft=True):
        """A customer's first receivable makes its credit profile."""
        posted = super()._post(soft)
        for company, moves in posted.filtered(lambda move: move.is_sale_document(include_receipts=True)).grouped("company_id").items():
            self.env["credit.profile"].sudo()._ensure(company, moves.commercial_partner_id)
        return posted

    def action_open_follow_up(self):
        """All contacts in which this document was named."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_action_action")
        return dict(action, domain=[("line_ids.item_id", "in", self.line_ids.ids)], context={})

