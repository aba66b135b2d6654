"""The part "charge" of ./dev bench: charge runs over all customers, bills, and what waivers cost a night."""
from . import bench_ledger
from .bench_ledger import TODAY
from .paths import say

PARTS = ("gather", "reckon", "record", "run")
PERIODS = 100_000
RUN_S = 60
RUN_QUERIES = 40  # of a batch, whatever its size
RUN_MB = 600


def measure(size):
    """The runs on one ledger."""
    with bench_ledger.installed(size, "bench_charge") as db:
        say(f"charging {size.customers:,} customers")
        return bench_ledger.run_inside(db, "bench_charge.py", [TODAY])


def queries(batches):
    """The least and the most queries of a batch."""
    found = [batch["queries"] for batch in batches]
    return min(found), max(found)


def periods(run):
    """Item periods that a run charged."""
    return run["kinds"].get("interest", 0)


def targets(report):
    """(what, measured, target, met) for each promise."""
    first = report["runs"][0]
    scale = PERIODS / max(1, periods(first))
    clock, cpu = (round(first[key] * scale, 1) for key in ("wall_s", "cpu_s"))
    yield "charge run, s by the clock for 100,000 item periods", f"{clock} (CPU {cpu})", f"< {RUN_S}", clock < RUN_S
    for run in report["runs"][1:]:
        yield f"charge run, {run['name']} ({periods(run):,} periods), s", f"{run['wall_s']} (CPU {run['cpu_s']})", f"< {RUN_S}", run["wall_s"] < RUN_S
    for run in report["runs"]:
        least, most = queries(run["batches"])
        yield f"charge run, {run['name']}, queries of a batch", f"{least} to {most}", f"≤ {RUN_QUERIES}", most <= RUN_QUERIES
    most = [queries(batches)[1] for batches in report["sizes"].values()]
    yield f"queries of a batch of {', '.join(report['sizes'])}", ", ".join(map(str, most)), "no growth", most[-1] <= most[0]
    yield "charge run, peak memory, MB", f"{report['peak_mb']}", f"< {RUN_MB}", report["peak_mb"] < RUN_MB


def show(report):
    """A readable table on stdout."""
    print(f"\ncharge: {report['customers']:,} customers; peak {report['peak_mb']} MB, {report['registry_mb']} before; load {report['load']}")
    print(f"{'run':<14}{'items':>9}{'periods':>9}{'fixed':>9}{'corr.':>7}{'charges':>9}" + "".join(f"{part + ' CPU':>12}" for part in PARTS)
          + f"{'CPU s':>9}{'wall s':>9}{'queries a batch':>17}")
    for run in report["runs"]:
        least, most = queries(run["batches"])
        print(f"{run['name']:<14}{run['items']:>9,}{periods(run):>9,}{run['kinds'].get('fixed', 0):>9,}{run['kinds'].get('correction', 0):>7,}"
              f"{run['charges']:>9,}" + "".join(f"{run['stages'].get(part, {'cpu_s': 0})['cpu_s']:>12.2f}" for part in PARTS)
              + f"{run['cpu_s']:>9.2f}{run['wall_s']:>9.2f}{f'{least}–{most}':>17}")
    for size, batches in report["sizes"].items():
        print(f"batches of {size}: {queries(batches)[0]} to {queries(batches)[1]} queries each")
    bills = report["bills"]
    print(f"bills: {bills['bills']} of {bills['asked']} ({bills['lines']} lines) in {bills['wall_s']:.1f} s by the clock, {bills['cpu_s']:.1f} CPU s: "
          f"{bills['bills'] / bills['wall_s']:.1f} a second, {bills['queries'] / max(1, bills['bills']):.1f} queries each")
    for night in report["nights"]:
        print(f"waivers, {night['name']}: {night['waiting']:,} waiting, {night['decided']:,} decided, {night['cpu_s']:.2f} CPU s, {night['wall_s']:.2f} s "
              f"by the clock, {night['batches'][0]} to {night['batches'][1]} queries a batch")
    print()
    for what, measured, target, met in targets(report):
        print(f"{'PASS' if met else 'over':<6}{what:<52}{measured:>28}   {target}")
