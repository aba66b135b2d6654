from datetime import datetime, timezone
from decimal import Decimal

import pytz

from odoo import api, fields, models

from ..engine import behaviour
from .collection_policy import zone_of


class ResCompany(models.Model):
    _inherit = "res.company"

    collection_policy_id = fields.Many2one("collection.policy", "Default follow-up policy",
                                           domain="[('company_id', '=', id)]", ondelete="restrict")
    collection_user_id = fields.Many2one("res.users", "Default collector", ondelete="restrict")
    collection_automatic = fields.Boolean("Send follow-ups automatically")
    collection_bank_days = fields.Integer("Oldest bank data (days)", default=7)
    collection_resend_unknown = fields.Boolean("Resend once when the outcome is unknown")
    collection_link_days = fields.Integer("Links in messages stay valid (days)", default=30)
    collection_window_months = fields.Integer("Payment behaviour over (months)", default=12)
    collection_prompt_days = fields.Float("Prompt up to (days late)", default=3.0)
    collection_chronic_days = fields.Float("Chronic above (days late)", default=15.0)
    collection_tolerance_days = fields.Float("Tolerance before a class changes (days)", default=1.0)

    _behaviour_ordered = models.Constraint(
        "CHECK(collection_prompt_days >= 0 AND collection_prompt_days < collection_chronic_days AND collection_tolerance_days >= 0)",
        "A prompt payer must be less late than a chronic one.")
    _collection_days_positive = models.Constraint(
        "CHECK(collection_bank_days >= 0 AND collection_link_days > 0 AND collection_window_months > 0)",
        "Days and months of the follow-up settings must be positive.")

    def _collection_timezone(self):
        """The zone in which this company's day begins and ends; never that of the job's user (R-28)."""
        self.ensure_one()
        partner = self.root_id.partner_id
        return zone_of(partner.tz, partner.country_id.code) or pytz.utc

    def _collection_date(self, moment):
        """The day of a naive UTC ``moment`` where the company is."""
        return pytz.utc.localize(moment).astimezone(self._collection_timezone()).date()

    def _collection_today(self):
        """Today where the company is."""
        return self._collection_date(datetime.now(timezone.utc).replace(tzinfo=None))

    def _collection_behaviour_rule(self):
        """The boundaries of payer classes as the engine takes them."""
        self.ensure_one()
        return behaviour.Rule(Decimal(str(self.collection_prompt_days)), Decimal(str(self.collection_chronic_days)),
                              Decimal(str(self.collection_tolerance_days)))

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies.filtered(lambda company: not company.parent_id)._install_collection_policies()
        return companies

    def _install_collection_policies(self):
        """Give each company its own copy of the shipped policies; the standard one is its default."""
        # sudo: who makes a company need not see those of the main one
        found = [self.sudo().env.ref(f"account_credit_collection.collection_policy_{name}", raise_if_not_found=False)
                 for name in ("standard", "gentle", "firm")]
        shipped = [policy for policy in found if policy]
        for company in self:
            copies = [policy.copy({"company_id": company.id}) for policy in shipped]
            if copies and not company.collection_policy_id:
                company.collection_policy_id = copies[0]
