from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

from ..engine.ledger import ZERO
from ..engine.timeline import Span, Thread, Timeline


class OldItem(NamedTuple):
    """A receivable item as it was issued, negative for a credit; ``rate`` is a unit of it in company currency."""

    id: int
    partner: int
    move: int
    currency: int
    due: date
    issued: date
    residual: Decimal
    rate: Decimal
    no_followup: bool
    payment_state: str | None


class Pasts(NamedTuple):
    """What happened to a batch of customers whatever the policy, by item, partner or profile id."""

    items: dict[int, list[OldItem]]
    settled: dict[int, list[tuple]]
    disputes: dict[int, list[Span]]
    promises: dict[int, list[Span]]
    pauses: dict[int, list[Span]]
    history: dict[int, list[dict]]
    contacts: dict[int, tuple]
    recipients: dict[int, models.Model]
    calendars: dict
    mild: set
    payruns: dict[int, models.Model]


class CollectionReader(models.AbstractModel):
    """The past of customers, in a fixed number of queries per batch, to live through it with another policy.

    What history does not keep is taken as it is today: addresses, pay runs, exclusions. See the form of a simulation.
    """

    _inherit = "collection.reader"

    @api.model
    def _read_pasts(self, company, profiles, first, last, memory):
        """The past of ``profiles`` from ``first`` to ``last``; contacts are remembered for ``memory`` days."""
        partner_ids = profiles.partner_id.ids
        items = self._read_old_items(company, partner_ids, first, last)
        debits = [item for item in items if item.residual > 0]
        ids = [item.id for item in debits]
        recipients = self._read_recipients(partner_ids)
        grouped = defaultdict(list)
        for item in items:
            grouped[item.partner].append(item)
        pauses = self._read_old_pauses(ids, last)
        for item in debits:
            if item.no_followup or item.payment_state == "blocked":
                pauses[item.id].append(Span(item.issued, None, "no_followup" if item.no_followup else "blocked"))
        history = {item: [step for step in steps if step["on"] < first] for item, steps in self._read_history(ids).items()}
        return Pasts(grouped, self._read_old_set_offs([item.id for item in items], last), self._read_old_disputes(ids, last),
                     self._read_old_promises(ids, last), pauses, history, self._read_old_contacts(profiles, first, last, memory), recipients,
                     self._read_calendars(company, {who.country for who in recipients.values()}, last), self._read_charge_bills(debits),
                     profiles._payruns())

    @api.model
    def _to_timeline(self, profile, policy, pasts, first, last):
        """One customer's past as the engine walks it, with the levels of ``policy``."""
        who = pasts.recipients[profile.partner_id.id]
        calendar, payrun = pasts.calendars[who.country], pasts.payruns.get(profile.id)
        threads, credits = [], []
        for row in pasts.items.get(profile.partner_id.id, ()):
            settled = tuple(pasts.settled.get(row.id, ()))
            if row.residual < 0:
                credits += [(row.issued, row.currency, -row.residual), *((day, row.currency, -amount) for day, amount in settled)]
                continue
            item = self._to_item(row, pasts.history.get(row.id), policy, who, ZERO, ZERO, None)._replace(
                mild=row.move in pasts.mild, ahead=self._to_ahead(row, payrun, calendar, row.due))
            threads.append(Thread(item, row.issued, settled, *(tuple(spans.get(row.id, ())) for spans in (pasts.disputes, pasts.promises, pasts.pauses))))
        return Timeline(profile.id, tuple(threads), tuple(credits), pasts.contacts.get(profile.id, ()), frozenset(who.usable),
                        self._read_quiet_days(policy, who, pasts.calendars, first, last), self._to_stop(profile, policy, who))

    @api.model
    def _read_quiet_days(self, policy, who, calendars, first, last):
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return frozenset(day for day in days if self._is_quiet(policy, who, calendars, day))

    # ------------------------------------------------------------------ the ledger

    @api.model
    def _read_old_items(self, company, partner_ids, first, last):
        """Items that were open on a day from ``first`` to ``last``: ``[OldItem]``."""
        lines = self.env["account.move.line"]
        lines.flush_model()
        self.env["account.partial.reconcile"].flush_model()
        self.env["account.move"].flush_model(["payment_state"])
        owners = self._read_family(partner_ids)
        rows = self.env.execute_query(SQL(
            """SELECT i.id, i.partner_id, i.move_id, i.currency_id, COALESCE(i.date_maturity, i.date), i.date, i.amount_currency::text,
                      i.balance::text, COALESCE(i.no_followup, FALSE), m.payment_state
                 FROM account_move_line i JOIN account_move m ON m.id = i.move_id
                WHERE i.partner_id IN %(partners)s AND i.account_id IN (%(accounts)s) AND i.parent_state = 'posted'
                  AND i.company_id IN %(companies)s AND i.date <= %(last)s AND i.amount_currency <> 0
                  AND (i.reconciled IS NOT TRUE
                       OR EXISTS (SELECT 1 FROM account_partial_reconcile r WHERE r.debit_move_id = i.id AND r.max_date >= %(first)s)
                       OR EXISTS (SELECT 1 FROM account_partial_reconcile r WHERE r.credit_move_id = i.id AND r.max_date >= %(first)s))
                ORDER BY 5, 1""", partners=tuple(owners) or (0,), accounts=self._receivable_accounts().select(),
            companies=tuple(self._companies(company).ids), first=first, last=last))
        return [OldItem(row[0], owners[row[1]], *row[2:6], Decimal(row[6]), Decimal(row[7]) / Decimal(row[6]), *row[8:]) for row in rows]

    @api.model
    def _read_old_set_offs(self, item_ids, last):
        """What was set off against items, by the day on which both entries were in the books: ``{item id: [(day, amount)]}``."""
        found = defaultdict(list)
        for item, day, amount in self.env.execute_query(SQL(
                """SELECT debit_move_id, max_date, sum(debit_amount_currency)::text FROM account_partial_reconcile
                    WHERE debit_move_id IN %(items)s AND max_date <= %(last)s GROUP BY 1, 2
                    UNION ALL
                   SELECT credit_move_id, max_date, sum(credit_amount_currency)::text FROM account_partial_reconcile
                    WHERE credit_move_id IN %(items)s AND max_date <= %(last)s GROUP BY 1, 2""", items=tuple(item_ids) or (0,), last=last)):
            found[item].append((day, Decimal(amount)))
        return found

    # ------------------------------------------------------------------ what kept items silent

    @api.model
    def _read_old_disputes(self, item_ids, last):
        """Contested parts in full, to the day on which they were closed: asked for again the day after."""
        self.env["collection.dispute"].flush_model()
        found = defaultdict(list)
        for item, first, closed, amount in self.env.execute_query(SQL(
                "SELECT item_id, opened_on, closed_on, amount::text FROM collection_dispute WHERE item_id IN %s AND opened_on <= %s",
                tuple(item_ids) or (0,), last)):
            found[item].append(Span(first, closed, amount=Decimal(amount)))
        return found

    @api.model
    def _read_old_promises(self, item_ids, last):
        """Promised amounts: to the last day on which a payment would have kept the promise, or until it was withdrawn."""
        self._flush_promises()
        found = defaultdict(list)
        for item, first, ended, amount, until in self.env.execute_query(SQL(
                """SELECT l.item_id, p.made_on, CASE WHEN p.state = 'withdrawn' THEN LEAST(p.grace_until, p.withdrawn_on - 1) ELSE p.grace_until END,
                          l.amount::text, p.grace_until
                     FROM collection_promise_line l JOIN collection_promise p ON p.id = l.promise_id
                    WHERE l.item_id IN %s AND p.made_on <= %s""", tuple(item_ids) or (0,), last)):
            found[item].append(Span(first, ended, "promise", Decimal(amount), until))
        return found

    @api.model
    def _read_old_pauses(self, item_ids, last):
        """Items that were silent as a whole: plans, offers, plans asked for on the telephone or online, promises on the balance."""
        self._flush_agreements()
        self.env["collection.call"].flush_model()
        self.env["collection.request"].flush_model()
        found = defaultdict(list)
        for item, first, ended, reason, until in self.env.execute_query(SQL(
                """SELECT l.item_id, p.offered_on, LEAST(p.accept_until, p.agreed_on - 1, p.ended_on), 'plan_offered', p.accept_until
                     FROM collection_plan_line l JOIN collection_plan p ON p.id = l.plan_id WHERE l.item_id IN %(items)s AND p.offered_on <= %(last)s
                    UNION ALL
                   SELECT l.item_id, p.agreed_on, CASE p.state WHEN 'active' THEN NULL WHEN 'finished' THEN p.ended_on ELSE p.ended_on - 1 END, 'plan', NULL
                     FROM collection_plan_line l JOIN collection_plan p ON p.id = l.plan_id WHERE l.item_id IN %(items)s AND p.agreed_on <= %(last)s
                    UNION ALL
                   SELECT l.item_id, s.made_on, LEAST(GREATEST(s.until, s.held_until), s.taken_on - 1, s.ended_on - 1), 'settlement',
                          GREATEST(s.until, s.held_until)
                     FROM collection_settlement_line l JOIN collection_settlement s ON s.id = l.settlement_id
                    WHERE l.item_id IN %(items)s AND s.made_on <= %(last)s
                    UNION ALL
                   SELECT l.item_id, s.taken_on, LEAST(s.booked_on, s.bounced_on - 1), 'settlement_taken_silent', NULL
                     FROM collection_settlement_line l JOIN collection_settlement s ON s.id = l.settlement_id
                    WHERE l.item_id IN %(items)s AND s.taken_on <= %(last)s
                    UNION ALL
                   SELECT r.account_move_line_id, c.day, c.silent_until, 'plan_asked', c.silent_until
                     FROM collection_call c JOIN account_move_line_collection_call_rel r ON r.collection_call_id = c.id
                    WHERE r.account_move_line_id IN %(items)s AND c.silent_until >= c.day AND c.day <= %(last)s AND c.voided IS NOT TRUE
                    UNION ALL
                   SELECT r.account_move_line_id, q.made_on, q.silent_until, 'plan_asked', q.silent_until
                     FROM collection_request q JOIN account_move_line_collection_request_rel r ON r.collection_request_id = q.id
                    WHERE r.account_move_line_id IN %(items)s AND q.silent_until >= q.made_on AND q.made_on <= %(last)s
                    UNION ALL
                   SELECT i.id, p.made_on, CASE WHEN p.state = 'withdrawn' THEN LEAST(p.grace_until, p.withdrawn_on - 1)
                                                WHEN p.state = 'kept' THEN LEAST(p.grace_until, p.judged_on - 1) ELSE p.grace_until END, 'promise', p.grace_until
                     FROM collection_promise p JOIN credit_profile f ON f.id = p.profile_id
                     JOIN res_partner o ON o.commercial_partner_id = f.partner_id
                     JOIN account_move_line i ON i.partner_id = o.id AND i.currency_id = p.currency_id AND i.id IN %(items)s
                    WHERE p.on_balance AND p.made_on <= %(last)s""", items=tuple(item_ids) or (0,), last=last)):
            if ended is None or ended >= first:
                found[item].append(Span(first, ended, reason, until=until))
        return found

    # ------------------------------------------------------------------ contacts

    @api.model
    def _read_old_contacts(self, profiles, first, last, memory):
        """Days of contact before ``first``, and after it those that no run made: ``{profile id: (day, …)}``."""
        before = self._read_contacts(profiles, first, memory)
        self.env["collection.action"].flush_model()
        runs = [row[0] for row in self.env.execute_query(SQL(
            "SELECT DISTINCT run_id FROM collection_action WHERE profile_id IN %s AND sent_on >= %s AND run_id IS NOT NULL",
            tuple(profiles.ids) or (0,), first))]
        after = self._read_contacts(profiles, last, (last - first).days, runs)
        return {profile.id: tuple(sorted({*(day for day in before.get(profile.id, ()) if day < first),
                                          *(day for day in after.get(profile.id, ()) if first <= day <= last)})) for profile in profiles}
