from odoo import api, fields, models

from .collection_reason import describe


class CreditSegmentMove(models.Model):
    """A customer came to another segment: one line each time, never changed.

    The segment of a past day is the target of the last move on or before it; before the first move, that of the first.
    """

    _name = "credit.segment.move"
    _description = "Move between Segments"
    _inherit = ["collection.guard.mixin"]
    _order = "day desc, id desc"

    profile_id = fields.Many2one("credit.profile", "Customer", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="restrict")
    from_id = fields.Many2one("credit.segment", readonly=True, ondelete="restrict", index="btree_not_null")
    to_id = fields.Many2one("credit.segment", readonly=True, ondelete="restrict", index="btree_not_null", help="Empty: to no segment.")
    day = fields.Date("On", required=True, readonly=True)
    code = fields.Char(readonly=True)
    detail = fields.Json(readonly=True)
    reason = fields.Char("Why", compute="_compute_reason")

    _customer_idx = models.Index("(profile_id, day, id)")

    @api.depends("code", "detail", "profile_id")
    @api.depends_context("lang")
    def _compute_reason(self):
        for move in self:
            reasons = (move.detail or {}).get("reasons")
            move.reason = self.env["credit.segment"]._sentence(reasons, move.company_id.currency_id) if reasons \
                else describe(self.env, move.code, move.detail)

    @api.depends("profile_id", "to_id", "day")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for move in self:
            move.display_name = self.env._("%(customer)s: %(segment)s", customer=move.profile_id.display_name, segment=move.to_id.name or "–")
