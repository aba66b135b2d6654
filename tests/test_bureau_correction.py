from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..engine import bureau as rules
from .test_bureau import FEBRUARY, MARCH, BureauCommon

APRIL, MAY = date(2025, 4, 30), date(2025, 5, 31)


@tagged("post_install", "-at_install")
class TestBureauCorrection(BureauCommon):
    """What was told and turns out otherwise, and what stays of a file that left the house."""

    def _corrections(self, file, partner=None):
        return {line.month: line.total for line in self._line(file, partner, "correction")}

    def test_what_was_corrected_is_corrected_back(self):
        """February told 750; 400 of it are contested: 350; the dispute is over: 750 again, and then nothing more."""
        self._delivered()
        dispute = self._dispute(self.late)
        self.assertEqual(self._corrections(self._delivered(MARCH)), {FEBRUARY: 350})
        dispute.sudo().unlink()
        self.assertEqual(self._corrections(self._delivered(APRIL)), {FEBRUARY: 750, MARCH: 750})
        self.assertEqual(self._corrections(self._delivered(MAY)), {})

    def test_an_invoice_taken_back_once_is_not_taken_back_each_month(self):
        self.bureau.detail = "invoice"
        self._delivered()
        self._dispute(self.late)
        self.assertEqual(self._corrections(self._delivered(MARCH)), {FEBRUARY: 350})
        self.assertEqual(self._corrections(self._delivered(APRIL)), {})

    def test_a_consent_taken_back_takes_back_all_that_was_told_lately_and_once(self):
        self._delivered()
        self._delivered(MARCH)
        self._profile(self.south)._take_consent(False, date(2025, 4, 10), "Letter of 10 April")
        file = self._delivered(APRIL)
        self.assertEqual(self._corrections(file, self.south), {FEBRUARY: 0, MARCH: 0})
        self.assertEqual(set(self._line(file, self.south, "correction").mapped("reason")), {rules.NO_CONSENT})
        self.assertFalse(self._corrections(self._delivered(MAY), self.south))

    # ------------------------------------------------------------------ what is paid

    def _booked_off(self, invoice, amount, on):
        """An entry that writes a part of an invoice off."""
        item = self._item(invoice)
        entry = self.env["account.move"].create({
            "date": on, "journal_id": self.company_data["default_journal_misc"].id, "line_ids": [
                Command.create({"account_id": item.account_id.id, "partner_id": item.partner_id.id, "credit": amount}),
                Command.create({"account_id": self.company_data["default_account_expense"].id, "debit": amount})]})
        entry.action_post()
        (item + entry.line_ids.filtered(lambda line: line.account_id == item.account_id)).reconcile()

    def _paid_ones(self):
        return {row["document"]: row["paid_on"] for row in self._line(self._make()).invoices if row["paid_on"]}

    def test_what_was_written_off_is_not_told_as_paid(self):
        self._paid(self.late, 100, date(2025, 1, 5))
        self._booked_off(self.late, 300, date(2025, 2, 15))
        self._booked_off(self.some, 150, date(2025, 2, 15))
        self._paid(self.some, 100, date(2025, 2, 20))
        self.assertEqual(self._paid_ones(), {})

    def test_what_was_credited_in_part_and_paid_in_the_end_is_told_as_paid(self):
        refund = self._billed(date(2025, 2, 15), date(2025, 2, 15), 150, move_type="out_refund")
        (self._item(self.some) + self._item(refund)).reconcile()
        self._paid(self.some, 100, date(2025, 2, 20))
        self.assertEqual(self._paid_ones(), {self.some.name: "2025-02-20"})

    # ------------------------------------------------------------------ amounts

    def test_the_smallest_amount_is_what_is_owed_in_all_currencies(self):
        """750 and 150 CHF, which are 60: together more than 800, each less."""
        self._billed(date(2025, 2, 1), date(2025, 2, 8), 150, currency=self.franc)
        self.bureau.minimum_amount = 800
        self.assertEqual(self._line(self._make()).mapped("is_told"), [True, True])
        self.bureau.minimum_amount = 820
        self.assertEqual(set(self._line(self._make()).mapped("reason")), {rules.BELOW})

    def test_totals_have_the_digits_of_their_currency(self):
        yen = self.setup_other_currency("JPY", rounding=1.0, rates=[("2024-01-01", 150.0)])
        self._billed(date(2025, 2, 1), date(2025, 2, 8), 9000, currency=yen)
        file = self._make()
        self.assertEqual(file.totals, {self.company.currency_id.name: "830.00", "JPY": "9000"})
        self.assertEqual(file.totals_text, f"{yen.format(9000)}, {self.company.currency_id.format(830)}")

    # ------------------------------------------------------------------ what left the house

    def test_a_file_that_was_taken_is_replaced_and_stays(self):
        file = self._make()
        file.action_check()
        raw = file._take_file()
        self._dispute(self.late)
        file.action_reopen()
        newer = self.bureau.file_ids - file
        self.assertEqual((file.state, file._kept_raw(), newer.state, self._line(newer).total), ("replaced", raw, "draft", 350))
        self.assertEqual(self._make(), newer)
        with self.assertRaisesRegex(UserError, "Only drafts are deleted"):
            file.unlink()
        newer.unlink()

    def test_a_checked_file_is_reopened_before_it_is_deleted(self):
        file = self._make()
        file.action_check()
        with self.assertRaisesRegex(UserError, "Only drafts are deleted"):
            file.unlink()
        file.action_reopen()
        file.unlink()

    def test_a_bureau_with_files_stays_with_its_company(self):
        elsewhere = self.setup_other_company(name="Elsewhere")["company"]
        self.bureau.company_id = elsewhere
        self.bureau.company_id = self.company
        self._make()
        with self.assertRaisesRegex(UserError, "stays with its company"):
            self.bureau.company_id = elsewhere
        self.bureau.write({"company_id": self.company.id, "member": "77"})
        stranger = self.env["res.users"].create({"name": "Stranger", "login": "stranger"})
        with self.assertRaises(AccessError):  # and is not told the name of the bureau
            self.bureau.with_user(stranger).write({"company_id": elsewhere.id})

    def test_a_purge_leaves_nothing_of_the_file(self):
        file = self._delivered().sudo()
        self.env["collection.retention.rule"].sudo()._purge_bureau(file.line_ids)
        self.assertEqual((file._kept_raw(), file.file_hash, file.file_name, file.file_size), (b"", False, False, 0))
