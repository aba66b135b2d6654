"""The situation of `./dev bench --only desk`, inside Odoo: five collectors, reminders sent, promises, disputes, and calls of a quarter.

What is many is written by SQL; what has rules of its own (promises, disputes) is made as a person would.
"""
from datetime import datetime, time, timedelta

from odoo.fields import Command
from odoo.tools import SQL

from odoo.addons.account_credit_collection.models.bulk import insert_rows

COLLECTORS = 5
REMINDED_DAYS = 30
CALLED_EACH = 20  # of so many contacts one is a call that waits
MONTHS = 12
CALL_DAYS = 90
PROMISED_EACH, CONTESTED_EACH = 40, 120  # of so many overdue items one is promised, one contested
OUTCOMES = ("no_answer", "promise", "callback", "no_answer", "copy", "refuses", "no_answer", "dispute", "wrong_contact", "plan")


def build(env, today):
    """Make it all, and commit; how much of what there is."""
    users = collectors(env)
    found = {"contacts": remind(env, today), "calls": calls(env, users, today)}
    items = overdue_items(env, today)
    found["promises"] = promises(env, items[::PROMISED_EACH], today)
    found["disputes"] = disputes(env, items[1::CONTESTED_EACH])
    env.cr.commit()
    for table in ("collection_action", "collection_action_line", "collection_call", "collection_promise", "credit_profile"):
        env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
    env.cr.commit()
    env.invalidate_all()
    return users, found


def collectors(env):
    """Five of them, each with a fifth of the customers."""
    users = env["res.users"].with_context(no_reset_password=True).create([{
        "name": f"Collector {number}", "login": f"bench_collector_{number}", "company_id": env.company.id,
        "company_ids": [Command.set(env.company.ids)],
        "group_ids": [Command.set([env.ref("account_credit_collection.group_collector").id])]} for number in range(COLLECTORS)])
    env.cr.execute(SQL("UPDATE credit_profile SET collector_id = (%s)[1 + id %% %s]", users.ids, len(users)))
    env.invalidate_all()
    return users


def remind(env, today):
    """The follow-up over everybody: its messages went out over the last month, some became calls that wait, and so it was all year."""
    env.company.collection_policy_id.write({"quiet_weekends": False, "quiet_holidays": False})
    run = env["collection.run"].create({"company_id": env.company.id, "run_date": today, "kind": "manual"})
    run._execute(commit=True)
    env.flush_all()
    env.cr.execute(SQL(
        """UPDATE collection_action SET channel = CASE WHEN calls THEN 'call' ELSE channel END, state = CASE WHEN calls THEN 'waiting' ELSE 'sent' END,
                  waiting_on = CASE WHEN calls THEN day END, sent_on = CASE WHEN calls THEN NULL ELSE day END, planned_on = day
             FROM (SELECT id AS which, %s::date - (1 + id %% %s) AS day, id %% %s = 0 AS calls FROM collection_action WHERE run_id = %s) d
            WHERE id = which""", today, REMINDED_DAYS, CALLED_EACH, run.id))
    repeat_contacts(env, run)
    env.invalidate_all()
    return env["collection.action"].search_count([])


def repeat_contacts(env, run):
    """The same contacts in each month before, long settled: the table is as long as after a year."""
    columns = [name for name, field in env["collection.action"]._fields.items() if field.store and field.column_type and name != "id"]
    changed = {"planned_on": SQL("planned_on - 30 * month"), "sent_on": SQL("sent_on - 30 * month"), "dedupe_key": SQL("dedupe_key || '/' || month")}
    env.cr.execute(SQL(
        "INSERT INTO collection_action (%s) SELECT %s FROM collection_action, generate_series(1, %s) month WHERE run_id = %s AND state = 'sent'",
        SQL(", ").join(map(SQL.identifier, columns)), SQL(", ").join(changed.get(name, SQL.identifier(name)) for name in columns),
        MONTHS - 1, run.id))


def calls(env, users, today):
    """One for every second customer that owes something, the day and the outcome by its number; agreed calls come back today."""
    profiles = env["credit.profile"].search([("company_id", "=", env.company.id), ("collector_id", "!=", False)], order="id")[::2]
    rows = [prepare_call(profile, OUTCOMES[number % len(OUTCOMES)], today - timedelta(days=1 + number % CALL_DAYS))
            for number, profile in enumerate(profiles)]
    insert_rows(env["collection.call"], rows)
    back = profiles[2::20 * len(OUTCOMES)]
    back._write_snapshot([{"resubmit_on": today, "resubmit_time": 9.5, "resubmit_kind": "callback"}] * len(back))
    return len(rows)


def prepare_call(profile, outcome, day):
    """A call of a past day as it would have been recorded."""
    return {"profile_id": profile.id, "company_id": profile.company_id.id, "user_id": profile.collector_id.id, "day": day,
            "called_at": datetime.combine(day, time(10)), "outcome": outcome, "reached": outcome not in ("no_answer", "wrong_contact"),
            "note": "Spoke to accounts payable", "seconds": 180, "voided": False}


def overdue_items(env, today):
    """The overdue items of all customers, by number."""
    domain = env["collection.reader"]._open_item_domain(env.company)
    return env["account.move.line"].search(
        [*domain, ("amount_residual_currency", ">", 0), ("date_maturity", "<", today), ("no_followup", "=", False)], order="id")


def promises(env, items, today):
    """Some still open, most past and so broken, or kept by what was paid."""
    env["collection.promise"].sudo().create([{
        "made_on": today - timedelta(days=25), "promised_on": today + timedelta(days=number % 30 - 20),
        "line_ids": [Command.create({"item_id": item.id})]} for number, item in enumerate(items)])
    return len(items)


def disputes(env, items):
    """Open disputes over half an invoice."""
    env["collection.dispute"].create([{"item_id": item.id, "amount": round(item.amount_residual_currency / 2, 2) or item.amount_residual_currency,
                                       "reason": "Short delivery"} for item in items])
    return len(items)
