"""Guards to take away, and the tests that must notice: one file per topic."""
from .common import Mutant
from .money import MONEY
from .portal import PORTAL
from .rights import RIGHTS
from .sending import SENDING

MUTANTS = (*SENDING, *MONEY, *PORTAL, *RIGHTS)

__all__ = ["MUTANTS", "Mutant"]
