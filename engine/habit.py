"""Learning a customer's pay runs from the days on which it paid.

Every rhythm that a payables department may have is a hypothesis. It is judged by how unlikely its hits
would be if the customer paid on any day: the exact binomial tail, corrected for the number of hypotheses,
with an equal part of the chance for each kind of rhythm.
"""
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from itertools import combinations
from math import comb
from typing import NamedTuple

from .payrun import DAY, FORTNIGHTLY, LAST, MONTHLY, NTH, WEEKLY, Rhythm, next_run
from .workday import Calendar

WINDOWS = (365, 182)   # days looked back: the year, else its second half, for a habit that is new
LEAST = 6              # payment days that make a habit
COVERAGE = 0.75        # the share of payments on a run or the working day beside it
EXACT = 0.5            # the share of payments on the very day of a run
CHANCE = 1e-4          # at most, that a customer without a habit seems to have one
RECENT = 8             # of the last payments, half must keep to it: a habit may end
SILENT = 120           # days without a payment after which a habit is not claimed
BALANCE = 0.25         # the least share of the hits for either of two days a month
KINDS = ((MONTHLY, 1), (NTH, 0), (MONTHLY, 2), (FORTNIGHTLY, 0), (WEEKLY, 0))  # with the number of days, the tightest first


class Finding(NamedTuple):
    """A habit: ``hits`` of so many payment days lie on its runs or the working day beside them."""

    rhythm: Rhythm
    hits: int
    of: int


class Hypothesis(NamedTuple):
    """A rhythm with its runs in the window, the days ``near`` them, and the ``share`` of payments on them by chance.

    More hits than ``chance`` allows make it significant. ``parts`` are the runs of either of two days a month.
    """

    rhythm: Rhythm
    runs: frozenset[date]
    near: frozenset[date]
    share: float
    chance: float
    parts: tuple[frozenset[date], ...] = ()


def learn(payment_days: Iterable[date], today: date, calendar: Calendar) -> Finding | None:
    """The tightest habit that the payments up to ``today`` show, or None."""
    booked = {calendar.next_working_day(day) for day in payment_days if day <= today}
    for window in WINDOWS:
        paid = frozenset(day for day in booked if day > today - timedelta(days=window))
        if len(paid) >= LEAST and max(paid) >= today - timedelta(days=SILENT):
            found = _tightest(paid, _hypotheses(today, window, calendar))
            if found:
                return found
    return None


def _tightest(paid, hypotheses):
    """The significant hypothesis that leaves least to chance; among equal ones that with most hits."""
    recent = frozenset(sorted(paid)[-RECENT:])
    found = [one for one in hypotheses if _covers(one, paid, recent)
             and tail(len(paid & one.runs), len(paid), one.share) <= one.chance]
    if not found:
        return None
    best = min(found, key=lambda one: (_kind(one.rhythm), -len(paid & one.runs), -len(paid & one.near), one.rhythm))
    return Finding(best.rhythm, len(paid & best.near), len(paid))


def _kind(rhythm):
    """From the tightest to the loosest."""
    return KINDS.index((rhythm.kind, len(rhythm.days)))


def _covers(one, paid, recent):
    exact = len(paid & one.runs)
    return (exact >= EXACT * len(paid) and len(paid & one.near) >= COVERAGE * len(paid)
            and len(recent & one.runs) * 2 >= len(recent)
            and all(len(paid & part) >= BALANCE * exact for part in one.parts))


def tail(hits: int, count: int, share: float) -> float:
    """The probability of at least ``hits`` of ``count`` when each hits with the probability ``share``."""
    return sum(comb(count, k) * share ** k * (1 - share) ** (count - k) for k in range(hits, count + 1))


# ------------------------------------------------------------------ hypotheses

@lru_cache(maxsize=64)
def _hypotheses(today, window, calendar):
    """All rhythms with their runs in the window, the same for every customer of a calendar."""
    days = [today - timedelta(days=back) for back in range(window)]
    working = sorted(day for day in days if calendar.is_working(day))
    booked = [calendar.next_working_day(day) for day in days]
    single = {rhythm: _runs(rhythm, working, calendar) for rhythm in _rhythms(today, calendar.weekend)}
    pairs = {Rhythm(MONTHLY, days=one.days + other.days): (single[one], single[other])
             for one, other in combinations([rhythm for rhythm in single if rhythm.kind == MONTHLY], 2)}
    sets = {rhythm: (runs,) for rhythm, runs in single.items()} | pairs
    count = Counter(map(_kind, sets))
    return tuple(_hypothesis(rhythm, parts, working, booked, CHANCE / len(WINDOWS) / len(KINDS) / count[_kind(rhythm)])
                 for rhythm, parts in sets.items())


def _hypothesis(rhythm, parts, working, booked, chance):
    """The share by chance is that of the working days, or of all days booked on the next working day, if that is more."""
    runs = frozenset().union(*parts)
    near = {day for before, day, after in zip([None, *working], working, [*working[1:], None])
            if not runs.isdisjoint((before, day, after))}
    share = max(len(runs) / len(working), sum(day in runs for day in booked) / len(booked))
    return Hypothesis(rhythm, runs, frozenset(near), share, chance, parts if len(parts) > 1 else ())


def _runs(rhythm, working, calendar):
    runs, day = set(), working[0]
    while (run := next_run(rhythm, day, calendar)) <= working[-1]:
        runs.add(run)
        day = run + DAY
    return frozenset(runs)


def _rhythms(today, weekend):
    """Every rhythm but two days a month."""
    for back in range(14):
        day = today - timedelta(days=back)
        if day.isoweekday() not in weekend:
            yield Rhythm(FORTNIGHTLY, day.isoweekday(), day)
    for weekday in {*range(1, 8)} - weekend:
        yield Rhythm(WEEKLY, weekday)
        yield from (Rhythm(NTH, weekday, nth=nth) for nth in (1, 2, 3, 4, LAST))
    yield from (Rhythm(MONTHLY, days=(number,)) for number in (*range(1, 31), LAST))
