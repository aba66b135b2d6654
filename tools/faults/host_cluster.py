"""A PostgreSQL cluster of our own, to be stopped, starved and given a wrong clock; the shared one is never touched."""
import contextlib
import os
import shutil
import subprocess
import time
from pathlib import Path

import libfaketime
import psycopg2

from tools import cluster

SETTINGS = """
listen_addresses = ''
max_connections = 30
shared_buffers = 128MB
fsync = off
synchronous_commit = off
full_page_writes = off
hot_standby = on
max_wal_size = 2GB
jit = off
autovacuum = off
timezone = 'UTC'
log_min_messages = warning
"""


class OwnCluster:
    """PostgreSQL in a folder of the test, on a socket only."""

    Error = psycopg2.Error

    def __init__(self, folder):
        self.home, self.owner = folder / "postgres", cluster._home()[1]
        self.socket, self.binaries = folder / "socket", cluster._binaries()
        for path in (folder, self.home, self.socket):
            cluster._own(path, self.owner)
        self.clock = None

    def make(self):
        cluster._initialise(self.home, self.owner, self.binaries)
        with (self.home / "data/postgresql.conf").open("a", encoding="utf-8") as handle:
            handle.write(f"{SETTINGS}unix_socket_directories = '{self.socket}'\n")
        self.start()

    def _control(self, *args):
        preload = self.clock.variables() if self.clock else {}
        words = [f"{name}={value}" for name, value in preload.items()]
        command = ["env", *words, str(self.binaries / "pg_ctl"), "-D", str(self.home / "data"), "-l", str(self.home / "log"), "-w", *args]
        code, out = cluster._run(self.owner, *command)
        if code:
            raise AssertionError(f"pg_ctl {args}: {out}\n{(self.home / 'log').read_text(encoding='utf-8')[-2000:]}")

    def start(self):
        self._control("start")

    def restart(self, mode="immediate"):
        """As after a crash (immediate: nobody is asked), or an orderly restart (fast)."""
        self._control("-m", mode, "restart")

    def take_nothing(self, refuse):
        """Only be read, as a standby is, or take writes again. (Odoo overrides default_transaction_read_only.)"""
        self._control("-m", "fast", "stop")
        signal = self.home / "data/standby.signal"
        if refuse:
            signal.touch()
            if self.owner:
                os.chown(signal, self.owner.pw_uid, self.owner.pw_gid)
        else:
            signal.unlink()
        self.start()

    def remove(self):
        if (self.home / "data/postmaster.pid").exists():
            self._control("-m", "immediate", "stop")
        shutil.rmtree(self.home.parent, ignore_errors=True)

    def use_clock(self, clock):
        """Restart with another clock; None is the true one."""
        if clock is not self.clock:
            self._control("-m", "fast", "stop")
            self.clock = clock
            self.start()

    # ------------------------------------------------------------------ clients

    def connect(self, database="postgres"):
        connection = psycopg2.connect(host=str(self.socket), user=cluster.ROLE, dbname=database)
        connection.autocommit = True
        return connection

    def sql(self, query, *parameters, database="postgres"):
        """Run SQL, committed at once; the rows."""
        connection = self.connect(database)
        try:
            with connection.cursor() as cursor:
                cursor.execute(query, parameters or None)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def take_all_sessions(self, end_the_rest=False):
        """Hold every session that PostgreSQL still gives; of the others' too, with ``end_the_rest``. ``close()`` of the answer frees them."""
        held = contextlib.ExitStack()
        if end_the_rest:
            self.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()")
        with contextlib.suppress(self.Error):
            while True:
                held.enter_context(contextlib.closing(self.connect()))
        return held

    def take_over(self, source, name):
        """A copy of a database of the shared cluster, read with pg_dump."""
        self.sql(f'CREATE DATABASE "{name}"')
        theirs = cluster.server()
        dump = subprocess.Popen(["pg_dump", "--no-owner", source], env=theirs.variables(), stdout=subprocess.PIPE)
        ours = {**os.environ, "PGHOST": str(self.socket), "PGUSER": cluster.ROLE}
        subprocess.run(["psql", "-X", "-q", "-o", os.devnull, "-v", "ON_ERROR_STOP=1", "-d", name], env=ours, stdin=dump.stdout, check=True)
        if dump.wait():
            raise AssertionError(f"pg_dump of {source} failed")
        self.sql("ANALYZE", database=name)


class Clock:
    """A clock for whole processes, moved while they run (libfaketime); what lasts is still measured truly."""

    def __init__(self, folder):
        self.file, self.library = folder / "clock", folder / "libfaketime.so.1"
        found = next(Path(libfaketime.__file__).parent.rglob("libfaketime.so.1"))
        shutil.copyfile(found, self.library)
        self.library.chmod(0o755)
        self.file.write_text("+0", encoding="ascii")
        self.file.chmod(0o644)

    def variables(self):
        return {"LD_PRELOAD": str(self.library), "FAKETIME_TIMESTAMP_FILE": str(self.file), "FAKETIME_CACHE_DURATION": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1"}

    def move(self, seconds):
        """So many seconds from the true time, for all processes that have this clock."""
        self.file.write_text(f"{seconds:+.0f}", encoding="ascii")
        time.sleep(2.1)  # each process looks at the file once a second
