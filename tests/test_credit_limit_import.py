import base64
import contextlib
import io
import struct
import zipfile
from datetime import date, datetime, timedelta
from unittest.mock import patch

import openpyxl
import xlsxwriter

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools.translate import code_translations

from .credit import CreditCommon

MODULE = "account_credit_collection"
HEADERS = ("Customer", "Kind", "Credit", "Amount", "Ceiling", "From", "Until and including", "Reason")
PARSER = f"odoo.addons.{MODULE}.models.credit_limit_sheet"


def workbook(*rows, headers=HEADERS, hidden=(), extra=()):
    """A workbook as a spreadsheet program writes it; dates and numbers are real cells."""
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, {"in_memory": True, "default_date_format": "dd/mm/yyyy", "strings_to_formulas": False,
                                      "nan_inf_to_errors": True}) as book:
        for name in hidden:
            book.add_worksheet(name).hide()
        sheet = book.add_worksheet("Limits")
        sheet.activate()
        sheet.set_first_sheet()
        for number, row in enumerate((headers, *rows)):
            for place, value in enumerate(row):
                if value is not None:
                    sheet.write(number, place, value)
        for number, place, formula, value in extra:
            sheet.write_formula(number, place, formula, value=value)
    return output.getvalue()


def repacked(raw, **changes):
    """The archive with parts changed or added; None takes one out."""
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in changes:
                new.writestr(name, old.read(name))
        for name, value in changes.items():
            if value is not None:
                new.writestr(name, value)
    return output.getvalue()


class ImportCommon(CreditCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["credit.authority"].sudo().search([("company_id", "=", cls.company.id)]).unlink()
        cls.env["credit.authority"].sudo().create({
            "company_id": cls.company.id, "group_id": cls.env.ref(f"{MODULE}.group_manager").id, "amount": 50000, "own_amount": 5000})
        cls.manager, cls.collector, cls.viewer = (cls._person(name) for name in ("manager", "collector", "viewer"))

    @classmethod
    def _person(cls, group, **values):
        return new_test_user(cls.env(su=True), login=f"import_{group}", groups=f"{MODULE}.group_{group}", **{
            "company_id": cls.company.id, "company_ids": [Command.set(cls.company.ids)], **values})

    def _wizard(self, *rows, user=None, lang=None, raw=None, **options):
        Wizard = self.env["credit.limit.import.wizard"].with_user(user or self.manager).with_context(lang=lang or "en_US")
        return Wizard.create({"company_id": self.company.id, "file_name": "limits.xlsx",
                              "file": base64.b64encode(workbook(*rows, **options) if raw is None else raw)})

    def _previewed(self, *rows, **options):
        wizard = self._wizard(*rows, **options)
        wizard.action_preview()
        return wizard

    def _outcomes(self, *rows, **options):
        return self._previewed(*rows, **options).line_ids.mapped("outcome")

    def _problem(self, *row, **options):
        """What is wrong with the only line, empty when nothing is."""
        return self._previewed(row, **options).line_ids.problem or ""

    def _refused(self, raw):
        """The sentence a file is refused with."""
        with self.assertRaises(UserError) as caught:
            self._wizard(raw=raw).action_preview()
        return str(caught.exception)


@tagged("post_install", "-at_install")
class TestCreditLimitImport(ImportCommon):
    """A list of limits: what each line means, what is shown of it, and what is written."""

    # ------------------------------------------------------------------ a good list

    def test_a_preview_writes_nothing_and_the_import_all_of_it(self):
        southwind = self._customer("Southwind")
        profile = self._grant(1000).profile_id
        before = self.env["credit.limit"].search_count([])
        wizard = self._previewed(
            ("Northwind", None, None, 2500, 4000, None, None, "Grew"), ("Southwind", "Base", "Prepayment only"),
            ("Southwind", "Temporary", None, 700, None, None, self.today + timedelta(days=30)))
        self.assertEqual(self.env["credit.limit"].search_count([]), before)
        self.assertFalse(self.env["credit.profile"].search([("partner_id", "=", southwind.id)]))
        self.assertRecordValues(wizard.line_ids, [
            {"number": 2, "customer": "Northwind", "kind": "base", "outcome": "approved"},
            {"number": 3, "customer": "Southwind", "kind": "base", "outcome": "approved"},
            {"number": 4, "customer": "Southwind", "kind": "temporary", "outcome": "approved"}])
        self.assertIn("1,000.00", wizard.line_ids[0].now)
        self.assertIn("2,500.00", wizard.line_ids[0].new)
        action = wizard.action_import()
        lines = self.env["credit.limit"].search(action["params"]["next"]["domain"], order="id")
        self.assertRecordValues(lines.sorted(lambda line: (line.profile_id.partner_id.name, line.id)), [
            {"kind": "base", "meaning": "amount", "amount": 2500, "cap": 4000, "source": "import", "state": "approved", "reason": "Grew"},
            {"kind": "base", "meaning": "prepay", "amount": 0, "cap": 0, "source": "import", "state": "approved",
             "reason": "Imported from limits.xlsx"},
            {"kind": "temporary", "meaning": "amount", "amount": 700, "cap": 0, "source": "import", "state": "approved",
             "reason": "Imported from limits.xlsx"}])
        self.assertEqual(lines[0].requested_by, self.manager)
        self.assertEqual(profile.limit_amount, 2500)
        self.assertEqual(self._profile(southwind).limit_amount, 700)

    def test_the_same_list_a_second_time_changes_nothing(self):
        rows = [("Northwind", "Base", "Amount", 2500, 4000, self.today, None, "Grew"),
                ("Northwind", "Base", "Amount", 3000, 4000, self.today + timedelta(days=60), None, "Grows"),
                ("Northwind", "Temporary", "Amount", 4000, None, self.today, self.today + timedelta(days=5), "Fair"),
                ("Northwind", "Insured or guaranteed", "Amount", 100, None, None, None, "Insured")]
        for user in (self.manager, self.collector):
            with self.subTest(user.login):
                rows = [(*row[:3], row[3] + 10, *row[4:]) if row[3] < 4000 else row for row in rows]
                self._previewed(*rows, user=user).action_import()
                again = self._previewed(*rows, user=user)
                self.assertEqual(set(again.line_ids.mapped("outcome")), {"nothing"})
                self.assertIn("decided already" if user == self.manager else "waits already", again.line_ids[1].new)
                with self.assertRaisesRegex(UserError, "Nothing in this workbook"):
                    again.action_import()

    def test_what_changed_since_the_preview_is_shown_again_before_anything_is_written(self):
        wizard = self._previewed(("Northwind", None, None, 2500))
        self._grant(2500)
        count = self.env["credit.limit"].search_count([])
        self.assertEqual(wizard.action_import()["res_id"], wizard.id)
        self.assertIn("has changed", wizard.warning)
        self.assertEqual((wizard.nothing_count, self.env["credit.limit"].search_count([])), (1, count))

    def test_a_template_with_the_limits_of_now_changes_nothing(self):
        today = self.today
        self._grant(1000, cap=5000)
        self._grant(200, kind="insured", date_to=today + timedelta(days=9))
        self._grant(900, partner=self._customer("Expired"), date_from=today - timedelta(days=9), date_to=today - timedelta(days=1))
        self._grant(None, partner=self._customer("Without"))
        self._profile(self._customer("Nothing decided"))
        self.env["credit.limit"]._record(self._profile(), {"amount": 8000.0, "reason": "More"}, "proposed")
        wizard = self._wizard()
        self.assertEqual(wizard.action_template()["target"], "self")
        raw = base64.b64decode(wizard.template_file)
        book = openpyxl.load_workbook(io.BytesIO(raw))
        self.assertEqual(book.sheetnames, ["Credit limits", "How to"])
        cells = [cell for row in book.worksheets[0].iter_rows(min_row=2) for cell in row if cell.value is not None]
        self.assertFalse([cell.coordinate for cell in cells if cell.data_type == "f"])
        self.assertEqual({type(cell.value) for cell in cells if cell.column_letter == "J" or cell.column_letter == "I"}, {datetime})
        outcomes = self._previewed(raw=raw).line_ids
        self.assertGreaterEqual(len(outcomes), 5)
        self.assertEqual(set(outcomes.mapped("outcome")), {"nothing"}, outcomes.mapped("problem"))

    def test_an_empty_template_is_filled_in_and_read(self):
        wizard = self._wizard()
        wizard.template_choice = "empty"
        wizard.action_template()
        book = openpyxl.load_workbook(io.BytesIO(base64.b64decode(wizard.template_file)))
        sheet = book.worksheets[0]
        self.assertEqual(sheet.max_row, 1)
        sheet.cell(2, 1, self.customer.id)
        sheet.cell(2, 7, 1200)
        output = io.BytesIO()
        book.save(output)
        self.assertEqual(self._previewed(raw=output.getvalue()).line_ids.mapped("outcome"), ["approved"])

    def test_a_name_like_a_formula_stays_text_in_the_template(self):
        self._profile(self._customer("=HYPERLINK(\"http://x\")"))
        wizard = self._wizard()
        wizard.action_template()
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(wizard.template_file))) as archive:
            self.assertNotIn(b"<f>", archive.read("xl/worksheets/sheet1.xml"))
            self.assertIn(b"=HYPERLINK", archive.read("xl/sharedStrings.xml"))
        self.assertEqual(self._outcomes(("=HYPERLINK(\"http://x\")", None, None, 5)), ["approved"])

    # ------------------------------------------------------------------ languages

    def test_a_list_in_french_with_french_words_numbers_and_dates(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env["res.lang"]._lang_get("fr_FR").write({"date_format": "%d/%m/%Y", "thousands_sep": "\u202f", "decimal_point": ","})
        words = {"Customer": "Client", "Kind": "Type", "Credit": "Crédit", "Amount": "Montant", "Until and including": "Jusqu'au"}
        last = date(self.today.year + 1, 12, 31)
        with self._translated("fr_FR", words, {"Temporary": "Temporaire", "Amount": "Somme"}):
            wizard = self._previewed(
                ("Northwind", "temporaire", "somme", "1\u202f234,50 $", "31/12/%s" % last.year),
                ("Northwind", "base", "amount", "1 500", "31.12.99"), ("Northwind", "Insured or guaranteed", None, "12.50", last.isoformat()),
                headers=("client", "TYPE *", "Crédit", "montant", "jusqu'au"), lang="fr_FR")
        self.assertEqual(wizard.line_ids.mapped("outcome"), ["approved", "error", "approved"])
        wizard.skip_errors = True
        with self._translated("fr_FR", words, {"Temporary": "Temporaire", "Amount": "Somme"}):
            wizard.action_import()
        self.assertRecordValues(self._profile().limit_ids.sorted("id"), [
            {"kind": "temporary", "amount": 1234.5, "date_to": last}, {"kind": "insured", "amount": 12.5, "date_to": last}])

    @contextlib.contextmanager
    def _translated(self, lang, headers, labels):
        """A translation of the headers and of some choices."""
        self.env.ref(f"{MODULE}.selection__credit_limit__kind__temporary").with_context(lang=lang).name = labels["Temporary"]
        self.env.ref(f"{MODULE}.selection__credit_limit__meaning__amount").with_context(lang=lang).name = labels["Amount"]
        self.env.flush_all()
        self.env.registry.clear_cache("stable")
        with patch.dict(code_translations.python_translations, {(MODULE, lang): headers}):
            yield

    def test_german_numbers_are_read_as_a_german_means_them(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.env["res.lang"]._lang_get("de_DE").write({"date_format": "%d.%m.%Y", "thousands_sep": ".", "decimal_point": ","})
        for text, amount in (("1.234", 1234), ("1.234,5", 1234.5), ("1234.50", 1234.5), ("1 234,50", 1234.5), ("0,5", 0.5)):
            with self.subTest(text):
                wizard = self._previewed(("Northwind", "base", "amount", text), lang="de_DE", headers=HEADERS[:4])
                self.assertIn(wizard.company_id.currency_id.with_context(lang="de_DE").format(amount), wizard.line_ids.new)

    # ------------------------------------------------------------------ bad cells

    def test_bad_cells_are_named_in_plain_words(self):
        today, day = self.today, timedelta(days=1)
        cases = [
            ((None, None, None, 5), "customer is missing"), (("Nobody", None, None, 5), "No customer"),
            (("x" * 300, None, None, 5), "longer than 250"), (("North\u202ewind", None, None, 5), "invisible"),
            (("Northwind", "Basis", None, 5), "“Basis” is not known"), (("Northwind", 7, None, 5), "“7” is not known"),
            (("Northwind", None, "lots", 5), "Prepayment only"), (("Northwind", None, "Amount"), "amount is missing"),
            (("Northwind", None, "Amount", 0), "amount of 0"), (("Northwind", None, "No limit", 5), "does not go with"),
            (("Northwind", None, None, -1), "negative"), (("Northwind", None, None, "-1"), "negative"),
            (("Northwind", None, None, "1,2,3"), "“1,2,3” is not an amount"), (("Northwind", None, None, "1.234,56"), "is not an amount"),
            (("Northwind", None, None, "1e5"), "is not an amount"), (("Northwind", None, None, "NaN"), "is not an amount"),
            (("Northwind", None, None, "1_000"), "is not an amount"), (("Northwind", None, None, "(100)"), "is not an amount"),
            (("Northwind", None, None, "JPY 100"), "is not an amount"), (("Northwind", None, None, True), "is not an amount"),
            (("Northwind", None, None, 1e15), "too large"), (("Northwind", None, None, "9" * 40), "too large"),
            (("Northwind", None, None, 1.005), "2 decimals"), (("Northwind", None, None, "#REF!"), "no result"),
            (("Northwind", None, None, datetime(2026, 1, 1)), "is not an amount"), (("Northwind", None, None, 10, 5), "above the ceiling"),
            (("Northwind", "Temporary", None, 10, 50, None, today + day), "ceiling goes with"),
            (("Northwind", "Temporary", None, 10), "needs a last day"), (("Northwind", None, None, 10, None, "31/02/2027"), "not a date"),
            (("Northwind", None, None, 10, None, 46000), "not a date"), (("Northwind", None, None, 10, None, "soon"), "not a date"),
            (("Northwind", None, None, 10, None, date(1900, 5, 1)), "not a date"), (("Northwind", None, None, 10, None, "0001-01-01"), "not a date"),
            (("Northwind", None, None, 10, None, today + 2 * day, today + day), "ends before"),
            (("Northwind", None, None, 10, None, None, today - day), "ended on"),
            (("Northwind", None, None, 10, None, None, None, "x" * 251), "longer than 250"),
            (("Northwind", None, None, 10, None, None, None, "=1+1"), "must not begin with ="),
            (("Northwind", None, None, 10, None, None, None, "\t +1"), "must not begin with +"),
            (("Northwind", None, None, 10, None, None, None, "-1"), "must not begin with -"),
            (("Northwind", None, None, 10, None, None, None, "@SUM(A1)"), "must not begin with @"),
        ]
        for row, expected in cases:
            with self.subTest(str(row)):
                self.assertIn(expected, self._problem(*row))

    def test_good_cells_of_every_kind_are_understood(self):
        year = self.today.year + 1
        for row in ((1000.1 + 0.2,), ("1,234.50",), ("$ 1,000",), ("1000 USD",), ("1 000",), (" 5 ",), ("١٢٣",), (5, None, f"03/04/{year}"),
                    (5, None, f"{year}-04-03"), (5, None, f"{year}-04-03 00:00:00"), (5, None, datetime(year, 4, 3, 15))):
            with self.subTest(str(row)):
                self.assertEqual(self._problem("Northwind", None, None, *row), "")

    def test_several_things_wrong_with_a_line_are_all_said_at_once(self):
        problem = self._problem("Nobody", "Basis", None, "x", None, "soon")
        for expected in ("No customer", "Basis", "not an amount", "not a date"):
            self.assertIn(expected, problem)

    def test_a_formula_counts_by_its_result_and_not_without_one(self):
        row = ("Northwind", None, None, None)
        good = self._previewed(row, extra=[(1, 3, "=500*2", 1000)])
        self.assertEqual(good.line_ids.mapped("outcome"), ["approved"])
        self.assertIn("1,000.00", good.line_ids.new)
        raw = workbook(("Northwind", None, None, 10, None, None), extra=[(1, 6, "=TODAY()+5", 0)])
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            sheet = archive.read("xl/worksheets/sheet1.xml")
        raw = repacked(raw, **{"xl/worksheets/sheet1.xml": sheet.replace(b"</f><v>0</v>", b"</f>")})
        self.assertIn("no result", self._previewed(raw=raw).line_ids.problem)

    def test_a_ceiling_left_empty_stays_and_0_takes_it_away(self):
        self._grant(1000, cap=2000)
        self._grant(100, kind="temporary", date_to=self.today)
        self.assertIn("above the approved ceiling", self._problem("Northwind", None, None, 2500))
        self._previewed(("Northwind", None, None, 1500)).action_import()
        self.assertEqual(self._profile().cap_amount, 2000)
        self._previewed(("Northwind", None, None, 1500, 0)).action_import()
        self.assertEqual(self._profile().cap_amount, 0)

    def test_two_lines_about_the_same_limit_are_one_too_many(self):
        wizard = self._previewed(("Northwind", None, None, 5), ("Northwind", "Base", None, 7))
        self.assertEqual(wizard.line_ids.mapped("outcome"), ["approved", "error"])
        self.assertIn("Line 2", wizard.line_ids[1].problem)

    def test_lines_with_errors_are_left_out_only_when_told_so(self):
        wizard = self._previewed(("Northwind", None, None, 5), ("Nobody", None, None, 7))
        self.assertEqual((wizard.wanted_count, wizard.error_count), (1, 1))
        with self.assertRaisesRegex(UserError, "Lines with errors: 1"):
            wizard.action_import()
        self.assertFalse(self._profile().limit_ids)
        wizard.skip_errors = True
        wizard.action_import()
        self.assertEqual(self._profile().limit_ids.mapped("amount"), [5])

    # ------------------------------------------------------------------ headers

    def test_columns_are_found_by_any_of_their_names_in_any_order(self):
        for headers in (("Amount", "Customer"), ("amount", "partner_id"), ("AMOUNT *", "customer:"), ("credit_limit", "Name")):
            with self.subTest(headers):
                text = self.customer.id if headers[1] == "partner_id" else "Northwind"
                self.assertEqual(self._outcomes((5, text), headers=headers), ["approved"])

    def test_unknown_columns_are_named_and_missing_or_double_ones_refused(self):
        self.assertIn("Colour", self._previewed(("Northwind", 5, "red"), headers=("Customer", "Amount", "Colour")).warning)
        for headers, expected in ((("Amount",), "no column “Customer”"), (("Customer",), "no column “Amount”"),
                                  (("Customer", "Amount", "Limit"), "two columns")):
            with self.subTest(headers), self.assertRaisesRegex(UserError, expected):
                self._wizard(("Northwind", 5, 5), headers=headers).action_preview()

    def test_empty_lines_and_hidden_sheets_are_passed_over(self):
        wizard = self._previewed((), ("Northwind", None, None, 5), (None, "  "), hidden=("Old",))
        self.assertRecordValues(wizard.line_ids, [{"number": 3, "outcome": "approved"}])

    # ------------------------------------------------------------------ customers

    def test_a_customer_is_found_by_id_reference_tax_number_or_exact_name(self):
        self.customer.write({"ref": "C-001", "vat": "BE0477472701"})
        for text in (self.customer.id, str(self.customer.id), "C-001", "BE 0477.472.701", "be0477472701", "Northwind"):
            with self.subTest(text):
                self.assertEqual(self._outcomes((text, None, None, 5)), ["approved"])
        for text in ("northwin", "C-00", "%", "_orthwind"):
            with self.subTest(text):
                self.assertIn("No customer", self._problem(text, None, None, 5))
        self.assertEqual(self._outcomes((self.customer.id, "C-001", "BE0477472701", "Northwind", 5),
                                        headers=("Customer ID", "Internal reference", "Tax ID", "Customer", "Amount")), ["approved"])

    def test_customers_that_cannot_be_told_apart_are_named(self):
        twin = self._customer("Northwind", ref="T-2")
        problem = self._problem("Northwind", None, None, 5)
        self.assertIn(f"ID {self.customer.id}", problem)
        self.assertIn(f"T-2 · ID {twin.id}", problem)
        other = self._customer("Other", ref=str(self.customer.id))
        self.assertIn(f"ID {other.id}", self._problem(str(self.customer.id), None, None, 5))
        self.assertIn("different customers", self._problem(twin.id, "Other", 5, headers=("Customer ID", "Customer", "Amount")))

    def test_contacts_and_archived_customers_are_no_customers(self):
        contact = self.env["res.partner"].create({"name": "Her name", "parent_id": self.customer.id})
        gone = self._customer("Gone", active=False)
        for partner in (contact, gone):
            with self.subTest(partner.name):
                self.assertIn("No customer", self._problem(partner.id, None, None, 5))

    def test_customers_of_another_company_do_not_exist(self):
        second = self.setup_other_company(name="Second Ltd")["company"]
        foreign = self._customer("Foreign", company_id=second.id, ref="F-1")
        self.manager.company_ids |= second
        for companies in (self.company, self.company | second):
            for text in (foreign.id, "F-1", "Foreign"):
                wizard = self._wizard((text, None, None, 5)).with_context(allowed_company_ids=companies.ids)
                wizard.action_preview()
                with self.subTest(text, companies=companies.ids):
                    self.assertIn("No customer", wizard.line_ids.problem)

    def test_a_customer_of_somebody_elses_portfolio_does_not_exist(self):
        mine, other = self._customer("Mine"), self._customer("Other")
        self.collector.group_ids += self.env.ref(f"{MODULE}.group_own_portfolio")
        self._profile(mine).collector_id = self.collector
        self._profile(other)
        self._customer("Without profile")
        wizard = self._previewed(*((name, None, None, 5) for name in ("Mine", "Other", "Without profile")), user=self.collector)
        self.assertEqual(wizard.line_ids.mapped("outcome"), ["proposed", "error", "error"])

    # ------------------------------------------------------------------ rights

    def test_a_collector_asks_and_a_manager_grants_within_the_matrix(self):
        self._grant(4000, partner=self._customer("Large"))
        rows = [("Northwind", None, None, 5000), ("Large", None, None, 9000)]
        self.assertEqual(self._outcomes(*rows, user=self.collector), ["proposed", "proposed"])
        self.assertEqual(self._outcomes(*rows, user=self.manager), ["approved", "proposed"])
        self.assertEqual(self._outcomes(("Northwind", None, "No limit"), ("Large", None, None, 3999)), ["proposed", "approved"])
        self._previewed(*rows, user=self.collector).action_import()
        self.assertEqual(self._profile().limit_ids.mapped("state"), ["proposed"])
        self.assertEqual(self._profile().limit_amount, 0)
        self.assertEqual(len(self._profile().activity_ids), 1, "somebody is asked to approve")

    def test_viewers_and_people_of_another_company_may_not_import(self):
        with self.assertRaises(AccessError):
            self._wizard(("Northwind", None, None, 5), user=self.viewer)
        wizard = self._wizard(("Northwind", None, None, 5), user=self.collector)
        second = self.setup_other_company(name="Second Ltd")["company"]
        wizard.sudo().company_id = second
        for method in ("action_preview", "action_template", "action_import", "action_reset"):
            with self.subTest(method), self.assertRaises(AccessError):
                getattr(wizard, method)()
            with self.subTest(method), self.assertRaises(AccessError):
                getattr(wizard.with_user(self.viewer), method)()

    def test_a_later_line_of_the_same_customer_counts_after_the_first_one(self):
        self._grant(4900)
        self.env["credit.authority"].sudo().search([("company_id", "=", self.company.id)]).own_amount = 0
        later = self.today + timedelta(days=9)
        self._previewed(("Northwind", None, None, 1000), ("Northwind", None, None, 4800, None, later)).action_import()
        lines = self._profile().limit_ids.filtered(lambda line: line.source == "import").sorted("id")
        self.assertEqual(lines.mapped("state"), ["approved", "proposed"], "4,800 is more than what the first line left")

    def test_the_number_of_queries_does_not_grow_with_the_lines(self):
        for number in range(60):
            self._customer(f"Many {number}")
        counts = []
        for size in (5, 55):
            rows = [(f"Many {number}", None, None, 100) for number in range(size)]
            wizard = self._wizard(*rows)
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            wizard.action_preview()
            counts.append(self.env.cr.sql_log_count - start)
        self.assertLess(counts[1] - counts[0], 5, counts)


@tagged("post_install", "-at_install")
class TestCreditLimitFile(ImportCommon):
    """Files that are no list of limits are refused with a sentence, whatever they are called."""

    def test_files_of_other_kinds(self):
        good = workbook(("Northwind", None, None, 5))
        document = io.BytesIO()
        with zipfile.ZipFile(document, "w") as archive:
            archive.writestr("[Content_Types].xml", "<Types><Override ContentType='wordprocessingml'/></Types>")
        open_document = io.BytesIO()
        with zipfile.ZipFile(open_document, "w") as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        plain = io.BytesIO()
        with zipfile.ZipFile(plain, "w") as archive:
            archive.writestr("readme.txt", "hello")
        ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        types = self._part(good, "[Content_Types].xml")
        for raw, expected in (
                (b"Customer;Amount\nNorthwind;5\n", "no Excel workbook"), (b"%PDF-1.7", "no Excel workbook"), (b"<html><table>", "no Excel workbook"),
                (plain.getvalue(), "no Excel workbook"), (document.getvalue(), "no Excel workbook"), (open_document.getvalue(), "OpenDocument"),
                (ole + b"\0" * 600 + "Workbook".encode("utf-16-le"), "XLS"), (ole + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "password"),
                (repacked(good, **{"xl/vbaProject.bin": b"macro"}), "macros"),
                (repacked(good, **{"[Content_Types].xml": types.replace(b"spreadsheetml.sheet.main", b"sheet.macroEnabled.main")}), "macros"),
                (repacked(good, **{"[Content_Types].xml": types.replace(b"spreadsheetml.sheet.main", b"sheet.binary.macroEnabled.main")}), "XLSB"),
                (self._encrypted_zip(good), "password")):
            with self.subTest(expected, head=raw[:20]):
                self.assertIn(expected, self._refused(raw))

    def test_broken_workbooks(self):
        good = workbook(("Northwind", None, None, 5))
        sheet, book = self._part(good, "xl/worksheets/sheet1.xml"), self._part(good, "xl/workbook.xml")
        bomb = (b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>' + sheet.partition(b"?>")[2])

        def with_sheet(data):
            return repacked(good, **{"xl/worksheets/sheet1.xml": data})

        for name, raw in {
            "cut off": good[:-200], "half": good[:len(good) // 2], "flipped": good[:400] + bytes(255 - byte for byte in good[400:900]) + good[900:],
            "no workbook": repacked(good, **{"xl/workbook.xml": None}), "workbook is not XML": repacked(good, **{"xl/workbook.xml": b"nonsense"}),
            "sheet cut": with_sheet(sheet[:-40]), "entities": with_sheet(bomb), "utf-16": with_sheet(sheet.decode().encode("utf-16")),
            "endless row number": with_sheet(sheet.replace(b'<row r="2"', b'<row r="99999999999"')),
            "string that is not there": with_sheet(sheet.replace(b't="s"><v>0<', b't="s"><v>999<')),
            "number that is none": with_sheet(sheet.replace(b"<v>5</v>", b"<v>five</v>")),
            "a part twice": self._twice(good), "too many digits": with_sheet(sheet.replace(b"<v>5</v>", b"<v>" + b"9" * 5000 + b"</v>")),
            "lies about its size": self._lying(good),
        }.items():
            with self.subTest(name):
                self.assertIn("damaged", self._refused(raw))
        self.assertIn("no visible sheet", self._refused(repacked(good, **{"xl/workbook.xml": book.replace(b'<sheet name', b'<sheet state="hidden" name')})))

    def test_empty_files_and_sheets(self):
        for raw, expected in ((workbook(headers=()), "no line below"), (workbook(), "no line below")):
            self.assertIn(expected, self._refused(raw))
        with self.assertRaisesRegex(UserError, "Choose the workbook"):
            self.env["credit.limit.import.wizard"].with_user(self.manager).create({"company_id": self.company.id}).action_preview()

    def test_the_largest_list_is_read_and_one_beyond_is_not(self):
        row = ("Nobody", None, None, 5)
        with patch(f"{PARSER}.MAX_ROWS", 30), patch(f"{PARSER}.MAX_COLUMNS", 8):
            self.assertEqual(self._previewed(*[row] * 30).row_count, 30)
            self.assertIn("more than 30 lines", self._refused(workbook(*[row] * 31)))
            self.assertIn("more than 8 columns", self._refused(workbook(row, headers=(*HEADERS, "Ninth"))))
        good = workbook(row)
        with patch(f"{PARSER}.MAX_FILE", len(good)):
            self.assertEqual(self._previewed(raw=good).row_count, 1)
        with patch(f"{PARSER}.MAX_FILE", len(good) - 1):
            self.assertIn("larger than", self._refused(good))

    def test_bombs_are_seen_before_they_are_unpacked(self):
        good = workbook(("Northwind", None, None, 5))
        blown = repacked(good, **{"xl/media/image.bin": b"\0" * (51 * 1024 * 1024)})
        self.assertLess(len(blown), 1024 * 1024)
        with patch("zipfile.ZipFile.read", side_effect=AssertionError("unpacked")):
            self.assertIn("far too large", self._refused(blown))
        self.assertIn("far too large", self._refused(repacked(good, **{f"xl/media/{number}.png": b"" for number in range(600)})))
        with patch(f"{PARSER}.MAX_ELEMENTS", 20):
            self.assertIn("far too large", self._refused(good))

    # ------------------------------------------------------------------ given

    def _part(self, raw, name):
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return archive.read(name)

    def _twice(self, raw):
        output = io.BytesIO(raw)
        with zipfile.ZipFile(output, "a") as archive, self.assertWarns(UserWarning):
            archive.writestr("xl/worksheets/sheet1.xml", b"<other/>")
        return output.getvalue()

    def _encrypted_zip(self, raw):
        """The archive with the flag of encryption on its first entry of the directory."""
        place = raw.index(b"PK\x01\x02") + 8
        return raw[:place] + struct.pack("<H", 1) + raw[place + 2:]

    def _lying(self, raw):
        """The directory says that a part is shorter than it is."""
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
        place = raw.index(b"xl/worksheets/sheet1.xml", raw.index(b"PK\x01\x02")) - 46 + 24
        self.assertEqual(struct.unpack_from("<I", raw, place)[0], size)
        return raw[:place] + struct.pack("<I", 300) + raw[place + 4:]
