from odoo import api, models

from ..engine import experiment
from .collection_reason import describe


class CollectionPolicy(models.Model):
    """What an experiment changes: the policy of the challenger's customers, and silence for those held out."""

    _inherit = "collection.policy"

    @api.model
    def _in_force(self, company, profiles, today):
        """With the challenger for its customers, and nothing for those held out; a policy of the customer's own goes before."""
        chosen = super()._in_force(company, profiles, today)
        # sudo: whoever decides on customers need not see experiments
        members = self.env["collection.experiment.member"].sudo()._treated(profiles, today)
        prepared = {policy: policy._in_force_for(company, today) for policy in members.experiment_id.challenger_id if policy.active}
        for member in members.filtered(lambda member: not member.profile_id.policy_id):
            partner = member.profile_id.partner_id.id
            if member.arm == experiment.HOLDOUT and partner in chosen:
                chosen[partner] = chosen[partner]._replace(stop="held_out")
            elif member.arm == experiment.CHALLENGER and member.experiment_id.challenger_id in prepared:
                chosen[partner] = prepared[member.experiment_id.challenger_id]
        return chosen

    @api.model
    def _stops(self, profiles, today):
        """Also for what was planned before the customer entered."""
        # sudo: as above
        held_out = self.env["collection.experiment.member"].sudo()._held_out(profiles, today)
        return {**super()._stops(profiles, today), **dict.fromkeys(held_out.partner_id.ids, "held_out")}


class CreditProfile(models.Model):
    _inherit = "credit.profile"

    def _prepare_ranks(self, company, today):
        """Who is held out is not called either, unless something pins it to the top."""
        ranked = super()._prepare_ranks(company, today)
        # sudo: whoever ranks customers need not see experiments
        held_out = set(self.env["collection.experiment.member"].sudo()._held_out(self, today).ids)
        return {profile: values for profile, values in ranked.items() if values["work_pinned"] or profile.id not in held_out}


class CollectionDesk(models.AbstractModel):
    _inherit = "collection.desk"

    @api.model
    def load_customer(self, profile_id):
        """With a word to whoever has a held-out customer on the telephone."""
        found = super().load_customer(profile_id)
        profile = self.env["credit.profile"].browse(found["id"])
        # sudo: callers see no experiment
        held_out = self.env["collection.experiment.member"].sudo()._held_out(  # nosemgrep: public-method-with-sudo - super() asked
            profile, profile.company_id._collection_today())
        return {**found, "held_out": describe(self.env, "held_out") if held_out else False}
