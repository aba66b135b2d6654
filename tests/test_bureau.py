import csv
import hashlib
import io
from datetime import date, timedelta
from unittest.mock import patch

from openpyxl import load_workbook

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tools.date_utils import start_of

from ..engine import bureau as rules
from .report import ReportCommon

FEBRUARY = date(2025, 2, 28)
MARCH = date(2025, 3, 31)


@tagged("post_install", "-at_install")
class BureauCommon(ReportCommon):
    """Northwind, a firm that agreed, owes 100 not due, 250 since 18 days and 400 since 59 days at the end of February 2025; Southwind 80 since 8 days."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bureau = cls.env["collection.bureau"].create({"name": "Northern Data", "company_id": cls.company.id})
        cls.south = cls._customer("Southwind", vat="BE0477472701", ref="S-7")
        cls.customer.write({"company_registry": "0477.472.701", "zip": "1000", "phone": "+32 2 555 12 12"})

    def setUp(self):
        super().setUp()
        self.late = self._billed(date(2024, 12, 1), date(2024, 12, 31), 400)
        self.some = self._billed(date(2025, 1, 11), date(2025, 2, 10), 250)
        self.fresh = self._billed(date(2025, 2, 10), date(2025, 3, 12), 100)
        self.other = self._billed(date(2025, 1, 21), date(2025, 2, 20), 80, partner=self.south)
        for partner in (self.customer, self.south):
            self._profile(partner)._take_consent(True, date(2025, 1, 1), "Contract of 1 January")

    def _make(self, month=FEBRUARY):
        return self.env["collection.bureau.file"]._make(self.bureau, month)

    def _line(self, file, partner=None, kind="month"):
        return file.sudo().line_ids.filtered(lambda line: line.profile_id == self._profile(partner) and line.kind == kind)

    def _delivered(self, month=FEBRUARY):
        file = self._make(month)
        file.action_check()
        file.action_deliver()
        return file

    def _rows(self, file):
        return list(csv.DictReader(io.StringIO(file._kept_raw().decode("utf-8-sig"))))

    def _dispute(self, invoice):
        return self.env["collection.dispute"].create({"item_id": self._item(invoice).id, "amount": 10.0, "reason": "broken"})


@tagged("post_install", "-at_install")
class TestBureau(BureauCommon):

    def test_the_month_is_told_by_class_as_the_ledger_has_it(self):
        line = self._line(self._make())
        self.assertEqual((line.is_told, line.total, line.not_due, line.b30, line.b60, line.b90, line.over), (True, 750, 100, 250, 400, 0, 0))
        # the same as the report of ageing says at the end of that month
        [[total]] = self.env["collection.ageing"]._at(FEBRUARY)._read_group([("profile_id", "=", self._profile().id)], [], ["amount:sum"])
        self.assertEqual(line.total, total)

    def test_a_line_opens_down_to_its_items(self):
        action = self._line(self._make()).action_open_items()
        rows = self.env["collection.ageing"].with_context(**action["context"]).search(action["domain"])
        self.assertEqual(rows.move_id, self.late + self.some + self.fresh)

    def test_what_was_paid_after_the_month_was_still_open_at_its_end(self):
        self._paid(self.late, 400, date(2025, 3, 4))
        self.assertEqual(self._line(self._make()).total, 750)
        self.assertEqual(self._line(self._make(MARCH)).total, 350)

    def test_credits_take_off_the_oldest_debt(self):
        self._received(150, date(2025, 2, 20))
        line = self._line(self._make())
        self.assertEqual((line.total, line.b60, line.credit), (600, 250, 150))

    def test_an_item_under_dispute_is_never_told(self):
        self._dispute(self.late)
        line = self._line(self._make())
        self.assertEqual((line.total, line.b60), (350, 0))
        self.assertNotIn(self._item(self.late).id, line.items)

    def test_a_customer_whose_items_are_all_under_dispute_is_left_out(self):
        self._dispute(self.other)
        line = self._line(self._make(), self.south)
        self.assertEqual((line.is_told, line.reason, line.total), (False, rules.DISPUTED, 0))

    def test_without_consent_nothing_is_told_and_the_reason_is_shown(self):
        self._profile(self.south)._take_consent(False, date(2025, 2, 1), "Letter of 1 February")
        file = self._make()
        self.assertEqual(self._line(file, self.south).reason, rules.NO_CONSENT)
        self.assertIn("No consent of the customer: 1", file.left_text)
        self.bureau.consent_needed = False
        file.action_work_out()
        self.assertTrue(self._line(file, self.south).is_told)

    def test_consumers_only_where_the_bureau_takes_them(self):
        self.south.is_company = False
        file = self._make()
        self.assertEqual(self._line(file, self.south).reason, rules.CONSUMER)
        self.bureau.consumers = True
        file.action_work_out()
        self.assertTrue(self._line(file, self.south).is_told)

    def test_who_is_left_alone_is_not_told_about(self):
        self._profile(self.south).sudo().write({"stop_kind": "insolvent"})
        self.assertEqual(self._line(self._make(), self.south).reason, rules.STOPPED)

    def test_customers_that_become_one_keep_what_was_told_and_a_consent_taken_back(self):
        file = self._delivered()
        self._profile(self.south)._take_consent(False, date(2025, 3, 2), "Letter of 2 March")
        self.env["base.partner.merge.automatic.wizard"].sudo().create({})._merge((self.south + self.customer).ids, self.customer)
        self.assertEqual((len(self._line(file)), self._profile().bureau_consent, self._profile().bureau_consent_source), (2, False, "Letter of 2 March"))

    def test_an_application_brings_its_consent_along(self):
        partner = self._customer("Eastwind")
        application = self.env["credit.application"].sudo().create({
            "name": "Eastwind", "company_id": self.company.id, "reference": "A-9", "bureau_consent": True, "consent_on": "2025-01-03 10:00:00",
            "approved_cap": 1000, "start_limit": 1000, "requested_by": self.env.uid, "partner_id": partner.id})
        profile = self._profile(partner)
        profile.sudo()._start_credit(application)
        self.assertEqual((profile.bureau_consent, profile.bureau_consent_on, profile.bureau_consent_source), (True, date(2025, 1, 3), "Credit application A-9"))

    def test_country_and_smallest_amount(self):
        self.bureau.minimum_amount = 100
        self.assertEqual(self._line(self._make(), self.south).reason, rules.BELOW)
        self.bureau.country_ids = self.env.ref("base.fr")
        self.assertEqual(self._line(self._make()).reason, rules.COUNTRY)

    def test_a_line_for_each_currency(self):
        self._billed(date(2025, 2, 1), date(2025, 2, 8), 60, currency=self.franc)
        lines = self._line(self._make())
        self.assertEqual({line.currency_id.name: line.total for line in lines}, {self.company.currency_id.name: 750, "CHF": 60})

    def test_the_file_by_customer(self):
        file = self._make()
        file.action_check()
        north, south = sorted(self._rows(file), key=lambda row: row["company_name"])
        self.assertEqual((north["record"], north["month"], north["company_name"], north["city"], north["country"], north["registry_number"]),
                         ("month", "2025-02-28", "Northwind", "Brussels", "BE", "0477.472.701"))
        self.assertEqual([north[name] for name in ("total", "current", "days_1_30", "days_31_60", "days_61_90", "days_91_plus", "currency")],
                         ["750.00", "100.00", "250.00", "400.00", "0.00", "0.00", self.company.currency_id.name])
        self.assertEqual((south["customer_reference"], south["tax_id"], south["total"]), ("S-7", "BE0477472701", "80.00"))
        self.assertEqual(file.totals, {self.company.currency_id.name: "830.00"})

    def test_the_file_by_invoice_has_what_was_paid_in_the_month(self):
        self.bureau.detail = "invoice"
        self._paid(self.some, 250, date(2025, 2, 25))
        self._paid(self.other, 30, date(2025, 2, 26))
        file = self._make()
        file.action_check()
        rows = {row["invoice_reference"]: row for row in self._rows(file)}
        self.assertEqual({number: (row["amount"], row["open"], row["paid_date"]) for number, row in rows.items()}, {
            self.late.name: ("400.00", "400.00", ""), self.fresh.name: ("100.00", "100.00", ""),
            self.some.name: ("250.00", "0.00", "2025-02-25"), self.other.name: ("80.00", "50.00", "")})
        self.assertEqual((rows[self.late.name]["invoice_date"], rows[self.late.name]["due_date"], rows[self.late.name]["type"]),
                         ("2024-12-01", "2024-12-31", "invoice"))

    def test_who_paid_everything_in_the_month_is_told_by_invoice(self):
        self.bureau.detail = "invoice"
        self._paid(self.other, 80, date(2025, 2, 26))
        line = self._line(self._make(), self.south)
        self.assertEqual((line.is_told, line.total, [row["paid_on"] for row in line.invoices]), (True, 0, ["2025-02-26"]))

    def test_what_was_credited_away_is_not_told_as_paid(self):
        refund = self._billed(date(2025, 2, 22), date(2025, 2, 22), 80, partner=self.south, move_type="out_refund")
        (self._item(self.other) + self._item(refund)).reconcile()
        self.assertFalse(self._line(self._make(), self.south))

    def test_as_a_workbook_with_real_numbers_and_days(self):
        self.bureau.format = "xlsx"
        file = self._make()
        file.action_check()
        sheet = load_workbook(io.BytesIO(file._kept_raw())).worksheets[0]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        head = next(row for row in rows if row[0] == "record")
        north = dict(zip(head, next(row for row in rows if "Northwind" in row)))
        self.assertEqual((north["total"], north["days_31_60"], north["month"].date()), (750, 400, FEBRUARY))

    def test_a_telephone_number_is_one_and_no_formula(self):
        file = self._make()
        file.action_check()
        self.assertEqual(sorted(row["phone"] for row in self._rows(file)), ["", "0032 2 555 12 12"])

    def test_a_name_never_becomes_a_formula(self):
        self.south.name = "=HYPERLINK(1)"
        file = self._make()
        file.action_check()
        self.assertIn("'=HYPERLINK(1)", [row["company_name"] for row in self._rows(file)])

    # ------------------------------------------------------------------ the life of a file

    def test_a_checked_file_is_frozen_and_may_be_reopened(self):
        file = self._make()
        file.action_check()
        self.assertEqual(file.file_hash, hashlib.sha256(file._kept_raw()).hexdigest())
        with self.assertRaises(UserError):
            file.action_work_out()
        file.action_reopen()
        self.assertEqual((file.state, file.file_hash), ("draft", False))

    def test_a_consent_taken_back_before_the_check_is_noticed(self):
        file = self._make()
        self._profile(self.south)._take_consent(False, date(2025, 3, 1), "Letter")
        answer = file.action_check()
        self.assertEqual((answer["tag"], file.state, file.told_count), ("display_notification", "draft", 1))
        file.action_check()
        self.assertEqual((file.state, len(self._rows(file))), ("checked", 1))

    def test_a_delivered_file_stays(self):
        file = self._delivered()
        with self.assertRaises(UserError):
            file.action_reopen()
        with self.assertRaises(UserError):
            file.unlink()

    def test_a_changed_file_is_not_given_out(self):
        file = self._make()
        file.action_check()
        self.env["ir.attachment"].sudo().search([("res_model", "=", file._name), ("res_field", "=", "file"), ("res_id", "=", file.id)]).raw = b"other"
        with self.assertRaises(UserError):
            file._take_file()

    def test_nothing_to_tell_makes_no_file(self):
        self.bureau.country_ids = self.env.ref("base.fr")
        with self.assertRaises(UserError):
            self._make().action_check()

    def test_a_month_that_is_not_over_is_refused(self):
        with self.assertRaises(UserError):
            self._make(self.today)

    # ------------------------------------------------------------------ corrections

    def test_nothing_changed_nothing_is_corrected(self):
        self._delivered()
        self.assertFalse(self._make(MARCH).correction_count)

    def test_a_payment_booked_late_corrects_the_month_before(self):
        self._delivered()
        self._paid(self.some, 250, date(2025, 2, 27))
        line = self._line(self._make(MARCH), kind="correction")
        self.assertEqual((line.month, line.total, line.b30, line.is_told), (FEBRUARY, 500, 0, True))

    def test_a_consent_taken_back_takes_back_what_was_told(self):
        self._delivered()
        self._profile(self.south)._take_consent(False, date(2025, 3, 10), "Letter of 10 March")
        file = self._make(MARCH)
        line = self._line(file, self.south, "correction")
        self.assertEqual((line.reason, line.total, line.is_told), (rules.NO_CONSENT, 0, True))
        self.assertFalse(self._line(file, self.south).is_told)

    def test_an_invoice_disputed_later_is_taken_back_by_invoice(self):
        self.bureau.detail = "invoice"
        self._delivered()
        self._dispute(self.late)
        file = self._make(MARCH)
        file.action_check()
        [row] = [row for row in self._rows(file) if row["record"] == "correction" and row["invoice_reference"] == self.late.name]
        self.assertEqual((row["month"], row["amount"], row["open"]), ("2025-02-28", "0.00", "0.00"))

    # ------------------------------------------------------------------ consent

    def test_the_dialog_notes_who_agreed_where(self):
        profile = self._profile(self._customer("Eastwind"))
        self.env["collection.bureau.consent.wizard"].create({
            "profile_ids": [Command.set(profile.ids)], "given": "yes", "day": date(2025, 1, 5), "source": "Contract, section 7"}).action_note()
        self.assertEqual((profile.bureau_consent, profile.bureau_consent_on, profile.bureau_consent_source),
                         (True, date(2025, 1, 5), "Contract, section 7"))

    def test_nobody_writes_a_consent_by_hand(self):
        with self.assertRaises(AccessError):
            self._profile().write({"bureau_consent": False})

    def test_a_consent_of_tomorrow_is_refused(self):
        wizard = self.env["collection.bureau.consent.wizard"].create({
            "profile_ids": [Command.set(self._profile().ids)], "day": self.today + timedelta(days=2), "source": "Letter"})
        with self.assertRaises(UserError):
            wizard.action_note()

    # ------------------------------------------------------------------ the job

    def test_the_job_makes_the_last_month_once_its_figures_are_there(self):
        self.bureau.is_monthly = True
        last = self.bureau._last_month()
        self.company.collection_snapshot_last = last - timedelta(days=40)
        self.assertFalse(self.bureau._is_due())
        self.company.collection_snapshot_last = last
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 1000.0):
            self.env["collection.bureau"].sudo()._cron_make()
        file = self.bureau.file_ids
        self.assertEqual((file.month, file.state, file.activity_ids.user_id), (start_of(self.today, "month") - timedelta(days=1), "draft", self.bureau.user_id))
        self.assertFalse(self.bureau._is_due())

    def test_as_many_queries_for_two_customers_as_for_twenty(self):
        self._make()
        counts = []
        for more in (0, 18):
            for number in range(more):
                partner = self._customer(f"Wind {number}")
                self._billed(date(2025, 2, 1), date(2025, 2, 8), 60, partner=partner)
                self._profile(partner)._take_consent(True, date(2025, 1, 1), "Contract")
            for _turn in range(2):  # the first one fills what an environment remembers besides records, such as its company: new customers empty that
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                self._make()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    # ------------------------------------------------------------------ rights

    def test_only_a_manager_who_sees_all_customers_makes_and_takes_files(self):
        file = self._make()
        file.action_check()
        user = self.env["res.users"].sudo().with_context(no_reset_password=True).create({
            "name": "Narrow", "login": "narrow.test", "company_id": self.company.id, "company_ids": [Command.set(self.company.ids)],
            "group_ids": [Command.set((self.env.ref("account_credit_collection.group_manager")
                                       + self.env.ref("account_credit_collection.group_own_portfolio")).ids)]})
        with self.assertRaises(AccessError):
            file.with_user(user).action_work_out()
        with self.assertRaises(AccessError):
            file.with_user(user)._take_file()
        with self.assertRaises(AccessError):  # not past the controller either, or a file would be taken without a trace
            file.with_user(self.env.user).read(["file"])


@tagged("post_install", "-at_install")
class TestBureauDownload(HttpCase, BureauCommon):

    def test_a_file_is_taken_as_an_attachment_and_the_taking_is_noted(self):
        file = self._make()
        file.action_check()
        self.authenticate(self.env.user.login, self.env.user.login)
        answer = self.url_open(f"/collections/bureau/file/{file.id}")
        self.assertEqual((answer.status_code, answer.content), (200, file._kept_raw()))
        self.assertIn("attachment", answer.headers["Content-Disposition"])
        self.assertIn(file.file_hash, "".join(file.message_ids.mapped("body")))
        self.assertEqual(self.url_open(f"/collections/bureau/file/{file.id + 1}").status_code, 404)

    def test_a_collector_gets_the_same_answer_as_for_a_missing_file(self):
        file = self._make()
        file.action_check()
        self.env["res.users"].sudo().with_context(no_reset_password=True).create({
            "name": "Collector", "login": "bureau.collector", "password": "bureau.collector", "company_id": self.company.id,
            "company_ids": [Command.set(self.company.ids)],
            "group_ids": [Command.set(self.env.ref("account_credit_collection.group_collector").ids)]})
        self.authenticate("bureau.collector", "bureau.collector")
        self.assertEqual(self.url_open(f"/collections/bureau/file/{file.id}").status_code, 404)
