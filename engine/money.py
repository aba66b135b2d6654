"""Exact money: numbers as they are written, rounding half up to a currency's unit, and splits that lose nothing."""
from decimal import ROUND_HALF_UP, Decimal


def exact(value: float | int | str | Decimal) -> Decimal:
    """A number as a person would write it: a float is read through its shortest text, so 2.675 means 2.675."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


def quantize(amount, quantum) -> Decimal:
    """Round ``amount`` half up (away from zero) to a multiple of ``quantum`` (0.01, 1, 0.05, …); both as ``exact`` takes them."""
    quantum = exact(quantum)
    units = (exact(amount) / quantum).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return (units or Decimal(0)) * quantum  # no negative zero in a letter


def split(total: Decimal, parts: int, quantum: Decimal) -> list[Decimal]:
    """Split ``total`` in parts that differ by one unit at most, the larger ones first (F-15, R-41).

    The last part takes what is less than a unit, so nothing is lost.
    """
    if parts < 1:
        raise ValueError("a split needs at least one part")
    sign = -1 if total < 0 else 1
    each, larger = divmod(int(abs(total) / quantum), parts)
    pieces = [sign * (each + (index < larger)) * quantum for index in range(parts - 1)]
    return [*pieces, total - sum(pieces)]
