"""Runs inside `odoo shell` of a bench database (`env` and `args` are given): plan a night, send it, or make what visitors need.

args: file for the answer, what to do, and the SMTP port (plan, web) or the moment to begin (send), the day.
"""
import json
import time
from datetime import date
from pathlib import Path

from odoo.tools import SQL

from tools.bench_clock import memory_mb

ITEMS = 2000
FOREVER = 1e9


def plan(env, port, today):
    """A mail server, a policy that waits for nothing, and one run over all."""
    env["ir.mail_server"].search([]).unlink()
    env["ir.mail_server"].create({"name": "Bench", "smtp_host": "127.0.0.1", "smtp_port": int(port), "smtp_encryption": "none"})
    parameters = env["ir.config_parameter"]
    parameters.set_param("web.base.url", "http://127.0.0.1:8190")
    parameters.set_param("web.base.url.freeze", "True")
    env.company.email = "accounts@bench.example.com"
    env.company.collection_policy_id.write({"quiet_weekends": False, "quiet_holidays": False, "hour_from": 0, "hour_to": 24})
    env.cr.commit()
    begun = time.time()
    run = env["collection.run"].create({"company_id": env.company.id, "run_date": today, "kind": "manual"})
    env.cr.commit()
    run._execute(commit=True)
    actions = env["collection.action"].search([("run_id", "=", run.id)])
    return {"seconds": round(time.time() - begun, 1), "customers": len(actions.partner_id), "state": run.state,
            "decided": env["credit.profile"].search_count([("evaluated_on", "=", today)])}


def send(env, begin, _today):
    """Send until nothing is left, from a moment on that all workers share."""
    time.sleep(max(0.0, float(begin) - time.time()))
    began = time.time()
    while env["collection.outbox"]._perform_ready(FOREVER):
        pass
    env.cr.commit()
    return {"began": began, "ended": time.time(), "peak_mb": round(memory_mb())}


def check(env, _port, _today):
    """The twelve invariants over all of it."""
    begun = time.time()
    violations = env["collection.invariant"]._violations()
    return {"seconds": round(time.time() - begun, 1), "violations": len(violations), "peak_mb": round(memory_mb())}


def web(env, _port, _today):
    """One customer with 2,000 open items, which are others' in the ledger; the form of the company open to all."""
    items = env["account.move.line"].search(
        [("account_type", "=", "asset_receivable"), ("reconciled", "=", False), ("parent_state", "=", "posted"),
         ("amount_residual", ">", 0), ("move_id.move_type", "=", "out_invoice")], limit=ITEMS)
    partner = items[0].partner_id.commercial_partner_id
    env.cr.execute(SQL("UPDATE account_move SET partner_id = %(one)s, commercial_partner_id = %(one)s WHERE id IN %(moves)s",
                       one=partner.id, moves=tuple(items.move_id.ids)))
    env.cr.execute(SQL("UPDATE account_move_line SET partner_id = %s WHERE move_id IN %s", partner.id, tuple(items.move_id.ids)))
    env.invalidate_all()
    profile = env["credit.profile"]._ensure(env.company, partner)
    env.company.credit_apply_open = True
    checklist = env["credit.checklist"].search([("company_id", "in", (False, env.company.id))], limit=1)
    legal = {f"q_{question.code}": question.choice_ids[:1].id for question in checklist.question_ids
             if question.kind == "choice" and question.required and question.step == "company"}
    env.cr.commit()
    return {"account": profile._account_url(), "items": ITEMS, "apply": f"/credit/apply/{env.company.id}",
            "fields": {"type": checklist.id, "country_id": env.ref("base.us").id, **legal}}


def main(env, target, job, *args):
    """Do one job and write its answer."""
    today = date.fromisoformat(args[-1])
    type(env.company)._collection_today = lambda self: today
    answer = {"plan": plan, "send": send, "check": check, "web": web}[job](env, args[0], today)
    env.cr.commit()
    Path(target).write_text(json.dumps(answer), encoding="utf-8")


main(env, *args)  # noqa: F821  given by odoo shell
