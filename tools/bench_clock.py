"""CPU time by stage: what this process and its PostgreSQL backend spend, charged to the innermost stage that runs.

Used inside Odoo. A stage is opened by a context manager, or by a method that is watched; its time is its own only,
without that of the stages inside it, so that the stages add up to the whole.
"""
import contextlib
import functools
import time
from collections import defaultdict

CPUCLOCK_SCHED = 2  # linux/posix-timers.h: the clock of another process is numbered by its id


def backend_clock(cr):
    """A function that reads the CPU seconds of the cursor's backend; zero where the server is another machine."""
    cr.execute("SELECT pg_backend_pid(), inet_server_addr() IS NULL")
    pid, local = cr.fetchone()
    if not local:
        return lambda: 0.0
    return functools.partial(time.clock_gettime, (~pid << 3) | CPUCLOCK_SCHED)


class Spent:
    """What one stage took: seconds of client and server CPU, seconds by the clock, queries, and how often it ran."""

    def __init__(self):
        self.client = self.server = self.wall = 0.0
        self.queries = self.calls = 0

    @property
    def cpu(self):
        """Client and server together."""
        return self.client + self.server

    def as_dict(self):
        """Rounded, for a report."""
        return {"cpu_s": round(self.cpu, 4), "client_s": round(self.client, 4), "server_s": round(self.server, 4),
                "wall_s": round(self.wall, 4), "queries": self.queries, "calls": self.calls}


class Stages:
    """The stages of one connection. Time outside any stage is charged to None."""

    def __init__(self, cr):
        self._cr, self._backend = cr, backend_clock(cr)
        self.spent = defaultdict(Spent)
        self._stack = [None]
        self._last = self._read()

    def _read(self):
        return time.process_time(), self._backend(), time.perf_counter(), self._cr.sql_log_count

    def _charge(self):
        now = self._read()
        spent = self.spent[self._stack[-1]]
        client, server, wall, queries = (new - old for new, old in zip(now, self._last))
        spent.client += client
        spent.server += server
        spent.wall += wall
        spent.queries += queries
        self._last = now

    @contextlib.contextmanager
    def stage(self, name):
        """Charge what happens inside to a stage; yields its Spent, complete when the stage has ended."""
        self._charge()
        self._stack.append(name)
        self.spent[name].calls += 1
        try:
            yield self.spent[name]
        finally:
            self._charge()
            self._stack.pop()

    def watch(self, model, method, name, within):
        """Charge each call of a model's method to a stage when it comes straight from the stage `within`."""
        owner = type(model)
        plain = getattr(owner, method)

        @functools.wraps(plain)
        def watched(*args, **kwargs):
            if self._stack[-1] != within:
                return plain(*args, **kwargs)
            with self.stage(name):
                return plain(*args, **kwargs)

        setattr(owner, method, watched)
        return functools.partial(setattr, owner, method, plain)


def memory_mb(key="VmHWM"):
    """Resident memory of this process in MB: its highest so far (VmHWM) or now (VmRSS)."""
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith(key))
