from odoo import api, fields, models
from odoo.exceptions import UserError

from .collection_handover import LIVE

KINDS = [("step", "Step"), ("note", "Note"), ("status", "Word of the agency"), ("recovery", "Recovery"), ("fee", "Fee"), ("write_off", "Write-off"),
         ("dispute", "Dispute"), ("letter", "Letter"), ("file", "File made"), ("download", "File taken")]


class CollectionHandoverLine(models.Model):
    """An item that is handed over and what is claimed of it. One that was rewritten since keeps its name only."""

    _name = "collection.handover.line"
    _description = "Item of a Handover"
    _order = "handover_id, is_charge, due, id"
    _rec_name = "document"

    handover_id = fields.Many2one("collection.handover", required=True, index=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one(related="handover_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="handover_id.currency_id")
    item_id = fields.Many2one("account.move.line", "Invoice", index=True, ondelete="set null", readonly=True)
    document = fields.Char(required=True, readonly=True)
    due = fields.Date(readonly=True)
    amount = fields.Monetary("Claimed", required=True, readonly=True)
    open_amount = fields.Monetary("Open", related="item_id.amount_residual_currency", related_sudo=True)
    kept = fields.Monetary(readonly=True, help="What of the item stayed here as of the last stock: disputed, or more than what was claimed.")
    seen = fields.Json(readonly=True, help="What was matched with it before the proposal, by journal item.")
    is_charge = fields.Boolean("Charge", readonly=True)
    is_live = fields.Boolean(compute="_compute_is_live", store=True)

    _item_uniq = models.UniqueIndex("(item_id) WHERE is_live", "An invoice is handed over once at a time.")

    @api.depends("handover_id.state")
    def _compute_is_live(self):
        for line in self:
            line.is_live = line.handover_id.state in LIVE

    @api.model
    def _live_ones(self, items):
        """What of items is proposed, on its way or handed over at present."""
        return self.sudo().search([("item_id", "in", items.ids), ("is_live", "=", True)])  # sudo: an item is handed over once, whoever looks

    @api.model
    def _handed_ones(self, items):
        """What of items an agency collects now: nothing else is agreed on about them. Until then the customer may still do so."""
        return self._live_ones(items).filtered(lambda line: line.handover_id.state == "handed")

    @api.model
    def _refuse_handed(self, items):
        """Say no to an agreement about items that somebody else collects."""
        found = self._handed_ones(items)[:1]
        if found:
            raise UserError(found._taken())

    def _taken(self):
        """Why nothing else is agreed on about the item, and what to do instead."""
        self.ensure_one()
        return self.env._("%(item)s is handed over to %(agency)s (%(handover)s). Recall it first.", item=self.document,
                          agency=self.handover_id.agency_id.name, handover=self.handover_id.name)


class CollectionHandoverEvent(models.Model):
    """The log of a handover: what was done, said, recovered and charged. Lines are added, never changed."""

    _name = "collection.handover.event"
    _description = "Event of a Handover"
    _order = "on desc, id desc"
    _rec_name = "text"

    handover_id = fields.Many2one("collection.handover", required=True, index=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one(related="handover_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="handover_id.currency_id")
    on = fields.Date("Day", required=True, readonly=True)
    kind = fields.Selection(KINDS, "What", required=True, readonly=True)
    text = fields.Char("Details", required=True, readonly=True)
    amount = fields.Monetary(readonly=True)
    fee = fields.Monetary(readonly=True)
    user_id = fields.Many2one("res.users", "By", readonly=True, ondelete="restrict")
    move_id = fields.Many2one("account.move", "Entry", readonly=True, index="btree_not_null", ondelete="set null")
