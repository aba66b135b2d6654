"""Runs inside `odoo shell` of the large ledger (`env` and `args` are given): reports on the ledger, beside the bare SQL of the same questions.

Every customer is in a segment and came to it from another one half a year ago. Each question is asked anew, with an empty
record cache, some times; the fastest counts, on both sides. The sum of each ageing is compared with the trial balance.
"""
import json
import os
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from odoo.tools import SQL

from tools.bench_clock import memory_mb

ROUNDS = 3
BOOK_ROWS = 200_000
SEGMENTS = 6
BARE_AGEING = """
    SELECT s.segment_id, s.bucket, sum(s.amount) FROM (
        SELECT f.segment_id, l.amount_residual AS amount,
               CASE WHEN l.amount_residual < 0 THEN 'credit' WHEN l.late <= 0 THEN 'not_due' WHEN l.late <= 30 THEN 'b30'
                    WHEN l.late <= 60 THEN 'b60' WHEN l.late <= 90 THEN 'b90' ELSE 'over' END AS bucket
          FROM (SELECT partner_id, company_id, amount_residual, %(day)s - COALESCE(date_maturity, date) AS late FROM account_move_line
                 WHERE reconciled IS NOT TRUE AND parent_state = 'posted' AND date <= %(day)s
                   AND account_id IN (SELECT id FROM account_account WHERE account_type = 'asset_receivable')) l
          LEFT JOIN credit_profile f ON f.partner_id = l.partner_id AND f.company_id = l.company_id) s
     GROUP BY 1, 2"""
# on a past day each item is its amount less what was set off against it by then, each customer in the segment it had come to by then
BARE_PAST = """
    WITH off AS (
        SELECT item, sum(amount) AS amount FROM (
            SELECT debit_move_id AS item, amount FROM account_partial_reconcile WHERE max_date <= %(day)s
             UNION ALL SELECT credit_move_id, -amount FROM account_partial_reconcile WHERE max_date <= %(day)s) r GROUP BY item),
    was AS (
        SELECT DISTINCT ON (profile_id) profile_id, to_id FROM credit_segment_move WHERE day <= %(day)s ORDER BY profile_id, day DESC, id DESC)
    SELECT s.segment_id, s.bucket, sum(s.amount) FROM (
        SELECT was.to_id AS segment_id, l.amount,
               CASE WHEN l.amount < 0 THEN 'credit' WHEN l.late <= 0 THEN 'not_due' WHEN l.late <= 30 THEN 'b30'
                    WHEN l.late <= 60 THEN 'b60' WHEN l.late <= 90 THEN 'b90' ELSE 'over' END AS bucket
          FROM (SELECT i.partner_id, i.company_id, i.balance - COALESCE(off.amount, 0) AS amount, %(day)s - COALESCE(i.date_maturity, i.date) AS late
                  FROM account_move_line i LEFT JOIN off ON off.item = i.id
                 WHERE i.parent_state = 'posted' AND i.date <= %(day)s AND i.balance <> COALESCE(off.amount, 0)
                   AND i.account_id IN (SELECT id FROM account_account WHERE account_type = 'asset_receivable')) l
          LEFT JOIN credit_profile f ON f.partner_id = l.partner_id AND f.company_id = l.company_id
          LEFT JOIN was ON was.profile_id = f.id) s
     GROUP BY 1, 2"""
TRIAL_BALANCE = """
    SELECT sum(balance)::text FROM account_move_line WHERE parent_state = 'posted' AND date <= %s
       AND account_id IN (SELECT id FROM account_account WHERE account_type = 'asset_receivable')"""


def set_up(env, today):
    """Everybody in a segment, since half a year; before, in another one."""
    env["credit.profile"]._ensure_missing(env.company)
    segments = env["credit.segment"].create([{"name": f"Bench {number}", "company_id": env.company.id, "is_draft": False} for number in range(SEGMENTS)])
    since = today - timedelta(days=180)
    env.flush_all()
    env.cr.execute("UPDATE credit_profile SET segment_id = (%s::int[])[1 + id %% %s], segment_since = %s WHERE company_id = %s",
                   [segments.ids, SEGMENTS, since, env.company.id])
    env.cr.execute("DELETE FROM credit_segment_move WHERE company_id = %s", [env.company.id])
    for day, shift in ((since - timedelta(days=365), 1), (since, 0)):
        env.cr.execute("INSERT INTO credit_segment_move (profile_id, company_id, to_id, day) SELECT id, company_id, (%s::int[])[1 + (id + %s) %% %s], %s "
                       "FROM credit_profile WHERE company_id = %s", [segments.ids, shift, SEGMENTS, day, env.company.id])
    env.cr.commit()
    env.cr.execute("ANALYZE credit_profile")
    env.cr.execute("ANALYZE credit_segment_move")
    env.cr.commit()


def fastest(env, ask, rounds=ROUNDS):
    """(seconds by the clock, answer) of the fastest time."""
    spent = []
    for _round in range(rounds):
        env.invalidate_all()
        begun = time.monotonic()
        answer = ask()
        spent.append(time.monotonic() - begun)
    return min(spent), answer


def ageing(env, name, day, bare):
    """Ageing by segment and class through the ORM, in SQL, and its difference to the trial balance."""
    report = env["collection.ageing"]._at(day)
    ours, rows = fastest(env, lambda: report._read_group([], ["segment_id", "bucket"], ["amount:sum"]))
    theirs, plain = fastest(env, lambda: env.execute_query(SQL(bare, day=day)))
    pivot, _answer = fastest(env, lambda: report.formatted_read_grouping_sets(
        [], [[], ["segment_id"], ["bucket"], ["segment_id", "bucket"]], ["amount:sum", "company_currency_id:array_agg_distinct", "amount:sum_currency"]))
    [[balance]] = env.execute_query(SQL(TRIAL_BALANCE, day))
    return {"name": name, "day": day.isoformat(), "rows": len(rows), "items": report.search_count([]), "orm_s": round(ours, 3), "bare_s": round(theirs, 3),
            "pivot_s": round(pivot, 3), "same": _sums(rows) == _sums(plain),
            "difference": str(round(sum(amount for *_rest, amount in rows) - float(balance), 2))}


def _sums(rows):
    """Amounts by segment and class, however the segment is given."""
    return {(int(segment or 0), bucket): round(float(amount), 2) for segment, bucket, amount in rows}


def movements(env, name, domain):
    """Movements by month and kind."""
    spent, rows = fastest(env, lambda: env["collection.movement"]._read_group(domain, ["date:month", "kind"], ["amount:sum"]), 1)
    return {"name": name, "rows": len(rows), "orm_s": round(spent, 3)}


def month_of(env, last):
    """One month by customer and kind, as the snapshots take it."""
    sql = env["collection.movement"]._movement_sql(env.company, last, last.replace(day=1))
    spent, rows = fastest(env, lambda: env.execute_query(SQL("SELECT profile_id, kind, sum(amount) FROM (%s) m GROUP BY 1, 2", sql)))
    return {"name": "one month by customer", "rows": len(rows), "orm_s": round(spent, 3)}


def workbook(env, rows):
    """The newest ``rows`` movements and the rest of their day as a workbook, written to a file nobody keeps."""
    [[since]] = env.execute_query(SQL(
        """SELECT date FROM account_move_line WHERE parent_state = 'posted' AND account_id IN (SELECT id FROM account_account
            WHERE account_type = 'asset_receivable') ORDER BY date DESC OFFSET %s LIMIT 1""", rows))
    records, domain = env["collection.movement"], [("date", ">=", since)]
    before, begun = memory_mb(), time.monotonic()
    with tempfile.TemporaryFile() as file:
        env["collection.export"]._write_workbook(records, domain, file)
        size = file.tell()
    spent = time.monotonic() - begun
    return {"rows": records.search_count(domain), "seconds": round(spent, 1), "before_mb": round(before), "peak_mb": round(memory_mb()), "file_mb": round(size / 1e6, 1)}


def night(env, month):
    """Sorting all customers into segments, and a month of snapshots."""
    begun = time.monotonic()
    moved = env["credit.profile"]._sort_customers(env.company, env.company._collection_today())
    env.flush_all()
    sorted_s = time.monotonic() - begun
    env["collection.snapshot"]._rebuild(env.company, month, month)
    return {"sort_s": round(sorted_s, 1), "moved": moved, "month_s": round(time.monotonic() - begun - sorted_s, 1)}


def main(env, target, today):
    """Ageing now and in the past, movements, a workbook, and what the nights do."""
    today = date.fromisoformat(today)
    month_end = today.replace(day=1) - timedelta(days=1)
    set_up(env, today)
    Path(target).write_text(json.dumps({
        "load": round(os.getloadavg()[0], 1),
        "ageing": [ageing(env, "today", today, BARE_AGEING), ageing(env, "last month", month_end, BARE_PAST),
                   ageing(env, "last year", date(today.year - 1, 12, 31), BARE_PAST)],
        "movements": [movements(env, "all", []), movements(env, "12 months", [("date", ">", today - timedelta(days=365))]), month_of(env, month_end)],
        "workbook": workbook(env, BOOK_ROWS), "night": night(env, month_end),
        "peak_mb": round(memory_mb())}), encoding="utf-8")


main(env, *args)  # noqa: F821  given by odoo shell
