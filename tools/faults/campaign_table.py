"""What passes of the campaign came to: a table by phase and fault, and a line of sums."""
from collections import Counter, defaultdict
from typing import NamedTuple

from .finding import kind_of

COLUMNS = ("passes", "bitten", "sent", "failed", "unknown", "cancelled", "duplicates", "lost", "other", "kills", "violations")
SUMS = ("bitten", "kills", "sent", "failed", "unknown", "cancelled", "duplicates", "lost", "other", "violations")


class Outcome(NamedTuple):
    """What one pass came to."""

    drawn: object
    counts: dict
    kills: int
    bitten: bool
    problems: list
    violations: list

    def row(self):
        return {**dict.fromkeys(COLUMNS, 0), **self.counts, **Counter(map(kind_of, self.problems)), "passes": 1, "bitten": int(self.bitten),
                "kills": self.kills, "violations": len(self.violations)}

    def is_broken(self):
        return bool(self.problems or self.violations)


def table(outcomes):
    """The lines of the table, the sums last."""
    cells, sums = defaultdict(lambda: dict.fromkeys(COLUMNS, 0)), dict.fromkeys(COLUMNS, 0)
    for outcome in outcomes:
        row = outcome.row()
        for column in COLUMNS:
            cells[outcome.drawn.phase.name, outcome.drawn.fault][column] += row[column]
            sums[column] += row[column]
    lines = [f"{'phase':10} {'fault':15}" + "".join(f"{column:>11}" for column in COLUMNS)]
    lines += [f"{phase:10} {fault:15}" + "".join(f"{values[column]:>11}" for column in COLUMNS) for (phase, fault), values in sorted(cells.items())]
    broken = sum(outcome.is_broken() for outcome in outcomes)
    lines.append(", ".join([f"seeds {sums['passes']}", *(f"{column} {sums[column]}" for column in SUMS)])
                 + (f", seeds with a broken promise {broken}" if broken else ""))
    return lines
