"""What a file from outside may make its reader do: unpack little, and read for a short time, whatever it says of itself (R-79)."""
import contextlib
import io
import itertools
import time
import zlib
from contextvars import ContextVar
from math import prod

from odoo.tools.pdf import ArrayObject, DictionaryObject, filters

MAX_UNPACKED = 4 * 1024 * 1024  # bytes of all packed objects of a PDF and their places; what is asked of applicants has some hundred thousand
MAX_READING = 2.5  # seconds
MAX_PARTS = 10_000  # of a picture: a PNG of 10 MB has some thousand
MAX_SCANS = 100  # of a JPEG, each of which is a whole picture to work out
FLATE = ("/FlateDecode", "/Fl")

_left = ContextVar("left", default=None)  # bytes that may still be unpacked; None: no bound
_decode = filters.decode_stream_data


class BoundError(ValueError):
    """A file that asks for more than any honest one needs."""


@contextlib.contextmanager
def bound():
    """What is read inside unpacks no more than ``MAX_UNPACKED`` in all."""
    token = _left.set(MAX_UNPACKED)
    try:
        yield
    finally:
        _left.reset(token)


class Patience(io.BytesIO):
    """A file that can be read for some seconds: parsers look at no clock."""

    def __init__(self, raw):
        super().__init__(raw)
        self.until = time.monotonic() + MAX_READING

    def read(self, size=-1, /):
        if time.monotonic() > self.until:
            raise BoundError("time")
        return super().read(size)


def _decode_bound(stream):
    if _left.get() is not None:
        _require_small(stream)
    return _decode(stream)


# Odoo takes the library's own bound away, for large files of its own; what is not inside ``bound`` goes on without one.
filters.decode_stream_data = _decode_bound


def _require_small(stream):
    """Objects are packed by one Flate at most; two bytes packed twice may become a gigabyte."""
    kinds = _listed(stream, "/Filter")
    if len(kinds) > 1 or any(kind not in FLATE for kind in kinds):
        raise BoundError("filter")
    left, data = _left.get(), stream._data
    left -= len(zlib.decompressobj().decompress(data, left + 1) if kinds else data)
    if left < 0:
        raise BoundError("size")
    _left.set(left)
    for options in _listed(stream, "/DecodeParms"):
        _require_narrow(options)


def _listed(stream, key):
    if key not in stream:
        return []
    value = stream[key]
    return [one.get_object() for one in (value if isinstance(value, ArrayObject) else [value])]


def _require_narrow(options):
    """A predictor keeps a whole row, as wide as the file says."""
    if isinstance(options, DictionaryObject) and prod(
            max(1, int(options[key])) for key in ("/Columns", "/Colors", "/BitsPerComponent") if key in options) > MAX_UNPACKED:
        raise BoundError("row")


# ---------------------------------------------------------------------- pictures

def require_few_parts(raw, kind):
    """Readers of pictures go through the parts one by one, and through a scan as through a picture of its own."""
    walk = _png_parts(raw) if kind == "png" else _jpeg_parts(raw)
    if next(itertools.islice(walk, MAX_PARTS, None), None) is not None or raw.count(b"\xff\xda") > MAX_SCANS:
        raise BoundError("parts")


def _png_parts(raw):
    """Where each part begins, up to the end of the picture."""
    place = 8
    while place < len(raw) and raw[place + 4:place + 8] != b"IEND":
        yield place
        place += 12 + int.from_bytes(raw[place:place + 4])


def _jpeg_parts(raw):
    """Where each part begins, up to the first scan; what is no part is left to the reader."""
    place = 2
    while raw[place:place + 1] == b"\xff" and raw[place + 1:place + 2] not in (b"", b"\xda"):
        yield place
        mark = raw[place + 1]
        alone = mark in (0, 1) or 0xD0 <= mark <= 0xD9
        place += 1 if mark == 0xFF else 2 if alone else 2 + int.from_bytes(raw[place + 2:place + 4])
