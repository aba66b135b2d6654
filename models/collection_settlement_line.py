from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date


class CollectionSettlementLine(models.Model):
    """An item of a settlement offer and what was open of it. One that was rewritten since keeps its name only."""

    _name = "collection.settlement.line"
    _description = "Item of a Settlement Offer"
    _order = "settlement_id, is_charge, due, id"
    _rec_name = "document"

    settlement_id = fields.Many2one("collection.settlement", required=True, index=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one(related="settlement_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="settlement_id.currency_id")
    item_id = fields.Many2one("account.move.line", "Invoice", index=True, ondelete="set null", readonly=True)
    document = fields.Char(required=True, readonly=True)
    due = fields.Date(readonly=True)
    amount = fields.Monetary("Open", required=True, readonly=True)
    is_charge = fields.Boolean("Charge", readonly=True)
    is_live = fields.Boolean(compute="_compute_is_live", store=True)

    _item_uniq = models.UniqueIndex("(item_id) WHERE is_live", "An invoice is in one settlement offer at a time.")

    @api.depends("settlement_id.state", "settlement_id.booked_on")
    def _compute_is_live(self):
        for line in self:
            line.is_live = line.settlement_id._is_live()

    @api.model
    def _live_ones(self, items):
        """What of items is under an offer at present: to be approved, offered, or taken and not booked yet."""
        return self.sudo().search([("item_id", "in", items.ids), ("is_live", "=", True)])  # sudo: an item has one offer, whoever looks

    @api.model
    def _refuse_live(self, items):
        """Say no to another agreement about items that are under an offer."""
        found = self._live_ones(items)[:1]
        if found:
            raise UserError(found._taken())

    def _taken(self):
        """Why nothing else is agreed on about the item, and what to do instead."""
        self.ensure_one()
        return self.env._("%(item)s is in the settlement offer %(offer)s until %(day)s. Withdraw that offer first.",
                          item=self.document, offer=self.settlement_id.name, day=format_date(self.env, self.settlement_id.until))
