import base64
import hashlib
import io
import json
import zipfile
from unittest.mock import patch

import pyzipper
from openpyxl import load_workbook

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .handover import GROUP, HandoverCommon


@tagged("post_install", "-at_install")
class HandoverFileCommon(HandoverCommon):
    """An approved handover of two invoices of Northwind: 1,210.00 with tax, and 300.00."""

    def setUp(self):
        super().setUp()
        self.first, self.second = self._taxed(1000), self._invoice(100, 300)

    def _made(self, record=None):
        return (record or self._approved(self.first, self.second))._file_make()

    def _open(self, file):
        """The archive, unpacked: ``{path: bytes}``."""
        archive = pyzipper.AESZipFile(io.BytesIO(file.sudo()._kept_raw()))
        if file.password:
            archive.setpassword(file.password.encode())
        self.assertIsNone(archive.testzip())
        return {name: archive.read(name) for name in archive.namelist()}

    def _manifest(self, content):
        return json.loads(content["manifest.json"])

    def _sheet(self, content, name):
        """The rows of a sheet below its headings, as ``{heading: value}``."""
        rows = [[cell.value for cell in row] for row in load_workbook(io.BytesIO(content["claim.xlsx"]))[name].iter_rows()]
        head = next(number for number, row in enumerate(rows) if len([value for value in row if value]) == len(row))
        return [dict(zip(rows[head], row)) for row in rows[head + 1:]]


@tagged("post_install", "-at_install")
class TestHandoverFile(HandoverFileCommon):

    def test_the_archive_holds_what_a_case_needs(self):
        content = self._open(self._made())
        self.assertLessEqual({"cover.pdf", "record.pdf", "claim.xlsx", "statement/statement.pdf", "statement/statement.xlsx", "manifest.json", "manifest.csv"},
                             set(content))
        invoices = [name for name in content if name.startswith("invoices/")]
        self.assertEqual(len(invoices), 2)

    def test_each_document_is_in_the_list_with_its_hash(self):
        content = self._open(self._made())
        listed = {row["path"]: row["sha256"] for row in self._manifest(content)["files"]}
        self.assertEqual(listed, {path: hashlib.sha256(raw).hexdigest() for path, raw in content.items() if not path.startswith("manifest.")})
        self.assertEqual(content["manifest.csv"].decode("utf-8-sig").count("\n"), 1 + len(listed))

    def test_the_totals_are_those_of_the_ledger(self):
        record = self._approved(self.first, self.second, costs=25)
        self._pay(self.first, 210)
        manifest = self._manifest(self._open(self._made(record)))
        self.assertEqual((manifest["claimed"], manifest["open"], manifest["costs"], manifest["invoices"]), ("1535.00", "1300.00", "25.00", 2))
        self.assertEqual(sum(self._items(self.first, self.second).mapped("amount_residual")), 1300)

    def test_the_workbook_has_the_fields_of_a_trade_file(self):
        record = self._approved(self.first, self.second)
        self._pay(self.second)
        content = self._open(self._made(record))
        rows = {row["Invoice"]: row for row in self._sheet(content, "Invoices")}
        self.assertEqual([rows[self.first.name][name] for name in ("Type", "Amount", "Open", "Claimed", "Days late")], ["invoice", 1210, 1210, 1210, 200])
        self.assertEqual((rows[self.second.name]["Open"], rows[self.second.name]["Paid on"].date()), (0, self.today))
        summary = {row["Field"]: row["Value"] for row in self._sheet(content, "Summary")}
        self.assertEqual((summary["Debtor"], summary["City"], summary["Total open"], summary["Claim"]), ("Northwind", "Brussels", "1210.00", "1510.00"))

    def test_only_what_has_to_do_with_the_case_is_told(self):
        other = self._invoice(50, 77)
        self._sent(self._run())
        self.env["collection.dispute"].create({"item_id": self._item(other).id, "amount": 10.0, "reason": "Another matter"})
        self.env["collection.dispute"].create({"item_id": self._item(self.second).id, "amount": 50.0, "reason": "Broken on arrival"})
        content = self._open(self._made())
        [dispute] = self._sheet(content, "Disputes")
        self.assertEqual((dispute["Invoice"], dispute["Disputed"]), (self.second.name, 50))
        [contact] = self._sheet(content, "Contacts")
        self.assertEqual((contact["Address"], contact["By"], contact["Sent on"].date()), ("northwind@customer.example", "E-mail", self.today))
        self.assertFalse([name for name in content if other.name.replace("/", "-") in name])

    def test_promises_stand_in_it_with_what_came_of_them(self):
        promise = self._promise(self.second, in_days=5)
        promise._withdraw("Said something else")
        [row] = self._sheet(self._open(self._made()), "Promises")
        self.assertEqual((row["Promised"], row["Paid"], row["Result"], row["Made on"].date()), (300, 0, "Withdrawn", self.today))

    def test_charges_bring_their_proof(self):
        charge = self._charge(40)
        content = self._open(self._made(self._approved(self.first, charge)))
        self.assertLessEqual({"interest/1-proof.pdf", "interest/1-proof.xlsx"}, set(content))
        self.assertEqual(self._manifest(content)["charges"], "40.00")

    def test_a_signed_contract_comes_with_its_evidence(self):
        raw = b"%PDF-1.4 contract"
        self.env["credit.application"].sudo().create({
            "name": "Northwind", "company_id": self.company.id, "reference": "A-1", "profile_id": self._profile().id, "state": "signed",
            "contract_file": base64.b64encode(raw), "contract_hash": hashlib.sha256(raw).hexdigest(), "signed_name": "Ada", "signed_on": fields.Datetime.now()})
        content = self._open(self._made())
        self.assertEqual(content["contract/1-contract.pdf"], raw)
        self.assertIn("contract/1-signature.pdf", content)

    def test_the_last_letter_and_the_terms_are_in_it(self):
        self.company.credit_terms = "<p>Court of Brussels</p>"
        content = self._open(self._made(self._announced(self.first)))
        self.assertEqual(content["letter-before-action.pdf"], b"%PDF-1.4 letter")
        self.assertIn("Court of Brussels", content["contract/terms.txt"].decode())

    def test_no_name_leads_out_of_the_folder(self):
        record = self._approved(self.first)
        self.first.sudo().write({"name": "../../etc/passwd"})
        names = list(self._open(self._made(record)))
        self.assertFalse([name for name in names if ".." in name or name.startswith("/") or "\\" in name])
        self.assertIn("invoices/0001-etc-passwd.pdf", names)

    # ------------------------------------------------------------------ password, versions

    def test_without_the_password_nothing_can_be_read(self):
        file = self._made()
        self.assertGreaterEqual(len(file.password), 16)
        with self.assertRaises(RuntimeError):
            zipfile.ZipFile(io.BytesIO(file.sudo()._kept_raw())).read("cover.pdf")
        archive = pyzipper.AESZipFile(io.BytesIO(file.sudo()._kept_raw()))
        archive.setpassword(b"another one")
        with self.assertRaises(RuntimeError):
            archive.read("cover.pdf")

    def test_a_company_may_do_without_a_password(self):
        self.company.collection_file_password = False
        file = self._made()
        self.assertFalse(file.password)
        self.assertIn("cover.pdf", zipfile.ZipFile(io.BytesIO(file.sudo()._kept_raw())).namelist())

    def test_made_again_it_is_another_version_and_the_first_stays(self):
        record = self._approved(self.first)
        first = self._made(record)
        before = first.file_hash
        self._pay(self.first, 200)
        second = self._made(record)
        self.assertEqual(((first | second).mapped("version"), first.file_hash, second.open_amount), ([1, 2], before, 1010))
        self.assertEqual(record.event_ids.filtered(lambda event: event.kind == "file").mapped("user_id"), self.env.user)

    def test_of_a_proposal_no_file_is_made(self):
        with self.assertRaisesRegex(UserError, "approved, announced or handed over"):
            self._proposed(self.first).action_make_file()

    # ------------------------------------------------------------------ the job

    def _night(self):
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 1000.0):
            self.env["collection.handover.file"].sudo()._cron_make()

    def test_handing_over_has_the_job_make_the_file(self):
        record = self._handed(self.first, self.second)
        self.assertEqual(record.file_state, "waiting")
        self._night()
        self.assertRecordValues(record.file_ids, [{"state": "made", "progress": 100, "version": 1}])

    def test_a_large_file_is_left_to_the_job(self):
        record = self._approved(self.first, self.second)
        with patch("odoo.addons.account_credit_collection.models.collection_handover_file.AT_ONCE", 1):
            answer = record.action_make_file()
        self.assertEqual((answer["tag"], record.file_state), ("display_notification", "waiting"))
        record._file_ask()
        self.assertEqual(len(record.file_ids), 1, "one that waits is enough")

    def test_an_invoice_that_cannot_be_printed_does_not_stop_the_others(self):
        record, broken, real = self._approved(self.first, self.second), self.second, type(self.env["collection.handover.file"])._render_together

        def render(this, company, moves):
            if broken in moves:
                raise UserError("no such layout")
            return real(this, company, moves)
        with patch.object(type(self.env["collection.handover.file"]), "_render_together", render):
            record._file_ask()
            self._night()
        file = record.file_ids
        self.assertEqual((file.state, file.lacking), ("made", broken.name))
        self.assertEqual(self._manifest(self._open(file))["lacking"], broken.name)

    def test_a_file_that_fails_says_so_and_may_be_tried_again(self):
        record = self._approved(self.first)
        record._file_ask()
        with patch.object(type(record), "_file_documents", side_effect=UserError("The layout is broken")), mute_logger(
                "odoo.addons.account_credit_collection.models.collection_handover_file_make"):
            self._night()
        file = record.file_ids
        self.assertEqual((file.state, file.error), ("failed", "The layout is broken"))
        file.action_again()
        self._night()
        self.assertEqual(file.state, "made")

    # ------------------------------------------------------------------ rights

    def test_of_a_recalled_case_nobody_takes_the_file(self):
        record = self._handed(self.first)
        self._night()
        record._recall("Sold to somebody else")
        with self.assertRaisesRegex(UserError, "called off"):
            record.file_ids._take_file()

    def test_a_changed_file_is_not_given_out(self):
        file = self._made()
        self.env["ir.attachment"].sudo().search([("res_model", "=", file._name), ("res_field", "=", "file"), ("res_id", "=", file.id)]).raw = b"other"
        with self.assertRaisesRegex(UserError, "somebody changed it"):
            file._take_file()

    def test_a_viewer_sees_that_there_is_a_file_and_neither_file_nor_password(self):
        file = self._made()
        viewer = new_test_user(self.env, "file.viewer", GROUP + "viewer", company_id=self.company.id, company_ids=self.company.ids)
        seen = file.with_user(viewer)
        self.assertEqual(seen.version, 1)
        for refused in (seen._take_file, seen.action_take, seen.handover_id.action_make_file, lambda: seen.read(["password"])):
            with self.assertRaises(AccessError):
                refused()
        with self.assertRaises(AccessError):  # not past the controller, or a file would be taken without a trace
            file.read(["file"])


@tagged("post_install", "-at_install")
class TestHandoverFileDownload(HttpCase, HandoverFileCommon):

    def test_each_download_stands_in_the_log(self):
        file = self._made()
        self.authenticate(self.env.user.login, self.env.user.login)
        answer = self.url_open(f"/collections/handover/file/{file.id}")
        self.assertEqual((answer.status_code, answer.content), (200, file.sudo()._kept_raw()))
        self.assertRegex(answer.headers["Content-Disposition"], rf"^attachment; .*handover-{file.handover_id.id}-1\.zip")
        event = file.handover_id.event_ids.filtered(lambda one: one.kind == "download")
        self.assertEqual((len(event), event.user_id), (1, self.env.user))
        self.assertIn(file.file_hash, event.text)

    def test_who_may_not_have_it_learns_nothing(self):
        file = self._made()
        outside = self.setup_other_company(name="Third Ltd")["company"]
        for login, group, company in (("narrow.viewer", "viewer", self.company), ("outsider", "manager", outside)):
            new_test_user(self.env, login, GROUP + group, password=login, company_id=company.id, company_ids=company.ids)
            self.authenticate(login, login)
            for number in (file.id, file.id + 1, 0, 2 ** 31):
                self.assertEqual(self.url_open(f"/collections/handover/file/{number}").status_code, 404)
        self.assertFalse(file.handover_id.event_ids.filtered(lambda one: one.kind == "download"))
