import logging
from datetime import datetime, timezone

from odoo import api, models
from odoo.tools import split_every

from ..engine import occasion
from ..engine.workday import Calendar, Hours, next_allowed
from .collection_metrics import note_failure
from .collection_policy import zone_of
from .collection_reason import jsonable

_logger = logging.getLogger(__name__)

BATCH = 200
EVERY_DAY = Calendar(weekend=frozenset())  # the working day was chosen when it was planned


class CollectionGreeting(models.Model):
    """The job: judges what leaves today, and lets it go."""

    _inherit = "collection.greeting"

    @api.model
    def _cron_greet(self):
        """Hourly: what leaves today, at a decent hour of the recipient. What fails for one stops no other."""
        problems, cron = [], self.env["ir.cron"]
        for company in self.env["res.company"].search([("parent_id", "=", False)]):
            today = company._collection_today()
            due = self.search([("company_id", "=", company.id), ("state", "=", "planned"), ("leaves_on", "<=", today)], order="id")
            for ids in split_every(BATCH, due.ids):
                problems += self.browse(ids)._greet_all(company, today)
                cron._commit_progress(len(ids))
        self.env["collection.heartbeat"]._beat("greeting", ", ".join(problems[:20]))
        cron._commit_progress(remaining=0)

    def _greet_all(self, company, today):
        """Greet a batch; return what failed, as ids."""
        mine = self.try_lock_for_update(allow_referencing=True)
        mine.invalidate_recordset(["state"])  # somebody may have called one off between two batches
        mine = mine.filtered(lambda greeting: greeting.state == "planned")
        verdicts = mine._verdicts(company, today)
        failed = []
        for greeting in mine:
            error = self.env["credit.profile"]._attempt(lambda greeting=greeting: greeting._greet(verdicts[greeting], today))
            if error:
                note_failure(_logger, error, "greeting %s failed", greeting.id)
                failed.append(f"greeting {greeting.id}")
        return failed

    def _greet(self, verdict, today):
        """Skip one for a reason, wait for a decent hour, or let it go; done again after a rollback it may have left already."""
        if self.state != "planned":
            return
        if not verdict.sends:
            self._transition("skipped", code=verdict.code, detail=jsonable(verdict.detail))
        elif self.channel != "email" or self._is_decent(verdict.detail):
            getattr(self, f"_perform_{self.channel}")(verdict.detail, today)

    def _is_decent(self, address):
        """Whether it is an hour to write to somebody, where the recipient is."""
        company = self.company_id
        zone = zone_of(address["tz"], address["country"]) or company._collection_timezone()
        now = datetime.now(timezone.utc).astimezone(zone).replace(tzinfo=None)
        return next_allowed(now, Hours(company.collection_greeting_from, company.collection_greeting_to), EVERY_DAY) == now

    def _skip_spoilt(self):
        """Judge again, as letters are, the cards that wait for the printer; return those that may not go any more."""
        spoilt = self.browse()
        for company, cards in self.filtered(lambda greeting: greeting.state == "to_print").grouped("company_id").items():
            for card, verdict in cards._verdicts(company, company._collection_today()).items():
                if not verdict.sends:
                    spoilt += card._transition("skipped", code=verdict.code, detail=jsonable(verdict.detail))
        return spoilt

    # ------------------------------------------------------------------ judging

    def _verdicts(self, company, today):
        """What becomes of greetings of one company now: ``{greeting: Verdict}``, with the address where one leaves."""
        if not self:
            return {}
        facts, addresses = self._read_greeting_facts(company, [(one.profile_id, one.contact_id.id, one.channel) for one in self], today)
        rules = self._rules(company, self.profile_id, today)
        found = {}
        for greeting in self:
            verdict = greeting._decide_greeting(facts[greeting.profile_id, greeting.contact_id.id, greeting.channel],
                                                rules[greeting.profile_id.id], today, greeting._due_on(today))
            found[greeting] = verdict._replace(detail=addresses[greeting.contact_id.id]) if verdict.sends else verdict
        return found

    def _due_on(self, today):
        """A card that is ready is not late: it waits for the person who prints it."""
        return today if self.state == "to_print" else self.leaves_on

    @api.model
    def _decide_greeting(self, facts, rule, today, leaves):
        """One engine call: the place to hook another reason to say nothing."""
        return occasion.judge(facts, rule, today, leaves)

    @api.model
    def _rules(self, company, profiles, today):
        """What the company wants kept in mind for each customer: ``{profile id: Rule}``."""
        most = company.collection_greeting_most_late
        policies = self.env["collection.policy"]._in_force(company, profiles, today) if company.collection_greeting_counts else {}
        caps = {pid: (policy.engine.cap, policy.engine.cap_days) for pid, policy in policies.items()}
        return {profile.id: occasion.Rule(most if most >= 0 else None, *caps.get(profile.partner_id.id, (0, 0))) for profile in profiles}

    @api.model
    def _read_greeting_facts(self, company, wanted, today):
        """Facts and addresses for ``(profile, contact id, channel)``: ``({…: Facts}, {contact id: address})``."""
        Reader = self.env["collection.reader"]
        profiles = self.env["credit.profile"].union(*(profile for profile, _contact, _channel in wanted))
        addresses = Reader._read_addresses([contact for _profile, contact, _channel in wanted])
        troubles = Reader._read_troubles(profiles, today)
        standings = Reader._read_standing(company, profiles.partner_id.ids, today)
        memory = max([days for _most, _cap, days in self._rules(company, profiles, today).values()], default=0)
        contacts, in_flight = Reader._read_contacts(profiles, today, memory), Reader._read_in_flight(profiles)
        found = {}
        for profile, contact, channel in wanted:
            oldest = standings.get(profile.partner_id.id, (0, 0, None))[2]
            found[profile, contact, channel] = _to_facts(
                addresses[contact], channel, profile._contact_stop(), troubles.get(profile.id, []),
                (today - oldest).days if oldest else 0, contacts.get(profile.id, ()), profile.id in in_flight)
        return found, addresses


def _to_facts(address, channel, stop, troubles, days_late, contacts, in_flight):
    silent = next((f"greeting_{word}" for word in troubles if word != "reminded"), None)
    by_mail = channel == "email"
    person = address["person_stop"] and f"greeting_{address['person_stop']}"
    return occasion.Facts(
        active=address["active"], stop=person or stop, opted_out=address["opted_out"],
        blacklisted=by_mail and bool(address["email"]) and address["blacklisted"],
        reachable=bool(address["email"]) if by_mail else channel == "task" or address["post"],
        silent=silent, days_late=days_late, reminded=in_flight or "reminded" in troubles, contacts=contacts)


class CollectionHeartbeat(models.Model):
    _inherit = "collection.heartbeat"

    @api.model
    def _jobs(self):
        return {**super()._jobs(), "greeting": "ir_cron_collection_greeting"}
