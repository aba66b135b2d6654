"""Charges that are forgiven when what they are on is paid in time."""
from collections.abc import Iterable
from datetime import date

OPEN, WAIVE, LAPSED = "open", "waive", "lapsed"


def judge(items: Iterable[tuple[bool, date | None]], until: date, today: date) -> str:
    """Over (still open, day of the last payment) of each item: forgiven as soon as all is paid by ``until``, else lapsed after it.

    A payment entered late counts by its own day.
    """
    items = tuple(items)
    if items and all(not is_open and (paid_on is None or paid_on <= until) for is_open, paid_on in items):
        return WAIVE
    return OPEN if today <= until else LAPSED
