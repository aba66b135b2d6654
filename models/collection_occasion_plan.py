from odoo import api, models
from odoo.fields import Domain

from .collection_reason import jsonable

PLAN_DAYS = 7


class CollectionGreeting(models.Model):
    """The plan of the next days: made at night, a fixed number of queries for a batch of customers."""

    _inherit = "collection.greeting"

    @api.model
    def _plan(self, company, profiles, today):
        """Plan what leaves within a week, move what has moved, and drop what is no special day any more."""
        occasions = self.env["collection.occasion"]._in_force(company)
        if not occasions:
            return
        wishes = occasions._wishes(company, profiles, today, PLAN_DAYS)
        known = self._known(company, profiles, wishes, today)
        self._move_planned(wishes, known, today)
        fresh = {key: wish for key, wish in wishes.items() if key not in known}
        made = self.create(self._once(company, [self._prepare_greeting(company, key, wish) for key, wish in fresh.items()]))
        (made + self.union(*known.values()).exists())._tell_ahead(company, today)

    @api.model
    def _known(self, company, profiles, wishes, today):
        """The greetings of these customers, and those of their contacts from when they belonged to others: ``{key: greeting}``."""
        contacts = list({wish.contact for wish in wishes.values()})
        mine = Domain("profile_id", "in", profiles.ids) | Domain("contact_id", "in", contacts)
        return {greeting._key(): greeting for greeting in self.search(
            mine & Domain("company_id", "=", company.id) & Domain("year", "in", [today.year - 1, today.year, today.year + 1]))}

    def _key(self):
        return self.occasion_id, self.contact_id.id, self.year

    @api.model
    def _move_planned(self, wishes, known, today):
        """Planned rows hold nothing but the plan: one that is no special day any more leaves no trace."""
        for key, greeting in known.items():
            wish = wishes.get(key)
            if greeting.state != "planned" or greeting.leaves_on <= today:
                continue
            if wish is None:
                greeting.unlink()
            elif (greeting.profile_id, greeting.day, greeting.leaves_on, greeting.channel) != (wish.profile, wish.on, wish.leaves, key[0].channel):
                greeting.write({"profile_id": wish.profile.id, "day": wish.on, "leaves_on": wish.leaves, "channel": key[0].channel, "years": wish.years})

    def _tell_ahead(self, company, today):
        """Show on what is planned why it would be skipped as things stand now; the day itself decides."""
        planned = self.filtered(lambda greeting: greeting.state == "planned" and greeting.leaves_on >= today)
        for greeting, verdict in planned._verdicts(company, today).items():
            code = not verdict.sends and verdict.code
            if (greeting.code or False) != code:
                greeting.write({"code": code, "detail": jsonable(verdict.detail) if code else False})

    @api.model
    def _prepare_greeting(self, company, key, wish):
        occasion, contact, year = key
        once = company.collection_greeting_once and occasion._once_key(wish)
        return {"occasion_id": occasion.id, "profile_id": wish.profile.id, "company_id": company.id, "contact_id": contact, "day": wish.on,
                "leaves_on": wish.leaves, "year": year, "years": wish.years, "channel": occasion.channel, "state": "planned", "once_key": once or False}

    @api.model
    def _once(self, company, rows):
        """Leave out whom another company or special day of the same kind greets already, or who has the address of another contact."""
        keys = [row["once_key"] for row in rows if row["once_key"]]
        taken = set(self.search([("once_key", "in", keys), ("state", "!=", "cancelled")]).mapped("once_key"))
        free = []
        for row in rows:
            if row["once_key"] not in taken:
                free.append(row)
            taken |= {row["once_key"]} - {False}
        return free


class CollectionOccasion(models.Model):
    _inherit = "collection.occasion"

    def _once_key(self, wish):
        """The same whichever company or record greets: our own dates are each their own.

        By e-mail it is the address on a day: somebody may be a contact of two customers, and colleagues may share one.
        """
        name = {"holiday": wish.on.isoformat(), "own": f"{self.shared_id.id or self.id}"}.get(self.kind, "")
        by_mail = self.channel == "email" and wish.address
        return f"{self.kind}|{name}|{self.channel}|{wish.address if by_mail else wish.contact}|{wish.on if by_mail else wish.on.year}"
