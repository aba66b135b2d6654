"""./dev bench: CPU time, queries and memory of the follow-up over a generated ledger, against its targets.

Two ledgers, a small one and the one asked for, so that growth shows. On each: a fresh Odoo process runs the whole job
(bench_run), then PostgreSQL alone writes the same rows (bench_bare). On the large one also delivery and letters; on the
small one posting with and without the addon (bench_posting); then credit: two nights of ladders on the large ledger, orders
and invoices with and without the addon (bench_credit_part); the collector's desk on the large one (bench_desk_part), and
charge runs (bench_charge_part), and reports (bench_report_part); only when asked for with --only: a night of 10,000 customers
and a public form under fire (bench_load_part); with --peer OCA's account_credit_control (bench_peer_run).

All seconds are CPU seconds of Odoo and of its PostgreSQL backend together, so that other work on the machine disturbs
little; mails per second and milliseconds per letter are by the clock. A missed target is shown and fails nothing.
"""
import argparse
import contextlib
import json
import socket
import subprocess
import time

from . import (
    bench_charge_part,
    bench_credit_part,
    bench_desk_part,
    bench_ledger,
    bench_load_part,
    bench_peer,
    bench_report_part,
    cluster,
    provision,
)
from .bench_ledger import TODAY, Size
from .paths import CHECKOUT, DevError, checkout_id, locked, say

SMALL = Size(2_000, 50_000)
DECISION = ("gather", "decide", "record")
# Up to the SMTP dialogue: the rows are there. Neither here nor at the peer PDF files or the building of the MIME text.
JOB = (*DECISION, "check", "render", "mail_rows")
SENDING = ("mail_rows", "mime", "protocol", "smtp")


def arguments(argv):
    """The command line."""
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--invoices", type=int, default=500_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=("credit", "desk", "charge", "report", "load"), help="this part alone")
    parser.add_argument("--peer", action="store_true", help="also OCA's account_credit_control (fetched with pip; minutes)")
    parser.add_argument("--json", metavar="FILE", help="write the figures there")
    return parser.parse_args(argv)


@contextlib.contextmanager
def smtp_sink():
    """A process that takes mails and keeps none; yields its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([provision.environment().python, CHECKOUT / "tools/bench_sink.py", str(port)])
    try:
        until = time.monotonic() + 20
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            if process.poll() is not None or time.monotonic() > until:
                raise DevError("the SMTP sink does not start")
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


# ---------------------------------------------------------------- measuring

def measure_job(size, port, name, *parts):
    """The whole job on one ledger; `parts` adds delivery and letters."""
    with bench_ledger.installed(size, name) as db:
        say(f"measuring the run over {size.customers:,} customers, {size.invoices:,} invoices")
        return bench_ledger.run_inside(db, "bench_run.py", [port, TODAY, *parts])


def measure_posting():
    """Posting and paying with and without the addon, on two copies of the small ledger."""
    with bench_ledger.installed(SMALL, "bench_with") as with_db, bench_ledger.clone(SMALL, "bench_without") as bare_db:
        say("posting invoices and payments with and without the addon")
        return bench_ledger.run_inside(with_db, "bench_posting.py", [bare_db, TODAY])


def measure_peer(size):
    """The peer on a copy of the same ledger."""
    paths = [*provision.environment().addons_path(), bench_peer.addons()]
    options = ("--addons-path", ",".join(map(str, paths)))
    with bench_ledger.clone(size, "bench_peer", bench_peer.MODULE, options) as db:
        say(f"running the peer over {size.customers:,} customers (minutes)")
        return bench_ledger.run_inside(db, "bench_peer_run.py", [TODAY], options)


# ---------------------------------------------------------------- figures

def cpu(run, *stages):
    """CPU seconds of some stages together."""
    return sum(run["stages"][stage]["cpu_s"] for stage in stages if stage in run["stages"])


def queries_per_thousand(run):
    """Queries of gather, decide and record for 1,000 customers decided on."""
    return 1000 * sum(run["stages"][stage]["queries"] for stage in DECISION) / run["decided"]


def figures(size, runs, posting, peer):
    """What --json writes; the table is made of it."""
    run, stages = runs[size], runs[size]["stages"]
    sending = sum(stages[stage]["wall_s"] for stage in SENDING if stage in stages)
    bare = cpu(run, "bare_read", "bare_write")
    job = cpu(run, *JOB)
    report = {
        "ledger": size._asdict(), "decided": run["decided"], "customers": run["customers"], "items": run["items"],
        "actions": run["actions"], "lines": run["lines"], "mails": run["mails"],
        **{f"{stage}_s": round(cpu(run, stage), 3) for stage in DECISION},
        "perform_s": round(cpu(run, "check", "render", "mail_rows", "mime", "protocol"), 3),
        **{f"{stage}_s": round(cpu(run, stage), 3) for stage in ("check", "render", *SENDING)},
        "job_s": round(job, 3), "job_ms_per_customer": round(1000 * job / run["customers"], 2),
        "queries": sum(spent["queries"] for name, spent in stages.items() if not name.startswith("bare")),
        "queries_per_1000": {f"{each.customers}/{each.invoices}": round(queries_per_thousand(done), 1)
                             for each, done in sorted(runs.items())},
        "peak_mb": run["peak_mb"], "registry_mb": run["registry_mb"], "peak_with_letters_mb": run["peak_with_letters_mb"],
        "deliver_per_s": round(run["mails"] / sending, 1), "letter_ms": run["letter_ms"],
        "bare_sql_s": round(bare, 3), "bare_ratio": round(cpu(run, *DECISION) / bare, 2),
        "posting": posting, "stages": stages, "postgresql": cluster.server().settings(),
    }
    if peer:
        report.update({f"peer_{key}": value for key, value in peer.items()})
        each, theirs = job / run["customers"], peer["total_s"] / peer["customers"]
        report.update(peer_ms_per_customer=round(1000 * theirs, 2), peer_ratio=round(theirs / each, 1),
                      peer_ratio_total=round(peer["total_s"] / job, 1))
    return report


def targets(report):
    """(what, measured, target, met) for each promise of the addon's description."""
    growth = list(report["queries_per_1000"].items())
    yield ("queries per 1,000 customers", " → ".join(f"{value}" for _size, value in growth), "no growth",
           growth[-1][1] <= growth[0][1] * 1.02)
    yield "gather + decide + record / bare SQL", f"{report['bare_ratio']}", "≤ 4", report["bare_ratio"] <= 4
    if "peer_ratio" in report:
        yield "peer / whole job, per customer reminded", f"{report['peer_ratio']}", "≥ 20", report["peer_ratio"] >= 20
    yield "mails a second, one worker", f"{report['deliver_per_s']}", "≥ 40", report["deliver_per_s"] >= 40
    yield "letter in a batch, ms", f"{report['letter_ms']}", "≤ 30", report["letter_ms"] <= 30
    yield "peak memory, MB", f"{report['peak_mb']}", "< 600", report["peak_mb"] < 600
    for what in ("invoices", "payments"):
        ratio = report["posting"][what]["ratio"]
        yield f"posting {report['posting']['documents']} {what}, with / without", f"{ratio}", "≤ 1.05", ratio <= 1.05


def show(report):
    """A readable table on stdout."""
    ledger, customers = report["ledger"], report["customers"]
    print(f"\n{ledger['customers']:,} customers, {ledger['invoices']:,} invoices, seed {ledger['seed']}: {report['items']:,} open items, "
          f"{report['decided']:,} customers decided, {customers:,} contacted ({report['lines']:,} lines, {report['mails']:,} mails)")
    print(f"{'stage':<12}{'CPU s':>9}{'Odoo':>9}{'PostgreSQL':>12}{'wall s':>9}{'queries':>9}{'ms/customer':>13}")
    for name in (*JOB, "mime", "protocol", "smtp", "letters", "bare_read", "bare_write"):
        spent = report["stages"].get(name)
        if spent:
            print(f"{name:<12}{spent['cpu_s']:>9.2f}{spent['client_s']:>9.2f}{spent['server_s']:>12.2f}{spent['wall_s']:>9.2f}"
                  f"{spent['queries']:>9}{1000 * spent['cpu_s'] / customers:>13.2f}")
    print(f"{'whole job':<12}{report['job_s']:>9.2f}{'(up to the mail rows, no PDF)':>39}{report['job_ms_per_customer']:>13.2f}")
    if "peer_total_s" in report:
        print(f"{'peer':<12}{report['peer_total_s']:>9.2f}  lines {report['peer_lines_s']}, communications {report['peer_communications_s']}, "
              f"mails {report['peer_mails_s']} ({report['peer_sampled']:,} of {report['peer_communications']:,} measured); "
              f"{report['peer_queries']:,} queries, {report['peer_customers']:,} customers, {report['peer_ms_per_customer']} ms each, "
              f"{report['peer_peak_mb']} MB; in total {report['peer_ratio_total']} times the whole job")
    for what in ("invoices", "payments"):
        both = report["posting"][what]
        print(f"posting {report['posting']['documents']} {what}: {both['with_s']} s with, {both['without_s']} s without the addon")
    print()
    for what, measured, target, met in targets(report):
        print(f"{'PASS' if met else 'over':<6}{what:<44}{measured:>24}   {target}")


def main(argv):
    """Measure everything, print, and write the figures."""
    options = arguments(argv)
    size = Size(options.customers, options.invoices, options.seed)
    if options.only:
        return part_alone(options.only, size, options.json)
    with locked(f"bench-{checkout_id()}"), smtp_sink() as port:
        runs = {} if size == SMALL else {SMALL: measure_job(SMALL, port, "bench_small")}
        runs[size] = measure_job(size, port, "bench_run", "deliver")
        posting = measure_posting()
        credit, desk, charge = bench_credit_part.measure(size, SMALL), bench_desk_part.measure(size), bench_charge_part.measure(size)
        reports = bench_report_part.measure(size)
        peer = measure_peer(size) if options.peer else None
    report = {**figures(size, runs, posting, peer), "credit": credit, "desk": desk, "charge": charge, "report": reports}
    show(report)
    bench_credit_part.show(credit)
    bench_desk_part.show(desk)
    bench_charge_part.show(charge)
    bench_report_part.show(reports)
    write(report, [*targets(report), *bench_credit_part.targets(credit), *bench_desk_part.targets(desk), *bench_charge_part.targets(charge),
                   *bench_report_part.targets(reports)], options.json)
    return 0


def part_alone(name, size, path):
    """One part and nothing else."""
    part, others = {"credit": (bench_credit_part, (SMALL,)), "desk": (bench_desk_part, ()), "charge": (bench_charge_part, ()),
                    "report": (bench_report_part, ()), "load": (bench_load_part, ())}[name]
    with locked(f"bench-{checkout_id()}"):
        found = part.measure(smtp_sink) if name == "load" else part.measure(size, *others)
    part.show(found)
    write({name: found}, part.targets(found), path)
    return 0


def write(report, met, path):
    """The figures, and which targets they meet, where --json wants them."""
    if path:
        with open(path, "w", encoding="utf-8") as target:
            json.dump({**report, "targets": {what: done for what, _measured, _target, done in met}}, target, indent=2)
