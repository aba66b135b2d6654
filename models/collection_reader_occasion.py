from collections import defaultdict
from datetime import timedelta
from functools import lru_cache
from typing import NamedTuple

import holidays

from odoo import api, models
from odoo.tools import SQL

from .collection_reader_people import BOUNCE_LIMIT

ENGLISH = "en_US"


class Person(NamedTuple):
    """Somebody with a special day: a contact, or whoever is greeted for the customer as a whole (``is_main``)."""

    id: int
    is_person: bool
    is_main: bool
    country: str | None
    born: tuple | None  # month, day, year or 0
    founded: tuple | None  # that of the customer
    since: object  # the day that a person wrote, else that of the company's first invoice
    welcomes: bool  # neither left, dead nor weary of greetings
    is_customer: bool  # was invoiced by the company
    email: str | None


class CollectionReader(models.AbstractModel):
    """What greetings need to know: special days, addresses, and what stands between a customer and us."""

    _inherit = "collection.reader"

    @api.model
    def _read_special_people(self, company, partner_ids, days):
        """Contacts born on ``days`` {(month, day): …} and the main one of each customer: ``{partner id: [Person]}``.

        Mail for the customer as a whole goes to its own address, else to the first contact that has one.
        """
        first = self._read_first_invoices(company, partner_ids)
        self.env["res.partner"].flush_model()
        rows = self.env.execute_query_dict(SQL(
            """SELECT p.id, o.id AS owner, p.email_normalized AS email, p.is_company, m.id = p.id AS is_main, COALESCE(c.code, oc.code) AS country, o.customer_since,
                      p.birth_month::int AS month, p.birth_day AS day, p.birth_year AS year, o.is_company AS firm,
                      p.collection_stop IS NULL AND COALESCE(o.collection_stop, 'left') = 'left'
                      AND p.no_greetings IS NOT TRUE AND o.no_greetings IS NOT TRUE AS welcomes,
                      o.birth_month::int AS f_month, o.birth_day AS f_day, o.birth_year AS f_year
                 FROM res_partner o
                 JOIN LATERAL (
                      SELECT q.id FROM res_partner q
                       WHERE q.commercial_partner_id = o.id AND (q.id = o.id OR q.active AND q.type = 'contact')
                       ORDER BY q.email_normalized IS NOT NULL AND q.no_greetings IS NOT TRUE AND q.collection_stop IS NULL DESC, q.id = o.id DESC, q.id LIMIT 1) m ON TRUE
                 JOIN res_partner p ON p.commercial_partner_id = o.id AND p.active
                      AND (p.id = m.id OR p.is_company IS NOT TRUE AND (p.birth_month::int, p.birth_day) IN %(days)s)
                 LEFT JOIN res_country c ON c.id = p.country_id
                 LEFT JOIN res_country oc ON oc.id = o.country_id
                WHERE o.id IN %(ids)s ORDER BY p.id""",
            days=tuple(days) or ((0, 0),), ids=tuple(partner_ids) or (0,)))
        found = defaultdict(list)
        for row in rows:
            owner = row["owner"]
            born = row["month"] and not row["is_company"] and (row["month"], row["day"], row["year"])
            founded = row["f_month"] and row["firm"] and (row["f_month"], row["f_day"], row["f_year"])
            found[owner].append(Person(
                row["id"], not row["is_company"], row["is_main"], row["country"], born or None, founded or None,
                row["customer_since"] or first.get(owner), row["welcomes"], owner in first, row["email"]))
        return found

    @api.model
    def _read_addresses(self, contact_ids):
        """Where contacts are greeted and whether they want it: ``{contact id: {…}}``.

        What a customer asks for, or that it died, counts for all its contacts.
        """
        self.env["res.partner"].flush_model()
        self.env["mail.blacklist"].flush_model(["email", "active"])
        rows = self.env.execute_query_dict(SQL(
            """SELECT p.id, p.active AND o.active AS active, p.email_normalized AS email, p.no_greetings IS TRUE OR o.no_greetings IS TRUE AS opted_out,
                      b.id IS NOT NULL OR p.message_bounce >= %(limit)s AS blacklisted, COALESCE(p.lang, o.lang) AS lang, COALESCE(p.tz, o.tz) AS tz,
                      COALESCE(c.code, oc.code) AS country,
                      COALESCE(p.collection_stop, CASE WHEN o.collection_stop <> 'left' THEN o.collection_stop END) AS person_stop,
                      p.street IS NOT NULL AND p.city IS NOT NULL OR o.street IS NOT NULL AND o.city IS NOT NULL AS post
                 FROM res_partner p JOIN res_partner o ON o.id = p.commercial_partner_id
                 LEFT JOIN res_country c ON c.id = p.country_id
                 LEFT JOIN res_country oc ON oc.id = o.country_id
                 LEFT JOIN mail_blacklist b ON b.email = p.email_normalized AND b.active
                WHERE p.id IN %(ids)s""", limit=BOUNCE_LIMIT, ids=tuple(contact_ids) or (0,)))
        return {row["id"]: row for row in rows}

    @api.model
    def _read_troubles(self, profiles, today):
        """What stands between customers and us, what weighs most first: ``{profile id: [word]}``.

        The words are handed, legal, dispute, stopped, paused and reminded; each has its sentences.
        """
        self.env["collection.dispute"].flush_model(["profile_id", "state"])
        self.env["collection.action"].flush_model()
        self.env["collection.action.line"].flush_model()
        self.env["collection.level"].flush_model(["is_legal"])
        self.env["account.move.line"].flush_model(["reconciled"])
        self.env["credit.profile"].flush_model(["paused_until", "credit_stop"])
        self._flush_handovers()
        ids = tuple(profiles.ids) or (0,)
        found = defaultdict(list)
        for profile, word in self.env.execute_query(SQL(
                """SELECT profile_id, word FROM (
                       SELECT profile_id, 2 AS place, 'dispute' AS word FROM collection_dispute WHERE state = 'open' AND profile_id IN %(ids)s
                       UNION SELECT a.profile_id, 1, 'legal' FROM collection_action_line l
                              JOIN collection_level v ON v.id = l.level_id AND v.is_legal
                              JOIN collection_action a ON a.id = l.action_id AND a.sent_on IS NOT NULL
                              JOIN account_move_line i ON i.id = l.item_id AND i.reconciled IS NOT TRUE
                             WHERE l.advances AND l.live AND a.profile_id IN %(ids)s
                       UNION SELECT profile_id, 0, 'handed' FROM collection_handover
                              WHERE state IN ('approved', 'announced', 'handed') AND profile_id IN %(ids)s
                       UNION SELECT id, 3, 'stopped' FROM credit_profile WHERE credit_stop AND id IN %(ids)s
                       UNION SELECT id, 4, 'paused' FROM credit_profile WHERE paused_until >= %(today)s AND id IN %(ids)s
                       UNION SELECT profile_id, 5, 'reminded' FROM collection_action
                              WHERE state = 'sent' AND sent_on = %(today)s AND profile_id IN %(ids)s
                   ) t ORDER BY profile_id, place""", ids=ids, today=today)):
            found[profile].append(word)
        return found

    @api.model
    def _read_contacts(self, profiles, today, memory, skip_runs=()):
        """With the days on which a customer was greeted, where its company counts greetings as contacts."""
        contacts = super()._read_contacts(profiles, today, memory, skip_runs)
        counting = profiles.filtered("company_id.collection_greeting_counts")
        if counting:
            self.env["collection.greeting"].flush_model(["profile_id", "sent_on", "channel", "state"])
            for profile, days in self.env.execute_query(SQL(
                    """SELECT profile_id, array_agg(DISTINCT sent_on) FROM collection_greeting
                        WHERE state = 'sent' AND channel <> 'task' AND sent_on >= %s AND profile_id IN %s GROUP BY profile_id""",
                    today - timedelta(days=memory), tuple(counting.ids))):
                contacts[profile] = tuple(sorted({*contacts.get(profile, ()), *days}))
        return contacts

    @api.model
    def _read_first_invoices(self, company, partner_ids):
        """The day of the first invoice that a company sent to customers: ``{partner id: day}``; none for those that it never invoiced."""
        self.env["account.move"].flush_model(["commercial_partner_id", "company_id", "move_type", "state", "invoice_date"])
        return dict(self.env.execute_query(SQL(
            """SELECT commercial_partner_id, min(invoice_date) FROM account_move
                WHERE commercial_partner_id IN %s AND company_id IN (%s)
                      AND move_type = 'out_invoice' AND state = 'posted' AND invoice_date IS NOT NULL
                GROUP BY commercial_partner_id""", tuple(partner_ids) or (0,), self._family_of(company))))

    @api.model
    def _holiday_names(self, country, years, lang):
        """The nationwide holidays of a country, in a language before the others: ``{day: (name, …)}``."""
        found = {}
        for year in years:
            found.update(_names(country or "", year, lang or ENGLISH))
        return found


@lru_cache(maxsize=512)
def _names(country, year, lang):
    """The names of each day: in ``lang`` as far as there are any, in English, and in the country's own language."""
    try:
        own = holidays.country_holidays(country, years=year)
    except (NotImplementedError, KeyError):
        return {}
    known = own.supported_languages or ()
    wanted = [next((code for code in known if code == one or code.split("_")[0] == one.split("_")[0]), None) for one in (lang, ENGLISH)]
    tables = [holidays.country_holidays(country, years=year, language=code) for code in dict.fromkeys(wanted) if code] + [own]
    return {on: tuple(dict.fromkeys(name for table in tables for name in table.get_list(on))) for on in own}
