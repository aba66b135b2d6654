"""The columns of a list of limits: what they are called, and what the guide says about them."""
from typing import NamedTuple

from odoo.exceptions import UserError
from odoo.tools.translate import LazyGettext, LazyTranslate

from ..models.credit_limit_sheet import NO_RESULT

_lt = LazyTranslate(__name__)


class Column(NamedTuple):
    """A column, known by its label in the user's language and in English, and by technical names."""

    label: LazyGettext
    width: int
    kind: str
    names: tuple[str, ...]
    help: LazyGettext


COLUMNS = {
    "id": Column(_lt("Customer ID"), 12, "number", ("id", "partner_id", "partner_id/.id"), _lt(
        "The number of the customer in this database. Nothing identifies a customer better; leave it as it is.")),
    "ref": Column(_lt("Internal reference"), 18, "text", ("ref", "reference"), _lt(
        "The customer's reference in this database.")),
    "vat": Column(_lt("Tax ID"), 18, "text", ("vat", "vat number"), _lt("The customer's tax number.")),
    "customer": Column(_lt("Customer"), 34, "text", ("customer", "name", "partner", "profile_id"), _lt(
        "The exact name; the reference, the tax number or the ID are understood too. One of the first four columns is enough; "
        "what is filled in must belong to the same customer.")),
    "kind": Column(_lt("Kind"), 18, "text", ("kind",), _lt("Empty: the base limit.")),
    "meaning": Column(_lt("Credit"), 18, "text", ("meaning",), _lt(
        "Empty: an amount. Prepayment only gives no credit at all; no limit gives any amount, and takes back a temporary, insured or "
        "group amount.")),
    "amount": Column(_lt("Amount"), 14, "amount", ("amount", "limit", "credit_limit"), _lt(
        "In the currency of the company. 0 means prepayment only.")),
    "cap": Column(_lt("Ceiling"), 14, "amount", ("cap", "approved ceiling"), _lt(
        "The base limit never grows beyond it by itself. Empty: stays as it is. 0: none.")),
    "date_from": Column(_lt("From"), 12, "date", ("date_from",), _lt("First day. Empty: today.")),
    "date_to": Column(_lt("Until and including"), 12, "date", ("date_to", "until"), _lt(
        "Last day. Empty: until further notice. A temporary amount needs it.")),
    "reason": Column(_lt("Reason"), 40, "text", ("reason",), _lt(
        "Stands in the journal of limits. Empty: the reason given with the import. At most 250 characters.")),
}
CUSTOMER = ("id", "ref", "vat", "customer")
LIMIT = ("meaning", "amount", "cap", "date_from", "date_to")


def label(env, name):
    return env._(COLUMNS[name].label)


def find_columns(env, sheet, cells):
    """Where each column stands {name: place}, and the headers nobody knows; raises when the list cannot be understood."""
    known, places, unknown = _known_headers(env), {}, []
    for place, header in enumerate(sheet.headers):
        text = cells.text(header)
        name = known.get(_plain(text))
        if name in places:
            raise UserError(env._("The sheet “%(sheet)s” has two columns “%(column)s”. Keep one.", sheet=sheet.title, column=text[:40]))
        if name:
            places[name] = place
        elif text or header is NO_RESULT:
            unknown.append(text[:40] or "?")
    _require(env, sheet, places, unknown)
    return places, unknown


def _known_headers(env):
    """Header → column; the user's language wins over English, and English over technical names."""
    found = {}
    for translate in (None, lambda column: column.label._source, lambda column: env._(column.label)):
        for name, column in COLUMNS.items():
            words = column.names if translate is None else (translate(column),)
            found.update({_plain(word): name for word in words})
    return found


def _plain(text):
    return " ".join(text.casefold().replace("*", " ").replace("_", " ").split()).rstrip(": ")


def _require(env, sheet, places, unknown):
    missing = None
    if not any(name in places for name in CUSTOMER):
        missing = label(env, "customer")
    elif "amount" not in places and "meaning" not in places:
        missing = label(env, "amount")
    if missing:
        raise UserError(env._(
            "The sheet “%(sheet)s” has no column “%(column)s” in its first line. It has: %(found)s. Use the template, or rename the header.",
            sheet=sheet.title, column=missing, found=", ".join([label(env, name) for name in places] + unknown[:20])))
