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


def lint(_options):
    """ruff, then pylint with the Odoo rules."""
    from . import provision, server
    bin_dir = provision.environment().venv / "bin"
    codes = [subprocess.run([bin_dir / "ruff", "check", "."], cwd=CHECKOUT, check=False).returncode]
    tracked = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.py"], cwd=CHECKOUT,
                             capture_output=True, text=True, check=True).stdout.split()
    addon = [name for name in tracked if not name.startswith(("tools/", "engine/")) and (CHECKOUT / name).exists()]
    if addon:
        command = [bin_dir / "python", "-m", "pylint", "--load-plugins=pylint_odoo", "--valid-odoo-versions=19.0",
                   "--disable=all", "--enable=odoolint,F,E", "--disable=E0401,E0611,E1101,E1136,E1120,C8101,C8112",
                   "--score=n", *addon]
        codes.append(subprocess.run(command, cwd=paths.addons_dir() / MODULE, env=server.variables(), check=False).returncode)
    return int(any(codes))


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
                       ("pictures", "the pictures of the README, taken from the demo")):
        one = commands.add_parser(name, help=text, add_help=False)
        one.add_argument("rest", nargs=argparse.REMAINDER)
        one.set_defaults(run=dispatch(name))

    commands.add_parser("lint", help="ruff and pylint-odoo").set_defaults(run=lint)

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
