from odoo import api, fields, models

from .credit_profile import BEHAVIOUR_CLASSES


class ResPartner(models.Model):
    _inherit = "res.partner"

    collection_contact = fields.Boolean("Receives payment reminders", groups="base.group_user",
                                        help="Reminders go to this contact instead of the invoice address.")
    credit_profile_ids = fields.One2many("credit.profile", "partner_id", "Credit profiles",
                                         groups="account_credit_collection.group_viewer")
    credit_profile_id = fields.Many2one("credit.profile", "Credit profile", compute="_compute_credit_profile_id",
                                        groups="account_credit_collection.group_viewer")
    collection_overdue = fields.Monetary("Overdue", compute="_compute_collection", groups="account_credit_collection.group_viewer")
    collection_behaviour = fields.Selection(BEHAVIOUR_CLASSES, "Payer", compute="_compute_collection",
                                            groups="account_credit_collection.group_viewer")
    collection_next_on = fields.Date("Next contact", compute="_compute_collection", groups="account_credit_collection.group_viewer")
    collection_last_on = fields.Date("Last contact", compute="_compute_collection", groups="account_credit_collection.group_viewer")
    collection_limit = fields.Char("Credit limit", compute="_compute_collection", groups="account_credit_collection.group_viewer")
    collection_reason = fields.Char("Why", compute="_compute_collection", groups="account_credit_collection.group_viewer")

    collection_status = fields.Char("Payments", compute="_compute_collection_status", groups="base.group_user",
                                    help="How things stand with what the customer owes, in plain words.")

    @api.depends("commercial_partner_id")
    @api.depends_context("company", "lang")
    def _compute_collection_status(self):
        """For everybody of the office: of the own company only, and without amounts."""
        customers = self.commercial_partner_id
        status = self.env["credit.profile"]._plain_status_of(self.env.company.root_id, customers) if customers.ids else {}
        for partner in self:
            partner.collection_status = status.get(partner.commercial_partner_id._origin.id, False)

    @api.depends("commercial_partner_id", "credit_profile_ids")
    @api.depends_context("company", "uid")
    def _compute_credit_profile_id(self):
        profiles = {profile.partner_id: profile for profile in self.env["credit.profile"].search(
            [("partner_id", "in", self.commercial_partner_id.ids), ("company_id", "=", self.env.company.root_id.id)])}
        for partner in self:
            partner.credit_profile_id = profiles.get(partner.commercial_partner_id, False)

    @api.depends("credit_profile_id.overdue", "credit_profile_id.behaviour_class", "credit_profile_id.next_contact_on",
                 "credit_profile_id.last_contact_on", "credit_profile_id.limit_text", "credit_profile_id.reason")
    @api.depends_context("company", "uid", "lang")
    def _compute_collection(self):
        """Through the profile as the user may see it: who is kept to an own portfolio learns nothing of others'."""
        for partner in self:
            profile = partner.credit_profile_id
            partner.update({
                "collection_overdue": profile.overdue, "collection_behaviour": profile.behaviour_class,
                "collection_next_on": profile.next_contact_on, "collection_last_on": profile.last_contact_on,
                "collection_limit": profile.limit_text, "collection_reason": profile.reason})

    # ------------------------------------------------------------------ decisions made on the customer form

    @api.model_create_multi
    def create(self, vals_list):
        """A limit that a new customer begins with is a decision about credit too."""
        partners = super().create(vals_list)
        always = "default_credit_limit" in self.env.context
        given = [partner.id for partner, vals in zip(partners, vals_list) if always or "credit_limit" in vals]
        if given:
            self.browse(given)._journal_credit_limit()
        return partners

    def write(self, vals):
        """A limit set in core's field is a decision about credit, and goes into the journal; a new parent takes credit along."""
        moving = self._credit_customers() if {"parent_id", "is_company"} & vals.keys() else self.browse()
        result = super().write(vals)
        moving._join_parents()
        if "credit_limit" in vals:
            self._journal_credit_limit()
        return result

    def _credit_customers(self):
        return self.filtered(lambda partner: partner == partner.commercial_partner_id)

    def _join_parents(self):
        """Customers that have become a part of another one bring their credit along."""
        moved = self - self._credit_customers()
        if moved:
            # sudo: who keeps addresses need not see credit; archived ones have had theirs
            profiles = self.env["credit.profile"].sudo().with_context(active_test=False).search([("partner_id", "in", moved.ids)])
            for profile in profiles.with_context(self.env.context):  # pylint: disable=context-overridden
                profile._join(profile.partner_id.commercial_partner_id)

    def _journal_credit_limit(self):
        """Note limits that differ from the profile's; those just shown there by the journal do not."""
        company = self.env.company.root_id
        customers = self._credit_customers()
        known = self.env["credit.profile"].sudo().with_context(active_test=False).search(
            [("partner_id", "in", customers.ids), ("company_id", "=", company.id)])
        decided = known.filtered("limit_ids").grouped("partner_id")
        fallback = self._fields["credit_limit"].get_company_dependent_fallback(self)
        new = customers.filtered(lambda partner: partner.credit_limit != (decided[partner]._mirrored_limit() if partner in decided else fallback))
        if new:
            new._decide_credit_limits(company)

    def _decide_credit_limits(self, company):
        if not self.env.su:
            for amount in set(self.mapped("credit_limit")):
                self.env["credit.authority"]._require(company, amount or None)
        profiles = self.env["credit.profile"].sudo()._ensure(company, self).grouped("partner_id")
        self.env["credit.limit"]._record_all([(profiles[partner], partner._prepare_limit(profiles[partner])) for partner in self])

    def _prepare_limit(self, profile):
        amount = self.credit_limit
        return {"amount": amount, "meaning": "amount" if amount else "none", "cap": max(amount, profile.cap_amount) if profile.cap_amount else 0,
                "source": "partner", "reason": self.env._("Set on the customer form")}

    def action_open_credit_profile(self):
        """Open the customer's standing; a customer without a receivable gets a fresh one."""
        self.ensure_one()
        self.env["credit.profile"].check_access("read")
        profile = self.credit_profile_id or self.env["credit.profile"].sudo()._ensure(self.env.company, self)
        return {"type": "ir.actions.act_window", "res_model": "credit.profile", "res_id": profile.id, "view_mode": "form"}

    def action_pause_follow_up(self):
        self.ensure_one()
        return self.credit_profile_id.action_pause()
