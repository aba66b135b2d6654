from datetime import date

from odoo import models

from ..models.account_move_line import CALLED_OFF_STATES


class MergePartnerAutomatic(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Merge credit profiles first: one customer keeps one profile and all its history (R-54)."""
        self._merge_credit_profiles(src_partners, dst_partner)
        self.env["collection.greeting"].sudo()._move_contacts(src_partners, dst_partner)  # sudo: as profiles below
        super()._update_foreign_keys(src_partners, dst_partner)
        self._name_the_customer(src_partners, dst_partner)

    def _customer_after(self, src_partners, dst_partner):
        """Whose account it is afterwards: a contact that takes over a company becomes one, any other one belongs to its own."""
        return dst_partner if any((src_partners | dst_partner).mapped("is_company")) else dst_partner.commercial_partner_id

    def _name_the_customer(self, src_partners, dst_partner):
        """Core has put the contact where the customer stood: a contact under way is looked up by its customer."""
        customer = self._customer_after(src_partners, dst_partner)
        if customer != dst_partner:
            # sudo: as profiles below
            self.env["collection.action"].sudo().search([("partner_id", "=", dst_partner.id)]).write({"partner_id": customer.id})

    def _update_values(self, src_partners, dst_partner):
        """Who was known before, under whatever record, does not go with a credit application."""
        applicants = all((src_partners | dst_partner).sudo().mapped("is_applicant"))  # sudo: nobody reads it
        super()._update_values(src_partners, dst_partner)
        dst_partner.sudo().is_applicant = applicants  # sudo: as above

    def _merge_credit_profiles(self, src_partners, dst_partner):
        Profile = self.env["credit.profile"].sudo().with_context(active_test=False)
        target = self._customer_after(src_partners, dst_partner)
        stopped = Profile.search([("partner_id", "in", (src_partners | target).ids), ("stop_kind", "!=", False)], limit=1)._stop_values()
        for profile in Profile.search([("partner_id", "in", src_partners.ids)]):
            keep = Profile.search([("company_id", "=", profile.company_id.id), ("partner_id", "=", target.id)])
            if not keep:
                profile.partner_id = target
                continue
            self._merge_profile(profile, keep)
        if stopped["stop_kind"]:  # whoever is left alone stays so, with all companies
            Profile.search([("partner_id", "=", target.id), ("stop_kind", "=", False)]).write(stopped)

    def _merge_profile(self, profile, keep):
        """Move contacts, disputes and promises; the longer pause and the stricter setting win.

        Contacts not yet sent are called off: the next run decides on the one customer.
        """
        profile.action_ids.filtered(lambda action: action.state in CALLED_OFF_STATES)._stop("merged")
        profile.action_ids.write({"profile_id": keep.id})
        profile.dispute_ids.write({"profile_id": keep.id})
        profile.request_ids.write({"profile_id": keep.id})
        profile.promise_ids._move_to(keep)
        self.env["collection.thanks"].sudo().search([("profile_id", "=", profile.id)])._move_to(keep)  # sudo: as profiles here
        profile.payrun_ids._move_to(keep)
        profile.charge_ids._move_to(keep)
        self.env["collection.call"].sudo().search([("profile_id", "=", profile.id)])._move_to(keep)  # sudo: as profiles here
        profile.experiment_member_ids._move_to(keep)
        self.env["collection.reader"]._join_months(profile, keep)
        profile.segment_move_ids.unlink()  # the customer that stays has a history of its own
        self._merge_credit(profile, keep)
        longer = max(keep, profile, key=lambda one: one.paused_until or date.min)
        keep.write({
            "paused_until": longer.paused_until,
            "pause_reason": longer.pause_reason,
            "excluded": keep.excluded or profile.excluded,
            "active": keep.active or profile.active,
            "policy_id": (keep.policy_id or profile.policy_id).id,
            "charge_rule_id": (keep.charge_rule_id or profile.charge_rule_id).id,
            "no_charges": keep.no_charges or profile.no_charges,
        })
        keep._take_over_choices(profile)
        self._move_rest(profile, keep)
        keep._refresh_limits()
        self._show_one_limit(profile, keep)
        keep.message_post(body=self.env._("Merged with the profile of %s.", profile.partner_id.display_name))
        profile.unlink()

    def _merge_credit(self, profile, keep):
        """Move decisions, holds and applications; the limit of the customer that stays is the one that counts."""
        keep._take_over_limits(profile)
        profile.hold_ids.write({"profile_id": keep.id})
        profile.application_ids.write({"profile_id": keep.id})
        keep._take_over_group(profile)
        keep._take_over_stop(profile, profile.credit_stop_reason)

    def _move_rest(self, profile, keep):
        """Whatever else belongs to the profile, as core moves what belongs to a customer: outside scores, messages, tasks, files."""
        self.env.flush_all()
        self._update_foreign_keys_generic("credit.profile", profile, keep)
        self._update_reference_fields_generic("credit.profile", profile, keep)
        self.env.invalidate_all()

    def _show_one_limit(self, profile, keep):
        """Core takes a value that the customer that stays has not from the other one: a limit would come back that nobody decided."""
        if keep.limit_ids:
            for company in self.env["res.company"].sudo().search([("id", "child_of", keep.company_id.id)]):  # sudo: branches of any user
                profile._show_in_core(company, "credit_limit", keep._mirrored_limit())
