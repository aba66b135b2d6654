"""The ledgers of `./dev bench`: written once by SQL, kept as template databases, cloned for each measurement."""
import contextlib
import json
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

from . import cluster, database, server
from .paths import CHECKOUT, MODULE, DevError, checkout_dir, locked, say, short_hash

TODAY = "2026-11-21"  # the day on which every ledger ends
SCRIPT = CHECKOUT / "tools/bench/ledger.sql"


class Size(NamedTuple):
    """How large a ledger is, and the seed it grows from."""

    customers: int
    invoices: int
    seed: int = 1


def template(size):
    """The database with the ledger and without the addon, generated when it is missing."""
    name = f"acc_ledger_{short_hash(database.template(), SCRIPT.read_text(encoding='utf-8'), TODAY, *size)}"
    if database.exists(name):
        return name
    with locked(name):
        if not database.exists(name):
            say(f"generating {size.invoices:,} invoices of {size.customers:,} customers (kept for the next time)")
            begun, part = time.monotonic(), database.copy(database.template(), f"{name}_part")
            values = {**size._asdict(), "today": TODAY}
            settings = "".join(f"\\set {key} '{value}'\n" for key, value in values.items())
            cluster.server().psql_script(settings + SCRIPT.read_text(encoding="utf-8"), part)
            database.rename(part, name)
            say(f"generated in {time.monotonic() - begun:.0f} s")
    return name


@contextlib.contextmanager
def clone(size, name, module=None, options=()):
    """A working copy of a ledger, with a module installed on it; dropped afterwards. Yields the database's name.

    PostgreSQL's parallel workers are switched off in it: their CPU time could not be told.
    """
    db = database.copy(template(size), database.full_name(name))
    try:
        cluster.server().psql(f'ALTER DATABASE "{db}" SET max_parallel_workers_per_gather = 0')
        if module:
            say(f"installing {module} on {size.customers:,} customers")
            database.install(db, ["-i", module, "--stop-after-init", "--no-http", *options], log=f"{name}_install")
            cluster.server().psql("VACUUM ANALYZE", db=db)
        yield db
    finally:
        database.drop(db)


def installed(size, name):
    """A working copy with this addon."""
    return clone(size, name, MODULE)


def run_inside(db, script, args, options=()):
    """Run a file of tools/ in a fresh `odoo shell`, where `env` and `args` are given; returns the JSON it writes to args[0]."""
    path, log = CHECKOUT / "tools" / script, server.log_path(Path(script).stem)
    answer = checkout_dir() / f"{path.stem}.json"
    answer.unlink(missing_ok=True)
    code = (f"import sys\nsys.path.insert(0, {str(CHECKOUT)!r})\nargs = {[str(arg) for arg in (answer, *args)]!r}\n"
            f"exec(compile(open({str(path)!r}, encoding='utf-8').read(), {str(path)!r}, 'exec'), globals())\n")
    command = server.command("shell", "-d", db, "--no-http", "--logfile", log, "--log-level", "warn", *options)
    done = subprocess.run(command, env=server.variables(), input=code, text=True, check=False)
    if done.returncode or not answer.exists():
        raise DevError(f"{script} failed; Odoo's log: {log}")
    return json.loads(answer.read_text(encoding="utf-8"))
