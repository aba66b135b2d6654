"""A ledger in a real database, a mail server, and the process of Odoo that forks jobs."""
import configparser
import json
import os
import socket
import subprocess
import time
from collections import Counter
from pathlib import Path

import psycopg2
import psycopg2.extras

from .job import Job
from .picture import CUSTOMERS, Pictures
from .sink import Sink


def connection(db=None):
    """How to reach a database, or ACC_DB, from Odoo's configuration."""
    conf = configparser.ConfigParser(interpolation=None)
    conf.read(os.environ["ACC_ODOO_CONF"])
    options = {name: conf.get("options", f"db_{name}", fallback=None) for name in ("host", "port", "user", "password")}
    known = {name: value for name, value in options.items() if value not in (None, "False")}
    return {"dbname": db or os.environ["ACC_DB"], **known}


class World(Pictures):
    """The database, the mail server and the process that forks jobs."""

    def __init__(self, db=None):
        self.name = db or os.environ["ACC_DB"]
        self.jobs = set()
        self.sink = Sink().up()
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.odoo = self._start(theirs)
        theirs.close()
        self.db = psycopg2.connect(**connection(self.name))
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
        self._here("charge_rule")
        self.agency = self._here("agreement_accounts")
        self._picture("invoiced")
        self._here("plan")
        self._picture("planned")
        self._here("perform")  # so that all code and templates are loaded before the first fork
        self._here("pay", moves=[self.customers["c000@customer.example"]["move"]], delays=[0])
        self.reset()

    def _start(self, control):
        log = Path(os.environ["ACC_ODOO_CONF"]).parent / "logs" / f"faults_odoo_{self.name}.log"
        log.parent.mkdir(exist_ok=True)
        self.log = log
        script = Path(__file__).with_name("odoo_side.py")
        command = [os.environ["ACC_ODOO_BIN"], "shell", "-d", self.name, "--no-http", "--log-level", "warn",
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
