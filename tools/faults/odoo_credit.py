"""Jobs of the credit tests, run inside Odoo by `odoo_side.py`: customers with a limit, and calls as a client makes them."""
import time

import psycopg2.errors

from odoo.fields import Command
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, execute_cr

USERS = {"seller": ("sales_team.group_sale_salesman_all_leads",),
         "accountant": ("account.group_account_invoice",),
         "manager": ("account_credit_collection.group_manager",),
         "director": ("account_credit_collection.group_manager",)}
TIME_LIMIT = 80  # seconds after which a client gives up calling again


def credit_people(env):
    """Who sells, posts and decides, and something to sell."""
    env = env(context={**env.context, "tracking_disable": True, "no_reset_password": True})
    company = env.company
    users = {name: env["res.users"].create({
        "name": name.title(), "login": f"faults_{name}", "company_id": company.id, "company_ids": [Command.set(company.ids)],
        "group_ids": [Command.set([env.ref(group).id for group in ("base.group_user", *groups)])],
    }) for name, groups in USERS.items()}
    income = env["account.account"].search([("account_type", "=", "income"), ("company_ids", "in", company.ids)], limit=1)
    product = env["product.product"].create({"name": "Goods", "taxes_id": False, "invoice_policy": "order",
                                             "property_account_income_id": income.id})
    env["credit.authority"].create({"company_id": company.id, "user_id": users["manager"].id, "unlimited": True})
    env["credit.authority"].create({"company_id": company.id, "user_id": users["director"].id, "unlimited": True})
    env.cr.commit()
    return {"users": {name: user.id for name, user in users.items()}, "product": product.id, "income": income.id}


def credit_warm_up(env, made):
    """Each kind of call once, so that all code is loaded before the first fork."""
    tried = credit_customers(env, made, [{"limit": 150, "orders": [100, 100], "invoices": [10], "proposed": [{"amount": 200}]}])[0]
    users = made["users"]
    for order in tried["orders"]:
        execute_cr(env.cr, users["seller"], "sale.order", "action_confirm", [[order]], {})
    execute_cr(env.cr, users["accountant"], "account.move", "action_post", [tried["invoices"]], {})
    execute_cr(env.cr, users["manager"], "credit.limit", "action_approve", [tried["proposed"]], {})


def credit_customers(env, made, customers, group=None):
    """Customers as described, ``[{limit, orders, invoices, proposed}]``: amounts of quotations, drafts and limits to approve.

    ``limit`` None: no decision about it. ``group``: the limit of all of them together, the first being the head.
    """
    env = env(context={**env.context, "tracking_disable": True})
    Limit, found, head = env["credit.limit"], [], None
    for number, wanted in enumerate(customers):
        partner = env["res.partner"].create({"name": f"Debtor {number}", "is_company": True})
        answer = {"partner": partner.id}
        if wanted.get("limit") is not None or group is not None:
            profile = env["credit.profile"]._ensure(env.company, partner)
            head = head or profile
            if wanted.get("limit") is not None:
                Limit._record(profile, {"amount": wanted["limit"], "reason": "Before the race"})
            if group is not None and profile != head:
                profile.group_head_id = head
            answer["profile"] = profile.id
            answer["proposed"] = [Limit._record(profile, {"reason": "In the race", **values}, "proposed").id
                                  for values in wanted.get("proposed", ())]
        answer["orders"] = env["sale.order"].create([{
            "partner_id": partner.id, "user_id": made["users"]["seller"],
            "order_line": [Command.create({"product_id": made["product"], "price_unit": amount, "tax_ids": []})],
        } for amount in wanted.get("orders", ())]).ids
        answer["invoices"] = env["account.move"].create([{
            "move_type": "out_invoice", "partner_id": partner.id, "invoice_date": env.company._collection_today(),
            "invoice_line_ids": [Command.create({"name": "Goods", "price_unit": amount, "tax_ids": [], "account_id": made["income"]})],
        } for amount in wanted.get("invoices", ())]).ids
        found.append(answer)
    if group is not None:
        Limit._record(head, {"kind": "group", "amount": group, "reason": "Before the race"})
    env.cr.commit()
    return found


def credit_default(env, amount):
    """The limit of all customers without one of their own; None for none."""
    env["ir.default"].set("res.partner", "credit_limit", amount or 0.0, company_id=env.company.id)
    env.company.account_use_credit_limit = amount is not None
    env.cr.commit()


def credit_call(env, model, method, record, uid, at=None, delay=0, patient=True):
    """Call a method as a client does: Odoo repeats it 5 times, a ``patient`` client calls again until it is answered.

    Returns what the answer was, how often it was tried, how many calls Odoo gave up, when the
    last try began and was committed, by the clock.
    """
    began = []
    _note_tries(env[model], method, began)
    time.sleep(max(0, (at or 0) - time.time()) + delay)
    started, given_up = time.time(), 0
    while True:
        try:
            answer = execute_cr(env.cr, uid, model, method, [[record]], {})
            break
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY as error:
            env.cr.rollback()
            given_up += 1
            if not patient or time.time() - started > TIME_LIMIT:
                return {"answer": type(error).__name__, "given_up": given_up, "tries": len(began)}
    return {"answer": "waits" if isinstance(answer, dict) else "done", "given_up": given_up, "tries": len(began),
            "began": began[-1], "committed": time.time(), "took": time.time() - started}


def _note_tries(model, method, began):
    registered = type(model)
    original = getattr(registered, method)

    def watched(self, *args, **kwargs):
        began.append(time.time())
        return original(self, *args, **kwargs)

    setattr(registered, method, watched)


def credit_night(env, at=None, rounds=1):
    """The nightly look at all customers, several times; how often it broke off, and what it says failed."""
    time.sleep(max(0, (at or 0) - time.time()))
    failures, problems = 0, []
    for _round in range(rounds):
        try:
            env["credit.profile"]._cron_refresh()
            env.cr.commit()
            problems += env["collection.heartbeat"].search([("job", "=", "refresh"), ("last_error", "not in", (False, ""))]).mapped("last_error")
        except psycopg2.errors.SerializationFailure:
            env.cr.rollback()
            failures += 1
    return {"failures": failures, "problems": problems}


JOBS = {job.__name__: job for job in (credit_people, credit_warm_up, credit_customers, credit_default, credit_call, credit_night)}
