"""The file that a credit bureau gets: trade payments by customer or by invoice, as CSV or workbook.

Its headings are those of a file format, not words for a reader: they are in English everywhere, days as in 2026-11-30.
"""
import codecs
import csv
import io
import re
from typing import Any, NamedTuple

from odoo import fields, models

from .xlsx import Column, Table, csv_text

TYPES = {"out_invoice": "invoice", "out_receipt": "invoice", "out_refund": "credit note"}
AGED = {"total": "total", "current": "not_due", "days_1_30": "b30", "days_31_60": "b60", "days_61_90": "b90", "days_91_plus": "over"}


class Field(NamedTuple):
    """A column of the file: its heading, and how a workbook writes it."""

    name: str
    kind: str = "text"
    width: int = 16


HEAD = (Field("record", width=12), Field("month", "date", 12), Field("customer_reference"), Field("company_name", width=32), Field("address_1", width=28),
        Field("address_2"), Field("city"), Field("state"), Field("zip", width=10), Field("country", width=8), Field("phone"), Field("website"),
        Field("email", width=28), Field("tax_id"), Field("registry_number"))
SUMMARY = (*HEAD, Field("currency", width=9), *(Field(name, "number", 14) for name in AGED))
INVOICE = (*HEAD, Field("invoice_reference"), Field("type", width=12), Field("invoice_date", "date", 12), Field("due_date", "date", 12),
           Field("paid_date", "date", 12), Field("amount", "number", 14), Field("open", "number", 14), Field("currency", width=9))


class CollectionBureauFile(models.Model):
    _inherit = "collection.bureau.file"

    def _write_file(self, stream):
        """Write what is told to ``stream``, in the format of the bureau."""
        wanted = SUMMARY if self.bureau_id.detail == "summary" else INVOICE
        lines = self.line_ids.filtered("is_told").sorted(lambda line: (line.kind == "correction", line.month, line.profile_id.partner_id.id, line.currency_id.name))
        rows = [row for line in lines for row in line._file_rows(self.bureau_id.detail)]
        write = self._write_csv if self.bureau_id.format == "csv" else self._write_xlsx
        write(stream, wanted, [[row[field.name] for field in wanted] for row in rows])

    def _write_csv(self, stream, wanted, rows):
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow([field.name for field in wanted])
        writer.writerows([[_cell(field, value) for field, value in zip(wanted, row)] for row in rows])
        stream.write(codecs.BOM_UTF8 + text.getvalue().encode())

    def _write_xlsx(self, stream, wanted, rows):
        columns = [Column(field.name, field.kind, field.width) for field in wanted]
        rows = [[float(value) if field.kind == "number" else value for field, value in zip(wanted, row)] for row in rows]
        with self.env["collection.export"]._book(stream) as book:
            book.add_table(Table("trade payments", self.bureau_id.name, " ".join(filter(None, (self.company_id.name, self.bureau_id.member))), columns, len(rows)), rows)


class CollectionBureauLine(models.Model):
    _inherit = "collection.bureau.line"

    def _file_rows(self, detail):
        """The rows of a customer: one, or one per invoice."""
        head = {**self._file_head(), "currency": self.currency_id.name}
        if detail == "summary":
            return [{**head, **{name: self._exact(self[field]) for name, field in AGED.items()}}]
        day = fields.Date.to_date
        return [{**head, "invoice_reference": one["document"], "type": TYPES[one["type"]], "invoice_date": day(one["date"]), "due_date": day(one["due"]),
                 "paid_date": day(one["paid_on"]), "amount": self._exact(one["amount"]), "open": self._exact(one["open"])} for one in self.invoices or ()]

    def _file_head(self):
        """Whom the row is about. Telephone and mail are those of the firm; no contact person is named."""
        partner = self.profile_id.partner_id
        return {"record": self.kind, "month": self.month, "customer_reference": partner.ref or str(self.profile_id.id), "company_name": partner.name,
                "address_1": partner.street, "address_2": partner.street2, "city": partner.city, "state": partner.state_id.code, "zip": partner.zip,
                "country": partner.country_id.code, "phone": _dialled(partner.phone), "website": partner.website, "email": partner.email_normalized,
                "tax_id": partner.vat, "registry_number": partner.company_registry}

    def _exact(self, amount):
        """The amount with the digits of its currency."""
        return f"{float(amount):.{self.currency_id.decimal_places}f}"


def _cell(field: Field, value: Any):
    """A value as CSV has it; text never begins like a formula."""
    if field.kind == "text":
        return csv_text(value)
    return value.isoformat() if hasattr(value, "isoformat") else value or ""


def _dialled(number):
    """“0032 2 555 12 12”: a plus sign in front would be taken for a formula."""
    return re.sub(r"^\s*\+(?=\d)", "00", number or "")
