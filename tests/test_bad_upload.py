import io
import time
import tracemalloc

from PIL import Image

from odoo.tests import tagged
from odoo.tests.common import BaseCase
from odoo.tools import mute_logger
from odoo.tools.pdf import filters

from ..models import upload, upload_bound
from ..models.credit_field_rules import FORMULA
from ..models.upload import FileError, clean_name, judge
from .corpus import Counted, files
from .credit_portal import CreditPortalCase

LOUD = ("pypdf", "pypdf._reader", "pypdf.generic._data_structures", "pypdf._page")
SECONDS = 6.0  # twice what a file may cost: others work on this machine too
MEGABYTES = 60  # of Python's own memory; a picture of 40 million pixels is beside it


@tagged("post_install", "-at_install")
class TestBadUpload(Counted, BaseCase):
    """What becomes of files that lie, act, or never end: quickly, and in little memory (R-77 to R-79)."""

    least = 118

    def _judged(self, name, raw):
        try:
            judged = judge(name, raw)
        except FileError as error:
            return error.code, b""
        return files.UNSAFE if judged.unsafe else files.TAKEN, judged.raw

    @mute_logger(*LOUD)
    def test_files(self):
        for name, (given, raw, expected) in files.cases(upload.MAX_FILE).items():
            with self.case("file", name):
                begun = time.process_time()
                found, kept = self._judged(given, raw)
                self.assertLess(time.process_time() - begun, SECONDS)
                self.assertIn(found, files.EITHER if expected == files.EITHER else (expected,))
                if given.endswith((".png", ".jpg")):
                    self.assertNotIn(b"pwned", kept)

    @mute_logger(*LOUD)
    def test_what_unpacks_to_much_takes_little(self):
        """Two kilobytes of a file packed twice were two gigabytes of memory."""
        for name, raw in {"stream": files.packed(files.blanks(200)), "twice": files.packed(files.blanks(200, 2), b"/FlateDecode /FlateDecode"), "table": files.places_bomb(100)}.items():
            with self.case("bomb", name):
                self.assertLess(len(raw), 1_000_000)
                tracemalloc.start()
                try:
                    self._judged("a.pdf", raw)
                    self.assertLess(tracemalloc.get_traced_memory()[1], MEGABYTES * 1024 * 1024)
                finally:
                    tracemalloc.stop()

    def test_what_is_ours_unpacks_as_before(self):
        """The bound is for the files of strangers: outside of a judgement Odoo's own reading is as it was."""
        reader = upload.PdfReaderBase(io.BytesIO(files.packed(files.blanks(8))))
        stream = reader.get_object(upload.IndirectObject(4, 0, reader))
        self.assertGreater(len(filters.decode_stream_data(stream)), 8_000_000)
        with upload_bound.bound(), self.assertRaises(upload_bound.BoundError):
            filters.decode_stream_data(stream)
        self.assertGreater(len(filters.decode_stream_data(stream)), 8_000_000)

    def test_where_a_photograph_was_taken_is_not_kept(self):
        kept = judge("a.jpg", files.located()).raw
        with Image.open(io.BytesIO(kept)) as image:
            self.assertFalse(image.getexif())
        self.assertNotIn(b"Secret", kept)

    def test_names(self):
        for given in ("../../../etc/cron.d/x.pdf", "..\\..\\x.pdf", "/etc/passwd.pdf", "C:\\x.pdf", "a\0b.pdf", "a\r\nSet-Cookie: x=1.pdf", 'a"; filename="b.exe.pdf', "\u202efdp.exe.pdf", "=cmd|'/c calc'.pdf", "@x.pdf", "＝x.pdf", "-rf.pdf", "~.pdf", "a/../b.pdf", "<script>.pdf",
                      "x" * 5000 + ".pdf", "🏭" * 200 + ".pdf", "a.pdf" * 100, "\ud800.pdf", " .pdf", "...", "NUL.pdf", "a\u2028b.pdf", "%2e%2e%2fx.pdf", "．．／x.pdf"):
            with self.case("file name", given):
                name = clean_name(given)
                self.assertLessEqual(len(name), upload.MAX_NAME)
                self.assertFalse(set(name) & set('/\\<>:"|?*\0\r\n\u202e\u2028\ud800'))
                self.assertFalse(name.startswith((*FORMULA, ".", " ")))
                self.assertTrue(name)


@tagged("post_install", "-at_install")
class TestBadUploadForm(Counted, CreditPortalCase):
    """The same through the form: a sentence, and nothing is kept."""

    least = 15

    @mute_logger(*LOUD)
    def test_over_the_line(self):
        application = self._begun()
        path = self._path(application, "upload")
        chosen = {name: case for name, case in files.cases(upload.MAX_FILE).items() if case[2] not in (files.TAKEN, files.UNSAFE, files.EITHER)}
        for name, (given, raw, _code) in list(chosen.items())[::4]:
            with self.case("upload", name):
                answer = self._post(path, files=[("file", (given, raw, "application/pdf"))])
                self.assertEqual((answer.status_code, len(application.document_ids)), (400, 0))
                self.assertTrue(self._error_at(answer, "file"))
        with self.case("upload", "too large for any form"):
            answer = self._post(path, files=[("file", ("a.pdf", bytes(27_000_000), "application/pdf"))])
            self.assertEqual((answer.status_code, len(application.document_ids)), (413, 0))
