"""A process of Odoo at work, which may be killed at any moment."""
import contextlib
import json
import os
import select
import signal
import time
from pathlib import Path

PATIENCE = 90  # seconds after which a job hangs


class Job:
    """A process of Odoo at work."""

    def __init__(self, world, pid, pipe):
        self.world, self.pid, self.pipe, self.text = world, pid, pipe, b""

    def result(self, allow_error=False):
        """Wait for its end and return what it returned; ``None`` when it was killed."""
        outcome = self.outcome()
        if outcome and "error" in outcome and not allow_error:
            raise AssertionError(f"an Odoo process ended with {outcome['error']}\n{outcome['trace']}")
        return outcome and outcome.get("result")

    def outcome(self):
        """Wait for its end; what it wrote about it, None when it was killed."""
        until = time.monotonic() + PATIENCE
        while True:
            ready, _w, _x = select.select([self.pipe], [], [], max(0, until - time.monotonic()))
            if not ready:
                self.kill()
                raise AssertionError(f"an Odoo process was still at work after {PATIENCE} s")
            chunk = os.read(self.pipe, 65536)
            if not chunk:
                break
            self.text += chunk
        os.close(self.pipe)
        self.world.jobs.discard(self)
        self.world.wait_for_backend(self.pid)
        return json.loads(self.text) if self.text else None

    def terminate(self):
        """Ask it to end, as a server does with its workers; one that hangs is killed."""
        self.signal(signal.SIGTERM)

    def kill(self):
        """kill -9, now."""
        self.signal(signal.SIGKILL)

    def signal(self, number):
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def wait_until_stopped(self):
        """Wait until it has stopped itself (SIGSTOP)."""
        if not self.stops():
            raise AssertionError(f"process {self.pid} did not come to the point where it was to stop")

    def stops(self):
        """Wait until it has stopped itself, or has ended without; whether it stopped."""
        until = time.monotonic() + PATIENCE
        status = Path(f"/proc/{self.pid}/stat")
        while status.exists() and time.monotonic() < until:
            with contextlib.suppress(OSError):  # it ended just now
                if status.read_text(encoding="ascii").rpartition(")")[2].split()[0] == "T":
                    return True
            time.sleep(0.005)
        return False

    def go_on(self):
        self.signal(signal.SIGCONT)
