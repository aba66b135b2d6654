"""Writes tables as a workbook: real dates and numbers, text that stays text, totals as formulas. Knows no database.

Rows go to a file as they come, so that the memory needed does not grow with the table. What a total comes to is
told beforehand: it stands above the rows, in the frozen part, where it is seen without scrolling.
"""
import tempfile
from collections.abc import Iterable
from typing import Any, NamedTuple

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_range_abs

from ..models.credit_field_rules import defused
from ..models.credit_limit_template import DATE_PARTS

MOST_ROWS = 1_000_000  # a sheet ends at 1,048,576
LONGEST = 32_767  # characters of a cell
FORBIDDEN = str.maketrans("[]:*?/\\", "       ")  # in the name of a sheet
# Names come from outside: what begins like a formula, a link or a number stays text.
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
           "nan_inf_to_errors": True}
PLAIN = {"text": None, "integer": "#,##0", "number": "#,##0.00", "percent": "0.0\" %\"", "rate": "0.00##"}


class Money(NamedTuple):
    """How amounts of a currency are written."""

    name: str
    symbol: str
    before: bool  # the symbol stands before the number
    decimals: int


class Column(NamedTuple):
    """A column. ``unit`` is the name of the currency of its amounts, or the place of the column that says it row by row."""

    label: str
    kind: str = "text"  # text, date, moment, integer, number, percent, rate, amount
    width: int = 12
    unit: int | str | None = None
    help: str = ""


class Table(NamedTuple):
    """A sheet: what it is about, its columns, how many rows there will be, and what they come to.

    ``totals`` has a row per currency: its name, and the sum by the place of a column. ``by`` is the place of the column
    with that name, needed where there are several: a sum of two currencies means nothing.
    """

    sheet: str
    title: str
    subtitle: str
    columns: list[Column]
    count: int
    totals: list[tuple[str, dict[int, Any]]] = []
    by: int | None = None
    total_label: str = ""


class Formula(NamedTuple):
    """A cell that is worked out from its row: ``{row}`` is its number, ``{before}`` that of the row above; and what it comes to."""

    text: str
    value: Any


class Book:
    """A workbook in the making: tables, then the sheet that says what they show."""

    def __init__(self, stream, date_format: str, currencies: Iterable[Money], author: str = ""):
        self.folder = tempfile.TemporaryDirectory()  # of the rows, until the workbook is put together
        self.book = xlsxwriter.Workbook(stream, {**OPTIONS, "tmpdir": self.folder.name})
        self.book.set_properties({"author": author})
        self.currencies = {money.name: money for money in currencies}
        self.dates = {"date": _date_code(date_format), "moment": f"{_date_code(date_format)} hh:mm"}
        self.formats, self.sheets = {}, set()

    def __enter__(self):
        return self

    def __exit__(self, kind, _error, _trace):
        try:
            if kind is None:
                self.book.close()
        finally:
            self.folder.cleanup()

    # ------------------------------------------------------------------ tables

    def add_table(self, table: Table, rows: Iterable[list[Any]]):
        """Write a table; ``rows`` may be a generator and is read once."""
        sheet = self.book.add_worksheet(self._sheet_name(table.sheet))
        for place, column in enumerate(table.columns):
            sheet.set_column(place, place, column.width)
        sheet.write_string(0, 0, table.title[:LONGEST], self._format(bold=True, font_size=14))
        sheet.write_string(1, 0, table.subtitle[:LONGEST], self._format(font_color="#555555"))
        # A total above no rows would add up its own header.
        head = self._write_totals(sheet, table) if table.count else 3
        for place, column in enumerate(table.columns):
            sheet.write_string(head, place, column.label, self._format(bold=True, bottom=1, bg_color="#E7E9ED", text_wrap=True, valign="top"))
        sheet.freeze_panes(head + 1, 0)
        sheet.autofilter(head, 0, head + max(table.count, 1), len(table.columns) - 1)
        self._set_print(sheet, head)
        self._write_rows(sheet, table.columns, rows, head + 1)

    def _write_totals(self, sheet, table):
        """A row of totals per currency above the header; returns the row of the header."""
        head = 3 + len(table.totals) + bool(table.totals)
        first, last = head + 1, head + table.count
        for row, (name, sums) in enumerate(table.totals, 3):
            sheet.write_string(row, 0, " ".join(filter(None, (table.total_label, name))), self._format(bold=True))
            for place, value in sums.items():
                column = table.columns[place]
                style = self._format(bold=True, num_format=self._number_format(column.kind, name if isinstance(column.unit, int) else column.unit))
                sheet.write_formula(row, place, _total(table, place, name, first, last), style, float(value))
        return head

    def _write_rows(self, sheet, columns, rows, first):
        writers = [self._writer(sheet, column) for column in columns]
        for number, row in enumerate(rows, first):
            for place, value in enumerate(row):
                if value is not None and value is not False and value != "":
                    writers[place](number, place, value, row)

    def _writer(self, sheet, column):
        """How the cells of a column are written: worked out once, called for each of its rows."""
        if column.kind == "text":
            style, write = self._format(), sheet.write_string
            return lambda number, place, value, _row: write(number, place, str(value)[:LONGEST], style)
        if column.kind in self.dates:
            style, write = self._format(num_format=self.dates[column.kind], align="left"), sheet.write_datetime
            return lambda number, place, value, _row: write(number, place, value, style)
        write, unit = sheet.write_number, column.unit
        styles = {name: self._format(num_format=self._number_format(column.kind, name)) for name in (None, *self.currencies)}

        def write_number(number, place, value, row):
            style = styles[row[unit] if isinstance(unit, int) else unit]
            if isinstance(value, Formula):
                sheet.write_formula(number, place, value.text.format(row=number + 1, before=number), style, float(value.value))
            else:
                write(number, place, value, style)
        return write_number

    # ------------------------------------------------------------------ what it shows

    def add_parameters(self, name: str, facts: list[tuple[str, Any]], headings: tuple[str, str], meanings: list[tuple[str, str]]):
        """The sheet that says what the tables show: facts as label and value, then the meaning of each column."""
        sheet = self.book.add_worksheet(self._sheet_name(name))
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 1, 100)
        top, wrap = self._format(bold=True, valign="top"), self._format(text_wrap=True, valign="top", align="left")
        sheet.write_string(0, 0, name, self._format(bold=True, font_size=14))
        row = 2
        for label, value in facts:
            sheet.write_string(row, 0, label, top)
            self._write_fact(sheet, row, value, wrap)
            row += 1
        for place, text in enumerate(headings):
            sheet.write_string(row + 1, place, text, self._format(bold=True, bottom=1))
        for row, (label, text) in enumerate(meanings, row + 2):  # noqa: B020
            sheet.write_string(row, 0, label, top)
            if text:
                sheet.write_string(row, 1, text[:LONGEST], wrap)

    def _write_fact(self, sheet, row, value, wrap):
        if hasattr(value, "year"):
            kind = "moment" if hasattr(value, "hour") else "date"
            sheet.write_datetime(row, 1, value, self._format(num_format=self.dates[kind], align="left"))
        elif isinstance(value, int):
            sheet.write_number(row, 1, value, self._format(num_format="#,##0", align="left"))
        else:
            sheet.write_string(row, 1, str(value)[:LONGEST], wrap)

    # ------------------------------------------------------------------ looks

    def _set_print(self, sheet, head):
        """On paper: landscape, as wide as the page, the header on each of them."""
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(head)
        sheet.set_footer("&R&P / &N")

    def _format(self, **look):
        key = tuple(sorted((name, value) for name, value in look.items() if value is not None))
        if key not in self.formats:
            self.formats[key] = self.book.add_format(dict(key))
        return self.formats[key]

    def _number_format(self, kind, name):
        if kind == "amount":
            return money_format(self.currencies[name]) if name in self.currencies else PLAIN["number"]
        return PLAIN[kind]

    def _sheet_name(self, name):
        """A name that a workbook takes: short, without marks, and not twice."""
        plain = name.translate(FORBIDDEN).strip("' ")[:31] or "1"
        number = 1
        while plain.casefold() in self.sheets:
            number += 1
            plain = f"{plain[:27]} {number}"
        self.sheets.add(plain.casefold())
        return plain


def csv_text(value: Any) -> str:
    """A text for a CSV file: on one line, and never one that begins like a formula (R-85)."""
    text = " ".join(str(value or "").split())
    return defused(text)


def money_format(money: Money) -> str:
    """The number format of a currency; the program that opens the file puts its own separators."""
    number = "#,##0" + ("." + "0" * money.decimals if money.decimals else "")
    symbol = '"%s"' % money.symbol.replace('"', "")
    return f"{symbol}\\ {number}" if money.before else f"{number}\\ {symbol}"


def _date_code(date_format):
    """A reader's date format, as Python writes it, in the words of a workbook."""
    for part, shown in DATE_PARTS.items():
        date_format = date_format.replace(part, shown)
    return "yyyy-mm-dd" if "%" in date_format else date_format


def _total(table, place, name, first, last):
    """The formula of a total: of the rows that the filter shows; with several currencies, of all rows of one."""
    cells = xl_range_abs(first, place, last, place)
    if len(table.totals) == 1 or table.by is None:
        return f"=SUBTOTAL(109,{cells})"
    names = xl_range_abs(first, table.by, last, table.by)
    return f'=SUMIFS({cells},{names},"{name}")'


def column_name(place: int) -> str:
    """The letter of a column, for formulas."""
    return xl_col_to_name(place)
