"""What may stand in a field of a public form (R-75, R-83, R-85): plain rules, from posted text to values or to a reason.

A form is a list of rules; what is not in the list is refused as a whole. Nothing here touches the database.
"""
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

MAX_AMOUNT = Decimal(10) ** 12
JOINERS = "\u200c\u200d"  # needed to write Persian and Indic languages
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")  # wide ones too: some programs read them as the narrow ones
PATTERNS = {
    "email": re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+'-]*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"),
    "phone": re.compile(r"\+?[0-9(][0-9 ()/.-]{4,29}"),
    "vat": re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./-]{3,19}"),
    "zip": re.compile(r"[A-Za-z0-9][A-Za-z0-9 -]{1,11}"),
    "website": re.compile(r"(https?://)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:[0-9]{1,5})?(/[A-Za-z0-9._~/%?=&+-]*)?"),
}
SENTENCES = {
    "required": _lt("Please fill this in."),
    "consent": _lt("Please tick this to go on."),
    "length": _lt("Please write at most %(length)s characters."),
    "markup": _lt("Please leave out the signs < and >."),
    "character": _lt("Please leave out invisible characters and line breaks."),
    "choice": _lt("Please choose one of the answers."),
    "email": _lt("This is not an e-mail address we can write to, like name@company.com."),
    "phone": _lt("Please write a telephone number with digits, blanks and a leading +."),
    "vat": _lt("A VAT number has 4 to 20 letters and digits."),
    "zip": _lt("A postcode has 2 to 12 letters and digits."),
    "website": _lt("Please write the address of a website, like www.company.com."),
    "year": _lt("Please write a year between 1600 and this year."),
    "date": _lt("Please write the date as year-month-day, like 2024-12-31."),
    "past": _lt("This date lies in the future."),
    "number": _lt("Please write a number, like 25."),
    "amount": _lt("Please write an amount like %(example)s."),
    "positive": _lt("Please write an amount above zero."),
    "large": _lt("This amount is too large."),
    "email_needed": _lt("Please add an e-mail address, so that we can ask them."),
    "name_needed": _lt("Please say who this is."),
    "none_named": _lt("Please name one, or tick that you cannot."),
    "file_needed": _lt("Please upload this document."),
    "file_type": _lt("We take PDF, JPEG and PNG files only."),
    "file_content": _lt("This file is not what its name says. Please save it as PDF, JPEG or PNG and try again."),
    "file_damaged": _lt("This file cannot be read. Please save it anew and try again."),
    "file_empty": _lt("Please choose a file that is not empty."),
    "file_size": _lt("A file may have 10 MB at most."),
    "file_pixels": _lt("This picture has too many pixels (40 million at most)."),
    "file_count": _lt("Five files at most; remove one first."),
    "file_total": _lt("All files together may have 25 MB at most."),
    "file_full": _lt("We cannot take files at the moment. Please try again tomorrow."),
    "file_again": _lt("You have sent this file already."),
    "contract_changed": _lt("The contract was changed after this page was opened. Please read it again, then sign."),
    "too_fast": _lt("That was very fast. Please look over your answers and send them again."),
}


@dataclass(frozen=True)
class Rule:
    """What one field takes."""

    name: str
    kind: str = "text"  # text, lines, email, phone, vat, zip, website, year, date, number, amount, choice, tick
    required: bool = False
    length: int = 120
    choices: frozenset = frozenset()  # what may be posted, as text
    past: bool = False  # a date that must have come
    positive: bool = False  # an amount above zero
    decimals: int = 2  # of an amount: those of its currency


@dataclass(frozen=True)
class Reader:
    """How the one who fills the form in writes numbers, and which day it is there."""

    today: date
    point: str = "."
    group: str = ","


class UnknownFieldError(ValueError):
    """A form was posted with something that no page of ours asks for."""


def sentence(env, code, **values):
    """The reason in words."""
    words = env._(SENTENCES[code])  # what is lazy takes no values
    return words % values


def clean(rules, posted, reader):
    """``(values, errors)`` of a form: what each field says as a value, and ``{name: (code, details)}`` of what is wrong.

    ``posted`` is ``{name: [texts]}``. Raises UnknownFieldError for a name without a rule, and for a name posted twice.
    """
    known = {rule.name: rule for rule in rules}
    if set(posted) - set(known) or any(len(texts) != 1 for texts in posted.values()):
        raise UnknownFieldError
    values, errors = {}, {}
    for name, rule in known.items():
        value, problem = _judge(rule, posted.get(name, [""])[0], reader)
        if problem:
            errors[name] = problem
        else:
            values[name] = value
    return values, errors


def _judge(rule, text, reader):
    problem = _unfit(rule, text)
    if problem:
        return None, problem
    text = unicodedata.normalize("NFC", text).strip()
    if not text:
        code = "consent" if rule.kind == "tick" else "choice" if rule.kind == "choice" else "required"
        return False, (code, {}) if rule.required else None
    return _READERS.get(rule.kind, _pattern)(rule, text, reader)


def _unfit(rule, text):
    """What is wrong with the letters themselves, whatever the field is about."""
    if len(text) > rule.length:
        return "length", {"length": rule.length}
    if "<" in text or ">" in text:
        return "markup", {}
    allowed = JOINERS + ("\r\n" if rule.kind == "lines" else "")
    if any(unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") and letter not in allowed for letter in text):
        return "character", {}
    return ("character", {}) if "\ufffd" in text else None


def _text(_rule, text, _reader):
    """Free text; what a spreadsheet would take for a formula gets an apostrophe in front (R-85)."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return defused(text), None


def plain(text, length):
    """What a machine says of itself, as one line: nothing invisible in it, and no formula."""
    text = " ".join("".join(letter for letter in text or "" if unicodedata.category(letter)[0] != "C").split())
    return defused(text)[:length]


def is_formula(text):
    """Whether a spreadsheet would take a text for a formula (R-85)."""
    return text.startswith(FORMULA)


def defused(text):
    """The same text, as no formula."""
    return f"'{text}" if is_formula(text) else text


def _pattern(rule, text, _reader):
    if not PATTERNS[rule.kind].fullmatch(text):
        return None, (rule.kind, {})
    if rule.kind == "website" and "://" not in text:
        text = f"https://{text}"
    return text, None


def _choice(rule, text, _reader):
    return (text, None) if text in rule.choices else (None, ("choice", {}))


def _tick(_rule, text, _reader):
    return (True, None) if text in ("1", "on") else (None, ("choice", {}))


def _year(_rule, text, reader):
    good = re.fullmatch(r"[0-9]{4}", text) and 1600 <= int(text) <= reader.today.year
    return (int(text), None) if good else (None, ("year", {}))


def _number(_rule, text, reader):
    value = parse_amount(text, reader)
    return (value, None) if value is not None and value < MAX_AMOUNT else (None, ("number", {}))


def _date(rule, text, reader):
    try:
        value = date.fromisoformat(text) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        value = None
    if value is None or value.year < 1900:
        return None, ("date", {})
    return (None, ("past", {})) if rule.past and value > reader.today else (value, None)


def _amount(rule, text, reader):
    """An amount as the reader writes it, or as plain digits with a point; never a guess between the two."""
    plain = parse_amount(text, reader, rule.decimals)
    if plain is None:
        return None, ("amount", {"example": f"1{reader.group}500" + (f"{reader.point}5".ljust(rule.decimals + 1, "0") if rule.decimals else "")})
    if plain >= MAX_AMOUNT:
        return None, ("large", {})
    if rule.positive and not plain:
        return None, ("positive", {})
    return plain, None


def parse_amount(text, reader, decimals=2):
    """A Decimal of zero or more with so many ``decimals`` at most, or None."""
    text = re.sub(r"[\s\u00a0\u202f]", "", text.replace("’", "'"))
    group, point = reader.group.replace("’", "'").strip(), re.escape(reader.point)
    marks = "|".join({re.escape(mark) for mark in (group, "'") if mark and mark != reader.point})
    cents = rf"(?P<cents>[0-9]{{1,{decimals}}})" if decimals else "(?P<cents>(?!))"
    # groups of two are Indian; the last one always has three
    local = re.fullmatch(rf"(?P<whole>[0-9]{{1,3}}(?:(?:{marks})[0-9]{{2,3}})*(?:{marks})[0-9]{{3}}|[0-9]{{1,15}})(?:{point}{cents})?", text)
    if local:
        return _decimal(re.sub(r"[^0-9]", "", local["whole"]), local["cents"])
    plain = re.fullmatch(rf"(?P<whole>[0-9]{{1,15}})(?:\.{cents})?", text)
    return _decimal(plain["whole"], plain["cents"]) if plain else None


def _decimal(whole, cents):
    try:
        return Decimal(f"{whole}.{cents or 0}")
    except InvalidOperation:
        return None


_READERS = {"text": _text, "lines": _text, "choice": _choice, "tick": _tick, "year": _year, "number": _number,
            "date": _date, "amount": _amount}
