from typing import NamedTuple


class Paging(NamedTuple):
    """One page of a long list: ``number`` of ``count``, with ``size`` rows."""

    number: int
    count: int
    size: int

    @property
    def start(self):
        return (self.number - 1) * self.size

    def cut(self, rows):
        return rows[self.start:self.start + self.size]


def read(text, total, size):
    """The page that an address asks for; the nearest one for whatever else it says."""
    count = max(1, -(-total // size))
    wanted = int(text) if text.isdecimal() and len(text) < 7 else 1
    return Paging(min(max(1, wanted), count), count, size)
