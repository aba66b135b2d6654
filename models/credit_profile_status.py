from collections import defaultdict

from odoo import api, models

from .collection_promise_judge import UNKEPT
from .collection_reason import describe

OPEN_ITEM = [("reconciled", "=", False), ("parent_state", "=", "posted")]


class CreditProfile(models.Model):
    """What everybody of the office may know of a customer: how things stand, in words without amounts."""

    _inherit = "credit.profile"

    @api.model
    def _plain_status_of(self, company, partners):
        """The plain status of commercial ``partners`` with a root company: ``{partner id: text}``."""
        # sudo: the words tell nothing of the receivables, whoever reads them
        profiles = self.sudo().search([("company_id", "=", company.id), ("partner_id", "in", partners.ids)])
        status = profiles._plain_status(company._collection_today())
        return {profile.partner_id.id: text for profile, text in status.items()}

    def _plain_status(self, today):
        """How things stand, what weighs most first: ``{profile: text}``, empty where there is nothing to tell.

        Reads of all customers together; an answer of the customer says more than our reminder, which is left out then.
        """
        ids = self.ids
        profiles = self.sudo()  # sudo: as above
        found = defaultdict(list)
        for read in (profiles._plain_stops, profiles._plain_refusals, profiles._plain_disputes, profiles._plain_promises,
                     profiles._plain_plans, profiles._plain_reminders):
            for profile_id, (code, detail) in read(today, set(found)).items():
                found[profile_id].append(describe(self.env, code, detail))
        return {profile: " · ".join(found.get(profile_id, ())) for profile, profile_id in zip(self, ids)}

    def _plain_stops(self, today, known):
        """Whose orders wait or are refused."""
        held = self.env["credit.hold"]._read_group([("profile_id", "in", self.ids), ("state", "=", "held")], ["profile_id"])
        stops = {profile.id: ("plain_hold", {}) for (profile,) in held}
        return stops | {profile.id: ("plain_stopped", {}) for profile in self if profile.credit_stop}

    def _plain_refusals(self, today, known):
        """Who refused to pay when last spoken to, and neither paid nor promised since."""
        Call = self.env["collection.call"]
        last = Call._read_group([("profile_id", "in", self.ids), ("reached", "=", True), ("voided", "=", False)], ["profile_id"], ["id:max"])
        refused = Call.search([
            ("id", "in", [call_id for _profile, call_id in last]), ("outcome", "=", "refuses"), ("profile_id.overdue", ">", 0),
            ("profile_id.promise_ids", "not any", [("state", "=", "open")])])
        return {profile.id: ("plain_refused", {}) for profile in refused.profile_id}

    def _plain_disputes(self, today, known):
        """What is contested, by the reason on our list: what was written down as told may hold anything."""
        disputes = self.env["collection.dispute"].search_fetch(
            [("profile_id", "in", self.ids), ("state", "=", "open")], ["profile_id", "reason_id"])
        return {profile.id: ("plain_dispute", {"reason": some.reason_id.name}) if len(some.reason_id) == 1
                else ("plain_disputes", {"count": len(some)}) for profile, some in disputes.grouped("profile_id").items()}

    def _plain_promises(self, today, known):
        """The word of the customer: the promise that ends first, and whether it did not keep an earlier one of what is still open."""
        Promise = self.env["collection.promise"]
        promises = Promise.search([("profile_id", "in", self.ids), ("state", "=", "open"), ("grace_until", ">=", today)], order="promised_on")
        by_profile = promises.grouped("profile_id")
        found = {profile.id: ("plain_promised", {"on": some[:1].promised_on.isoformat()}) for profile, some in by_profile.items()}
        unkept = Promise.search([
            ("profile_id", "in", self.ids), ("state", "in", UNKEPT), "|",
            ("line_ids", "any", [("item_id", "any", [*OPEN_ITEM, ("id", "not in", promises.line_ids.item_id.ids)])]),
            "&", ("on_balance", "=", True), ("profile_id.overdue", ">", 0)])
        renewed = promises.filtered("on_balance").profile_id
        return found | {profile.id: ("plain_unkept", {}) for profile in unkept.profile_id - renewed}

    def _plain_plans(self, today, known):
        """Who asked to pay in parts, and is not asked for the whole until then."""
        calls = self.env["collection.call"]._read_group(
            [("profile_id", "in", self.ids), ("outcome", "=", "plan"), ("voided", "=", False), ("silent_until", ">=", today),
             ("item_ids", "any", OPEN_ITEM)], ["profile_id"])
        return {profile.id: ("plain_plan", {}) for (profile,) in calls}

    def _plain_reminders(self, today, known):
        """When the customer was last reminded of what is late and still open."""
        rest = [profile_id for profile_id in self.ids if profile_id not in known]
        sent = self.env["collection.action"]._read_group(
            [("profile_id", "in", rest), ("state", "=", "sent"), ("level_id.offset_days", ">=", 0),
             ("line_ids", "any", [("item_id", "any", OPEN_ITEM)])], ["profile_id"], ["sent_on:max"])
        return {profile.id: ("plain_reminded", {"on": on.isoformat()}) for profile, on in sent if on}
