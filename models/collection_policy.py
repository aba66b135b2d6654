from datetime import datetime, timezone
from typing import NamedTuple

import pytz

from odoo import api, fields, models
from odoo.fields import Domain

from ..engine import followup
from ..engine.money import exact, quantize
from ..engine.workday import Calendar, Hours, next_allowed


class PolicyInForce(NamedTuple):
    """A policy prepared for a batch: the engine's value, and what the reader needs to know of it.

    ``stop`` is the code of a reason for which the customer gets nothing at all.
    """

    record: models.Model
    engine: followup.Policy
    quiet_weekends: bool
    quiet_holidays: bool
    archived: bool
    stop: str | None = None

    def position(self, level_id, offset):
        """Where a level stands among those in force; one of another policy stands by its offset."""
        found = None
        for level in self.engine.levels:
            if level.id == level_id:
                return level.position
            if level.offset <= offset:
                found = level.position
        return found


class CollectionPolicy(models.Model):
    """Who is reminded when: levels by distance from the due date, and guards for all of them."""

    _name = "collection.policy"
    _description = "Follow-up Policy"
    _inherit = ["mail.thread"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict",
                                 default=lambda self: self.env.company.root_id)
    currency_id = fields.Many2one(related="company_id.currency_id")
    description = fields.Char(translate=True)
    level_ids = fields.One2many("collection.level", "policy_id", "Levels", copy=True)
    catch_up = fields.Selection(
        [("climb", "One level at a time"), ("fit", "Enter at the level that fits")],
        default="climb", required=True, tracking=True,
        help="What happens to an invoice that is already long overdue when follow-up starts.")
    gap_days = fields.Integer("Days between contacts", default=5, required=True, tracking=True,
                              help="At least so many days lie between two messages to a customer, whatever the channel.")
    cap_count = fields.Integer("At most contacts", default=4, tracking=True, help="0 = no limit.")
    cap_days = fields.Integer("within days", default=30)
    minimum_amount = fields.Monetary("Minimum amount", tracking=True,
                                     help="Less than this in total is not asked for. Other currencies are converted unless listed.")
    minimum_ids = fields.One2many("collection.minimum", "policy_id", "Minimum per currency", copy=True)
    quiet_weekends = fields.Boolean("Not on weekends", default=True)
    quiet_holidays = fields.Boolean("Not on public holidays", default=True,
                                    help="Public holidays of the company's and of the customer's country.")
    hour_from = fields.Float("Contact from", default=8.0)
    hour_to = fields.Float("Contact until", default=18.0)
    manual_wait_days = fields.Integer("Days for calls and letters", default=7,
                                      help="A call or letter not done after so many days is skipped, and the next level follows.")
    dun_archived = fields.Boolean("Also archived customers")
    profile_count = fields.Integer(compute="_compute_profile_count", string="Customers")
    warning = fields.Text(compute="_compute_warning")

    _gap_positive = models.Constraint("CHECK(gap_days >= 1)", "At least one day must lie between two contacts.")
    _cap_positive = models.Constraint("CHECK(cap_count >= 0 AND cap_days >= 1)", "The contact limit must not be negative.")
    _minimum_positive = models.Constraint("CHECK(minimum_amount >= 0)", "The minimum amount must not be negative.")
    _hours_ordered = models.Constraint("CHECK(hour_from >= 0 AND hour_from < hour_to AND hour_to <= 24)",
                                       "Contact hours must begin before they end, between 0 and 24.")

    @api.depends("name")
    def _compute_profile_count(self):
        for policy in self:
            policy.profile_count = self.env["credit.profile"].search_count(policy._profile_domain())

    @api.depends("level_ids", "level_ids.channel_ids", "level_ids.message_ids")
    @api.depends_context("lang")
    def _compute_warning(self):
        for policy in self:
            policy.warning = "\n".join(policy._setup_problems())

    def _setup_problems(self):
        """Sentences, each naming the record, on what keeps this policy from working fully."""
        self.ensure_one()
        if not self.level_ids:
            return [self.env._("Policy “%s” has no level: it contacts nobody.", self.name)]
        return [problem for level in self.level_ids for problem in level._setup_problems()]

    def copy_data(self, default=None):
        # A copy for another company is no copy in the eyes of its users.
        return [vals if default and {"name", "company_id"} & set(default) else dict(vals, name=self.env._("%s (copy)", policy.name))
                for policy, vals in zip(self, super().copy_data(default))]

    @api.model
    def _default_for(self, company):
        """The policy of customers without one of their own: the company's choice, else its first."""
        return company.collection_policy_id or self.search([("company_id", "=", company.id)], limit=1)

    @api.model
    def _in_force(self, company, profiles, today):
        """The policy of each customer, prepared once per policy: ``{partner id: PolicyInForce}``."""
        default = self._default_for(company)
        prepared = {policy: policy._in_force_for(company, today)
                    for policy in (profiles.policy_id | profiles.segment_id.policy_id | default) if policy.active}
        chosen = {profile.partner_id.id: prepared.get(self._choose(profile, profile.segment_id._giving(), default)) for profile in profiles}
        return {partner: policy for partner, policy in chosen.items() if policy}

    @api.model
    def _choose(self, profile, segment, default):
        """A customer's own policy, else what its segment gives, else the ``default`` of the company; ``_profile_domain`` says the same."""
        return profile.policy_id or segment._gift("policy_id") or default

    @api.model
    def _stops(self, profiles, today):
        """Why customers get nothing at all whatever their policy, also not what was planned before: ``{partner id: code}``."""
        return {}

    def _in_force_for(self, company, today):
        """This policy prepared for the company's calendar and all active currencies."""
        calendar = self.env["collection.reader"]._read_calendars(company, (), today)[None]
        return self._to_engine(calendar, self.env["res.currency"].search([]))

    def _to_engine(self, calendar, currencies):
        """Return the policy as the engine takes it; ``currencies`` are those in use."""
        self.ensure_one()
        base = self._base_minimums(currencies)
        levels = tuple(level._to_engine(position, base) for position, level in enumerate(self._ordered_levels()))
        engine = followup.Policy(
            id=self.id, levels=levels, fit=self.catch_up == "fit", gap=self.gap_days,
            cap=self.cap_count, cap_days=self.cap_days, calendar=calendar)
        return PolicyInForce(self, engine, self.quiet_weekends, self.quiet_holidays, self.dun_archived)

    def _base_minimums(self, currencies):
        """The least amount per currency id: the listed one, else the policy's converted at today's rate."""
        minimums = {}
        if self.minimum_amount:
            rates = currencies._get_rates(self.company_id, self.company_id._collection_today())
            own = rates.get(self.currency_id.id) or 1.0
            minimums = {currency.id: quantize(self.minimum_amount * rates.get(currency.id, 1.0) / own, currency.rounding)
                        for currency in currencies}
        minimums.update({row.currency_id.id: exact(row.amount) for row in self.minimum_ids})
        return minimums

    def _ordered_levels(self):
        return self.level_ids.sorted(lambda level: (level.offset_days, level.id))

    def _not_before(self, recipients, channel, calendar):
        """The next contact hour where the recipient is, as naive UTC; False when it is now."""
        if channel in ("letter", "call"):
            return False
        zone = zone_of(recipients.via(channel).tz, recipients.country) or self.company_id._collection_timezone()
        now = datetime.now(timezone.utc).astimezone(zone).replace(tzinfo=None)
        open_days = Calendar(weekend=calendar.weekend if self.quiet_weekends else frozenset(),
                             holidays=calendar.holidays if self.quiet_holidays else frozenset())
        allowed = next_allowed(now, Hours(self.hour_from, self.hour_to), open_days)
        return zone.localize(allowed).astimezone(timezone.utc).replace(tzinfo=None) if allowed > now else False

    @api.model
    def _nothing(self):
        """The policy of customers to whom none applies."""
        return followup.Policy(id=0, levels=())

    def _decide(self, facts, policy, today):
        """Decide on one customer; ``policy`` is this record as ``_to_engine`` gave it."""
        return followup.decide(facts, policy, today)

    def _confirm(self, facts, planned, policy, today):
        """Decide again, just before sending, on a contact planned earlier."""
        return followup.confirm(facts, planned, policy, today)

    def _profile_domain(self):
        """The customers this policy applies to: their own, their segment's, and as the company's default the rest; as ``_choose`` does."""
        segments = self.env["credit.segment"]._in_force(self.company_id)
        gifts = {segment.id: segment._gift("policy_id") for segment in segments}
        without = Domain("policy_id", "=", False)
        applies = Domain("policy_id", "=", self.id) | without & Domain("segment_id", "in", [one for one, gift in gifts.items() if gift == self])
        if self == self._default_for(self.company_id):
            applies |= without & Domain("segment_id", "not in", [one for one, gift in gifts.items() if gift])
        return list(Domain("company_id", "=", self.company_id.id) & applies)

    def action_open_profiles(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.credit_profile_action")
        return dict(action, domain=self._profile_domain(), context={})

    def action_preview(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_run_wizard_action")
        return dict(action, context={"default_policy_ids": self.ids, "default_company_id": self.company_id.id})


def zone_of(name, country):
    """A pytz zone from a contact's own setting or its country, or None."""
    try:
        if name:
            return pytz.timezone(name)
        return pytz.timezone(pytz.country_timezones(country)[0]) if country else None
    except (KeyError, pytz.UnknownTimeZoneError):
        return None
