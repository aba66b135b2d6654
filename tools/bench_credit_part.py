"""The part "credit" of ./dev bench: a ladder of all customers on two nights, and what a check costs an order and an invoice."""
from . import bench_ledger
from .bench_ledger import TODAY
from .paths import say

NIGHT_PARTS = ("behaviour", "limits", "conduct", "decide", "ladder", "moves", "review", "promises", "rank", "payruns", "night")
QUERIES = 320  # of a batch of 2,000, 70 of them the desk's: the ORM writes 100 rows at once, so it depends on the batch and how many move in it
LADDER_S = 60
ORDER_QUERIES = 8


def measure(size, small):
    """Two nights on one ledger; orders and invoices with and without the addon on two copies of the small one."""
    with bench_ledger.installed(size, "bench_credit") as db:
        say(f"two nights of {size.customers:,} customers on a ladder")
        report = bench_ledger.run_inside(db, "bench_credit.py", [TODAY])
    with bench_ledger.installed(small, "bench_order") as with_db, bench_ledger.clone(small, "bench_order_bare") as bare_db:
        say("confirming orders and posting invoices with and without the addon")
        report["checks"] = bench_ledger.run_inside(with_db, "bench_order.py", [bare_db, TODAY])
    return report


def batch_queries(night):
    """The least and the most queries of a batch."""
    queries = [batch["queries"] for batch in night["batches"]]
    return min(queries), max(queries)


def targets(report):
    """(what, measured, target, met) for each promise."""
    for night in report["nights"]:
        yield (f"ladder, {night['name']} night ({night['moved']:,} move), CPU s", f"{night['ladder_s']} of {night['cpu_s']}",
               f"< {LADDER_S}", night["cpu_s"] < LADDER_S)
    least, most = (pick(batch_queries(night)[place] for night in report["nights"]) for place, pick in enumerate((min, max)))
    yield "ladder, queries of a batch of 2,000", f"{least} to {most}", f"≤ {QUERIES}", most <= QUERIES
    more = report["checks"]["orders"]["more_queries"]
    yield "confirming an order, queries more", f"{more:g}", f"≤ {ORDER_QUERIES}", more <= ORDER_QUERIES


def show(report):
    """A readable table on stdout."""
    print(f"\ncredit: {report['customers']:,} customers on a ladder; granting their limits {report['grant']['cpu_s']:.1f} CPU s, "
          f"{report['grant']['queries']:,} queries; peak {report['peak_mb']} MB")
    print(f"{'part':<12}" + "".join(f"{night['name'] + ' night, CPU s':>24}{'queries':>9}" for night in report["nights"]))
    for part in NIGHT_PARTS:
        spent = [night["stages"].get(part, {"cpu_s": 0, "queries": 0}) for night in report["nights"]]
        print(f"{part:<12}" + "".join(f"{one['cpu_s']:>24.2f}{one['queries']:>9}" for one in spent))
    for night in report["nights"]:
        print(f"{night['name']} night: {night['moved']:,} moved, {night['cpu_s']} CPU s, {night['wall_s']} s by the clock")
    for name, one in report["checks"].items():
        if isinstance(one, dict):
            print(f"{name}: {one['with_queries']:g} queries and {one['with_ms']} CPU ms with, "
                  f"{one['without_queries']:g} and {one['without_ms']} without the addon")
    print()
    for what, measured, target, met in targets(report):
        print(f"{'PASS' if met else 'over':<6}{what:<52}{measured:>16}   {target}")
