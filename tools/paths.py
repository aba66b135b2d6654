"""Where things lie: this checkout, the cache shared by all checkouts, and the names derived from both.

Everything fetched or built goes below the cache, so that a fresh clone on the same machine starts warm and
`./dev clean --all` leaves nothing behind.
"""
import contextlib
import fcntl
import hashlib
import os
import sys
import time
from pathlib import Path

MODULE = "account_credit_collection"
CHECKOUT = Path(__file__).resolve().parent.parent


def short_hash(*parts):
    """Eight hex digits that change with any of the parts; short enough for database and socket names."""
    return hashlib.sha256("\0".join(str(part) for part in parts).encode()).hexdigest()[:8]


def cache():
    """The cache folder: $ACC_CACHE, else the user's cache folder."""
    if os.environ.get("ACC_CACHE"):
        path = Path(os.environ["ACC_CACHE"]).expanduser().resolve()
    else:
        base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
        path = Path(base).expanduser().resolve() / MODULE
    path.mkdir(parents=True, exist_ok=True)
    return path


def checkout_id():
    """Names this checkout's databases and folders: several clones share one cache and one cluster."""
    return short_hash(CHECKOUT)


def checkout_dir(*names):
    """A folder of the cache that belongs to this checkout alone (made when missing)."""
    path = cache().joinpath("checkouts", checkout_id(), *names)
    path.mkdir(parents=True, exist_ok=True)
    return path


def addons_dir():
    """An addons path that holds only a link to this checkout, under the name Odoo needs."""
    path = checkout_dir("addons")
    link = path / MODULE
    if not link.is_symlink() or os.readlink(link) != str(CHECKOUT):
        link.unlink(missing_ok=True)
        link.symlink_to(CHECKOUT)
    return path


def say(text):
    """One progress line, on stderr so that a command's own output can be piped."""
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def locked(name="provision"):
    """Only one process builds a shared thing; the others wait and then find it made."""
    with open(cache() / f".{name}.lock", "w", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another ./dev that holds the {name} lock")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


class DevError(Exception):
    """Something the developer has to do or to know; printed without a traceback."""
