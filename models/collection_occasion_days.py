from datetime import timedelta
from typing import NamedTuple

from odoo import api, models

from ..engine import occasion
from .collection_occasion import _same

MOVED_DAYS = 10  # a greeting is moved by less than that for days off


class Wish(NamedTuple):
    """A greeting that is due: to whom, for which day, when it leaves, after how many years (0 = nobody knows), by which e-mail address."""

    profile: models.Model
    contact: int
    on: object
    leaves: object
    years: int = 0
    address: str | None = None


class CollectionOccasion(models.Model):
    """Whose special day it is. A fixed number of queries for a batch of customers and all occasions."""

    _inherit = "collection.occasion"

    def _wishes(self, company, profiles, today, days):
        """The greetings of these occasions that leave within so many days: ``{(occasion, contact id, year): Wish}``."""
        last = today + timedelta(days=days)
        window = (today - timedelta(days=MOVED_DAYS), last + timedelta(days=max(self.mapped("days_before"), default=0) + MOVED_DAYS))
        people = self.env["collection.reader"]._read_special_people(company, profiles.partner_id.ids, occasion.days_of(*window))
        calendars = self.env["collection.reader"]._read_calendars(company, {person.country for some in people.values() for person in some}, today)
        owners = {profile.partner_id.id: profile for profile in profiles}
        found = {}
        for record in self:
            for owner, some in people.items():
                if record.segment_ids and owners[owner].segment_id not in record.segment_ids:
                    continue
                for person, on, years in record._celebrated(some, window):
                    leaves = record._decide_leaves(on, calendars.get(person.country) or calendars[None])
                    if today <= leaves <= last:
                        found[record, person.id, on.year] = Wish(owners[owner], person.id, on, leaves, years, person.email)
        return found

    def _decide_leaves(self, on, calendar):
        """One engine call: the place to hook another day to leave on."""
        return occasion.leaves_on(on, self.days_before, self.day_off, calendar)

    def _celebrated(self, people, window):
        """Who of a customer's ``people`` has this day within a window: ``[(person, day, years)]``."""
        found = [(person, on, since) for person in self._concerned(people) for on, since in self._days(person, window)]
        return [(person, on, on.year - since if since else 0) for person, on, since in found
                if self.kind not in ("anniversary", "founding", "birthday") or occasion.is_round(since, on.year, self.every_years)]

    def _concerned(self, people):
        """The persons for a birthday, the customer as a whole for all else, in the country that is asked for.

        Who was never invoiced is no customer yet.
        """
        country = self.country_id.code
        chosen = [person for person in people if person.is_customer and (person.is_person if self.kind == "birthday" else person.is_main)]
        return [person for person in chosen if not country or person.country == country]

    def _days(self, person, window):
        """The days of a person within a window, with the year since when: ``[(day, year or None)]``."""
        if self.kind in ("birthday", "founding"):
            return _within(person.born if self.kind == "birthday" else person.founded, window)
        if self.kind == "anniversary":
            since = person.since
            return _within(since and (since.month, since.day, since.year), window)
        if self.kind == "own":
            return _within((int(self.month), self.day, None), window)
        return [(on, None) for on in self._holidays(person.country or self._home().code, window)]

    @api.model
    def _holidays(self, country, window):
        names = self.env["collection.reader"]._holiday_names(country, range(window[0].year, window[1].year + 1), "en_US")
        return [on for on, some in names.items() if window[0] <= on <= window[1] and any(_same(self.holiday, name) for name in some)]


def _within(day, window):
    """``(month, day, year or None)`` in each year of a window in which it lies there."""
    if not day:
        return []
    days = [occasion.in_year(day[0], day[1], year) for year in range(window[0].year, window[1].year + 1)]
    return [(on, day[2] or None) for on in days if window[0] <= on <= window[1]]
