"""Runs inside `odoo shell` of the large ledger (`env` and `args` are given): the collector's desk, in a situation as in life.

Two nights that rank everybody, ranking and learning on their own, then what a collector waits for: the list, the next
customer, saving what a call came to. Each of those is met by an empty record cache, as a request does, and rolled back.
"""
import functools
import gc
import json
import os
import statistics
from datetime import date, timedelta
from pathlib import Path

from tools import bench_desk_world, bench_limits, bench_night
from tools.bench_clock import Stages, memory_mb

BATCH = 2000
SMALLER = 500
OPENED = 7
CUSTOMERS = 50
CALLS = 20

# Within ranking: model, method, stage, within.
RANK_PARTS = (
    ("credit.profile", "_prepare_ranks", "decide", "rank"),
    ("collection.reader", "_read_claims", "claims", "decide"),
    ("collection.reader", "_read_trails", "trails", "decide"),
    ("credit.profile", "_payrun_cut_offs", "cut_offs", "decide"),
    ("credit.profile", "_write_snapshot", "write", "rank"),
)


# ---------------------------------------------------------------- the night's work on its own

def in_batches(env, stages, profiles, name, method, today, size=BATCH):
    """Call a nightly method on customers, ``size`` at a time; queries of each batch, those that write apart."""
    found = []
    for start in range(0, len(profiles), size):
        batch = profiles[start:start + size]
        env.invalidate_all()
        batch.mapped("partner_id.country_id")  # as the night finds them
        before, written = env.cr.sql_log_count, stages.spent["write"].queries
        with stages.stage(name):
            getattr(batch, method)(env.company, today)
            env.flush_all()
        write = stages.spent["write"].queries - written
        found.append({"customers": len(batch), "queries": env.cr.sql_log_count - before - write, "writes": write})
        env.cr.commit()
    return found


def rank_all(env, profiles, today):
    """All customers ranked, by part; and whether smaller batches take as many queries."""
    stages = Stages(env.cr)
    undo = [stages.watch(env[model], method, stage, within) for model, method, stage, within in RANK_PARTS]
    batches = in_batches(env, stages, profiles, "rank", "_rank", today)
    spent = {name: one.as_dict() for name, one in stages.spent.items() if name}
    smaller = in_batches(env, stages, profiles[:BATCH], "rank", "_rank", today + timedelta(days=1), SMALLER)
    for take_back in reversed(undo):
        take_back()
    return {"batches": batches, "smaller": smaller, "stages": spent, **totals(spent)}


def learn_all(env, profiles, today):
    """The pay runs of all customers, of whom a night looks at a seventh."""
    stages = Stages(env.cr)
    batches = in_batches(env, stages, profiles, "payruns", "_learn_payruns", today)
    spent = {name: one.as_dict() for name, one in stages.spent.items() if name}
    return {"batches": batches, "stages": spent, "known": env["collection.payrun"].search_count([]), **totals(spent)}


def totals(spent):
    """CPU seconds and those by the clock of some stages together."""
    return {key: round(sum(one[key] for one in spent.values()), 2) for key in ("cpu_s", "wall_s")}


# ---------------------------------------------------------------- what a collector waits for

def each(env, works):
    """Do each on an empty record cache, as a request does; the answers, and what each took."""
    answers, found = [], []
    for work in works:
        env.invalidate_all()
        gc.collect()
        stages = Stages(env.cr)
        with stages.stage("wait") as spent:
            answers.append(work())
            env.cr.flush()  # with what is done before a commit
        found.append(spent)
    return answers, found


def waits(found):
    """The figures of some waits: milliseconds by the clock, those of CPU in the middle, queries."""
    clock, queries = sorted(1000 * one.wall for one in found), [one.queries for one in found]
    return {"min_ms": round(clock[0], 1), "median_ms": round(statistics.median(clock), 1), "max_ms": round(clock[-1], 1),
            "p95_ms": round(clock[int(.95 * (len(clock) - 1))], 1), "cpu_ms": round(1000 * statistics.median(one.cpu for one in found), 1),
            "queries_min": min(queries), "queries_max": max(queries), "times": len(found)}


def open_lists(env, desk):
    """The list of one collector and that of all, opened some times after once to warm up."""
    report = {}
    for scope in ("all", "team", "mine"):
        answers, found = each(env, [functools.partial(desk.load_worklist, scope)] * (OPENED + 1))
        report[scope] = {**waits(found[1:]), "rows": len(answers[0]["rows"]), "total": answers[0]["total"]}
    return report


def next_customers(env, desk, rows):
    """The first customers of a list one after the other."""
    each(env, [functools.partial(desk.load_customer, rows[0]["id"])])
    answers, found = each(env, [functools.partial(desk.load_customer, row["id"]) for row in rows[:CUSTOMERS]])
    sizes = [len(answer["items"]) for answer in answers]
    return {**waits(found), "items_median": statistics.median(sizes), "items_max": max(sizes)}


def save(env, desk, rows):
    """Calls saved: nobody answered; a promise as the desk proposes it. Rolled back."""
    promised = rows[CUSTOMERS:CUSTOMERS + CALLS + 1]
    seen = {row["id"]: desk.load_customer(row["id"])["defaults"]["promise"] for row in promised}
    report = {}
    for outcome, values in (("no_answer", {}), ("promise", seen)):
        _answers, found = each(env, [functools.partial(desk.save_outcome, row["id"], outcome, values[row["id"]][0] if values else {})
                                     for row in promised])
        report[outcome] = waits(found[1:])
        env.cr.rollback()
    return report


def main(env, target, today):
    """The situation, the nights, the desk; and the figures."""
    today = date.fromisoformat(today)
    type(env.company)._collection_today = lambda self: today
    env["credit.profile"]._ensure_missing(env.company)
    bench_limits.grant_all(env, Stages(env.cr), today - timedelta(days=182))
    users, situation = bench_desk_world.build(env, today)
    nights = [bench_night.one_night(env, name, today + timedelta(days=number)) for number, name in enumerate(("first", "second"))]
    profiles = env["credit.profile"].search([("company_id", "=", env.company.id)])
    learnt = [learn_all(env, profiles, today + timedelta(days=1 + number)) for number in range(2)]
    ranked = rank_all(env, profiles, today + timedelta(days=2))  # another day: every row is written
    night_mb = memory_mb()
    desk = env["collection.desk"].with_user(users[0]).with_context(allowed_company_ids=env.company.ids)
    lists = open_lists(env, desk)
    rows = desk.load_worklist("all")["rows"]
    Path(target).write_text(json.dumps({
        "load": round(os.getloadavg()[0], 1), "customers": len(profiles), "situation": situation, "nights": nights, "payruns": learnt, "rank": ranked, "lists": lists,
        "next": next_customers(env, desk, rows), "save": save(env, desk, rows), "night_mb": round(night_mb), "peak_mb": round(memory_mb())}),
        encoding="utf-8")


main(env, *args)  # noqa: F821  given by odoo shell
