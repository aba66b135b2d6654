import logging
import re
import smtplib
import socket
import uuid
from collections import defaultdict
from contextlib import suppress
from email.message import EmailMessage
from typing import NamedTuple

import requests
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import ormcache
from odoo.tools.mail import generate_tracking_message_id, html2plaintext, plaintext2html
from odoo.tools.pdf import merge_pdf

from odoo.addons.base.models.ir_mail_server import MailDeliveryException

from ..exceptions import DeliveryError

_logger = logging.getLogger(__name__)

SMS_NAMESPACE = uuid.UUID("6f0f3f6e-5d0a-4f0b-9d55-0a4c3d4c8a11")
SMS_ADDRESS_ERRORS = {"sms_number_missing", "sms_number_format", "sms_country_not_supported", "sms_blacklist", "sms_optout"}
SMS_ACCOUNT_ERRORS = {"sms_credit", "sms_acc", "sms_registration_needed"}
NEVER_CONNECTED = (requests.exceptions.ConnectTimeout, requests.exceptions.ConnectionError, ConnectionRefusedError, socket.gaierror)
LETTER_REPORT = "account_credit_collection.action_report_collection_letter"
STATEMENT_REPORT = "account_credit_collection.action_report_collection_statement"


class Mail(NamedTuple):
    """A finished mail, its sender, where its bounces go; or what is wrong with it."""

    message: EmailMessage | None
    sender: str | None
    bounce: str | None
    error: DeliveryError | None


class Sessions:
    """What one activation of the outbox keeps: SMTP sessions over many rows, one per sender, and finished mails."""

    def __init__(self, env):
        self.env = env
        self.open = {}
        self.mails = {}
        self.policies = {}
        self.down = set()  # channels whose server does not answer

    def get(self, sender):
        """The session for a sender, a new one when the server has ended the old one; opening it may raise."""
        if sender not in self.open or not _answers(self.open[sender]):
            self.open[sender] = _watch(self.env["ir.mail_server"].sudo()._connect__(smtp_from=sender))
        return self.open[sender]

    def drop(self):
        """Close all sessions, broken ones included."""
        for session in self.open.values():
            with suppress(smtplib.SMTPException, OSError):
                if session:
                    session.quit()
        self.open = {}


def _answers(session):
    """Whether a session is still alive: many servers end it after some mails, or some idle seconds."""
    try:
        return session is None or session.noop()[0] == 250
    except (smtplib.SMTPException, OSError):
        return False


def _watch(session):
    """Make an SMTP session tell whether the server may have the body of the latest message."""
    if session is None:
        return None
    plain_mail, plain_data = session.mail, session.data

    def mail(*args, **kwargs):
        session.data_begun = False
        return plain_mail(*args, **kwargs)

    def data(message):
        session.data_begun = True
        answer = plain_data(message)
        session.data_begun = answer[0] == 250  # taken: whatever fails from here on, it is no failure to send
        return answer

    session.data_begun = False
    session.mail, session.data = mail, data
    return session


class CollectionChannel(models.AbstractModel):
    """From a checked contact to the world: the only place that mails, texts, prints or sets a task."""

    _name = "collection.channel"
    _description = "Channel of follow-up contacts"

    # ------------------------------------------------------------------ words

    @api.model
    def _prepare_messages(self, actions):
        """Render the texts of ``actions``: ``({action: values}, {action: (code, detail)})``.

        One rendering per template and language; a broken text concerns only its own actions.
        """
        ready, broken = {}, {}
        for (channel, message), group in self._by_message(actions).items():
            if channel == "call":
                ready.update({action: {} for action in group})
                continue
            template = message.sms_template_id if channel == "sms" else message.template_id
            if not template:
                broken.update({action: ("no_template", {"level": action.level_id.name, "channel": channel}) for action in group})
                continue
            try:
                with self.env.cr.savepoint():
                    texts = self._render(template, group, channel)
            except Exception as error:  # whatever a person wrote into a template
                if len(group) > 1:  # perhaps the fault of one action only
                    for action in group:
                        good, bad = self._prepare_messages(action)
                        ready.update(good)
                        broken.update(bad)
                    continue
                detail = {"template": template.display_name, "error": _root_cause(error)}
                broken.update(dict.fromkeys(group, ("template_error", detail)))
                continue
            ready.update({action: texts[action.id] for action in group})
        return ready, broken

    @api.model
    def _by_message(self, actions):
        groups = defaultdict(actions.browse)
        found = {}
        for action in actions:
            key = (action.level_id, action.channel, action.behaviour)
            if key not in found:
                found[key] = action.level_id._message_for(action.channel, action.behaviour)
            groups[action.channel, found[key]] |= action
        return groups

    @api.model
    def _render(self, template, actions, channel):
        """Subject and body of each action: ``{id: values}``."""
        langs = {action.id: action._reader_lang() for action in actions}
        if channel == "sms":
            bodies = template._render_field("body", actions.ids, res_ids_lang=langs)
            # A non-breaking space would make the SMS twice as dear.
            return {key: {"subject": False, "body": re.sub(r"\s+", " ", body)} for key, body in bodies.items()}
        subjects = template._render_field("subject", actions.ids, res_ids_lang=langs)
        bodies = template._render_field("body_html", actions.ids, res_ids_lang=langs, options={"post_process": True})
        return {key: {"subject": " ".join(subjects[key].split()), "body": bodies[key]} for key in bodies}

    @api.model
    @ormcache("account_id", "currency_id")
    def _qr_method(self, account_id, currency_id):
        """The bank QR standard for an account and a currency, or None; asked of core once."""
        account = self.env["res.partner.bank"].sudo().browse(account_id)
        vals = account._build_qr_code_vals(
            1.0, "", "", self.env["res.currency"].browse(currency_id), account.partner_id, silent_errors=True)
        return vals["qr_method"] if vals else None

    # ------------------------------------------------------------------ e-mail

    @api.model
    def _prepare_identity(self, action):
        """Ids fixed before anything leaves, so that a resend is recognised (R-08, R-13)."""
        if action.channel == "email" and not action.message_id:
            return {"message_id": generate_tracking_message_id(f"collection-{action.id}")}
        if action.channel == "sms" and not action.sms_uuid:
            return {"sms_uuid": uuid.uuid5(SMS_NAMESPACE, f"{self.env.cr.dbname}|{action.dedupe_key}|{action.id}").hex}
        return {}

    @api.model
    def _prepare_mails(self, actions):
        """The finished mails of checked actions: ``{action id: Mail}``.

        Nothing more is read once a row is marked as leaving: each commit empties the
        cache, and reading row by row costs more than sending does.
        """
        senders, mails = {}, {}
        for action in actions:
            key = (action.company_id, action.collector_id)
            if key not in senders:
                senders[key] = self._prepare_route(action)
            mails[action.id] = self._prepare_mail(action, senders[key])
        return mails

    @api.model
    def _prepare_route(self, action):
        """Who sends, where answers and bounces go: the same for all contacts of a company and collector."""
        domain = action.company_id.alias_domain_id
        sender = action._prepare_sender()["sender_email"] or domain.default_from_email
        # Answers go to the catch-all where there is one, so that they reach the customer's record.
        return {
            "email_from": sender, "reply_to": action.company_id.catchall_formatted or sender,
            "headers": {"Return-Path": domain.bounce_email or action.company_id.bounce_email or sender,
                        "X-Auto-Response-Suppress": "OOF"},
        }

    @api.model
    def _prepare_mail(self, action, route):
        """One mail to one recipient without copies (R-06); built by core from what the row holds."""
        Server = self.env["ir.mail_server"].sudo()
        try:
            files = self._checked_files(action)
        except DeliveryError as error:
            return Mail(None, route["email_from"], None, error)
        message = Server._build_email__(
            email_from=route["email_from"], email_to=[action.recipient], subject=action.subject, body=action.body,
            body_alternative=html2plaintext(action.body), reply_to=route["reply_to"], attachments=files,
            message_id=action.message_id, object_id=f"{action.partner_id.id}-res.partner", subtype="html",
            headers=route["headers"])
        return Mail(message, route["email_from"], route["headers"]["Return-Path"], None)

    @api.model
    def _perform_email(self, action, sessions):
        """Hand one mail to the server; raises DeliveryError with the state the action takes."""
        mail = sessions.mails[action.id]
        if mail.error:
            raise mail.error
        try:
            session = sessions.get(mail.sender)
        except Exception as error:
            raise DeliveryError("down", _root_cause(error)) from error
        try:
            self.env["ir.mail_server"].with_context(domain_bounce_address=mail.bounce).send_email(
                mail.message, smtp_session=session)
        except Exception as error:
            raise _delivery_error(error, getattr(session, "data_begun", False)) from error

    @api.model
    def _checked_files(self, action):
        """The files of an action; a missing or truncated one is refused before it is sent (R-15)."""
        files = []
        for attachment in action.attachment_ids.sudo():
            raw = attachment.raw
            if not raw or attachment._compute_checksum(raw) != attachment.checksum:
                raise DeliveryError("retry", attachment.name, "attachment_damaged")
            files.append((attachment.name, raw, attachment.mimetype))
        return files

    @api.model
    def _note_mails(self, actions):
        """Leave a note of sent mails in their customers' chatter; answers find their way there by the Message-Id.

        The words stand on the contact, one click away: cleaning the HTML of each again would cost more than sending it.
        """
        note = self.env.ref("mail.mt_note").id
        link = Markup('<p><a href="#" data-oe-model="collection.action" data-oe-id="%s">%s</a></p>')
        self.env["mail.message"].sudo().create([{
            "message_type": "email_outgoing", "subtype_id": note, "is_internal": True,
            "model": "res.partner", "res_id": action.partner_id.id, "subject": action.subject,
            "body": link % (action.id, action.subject), "record_name": action.partner_id.name,
            "message_id": action.message_id, "date": action.sent_at, "outgoing_email_to": action.recipient,
            "author_id": (action.collector_id.partner_id or action.company_id.partner_id).id,
            "email_from": action.company_id.email_formatted, "reply_to": action.company_id.email_formatted,
        } for action in actions])
        actions.write({"noted": True})

    # ------------------------------------------------------------------ SMS

    @api.model
    def _perform_sms(self, action, sessions):
        """One SMS, one request to the provider, in its own transaction (R-13)."""
        sms = self.env["sms.sms"].sudo().create({
            "number": action.recipient, "body": action.body, "partner_id": action.recipient_id.id, "uuid": action.sms_uuid})
        try:
            sms.with_company(action.company_id)._send(unlink_failed=False, unlink_sent=False, raise_exception=True)
        except Exception as error:
            away = any(isinstance(cause, NEVER_CONNECTED) for cause in _chain(error))
            raise DeliveryError("down" if away else "unknown", _root_cause(error),
                                "delivery_error" if away else "unknown_outcome") from error
        if sms.state == "error":
            refused = sms.failure_type in SMS_ADDRESS_ERRORS
            raise DeliveryError("failed" if refused else "down" if sms.failure_type in SMS_ACCOUNT_ERRORS else "retry",
                                sms.failure_type or "", "bad_address" if refused else "delivery_error")
        self.env["sms.tracker"].sudo().create({"sms_uuid": action.sms_uuid})  # delivery reports find it by this
        self._note(action, action.body)

    @api.model
    def _note(self, action, body):
        """Leave a trace in the customer's chatter."""
        action.partner_id.sudo()._message_log(
            body=body, author_id=(action.collector_id.partner_id or action.company_id.partner_id).id)

    # ------------------------------------------------------------------ letters and calls: a person finishes them

    @api.model
    def _perform_letters(self, actions):
        """Make the letters of actions in one go; each is kept as a file of its action."""
        self._attach(actions, LETTER_REPORT)

    @api.model
    def _attach_statements(self, actions):
        """Make the statements that levels ask for, in one go."""
        self._attach(actions, STATEMENT_REPORT)

    @api.model
    def _attach(self, actions, report):
        """Render one PDF per action in one call; the hash tells what content the file shows."""
        streams = self._render_pdf(report, actions)
        actions.attachment_ids.sudo().unlink()
        files = self.env["ir.attachment"].sudo().create([{
            "name": action.with_context(lang=action._reader_lang())._file_name(report == LETTER_REPORT), "raw": streams[action.id],
            "mimetype": "application/pdf", "res_model": action._name, "res_id": action.id} for action in actions])
        for action, file in zip(actions, files):
            action.write({"attachment_ids": [(6, 0, file.ids)], "attachment_hash": action.payload_hash})

    @api.model
    def _render_pdf(self, report, actions):
        """One PDF per action from one run of the PDF engine: ``{id: bytes}``."""
        streams = self.env["ir.actions.report"].sudo()._render_qweb_pdf_prepare_streams(report, {}, res_ids=actions.ids)
        return {action.id: streams[action.id]["stream"].getvalue() for action in actions}

    @api.model
    def _perform_call(self, action):
        """A task to call, with the script; doing it completes the contact."""
        profile = action.profile_id
        text = action.with_context(lang=profile._responsible().lang)
        message = text.level_id._message_for("call", action.behaviour)
        activity = profile._task(
            "account_credit_collection.mail_activity_collection_call",
            text.env._("Call %(who)s about %(amount)s", who=action.recipient_id.name, amount=text.amount_text),
            note=plaintext2html(message.script) if message.script else False,
            date_deadline=profile.company_id._collection_today())
        return {"activity_id": activity.id}

    @api.model
    def _print_letters(self, actions):
        """One PDF of all letters, for a person to post; a reprint is marked on the rows (R-14)."""
        actions = self.env["collection.outbox"]._recheck(actions)
        outdated = actions.filtered(lambda action: action.attachment_hash != action.payload_hash)
        if outdated:
            ready, _broken = self._prepare_messages(outdated)
            for action, texts in ready.items():
                action.write(texts)
            self._perform_letters(outdated)
        if not actions:
            raise UserError(self.env._("No letter to print: the selected ones are paid, called off or not yet made."))
        batch = self.env["ir.sequence"].next_by_code("collection.letter") or fields.Datetime.now().strftime("%Y%m%d%H%M%S")
        for action in actions:
            action.write({"letter_batch": action.letter_batch or batch, "print_count": action.print_count + 1})
        pdf = merge_pdf([attachment.raw for attachment in actions.attachment_ids.sudo()])
        file = self.env["ir.attachment"].create({
            "name": self.env._("Letters %s.pdf", batch), "raw": pdf, "mimetype": "application/pdf",
            "res_model": actions._name, "res_id": actions[0].id})
        return {"type": "ir.actions.act_url", "url": f"/web/content/{file.id}?download=true", "target": "new"}


def _delivery_error(error, begun):
    """What became of a mail, from the chain of exceptions and not from their text (R-09)."""
    chain = _chain(error)
    for cause in chain:
        if isinstance(cause, smtplib.SMTPRecipientsRefused):
            codes = [code for code, _text in cause.recipients.values()]
            soft = all(400 <= code < 500 for code in codes)
            return DeliveryError("retry" if soft else "failed", _text(cause), "delivery_error" if soft else "bad_address")
        if isinstance(cause, smtplib.SMTPSenderRefused):
            return DeliveryError("down", _text(cause))  # about us, not about the customer
        if isinstance(cause, smtplib.SMTPServerDisconnected):
            return DeliveryError("unknown" if begun else "down", _text(cause), "unknown_outcome" if begun else "delivery_error")
        if isinstance(cause, smtplib.SMTPResponseException):
            soft = 400 <= cause.smtp_code < 500
            return DeliveryError("retry" if soft else "failed", _text(cause))
        if isinstance(cause, (TimeoutError, ConnectionError)):
            return DeliveryError("unknown" if begun else "down", _text(cause), "unknown_outcome" if begun else "delivery_error")
    if not begun and any(isinstance(cause, AssertionError) for cause in chain):
        return DeliveryError("failed", _text(chain[-1]), "bad_address")
    return DeliveryError("unknown" if begun else "failed", _text(chain[-1]), "unknown_outcome" if begun else "delivery_error")


def _chain(error):
    """The exception and what it came from, outermost first."""
    found = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def _text(error):
    return str(error)[:200]


def _root_cause(error):
    """The innermost message, for a person: the first line, without a trace."""
    innermost = [cause for cause in _chain(error) if not isinstance(cause, (MailDeliveryException, UserError))]
    return (str((innermost or _chain(error))[-1]).splitlines() or [""])[0][:200]
