"""Runs inside `odoo shell` of a ledger on which OCA's account_credit_control is installed: its run, up to the mail rows.

Its own policy of three levels, the first one day after the due date. Spared: the PDF that its template attaches to every
mail, sending, and access checks. Lines and communications are made for all customers; mails for at most SAMPLE
communications, extrapolated linearly.
"""
import json
from pathlib import Path

from tools.bench_clock import Stages, memory_mb

SAMPLE = 1000


def prepare(env):
    """The peer's shipped policy of three levels for every receivable of the company, its mails without a PDF."""
    company = env.company
    company.email = "accounts@bench.example.com"
    policy = env.ref("account_credit_control.credit_control_3_time")
    policy.account_ids = env["account.account"].search([("account_type", "=", "asset_receivable")])
    first = policy.level_ids.sorted("level")[0]
    first.write({"delay_days": 1})
    policy.level_ids.email_template_id.report_template_ids = False
    company.credit_policy_id = policy
    env.cr.commit()
    return policy


def main(env, target, today):
    """Lines, communications, mails: CPU seconds and queries of each."""
    policy = prepare(env)
    stages = Stages(env.cr)
    run = env["credit.control.run"].create({"date": today, "policy_ids": [(6, 0, policy.ids)]})
    env.cr.commit()
    with stages.stage("lines"):
        run.generate_credit_lines()
        run.set_to_ready_lines()
        env.cr.commit()
    lines = run.line_ids.filtered(lambda line: line.channel == "email" and line.state == "to_be_sent")
    with stages.stage("communications"):
        communications = env["credit.control.communication"]._generate_comm_from_credit_lines(lines)
        env.cr.commit()
    # spread over all, so that large and small customers are in the sample as in the whole
    step = max(1, -(-len(communications) // SAMPLE))
    sample = communications[::step]
    with stages.stage("mails"):
        sample.with_context(mail_notify_force_send=False)._generate_emails()
        env.cr.commit()
    factor = len(communications) / max(1, len(sample))
    cpu = {name: spent.cpu for name, spent in stages.spent.items()}
    queries = {name: spent.queries for name, spent in stages.spent.items()}
    mails_s = cpu["mails"] * factor
    report = {
        "customers": len(lines.partner_id), "items": len(run.line_ids), "communications": len(communications),
        "sampled": len(sample), "lines_s": round(cpu["lines"], 2), "communications_s": round(cpu["communications"], 2),
        "mails_s": round(mails_s, 2), "total_s": round(cpu["lines"] + cpu["communications"] + mails_s, 2),
        "queries": round(queries["lines"] + queries["communications"] + queries["mails"] * factor), "peak_mb": round(memory_mb()),
        "mail_rows": env["mail.mail"].search_count([("model", "=", "credit.control.communication")]),
    }
    Path(target).write_text(json.dumps(report), encoding="utf-8")


main(env, *args)  # noqa: F821  given by odoo shell
