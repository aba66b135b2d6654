"""The half of `test_lifecycle.py` that runs in `odoo shell`: each step is a process of its own and prints what it saw as JSON."""
import json
import time
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command

MODULE = "account_credit_collection"
LIVE = ("planned", "ready", "checking", "sending", "waiting", "retry", "unknown")
LATER = range(5, 10)  # days when everybody may hear again; nobody does at the weekend
ROWS = ("collection_action", "collection_action_line", "collection_plan", "collection_plan_installment", "collection_plan_line", "collection_charge",
        "collection_charge_line", "collection_promise", "credit_profile", "collection_run")


def tell(**values):
    print("TOLD " + json.dumps(values, default=str))


# ---------------------------------------------------------------------- before

def build(env):
    """A contact in every live state, a plan in force, an open promise, charges posted and charges prepared."""
    env = env(context={**env.context, "tracking_disable": True})
    company = env.company
    company.write({"email": "ar@seller.example", "collection_bank_days": 0, "collection_charge_send": False})
    today = company._collection_today()
    company.collection_charge_from = today - timedelta(days=400)
    partners = env["res.partner"].create([
        {"name": f"Customer {state}", "is_company": True, "email": f"{state}@customer.example"} for state in (*LIVE, "charged", "agreed", "sent")])
    env["account.move"].create([_invoice(env, partner, today) for partner in partners]).action_post()
    charged, agreed, sent = partners[-3:]
    _charge(env, company, charged, today)
    _agree(env, company, agreed)
    _contact(env, company, today)
    action = env["collection.action"].search([("partner_id", "=", sent.id)])
    for state in ("checking", "sending"):
        action._transition(state)
    action._mark_sent(today)
    env.cr.commit()
    return charged


def _invoice(env, partner, today):
    income = env["account.account"].search([("account_type", "=", "income"), ("company_ids", "in", env.company.ids)], limit=1)
    return {"move_type": "out_invoice", "partner_id": partner.id, "invoice_date": today - timedelta(days=90),
            "invoice_date_due": today - timedelta(days=60), "invoice_payment_term_id": False,
            "invoice_line_ids": [Command.create({"name": "Goods", "price_unit": 1000, "tax_ids": [], "account_id": income.id})]}


def _charge(env, company, partner, today):
    rule = env["collection.charge.rule"].create({"name": "12 %", "company_id": company.id, "currency_id": company.currency_id.id, "percent": 12})
    env["credit.profile"]._ensure(company, partner).charge_rule_id = rule
    run = env["collection.charge.run"].create({"company_id": company.id, "last_day": today - timedelta(days=30)})
    run.action_prepare()
    run.action_post()
    env["collection.charge.run"].create({"company_id": company.id, "last_day": today - timedelta(days=20)}).action_prepare()


def _agree(env, company, partner):
    profile = env["credit.profile"]._ensure(company, partner)
    items = profile.item_ids
    terms = env["collection.plan.template"].create({
        "name": "Plain", "company_id": company.id, "currency_id": company.currency_id.id, "count": 3, "year_limit": 0, "max_days_late": 0,
        "max_missed": 0, "grace_days": 0})
    with patch.object(env.registry["collection.plan"], "_render", lambda self, report: b"%PDF-1.4 agreement"):
        plan = env["collection.plan.wizard"].create({
            "profile_id": profile.id, "item_ids": items.ids, "template_id": terms.id, "currency_id": items.currency_id.id,
            "first_on": company._collection_today() + timedelta(days=10), "rhythm": "weekly"})._draw()
        plan.action_offer()
        plan._accept_by_hand("Ms Miller", company._collection_today())


def _contact(env, company, today):
    """One run; then each contact stands where a process may die, written as its worker wrote it."""
    run = env["collection.run"].create({"company_id": company.id, "run_date": today, "kind": "manual"})
    run._execute()
    env.flush_all()
    for state in LIVE:
        claimed = fields.Datetime.now() if state in ("checking", "sending") else None
        env.cr.execute(
            "UPDATE collection_action SET state = %s, claimed_at = %s, worker = %s FROM res_partner p WHERE p.id = partner_id AND p.name = %s",
            (state, claimed, claimed and "worker", f"Customer {state}"))
        assert env.cr.rowcount == 1, state
    env.invalidate_all()


def counts(env):
    """What an update may not change: how many rows, the states and keys of the contacts."""
    env.cr.execute("SELECT state, dedupe_key, attempt, worker, claimed_at FROM collection_action ORDER BY id")
    actions = env.cr.fetchall()
    numbers = {}
    for table in ROWS:
        env.cr.execute(f'SELECT count(*) FROM "{table}"')  # table: from the list above
        numbers[table] = env.cr.fetchone()[0]
    return {"actions": actions, "numbers": numbers}


# ---------------------------------------------------------------------- removal

def refusals(env):
    """What the button says: while one leaves, and once it has left."""
    module, said = env["ir.module.module"].search([("name", "=", MODULE)]), []
    env.registry["collection.removal"]._lock_room, room = lambda self: (1, 2), env.registry["collection.removal"]._lock_room
    for sql in ("SELECT 1", "UPDATE collection_action SET state = 'unknown' WHERE state = 'sending'"):
        env.cr.execute(sql)
        env.cr.commit()
        try:
            module.button_immediate_uninstall()
            said.append("")
        except UserError as error:
            said.append(str(error))
        env.cr.rollback()
        env.invalidate_all()
    env.registry["collection.removal"]._lock_room = room
    return said


def remove(env):
    """As an administrator does who ticks "Export and delete", once the server has room for it: other tests share it."""
    for _second in range(120):
        needed, free = env["collection.removal"]._lock_room()
        env.cr.rollback()
        if needed < free:
            break
        time.sleep(1)
    module = env["ir.module.module"].search([("name", "=", MODULE)])
    env["base.module.uninstall"].create({"module_ids": module.ids, "collection_export": True}).action_uninstall()
    env.cr.commit()


def left(env):
    """What there is without the addon."""
    env.cr.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND (relname LIKE 'collection\\_%' OR relname LIKE 'credit\\_%')")
    tables = [name for (name,) in env.cr.fetchall()]
    env.cr.execute("SELECT count(*) FROM mail_message WHERE model LIKE 'collection.%' OR model LIKE 'credit.%'")
    notes = env.cr.fetchone()[0]
    env.cr.execute("SELECT count(*) FROM ir_cron c JOIN ir_act_server s ON s.id = c.ir_actions_server_id WHERE s.code LIKE '%collection%'")
    crons = env.cr.fetchone()[0]
    export = env["ir.attachment"].search([("name", "=like", f"{MODULE}%.zip")])
    return {"tables": tables, "notes": notes, "crons": crons, "exports": len(export), "size": sum(export.mapped("file_size"))}


def core_works(env, move_id):
    """The bill of the charges is read, and core bills, takes money and sets it off."""
    bill = env["account.move"].browse(move_id)
    partner = bill.partner_id
    invoice = env["account.move"].create(_invoice(env, partner, fields.Date.context_today(bill)))
    invoice.action_post()
    env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids).create({})._create_payments()
    return {"bill": bill.state, "balance": sum(bill.line_ids.mapped("balance")), "lines": bill.invoice_line_ids.mapped("name"), "paid": invoice.amount_residual}


# ---------------------------------------------------------------------- again

def again(env):
    """A new installation on the same day: a run, and charges up to yesterday."""
    env["ir.module.module"].search([("name", "=", MODULE)]).button_immediate_install()
    env.cr.commit()


def fresh(env, partner_id):
    company, partner = env.company, env["res.partner"].browse(partner_id)
    company.collection_bank_days = 0
    today = company._collection_today()
    before = {model: env[model].search_count([]) for model in ("collection.action", "collection.plan", "collection.charge", "collection.promise")}
    planned = {}
    for days in (0, 1, *LATER):
        run = env["collection.run"].create({"company_id": company.id, "run_date": today + timedelta(days=days), "kind": "manual"})
        run._execute()
        planned[days] = len(run.action_ids)
    rule = env["collection.charge.rule"].create({"name": "12 %", "company_id": company.id, "currency_id": company.currency_id.id, "percent": 12})
    env["credit.profile"]._ensure(company, partner).charge_rule_id = rule
    run = env["collection.charge.run"].create({"company_id": company.id, "last_day": today - timedelta(days=1)})
    run.action_prepare()
    old = run.charge_ids.line_ids.filtered(lambda line: line.due and line.due < today - timedelta(days=30))
    first = min(old.mapped("date_from"), default=None)
    env.cr.rollback()
    return {"before": before, "planned": planned, "from": first, "today": today}
