"""Runs inside `odoo shell` of the large ledger (`env` and `args` are given): two nights of all customers on a ladder.

Each customer has an approved base limit and came to its stage half a year ago; on the first night many move, on the
second few. It is the nightly job itself, with its batches and commits; its parts are told apart.
"""
import json
from datetime import date, timedelta
from pathlib import Path

from tools import bench_limits, bench_night
from tools.bench_clock import Stages, memory_mb


def main(env, target, today):
    """Grant, two nights, and the figures."""
    today = date.fromisoformat(today)
    registry_mb = memory_mb()
    type(env.company)._collection_today = lambda self: today
    stages = Stages(env.cr)
    env["credit.profile"]._ensure_missing(env.company)
    customers = bench_limits.grant_all(env, stages, today - timedelta(days=182))
    granted_mb = memory_mb()
    nights = [bench_night.one_night(env, name, today + timedelta(days=number)) for number, name in enumerate(("first", "second"))]
    Path(target).write_text(json.dumps({
        "customers": customers, "grant": stages.spent["grant"].as_dict(), "nights": nights, "registry_mb": round(registry_mb),
        "granted_mb": round(granted_mb), "peak_mb": round(memory_mb())}), encoding="utf-8")


main(env, *args)  # noqa: F821  given by odoo shell
