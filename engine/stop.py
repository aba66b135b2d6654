"""Whom we may write to at all: a customer that must be left alone, and who stands for it.

A stop is not a pause: it follows from the law or from what the customer demanded, has no end of its own, and holds
for every channel. Only who is represented can still be written to, namely at whoever stands for it.
"""
from typing import NamedTuple

INSOLVENT, DECEASED, LAWYER, CEASED = "insolvent", "deceased", "lawyer", "ceased"
KINDS = (INSOLVENT, DECEASED, LAWYER, CEASED)
RELAYED = ("email", "letter")  # what may go to a representative; nobody telephones a lawyer about a debt


class Verdict(NamedTuple):
    """``reason`` why the customer itself is left alone, None when it is not; ``relayed``: somebody else is written to instead."""

    reason: str | None = None
    relayed: bool = False


def judge(kind: str | None, represented: bool) -> Verdict:
    """What a stop of ``kind`` forbids; ``represented`` when we know who stands for the customer.

    An administrator or an heir is no recipient of reminders: a claim is filed there by a person.
    """
    if not kind:
        return Verdict()
    if kind not in KINDS:
        raise ValueError(f"no such stop: {kind}")
    return Verdict(f"stop_{kind}", kind == LAWYER and represented)

