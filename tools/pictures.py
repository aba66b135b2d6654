"""./dev pictures: the pictures of the README, taken of the running demo in headless Chromium.

A fresh demo database, served; the policy and the preview before the follow-up, everything else after it.
"""
import argparse
import json
import pathlib
import shutil
import subprocess
import tempfile

from . import database, demo, provision, server, testing
from .paths import CHECKOUT, DevError, say

FOLDER = CHECKOUT / "docs/pictures"
WIDE, PHONE = 1440, 390
ADDON = "/odoo/action-account_credit_collection"

# What the demo's own script does before its run, so that the preview shows the same.
PREPARE = """
company = env.ref("base.main_company")
env["credit.profile"]._refresh_company(company)
env.cr.commit()
"""
ANY_HOUR = """
env["collection.policy"].search([]).write({"quiet_weekends": False, "quiet_holidays": False, "hour_from": 0, "hour_to": 24})
env.cr.commit()
"""
NIGHT = """
for job in env["collection.heartbeat"]._jobs().values():
    env.ref(f"account_credit_collection.{job}").method_direct_trigger()
env.cr.commit()
"""
# The records the pictures show, by what is interesting about them; and a letter as it waits to be printed.
FIND = """
import json
import pathlib

def first(model, *domain):
    return env[model].search(list(domain), limit=1)

sent = env["collection.action"].search([
    ("state", "=", "sent"), ("channel", "=", "email"), ("lang", "=like", "en%"), ("kind", "=", "after"),
    ("sent_on", "=", env.company._collection_today())]).sorted(lambda action: len(action.line_ids))[-1:]
letter = first("collection.action", ("channel", "=", "letter"), ("state", "=", "waiting"), ("lang", "=like", "en%"))
late = first("credit.profile", ("behaviour_class", "=", "chronic"), ("dispute_ids", "=", False), ("action_ids.state", "in", ("waiting", "planned")))
plan = first("collection.plan", ("state", "=", "active"))
pathlib.Path(args[0]).write_bytes(letter.attachment_ids[:1].raw)
print("FOUND " + json.dumps({
    "policy": env.ref("account_credit_collection.collection_policy_standard").id, "sent": sent.id, "profile": late.id,
    "partner": late.partner_id.id, "portal": sent.pay_url, "account": env.ref("account_credit_collection.demo_profile_calloway")._account_url(),
    "handover": first("collection.handover", ("state", "=", "handed")).id,
    "friend": env.ref("account_credit_collection.demo_partner_brightwater").id,
    "approve": first("collection.action", ("state", "=", "planned"), ("channel", "=", "email")).id,
    "application": env.ref("account_credit_collection.demo_application_heron").id, "company": env.company.id,
    "hold": first("credit.hold", ("state", "=", "held"), ("ways", "!=", False)).id,
    "ladder": env.ref("account_credit_collection.credit_ladder_standard").id,
    "climber": env.ref("account_credit_collection.demo_profile_lefevre").id,
    "charge_run": env.ref("account_credit_collection.demo_charge_run_2").id,
    "charge": first("collection.charge", ("state", "=", "draft"), ("run_id", "!=", False)).id,
    "plan": plan.id, "plan_page": plan._link_url("/collections/plan"),
    "settlement": first("collection.settlement", ("state", "=", "offered")).id,
    "dashboard": env.ref("account_credit_collection.collection_dashboard").id,
    "segment": env.ref("account_credit_collection.credit_segment_late").id,
    "simulation": env.ref("account_credit_collection.demo_simulation").id}))
env.cr.rollback()
"""
POLICY = "env.ref('account_credit_collection.collection_policy_standard').id"


def policy_shots(policy):
    """The shipped policy as it comes, before the demo takes its quiet hours away."""
    page = {"url": f"{ADDON}.collection_policy_action/{policy}", "ready": ".o_collection_timeline"}
    return both("policy", tallest=1000, **page)


def desk_shots():
    """The worklist of a morning and its first customer; after the follow-up most would just have been reminded."""
    return [
        *both("worklist", url="/odoo/worklist", ready=".o_desk_row"),
        *both("call", url="/odoo/worklist", ready=".o_desk_row", clicks=[".o_desk_row"], then=".o_desk_script"),
    ]


def preview_shots(_found):
    """Who is contacted and who is not, before anything is sent."""
    return both("preview", url=f"{ADDON}.collection_run_wizard_action", ready=".modal .o_form_view",
                clicks=[".modal button[name=action_preview]"], then=".modal .o_collection_grouped", tallest=1500)


def shots_after(found):
    """Everything that is there once a follow-up has run."""
    cards = ".o_data_row, .o_kanban_record"
    return [
        *both("contacts", url=f"{ADDON}.collection_action_action", ready=cards, tallest=900),
        *both("contact", url=f"{ADDON}.collection_action_action/{found['sent']}", ready=".o_collection_message", tallest=1500),
        *both("approval", url=f"{ADDON}.collection_action_action_approve/{found['approve']}", ready=".o_collection_message", tallest=1500),
        *both("customer", url=f"{ADDON}.credit_profile_action/{found['profile']}", ready=".o_collection_figures", tallest=900),
        *both("partner", url=f"/odoo/res.partner/{found['partner']}", ready=".nav-link[name=collections]",
              clicks=[".nav-link[name=collections]"], then=".nav-link.active[name=collections]", tallest=900),
        *both("portal", url=found["portal"], ready="main", public=True, tallest=1500),
        *both("pay", url=found["account"], ready="main", public=True, clicks=[".o_credit_buttons .btn-primary"], then="#o_payment_form", tallest=1300),
        *both("handover", url=f"{ADDON}.collection_handover_action/{found['handover']}", ready=".o_form_view .o_statusbar_status", tallest=1100),
        *both("stored", url=f"{ADDON}.collection_retention_rule_action", ready=".o_data_row, .o_kanban_record", tallest=1000),
        *both("relations", url=f"/odoo/res.partner/{found['friend']}", ready=".nav-link[name=collection_relation]",
              clicks=[".nav-link[name=collection_relation]"], then=".nav-link.active[name=collection_relation]", tallest=900),
        *both("application", url=f"{ADDON}.credit_application_action/{found['application']}", ready=".o_form_view .o_statusbar_status", tallest=1600),
        *both("hold", url=f"{ADDON}.credit_hold_action/{found['hold']}", ready=".o_form_view .o_statusbar_status", tallest=1000),
        *both("ladder", url=f"{ADDON}.credit_ladder_action/{found['ladder']}", ready=".o_form_view .o_data_row, .o_form_view .o_kanban_record", tallest=1000),
        *both("credit", url=f"{ADDON}.credit_profile_action/{found['climber']}", ready=".nav-link[name=credit]",
              clicks=[".nav-link[name=credit]"], then=".nav-link.active[name=credit]", tallest=1300),
        *both("charges", url=f"{ADDON}.collection_charge_run_action/{found['charge_run']}", ready=".o_form_view .o_statusbar_status", tallest=900),
        *both("charge", url=f"{ADDON}.collection_charge_action/{found['charge']}", ready=".o_form_view .o_statusbar_status", tallest=900),
        *both("plan", url=f"{ADDON}.collection_plan_action/{found['plan']}", ready=".o_form_view .o_statusbar_status", tallest=1000),
        *both("plan_page", url=found["plan_page"], ready="main", public=True, tallest=1500),
        *both("settlement", url=f"{ADDON}.collection_settlement_action/{found['settlement']}", ready=".o_form_view .o_statusbar_status", tallest=1000),
        *both("overview", url=f"{ADDON}.collection_overview_action", ready=".o_overview_tiles", tallest=900),
        *both("dashboard", url=f"/odoo/dashboards?dashboard_id={found['dashboard']}", ready=".o-figure, .o_mobile_dashboard", tallest=900),
        *both("figures", url=f"{ADDON}.collection_snapshot_action", ready=".o_pivot table, .o_kanban_record", tallest=1100),
        {"name": "graph", "width": WIDE, "url": f"{ADDON}.collection_snapshot_action", "ready": ".o_pivot table",
         "clicks": [".o_facet_remove", ".o_switch_view.o_graph"], "then": ".o_graph_renderer canvas", "tallest": 900},
        *both("ageing", url=f"{ADDON}.collection_ageing_wizard_action", ready=".modal .o_form_view", clicks=[".modal button[name=action_open]"],
              then=".o_pivot table, .o_kanban_record", tallest=900),
        *both("segment", url=f"{ADDON}.credit_segment_action/{found['segment']}", ready=".o_form_view", tallest=1300),
        *both("simulation", url=f"{ADDON}.collection_simulation_action/{found['simulation']}", ready=".o_form_view", tallest=1000),
        *both("apply", url=f"/credit/apply/{found['company']}", ready="#wrap form", public=True, tallest=1500),
    ]


def night_shots():
    """What all jobs left behind them."""
    return both("health", url=f"{ADDON}.collection_health_action", ready=".o_form_view button[name=action_check_now]",
                clicks=["button[name=action_check_now]"], then=".o_form_view .o_data_row, .o_form_view .o_kanban_record", tallest=1100)


def both(name, **page):
    """A page on a screen and on a telephone."""
    return [{"name": name, "width": WIDE, **page}, {"name": f"{name}_phone", "width": PHONE, **page, "tallest": 1400}]


def ask(db, code, args=()):
    """Run Python in the database; what it printed after FOUND."""
    failed, output = server.run_code(db, f"args = {[str(arg) for arg in args]!r}\n{code}", log="pictures_find", capture=True)
    if failed:
        raise DevError(f"{output}\nsee {server.log_path('pictures_find')}")
    lines = [line for line in output.splitlines() if line.startswith("FOUND ")]
    return json.loads(lines[-1][len("FOUND "):]) if lines else None


def photograph(db, port, shots, only):
    """Take the shots that are wanted, all in one browser."""
    wanted = [shot for shot in shots if not only or shot["name"].removesuffix("_phone") in only]
    if not wanted:
        return
    plan = {"base": f"http://127.0.0.1:{port}", "db": db, "login": "admin", "password": "admin", "folder": str(FOLDER), "shots": wanted}
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as handle:
        json.dump(plan, handle)
        handle.flush()
        command = [provision.environment().python, CHECKOUT / "tools/pictures_browser.py", handle.name]
        if subprocess.run(list(map(str, command)), check=False).returncode:
            raise DevError("a picture could not be taken")


def letter_shot(folder, pdf):
    """The first page of a letter as a picture file."""
    subprocess.run(["pdftoppm", "-png", "-r", "80", "-f", "1", "-l", "1", "-singlefile", pdf, folder / "letter"], check=True)
    return {"name": "letter", "file": str(folder / "letter.png")}


def main(rest):
    """Build a demo, photograph it, drop it."""
    parser = argparse.ArgumentParser(prog="./dev pictures", description=__doc__)
    parser.add_argument("only", nargs="*", help="only these, such as: policy preview letter")
    parser.add_argument("--port", type=int, default=8469)
    options = parser.parse_args(rest)
    if not shutil.which("pdftoppm"):
        raise DevError("pdftoppm is missing: apt install poppler-utils")
    db = database.copy(testing.installed_database(demo=True), database.full_name("pictures"))
    try:
        with demo.smtp_sink() as (smtp, mails), tempfile.TemporaryDirectory() as scratch:
            take_all(db, options.port, smtp, mails, pathlib.Path(scratch), set(options.only))
    finally:
        database.drop(db)
    return 0


def take_all(db, port, smtp, mails, scratch, only):
    """First what belongs before the follow-up, then the follow-up, then the rest."""
    policy = ask(db, f"{demo.MAIL_SERVER.format(smtp=smtp, port=port)}\n{PREPARE}\nprint('FOUND', {POLICY})")
    with server.start_server(db, port, workers=2, log="pictures_server", cron=0):
        photograph(db, port, [*policy_shots(policy), *desk_shots()], only)
        ask(db, ANY_HOUR)
        photograph(db, port, preview_shots(policy), only)
        say("one follow-up run over the demo data")
        if server.run_script(db, CHECKOUT / "tools/demo_run.py", [mails], log="pictures_run"):
            raise DevError(f"the run failed; Odoo's log: {server.log_path('pictures_run')}")
        pdf = scratch / "letter.pdf"
        found = ask(db, FIND, [pdf])
        photograph(db, port, [*shots_after(found), letter_shot(scratch, pdf)], only)
        ask(db, NIGHT)
        photograph(db, port, night_shots(), only)
