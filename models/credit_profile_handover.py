from odoo import api, fields, models

from .collection_handover import LIVE


class CreditProfile(models.Model):
    """Handovers in the nightly look at every customer, on its screen, and on the customer's own page."""

    _inherit = "credit.profile"

    handover_ids = fields.One2many("collection.handover", "profile_id", "Handovers")
    handover_text = fields.Char("Handed over", compute="_compute_handover_text")

    @api.depends("handover_ids.state", "handover_ids.open_amount", "handover_ids.agency_id")
    @api.depends_context("lang")
    def _compute_handover_text(self):
        for profile in self:
            live = profile.handover_ids.filtered(lambda record: record.state in LIVE).sorted("id")
            profile.handover_text = ", ".join(record._sentence() for record in live) or False

    def _refresh(self, company, today):
        """What came in first; proposals last, when everything else about the customer is fresh."""
        self.env["collection.handover"]._judge_all(self, today)
        super()._refresh(company, today)
        self.env["collection.handover"]._propose_by_rules(self, company, today)

    def action_handover(self):
        """Propose to hand this customer's debt over."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_handover_wizard_action")
        return dict(action, context={"default_profile_id": self.id, "dialog_size": "large"})

    @api.model
    def _account_handed(self, items):
        """Who asks for items that are handed over: ``{item id: name of the agency}``."""
        lines = self.env["collection.handover.line"]._live_ones(items)
        return {line.item_id.id: line.handover_id.agency_id.name for line in lines if line.handover_id.state == "handed"}
