"""Champion against challenger: who is in which arm, how many customers it takes, and what the difference tells."""
from decimal import Decimal
from hashlib import sha256
from math import ceil
from typing import NamedTuple

CHAMPION, CHALLENGER, HOLDOUT = "champion", "challenger", "holdout"
ARMS = (CHAMPION, CHALLENGER, HOLDOUT)
# two-sided error of 5 %, power of 80 % (F-14)
Z_ERROR, Z_POWER = Decimal("1.96"), Decimal("0.8416")
ONE = Decimal(1)


class Shares(NamedTuple):
    """Percent of the customers in an arm; the champion has the rest."""

    challenger: int
    holdout: int = 0

    def of(self, arm: str) -> int:
        return {CHALLENGER: self.challenger, HOLDOUT: self.holdout}.get(arm, 100 - self.challenger - self.holdout)


def assign(partner: int, experiment: int, shares: Shares) -> str:
    """The arm of a customer: always the same in one experiment, another draw in the next one."""
    place = int(sha256(f"{experiment}:{partner}".encode()).hexdigest(), 16) % 100
    if place < shares.holdout:
        return HOLDOUT
    return CHALLENGER if place < shares.holdout + shares.challenger else CHAMPION


def size(base: Decimal, wanted: Decimal) -> int | None:
    """Customers needed per arm to tell a cure rate of ``wanted`` from ``base``, shares of 1 (F-14); None for no difference."""
    if base == wanted:
        return None
    spread = base * (ONE - base) + wanted * (ONE - wanted)
    return ceil((Z_ERROR + Z_POWER) ** 2 * spread / (base - wanted) ** 2)


def entries(needed: int, shares: Shares) -> int:
    """Customers that must enter in all until the smaller of champion and challenger has ``needed``."""
    least = min(shares.of(CHAMPION), shares.of(CHALLENGER))
    return ceil(Decimal(100 * needed) / least)


class Difference(NamedTuple):
    """How much more often one arm was cured than another, shares of 1, with the bounds between which it lies with 95 % certainty."""

    rate: Decimal
    low: Decimal
    high: Decimal

    @property
    def certain(self) -> bool:
        """Whether chance alone does not explain it."""
        return self.low > 0 or self.high < 0


def difference(cured: int, of: int, cured_other: int, of_other: int) -> Difference | None:
    """The difference to the other arm with its interval, after Newcombe (method 10), which also holds for few customers.

    Each rate gets its Wilson interval; the bounds of the difference lie as far off as both together. None while an arm is empty.
    """
    if not of or not of_other:
        return None
    rate, low, high = _wilson(cured, of)
    rate_other, low_other, high_other = _wilson(cured_other, of_other)
    gap = rate - rate_other
    return Difference(gap, gap - ((rate - low) ** 2 + (high_other - rate_other) ** 2).sqrt(),
                      gap + ((high - rate) ** 2 + (rate_other - low_other) ** 2).sqrt())


def _wilson(cured, of):
    """A rate with its bounds."""
    rate, square = Decimal(cured) / of, Z_ERROR ** 2
    centre, reach = 2 * cured + square, Z_ERROR * (square + 4 * cured * (ONE - rate)).sqrt()
    return rate, (centre - reach) / (2 * (of + square)), (centre + reach) / (2 * (of + square))
