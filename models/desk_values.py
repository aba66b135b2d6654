"""What comes from a screen may be anything: here it becomes a value that can be kept, or none."""
import math
from datetime import date

from odoo import fields

MOST, MOST_ID = 1e15, 2 ** 31
OLDEST = 1900  # before that some days do not exist, or those reckoned from them
NOTE_SIZE, LINE_SIZE = 2000, 128


def number_of(value):
    """A finite number, None for anything else."""
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if math.isfinite(found) and abs(found) < MOST else None


def id_of(value):
    """The id of a record; 0, which no record has, for anything else."""
    found = None if isinstance(value, bool) else number_of(value)
    return int(found) if found and 0 < found < MOST_ID else 0


def ids_of(values):
    return {found for value in (values if isinstance(values, (list, tuple)) else ()) if (found := id_of(value))}


def text_of(value, most=NOTE_SIZE):
    """A text that the database can keep: without NUL and halves of characters; empty for anything else."""
    text = value if isinstance(value, str) else ""
    return text.replace("\0", "").encode("utf-8", "ignore").decode().strip()[:most].rstrip()


def line_of(value, most=LINE_SIZE):
    """A text of one line, as a name or an address is."""
    return " ".join(text_of(value, most).split())


def day_of(value):
    """A day, None for anything else; which days make sense is for the caller to say."""
    try:
        day = fields.Date.to_date(value if isinstance(value, date) else text_of(value, 10))
    except ValueError:
        return None
    return day if day and day.year >= OLDEST else None


def plain_values(values):
    """What a form sent, with texts that the database can keep; nothing when it is no form."""
    return {name: text_of(value) if isinstance(value, str) else value for name, value in values.items()} if isinstance(values, dict) else {}
