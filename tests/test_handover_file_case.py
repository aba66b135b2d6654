import io
from datetime import datetime, time
from unittest.mock import patch

from openpyxl import load_workbook
from pypdf import PdfReader

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_handover_file import HandoverFileCommon

MAKE = "odoo.addons.account_credit_collection.models.collection_handover_file_make"


@tagged("post_install", "-at_install")
class TestHandoverFileCase(HandoverFileCommon):
    """The file holds the case: nothing of the rest of the account, and it says what it lacks."""

    def _words(self, raw):
        """All that can be read in a document, without the gaps between words."""
        if raw.startswith(b"%PDF"):
            text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(raw)).pages)
        elif raw.startswith(b"PK"):
            text = " ".join(str(cell.value) for sheet in load_workbook(io.BytesIO(raw)) for row in sheet.iter_rows() for cell in row)
        else:
            text = raw.decode(errors="replace")
        return "".join(text.split())

    def _called(self, outcome, days_ago=1, **values):
        day = self._due(days_ago)
        return self.env["collection.call"].sudo().create({
            "profile_id": self._profile().id, "user_id": self.env.uid, "called_at": datetime.combine(day, time(10)), "day": day, "outcome": outcome,
            "resubmit_on": self.today, **values})

    def _dispute(self, invoice, amount=10.0):
        return self.env["collection.dispute"].create({"item_id": self._item(invoice).id, "amount": amount, "reason": "Another matter"})

    # ------------------------------------------------------------------ nothing else

    def test_no_sheet_and_no_page_knows_of_another_invoice(self):
        other, franc = self._invoice(50, 77.31), self.setup_other_currency("CHF", rates=[("2020-01-01", 2.0)])
        foreign = self._invoice(60, 88.42, currency_id=franc.id)
        self._sent(self._run())
        dispute, promise = self._dispute(other), self._promise(foreign)
        for about, values in ((other, {"dispute_id": dispute.id}), (foreign, {"promise_id": promise.id}), (other, {})):
            self._called("dispute" if "dispute_id" in values else "promise" if values else "copy", item_ids=[Command.set(self._item(about).ids)], **values)
        content = self._open(self._made())
        self.assertIn(self.second.name, self._words(content["statement/statement.pdf"]))
        self.assertIn(self.second.name, self._words(content["statement/statement.xlsx"]))
        self.assertIn("300.00", self._words(content["statement/statement.pdf"]))
        for path, raw in content.items():
            words = self._words(raw)
            for mark in (other.name, foreign.name, "77.31", "88.42", "CHF"):
                with self.subTest(path=path, mark=mark):
                    self.assertNotIn(mark, words)
        self.assertEqual(len(self._sheet(content, "Contacts")), 1, "the mail was about the case too")

    def test_calls_about_the_case_are_told(self):
        dispute = self._dispute(self.second, 50.0)
        self._called("dispute", dispute_id=dispute.id, item_ids=[Command.set(self._item(self.second).ids)])
        self._called("refuses", days_ago=3)
        self._called("no_answer", days_ago=400)  # before anything of the case was due
        results = [row["Result"] for row in self._sheet(self._open(self._made()), "Calls")]
        self.assertEqual(len(results), 2)
        self.assertEqual(results[0], "Refuses to pay")
        self.assertIn(self.second.name, results[1])

    def test_a_promise_on_the_balance_of_another_currency_or_time_is_not_told(self):
        franc = self.setup_other_currency("CHF", rates=[("2020-01-01", 2.0)])
        self._invoice(60, 88, currency_id=franc.id)
        for values in ({"currency_id": franc.id, "amount": 80}, {"amount": 90}):
            self._promise(**values)._withdraw("Said something else")
        [row] = self._sheet(self._open(self._made()), "Promises")
        self.assertEqual(row["Promised"], 90)

    def test_people_who_left_or_died_are_not_named(self):
        people = self.env["res.partner"].create([
            {"name": name, "parent_id": self.customer.id, "type": "contact", "phone": phone, "collection_stop": stop}
            for name, phone, stop in (("Ada Able", "111", False), ("Ben Gone", "222", "left"), ("Cas Dead", "333", "deceased"))])
        cover = self._words(self._open(self._made())["cover.pdf"])
        self.assertIn("AdaAble", cover)
        for person in people[1:]:
            self.assertNotIn("".join(person.name.split()), cover)

    def test_without_a_place_of_jurisdiction_the_cover_says_nothing_of_it(self):
        self.assertNotIn("jurisdiction", self._words(self._open(self._made(self._approved(self.first)))["cover.pdf"]))
        self.company.collection_file_jurisdiction = "Brussels"
        self.assertIn("Placeofjurisdiction:Brussels", self._words(self._open(self._made(self._approved(self.second)))["cover.pdf"]))

    # ------------------------------------------------------------------ what is lacking

    def test_an_invoice_that_was_rewritten_is_lacking_and_said_so(self):
        record = self._approved(self.first, self.second)
        record.sudo().line_ids.filtered(lambda line: line.document == self.second.name).item_id = False
        file = self._made(record)
        manifest = self._manifest(self._open(file))
        self.assertEqual((file.lacking, record.file_lacking, manifest["lacking"]), (self.second.name, self.second.name, self.second.name))
        self.assertEqual((manifest["claimed"], manifest["open"]), ("1510.00", "1210.00"))

    def test_an_invoice_set_back_to_draft_does_not_stop_the_file(self):
        record = self._approved(self.first, self.second)
        self.second.sudo().button_draft()
        file = self._made(record)
        content = self._open(file)
        self.assertEqual((file.state, file.lacking, file.open_amount, self._manifest(content)["open"]), ("made", self.second.name, 1210, "1210.00"))
        self.assertEqual({row["Invoice"]: row["Open"] for row in self._sheet(content, "Invoices")}, {self.first.name: 1210, self.second.name: 0})
        self.assertEqual(len([path for path in content if path.startswith("invoices/")]), 1)
        self.assertIn("notintheledger", self._words(content["cover.pdf"]))

    def test_a_title_never_becomes_a_formula(self):
        record = self._approved(self.first)
        self.first.sudo().write({"name": '=HYPERLINK("x")'})
        content = self._open(self._made(record))
        self.assertIn("\"'=HYPERLINK(\"\"x\"\")\"", content["manifest.csv"].decode("utf-8-sig"))

    # ------------------------------------------------------------------ the job

    def _night(self):
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 1000.0), mute_logger(MAKE):
            self.env["collection.handover.file"].sudo()._cron_make()

    def _no_pdfs(self):
        return patch.object(type(self.env["collection.handover.file"]), "_render_together", side_effect=UserError("no such layout"))

    def test_an_invoice_with_a_comma_in_its_number_is_given_up_once(self):
        record = self._approved(self.first, self.second)
        self.first.sudo().write({"name": "A, 1"})
        record._file_ask()
        with self._no_pdfs() as render:
            self._night()
        self.assertEqual((record.file_ids.state, record.file_ids.lacking), ("made", f"A, 1, {self.second.name}"))
        self.assertEqual(render.call_count, 3, "both together, then each by itself")

    def test_tried_again_the_pdfs_are_tried_again_too(self):
        record = self._approved(self.first, self.second)
        record._file_ask()
        with self._no_pdfs(), patch.object(type(record), "_file_documents", side_effect=UserError("The layout is broken")):
            self._night()
        self.assertEqual(record.file_ids.state, "failed")
        record.file_ids.action_again()
        self._night()
        self.assertEqual((record.file_ids.state, record.file_ids.lacking, record.file_lacking), ("made", "", ""))

    def test_of_a_case_that_came_back_no_file_is_made(self):
        record = self._handed(self.first)
        record._recall("Sold to somebody else")
        with patch.object(type(record), "_file_documents", side_effect=AssertionError("packed for nobody")):
            self._night()
        self.assertFalse(record.file_ids)

    def test_of_a_case_that_came_back_a_failed_file_is_not_tried_again(self):
        record = self._handed(self.first)
        with patch.object(type(record), "_file_documents", side_effect=UserError("The layout is broken")):
            self._night()
        record._recall("Sold to somebody else")
        with self.assertRaisesRegex(UserError, "approved, announced or handed over"):
            record.file_ids.action_again()
