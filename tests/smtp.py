"""A real SMTP server on loopback for tests: it keeps what it accepted and can misbehave."""
import socket
from contextlib import contextmanager
from email import message_from_bytes, policy
from unittest.mock import patch

from aiosmtpd.controller import Controller

from odoo.addons.base.models.ir_mail_server import IrMail_Server


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Sink:
    """The handler: ``answer`` maps a recipient to an SMTP reply other than 250."""

    def __init__(self):
        self.mails = []
        self.answer = {}
        self.sender_answer = None

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.sender_answer:
            return self.sender_answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.answer:
            return self.answer[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = message_from_bytes(envelope.content, policy=policy.default)
        mail.envelope_to = envelope.rcpt_tos
        self.mails.append(mail)
        return "250 OK"


class SmtpCase:
    """Mixin: ``with self.smtp() as sink`` lets mails out to a server of this test's own."""

    @contextmanager
    def smtp(self):
        sink = Sink()
        port = _free_port()
        controller = Controller(sink, hostname="127.0.0.1", port=port)
        controller.start()
        server = self.env["ir.mail_server"].sudo().create({
            "name": "Test sink", "smtp_host": "127.0.0.1", "smtp_port": port, "sequence": 0, "smtp_encryption": "none"})
        try:
            with patch.object(IrMail_Server, "_disable_send", classmethod(lambda cls: False)):
                yield sink
        finally:
            server.active = False
            controller.stop()

    def _perform(self):
        """Send what is ready, as the job does."""
        self.env["collection.outbox"].sudo()._perform_ready(60)

    @staticmethod
    def html(mail):
        return mail.get_body(preferencelist=("html",)).get_content()
