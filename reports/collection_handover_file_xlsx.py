"""The claim as a workbook: the fields that agencies and bureaus ask for, and what was done about it."""
from odoo import models

from ..engine.ageing import BUCKETS, bucket, days_late
from .xlsx import Column, Table

TYPES = {"out_invoice": "invoice", "out_receipt": "invoice", "out_refund": "credit note"}


class CollectionHandover(models.Model):
    _inherit = "collection.handover"

    def _file_workbook(self, facts, stream):
        """Write the workbook to ``stream``, in the language of the environment."""
        Export = self.env["collection.export"]
        with Export._book(stream) as book:
            for name, columns, rows, totals in self._file_tables(facts):
                title = self.env._("%(handover)s: %(customer)s", handover=self.name, customer=self.partner_id.name)
                book.add_table(Table(name, title, name, columns, len(rows), totals, None, self.env._("Total")), rows)
            facts_of = [(self.env._("Creditor"), self.company_id.name), (self.env._("To"), self.agency_id.name or ""), *Export._facts_of_author()]
            Export._add_parameters(book, facts_of, self._file_invoice_columns())

    def _file_tables(self, facts):
        """``(name, columns, rows, totals)`` of each sheet."""
        _ = self.env._
        invoices = self._file_invoice_rows()
        sums = [(self.currency_id.name, {7: sum(row[7] for row in invoices), 8: sum(row[8] for row in invoices)})]
        return [(_("Summary"), [Column(_("Field"), "text", 30), Column(_("Value"), "text", 50)], self._file_summary_rows(), []),
                (_("Invoices"), self._file_invoice_columns(), invoices, sums),
                (_("Contacts"), *self._file_contact_table(facts), []), (_("Calls"), *self._file_call_table(facts), []),
                (_("Promises"), *self._file_promise_table(facts), []), (_("Disputes"), *self._file_dispute_table(facts), []),
                (_("Interest"), *self._file_interest_table(facts), [])]

    def _amount(self, label, help_text=""):
        return Column(label, "amount", 14, self.currency_id.name, help_text)

    # ------------------------------------------------------------------ the claim

    def _file_summary_rows(self):
        """The debtor and the claim by age, as trade files have it."""
        _ = self.env._
        partner = self.partner_id
        number = lambda amount: f"{amount:.{self.currency_id.decimal_places}f}"  # noqa: E731
        ages = self._file_ages()
        return [[_("Debtor"), partner.name], [_("Street"), partner.street], [_("Street 2"), partner.street2], [_("City"), partner.city],
                [_("State"), partner.state_id.name], [_("ZIP"), partner.zip], [_("Country"), partner.country_id.name], [_("Telephone"), partner.phone],
                [_("Website"), partner.website], [_("E-mail"), partner.email], [_("Tax ID"), partner.vat], [_("Company number"), partner.company_registry],
                [_("Customer number"), partner.ref], [_("Currency"), self.currency_id.name], [_("Total open"), number(sum(ages.values()))],
                *([self.env["collection.statement"]._bucket_labels()[code], number(amount)] for code, amount in ages.items() if code != "credit"),
                [_("Costs claimed"), number(self.costs)], [_("Claim"), number(self.claim)]]

    def _file_ages(self):
        """What is open of the case by class of the ageing."""
        today, ages = self.company_id._collection_today(), dict.fromkeys(BUCKETS, 0)
        for line in self.sudo().line_ids - self._file_gone():  # sudo: see _file_facts
            ages[bucket(line.open_amount, days_late(line.item_id.date_maturity or line.item_id.date, today))] += line.open_amount
        return ages

    def _file_invoice_columns(self):
        _ = self.env._
        return [Column(_("Invoice"), "text", 20), Column(_("Type"), "text", 12), Column(_("Invoice date"), "date", 12), Column(_("Due date"), "date", 12),
                Column(_("Paid on"), "date", 12, help=_("The last payment, where nothing is open any more.")), Column(_("Days late"), "integer", 9),
                Column(_("Currency"), "text", 9), self._amount(_("Amount"), _("What the invoice came to.")),
                self._amount(_("Open"), _("What is open of it in our ledger.")), self._amount(_("Claimed"), _("What was handed over."))]

    def _file_invoice_rows(self):
        today, rows, gone = self.company_id._collection_today(), [], self._file_gone()
        for line in self.sudo().line_ids:  # sudo: see _file_facts
            item = line.item_id
            due = item.date_maturity or item.date or line.due
            left = 0.0 if line in gone else line.open_amount
            paid = max((item.matched_credit_ids).mapped("max_date"), default=None) if item and not left else None
            rows.append([line.document, TYPES.get(item.move_id.move_type, "other"), item.move_id.invoice_date or item.date or None, due or None, paid,
                         max(0, (today - due).days) if due and left else 0, self.currency_id.name, item.amount_currency, left, line.amount])
        return rows

    # ------------------------------------------------------------------ what was done

    def _file_contact_table(self, facts):
        """Every contact: when, by what, to whom, and with which result."""
        _ = self.env._
        channels, states = _labels(self.env, facts["actions"], "channel"), _labels(self.env, facts["actions"], "state")
        columns = [Column(_("Sent on"), "date", 12), Column(_("By"), "text", 12), Column(_("To"), "text", 26), Column(_("Address"), "text", 30),
                   Column(_("Level"), "text", 22), Column(_("Result"), "text", 16), Column(_("Invoices"), "text", 40), Column(_("Message-Id"), "text", 40)]
        return columns, [[one.sent_on, channels[one.channel], one.recipient_id.name, one.recipient, one.level_id.name, states[one.state],
                          ", ".join(dict.fromkeys(one.line_ids.filtered(lambda line: line.item_id in facts["items"]).mapped("document"))), one.message_id]
                         for one in facts["actions"]]

    def _file_call_table(self, facts):
        """Calls with what they came to. The collectors' own notes are not for others to read."""
        _ = self.env._
        columns = [Column(_("On"), "date", 12), Column(_("Spoke to"), "text", 26), Column(_("Number"), "text", 20), Column(_("Result"), "text", 60)]
        return columns, [[one.day, one.contact_id.name, one.number, one.with_context(lang=self.env.lang).sentence] for one in facts["calls"]]

    def _file_promise_table(self, facts):
        _ = self.env._
        states = _labels(self.env, facts["promises"], "state")
        columns = [Column(_("No."), "integer", 6), Column(_("Made on"), "date", 12), Column(_("Promised until"), "date", 12), Column(_("Currency"), "text", 9),
                   Column(_("Promised"), "number", 14), Column(_("Paid"), "number", 14), Column(_("Result"), "text", 16)]
        return columns, [[one.level, one.made_on, one.promised_on, one.currency_id.name, one.amount, one.paid_amount, states[one.state]] for one in facts["promises"]]

    def _file_dispute_table(self, facts):
        _ = self.env._
        states = _labels(self.env, facts["disputes"], "state")
        outcomes = _labels(self.env, facts["disputes"], "outcome")
        columns = [Column(_("Invoice"), "text", 20), Column(_("Since"), "date", 12), Column(_("Reason"), "text", 26), Column(_("Disputed"), "number", 14),
                   Column(_("Still disputed"), "number", 14), Column(_("State"), "text", 12), Column(_("Outcome"), "text", 20), Column(_("Closed on"), "date", 12)]
        return columns, [[one.document, one.opened_on, one.reason_id.with_context(lang=self.env.lang).name, one.amount, one.open_amount, states[one.state],
                          outcomes.get(one.outcome), one.closed_on or None] for one in facts["disputes"]]

    def _file_interest_table(self, facts):
        _ = self.env._
        columns = [Column(_("Bill"), "text", 18), Column(_("Invoice"), "text", 20), Column(_("From"), "date", 12), Column(_("To"), "date", 12),
                   Column(_("Days"), "integer", 8), Column(_("On"), "number", 14), Column(_("Rate in %"), "rate", 10), Column(_("Amount"), "number", 14)]
        lines = facts["charges"].filtered(lambda one: one.state == "posted").line_ids.filtered(
            lambda line: line.state == "posted" and (line.item_id in facts["items"] or line.charge_id.move_id & facts["items"].move_id))
        return columns, [[line.charge_id.name, line.document, line.date_from or None, line.last_day or None, line.days, line.balance, line.rate, line.amount]
                         for line in lines]


def _labels(env, records, name):
    """The words of a selection, in the language of the environment."""
    return dict(env[records._name]._fields[name]._description_selection(env))
