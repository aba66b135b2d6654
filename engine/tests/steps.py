"""The steps of the simulated world, as a table: a name, how often it is drawn, and what its numbers are drawn from.

A sequence is written as it is read: one step a line, ``pay 0 100 3``. See engine/tests/seeds and tests/seeds.
"""
from decimal import Decimal
from pathlib import Path

CENT = Decimal("0.01")
WHO, PICK = tuple(range(3)), tuple(range(6))
CENTS = (1, 3333, 10000, 12345, 99999)
PART = (1, 33, 50, 100)
SOON = (0, 1, 4, 9, 30)

STEPS = {
    "invoice": (5, (WHO, (-20, -7, 0, 1, 9, 25, 60), CENTS, (0, 0, 0, 1))),
    "pay": (4, (PICK, (1, 50, 99, 100, 120), (0, 0, 0, 1, 3, 20))),
    "on_account": (1, (WHO, CENTS, (0, 1))),
    "credit_note": (2, (PICK, (10, 50, 100))),
    "credit_free": (1, (WHO, CENTS, (0, 1))),
    "match": (2, (PICK,)),
    "bounce": (2, (PICK,)),
    "dispute": (3, (PICK, PART)),
    "resolve": (3, (PICK, (0, 1, 2), (50, 100))),
    "promise": (3, (PICK, SOON, PART)),
    "promise_balance": (1, (WHO, SOON, PART)),
    "withdraw": (1, (PICK,)),
    "plan": (2, (PICK, (1, 2, 4), (1, 10))),
    "cancel_plan": (1, (PICK,)),
    "offer": (3, (PICK, (1, 40, 90), SOON)),
    "withdraw_offer": (1, (PICK,)),
    "pause": (1, (WHO, (0, 1, 10))),
    "archive": (1, (WHO,)),
    "merge": (1, (WHO, WHO)),
    "change_parent": (1, (WHO, WHO)),
    "lock": (1, ((2, 30, 90),)),
    "advance": (7, ((0, 1, 1, 2, 5, 7, 12, 31, 400),)),
    "run": (6, ()),
    "run_crash": (2, ((0, 1, 2),)),
    "two_runs": (1, ()),
    "post": (2, (PICK,)),
    "skip": (1, (PICK,)),
    "settle_unknown": (2, (PICK, (0, 1, 2))),
    "bounce_mail": (1, (PICK,)),
}
PURE_STEPS = {"charge": (3, ()), "correct": (1, ())}


def draw(random, length, steps=None):
    """A random sequence; it begins with something to be owed."""
    steps = steps or STEPS
    names, weights = list(steps), [steps[name][0] for name in steps]
    found = [("invoice", *map(random.choice, steps["invoice"][1])) for _number in range(min(3, length))]
    drawn = random.choices(names, weights, k=max(0, length - len(found)))
    return found + [(name, *map(random.choice, steps[name][1])) for name in drawn]


def write(steps):
    return "\n".join(" ".join(map(str, step)) for step in steps)


def read(text):
    """The steps of a kept sequence; what follows a # says what it is about."""
    lines = (line.partition("#")[0].split() for line in text.splitlines())
    return [(line[0], *map(int, line[1:])) for line in lines if line]


def kept(folder):
    """The sequences kept in a folder: [(name, steps)]."""
    return [(path.stem, read(path.read_text(encoding="utf-8"))) for path in sorted(Path(folder).glob("*.txt"))]


def keep(folder, name, sequence):
    """Keep a sequence that failed: it is played again with every test from now on."""
    (Path(folder) / f"{name}.txt").write_text(f"# {name}: say here what it is about, and give the file its name\n{write(sequence)}\n", encoding="utf-8")


def shrink(steps, fails, most=200):
    """Leave out what is not needed for a failure: halves first, then one by one, within ``most`` attempts."""
    size, tries = max(1, len(steps) // 2), 0
    while size and tries < most:
        at = 0
        while at < len(steps) and tries < most:
            shorter, tries = steps[:at] + steps[at + size:], tries + 1
            if shorter and fails(shorter):
                steps = shorter
            else:
                at += size
        size = min(size // 2, len(steps) // 2) if size > 1 else 0
    return steps
