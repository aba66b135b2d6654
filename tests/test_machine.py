"""The simulated world against Odoo: each step in both, everything compared after it. ``./dev simulate`` makes it long."""
import logging
import os
import random
import time
import unittest
from contextlib import ExitStack
from pathlib import Path

from freezegun import freeze_time

from odoo.tests import tagged
from odoo.tools import mute_logger

from .plan import PlanCommon
from .test_dispute import DisputeCommon
from .test_settlement import SettlementCommon

try:
    from ..engine.tests import steps
    from .machine import OdooWorld, patched
except ImportError as error:  # hypothesis is a tool of developers
    if (error.name or "").partition(".")[0] != "hypothesis":
        raise
    steps = None

_logger = logging.getLogger(__name__)

SEQUENCES, STEPS = int(os.environ.get("ACC_ODOO_SEQUENCES", 4)), int(os.environ.get("ACC_ODOO_STEPS", 15))
SEED = int(os.environ.get("ACC_SEED", 0))
SHRINK = int(os.environ.get("ACC_SHRINK", 0))  # seconds to make a failing sequence shorter
SEEDS = Path(__file__).parent / "seeds"
POSSIBLE = 0.5  # of the steps drawn at least: two that refuse everything agree


class MachineCommon(SettlementCommon, PlanCommon, DisputeCommon):
    """A company with levels over mail and letters, plans that break after ten days, and offers."""

    @classmethod
    def setUpClass(cls):
        if steps is None:
            raise unittest.SkipTest("hypothesis is not installed")
        super().setUpClass()
        cls.policy = cls._policy("Machine", [
            (-7, {}), (1, {}), (8, {"wait_days": 5}), (20, {"channels": ("email", "letter"), "wait_days": 7}), (35, {"repeat_days": 14})],
            cap_count=3, cap_days=30, manual_wait_days=7)
        cls.company.write({"collection_policy_id": cls.policy.id, "collection_settlement_max_days": 60, "collection_write_off_max": 1e9})
        cls.terms.max_days_late = 10

    possible = 0

    def _play(self, sequence):
        """Play a sequence and take it back; the error it met, if any, and how far it came. ``possible`` counts what was not refused."""
        played = []
        with ExitStack() as stack:
            savepoint = self.env.cr.savepoint(flush=False)
            freezer = stack.enter_context(freeze_time(f"{self.today} 12:00:00"))
            try:
                world = OdooWorld(self, freezer)
                for one in patched(world):
                    stack.enter_context(one)
                for step in sequence:
                    played.append(step)
                    world.step(*step)
                self.possible += len(played) - world.world.refused.total()
                return None, played
            except Exception as error:
                return error, played
            finally:
                self.env.cr.clear()  # nothing of what is taken back may be written
                savepoint.close(rollback=True)
                self.env.invalidate_all(flush=False)

    def _explain(self, sequence, error):
        return f"{type(error).__name__}: {error}\nafter\n{steps.write(sequence)}"

    def _say(self, text):
        """Into the log, where ./dev simulate looks for it."""
        for line in text.splitlines():
            _logger.info("machine: %s", line)

    def _shrunk(self, sequence, error):
        """The shortest sequence found, within some minutes, that ends in the same kind of difference."""
        until, kind = time.monotonic() + SHRINK, type(error)

        def fails(shorter):
            if time.monotonic() > until:
                return False
            other, _played = self._play(shorter)
            return type(other) is kind
        return steps.shrink(sequence, fails)


@tagged("post_install", "-at_install")
class TestMachine(MachineCommon):
    """Odoo's side and the rules agree after each step, whatever the steps."""

    @mute_logger("odoo.addons.account_credit_collection.models.collection_outbox_send")
    def test_odoo_and_the_rules_agree_after_every_step(self):
        begun, total, found = time.monotonic(), 0, []
        for seed in range(SEED, SEED + SEQUENCES):
            error, played = self._play(steps.draw(random.Random(seed), STEPS))
            total += len(played)
            if SHRINK and not error:
                self._say(f"seed {seed} agrees after {len(played)} steps")
            if error:
                played = self._shrunk(played, error)
                error = self._play(played)[0] or error
                if SHRINK:
                    steps.keep(SEEDS, f"seed_{seed}", played)
                found.append(f"seed {seed}: " + self._explain(played, error))
                self._say(found[-1])
                if not SHRINK:
                    break
        self._say(f"{SEQUENCES} sequences, {total} steps, {self.possible} possible, {len(found)} differences, {time.monotonic() - begun:.0f} s")
        self.assertFalse(found, "\n\n".join(found))
        self.assertGreater(self.possible, POSSIBLE * total)

    def test_what_once_differed_agrees(self):
        for name, sequence in steps.kept(SEEDS):
            with self.subTest(name):
                error, played = self._play(sequence)
                if error:
                    raise AssertionError(self._explain(played, error)) from error
