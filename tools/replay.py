"""./dev replay FILE [--json FILE]: a real ledger, lived through day by day, and what must never happen, counted."""
import argparse
import contextlib
import json
import shutil
import socket
import subprocess
import time
from pathlib import Path

from . import check, cluster, database, provision, replay_check, replay_file, server, testing
from .paths import CHECKOUT, DevError, checkout_dir, checkout_id, locked, say

SHOWN = 10  # problems named before the rest is only counted


def main(argv):
    """Load, walk, count, print; the exit code is 1 when a count is not zero."""
    options = _parser().parse_args(argv)
    invoices = replay_file.read(options.file)
    with locked(f"replay-{checkout_id()}"):
        installed = testing.installed_database()
        begun = time.monotonic()
        db = database.copy(installed, database.full_name("replay"))
        with _smtp_sink() as (port, folder):
            simulated = _walk(db, invoices, port)
        say("reading the captured mails")
        result = replay_check.check(invoices, folder, lambda sql: cluster.server().psql(sql, db=db))
    report = {
        "invoices": result.invoices, "customers": len({invoice.customer for invoice in invoices}),
        "reminders": result.reminders, "settled_contacts": result.settled, "disputed_contacts": result.disputed,
        "duplicates": result.duplicates, "customers_contacted": result.customers_contacted, "simulated_quarter": simulated,
        "seconds": round(time.monotonic() - begun, 1),
    }
    problems = [*result.problems, *_disagreements(simulated)]
    _show(report, problems)
    if options.json:
        Path(options.json).write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    violated = check.report(db)
    return 0 if result.good and not problems and not violated else 1


def _parser():
    parser = argparse.ArgumentParser(prog="./dev replay", description=__doc__)
    parser.add_argument("file", help="CSV with the columns " + ", ".join(replay_file.COLUMNS))
    parser.add_argument("--json", metavar="FILE", help="write the figures there")
    return parser


@contextlib.contextmanager
def _smtp_sink():
    """A local SMTP server in a process of its own; yields (port, folder of the .eml files, which starts empty)."""
    folder = checkout_dir() / "replay_mails"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with server.log_path("replay_smtp").open("w", encoding="utf-8") as log:
        command = [provision.environment().python, CHECKOUT / "tools/smtp_sink.py", str(port), folder]
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait(process, port, log.name)
            yield port, folder
        finally:
            process.terminate()
            process.wait()


def _wait(process, port, log):
    until = time.monotonic() + 20
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise DevError(f"the SMTP sink does not start; see {log}")


def _walk(db, invoices, port):
    """Let Odoo live through the file, and simulate its last quarter once more; what came of that."""
    path, out = checkout_dir() / "replay.json", checkout_dir() / "replay_simulation.json"
    path.write_text(json.dumps([invoice.to_json() for invoice in invoices]), encoding="utf-8")
    code = (f"import sys\nsys.path.insert(0, {str(CHECKOUT)!r})\nfrom tools import replay_simulation, replay_walk\n"
            f"replay_walk.main(env, {str(path)!r}, {port})\nreplay_simulation.main(env, {str(path)!r}, {str(out)!r})\n")
    if server.run_code(db, code, log="replay"):
        raise DevError(f"the replay broke off; Odoo's log: {server.log_path('replay')}")
    return json.loads(out.read_text(encoding="utf-8"))


def _disagreements(simulated):
    """What the simulation and the replay do not agree on, in words."""
    lost = [f"{simulated['failed']} customers could not be simulated"] if simulated["failed"] else []
    return lost + [f"only simulated: {contact}" for contact in simulated["only_simulated"]] + \
        [f"only in the replay: {contact}" for contact in simulated["only_real"]]


def _show(report, problems):
    print(f"{report['invoices']:,} invoices, {report['customers']:,} customers")
    print("reminders sent")
    for level, count in report["reminders"].items():
        print(f"  {level:<24}{count:>7,}")
    print(f"  {'total':<24}{sum(report['reminders'].values()):>7,}")
    for label, key in (("customers contacted", "customers_contacted"),
                       ("contacts about an item already settled", "settled_contacts"),
                       ("contacts about a disputed item", "disputed_contacts"),
                       ("the same item, level, channel and round twice", "duplicates")):
        print(f"{label:<46}{report[key]:>7,}")
    quarter = report["simulated_quarter"]
    print(f"simulated {quarter['first']} to {quarter['last']}: {quarter['simulated']:,} contacts, really made {quarter['real']:,}, "
          f"the same {quarter['both']:,}")
    print(f"run time {report['seconds']:.0f} s")
    for problem in problems[:SHOWN]:
        print(f"problem: {problem}")
    if len(problems) > SHOWN:
        print(f"and {len(problems) - SHOWN} more problems")
