import csv
import io
import json
import time
import zipfile

import openpyxl

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.http import Request
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.credit_field_rules import is_formula
from .corpus import Counted, imports
from .credit_portal import CreditPortalCase
from .test_credit_limit_import import ImportCommon, repacked, workbook

REPORT = "odoo.addons.account_credit_collection.controllers.report"


@tagged("post_install", "-at_install")
class TestBadImport(Counted, ImportCommon):
    """Lists of limits that nobody could mean: each line says what is wrong, and nothing is written."""

    least = 80

    def _looked_at(self, rows, **options):
        before = self.env["credit.limit"].search_count([])
        wizard = self._previewed(*rows, **options)
        self.assertEqual(self.env["credit.limit"].search_count([]), before)
        return wizard.line_ids

    def test_amounts(self):
        lines = self._looked_at([("Northwind", "Base", None, given, None, None, None, "x") for given, _good in imports.AMOUNTS])
        for line, (given, good) in zip(lines, imports.AMOUNTS, strict=True):
            with self.case("import", given):
                amiss = [problem for problem in (line.problem or "").split("\n") if problem.startswith("Amount")]
                self.assertEqual(not amiss, good, line.problem)

    def test_days(self):
        lines = self._looked_at([("Northwind", "Base", None, 5, None, given, None, "x") for given in imports.DAYS])
        for line, given in zip(lines, imports.DAYS, strict=True):
            with self.case("import", given):
                self.assertIn("From: ", line.problem)

    def test_customers(self):
        lines = self._looked_at([(given, "Base", None, 5) for given in imports.CUSTOMERS])
        for line, given in zip(lines, imports.CUSTOMERS, strict=True):
            with self.case("import", given):
                if given != "northwind ":
                    self.assertEqual((line.outcome, bool(line.problem), line.partner_id.id), ("error", True, False))

    def test_reasons_make_no_formula(self):
        texts = ("=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "x" * 251, "a\u202eb", "#REF!")
        lines = self._looked_at([(f"Customer {number}", "Base", None, 5, None, None, None, given) for number, given in enumerate(texts)])
        for line, given in zip(lines, texts, strict=True):
            with self.case("import", given):
                self.assertIn("Reason: ", line.problem)
        for given in ("=1+1", "  =1+1", "＝1"):
            with self.case("import", given), self.assertRaisesRegex(UserError, "must not begin"):
                wizard = self._wizard(("Northwind", None, None, 5))
                wizard.reason = given
                wizard.action_preview()

    def test_one_bad_line_in_ten_thousand(self):
        """All or nothing: the good lines wait for the bad one, or for the word that it is left out."""
        rows = [("Northwind", "Base", None, 5)] + [("Northwind", "Base", None, -1)] * 9
        wizard = self._previewed(*rows)
        before = self.env["credit.limit"].search_count([])
        with self.case("import", "one bad line"), self.assertRaisesRegex(UserError, "Lines with errors"):
            wizard.action_import()
        self.assertEqual(self.env["credit.limit"].search_count([]), before)

    def test_archives(self):
        good = workbook(("Northwind", None, None, 5))
        with zipfile.ZipFile(io.BytesIO(good)) as archive:
            sheet, strings = archive.read("xl/worksheets/sheet1.xml"), archive.read("xl/sharedStrings.xml")
        rows = b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (number, number) for number in range(1, 30_001))
        data = sheet[:sheet.index(b"<row")] + rows + sheet[sheet.index(b"</sheetData>"):]
        parts = {
            "thirty thousand rows": {"xl/worksheets/sheet1.xml": data}, "a column beyond all": {"xl/worksheets/sheet1.xml": sheet.replace(b'r="A2"', b'r="ZZZZZ2"')}, "negative row": {"xl/worksheets/sheet1.xml": sheet.replace(b'<row r="2"', b'<row r="-2"')},
            "row of letters": {"xl/worksheets/sheet1.xml": sheet.replace(b'<row r="2"', b'<row r="two"')}, "entity of a file": {"xl/sharedStrings.xml": strings.replace(b"<sst", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><sst')},
            "way out of the archive": {"../../x.xml": b"<a/>", "xl/worksheets/sheet1.xml": b""}, "deep": {"xl/worksheets/sheet1.xml": b"<a>" * 100_000}, "UTF-16 with a mark": {"xl/sharedStrings.xml": strings.decode().encode("utf-16")},
            "links": {"xl/_rels/workbook.xml.rels": b"<Relationships/>"}, "zero": {"xl/sharedStrings.xml": strings.replace(b"Northwind", b"North\0wind")}, "a string without end": {"xl/sharedStrings.xml": strings.replace(b"Northwind", b"N" * 3_000_000)},
        }
        for name, changes in parts.items():
            with self.case("import", name):
                begun = time.process_time()
                try:
                    self.assertTrue(all(line.outcome == "error" for line in self._looked_at((), raw=repacked(good, **changes))))
                except UserError as error:
                    self.assertTrue(str(error).endswith((".", "”.")) or "." in str(error))
                self.assertLess(time.process_time() - begun, 8)
        with self.case("import", "two columns of one name"), self.assertRaisesRegex(UserError, "two columns"):
            self._wizard(("a", "b", 5, 5), headers=("Customer", "Kind", "Amount", "amount")).action_preview()
        for raw in (b"", b"\0" * 100, b"PK\3\4", b"PK\5\6" + bytes(18), b"\xef\xbb\xbfCustomer;Amount", "Customer\tAmount".encode("utf-16"), b"<?xml version='1.0'?><Workbook/>", b"{}"):
            with self.case("import", raw[:8]), self.assertRaises(UserError):
                self._wizard(raw=raw).action_preview()

    def test_the_same_file_again_changes_nothing(self):
        raw = workbook(("Northwind", "Base", None, 1500, None, None, None, "Grew"))
        self._previewed(raw=raw).action_import()
        before = self.env["credit.limit"].search_count([])
        with self.case("import", "the same file again"), self.assertRaisesRegex(UserError, "Nothing in this workbook"):
            self._previewed(raw=raw).action_import()
        self.assertEqual(self.env["credit.limit"].search_count([]), before)


@tagged("post_install", "-at_install")
class TestBadExport(Counted, CreditPortalCase):
    """What strangers wrote, taken out by core's own export and by ours: never a formula (R-85)."""

    least = 48

    FORMULAS = ("=1+1", '=HYPERLINK("http://evil.example")', "+1+1", "-1+1", "@SUM(A1)", "＝1+1")

    def setUp(self):
        super().setUp()
        self.person = self.env["res.users"].sudo().create({
            "name": "Manager", "login": "bad_export", "password": "bad_export", "company_id": self.company.id, "company_ids": [Command.set(self.company.ids)],
            "group_ids": [Command.link(self.env.ref(f"{group}").id) for group in ("account_credit_collection.group_manager", "account.group_account_manager", "base.group_allow_export")]})

    def _export(self, records, names, kind):
        data = {"import_compat": False, "context": {}, "domain": [], "fields": [{"name": name, "label": name, "type": "char"} for name in names], "groupby": [], "ids": records.ids, "model": records._name}
        answer = self.url_open(f"/web/export/{kind}", data={"data": json.dumps(data), "csrf_token": Request.csrf_token(self)})
        self.assertEqual(answer.status_code, 200, answer.text[:300])
        if kind == "csv":
            return [cell for row in csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))) for cell in row]
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
        return [cell for row in sheet.iter_rows() for cell in row]

    def test_core_export_of_what_strangers_wrote(self):
        applications = self.env["credit.application"]
        for number, given in enumerate(self.FORMULAS):
            applications |= self._begun(name=given, street=given, city=given, contact_name=given, contact_function=given, company_registry=given, email=f"e{number}@harbour.example")
        self.authenticate(self.person.login, self.person.login)
        names = ["name", "street", "city", "contact_name", "contact_function", "company_registry", "phone", "vat", "email"]
        cells, texts = self._export(applications, names, "xlsx"), self._export(applications, names, "csv")
        for cell in cells:
            with self.subTest("xlsx", cell=cell.value):
                self.assertNotEqual(cell.data_type, "f")
                self.assertIsNone(cell.hyperlink)
        for text in texts:
            with self.subTest("csv", cell=text):
                self.assertFalse(is_formula(text))
        for given in self.FORMULAS:  # not lost either: it leaves as text
            with self.case("export", given):
                self.assertIn(f"'{given}", texts)
                self.assertIn(f"'{given}", [cell.value for cell in cells])

    @mute_logger("odoo.http", REPORT)
    def test_our_export_says_what_it_cannot_read(self):
        self.authenticate(self.person.login, self.person.login)
        for values in ({"domain": "["}, {"domain": "[" * 5000}, {"domain": '[["id", "=", "\\u0000"]]'}, {"domain": '[["name", "=", "\\ud800"]]'}, {"domain": "{}"}, {"domain": '[["partner_id.user_ids.password", "!=", ""]]'},
                       {"domain": '[["no_such", "=", 1]]'}, {"domain": '[["id", "raw", 1]]'}, {"companies": "9" * 5000}, {"companies": str(2**40)}, {"day": "9999-12-31"}, {"day": "x"}, {"day": "0001-01-01"}, {"model": "res.users"}, {"model": "no.such"}, {"model": "\0"}):
            with self.case("our export", str(values)[:60]):
                answer = self.url_open("/collections/export.xlsx", data={"model": "collection.ageing", "domain": "[]", **values, "csrf_token": Request.csrf_token(self)})
                self.assertIn(answer.status_code, (400, 403), "bad input is no error of the server")
                self.assertIn("Odoo Server Error", answer.text, "as the client reads it")
                self.assertNotIn("Traceback", answer.text)
        for path in ("/collections/statements/%s.xlsx", "/collections/subjects/%s.xlsx", "/collections/charges/%s/proof.xlsx", "/collections/handover/file/%s", "/collections/bureau/file/%s", "/collections/dispute/file/%s", "/credit/document/%s"):
            for number in (0, 2**31 - 1, 2**31, 10**30):
                with self.case("number of a file", f"{path} {number}"):
                    self.assertEqual(self.url_open(path % number).status_code, 404)
