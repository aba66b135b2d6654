"""The half of the fault tests that runs inside Odoo: builds a ledger once, then forks one process per job.

`world.py` starts it in `odoo shell`. A fork of a process that has the registry loaded starts in milliseconds; each
opens its own connection and is an Odoo process like any other, which may be killed at any moment.
"""
import ctypes
import json
import os
import random
import signal
import socket
import sys
import time
import traceback
from datetime import timedelta

from odoo import SUPERUSER_ID, api, sql_db
from odoo.fields import Command
from odoo.modules.registry import Registry

from odoo.addons.base.models import ir_mail_server

from tools.faults import odoo_credit

OFFSETS = (-7, 1, 8, 20)
PR_SET_PDEATHSIG = 1


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
        _stop_before(env, *stop_before)
    if batch:
        _set(env, "collection.run", "BATCH", batch)
    _wait_until(at)
    company = env.company
    run = env["collection.run"].create({"company_id": company.id, "run_date": company._collection_today(), "kind": "manual"})
    env.cr.commit()
    run._execute(commit=True)
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
        _set(env, "collection.outbox", "CHUNK", chunk)
    if smtp_timeout:
        ir_mail_server.SMTP_TIMEOUT = smtp_timeout
    locked = {}
    _before(outbox, "_lock_items", lambda _self, actions: locked.update(dict.fromkeys(actions.ids, time.time())))
    if slow_mail:
        _before(env["collection.channel"], "_prepare_mail", lambda *_args: time.sleep(slow_mail))
    if fail_at:
        _fail(env, fail_at, customer)
    if stop_before:
        _stop_before(env, *stop_before)
    _wait_until(at)
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


# ---------------------------------------------------------------------- watching and disturbing a job

def _set(env, model, name, value):
    """Give a constant of the addon's modules another value, in this process only."""
    modules = {sys.modules[cls.__module__] for cls in type(env[model]).mro() if ".account_credit_collection." in cls.__module__}
    found = [module for module in modules if hasattr(module, name)]
    assert found, f"no module of {model} has {name}"
    for module in found:
        setattr(module, name, value)


def _before(model, method, call):
    """Have ``call`` run before a method of a model, in this process only."""
    registered = type(model)
    original = getattr(registered, method)

    def watched(self, *args, **kwargs):
        call(self, *args, **kwargs)
        return original(self, *args, **kwargs)

    setattr(registered, method, watched)


def _stop_before(env, method, nth):
    """``method``: "model/method"; calls on no record do not count."""
    model, method = method.split("/")
    calls = iter(range(1, 10**6))

    def stop(records, *_args, **_kwargs):
        if (records or env[model]._abstract) and next(calls) == nth:
            os.kill(os.getpid(), signal.SIGSTOP)

    _before(env[model], method, stop)


def _fail(env, step, customer):
    model, method, who = {
        "decision": ("collection.policy", "_confirm", lambda _policy, facts, *_args:
                     env["credit.profile"].browse(facts.customer).partner_id.id),
        "mail": ("collection.channel", "_prepare_mail", lambda _channel, action, *_args: action.partner_id.id),
        "text": ("collection.action", "_prepare_texts", lambda action, *_args: action.partner_id.id),
        "afterwards": ("collection.outbox", "_sent", lambda _outbox, action, *_args: action.partner_id.id),
        "note": ("collection.channel", "_note_mails", lambda _channel, actions:
                 customer if customer in actions.partner_id.ids else None),
    }[step]

    def fail(*args, **_kwargs):
        if who(*args) == customer:
            raise ZeroDivisionError("poison")

    _before(env[model], method, fail)


def _wait_until(at):
    if at:
        time.sleep(max(0, at - time.time()))


# ---------------------------------------------------------------------- processes

JOBS = {"build": build, "plan": plan, "perform": perform, "pay": pay, "cancel": cancel, **odoo_credit.JOBS}


def run_job(dbname, job, arguments, pipe):
    """Do one job with a cursor of its own and write its outcome into the pipe."""
    outcome, began = {}, time.process_time()
    try:
        registry = Registry(dbname)
        registry._db = sql_db.db_connect(dbname)  # its connections bear the name of this process
        with registry.cursor() as cr:
            outcome["result"] = JOBS[job](api.Environment(cr, SUPERUSER_ID, {}), **arguments)
    except Exception as error:
        outcome = {"error": type(error).__name__, "trace": traceback.format_exc()}
    outcome["cpu"] = time.process_time() - began
    with os.fdopen(pipe, "w") as stream:
        json.dump(outcome, stream)


def serve(env):
    """Fork a process per request until the other end of the control socket is gone."""
    dbname, control = env.cr.dbname, socket.socket(fileno=int(os.environ["ACC_FAULTS_CONTROL"]))
    env.cr.close()
    sql_db.close_all()
    while True:
        message, fds, _flags, _address = socket.recv_fds(control, 65536, 1)
        if not message:
            break
        request = json.loads(message)
        if request["here"]:  # in this process: what it loads is there for all that follow
            run_job(dbname, request["job"], request["arguments"], fds[0])
            sql_db.close_all()
            control.send(b"0")
            continue
        child = os.fork()
        if not child:
            control.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # nobody outlives the tests, not even stopped
            random.seed()
            run_job(dbname, request["job"], request["arguments"], fds[0])
            os._exit(0)
        os.close(fds[0])
        control.send(str(child).encode())
    os._exit(0)


signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended children leave no trace
serve(env)  # noqa: F821 - odoo shell gives it
