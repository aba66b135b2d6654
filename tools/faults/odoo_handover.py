"""Jobs of the campaign about handovers and settlements, run inside Odoo by `odoo_side.py`."""
import signal
from datetime import timedelta

from odoo.fields import Command

from tools.faults import odoo_campaign
from tools.faults import odoo_watch as watch


def agreement_accounts(env):
    """The accounts that giving up is booked on, and an agency."""
    company = env.company
    Account = env["account.account"]
    expense = Account.search([("account_type", "=", "expense"), ("company_ids", "in", company.ids)], limit=1)
    income = Account.search([("account_type", "=", "income"), ("company_ids", "in", company.ids)], limit=1)
    company.write({"collection_write_off_account_id": expense.id, "collection_handover_fee_account_id": expense.id,
                   "collection_handover_costs_account_id": income.id, "collection_write_off_max": 100000})
    env["credit.authority"].create({"company_id": company.id, "user_id": env.ref("base.user_admin").id, "unlimited": True})
    partner = env["res.partner"].create({"name": "Northern Collect", "is_company": True})
    agency = env["collection.agency"].create({
        "partner_id": partner.id, "company_id": company.id, "band_ids": [Command.create({"age_days_from": 0, "percent": 15})]})
    env.cr.commit()
    return agency.id


def _admin(env):
    return env(user=env.ref("base.user_admin"))


def _manager(record):
    """The same for somebody else, who may approve it."""
    return record.with_user(record.env["res.users"].search([("login", "=", "faults_manager")]))


def _items(env, moves):
    return env["account.move"].browse(moves).line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")


def handover_announce(env, agency, moves):
    """Cases whose last letter was printed and whose days are over: a person may hand them over."""
    odoo_campaign.quick_pdf(env)
    env = _admin(env)
    found = []
    for move in moves:
        item = _items(env, [move])
        profile = env["credit.profile"].search([("partner_id", "=", item.partner_id.id)])
        record = env["collection.handover"]._propose(profile, item, env["collection.agency"].browse(agency), "Silent for weeks")
        _manager(record)._approve(record.agency_id, 0.0, None)
        record.action_announce()
        record._note_printed()
        record.sudo().deadline = env.company._collection_today() - timedelta(days=1)
        found.append(record.id)
    env["mail.mail"].sudo().search([("state", "=", "outgoing")]).unlink()
    env.cr.commit()
    return found


def hand_over(env, records, at=None, stop_before=None, slow_pdf=0.0, steps=()):
    """A person hands cases over, one after the other; what each was answered, and how often it came to each of the ``steps``."""
    signal.signal(signal.SIGTERM, odoo_campaign._end)
    odoo_campaign.quick_pdf(env, slow_pdf)
    env = _admin(env)
    if stop_before:
        watch.stop_before(env, *stop_before)
    reached = watch.reached(env, steps)
    watch.wait_until(at)
    answers = {record: odoo_campaign.as_client(env, lambda record=record: env["collection.handover"].browse(record)._hand_over("NC-7"))
               for record in records}
    return {"answers": answers, "reached": reached}


def handover_files(env):
    """The files there are, and whether each is still the one that was made."""
    return [{"handover": file.handover_id.id, "version": file.version, "state": file.state, "intact": file._is_intact()}
            for file in env["collection.handover.file"].search([])]


def settlement_take(env, moves):
    """Offers of 60 instead of 100, each paid as it asks: taken, and not booked yet."""
    odoo_campaign.quick_pdf(env)
    env = _admin(env)
    bank = env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", env.company.id)], limit=1)
    found = []
    for move in moves:
        item = _items(env, [move])
        profile = env["credit.profile"].search([("partner_id", "=", item.partner_id.id)])
        offer = env["collection.settlement"]._make(profile, item, 60, env.company._collection_today() + timedelta(days=9), "A clear end")
        offer.action_offer()
        env["account.payment.register"].with_context(active_model="account.move", active_ids=[move]).create(
            {"journal_id": bank.id, "amount": 60, "payment_difference_handling": "open"})._create_payments()
        offer._judge(env.company._collection_today())
        assert offer.state == "taken", offer.state
        found.append(offer.id)
    env["mail.mail"].sudo().search([("state", "=", "outgoing")]).unlink()
    env.cr.commit()
    return found


JOBS = {job.__name__: job for job in (agreement_accounts, handover_announce, hand_over, handover_files, settlement_take)}
