"""A ledger in a real database, processes of Odoo that may be killed, and what must be true afterwards.

One world serves all fault tests of a process. `reset()` brings the database back to a stored picture by SQL, in
milliseconds, so that each test and each seed starts from the same rows.
"""
import atexit
import configparser
import contextlib
import json
import os
import random
import select
import signal
import socket
import subprocess
import time
import unittest
from collections import Counter
from pathlib import Path

import psycopg2
import psycopg2.extras

from .sink import Sink

CUSTOMERS = 200
SEED = int(os.environ.get("ACC_FAULTS_SEED") or 19)
PATIENCE = 90  # seconds after which a job hangs
FINAL = {"sent", "unknown", "failed", "cancelled", "suppressed"}
# What jobs write, parents first.
TABLES = ("account_move", "account_payment", "account_move_line", "account_full_reconcile", "account_partial_reconcile",
          "res_company", "res_partner", "credit_profile", "mail_message", "mail_mail", "mail_activity", "collection_run",
          "collection_run_count", "collection_action", "collection_action_line", "ir_cron_trigger")


class Job:
    """A process of Odoo at work."""

    def __init__(self, world, pid, pipe):
        self.world, self.pid, self.pipe, self.text = world, pid, pipe, b""

    def result(self, allow_error=False):
        """Wait for its end and return what it returned; ``None`` when it was killed."""
        outcome = self._outcome()
        if outcome and "error" in outcome and not allow_error:
            raise AssertionError(f"an Odoo process ended with {outcome['error']}\n{outcome['trace']}")
        return outcome and outcome.get("result")

    def _outcome(self):
        until = time.monotonic() + PATIENCE
        while True:
            ready, _w, _x = select.select([self.pipe], [], [], max(0, until - time.monotonic()))
            if not ready:
                self.kill()
                raise AssertionError(f"an Odoo process was still at work after {PATIENCE} s")
            chunk = os.read(self.pipe, 65536)
            if not chunk:
                break
            self.text += chunk
        os.close(self.pipe)
        self.world.jobs.discard(self)
        self.world.wait_for_backend(self.pid)
        return json.loads(self.text) if self.text else None

    def kill(self):
        """kill -9, now."""
        self.signal(signal.SIGKILL)

    def signal(self, number):
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def wait_until_stopped(self):
        """Wait until it has stopped itself (SIGSTOP)."""
        until = time.monotonic() + PATIENCE
        status = Path(f"/proc/{self.pid}/stat")
        while status.exists() and time.monotonic() < until:
            with contextlib.suppress(OSError):  # it ended just now
                if status.read_text(encoding="ascii").rpartition(")")[2].split()[0] == "T":
                    return
            time.sleep(0.005)
        raise AssertionError(f"process {self.pid} did not come to the point where it was to stop")

    def go_on(self):
        self.signal(signal.SIGCONT)


class World:
    """The database, the mail server and the process that forks jobs."""

    def __init__(self):
        self.jobs = set()
        self.sink = Sink().up()
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.odoo = self._start(theirs)
        theirs.close()
        self.db = psycopg2.connect(**_connection())
        self.db.autocommit = True
        try:
            self._make()
        except BaseException:
            self.close()
            raise

    def _make(self):
        made = self._here("build", customers=CUSTOMERS, port=self.sink.port)
        self.server, self.company, self.customers = made["server"], made["company"], made["customers"]
        self.by_partner = {one["partner"]: email for email, one in self.customers.items()}
        self.people = self._here("credit_people")
        self._picture("invoiced")
        self._here("plan")
        self._picture("planned")
        self._here("perform")  # so that all code and templates are loaded before the first fork
        self._here("pay", moves=[self.customers["c000@customer.example"]["move"]], delays=[0])
        self.reset()

    def _start(self, control):
        log = Path(os.environ["ACC_ODOO_CONF"]).parent / "logs" / f"faults_odoo_{os.getpid()}.log"
        log.parent.mkdir(exist_ok=True)
        self.log = log
        script = Path(__file__).with_name("odoo_side.py")
        command = [os.environ["ACC_ODOO_BIN"], "shell", "-d", os.environ["ACC_DB"], "--no-http", "--log-level", "warn",
                   "--logfile", str(log)]
        odoo = subprocess.Popen(command, stdin=subprocess.PIPE, text=True, pass_fds=[control.fileno()],
                                env={**os.environ, "ACC_FAULTS_CONTROL": str(control.fileno())})
        odoo.stdin.write(f"import sys; sys.path.insert(0, {str(script.parents[2])!r})\n"
                         f"exec(compile(open({str(script)!r}).read(), {str(script)!r}, 'exec'))\n")
        odoo.stdin.close()
        return odoo

    def close(self):
        """End all processes; the database belongs to the caller."""
        for job in list(self.jobs):
            job.kill()
        self.control.close()
        try:
            self.odoo.wait(10)
        except subprocess.TimeoutExpired:
            self.odoo.kill()
        self.sink.down()
        self.db.close()

    # ------------------------------------------------------------------ jobs

    def start(self, job, **arguments):
        """Fork a process that does a job of ``odoo_side.py``."""
        return self._request(job, arguments, here=False)

    def _here(self, job, **arguments):
        """Do a job in the process that forks."""
        return self._request(job, arguments, here=True).result()

    def _request(self, job, arguments, here):
        ours, theirs = os.pipe()
        request = json.dumps({"job": job, "arguments": arguments, "here": here}).encode()
        socket.send_fds(self.control, [request], [theirs])
        os.close(theirs)
        answer = self.control.recv(100)
        if not answer:
            raise AssertionError(f"Odoo ended; its log:\n{self.log.read_text(encoding='utf-8')[-3000:]}")
        started = Job(self, int(answer) or self.odoo.pid, ours)
        if not here:
            self.jobs.add(started)
        return started

    def wait_for_backend(self, pid):
        """PostgreSQL notices a dead client a moment later; until then it holds the client's locks."""
        until = time.monotonic() + 10
        alive = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s"
        while self.sql(alive, f"odoo-{pid}"):
            if time.monotonic() > until:
                raise AssertionError(f"the database connection of process {pid} outlives it")
            time.sleep(0.005)

    # ------------------------------------------------------------------ the database

    def sql(self, query, *parameters):
        """Run SQL, committed at once; the rows as named tuples."""
        with self.db.cursor(cursor_factory=psycopg2.extras.NamedTupleCursor) as cursor:
            cursor.execute(query, parameters or None)
            return cursor.fetchall() if cursor.description else []

    def _picture(self, name):
        self.sql(f"CREATE SCHEMA {name}")
        for table in TABLES:
            self.sql(f"CREATE TABLE {name}.{table} AS TABLE public.{table}")
            self.sql(f"ALTER TABLE {name}.{table} ADD PRIMARY KEY (id)")

    def reset(self, picture="planned", keep=CUSTOMERS):
        """Back to the picture; ``keep`` so many of the planned contacts, and let runs see their customers only."""
        assert not self.jobs, f"jobs of an earlier test are still at work: {self.jobs}"
        statements = []
        for table in TABLES:
            columns = ", ".join(f'"{row.name}"' for row in self.sql(
                "SELECT attname AS name FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
                " AND attname <> 'id' ORDER BY attnum", f"{picture}.{table}"))
            stored = columns.replace('"', 'p."', 1).replace(', "', ', p."')
            statements.append(f"UPDATE {table} t SET ({columns}) = ROW({stored}) FROM {picture}.{table} p"
                              f" WHERE p.id = t.id AND t.* IS DISTINCT FROM p.*")
        statements.append("UPDATE account_payment SET move_id = NULL"
                          f" WHERE id NOT IN (SELECT id FROM {picture}.account_payment)")
        statements += [f"DELETE FROM {table} t WHERE NOT EXISTS (SELECT 1 FROM {picture}.{table} p WHERE p.id = t.id)"
                       for table in reversed(TABLES)]
        statements += [f"INSERT INTO {table} SELECT p.* FROM {picture}.{table} p"
                       f" WHERE NOT EXISTS (SELECT 1 FROM {table} t WHERE p.id = t.id)" for table in TABLES]
        statements.append("DELETE FROM collection_action_line WHERE action_id NOT IN"
                          f" (SELECT id FROM collection_action ORDER BY id LIMIT {keep})")
        statements.append("DELETE FROM collection_action WHERE id NOT IN"
                          f" (SELECT id FROM collection_action ORDER BY id LIMIT {keep})")
        statements.append("UPDATE collection_action SET not_before = NULL")
        if keep < CUSTOMERS:
            statements.append("UPDATE credit_profile SET active = false"
                              " WHERE id NOT IN (SELECT profile_id FROM collection_action)")
        self.sql("BEGIN; " + "; ".join(statements) + "; COMMIT")
        self._reset_sink()

    def _reset_sink(self):
        self.sink.down()
        self.sink = Sink().up()
        self.sql("UPDATE ir_mail_server SET smtp_port = %s WHERE id = %s", self.sink.port, self.server)

    def rows(self):
        """All contacts, by id."""
        return {row.id: row for row in self.sql(
            "SELECT a.*, p.email AS customer FROM collection_action a JOIN res_partner p ON p.id = a.partner_id ORDER BY a.id")}

    def states(self):
        return dict(Counter(row.state for row in self.rows().values()))

    def pass_time(self, minutes):
        """What was to wait so long need not wait any more: leases and back-off."""
        self.sql("UPDATE collection_action SET claimed_at = claimed_at - make_interval(mins => %s),"
                 " not_before = not_before - make_interval(mins => %s)", minutes, minutes)

    def next_day(self):
        """A day passes: a run decides on every customer again."""
        self.pass_time(24 * 60)
        self.sql("UPDATE credit_profile SET evaluated_on = evaluated_on - 1")

    def activities(self, type_xmlid):
        """How many tasks of a type each customer has: ``{e-mail: count}``."""
        rows = self.sql(
            "SELECT c.email, count(*) AS number FROM mail_activity a JOIN credit_profile p ON p.id = a.res_id"
            " JOIN res_partner c ON c.id = p.partner_id JOIN ir_model_data d ON d.res_id = a.activity_type_id"
            " WHERE a.res_model = 'credit.profile' AND d.model = 'mail.activity.type'"
            " AND d.module = 'account_credit_collection' AND d.name = %s GROUP BY c.email", type_xmlid)
        return {row.email: row.number for row in rows}


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
        world, mails = self.world, self.sink.mails
        actions = world.rows()
        problems = _repeated(mails)
        if rows is not None and len(actions) != rows:
            problems.append(f"{len(actions)} contacts instead of {rows}")
        by_message = {row.message_id: row for row in actions.values() if row.message_id}
        taken = {mail.message_id for mail in mails}
        for mail in mails:
            row = by_message.get(mail.message_id)
            if row is None:
                problems.append(f"the server has {mail.message_id} for {mail.to}, no contact has")
            elif row.state not in ("sent", "unknown"):
                problems.append(f"contact {row.id} is {row.state} ({row.reason}), but {mail.to} has the message")
            elif mail.to != row.recipient or mail.documents != (world.customers[row.customer]["document"],):
                problems.append(f"contact {row.id} of {row.customer} reached {mail.to} about {mail.documents}")
        for row in actions.values():
            if row.state not in FINAL:
                problems.append(f"contact {row.id} is left {row.state} ({row.reason}, attempt {row.attempt}, {row.worker})")
            if row.state == "sent" and row.message_id not in taken:
                problems.append(f"contact {row.id} is said to be sent, the server never had it")
        problems += self._unknown_problems(actions, unknown) + self._chatter_problems(actions)
        queued = world.sql("SELECT count(*) AS number FROM mail_mail WHERE state = 'outgoing'")[0].number
        if queued:
            problems.append(f"{queued} mails lie in Odoo's own queue, which would send them again")
        if problems:
            self.fail("\n".join(["the outbox broke its promise:", *problems[:15], f"states: {world.states()}"]))

    def _chatter_problems(self, actions):
        """Each mail that left stands once in the customer's chatter, under its Message-Id."""
        sent = {row.message_id: row for row in actions.values() if row.state == "sent" and row.channel == "email"}
        noted = {row.message_id: row.number for row in self.world.sql(
            "SELECT message_id, count(*) AS number FROM mail_message WHERE message_id = ANY(%s) GROUP BY 1", list(sent))}
        return [f"contact {row.id} of {row.customer} stands {noted.get(key, 0)} times in the chatter"
                for key, row in sent.items() if noted.get(key, 0) != 1]

    def _unknown_problems(self, actions, allowed):
        found = [row for row in actions.values() if row.state == "unknown"]
        problems = [] if len(found) <= allowed else [
            f"{len(found)} contacts of unknown outcome ({[row.id for row in found]}), at most {allowed} may be"]
        asked = self.world.activities("mail_activity_collection_task")
        return problems + [f"unknown contact {row.id}: {asked.get(row.customer, 0)} tasks for a person instead of 1"
                           for row in found if asked.get(row.customer) != 1]


def _repeated(mails):
    by_id = Counter(mail.message_id for mail in mails)
    by_claim = Counter((mail.to, document, mail.subject) for mail in mails for document in mail.documents)
    return [f"accepted {count} times: {what}" for what, count in (by_id + by_claim).items() if count > 1]


def _connection():
    """How to reach ACC_DB, from Odoo's configuration."""
    conf = configparser.ConfigParser(interpolation=None)
    conf.read(os.environ["ACC_ODOO_CONF"])
    options = {name: conf.get("options", f"db_{name}", fallback=None) for name in ("host", "port", "user", "password")}
    known = {name: value for name, value in options.items() if value not in (None, "False")}
    return {"dbname": os.environ["ACC_DB"], **known}


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
