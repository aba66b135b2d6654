"""Runs inside `odoo shell` of the large ledger (`env` and `args` are given): two nights of all customers on a ladder.

Each customer has an approved base limit and came to its stage half a year ago; on the first night many move, on the
second few. It is the nightly job itself, with its batches and commits; its parts are told apart.
"""
import json
from datetime import date, timedelta
from pathlib import Path

from tools import bench_limits
from tools.bench_clock import Stages, memory_mb

GRANTED_TOGETHER = 2000

# Own methods whose time is told apart from the stage that calls them: model, method, stage, within.
WATCHED = (
    ("credit.profile", "_refresh_behaviour", "behaviour", "night"),
    ("credit.profile", "_refresh_limits", "limits", "night"),
    ("credit.profile", "_climb", "ladder", "night"),
    ("credit.profile", "_ask_review", "review", "night"),
    ("collection.reader", "_read_conduct", "conduct", "ladder"),
    ("credit.profile", "_decide_stage", "decide", "ladder"),
    ("credit.profile", "_record_moves", "moves", "ladder"),
)
LADDER = ("ladder", "conduct", "decide", "moves")


def grant_all(env, stages, since):
    """A limit and a place on the ladder for everybody."""
    profiles = env["credit.profile"].search([("company_id", "=", env.company.id)])
    with stages.stage("grant"):
        for start in range(0, len(profiles), GRANTED_TOGETHER):
            bench_limits.put_on_ladder(env, profiles[start:start + GRANTED_TOGETHER], since)
            env.cr.commit()
    return len(profiles)


def watch_batches(env, batches):
    """Note what each batch of the nightly job costs in queries, and how many customers moved in it."""
    owner = type(env["credit.profile"])
    plain = owner._refresh

    def watched(self, *args, **kwargs):
        before = self.env.cr.sql_log_count
        result = plain(self, *args, **kwargs)
        self.env.flush_all()
        batches.append({"customers": len(self), "queries": self.env.cr.sql_log_count - before})
        return result

    owner._refresh = watched


def one_night(env, name, today):
    """The nightly job; what it cost by part and batch, and how many moved."""
    type(env.company)._collection_today = lambda self: today
    env.invalidate_all()
    before = env["credit.limit"].search_count([("source", "=", "ladder")])
    stages, batches = Stages(env.cr), []
    undo = [stages.watch(env[model], method, stage, within) for model, method, stage, within in WATCHED]
    plain = type(env["credit.profile"])._refresh
    watch_batches(env, batches)
    with stages.stage("night"):
        env["credit.profile"]._cron_refresh()
        env.cr.commit()
    type(env["credit.profile"])._refresh = plain
    for take_back in reversed(undo):
        take_back()
    spent = {stage: values.as_dict() for stage, values in stages.spent.items() if stage}
    moved = env["credit.limit"].search_count([("source", "=", "ladder")]) - before
    return {"name": name, "moved": moved, "batches": batches, "stages": spent,
            "cpu_s": round(sum(values["cpu_s"] for values in spent.values()), 2),
            "wall_s": round(sum(values["wall_s"] for values in spent.values()), 2),
            "ladder_s": round(sum(spent[stage]["cpu_s"] for stage in LADDER if stage in spent), 2)}


def main(env, target, today):
    """Grant, two nights, and the figures."""
    today = date.fromisoformat(today)
    registry_mb = memory_mb()
    type(env.company)._collection_today = lambda self: today
    stages = Stages(env.cr)
    env["credit.profile"]._ensure_missing(env.company)
    customers = grant_all(env, stages, today - timedelta(days=182))
    granted_mb = memory_mb()
    nights = [one_night(env, name, today + timedelta(days=number)) for number, name in enumerate(("first", "second"))]
    Path(target).write_text(json.dumps({
        "customers": customers, "grant": stages.spent["grant"].as_dict(), "nights": nights, "registry_mb": round(registry_mb),
        "granted_mb": round(granted_mb), "peak_mb": round(memory_mb())}), encoding="utf-8")


main(env, *args)  # noqa: F821  given by odoo shell
