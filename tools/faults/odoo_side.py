"""The half of the fault tests that runs inside Odoo: builds a ledger once, then forks one process per job.

`world.py` starts it in `odoo shell`. A fork of a process that has the registry loaded starts in milliseconds; each
opens its own connection and is an Odoo process like any other, which may be killed at any moment.
"""
import time
from datetime import timedelta

from odoo import sql_db
from odoo.fields import Command

from odoo.addons.base.models import ir_mail_server

from tools.faults import odoo_campaign, odoo_charge, odoo_credit, odoo_fork, odoo_handover, odoo_sabotage
from tools.faults import odoo_watch as watch

OFFSETS = (-7, 1, 8, 20)


# ---------------------------------------------------------------------- jobs

def build(env, customers, port):
    """Customers with one overdue invoice each, a policy that is never quiet, and a mail server on ``port``."""
    env = env(context={**env.context, "tracking_disable": True})
    company = env.company
    company.write({"email": "ar@seller.example", "collection_bank_days": 0})
    company.partner_id.tz = "UTC"
    company.collection_policy_id = _policy(env, company)
    env["ir.mail_server"].search([]).active = False
    server = env["ir.mail_server"].create({
        "name": "Sink", "smtp_host": "127.0.0.1", "smtp_port": port, "smtp_encryption": "none"})
    today = company._collection_today()
    partners = env["res.partner"].create([
        {"name": f"Customer {n:03}", "is_company": True, "email": f"c{n:03}@customer.example"} for n in range(customers)])
    income = env["account.account"].search([("account_type", "=", "income"), ("company_ids", "in", company.ids)], limit=1)
    moves = env["account.move"].create([{
        "move_type": "out_invoice", "partner_id": partner.id, "invoice_date": today - timedelta(days=40),
        "invoice_date_due": today - timedelta(days=10), "invoice_payment_term_id": False,
        "invoice_line_ids": [Command.create({"name": "Goods", "price_unit": 100, "tax_ids": [], "account_id": income.id})],
    } for partner in partners])
    moves.action_post()
    env.cr.commit()
    return {"company": company.id, "server": server.id,
            "customers": {move.partner_id.email: {"partner": move.partner_id.id, "move": move.id, "document": move.name}
                          for move in moves}}


def _policy(env, company):
    policy = env["collection.policy"].create({
        "name": "Faults", "company_id": company.id, "gap_days": 5, "cap_count": 0, "quiet_weekends": False,
        "quiet_holidays": False, "hour_from": 0, "hour_to": 24})
    for offset in OFFSETS:
        template = env["mail.template"].create({
            "name": f"Day {offset}", "model_id": env.ref("account_credit_collection.model_collection_action").id,
            "lang": "{{ object.lang }}", "subject": f"Reminder of day {offset}", "use_default_to": False,
            "body_html": '<p>Dear <t t-out="object.contact_name"/></p><t t-out="object.items_table"/>'})
        env["collection.level"].create({
            "policy_id": policy.id, "name": f"Day {offset}", "offset_days": offset,
            "channel_ids": [Command.create({"channel": "email", "use": "always"})],
            "message_ids": [Command.create({"channel": "email", "behaviour": "any", "template_id": template.id})]})
    return policy


def plan(env, batch=None, at=None, stop_before=None):
    """One follow-up run as the job does it, ``batch`` customers per transaction."""
    if stop_before:
        watch.stop_before(env, *stop_before)
    if batch:
        watch.change(env, "collection.run", "BATCH", batch)
    watch.wait_until(at)
    company = env.company
    run = env["collection.run"].create({"company_id": company.id, "run_date": company._collection_today(), "kind": "manual"})
    env.cr.commit()
    while not run._execute(commit=True):  # as the job, which is called again
        pass
    env.cr.commit()
    return {"run": run.id, "state": run.state, "message": run.message}


def perform(env, budget=60, at=None, chunk=None, smtp_timeout=None, slow_mail=0, stop_before=None, fail_at=None,
            customer=None):
    """Send what is ready. Returns when each row was locked, by the clock: ``{action: time}``.

    ``chunk``: how many rows are checked together.
    ``slow_mail``: seconds that building each mail takes longer.
    ``stop_before``: (method of a model, nth call); the process stops itself (SIGSTOP) there until it is told to go on.
    ``fail_at``: a step that raises for one ``customer``: "decision", "text", "mail", "afterwards" (the server has the mail),
    "note" (in the chatter).
    """
    outbox = env["collection.outbox"]
    if chunk:
        watch.change(env, "collection.outbox", "CHUNK", chunk)
    if smtp_timeout:
        ir_mail_server.SMTP_TIMEOUT = smtp_timeout
    locked = {}
    watch.before(outbox, "_lock_items", lambda _self, actions: locked.update(dict.fromkeys(actions.ids, time.time())))
    if slow_mail:
        watch.before(env["collection.channel"], "_prepare_mail", lambda *_args: time.sleep(slow_mail))
    if fail_at:
        watch.fail(env, fail_at, customer)
    if stop_before:
        watch.stop_before(env, *stop_before)
    watch.wait_until(at)
    left = outbox._perform_ready(budget)
    return {"left": left, "locked": locked}


def pay(env, moves, delays):
    """Register a payment of each invoice after its delay; when each began and was committed, by the clock."""
    bank = env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", env.company.id)], limit=1)
    done = []
    for move, delay in zip(moves, delays):
        time.sleep(delay)
        env.cr.rollback()
        began = time.time()
        for _attempt in range(5):  # as Odoo does with a user's request
            try:
                env["account.payment.register"].with_context(active_model="account.move", active_ids=[move]).create(
                    {"journal_id": bank.id})._create_payments()
                env.cr.commit()
                break
            except sql_db.psycopg2.errors.SerializationFailure:
                env.cr.rollback()
        done.append({"move": move, "began": began, "committed": time.time()})
    return done


def cancel(env, actions):
    """A person calls contacts off."""
    env["collection.action"].browse(actions).action_cancel()
    env.cr.commit()


# ---------------------------------------------------------------------- processes

JOBS = {"build": build, "plan": plan, "perform": perform, "pay": pay, "cancel": cancel, **odoo_credit.JOBS,
        **odoo_campaign.JOBS, **odoo_charge.JOBS, **odoo_handover.JOBS, **odoo_sabotage.JOBS}

odoo_fork.serve(env, JOBS)  # noqa: F821 - odoo shell gives it
