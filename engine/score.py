"""F-2: a score of 0 to 100 from weighted factors, and the class it falls in.

S = 100 × Σ weight × points ÷ Σ weight over the factors that are known; what is missing
is left out and shown as coverage. Points come from contiguous bands: a band reaches
from its low to the next one's, the lowest has no low.
"""
from collections.abc import Hashable, Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

NO_BANDS, NOT_OPEN, OVERLAP, POINTS, WEIGHT = "no_bands", "not_open", "overlap", "points", "weight"
BAND, CHOICE, MISSING = "band", "choice", "missing"
TENTH = Decimal("0.1")


class Band(NamedTuple):
    """``low`` inclusive, None for the lowest; a band with a ``choice`` is worth its points for that answer only."""

    low: Decimal | None
    points: Decimal
    choice: Hashable = None


class Factor(NamedTuple):
    key: Hashable
    weight: Decimal
    bands: tuple[Band, ...]


class Line(NamedTuple):
    """What a factor gave: ``contribution`` in points of the score; ``reason`` band, choice or missing."""

    key: Hashable
    value: object
    weight: Decimal
    points: Decimal | None
    contribution: Decimal
    reason: str
    low: Decimal | None = None
    high: Decimal | None = None


class Result(NamedTuple):
    """``score`` 0 to 100 or None when nothing is known; ``coverage`` in percent of all weights."""

    score: Decimal | None
    coverage: Decimal
    lines: tuple[Line, ...]


class Class(NamedTuple):
    """Scores from ``low`` to the next class's low."""

    key: Hashable
    low: Decimal


class FactorError(ValueError):
    """A factor that cannot be scored; ``code`` says why."""

    def __init__(self, factor: Factor, code: str):
        super().__init__(f"factor {factor.key}: {code}")
        self.factor, self.code = factor, code


def problem(factor: Factor) -> str | None:
    """Why a factor cannot be scored, or None."""
    if factor.weight <= 0:
        return WEIGHT
    if not factor.bands:
        return NO_BANDS
    if any(not 0 <= band.points <= 1 for band in factor.bands):
        return POINTS
    starts = [band.choice if band.choice is not None else ("low", band.low) for band in factor.bands]
    if len(set(starts)) < len(starts):
        return OVERLAP
    ranges = [band for band in factor.bands if band.choice is None]
    return NOT_OPEN if ranges and all(band.low is not None for band in ranges) else None


def score(values: Mapping, factors: Iterable[Factor]) -> Result:
    """Judge ``values`` ({factor key: number, choice or None}); raises FactorError for a factor that is not sound."""
    factors = list(factors)
    for factor in factors:
        code = problem(factor)
        if code:
            raise FactorError(factor, code)
    found = [_look_up(factor, values.get(factor.key)) for factor in factors]
    total = sum((factor.weight for factor in factors), Decimal(0))
    known = sum((line.weight for line in found if line.points is not None), Decimal(0))
    if not known:
        return Result(None, Decimal(0), tuple(found))
    lines = tuple(line if line.points is None else line._replace(
        contribution=_round(100 * line.weight * line.points / known)) for line in found)
    exact = 100 * sum((line.weight * line.points for line in found if line.points is not None), Decimal(0)) / known
    return Result(_round(exact), _round(100 * known / total), lines)


def _look_up(factor, value):
    ranges = sorted((band for band in factor.bands if band.choice is None), key=_start)
    if value is None:
        return Line(factor.key, None, factor.weight, None, Decimal(0), MISSING)
    for band in factor.bands:
        if band.choice is not None and band.choice == value:
            return Line(factor.key, value, factor.weight, band.points, Decimal(0), CHOICE)
    reached = [place for place, band in enumerate(ranges) if band.low is None or isinstance(value, Decimal) and value >= band.low]
    if not reached or not isinstance(value, Decimal):  # a choice no band knows
        return Line(factor.key, value, factor.weight, None, Decimal(0), MISSING)
    place = reached[-1]
    high = ranges[place + 1].low if place + 1 < len(ranges) else None
    return Line(factor.key, value, factor.weight, ranges[place].points, Decimal(0), BAND, ranges[place].low, high)


def classify(score: Decimal | None, classes: Iterable[Class], known: Hashable = None, tolerance: Decimal = Decimal(0)):
    """The key of the class ``score`` falls in, or None.

    A ``known`` class is kept until the score leaves it by the ``tolerance``: [60, 80) with 3 is kept from 57 to below 83.
    """
    ordered = sorted(classes, key=lambda one: one.low)
    if score is None or not ordered:
        return None
    place = next((place for place, one in enumerate(ordered) if one.key == known), None)
    if place is not None:
        high = ordered[place + 1].low + tolerance if place + 1 < len(ordered) else None
        if score >= ordered[place].low - tolerance and (high is None or score < high):
            return known
    return next((one.key for one in reversed(ordered) if score >= one.low), ordered[0].key)


def _start(band):
    return Decimal("-Infinity") if band.low is None else band.low


def _round(value: Decimal) -> Decimal:
    return value.quantize(TENTH, rounding=ROUND_HALF_UP)
