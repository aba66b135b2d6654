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
    "promised": _lt("Promised to pay"),
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
    # what became of a promise
    "promise_open": _lt("Nothing has come in yet"),
    "promise_open_part": _lt("%(paid)s has come in, %(missing)s is missing"),
    "promise_kept": _lt("%(paid)s came in, the last on %(on)s"),
    "promise_partly": _lt("%(paid)s came in until %(until)s, %(missing)s was missing"),
    "promise_broken": _lt("Nothing came in until %(until)s"),
    "promise_withdrawn": _lt("Nothing was left to pay"),
    # what a credit limit rests on
    "limit_no_limit": _lt("No limit was decided"),
    "limit_default": _lt("The company's limit for all customers"),
    "limit_base": _lt("Base limit until %(until)s"),
    "limit_base_open": _lt("Base limit"),
    "limit_temporary": _lt("Temporary limit until %(until)s"),
    "limit_group": _lt("Limit of the group"),
    "limit_expired": _lt("The limit ended on %(until)s"),
    # why a customer stays on the ladder, moves on it, and what is missing to rise
    "ladder_top": _lt("On the highest stage under the approved ceiling"),
    "ladder_bottom": _lt("On the lowest stage, and not keeping to it: a person should decide"),
    "ladder_cooling_down": _lt("Nothing moves before %(until)s, after the last fall"),
    "ladder_missing": _lt("To rise, this is missing:"),
    "ladder_rise": _lt("Rises to the next stage"),
    "ladder_rose": _lt("Rose to “%(stage)s”: everything the stage asks for was met"),
    "ladder_fell_late": _lt("Fell to “%(stage)s”: an invoice was %(days)s days late, more than %(most)s"),
    "ladder_fell_broken": _lt("Fell to “%(stage)s”: %(count)s promises were broken"),
    "ladder_gap_on_time": _lt("%(have)s of the last invoices paid in time, %(need)s are needed"),
    "ladder_gap_turnover": _lt("%(have)s paid on this stage, %(need)s are needed"),
    "ladder_gap_use": _lt("Used up to %(have)s, %(need)s are needed"),
    "ladder_gap_average": _lt("%(have)s days late on average, at most %(need)s are allowed"),
    "ladder_gap_quiet": _lt("%(have)s days since the last broken promise, %(need)s are needed"),
    "ladder_gap_days": _lt("%(have)s days on this stage, %(need)s are needed"),
    # why an order or invoice waits; the plain ones tell nothing of the receivables
    "hold_over_limit": _lt("Over the limit by %(over)s (limit %(limit)s, used %(used)s)"),
    "hold_nearly": _lt("The limit is nearly used up: %(used)s of %(limit)s"),
    "hold_prepay": _lt("The customer pays in advance: %(over)s would be on credit"),
    "hold_overdue": _lt("%(amount)s is overdue, the oldest %(document)s for %(days)s days"),
    "hold_overdue_one": _lt("%(amount)s is overdue, the oldest %(document)s for 1 day"),
    "hold_expired": _lt("The credit limit ended on %(on)s"),
    "hold_level": _lt("%(document)s reached the follow-up level “%(level)s”"),
    "hold_broken_promises": _lt("Broken promises to pay within %(days)s days: %(count)s"),
    "hold_broken_promises_none": _lt("Broken promises to pay: %(count)s"),
    "hold_stopped": _lt("The customer is served no more: %(why)s"),
    "hold_plain_over_limit": _lt("The customer's credit limit would be exceeded"),
    "hold_plain_nearly": _lt("The customer's credit limit would nearly be used up"),
    "hold_plain_prepay": _lt("The customer pays in advance"),
    "hold_plain_overdue": _lt("The customer has overdue invoices"),
    "hold_plain_expired": _lt("The customer's credit limit has to be reviewed"),
    "hold_plain_level": _lt("The customer has not answered our reminders"),
    "hold_plain_broken_promises": _lt("The customer did not pay as agreed"),
    "hold_plain_stopped": _lt("The customer is served no more"),
    "way_pay": _lt("Payment of %(items)s releases it"),
    "way_deposit": _lt("A deposit of %(amount)s (%(share)s %%) releases it"),
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
