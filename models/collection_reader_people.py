from collections import defaultdict
from datetime import date, timedelta
from functools import lru_cache

import holidays

from odoo import api, models
from odoo.tools import SQL

from ..engine.workday import Calendar
from .collection_reader import Recipient, Recipients

# An address with so many bounces and no answer since is not used.
BOUNCE_LIMIT = 3
# A leave shorter than this leaves part of the day to work.
WHOLE_DAY = timedelta(hours=6)


class CollectionReader(models.AbstractModel):
    """Who is written to, where, and on which days they and we are at work."""

    _inherit = "collection.reader"

    @api.model
    def _read_recipients(self, partner_ids):
        """Who gets the messages of each customer: ``{partner id: Recipients}``.

        The contacts marked for reminders come first, the newest of them before the others, then the invoice
        address, then the company itself (R-18); per channel the first with a usable address wins. An invoice
        address that turned out to be wrong on the telephone comes last, until it is marked.
        """
        rows = self._read_people(SQL(
            """p.commercial_partner_id IN %s
                  AND (p.id = p.commercial_partner_id OR p.active AND (p.type = 'invoice' OR p.collection_contact))""",
            tuple(partner_ids) or (0,)))
        grouped = defaultdict(list)
        for row in rows:
            grouped[row["owner"]].append(row)
        languages = {code for code, _name in self.env["res.lang"].get_installed()}
        return {pid: self._to_recipients(pid, grouped[pid], languages) for pid in partner_ids}

    @api.model
    def _read_people(self, which):
        """Addresses of the partners ``p`` that meet a condition, in the order in which they are written to."""
        self.env["res.partner"].flush_model()
        self.env["collection.call"].flush_model()
        return self.env.execute_query_dict(SQL(
            """SELECT p.id, p.commercial_partner_id AS owner, p.email_normalized AS email, p.phone_sanitized AS sms,
                      p.phone, p.lang, p.tz, p.active, c.code AS country, p.street, p.city,
                      b.id IS NOT NULL OR p.message_bounce >= %(limit)s AS bad_email, pb.id IS NOT NULL AS bad_phone,
                      p.collection_stop IS NOT NULL AS barred
                 FROM res_partner p
                 LEFT JOIN res_country c ON c.id = p.country_id
                 LEFT JOIN mail_blacklist b ON b.email = p.email_normalized AND b.active
                 LEFT JOIN phone_blacklist pb ON pb.number = p.phone_sanitized AND pb.active
                WHERE %(which)s
                ORDER BY COALESCE(p.collection_contact, FALSE) DESC, %(wrong)s, p.id = p.commercial_partner_id,
                         CASE WHEN p.collection_contact THEN -p.id ELSE p.id END""",
            limit=BOUNCE_LIMIT, which=which, wrong=self._is_wrong()))

    @api.model
    def _is_wrong(self):
        """Whether the partner ``p`` was the wrong one on the telephone, and nobody got through to it since."""
        return SQL(
            """EXISTS (SELECT 1 FROM collection_call w WHERE w.wrong_id = p.id AND w.voided IS NOT TRUE AND NOT EXISTS (
                           SELECT 1 FROM collection_call r WHERE r.contact_id = p.id AND r.reached AND r.voided IS NOT TRUE AND r.id > w.id))""")

    @api.model
    def _read_wrong(self, partner_ids):
        """Those of these people who were the wrong ones on the telephone: ``{partner id}``."""
        self.env["collection.call"].flush_model()
        return {pid for pid, in self.env.execute_query(SQL(
            "SELECT p.id FROM res_partner p WHERE p.id IN %s AND %s", tuple(partner_ids) or (0,), self._is_wrong()))}

    @api.model
    def _to_recipients(self, partner_id, rows, languages):
        owner = next((row for row in rows if row["id"] == partner_id), None)
        if owner is None:
            return Recipients({}, Recipient(partner_id, None, None, None), None, False)
        usable = {}
        for row in rows:
            if row["barred"]:
                continue
            lang = next((code for code in (row["lang"], owner["lang"]) if code in languages), None)
            tz = row["tz"] or owner["tz"]
            addresses = {
                "email": row["email"] if not row["bad_email"] else None,
                "sms": row["sms"] if not row["bad_phone"] else None,
                "letter": row["street"] and row["city"] and "post",
                "call": row["phone"],
            }
            for channel, address in addresses.items():
                if address and channel not in usable:
                    usable[channel] = Recipient(row["id"], address, lang, tz)
        lang = owner["lang"] if owner["lang"] in languages else None
        return Recipients(usable, Recipient(partner_id, None, lang, owner["tz"]), owner["country"], owner["active"])

    @api.model
    def _read_calendars(self, company, countries, today):
        """Public holidays around ``today``: ``{country code: Calendar}``; ``None`` is the company's own.

        The company's own days off are those of its working calendar too.
        """
        years = range(today.year - 1, today.year + 2)
        calendars = {code: _country_calendar(code, years) for code in countries if code}
        own = _country_calendar(company.country_id.code, years)
        calendars[None] = own._replace(holidays=own.holidays | self._read_leaves(company, years))
        return calendars

    @api.model
    def _read_leaves(self, company, years):
        calendar = company.resource_calendar_id
        if not calendar:
            return frozenset()
        leaves = self.env["resource.calendar.leaves"].sudo().search_fetch(
            [("resource_id", "=", False), ("calendar_id", "in", (False, calendar.id)), ("company_id", "in", (False, company.id)),
             ("date_to", ">=", date(years[0], 1, 1)), ("date_from", "<", date(years[-1] + 1, 1, 1))], ["date_from", "date_to"])
        days = set()
        for leave in leaves.filtered(lambda leave: leave.date_to - leave.date_from >= WHOLE_DAY):
            first, last = (company._collection_date(moment) for moment in (leave.date_from, leave.date_to))
            days.update(first + timedelta(days=n) for n in range((last - first).days + 1))
        return frozenset(days)


@lru_cache(maxsize=512)
def _country_calendar(country, years):
    """Weekend and nationwide public holidays of a country code; a plain weekend for a country not known."""
    if not country:
        return Calendar()
    try:
        found = holidays.country_holidays(country, years=years)
    except NotImplementedError:
        return Calendar()
    return Calendar(weekend=frozenset(day + 1 for day in found.weekend), holidays=frozenset(found))
