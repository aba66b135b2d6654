"""What the server's log is told: figures of the jobs, and failures. Numbers, ids and places in the code, nothing personal (R-93)."""
import logging
import traceback
from pathlib import Path

_logger = logging.getLogger(__name__)

PLACES = 4  # of the code, innermost last


def note(job, /, **figures):
    """Log a job's figures as ``job name=value …``, for whoever draws curves of them."""
    _logger.info("%s %s", job, " ".join(f"{name}={value}" for name, value in figures.items()))


def note_failure(logger, error, text, *ids):
    """Log what failed by its kind and where it did: what the error says names customers, or holds their rows. That is for debugging only."""
    places = " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-PLACES:])
    logger.error("%s: %s (%s)", text % ids, type(error).__name__, places)
    logger.debug("%s", text % ids, exc_info=error)
