"""Runs inside `odoo shell` of a ledger with the addon: a salesperson confirms orders and an accountant posts invoices
there and in the same ledger without it, in turns; queries and CPU time of each document on its own.

Each document is met by an empty cache, as a request does. Customers have open items, and a limit where there is the addon.
"""
import gc
import json
import statistics
from pathlib import Path

from odoo import SUPERUSER_ID, Command, api
from odoo.modules.registry import Registry

from tools import bench_limits
from tools.bench_clock import Stages

DOCUMENTS = 40
ROUNDS = 2
GROUPS = {"orders": "sales_team.group_sale_salesman_all_leads", "invoices": "account.group_account_invoice"}


def people(env):
    """Who confirms and who posts, with no more rights than that takes."""
    return {name: env["res.users"].with_context(no_reset_password=True).create({
        "name": name, "login": f"bench_{name}", "company_id": env.company.id, "company_ids": [Command.set(env.company.ids)],
        "group_ids": [Command.set([env.ref("base.group_user").id, env.ref(group).id])]}) for name, group in GROUPS.items()}


def drafts(env, users, today):
    """Quotations and draft invoices of as many customers, each of whom owes something."""
    partners = env["account.move.line"].search(
        [("account_id.account_type", "=", "asset_receivable"), ("reconciled", "=", False), ("amount_residual", ">", 0),
         ("parent_state", "=", "posted")], order="id", limit=40 * DOCUMENTS).partner_id.commercial_partner_id[:DOCUMENTS]
    bench_limits.grant(env, partners)
    product = env["product.product"].create({"name": "Goods", "taxes_id": False})
    orders = env["sale.order"].create([{
        "partner_id": partner.id, "user_id": users["orders"].id,
        "order_line": [Command.create({"product_id": product.id, "price_unit": 100})]} for partner in partners])
    moves = env["account.move"].create([{
        "move_type": "out_invoice", "partner_id": partner.id, "invoice_date": today,
        "invoice_line_ids": [Command.create({"name": "Service", "price_unit": 100})]} for partner in partners])
    env.flush_all()
    return orders, moves


def measure(records, user, method, stages, name):
    """Call a method on each record on its own; (queries, CPU ms) of each."""
    found = []
    for record in records:
        record.env.invalidate_all()
        gc.collect()
        spent = stages.spent[name]
        before = spent.queries, spent.cpu
        with stages.stage(name):
            getattr(record.with_user(user), method)()
            record.env.cr.flush()  # with what is done before a commit, as after a request
        found.append((spent.queries - before[0], 1000 * (spent.cpu - before[1])))
    return found


def one_round(env, stages, today):
    """Orders confirmed and invoices posted; rolled back."""
    users = people(env)
    orders, moves = drafts(env, users, today)
    found = {"orders": measure(orders, users["orders"], "action_confirm", stages, "orders"),
             "invoices": measure(moves, users["invoices"], "action_post", stages, "invoices")}
    done = {"orders": set(orders.mapped("state")), "invoices": set(moves.mapped("state"))}
    assert done == {"orders": {"sale"}, "invoices": {"posted"}}, done
    env.cr.rollback()
    return found


def main(env, target, bare_db, today):
    """Rounds in turn, the first of each side only to warm up."""
    with Registry(bare_db).cursor() as bare_cr:
        sides = {"with": env, "without": api.Environment(bare_cr, SUPERUSER_ID, {})}
        stages = {side: Stages(its_env.cr) for side, its_env in sides.items()}
        rounds = {side: [] for side in sides}
        for number in range(ROUNDS + 1):
            for side in sorted(sides, reverse=bool(number % 2)):
                rounds[side].append(one_round(sides[side], stages[side], today))
    report = {}
    for name in GROUPS:
        each = {side: [one for done in found[1:] for one in done[name]] for side, found in rounds.items()}
        for side, values in each.items():
            queries, cpu = zip(*values)
            report.setdefault(name, {}).update({f"{side}_queries": statistics.median(queries), f"{side}_ms": round(statistics.median(cpu), 2)})
        report[name]["more_queries"] = report[name]["with_queries"] - report[name]["without_queries"]
    Path(target).write_text(json.dumps({"documents": DOCUMENTS, **report}), encoding="utf-8")


main(env, *args)  # noqa: F821  given by odoo shell
