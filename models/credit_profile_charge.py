from odoo import fields, models


class CreditProfile(models.Model):
    """Which rule says what paying late costs a customer."""

    _inherit = "credit.profile"

    charge_rule_id = fields.Many2one("collection.charge.rule", "Charge rule", ondelete="restrict", tracking=True,
                                     domain="[('company_id', 'in', (False, company_id))]",
                                     help="Empty: the company's rule for businesses, or that for consumers.")
    no_charges = fields.Boolean("No charges", tracking=True, help="This customer is never charged for paying late.")
    charge_ids = fields.One2many("collection.charge", "profile_id", "Charges", readonly=True)
    charge_count = fields.Integer(compute="_compute_charge_count")

    def _compute_charge_count(self):
        counts = dict(self.env["collection.charge"]._read_group([("profile_id", "in", self.ids)], ["profile_id"], ["__count"]))
        for profile in self:
            profile.charge_count = counts.get(profile, 0)

    def _charge_rules(self):
        """The rule of each customer that is charged at all: ``{profile: rule}``."""
        found = {}
        for profile in self:
            company = profile.company_id
            common = company.collection_charge_rule_id if profile._is_business() else company.collection_charge_consumer_rule_id
            rule = profile.charge_rule_id or profile._given_charge_rule() or common
            if rule.active and not profile.no_charges and not profile.excluded:
                found[profile] = rule
        return found

    def _is_business(self):
        """Whether the law takes a customer for a business; a rule of its own says otherwise where that is wrong."""
        return bool(self.partner_id.is_company or self.partner_id.vat)

    def _refresh(self, company, today):
        """What was to be waived when it is paid in time is waived, or lapses."""
        super()._refresh(company, today)
        self.env["collection.charge"]._judge_waivers(self, today)

    def action_open_charges(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_charge_action")
        return dict(action, domain=[("profile_id", "=", self.id)], context={})
