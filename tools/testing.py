"""./dev test: the suites, their databases, and one last line that counts every test.

engine    plain unittest, without Odoo and without a database
addon     Odoo's tests without a browser
browser   Odoo's tests tagged `browser`, in real Chromium
faults    tools/faults/: tests that kill, race and starve real processes from outside
"""
import ast
import hashlib
import os
import re
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

from . import database, provision, server
from .odoo_log import LogReader, Tally
from .paths import CHECKOUT, MODULE, DevError, checkout_dir, locked, say, short_hash

SUITES = ("engine", "addon", "browser", "faults")
SECOND_SHARE = 0.29  # of the addon's tests, behind the shorter suites, so that both cores end together
RUN = f"{time.strftime('%H%M%S')}_{os.getpid()}"  # several runs in one checkout must not meet
NOT_INSTALLED = ("tests/", "engine/tests/", "docs/", "tools/", ".ci/", "dev", ".git", "ruff.toml", "README", "CONTRIBUTING")
# What most tests begin with: a company with a chart of accounts. To make it for each class costs more than most tests.
COMPANY = """
company = env["res.company"].create({"name": "company_1_data", "currency_id": env.ref("base.USD").id})
env["account.chart.template"].try_loading("generic_coa", company=company, install_demo=False)
company.account_fiscal_country_id = company.account_fiscal_country_id or env.ref("base.us")
env.cr.commit()
"""
ASSETS = "env['ir.qweb']._pregenerate_assets_bundles()\nenv.cr.commit()\n"


def _files():
    """The checkout's files that are not ignored, relative to it."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=CHECKOUT, capture_output=True,
                            text=True, check=False)
    if listed.returncode == 0:
        return sorted(set(listed.stdout.splitlines()))
    names = (str(path.relative_to(CHECKOUT)) for path in CHECKOUT.rglob("*"))  # an unpacked archive
    return sorted(name for name in names if "__pycache__" not in name)


def addon_fingerprint():
    """Changes when a file changes that an installation reads."""
    read = [name for name in _files() if not name.startswith(NOT_INSTALLED) and (CHECKOUT / name).is_file()]
    return short_hash(*[f"{name} {hashlib.sha256((CHECKOUT / name).read_bytes()).hexdigest()}" for name in read])


def installed_database(demo=False):
    """The name of a database with the addon installed, made again only when the addon has changed."""
    if not (CHECKOUT / "__manifest__.py").exists():
        raise DevError("there is no __manifest__.py: nothing to install")
    name = database.full_name("basedemo" if demo else "base")
    with locked(f"install-{name}"):
        wanted = f"{database.template(demo)} {addon_fingerprint()}"
        pg = server.cluster.server()
        comment = f"SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{name}'"
        if pg.psql(comment) == wanted:
            return name
        say(f"installing {MODULE} into a clone of the template")
        part = database.copy(database.template(demo), f"{name}_part")
        log = f"install_{RUN}"
        database.install(part, ["-i", MODULE, "--stop-after-init", "--no-http"], log=log)
        _show_warnings(server.log_path(log))
        if database.exists(name):
            database.carry_assets(name, part)
        if server.run_code(part, ASSETS, log=f"assets_{RUN}"):
            raise DevError(f"building the web assets failed; see {server.log_path(f'assets_{RUN}')}")
        database.drop(name)
        database.rename(part, name)
        pg.psql(f"COMMENT ON DATABASE \"{name}\" IS '{wanted}'")
    return name


def tests_database():
    """The name of a database like ``installed_database()`` with the company that the tests share."""
    base, name = installed_database(), database.full_name("basetests")
    with locked(f"install-{name}"):
        pg = server.cluster.server()
        comment = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{}'"
        wanted = f"{pg.psql(comment.format(base))} {short_hash(COMPANY)}"
        if pg.psql(comment.format(name)) != wanted:
            part = database.copy(base, f"{name}_part")
            if server.run_code(part, COMPANY, log=f"company_{RUN}"):
                raise DevError(f"making the tests' company failed; see {server.log_path(f'company_{RUN}')}")
            database.drop(name)
            database.rename(part, name)
            pg.psql(f"COMMENT ON DATABASE \"{name}\" IS '{wanted}'")
    return name


def _show_warnings(path):
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        if " WARNING " in line:
            say(line)


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _unittest(suite, start, pattern, env):
    """Run a unittest suite in the virtual environment, printing what it said at its end; its tally."""
    log = server.log_path(f"{suite}_{RUN}")
    command = [provision.environment().python, CHECKOUT / "tools/unittest_run.py", start, "."]
    if pattern:
        command += ["-k", pattern]
    env = {"HYPOTHESIS_STORAGE_DIRECTORY": str(checkout_dir("hypothesis")), **env}
    with log.open("w", encoding="utf-8") as handle:
        code = subprocess.run(list(map(str, command)), cwd=CHECKOUT, env=env, stdin=subprocess.DEVNULL,
                              stdout=handle, stderr=subprocess.STDOUT, check=False).returncode
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    scores = [Tally(*map(int, line.split()[1:])) for line in lines if line.startswith("TALLY ")]
    print("\n".join(line for line in lines if not line.startswith("TALLY ")), flush=True)
    score = scores[-1] if scores else Tally()
    return score + Tally(failed=1) if code and not score.failed else score


def run_engine(pattern):
    """The engine's own tests: no Odoo on the path, so that an import of it fails."""
    if not (CHECKOUT / "engine/tests").is_dir():
        return Tally()
    env = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "ODOO_HOME")}
    return _unittest("engine", "engine/tests", pattern, {**env, "PYTHONWARNINGS": "default"})


def faults_variables(db):
    """The process environment by which fault tests find their database and Odoo."""
    return {**server.variables(), "PYTHONPATH": os.pathsep.join([str(CHECKOUT)]), "ACC_DB": db,
            "ACC_ODOO_CONF": str(server.config()), "ACC_ODOO_BIN": str(server.config().with_name("odoo")),
            "ACC_PYTHON": str(provision.environment().python)}


def run_faults(pattern):
    """The out-of-process suite; it finds everything by environment variables (see tools/faults)."""
    if not list((CHECKOUT / "tools/faults").glob("test_*.py")):
        return Tally()
    db = database.copy(installed_database(), database.full_name(f"faults_{RUN}"))
    try:
        return _unittest("faults", "tools/faults", pattern, faults_variables(db))
    finally:
        database.drop(db)


def test_classes():
    """{class name: [test methods]} of the addon's tests, read without importing them."""
    found = {}
    for path in sorted((CHECKOUT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                found[node.name] = [item.name for item in node.body
                                    if isinstance(item, ast.FunctionDef) and item.name.startswith("test")]
    return found


def _selected(pattern, classes=None):
    """The `:Class.method` parts of Odoo's --test-tags for a -k pattern, or of some classes only."""
    if classes is not None:
        return [f":{name}" for name in classes]
    if not pattern:
        return [""]
    needle, parts = pattern.lower(), []
    for name, methods in test_classes().items():
        if needle in name.lower():
            parts.append(f":{name}")
        else:
            parts += [f":{name}.{method}" for method in methods if needle in f"{name}.{method}".lower()]
    return parts


def _tags(suite, pattern, classes=None):
    tag = "browser" if suite == "browser" else ""
    tags = [f"{tag}/{MODULE}{part}" for part in _selected(pattern, classes)]
    return tags + (["-browser"] if suite != "browser" and tags else [])


def _shares():
    """The addon's test classes in two parts; the second, ``SECOND_SHARE`` of the tests, runs behind browser and faults."""
    classes = test_classes()
    first, second, left = [], [], SECOND_SHARE * sum(map(len, classes.values()))
    for name in sorted(classes, reverse=True):
        (second if left > 0 else first).append(name)
        left -= len(classes[name])
    return first, second


def run_odoo_suite(suite, pattern, seen, classes=None):
    """Odoo's tests on a fresh clone of the installed database; `seen` collects the classes that ran."""
    tags = _tags(suite, pattern, classes)
    if not tags:
        return Tally()
    db = database.copy(tests_database(), database.full_name(f"{suite}_{RUN}"))
    reader = LogReader()
    port = _free_port()
    args = ["--test-tags", ",".join(tags), "--stop-after-init", "--http-port", port, "--gevent-port", _free_port(),
            "--screenshots", checkout_dir("screenshots"), "--log-level", "info"]
    try:
        code, log = server.run_odoo(args, db, log=f"{suite}_{RUN}", watch=reader.feed)
    finally:
        database.drop(db)
    seen |= reader.classes
    score = reader.tally()
    if code and not score.failed:
        print(f"Odoo ended with exit code {code}; see {log}")
        score.failed += 1
    for name, reason in reader.left_out.items():
        say(f"skipped {name}: {reason}")
    return score


def _never_ran(seen):
    """Test classes in tests/ that no suite started: not imported, or without the post_install tag."""
    return sorted(name for name, methods in test_classes().items() if methods and name not in seen)


def _run_suite(suite, pattern, seen, classes=None):
    begun = time.monotonic()
    say(f"{suite}: running; full log {server.log_path(f'{suite}_{RUN}')}")
    if suite == "engine":
        score = run_engine(pattern)
    elif suite == "faults":
        score = run_faults(pattern)
    else:
        score = run_odoo_suite(suite, pattern, seen, classes)
    say(f"{suite}: {score} in {time.monotonic() - begun:.0f} s")
    return score


def _installs(suites, pattern):
    """The suites that have something to run in a database, once the addon is installed there."""
    if not (CHECKOUT / "__manifest__.py").exists():
        return []
    wanted = [suite for suite in suites if suite in ("addon", "browser") and _tags(suite, pattern)]
    if "faults" in suites and list((CHECKOUT / "tools/faults").glob("test_*.py")):
        wanted.append("faults")
    return wanted


def _lanes(wanted, pattern):
    """What runs side by side: the addon's suite, and the others with the rest of it, about as long."""
    others = [(suite, None) for suite in wanted if suite != "addon"]
    if "addon" not in wanted:
        return [others]
    if pattern or len(others) < 2:
        return [[("addon", None)], others]
    first, second = _shares()
    return [[("addon", first)], [*others, ("addon_rest", second)]]


def _run_all(suites, pattern, seen):
    """Run the suites: the engine's while the addon is being installed, then the addon's beside those of browser and faults."""
    total = Tally()
    with ThreadPoolExecutor(1) as pool:
        engine = pool.submit(_run_suite, "engine", pattern, seen) if "engine" in suites else None
        wanted = _installs(suites, pattern)
        try:
            if wanted:
                tests_database()
        except DevError as error:
            print(error)
            wanted, total.failed = [], 1
        if engine:
            total += engine.result()
    lanes = _lanes(wanted, pattern)
    with ThreadPoolExecutor(len(lanes)) as pool:
        for scores in pool.map(lambda lane: [_run_suite(suite, pattern, seen, classes) for suite, classes in lane], lanes):
            total = sum(scores, total)
    if not pattern and {"addon", "browser"} <= set(wanted):
        for name in _never_ran(seen):
            print(f"FAIL: {name} in tests/ never ran (not imported, or not tagged post_install)")
            total.failed += 1
    return total


def main(suite=None, pattern=None):
    """Run one suite or all; exit code 1 when a test failed or none ran."""
    provision.environment()  # without it no suite can run: fail once, and at once
    total = _run_all((suite,) if suite else SUITES, pattern, set())
    _tidy()
    print(total, flush=True)
    return 0 if total.total and not total.failed else 1


def _tidy(keep=60):
    """Old logs, and databases that an interrupted run left behind."""
    logs = sorted(checkout_dir("logs").glob("*.log"), key=lambda path: path.stat().st_mtime)
    for path in logs[:-keep]:
        path.unlink(missing_ok=True)
    for name in database.names(database.full_name("").replace("_", "\\_")):
        owner = re.search(r"_(?:addon|addon_rest|browser|faults)_\d{6}_(\d+)(?:_campaign)?$", name)
        if owner and not os.path.exists(f"/proc/{owner[1]}"):
            database.drop(name)
