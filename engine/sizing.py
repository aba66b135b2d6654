"""What segments are made of: the size of customers among all of them, and the grade of a payer (F-19)."""
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

ZERO = Decimal(0)
A, B, C = "a", "b", "c"


class SizeRule(NamedTuple):
    """The largest customers that bring ``a`` percent of billing are A, those up to ``b`` percent B.

    ``tolerance``, points of the cumulative share, is how far beyond a boundary a known class survives.
    """

    a: Decimal = Decimal(80)
    b: Decimal = Decimal(95)
    tolerance: Decimal = Decimal(2)


DEFAULT_SIZES = SizeRule()


def sizes(billing: Mapping[int, Decimal], rule: SizeRule = DEFAULT_SIZES, known: Mapping[int, str] | None = None) -> dict[int, str]:
    """The class of each customer by its billing; who was billed nothing is C.

    A customer stands where the larger ones together end: the one that crosses a boundary is still in the better
    class, so that a single large customer is an A. Equal amounts stand at the same place.
    """
    total = sum((amount for amount in billing.values() if amount > 0), ZERO)
    found, above, place, last = {}, ZERO, ZERO, None
    for key, amount in sorted(billing.items(), key=lambda pair: -pair[1]):
        if amount <= 0:
            found[key] = C
            continue
        if amount != last:
            place, last = 100 * above / total, amount
        found[key] = _size(place, rule, (known or {}).get(key))
        above += amount
    return found


def _size(place, rule, known):
    """The class at ``place`` percent; a known one must be left by more than the tolerance."""
    label = _class(place, rule.a, rule.b)
    if known not in (A, B, C) or label == known:
        return label
    shift = rule.tolerance if label > known else -rule.tolerance
    shifted = _class(place, rule.a + shift, rule.b + shift)
    return shifted if (shifted > known) == (label > known) else known


def _class(place, a, b):
    return A if place < a else B if place < b else C


class GradeRule(NamedTuple):
    """The most that is still grade 1, 2, 3 and 4; more is 5."""

    days: tuple = (Decimal(1), Decimal(7), Decimal(15), Decimal(30))
    late: tuple = (Decimal(5), Decimal(20), Decimal(40), Decimal(60))
    broken: tuple = (Decimal(0), Decimal(10), Decimal(25), Decimal(50))
    silent: tuple = (Decimal(30), Decimal(45), Decimal(60), Decimal(90))


DEFAULT_GRADES = GradeRule()


class Figures(NamedTuple):
    """How a customer pays; None is not known.

    ``days`` late on average by amount, ``late`` the percent of the value paid or due that was late, ``broken`` the percent
    of judged promises that were not kept, ``silent`` the days since its last payment while something is overdue: who owes
    nothing has nothing to pay.
    """

    days: Decimal | None = None
    late: Decimal | None = None
    broken: Decimal | None = None
    silent: int | None = None


def grade(figures: Figures, rule: GradeRule = DEFAULT_GRADES) -> int:
    """1, the best payer, to 5: the average of the grades of what is known, half a grade counts as the worse; 0 = unknown.

    A broken promise or silence alone grades nobody: there has to be something paid or due.
    """
    if figures.days is None and figures.late is None:
        return 0
    parts = [sum(value > most for most in bounds) + 1 for value, bounds in zip(figures, rule) if value is not None]
    return int((Decimal(sum(parts)) / len(parts)).quantize(Decimal(1), rounding=ROUND_HALF_UP))
