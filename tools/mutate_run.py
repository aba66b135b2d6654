"""Runs inside the copy that ./dev mutate makes: installs it once, then runs the tests that belong to a mutant.

Exit code 0: all passed, 1: a test failed, 2: no test was started.
"""
import json
import sys

from . import cluster, database, server, testing
from .odoo_log import Tally
from .paths import MODULE

BASE = "mutants"  # the database with the unchanged copy


def install():
    """The database that mutants are cloned from; made again only when the copy has changed."""
    made = testing.installed_database()
    base = database.full_name(BASE)
    mark = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{}'"
    pg = cluster.server()
    wanted = pg.psql(mark.format(made))
    if pg.psql(mark.format(base)) != wanted:
        database.copy(made, base)
        pg.psql(f"COMMENT ON DATABASE \"{base}\" IS '{wanted}'")
    return 0


def prepared(part):
    """The database for a mutant: the shared one, or a clone in which data were changed or the module was updated."""
    base = database.full_name(BASE)
    if not part["sql"] and not part["update"]:
        return base
    own = database.copy(base, database.full_name(f"{BASE}_own"))
    if part["sql"]:
        cluster.server().psql(part["sql"], db=own)
    if part["update"]:
        server.run_odoo(["-u", MODULE, "--stop-after-init", "--no-http"], own, log="mutant_update")
    return own


def run(part):
    """Run the named tests, each in its suite; the exit code."""
    base = prepared(part)
    testing.installed_database = lambda demo=False: base
    by_folder, seen, score = {}, set(), Tally()
    for name in part["tests"]:
        folder, _file, test = name.split(".", 2)
        by_folder.setdefault(folder, []).append(test)
    if tests := by_folder.get("tests"):
        score += testing.run_odoo_suite("addon", None, seen, classes=tests)
        if not seen:
            return 2
    for test in by_folder.get("engine", ()):
        score += testing.run_engine(test)
    for test in by_folder.get("faults", ()):
        score += testing.run_faults(test)
    if not score.total:
        return 2
    return 1 if score.failed else 0


def run_inside():
    """The mutants in the file that ACC_MUTANTS names, all in one Odoo."""
    base = database.full_name(BASE)
    testing.installed_database = lambda demo=False: base
    testing.run_odoo_suite("addon", None, set(), classes=["TestMutants"])
    return 0


COMMANDS = {"install": install, "inside": run_inside}

if __name__ == "__main__":
    sys.exit(COMMANDS[sys.argv[1]]() if sys.argv[1] in COMMANDS else run(json.loads(sys.argv[1])))
