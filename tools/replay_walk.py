"""Inside `odoo shell`: load a ledger and live through it day by day, with the jobs a server would run each night.

Invoices and payments are entered as drafts at the start, many at once, and posted on their day: a draft is not in the
ledger, so that nothing is known before it happened, and the follow-up of a day reads no more than that day's open items.
"""
import gc
import json
import sys
import time
from collections import Counter, defaultdict
from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.fields import Command

from .replay_file import Invoice

CHUNK = 250  # records entered by one create
HOUR = 10  # of the simulated days, within contact hours
QUIET = {"tracking_disable": True, "mail_create_nolog": True, "mail_create_nosubscribe": True, "mail_notrack": True}


def main(env, path, port):
    """Walk the ledger in the JSON file ``path``, mails going to the local SMTP ``port``; prints where the time went."""
    with open(path, encoding="utf-8") as handle:
        invoices = [Invoice.from_json(values) for values in json.load(handle)]
    gc.freeze()  # what Odoo keeps loaded is not garbage: do not look through it again and again
    first, last = span(invoices)
    # A clock that ticks: deadlines within a day, which are taken from time.monotonic, stay true.
    with freeze_time(_hour(first), tick=True) as clock:
        walk = Walk(env, invoices, port)
        for number in range((last - first).days + 1):
            today = first + timedelta(days=number)
            clock.move_to(_hour(today))
            walk.live(today)
            if today.day == 1:
                _tell(f"lived until {today}")
    _tell("the time went to " + ", ".join(f"{what} {seconds:.0f} s" for what, seconds in walk.spent.most_common()))


def span(invoices):
    """The first and the last date in the file."""
    days = [day for invoice in invoices for day in (invoice.issued, invoice.due, invoice.settled) if day]
    return min(days), max(days)


def _tell(text):
    """Progress, without the time of day that `say` gives: here it is a simulated one."""
    print(text, file=sys.stderr, flush=True)


def _hour(day):
    return datetime(day.year, day.month, day.day, HOUR)


class Walk:
    """A company that invoices, is paid and follows up."""

    def __init__(self, env, invoices, port):
        self.env = env(context={**env.context, **QUIET})
        self.company = self.env.company
        self.spent = Counter()
        self.issued, self.settled = defaultdict(list), defaultdict(list)
        for invoice in invoices:
            self.issued[invoice.issued].append(invoice)
            self.settled[invoice.settled].append(invoice)
        paid = [invoice for invoice in invoices if invoice.settled]
        self._timed("settings", self._configure, port)
        self.customers = self._timed("customers", self._enter_customers, invoices)
        self.moves = self._timed("entering invoices", self._enter, "invoices", invoices, self._enter_invoices)
        self.payments = self._timed("entering payments", self._enter, "payments", paid, self._enter_payments)
        self.items, self.disputes = {}, {}

    def _timed(self, what, work, *args):
        begun = time.monotonic()
        result = work(*args)
        self.env.cr.commit()
        self.spent[what] += time.monotonic() - begun
        return result

    # ------------------------------------------------------------------ before the first day

    def _configure(self, port):
        """The least a company needs to follow up by itself; bank data is complete, it is the file."""
        self.company.write({"email": "receivables@seller.example", "collection_bank_days": 0})
        self.company.partner_id.tz = "UTC"
        servers = self.env["ir.mail_server"]
        servers.search([]).unlink()
        servers.create({"name": "Replay", "smtp_host": "127.0.0.1", "smtp_port": port, "smtp_encryption": "none"})

    def _enter_customers(self, invoices):
        names = dict.fromkeys(invoice.customer for invoice in invoices)
        partners = self.env["res.partner"].create([{
            "name": name, "ref": name, "is_company": True, "street": f"{number} Main Street", "city": "Springfield",
            "email": f"receiver.{number}@customer.example",
        } for number, name in enumerate(names, 1)])
        return dict(zip(names, partners.ids, strict=True))

    def _enter(self, what, invoices, enter):
        """Enter in chunks: the ids by invoice number."""
        made = {}
        for start in range(0, len(invoices), CHUNK):
            chunk = invoices[start:start + CHUNK]
            made.update(zip((invoice.number for invoice in chunk), enter(chunk).ids, strict=True))
            self.env.flush_all()
        _tell(f"entered {len(made)} {what}")
        return made

    def _enter_invoices(self, invoices):
        income = self.env["account.account"].search([("account_type", "=", "income")], limit=1)
        return self.env["account.move"].create([{
            "move_type": "out_invoice", "partner_id": self.customers[invoice.customer], "ref": invoice.number,
            "invoice_date": invoice.issued, "invoice_date_due": invoice.due, "invoice_payment_term_id": False,
            "currency_id": self.company.currency_id.id,
            "invoice_line_ids": [Command.create({
                "name": invoice.number, "quantity": 1, "price_unit": float(invoice.amount),
                "tax_ids": [Command.clear()], "account_id": income.id})],
        } for invoice in invoices])

    def _enter_payments(self, invoices):
        bank = self.env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", self.company.id)], limit=1)
        return self.env["account.payment"].create([{
            "payment_type": "inbound", "partner_type": "customer", "partner_id": self.customers[invoice.customer],
            "amount": float(invoice.amount), "date": invoice.settled, "journal_id": bank.id, "memo": invoice.number,
        } for invoice in invoices])

    # ------------------------------------------------------------------ one day

    def live(self, today):
        """What happened that day, then the follow-up."""
        if self.issued[today] or self.settled[today]:
            self._timed("booking", self._book, today)
        self._timed("follow-up runs", self._follow_up, today)
        self._timed("sending", self._send)

    def _book(self, today):
        """Invoices and payments of the day, in one transaction: Odoo forgets what it read at each commit."""
        if self.issued[today]:
            self._issue(self.issued[today])
        if self.settled[today]:
            self._settle(self.settled[today])

    def _issue(self, invoices):
        """Post the day's invoices; what is disputed of them is disputed from then on."""
        moves = self._of("account.move", self.moves, invoices)
        moves.action_post()
        self.items.update(zip((invoice.number for invoice in invoices), self._receivables(moves), strict=True))
        disputed = [invoice for invoice in invoices if invoice.disputed]
        disputes = self.env["collection.dispute"].create([
            {"item_id": self.items[invoice.number], "reason": f"Disputed on line {invoice.line}"} for invoice in disputed])
        self.disputes.update(zip((invoice.number for invoice in disputed), disputes.ids, strict=True))

    def _settle(self, invoices):
        """Post the day's payments, reconcile each with its invoice, and close the disputes."""
        payments = self._of("account.payment", self.payments, invoices)
        payments.action_post()
        items = self._of("account.move.line", self.items, invoices)
        paid = items.browse(self._receivables(payments.move_id))
        items._reconcile_plan([pair[0] + pair[1] for pair in zip(items, paid, strict=True)])
        self._of("collection.dispute", self.disputes, [i for i in invoices if i.disputed]).action_close()

    def _of(self, model, ids, invoices):
        """The day's records only: a record kept from the start would read all it was entered with again each day."""
        return self.env[model].browse([ids[invoice.number] for invoice in invoices])

    def _receivables(self, moves):
        """The ids of the receivable items, one per entry and in the same order."""
        found = {line.move_id: line.id for line in moves.line_ids if line.account_type == "asset_receivable"}
        return [found[move] for move in moves]

    def _follow_up(self, today):
        """What the nightly jobs do: judge the payers, then decide."""
        self.env["credit.profile"].search([("company_id", "=", self.company.id)])._refresh_behaviour(today)
        self.env["collection.run"]._open_auto(self.company, today)._execute(commit=True)

    def _send(self):
        """A person approves what waits for it, then the sending job works, then a person posts the letters."""
        actions = self.env["collection.action"]
        if waiting := actions.search([("state", "=", "planned")]):
            waiting.action_approve()
        while self.env["collection.outbox"]._perform_ready(60):
            pass
        letters = actions.search([("state", "=", "waiting"), ("channel", "=", "letter")])
        if letters:
            letters.action_print_letters()
            letters.filtered(lambda letter: letter.state == "waiting").action_confirm_sent()
