"""An SMTP server that counts and keeps nothing: python bench_sink.py PORT. Run inside the venv."""
import sys
import threading

from aiosmtpd.controller import Controller


class Sink:
    """Takes every mail."""

    async def handle_DATA(self, _server, _session, _envelope):
        """aiosmtpd's hook for a complete mail."""
        return "250 taken"


def main(port):
    """Serve until the process is ended."""
    Controller(Sink(), hostname="127.0.0.1", port=int(port)).start()
    threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
