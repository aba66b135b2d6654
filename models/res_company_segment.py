from odoo import fields, models
from odoo.fields import Command

from ..engine import sizing
from ..engine.money import exact
from .credit_segment import GIFTS

SHIPPED = ("key", "new", "small", "chronic", "late", "good")


class ResCompany(models.Model):
    """How customers are sorted into segments."""

    _inherit = "res.company"

    collection_segment_a = fields.Float("A up to (% of billing)", default=80.0, digits=(5, 2))
    collection_segment_b = fields.Float("B up to (% of billing)", default=95.0, digits=(5, 2))
    collection_segment_tolerance = fields.Float("Tolerance of sizes (points)", default=2.0, digits=(5, 2))
    collection_segment_wait_days = fields.Integer("A new segment must fit for (days)", default=30)

    _collection_segment_ordered = models.Constraint(
        "CHECK(collection_segment_a > 0 AND collection_segment_a < collection_segment_b AND collection_segment_b <= 100"
        " AND collection_segment_tolerance >= 0 AND collection_segment_wait_days >= 0)",
        "The sizes of customers must go up from A to B, up to 100 %, and the other figures of segments must not be negative.")

    def _collection_size_rule(self):
        self.ensure_one()
        return sizing.SizeRule(exact(self.collection_segment_a), exact(self.collection_segment_b), exact(self.collection_segment_tolerance))

    def _install_collection_policies(self):
        """Each company has its own copy of the shipped segments too; they give nothing until somebody fills them in."""
        super()._install_collection_policies()
        # sudo: who makes a company need not see those of the main one
        found = [self.sudo().env.ref(f"account_credit_collection.credit_segment_{name}", raise_if_not_found=False) for name in SHIPPED]
        for company in self:
            for record in filter(None, found):
                copied = record.copy(company._prepare_shipped_segment(record))
                company._convert_shipped(copied, record.currency_id)

    def _prepare_shipped_segment(self, record):
        """What another company made of a shipped segment is no choice of this one.

        Its gifts, risk classes, tags and countries stay behind. Without those it asked for it would take others, so it begins as a draft.
        """
        chosen = record.risk_class_ids or record.category_ids or record.country_ids
        return {"company_id": self.id, "is_draft": record.is_draft or bool(chosen), **dict.fromkeys(GIFTS, False), "automation_share": 0,
                "forward_factor": 1.0, **{name: [Command.clear()] for name in ("risk_class_ids", "category_ids", "country_ids")}}
