import io
from datetime import date, timedelta
from decimal import Decimal
from unittest.mock import patch

import openpyxl

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .common import CollectionCommon


class StatementCommon(CollectionCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pounds = cls.setup_other_currency("GBP", rates=[("2020-01-01", 0.5)])

    def _sections(self, partner=None, **data):
        """The sections of a customer's statement by currency."""
        profile = self._profile(partner)
        Statement = self.env["collection.statement"]
        found = Statement._sections(profile.sudo(), Statement._read_terms(self.company, data))[profile]
        return {section.currency: section for section in found}

    def _wizard(self, *partners, user=None, **values):
        profiles = self.env["credit.profile"].browse([self._profile(partner).id for partner in partners])
        return self.env["collection.statement.wizard"].with_user(user or self.env.user).create(
            {"profile_ids": [Command.set(profiles.ids)], "last": self.today, **values})

    def _viewer(self, group="group_viewer"):
        return self.env["res.users"].with_context(no_reset_password=True).create({
            "name": group, "login": f"{group}.statement.test", "password": "statement-test", "company_id": self.company.id,
            "company_ids": [Command.set(self.company.ids)], "group_ids": [Command.set(self.env.ref(f"account_credit_collection.{group}").ids)]})

    def _ledger(self, currency, partner, day):
        """What the books say a customer owes in a currency at the end of a day."""
        lines = self.env["account.move.line"].search([
            ("account_type", "=", "asset_receivable"), ("parent_state", "=", "posted"), ("partner_id", "=", partner.id),
            ("currency_id", "=", currency.id), ("date", "<=", day)])
        return Decimal(str(currency.round(sum(lines.mapped("amount_currency")))))


@tagged("post_install", "-at_install")
class TestStatement(StatementCommon):
    """A statement of account: what is open on a day, or how it came about, currency by currency."""

    def test_what_is_open_with_its_ageing_and_credits(self):
        self._invoice(-5, 300.0)
        partly = self._invoice(10, 100.0)
        self._pay(partly, 40.0)
        self._invoice(45, 200.0)
        self._on_account(50.0)
        section = self._sections()[self.company.currency_id]
        self.assertEqual(section.closing, Decimal("510"))  # 300 + 60 + 200 − 50
        self.assertEqual({code: amount for code, amount in section.ages.items() if amount},
                         {"not_due": Decimal(300), "b30": Decimal(60), "b60": Decimal(200), "credit": Decimal(-50)})
        self.assertEqual(section.to_pay, Decimal(510))
        self.assertEqual({line.text for line in section.lines}, {"due in 5 days", "10 days late, partly paid", "45 days late", "Credit"})

    def test_each_currency_has_its_own_section_the_companys_first(self):
        self._invoice(10, 80.0, currency=self.pounds)
        self._invoice(10, 100.0)
        sections = self._sections()
        self.assertEqual([(currency.name, section.closing) for currency, section in sections.items()],
                         [(self.company.currency_id.name, Decimal(100)), ("GBP", Decimal(80))])
        self.assertEqual(list(self._sections(currencies=[self.pounds.id])), [self.pounds])

    def test_a_past_day_shows_what_was_open_then(self):
        invoice = self._invoice(40, 100.0)
        self._pay(invoice, on=self._due(20))
        self.assertFalse(self._sections())
        before = self._sections(last=self._due(21).isoformat())[self.company.currency_id]
        self.assertEqual([(line.document, line.amount, line.days) for line in before.lines], [(invoice.name, Decimal(100), 19)])

    def test_what_is_disputed_is_marked_and_not_to_pay(self):
        invoice = self._invoice(10, 100.0)
        self._invoice(5, 30.0)
        self.env["collection.dispute"].create({"item_id": self._item(invoice).id, "amount": 60.0, "reason_id": self.env["collection.dispute.reason"].search([], limit=1).id})
        section = self._sections()[self.company.currency_id]
        self.assertEqual((section.closing, section.disputed, section.to_pay), (Decimal(130), Decimal(60), Decimal(70)))
        self.assertEqual([line.text for line in section.lines], [f"{self.company.currency_id.format(60)} under dispute", "5 days late"])

    def test_all_movements_lead_from_the_opening_to_the_closing_balance(self):
        self._invoice(100, 500.0)  # booked 130 days ago
        first, last = self._due(60), self.today
        invoice = self._invoice(10, 100.0)
        self._pay(invoice, 40.0)
        self._invoice(5, 25.0, move_type="out_refund")
        section = self._sections(kind="moves", first=first.isoformat(), last=last.isoformat())[self.company.currency_id]
        self.assertEqual((section.opening, section.closing), (Decimal(500), Decimal(535)))  # + 100 − 40 − 25
        self.assertEqual([(line.text, line.amount, line.balance) for line in section.lines], [
            ("Invoice", Decimal(100), Decimal(600)), ("Credit note", Decimal(-25), Decimal(575)), ("Payment", Decimal(-40), Decimal(535))])

    def test_opening_and_closing_are_the_ledgers_also_with_exchange_differences(self):
        self.env["res.currency.rate"].create({"name": self._due(3), "rate": 0.4, "currency_id": self.pounds.id, "company_id": self.company.id})
        invoice = self._invoice(20, 80.0, currency=self.pounds)
        self._pay(invoice, 30.0, on=self.today)
        self._invoice(100, 77.7)
        first = self._due(10)
        for currency, section in self._sections(kind="moves", first=first.isoformat(), last=self.today.isoformat()).items():
            with self.subTest(currency=currency.name):
                self.assertEqual(section.opening, self._ledger(currency, self.customer, self._due(11)))
                self.assertEqual(section.closing, self._ledger(currency, self.customer, self.today))
                self.assertEqual(sum(section.ages.values()), section.closing)

    def _pay_in_company_currency(self, invoice, amount):
        payment = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids).create({
            "payment_date": self.today, "amount": amount, "currency_id": self.company.currency_id.id})._create_payments()
        return payment.move_id

    def _period(self, **data):
        found = self._sections(**{"kind": "moves", "first": self._due(60).isoformat(), "last": self.today.isoformat(), **data})
        for section in found.values():
            self.assertEqual(section.closing, sum(section.ages.values()), "a balance is what is open")
        return {currency.name: section for currency, section in found.items()}

    def test_what_was_paid_in_another_currency_is_not_asked_for(self):
        invoice = self._invoice(10, 100.0, currency=self.pounds)  # 200 of the company's
        entry, own = self._pay_in_company_currency(invoice, 200.0), self.company.currency_id.name
        found = self._period()
        self.assertEqual([(line.text, line.amount, line.balance) for line in found["GBP"].lines],
                         [("Invoice", 100, 100), (f"Set off in {own}: {entry.name}", -100, 0)])
        self.assertEqual([(line.document, line.text, line.amount, line.balance) for line in found[own].lines],
                         [(entry.name, "Payment", -200, -200), (entry.name, f"Set off in GBP: {invoice.name}", 200, 0)])
        self.assertEqual({name: (section.closing, section.to_pay) for name, section in found.items()}, {"GBP": (0, 0), own: (0, 0)})
        self.assertFalse(self._sections(kind="moves", first=(self.today + timedelta(days=1)).isoformat(), last=self._due(-5).isoformat()))

    def test_a_part_paid_in_another_currency_at_another_rate(self):
        self.env["res.currency.rate"].create({"name": self._due(3), "rate": 0.4, "currency_id": self.pounds.id, "company_id": self.company.id})
        invoice = self._invoice(10, 100.0, currency=self.pounds)
        self._pay_in_company_currency(invoice, 150.0)  # 60 pounds today
        found = self._period()
        self.assertEqual({name: (section.closing, section.to_pay) for name, section in found.items()},
                         {"GBP": (40, 40), self.company.currency_id.name: (0, 0)})

    def test_what_another_customer_paid_is_not_asked_for_and_its_document_not_named(self):
        invoice, parent = self._invoice(10, 100.0), self._customer("Parent")
        payment = self._on_account(100.0, parent)
        (self._item(invoice) + payment.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")).reconcile()
        section = self._period()[self.company.currency_id.name]
        self.assertEqual([(line.text, line.amount, line.balance) for line in section.lines],
                         [("Invoice", 100, 100), ("Set off with another account", -100, 0)])
        self.assertEqual(section.to_pay, 0)

    def test_what_another_customer_paid_in_another_currency_names_nothing_of_it_either(self):
        invoice, parent = self._invoice(10, 100.0, currency=self.pounds), self._customer("Parent")
        payment = self._on_account(200.0, parent)
        (self._item(invoice) + payment.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")).reconcile()
        section = self._period()["GBP"]
        self.assertEqual([(line.text, line.balance) for line in section.lines], [("Invoice", 100), ("Set off with another account", 0)])

    def test_a_slip_of_the_year_is_told(self):
        terms = self.env["collection.statement"]._read_terms
        for data in ({"last": "0001-01-01"}, {"last": "9999-12-31"}, {"last": "1999-12-31"}, {"kind": "moves", "first": "0202-03-01"}):
            with self.subTest(data=data), self.assertRaisesRegex(UserError, "from 01/01/2000 to"):
                terms(self.company, data)
        self.assertEqual(terms(self.company, {"last": "2000-01-01"}).last, date(2000, 1, 1))

    def test_customers_that_cannot_be_read_are_told(self):
        Report = self.env["report.account_credit_collection.report_collection_account"]
        for given in (["x"], "1,x", [None]):
            with self.subTest(given=given), self.assertRaisesRegex(UserError, "cannot be read"):
                Report._get_report_values([], {"profiles": given})
        profile = self._profile()
        self.assertEqual(Report._get_report_values([], {"profiles": str(profile.id)})["doc_ids"], profile.ids)

    def test_a_period_needs_its_first_day(self):
        for data in ({"kind": "moves"}, {"kind": "moves", "first": "2026-03-02", "last": "2026-03-01"}, {"last": "never"}, {"currencies": ["x"]}):
            with self.subTest(data=data), self.assertRaises(UserError):
                self.env["collection.statement"]._read_terms(self.company, data)
        self.assertEqual(self.env["collection.statement"]._read_terms(self.company, None)[:3], ("open", None, self.today))

    def test_the_paper_is_in_the_customers_language_and_has_a_page_per_customer(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        french = self._customer("Lutèce", lang="fr_FR")
        self._invoice(10, 100.0, partner=french)
        self._invoice(10, 80.0, currency=self.pounds)
        wizard = self._wizard(french, self.customer)
        action = wizard.action_print()
        html, _kind = self.env["ir.actions.report"]._render_qweb_html("account_credit_collection.report_collection_account", [], data=action["data"])
        self.assertEqual(html.count(b'class="article"'), 2)
        self.assertIn(b'data-oe-lang="fr_FR"', html)
        self.assertIn(self._due(10).strftime("%d/%m/%Y").encode(), html)
        self.assertIn(b"80.00", html)
        self.assertIn(f"What is open on {self.today.strftime('%m/%d/%Y')}</p>".encode(), html)

    def test_the_workbook_has_formulas_and_the_ageing(self):
        invoice = self._invoice(10, 100.0)
        self._pay(invoice, 40.0)
        stream = io.BytesIO()
        self._wizard(self.customer, kind="moves", first=self._due(60))._write_workbook(stream)
        book = openpyxl.load_workbook(stream)
        self.assertEqual(book.sheetnames, ["Statement", "Ageing", "Parameters"])
        rows = list(book["Statement"].iter_rows(min_row=5, values_only=True))
        self.assertEqual([(row[4], row[6], row[7], row[8]) for row in rows], [
            ("Balance brought forward", None, None, 0), ("Invoice", 100, None, "=I5+G6-H6"), ("Payment", None, 40, "=I6+G7-H7")])
        self.assertEqual([cell for cell in next(book["Ageing"].iter_rows(min_row=5, values_only=True)) if cell],
                         ["Northwind", self.company.currency_id.name, 60, "=SUM(C5:H5)"])

    def test_the_sum_of_the_classes_says_what_is_open_before_it_is_worked_out(self):
        self._pay_in_company_currency(self._invoice(10, 100.0, currency=self.pounds), 120.0)  # 60 pounds
        stream = io.BytesIO()
        self._wizard(self.customer, kind="moves", first=self._due(60))._write_workbook(stream)
        rows = openpyxl.load_workbook(stream, data_only=True)["Ageing"].iter_rows(min_row=5, values_only=True)
        self.assertEqual({row[1]: row[8] for row in rows}, {self.company.currency_id.name: 0, "GBP": 40})

    def test_the_workbook_names_the_companies_of_its_customers_only(self):
        self._invoice(10, 100.0)
        other = self.setup_other_company(name="Third Ltd")["company"]
        viewer = self._viewer()
        viewer.company_ids += other
        wizard, stream = self._wizard(self.customer, user=viewer), io.BytesIO()
        wizard.with_context(allowed_company_ids=(self.company + other).ids)._write_workbook(stream)
        facts = {row[0]: row[1] for row in openpyxl.load_workbook(stream)["Parameters"].iter_rows(values_only=True)}
        self.assertEqual(facts["Companies"], self.company.name)

    def test_the_workbook_of_what_is_open_adds_up_by_currency(self):
        self._invoice(10, 100.0)
        self._invoice(10, 80.0, currency=self.pounds)
        stream = io.BytesIO()
        self._wizard(self.customer)._write_workbook(stream)
        sheet = openpyxl.load_workbook(stream)["Statement"]
        self.assertEqual((sheet["A5"].value, sheet["I5"].value), ("Open GBP", '=SUMIFS($I$8:$I$9,$B$8:$B$9,"GBP")'))

    def test_from_a_contact_one_gets_to_the_statement_of_its_customer(self):
        contact = self.env["res.partner"].create({"name": "Clerk", "parent_id": self.customer.id})
        self._invoice(10, 100.0)
        profile = self._profile()
        self.assertEqual(contact.action_collection_statement()["context"], {"default_profile_ids": profile.ids})

    def test_a_viewer_prints_and_does_not_send(self):
        self._invoice(10, 100.0)
        wizard = self._wizard(self.customer, user=self._viewer())
        self.assertEqual(wizard.action_print()["report_name"], "account_credit_collection.report_collection_account")
        with self.assertRaises(AccessError):
            wizard.action_mail()

    def test_own_portfolio_prints_no_other_customer(self):
        self._invoice(10, 100.0)
        profile = self._profile()
        collector = self._viewer("group_collector")
        collector.group_ids += self.env.ref("account_credit_collection.group_own_portfolio")
        Report = self.env["report.account_credit_collection.report_collection_account"].with_user(collector)
        with self.assertRaises(AccessError):
            Report._get_report_values([], {"profiles": profile.ids})
        profile.collector_id = collector
        self.assertEqual(list(Report._get_report_values([], {"profiles": profile.ids})["letters"]), profile.ids)

    def test_a_mail_is_queued_with_the_paper_and_who_has_no_address_is_named(self):
        silent = self._customer("Silent", email=False)
        self._invoice(10, 100.0)
        self._invoice(10, 50.0, partner=silent)
        wizard = self._wizard(self.customer, silent)
        answer = self._mail(wizard)
        mail = self.env["mail.mail"].search([("email_to", "=", "northwind@customer.example")], order="id desc", limit=1)
        self.assertEqual((mail.state, mail.attachment_ids.mapped("raw")), ("outgoing", [b"%PDF-1.4 statement"]))
        self.assertIn("statement of account", mail.subject)
        self.assertEqual(answer["params"]["message"], "1 statement is on its way. No usable e-mail address: Silent.")
        self.assertFalse(self.env["mail.mail"].search([("email_to", "ilike", "silent")]))

    def test_a_second_click_mails_nothing_twice(self):
        self._invoice(10, 100.0)
        mails = self.env["mail.mail"].search_count([])
        self.assertEqual(self._mail(self._wizard(self.customer))["params"]["message"], "1 statement is on its way.")
        answer = self._mail(self._wizard(self.customer))["params"]["message"]
        self.assertIn("No statement was mailed. Mailed the same statement today, and not once more: Northwind.", answer)
        self.assertEqual(self.env["mail.mail"].search_count([]), mails + 1)
        self._mail(self._wizard(self.customer, kind="moves", first=self._due(60)))  # another statement
        self._mail(self._wizard(self.customer, again=True))  # asked for
        self.assertEqual(self.env["mail.mail"].search_count([]), mails + 3)

    def test_the_same_statement_is_mailed_again_on_another_day(self):
        self._invoice(10, 100.0)
        self._mail(self._wizard(self.customer))
        mails, day = self.env["mail.mail"].search_count([]), self.today + timedelta(days=1)
        with patch.object(type(self.env["res.company"]), "_collection_today", lambda _self: day):
            self._mail(self._wizard(self.customer))
        self.assertEqual(self.env["mail.mail"].search_count([]), mails + 1)

    def test_two_statements_are_told_as_two(self):
        self._invoice(10, 100.0)
        second = self._customer("Second")
        self._invoice(10, 50.0, partner=second)
        self.assertEqual(self._mail(self._wizard(self.customer, second))["params"]["message"], "2 statements are on their way.")

    def _mail(self, wizard):
        """Send, without the PDF engine."""
        with patch.object(type(self.env["collection.channel"]), "_statement_files",
                          lambda _self, some, _data: dict.fromkeys(some.ids, b"%PDF-1.4 statement")):
            return wizard.action_mail()


@tagged("post_install", "-at_install")
class TestStatementPage(StatementCommon, HttpCase):

    def test_the_workbook_is_for_who_asked_for_it(self):
        self._invoice(10, 100.0)
        viewer = self._viewer()
        wizard = self._wizard(self.customer, user=viewer)
        self.authenticate(viewer.login, "statement-test")
        answer = self.url_open(wizard.action_xlsx()["url"])
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(openpyxl.load_workbook(io.BytesIO(answer.content)).sheetnames[0], "Statement")
        self.authenticate(self._viewer("group_collector").login, "statement-test")
        self.assertEqual(self.url_open(f"/collections/statements/{wizard.id}.xlsx").status_code, 404)
