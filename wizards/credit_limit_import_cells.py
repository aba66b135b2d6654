"""What people write into the cells of a list of limits, as values; each problem is a sentence for its line."""
import math
import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal

from odoo.tools import format_date
from odoo.tools.misc import get_lang

from ..engine.money import exact
from ..models.credit_field_rules import is_formula
from ..models.credit_limit import KINDS, MEANINGS
from ..models.credit_limit_sheet import NO_RESULT, is_error

MAX_TEXT = 250
MAX_AMOUNT = Decimal(10) ** 12
BIDI = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
YEARS = range(1990, 2200)
SPACE = " "


class Cells:
    """Reads cells in the user's language, in English, or as they are stored; ISO dates and plain numbers always."""

    def __init__(self, env, currency):
        self.env, self.currency, self.lang = env, currency, get_lang(env)
        self.kinds = self._choices("kind", KINDS)
        self.meanings = self._choices("meaning", MEANINGS)
        self.step = Decimal(1).scaleb(-currency.decimal_places)

    def _choices(self, name, options):
        """Words of a choice → what it stands for; the user's own words win."""
        labels = self.env["credit.limit"]._fields[name]._description_selection(self.env)
        return {label.casefold(): code for words in (((code, code) for code, _label in options), options, labels) for code, label in words}

    def labels(self, name):
        return [label for _code, label in self.env["credit.limit"]._fields[name]._description_selection(self.env)]

    # ------------------------------------------------------------------ text

    def text(self, value):
        """A cell as one line of text."""
        if value is None or value is NO_RESULT:
            return ""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return SPACE.join(str(value).split())

    def words(self, value, column, problems):
        """Text that will be stored and exported again: no formula may ever come of it (R-85)."""
        text = self.sound(value, column, problems)
        if is_formula(text):
            problems.append(self.env._("%(column)s: a text must not begin with %(sign)s.", column=column, sign=text[0]))
        return text

    def sound(self, value, column, problems):
        """Text that is looked up: not too long, nothing invisible in it, no failed calculation."""
        text = self.text(value)
        if self._has_failed(value):
            problems.append(self._no_result(column))
            return ""
        if len(text) > MAX_TEXT:
            problems.append(self.env._("%(column)s: longer than %(most)s characters.", column=column, most=MAX_TEXT))
            return text[:MAX_TEXT]
        if any(sign in BIDI or unicodedata.category(sign) in ("Cc", "Cs") for sign in text):
            problems.append(self.env._("%(column)s: there are invisible characters in the text.", column=column))
        return text

    def _is_given(self, value, column, problems):
        """Whether there is something to read in a cell; what a formula could not find is a problem."""
        if self._has_failed(value):
            problems.append(self._no_result(column))
            return False
        return value is not None

    def _has_failed(self, value):
        return value is NO_RESULT or is_error(self.text(value))

    def _no_result(self, column):
        return self.env._("%(column)s: the formula has no result. Replace it by its value.", column=column)

    def choice(self, value, options, column, problems):
        text = self.sound(value, column, problems)
        code = options.get(text.casefold())
        if text and code is None:
            name = "kind" if options is self.kinds else "meaning"
            problems.append(self.env._("%(column)s: “%(text)s” is not known. Choose one of: %(words)s.", column=column, text=text[:40],
                                       words=", ".join(self.labels(name))))
        return code

    # ------------------------------------------------------------------ amounts

    def amount(self, value, column, problems):
        """A positive amount in company currency, exact; None for an empty cell."""
        if not self._is_given(value, column, problems):
            return None
        text = self.text(value)
        number = self._number(value, text)
        problem = self._wrong_amount(number, text)
        if problem:
            problems.append(f"{column}: {problem}")
            return None
        return number

    def _number(self, value, text):
        if isinstance(value, bool):
            return None
        if isinstance(value, (int, float)):
            # a sheet calculates in floats: what is beyond the sixth decimal is their noise
            return exact(round(value, 6)) if math.isfinite(value) else None
        return self._number_in(text) if isinstance(value, str) else None

    def _number_in(self, text):
        """A number as the reader writes it, else as computers do; None when it is none."""
        text = self._without_currency(text)
        mark, decimal = self.lang.thousands_sep or "", re.escape(self.lang.decimal_point)
        marks = re.escape("".join({*mark.replace("\xa0", SPACE).replace("\u202f", SPACE), *("'’" if mark in ("'", "’") else ""), SPACE}))
        group = 2 if "2" in (self.lang.grouping or "") else 3  # in front of the last three digits, as in India
        if re.fullmatch(rf"[+-]?(\d+|\d{{1,{group}}}([{marks}])(\d{{{group}}}\2)*\d{{3}})({decimal}\d+)?", text):
            return Decimal(re.sub(rf"[{marks}]", "", text).replace(self.lang.decimal_point, "."))
        return Decimal(text) if re.fullmatch(r"[+-]?\d+(\.\d+)?", text) else None

    def _without_currency(self, text):
        for sign in (self.currency.name, self.currency.symbol):
            if sign and text.casefold().startswith(sign.casefold()):
                return text[len(sign):].strip()
            if sign and text.casefold().endswith(sign.casefold()):
                return text[:-len(sign)].strip()
        return text

    def _wrong_amount(self, number, text):
        if number is None:
            return self.env._("“%(text)s” is not an amount in %(currency)s.", text=text[:40], currency=self.currency.name)
        if number < 0:
            return self.env._("an amount must not be negative.")
        if number >= MAX_AMOUNT:
            return self.env._("the amount is too large.")
        if number % self.step:
            return self.env._("%(currency)s has %(places)s decimals at most.", currency=self.currency.name, places=self.currency.decimal_places)
        return None

    # ------------------------------------------------------------------ dates

    def day(self, value, column, problems):
        if not self._is_given(value, column, problems):
            return None
        text = self.text(value)
        found = value.date() if isinstance(value, datetime) else value if isinstance(value, date) else self._day_in(value, text)
        if found is None or found.year not in YEARS:
            example = format_date(self.env, date(date.today().year, 12, 31))  # nosemgrep: day-of-the-server - an example
            problems.append(self.env._("%(column)s: “%(text)s” is not a date. Write it like %(example)s.", column=column, text=text[:40],
                                       example=example))
            return None
        return found

    def _day_in(self, value, text):
        if not isinstance(value, str):
            return None
        text = re.sub(r"[T ]00:00(:00(\.0+)?)?$", "", text)
        for form in (self.lang.date_format, self.lang.date_format.replace("%Y", "%y"), "%Y-%m-%d"):
            try:
                return datetime.strptime(text, form).date()
            except ValueError:
                continue
        return None
