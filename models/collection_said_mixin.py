from odoo import fields, models


class CollectionSaidMixin(models.AbstractModel):
    """Something a customer told us: to one of us, or by itself on the page of its account."""

    _name = "collection.said.mixin"
    _description = "Said by a customer"

    source = fields.Selection([("staff", "Taken by us"), ("portal", "Said online")], "Came by", default="staff", required=True, readonly=True, copy=False)
    said_by_id = fields.Many2one("res.partner", "Said by", readonly=True, copy=False, ondelete="restrict", index="btree_not_null",
                                 help="Who was at the page: whose login it was, or to whom the message with the link went.")

    def _said(self, vals):
        """Where it comes from, which no person and no default says."""
        return {"source": vals.get("source") or "staff", "said_by_id": vals.get("said_by_id") or False}
