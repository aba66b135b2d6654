"""Tests over one shared ledger: each starts from a picture of it, and says what must be true afterwards.

One world serves all fault tests of a process. `reset()` brings the database back to a stored picture by SQL, in
milliseconds, so that each test and each seed starts from the same rows.
"""
import atexit
import contextlib
import os
import random
import unittest

from . import promises
from .ledger import World

SEED = int(os.environ.get("ACC_FAULTS_SEED") or 19)


class FaultCase(unittest.TestCase):
    """Tests over one shared world; each starts from a picture of the database."""

    maxDiff = None

    def setUp(self):
        self.world = the_world()
        self.addCleanup(self._end_jobs)

    def _end_jobs(self):
        for job in list(self.world.jobs):
            job.kill()
            job.result(allow_error=True)

    @property
    def sink(self):
        return self.world.sink

    @contextlib.contextmanager
    def seed(self, number):
        """A random source for one pass of a test; a failure names the seed."""
        with self.subTest(f"ACC_FAULTS_SEED={SEED}, pass {number}"):
            try:
                yield random.Random(SEED * 1000 + number)
            finally:
                self._end_jobs()

    def perform(self, **arguments):
        """Send what is ready in a process of its own, to its end."""
        return self.world.start("perform", **arguments).result()

    def after_a_crash(self, **arguments):
        """What the next days bring: leases run out, and the sender starts again."""
        self.world.pass_time(20)
        return self.perform(**arguments)

    # ------------------------------------------------------------------ what must be true

    def assert_nothing_twice_nothing_lost(self, rows=None, unknown=0):
        """The promise of the outbox, told from what the mail server took and what the rows say."""
        problems = promises.contact_problems(self.world, unknown)
        if rows is not None and len(self.world.rows()) != rows:
            problems.append(f"{len(self.world.rows())} contacts instead of {rows}")
        if problems:
            self.fail("\n".join(["the outbox broke its promise:", *problems[:15], f"states: {self.world.states()}"]))


_worlds = []


def the_world():
    """The world of this process, made at the first call; ended with the process."""
    if not _worlds:
        _worlds.append(None)  # what cannot be made once is not tried by each test
        _worlds[0] = World()
        atexit.register(_worlds[0].close)
    if not _worlds[0]:
        raise AssertionError("no world to test in, see the first failure")
    return _worlds[0]
