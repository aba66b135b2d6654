from decimal import Decimal

from odoo import api, models
from odoo.tools import split_every

from ..engine import segment, sizing
from .bulk import insert_rows
from .credit_profile_night import REFRESH_BATCH

ZERO = Decimal(0)


class CreditProfile(models.Model):
    """The nightly sorting of all customers of a company into segments, in a fixed number of queries."""

    _inherit = "credit.profile"

    @api.model
    def _refresh_company(self, company):
        """Sort when the figures of tonight are known: a size is a part of what all customers were billed."""
        problems = super()._refresh_company(company)
        if self._attempt(lambda: self._sort_customers(company, company._collection_today())):
            problems.append(f"segments {company.id}")
        self.env["ir.cron"]._commit_progress()
        return problems

    @api.model
    def _sort_customers(self, company, today):
        """Figures and segment of each customer; only what changed is written. Return how many moved."""
        members = self.env["collection.reader"]._read_members(company)
        segments = self.env["credit.segment"]._in_force(company)
        members = self._measure(company, members, today)
        changed = segments.filtered("is_changed") | segments._moved_places()
        tags = self.env["collection.reader"]._read_tags([one.partner for one, _measured in members]) if segments.category_ids else {}
        rules = {record.id: record._to_engine() for record in segments}
        collectors = {record.id: record._gift("collector_id").id for record in segments}
        writes, moves = [], []
        for old, new in members:
            values, move = self._sort_one(new, rules, changed.ids, tags.get(new.partner, frozenset()), today, company)
            given = self._prepare_collector(new, collectors.get(values["segment_id"]))
            values = {"billing_12m": float(new.billing), "size_class": new.size, "payer_grade": new.grade, **values, **given}
            if values != self._as_written(old):
                writes.append((old.id, values))
            if move:
                moves.append(move)
        self._write_sorted(writes)
        insert_rows(self.env["credit.segment.move"], moves)
        self._give_ladders(company, segments)
        segments._note_sorted()
        self._rank_again(company, moves, today)
        return len(moves)

    # ------------------------------------------------------------------ figures

    @api.model
    def _measure(self, company, members, today):
        """Billing, size and grade as of today: ``[(member as stored, member as measured)]``."""
        Reader, months = self.env["collection.reader"], company.collection_window_months
        billing = Reader._read_billing(company, today)
        paid = Reader._read_lateness(company, [one.partner for one in members], today, months)
        words = Reader._read_words_kept(company, today, months)
        sizes = self._decide_sizes(company, {one.id: billing.get(one.partner, ZERO) for one in members},
                                   {one.id: one.size for one in members if one.size})
        return [(one, one._replace(
            billing=billing.get(one.partner, ZERO), size=sizes[one.id],
            grade=self._decide_grade(self._to_figures(one, paid.get(one.partner), words.get(one.id), today)))) for one in members]

    @api.model
    def _decide_sizes(self, company, billing, known):
        """One engine call: the place to hook another measure of size."""
        return sizing.sizes(billing, company._collection_size_rule(), known)

    @api.model
    def _decide_grade(self, figures):
        """One engine call: the place to hook another grade of payers."""
        return sizing.grade(figures)

    @api.model
    def _to_figures(self, member, paid, words, today):
        """What the grade of a payer rests on; overdue items count as late."""
        amount, late, last = paid or (ZERO, ZERO, None)
        value = amount + member.overdue
        return sizing.Figures(
            days=member.days if value else None,
            late=100 * (late + member.overdue) / value if value else None,
            broken=Decimal(100 * words[1]) / words[0] if words else None,
            silent=(today - last).days if last and member.overdue else None)

    # ------------------------------------------------------------------ sorting

    @api.model
    def _sort_one(self, member, rules, changed, tags, today, company):
        """The segment of one customer: its values, and the line for the journal when it moves."""
        standing = segment.Standing(member.segment, member.since, member.next, member.next_since)
        kept = self._is_kept(member, rules)
        found, met = (None, []) if kept else self.env["credit.segment"]._decide_match(self._to_facts(member, tags), rules.values())
        if kept:
            after = standing._replace(next=None, next_since=None)
        else:
            at_once = member.segment not in rules or member.segment in changed or bool(found and found.key in changed)
            after = self._decide_settled(standing, found and found.key, today, company.collection_segment_wait_days, at_once)
        fits = not kept and after.next_since is None
        reasons = self._reasons(member, met) if fits and found else (member.reasons if not fits else None)
        values = {"segment_id": after.segment or False, "segment_since": after.since or False, "segment_next_id": after.next or False,
                  "segment_next_since": after.next_since or False, "segment_reasons": reasons or False, "segment_locked": kept}
        if after.segment == member.segment:
            return values, None
        return values, {"profile_id": member.id, "company_id": company.id, "from_id": member.segment or False, "to_id": after.segment or False,
                        "day": today, "code": "segment_fits" if after.segment else "segment_none", "detail": {"reasons": reasons or []}}

    @api.model
    def _is_kept(self, member, segments):
        """Whether a person's choice of the segment holds: it ends with the segment, when that is a draft again or archived."""
        return member.locked and (member.segment is None or member.segment in segments)

    @api.model
    def _decide_settled(self, standing, found, today, wait, at_once):
        """One engine call: whether a customer moves today."""
        return segment.settle(standing, found, today, wait, at_once)

    @api.model
    def _to_facts(self, member, tags):
        return segment.Facts(member.size or sizing.C, member.payer, member.grade, member.risk, member.billing, member.days, member.country, tags)

    @api.model
    def _reasons(self, member, met):
        """What the segment asked for and the customer meets, as codes with figures."""
        figures = {"sizes": member.size, "payers": member.payer, "grades": member.grade, "risks": member.risk, "billing": float(member.billing),
                   "days": float(member.days), "countries": member.country, "tags": True}
        return [[name, figures[name]] for name in met] or [["rest", True]]

    @api.model
    def _as_written(self, member):
        """The stored values in the form in which new ones are written."""
        return {"billing_12m": float(member.billing), "size_class": member.size, "payer_grade": member.grade,
                "segment_id": member.segment or False, "segment_since": member.since or False, "segment_next_id": member.next or False,
                "segment_next_since": member.next_since or False, "segment_reasons": member.reasons or False, "segment_locked": member.locked,
                "collector_id": member.collector or False, "collector_by_segment": member.collector_given}

    @api.model
    def _write_sorted(self, writes):
        for batch in split_every(REFRESH_BATCH, writes, list):
            self.browse([profile for profile, _values in batch])._write_segment([values for _profile, values in batch])

    # ------------------------------------------------------------------ what a segment gives

    @api.model
    def _prepare_collector(self, member, given):
        """The collector: that of the segment, unless a person chose one for the customer."""
        if member.collector and not member.collector_given:
            return {"collector_id": member.collector, "collector_by_segment": False}
        return {"collector_id": given or False, "collector_by_segment": bool(given)}

    @api.model
    def _give_ladders(self, company, segments):
        """The ladder of the segment to customers without one of their own; it begins where their limit is."""
        gifts = {record: record._gift("ladder_id") for record in segments}
        giving = [record.id for record, ladder in gifts.items() if ladder]
        taken = self.search([("company_id", "=", company.id), ("ladder_by_segment", "=", True)])
        without = self.search([("company_id", "=", company.id), ("ladder_id", "=", False), ("segment_id", "in", giving)])
        none = self.env["credit.ladder"]
        for ladder, profiles in (taken | without).grouped(lambda profile: gifts.get(profile.segment_id, none)).items():
            moving = profiles.filtered(lambda profile, ladder=ladder: profile.ladder_id != ladder)
            for batch in split_every(REFRESH_BATCH, moving.ids):
                some = self.browse(batch)
                some._write_segment([{"ladder_id": ladder.id, "ladder_by_segment": bool(ladder), **profile._prepare_beginning(ladder)} for profile in some])

    @api.model
    def _rank_again(self, company, moves, today):
        """Whoever is left to automation now, or not any more, leaves the worklist or comes back."""
        share = {record.id: record.automation_share for record in self.env["credit.segment"].with_context(active_test=False).search(
            [("company_id", "=", company.id)])}
        moved = self.browse([move["profile_id"] for move in moves
                             if share.get(move["from_id"], 0) != share.get(move["to_id"], 0)])
        for batch in split_every(REFRESH_BATCH, moved.ids):
            self.browse(batch)._rank(company, today)
