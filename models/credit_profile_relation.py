from datetime import timedelta

from odoo import api, models

from ..engine import occasion, relation
from .collection_reason import describe, jsonable

KEPT_DAYS = 180  # so long a plan that was kept is worth a word
PROBLEMS = ("legal", "handed", "stopped")


class CreditProfile(models.Model):
    """The nightly plan of greetings, and the one sentence that who sells should know."""

    _inherit = "credit.profile"

    def _refresh(self, company, today):
        super()._refresh(company, today)
        customers = self.sudo()  # sudo: nobody but the job makes greetings
        if customers._plan_apart(company, today):
            for customer in customers:
                customer._plan_alone(company, today)

    def _plan_apart(self, company, today):
        """Plan greetings whole or not at all; return the error met, or None: a birthday never stops the rest of the night."""
        try:
            # without a commit, which would lose what the night has found out so far
            self.env["collection.job"]._retrying(lambda: self.env["collection.greeting"]._plan(company, self, today), commit=False)
        except Exception as error:  # tomorrow is another night, and a week is planned ahead
            self.env.invalidate_all(flush=False)
            return error
        return None

    def _plan_alone(self, company, today):
        """One customer of a batch that failed: whose plan fails keeps nobody else's from being made."""
        error = self._plan_apart(company, today)
        if error:
            self._report_failure(error)

    # ------------------------------------------------------------------ the hint

    @api.model
    def _relation_hints(self, company, partners):
        """The hint on commercial ``partners`` of a root company: ``{partner id: sentence}``, in a fixed number of queries."""
        if not self.env.su and not self.env.user._is_internal():
            return {}
        # sudo: the sentences tell nothing of the receivables, whoever reads them
        profiles = self.sudo().search([("company_id", "=", company.id), ("partner_id", "in", partners.ids)])
        today = company._collection_today()
        relations = profiles._relations(company, today)
        hints = {profile: profile._decide_hint(relations[profile], today) for profile in profiles}
        return {profile.partner_id.id: describe(self.env, hint.code, jsonable(hint.detail)) for profile, hint in hints.items() if hint}

    def _decide_hint(self, facts, today):
        """One engine call: the place to hook another hint."""
        return relation.hint(facts, today)

    def _relations(self, company, today):
        """What is known of customers, for the hint: ``{profile: Relation}``."""
        if not self:
            return {}
        Reader = self.env["collection.reader"]
        troubles = Reader._read_troubles(self, today)
        refused = self._plain_refusals(today, set())
        kept, active = self._plans_kept(today)
        invoices, special = self._invoice_days(company), self._special_days(company, today)
        touches = self.env["collection.touch"]._last_touches(company, self.partner_id, today)
        used = self._limits_used(today)
        found = {}
        for profile in self:
            words, partner = troubles.get(profile.id, []), profile.partner_id
            first, last = invoices.get(partner, (None, None))
            problem = "left_alone" if profile._contact_stop() else next((word for word in words if word in PROBLEMS), None)
            found[profile] = relation.Relation(
                stop=problem and f"hint_{problem}", disputed="dispute" in words, refused=profile.id in refused,
                days_late=profile.days_late, payer=profile.behaviour_class, settled=profile.settled_count, since=partner.customer_since or first,
                limit_used=used.get(profile.id, 0), plan_kept_on=kept.get(profile), plan_active=profile in active,
                last_invoice=last, last_touch=touches.get(partner.id, (None, 0))[0], special=special.get(partner.id))
        return found

    def _plans_kept(self, today):
        Plan = self.env["collection.plan"]
        kept = dict(Plan._read_group([("profile_id", "in", self.ids), ("state", "=", "finished"), ("ended_on", ">", today - timedelta(days=KEPT_DAYS))],
                                     ["profile_id"], ["ended_on:max"]))
        return kept, Plan.search([("profile_id", "in", self.ids), ("state", "=", "active")]).profile_id

    def _invoice_days(self, company):
        """First and last invoice of a company: ``{partner: (day, day)}``."""
        rows = self.env["account.move"]._read_group(
            [("commercial_partner_id", "in", self.partner_id.ids), ("company_id", "child_of", company.id), ("move_type", "=", "out_invoice"),
             ("state", "=", "posted")], ["commercial_partner_id"], ["invoice_date:min", "invoice_date:max"])
        return {partner: days for partner, *days in rows}

    def _limits_used(self, today):
        """Percent of the limit that is taken up; more is not told of it."""
        limited = self.filtered(lambda profile: profile.limit_meaning == "amount" and profile.limit_amount)
        credits = limited._read_credit(today) if limited else {}
        return {pid: int(100 * one.credit.exposure / one.credit.limit.amount) for pid, one in credits.items() if one.credit.limit.amount}

    def _special_days(self, company, today):
        """The next special day within a week: ``{partner id: (day, kind, who)}``."""
        window = (today, today + timedelta(days=relation.SOON))
        people = self.env["collection.reader"]._read_special_people(company, self.partner_id.ids, occasion.days_of(*window))
        names = {partner.id: partner.name for partner in self.env["res.partner"].browse([one.id for some in people.values() for one in some])}
        found = {}
        for owner, some in people.items():
            days = [(occasion.next_on(day[0], day[1], today), kind, names[one.id] or "")
                    for one in some if one.welcomes for kind, day in _own_days(one, today) if day]
            soon = [one for one in days if one[0] <= window[1]]
            if soon:
                found[owner] = min(soon)
        return found


def _own_days(person, today):
    """The days of a person that are worth a word, as (kind, (month, day, …) or nothing)."""
    since = person.since if person.is_main else None
    return ("birthday", person.born), ("anniversary", since and since.year < today.year and (since.month, since.day))
