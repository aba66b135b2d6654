"""Reads an uploaded workbook as plain rows, judged by what it holds and not by what it is called (R-77, R-79, R-85). No database."""
import io
import re
import warnings
import zipfile
from typing import Any, NamedTuple
from xml.parsers import expat

import openpyxl
from openpyxl.utils.cell import coordinate_to_tuple

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

MEGABYTE = 1024 * 1024
MAX_FILE = 5 * MEGABYTE
MAX_UNPACKED = 50 * MEGABYTE
MAX_PARTS = 500
MAX_ELEMENTS = 2_500_000  # of XML: 20,000 rows of 50 cells and their values are two million
MAX_ROWS = 20_000
MAX_COLUMNS = 50
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384  # of any sheet

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = 0x1
UTF16 = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")
NO_RESULT = object()  # a formula whose result the file does not hold

PROBLEMS = {
    "empty": _lt("The file is empty."),
    "size": _lt("The file is larger than %(most)s MB. Split it."),
    "old_excel": _lt("This is a workbook of the old kind (XLS). Save it as “Excel Workbook (.xlsx)”."),
    "binary_excel": _lt("This is a binary workbook (XLSB). Save it as “Excel Workbook (.xlsx)”."),
    "open_document": _lt("This is an OpenDocument file. Save it as “Excel Workbook (.xlsx)”."),
    "encrypted": _lt("The workbook is protected by a password. Save it without one."),
    "macros": _lt("The workbook holds macros. Save it as “Excel Workbook (.xlsx)”, which has none."),
    "no_workbook": _lt("This is no Excel workbook, whatever its name says. Save the list as “Excel Workbook (.xlsx)”."),
    "bomb": _lt("Unpacked, the workbook is far too large. Keep only the list in it."),
    "damaged": _lt("The workbook is damaged and cannot be read. Open it in a spreadsheet program and save it again."),
    "no_sheet": _lt("The workbook has no visible sheet."),
    "no_rows": _lt("The sheet “%(sheet)s” has no line below its headers."),
    "rows": _lt("The sheet “%(sheet)s” has more than %(most)s lines. Split it."),
    "columns": _lt("The sheet “%(sheet)s” has more than %(most)s columns. Keep only those of the template."),
}


class SheetError(ValueError):
    """A file we do not take; ``code`` is one of ``PROBLEMS``."""

    def __init__(self, code, **values):
        super().__init__(code)
        self.code, self.values = code, values

    def sentence(self, env):
        words = env._(PROBLEMS[self.code])  # what is lazy takes no values
        return words % self.values


class Sheet(NamedTuple):
    """The first visible sheet: its headers, and the lines that hold something, with their numbers."""

    title: str
    headers: list[Any]
    rows: list[tuple[int, list[Any]]]


def read(raw):
    """The rows of a workbook; raises SheetError."""
    try:
        with _open(raw) as archive:
            unanswered = {part: _look_through(archive, part) for part in archive.namelist()}
        return _read_rows(raw, unanswered)
    except SheetError:
        raise
    except Exception as error:  # parsers fail in more ways than they tell
        raise SheetError("damaged") from error


# ---------------------------------------------------------------------- what the file is

def _open(raw):
    """The archive, if it may be unpacked at all; its directory tells, before anything is."""
    if not raw:
        raise SheetError("empty")
    if len(raw) > MAX_FILE:
        raise SheetError("size", most=MAX_FILE // MEGABYTE)
    if raw.startswith(OLE):
        raise SheetError("encrypted" if "EncryptedPackage".encode("utf-16-le") in raw else "old_excel")
    if not raw.startswith(ZIP):
        raise SheetError("no_workbook")
    archive = zipfile.ZipFile(io.BytesIO(raw))
    _judge_parts(archive.infolist())
    _judge_kind(archive)
    return archive


def _judge_parts(parts):
    names = [part.filename for part in parts]
    if any(part.flag_bits & ENCRYPTED for part in parts):
        raise SheetError("encrypted")
    # A part never gives more than the directory says: the reader stops there and then finds the checksum wrong.
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise SheetError("bomb")
    if len(set(names)) < len(names):
        raise SheetError("damaged")


def _judge_kind(archive):
    names = archive.namelist()
    if "mimetype" in names and b"opendocument" in archive.read("mimetype"):
        raise SheetError("open_document")
    if "[Content_Types].xml" not in names:
        raise SheetError("no_workbook")
    types = archive.read("[Content_Types].xml")
    if b"sheet.binary" in types:
        raise SheetError("binary_excel")
    if b"macroEnabled" in types or b"vbaProject" in types or any("vbaproject" in name.lower() for name in names):
        raise SheetError("macros")
    if b"spreadsheetml" not in types:
        raise SheetError("no_workbook")


def _look_through(archive, part):
    """Refuse XML that would make its reader work for ever; returns the cells with a formula and no result."""
    data = archive.read(part)
    if data.startswith(UTF16):
        raise SheetError("damaged")  # no program writes it, and what it says would not be seen here
    if not data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        return set()
    look = _Look()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = look.doctype
    parser.StartElementHandler = look.element
    parser.Parse(data, True)
    look.end_cell()
    return look.unanswered


class _Look:
    """Counts what an XML part is made of, while it goes by."""

    def __init__(self):
        self.elements = self.cells = 0
        self.cell, self.formula, self.result = None, False, False
        self.unanswered = set()

    def doctype(self, *_args):
        raise SheetError("damaged")  # a workbook has none; entities that multiply need one

    def element(self, name, attributes):
        self.elements += 1
        if self.elements > MAX_ELEMENTS:
            raise SheetError("bomb")
        tag = name[name.rfind(" ") + 1:]
        if tag == "c":
            self.end_cell()
            self._begin_cell(attributes.get("r"))
        elif tag == "row":
            self.cells = 0
            if int(attributes.get("r", 1)) > LAST_ROW:
                raise SheetError("damaged")
        elif tag == "f":
            self.formula = True
        elif tag in ("v", "is"):
            self.result = True

    def _begin_cell(self, coordinate):
        self.cell, self.formula, self.result = coordinate, False, False
        self.cells += 1
        if self.cells > LAST_COLUMN:
            raise SheetError("damaged")

    def end_cell(self):
        if self.cell and self.formula and not self.result:
            self.unanswered.add(coordinate_to_tuple(self.cell))


# ---------------------------------------------------------------------- its rows

def _read_rows(raw, unanswered):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of features we do not read
        book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False)
        sheet = next((one for one in book.worksheets if one.sheet_state == "visible"), None)
        if sheet is None:
            raise SheetError("no_sheet")
        sheet.reset_dimensions()  # what the sheet says of its size may be wrong
        (_line, headers), *rows = _filled(sheet, unanswered.get(sheet._worksheet_path, ())) or [(0, [])]
    if len(headers) > MAX_COLUMNS:
        raise SheetError("columns", sheet=sheet.title, most=MAX_COLUMNS)
    if not rows:
        raise SheetError("no_rows", sheet=sheet.title)
    return Sheet(sheet.title, headers, rows)


def _filled(sheet, unanswered):
    """The rows that hold something, at most as many as we take."""
    found, lines = [], {line for line, _place in unanswered}
    for number, values in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS + 1, values_only=True), 1):
        if values.count(None) == len(values) and number not in lines:
            continue  # quickly: a million empty rows may stand before the last one
        values = [None if isinstance(value, str) and not value.strip() else value for value in values]
        for place in range(len(values)):
            if (number, place + 1) in unanswered:
                values[place] = NO_RESULT
        while values and values[-1] is None:
            values.pop()
        if values:
            found.append((number, values))
        if len(found) > MAX_ROWS + 1:
            raise SheetError("rows", sheet=sheet.title, most=MAX_ROWS)
    return found


def is_error(text):
    """Whether a cell shows what a spreadsheet program writes when it cannot calculate."""
    return bool(re.fullmatch(r"#(REF!|VALUE!|N/A|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!)", text))
