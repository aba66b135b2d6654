"""Runs inside `odoo shell` of the large ledger (`env` and `args` are given): charge runs over all customers, and their bills.

Everybody is charged by the directive's preset; a reference rate that changes at mid-year splits what was open then. A first
run over months, one for the month after, one with nothing new; then some bills, and what waivers cost a night. It is the
job itself, with its batches and commits; each runs on an empty record cache.
"""
import json
import os
from datetime import date, timedelta
from pathlib import Path

from odoo.addons.account_credit_collection.models import collection_charge_bill

from tools.bench_clock import Stages, memory_mb

CHARGED_FROM = date(2026, 5, 1)
SIZES = (250, 500, 1000)  # customers of a batch; the job takes 500
SIZED = 4000
BILLS = 100
WAIVERS = 1000
NIGHT = 2000

# Model, method, stage, within.
PARTS = (
    ("collection.charge.reckoner", "_reckon", "reckon", "run"),
    ("collection.charge.reckoner", "_gather", "gather", "reckon"),
    ("collection.charge", "_record", "record", "run"),
)


# ---------------------------------------------------------------- the situation

def set_up(env):
    """Charges by the directive's preset for everybody, with a change of its rate in the middle."""
    rule = env.ref("account_credit_collection.charge_rule_eu")
    env["collection.rate.value"].create({"rate_id": rule.rate_id.id, "valid_from": date(2026, 6, 10), "percent": 2.4, "source": "Bench"})
    env.company.write({"collection_charge_rule_id": rule.id, "collection_charge_consumer_rule_id": rule.id, "collection_charge_from": CHARGED_FROM})
    env["credit.profile"]._ensure_missing(env.company)
    env.cr.commit()


def be(env, today):
    """It is this day."""
    type(env.company)._collection_today = lambda self: today
    env.invalidate_all()


def new_run(env, last_day):
    """A run that the job is to prepare."""
    run = env["collection.charge.run"].create({"company_id": env.company.id, "last_day": last_day})
    run._transition("preparing")
    env.cr.commit()
    env.invalidate_all()
    return run


# ---------------------------------------------------------------- preparing

def watch_batches(env, batches):
    """Note what each batch costs in queries; returns what ends it."""
    owner = type(env["collection.charge.run"])
    plain = owner._prepare_batch

    def watched(self, profiles):
        before = self.env.cr.sql_log_count
        result = plain(self, profiles)
        self.env.flush_all()
        batches.append({"customers": len(profiles), "queries": self.env.cr.sql_log_count - before})
        return result

    owner._prepare_batch = watched
    return lambda: setattr(owner, "_prepare_batch", plain)


def prepare(env, name, today, last_day):
    """A run prepared by the job: seconds by part, queries by batch, and what came of it."""
    be(env, today)
    run, stages, batches = new_run(env, last_day), Stages(env.cr), []
    undo = [watch_batches(env, batches), *(stages.watch(env[model], method, stage, within) for model, method, stage, within in PARTS)]
    with stages.stage("run"):
        run._prepare(commit=True)
    for take_back in reversed(undo):
        take_back()
    spent = {stage: values.as_dict() for stage, values in stages.spent.items() if stage}
    kinds = dict(env["collection.charge.line"]._read_group([("charge_id.run_id", "=", run.id)], ["kind"], ["__count"]))
    return {"name": name, "run": run.id, "batches": batches, "stages": spent, "kinds": kinds, "items": sum(run.count_ids.mapped("count")),
            "charges": len(run.charge_ids), "outcomes": {row.code: row.count for row in run.count_ids}, "memory_mb": round(memory_mb()),
            **{key: round(sum(one[key] for one in spent.values()), 2) for key in ("cpu_s", "wall_s")}}


def by_size(env, today, last_day):
    """Queries of a batch by the number of its customers: nothing of it is kept."""
    be(env, today)
    ids = env["credit.profile"].search([("company_id", "=", env.company.id)], order="id", limit=SIZED).ids
    found = {}
    for size in SIZES:
        run, batches = new_run(env, last_day), []
        undo = watch_batches(env, batches)
        for start in range(0, len(ids), size):
            env.invalidate_all()
            run._prepare_batch(env["credit.profile"].browse(ids[start:start + size]))
        undo()
        env.cr.rollback()
        env.invalidate_all()
        run.action_drop()
        env.cr.commit()
        found[size] = batches
    return found


# ---------------------------------------------------------------- bills and waivers

def bill(env, today, run):
    """Some drafts billed as the job does; the first few warm up."""
    be(env, today)
    size = collection_charge_bill.BILL_BATCH
    drafts = run.charge_ids.filtered(lambda charge: charge.state == "draft")
    few = drafts[::max(1, len(drafts) // (BILLS + size))]
    run._post_batch(few[:size], True)
    env.cr.commit()
    stages, done = Stages(env.cr), few[size:size + BILLS]
    lines = len(done.line_ids)
    with stages.stage("bills") as spent:
        for start in range(0, len(done), size):
            env.invalidate_all()
            run._post_batch(done[start:start + size], True)
            env.cr.commit()
    posted = done.filtered(lambda charge: charge.state == "posted")
    return {"bills": len(posted), "asked": len(done), "lines": lines, **spent.as_dict()}


def night(env, today, name):
    """What waivers cost the nightly job, all customers looked at."""
    be(env, today)
    profiles = env["credit.profile"].search([("company_id", "=", env.company.id)])
    stages, queries = Stages(env.cr), []
    waiting = env["collection.charge"].search_count([("waive_until", "!=", False)])
    for start in range(0, len(profiles), NIGHT):
        before = env.cr.sql_log_count
        env.invalidate_all()
        with stages.stage("night"):
            env["collection.charge"]._judge_waivers(profiles[start:start + NIGHT], today)
            env.flush_all()
        queries.append(env.cr.sql_log_count - before)
        env.cr.commit()
    left = env["collection.charge"].search_count([("waive_until", "!=", False)])
    return {"name": name, "waiting": waiting, "decided": waiting - left, "batches": [min(queries), max(queries)],
            **stages.spent["night"].as_dict()}


def waivers(env, today, run):
    """Nights without waivers, with many that wait, and with one in ten past its day."""
    found = [night(env, today, "none")]
    drafts = run.charge_ids.filtered(lambda charge: charge.state == "draft")[:WAIVERS]
    drafts.write({"waive_until": today + timedelta(days=20), "waive_reason": "Bench"})
    env.cr.commit()
    found.append(night(env, today, "waiting"))
    drafts[::10].write({"waive_until": today - timedelta(days=20)})
    env.cr.commit()
    return [*found, night(env, today, "one in ten past")]


def main(env, target, today):
    """The runs, the bills, the nights, and the figures."""
    today = date.fromisoformat(today)
    last_day = today.replace(day=1) - timedelta(days=1)
    after = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    set_up(env)
    registry_mb = memory_mb()
    sizes = by_size(env, today, last_day)
    runs = [prepare(env, "first", today, last_day)]
    runs.append(prepare(env, "next month", after, after - timedelta(days=1)))
    runs.append(prepare(env, "nothing new", after, after - timedelta(days=1)))
    peak_mb = memory_mb()
    first = env["collection.charge.run"].browse(runs[0]["run"])
    bills = bill(env, after, first)
    Path(target).write_text(json.dumps({
        "load": round(os.getloadavg()[0], 1), "customers": env["credit.profile"].search_count([("company_id", "=", env.company.id)]),
        "sizes": sizes, "runs": runs, "bills": bills, "nights": waivers(env, after, first),
        "registry_mb": round(registry_mb), "peak_mb": round(peak_mb)}), encoding="utf-8")


main(env, *args)  # noqa: F821  given by odoo shell
