"""Writes the workbook that people fill in to import limits: real numbers and dates, text as text, no formula (R-85)."""
import io
from typing import Any, NamedTuple

import xlsxwriter

from .credit_limit_sheet import MAX_ROWS

OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
DATE_PARTS = {"%d": "dd", "%m": "mm", "%Y": "yyyy", "%y": "yy", "%b": "mmm", "%B": "mmmm", "%a": "ddd", "%A": "dddd", "%-d": "d", "%-m": "m"}
LIST_LENGTH = 255  # what a list of choices may be long in a workbook


class Heading(NamedTuple):
    """A column: its header, how wide it is, what it is for, and the words to choose from."""

    label: str
    width: int
    help: str
    kind: str = "text"  # text, number, amount, date
    choices: tuple[str, ...] = ()


class Texts(NamedTuple):
    """The words around the columns, in the reader's language."""

    sheet: str
    guide: str
    lines: tuple[str, ...]
    date_format: str  # as Python writes it


def write(headings: list[Heading], rows: list[list[Any]], texts: Texts) -> bytes:
    """The workbook: a sheet to fill in, and one that explains its columns."""
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, OPTIONS) as book:
        styles = _styles(book, texts.date_format)
        _write_list(book.add_worksheet(texts.sheet[:31]), headings, rows, styles)
        _write_guide(book.add_worksheet(texts.guide[:31]), headings, texts, styles)
    return output.getvalue()


def _styles(book, date_format):
    for part, shown in DATE_PARTS.items():
        date_format = date_format.replace(part, shown)
    return {
        "head": book.add_format({"bold": True, "bottom": 1, "bg_color": "#E7E9ED", "text_wrap": True, "valign": "top"}),
        "text": book.add_format({"num_format": "@"}),  # so that a reference keeps its leading zeros
        "number": book.add_format({"num_format": "0"}),
        "amount": book.add_format({"num_format": "#,##0.00"}),
        "date": book.add_format({"num_format": "yyyy-mm-dd" if "%" in date_format else date_format}),
        "title": book.add_format({"bold": True, "font_size": 14}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        "name": book.add_format({"bold": True, "valign": "top"}),
    }


def _write_list(sheet, headings, rows, styles):
    for place, heading in enumerate(headings):
        sheet.set_column(place, place, heading.width, styles[heading.kind])
        sheet.write_string(0, place, heading.label, styles["head"])
        if heading.choices and len(",".join(heading.choices)) <= LIST_LENGTH:
            sheet.data_validation(1, place, MAX_ROWS, place, {"validate": "list", "source": list(heading.choices), "error_type": "warning"})
    for number, row in enumerate(rows, 1):
        for place, value in enumerate(row):
            _write_cell(sheet, number, place, value, styles[headings[place].kind], headings[place].kind)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(1, len(rows)), len(headings) - 1)


def _write_cell(sheet, number, place, value, style, kind):
    if value in (None, False, ""):
        return
    if kind == "date":
        sheet.write_datetime(number, place, value, style)
    elif kind == "text":
        sheet.write_string(number, place, str(value), style)
    else:
        sheet.write_number(number, place, value, style)


def _write_guide(sheet, headings, texts, styles):
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 90)
    sheet.write_string(0, 0, texts.guide, styles["title"])
    place = 2
    for line in texts.lines:
        sheet.merge_range(place, 0, place, 1, "")
        sheet.write_string(place, 0, line, styles["wrap"])
        sheet.set_row(place, 15 * (1 + len(line) // 105))
        place += 1
    for heading in headings:
        place += 1
        words = " ".join(filter(None, (heading.help, " · ".join(heading.choices))))
        sheet.write_string(place, 0, heading.label, styles["name"])
        sheet.write_string(place, 1, words, styles["wrap"])
        sheet.set_row(place, 15 * (1 + len(words) // 85))
