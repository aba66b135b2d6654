import io
import json
from datetime import date, datetime, timedelta
from unittest.mock import patch

import openpyxl
from dateutil.relativedelta import relativedelta

from odoo.exceptions import AccessError, ConcurrencyError, UserError
from odoo.fields import Command
from odoo.http import Request
from odoo.tests import BaseCase, HttpCase, tagged

from odoo.addons.account_credit_collection.reports.collection_export_tables import EXPORTS
from odoo.addons.account_credit_collection.reports.collection_export_words import OPERATORS, read_domain
from odoo.addons.account_credit_collection.reports.xlsx import Book, Column, Formula, Money, Table

from .common import CollectionCommon

CONTROLLER = "odoo.addons.account_credit_collection.controllers.report"
EURO, YEN = Money("EUR", "€", False, 2), Money("JPY", "¥", True, 0)
COLUMNS = [Column("Customer", "text", 20), Column("Due", "date"), Column("Days", "integer"), Column("Open", "amount", 14, 4, "What is open."),
           Column("Currency", "text", 6)]


# Clicks on “Excel with totals” and waits until the file is there.
MENU = """
(async () => {
    const wait = async (find) => {
        for (let turn = 0; turn < 200; turn++) {
            if (document.querySelector(".o_error_dialog")) { throw new Error("the client shows an error"); }
            const found = find();
            if (found) { return found; }
            await new Promise((done) => setTimeout(done, 50));
        }
        throw new Error("waited in vain for " + find);
    };
    let saved = "";
    document.querySelector(".o_cp_action_menus button").click();
    (await wait(() => document.querySelector(".o_collection_export"))).click();
    HTMLAnchorElement.prototype.click = function () { saved = this.getAttribute("download"); };
    await wait(() => saved.startsWith("Customers "));
    console.log("test successful");
})();
"""


def read(raw):
    return openpyxl.load_workbook(io.BytesIO(raw))


def write(rows, totals, by=None, columns=COLUMNS, date_format="%d/%m/%Y"):
    """A workbook of one table and its parameters."""
    stream = io.BytesIO()
    with Book(stream, date_format, [EURO, YEN], "Ann") as book:
        book.add_table(Table("Ageing: [open]", "Ageing", "as of today", columns, len(rows), totals, by, "Total"), iter(rows))
        book.add_parameters("Parameters", [("As of", date(2026, 3, 31)), ("Written on", datetime(2026, 4, 1, 9, 30)), ("Rows", len(rows))],
                            ("Column", "What it means"), [(column.label, column.help) for column in columns])
    return read(stream.getvalue())


class TestXlsx(BaseCase):
    """A workbook as a person gets it."""

    ROWS = [["Northwind", date(2026, 3, 1), 30, 100.25, "EUR"], ["Contoso", date(2026, 3, 21), 10, 50.5, "EUR"]]

    def test_dates_are_dates_and_amounts_are_numbers_of_their_currency(self):
        sheet = write(self.ROWS, [("EUR", {3: 150.75})]).worksheets[0]
        self.assertEqual(sheet["A6"].value, "Customer")
        self.assertEqual((sheet["B7"].value, sheet["B7"].number_format), (datetime(2026, 3, 1), "dd/mm/yyyy"))
        self.assertEqual((sheet["C7"].value, sheet["D7"].value), (30, 100.25))
        self.assertEqual(sheet["D7"].number_format, '#,##0.00\\ "€"')

    def test_the_header_is_frozen_and_filters_and_the_total_above_it_follows_the_filter(self):
        sheet = write(self.ROWS, [("EUR", {3: 150.75})]).worksheets[0]
        self.assertEqual((sheet.freeze_panes, sheet.auto_filter.ref), ("A7", "A6:E8"))
        self.assertEqual((sheet["A4"].value, sheet["D4"].value), ("Total EUR", "=SUBTOTAL(109,$D$7:$D$8)"))

    def test_two_currencies_are_never_added_up(self):
        sheet = write([*self.ROWS, ["Sakura", date(2026, 3, 1), 30, 9000.0, "JPY"]], [("EUR", {3: 150.75}), ("JPY", {3: 9000})], by=4).worksheets[0]
        self.assertEqual(sheet["D4"].value, '=SUMIFS($D$8:$D$10,$E$8:$E$10,"EUR")')
        self.assertEqual(sheet["D5"].value, '=SUMIFS($D$8:$D$10,$E$8:$E$10,"JPY")')
        self.assertEqual((sheet["D10"].number_format, sheet["D5"].number_format), ('"¥"\\ #,##0', '"¥"\\ #,##0'))

    def test_a_name_like_a_formula_a_link_or_a_number_stays_text(self):
        names = ['=HYPERLINK("http://evil.example","Pay")', "+1+1", "-2", "@SUM(A1)", "007", "http://evil.example", "\t=1", "x" * 40_000]
        sheet = write([[name, None, None, None, "EUR"] for name in names], []).worksheets[0]
        cells = [sheet.cell(row, 1) for row in range(5, 5 + len(names))]
        self.assertEqual([cell.data_type for cell in cells], ["s"] * len(names))
        self.assertEqual([cell.value for cell in cells[:-1]], names[:-1])
        self.assertEqual(len(cells[-1].value), 32_767)
        self.assertFalse([cell for cell in cells if cell.hyperlink])

    def test_a_formula_of_a_row_knows_its_row_and_the_one_above(self):
        columns = [Column("Charged", "amount", 10, "EUR"), Column("Balance", "amount", 10, "EUR")]
        sheet = write([[None, 10.0], [5.0, Formula("=B{before}+A{row}", 15)]], [], columns=columns).worksheets[0]
        self.assertEqual((sheet["B5"].value, sheet["B6"].value), (10, "=B5+A6"))

    def test_the_last_sheet_says_what_the_first_one_shows(self):
        book = write(self.ROWS, [])
        self.assertEqual(book.sheetnames, ["Ageing   open", "Parameters"])
        facts = {row[0].value: row[1].value for row in book["Parameters"].iter_rows(min_row=3) if row[0].value}
        self.assertEqual(facts, {"As of": datetime(2026, 3, 31), "Written on": datetime(2026, 4, 1, 9, 30), "Rows": 2, "Column": "What it means",
                                 "Customer": None, "Due": None, "Days": None, "Open": "What is open.", "Currency": None})

    def test_an_empty_table_has_its_header_and_no_total(self):
        sheet = write([], [("EUR", {3: 0})]).worksheets[0]
        self.assertEqual((sheet["A4"].value, sheet.max_row, sheet.freeze_panes), ("Customer", 4, "A5"))


class ExportCommon(CollectionCommon):

    def _user(self, *groups, company=None):
        login = f"reader.{len(groups)}.{(company or self.company).id}.test"
        return self.env["res.users"].with_context(no_reset_password=True).create({
            "name": "Reader", "login": login, "password": login,
            "company_id": (company or self.company).id, "company_ids": [Command.set((company or self.company).ids)],
            "group_ids": [Command.set([self.env.ref(f"account_credit_collection.{group}").id for group in groups]
                                      or self.env.ref("base.group_user").ids)]})

    def _rows(self, book):
        """The rows of the first sheet, by the labels of their columns."""
        lines = list(book.worksheets[0].iter_rows(values_only=True))
        head = next(place for place, line in enumerate(lines) if "Customer" in line)
        return [dict(zip(lines[head], line)) for line in lines[head + 1:]]


@tagged("post_install", "-at_install")
class TestExport(ExportCommon):
    """A list as a workbook: the same rows, day and rights as on the screen."""

    def _export(self, user=None, domain=(), day=None, model="collection.ageing"):
        stream = io.BytesIO()
        env = self.env(user=user or self.env.user, context={"allowed_company_ids": self.company.ids, "lang": "en_US"})
        records = env[model].with_context(collection_day=day) if day else env[model]
        env["collection.export"]._write_workbook(records, list(domain), stream)
        return read(stream.getvalue())

    def test_each_list_names_fields_that_there_are(self):
        for model, export in EXPORTS.items():
            with self.subTest(model=model):
                self.assertIn(model, self.env)
                self.assertEqual([name for name in (*export.names, *export.totals) if name not in self.env[model]._fields], [])
                self._export(model=model)

    def test_the_ageing_as_of_a_day_and_its_total(self):
        self._invoice(10, 100.0)
        paid = self._invoice(40, 250.5, partner=self._customer("Contoso"))
        self._pay(paid)
        book = self._export(domain=[("partner_id.name", "in", ["Northwind", "Contoso"])], day=self._due(1).isoformat())
        self.assertEqual([(row["Customer"], row["Open"], row["Days late by contract"], row["Class by contract"]) for row in self._rows(book)],
                         [("Contoso", 250.5, 39, "31–60 days late"), ("Northwind", 100, 9, "1–30 days late")])
        self.assertIn("=SUBTOTAL(109,$Q$7:$Q$8)", [cell.value for cell in book.worksheets[0][4]])
        today = self._export(domain=[("partner_id.name", "in", ["Northwind", "Contoso"])])
        self.assertEqual([row["Customer"] for row in self._rows(today)], ["Northwind"])

    def test_a_customer_named_like_a_formula_stays_text(self):
        self._invoice(10, partner=self._customer('=HYPERLINK("http://evil.example")'))
        book = self._export(domain=[("partner_id.name", "like", "HYPERLINK")])
        cell = next(cell for row in book.worksheets[0].iter_rows(min_row=6) for cell in row if "HYPERLINK" in str(cell.value))
        self.assertEqual((cell.data_type, cell.value), ("s", '=HYPERLINK("http://evil.example")'))

    def test_more_rows_than_a_batch_come_out_complete(self):
        self.env["res.partner"].create([{"name": f"Many {number}"} for number in range(2_100)])
        profiles = self.env["credit.profile"]._ensure(self.company, self.env["res.partner"].search([("name", "like", "Many ")]))
        rows = self._rows(self._export(domain=[("id", "in", profiles.ids)], model="credit.profile"))
        self.assertEqual(sorted(row["Customer"] for row in rows), sorted(f"Many {number}" for number in range(2_100)))

    def test_who_sees_own_customers_only_takes_out_no_others(self):
        mine, other = self._customer("Mine"), self._customer("Other")
        for partner in (mine, other):
            self._invoice(10, partner=partner)
        collector = self._user("group_collector", "group_own_portfolio")
        self._profile(mine).collector_id = collector
        self._profile(other)
        self.assertEqual({row["Customer"] for row in self._rows(self._export(collector))}, {"Mine"})

    def test_without_the_right_nothing_is_taken_out(self):
        with self.assertRaises(AccessError):
            self._export(self._user())
        with self.assertRaisesRegex(UserError, "no workbook"):
            self._export(model="res.partner")

    def test_the_filter_is_told_in_words(self):
        segment = self.env["credit.segment"].search([], limit=1)
        lines = read_domain(self.env["collection.ageing"], [
            ("segment_id", "=", segment.id), ("bucket", "in", ["b30", "over"]), ("due", "<=", date(2026, 3, 31)),
            "|", ("partner_id.name", "ilike", "north"), ("amount", ">", 100)])
        self.assertEqual(sorted(lines), sorted([
            f"Segment is {segment.display_name}", "Class by contract is 1–30 days late, Over 90 days late", "Due by contract is on or before 03/31/2026",
            "any of: Customer › Name contains “north”; Open is more than 100"]))
        self.assertEqual(read_domain(self.env["collection.ageing"], []), ["none: all rows"])

    def test_a_condition_on_the_parts_of_a_record_is_a_sentence_too(self):
        ageing = self.env["collection.ageing"]
        self.assertEqual(read_domain(ageing, [("partner_id", "any", [("name", "ilike", "north"), ("email", "!=", False)])]),
                         ["Customer fits: Name contains “north”; Email is not empty"])
        self.assertEqual(read_domain(ageing, [("document", "=ilike", "INV%")]), ["Document matches “INV%”"])
        with patch.dict(OPERATORS):
            del OPERATORS["=ilike"]
            self.assertEqual(read_domain(ageing, [("document", "=ilike", "INV%")]), ["Document: =ilike INV%"])

    def test_a_filter_does_not_tell_names_that_its_reader_may_not_see(self):
        second = self.setup_other_company(name="Third Ltd")["company"]
        secret = self._customer("Secret", company_id=second.id)
        bank = self.env["res.partner.bank"].create({"partner_id": secret.id, "acc_number": "SECRET 42", "company_id": second.id})
        env = self.env(user=self._user("group_viewer"), context={"allowed_company_ids": self.company.ids, "lang": "en_US"})
        for condition in (("partner_id", "=", secret.id), ("partner_id.bank_ids", "=", bank.id), ("collector_id.company_ids", "in", second.ids)):
            with self.subTest(condition=condition):
                line = read_domain(env["collection.ageing"], [condition])[0]
                self.assertTrue(line.endswith(f" is {condition[2] if isinstance(condition[2], int) else second.id}"), line)
        self.assertEqual(read_domain(env["collection.ageing"], [("partner_id", "=", self.customer.id)]), ["Customer is Northwind"])

    def test_reports_are_about_days_of_this_age(self):
        ageing = self.env["collection.ageing"]
        self.assertEqual(ageing._at(date(1, 1, 1)).env.context["collection_day"], "0001-01-01")
        last = self.today + relativedelta(years=10)
        for day in (date(1, 1, 1), date(1999, 12, 31), last + timedelta(days=1), date(9999, 12, 31)):
            with self.subTest(day=day), self.assertRaisesRegex(UserError, "from 01/01/2000 to"):
                ageing._at(day)._report_day()
        for day in (date(2000, 1, 1), last):
            self.assertEqual(ageing._at(day)._report_day(), day)


@tagged("post_install", "-at_install")
class TestExportPage(ExportCommon, HttpCase):
    """The address behind the menu “Excel with totals”."""

    def _post(self, **values):
        return self.url_open("/collections/export.xlsx", data={
            "csrf_token": Request.csrf_token(self), "model": "collection.ageing", "domain": "[]", "companies": str(self.company.id), **values})

    def test_a_viewer_gets_the_file_and_a_stranger_does_not(self):
        self._invoice(10, 100.0)
        viewer = self._user("group_viewer")
        self.authenticate(viewer.login, viewer.login)
        answer = self._post(domain=json.dumps([["partner_id", "=", self.customer.id]]), day=self.today.isoformat())
        self.assertEqual(answer.status_code, 200)
        self.assertIn(f"Ageing%20{self.today.isoformat()}.xlsx", answer.headers["Content-Disposition"])
        self.assertEqual([row["Open"] for row in self._rows(read(answer.content))], [100])
        user = self._user()
        self.authenticate(user.login, user.login)
        self.assertEqual(self._post().status_code, 403)

    def test_the_menu_of_the_list_takes_the_rows_out(self):
        self._invoice(10, 100.0)
        self._profile()
        viewer = self._user("group_viewer")
        asked = []

        def write(export, records, domain, stream):
            asked.append((records._name, records.env.user.name, records.search_count(domain)))
            return original(export, records, domain, stream)

        Export = type(self.env["collection.export"])
        original = Export._write_workbook
        with patch.object(Export, "_write_workbook", write):
            self.browser_js("/odoo/action-account_credit_collection.credit_profile_action", MENU, "!!document.querySelector('.o_cp_action_menus button')",
                            login=viewer.login)
        self.assertEqual([row[:2] for row in asked], [("credit.profile", "Reader")])

    def test_what_cannot_be_read_is_told_and_nothing_breaks(self):
        user = self._user("group_viewer")
        self.authenticate(user.login, user.login)
        for values, words in (({"domain": "[["}, "The filter of this list cannot be read"), ({"domain": '[["nosuch", "=", 1]]'}, "The filter of this list cannot be read"),
                              ({"day": "yesterday"}, "is no day"), ({"day": "0001-01-01"}, "Reports are about days from"),
                              ({"day": "9999-12-31"}, "Reports are about days from"), ({"model": "res.users"}, "no workbook"),
                              ({"model": "nosuch"}, "no workbook"), ({"model": ""}, "no workbook")):
            with self.subTest(values=values), self.assertNoLogs(CONTROLLER, "ERROR"):
                answer = self._post(**values)
                self.assertIn(answer.status_code, (400, 403))
                self.assertIn("Odoo Server Error", answer.text)
                self.assertNotIn("Traceback", answer.text)
                self.assertIn(words, answer.text)

    def test_what_nobody_expected_is_in_the_log(self):
        user = self._user("group_viewer")
        self.authenticate(user.login, user.login)

        def write(*_args):
            raise RuntimeError("the disk is full")

        with patch.object(type(self.env["collection.export"]), "_write_workbook", write), self.assertLogs(CONTROLLER, "ERROR") as log:
            self.assertEqual(self._post().status_code, 500)
        self.assertIn("RuntimeError (", log.output[0])

    def test_what_another_user_was_in_the_way_of_is_tried_again(self):
        user = self._user("group_viewer")
        self.authenticate(user.login, user.login)
        Export = type(self.env["collection.export"])
        original, tries = Export._write_workbook, []

        def write(*args):
            tries.append(1)
            if len(tries) == 1:
                raise ConcurrencyError("somebody else was first")
            return original(*args)

        with patch.object(Export, "_write_workbook", write), patch("odoo.service.model.time.sleep"):
            self.assertEqual(self._post().status_code, 200)
        self.assertEqual(len(tries), 2)

    def test_a_company_that_is_not_the_users_is_refused(self):
        self._invoice(10, 100.0)
        second = self.setup_other_company(name="Third Ltd")["company"]
        user = self._user("group_viewer", company=second)
        self.authenticate(user.login, user.login)
        answer = self._post(companies=str(self.company.id))
        self.assertEqual(answer.status_code, 403)
        self.assertIn("AccessError", answer.text)
