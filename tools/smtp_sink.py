"""An SMTP server that delivers nothing: every mail becomes an .eml file. Run inside the virtual environment.

python smtp_sink.py PORT FOLDER
"""
import pathlib
import re
import sys
import threading
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller


class Sink:
    """Stores each mail under a number and its recipient, in the order of arrival."""

    def __init__(self, folder):
        self.folder, self.count = pathlib.Path(folder), 0

    async def handle_DATA(self, _server, _session, envelope):
        """aiosmtpd's hook for a complete mail."""
        self.count += 1
        to = re.sub(r"[^\w.@-]", "_", ",".join(envelope.rcpt_tos))[:80]
        subject = message_from_bytes(envelope.content, policy=policy.default).get("Subject", "")
        (self.folder / f"{self.count:04d}_{to}.eml").write_bytes(envelope.content)
        print(f"{self.count:04d} {to}: {subject}", flush=True)
        return "250 kept"


def main(port, folder):
    """Serve until the process is ended."""
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    controller = Controller(Sink(folder), hostname="127.0.0.1", port=int(port))
    controller.start()
    threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
