"""Ageing: the class an open item falls into, by how many days late it is."""
from datetime import date
from decimal import Decimal

# The last day late of each class; the last one has no end, and what the customer has to its credit is no debt.
BOUNDS = (("not_due", 0), ("b30", 30), ("b60", 60), ("b90", 90))
OVER, CREDIT = "over", "credit"
BUCKETS = (*(code for code, _last in BOUNDS), OVER, CREDIT)
LATE = (*(code for code, last in BOUNDS if last), OVER)


def days_late(due: date, day: date) -> int:
    """Days late at the end of ``day``; 0 on the due date and before it."""
    return max(0, (day - due).days)


def bucket(residual: Decimal, late: int) -> str:
    """The class of an item of which ``residual`` is open and which is ``late`` days late."""
    if residual < 0:
        return CREDIT
    return next((code for code, last in BOUNDS if late <= last), OVER)
