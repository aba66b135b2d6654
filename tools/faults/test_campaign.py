"""Some passes of the fault campaign, in each run of all tests; `./dev faults` plays as many as one likes."""
import contextlib
import os
import time
import unittest

from .. import database, testing
from . import campaign_draw, campaign_run
from .campaign_stage import Stage
from .kept import kept_seeds
from .ledger import World

SEEDS = int(os.environ.get("ACC_FAULTS_PASSES") or 25)
KEPT = 3  # of them failed once
SECONDS, LEAST = 90, 10  # on a busy machine it plays fewer, and as many the next time
BITTEN = 0.6  # so many of them at least must meet the job at work
# The addon broken on purpose (`odoo_sabotage.py`), the phase and the fault with it, what is to be found, and words of it.
BROKEN = (
    ("sent twice", "data", "people", "edit", "duplicates", "accepted 2 times"),
    ("never billed", "bill", "people", "edit", "lost", "instead of 40.31"),
    ("raises", "data", "kill", "", "other", "ended with ZeroDivisionError"),
    ("never checked", "data", "people", "edit", "other", "was never checked"),
    ("letter twice", "paper", "people", "edit", "duplicates", "stands in the contacts"),
    ("nobody asked", "data", "kill", "", "other", "0 tasks for a person"),
)


def numbers():
    """Some that failed once, then from the first on, as long as there is time."""
    until = time.monotonic() + SECONDS
    wanted = list(dict.fromkeys([*kept_seeds()[:KEPT], *range(1, SEEDS + 1)]))[:SEEDS]
    for played, number in enumerate(wanted):
        if played >= LEAST and time.monotonic() > until:
            return
        yield number


@contextlib.contextmanager
def broken(world, way):
    """The addon broken in one way."""
    world._here("sabotage", way=way)
    try:
        yield
    finally:
        world._here("mend", way=way)


class TestCampaign(unittest.TestCase):
    """Something under way × something that happens, in a database of its own: a campaign leaves more behind than a picture holds."""

    @classmethod
    def setUpClass(cls):
        name = database.copy(testing.installed_database(), f"{os.environ['ACC_DB']}_campaign")
        cls.addClassCleanup(database.drop, name)
        world = World(name)
        cls.addClassCleanup(world.close)
        cls.stage = Stage(world)

    def test_passes_drawn_at_random_repeat_nothing_lose_nothing_and_leave_nothing_half_done(self):
        lines, played = [], []
        try:
            played = campaign_run.campaign(self.stage, numbers(), out=lines.append)
        finally:
            print(*lines, f"{len(played)} of {SEEDS} passes were played", sep="\n", flush=True)
        found = "\n".join(lines)
        self.assertFalse([one for one in played if one.is_broken()], found)
        bitten, killed = sum(one.bitten for one in played), sum(one.kills for one in played)
        self.assertGreaterEqual(bitten, BITTEN * len(played), f"hardly anything met a job at work: this tested nothing\n{found}")
        self.assertGreater(killed, 3, f"hardly anything was killed: this tested nothing\n{found}")

    def test_an_addon_that_is_broken_on_purpose_is_found_out(self):
        phases = {phase.name: phase for phase in campaign_draw.PHASES}
        for way, phase, fault, detail, kind, words in BROKEN:
            drawn = campaign_draw.Pass(1, phases[phase], fault, detail, 1, 0.5, None, False)
            self.stage.set_up(drawn.phase)  # the situation itself is sound
            with self.subTest(way), broken(self.stage.world, way):
                outcome = campaign_run.play(self.stage, drawn)
                self.assertTrue([problem for problem in outcome.problems if words in problem], outcome.problems)
                self.assertTrue(outcome.row()[kind], outcome.row())

    def test_each_phase_meets_each_kind_of_fault_within_a_long_campaign(self):
        drawn = {(one.phase.name, one.fault) for one in map(campaign_draw.draw, range(1, 1001))}
        self.assertGreater(len(drawn), 75)

    def test_the_same_number_is_the_same_pass(self):
        self.assertEqual(campaign_draw.draw(77), campaign_draw.draw(77))
