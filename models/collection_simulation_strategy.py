from typing import NamedTuple

from odoo import models


class Strategy(NamedTuple):
    """What is done about a customer on one side of a simulation; ``policy`` is a PolicyInForce, or None."""

    policy: tuple | None
    segment: models.Model
    collector: models.Model


class CollectionSimulation(models.Model):
    """Who would be treated how: as it is in force, by one policy, or by the segments with drafts among them."""

    _inherit = "collection.simulation"

    def _in_force(self, profiles):
        """What is in force for each customer: ``{profile id: Strategy}``; of experiments what it had drawn by the first day."""
        policies = self.env["collection.policy"]._in_force(self.company_id, profiles, self.first_day)
        return {profile.id: Strategy(policies.get(profile.partner_id.id), profile.segment_id, profile.collector_id) for profile in profiles}

    def _alternative(self, profiles):
        """The same for the other side."""
        if self.mode == "segments":
            return self._by_segment(profiles)
        policy = self.policy_id._in_force_for(self.company_id, self.last_day)
        return {profile.id: Strategy(policy, profile.segment_id, profile.collector_id) for profile in profiles}

    def _by_segment(self, profiles):
        """Each customer in the segment that fits today's figures, the drafts taken for armed; what it has of its own stays."""
        segments = (self.env["credit.segment"]._in_force(self.company_id) | self.draft_ids).sorted(lambda record: (record.sequence, record.id))
        fitting = self._fitting(profiles, segments)
        default, prepared, found = self.env["collection.policy"]._default_for(self.company_id), {}, {}
        for profile in profiles:
            mine = fitting[profile.id]
            policy = self.env["collection.policy"]._choose(profile, mine, default)
            if policy not in prepared:
                prepared[policy] = policy._in_force_for(self.company_id, self.last_day) if policy.active else None
            found[profile.id] = Strategy(prepared[policy], mine, profile._own("collector_id") or mine._gift("collector_id"))
        return found

    def _fitting(self, profiles, segments):
        """The segment that takes each customer with its figures of the last night: ``{profile id: segment}``."""
        Reader, Segment, rules = self.env["collection.reader"], self.env["credit.segment"], {one.id: one._to_engine() for one in segments}
        members = Reader._read_members(self.company_id, profiles)
        tags = Reader._read_tags([one.partner for one in members]) if segments.category_ids else {}
        found = {}
        for one in members:
            if profiles._is_kept(one, rules):
                found[one.id] = Segment.browse(one.segment)
            else:
                rule, _reasons = Segment._decide_match(profiles._to_facts(one, tags.get(one.partner, frozenset())), rules.values())
                found[one.id] = Segment.browse(rule and rule.key)
        return found
