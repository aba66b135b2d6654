"""Runs inside `odoo shell` of a bench database (`env` and `args` are given): the whole job of one run, by stage.

Gather, decide and record the contacts of every customer; the same rows in bare SQL; check, render, make the mail rows and
send them to the sink; a batch of letters. Nothing of the addon is changed but the clock: the ledger ends on a fixed day.
"""
import json
import time
from datetime import date
from pathlib import Path

from tools import bench_bare
from tools.bench_clock import Stages, memory_mb

LETTERS = 100
FOREVER = 1e9

# Own methods whose time is told apart from the stage that calls them: model, method, stage, within.
WATCHED = (
    ("collection.reader", "_read_candidates", "gather", "record"),
    ("collection.reader", "_read_facts", "gather", "record"),
    ("collection.policy", "_in_force", "gather", "record"),
    ("credit.profile", "_lock_batch", "gather", "record"),
    ("collection.policy", "_decide", "decide", "record"),
    ("collection.outbox", "_take", "check", "protocol"),
    ("collection.channel", "_prepare_messages", "render", "check"),
    ("collection.channel", "_prepare_mails", "mail_rows", "protocol"),
    ("collection.outbox", "_note_mails", "mail_rows", "protocol"),
    ("ir.mail_server", "_build_email__", "mime", "mail_rows"),
    ("ir.mail_server", "send_email", "smtp", "protocol"),
    ("collection.outbox", "_hand_over", "letters", "protocol"),
)


def prepare(env, port, today):
    """A mail server that takes everything, a company that can be paid, a policy that does not wait for office hours."""
    env["ir.mail_server"].search([]).unlink()
    env["ir.mail_server"].create({"name": "Bench", "smtp_host": "127.0.0.1", "smtp_port": int(port), "smtp_encryption": "none"})
    parameters = env["ir.config_parameter"]
    parameters.set_param("web.base.url", "http://127.0.0.1:8069")
    parameters.set_param("web.base.url.freeze", "True")
    company = env.company
    company.email = "accounts@bench.example.com"
    journal = env["account.journal"].search([("type", "=", "bank")], limit=1)
    journal.bank_account_id = env["res.partner.bank"].create({"acc_number": "021000021 1234567", "partner_id": company.partner_id.id})
    company.collection_policy_id.write({"quiet_weekends": False, "quiet_holidays": False, "hour_from": 0, "hour_to": 24})
    type(company)._collection_today = lambda self: today
    env.cr.commit()


def decide_and_record(env, stages, today):
    """Stages 1 to 4 over the whole ledger; what they covered."""
    run = env["collection.run"].create({"company_id": env.company.id, "run_date": today, "kind": "manual"})
    env.cr.commit()
    with stages.stage("record"):
        run._execute(commit=True)
    if run.state != "done":
        raise RuntimeError(f"the run ended as {run.state}: {run.message}")
    actions = env["collection.action"].search([("run_id", "=", run.id)])
    decided = env["credit.profile"].search_count([("evaluated_on", "=", today)])
    return {"decided": decided, "actions": len(actions), "customers": len(actions.partner_id),
            "lines": env["collection.action.line"].search_count([("action_id", "in", actions.ids)])}


def deliver(env, stages):
    """Stage 5 over every contact, one worker; how many mails left."""
    with stages.stage("protocol"):
        env["collection.outbox"]._perform_ready(FOREVER)
    return {"mails": env["collection.action"].search_count([("channel", "=", "email"), ("state", "=", "sent")])}


def letters(env):
    """Milliseconds for a letter when many are made in one batch: words, PDF and file; nothing is kept."""
    channel = env["collection.channel"]
    actions = env["collection.action"].search([("state", "=", "sent"), ("kind", "=", "after")], limit=LETTERS + 1)
    actions.write({"channel": "letter", "state": "checking"})
    channel._perform_letters(actions[:1])  # the PDF engine's style sheets are built once
    env.flush_all()
    begun = time.perf_counter()
    batch = actions[1:]
    ready, broken = channel._prepare_messages(batch)
    assert not broken, broken
    for action, texts in ready.items():
        action.write(texts)
    channel._perform_letters(batch)
    env.flush_all()
    spent = (time.perf_counter() - begun) * 1000 / max(1, len(batch))
    env.cr.rollback()
    return {"letters": len(batch), "letter_ms": round(spent, 2)}


def main(env, target, port, today, *parts):
    """Measure the parts named and write the figures."""
    today = date.fromisoformat(today)
    registry_mb = memory_mb()
    prepare(env, port, today)
    stages = Stages(env.cr)
    for model, method, name, within in WATCHED:
        stages.watch(env[model], method, name, within)
    report = decide_and_record(env, stages, today)
    report.update(bench_bare.measure(env, stages))
    if "deliver" in parts:
        report.update(deliver(env, stages))
        report["peak_mb"] = round(memory_mb())
        report.update(letters(env))
    report.update(registry_mb=round(registry_mb), peak_with_letters_mb=round(memory_mb()),
                  stages={name: spent.as_dict() for name, spent in stages.spent.items() if name})
    Path(target).write_text(json.dumps(report), encoding="utf-8")


main(env, *args)  # noqa: F821  given by odoo shell
