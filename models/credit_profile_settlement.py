from odoo import api, fields, models


class CreditProfile(models.Model):
    """Settlement offers in the nightly look at every customer, and on its screen."""

    _inherit = "credit.profile"

    settlement_ids = fields.One2many("collection.settlement", "profile_id", "Settlement offers")
    settlement_text = fields.Char("Offered", compute="_compute_settlement_text")

    @api.depends("settlement_ids.state", "settlement_ids.amount", "settlement_ids.until")
    @api.depends_context("lang")
    def _compute_settlement_text(self):
        for profile in self:
            offered = profile.settlement_ids.filtered(lambda record: record.state == "offered").sorted("until")
            profile.settlement_text = ", ".join(record._sentence() for record in offered) or False

    def _refresh(self, company, today):
        """Offers first: what is reminded of again is decided afterwards."""
        self.env["collection.settlement"]._judge_all(self, today)
        super()._refresh(company, today)
        self.env["payment.transaction"]._ask_about_overdue(self, today)

    def action_settlement(self):
        """Offer this customer a settlement."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_settlement_wizard_action")
        return dict(action, context={"default_profile_id": self.id, "dialog_size": "large"})
