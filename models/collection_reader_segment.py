from datetime import date
from decimal import Decimal
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.tools import SQL


class Member(NamedTuple):
    """A customer as its profile has it, for sorting: company currency, figures of the last night."""

    id: int
    partner: int
    name: str
    country: int | None
    balance: Decimal
    overdue: Decimal
    payer: str
    days: Decimal
    risk: str | None
    billing: Decimal
    size: str | None
    grade: int
    segment: int | None
    since: date | None
    next: int | None
    next_since: date | None
    locked: bool
    reasons: list | None
    collector: int | None
    collector_given: bool


class CollectionReader(models.AbstractModel):
    """All customers of a company at once: segments compare each with the others."""

    _inherit = "collection.reader"

    @api.model
    def _read_members(self, company, profiles=None):
        """The active customers of a company that the user may see, or some of its customers, those with the largest balance first: ``[Member]``."""
        self.env["credit.profile"].flush_model()
        self.env["res.partner"].flush_model(["complete_name", "country_id"])
        some = [("id", "in", profiles.ids), ("active", "in", [True, False])] if profiles is not None else []
        query = self.env["credit.profile"]._search([("company_id", "=", company.root_id.id), *some])
        own = SQL.identifier(query.table)
        query.order = SQL("%s.balance DESC NULLS LAST, %s.id", own, own)
        rows = self.env.execute_query(query.select(SQL(
            """%(own)s.id, %(own)s.partner_id,
               (SELECT c.complete_name FROM res_partner c WHERE c.id = %(own)s.partner_id),
               (SELECT c.country_id FROM res_partner c WHERE c.id = %(own)s.partner_id),
               COALESCE(%(own)s.balance, 0)::text, COALESCE(%(own)s.overdue, 0)::text, COALESCE(%(own)s.behaviour_class, 'new'),
               COALESCE(%(own)s.average_days_late, 0)::numeric(16, 2)::text, %(own)s.risk_class,
               COALESCE(%(own)s.billing_12m, 0)::text, %(own)s.size_class, COALESCE(%(own)s.payer_grade, 0),
               %(own)s.segment_id, %(own)s.segment_since, %(own)s.segment_next_id, %(own)s.segment_next_since,
               COALESCE(%(own)s.segment_locked, false), %(own)s.segment_reasons,
               %(own)s.collector_id, COALESCE(%(own)s.collector_by_segment, false)""", own=own)))
        return [Member(*row[:4], Decimal(row[4]), Decimal(row[5]), row[6], Decimal(row[7]), row[8], Decimal(row[9]), *row[10:]) for row in rows]

    @api.model
    def _read_tags(self, partner_ids):
        """The tags of customers that have any: ``{partner id: frozenset of tag ids}``."""
        self.env["res.partner"].flush_model(["category_id"])
        rows = self.env.execute_query(SQL(
            "SELECT partner_id, array_agg(category_id) FROM res_partner_res_partner_category_rel WHERE partner_id IN %s GROUP BY partner_id",
            tuple(partner_ids) or (0,)))
        return {partner: frozenset(tags) for partner, tags in rows}

    @api.model
    def _read_billing(self, company, today):
        """What was billed in the 12 months up to ``today``, with tax and less credit notes: ``{partner id: Decimal}``."""
        self.env["account.move"].flush_model()
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        rows = self.env.execute_query(SQL(
            """SELECT p.commercial_partner_id, sum(m.amount_total_signed)::text
                 FROM account_move m JOIN res_partner p ON p.id = m.partner_id
                WHERE m.move_type IN ('out_invoice', 'out_refund', 'out_receipt') AND m.state = 'posted' AND m.company_id IN %s
                  AND m.date > %s AND m.date <= %s GROUP BY 1""",
            tuple(self._companies(company).ids), today - relativedelta(months=12), today))
        return {partner: Decimal(amount) for partner, amount in rows}

    @api.model
    def _read_lateness(self, company, partner_ids, today, months):
        """What customers paid over the last ``months``: ``{partner id: (amount, of it on items paid late, day of the last payment)}``.

        Days in dispute at our fault do not count, as in ``_read_payments``.
        """
        self.env["account.move.line"].flush_model()
        self.env["collection.dispute"].flush_model()
        family = tuple(self._read_family(partner_ids)) or (0,)
        scope = {"accounts": self._receivable_accounts().select(), "companies": tuple(self._companies(company).ids), "partners": family,
                 "since": today - relativedelta(months=months), "today": today}
        rows = self.env.execute_query(SQL(
            """WITH excused AS MATERIALIZED (%s), %s
               SELECT partner_id, sum(amount)::text, COALESCE(sum(amount) FILTER (WHERE day - COALESCE(excused, 0) > due), 0)::text, max(day)
                 FROM settled GROUP BY partner_id""", self._excused_days(SQL("%s", family), today), self._done_part(scope)))
        return {partner: (Decimal(amount), Decimal(late), day) for partner, amount, late, day in rows}

    @api.model
    def _read_words_kept(self, company, today, months):
        """Promises judged over the last ``months``, and those of them that were not kept: ``{profile id: (judged, not kept)}``."""
        self.env["collection.promise"].flush_model()
        rows = self.env.execute_query(SQL(
            """SELECT profile_id, count(*), count(*) FILTER (WHERE state <> 'kept') FROM collection_promise
                WHERE company_id = %s AND state IN ('kept', 'partly', 'broken') AND promised_on > %s AND promised_on <= %s GROUP BY profile_id""",
            company.root_id.id, today - relativedelta(months=months), today))
        return {profile: (judged, broken) for profile, judged, broken in rows}
