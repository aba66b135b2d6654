"""Provision matrix: what of open receivables is expected to be lost, by how late they are (F-13).

Rates and rolls in percent. Buckets go from not due to the oldest; what is in the oldest is taken for lost.
"""
from collections.abc import Sequence
from decimal import Decimal

from .money import quantize

ZERO, WHOLE = Decimal(0), Decimal(100)


def loss_by_rolls(rolls: Sequence[Decimal | None]) -> list[Decimal | None]:
    """The loss rate of each bucket from the rolls between them: to be lost, money has to go through all buckets after it.

    There is one bucket more than there are rolls. None for what nothing is known of, and for all before it.
    """
    rates = [WHOLE]
    for roll in reversed(rolls):
        rates.append(None if roll is None or rates[-1] is None else rates[-1] * roll / WHOLE)
    return rates[::-1]


def loss_by_cohort(sold: Decimal, paid: Sequence[Decimal], later: Decimal = ZERO) -> list[Decimal | None]:
    """The loss rate of each bucket from what became of ``sold``: ``paid`` in each bucket but the oldest, ``later`` in that, the rest never.

    The rate of a bucket is what was lost in the end of what had come so far. None where nothing came so far, but all for the oldest.
    """
    lost = sold - sum(paid, ZERO) - later
    reached, rates = sold, []
    for amount in paid:
        rates.append(lost * WHOLE / reached if reached > 0 else None)
        reached -= amount
    return [*rates, lost * WHOLE / reached if reached > 0 else WHOLE]


def expected_loss(amount: Decimal, rate: Decimal | None, factor: Decimal, quantum: Decimal) -> Decimal:
    """What is put aside for ``amount``: at the rate times the forward-looking factor, never more than all of it, nor for credits."""
    if rate is None or amount <= 0:
        return ZERO
    return quantize(amount * min(rate * factor, WHOLE) / WHOLE, quantum)
