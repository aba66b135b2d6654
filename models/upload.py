"""Judges a file from outside by what it is, not by what it is called (R-77 to R-79). No database, no clock of the business."""
import io
import re
import time
import unicodedata
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps

from odoo.tools.pdf import DictionaryObject, IndirectObject, PdfReaderBase

from .credit_field_rules import is_formula
from .upload_bound import Patience, bound, require_few_parts

MEGABYTE = 1024 * 1024
MAX_FILE = 10 * MEGABYTE
MAX_FILES = 5
MAX_TOTAL = 25 * MEGABYTE
MAX_PIXELS = 40_000_000
MAX_SIDE = 30_000  # of a picture: its reader keeps whole rows, and a place for each of them
MAX_NAME = 120
PATIENCE = 2.0  # seconds to look into a PDF; what is not seen by then counts as unsafe

KINDS = {"pdf": "pdf", "jpg": "jpeg", "jpeg": "jpeg", "png": "png"}
MIMETYPES = {"pdf": "application/pdf", "jpeg": "image/jpeg", "png": "image/png"}
EXTENSIONS = {"pdf": "pdf", "jpeg": "jpg", "png": "png"}
MAGIC = {"pdf": b"%PDF-", "jpeg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n"}
UNSAFE_KEYS = {"/JS", "/JavaScript", "/Launch", "/EmbeddedFile", "/EmbeddedFiles", "/OpenAction", "/AA", "/RichMedia", "/XFA"}
LONG_KEYS = {key.encode() for key in UNSAFE_KEYS if len(key) > 5}  # short ones stand in compressed data by chance
ARCHIVE_END = b"PK\x05\x06"  # of a ZIP: such a file opens as two things
ENCODINGS = {"png": [{"compress_level": 3}], "jpeg": [{"quality": 88}, {"quality": 60}]}  # the next one when it grew too large
MODES = {"png": {"1", "L", "LA", "P", "RGB", "RGBA", "I;16"}, "jpeg": {"L", "RGB", "CMYK"}}


class FileError(ValueError):
    """A file we do not take; ``code`` says why."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Judged:
    """A file fit to be stored: what it holds, and whether opening it may do more than show something."""

    raw: bytes
    extension: str
    mimetype: str
    unsafe: bool = False


def judge(name, raw):
    """The file as it may be stored; raises FileError. Extension, first bytes and content must agree."""
    kind = KINDS.get(name.rpartition(".")[2].lower() if "." in name else "")
    if kind is None:
        raise FileError("file_type")
    if not raw:
        raise FileError("file_empty")
    if len(raw) > MAX_FILE:
        raise FileError("file_size")
    if not raw.startswith(MAGIC[kind]):
        raise FileError("file_content")
    try:
        if kind != "pdf":
            return _judge_image(raw, kind)
        with bound():
            return _judge_pdf(raw)
    except FileError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise FileError("file_pixels") from error
    except Exception as error:  # parsers fail in more ways than they tell; the sender learns only that it did
        raise FileError("file_damaged") from error


def clean_name(name):
    """A sender's file name as plain text: no folder, control, bidi or markup character, at most 120 characters."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    name = "".join(letter for letter in name if unicodedata.category(letter)[0] != "C" and letter not in '<>:"|?*')
    stem, dot, extension = " ".join(name.split()).rpartition(".")
    stem = stem.lstrip(". ")
    if is_formula(stem):
        stem = f"_{stem[1:]}"
    return f"{(stem or 'document')[:MAX_NAME - 1 - len(extension[:8])]}{dot}{extension[:8]}"


# ---------------------------------------------------------------------- pictures

def _judge_image(raw, kind):
    """The picture drawn anew: without place, camera, comments, or anything behind its end."""
    require_few_parts(raw, kind)
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(io.BytesIO(raw), formats=["JPEG", "PNG"]) as image:
            # The header says the size: look before anything is unpacked.
            if image.width * image.height > MAX_PIXELS or max(image.size) > MAX_SIDE:
                raise FileError("file_pixels")
            image.verify()
        with Image.open(io.BytesIO(raw), formats=["JPEG", "PNG"]) as image:
            if image.format not in ({"PNG"} if kind == "png" else {"JPEG", "MPO"}):
                raise FileError("file_content")
            return Judged(_redraw(image, kind), EXTENSIONS[kind], MIMETYPES[kind])


def _redraw(image, kind):
    image.load()
    ImageOps.exif_transpose(image, in_place=True)
    kept = {"transparency": image.info["transparency"]} if "transparency" in image.info and kind == "png" else {}
    if image.mode not in MODES[kind]:
        image = image.convert("RGB")
    image.info = kept
    for options in ENCODINGS[kind]:
        output = io.BytesIO()
        image.save(output, kind.upper(), **options)
        if output.tell() <= MAX_FILE:
            return output.getvalue()
    raise FileError("file_size")


# ---------------------------------------------------------------------- PDF

def _judge_pdf(raw):
    tail = raw[-65_557:]
    if b"%%EOF" not in raw[-1024:] or tail[tail.rindex(b"%%EOF") + 5:].strip() or ARCHIVE_END in tail:
        raise FileError("file_content")  # something stands behind the end, or the end is missing
    reader = PdfReaderBase(Patience(raw), strict=False)
    encrypted = bool(getattr(reader, "is_encrypted", False))
    if not encrypted:
        _require_pages(reader)
    return Judged(raw, "pdf", MIMETYPES["pdf"], encrypted or _acts(reader, raw))


def _require_pages(reader):
    pages = reader.trailer["/Root"]["/Pages"]
    if int(pages["/Count"]) < 1 or not pages["/Kids"]:
        raise FileError("file_damaged")


def _acts(reader, raw):
    """Whether the document can do something when opened, or could not be looked through."""
    names = {b"/" + re.sub(rb"#([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), name)
             for name in re.findall(rb"/([A-Za-z#0-9]{6,40})", raw)}
    if names & LONG_KEYS:
        return True
    until = time.monotonic() + PATIENCE
    try:
        for number, generation in _numbers(reader):
            if time.monotonic() > until or _has_unsafe_key(reader.get_object(IndirectObject(number, generation, reader))):
                return True
    except Exception:  # an object that cannot be read may hide anything
        return True
    return False


def _numbers(reader):
    """All objects of the file: plain ones and those packed in streams, where a search of the bytes sees nothing."""
    for generation, numbers in reader.xref.items():
        for number in numbers:
            yield number, generation
    for number in reader.xref_objStm:
        yield number, 0


def _has_unsafe_key(value, depth=0):
    if isinstance(value, str):
        return value in UNSAFE_KEYS
    if isinstance(value, DictionaryObject):
        value = [part for key in value for part in (key, value.raw_get(key))]
    if not isinstance(value, list):
        return False
    return depth > 20 or any(_has_unsafe_key(part, depth + 1) for part in value)
