"""What a replay came to, counted from what it left behind: mails as captured, the ledger as stored, dates of the file.

Nothing here asks the engine or Odoo. A mail's own Date and text say when the customer was told about which document; rows of
the outbox say only at which level. Letters and calls have no mail: their rows stand for them.
"""
import json
import re
from collections import Counter
from datetime import date, timezone
from email import message_from_bytes, policy
from typing import NamedTuple

ITEMS = """
SELECT m.name, m.ref, l.id AS item, p.email,
       CASE WHEN l.reconciled THEN (SELECT max(c.date) FROM account_partial_reconcile r
                                      JOIN account_move_line c ON c.id = r.credit_move_id
                                     WHERE r.debit_move_id = l.id) END AS settled
  FROM account_move_line l
  JOIN account_move m ON m.id = l.move_id
  JOIN account_account a ON a.id = l.account_id
  JOIN res_partner p ON p.id = l.partner_id
 WHERE m.move_type = 'out_invoice' AND m.state = 'posted' AND a.account_type = 'asset_receivable'
"""
ROWS = """
SELECT a.id, a.message_id, a.channel, a.state, a.reason, a.sent_on, a.checked_at::date AS checked_on, v.name->>'en_US' AS level,
       v.offset_days, p.email,
       (SELECT json_agg(json_build_object('item', n.item_id, 'level', n.level_id, 'round', n.round, 'advances', n.advances))
          FROM collection_action_line n WHERE n.action_id = a.id) AS lines
  FROM collection_action a
  JOIN collection_level v ON v.id = a.level_id
  JOIN res_partner p ON p.id = a.partner_id
"""
BY_HAND = ("waiting", "sent", "suppressed")  # a letter or call in one of these reached a person


class Contact(NamedTuple):
    """A customer told about documents on a day; ``row`` is the outbox row behind it."""

    day: date
    email: str
    documents: frozenset
    row: dict


class Result(NamedTuple):
    """The three counts, the reminders per level, who was contacted, and what makes the counts worthless."""

    invoices: int
    reminders: dict
    customers_contacted: int
    settled: int
    disputed: int
    duplicates: int
    problems: list

    @property
    def good(self):
        return not (self.settled or self.disputed or self.duplicates or self.problems)


def check(invoices, folder, psql):
    """Judge a replay of ``invoices``: mails in ``folder``, ``psql(sql)`` asks its database."""
    items = {item["name"]: item for item in _rows(psql, ITEMS)}
    rows = _rows(psql, ROWS)
    problems = _unloaded(invoices, items) + _unfinished(psql, rows)
    contacts, unread = _mails(folder, items, rows)
    contacts += _by_hand(items, rows)
    problems += unread
    facts = {invoice.number: invoice for invoice in invoices}
    reminders = dict.fromkeys(_levels(psql), 0)
    for contact in contacts:
        if contact.row["state"] == "sent":
            reminders[contact.row["level"]] += 1
    return Result(
        invoices=len(items), reminders=reminders,
        customers_contacted=len({contact.email for contact in contacts}),
        settled=sum(any(_is_settled(items[name], facts, contact.day) for name in contact.documents) for contact in contacts),
        disputed=sum(any(_is_disputed(items[name], facts, contact.day) for name in contact.documents) for contact in contacts),
        duplicates=_duplicates(contacts), problems=problems)


def _rows(psql, sql):
    return json.loads(psql(f"SELECT coalesce(json_agg(t), '[]') FROM ({sql}) t"))


def _levels(psql):
    sql = """SELECT v.name->>'en_US' AS name FROM collection_level v JOIN res_company c ON c.collection_policy_id = v.policy_id
              ORDER BY v.offset_days"""
    return [row["name"] for row in _rows(psql, sql)]


# ---------------------------------------------------------------------- contacts

def _mails(folder, items, rows):
    """Every captured mail as a contact, and what could not be read as one."""
    by_id = {row["message_id"]: row for row in rows if row["message_id"]}
    names = {item["item"]: name for name, item in items.items()}
    contacts, problems, seen = [], [], Counter()
    for path in sorted(folder.glob("*.eml")):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        row = by_id.get(mail["Message-Id"])
        if row is None:
            problems.append(f"mail {path.name} belongs to no contact")
            continue
        seen[row["id"]] += 1
        documents = frozenset(re.findall(r"[\w/-]+", mail.get_body(("html", "plain")).get_content())) & items.keys()
        if documents != {names[line["item"]] for line in row["lines"] or ()}:
            problems.append(f"mail {path.name} names other documents than contact {row['id']}")
        to = mail["To"].addresses[0].addr_spec
        if to != row["email"] or any(items[name]["email"] != to for name in documents):
            problems.append(f"mail {path.name} to {to} is about another customer's documents")
        day = mail["Date"].datetime.astimezone(timezone.utc).date()
        contacts.append(Contact(day, to, documents, row))
    sent = [row for row in rows if row["channel"] == "email" and row["state"] == "sent"]
    problems += [f"contact {row['id']} is marked as sent, but no mail arrived" for row in sent if not seen[row["id"]]]
    return contacts, problems


def _by_hand(items, rows):
    names = {item["item"]: name for name, item in items.items()}
    return [Contact(date.fromisoformat(row["checked_on"]), row["email"],
                    frozenset(names[line["item"]] for line in row["lines"] or ()), row)
            for row in rows if row["channel"] in ("letter", "call") and row["state"] in BY_HAND]


# ---------------------------------------------------------------------- the three counts

def _is_settled(item, facts, day):
    """Settled on or before the day, by the file or by the ledger."""
    stored = item["settled"] and date.fromisoformat(item["settled"])
    return any(known and known <= day for known in (facts[item["ref"]].settled, stored))


def _is_disputed(item, facts, day):
    fact = facts[item["ref"]]
    return fact.disputed and not (fact.settled and fact.settled <= day)


def _duplicates(contacts):
    """How often an item was taken again to a level, round and channel it was at; a mail that came twice counts too."""
    steps = Counter((line["item"], line["level"], line["round"], contact.row["channel"])
                    for contact in contacts for line in contact.row["lines"] or () if line["advances"])
    return sum(count - 1 for count in steps.values())


# ---------------------------------------------------------------------- is it worth anything

def _unloaded(invoices, items):
    """Differences between the file and the ledger at the end."""
    stored = {item["ref"]: item["settled"] for item in items.values()}
    wrong = [invoice for invoice in invoices
             if invoice.number not in stored or stored[invoice.number] != (invoice.settled and invoice.settled.isoformat())]
    return [f"line {invoice.line}: the ledger has invoice {invoice.number} settled on {stored.get(invoice.number, 'no date')}"
            for invoice in wrong]


def _unfinished(psql, rows):
    """Runs with errors, and contacts that ended in no known way."""
    runs = _rows(psql, "SELECT id, run_date, state, message FROM collection_run WHERE state IN ('error', 'running')")
    stuck = [row for row in rows if row["state"] in ("failed", "unknown", "retry", "checking", "sending")]
    return [f"run of {run['run_date']} is {run['state']}: {run['message']}" for run in runs] + \
        [f"contact {row['id']} ({row['channel']}) is {row['state']}: {row['reason']}" for row in stuck]
