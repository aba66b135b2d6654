from odoo import models
from odoo.tools import SQL


class MergePartnerAutomatic(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Merge credit profiles first: one customer keeps one profile and all its history (R-54)."""
        self._merge_credit_profiles(src_partners, dst_partner)
        super()._update_foreign_keys(src_partners, dst_partner)

    def _merge_credit_profiles(self, src_partners, dst_partner):
        Profile = self.env["credit.profile"].sudo().with_context(active_test=False)
        target = dst_partner.commercial_partner_id
        for profile in Profile.search([("partner_id", "in", src_partners.ids)]):
            keep = Profile.search([("company_id", "=", profile.company_id.id), ("partner_id", "=", target.id)])
            if not keep:
                profile.partner_id = target
                continue
            self._merge_profile(profile, keep)

    def _merge_profile(self, profile, keep):
        """Move contacts and disputes; the longer pause and the stricter setting win."""
        self.env.flush_all()
        for table in ("collection_action", "collection_dispute"):
            self.env.cr.execute(SQL("UPDATE %s SET profile_id = %s WHERE profile_id = %s",
                                    SQL.identifier(table), keep.id, profile.id))
        self.env.invalidate_all()
        pauses = [day for day in (keep.paused_until, profile.paused_until) if day]
        keep.write({
            "paused_until": max(pauses, default=False),
            "pause_reason": keep.pause_reason or profile.pause_reason,
            "excluded": keep.excluded or profile.excluded,
            "policy_id": (keep.policy_id or profile.policy_id).id,
            "collector_id": (keep.collector_id or profile.collector_id).id,
        })
        keep.message_post(body=self.env._("Merged with the profile of %s.", profile.partner_id.display_name))
        profile.unlink()
