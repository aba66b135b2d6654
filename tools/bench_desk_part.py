"""The part "desk" of ./dev bench: ranking every customer in the night, and what a collector waits for by day."""
from . import bench_ledger
from .bench_ledger import TODAY
from .paths import say

RANK_PARTS = ("claims", "trails", "cut_offs", "decide", "write", "rank")
RANK_S = 30
RANK_QUERIES = 35  # of a batch, whatever its size; writes are apart: the ORM writes 100 rows at once
OPEN_MS = 1000
NEXT_MS = 300


def measure(size):
    """The nights and the desk on one ledger."""
    with bench_ledger.installed(size, "bench_desk") as db:
        say(f"the desk over {size.customers:,} customers")
        return bench_ledger.run_inside(db, "bench_desk.py", [TODAY])


def rank_queries(report):
    """The most queries of a batch, of the large and of the smaller ones."""
    return [max(batch["queries"] for batch in report["rank"][name]) for name in ("batches", "smaller")]


def targets(report):
    """(what, measured, target, met) for each promise."""
    rank = report["rank"]
    yield "ranking all customers, CPU s", f"{rank['cpu_s']} ({rank['wall_s']} by the clock)", f"< {RANK_S}", rank["cpu_s"] < RANK_S
    large, small = rank_queries(report)
    yield "ranking, queries of a batch of 2,000 / 500", f"{large} / {small}", f"≤ {RANK_QUERIES}", max(large, small) <= RANK_QUERIES
    for night in report["nights"]:
        rest = round(night["cpu_s"] - night["desk_s"], 2)
        yield f"{night['name']} night, CPU s with / without the desk", f"{night['cpu_s']} / {rest}", "≤ 2", night["cpu_s"] <= 2 * rest
    for scope, one in report["lists"].items():
        yield f"opening the list ({scope}, {one['total']:,} on it), ms", f"{one['median_ms']}", f"< {OPEN_MS}", one["median_ms"] < OPEN_MS
    waits = report["next"]
    yield "next customer, ms: median, 95 %", f"{waits['median_ms']}, {waits['p95_ms']}", f"< {NEXT_MS}", waits["median_ms"] < NEXT_MS


def show(report):
    """A readable table on stdout."""
    rank, made = report["rank"], report["situation"]
    print(f"\ndesk: {report['customers']:,} customers, {made['contacts']:,} contacts, {made['calls']:,} calls, {made['promises']:,} promises, "
          f"{made['disputes']:,} disputes; peak {report['night_mb']} MB at night, {report['peak_mb']} MB in all; load {report['load']}")
    print(f"{'ranking':<12}{'CPU s':>9}{'wall s':>9}{'queries':>9}")
    for part in RANK_PARTS:
        spent = rank["stages"].get(part, {"cpu_s": 0, "wall_s": 0, "queries": 0})
        print(f"{part:<12}{spent['cpu_s']:>9.2f}{spent['wall_s']:>9.2f}{spent['queries']:>9}")
    for number, one in enumerate(report["payruns"]):
        most = max(batch["queries"] for batch in one["batches"])
        print(f"pay runs of all customers learnt{' again' * number}: {one['cpu_s']} CPU s, {one['wall_s']} s by the clock, "
              f"at most {most} queries a batch, {one['known']:,} known")
    print(f"{'wait':<24}{'min ms':>9}{'median':>9}{'95 %':>9}{'max':>9}{'CPU ms':>9}{'queries':>10}")
    waits = {**{f"list ({scope})": one for scope, one in report["lists"].items()}, "next customer": report["next"],
             **{f"save {outcome}": one for outcome, one in report["save"].items()}}
    for name, one in waits.items():
        print(f"{name:<24}{one['min_ms']:>9}{one['median_ms']:>9}{one['p95_ms']:>9}{one['max_ms']:>9}{one['cpu_ms']:>9}"
              f"{one['queries_min']:>6}–{one['queries_max']}")
    print(f"next customer: {report['next']['items_median']:g} open items in the middle, {report['next']['items_max']} at most\n")
    for what, measured, target, met in targets(report):
        print(f"{'PASS' if met else 'over':<6}{what:<52}{measured:>28}   {target}")
