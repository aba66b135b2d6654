import io
import struct
import zipfile
import zlib
from datetime import date
from decimal import Decimal
from unittest.mock import patch

import pypdf
from PIL import Image
from pypdf.generic import ByteStringObject, DictionaryObject, NameObject, TextStringObject

from odoo.tests.common import BaseCase, tagged

from ..models import upload
from ..models.credit_field_rules import Reader, Rule, UnknownFieldError, clean, parse_amount
from ..models.upload import FileError, clean_name, judge


def picture(kind, size=(40, 30), mode="RGB", **options):
    output = io.BytesIO()
    Image.new(mode, size, 128 if mode in ("L", "P") else None).save(output, kind, **options)
    return output.getvalue()


def pdf(change=None, password=None):
    """A PDF of one page; ``change`` is done to its writer before it is written."""
    writer, output = pypdf.PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    if change:
        change(writer)
    if password is not None:
        writer.encrypt(password)
    writer.write(output)
    return output.getvalue()


def archive(name="a.txt"):
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as packed:
        packed.writestr(name, "text")
    return output.getvalue()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def flood(width, height):
    """A PNG of few bytes whose header claims that many pixels."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def located():
    """A photograph that says where and with what it was taken."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "SecretCamera", 6  # maker; turned by 90 degrees
    return picture("JPEG", exif=exif.tobytes(), comment=b"SecretComment")


def hidden_script():
    """A PDF whose script stands in a compressed object stream, where a search of the bytes finds nothing."""
    action = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"
    packed = zlib.compress(b"5 0 " + action)
    parts = [b"1 0 obj\n<< /Type /Catalog /Pages 2 0 R /Names 5 0 R >>\nendobj\n",
             b"2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n",
             b"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>\nendobj\n",
             b"4 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream\nendobj\n"
             % (len(packed), packed)]
    body, places = b"%PDF-1.5\n", []
    for part in parts:
        places.append(len(body))
        body += part
    rows = b"\0\0\0\0\xff" + b"".join(struct.pack(">BHH", 1, place, 0) for place in places) + struct.pack(">BHH", 2, 4, 0)
    rows = struct.pack(">BHH", 0, 0, 65535) + rows[5:] + struct.pack(">BHH", 1, len(body), 0)
    return body + (b"6 0 obj\n<< /Type /XRef /Size 7 /W [1 2 2] /Root 1 0 R /Length %d >>\nstream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n"
                   % (len(rows), rows, len(body)))


def with_action(name, value=None):
    def change(writer):
        target = value or DictionaryObject({NameObject("/S"): NameObject("/GoTo")})
        writer._root_object[NameObject(name)] = writer._add_object(target)
    return change


@tagged("post_install", "-at_install")
class TestUpload(BaseCase):
    """What becomes of a file from outside."""

    def _refused(self, name, raw, code):
        with self.assertRaises(FileError) as caught:
            judge(name, raw)
        self.assertEqual(caught.exception.code, code)

    def test_plain_files_are_taken(self):
        for name, raw, mimetype in (
                ("a.pdf", pdf(), "application/pdf"), ("A.PDF", pdf(), "application/pdf"), ("a.b.pdf", pdf(), "application/pdf"),
                ("a.jpg", picture("JPEG"), "image/jpeg"), ("a.JPEG", picture("JPEG", mode="L"), "image/jpeg"),
                ("cmyk.jpg", picture("JPEG", mode="CMYK"), "image/jpeg"), ("a.png", picture("PNG"), "image/png"),
                ("alpha.png", picture("PNG", mode="RGBA"), "image/png"), ("palette.png", picture("PNG", mode="P"), "image/png"),
                ("bits.png", picture("PNG", mode="1"), "image/png"), ("grey.png", picture("PNG", mode="LA"), "image/png")):
            with self.subTest(name):
                judged = judge(name, raw)
                self.assertEqual((judged.mimetype, judged.unsafe), (mimetype, False))
                self.assertTrue(judged.raw)

    def test_wrong_files_are_refused(self):
        good, photo, drawing = pdf(), picture("JPEG"), picture("PNG")
        cases = [
            (name, good, "file_type") for name in (
                "a.exe", "a.html", "a.svg", "a.zip", "a.docx", "a.xlsm", "a.gif", "a.webp", "a.pdf.exe", "a", "", ".pdf.", "pdf", "a.pdf ",
                "a.p\u0501f", "a.pdf\0.exe", "a.heic", "a.tiff", "a.php", "a.js")]
        cases += [
            ("a.pdf", b"<html><script>alert(1)</script></html>", "file_content"), ("a.pdf", b"MZ" + b"\0" * 400, "file_content"),
            ("a.pdf", archive(), "file_content"), ("a.pdf", photo, "file_content"), ("a.jpg", drawing, "file_content"),
            ("a.png", photo, "file_content"), ("a.jpg", good, "file_content"), ("a.png", b"<svg xmlns='x'/>", "file_content"),
            ("a.jpg", b"GIF89a" + b"\0" * 99, "file_content"), ("a.png", b"RIFF\0\0\0\0WEBP", "file_content"),
            ("a.pdf", b" " + good, "file_content"), ("a.pdf", b"\n" * 600 + good, "file_content"),
            ("a.pdf", b"", "file_empty"), ("a.jpg", b"", "file_empty"), ("a.png", b"", "file_empty"),
            ("a.pdf", good + archive(), "file_content"), ("a.pdf", good + b"<script>", "file_content"),
            ("a.pdf", good.replace(b"%%EOF", archive() + b"\n%%EOF"), "file_content"), ("a.pdf", good[:-20], "file_content"),
            ("a.pdf", b"%PDF-1.7", "file_content"), ("a.pdf", b"%PDF-1.7\n%%EOF", "file_damaged"),
            ("a.pdf", b"%PDF-1.7\nstartxref\n99999\n%%EOF", "file_damaged"), ("a.pdf", b"%PDF-" + b"A" * 9000 + b"\n%%EOF", "file_damaged"),
            ("a.jpg", b"\xff\xd8\xff", "file_damaged"), ("a.jpg", photo[:60], "file_damaged"), ("a.jpg", photo[:len(photo) // 2], "file_damaged"),
            ("a.jpg", b"\xff\xd8\xff" + b"<?php system($_GET[0]);" * 40, "file_damaged"),
            ("a.png", drawing[:20], "file_damaged"), ("a.png", drawing[:45], "file_damaged"), ("a.png", drawing[:-20], "file_damaged"),
            ("a.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 200, "file_damaged"), ("a.png", drawing.replace(b"IHDR", b"IHDX"), "file_damaged"),
            ("a.png", flood(7000, 7000), "file_pixels"), ("a.png", flood(20000, 20000), "file_pixels"),
            ("a.png", flood(100_000, 100_000), "file_pixels"), ("a.png", flood(2**31 - 1, 2**31 - 1), "file_pixels"),
            ("a.png", flood(0, 0), "file_damaged"),
            ("a.pdf", good + b"\0" * (upload.MAX_FILE + 1), "file_size"), ("a.png", drawing + b"\0" * (upload.MAX_FILE + 1), "file_size"),
        ]
        for number, (name, raw, code) in enumerate(cases):
            with self.subTest(number=number, name=name, start=raw[:12]):
                self._refused(name, raw, code)

    def test_documents_that_act_are_marked(self):
        script = DictionaryObject({NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")})
        launch = DictionaryObject({NameObject("/S"): NameObject("/Launch"), NameObject("/F"): ByteStringObject(b"cmd.exe")})
        for name, raw in (
                ("script", pdf(with_action("/Harmless", script))), ("attachment", pdf(lambda w: w.add_attachment("a.exe", b"MZ"))),
                ("open", pdf(with_action("/OpenAction"))), ("open script", pdf(with_action("/OpenAction", script))),
                ("launch", pdf(with_action("/Harmless", launch))), ("on close", pdf(with_action("/AA"))), ("form", pdf(with_action("/XFA"))),
                ("encrypted", pdf(password="secret")), ("encrypted for all", pdf(password="")), ("packed", hidden_script()),
                ("spelled", pdf(with_action("/OpenAction", script)).replace(b"/JavaScript", b"/Java#53cript"))):
            with self.subTest(name):
                self.assertTrue(judge("a.pdf", raw).unsafe)

    def test_a_document_without_end_of_looking_is_marked(self):
        with patch.object(upload, "PATIENCE", -1):
            self.assertTrue(judge("a.pdf", pdf()).unsafe)

    def test_pictures_lose_what_they_tell(self):
        raw = located()
        self.assertIn(b"SecretCamera", raw)
        judged = judge("holiday.jpg", raw)
        self.assertNotIn(b"Secret", judged.raw)
        with Image.open(io.BytesIO(judged.raw)) as image:
            self.assertEqual(image.size, (30, 40), "turned as the camera said")
            self.assertFalse(image.getexif())

    def test_what_hangs_behind_a_picture_is_cut_off(self):
        for name, raw in (("a.jpg", picture("JPEG")), ("a.png", picture("PNG"))):
            for tail in (archive(), b"<?php evil();?>", b"<script>evil()</script>"):
                with self.subTest(name, tail=tail[:5]):
                    self.assertNotIn(tail, judge(name, raw + tail).raw)

    def test_names_become_plain(self):
        for given, kept in (
                ("offer.pdf", "offer.pdf"), ("../../etc/passwd.pdf", "passwd.pdf"), ("C:\\Users\\me\\a.pdf", "a.pdf"), ("a\0b.pdf", "ab.pdf"),
                ("evil\u202efdp.exe.pdf", "evilfdp.exe.pdf"), ("<b>.pdf", "b.pdf"), ("=cmd.pdf", "_cmd.pdf"), ("-x.pdf", "_x.pdf"), ("@x.pdf", "_x.pdf"),
                ("+x.pdf", "_x.pdf"), ("＝x.pdf", "_x.pdf"), (".pdf", "document.pdf"), ("..pdf", "document.pdf"), ("a\r\nb.pdf", "ab.pdf"), ("a   b.pdf", "a b.pdf"),
                ('a"b.pdf', "ab.pdf"), ("Überweisung für März.pdf", "Überweisung für März.pdf"), ("报告.pdf", "报告.pdf"),
                ("x" * 300 + ".pdf", "x" * 116 + ".pdf"), ("/", "document"), ("", "document")):
            with self.subTest(given=given):
                self.assertEqual(clean_name(given), kept)
                self.assertLessEqual(len(clean_name(given)), 120)


@tagged("post_install", "-at_install")
class TestFieldRules(BaseCase):
    """What may stand in a field."""

    def setUp(self):
        super().setUp()
        self.english, self.german = Reader(date(2024, 6, 1)), Reader(date(2024, 6, 1), ",", ".")

    def _clean(self, text, kind="text", reader=None, **rule):
        values, errors = clean([Rule("x", kind, **rule)], {"x": [text]}, reader or self.english)
        return values.get("x"), errors.get("x", (None,))[0]

    def test_amounts_as_people_write_them(self):
        french, swiss, indian = Reader(date.today(), ",", "\u202f"), Reader(date.today(), ".", "’"), Reader(date.today(), ".", ",")
        for text, reader, amount in (
                ("1500", self.english, "1500"), ("1,500", self.english, "1500"), ("1,500.50", self.english, "1500.50"), ("0", self.english, "0"),
                ("1500.5", self.english, "1500.5"), ("1,234,567.89", self.english, "1234567.89"), (" 1 500 ", self.english, "1500"),
                ("1.500", self.german, "1500"), ("1.500,50", self.german, "1500.50"), ("1500.50", self.german, "1500.50"),
                ("1500,5", self.german, "1500.5"), ("1 500,50", french, "1500.50"), ("1\u202f500,50", french, "1500.50"),
                ("1'500.50", swiss, "1500.50"), ("1’500", swiss, "1500"), ("1,50,000", indian, "150000")):
            with self.subTest(text=text, point=reader.point):
                self.assertEqual(parse_amount(text, reader), Decimal(amount))

    def test_amounts_of_other_currencies(self):
        for text, reader, decimals, amount in (
                ("10.006", self.english, 3, "10.006"), ("10,006", self.german, 3, "10.006"), ("1,500", self.english, 3, "1500"),
                ("10.0061", self.english, 3, None), ("1500", self.english, 0, "1500"), ("1500.5", self.english, 0, None), ("1500.", self.english, 0, None)):
            with self.subTest(text=text, decimals=decimals):
                self.assertEqual(parse_amount(text, reader, decimals), amount and Decimal(amount))

    def test_what_is_no_amount(self):
        for text in ("-1", "+1", "1e5", "1e308", "1E+5", "NaN", "nan", "inf", "-inf", "Infinity", "0x10", "1_000", "1,5", "1,50.25", "1.234.567",
                     "1.999", "1,2345", "12,34", ".5", "1.", ",", "", "one", "١٢٣", "１２３", "1/2", "$5", "5 EUR", "1'2", "9" * 16, "=1+1", "1;2"):
            with self.subTest(text=text):
                self.assertIsNone(parse_amount(text, self.english))

    def test_amounts_have_bounds(self):
        self.assertEqual(self._clean("0", "amount", positive=True)[1], "positive")
        self.assertEqual(self._clean("999999999999", "amount")[1], None)
        self.assertEqual(self._clean("1000000000000", "amount")[1], "large")

    def test_good_answers(self):
        for kind, text, value in (
                ("text", "  Müller & Söhne  ", "Müller & Söhne"), ("text", "e\u0301", "é"), ("text", "می\u200cخواهم", "می\u200cخواهم"),
                ("text", "", ""), ("lines", "a\r\nb", "a\nb"), ("email", "a.b+c@d-e.example", "a.b+c@d-e.example"), ("phone", "+49 (0)30 / 12-34", "+49 (0)30 / 12-34"),
                ("vat", "BE 0477.472.701", "BE 0477.472.701"), ("zip", "SW1A 1AA", "SW1A 1AA"), ("website", "www.a.example", "https://www.a.example"),
                ("website", "http://a.example/x?y=1", "http://a.example/x?y=1"), ("year", "1999", 1999), ("date", "2024-02-29", date(2024, 2, 29)),
                ("number", "25", Decimal(25)), ("tick", "1", True), ("tick", "on", True), ("tick", "", None)):
            with self.subTest(kind, text=text):
                found, error = self._clean(text, kind)
                self.assertIsNone(error)
                self.assertEqual(found or None, value or None)

    def test_formulas_are_defused(self):
        for text in ("=1+1", "+1", "-1", "@SUM(A1)", "=cmd|'/c calc'!A0", "  =1", "＝1+1"):
            with self.subTest(text=text):
                self.assertEqual(self._clean(text), (f"'{text.strip()}", None))

    def test_bad_letters(self):
        for text in ("<script>alert(1)</script>", "a<b", "a>b", "<img src=x onerror=y>"):
            self.assertEqual(self._clean(text)[1], "markup", text)
        for text in ("a\0b", "a\x07", "a\x1b[31m", "a\x7f", "a\x85", "a\u202eb", "a\u202a", "a\u2066b", "a\u200fb", "a\u200eb", "a\u200bb", "\ufeffa",
                     "a\u2028b", "a\u2029b", "a\nb", "a\rb", "a\tb", "a\ufffd", "a\ue000", "\ud800", "a\u00adb", "a\u061cb"):
            with self.subTest(text=ascii(text)):
                self.assertEqual(self._clean(text)[1], "character")
        self.assertEqual(self._clean("a\tb", "lines")[1], "character")

    def test_bad_answers(self):
        for kind, text in (
                *(("email", text) for text in ("a", "a@", "@b.c", "a@b", "a b@c.d", "a@b.c,d@e.f", "=a@b.c", "-a@b.c", "a@@b.c", "a@b..c", "é@b.c", "a@b.c\u00a0x")),
                *(("phone", text) for text in ("abc", "12", "++49 123456", "=123456", "-123456", "@123456", "123456;ext")),
                *(("vat", text) for text in ("ab", "=12345", "12*45", "BE é123")), *(("zip", text) for text in ("1", "=1234", "12_34")),
                *(("website", text) for text in ("javascript:alert(1)", "ftp://a.b", "a", "http://", "//a.b", "https://a.b/'x", "data:text/html,x")),
                *(("year", text) for text in ("99", "1599", "2025", "20244", "abcd", "19 9", "-199", "２０２０")),
                *(("date", text) for text in ("2024-02-30", "2024-13-01", "24-01-01", "01/02/2024", "2024-1-1", "0001-01-01", "now", "20240101")),
                *(("number", text) for text in ("-1", "abc", "1e9", "NaN"))):
            with self.subTest(kind, text=text):
                self.assertEqual(self._clean(text, kind, length=60), (None, kind))
        self.assertEqual(self._clean("2024-06-02", "date", past=True)[1], "past")
        self.assertEqual(self._clean("c", "choice", choices=frozenset("ab"))[1], "choice")
        self.assertEqual(self._clean("2", "tick")[1], "choice")

    def test_length_counts_before_anything_else(self):
        for kind in ("text", "lines", "email", "phone", "vat", "zip", "website", "year", "date", "number", "amount", "choice", "tick"):
            with self.subTest(kind):
                self.assertEqual(self._clean("<" * 121, kind)[1], "length")

    def test_empty_required_fields(self):
        self.assertEqual(self._clean("   ", required=True)[1], "required")
        self.assertEqual(self._clean("", "tick", required=True)[1], "consent")
        self.assertEqual(self._clean("", "choice", required=True)[1], "choice")

    def test_unknown_and_doubled_fields(self):
        for posted in ({"y": ["1"]}, {"x": ["1"], "state": ["approved"]}, {"x": ["1", "2"]}, {"x": []}, {"X": ["1"]}, {"x ": ["1"]}):
            with self.subTest(posted=posted), self.assertRaises(UnknownFieldError):
                clean([Rule("x")], posted, self.english)
