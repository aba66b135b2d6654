"""An SMTP server that counts and keeps nothing: python bench_sink.py PORT. Run inside the venv.

VRFY is answered with how many mails it took, and how many Message-Ids they had.
"""
import re
import sys
import threading

from aiosmtpd.controller import Controller

MESSAGE_ID = re.compile(rb"^message-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


class Sink:
    """Takes every mail."""

    def __init__(self):
        self.taken, self.known = 0, set()

    async def handle_DATA(self, _server, _session, envelope):
        """aiosmtpd's hook for a complete mail."""
        self.taken += 1
        self.known.update(MESSAGE_ID.findall(envelope.content[:20_000])[:1])
        return "250 taken"

    async def handle_VRFY(self, _server, _session, _envelope, _address):
        """aiosmtpd's hook for a question about an address; here it is the count that is asked for."""
        return f"252 {self.taken} {len(self.known)}"


def main(port):
    """Serve until the process is ended."""
    Controller(Sink(), hostname="127.0.0.1", port=int(port)).start()
    threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
