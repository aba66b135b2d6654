"""The part "load" of ./dev bench: a night with 10,000 customers due, a customer with 2,000 items, a public form under fire.

The night: one run plans; then copies of its database are sent by one, two and four workers, each a process of Odoo, to one
SMTP server. The web: a server with two workers, and visitors on the same machine.
"""
import contextlib
import json
import smtplib
import subprocess
import time

from . import bench_ledger, bench_load_web, cluster, database, server
from .bench_ledger import TODAY, Size
from .paths import CHECKOUT, checkout_dir, say

NIGHT = Size(25_000, 625_000)  # about 10,000 of them are due
WORKERS = (1, 2, 4)
START = 45  # seconds that all workers get to load Odoo
MAILS_A_SECOND = 15
PAGE_S = 1.5


def measure(smtp_sink):
    """All of it."""
    with smtp_sink() as port, bench_ledger.installed(NIGHT, "bench_load") as db:
        say(f"planning the night of {NIGHT.customers:,} customers")
        report = {"plan": bench_ledger.run_inside(db, "bench_load.py", ["plan", port, TODAY]), "night": []}
        for count in WORKERS:
            say(f"sending with {count} worker(s)")
            report["night"].append(_send(db, count, port))
        say("a customer with 2,000 items, and the public form")
        made = bench_ledger.run_inside(db, "bench_load.py", ["web", port, TODAY])
        with server.start_server(db, port=8190, workers=2, args=("--proxy-mode", "--log-level", "warn"), cron=0, log="bench_load_server"):
            report["web"] = bench_load_web.measure("http://127.0.0.1:8190", made)
    return report


def _send(db, count, port):
    """Send what a copy of the database has ready with so many workers, then look at it as the nightly self-check does; what came of it."""
    before = _taken(port)
    with _copy(db) as target:
        ready = int(cluster.server().psql("SELECT count(*) FROM collection_action WHERE channel = 'email' AND state = 'ready'", db=target))
        begin = time.time() + START
        workers = [_worker(target, number, begin) for number in range(count)]
        for process in workers:
            process.wait()
        answers = [json.loads(_answer(number).read_text(encoding="utf-8")) for number in range(count)]
        rows = dict(line.split("|") for line in cluster.server().psql(
            "SELECT state, count(*) FROM collection_action WHERE channel = 'email' GROUP BY 1", db=target).splitlines())
        check = bench_ledger.run_inside(target, "bench_load.py", ["check", 0, TODAY])
    taken, known = (after - since for after, since in zip(_taken(port), before))
    seconds = max(answer["ended"] for answer in answers) - begin
    return {"workers": count, "ready": ready, "check": check, "seconds": round(seconds, 1), "states": {state: int(number) for state, number in rows.items()},
            "taken": taken, "twice": taken - known, "a_second": round(int(rows.get("sent", 0)) / seconds, 1),
            "late": round(max(answer["began"] for answer in answers) - begin, 1), "peak_mb": max(answer["peak_mb"] for answer in answers)}


def _taken(port):
    """(mails, Message-Ids) that the mail server has seen."""
    with smtplib.SMTP("127.0.0.1", port) as line:
        return tuple(map(int, line.verify("count")[1].split()))


@contextlib.contextmanager
def _copy(db):
    target = database.copy(db, database.full_name("bench_load_copy"))
    try:
        yield target
    finally:
        database.drop(target)


def _answer(number):
    return checkout_dir() / f"bench_load_worker_{number}.json"


def _worker(db, number, begin):
    """A process of Odoo that sends from a moment on until nothing is left."""
    path = _answer(number)
    path.unlink(missing_ok=True)
    args = [str(path), "send", str(begin), TODAY]
    code = (f"import sys\nsys.path.insert(0, {str(CHECKOUT)!r})\nargs = {args!r}\n"
            f"exec(compile(open({str(CHECKOUT / 'tools/bench_load.py')!r}).read(), 'bench_load.py', 'exec'), globals())\n")
    process = subprocess.Popen(server.command("shell", "-d", db, "--no-http", "--log-level", "warn", "--logfile",
                                              server.log_path(f"bench_load_{number}")),
                               env=server.variables(), stdin=subprocess.PIPE, text=True)
    process.stdin.write(code)
    process.stdin.close()
    return process


def targets(report):
    """(what, measured, target, met) for each promise."""
    for one in report["night"]:
        yield f"mails a second, {one['workers']} worker(s)", f"{one['a_second']}", f"≥ {MAILS_A_SECOND}", one["a_second"] >= MAILS_A_SECOND
        same = one["ready"] == one["states"].get("sent") == one["taken"] and not one["twice"]
        yield (f"ready, sent, taken by the server, {one['workers']} worker(s)",
               f"{one['ready']:,}, {one['states'].get('sent', 0):,}, {one['taken']:,}", "equal", same)
        yield f"violations of invariants, {one['workers']} worker(s)", f"{one['check']['violations']}", "0", not one["check"]["violations"]
    for page in report["web"]["pages"]:
        yield f"{page['name']}, 95 % of {page['visits']} s", f"{page['p95']}", f"≤ {PAGE_S}", page["p95"] <= PAGE_S
        yield f"{page['name']}, answers", f"{page['answers']}", "200 only", set(page["answers"]) == {200}
    form = report["web"]["form"]
    yield "answers 5xx of the public form", f"{form['errors']}", "0", not form["errors"]
    yield "applications begun of those sent", f"{form['begun']} of {form['visits']}", "all", form["begun"] == form["visits"]


def show(report):
    """A readable table on stdout."""
    plan = report["plan"]
    print(f"\nload: {plan['decided']:,} customers decided on, {plan['customers']:,} contacted, planned in {plan['seconds']} s")
    print(f"{'workers':<9}{'seconds':>9}{'mails/s':>9}{'late s':>8}{'peak MB':>9}  states")
    for one in report["night"]:
        print(f"{one['workers']:<9}{one['seconds']:>9}{one['a_second']:>9}{one['late']:>8}{one['peak_mb']:>9}  {one['states']}; "
              f"self-check {one['check']['seconds']} s, {one['check']['peak_mb']} MB, {one['check']['violations']} violations")
    for page in report["web"]["pages"]:
        print(f"{page['name']}: {page['visits']} answers, median {page['median']} s, 95 % {page['p95']} s, most {page['most']} s, {page['answers']}")
    form = report["web"]["form"]
    print(f"public form: {form['visits']} applicants in {form['seconds']} s, {form['begun']} begun; answers {form['answers']}; "
          f"median {form['median']} s, 95 % {form['p95']} s, most {form['most']} s")
    print()
    for what, measured, target, met in targets(report):
        print(f"{'PASS' if met else 'over':<6}{what:<52}{measured:>28}   {target}")
