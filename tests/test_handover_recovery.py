from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from .handover import GROUP, HandoverCommon


class RecoveryCommon(HandoverCommon):

    def _of(self, record, use):
        return record.move_ids.filtered(lambda move: move.collection_handover_use == use)

    def _receivable(self, payment):
        return payment.move_id.line_ids.filtered(lambda one: one.account_id.account_type == "asset_receivable")

    def _tasks(self, words):
        return self._profile().activity_ids.filtered(lambda one: words in (one.summary or ""))

    def _dispute(self, invoice, amount):
        return self.env["collection.dispute"].create({"item_id": self._item(invoice).id, "amount": amount, "reason": "broken"})

    def _dialog(self, record):
        action = record.action_recover()
        return Form(self.env[action["res_model"]].with_context(**action["context"]))

    def _other_account(self, invoice):
        """The customer's account was changed when this invoice was made."""
        account = self.company_data["default_account_receivable"].copy({"name": "Receivables, old"})
        invoice.button_draft()
        self._item(invoice).account_id = account
        invoice.action_post()
        return account


@tagged("post_install", "-at_install")
class TestHandoverFee(RecoveryCommon):
    """What the agency charges, as the books have it."""

    def test_the_fee_goes_by_the_age_at_the_handover(self):
        """200 days late when it left and 30 days with the agency: 25 %, as from half a year on."""
        record = self._handed(self._invoice(200, 1000))
        record.sudo().handed_on = self.today - timedelta(days=30)
        self.assertEqual(record._expected_fee(1000), 250)

    def test_a_debt_that_was_young_when_it_left_stays_young(self):
        record = self._handed(self._invoice(170, 1000))
        record.sudo().handed_on = self.today - timedelta(days=30)
        self.assertEqual(record._expected_fee(1000), 150)

    def test_a_fixed_fee_takes_no_more_than_what_came_in_taxes_included(self):
        """16.53 and 21 %: 3.47 are 20.00."""
        self.agency.write({"fee_fixed": 30, "fee_tax_ids": [Command.set(self.fee_tax.ids)]})
        record = self._handed(self._invoice(200, 1000))
        self.assertEqual(record._expected_fee(20), 16.53)
        self._sends(record, 20, 16.53)
        self.assertRecordValues(record, [{"fee": 20, "open_amount": 980, "recovered_agency": 20}])

    def test_a_fee_that_is_reversed_is_none(self):
        """The payment bounced and the entry of the fee was reversed; the second time it is charged once."""
        self.agency.fee_fixed = 30
        invoice = self._invoice(200, 1000)
        record = self._handed(invoice)
        self._sends(record, 1000, 280)
        self.assertEqual(record.fee, 280)
        self._of(record, "recovery").line_ids.remove_move_reconcile()
        self._of(record, "fee")._reverse_moves(cancel=True)
        self.assertRecordValues(record, [{"fee": 0, "open_amount": 1000, "state": "handed"}])
        self.assertEqual(record._expected_fee(1000), 280)
        self._sends(record, 1000, 280)
        self.assertRecordValues(record, [{"fee": 280, "state": "closed"}])

    def test_a_bill_counts_until_it_is_cancelled_or_credited(self):
        record = self._handed(self._invoice(200, 1000))
        self._sends(record, 400, 100, kept=False)
        bill = self._of(record, "bill")
        bill.invoice_line_ids.price_unit = 90  # as the paper says
        bill.action_post()
        self.assertEqual(record.fee, 90)
        bill._reverse_moves([{"invoice_date": self.today}], cancel=True)
        self.assertEqual(record.fee, 0)

    def test_the_bill_of_a_fee_that_was_kept_is_no_second_one(self):
        record = self._handed(self._invoice(200, 1000))
        self._sends(record, 400, 100, by="bill")
        self._of(record, "kept_bill").action_post()
        self.assertEqual(record.fee, 100)

    def test_a_fee_on_money_that_was_paid_to_us_is_billed_alone(self):
        invoice = self._invoice(200, 1000)
        record = self._handed(invoice)
        self._pay(invoice)
        self.assertEqual((record.state, record.fee), ("closed", 0))
        dialog = self._dialog(record)
        dialog.fee = 250
        dialog.save().action_recover()
        self.assertRecordValues(record, [{"state": "closed", "fee": 250, "recovered_direct": 1000, "recovered_agency": 0}])
        self.assertRecordValues(self._of(record, "bill"), [{"amount_total": 250, "state": "draft"}])
        self.assertEqual(record.event_ids.filtered(lambda event: event.kind == "fee").mapped("fee"), [250])
        with self.assertRaisesRegex(UserError, "Enter what came in"):
            self._sends(record, 0, 0)
        with self.assertRaisesRegex(UserError, "Enter what came in"):
            self._sends(record, 0, 10, kept=True)

    def test_taxes_in_the_price_are_refused(self):
        """They would be counted twice, and core would balance the entry with the bank's suspense account."""
        included = self.fee_tax.copy({"name": "21 % in it", "price_include_override": "tax_included"})
        with self.assertRaisesRegex(ValidationError, "21 % in it is included in the price"):
            self.agency.fee_tax_ids = included
        self.agency.fee_tax_ids = self.fee_tax
        record = self._handed(self._invoice(200, 1000))
        self.fee_tax.price_include_override = "tax_included"
        with self.assertRaisesRegex(UserError, "included in the price"):
            self._sends(record, 1000, 250)

    def test_an_entry_that_core_had_to_balance_is_not_posted(self):
        self.agency.fee_tax_ids = self.fee_tax
        record = self._handed(self._invoice(200, 1000))
        with (patch.object(self.env.registry["collection.handover"], "_fee_gross", lambda record, fee: fee), self.assertRaisesRegex(UserError, "do not add up")):
            self._sends(record, 1000, 250)


@tagged("post_install", "-at_install")
class TestHandoverRecovery(RecoveryCommon):
    """Money of the agency finds its items, and nothing of it gets lost."""

    def test_the_customers_money_that_the_agency_sent_on_counts_as_its(self):
        record = self._handed(self._invoice(200, 1000))
        self._sends(record, 1000, 250, line=self._receivable(self._on_account(750)))
        self.assertRecordValues(record, [{"recovered_direct": 0, "recovered_agency": 1000, "state": "closed"}])

    def test_money_of_the_agencys_other_address_is_the_agencys(self):
        branch = self.env["res.partner"].create({"name": "Payments", "parent_id": self.agency.partner_id.id})
        invoice = self._invoice(200, 1000)
        record = self._handed(invoice)
        line = self._receivable(self._on_account(400, branch))
        line.partner_id = branch  # a statement names the address
        (line + self._item(invoice)).reconcile()
        self.assertRecordValues(record, [{"recovered_direct": 0, "recovered_agency": 400}])

    def test_money_that_was_matched_at_the_bank_gets_its_fee(self):
        invoice = self._invoice(200, 1000)
        record = self._handed(invoice)
        line = self._receivable(self._on_account(750))
        (line + self._item(invoice)).reconcile()
        self.assertRecordValues(record, [{"recovered_direct": 750, "open_amount": 250}])
        dialog = self._dialog(record)
        dialog.amount, dialog.line_id, dialog.fee = 1000, line, 250
        self.assertEqual((dialog.net, dialog.costs), (750, 0))
        dialog.save().action_recover()
        self.assertRecordValues(record, [{"recovered_direct": 0, "recovered_agency": 1000, "fee": 250, "state": "closed", "open_amount": 0}])
        self.assertFalse(self._of(record, "recovery"), "no second payment")
        with self.assertRaisesRegex(UserError, "no unmatched payment"):
            self._sends(record, 1000, 250, line=line)

    def test_money_matched_with_something_else_is_refused(self):
        record, other = self._handed(self._invoice(200, 1000)), self._invoice(20, 750)
        line = self._receivable(self._on_account(750))
        (line + self._item(other)).reconcile()
        with self.assertRaisesRegex(UserError, "no unmatched payment"):
            self._sends(record, 1000, 250, line=line)

    def test_money_goes_to_one_account_at_a_time(self):
        first, second = self._invoice(200, 600), self._invoice(190, 400)
        self._other_account(second)
        record = self._handed(first, second)
        with self.assertRaisesRegex(UserError, "several accounts: .*600.00 is open on .*, but .*1,000.00 came in"):
            self._sends(record, 1000, 0)
        self._sends(record, 600, 0)
        self._sends(record, 400, 100)
        self.assertEqual((first.amount_residual, second.amount_residual), (0, 0))
        self.assertRecordValues(record, [{"recovered_agency": 1000, "state": "closed"}])

    def test_costs_that_come_in_are_an_income(self):
        """600.00 and 25.00 of costs: nothing is left on the customer's account."""
        invoice = self._invoice(120, 600)
        record = self._handed(invoice, costs=25)
        dialog = self._dialog(record)
        dialog.amount, dialog.fee = 625, 0
        self.assertEqual(dialog.costs, 25)
        dialog.save().action_recover()
        self.assertEqual((self._balance(self.costs_account), invoice.amount_residual), (-25, 0))
        self.assertRecordValues(record, [{"recovered": 625, "recovered_agency": 625, "state": "closed", "outcome": "recovered"}])
        self.assertFalse(self._profile()._account_items() or self._tasks("more came in"))
        lines = self.env["account.move.line"].search([
            ("partner_id", "=", self.customer.id), ("account_type", "=", "asset_receivable"), ("parent_state", "=", "posted"), ("reconciled", "=", False)])
        self.assertFalse(lines)

    def test_costs_are_claimed_once(self):
        record = self._handed(self._invoice(120, 600), costs=25)
        self._sends(record, 100, 0, costs=20)
        self.assertRecordValues(record, [{"open_amount": 520, "recovered_agency": 100}])
        with self.assertRaisesRegex(UserError, "no more than .*5.00 is for costs"):
            self._sends(record, 100, 0, costs=6)
        self._of(record, "costs")._reverse_moves(cancel=True)
        self.assertEqual(record._costs_left(), 25)

    def test_what_came_in_over_is_told(self):
        invoice = self._invoice(120, 600)
        record = self._handed(invoice)
        self._sends(record, 800, 0)
        [task] = self._tasks("more came in than is open")
        self.assertIn("200.00", task.note)
        self.assertRecordValues(record, [{"recovered": 600, "state": "closed"}])

    def test_what_stays_here_takes_nothing_from_the_others(self):
        """500.00 of the older invoice is disputed: 100.00 of it and all of the other one are claimed, and paid."""
        first, second = self._invoice(200, 600), self._invoice(190, 400)
        self._dispute(first, amount=500)
        record = self._handed(first, second)
        self.assertEqual(record.claim, 500)
        self._sends(record, 500, 0)
        self.assertEqual((first.amount_residual, second.amount_residual, record.state), (500, 0, "closed"))


@tagged("post_install", "-at_install")
class TestHandoverGivenUp(RecoveryCommon):
    """Nobody gives up alone what is large, and nobody what is disputed."""

    def _manager(self, login):
        return new_test_user(self.env, login, f"base.group_user,{GROUP}manager", company_id=self.company.id)

    def test_who_proposed_it_does_not_give_it_up_alone(self):
        record = self._proposed(self._invoice(120, 40000), user=self.env.user)
        record.with_user(self._manager("second"))._approve(self.agency, 0, None)
        record.action_announce()
        self._over(record)._hand_over(None)
        with self.assertRaisesRegex(UserError, "asked for this yourself"):
            record._write_off("x")
        record.with_user(self._manager("third"))._write_off("Bankrupt")
        self.assertEqual((record.state, record.written_off), ("closed", 40000))

    def test_who_approved_what_a_rule_proposed_does_not_either(self):
        record = self._handed(self._invoice(120, 40000))
        record.sudo().proposed_by = False
        with self.assertRaisesRegex(UserError, "asked for this yourself"):
            record._write_off("x")
        record.with_user(self._manager("third"))._write_off("Bankrupt")
        self.assertEqual(record.state, "closed")

    def test_what_is_disputed_is_not_given_up(self):
        for way in ("credit_note", "bad_debt"):
            with self.subTest(way=way):
                self.company.collection_handover_write_off = way
                invoice = self._invoice(120, 600)
                dispute = self._dispute(invoice, amount=150)
                record = self._handed(invoice)
                record._write_off("Bankrupt")
                self.assertEqual((record.written_off, invoice.amount_residual, record.state), (450, 150, "closed"))
                self.assertEqual(dispute.state, "open")
