"""Starting Odoo: one configuration file per checkout, and the three ways scripts need it.

run_odoo()      a command that ends (install, tests)
run_script()    Python inside `odoo shell`
start_server()  a server to talk to, stopped by its context manager
"""
import contextlib
import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from . import cluster, provision
from .paths import DevError, addons_dir, cache, checkout_dir

LOG_LINE = re.compile(r"^\d{4}-\d\d-\d\d [\d:,]+ \d+ [A-Z]+ ")
BAD_LINE = re.compile(r"^\d{4}-\d\d-\d\d [\d:,]+ \d+ (ERROR|CRITICAL) ")


def data_dir():
    """Filestores and sessions of all databases."""
    path = cache() / "data"
    path.mkdir(exist_ok=True)
    return path


def config():
    """Write this checkout's odoo.conf (it depends on where things lie now) and return its path."""
    pg = cluster.server()
    env = provision.environment()
    lines = [
        "[options]", f"db_host = {pg.host}", f"db_port = {pg.port}", f"db_user = {pg.user}", "db_maxconn = 16",
        "addons_path = " + ",".join(str(path) for path in [*env.addons_path(), addons_dir()]),
        f"data_dir = {data_dir()}", "admin_passwd = admin", "http_interface = 127.0.0.1", "http_port = 8169",
        "gevent_port = 8172", "list_db = False", "max_cron_threads = 0", "workers = 0",
        "limit_time_cpu = 3600", "limit_time_real = 7200", "limit_time_real_cron = 7200",
        "limit_memory_soft = 4294967296", "limit_memory_hard = 6442450944", "log_level = info",
    ]
    path = checkout_dir() / "odoo.conf"
    text = "\n".join(lines) + "\n"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        part = path.with_name(f"odoo.conf.{os.getpid()}")
        part.write_text(text, encoding="utf-8")
        part.rename(path)
    write_launcher(env, path)
    return path


def write_launcher(env, conf):
    """A shell script beside odoo.conf that runs Odoo by hand with the same environment."""
    variables = env.variables()
    text = "\n".join([
        "#!/bin/sh", "# Odoo as ./dev runs it. Written by ./dev.", f"unset {' '.join(provision.PG_VARIABLES)}",
        f"export ODOO_RC='{conf}' PYTHONPATH='{variables['PYTHONPATH']}' PYTHONWARNINGS=ignore",
        f"export PATH='{env.venv}/odoo-bin':\"$PATH\"", f"exec '{env.python}' '{env.launcher}' \"$@\"", ""])
    path = conf.with_name("odoo")
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)
    return path


def command(*args):
    """The argument list that runs Odoo with this checkout's configuration."""
    env = provision.environment()
    return [str(env.python), str(env.launcher), *map(str, args)]


def variables():
    """The process environment that goes with command()."""
    return {**provision.environment().variables(), "ODOO_RC": str(config())}


def log_path(name):
    """Where the full log of something goes."""
    return checkout_dir("logs") / f"{name}.log"


def run_odoo(args, db=None, log="odoo", watch=None, extra_env=None):
    """Run Odoo with args to its end, all output into the log named; returns (exit code, log path).

    watch(line) is called with every line as it comes.
    """
    target = ["-d", db] if db else []
    path = log_path(log)
    with path.open("w", encoding="utf-8") as handle:
        process = subprocess.Popen(command(*args, *target), env={**variables(), **(extra_env or {})}, text=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   errors="replace")
        for line in process.stdout:
            handle.write(line)
            if watch:
                watch(line.rstrip("\n"))
        return process.wait(), path


def error_lines(path):
    """The ERROR and CRITICAL records of an Odoo log, each with its traceback."""
    found, inside = [], False
    for line in Path(path).read_text(encoding="utf-8", errors="replace").splitlines():
        if LOG_LINE.match(line):
            inside = bool(BAD_LINE.match(line))
        if inside:
            found.append(line)
    return found


def tail(path, count=30):
    """The last lines of a file."""
    return Path(path).read_text(encoding="utf-8", errors="replace").splitlines()[-count:]


def run_script(db, path, args=(), log=None):
    """Run a Python file inside `odoo shell`, where `env` is a superuser environment and `args` the given strings.

    Output goes to the terminal, Odoo's log to the log file. What the script wants kept it commits itself.
    """
    code = f"args = {[str(arg) for arg in args]!r}\n__file__ = {str(path)!r}\n" \
           f"exec(compile(open(__file__, encoding='utf-8').read(), __file__, 'exec'), globals())\n"
    return run_code(db, code, log=log or Path(path).stem)


def run_code(db, code, log="shell", capture=False):
    """Run Python text inside `odoo shell`; the exit code, or (exit code, output) with capture."""
    path = log_path(log)
    path.unlink(missing_ok=True)
    wrapped = ("import sys, traceback\ntry:\n"
               f"    exec(compile({code!r}, '<script>', 'exec'), globals())\n"
               "except BaseException:\n    traceback.print_exc()\n    sys.stdout.flush(); import os; os._exit(1)\n")
    done = subprocess.run(command("shell", "-d", db, "--no-http", "--logfile", path), env=variables(), text=True,
                          input=wrapped, stdout=subprocess.PIPE if capture else None, check=False)
    return (done.returncode, done.stdout) if capture else done.returncode


def _wait_until_up(process, port, path, seconds=120):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            raise DevError(f"Odoo ended at its start; see {path}")
        with contextlib.suppress(urllib.error.URLError, OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/web/health", timeout=5).close()
            return
        time.sleep(0.3)
    raise DevError(f"Odoo does not answer on port {port}; see {path}")


@contextlib.contextmanager
def start_server(db, port=8069, workers=0, args=(), log="server", cron=1):
    """A running server on 127.0.0.1:port for one database; yields the process, stops it on leaving."""
    path = log_path(log)
    options = ["-d", db, "--db-filter", f"^{db}$", "--http-interface", "127.0.0.1", "--http-port", port,
               "--gevent-port", port + 3, "--workers", workers, "--max-cron-threads", cron, "--logfile", path]
    process = subprocess.Popen(command(*options, *args), env=variables(), stdin=subprocess.DEVNULL,
                               start_new_session=True)
    try:
        _wait_until_up(process, port, path)
        yield process
    finally:
        stop(process)


def stop(process):
    """End a server that we started, with its workers."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)

