import hashlib
import io
from datetime import timedelta

import openpyxl

from odoo.tests import tagged

from ..models import credit_throttle
from .account import AccountCase


@tagged("post_install", "-at_install")
class TestAccountFile(AccountCase):
    """The papers of an account, and that nobody gets those of another customer."""

    def setUp(self):
        super().setUp()
        self.invoice, self.foreign = self._invoice(10, 111.0), self._invoice(10, 222.0, partner=self.other)

    def _sheet(self, answer):
        self.assertEqual(answer.status_code, 200)
        return [[cell for cell in row if cell is not None] for row in openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0].values]

    def test_statement_of_today_and_of_a_period(self):
        self._pay(self.invoice, 11.0)
        rows = self._sheet(self._get(self._link("/statement.xlsx")))
        self.assertTrue(any(self.invoice.name in row and 100 in row for row in rows), rows)
        self.assertFalse(any(self.foreign.name in row for row in rows))
        rows = self._sheet(self._get(self._link(f"/statement.xlsx?first={self._due(60)}&last={self.today}")))
        self.assertTrue(any(11 in row for row in rows), f"the payment is a movement: {rows}")
        pdf = self._get(self._link("/statement.pdf"))
        self.assertIn(self.invoice.name.encode(), pdf.content, "in tests the paper is no PDF")
        self.assertIn("attachment", pdf.headers["Content-Disposition"])

    def test_days_that_cannot_be_read(self):
        for query in ("first=x&last=y", f"first={self.today}&last={self._due(5)}", "first=2020-01-01&last=x", "first=0001-01-01&last=9999-99-99"):
            with self.subTest(query):
                answer = self._get(self._link(f"/statement.xlsx?{query}"))
                self.assertEqual(answer.status_code, 400)
                self.assertIn("Back to your account", self._words(answer))

    def test_papers_are_counted(self):
        """Each one takes seconds to make: a link and a loop must not keep the server busy."""
        path = self._link("/statement.xlsx")
        self.patch(credit_throttle, "LIMITS", {**credit_throttle.LIMITS, "file": ((2, timedelta(minutes=1)),)})
        self.assertEqual([self._get(path).status_code for _one in range(3)], [200, 200, 429])
        self.assertEqual(self._get(self._link(f"/file/invoice/{self.invoice.id}")).status_code, 429)
        self.assertEqual(self._get(self._link()).status_code, 200, "the page itself is not")

    def test_own_invoice(self):
        answer = self._get(self._link(f"/file/invoice/{self.invoice.id}"))
        self.assertEqual((answer.status_code, answer.headers["Content-Type"]), (200, "application/pdf"))
        self.assertIn(self.invoice.name.encode(), answer.content, "in tests the paper is no PDF")

    def test_no_paper_of_another_customer(self):
        bill = self._invoice(5, 10.0, move_type="in_invoice", partner=self.customer, post=False)
        draft = self._invoice(5, 10.0, post=False)
        for number in (self.foreign.id, bill.id, draft.id, 0, 2**31, 2**70, self.invoice.id + 10**6):
            with self.subTest(number):
                self.assertEqual(self._get(self._link(f"/file/invoice/{number}")).status_code, 404)
        for kind in ("contract", "plan", "settlement", "proof"):
            self.assertEqual(self._get(self._link(f"/file/{kind}/{self.invoice.id}")).status_code, 404)
        self.assertEqual(self._get(self._link("/file/partner/1")).status_code, 404)

    def test_contract_of_the_own_application_only(self):
        own, foreign = self._application(self.customer), self._application(self.other)
        answer = self._get(self._link(f"/file/contract/{own.id}"))
        self.assertEqual((answer.status_code, answer.content), (200, b"%PDF-1.4 own"))
        self.assertEqual(self._get(self._link(f"/file/contract/{foreign.id}")).status_code, 404)
        self.assertIn(f"/file/contract/{own.id}", self._get(self._link("/documents")).text)
        self._contract_file(own).raw = b"%PDF-1.4 changed"
        self.assertEqual(self._get(self._link(f"/file/contract/{own.id}")).status_code, 404, "somebody changed it")

    def test_application_is_seen_by_all_and_opened_by_who_is_logged_in(self):
        own = self._application(self.customer)
        page = self._get(self._link())
        self.assertIn("In force", self._words(page))
        self.assertNotIn("/credit/application/", page.text)
        self._as(self.ada)
        self.assertIn(f"/credit/application/{own.id}/", self._get(self._my()).text)

    def _application(self, customer):
        """A signed application, as it is in the end."""
        profile = self._profile(customer)
        application = self.env["credit.application"].sudo().create({"company_id": self.company.id, "name": customer.name, "email": customer.email})
        application.reference = f"CA/{application.id}"
        raw = b"%PDF-1.4 own"
        self.env.flush_all()
        self.env.cr.execute("UPDATE credit_application SET state = 'signed', profile_id = %s, contract_hash = %s WHERE id = %s",
                            [profile.id, hashlib.sha256(raw).hexdigest(), application.id])
        application.invalidate_recordset()
        self.env["ir.attachment"].sudo().create({
            "name": "contract_file", "res_model": application._name, "res_field": "contract_file", "res_id": application.id, "raw": raw})
        return application

    def _contract_file(self, application):
        return self.env["ir.attachment"].sudo().search([
            ("res_model", "=", application._name), ("res_field", "=", "contract_file"), ("res_id", "=", application.id)])

    # ------------------------------------------------------------------ documents

    def test_documents_list_the_invoices_with_their_state(self):
        paid = self._invoice(40, 30.0)
        self._pay(paid)
        self._invoice(5, 20.0, move_type="out_refund")
        words = self._words(self._get(self._link("/documents")))
        for said in (self.invoice.name, paid.name, "Paid", "Open", "Credit note"):
            self.assertIn(said, words)
        self.assertNotIn(self.foreign.name, words)

    def test_reading_changes_nothing(self):
        """Neither a page nor a file writes, but that a file was opened is counted: mail scanners follow links."""
        self._profile()
        for page in ("", "/documents", "/statement.pdf", "/statement.xlsx", f"/file/invoice/{self.invoice.id}"):
            with self.subTest(page):
                link = self._link(page)
                before = self._rows()
                self.assertEqual(self._get(link).status_code, 200)
                changed = [{name: (row.get(name), value) for name, value in now.items() if row.get(name) != value} for row, now in zip(before, self._rows())]
                self.assertFalse([change for change in changed if change])
        self.assertFalse(self.invoice.access_token)

    def _rows(self):
        """What the database holds of the customer's records, and how much of everything else."""
        self.env.flush_all()
        found = []
        for table in ("account_move", "account_move_line", "credit_profile", "res_partner", "collection_action"):
            self.env.cr.execute(f"SELECT * FROM {table} ORDER BY id")
            found += self.env.cr.dictfetchall()
        for table in ("ir_attachment", "mail_message", "mail_mail", "mail_activity", "payment_transaction"):
            self.env.cr.execute(f"SELECT count(*) FROM {table} WHERE id > 0")
            found.append({table: self.env.cr.fetchone()})
        return found
