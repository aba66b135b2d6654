"""Limits that grow with good behaviour and shrink with bad (F-4)."""
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from .money import quantize

RISE, FALL, STAY = "rise", "fall", "stay"
# why nothing moves
TOP, BOTTOM, COOLING, MISSING = "top", "bottom", "cooling_down", "missing"


class Stage(NamedTuple):
    """A step and what it takes to leave it upwards.

    Of the last ``window`` invoices at least ``on_time`` are paid at most ``tolerance``
    days late; since the stage began ``turnover`` times its amount was paid, and its use
    once reached ``use`` (0.5 = half); the weighted average is at most ``average`` days
    late; nothing was broken for ``quiet`` days; the stage lasted ``days``. A condition
    of 0 (``average``: None) asks for nothing.
    """

    id: int
    amount: Decimal
    window: int = 0
    on_time: int = 0
    tolerance: int = 0
    turnover: Decimal = Decimal(0)
    use: Decimal = Decimal(0)
    average: Decimal | None = None
    quiet: int = 0
    days: int = 0


class Ladder(NamedTuple):
    """Stages, lowest first, and what makes fall: an invoice more than ``fall_days`` late, or ``fall_broken``
    broken promises (0 = never); after a fall nothing moves for ``cool_down`` days."""

    stages: tuple[Stage, ...]
    fall_days: int = 0
    fall_broken: int = 0
    cool_down: int = 0
    to_first: bool = False


class Conduct(NamedTuple):
    """What a customer did. ``stage`` is the position on the ladder, ``since`` its first day.

    ``late`` holds the days late of settled invoices, newest first (early and on time = 0);
    ``paid`` and ``peak`` the value paid and the highest balance since then, company
    currency; ``worst`` the most days late since then; ``broken`` promises since then.
    """

    stage: int
    since: date
    late: tuple[int, ...] = ()
    paid: Decimal = Decimal(0)
    peak: Decimal = Decimal(0)
    average: Decimal | None = None
    worst: int = 0
    broken: int = 0
    last_broken: date | None = None
    fell_on: date | None = None


class Gap(NamedTuple):
    """A condition not met yet: what there is, and what it takes."""

    code: str
    have: Decimal | int
    need: Decimal | int


class Move(NamedTuple):
    """Where a customer goes on the ladder, why, and what is missing to rise."""

    direction: str
    stage: int
    reason: str
    missing: tuple[Gap, ...] = ()
    detail: dict = {}


def amounts(first: Decimal, growth: Decimal, cap: Decimal, quantum: Decimal = Decimal("0.01")) -> list[Decimal]:
    """The limits of a ladder: ``min(cap, first × growth^s)`` until the cap is reached (F-4).

    Steps that a coarse ``quantum`` makes equal, nothing or more than the cap are left out.
    """
    if first <= 0 or growth <= 1:
        raise ValueError("a ladder starts above zero and grows")
    found, step = [], first
    while step < cap:
        amount = quantize(step, quantum)
        if (found[-1] if found else 0) < amount < cap:
            found.append(amount)
        step *= growth
    return [*found, cap]


def granted(stage: Stage, cap: Decimal | None) -> Decimal:
    """The limit of a stage, never above the approved cap."""
    return stage.amount if cap is None else min(stage.amount, cap)


def after(move: Move, stage: Stage, cap: Decimal | None, base: Decimal) -> Decimal:
    """The limit after a move to ``stage``; who falls never gets more than the ``base`` so far."""
    return min(granted(stage, cap), base) if move.direction == FALL else granted(stage, cap)


def start(ladder: Ladder, amount: Decimal) -> int:
    """The position of the highest stage that ``amount`` pays for, the first at least."""
    fitting = [position for position, stage in enumerate(ladder.stages) if stage.amount <= amount]
    return fitting[-1] if fitting else 0


def evaluate(ladder: Ladder, conduct: Conduct, cap: Decimal | None, today: date) -> Move:
    """One step up, one down, or none; falling comes first."""
    here = conduct.stage
    cooled = conduct.fell_on + timedelta(days=ladder.cool_down) if conduct.fell_on else None
    cooling = cooled is not None and today < cooled
    why = _fall_reason(ladder, conduct)
    if why and not cooling:
        if not here:
            return Move(STAY, here, BOTTOM, detail=why)
        return Move(FALL, 0 if ladder.to_first else here - 1, why["code"], detail=why)
    stage = ladder.stages[here]
    last = here + 1 == len(ladder.stages)
    if last or granted(ladder.stages[here + 1], cap) <= granted(stage, cap):
        return Move(STAY, here, TOP)
    missing = _missing(stage, conduct, granted(stage, cap), today)
    if cooling:
        return Move(STAY, here, COOLING, missing, {"until": cooled})
    return Move(STAY, here, MISSING, missing) if missing else Move(RISE, here + 1, RISE)


def _fall_reason(ladder, conduct):
    if ladder.fall_days and conduct.worst > ladder.fall_days:
        return {"code": "fell_late", "days": conduct.worst, "most": ladder.fall_days}
    if ladder.fall_broken and conduct.broken >= ladder.fall_broken:
        return {"code": "fell_broken", "count": conduct.broken, "most": ladder.fall_broken}
    return None


def _missing(stage, conduct, limit, today):
    """The conditions not met, in the order in which a person would read them."""
    window = conduct.late[:stage.window]
    punctual = sum(days <= stage.tolerance for days in window)
    found = [
        Gap("on_time", punctual, stage.on_time) if punctual < stage.on_time else None,
        Gap("turnover", conduct.paid, stage.turnover * limit) if conduct.paid < stage.turnover * limit else None,
        Gap("use", conduct.peak, stage.use * limit) if conduct.peak < stage.use * limit else None,
        Gap("average", conduct.average, stage.average)
        if None not in (stage.average, conduct.average) and conduct.average > stage.average else None,
        _still_wait("quiet", conduct.last_broken, stage.quiet, today),
        _still_wait("days", conduct.since, stage.days, today),
    ]
    return tuple(gap for gap in found if gap)


def _still_wait(code, since, days, today):
    passed = (today - since).days if since else days
    return Gap(code, passed, days) if passed < days else None
