from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

import holidays
from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.tools import SQL

from ..engine import behaviour
from ..engine.ledger import ZERO, Facts, Item, Pause, spread
from ..engine.workday import Calendar
from .collection_action import OPEN_STATES

# An address with so many bounces and no answer since is not used.
BOUNCE_LIMIT = 3
# A leave shorter than this leaves part of the day to work.
WHOLE_DAY = timedelta(hours=6)
# Failures that speak against the address; others say nothing about the channel.
ADDRESS_FAILURES = ("bounced", "bad_address")


class Row(NamedTuple):
    """An open receivable item as the ledger has it; ``base`` in company currency."""

    id: int
    partner: int
    move: int
    name: str
    currency: int
    due: date
    residual: Decimal
    base: Decimal
    no_followup: bool
    payment_state: str | None


class Recipient(NamedTuple):
    """Who is written to over a channel, where, and in which language."""

    partner: int
    address: str | None
    lang: str | None
    tz: str | None


class Recipients(NamedTuple):
    """The recipients of one customer: ``usable`` maps a channel to a recipient with a good address."""

    usable: dict[str, Recipient]
    default: Recipient
    country: str | None
    active: bool

    def via(self, channel):
        return self.usable.get(channel, self.default)


class Gathered(NamedTuple):
    """All facts of a batch: by profile id, with the rows and recipients behind them."""

    facts: dict[int, Facts]
    rows: dict[int, Row]
    recipients: dict[int, Recipients]
    overdue: dict[int, tuple]


class CollectionReader(models.AbstractModel):
    """The ledger as plain facts, in a fixed number of queries per batch. Reads only.

    Amounts leave the database as text: the driver would make floats of them.
    """

    _name = "collection.reader"
    _description = "Reader of the receivables ledger"

    # ------------------------------------------------------------------ one batch of customers

    @api.model
    def _read_facts(self, company, profiles, policies, today, skip_actions=(), skip_runs=()):
        """Gather the facts of ``profiles`` of one ``company``; ``policies`` maps profile id to policy.

        ``skip_actions`` are ids of contacts that do not count as being under way (those
        just being checked), ``skip_runs`` of runs whose contacts do not count as earlier
        ones (its other channels). Returns ``Gathered``.
        """
        partner_ids = profiles.partner_id.ids
        rows = self._read_items(company, partner_ids)
        recipients = self._read_recipients(partner_ids)
        calendars = self._read_calendars(company, {r.country for r in recipients.values()}, today)
        debits = [row for row in rows if row.residual > 0]
        item_ids = [row.id for row in debits]
        transit = self._read_transit(debits)
        disputed = self._read_disputes(item_ids)
        pauses = self._read_pauses(debits, today)
        history = self._read_history(item_ids)
        memory = max([max(p.engine.gap, p.engine.cap_days) for p in policies.values()], default=0)
        contacts = self._read_contacts(profiles, today, memory, skip_runs)
        in_flight = self._read_in_flight(profiles, skip_actions)
        self._add_contacts_elsewhere(profiles, debits, today - timedelta(days=memory), contacts, in_flight)
        items, credits = defaultdict(list), defaultdict(dict)
        for row in rows:
            if row.residual < 0:
                per_currency = credits[row.partner]
                per_currency[row.currency] = per_currency.get(row.currency, ZERO) - row.residual
                continue
            policy = policies.get(row.partner)
            items[row.partner].append(self._to_item(row, history.get(row.id), policy, recipients[row.partner],
                                                    disputed.get(row.id, ZERO), transit.get(row.id, ZERO), pauses.get(row.id)))
        facts = {}
        for profile in profiles:
            pid = profile.partner_id.id
            policy, who = policies.get(pid), recipients[pid]
            facts[profile.id] = Facts(
                customer=profile.id, items=tuple(items[pid]), credits=credits[pid],
                contacts=contacts.get(profile.id, ()), in_flight=in_flight.get(profile.id, frozenset()),
                reachable=frozenset(who.usable), pause=self._to_pause(profile),
                stop=self._to_stop(profile, policy, who), quiet=self._is_quiet(policy, who, calendars, today))
        return Gathered(facts, {row.id: row for row in rows}, recipients, self._to_standings(rows, today))

    @api.model
    def _read_standing(self, company, partner_ids, today):
        """Balance, overdue and oldest due date of customers: ``{partner id: (…)}``, company currency."""
        return self._to_standings(self._read_items(company, partner_ids), today)

    @api.model
    def _to_standings(self, rows, today):
        groups = defaultdict(list)
        for row in rows:
            groups[row.partner].append(row)
        return {partner: self._to_standing(group, today) for partner, group in groups.items()}

    @api.model
    def _to_standing(self, rows, today):
        """Balance, overdue amount and oldest due date of one customer, company currency."""
        late = [row for row in rows if row.due < today and row.residual > 0]
        return (sum(row.base for row in rows), sum(row.base for row in late), min((row.due for row in late), default=None))

    @api.model
    def _to_item(self, row, steps, policy, who, disputed, transit, pause):
        """One engine item; ``steps`` is its history, read against the levels of the policy in force."""
        level = level_on = None
        level_round, failed = 0, []
        for step in steps or ():
            if step["state"] == "failed":
                if step["reason"] not in ADDRESS_FAILURES:
                    continue
                usable = who.usable.get(step["channel"])
                if usable and usable.address == step["recipient"]:
                    failed.append(step["channel"])
            elif step["live"] and step["state"] not in OPEN_STATES and policy:
                position = policy.position(step["level_id"], step["offset_days"])
                if position is not None and (level is None or (position, step["round"]) >= (level, level_round)):
                    level, level_round, level_on = position, step["round"], step["on"]
        return Item(row.id, row.currency, row.due, row.residual, min(disputed, row.residual), transit, pause,
                    level, level_round, level_on, tuple(failed))

    @api.model
    def _to_pause(self, profile):
        return Pause("paused", profile.paused_until) if profile.paused_until else None

    @api.model
    def _to_stop(self, profile, policy, who):
        if profile.excluded:
            return "excluded"
        if profile.error_count >= 3:
            return "quarantined"
        if policy is None:
            return "no_policy"
        if not who.active and not policy.archived:
            return "archived"
        return None

    @api.model
    def _is_quiet(self, policy, who, calendars, today):
        if policy is None:
            return False
        theirs = calendars[who.country]
        weekend = policy.quiet_weekends and today.isoweekday() in calendars[None].weekend | theirs.weekend
        holiday = policy.quiet_holidays and today in calendars[None].holidays | theirs.holidays
        return weekend or holiday

    # ------------------------------------------------------------------ receivable items

    @api.model
    def _receivable_accounts(self):
        return self.env["account.account"].sudo()._search([("account_type", "=", "asset_receivable")])

    @api.model
    def _open_item_domain(self, company, partner_ids=None):
        """Posted, unreconciled receivable items of the company with its branches, credits included."""
        accounts = self.env.execute_query(self._receivable_accounts().select())
        domain = [("account_id", "in", [row[0] for row in accounts]), ("parent_state", "=", "posted"),
                  ("reconciled", "=", False), ("company_id", "child_of", company.root_id.id)]
        return domain + [("partner_id", "in", list(partner_ids))] if partner_ids is not None else domain

    @api.model
    def _read_items(self, company, partner_ids):
        """All open items of the customers, credits with negative amounts: ``[Row]`` by due date."""
        lines = self.env["account.move.line"]
        lines.flush_model()
        self.env["account.move"].flush_model(["payment_state"])
        owners = self._read_family(partner_ids)
        query = lines._search(self._open_item_domain(company, owners))
        aml = SQL.identifier(query.table)
        query.order = SQL("6, 1")
        rows = self.env.execute_query(query.select(SQL(
            "%(aml)s.id, %(aml)s.partner_id, %(aml)s.move_id, COALESCE(%(aml)s.move_name, %(aml)s.name, ''), "
            "%(aml)s.currency_id, COALESCE(%(aml)s.date_maturity, %(aml)s.date), %(aml)s.amount_residual_currency::text, "
            "%(aml)s.amount_residual::text, COALESCE(%(aml)s.no_followup, false), "
            # a look-up per row: a join would read all documents of the company
            "(SELECT m.payment_state FROM account_move m WHERE m.id = %(aml)s.move_id)", aml=aml)))
        return [Row(row[0], owners[row[1]], *row[2:6], Decimal(row[6]), Decimal(row[7]), *row[8:]) for row in rows]

    @api.model
    def _read_family(self, partner_ids):
        """The customers with all their contacts, on which an entry may be booked: ``{partner id: customer id}``."""
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        return dict(self.env.execute_query(SQL(
            "SELECT id, commercial_partner_id FROM res_partner WHERE commercial_partner_id IN %s",
            tuple(partner_ids) or (0,))))

    @api.model
    def _read_transit(self, rows):
        """Money on its way per item: online transactions not final, payments without an entry yet."""
        moves = list({row.move for row in rows})
        if not moves:
            return {}
        self.env["payment.transaction"].flush_model()
        self.env["account.payment"].flush_model()
        transfers = self.env.execute_query(SQL(
            """SELECT 't', t.id, t.amount::text, t.currency_id, array_agg(r.invoice_id)
                 FROM payment_transaction t JOIN account_invoice_transaction_rel r ON r.transaction_id = t.id
                WHERE (t.state IN ('pending', 'authorized') OR t.state = 'done' AND t.is_post_processed IS NOT TRUE)
                  AND t.amount > 0 AND r.invoice_id IN %(moves)s
                GROUP BY t.id
                UNION ALL
               SELECT 'p', p.id, p.amount::text, p.currency_id, array_agg(r.invoice_id)
                 FROM account_payment p JOIN account_move__account_payment r ON r.payment_id = p.id
                WHERE p.state = 'in_process' AND p.move_id IS NULL AND p.payment_type = 'inbound' AND r.invoice_id IN %(moves)s
                GROUP BY p.id
                ORDER BY 1, 2""", moves=tuple(moves)))
        by_move = defaultdict(list)
        for row in rows:
            by_move[row.move].append(row)
        transit = {}
        for _kind, _id, amount, currency, invoices in transfers:
            targets = {row.id: row.residual - transit.get(row.id, ZERO)
                       for invoice in invoices for row in by_move[invoice] if row.currency == currency}
            for item, part in spread(Decimal(amount), targets).items():
                transit[item] = transit.get(item, ZERO) + part
        return transit

    @api.model
    def _read_disputes(self, item_ids):
        """The disputed part of each item: ``{item id: amount}``."""
        if not item_ids:
            return {}
        self.env["collection.dispute"].flush_model()
        rows = self.env.execute_query(SQL(
            "SELECT item_id, sum(amount)::text FROM collection_dispute WHERE state = 'open' AND item_id IN %s GROUP BY item_id",
            tuple(item_ids)))
        return {item: Decimal(amount) for item, amount in rows}

    @api.model
    def _read_pauses(self, rows, today):
        """Items that are silent for a reason of their own: ``{item id: Pause}``. A place to hook more."""
        pauses = {}
        for row in rows:
            if row.no_followup:
                pauses[row.id] = Pause("no_followup")
            elif row.payment_state == "blocked":
                pauses[row.id] = Pause("blocked")
        return pauses

    # ------------------------------------------------------------------ what was done before

    @api.model
    def _read_history(self, item_ids):
        """The levels items were taken to: ``{item id: [step]}``, oldest first."""
        if not item_ids:
            return {}
        self.env["collection.action"].flush_model()
        self.env["collection.action.line"].flush_model()
        history = defaultdict(list)
        for row in self.env.execute_query_dict(SQL(
                """SELECT l.item_id, l.level_id, v.offset_days, l.round, l.live, l.channel, a.state, a.reason, a.recipient,
                          COALESCE(a.sent_on, a.planned_on) AS on
                     FROM collection_action_line l
                     JOIN collection_action a ON a.id = l.action_id
                     JOIN collection_level v ON v.id = l.level_id
                    WHERE l.advances AND l.item_id IN %s
                    ORDER BY l.id""", tuple(item_ids))):
            history[row["item_id"]].append(row)
        return history

    @api.model
    def _read_contacts(self, profiles, today, memory, skip_runs=()):
        """The days of the last ``memory`` on which each customer was contacted: ``{profile id: (day, …)}``, oldest first."""
        self.env["collection.action"].flush_model()
        rows = self.env.execute_query(SQL(
            """SELECT profile_id, array_agg(DISTINCT sent_on ORDER BY sent_on) FROM collection_action
                WHERE sent_on IS NOT NULL AND state = 'sent' AND sent_on >= %s AND profile_id IN %s
                  AND COALESCE(run_id, 0) NOT IN %s GROUP BY profile_id""",
            today - timedelta(days=memory), tuple(profiles.ids) or (0,), tuple(skip_runs) or (-1,)))
        return {profile: tuple(days) for profile, days in rows}

    @api.model
    def _read_in_flight(self, profiles, skip_actions=()):
        """The kinds of contact each customer still has under way: ``{profile id: frozenset}``."""
        rows = self.env.execute_query(SQL(
            """SELECT profile_id, array_agg(DISTINCT kind) FROM collection_action
                WHERE state IN %s AND profile_id IN %s AND id NOT IN %s GROUP BY profile_id""",
            OPEN_STATES, tuple(profiles.ids) or (0,), tuple(skip_actions) or (0,)))
        return {profile: frozenset(kinds) for profile, kinds in rows}

    @api.model
    def _add_contacts_elsewhere(self, profiles, rows, since, contacts, in_flight):
        """Count contacts about the same items under another customer, as after a change of parent (R-55)."""
        by_partner = {profile.partner_id.id: profile.id for profile in profiles}
        owner = {row.id: by_partner[row.partner] for row in rows}
        for item, state, kind, day in self.env.execute_query(SQL(
                """SELECT l.item_id, a.state, a.kind, a.sent_on
                     FROM collection_action_line l
                     JOIN collection_action a ON a.id = l.action_id
                     JOIN account_move_line i ON i.id = l.item_id
                     JOIN res_partner p ON p.id = i.partner_id
                    WHERE l.item_id IN %s AND l.live AND a.partner_id <> p.commercial_partner_id
                      AND (a.state IN %s OR a.state = 'sent' AND a.sent_on >= %s)""",
                tuple(owner) or (0,), OPEN_STATES, since)):
            profile = owner[item]
            if state == "sent":
                contacts[profile] = tuple(sorted({*contacts.get(profile, ()), day}))
            else:
                in_flight[profile] = in_flight.get(profile, frozenset()) | {kind}

    # ------------------------------------------------------------------ people and days

    @api.model
    def _read_recipients(self, partner_ids):
        """Who gets the messages of each customer: ``{partner id: Recipients}``.

        The contacts marked for reminders come first, then the invoice address, then
        the company itself (R-18); per channel the first with a usable address wins.
        """
        self.env["res.partner"].flush_model()
        rows = self.env.execute_query_dict(SQL(
            """SELECT p.id, p.commercial_partner_id AS owner, p.email_normalized AS email, p.phone_sanitized AS sms,
                      p.phone, p.lang, p.tz, p.active, c.code AS country, p.street, p.city,
                      b.id IS NOT NULL OR p.message_bounce >= %(limit)s AS bad_email, pb.id IS NOT NULL AS bad_phone
                 FROM res_partner p
                 LEFT JOIN res_country c ON c.id = p.country_id
                 LEFT JOIN mail_blacklist b ON b.email = p.email_normalized AND b.active
                 LEFT JOIN phone_blacklist pb ON pb.number = p.phone_sanitized AND pb.active
                WHERE p.commercial_partner_id IN %(ids)s
                  AND (p.id = p.commercial_partner_id OR p.active AND (p.type = 'invoice' OR p.collection_contact))
                ORDER BY p.collection_contact DESC NULLS LAST, p.id = p.commercial_partner_id, p.id""",
            limit=BOUNCE_LIMIT, ids=tuple(partner_ids) or (0,)))
        grouped = defaultdict(list)
        for row in rows:
            grouped[row["owner"]].append(row)
        languages = {code for code, _name in self.env["res.lang"].get_installed()}
        return {pid: self._to_recipients(pid, grouped[pid], languages) for pid in partner_ids}

    @api.model
    def _to_recipients(self, partner_id, rows, languages):
        owner = next((row for row in rows if row["id"] == partner_id), None)
        if owner is None:
            return Recipients({}, Recipient(partner_id, None, None, None), None, False)
        usable = {}
        for row in rows:
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

    # ------------------------------------------------------------------ whole company

    @api.model
    def _read_candidates(self, company, day=None):
        """Customers with open items, or whose last picture was not empty: profile ids in a stable order.

        With ``day`` only those not yet evaluated on it.
        """
        query = self.env["account.move.line"]._search(self._open_item_domain(company))
        self.env["credit.profile"].flush_model()
        rows = self.env.execute_query(SQL(
            # materialized: merged into the rest, it is read in the order of customers, past every line of the ledger
            """WITH owing AS MATERIALIZED (%s)
               SELECT id FROM credit_profile
                WHERE company_id = %s AND active AND (%s::date IS NULL OR evaluated_on IS DISTINCT FROM %s) AND (
                      partner_id IN (SELECT p.commercial_partner_id FROM res_partner p JOIN owing ON owing.partner_id = p.id)
                   OR balance <> 0 OR overdue <> 0 OR next_reason IS DISTINCT FROM 'nothing_open')
                ORDER BY id""", query.select(SQL("DISTINCT %s", SQL.identifier(query.table, "partner_id"))),
            company.root_id.id, day, day))
        return [row[0] for row in rows]

    @api.model
    def _read_partners_without_profile(self, company, open_only=False):
        """Commercial partners with a posted receivable item (an open one) and no profile: ids."""
        self.env["account.move.line"].flush_model()
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        accounts = self._receivable_accounts()
        rows = self.env.execute_query(SQL(
            """SELECT DISTINCT c.commercial_partner_id
                 FROM account_move_line l JOIN res_partner c ON c.id = l.partner_id
                WHERE l.account_id IN (%s) AND l.parent_state = 'posted' AND l.company_id IN %s %s
                  AND NOT EXISTS (SELECT 1 FROM credit_profile p WHERE p.partner_id = c.commercial_partner_id AND p.company_id = %s)
                ORDER BY 1""",
            accounts.select(), tuple(self._companies(company).ids),
            SQL("AND l.reconciled IS NOT TRUE") if open_only else SQL(), company.root_id.id))
        return [row[0] for row in rows]

    @api.model
    def _companies(self, company):
        return self.env["res.company"].sudo().search([("id", "child_of", company.root_id.id)])

    @api.model
    def _read_payments(self, company, partner_ids, today, months):
        """Payment figures of customers over the last ``months``: ``{partner id: engine Payments}``.

        Payments are recognised by the journal of the entry; a credit note settles an
        item but is no payment. Days our own fault are not known here.
        """
        self.env["account.move.line"].flush_model()
        self.env["collection.dispute"].flush_model()
        since = today - relativedelta(months=months)
        rows = self.env.execute_query(SQL(
            """
            WITH paid AS (
                SELECT p.commercial_partner_id AS partner_id, i.id, COALESCE(i.date_maturity, i.date) AS due, i.reconciled,
                       r.amount, c.date AS day
                  FROM account_partial_reconcile r
                  JOIN account_move_line i ON i.id = r.debit_move_id
                  JOIN res_partner p ON p.id = i.partner_id
                  JOIN account_move_line c ON c.id = r.credit_move_id
                  JOIN account_journal j ON j.id = c.journal_id
                 WHERE r.max_date > %(since)s AND j.type IN ('bank', 'cash', 'credit')
                   AND c.date > %(since)s AND c.date <= %(today)s
                   AND i.account_id IN (%(accounts)s) AND i.parent_state = 'posted' AND i.company_id IN %(companies)s
                   AND i.partner_id IN %(partners)s AND COALESCE(i.no_followup, false) IS NOT TRUE
            ), settled AS (
                SELECT partner_id, id, due, max(day) AS day, bool_and(reconciled) AS whole,
                       sum(amount) AS amount, sum(amount * GREATEST(day - due, 0)) AS amount_days
                  FROM paid GROUP BY partner_id, id, due
            ), done AS (
                SELECT partner_id, count(*) FILTER (WHERE whole) AS settled,
                       count(*) FILTER (WHERE whole AND day <= due) AS on_time,
                       sum(amount) AS amount, sum(amount_days) AS amount_days
                  FROM settled GROUP BY partner_id
            ), contested AS (
                SELECT item_id, sum(d.amount / NULLIF(abs(l.amount_currency), 0)) AS share
                  FROM collection_dispute d JOIN account_move_line l ON l.id = d.item_id
                 WHERE d.state = 'open' GROUP BY item_id
            ), late AS (
                SELECT partner_id, sum(rest) AS amount, sum(rest * (%(today)s - due)) AS amount_days
                  FROM (SELECT p.commercial_partner_id AS partner_id, COALESCE(l.date_maturity, l.date) AS due,
                               l.amount_residual * GREATEST(0, 1 - COALESCE(c.share, 0)) AS rest
                          FROM account_move_line l JOIN res_partner p ON p.id = l.partner_id
                          LEFT JOIN contested c ON c.item_id = l.id
                         WHERE l.account_id IN (%(accounts)s) AND l.parent_state = 'posted' AND l.company_id IN %(companies)s
                           AND l.partner_id IN %(partners)s AND COALESCE(l.no_followup, false) IS NOT TRUE
                           AND l.reconciled IS NOT TRUE AND l.amount_residual > 0
                           AND COALESCE(l.date_maturity, l.date) < %(today)s) o
                 GROUP BY partner_id
            )
            SELECT COALESCE(done.partner_id, late.partner_id), COALESCE(done.settled, 0), COALESCE(done.on_time, 0),
                   COALESCE(done.amount, 0)::text, COALESCE(done.amount_days, 0)::text,
                   COALESCE(late.amount, 0)::text, COALESCE(late.amount_days, 0)::text
              FROM done FULL JOIN late ON late.partner_id = done.partner_id
            """,
            accounts=self._receivable_accounts().select(), companies=tuple(self._companies(company).ids),
            partners=tuple(self._read_family(partner_ids)) or (0,), since=since, today=today))
        return {row[0]: behaviour.Payments(row[1], row[2], *map(Decimal, row[3:])) for row in rows}

    @api.model
    def _read_bank_age(self, company, today):
        """Days since the newest bank or cash entry of the company, or None when there is none."""
        rows = self.env.execute_query(SQL(
            """SELECT max(m.date) FROM account_move m JOIN account_journal j ON j.id = m.journal_id
                WHERE j.type IN ('bank', 'cash', 'credit') AND m.state = 'posted' AND m.company_id IN %s AND m.date <= %s""",
            tuple(self._companies(company).ids), today))
        newest = rows and rows[0][0]
        return (today - newest).days if newest else None


@lru_cache(maxsize=512)
def _country_calendar(country, years):
    """Weekend and nationwide public holidays of a country code; a plain weekend for a country not known."""
    if not country or country not in holidays.list_supported_countries(include_aliases=False):
        return Calendar()
    found = holidays.country_holidays(country, years=years)
    return Calendar(weekend=frozenset(day + 1 for day in found.weekend), holidays=frozenset(found))
