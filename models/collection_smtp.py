"""Sessions with mail servers, and what an error while sending means."""
import smtplib
from collections import Counter
from contextlib import suppress
from email.message import EmailMessage
from typing import NamedTuple

from odoo.exceptions import UserError

from odoo.addons.base.models.ir_mail_server import MailDeliveryException

from ..exceptions import DeliveryError


class Mail(NamedTuple):
    """A finished mail, its sender, where its bounces go; or what is wrong with it."""

    message: EmailMessage | None
    sender: str | None
    bounce: str | None
    error: DeliveryError | None


class Sessions:
    """What one activation of the outbox keeps: SMTP sessions over many rows, one per sender, and finished mails."""

    def __init__(self, env, chunk):
        self.env = env
        self.chunk = chunk  # rows checked together; fewer where a machine is too slow for so many
        self.open = {}
        self.mails = {}
        self.policies = {}
        self.down = set()  # channels whose server does not answer
        self.outcomes = Counter()

    def get(self, sender):
        """The session for a sender, a new one when the server has ended the old one; opening it may raise."""
        if sender not in self.open or not _answers(self.open[sender]):
            self.open[sender] = _watch(self.env["ir.mail_server"].sudo()._connect__(smtp_from=sender))  # nosemgrep: public-method-with-sudo - no model
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


def delivery_error(error, begun):
    """What became of a mail, from the chain of exceptions and not from their text (R-09)."""
    causes = chain(error)
    for cause in causes:
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
    if not begun and any(isinstance(cause, AssertionError) for cause in causes):
        return DeliveryError("failed", _text(causes[-1]), "bad_address")
    return DeliveryError("unknown" if begun else "failed", _text(causes[-1]), "unknown_outcome" if begun else "delivery_error")


def chain(error):
    """The exception and what it came from, outermost first."""
    found = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def _text(error):
    return str(error)[:200]


def root_cause(error):
    """The innermost message, for a person: the first line, without a trace."""
    innermost = [cause for cause in chain(error) if not isinstance(cause, (MailDeliveryException, UserError))]
    return (str((innermost or chain(error))[-1]).splitlines() or [""])[0][:200]
