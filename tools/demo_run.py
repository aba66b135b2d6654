"""Runs inside `odoo shell` of the demo database (`env` and `args` are given): one follow-up run and its summary.

args: the folder where captured mails go. No text message leaves the machine: those are captured there as well.
"""
import pathlib
import time

from odoo.addons.sms.tools.sms_api import SmsApi

BUDGET = 60  # seconds of sending, ended sooner when nothing is left
LOCAL_ONLY = "http://127.0.0.1:9"  # an address where nobody listens
COLUMNS = (("customer", 30), ("level", 20), ("by", 7), ("payer", 18), ("lang", 6), ("amount", 24), ("state", 17), ("why", 0))


def capture_sms(folder):
    """Write text messages into the folder instead of handing them to a provider."""
    def send(_api, messages, delivery_reports_url=False):
        results = []
        for message in messages:
            for number in message["numbers"]:
                name = f"sms_{len(list(folder.glob('sms_*.txt'))) + 1:04d}_{number['number'].lstrip('+')}.txt"
                (folder / name).write_text(message["content"] + "\n", encoding="utf-8")
                results.append({"uuid": number["uuid"], "state": "success", "credit": 0})
        return results
    SmsApi._send_sms_batch = send
    env["ir.config_parameter"].set_param("sms.endpoint", LOCAL_ONLY)


def prepare(company):
    """Make a run possible at any hour, and bring every customer's standing up to date."""
    env["collection.policy"].search([("company_id", "=", company.id)]).write(
        {"quiet_weekends": False, "quiet_holidays": False, "hour_from": 0, "hour_to": 24})
    env["credit.profile"]._refresh_company(company)
    # customers pay at their page with the provider that moves no money
    env["payment.provider"].search([("code", "=", "demo"), ("company_id", "=", company.id)]).write({"state": "test", "is_published": True})
    env.cr.commit()


def follow_up(company):
    """One run over the company, and everything sent that may be sent without a person."""
    run = env["collection.run"].create({"company_id": company.id, "run_date": company._collection_today()})
    run._execute(commit=True)
    env.cr.commit()
    until = time.monotonic() + BUDGET
    while env["collection.outbox"]._perform_ready(until - time.monotonic()) and time.monotonic() < until:
        pass
    env.cr.commit()
    env.invalidate_all()
    return run


def label(record, name):
    """The words for a selection value."""
    return dict(record._fields[name]._description_selection(env)).get(record[name], "")


def show(rows, columns):
    """Print a table: cells cut to their column's width."""
    for row in [[title for title, _width in columns], *rows]:
        cells = [str(cell)[:width or None].ljust(width) for cell, (_title, width) in zip(row, columns)]
        print("  " + "  ".join(cells).rstrip())


def contacted(run):
    """One row per contact; the amount is the one the customer reads."""
    def order(action):
        return (-action.level_id.offset_days, action.partner_id.name, action.id)
    return [(action.partner_id.name, action.level_id.name, label(action, "channel"), label(action, "behaviour"),
             action.lang or "", action.with_context(lang="en_US").amount_text.replace("\N{NO-BREAK SPACE}", " "),
             label(action, "state"), action.reason_text) for action in run.action_ids.sorted(order)]


def silent(run):
    """Customers with something open whom this run did not contact, each with its reason."""
    profiles = env["credit.profile"].search(
        [("company_id", "=", run.company_id.id), ("id", "not in", run.action_ids.profile_id.ids),
         ("next_reason", "not in", (False, "nothing_open"))])
    money = run.company_id.currency_id.format
    return [(profile.partner_id.name, money(profile.overdue).replace("\N{NO-BREAK SPACE}", " "),
             profile.next_contact_on or "", profile.reason) for profile in profiles.sorted(lambda p: p.partner_id.name)]


def counts(run):
    """“3 sent by e-mail”, in the order of frequency."""
    found = env["collection.action"]._read_group([("run_id", "=", run.id)], ["channel", "state"], ["__count"])
    channels, states = (dict(run.action_ids._fields[name]._description_selection(env)) for name in ("channel", "state"))
    return [f"{count} {channels[channel]}: {states[state]}" for channel, state, count in sorted(found, key=lambda row: -row[2])]


def main(folder):
    """Run and summarise."""
    company = env.ref("base.main_company")
    capture_sms(folder)
    prepare(company)
    run = follow_up(company)
    print(f"\nFollow-up of {company.name} as of {run.run_date}: {run.contact_count} contacts "
          f"with {len(run.action_ids.profile_id)} customers\n")
    show(contacted(run), COLUMNS)
    quiet = silent(run)
    print(f"\nNot contacted, with the reason: {len(quiet)} customers\n")
    show(quiet, (("customer", 30), ("overdue", 16), ("next", 10), ("why", 0)))
    print("\n" + " · ".join(counts(run)))
    print(f"{len(list(folder.glob('*.eml')))} mails and {len(list(folder.glob('sms_*.txt')))} text messages lie in {folder}")
    print("For this demo, weekends, holidays and night hours do not hold contacts back.\n")


main(pathlib.Path(args[0]))
