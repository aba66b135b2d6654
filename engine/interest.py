"""Simple interest on what was open of an item day by day (F-8, R-42, R-43).

Amounts are in the currency of the item, rates in percent a year. The day after the due date is the first that bears
interest, the day of payment the last: what is set off on a day counts from the next one on. Periods are half-open.
Nothing is rounded but a document line; what depends on the law is an argument.
"""
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from .daycount import CLIFF, TOLERANCE, Grace, Span, chargeable_days, clip, days, share, subtract
from .money import quantize
from .promise import Entry
from .rate import AT_DEFAULT, AT_PAYMENT, DAILY, DAY, SPLIT, ZERO, Terms, is_outdated, rate_on, used

# what came of it
ACCRUED, NOT_LATE, IN_GRACE, WAITING, PAID_IN_TIME, STOPPED, CHARGED_BEFORE, NOTHING_OPEN, NO_RATE = (
    "accrued", "not_late", "in_grace", "waiting", "paid_in_time", "stopped", "charged_before", "nothing_open", "no_rate")
OUTDATED, PROVISIONAL = "rate_outdated", "rate_provisional"  # warnings


class Stop(NamedTuple):
    """Days that cost nothing, both included, of ``amount`` or of all: a dispute at our fault, a plan. Open without ``last``."""

    first: date
    last: date | None = None
    amount: Decimal | None = None


class Item(NamedTuple):
    """What was due, what was set off against it since (negative when a payment bounced), and when the clock stood still.

    ``since``: the first day that may bear interest, where the law wants a notice first. ``exempt``: the reason code of an
    item that bears none, such as a charge. A credit note that holds from the beginning is dated on the due date.
    ``most``: what it can bear at most, where only a part of it is looked at.
    """

    due: date
    amount: Decimal
    entries: tuple[Entry, ...] = ()
    stops: tuple[Stop, ...] = ()
    since: date | None = None
    exempt: str | None = None
    most: Decimal | None = None


class Segment(NamedTuple):
    """A period with one ``balance`` and one ``rate``; ``amount`` is exact.

    ``opening`` and ``closing``: what all the days with them had come to at its start and at its end.
    """

    start: date
    end: date
    days: int
    balance: Decimal
    rate: Decimal
    amount: Decimal
    opening: Decimal
    closing: Decimal

    def line(self, quantum: Decimal) -> Decimal:
        """The amount of the document line. Charged in several runs, a segment comes to the same as in one (R-43)."""
        return quantize(self.closing, quantum) - quantize(self.opening, quantum)


class Accrual(NamedTuple):
    """Segments in their order, or the code why there are none; ``missing`` is a day for which no rate is known."""

    segments: tuple[Segment, ...] = ()
    code: str = ACCRUED
    missing: date | None = None
    warnings: tuple[str, ...] = ()


def first_day(item: Item, grace: Grace) -> date:
    """The first day that may bear interest."""
    start = item.due + DAY * (1 + (grace.days if grace.kind == TOLERANCE else 0))
    return max(start, item.since or start)


def not_yet(item: Item, grace: Grace, until: date, charged: Iterable[Span]) -> str | None:
    """Why nothing can be charged of the days before ``until``, whatever is open."""
    late, first = (until - item.due).days - 1, first_day(item, grace)
    if item.exempt or late <= 0:
        return item.exempt or NOT_LATE
    if not chargeable_days(late, grace):
        return IN_GRACE
    if first >= until:
        return WAITING
    return None if subtract(Span(first, until), charged) else CHARGED_BEFORE


def bearing(item: Item, day: date, grace: Grace) -> Decimal:
    """What bears interest on a day: the balance at its beginning without what is stopped."""
    stopped = [stop.amount for stop in item.stops if stop.first <= day and (stop.last is None or day <= stop.last)]
    bears = ZERO if None in stopped else max(ZERO, balance(item, day, grace) - sum(stopped, ZERO))
    return bears if item.most is None else min(bears, item.most)


def days_late(item: Item, grace: Grace, until: date) -> int:
    """Days late that count, up to the day before ``until``, of an item that is owed late and not in dispute; else 0."""
    first = first_day(item, grace)
    if item.exempt or first >= until or not bearing(item, first, grace):
        return 0
    if any(stop.last is None and (stop.amount is None or stop.amount >= balance(item, until - DAY, grace) > 0) for stop in item.stops):
        return 0
    return chargeable_days((until - item.due).days - 1, grace)


def ever_late(item: Item, grace: Grace, until: date) -> bool:
    """Whether any day late before ``until`` bore something, by what is known now."""
    first = first_day(item, grace)
    if item.exempt or first >= until or not chargeable_days((until - item.due).days - 1, grace):
        return False
    return any(bearing(item, day, grace) for day in _cuts(item, grace, first, until)[:-1])


def balance(item: Item, day: date, grace: Grace) -> Decimal:
    """What is open at the beginning of a day; what was paid in the grace of a cliff was paid in time."""
    return item.amount - sum((entry.amount for entry in item.entries if _counts_on(item, entry, grace) < day), ZERO)


def accrue(item: Item, terms: Terms, until: date, charged: Iterable[Span] = ()) -> Accrual:
    """What the days before ``until`` cost that were not ``charged`` before, nor waived."""
    charged = tuple(charged)
    code = not_yet(item, terms.grace, until, charged)
    if code:
        return Accrual(code=code)
    windows = subtract(Span(first_day(item, terms.grace), until), charged)
    accrual = _over(item, terms, until, windows)
    return accrual if accrual.segments or accrual.code != ACCRUED else accrual._replace(code=why_nothing(item, terms.grace, windows))


def why_nothing(item: Item, grace: Grace, windows: Iterable[Span]) -> str:
    """Why the days of ``windows`` cost nothing."""
    if balance(item, item.due + DAY, grace) <= 0:
        return PAID_IN_TIME
    return STOPPED if any(balance(item, window.start, grace) > 0 for window in windows) else NOTHING_OPEN


def correction(item: Item, terms: Terms, charged: Iterable[Span], posted: Decimal, quantum: Decimal,
               cap: Decimal | None = None) -> Decimal | None:
    """What days charged cost by what is known now, less what was ``posted`` for them; None when a rate is missing.

    Negative: propose a credit, as after a payment entered late or a credit note that holds from the beginning (R-43).
    """
    windows = sorted(charged)
    if item.exempt or not windows:
        return -posted
    accrual = _over(item, terms, max(window.end for window in windows), windows)
    if accrual.code == NO_RATE:
        return None
    cost = sum((segment.line(quantum) for segment in accrual.segments), ZERO)
    return (cost if cap is None else min(cost, cap)) - posted


def _counts_on(item, entry, grace):
    in_time = grace.kind == CLIFF and entry.on <= item.due + DAY * grace.days
    return min(entry.on, item.due) if in_time else entry.on


def _over(item, terms, until, windows):
    """The segments in ``windows``. All days are looked at, so that a segment knows where its balance and rate began."""
    runs, asked, final = [], None, True
    for start, end, base, on, known in _stretches(item, terms, until):
        rate = rate_on(terms, on)
        if clip(Span(start, end), windows):
            if rate is None:
                return Accrual((), NO_RATE, on)
            asked, final = max(on, asked or on), final and known
        if runs and runs[-1][1:] == (start, base, rate):
            start = runs.pop()[0]
        runs.append((start, end, base, rate))
    segments = tuple(_segment(terms.basis, run, part) for run in runs if run[3] is not None
                     for part in clip(Span(*run[:2]), windows))
    outdated = asked and any(is_outdated(series, asked) for series in used(terms))
    return Accrual(segments, warnings=(OUTDATED,) * bool(outdated) + (PROVISIONAL,) * (not final))


def _stretches(item, terms, until):
    """Periods in which nothing changes: (start, end, what bears interest, the day whose rate counts, whether that is final)."""
    first = first_day(item, terms.grace)
    changes = _changes(terms, first, until) if terms.mode == SPLIT else set()
    cuts = _cuts(item, terms.grace, first, until, changes)
    for start, end in zip(cuts, cuts[1:]):
        base = bearing(item, start, terms.grace)
        if base:
            yield start, end, base, *_rate_day(item, terms, start, first, until)


def _cuts(item, grace, first, until, more=frozenset()):
    """The days from ``first`` to ``until``, with both, on which what bears interest may change; ``more`` of them."""
    cuts = {first, until} | {_counts_on(item, entry, grace) + DAY for entry in item.entries}
    cuts |= {stop.first for stop in item.stops} | {stop.last + DAY for stop in item.stops if stop.last}
    return sorted(cut for cut in cuts | more if first <= cut <= until)


def _changes(terms, first, until):
    """The days from ``first`` to ``until`` on which the rate may change."""
    found = set()
    for series in used(terms):
        if series.taken == DAILY:
            found |= {quote.since for quote in series.quotes}
        else:
            found |= {date(year, month, 1) for year in range(first.year, until.year + 1) for month in (1, 7)}
    return found


def _rate_day(item, terms, start, first, until):
    if terms.mode != AT_PAYMENT:
        return (first if terms.mode == AT_DEFAULT else start), True
    paid = min((entry.on for entry in item.entries if entry.money and entry.amount > 0 and entry.on >= start), default=None)
    return paid or until - DAY, paid is not None


def _segment(basis, run, part):
    begin, _end, base, rate = run
    amount = _simple(base, rate, share(*part, basis))
    opening, closing = ZERO, amount
    if part.start > begin:
        opening, closing = (_simple(base, rate, share(begin, day, basis)) for day in part)
    return Segment(part.start, part.end, days(*part, basis), base, rate, amount, opening, closing)


def _simple(base, rate, part):
    """Exact but for the last of 28 digits: one division, at the end."""
    return base * rate * part.numerator / (100 * part.denominator)
