"""The one table that turns reason codes of the engine into sentences for people."""
from datetime import date

from odoo.tools.misc import format_date
from odoo.tools.translate import LazyTranslate

from .collection_reason_contact import CONTACT
from .collection_reason_credit import CREDIT
from .collection_reason_desk import DESK
from .collection_reason_health import HEALTH
from .collection_reason_money import MONEY
from .collection_reason_people import PEOPLE

_lt = LazyTranslate(__name__)

# Each code stands once; the files are by topic.
SENTENCES = {**CONTACT, **CREDIT, **MONEY, **PEOPLE, **DESK, **HEALTH}


# Several customers under one reason: without the details of each.
HEADINGS = {
    "paused": _lt("Paused"),
    "too_soon": _lt("Contacted too recently"),
    "cap_reached": _lt("Contacted often enough"),
    "promise": _lt("Promised to pay"),
    "plan_offered": _lt("A payment plan is offered"),
    "not_done": _lt("Not done in time"),
    "error": _lt("Stopped by an error"),
}
SMALL_NUMBERS = {0: "_none", 1: "_one"}


def heading(env, code):
    """What unites the customers that have the same reason, in the reader's language."""
    return env._(HEADINGS[code]) if code in HEADINGS else describe(env, code)


def describe(env, code, detail=None):
    """Return the sentence for ``code`` in the reader's language; dates in ``detail`` are ISO texts.

    A code without a sentence is shown as it is; missing details never raise.
    """
    if not code:
        return ""
    detail = {key: _localize(env, value) for key, value in (detail or {}).items()}
    sentence = SENTENCES.get(code + SMALL_NUMBERS.get(detail.get("days"), ""), SENTENCES.get(code))
    if sentence is None:
        return code
    text = env._(sentence)
    try:
        return text % detail
    except (KeyError, ValueError, TypeError):
        return text


def jsonable(detail):
    """Make the engine's detail storable: dates as ISO texts, tuples as lists."""
    return {
        key: value.isoformat() if isinstance(value, date) else list(value) if isinstance(value, tuple) else value
        for key, value in detail.items() if value is not None
    }


def _localize(env, value):
    if isinstance(value, str) and len(value) == 10 and value[4:5] == "-" and value[7:8] == "-":
        try:
            return format_date(env, date.fromisoformat(value))
        except ValueError:
            return value
    return value


def clock(hours):
    """“9:30” of 9.5, as clocks are read everywhere."""
    minutes = round((hours or 0) * 60)
    return f"{minutes // 60}:{minutes % 60:02d}"
