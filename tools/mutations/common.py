"""What a listed mutant is made of."""
from typing import NamedTuple


class Mutant(NamedTuple):
    """Without the guard ``what``: ``find`` (once in ``file``) becomes ``replace``; ``sql`` changes the database instead.

    ``tests``: ``folder.file.Class.method`` with the folder ``tests``, ``engine`` or ``faults``.
    """

    requirement: str
    what: str
    file: str
    find: str
    replace: str
    tests: tuple
    sql: str = ""
