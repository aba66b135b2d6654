"""Jobs of the campaign about charges, run inside Odoo by `odoo_side.py`."""
from datetime import date

from odoo.fields import Command

from tools.faults import odoo_campaign


def charge_rule(env):
    """12.5 % a year and a fixed sum; nobody uses it yet."""
    company = env.company
    rule = env["collection.charge.rule"].create({
        "name": "Faults", "company_id": company.id, "currency_id": company.currency_id.id, "percent": 12.5,
        "band_ids": [Command.create({"amount": 40})]})
    env.cr.commit()
    return rule.id


def charge_switch_on(env):
    """The company charges from now on."""
    rule = env["collection.charge.rule"].search([("name", "=", "Faults")])
    env.company.write({"collection_charge_rule_id": rule.id, "collection_charge_consumer_rule_id": rule.id,
                       "collection_charge_send": True, "collection_charge_from": date(2020, 1, 1)})
    env.cr.commit()


def charge_open(env, prepared=False):
    """A run that the job is to prepare, or, ``prepared``, to post."""
    odoo_campaign.quick_pdf(env)
    run = env["collection.charge.run"].create({"company_id": env.company.id, "last_day": odoo_campaign.yesterday(env)})
    run._transition("preparing")
    env.cr.commit()
    if prepared:
        run._prepare(commit=True)
        run._transition("posting")
        env.cr.commit()
    return run.id


def charge_go_on(env):
    """A person looks at what the job left and has it billed; whether anything was still to be billed."""
    odoo_campaign.quick_pdf(env)
    runs = env["collection.charge.run"].search([("state", "=", "prepared")])
    for run in runs.filtered(lambda run: run._drafts()):
        odoo_campaign.as_client(env, run.action_retry)
    return len(runs)


def charge_finish(env, again=False):
    """The job to its end, what it left by a person. ``again``: one more run over the same days, which finds what was forgotten only."""
    if again:
        charge_open(env)
    runs = env["collection.charge.run"]
    runs._cron_charge()
    env.cr.commit()
    charge_go_on(env)
    runs._cron_charge()
    env.cr.commit()


JOBS = {job.__name__: job for job in (charge_rule, charge_switch_on, charge_open, charge_go_on, charge_finish)}
