"""The one table that turns reason codes of the engine into sentences for people."""
from datetime import date

from odoo.tools.misc import format_date
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

SENTENCES = {
    # why a customer is contacted
    "contact_one": _lt("%(document)s is 1 day past due"),
    "contact_before_one": _lt("%(document)s is due tomorrow"),
    "contact": _lt("%(document)s is %(days)s days past due"),
    "contact_before": _lt("%(document)s is due in %(days)s days"),
    "contact_today": _lt("%(document)s is due today"),
    # why a customer is not contacted
    "nothing_open": _lt("Nothing is open"),
    "nothing_due": _lt("No item has reached its next level"),
    "no_policy": _lt("No follow-up policy applies"),
    "no_level": _lt("The policy has no level"),
    "archived": _lt("The customer is archived; contact by hand"),
    "excluded": _lt("The customer is excluded from follow-up"),
    "paused": _lt("Paused until %(until)s"),
    "quarantined": _lt("Stopped after repeated errors; see the activity"),
    "in_flight": _lt("An earlier message is still on its way"),
    "too_soon_none": _lt("Contacted today; %(gap)s days must lie between two contacts"),
    "too_soon_one": _lt("Contacted yesterday; %(gap)s days must lie between two contacts"),
    "too_soon": _lt("Contacted %(days)s days ago; %(gap)s days must lie between two contacts"),
    "cap_reached": _lt("Already %(count)s contacts within %(days)s days"),
    "quiet_day": _lt("Today is a day off"),
    "covered_by_credit": _lt("Credits and payments on account cover what is due"),
    "below_minimum": _lt("The amount is below the minimum"),
    "unreachable": _lt("No usable address for the channels of the level"),
    "in_transit": _lt("A payment is in transit"),
    "disputed": _lt("Under dispute"),
    "no_followup": _lt("Excluded from follow-up on the invoice"),
    "blocked": _lt("Payment of the invoice is blocked"),
    "promise": _lt("Promise until %(until)s"),
    "plan": _lt("In an active payment plan"),
    # why a planned contact was not sent
    "needs_approval": _lt("Waits for approval"),
    "bank_stale": _lt("Bank data is %(age)s days old; waits for approval"),
    "settled": _lt("Paid meanwhile"),
    "now_overdue": _lt("Became overdue before the reminder went out"),
    "locked": _lt("The customer's items were being changed; tried again later"),
    "not_done": _lt("Not done within %(days)s days"),
    "by_user": _lt("Stopped by %(user)s"),
    "skipped": _lt("Level skipped by %(user)s"),
    "merged": _lt("The customer was merged with another one"),
    "no_template": _lt("Level “%(level)s” has no text for the channel %(channel)s"),
    "template_error": _lt("The text “%(template)s” cannot be rendered: %(error)s"),
    "attachment_damaged": _lt("An attachment is damaged"),
    "delivery_error": _lt("Delivery failed: %(error)s"),
    "bounced": _lt("The message came back"),
    "bad_address": _lt("The address was refused: %(error)s"),
    "unknown_outcome": _lt("The connection broke while sending; it may or may not have arrived"),
    "key_conflict": _lt("The same contact was recorded with another content"),
    "error": _lt("Stopped by an error: %(error)s"),
}


# Several customers under one reason: without the details of each.
HEADINGS = {
    "paused": _lt("Paused"),
    "too_soon": _lt("Contacted too recently"),
    "cap_reached": _lt("Contacted often enough"),
    "promise": _lt("Promised to pay"),
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
