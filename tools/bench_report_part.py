"""The part "report" of ./dev bench: reports on the ledger beside the bare SQL of the same questions."""
from . import bench_ledger
from .bench_ledger import TODAY
from .paths import say

AGEING_S = 3
RATIO = 2
BOOK_S, BOOK_MB = 60, 300


def measure(size):
    """The reports on one ledger."""
    with bench_ledger.installed(size, "bench_report") as db:
        say(f"reporting on {size.customers:,} customers, {size.invoices:,} invoices")
        return bench_ledger.run_inside(db, "bench_report.py", [TODAY])


def ratio(one):
    """How many times the bare SQL it takes."""
    return round(one["orm_s"] / max(one["bare_s"], 0.001), 2)


def targets(report):
    """(what, measured, target, met) for each promise."""
    for one in report["ageing"]:
        yield f"ageing by segment, {one['name']}, s", f"{one['orm_s']}", f"< {AGEING_S}", one["orm_s"] < AGEING_S
        yield f"ageing by segment, {one['name']} / bare SQL", f"{ratio(one)}", f"≤ {RATIO}", ratio(one) <= RATIO
        yield f"ageing by segment, {one['name']}, same figures", f"{one['same']}", "True", one["same"]
        yield f"ageing, {one['name']}, less trial balance", one["difference"], "0.0", float(one["difference"]) == 0
    book = report["workbook"]
    yield f"workbook of {book['rows']:,} rows, s", f"{book['seconds']}", f"< {BOOK_S}", book["seconds"] < BOOK_S
    yield "workbook, peak memory, MB", f"{book['peak_mb']}", f"< {BOOK_MB}", book["peak_mb"] < BOOK_MB


def show(report):
    """A readable table on stdout."""
    print(f"\nreport: peak {report['peak_mb']} MB; load {report['load']}")
    print(f"{'ageing':<14}{'day':<12}{'items':>9}{'groups':>8}{'read_group s':>14}{'bare SQL s':>12}{'ratio':>7}{'pivot s':>9}{'difference':>12}")
    for one in report["ageing"]:
        print(f"{one['name']:<14}{one['day']:<12}{one['items']:>9,}{one['rows']:>8}{one['orm_s']:>14.2f}{one['bare_s']:>12.2f}{ratio(one):>7.2f}"
              f"{one['pivot_s']:>9.2f}{one['difference']:>12}")
    for one in report["movements"]:
        print(f"movements, {one['name']}: {one['rows']:,} groups in {one['orm_s']:.2f} s")
    book, night = report["workbook"], report["night"]
    print(f"workbook: {book['rows']:,} rows in {book['seconds']} s, {book['file_mb']} MB, peak {book['peak_mb']} MB ({book['before_mb']} before)")
    print(f"night: customers sorted in {night['sort_s']} s ({night['moved']:,} moved), a month built in {night['month_s']} s")
    print()
    for what, measured, target, met in targets(report):
        print(f"{'PASS' if met else 'over':<6}{what:<52}{measured:>28}   {target}")
