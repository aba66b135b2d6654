"""The commands of `./dev`. Each imports what it needs when it is called: a broken tool must not break the others."""
import argparse
import importlib
import os
import shutil
import subprocess
import sys

from . import paths
from .paths import CHECKOUT, MODULE, DevError, cache, say


def test(options):
    """Run the suites; the last line counts them."""
    from . import testing
    return testing.main(options.suite, options.pattern)


def demo(options):
    """A fresh demo database with one follow-up run, then a server."""
    from . import demo as demo_module
    return demo_module.main(options.exit, options.port)


def lint(options):
    """The static gates; each must find nothing."""
    from . import lint as gates
    return gates.main(options.gate)


def faults(options):
    """Passes of the fault campaign; exit code 1 when a promise broke."""
    if options.host:
        from . import testing
        os.environ["ACC_HOST_LONG"] = "1"
        return testing.main("faults", "TestHost")
    from .faults import campaign
    return campaign.main(options)


def shell(options):
    """odoo shell on a development database that stays."""
    from . import database, server
    db = options.db or database.full_name("dev")
    if not database.exists(db):
        say(f"making the database {db}")
        database.copy(database.template(), db)
    if (CHECKOUT / "__manifest__.py").exists():
        there = database.is_installed(db, MODULE)
        if not there or options.update:
            say(f"{'updating' if there else 'installing'} {MODULE} in {db}")
            database.install(db, ["-u" if there else "-i", MODULE, "--stop-after-init", "--no-http"], log="shell_install")
    command = server.command("shell", "-d", db, "--no-http", "--log-level", "warn")
    return subprocess.run(command, env=server.variables(), check=False).returncode


def pot(_options):
    """Write i18n/account_credit_collection.pot from a fresh installation."""
    from . import server, testing
    db = testing.installed_database()
    (CHECKOUT / "i18n").mkdir(exist_ok=True)
    target = CHECKOUT / "i18n" / f"{MODULE}.pot"
    code, log = server.run_odoo(["i18n", "export", "-o", target, MODULE], db, log="pot")
    if code:
        raise DevError(f"the export failed; see {log}")
    say(f"wrote {target.relative_to(CHECKOUT)}")
    return 0


def clean(options):
    """Drop this checkout's databases; with --all the whole cache and its PostgreSQL cluster."""
    from . import cluster, database
    if not options.all:
        database.drop_all()
        shutil.rmtree(paths.checkout_dir())
        return 0
    if not os.environ.get("PGHOST"):
        cluster.remove()
    else:
        for name in database.names("acc\\_"):
            database.drop(name)
    shutil.rmtree(cache(), ignore_errors=True)
    return 0


def dispatch(name):
    """A command whose own module reads its arguments."""
    def run(options):
        try:
            module = importlib.import_module(f".{name}", __package__)
        except ModuleNotFoundError as error:
            if error.name != f"{__package__}.{name}":
                raise
            raise DevError(f"tools/{name}.py is not there yet") from None
        return module.main(options.rest) or 0
    return run


def parser():
    """The command line."""
    top = argparse.ArgumentParser(prog="./dev", description="Everything a developer of this addon needs.")
    commands = top.add_subparsers(dest="command", required=True)

    one = commands.add_parser("test", help="run all test suites, or one")
    one.add_argument("suite", nargs="?", choices=("engine", "addon", "browser", "faults"))
    one.add_argument("-k", dest="pattern", help="only tests whose name contains this, or Class.method")
    one.set_defaults(run=test)

    one = commands.add_parser("demo", help="demo data, one follow-up run, a summary, then a server")
    one.add_argument("--exit", action="store_true", help="stop after the summary")
    one.add_argument("--port", type=int, default=8069)
    one.set_defaults(run=demo)

    for name, text in (("replay", "the real ledger, day by day"), ("bench", "time and queries of the heavy work"),
                       ("pictures", "the pictures of the README, taken from the demo"),
                       ("check", "what must always be true, looked up in a database: the demo's, or the one named"),
                       ("mutate", "take guards away; the tests must notice"),
                       ("simulate", "random sequences of business steps, in the rules alone and in Odoo beside them")):
        one = commands.add_parser(name, help=text, add_help=False)
        one.add_argument("rest", nargs=argparse.REMAINDER)
        one.set_defaults(run=dispatch(name))

    one = commands.add_parser("lint", help="ruff, pylint-odoo, oca-checks, bandit, semgrep: each must find nothing")
    one.add_argument("gate", nargs="?", choices=("ruff", "pylint", "oca", "bandit", "semgrep"))
    one.set_defaults(run=lint)

    one = commands.add_parser("faults", help="kill, race and starve whatever is under way; print what came of it")
    one.add_argument("--seeds", type=int, default=200, help="how many passes (default: 200)")
    one.add_argument("--from", dest="first", type=int, help="the number of the first; those that failed once are left out then")
    one.add_argument("--host", action="store_true", help="break the machine instead: database, disk, clock and server, at full length")
    one.set_defaults(run=faults)

    one = commands.add_parser("shell", help="odoo shell on a development database")
    one.add_argument("db", nargs="?")
    one.add_argument("--update", action="store_true", help="update the addon in it first")
    one.set_defaults(run=shell)

    commands.add_parser("pot", help="write the translation template").set_defaults(run=pot)

    one = commands.add_parser("clean", help="drop this checkout's databases")
    one.add_argument("--all", action="store_true", help="remove the whole cache and its PostgreSQL too")
    one.set_defaults(run=clean)
    return top


def main(argv):
    """Run one command; the exit code."""
    options, rest = parser().parse_known_args(argv)
    if rest:
        if not hasattr(options, "rest"):
            parser().error(f"unrecognized arguments: {' '.join(rest)}")
        options.rest = rest + options.rest
    try:
        return options.run(options)
    except DevError as error:
        print(f"./dev {options.command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
