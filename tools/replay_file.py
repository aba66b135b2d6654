"""Reading a ledger for ./dev replay: every row is checked before anything is loaded, so that nothing is ever half loaded."""
import csv
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from .paths import DevError

# The columns of the IBM receivables file that are used; its others repeat them or say nothing about the debt.
COLUMNS = ("customerID", "invoiceNumber", "InvoiceDate", "DueDate", "InvoiceAmount", "Disputed", "SettledDate")
DATE_FORMATS = ("%m/%d/%Y", "%Y-%m-%d")
DISPUTED = {"yes": True, "no": False}
LARGEST = 10**12  # beyond it, cents are lost in a float
SHOWN = 10  # mistakes named before the rest is only counted


class Invoice(NamedTuple):
    """One line of the file; ``settled`` is None while it is open."""

    line: int
    customer: str
    number: str
    issued: date
    due: date
    settled: date | None
    amount: Decimal
    disputed: bool

    def to_json(self):
        return [value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, Decimal) else value
                for value in self]

    @classmethod
    def from_json(cls, values):
        line, customer, number, issued, due, settled, amount, disputed = values
        return cls(line, customer, number, date.fromisoformat(issued), date.fromisoformat(due),
                   settled and date.fromisoformat(settled), Decimal(amount), disputed)


def read(path):
    """The invoices of a file; raises DevError naming the lines that are wrong."""
    try:
        with open(path, encoding="utf-8-sig", newline="") as handle:
            reader = csv.reader(handle, strict=True)
            invoices, mistakes = _read_rows(reader, _read_header(path, next(reader, [])))
    except OSError as error:
        raise DevError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise DevError(f"{path} is not a text file in UTF-8") from None
    except csv.Error as error:
        raise DevError(f"{path} was not loaded:\n  {error}") from None
    if mistakes:
        more = [f"and {len(mistakes) - SHOWN} more"] if len(mistakes) > SHOWN else []
        raise DevError("\n  ".join([f"{path} was not loaded:", *mistakes[:SHOWN], *more]))
    if not invoices:
        raise DevError(f"{path} holds no invoice")
    return invoices


def _read_header(path, names):
    missing = [name for name in COLUMNS if name not in names]
    twice = sorted({name for name in names if names.count(name) > 1})
    if missing:
        raise DevError(f"{path}, line 1: without column {', '.join(missing)}; needed are {', '.join(COLUMNS)}")
    if twice:
        raise DevError(f"{path}, line 1: column {', '.join(twice)} is there twice")
    return names


def _read_rows(reader, names):
    invoices, mistakes, seen = [], [], {}
    for line, values in _numbered(reader):
        try:
            if len(values) != len(names):
                raise ValueError(f"{len(values)} cells in {len(names)} columns")
            cells = dict(zip(names, values, strict=True))
            invoice = _to_invoice(line, {name: cells[name].strip() for name in COLUMNS})
            if invoice.number in seen:
                raise ValueError(f"invoice {invoice.number} is on line {seen[invoice.number]} already")
        except ValueError as error:
            mistakes.append(f"line {line}: {error}")
            continue
        seen[invoice.number] = line
        invoices.append(invoice)
    return invoices, mistakes


def _numbered(reader):
    """Each row with the line it begins on; empty lines are left out."""
    line = reader.line_num + 1
    try:
        for values in reader:
            if values:
                yield line, values
            line = reader.line_num + 1
    except csv.Error as error:
        raise csv.Error(f"line {line}: {error}; is a quote open?") from None


def _to_invoice(line, cells):
    for name in ("customerID", "invoiceNumber"):
        if not cells[name]:
            raise ValueError(f"{name} is empty")
    issued, due = _to_date("InvoiceDate", cells), _to_date("DueDate", cells)
    settled = _to_date("SettledDate", cells) if cells["SettledDate"] else None
    for name, day in (("DueDate", due), ("SettledDate", settled)):
        if day and day < issued:
            raise ValueError(f"{name} {day} is before InvoiceDate {issued}")
    if cells["Disputed"].lower() not in DISPUTED:
        raise ValueError(f"Disputed “{cells['Disputed']}” is neither Yes nor No")
    return Invoice(line, cells["customerID"], cells["invoiceNumber"], issued, due, settled,
                   _to_amount(cells["InvoiceAmount"]), DISPUTED[cells["Disputed"].lower()])


def _to_date(name, cells):
    for form in DATE_FORMATS:
        try:
            day = datetime.strptime(cells[name], form).date()
        except ValueError:
            continue
        if not 1990 <= day.year < 2100:  # a slip of the pen would let the replay walk for centuries
            break
        return day
    raise ValueError(f"{name} “{cells[name]}” is no date (month/day/year, 1990 to 2099)")


def _to_amount(text):
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"InvoiceAmount “{text}” is no number") from None
    if not amount.is_finite() or amount <= 0:
        raise ValueError(f"InvoiceAmount {text} is not more than zero")
    if amount >= LARGEST:
        raise ValueError(f"InvoiceAmount {text} is not less than {LARGEST:,}")
    if amount != amount.quantize(Decimal("0.01")):
        raise ValueError(f"InvoiceAmount {text} has more than two decimals")
    return amount
