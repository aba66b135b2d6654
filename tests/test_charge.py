import io
from datetime import date, timedelta
from unittest.mock import patch

import openpyxl
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .charge import ChargeCommon

DUE = date(2024, 5, 15)


@tagged("post_install", "-at_install")
class TestChargeRun(ChargeCommon):

    def test_f8_each_period_says_days_balance_rate_and_amount(self):
        rate = self._rate((date(2023, 9, 20), 4.5), (date(2024, 6, 12), 4.25))
        self.rule.write({"rate_kind": "reference", "percent": 8, "rate_id": rate.id})
        invoice = self._dated(DUE)
        self._pay(invoice, 4000, date(2024, 6, 14))
        self._pay(invoice, 6000, date(2024, 9, 30))
        charge = self._charge(date(2024, 10, 31))
        self.assertEqual(self._periods(charge), [
            (date(2024, 5, 16), date(2024, 6, 14), 30, 10000, 12.5, 102.74),
            (date(2024, 6, 15), date(2024, 6, 30), 16, 6000, 12.5, 32.88),
            (date(2024, 7, 1), date(2024, 9, 30), 92, 6000, 12.25, 185.26)])
        self.assertEqual(charge.amount, 320.88)

    def test_a_second_run_charges_the_days_since_and_no_day_twice(self):
        self._dated(DUE)
        first, second = self._charge(date(2024, 5, 31)), self._charge(date(2024, 6, 30))
        self.assertEqual(self._periods(first), [(date(2024, 5, 16), date(2024, 5, 31), 16, 10000, 12.5, 54.79)])
        self.assertEqual(self._periods(second), [(date(2024, 6, 1), date(2024, 6, 30), 30, 10000, 12.5, 102.74)])
        self.assertFalse(self._charge(date(2024, 6, 30)), "charged on the same day again")

    def test_the_database_refuses_a_day_twice(self):
        self._dated(DUE)
        line = self._charge(date(2024, 5, 31)).line_ids.sudo()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            line.copy({"date_from": date(2024, 5, 31), "date_to": date(2024, 6, 2)})
        line.copy({"date_from": date(2024, 6, 1), "date_to": date(2024, 6, 2)})

    def test_days_before_charges_began_are_free(self):
        self.company.collection_charge_from = date(2024, 6, 1)
        self._dated(DUE)
        self.rule.band_ids = [Command.create({"amount": 40})]
        charge = self._charge(date(2024, 6, 30))
        self.assertEqual(self._periods(charge)[0][:3], (date(2024, 6, 1), date(2024, 6, 30), 30))
        self.assertEqual(charge.line_ids.mapped("kind"), ["interest"], "the fixed sum is of a delay before charges began")

    def test_an_invoice_paid_late_is_charged_and_one_paid_in_time_is_not(self):
        late, in_time = self._dated(DUE, 1000), self._dated(DUE, 500)
        self._pay(late, on=date(2024, 5, 25))
        self._pay(in_time, on=DUE)
        charge = self._charge(date(2024, 6, 30))
        self.assertEqual(self._periods(charge), [(date(2024, 5, 16), date(2024, 5, 25), 10, 1000, 12.5, 3.42)])

    def test_who_has_no_rule_or_is_spared_is_not_charged_and_the_run_says_why(self):
        self._dated(DUE)
        self._profile().sudo().no_charges = True
        run = self.env["collection.charge.run"].create({"last_day": date(2024, 5, 31), "company_id": self.company.id})
        run.action_prepare()
        self.assertFalse(run.charge_ids)
        self.company.collection_charge_rule_id = False
        self._profile().sudo().no_charges = False
        self.assertFalse(self._charge(date(2024, 5, 31)))

    def test_consumers_have_a_rule_of_their_own(self):
        consumer = self._customer("Jane Doe", is_company=False)
        self._dated(DUE, partner=consumer)
        self.assertFalse(self._charge(date(2024, 5, 31)), "no rule for consumers is chosen")
        self.company.collection_charge_consumer_rule_id = self._charge_rule("5 %", percent=5)
        self.assertEqual(self._charge(date(2024, 5, 31)).amount, 21.92)  # 10,000 × 5 % × 16 / 365

    def test_the_fixed_sum_is_charged_once_an_invoice(self):
        self.rule.band_ids = [Command.create({"amount": 40, "below": 1000}), Command.create({"amount": 70})]
        self._dated(DUE, 999)
        self._dated(DUE, 1000)
        first = self._charge(date(2024, 5, 31), post=True)
        self.assertEqual(sorted(first.line_ids.filtered(lambda line: line.kind == "fixed").mapped("amount")), [40, 70])
        second = self._charge(date(2024, 6, 30))
        self.assertNotIn("fixed", second.line_ids.mapped("kind"))

    def test_an_invoice_in_two_installments_bears_one_fixed_sum(self):
        self.rule.band_ids = [Command.create({"amount": 40})]
        term = self.env["account.payment.term"].create({"name": "Half now, half in two months", "line_ids": [
            Command.create({"value": "percent", "value_amount": 50, "nb_days": 0}), Command.create({"value": "percent", "value_amount": 50, "nb_days": 60})]})
        self._invoice(0, 1000, invoice_date=date(2024, 3, 1), invoice_payment_term_id=term.id)
        first, second = self._charge(date(2024, 5, 31)), self._charge(date(2024, 6, 30))
        self.assertEqual(len(first.line_ids.item_id), 2)
        self.assertEqual((first | second).line_ids.filtered(lambda line: line.kind == "fixed").mapped("amount"), [40])

    def test_the_fee_of_a_reminder_is_charged_once_a_level_and_the_first_is_free(self):
        self.rule.write({"free_reminders": 1, "fee_cap": 7.5, "method": "none"})
        self.policy.level_ids.fee_amount = 10
        invoice = self._invoice(1)
        self._sent(self._run(0))
        self._sent(self._run(10))
        self.company.collection_charge_from = self._due(30)
        found, _counts = self.env["collection.charge.reckoner"]._reckon(self.company, self._profile(), self._due(-30), self.today)
        lines = found[self._profile().id]
        self.assertEqual([(line.kind, line.amount, line.row.move) for line in lines], [("fee", 7.5, invoice.id)])
        run = self.env["collection.charge.run"].sudo().create({"company_id": self.company.id, "last_day": self._due(-29)})
        run._prepare()
        self.assertEqual(run.charge_ids.amount, 7.5)
        again = self.env["collection.charge.run"].sudo().create({"company_id": self.company.id, "last_day": self._due(-29)})
        again._prepare()
        self.assertFalse(again.charge_ids)

    def test_consumers_are_charged_some_days_after_the_first_reminder(self):
        """Belgium: 14 days, from the day after an e-mail."""
        self.rule.write({"wait_after": "reminder", "wait_days": 14})
        self._invoice(1, 10000)
        self.company.collection_charge_from = self._due(30)
        self._sent(self._run(0))
        found, _counts = self.env["collection.charge.reckoner"]._reckon(self.company, self._profile(), self._due(-20), self.today)
        [line] = found[self._profile().id]
        self.assertEqual((line.segment.start, line.segment.days), (self._due(-15), 5))

    def test_without_a_reminder_they_are_not_charged_at_all(self):
        self.rule.write({"wait_after": "reminder", "wait_days": 14})
        self._dated(DUE)
        self.assertFalse(self._charge(date(2024, 12, 31)))

    def test_minimum_and_cap(self):
        self.rule.write({"minimum": 5, "cap_percent": 1})
        self._dated(DUE, 100)
        self.assertFalse(self._charge(date(2024, 6, 30)))  # 100 × 12.5 % × 46 / 365 = 1.58
        self.rule.minimum = 0.5
        self.assertEqual(self._charge(date(2024, 12, 31)).amount, 1)  # at most 1 %

    def test_rates_by_the_month(self):
        self.rule.write({"method": "monthly", "range_ids": [Command.create({"percent": 1.5, "until_month": 3}), Command.create({"percent": 2})]})
        self._dated(DUE)
        charge = self._charge(date(2024, 9, 15))
        self.assertEqual([period[3:] for period in self._periods(charge)],
                         [(10000, 1.5, 150), (10000, 1.5, 150), (10000, 1.5, 150), (10000, 2, 200)])

    def test_days_in_dispute_cost_nothing_while_it_is_open_and_if_the_fault_was_ours(self):
        self._dated(DUE)
        invoice = self._dated(DUE, 1000)
        dispute = self.env["collection.dispute"].sudo().create({"item_id": self._item(invoice).id, "reason": "Broken", "amount": 1000, "opened_on": date(2024, 5, 21)})
        charge = self._charge(date(2024, 5, 31))
        self.assertEqual([(period[3], period[2]) for period in self._periods(charge)], [(10000, 16), (1000, 5)])
        dispute.write({"our_fault": False, "state": "closed", "closed_on": date(2024, 6, 5)})
        later = self._charge(date(2024, 6, 30))
        self.assertEqual(sorted((period[3], period[2]) for period in self._periods(later)), [(1000, 41), (10000, 30)],
                         "the days in dispute are charged after all: the fault was not ours")

    def test_a_credit_note_on_the_invoice_holds_from_the_beginning(self):
        invoice = self._dated(DUE, 1000)
        note = invoice._make_part_credit_note(400, "Broken", "Broken", "test")
        note.action_post()
        self.assertEqual(self._periods(self._charge(date(2024, 5, 25)))[0][2:], (10, 600, 12.5, 2.05))

    def test_charges_bear_no_charges(self):
        self._dated(DUE)
        bill = self._charge(date(2024, 5, 31), post=True).move_id
        self.assertEqual(bill.state, "posted")
        bill.line_ids.flush_recordset()
        self.env.cr.execute("UPDATE account_move_line SET date_maturity = %s WHERE move_id = %s AND account_id = %s",
                            (date(2024, 5, 31), bill.id, self._item(bill).account_id.id))
        bill.line_ids.invalidate_recordset()
        later = self._charge(date(2024, 7, 31))
        self.assertNotIn(bill.name, later.line_ids.mapped("document"))

    def test_a_bill_of_charges_climbs_no_further_than_the_first_level_and_rides_along(self):
        self._dated(self._due(60))
        bill = self._charge(self._due(30), post=True).move_id
        profile = self._profile()
        facts = self.env["collection.reader"]._read_facts(
            self.company, profile, self.env["collection.policy"]._in_force(self.company, profile, self.today), self.today).facts[profile.id]
        self.assertEqual({item.id: item.mild for item in facts.items}, {self._item(bill).id: True, **{
            item.id: False for item in profile.item_ids - self._item(bill)}})

    def test_other_currencies_have_their_own_bill_and_units(self):
        yen = self.env.ref("base.JPY")
        yen.active = True
        self.env["res.currency.rate"].create({"currency_id": yen.id, "name": "2020-01-01", "rate": 100, "company_id": self.company.id})
        self._dated(DUE, 1000000, currency=yen)
        self._dated(DUE, 1000)
        charges = self._charge(date(2024, 5, 31), post=True)
        amounts = {charge.currency_id.name: charge.amount for charge in charges}
        self.assertEqual(amounts, {"JPY": 5479, self.company.currency_id.name: 5.48})
        self.assertEqual(charges.mapped("move_id.currency_id"), charges.currency_id)

    def test_the_same_number_of_queries_for_two_and_for_twenty_customers(self):
        def prepare(count):
            partners = [self._customer(f"Many {count} {number}") for number in range(count)]
            for partner in partners:
                self._dated(DUE, partner=partner)
            profiles = self.env["credit.profile"].browse(self._profile(partner).id for partner in partners)
            run = self.env["collection.charge.run"].sudo().create({"company_id": self.company.id, "last_day": date(2024, 5, 31)})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            run._prepare_batch(profiles)
            self.env.flush_all()
            return self.cr.sql_log_count - before

        prepare(2)
        self.assertEqual(prepare(2), prepare(20))

    def test_only_days_that_are_over_are_charged(self):
        run = self.env["collection.charge.run"].create({"company_id": self.company.id, "last_day": self.today})
        with self.assertRaisesRegex(UserError, "not over yet"):
            run.action_prepare()


@tagged("post_install", "-at_install")
class TestChargeBill(ChargeCommon):

    def test_one_bill_a_customer_with_a_line_for_each_invoice(self):
        one, two = self._dated(DUE), self._dated(DUE, 1000)
        charge = self._charge(date(2024, 5, 31), post=True)
        bill = charge.move_id
        self.assertEqual((charge.state, bill.state, bill.invoice_date), ("posted", "posted", self.today))
        self.assertEqual(sorted(bill.invoice_line_ids.mapped("price_subtotal")), [5.48, 54.79])
        self.assertEqual({line.invoice_line_id.price_subtotal for line in charge.line_ids}, {5.48, 54.79})
        self.assertIn(one.name, " ".join(bill.invoice_line_ids.mapped("name")))
        self.assertIn(two.name, " ".join(bill.invoice_line_ids.mapped("name")))
        self.assertEqual(charge.run_id.state, "done")

    def test_what_was_paid_back_dated_since_is_reckoned_anew_and_not_billed_unseen(self):
        invoice = self._dated(DUE)
        charge = self._charge(date(2024, 5, 31))
        self._pay(invoice, on=date(2024, 5, 20))
        charge.run_id.action_post()
        self.assertEqual((charge.state, charge.changed, charge.amount), ("draft", True, 17.12))  # 5 days
        charge.action_post()
        self.assertEqual((charge.state, charge.move_id.amount_untaxed), ("posted", 17.12))

    def test_nothing_is_left_of_a_draft_whose_invoice_was_paid_in_time_after_all(self):
        invoice = self._dated(DUE)
        charge = self._charge(date(2024, 5, 31))
        self._pay(invoice, on=DUE)
        charge.run_id.action_post()
        self.assertEqual((charge.state, charge.move_id.id, len(charge.line_ids)), ("reversed", False, 0))

    def test_a_payment_entered_late_brings_a_credit_for_what_was_charged_too_much(self):
        invoice = self._dated(DUE)
        first = self._charge(date(2024, 5, 31), post=True)
        self._pay(invoice, on=date(2024, 5, 20))
        charge = self._charge(date(2024, 6, 30), post=True)
        self.assertEqual(charge.line_ids.mapped(lambda line: (line.kind, line.amount)), [("correction", -37.67)])  # 11 of 16 days
        self.assertEqual((charge.move_id.move_type, charge.move_id.amount_untaxed), ("out_refund", 37.67))
        self.assertEqual(round(first.residual, 2), round(first.move_id.amount_total - charge.move_id.amount_total, 2), "set off against the first bill")
        self.assertFalse(self._charge(date(2024, 6, 30)), "corrected once")

    def test_lock_date_bills_on_the_next_open_day(self):
        self._dated(DUE)
        self.company.sudo().fiscalyear_lock_date = self.today - timedelta(days=1)
        charge = self._charge(date(2024, 5, 31), post=True)
        self.assertEqual(charge.state, "posted")
        self.assertGreater(charge.move_id.date, self.company.fiscalyear_lock_date)
        self.assertEqual(charge.line_ids.last_day, date(2024, 5, 31), "the days charged stay as they are")

    def test_a_customer_beyond_its_credit_is_charged_all_the_same(self):
        self._dated(DUE)
        self.company.write({"credit_check": "hold", "account_use_credit_limit": True})
        self._profile().sudo().write({"credit_stop": True, "credit_stop_reason": "Insolvent"})
        charge = self._charge(date(2024, 5, 31), post=True)
        self.assertEqual((charge.state, charge.move_id.state), ("posted", "posted"))
        with self.assertRaises(AccessError):
            self._invoice(-10, 100, post=False, collection_charge_id=charge.id)
        spoof = self._invoice(-10, 100, post=False)
        spoof.sudo().collection_charge_id = charge
        spoof.action_post()
        self.assertEqual(spoof.state, "draft", "an invoice that only says that it is a charge is held")

    def test_dropping_a_run_gives_its_days_free(self):
        self._dated(DUE)
        charge = self._charge(date(2024, 5, 31))
        charge.run_id.action_drop()
        self.assertEqual((charge.state, charge.run_id.state), ("reversed", "dropped"))
        self.assertEqual(self._charge(date(2024, 5, 31)).amount, 54.79)

    def test_cancelling_gives_the_days_free_and_waiving_does_not(self):
        self._dated(DUE)
        charge = self._charge(date(2024, 5, 31), post=True)
        charge.action_reverse()
        self.assertEqual((charge.state, charge.move_id.payment_state), ("reversed", "reversed"))
        charge = self._charge(date(2024, 5, 31), post=True)
        self.assertEqual(charge.amount, 54.79)
        charge._waive("Goodwill")
        self.assertEqual((charge.state, charge.residual), ("waived", 0))
        self.assertFalse(self._charge(date(2024, 5, 31)))

    def test_an_accountants_credit_note_on_the_bill_waives_it(self):
        self._dated(DUE)
        charge = self._charge(date(2024, 5, 31), post=True)
        note = charge.move_id._reverse_moves([{"invoice_date": self.today}])
        note.action_post()
        self.assertEqual(charge.state, "waived")
        note.button_draft()
        self.assertEqual((charge.state, charge.line_ids.state), ("posted", "posted"))

    def test_a_bill_set_back_and_cancelled_gives_its_days_free(self):
        self._dated(DUE)
        charge = self._charge(date(2024, 5, 31), post=True)
        charge.move_id.button_draft()
        self.assertEqual(charge.state, "draft")
        with self.assertRaisesRegex(UserError, "bill of a charge"):
            charge.move_id.unlink()
        charge.move_id.button_cancel()
        self.assertEqual((charge.state, charge.line_ids.state), ("reversed", "reversed"))
        self.assertTrue(self._charge(date(2024, 5, 31)))

    def test_waived_if_paid_in_time(self):
        invoice = self._invoice(20, 1000)
        charge = self._charge(self._due(1), post=True)
        charge._promise_waiver(self.today + timedelta(days=7), "Goodwill")
        self._pay(invoice)
        self._profile().sudo()._refresh(self.company, self.today)
        self.assertEqual((charge.state, charge.residual), ("waived", 0))

    def test_the_waiver_lapses_when_it_is_not_paid_in_time(self):
        self._invoice(20, 1000)
        charge = self._charge(self._due(1), post=True)
        charge._promise_waiver(self.today + timedelta(days=7), "Goodwill")
        self._profile().sudo()._refresh(self.company, self.today + timedelta(days=7))
        self.assertEqual((charge.state, charge.waive_until), ("posted", self.today + timedelta(days=7)))
        self._profile().sudo()._refresh(self.company, self.today + timedelta(days=15))
        self.assertEqual((charge.state, charge.waive_until), ("posted", False))

    def test_collectors_waive_up_to_what_they_may_write_off(self):
        self._dated(DUE)
        charge = self._charge(date(2024, 5, 31), post=True)
        collector = self.env["res.users"].with_context(no_reset_password=True).create({
            "name": "Carla", "login": "carla.charge.test", "company_id": self.company.id, "company_ids": [Command.set(self.company.ids)],
            "group_ids": [Command.set([self.env.ref("account_credit_collection.group_collector").id])]})
        wizard = self.env["collection.charge.waive.wizard"].with_user(collector).create({"charge_ids": [Command.set(charge.ids)], "reason": "Goodwill"})
        with self.assertRaisesRegex(UserError, "may waive up to"):
            wizard.action_waive()
        self.company.collection_write_off_max = 60
        wizard.action_waive()
        self.assertEqual(charge.state, "waived")
        with self.assertRaises(AccessError):
            charge.with_user(collector).write({"amount": 1})
        with self.assertRaises(AccessError):
            charge.with_user(collector).action_reverse()

    def test_waiving_a_line_of_a_bill_credits_that_line(self):
        self._dated(DUE)
        self._dated(DUE, 1000)
        charge = self._charge(date(2024, 5, 31), post=True)
        small = charge.line_ids.filtered(lambda line: line.balance == 1000)
        note = charge._waive("Goodwill", small)
        self.assertEqual((note.move_type, note.amount_untaxed, note.state), ("out_refund", 5.48, "posted"))
        self.assertEqual((charge.state, charge.amount, small.state), ("posted", 54.79, "waived"))

    def test_the_proof_sheet_says_what_the_ledger_says(self):
        self._dated(DUE)
        charge = self._charge(date(2024, 5, 31), post=True)
        html = str(self.env["ir.actions.report"]._render_qweb_html("account_credit_collection.report_collection_charge_proof", charge.ids)[0], "utf-8")
        for text in ("54.79", "12.5 %", "10,000.00", "05/31/2024"):
            self.assertIn(text, html)

    def test_the_workbook_has_dates_numbers_and_a_total_that_adds_up(self):
        self._customer("=HYPERLINK(1)")
        self._dated(DUE, partner=self.env["res.partner"].search([("name", "=", "=HYPERLINK(1)")]))
        charge = self._charge(date(2024, 5, 31), post=True)
        sheet = openpyxl.load_workbook(io.BytesIO(charge._proof_workbook()))["Proof"]
        self.assertEqual([sheet.cell(5, column).value for column in (6, 7, 8, 9, 10)], [16, 10000, 12.5, "=G5*H5/100*F5/365", 54.79])
        self.assertEqual(sheet.cell(5, 4).value.date(), date(2024, 5, 16))
        self.assertEqual(sheet.cell(6, 10).value, "=SUM(J5:J5)")
        self.assertEqual(sheet.cell(1, 1).data_type, "s", "a name that looks like a formula is text")

    def test_mails_go_out_with_bill_and_proof(self):
        self._dated(DUE)
        self.company.collection_charge_send = True
        charge = self._charge(date(2024, 5, 31), post=True)
        self.env["collection.charge"].sudo()._send_waiting()
        mail = self.env["mail.mail"].search([("email_to", "=", self.customer.email)], order="id desc", limit=1)
        self.assertIn(charge.name, mail.subject)
        self.assertEqual(len(mail.attachment_ids), 2)
        self.assertEqual(charge.mailed_on, self.today)
        count = self.env["mail.mail"].search_count([])
        self.env["collection.charge"].sudo()._send_waiting()
        self.assertEqual(self.env["mail.mail"].search_count([]), count, "sent once")

    def _job(self):
        """The nightly job, in this transaction."""
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **values: 1):
            self.env["collection.charge.run"].sudo()._cron_charge()

    def test_many_bills_are_posted_by_the_job_and_one_that_fails_stops_no_other(self):
        self._dated(DUE)
        other = self._customer("Other")
        self._dated(DUE, partner=other)
        charges = self._charge(date(2024, 5, 31))
        charges.run_id.sudo()._transition("posting")
        make_bill = type(charges)._make_bill

        def fails_for_one(charges, values=None):
            if other in charges.partner_id:
                raise UserError("no bill today")
            return make_bill(charges, values)

        with patch.object(type(charges), "_make_bill", fails_for_one), mute_logger("odoo.addons.account_credit_collection.models.collection_charge_job"):
            self._job()
        self.assertEqual({charge.partner_id: (charge.state, charge.problem) for charge in charges},
                         {self.customer: ("posted", False), other: ("draft", "no bill today")})
        self.assertEqual(charges.run_id.state, "prepared")
        charges.run_id.action_retry()
        self.assertEqual(set(charges.mapped("state")), {"posted"})

    def test_the_month_is_prepared_by_itself_once(self):
        self._dated(DUE)
        self.company.collection_charge_day = 1
        self._job()
        run = self.env["collection.charge.run"].search([("company_id", "=", self.company.id)])
        self.assertEqual((run.state, run.last_day), ("prepared", self.today.replace(day=1) - timedelta(days=1)))
        self._job()
        self.assertEqual(self.env["collection.charge.run"].search_count([("company_id", "=", self.company.id)]), 1)


@tagged("post_install", "-at_install")
class TestChargeRule(ChargeCommon):

    def test_a_rule_that_cannot_work_is_refused_with_its_name(self):
        with self.assertRaisesRegex(ValidationError, "Margin.*choose the rate"):
            self._charge_rule("Margin", rate_kind="reference", percent=8)
        with self.assertRaisesRegex(ValidationError, "Months.*at least one"):
            self._charge_rule("Months", method="monthly")
        with self.assertRaisesRegex(ValidationError, "once the invoice is paid"):
            self._charge_rule("Irish", rate_mode="at_payment")

    def test_an_outdated_rate_warns_on_rule_and_run(self):
        rate = self._rate((date(2020, 1, 1), 4))
        rate.checked_on = date(2020, 3, 1)
        self.rule.write({"rate_kind": "reference", "rate_id": rate.id})
        self.assertTrue(rate.is_outdated)
        self.assertIn(rate, self.env["collection.rate"].search([("is_outdated", "=", True)]))
        run = self.env["collection.charge.run"].new({"company_id": self.company.id})
        self.assertIn("Test rate", run.warning)
        rate.action_confirm()
        self.assertFalse(rate.is_outdated)

    def test_days_without_a_known_rate_wait_and_the_run_says_so(self):
        self.rule.write({"rate_kind": "reference", "percent": 8, "rate_id": self._rate((date(2024, 7, 1), 4)).id})
        self._dated(DUE)
        run = self.env["collection.charge.run"].create({"company_id": self.company.id, "last_day": date(2024, 6, 30)})
        run.action_prepare()
        self.assertEqual(self._counts(run), {"no_rate": 1})

    def test_the_rate_of_the_day_of_payment_is_billed_once_paid(self):
        rate = self._rate((date(2023, 9, 20), 4.5), (date(2024, 6, 12), 4.25))
        self.rule.write({"rate_kind": "reference", "percent": 8, "rate_id": rate.id, "rate_mode": "at_payment", "bill_when": "paid"})
        invoice = self._dated(DUE)
        self.assertFalse(self._charge(date(2024, 8, 31)))
        self._pay(invoice, on=date(2024, 9, 30))
        self.assertEqual(self._charge(date(2024, 10, 31)).amount, 463.15)  # F-8: 138 days at 12.25 %
