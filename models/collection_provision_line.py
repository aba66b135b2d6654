from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..engine import provision
from ..engine.money import exact
from .collection_bucket import BUCKETS

VIEWER = "account_credit_collection.group_viewer"
GIVEN = {"rate", "factor"}  # what a person may say better
SOURCES = [("segment", "Segment"), ("company", "Company"), ("hand", "By hand"), ("none", "No history"), ("credit", "Credits")]


class CollectionProvisionLine(models.Model):
    """What is open of a segment in one class of days late, and what of it is expected to be lost."""

    _name = "collection.provision.line"
    _description = "Line of a Provision Matrix"
    _order = "provision_id desc, segment_id, place, id"
    _rec_name = "bucket"

    provision_id = fields.Many2one("collection.provision", required=True, index=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one(related="provision_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    day = fields.Date(related="provision_id.day", store=True)
    state = fields.Selection(related="provision_id.state")
    segment_id = fields.Many2one("credit.segment", readonly=True, ondelete="restrict")
    bucket = fields.Selection(BUCKETS, "Class", required=True, readonly=True)
    place = fields.Integer(compute="_compute_place", store=True, aggregator=None)
    amount = fields.Monetary("Open", readonly=True)
    rate = fields.Float("Loss rate (%)", digits=(9, 4), aggregator=None, help=(
        "From rolls: the product of the rolls from this class to over 90 days late. From a period: lost in the end ÷ what came so far × 100."))
    factor = fields.Float(digits=(6, 3), default=1.0, aggregator=None, help="What is expected of the future beside the past; it comes from the segment.")
    source = fields.Selection(SOURCES, "Rate from", readonly=True, help=(
        "The history of the segment; where it has none, that of the whole company; or what was entered by hand."))
    provision = fields.Monetary("Expected loss", compute="_compute_provision", store=True, help="Open × loss rate × factor, at most all of it.")

    _rate_share = models.Constraint("CHECK(rate BETWEEN 0 AND 100 AND factor >= 0)", "A loss rate lies between 0 and 100 %, a factor is not negative.")

    @api.depends("bucket")
    def _compute_place(self):
        order = [bucket for bucket, _label in BUCKETS]
        for line in self:
            line.place = order.index(line.bucket)

    @api.depends("amount", "rate", "factor", "currency_id")
    def _compute_provision(self):
        for line in self:
            line.provision = line._decide_loss()

    def _decide_loss(self):
        """One engine call: the place to hook another expected loss."""
        return float(provision.expected_loss(exact(self.amount), exact(self.rate), exact(self.factor), exact(self.currency_id.rounding or 0.01)))

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("The lines of a provision are worked out from the ledger."))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            if any(line.state == "kept" for line in self):
                raise UserError(self.env._("A provision that was kept is not changed. Make a new one."))
            if set(vals) - GIVEN:
                raise AccessError(self.env._("Only rates and factors are entered by hand."))
            if "rate" in vals:
                vals = {**vals, "source": "hand"}
        return super().write(vals)

    def action_open_items(self):
        """The open items behind a line."""
        self.ensure_one()
        self.check_access("read")
        if not self.env.user.has_group(VIEWER):
            raise AccessError(self.env._("You may not see what customers owe."))
        return {"type": "ir.actions.act_window", "name": self.display_name, "res_model": "collection.ageing", "views": [(False, "list")], "view_mode": "list",
                "domain": [("root_id", "=", self.company_id.id), ("segment_id", "=", self.segment_id.id), ("bucket", "=", self.bucket)],
                "context": {"collection_day": self.day.isoformat()}}
