from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from ..engine.ledger import ZERO, Facts, Item, Pause, spread
from .collection_action import OPEN_STATES
from .collection_payable_transaction import FLYING, NO_MONEY_YET, ON_ITS_WAY

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
    payruns: dict[int, models.Model] = {}


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
        disputed = self._read_disputes(item_ids, today)
        pauses = self._read_pauses(debits, today)
        promised = self._read_promised_parts(debits, today)
        mild = self._read_charge_bills(debits)
        payruns = profiles._payruns()
        runs = {profile.partner_id.id: payruns[profile.id] for profile in profiles if profile.id in payruns}
        history = self._read_history(item_ids)
        memory = max([max(p.engine.gap, p.engine.cap_days) for p in policies.values()], default=0)
        contacts = self._read_contacts(profiles, today, memory, skip_runs)
        in_flight = self._read_in_flight(profiles, skip_actions)
        self._add_contacts_elsewhere(profiles, debits, today - timedelta(days=memory), contacts, in_flight)
        self._add_contacts_before(company, profiles, contacts)
        items, credits = defaultdict(list), defaultdict(dict)
        for row in rows:
            if row.residual < 0:
                per_currency = credits[row.partner]
                per_currency[row.currency] = per_currency.get(row.currency, ZERO) - row.residual
                continue
            policy = policies.get(row.partner)
            items[row.partner].append(self._to_item(row, history.get(row.id), policy, recipients[row.partner],
                                                    disputed.get(row.id, ZERO), transit.get(row.id, ZERO), pauses.get(row.id))
                                      ._replace(promised=promised.get(row.id, ZERO), mild=row.move in mild, ahead=self._to_ahead(
                                          row, runs.get(row.partner), calendars[recipients[row.partner].country], today)))
        facts = {}
        for profile in profiles:
            pid = profile.partner_id.id
            policy, who = policies.get(pid), recipients[pid]
            facts[profile.id] = Facts(
                customer=profile.id, items=tuple(items[pid]), credits=credits[pid],
                contacts=contacts.get(profile.id, ()), in_flight=in_flight.get(profile.id, frozenset()),
                reachable=frozenset(who.usable), pause=self._to_pause(profile),
                stop=self._to_stop(profile, policy, who), quiet=self._is_quiet(policy, who, calendars, today))
        return Gathered(facts, {row.id: row for row in rows}, recipients, self._to_standings(rows, today), payruns)

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
        late = [row for row in rows if row.due < today and row.residual > 0 and not row.no_followup]
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
    def _to_ahead(self, row, payrun, calendar, today):
        """When it is best to write about an item before it is due, if the customer has pay runs."""
        return payrun._decide_ahead(row.due, calendar) if payrun and row.due >= today else None

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
        if policy.stop:
            return policy.stop
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
        """Archived ones too: what is open on them is owed all the same."""
        return self.env["account.account"].sudo().with_context(active_test=False)._search([("account_type", "=", "asset_receivable")])

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
        """Money on its way per item: online transactions not final, payments without an entry yet.

        As where it is paid: a transfer that was only announced is none, and one that never arrives is forgotten after some days.
        """
        moves = list({row.move for row in rows})
        if not moves:
            return {}
        self.env["payment.transaction"].flush_model()
        self.env["account.payment"].flush_model()
        transfers = self.env.execute_query(SQL(
            """SELECT 't', t.id, t.amount::text, t.currency_id, array_agg(r.invoice_id)
                 FROM payment_transaction t JOIN account_invoice_transaction_rel r ON r.transaction_id = t.id
                 JOIN payment_provider o ON o.id = t.provider_id
                WHERE (t.state IN %(sent)s AND t.create_date > %(since)s OR t.state = 'done' AND t.is_post_processed IS NOT TRUE)
                  AND o.code NOT IN %(no_money)s AND t.amount > 0 AND r.invoice_id IN %(moves)s
                GROUP BY t.id
                UNION ALL
               SELECT 'p', p.id, p.amount::text, p.currency_id, array_agg(r.invoice_id)
                 FROM account_payment p JOIN account_move__account_payment r ON r.payment_id = p.id
                WHERE p.state = 'in_process' AND p.move_id IS NULL AND p.payment_type = 'inbound' AND r.invoice_id IN %(moves)s
                GROUP BY p.id
                ORDER BY 1, 2""", moves=tuple(moves), sent=ON_ITS_WAY, since=fields.Datetime.now() - FLYING, no_money=NO_MONEY_YET))
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
    def _read_pauses(self, rows, today):
        """Items that are silent for a reason of their own: ``{item id: Pause}``. A place to hook more."""
        pauses = {}
        for row in rows:
            if row.no_followup:
                pauses[row.id] = Pause("no_followup")
            elif row.payment_state == "blocked":
                pauses[row.id] = Pause("blocked")
        return pauses
