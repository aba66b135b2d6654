"""Jobs of the fault campaign, run inside Odoo by `odoo_side.py`: the addon's own jobs, and people at work meanwhile."""
import signal
import time
from datetime import timedelta
from io import BytesIO

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, retrying
from odoo.tools.pdf import PdfFileWriter

from odoo.addons.base.models import ir_mail_server

from tools.faults import odoo_watch as watch

PATIENT = 30  # seconds after which a person calls no more
CRONS = {"run": ("collection.run", "_cron_run"), "perform": ("collection.outbox", "_cron_perform"),
         "charge": ("collection.charge.run", "_cron_charge"), "file": ("collection.handover.file", "_cron_make"),
         "book": ("collection.settlement", "_cron_book")}
# Small batches, so that each job has many transactions to be hit in.
SMALL = (("collection.run", "BATCH", 4), ("collection.outbox", "CHUNK", 5), ("collection.charge.run", "BATCH", 4),
         ("collection.charge.run", "BILL_BATCH", 3))


def work(env, do, at=None, stop_before=None, fail_at=None, customer=None, smtp_timeout=None, slow_pdf=0.0, steps=()):
    """One of the addon's jobs as the server calls it, to its end; disturbed as `odoo_watch` can; how often it raised where it was to, and came to each of the ``steps``."""
    signal.signal(signal.SIGTERM, _end)
    quick_pdf(env, slow_pdf)
    for model, name, value in SMALL:
        watch.change(env, model, name, value)
    if smtp_timeout:
        ir_mail_server.SMTP_TIMEOUT = smtp_timeout
    raised = watch.fail(env, fail_at, customer) if fail_at else []
    if stop_before:
        watch.stop_before(env, *stop_before)
    reached = watch.reached(env, steps)
    watch.wait_until(at)
    model, method = CRONS[do]
    getattr(env[model], method)()
    env.cr.commit()
    return {"raised": len(raised), "reached": reached}


def _end(_signal, _frame):
    """As a server that is told to end while it works."""
    raise KeyboardInterrupt


def quick_pdf(env, slow=0.0):
    """A page for each document, at once: what the PDF engine draws is no matter here, when it is asked is.

    The papers with a bill come without being laid out at all, which would take most of the time of a pass.
    """
    def draw(_report, bodies, *_args, **_kwargs):
        time.sleep(slow)
        pages, stream = PdfFileWriter(), BytesIO()
        for _body in bodies:
            pages.addBlankPage(200, 200)
        pages.write(stream)
        return stream.getvalue()

    type(env["collection.channel"])._invoice_file = lambda _channel, move: (f"{move.id}.pdf", draw(None, [""]))
    type(env["collection.charge"])._proof_file = lambda charge: (f"proof-{charge.id}.pdf", draw(None, [""]))
    report = type(env["ir.actions.report"])
    report._run_wkhtmltopdf = draw
    report.get_wkhtmltopdf_state = lambda *_args: "ok"


# ---------------------------------------------------------------------- people

def as_client(env, call):
    """Call as a client does: Odoo repeats it, a person calls again; what was refused, or None."""
    until = time.monotonic() + PATIENT
    while True:
        try:
            retrying(call, env)
            env.cr.commit()
            return None
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            env.cr.rollback()
            if time.monotonic() > until:
                return "turned away"
        except UserError as error:
            env.cr.rollback()
            return str(error)


def meanwhile(env, deeds, delay=0.0):
    """People at work: ``[(what, partner, move)]``; when each was committed by the clock, or why it was refused."""
    quick_pdf(env)
    done = []
    for what, partner, move in deeds:
        time.sleep(delay)
        env.cr.rollback()
        began = time.time()
        refused = as_client(env, lambda what=what, partner=partner, move=move: DEEDS[what](env, partner, move))
        done.append({"what": what, "partner": partner, "began": began, "committed": time.time(), "refused": refused})
    return done


def _pay(env, _partner, move):
    bank = env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", env.company.id)], limit=1)
    env["account.payment.register"].with_context(active_model="account.move", active_ids=[move]).create(
        {"journal_id": bank.id})._create_payments()


def _credit(env, _partner, move):
    invoice = env["account.move"].browse(move)
    wizard = env["account.move.reversal"].with_context(active_model="account.move", active_ids=[move]).create(
        {"reason": "Sent back", "journal_id": invoice.journal_id.id})
    wizard.refund_moves()
    note = wizard.new_move_ids
    note.action_post()
    items = (invoice + note).line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")
    if not all(items.mapped("reconciled")):
        items.filtered(lambda line: not line.reconciled).reconcile()


def _dispute(env, partner, move):
    profile = env["credit.profile"].search([("partner_id", "=", partner)])
    item = env["account.move"].browse(move).line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")
    env["collection.dispute"].create({"profile_id": profile.id, "item_id": item.id, "reason": "Not what was ordered"})


def _merge(env, partner, _move):
    """With the next customer, which is the one that stays."""
    other = env["res.partner"].search([("id", ">", partner), ("email", "like", "@customer.example")], order="id", limit=1)
    env["base.partner.merge.automatic.wizard"].create({})._merge([partner, other.id], other)


def _cancel(env, partner, _move):
    env["collection.action"].search([("partner_id", "=", partner)]).action_cancel()


def _stop(env, _partner, _move):
    env["collection.charge.run"].search([("state", "in", ("preparing", "posting"))]).action_stop()


def _waive(env, partner, _move):
    """The days of a draft are given free."""
    env["collection.charge"].search([("partner_id", "=", partner), ("state", "=", "draft")])._cancel()


def _edit(env, partner, _move):
    """A person edits the customer's card while the job is at it."""
    profile = env["credit.profile"].search([("partner_id", "=", partner)])
    profile.write({"pause_reason": f"Edited at {time.time()}"})
    time.sleep(0.1)


DEEDS = {"pay": _pay, "credit note": _credit, "dispute": _dispute, "merge": _merge, "call off": _cancel, "stop": _stop,
         "waive": _waive, "edit": _edit}


# ---------------------------------------------------------------------- the situation

def campaign_policy(env):
    """A policy that also writes letters and adds statements to mails; it is the company's from now on."""
    company = env.company
    policy = company.collection_policy_id.copy({"name": "Faults on paper"})
    letter = env["mail.template"].create({
        "name": "Letter", "model_id": env.ref("account_credit_collection.model_collection_action").id, "lang": "{{ object.lang }}",
        "subject": "Letter", "use_default_to": False, "body_html": '<p>Dear <t t-out="object.contact_name"/></p><t t-out="object.items_table"/>'})
    for level, old in zip(policy.level_ids, company.collection_policy_id.level_ids):
        level.channel_ids = [Command.create({"channel": "letter", "use": "always"})]
        level.message_ids = [Command.create({"channel": "letter", "behaviour": "any", "template_id": letter.id})]
        level.attach_statement = True
        assert set(level.message_ids.mapped("channel")) == {"email", "letter"}, (level, old)
    partners = env["res.partner"].search([("email", "like", "@customer.example")])
    partners.write({"street": "1 Main Street", "city": "Springfield", "zip": "12345", "country_id": env.ref("base.us").id})
    company.collection_policy_id = policy
    env.cr.commit()


def violations(env):
    """What the self-check finds."""
    return [{"code": one.code, "model": one.model, "ids": list(one.ids), "detail": str(one.detail)[:200]}
            for one in env["collection.invariant"]._violations()]


def yesterday(env):
    return env.company._collection_today() - timedelta(days=1)


JOBS = {job.__name__: job for job in (work, meanwhile, campaign_policy, violations)}
