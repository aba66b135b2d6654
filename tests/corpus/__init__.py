"""What people, machines and attackers send: data only, each list with what must become of it (section 5.5 of the requirements)."""
import logging
from collections import defaultdict
from contextlib import contextmanager

_logger = logging.getLogger(__name__)
DRAWN = ("link",)  # made by the thousand from a few: played, not counted


class Counted:
    """A test case that says how much of the corpus it has played, each case once and only when it held; with all its tests ``least`` at least."""

    least = 0

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.played, cls.ran = defaultdict(set), set()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        number = sum(len(names) for kind, names in cls.played.items() if kind not in DRAWN)
        _logger.info("corpus: %d cases of %s (%s)", number, cls.__name__, ", ".join(f"{kind} {len(names)}" for kind, names in cls.played.items()))
        if cls.ran == {name for name in dir(cls) if name.startswith("test")} and number < cls.least:
            raise AssertionError(f"{cls.__name__} played {number} cases of the corpus, {cls.least} are wanted")

    def setUp(self):
        super().setUp()
        self.ran.add(self._testMethodName)

    @contextmanager
    def case(self, kind, name):
        """One case of the corpus, counted under its name."""
        with self.subTest(kind, case=ascii(name)[:80]):
            yield
            self.played[kind].add(ascii(name))
