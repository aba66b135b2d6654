"""A machine of our own under Odoo: its PostgreSQL, its filestore, its clock and its servers, all to be broken.

One machine serves all tests of a process. `reset()` makes the database again from a template, in about a second.
"""
import atexit
import contextlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path

import psycopg2

from tools import server

from .host_cluster import Clock, OwnCluster
from .job import Job
from .sink import Sink

DB, CUSTOMERS = "host", 40
LONG = bool(os.environ.get("ACC_HOST_LONG"))  # `./dev faults --host`
ERRORS = (OSError, urllib.error.URLError)


def long_only(test):
    """A test, or a class of them, for `./dev faults --host`; `./dev test` has no time for it."""
    return test if LONG else None


class Machine:
    """The cluster, the clock, the mail server, and a process of Odoo that forks jobs."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="acc-host-"))
        self.sink, self.odoo, self.control, self.jobs = Sink().up(), None, None, set()
        self.cluster = OwnCluster(self.folder)
        self.clock = Clock(self.folder)
        self.conf, self.data = self.folder / "odoo.conf", self.folder / "data"
        try:
            self._make()
        except BaseException:
            self.close()
            raise

    def _make(self):
        self.cluster.make()
        self._configure()
        self.cluster.take_over(os.environ["ACC_DB"], DB)
        theirs = server.data_dir() / "filestore" / os.environ["ACC_DB"]
        if theirs.exists():  # copies, not links: the tests damage files
            shutil.copytree(theirs, self.store)
        self.do("build", customers=CUSTOMERS, port=self.sink.port)
        self.do("plan")
        self.due_now()
        self._keep("planned")

    def _configure(self):
        text = Path(os.environ["ACC_ODOO_CONF"]).read_text(encoding="utf-8")
        ours = {"db_host": self.cluster.socket, "db_port": 5432, "data_dir": self.data, "limit_time_real_cron": 120}
        lines = [f"{line.split('=')[0].strip()} = {ours[line.split('=')[0].strip()]}" if line.split("=")[0].strip() in ours else line
                 for line in text.splitlines()]
        self.conf.write_text("\n".join(lines) + "\n", encoding="utf-8")

    @property
    def store(self):
        return self.data / "filestore" / DB

    def close(self):
        self._end_odoo()
        self.sink.down()
        self.cluster.remove()
        shutil.rmtree(self.folder, ignore_errors=True)

    # ------------------------------------------------------------------ pictures of the database

    def _keep(self, name):
        self._disconnect()
        self.cluster.sql(f'CREATE DATABASE "{name}" TEMPLATE "{DB}" STRATEGY file_copy')
        shutil.copytree(self.store, self.data / name)

    def _disconnect(self):
        self.cluster.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", DB)

    def reset(self, clock=None):
        """Everything as it was when the contacts were planned; a mail server that has nothing yet."""
        if clock is not self.cluster.clock:
            self._end_odoo()
            self.cluster.use_clock(clock)
        self.cluster.sql(f'DROP DATABASE IF EXISTS "{DB}" WITH (FORCE)')
        self.cluster.sql(f'CREATE DATABASE "{DB}" TEMPLATE planned STRATEGY file_copy')
        shutil.rmtree(self.store, ignore_errors=True)
        shutil.copytree(self.data / "planned", self.store)
        self.sink.down()
        self.sink = Sink().up()
        self.sql("UPDATE ir_mail_server SET smtp_port = %s", self.sink.port)

    def sql(self, query, *parameters):
        return self.cluster.sql(query, *parameters, database=DB)

    def states(self):
        return dict(self.sql("SELECT state, count(*) FROM collection_action GROUP BY 1"))

    def reasons(self):
        return dict(self.sql("SELECT state || ' ' || COALESCE(reason, ''), count(*) FROM collection_action GROUP BY 1"))

    def due_now(self, *names):
        """Jobs that a cron worker finds to do when it looks next; no others."""
        self.sql("UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' + CASE WHEN cron_name = ANY(%s) THEN interval '-1 minute'"
                 " ELSE (interval_number || ' ' || interval_type)::interval END", list(names))
        self.sql("DELETE FROM ir_cron_trigger")

    def wake(self):
        """Cron workers look now, as after a trigger, and not within a minute."""
        self.cluster.sql(f"NOTIFY cron_trigger, '{DB}'")

    def pass_time(self, minutes):
        """What was to wait so long need not wait any more: leases and back-off."""
        self.sql("UPDATE collection_action SET claimed_at = claimed_at - make_interval(mins => %s),"
                 " not_before = not_before - make_interval(mins => %s)", minutes, minutes)

    # ------------------------------------------------------------------ Odoo

    def _start_odoo(self):
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        script = Path(__file__).with_name("odoo_host.py")
        clock = self.cluster.clock.variables() if self.cluster.clock else {}
        self.odoo = subprocess.Popen(
            [os.environ["ACC_ODOO_BIN"], "shell", "-c", self.conf, "-d", DB, "--no-http", "--log-level", "warn",
             "--logfile", self.folder / "shell.log"], stdin=subprocess.PIPE, text=True, pass_fds=[theirs.fileno()],
            env={**os.environ, **clock, "ACC_FAULTS_CONTROL": str(theirs.fileno())})
        theirs.close()
        self.odoo.stdin.write(f"import sys; sys.path.insert(0, {str(script.parents[2])!r})\n"
                              f"exec(compile(open({str(script)!r}).read(), {str(script)!r}, 'exec'))\n")
        self.odoo.stdin.close()

    def _end_odoo(self):
        if self.odoo:
            self.control.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.odoo.wait(10)
            self.odoo.kill()
            self.odoo = None

    def start(self, job, **arguments):
        """Fork a process that does a job of `odoo_host.py`."""
        if not self.odoo:
            self._start_odoo()
        ours, theirs = os.pipe()
        socket.send_fds(self.control, [json.dumps({"job": job, "arguments": arguments}).encode()], [theirs])
        os.close(theirs)
        answer = self.control.recv(100)
        if not answer:
            raise AssertionError(f"Odoo ended; its log:\n{self.log('shell')[-3000:]}")
        started = Job(self, int(answer), ours)
        self.jobs.add(started)
        return started

    def wait_for_backend(self, _pid):
        """Nobody waits for a session here: that it may be gone is the point."""

    def do(self, job, **arguments):
        return self.start(job, **arguments).result()

    def log(self, name):
        path = self.folder / f"{name}.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    @contextlib.contextmanager
    def serving(self, *options, workers=2):
        """A server with one cron worker; gives its port."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        (self.folder / "server.log").unlink(missing_ok=True)
        process = subprocess.Popen(
            [os.environ["ACC_ODOO_BIN"], "-c", self.conf, "-d", DB, "--db-filter", f"^{DB}$", "--workers", str(workers),
             "--max-cron-threads", "1", "--http-port", str(port), "--gevent-port", str(port + 1), "--logfile", self.folder / "server.log",
             *options], stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            yield Serving(self, process, port)
        finally:
            server.stop(process)


class Serving:
    """A server at work."""

    def __init__(self, machine, process, port):
        self.machine, self.process, self.port = machine, process, port

    def health(self):
        """Status and text of the address that a monitor asks; None where nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/collections/health?token=secret", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(errors="replace")
        except ERRORS:
            return None


class HostCase(unittest.TestCase):
    """Tests on a machine of their own; each starts from the same planned contacts."""

    maxDiff = None
    clock = False

    def setUp(self):
        self.machine = the_machine()
        self.machine.reset(self.machine.clock if self.clock else None)

    @property
    def sink(self):
        return self.machine.sink

    def wait(self, condition, seconds, what):
        """Until ``condition()``; how long it took."""
        began = time.monotonic()
        while not condition():
            if time.monotonic() - began > seconds:
                self.fail(f"{what}: not within {seconds} s; states {self.machine.states()}\n{self.machine.log('server')[-3000:]}")
            time.sleep(0.1)
        return time.monotonic() - began

    def wake(self):
        """The cron worker looks now, unless the test is to take as long as it takes."""
        if not LONG and time.monotonic() > getattr(self, "woken", 0) + 2:
            self.woken = time.monotonic()
            with contextlib.suppress(psycopg2.Error):
                self.machine.wake()

    def wait_for_mails(self, number, seconds=100):
        """Until the server that runs has sent so many. Its cron worker is woken now and then, or a minute would pass each time."""
        def there():
            self.wake()
            return len(self.sink.mails) >= number

        return self.wait(there, seconds, f"{number} mails")

    def assert_nothing_twice(self):
        """No message left twice, and each that left has its contact."""
        ids = Counter(mail.message_id for mail in self.sink.mails)
        people = Counter((mail.to, mail.subject) for mail in self.sink.mails)
        self.assertEqual([key for key, number in (ids + people).items() if number > 1], [], "sent twice")
        sent = {row[0] for row in self.machine.sql("SELECT message_id FROM collection_action WHERE state = 'sent'")}
        self.assertEqual(sent - set(ids), set(), "said to be sent, and the mail server never had it")
        known = {row[0] for row in self.machine.sql("SELECT message_id FROM collection_action WHERE state IN ('sent', 'unknown')")}
        self.assertEqual(set(ids) - known, set(), "the mail server has it, and no contact says so")


_machines = []


def the_machine():
    """The machine of this process, made at the first call; ended with the process."""
    if not _machines:
        _machines.append(None)  # what cannot be made once is not tried by each test
        _machines[0] = Machine()
        atexit.register(_machines[0].close)
    if not _machines[0]:
        raise AssertionError("no machine to test on, see the first failure")
    return _machines[0]
