from datetime import date, timedelta

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .charge import ChargeCommon

DUE, MAY = date(2024, 5, 15), date(2024, 5, 31)


@tagged("post_install", "-at_install")
class TestChargeBooks(ChargeCommon):
    """Whatever an accountant does to the bill of a charge, a customer never owes its days twice."""

    def setUp(self):
        super().setUp()
        self.invoice = self._dated(DUE)
        self.charge = self._charge(MAY, post=True)  # 54.79

    def _owed(self):
        """What is open of bills of charges, less what was credited for them."""
        moves = self.env["collection.charge"].search([("profile_id", "=", self._profile().id)]).move_id
        moves |= moves.reversal_move_ids
        return round(sum(self._item(move).amount_residual for move in moves if move.state == "posted"), 2)

    def test_a_cancelled_bill_that_is_posted_again_takes_its_days_back(self):
        bill = self.charge.move_id
        bill.button_draft()
        bill.button_cancel()
        bill.button_draft()
        bill.action_post()
        self.assertEqual((self.charge.state, self.charge.line_ids.state), ("posted", "posted"))
        self.assertFalse(self._charge(MAY))

    def test_it_is_refused_once_its_days_were_charged_anew(self):
        bill = self.charge.move_id
        bill.button_draft()
        bill.button_cancel()
        self._charge(MAY, post=True)
        bill.button_draft()
        with self.assertRaisesRegex(UserError, "charged anew"), self.cr.savepoint():
            bill.action_post()
        self.assertEqual(self._owed(), 54.79)

    def test_cancelling_the_charge_cancels_a_bill_in_draft(self):
        self.charge.move_id.button_draft()
        self.charge.action_reverse()
        self.assertEqual((self.charge.state, self.charge.move_id.state), ("reversed", "cancel"))

    def test_posting_a_charge_again_posts_its_own_bill(self):
        bill = self.charge.move_id
        bill.button_draft()
        self.charge.action_post()
        self.assertEqual((self.charge.move_id, bill.state, self.charge.state), (bill, "posted", "posted"))

    def test_the_credit_note_of_a_cancelled_charge_set_back_takes_its_days_back(self):
        self.charge.action_reverse()
        note = self.charge._credit_notes()
        note.button_draft()
        self.assertEqual((self.charge.state, self.charge.line_ids.state), ("posted", "posted"))
        self.assertFalse(self._charge(MAY))

    def test_or_is_refused_once_they_were_charged_anew(self):
        self.charge.action_reverse()
        self._charge(MAY, post=True)
        with self.assertRaisesRegex(UserError, "charged anew"):
            self.charge._credit_notes().button_draft()

    def test_waiving_what_was_corrected_credits_the_rest_only(self):
        self._pay(self.invoice, on=date(2024, 5, 20))
        correction = self._charge(date(2024, 6, 30), post=True)  # 11 of 16 days: -37.67
        self.assertEqual(self._owed(), 17.12)
        note = self.charge._waive("Goodwill")
        self.assertEqual((note.amount_untaxed, self._owed()), (17.12, 0))
        self.assertEqual((self.charge.state, correction.state), ("waived", "waived"))
        self.assertFalse(self._charge(date(2024, 7, 31)))

    def test_cancelling_what_was_corrected_charges_anew_what_is_right(self):
        self._pay(self.invoice, on=date(2024, 5, 20))
        self._charge(date(2024, 6, 30), post=True)
        self.charge.action_reverse()
        self.assertEqual(self._owed(), 0)
        self._charge(date(2024, 6, 30), post=True)
        self.assertEqual(self._owed(), 17.12)

    def test_what_comes_to_nothing_together_needs_no_bill(self):
        self._pay(self.invoice, on=date(2024, 5, 20))  # 37.67 too much
        other = self._dated(DUE, 6874.77)  # 6,874.77 × 12.5 % × 16 / 365 = 37.67
        self._pay(other, on=MAY)
        charge = self._charge(date(2024, 6, 30), post=True)
        self.assertEqual((charge.amount, charge.state, charge.move_id.id, set(charge.line_ids.mapped("state"))), (0, "posted", False, {"posted"}))
        self.assertFalse(self._charge(date(2024, 6, 30)), "neither is forgotten")

    def test_one_of_two_credit_notes_set_back_leaves_it_owed(self):
        bill = self.charge.move_id
        notes = [bill._make_part_credit_note(amount, "Part", "Part", f"part {amount}") for amount in (30, bill.amount_total - 30)]
        for note in notes:
            note.action_post()
        self.assertEqual(self.charge.state, "waived")
        notes[0].button_draft()
        self.assertEqual((self.charge.state, self.charge.amount), ("posted", 54.79))

    def test_a_bill_that_says_something_else_is_not_posted(self):
        bill = self.charge.move_id
        bill.button_draft()
        bill.invoice_line_ids.price_unit = 5
        with self.assertRaisesRegex(UserError, "54.79"):
            bill.action_post()

    def test_nothing_is_waived_while_the_bill_is_in_draft(self):
        self.charge.move_id.button_draft()
        with self.assertRaisesRegex(UserError, "set back to draft"):
            self.charge._waive("Goodwill")

    def test_a_second_bill_is_not_made_in_the_books(self):
        wizard = self.env["account.move.reversal"].with_context(active_model="account.move", active_ids=self.charge.move_id.ids).create(
            {"journal_id": self.charge.move_id.journal_id.id})
        with self.assertRaisesRegex(UserError, "bill of a charge"):
            wizard.modify_moves()

    def test_what_a_price_includes_is_on_top_of_the_charge(self):
        self.customer.country_id = self.company.country_id  # no fiscal position
        tax = self.tax.copy({"name": "21 % included", "amount": 21, "amount_type": "percent", "price_include_override": "tax_included"})
        self.company._charge_product("interest").taxes_id = [Command.set(tax.ids)]
        bill = self._charge(date(2024, 6, 30), post=True).move_id
        self.assertEqual((bill.amount_untaxed, bill.amount_tax), (102.74, 21.58))

    def test_the_limit_of_collectors_holds_over_a_month(self):
        self.company.collection_write_off_max = 60
        self._dated(DUE, 1000)
        second = self._charge(MAY, post=True)  # 5.48
        collector = self.env["res.users"].with_context(no_reset_password=True).create({
            "name": "Carla", "login": "carla.books.test", "company_id": self.company.id, "company_ids": [Command.set(self.company.ids)],
            "group_ids": [Command.set([self.env.ref("account_credit_collection.group_collector").id])]})
        for charge, refused in ((self.charge, False), (second, True)):
            wizard = self.env["collection.charge.waive.wizard"].with_user(collector).create({"charge_ids": [Command.set(charge.ids)], "reason": "Goodwill"})
            if refused:
                with self.assertRaisesRegex(UserError, "a month"):
                    wizard.action_waive()
            else:
                wizard.action_waive()

    def test_the_customer_is_told_of_a_waiver_for_paying_in_time(self):
        self.charge.sudo().mailed_on = self.today
        self.charge._promise_waiver(self.today + timedelta(days=7), "Goodwill")
        self.assertIn("cancelled if the invoices", str(self.charge.move_id.narration))
        self.assertFalse(self.charge.mailed_on)

    def test_a_draft_that_could_not_be_billed_is_sent_once_it_is(self):
        self._dated(DUE, 1000)
        draft = self._charge(MAY)
        draft.sudo().problem = "no bill today"
        draft.action_post()
        self.assertEqual((draft.state, draft.problem), ("posted", False))
