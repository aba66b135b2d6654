import io
from datetime import date
from unittest.mock import patch

import openpyxl

from odoo.fields import Command
from odoo.tests import Form, tagged

from odoo.addons.account_credit_collection.engine.interest import Stop

from .charge import ChargeCommon

DUE, MAY, JUNE = date(2024, 5, 15), date(2024, 5, 31), date(2024, 6, 30)


@tagged("post_install", "-at_install")
class TestChargeMends(ChargeCommon):
    """What was charged stays right when rules, terms, invoices and payments change afterwards. 10,000 cost 54.79 up to 31 May."""

    def _told(self, charges):
        return charges.line_ids.mapped(lambda line: (line.kind, line.amount))

    def _reopen(self, invoice, **values):
        invoice.button_draft()
        invoice.write(values)
        invoice.action_post()

    # ------------------------------------------------------------------ by what it was charged by

    def test_a_customer_who_gets_another_rule_keeps_what_the_first_one_cost(self):
        self.rule.write({"method": "monthly", "range_ids": [Command.create({"percent": 1.5})]})
        self._dated(DUE)
        self.assertEqual(self._charge(date(2024, 8, 15), post=True).amount, 450)
        self._profile().sudo().charge_rule_id = self._charge_rule("12 % a year", percent=12)
        self.assertEqual(self._told(self._charge(date(2024, 8, 31))), [("interest", 52.6)])  # 10,000 × 12 % × 16 / 365

    def test_another_day_count_holds_for_days_to_come_only(self):
        self._dated(DUE)
        self._charge(MAY, post=True)
        self.rule.day_count = "360"
        self.assertEqual(self._told(self._charge(JUNE)), [("interest", 104.16)])  # 159.72 for 46 days of 360, less 55.56 for 16

    def test_days_of_grace_that_come_later_give_nothing_back(self):
        invoice = self._dated(DUE)
        self._pay(invoice, on=date(2024, 5, 20))
        self._charge(MAY, post=True)
        self.rule.grace_days = 10
        self.assertFalse(self._charge(JUNE))

    def test_whom_a_new_rule_spares_until_a_reminder_gets_nothing_back(self):
        self._dated(DUE)
        self._charge(MAY, post=True)
        self._profile().sudo().charge_rule_id = self._charge_rule("Consumers", percent=12.5, wait_after="reminder", wait_days=14)
        self.assertFalse(self._charge(JUNE))

    def test_a_payment_entered_late_corrects_months_as_well(self):
        self.rule.write({"method": "monthly", "compound": True, "range_ids": [Command.create({"percent": 1.5})]})
        invoice = self._dated(DUE)
        self.assertEqual(self._charge(date(2024, 7, 15), post=True).amount, 302.25)  # 150 and 152.25
        self._pay(invoice, on=date(2024, 6, 20))
        self.assertEqual(self._told(self._charge(date(2024, 7, 31))), [("correction", -152.25)])

    # ------------------------------------------------------------------ invoices that change

    def test_a_cancelled_invoice_costs_nothing(self):
        invoice = self._dated(DUE)
        first = self._charge(MAY, post=True)
        invoice.button_draft()
        self.assertFalse(self._charge(JUNE), "undecided while it is a draft")
        invoice.button_cancel()
        credit = self._charge(JUNE, post=True)
        self.assertEqual(self._told(credit), [("correction", -54.79)])
        self.assertEqual((credit.move_id.move_type, first.residual), ("out_refund", 0))
        run = self.env["collection.charge.run"].create({"company_id": self.company.id, "last_day": JUNE})
        run.action_prepare()
        self.assertEqual((run.charge_ids.ids, self._counts(run)), ([], {}))

    def test_an_invoice_that_is_due_later_costs_nothing_until_then(self):
        invoice = self._dated(DUE)
        self._charge(MAY, post=True)
        self._reopen(invoice, invoice_date_due=date(2024, 6, 25))
        self.assertEqual(self._told(self._charge(date(2024, 6, 10), post=True)), [("correction", -54.79)])
        self.assertEqual(self._told(self._charge(JUNE)), [("interest", 17.12)])  # 26 to 30 June

    def test_an_invoice_due_a_few_days_later_is_corrected_for_these(self):
        invoice = self._dated(DUE)
        self._charge(MAY, post=True)
        self._reopen(invoice, invoice_date_due=date(2024, 5, 20))
        self.assertEqual(self._told(self._charge(MAY)), [("correction", -17.12)])  # 16 to 20 May

    def _in_two(self):
        """3,000 due on 15 April and 7,000 on 15 May, charged up to 31 May: 47.26 and 38.36."""
        term = self.env["account.payment.term"].create({"name": "30 now, 70 in a month", "line_ids": [
            Command.create({"value": "percent", "value_amount": 30, "nb_days": 0}), Command.create({"value": "percent", "value_amount": 70, "nb_days": 30})]})
        invoice = self._invoice(0, 10000, invoice_date=date(2024, 4, 15), invoice_payment_term_id=term.id)
        self.assertEqual(sorted(self._charge(MAY, post=True).line_ids.mapped("amount")), [38.36, 47.26])
        return invoice

    def test_an_invoice_in_two_parts_made_one_is_corrected_for_what_is_not_late_any_more(self):
        invoice = self._in_two()
        self._reopen(invoice, invoice_payment_term_id=False, invoice_date_due=DUE)
        self.assertEqual(self._told(self._charge(MAY, post=True)), [("correction", -30.82)])  # 3,000 from 16 April to 15 May
        self.assertEqual(self._told(self._charge(JUNE)), [("interest", 102.74)])

    def test_parts_of_other_sizes_and_days_are_never_charged_more_for_billed_days(self):
        invoice = self._in_two()
        term = self.env["account.payment.term"].create({"name": "Halves", "line_ids": [
            Command.create({"value": "percent", "value_amount": 50, "nb_days": 3}), Command.create({"value": "percent", "value_amount": 50, "nb_days": 20})]})
        self._reopen(invoice, invoice_payment_term_id=term.id)
        corrections = self._charge(MAY).line_ids.filtered(lambda line: line.kind == "correction")
        self.assertTrue(all(line.amount < 0 for line in corrections))

    # ------------------------------------------------------------------ fixed sums and fees

    def test_the_fixed_sum_of_an_invoice_paid_in_time_is_given_back(self):
        self.rule.band_ids = [Command.create({"amount": 40})]
        invoice = self._dated(DUE)
        self._charge(MAY, post=True)
        self._pay(invoice, on=DUE)
        credit = self._charge(JUNE, post=True)
        self.assertEqual(sorted(self._told(credit)), [("correction", -54.79), ("fixed_correction", -40)])
        self.assertEqual(credit.move_id.amount_untaxed, 94.79)
        self.assertFalse(self._charge(JUNE), "given back once")
        self._item(invoice).remove_move_reconcile()
        again = self._told(self._charge(JUNE))
        self.assertIn(("fixed_correction", 40), again, "the payment was none: it was late")

    def test_the_fixed_sum_of_an_invoice_paid_a_little_late_stands(self):
        self.rule.write({"method": "none", "band_ids": [Command.create({"amount": 40})]})
        invoice = self._dated(DUE)
        self._charge(MAY, post=True)
        self._pay(invoice, on=date(2024, 5, 20))
        self.assertFalse(self._charge(JUNE))

    def test_a_fixed_sum_alone_is_given_back_too(self):
        self.rule.write({"method": "none", "band_ids": [Command.create({"amount": 40})]})
        invoice = self._dated(DUE)
        self._charge(MAY, post=True)
        self._pay(invoice, on=date(2024, 5, 10))
        self.assertEqual(self._told(self._charge(JUNE)), [("fixed_correction", -40)])

    def _fees(self, *stops):
        with patch.object(type(self.env["collection.reader"]), "_read_charge_stops", lambda reader, rows, today: {row.id: stops for row in rows}):
            found, _counts = self.env["collection.charge.reckoner"]._reckon(self.company, self._profile(), self._due(-30), self.today)
        return [(line.kind, line.amount) for line in found.get(self._profile().id, ())]

    def test_a_reminder_of_what_stands_still_costs_nothing(self):
        self.rule.method = "none"
        self.policy.level_ids.fee_amount = 10
        self._invoice(1)
        self._sent(self._run(0))
        self.company.collection_charge_from = self._due(30)
        self.assertEqual(self._fees(), [("fee", 10)])
        self.assertEqual(self._fees(Stop(date.min)), [])

    # ------------------------------------------------------------------ nothing hidden

    def test_what_was_paid_long_before_the_first_run_is_charged(self):
        invoice = self._dated(date(2022, 1, 31))
        self._pay(invoice, on=date(2022, 12, 31))
        self.assertEqual(self._charge(JUNE, post=True).amount, 1143.84)  # 10,000 × 12.5 % × 334 / 365
        run = self.env["collection.charge.run"].create({"company_id": self.company.id, "last_day": date(2025, 12, 31)})
        run.action_prepare()
        self.assertEqual(self._counts(run), {}, "settled and charged long ago")

    def test_the_first_run_says_what_was_late_before_charges_began(self):
        self.company.collection_charge_from = False
        self._dated(DUE)
        run = self.env["collection.charge.run"].create({"company_id": self.company.id, "last_day": JUNE})
        run.action_prepare()
        self.assertEqual(self._counts(run), {"before_start": 1})
        self.assertEqual(run.count_ids.text, "Late before charges began")

    # ------------------------------------------------------------------ the cap

    def test_the_cap_is_of_all_charges_together(self):
        self.rule.write({"cap_percent": 10, "band_ids": [Command.create({"amount": 40})]})
        self._dated(DUE, 100)
        self.assertEqual(self._told(self._charge(MAY, post=True)), [("interest", 0.55), ("fixed", 9.45)])
        self.assertFalse(self._charge(date(2025, 5, 31)))

    def test_what_was_waived_is_used_up(self):
        self.rule.cap_percent = 1
        self._dated(DUE)
        charge = self._charge(date(2024, 12, 31), post=True)
        self.assertEqual(charge.amount, 100)
        charge._waive("Goodwill")
        self.assertFalse(self._charge(date(2025, 12, 31)))

    # ------------------------------------------------------------------ drafts, disputes, customers who are spared

    def test_what_was_never_billed_is_not_corrected(self):
        invoice = self._dated(DUE)
        draft = self._charge(MAY)
        self._pay(invoice, on=date(2024, 5, 20))
        self.assertFalse(self._charge(JUNE))
        draft.run_id.action_drop()
        self.assertEqual(self._told(self._charge(JUNE)), [("interest", 17.12)])  # 16 to 20 May

    def test_a_bill_set_back_for_a_moment_stays_corrected(self):
        invoice = self._dated(DUE)
        bill = self._charge(MAY, post=True).move_id
        self._pay(invoice, on=date(2024, 5, 20))
        self.assertEqual(self._charge(JUNE, post=True).amount, -37.67)
        bill.button_draft()
        self.assertFalse(self._charge(date(2024, 7, 31)))

    def test_a_part_in_open_dispute_is_not_charged_as_a_correction(self):
        invoice = self._dated(DUE, 1000)
        self.env["collection.dispute"].sudo().create({"item_id": self._item(invoice).id, "reason": "Broken", "amount": 400, "opened_on": date(2024, 5, 16)})
        self.assertEqual(self._charge(MAY, post=True).amount, 3.29)  # 600 × 12.5 % × 16 / 365
        self.assertEqual(self._told(self._charge(JUNE)), [("interest", 6.16)])

    def test_who_is_spared_gets_back_what_was_too_much_and_is_charged_no_more(self):
        invoice, other = self._dated(DUE), self._dated(DUE, 1000)
        self._charge(MAY, post=True)
        self._profile().sudo().no_charges = True
        self._pay(invoice, on=DUE)
        self.assertEqual(self._told(self._charge(JUNE, post=True)), [("correction", -54.79)])
        self.company.collection_charge_rule_id = False
        self._pay(other, on=DUE)
        self.assertEqual(self._told(self._charge(JUNE)), [("correction", -5.48)])

    def test_who_is_spared_is_not_charged_for_what_turns_out_to_cost_more(self):
        invoice = self._dated(DUE)
        self._pay(invoice, 4000, on=DUE)
        self._charge(MAY, post=True)
        self._item(invoice).remove_move_reconcile()
        self._profile().sudo().no_charges = True
        self.assertFalse(self._charge(JUNE))
        self._profile().sudo().no_charges = False
        self.assertIn(("correction", 21.91), self._told(self._charge(JUNE)), "54.79 less 32.88")

    # ------------------------------------------------------------------ rates and proofs

    def _on_a_rate(self):
        rate = self._rate((date(2023, 9, 20), 4.5))
        self.rule.write({"rate_kind": "reference", "percent": 8, "rate_id": rate.id, "note": "Our terms, clause 7"})
        self._dated(DUE)
        return rate, self._charge(JUNE, post=True)

    def test_a_value_that_reaches_into_billed_days_says_so_while_it_is_edited(self):
        rate, _charge = self._on_a_rate()
        with Form(rate) as form:
            self.assertFalse(form.billed_warning)
            with form.value_ids.edit(0) as value:
                value.percent = 2.5
            self.assertIn("billed already with another rate: 1.", form.billed_warning)
        self.assertFalse(rate.billed_warning)
        with Form(rate) as form:
            with form.value_ids.new() as value:
                value.valid_from, value.percent, value.source = date(2024, 7, 1), 4.25, "Test"
            self.assertFalse(form.billed_warning, "these days are not billed yet")

    def test_a_value_looked_up_every_day_counts_from_its_day(self):
        rate, _charge = self._on_a_rate()
        for taken, warned in (("half_year", False), ("daily", True)):
            self.rule.rate_taken = taken
            form = Form(rate)
            with form.value_ids.new() as value:
                value.valid_from, value.percent, value.source = date(2024, 6, 12), 4.25, "Test"
            self.assertEqual(bool(form.billed_warning), warned)

    def test_the_proof_of_a_bill_stays_what_it_was(self):
        rate, charge = self._on_a_rate()
        self.rule.write({"day_count": "360", "note": "Other terms", "rate_kind": "fixed"})
        rate.value_ids.percent = 2.5
        book = openpyxl.load_workbook(io.BytesIO(charge._proof_workbook()))
        self.assertEqual(book["Proof"].cell(5, 9).value, "=G5*H5/100*F5/365")
        self.assertEqual(book["Proof"].cell(2, 1).value, "Our terms, clause 7")
        self.assertEqual([book["Rates"].cell(2, column).value for column in (1, 3)], ["Test rate", 4.5])
        html = str(self.env["ir.actions.report"]._render_qweb_html("account_credit_collection.report_collection_charge_proof", charge.ids)[0], "utf-8")
        for text in ("Our terms, clause 7", "Days / 365", "Test rate"):
            self.assertIn(text, html)
