"""What a customer takes over of the limits of another one, with which it was merged or of which it became a part.

All rules are about journals of ``Grant``, oldest decision first.
"""
from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from .limit import BASE, TEMPORARY, Grant, last_word


class Merger(NamedTuple):
    """What to do when one journal joins another, so that nothing changes for who goes on.

    ``ends``: the temporary amount to take back today, or None. ``again``: the lines to
    write once more, because a line that joined would count in their place. ``takes_base``:
    there was no base before, so that of the other one counts from now on.
    """

    ends: Grant | None
    again: tuple[Grant, ...]
    takes_base: bool


def merge(own: Iterable[Grant], joined: Iterable[Grant], today: date) -> Merger:
    """What the journal of a customer needs after ``joined``, that of another one, has become a part of it."""
    own, joined = tuple(own), tuple(joined)
    has_base = any(grant.kind == BASE for grant in own)
    foreign = [grant for grant in joined if grant.kind == TEMPORARY and _is_alive(grant, today)]
    return Merger(foreign[-1] if has_base and foreign else None, tuple(_displaced(own, joined, today)), not has_base)


def inherited(journal: Iterable[Grant], today: date) -> tuple[Grant, ...]:
    """The base limits of a customer that its new parent takes over: those that count from today on, else the last word."""
    base = [grant for grant in journal if grant.kind == BASE]
    return tuple(_counting(base, today) or last_word(base, today).values())


def _displaced(own, joined, today):
    """The lines of ``own`` that count now or later, and would not after those of ``joined`` are among them; oldest first."""
    found = []
    for kind in {grant.kind for grant in own}:
        mine, theirs = ([grant for grant in grants if grant.kind == kind] for grants in (own, joined))
        kept = _counting(mine, today)
        # a base that has run out still speaks
        rivals = [grant for grant in theirs if kind == BASE or _is_alive(grant, today)]
        taken_back = kind == TEMPORARY and rivals  # by a line that is newer than all
        if kept and (taken_back or any(_age(grant) > _age(kept[0]) for grant in rivals)):
            found += kept
        elif not kept and kind == BASE and not any(_is_alive(grant, today) for grant in rivals):
            found += _silenced(mine, theirs, today)
    return sorted(found, key=_age)


def _silenced(mine, theirs, today):
    """Of bases that have all run out: the last word of ``mine``, unless it is that of both together."""
    word = last_word(mine, today)[BASE]
    both = last_word(sorted(mine + theirs, key=_age), today)[BASE]
    return [] if both in mine else [word]


def _counting(grants, today):
    """Of grants of one kind, oldest first: those that count on some day from ``today`` on."""
    alive = [grant for grant in grants if _is_alive(grant, today)]
    return [grant for place, grant in enumerate(alive) if not any(_hides(later, grant, today) for later in alive[place + 1:])]


def _hides(later, grant, today):
    """Whether a newer grant counts on every day that is left of ``grant``."""
    begins = max(grant.start or today, today)
    return (later.start is None or later.start <= begins) and (later.end is None or grant.end is not None and grant.end <= later.end)


def _is_alive(grant, today):
    return grant.end is None or grant.end >= today


def _age(grant):
    """Who was decided later speaks later; of decisions of one moment the line written later."""
    return grant.decided or datetime.min, grant.id
