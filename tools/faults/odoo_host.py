"""The half of the tests of the machine that runs inside Odoo: forks one process per job, as `odoo_side.py` does.

Kept apart from it because here nothing may be taken as given: the disk is full, the clock is wrong, the database is gone.
"""
import ctypes
import os
import shutil
import tempfile
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from odoo.fields import Command
from odoo.tools import config

from odoo.addons.base.models.ir_cron import IrCron

from tools.faults import odoo_fork

OURS = "account_credit_collection"
CLONE_NEWNS, MS_REC, MS_PRIVATE = 0x20000, 0x4000, 0x40000
LIBC = ctypes.CDLL(None, use_errno=True)


# ---------------------------------------------------------------------- the ledger

def build(env, customers, port, today=None):
    """Customers with one overdue invoice each, a policy that is never quiet, and a mail server on ``port``."""
    env = env(context={**env.context, "tracking_disable": True})
    company = env.company
    company.write({"email": "ar@seller.example", "collection_bank_days": 0, "collection_automatic": True})
    company.partner_id.tz = "UTC"
    company.collection_policy_id = _policy(env, company)
    env["ir.mail_server"].search([]).active = False
    env["ir.mail_server"].create({"name": "Sink", "smtp_host": "127.0.0.1", "smtp_port": port, "smtp_encryption": "none"})
    today = company._collection_today()
    partners = env["res.partner"].create([
        {"name": f"Customer {n:03}", "is_company": True, "street": "Main Street 1", "city": "Town",
         "email": f"c{n:03}@customer.example"} for n in range(customers)])
    income = env["account.account"].search([("account_type", "=", "income"), ("company_ids", "in", company.ids)], limit=1)
    moves = env["account.move"].create([{
        "move_type": "out_invoice", "partner_id": partner.id, "invoice_date": today - timedelta(days=40),
        "invoice_date_due": today - timedelta(days=10), "invoice_payment_term_id": False,
        "invoice_line_ids": [Command.create({"name": "Goods", "price_unit": 100, "tax_ids": [], "account_id": income.id})],
    } for partner in partners])
    moves.action_post()
    ours = env["ir.model.data"].search([("module", "=", OURS), ("model", "=", "ir.cron")]).mapped("res_id")
    env["ir.cron"].search([("id", "not in", ours)]).active = False
    env.ref(f"{OURS}.ir_cron_collection_run").active = True
    env["ir.config_parameter"].set_param(f"{OURS}.health_token", "secret")


def _policy(env, company):
    policy = env["collection.policy"].create({
        "name": "Machine", "company_id": company.id, "gap_days": 5, "cap_count": 0, "quiet_weekends": False,
        "quiet_holidays": False, "hour_from": 0, "hour_to": 24})
    for offset in (1, 8, 15, 22, 29):
        template = env["mail.template"].create({
            "name": f"Day {offset}", "model_id": env.ref(f"{OURS}.model_collection_action").id,
            "lang": "{{ object.lang }}", "subject": f"Reminder of day {offset}", "use_default_to": False,
            "body_html": '<p>Dear <t t-out="object.contact_name"/></p><t t-out="object.items_table"/>'})
        env["collection.level"].create({
            "policy_id": policy.id, "name": f"Day {offset}", "offset_days": offset,
            "channel_ids": [Command.create({"channel": "email", "use": "always"})],
            "message_ids": [Command.create({"channel": kind, "behaviour": "any", "template_id": template.id})
                            for kind in ("email", "letter")]})
    return policy


# ---------------------------------------------------------------------- jobs

def plan(env):
    """The nightly run as the job does it; the planned contacts."""
    env["collection.run"]._cron_run()
    env.cr.commit()
    return env["collection.action"].search_count([])


def perform(env, budget=60):
    """Send what is ready."""
    return env["collection.outbox"]._perform_ready(budget)


def poll(env, poison=None):
    """What a cron worker does when it wakes: every job that is due; how often each was called, and for how long.

    ``poison``: the customer whose decision raises.
    """
    calls, began = {}, time.monotonic()
    Cron, plain = type(env["ir.cron"]), type(env["ir.cron"])._callback

    def counted(self, name, *args):
        calls[name] = calls.get(name, 0) + 1
        return plain(self, name, *args)

    Cron._callback = counted
    if poison:
        _poison(env, poison)
    env.cr.rollback()
    IrCron._process_jobs(env.cr.dbname)
    return {"calls": calls, "seconds": time.monotonic() - began}


def _poison(env, customer):
    Policy, plain = type(env["collection.policy"]), type(env["collection.policy"])._decide

    def decide(self, facts, *args):
        if self.env["credit.profile"].browse(facts.customer).partner_id.id == customer:
            raise ZeroDivisionError("poison")
        return plain(self, facts, *args)

    Policy._decide = decide


def health(env):
    """What the health address and the banner say."""
    beat = env["collection.heartbeat"]
    return {"problems": beat._problems(), "sentences": beat.with_user(env.ref("base.user_admin"))._sentences()}


def warnings(env, workers):
    """The sentences that an administrator and a collector read on a server with so many workers."""
    config["workers"] = workers
    group = env.ref(f"{OURS}.group_manager")
    plain = env["res.users"].create({"name": "Manager", "login": f"manager{workers}", "group_ids": [Command.set(group.ids)]})
    return [env["collection.heartbeat"].with_user(user)._sentences() for user in (env.ref("base.user_admin"), plain)]


def code(env, text, **values):
    """Anything else a test wants done; what it leaves in ``result``."""
    space = {"env": env, "result": None, **values}
    exec(compile(text, "<test>", "exec"), space)
    env.cr.commit()
    return space["result"]


def small_disk(env, kilobytes, text, **values):
    """``text`` with a filestore that has so much room, in a mount of this process only; ``fill()`` and ``free()`` are for it.

    What the filestore holds already is copied into it first.
    """
    store = Path(env["ir.attachment"]._filestore())
    store.mkdir(parents=True, exist_ok=True)
    _own_mounts(store, kilobytes)
    ballast = store / "ballast"

    def fill(left=0):
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            while file.write(b"x" * 4096):
                pass
        os.truncate(ballast, max(0, ballast.stat().st_size - left * 1024))

    return code(env, text, store=store, fill=fill, free=ballast.unlink, **values)


def _own_mounts(store, kilobytes):
    """A disk over the filestore with so much room more, seen by this process alone; it goes with it."""
    flags = CLONE_NEWNS if os.geteuid() == 0 else CLONE_NEWNS | 0x10000000  # without root: in a user namespace
    with tempfile.TemporaryDirectory() as kept:
        shutil.copytree(store, kept, dirs_exist_ok=True)
        kilobytes += sum(path.stat().st_blocks for path in Path(kept).rglob("*")) // 2
        _checked(LIBC.unshare(flags))
        _checked(LIBC.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None))
        _checked(LIBC.mount(b"tmpfs", bytes(store), b"tmpfs", 0, f"size={kilobytes}k,mode=777".encode()))
        shutil.copytree(kept, store, dirs_exist_ok=True)


def _checked(answer):
    if answer:
        raise OSError(ctypes.get_errno(), "this machine gives a process no disk of its own")


JOBS = {one.__name__: one for one in (build, plan, perform, poll, health, warnings, code, small_disk)}

odoo_fork.serve(env, JOBS)  # noqa: F821 - odoo shell gives it
