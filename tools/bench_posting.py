"""Runs inside `odoo shell` of a ledger with the addon: posts invoices and registers payments there and in the same
ledger without it, in turns, and compares the medians. Each round is rolled back. With the addon, customers have a limit.
"""
import gc
import json
import statistics
from pathlib import Path

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

from tools import bench_limits
from tools.bench_clock import Stages

DOCUMENTS = 200
ROUNDS = 3


def drafts(env, today):
    """New invoices of as many customers, not yet posted."""
    partners = env["res.partner"].search([("customer_rank", ">", 0), ("parent_id", "=", False)], order="id", limit=DOCUMENTS)
    bench_limits.grant(env, partners)
    moves = env["account.move"].create([{
        "move_type": "out_invoice", "partner_id": partner.id, "invoice_date": today,
        "invoice_line_ids": [(0, 0, {"name": "Service", "quantity": 1, "price_unit": 100 + partner.id % 50})],
    } for partner in partners])
    env.flush_all()
    return moves


def one_round(env, stages, today):
    """CPU seconds of posting the invoices and of registering a payment for each."""
    moves = drafts(env, today)
    gc.collect()
    before = {name: stages.spent[name].cpu for name in ("invoices", "payments")}
    with stages.stage("invoices"):
        moves.action_post()
        env.flush_all()
    wizard = env["account.payment.register"].with_context(active_model="account.move", active_ids=moves.ids).create(
        {"payment_date": today, "group_payment": False})
    gc.collect()
    with stages.stage("payments"):
        wizard._create_payments()
        env.flush_all()
    env.cr.rollback()
    return {name: stages.spent[name].cpu - spent for name, spent in before.items()}


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
    for name in ("invoices", "payments"):
        medians = {side: statistics.median(each[name] for each in done[1:]) for side, done in rounds.items()}
        report[name] = {**{f"{side}_s": round(value, 3) for side, value in medians.items()},
                        "ratio": round(medians["with"] / medians["without"], 3)}
    Path(target).write_text(json.dumps({"documents": DOCUMENTS, **report}), encoding="utf-8")


main(env, *args)  # noqa: F821  given by odoo shell
