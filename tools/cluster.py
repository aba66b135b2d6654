"""PostgreSQL: the server that $PG* names, else a private cluster on a socket, started when it is not running.

The private cluster trades durability for speed (fsync off): it holds nothing that cannot be built again. Set
ACC_DURABLE=1 before it is made, or before it is started, to measure with the settings of a real server.
"""
import glob
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import apt
from .paths import MODULE, DevError, cache, locked, say, short_hash

ROLE = "odoo"
SETTINGS = """
listen_addresses = ''
max_connections = 60
max_locks_per_transaction = 256
shared_buffers = 512MB
work_mem = 32MB
maintenance_work_mem = 256MB
effective_cache_size = 4GB
jit = off
random_page_cost = 1.1
max_wal_size = 4GB
checkpoint_timeout = 30min
autovacuum_naptime = 30s
log_min_messages = warning
logging_collector = off
timezone = 'UTC'
lc_messages = 'C'
"""
FAST = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nwal_level = minimal\nmax_wal_senders = 0\n"


class Server:
    """How to reach PostgreSQL: socket folder or host, port and role, and whether it is ours."""

    def __init__(self, host, port, user, private):
        self.host, self.port, self.user, self.private = str(host), str(port), user, private

    def variables(self):
        """The process environment for PostgreSQL's own clients."""
        return {**os.environ, "PGHOST": self.host, "PGPORT": self.port, "PGUSER": self.user, "PGDATABASE": "postgres"}

    def psql(self, sql, db="postgres"):
        """Run SQL; the rows as text, one per line, columns separated by |."""
        return self._psql(db, ["-c", sql], None)

    def psql_script(self, script, db):
        """Run a psql script, with COPY data in it; what it selects."""
        return self._psql(db, ["-f", "-"], script)

    def _psql(self, db, args, script):
        command = ["psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", db, *args]
        done = subprocess.run(command, env=self.variables(), input=script, capture_output=True, text=True, check=False)
        if done.returncode:
            raise DevError(f"psql {db}: {done.stderr.strip()}\n{' '.join(args)[:500]}")
        return done.stdout.strip()

    def settings(self):
        """The settings that decide how fast it is, for a benchmark's report."""
        names = ("server_version", "fsync", "synchronous_commit", "shared_buffers", "work_mem", "jit")
        return {name: self.psql(f"SHOW {name}") for name in names}


def _binaries():
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda path: int(path.split("/")[4]))
    if not found or int(found[-1].split("/")[4]) < 13:
        raise DevError("PostgreSQL 13 or newer is needed: apt-get install postgresql")
    return Path(found[-1]).parent


def _home():
    """(folder, operating system user): PostgreSQL refuses root, and root's home is closed to anyone else."""
    if os.geteuid() != 0:
        return cache() / "postgres", None
    try:
        owner = pwd.getpwnam("postgres")
    except KeyError:
        apt.ensure_installed(["postgresql"], "the database server")
        owner = pwd.getpwnam("postgres")
    return Path("/var/lib") / MODULE / short_hash(cache()), owner


def _run(owner, *command):
    extra = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
    done = subprocess.run(command, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False, env={**os.environ, "LC_ALL": "C.UTF-8", "HOME": "/"}, **extra)
    return done.returncode, done.stdout


def _socket_folder(home):
    """The cluster's own folder, unless its path is too long for a socket's name (107 bytes)."""
    folder = home / "socket"
    if len(str(folder)) > 85:
        folder = Path(tempfile.gettempdir()) / f"acc-{os.getuid()}-{short_hash(home)}"
    return folder


def _initialise(home, owner, binaries):
    say("making a private PostgreSQL cluster (a few seconds)")
    part = home / "data.part"
    shutil.rmtree(part, ignore_errors=True)
    code, out = _run(owner, str(binaries / "initdb"), "-D", str(part), "-U", ROLE, "-A", "trust", "-E", "UTF8",
                     "--locale=C.UTF-8", "--no-sync")
    if code:
        raise DevError(f"initdb failed:\n{out}")
    part.rename(home / "data")


def _own(folder, owner):
    folder.mkdir(parents=True, exist_ok=True)
    if owner:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    folder.chmod(0o700)


def _configure(home, socket):
    fast = "" if os.environ.get("ACC_DURABLE") else FAST
    (home / "data/acc.conf").write_text(f"{SETTINGS}{fast}unix_socket_directories = '{socket}'\n", encoding="utf-8")
    (home / "data/acc.conf").chmod(0o644)
    main = home / "data/postgresql.conf"
    if "include 'acc.conf'" not in main.read_text(encoding="utf-8"):
        with main.open("a", encoding="utf-8") as handle:
            handle.write("\ninclude 'acc.conf'\n")


def _answers(binaries, socket):
    command = [binaries / "pg_isready", "-q", "-h", socket, "-p", "5432"]
    return subprocess.run(command, check=False).returncode == 0


def _start(home, owner, binaries, socket):
    log = str(home / "server.log")
    code, out = _run(owner, str(binaries / "pg_ctl"), "-D", str(home / "data"), "-l", log, "-w", "-t", "120", "start")
    if code and not _answers(binaries, socket):
        tail = Path(log).read_text(encoding="utf-8")[-1500:] if os.path.exists(log) else ""
        raise DevError(f"PostgreSQL does not start:\n{out}\n{tail}")


def _version_of(home):
    return (home / "data/PG_VERSION").read_text(encoding="utf-8").strip()


def server():
    """The running server; makes and starts the private cluster when needed."""
    if os.environ.get("PGHOST"):
        user = os.environ.get("PGUSER") or pwd.getpwuid(os.geteuid()).pw_name
        return Server(os.environ["PGHOST"], os.environ.get("PGPORT") or 5432, user, private=False)
    binaries = _binaries()
    home, owner = _home()
    socket = _socket_folder(home)
    if not (home / "data").exists() or not _answers(binaries, socket):
        with locked("postgres"):
            home.parent.mkdir(parents=True, exist_ok=True)
            _own(home, owner)
            _own(socket, owner)
            if (home / "data").exists() and _version_of(home) != binaries.parent.name:
                shutil.rmtree(home / "data")  # made by another major version: nothing in it cannot be built again
            if not (home / "data").exists():
                _initialise(home, owner, binaries)
            if not _answers(binaries, socket):
                _configure(home, socket)
                _start(home, owner, binaries, socket)
    return Server(socket, 5432, ROLE, private=True)


def remove():
    """Stop the private cluster and delete it."""
    home, owner = _home()
    if (home / "data").exists():
        _run(owner, str(_binaries() / "pg_ctl"), "-D", str(home / "data"), "-m", "immediate", "stop")
    shutil.rmtree(home, ignore_errors=True)
