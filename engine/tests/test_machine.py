"""The simulated world: whatever the steps and their order, the invariants hold after each (reliability 3.4).

``./dev simulate`` makes it long. A sequence that failed is kept in engine/tests/seeds, one step a line, and played again each time.
"""
import os
import random
import time
import unittest
from collections import Counter
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from unittest.mock import patch

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from ..daycount import ACT_360
from . import steps, world_charge
from .invariants import cost, violations
from .world import World

TABLE = {**steps.STEPS, **steps.PURE_STEPS}
SEQUENCES, STEPS = int(os.environ.get("ACC_SEQUENCES", 60)), int(os.environ.get("ACC_STEPS", 30))
SEED, KEEP = int(os.environ.get("ACC_SEED", 0)), bool(os.environ.get("ACC_KEEP"))
SEEDS = Path(__file__).parent / "seeds"
POSSIBLE = 0.5  # of the steps drawn at least: a world that refuses everything breaks no promise


def play(sequence):
    """Play steps one after the other, looking at the invariants after each; the world."""
    world = World()
    for step in sequence:
        take(world, step)
    return world


def take(world, step):
    """Play one step; what is broken after it, with all that led to it."""
    try:
        world.step(*step)
        found = violations(world)
    except AssertionError as error:
        found = [str(error)]
    assert not found, "\n".join([*found, "after", steps.write(world.log)])


def broken(sequence):
    """What breaks in a sequence, or None."""
    try:
        play(sequence)
    except Exception as error:  # whatever it is, it is found
        return f"{type(error).__name__}: {error}\n{steps.write(sequence)}"
    return None


class Machine(RuleBasedStateMachine):
    """All steps of the table as rules; what was played is printed as a sequence to keep."""

    def __init__(self):
        super().__init__()
        self.world = World()

    @initialize(first=st.tuples(*map(st.sampled_from, TABLE["invoice"][1])))
    def something_is_owed(self, first):
        take(self.world, ("invoice", *first))


def _rule(name, choices):
    def play_it(self, numbers):
        take(self.world, (name, *numbers))
    play_it.__name__ = f"step_{name}"
    return rule(numbers=st.tuples(*map(st.sampled_from, choices)))(play_it)


for _name, (_weight, _choices) in TABLE.items():
    for _copy in range(1 + (_weight > 3)):  # what is more frequent has a second rule
        setattr(Machine, f"step_{_name}_{_copy}", _rule(_name, _choices))


class TestMachine(unittest.TestCase):
    def test_the_invariants_hold_after_every_step(self):
        run_state_machine_as_test(Machine, settings=settings(max_examples=SEQUENCES, stateful_step_count=STEPS))

    def test_they_hold_for_sequences_drawn_by_their_number(self):
        begun, played, refused = time.monotonic(), Counter(), Counter()
        for seed in range(SEED, SEED + SEQUENCES):
            sequence = steps.draw(random.Random(seed), STEPS, TABLE)
            try:
                refused.update(play(sequence).refused)
            except Exception:
                sequence = steps.shrink(sequence, broken)
                if KEEP:
                    steps.keep(SEEDS, f"seed_{seed}", sequence)
                self.fail(f"seed {seed}: {broken(sequence)}")
            played.update(step[0] for step in sequence)
        self.assertGreater(played.total() - refused.total(), POSSIBLE * played.total())
        if KEEP:
            print(f"drawn: {SEQUENCES} sequences, {played.total()} steps, {played.total() - refused.total()} possible, 0 violations, "
                  f"{time.monotonic() - begun:.0f} s")
            print("  " + ", ".join(f"{name} {count - refused[name]}" for name, count in sorted(played.items())))

    def test_a_day_too_many_or_a_wrong_year_is_noticed(self):
        """100 due on 2 March cost from the 6th on; until the 16th ten days, 100 x 10.5 % x 10 / 365. A world that counts otherwise breaks I-6."""
        hundred = (date(2026, 3, 2), Decimal(100))
        self.assertEqual(cost(*hundred, (), (), date(2026, 3, 16)), (Fraction(105, 365), 1))
        half = ((date(2026, 3, 10), Decimal(50)),)  # the day of the payment is the fifth at 100
        self.assertEqual(cost(*hundred, half, (), date(2026, 3, 16))[0], Fraction(105, 365) * 3 / 4)
        self.assertEqual(cost(*hundred, (), ((date(2026, 3, 6), date(2026, 3, 12), None),), date(2026, 3, 16))[0], Fraction(105, 365) * 3 / 10)
        late = [("invoice", 0, 60, 99999, 0), ("charge",)]
        play(late)
        with patch.object(world_charge, "TERMS", world_charge.TERMS._replace(basis=ACT_360)), self.assertRaisesRegex(AssertionError, "I-6"):
            play(late)

    def test_a_promise_judged_wrongly_is_noticed(self):
        sequence = [("invoice", 0, 9, 10000, 0), ("promise", 0, 4, 100), ("pay", 0, 50, 0), ("advance", 12)]
        self.assertEqual(play(sequence).promises[0].state, "partly")
        with patch("engine.promise._state", lambda *_args: "kept"), self.assertRaisesRegex(AssertionError, "PROMISES"):
            play(sequence)

    def test_what_once_failed_holds(self):
        for name, sequence in steps.kept(SEEDS):
            with self.subTest(name):
                play(sequence)


if __name__ == "__main__":
    unittest.main()
