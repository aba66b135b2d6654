"""A real SMTP server on loopback that remembers what it accepted before it says so, and misbehaves on demand."""
import asyncio
import re
import socket
import time
from email import message_from_bytes, policy
from typing import NamedTuple

from aiosmtpd.controller import Controller

DOCUMENT = re.compile(r"\bINV/\d{4}/\d{5}\b")


class Mail(NamedTuple):
    """One message that the server took; ``began`` and ``accepted`` by the clock."""

    message_id: str
    to: str
    subject: str
    documents: tuple
    session: int
    began: float
    accepted: float


class Sink:
    """Accepts everything, unless told otherwise.

    delay         seconds that a message takes
    mails_per_session   after so many the server ends the session, without a word
    on_mail       called with the number of messages begun; a string is the answer to MAIL FROM
    on_rcpt       the same with the recipient, for RCPT TO
    on_data       the same with the recipient, for the body: the message is then not accepted
    on_accepted   called with each message that is already remembered, before the answer 250
    ``CUT`` as an answer cuts the line, ``HANG`` answers nothing any more.
    """

    CUT, HANG = "cut", "hang"

    def __init__(self):
        self.mails, self.begun = [], 0
        self.delay, self.mails_per_session = 0.0, None
        self.on_mail = self.on_rcpt = self.on_data = self.on_accepted = lambda _what: None
        self.lines = set()
        self.port = _free_port()
        self.controller = None

    # ------------------------------------------------------------------ up and down

    def up(self):
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()
        return self

    def down(self):
        """Stop listening and cut all lines."""
        if self.controller:
            self.controller.loop.call_soon_threadsafe(self.cut_lines)
            self.controller.stop()
            self.controller = None

    def cut_lines(self):
        for line in self.lines:
            line.abort()
        self.lines.clear()

    # ------------------------------------------------------------------ aiosmtpd's hooks

    async def handle_MAIL(self, server, session, envelope, address, options):
        self.lines.add(server.transport)
        self.begun += 1
        envelope.began = time.time()
        envelope.mail_from = address
        return await self._answer(server, self.on_mail(self.begun))

    async def handle_RCPT(self, server, session, envelope, address, options):
        refused = self.on_rcpt(address)
        if not refused:
            envelope.rcpt_tos.append(address)
        return await self._answer(server, refused)

    async def handle_DATA(self, server, session, envelope):
        await asyncio.sleep(self.delay)
        refused = self.on_data(envelope.rcpt_tos[0])
        if refused:
            return await self._answer(server, refused)
        mail = self._read(session, envelope)
        self.mails.append(mail)
        if self.mails_per_session and sum(one.session == mail.session for one in self.mails) == self.mails_per_session:
            asyncio.get_running_loop().call_later(0.001, server.transport.close)
        return await self._answer(server, self.on_accepted(mail))

    async def _answer(self, server, reply):
        if reply == self.CUT:
            server.transport.abort()
        elif reply == self.HANG:
            await asyncio.sleep(30)
        return reply or "250 OK"

    def _read(self, session, envelope):
        message = message_from_bytes(envelope.content, policy=policy.default)
        body = message.get_body(preferencelist=("html", "plain")).get_content()
        return Mail(message["Message-Id"], ",".join(envelope.rcpt_tos), message["Subject"],
                    tuple(sorted(set(DOCUMENT.findall(body)))), session.peer[1], envelope.began, time.time())


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
