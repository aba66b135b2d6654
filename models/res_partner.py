from odoo import api, fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    collection_contact = fields.Boolean("Receives payment reminders",
                                        help="Reminders go to this contact instead of the invoice address.")
    credit_profile_ids = fields.One2many("credit.profile", "partner_id", "Credit profiles",
                                         groups="account_credit_collection.group_viewer")
    credit_profile_id = fields.Many2one("credit.profile", "Credit profile", compute="_compute_credit_profile_id",
                                        groups="account_credit_collection.group_viewer")
    collection_overdue = fields.Monetary(related="credit_profile_id.overdue", string="Overdue",
                                         groups="account_credit_collection.group_viewer")
    collection_behaviour = fields.Selection(related="credit_profile_id.behaviour_class", string="Payer",
                                            groups="account_credit_collection.group_viewer")
    collection_next_on = fields.Date(related="credit_profile_id.next_contact_on", string="Next contact",
                                     groups="account_credit_collection.group_viewer")
    collection_last_on = fields.Date(related="credit_profile_id.last_contact_on", string="Last contact",
                                     groups="account_credit_collection.group_viewer")
    collection_reason = fields.Char(related="credit_profile_id.reason", string="Why",
                                    groups="account_credit_collection.group_viewer")

    @api.depends("commercial_partner_id", "credit_profile_ids")
    @api.depends_context("company")
    def _compute_credit_profile_id(self):
        profiles = {profile.partner_id: profile for profile in self.env["credit.profile"].search(
            [("partner_id", "in", self.commercial_partner_id.ids), ("company_id", "=", self.env.company.root_id.id)])}
        for partner in self:
            partner.credit_profile_id = profiles.get(partner.commercial_partner_id, False)

    def action_open_credit_profile(self):
        """Open the customer's standing; a customer without a receivable gets a fresh one."""
        self.ensure_one()
        self.env["credit.profile"].check_access("read")
        profile = self.credit_profile_id or self.env["credit.profile"].sudo()._ensure(self.env.company, self)
        return {"type": "ir.actions.act_window", "res_model": "credit.profile", "res_id": profile.id, "view_mode": "form"}

    def action_pause_follow_up(self):
        self.ensure_one()
        return self.credit_profile_id.action_pause()
