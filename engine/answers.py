"""Which answer to an excuse to show first: the one after which most promises were kept."""
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple


class Answer(NamedTuple):
    """An answer with what came of it: promises judged, and how many of them were kept."""

    id: int
    judged: int = 0
    kept: int = 0


def rate(answer: Answer, least: int) -> Decimal | None:
    """The share of promises kept, 0 to 1; None with fewer than ``least`` cases."""
    return Decimal(answer.kept) / answer.judged if answer.judged >= max(1, least) else None


def order(answers: Iterable[Answer], least: int) -> list[int]:
    """Ids of answers, best first. As long as fewer than two have ``least`` cases, in the order given: nothing is known yet."""
    answers = list(answers)
    rates = {answer.id: rate(answer, least) for answer in answers}
    if sum(found is not None for found in rates.values()) < 2:
        return [answer.id for answer in answers]
    return [answer.id for answer in sorted(answers, key=lambda answer: (rates[answer.id] is None, -(rates[answer.id] or 0)))]
