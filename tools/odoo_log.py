"""Reading Odoo's test log as it is written: counts per test, and the lines worth a developer's eye."""
import re
from dataclasses import dataclass, field

LINE = re.compile(r"^\d{4}-\d\d-\d\d [\d:,]+ \d+ (?P<level>[A-Z]+) (?P<db>\S+) (?P<logger>\S+): (?P<text>.*)$")
STARTING = re.compile(r"^Starting (?P<test>\w+\.\w+) \.\.\.")
SKIPPED = re.compile(r"^skipped (?P<test>.+?) : (?P<reason>.*)")
BAD = re.compile(r"^(?:FAIL|ERROR): (?:Subtest )?(?P<test>\w+\.\w+|\w+ \([^)]*\))")
SUMMARY = re.compile(r"\d+ failed, \d+ error\(s\) of \d+ tests|^Module \S+: \d+ failures")


@dataclass
class Tally:
    """How many tests passed, failed and were skipped."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other):
        return Tally(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"

    @property
    def total(self):
        """All tests that were looked at."""
        return self.passed + self.failed + self.skipped


@dataclass
class LogReader:
    """Feed it every line; it prints failures with their tracebacks and keeps the score.

    An ERROR that no test reported counts as a failure of the test that was running: Odoo lets such a test pass.
    """

    show: callable = print
    started: list = field(default_factory=list)
    bad: set = field(default_factory=set)
    left_out: dict = field(default_factory=dict)
    _showing: bool = False

    def feed(self, line):
        """Take one line of the log."""
        match = LINE.match(line)
        if not match:
            if self._showing:
                self.show(line)
            return
        self._showing = False
        text = match["text"]
        if match["level"] in ("ERROR", "CRITICAL"):
            self._error(line, text)
        elif match["level"] == "INFO":
            if found := STARTING.match(text):
                self.started.append((match["logger"], found["test"]))
            elif found := SKIPPED.match(text):
                self.left_out[found["test"]] = found["reason"]

    def _error(self, line, text):
        if SUMMARY.search(text):
            return
        self._showing = True
        self.show(line)
        found = BAD.match(text)
        running = self.started[-1][1] if self.started else "before the first test"
        self.bad.add(found["test"] if found else running)

    @property
    def classes(self):
        """The names of the test classes of which a test was started or skipped."""
        names = {test.split(".")[0] for _, test in self.started}
        whole = [test for test in [*self.bad, *self.left_out] if "(" in test]  # setUpClass (odoo…tests.test_x.TestX)
        return names | {test.rstrip(")").split(".")[-1] for test in whole}

    def tally(self):
        """The score: a test counts once, however many of its sub-tests fail."""
        started = {test for _, test in self.started}
        inside = len(self.bad & started) + len((set(self.left_out) & started) - self.bad)
        return Tally(len(set(self.started)) - inside, len(self.bad), len(set(self.left_out) - self.bad))
