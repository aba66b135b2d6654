from contextlib import contextmanager
from datetime import timedelta

from freezegun import freeze_time
from psycopg2.errors import CheckViolation, UniqueViolation

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger
from odoo.tools.misc import format_date

from .credit import CreditCommon


class PromiseCommon(CreditCommon):
    """The verbs of promises, along a timeline of days from today."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.collection_promise_days = 2
        cls.collector = new_test_user(
            cls.env(su=True), login="promise collector", company_id=cls.company.id, company_ids=cls.company.ids,
            groups="account_credit_collection.group_collector")

    def _promise(self, *invoices, in_days=5, amount=None, **values):
        """A promise for invoices (none: on the balance); ``amount`` in total of one invoice or of the balance."""
        lines = [Command.create({"item_id": self._item(invoice).id, **({"amount": amount} if amount else {})}) for invoice in invoices]
        return self.env["collection.promise"].create({
            "promised_on": self.company._collection_today() + timedelta(days=in_days), "line_ids": lines,
            **({} if invoices else {"profile_id": self._profile().id, "amount": amount}), **values})

    @contextmanager
    def _on(self, day):
        """A later day, at noon."""
        with freeze_time(f"{day} 12:00:00"):
            yield

    @contextmanager
    def _refused(self, why):
        with self.assertRaisesRegex(UserError, why), self.cr.savepoint():
            yield

    def _after(self, promise, days=1):
        return promise.grace_until + timedelta(days=days)

    def _night(self, day, profile=None):
        """The nightly refresh as of a day."""
        with self._on(day):
            (profile or self._profile())._refresh(self.company, self.company._collection_today())

    def _pay_on(self, invoice, day, amount=None):
        with self._on(day):
            return self._pay(invoice, amount, on=day)

    def _tasks(self, profile=None):
        kind = self.env.ref("account_credit_collection.mail_activity_collection_promise")
        return (profile or self._profile()).activity_ids.filtered(lambda activity: activity.activity_type_id == kind)

    def _broken(self, partner=None, in_days=1):
        """A promise that was broken."""
        promise = self._promise(self._invoice(10, partner=partner), in_days=in_days)
        self._night(self._after(promise), self._profile(partner))
        self.assertEqual(promise.state, "broken")
        return promise


@tagged("post_install", "-at_install")
class TestPromiseJudged(PromiseCommon):
    """What becomes of a promise follows from the payments alone (F-7)."""

    def test_several_payments_keep_it_at_once(self):
        invoice = self._invoice(10)
        promise = self._promise(invoice)
        self._pay_on(invoice, self._due(-1), 40)
        self.assertRecordValues(promise, [{"state": "open", "paid_amount": 40, "missing_amount": 60}])
        self._pay_on(invoice, self._due(-3), 60)
        self.assertRecordValues(promise, [{"state": "kept", "paid_amount": 100, "paid_on": self._due(-3), "judged_on": self._due(-3)}])

    def test_early_on_the_same_day(self):
        invoice = self._invoice(10)
        promise = self._promise(invoice)
        self._pay(invoice)
        self.assertEqual(promise.state, "kept")

    def test_late_within_the_tolerance_and_a_day_beyond(self):
        within, beyond = self._invoice(10), self._invoice(10)
        promises = self._promise(within) + self._promise(beyond)
        self._pay_on(within, promises[0].grace_until)
        self._night(self._after(promises[1]))
        self._pay_on(beyond, self._after(promises[1]))
        self.assertEqual(promises.mapped("state"), ["kept", "broken"])
        self.assertEqual(promises[1].judged_on, self._after(promises[1]))

    def test_a_payment_booked_days_later_with_its_value_date_makes_good(self):
        invoice = self._invoice(10)
        promise = self._promise(invoice)
        self._night(self._after(promise, 2))
        self.assertTrue(self._tasks())
        with self._on(self._after(promise, 3)):
            self._pay(invoice, on=promise.promised_on)
        self.assertEqual(promise.state, "kept")
        self.assertFalse(self._tasks(), "nobody is called about it")

    def test_a_promise_for_a_saturday_counts_until_the_week_after(self):
        self.company.collection_promise_days = 1
        saturday = self.today + timedelta(days=(5 - self.today.weekday()) % 7 or 7)
        promise = self._promise(self._invoice(10), in_days=(saturday - self.today).days)
        self.assertGreaterEqual(promise.grace_until, saturday + timedelta(days=2))
        self.assertLess(promise.grace_until.weekday(), 5)

    def test_partly(self):
        invoice = self._invoice(10)
        promise = self._promise(invoice)
        self._pay_on(invoice, promise.promised_on, 30)
        self._night(promise.grace_until)
        self.assertEqual(promise.state, "open")
        self._night(self._after(promise))
        self.assertRecordValues(promise, [{"state": "partly", "paid_amount": 30, "missing_amount": 70}])
        self._pay_on(invoice, self._after(promise, 3))
        self.assertEqual(promise.state, "partly", "too late")

    def test_broken_is_told_once(self):
        promise = self._promise(self._invoice(10))
        for days in (1, 2, 9):
            self._night(self._after(promise, days))
        self.assertRecordValues(promise, [{"state": "broken", "judged_on": self._after(promise), "paid_amount": 0}])
        task = self._tasks()
        self.assertEqual(len(task), 1)
        self.assertEqual(task.summary, "Promise broken: call")
        self.assertGreaterEqual(task.date_deadline, self._after(promise))
        self.assertLess(task.date_deadline.weekday(), 5, "the next working morning")

    def test_a_job_that_stood_still_dates_it_right(self):
        promise = self._promise(self._invoice(10))
        self._night(self._after(promise, 20))
        self.assertEqual(promise.judged_on, self._after(promise))

    def test_a_credit_note_is_no_payment(self):
        invoice = self._invoice(10)
        promise = self._promise(invoice)
        refund = self._invoice(0, 60, move_type="out_refund")
        (self._item(invoice) | self._item(refund)).reconcile()
        self.assertRecordValues(promise, [{"state": "open", "paid_amount": 0, "missing_amount": 40}])
        self._night(self._after(promise))
        self.assertEqual(promise.state, "broken")

    def _contest(self, invoice, amount):
        return self.env["collection.dispute"].create({"item_id": self._item(invoice).id, "amount": amount, "reason": "Damaged"})

    def test_what_is_contested_is_not_expected(self):
        """1,000 promised, then 300 of it contested, 700 paid in time: the word was kept, whatever becomes of the 300 later."""
        for end in ("rejected", "credit_note", "paid"):
            with self.subTest(end):
                invoice = self._invoice(10, 1000)
                promise = self._promise(invoice)
                dispute = self._contest(invoice, 300)
                self.assertRecordValues(promise, [{"state": "open", "missing_amount": 700}])
                self._pay_on(invoice, promise.promised_on, 700)
                self._night(self._after(promise))
                kept = [{"state": "kept", "paid_amount": 700, "missing_amount": 0}]
                self.assertRecordValues(promise, kept)
                for days, amount in ((3, 100), (5, 200)):
                    if end == "paid":
                        self._pay_on(invoice, self._after(promise, days), amount)
                        continue
                    with self._on(self._after(promise, days)):
                        dispute._resolve(end, amount, why="x")
                self._night(self._after(promise, 9))
                self.assertEqual(dispute.state, "closed")
                self.assertRecordValues(promise, kept)

    def _contested_before(self, paid=700):
        """1,000, of which 300 were contested the day before all of it was promised; ``paid`` of it in time."""
        invoice = self._invoice(10, 1000)
        with self._on(self._due(1)):
            dispute = self._contest(invoice, 300)
        promise = self._promise(invoice)
        self._pay_on(invoice, promise.promised_on, paid)
        self._night(self._after(promise))
        return invoice, dispute, promise

    def test_what_becomes_of_an_older_dispute_after_the_window_changes_no_verdict(self):
        for what in ("paid late", "rejected, reopened", "rejected in part"):
            with self.subTest(what):
                invoice, dispute, promise = self._contested_before()
                kept = [{"state": "kept", "paid_amount": 700, "missing_amount": 0}]
                self.assertRecordValues(promise, kept)
                if what == "paid late":
                    self._pay_on(invoice, self._after(promise, 30), 300)
                with self._on(self._after(promise, 10)):
                    if what == "rejected, reopened":
                        dispute._resolve("rejected", 300, why="x")
                        dispute.action_reopen()
                        dispute._resolve("rejected", 300, why="x")
                    elif what == "rejected in part":
                        dispute._resolve("rejected", 100, why="x")
                self._night(self._after(promise, 40))
                self.assertRecordValues(promise, kept)
                self.assertFalse(self._tasks())

    def test_reopened_after_the_window_does_not_excuse_what_was_expected(self):
        """Rejected in time, 300 of 1,000 were missing: contested again, or with an earlier day, they still are."""
        invoice = self._invoice(10, 1000)
        promise = self._promise(invoice)
        dispute = self._contest(invoice, 300)
        self._pay(invoice, 700)
        dispute._resolve("rejected", 300, why="x")
        self._night(self._after(promise))
        partly = [{"state": "partly", "paid_amount": 700, "missing_amount": 300}]
        self.assertRecordValues(promise, partly)
        with self._on(self._after(promise, 3)):
            dispute.action_reopen()
        self.assertRecordValues(promise, partly)
        with self._on(self._after(promise, 4)):
            dispute._resolve("rejected", 300, why="x")
            self.env["collection.dispute"].create(
                {"item_id": self._item(invoice).id, "amount": 300, "reason": "Late", "opened_on": promise.made_on})
        self._night(self._after(promise, 5))
        self.assertRecordValues(promise, partly)

    def test_what_was_contested_and_is_credited_after_the_window_counts_once(self):
        """300 contested, 500 of the other 700 paid: 200 are missing, also when the 300 are credited later."""
        _invoice, dispute, promise = self._contested_before(paid=500)
        partly = [{"state": "partly", "paid_amount": 500, "missing_amount": 200}]
        self.assertRecordValues(promise, partly)
        for amount in (100, 200):
            with self._on(self._after(promise, 3)):
                dispute._resolve("credit_note", amount)
            self.assertRecordValues(promise, partly)

    def test_credited_in_part_before_the_first_judging_counts_once_too(self):
        """The job stood still: 100 of the 300 contested were credited the day after, 600 of the other 700 paid."""
        invoice = self._invoice(10, 1000)
        promise = self._promise(invoice)
        dispute = self._contest(invoice, 300)
        self._pay(invoice, 600)
        for amount in (100, 200):
            with self._on(self._after(promise)):
                dispute._resolve("credit_note", amount)
            self.assertRecordValues(promise, [{"state": "partly", "missing_amount": 100}])

    def test_a_payment_that_bounces_after_the_window_breaks_it_still(self):
        invoice = self._invoice(10, 1000)
        promise = self._promise(invoice)
        self._contest(invoice, 300)
        payment = self._pay(invoice, 700)
        self._night(self._after(promise))
        self.assertEqual(promise.state, "kept")
        with self._on(self._after(promise, 20)):
            payment.move_id._reverse_moves([{"date": self._after(promise, 20)}], cancel=True)
        self.assertRecordValues(promise, [{"state": "broken", "paid_amount": 0, "missing_amount": 700}])

    def test_on_the_balance_what_is_contested_is_not_expected(self):
        """1,500 promised, 300 of it contested, 1,200 paid in time; what is contested in another currency is another matter."""
        euro = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        contested, other, foreign = self._invoice(10, 500), self._invoice(10, 1000), self._invoice(10, 400, currency=euro)
        promise = self._promise(amount=1500)
        dispute = self._contest(contested, 300)
        self._contest(foreign, 400)
        self.assertRecordValues(promise, [{"state": "open", "missing_amount": 1200}])
        self._pay_on(other, promise.promised_on, 1000)
        self.assertRecordValues(promise, [{"state": "open", "missing_amount": 200}])
        self._pay_on(contested, promise.promised_on, 200)
        self._night(self._after(promise))
        kept = [{"state": "kept", "paid_amount": 1200, "missing_amount": 0, "contested_amount": 300}]
        self.assertRecordValues(promise, kept)
        with self._on(self._after(promise, 3)):
            dispute._resolve("rejected", 100, why="x")
            dispute._resolve("rejected", 200, why="x")
            dispute.action_reopen()
        self._pay_on(contested, self._after(promise, 5), 300)
        self._night(self._after(promise, 9))
        self.assertRecordValues(promise, kept)

    def test_on_the_balance_what_was_contested_before_the_promise_is_not_taken_off_it(self):
        contested, other = self._invoice(10, 500), self._invoice(10, 1000)
        self._contest(contested, 300).sudo().opened_on = self._due(5)
        promise = self._promise(amount=1200)
        self._pay_on(other, promise.promised_on, 900)
        self.assertRecordValues(promise, [{"state": "open", "missing_amount": 300}])

    def test_on_the_balance_what_is_contested_after_the_last_day_was_expected(self):
        invoice = self._invoice(10, 1500)
        promise = self._promise(amount=1500)
        self._pay_on(invoice, promise.promised_on, 1200)
        self._night(self._after(promise))
        with self._on(self._after(promise, 3)):
            self.env["collection.dispute"].create(
                {"item_id": self._item(invoice).id, "amount": 300, "reason": "Late", "opened_on": promise.made_on})
        self.assertRecordValues(promise, [{"state": "partly", "missing_amount": 300}])

    def test_what_is_rejected_in_time_counts_again(self):
        invoice = self._invoice(10, 1000)
        promise = self._promise(invoice)
        dispute = self._contest(invoice, 300)
        self._pay(invoice, 700)
        self.assertEqual(promise.state, "kept")
        with self._on(promise.promised_on):
            dispute._resolve("rejected", 300, why="x")
        self.assertRecordValues(promise, [{"state": "open", "paid_amount": 700, "missing_amount": 300}])
        with self._on(promise.promised_on):
            dispute.action_reopen()
        self.assertEqual(promise.state, "kept")
        with self._on(promise.promised_on):
            dispute._resolve("rejected", 300, why="x")
        self._night(self._after(promise))
        self.assertRecordValues(promise, [{"state": "partly", "missing_amount": 300}])

    def test_what_is_contested_after_the_last_day_was_expected(self):
        invoice = self._invoice(10, 1000)
        promise = self._promise(invoice)
        self._pay(invoice, 700)
        with self._on(self._after(promise)):
            self._contest(invoice, 300)
        self.assertRecordValues(promise, [{"state": "partly", "missing_amount": 300}])

    def test_a_credit_note_of_what_is_contested_counts_once(self):
        """300 of 1,000 are contested and credited, 500 paid: 200 are missing."""
        invoice = self._invoice(10, 1000)
        promise = self._promise(invoice)
        dispute = self._contest(invoice, 300)
        self._pay(invoice, 500)
        self.assertRecordValues(promise, [{"state": "open", "missing_amount": 200}])
        dispute._resolve("credit_note", 300)
        self.assertRecordValues(promise, [{"state": "open", "missing_amount": 200}])
        self._night(self._after(promise))
        self.assertRecordValues(promise, [{"state": "partly", "missing_amount": 200}])

    def test_a_promise_wholly_contested_waits_for_the_decision(self):
        invoice = self._invoice(10, 1000)
        promise = self._promise(invoice)
        self._contest(invoice, 1000)
        self._night(promise.grace_until)
        self.assertEqual(promise.state, "open")
        self._night(self._after(promise))
        self.assertRecordValues(promise, [{"state": "withdrawn", "withdrawn_by": False}])

    def test_what_was_credited_need_not_be_paid(self):
        invoice = self._invoice(10)
        promise = self._promise(invoice)
        refund = self._invoice(0, 60, move_type="out_refund")
        (self._item(invoice) | self._item(refund)).reconcile()
        self._pay_on(invoice, promise.promised_on)
        self.assertRecordValues(promise, [{"state": "kept", "paid_amount": 40}])

    def test_an_invoice_credited_in_full_leaves_nothing_to_promise(self):
        invoice = self._invoice(10)
        promise = self._promise(invoice)
        refund = self._invoice(0, 100, move_type="out_refund")
        (self._item(invoice) | self._item(refund)).reconcile()
        self.assertEqual(promise.state, "withdrawn")
        self.assertEqual(promise.outcome, "Nothing was left to pay")
        self._item(refund).remove_move_reconcile()
        self.assertEqual(promise.state, "open", "it was the job that withdrew it, not a person")

    def test_a_payment_that_bounces_in_time_opens_it_again_and_later_breaks_it(self):
        invoice = self._invoice(10)
        promise = self._promise(invoice)
        payment = self._pay(invoice)
        self.assertEqual(promise.state, "kept")
        self._item(invoice).remove_move_reconcile()
        self.assertRecordValues(promise, [{"state": "open", "judged_on": False, "paid_amount": 0}])
        (self._item(invoice) | payment.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")).reconcile()
        self.assertEqual(promise.state, "kept")
        with self._on(self._after(promise, 30)):
            payment.action_cancel()
        self.assertRecordValues(promise, [{"state": "broken", "judged_on": self._after(promise, 30)}])
        self._night(self._after(promise, 31))
        self.assertTrue(self._tasks())

    def test_a_payment_back_in_draft_is_none(self):
        """Core leaves it set off against the invoice; the night notices."""
        invoice = self._invoice(10)
        promise = self._promise(invoice)
        payment = self._pay(invoice)
        payment.action_draft()
        self._night(self._after(promise))
        self.assertEqual(promise.state, "broken")
        payment.action_post()
        self._night(self._after(promise, 2))
        self.assertEqual(promise.state, "kept")

    def test_what_bounces_after_half_a_year_changes_nothing(self):
        invoice = self._invoice(10)
        promise = self._promise(invoice)
        payment = self._pay(invoice)
        with self._on(self._after(promise, 200)):
            payment.action_cancel()
        self.assertEqual(promise.state, "kept")

    def test_a_bounced_payment_does_not_reopen_what_was_promised_again(self):
        invoice = self._invoice(10)
        first = self._promise(invoice, amount=40, in_days=8)
        payment = self._pay(invoice, 40)
        second = self._promise(invoice, in_days=9)
        self.assertEqual((first.state, second.state, second.level, second.amount), ("kept", "open", 1, 60))
        payment.action_cancel()
        self.assertEqual((first.state, second.state), ("broken", "open"))

    def test_money_of_the_morning_does_not_keep_the_promise_of_the_afternoon(self):
        invoice = self._invoice(10)
        self._pay(invoice, 40)
        promise = self._promise(invoice)
        self.assertRecordValues(promise, [{"amount": 60, "missing_amount": 60}])
        self._pay_on(invoice, promise.promised_on, 25)
        self._night(self._after(promise))
        self.assertRecordValues(promise, [{"state": "partly", "paid_amount": 25, "missing_amount": 35}])

    def test_several_invoices_are_judged_together(self):
        one, two = self._invoice(10, 100), self._invoice(5, 200)
        promise = self._promise(one, two)
        self._pay_on(one, promise.promised_on)
        self._night(self._after(promise))
        self.assertRecordValues(promise, [{"amount": 300, "state": "partly", "missing_amount": 200}])
        self.assertEqual(promise.line_ids.mapped("paid_amount"), [100, 0])

    def test_a_foreign_currency_is_judged_in_it(self):
        currency = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        invoice = self._invoice(10, 100, currency=currency)
        promise = self._promise(invoice)
        self.assertEqual((promise.currency_id, promise.amount), (currency, 100))
        self._pay(invoice)
        self.assertRecordValues(promise, [{"state": "kept", "paid_amount": 100}])

    def test_on_the_balance_every_payment_counts_matched_or_not(self):
        invoice = self._invoice(10, 300)
        promise = self._promise(amount=250)
        self.assertTrue(promise.on_balance)
        self._pay_on(invoice, self._due(-1), 150)
        self.assertRecordValues(promise, [{"state": "open", "paid_amount": 150}])
        payment = self._on_account(100)
        self._night(self._due(-2))
        self.assertRecordValues(promise, [{"state": "kept", "paid_amount": 250}])
        payment.action_draft()
        self._night(self._after(promise))
        self.assertRecordValues(promise, [{"state": "partly", "paid_amount": 150}])

    def test_on_the_balance_a_payment_from_before_does_not_count(self):
        self._invoice(10, 300)
        self._on_account(50)
        promise = self._promise(amount=250)
        self._night(self._after(promise))
        self.assertRecordValues(promise, [{"state": "broken", "paid_amount": 0}])

    def test_on_the_balance_a_credit_note_and_money_paid_back_do_not_count(self):
        self._invoice(10, 300)
        promise = self._promise(amount=300)
        self._invoice(0, 100, move_type="out_refund")
        payment = self._on_account(200)
        back = self.env["account.payment"].create({
            "payment_type": "outbound", "partner_type": "customer", "partner_id": self.customer.id, "amount": 200,
            "date": self.today, "journal_id": self.company_data["default_journal_bank"].id})
        back.action_post()
        lines = (payment | back).move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        lines.reconcile()
        self._night(self._after(promise))
        self.assertRecordValues(promise, [{"state": "broken", "paid_amount": 0}])

    def test_a_payment_reversed_later_never_came(self):
        """By a counter-entry, as a bank takes a direct debit back (edge case 38): of an invoice and of the balance."""
        invoice = self._invoice(10)
        promise = self._promise(invoice)
        payment = self._pay(invoice)
        self.assertEqual(promise.state, "kept")
        with self._on(self._after(promise, 20)):
            payment.move_id._reverse_moves([{"date": self._after(promise, 20)}], cancel=True)
        self.assertRecordValues(promise, [{"state": "broken", "paid_amount": 0, "judged_on": self._after(promise, 20)}])
        other = self._customer("Balance")
        self._invoice(10, 300, partner=other)
        whole = self._promise(amount=250, profile_id=self._profile(other).id)
        payment = self._on_account(250, partner=other)
        self.assertEqual(whole.state, "kept")
        with self._on(self._after(whole, 20)):
            payment.move_id._reverse_moves([{"date": self._after(whole, 20)}], cancel=True)
        self.assertRecordValues(whole, [{"state": "broken", "paid_amount": 0}])

    def test_ten_promises_over_a_hundred_thousand(self):
        """The worked example of F-7: 6 kept with 55,000, 2 partly with 12,000 of 30,000, 2 broken with 15,000: 60 % and 67 %."""
        promised = (10000, 10000, 10000, 10000, 10000, 5000, 20000, 10000, 10000, 5000)
        paid = ((10000,), (4000, 6000), (10000,), (1000, 2000, 7000), (10000,), (5000,), (8000,), (1500, 2500), (), ())
        invoices = [self._invoice(10, amount) for amount in promised]
        promises = self.env["collection.promise"].union(*(self._promise(invoice) for invoice in invoices))
        for invoice, amounts in zip(invoices, paid):
            for number, amount in enumerate(amounts):
                self._pay_on(invoice, self._due(-number - 1), amount)
        self._night(self._after(promises[0]))
        self.assertEqual(promises.mapped("state"), ["kept"] * 6 + ["partly"] * 2 + ["broken"] * 2)
        self.assertEqual((sum(promises.mapped("amount")), sum(promises.mapped("paid_amount"))), (100000, 67000))
        self.assertEqual(self._profile().promise_record, "6 of 10 promises kept, 67 % of the amount")

    def test_days_early_and_more_than_promised(self):
        invoice = self._invoice(10, 100)
        promise = self._promise(invoice, amount=60, in_days=20)
        self._pay_on(invoice, self._due(-2), 80)
        self.assertRecordValues(promise, [{"state": "kept", "paid_amount": 80, "missing_amount": 0, "paid_on": self._due(-2)}])
        self._night(self._after(promise))
        self.assertEqual(promise.state, "kept")
        self.assertEqual(self._profile().promise_record, "1 of 1 promises kept, 100 % of the amount", "what was paid beyond it makes up for no other")

    def test_kept_in_part_of_the_invoice_then_promised_the_rest_stays_on_its_level(self):
        invoice = self._invoice(10)
        first = self._promise(invoice, amount=40)
        self._pay(invoice, 40)
        rest = self._promise(invoice)
        self.assertEqual((first.state, rest.amount, rest.level), ("kept", 60, 1))
        self._pay_on(invoice, rest.promised_on, 20)
        self._night(self._after(rest))
        self.assertEqual(rest.state, "partly")
        with self._on(self._after(rest)):
            self.assertRecordValues(self._promise(invoice), [{"amount": 40, "level": 2, "previous_id": rest.id}])

    def test_the_cost_does_not_grow_with_the_customers(self):
        counts = []
        for size in (4, 40):
            partners = [self._customer(f"Many {size} {number}") for number in range(size)]
            promises = self.env["collection.promise"]
            for number, partner in enumerate(partners):
                invoice = self._invoice(10, partner=partner)
                if number % 2:
                    promises += self._promise(invoice)
                else:
                    promises += self._promise(amount=50, profile_id=self._profile(partner).id)
            profiles = promises.profile_id
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            profiles._judge_promises(self.company, self._due(-1))
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(*counts)

    def test_a_payment_costs_one_look_up_where_nothing_was_promised(self):
        one, two = self._invoice(10), self._invoice(10)
        self._pay(one)
        self._promise(self._invoice(10, partner=self._customer("Other")))
        self.env.flush_all()
        items = self._item(two).ids
        with self.assertQueryCount(1):
            self.env["collection.promise"]._judge_about(items)


@tagged("post_install", "-at_install")
class TestPromiseTaken(PromiseCommon):
    """Who may promise what, and how promises follow each other."""

    def test_an_invoice_is_promised_once_at_a_time(self):
        invoice = self._invoice(10)
        promise = self._promise(invoice)
        with self._refused(invoice.name):
            self._promise(invoice)
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.cr.savepoint():
            promise.line_ids.sudo().copy()
            self.env.flush_all()

    def test_a_balance_is_promised_alone(self):
        invoice = self._invoice(10)
        promise = self._promise(amount=50)
        with self._refused("whole balance"):
            self._promise(invoice)
        with self._refused("whole balance"):
            self._promise(amount=50)
        promise._withdraw("No money")
        self._promise(invoice)
        with self._refused(invoice.name):
            self._promise(amount=50)

    def test_not_more_than_is_open_and_not_of_what_is_settled(self):
        invoice, paid = self._invoice(10), self._invoice(10)
        self._pay(paid)
        for invoices in ((invoice,), ()):
            with self.subTest(invoices=invoices), self._refused("is more than the"):
                self._promise(*invoices, amount=100.01)
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self._promise(amount=-1)
        with self._refused("nothing to promise"):
            self._promise(paid, amount=10)

    def test_only_the_customers_own_items_of_one_currency(self):
        other = self._invoice(10, partner=self._customer("Other"))
        foreign = self._invoice(10, currency=self.setup_other_currency("EUR"))
        with self._refused("not owed by"):
            self._promise(self._invoice(10), other)
        with self._refused("another currency"):
            self._promise(self._invoice(10), foreign)

    def test_the_day_lies_ahead_and_not_too_far(self):
        invoice = self._invoice(10)
        with self._refused("in the past"):
            self._promise(invoice, in_days=-1)
        Promise = self.env["collection.promise"].with_user(self.collector)
        vals = {"promised_on": self._due(-31), "line_ids": [Command.create({"item_id": self._item(invoice).id})]}
        with self._refused("30 days ahead"):
            Promise.create(vals)
        self.assertEqual(Promise.create({**vals, "promised_on": self._due(-30)}).taken_by, self.collector)
        self._promise(self._invoice(10), in_days=31)  # a credit manager may

    def test_withdrawn_and_renewed_counts_up_and_kept_does_not(self):
        invoice = self._invoice(10)
        first = self._promise(invoice)
        first._withdraw("Not before the month ends")
        second = self._promise(invoice, amount=30)
        self.assertRecordValues(second, [{"level": 2, "previous_id": first.id}])
        self._pay(invoice, 30)
        third = self._promise(invoice)
        self.assertRecordValues(third, [{"level": 2, "previous_id": second.id}])
        self._night(self._after(third))
        with self._on(self._after(third)):
            self.assertEqual(self._promise(invoice).level, 3, "after a broken one")
        self.assertEqual(first.state, "withdrawn")

    def test_a_withdrawn_promise_stays_so_whatever_is_paid(self):
        invoice = self._invoice(10)
        promise = self._promise(invoice)
        promise._withdraw("A mistake")
        self._pay(invoice)
        self.assertEqual(promise.state, "withdrawn")
        with self._refused("not open any more"):
            promise.action_withdraw()

    def test_the_dialog_proposes_what_is_overdue_and_gives_the_amount_to_the_oldest(self):
        old, late, later = self._invoice(20, 100), self._invoice(10, 200), self._invoice(-5, 400)
        dialog = Form(self.env["collection.promise.wizard"].with_user(self.collector).with_context(default_profile_id=self._profile().id))
        self.assertEqual(dialog.amount, 300)
        dialog.amount = 150
        dialog.save().action_promise()
        promise = self._profile().promise_ids
        self.assertEqual(promise.line_ids.mapped(lambda line: (line.item_id, line.amount)),
                         [(self._item(old), 100), (self._item(late), 50)])
        self.assertTrue(promise.promised_on > self.today)
        again = Form(self.env["collection.promise.wizard"].with_context(default_profile_id=self._profile().id))
        self.assertEqual(again.amount, later.amount_total, "what is promised already is not proposed")
        renewed = Form(self.env["collection.promise.wizard"].with_context(**promise.action_renew()["context"]))
        self.assertEqual(renewed.amount, 300)
        renewed.save().action_promise()
        self.assertEqual((promise.state, self._profile().promise_ids.filtered(lambda one: one.state == "open").level), ("withdrawn", 2))

    def test_the_dialog_refuses_more_than_is_open(self):
        invoice = self._invoice(20, 100)
        wizard = self.env["collection.promise.wizard"].create({"profile_id": self._profile().id, "amount": 150})
        with self._refused(invoice.name):
            wizard.action_promise()

    def test_nobody_writes_by_hand_what_became_of_it(self):
        invoice = self._invoice(10)
        promise = self._promise(invoice).with_user(self.collector)
        for vals in ({"state": "kept"}, {"amount": 1}, {"promised_on": self._due(-60)}, {"level": 1}, {"paid_amount": 100}, {"line_ids": []}):
            with self.subTest(vals), self.assertRaises(AccessError):
                promise.write(vals)
        promise.write({"note": "Mrs Miller", "method": "cheque"})
        promise._withdraw("Mistake")
        with self.assertRaises(AccessError):
            promise.create({"line_ids": [Command.create({"item_id": self._item(invoice).id})], "state": "kept"})
        with self.assertRaises(AccessError):
            promise.unlink()

    def test_neither_does_the_context(self):
        """A collector who says that 1,000 had been paid back before would have kept every promise."""
        invoice = self._invoice(10, 1000)
        Promise = self.env["collection.promise"].with_user(self.collector)
        for name, value in (("paid_before", -1000), ("state", "kept"), ("level", 9), ("paid_amount", 1000), ("made_on", self._due(60)),
                            ("contested_amount", 1000), ("is_settled", True)):
            for vals in ({"profile_id": self._profile().id, "amount": 1000}, {"line_ids": [Command.create({"item_id": self._item(invoice).id})]}):
                with self.subTest(name, vals=vals), self.assertRaises(AccessError), self.cr.savepoint():
                    Promise.with_context(**{f"default_{name}": value}).create({"promised_on": self._due(-5), **vals})
        promise = Promise.with_context(default_note="Mrs Miller").create({
            "line_ids": [Command.create({"item_id": self._item(invoice).id, "paid_before": -1000, "paid_amount": 1000})]})
        self.assertEqual((promise.note, promise.line_ids.paid_before, promise.line_ids.paid_amount), ("Mrs Miller", 0, 0))
        promise._judge(self.today)
        self.assertEqual((promise.state, promise.paid_amount), ("open", 0))

    def test_what_is_no_promise_is_refused_in_plain_words(self):
        invoice = self._invoice(10)
        for values, why in (({"method": "bogus"}, "how it will be paid"), ({"method": ["cheque"]}, "how it will be paid"), ({"in_days": 731}, "too far ahead"),
                            ({"amount": float("nan")}, "Enter an amount"), ({"amount": float("inf")}, "Enter an amount"), ({"amount": "much"}, "Enter an amount")):
            with self.subTest(values), self._refused(why):
                self._promise(invoice, **values)
        with self._refused("too far ahead"):
            self.env["collection.promise"].create({"profile_id": self._profile().id, "amount": 10, "promised_on": "9999-12-31"})
        with self._refused("Enter an amount"):
            self._promise(amount=float("nan"))
        self.assertEqual(self._promise(invoice, in_days=730).state, "open", "a credit manager may go so far")

    def test_the_dialog_shows_nothing_of_customers_one_may_not_see(self):
        """What is open, whom it is about, and what was promised: neither by saving the dialog nor by opening it."""
        self.collector.group_ids += self.env.ref("account_credit_collection.group_own_portfolio")
        invoice = self._invoice(10, 777)
        promise, profile = self._promise(invoice), self._profile()
        mine = self._profile(self._customer("Mine"))
        mine.sudo().collector_id = self.collector
        elsewhere = self.setup_other_company()["company"]
        abroad = self.env["credit.profile"]._ensure(elsewhere, self.customer)
        foreign = self._item(self.init_invoice("out_invoice", partner=self._customer("Abroad", property_account_receivable_id=False), amounts=[555], post=True, company=elsewhere))
        self.env.flush_all()
        self.env.invalidate_all()
        Wizard = self.env["collection.promise.wizard"].with_user(self.collector).with_context(allowed_company_ids=self.company.ids)
        spec = {"open_amount": {}, "amount": {}, "partner_id": {"fields": {"display_name": {}}}}
        hidden = ({"profile_id": profile.id}, {"profile_id": abroad.id}, {"profile_id": mine.id, "previous_id": promise.id},
                  {"profile_id": mine.id, "on": "items", "item_ids": [Command.set(foreign.ids)]})
        for vals in hidden:
            context = {f"default_{name}": value for name, value in vals.items()}
            for how, call in (("create", lambda vals=vals: Wizard.create({"amount": 1, **vals}).read(["open_amount", "partner_id"])),
                              ("onchange", lambda vals=vals: Wizard.onchange(vals, list(vals), spec)),
                              ("opened", lambda context=context: Wizard.with_context(**context).onchange({}, [], spec)),
                              ("write", lambda vals=vals: Wizard.create({"profile_id": mine.id, "amount": 1}).write(vals))):
                with self.subTest(how, vals=vals), self.assertRaises(AccessError), self.cr.savepoint():
                    call()
                self.env.invalidate_all()
        self.assertEqual(Wizard.onchange({"profile_id": mine.id}, ["profile_id"], spec)["value"]["partner_id"]["display_name"], "Mine")

    # ------------------------------------------------------------------ renewing

    def _dialog(self, promise, *invoices, **values):
        """Renew a promise for invoices, in the dialog."""
        return self.env["collection.promise.wizard"].create({
            "profile_id": promise.profile_id.id, "previous_id": promise.id, "on": "items", "item_ids": [self._item(invoice).id for invoice in invoices],
            "amount": sum(invoice.amount_residual for invoice in invoices), "promised_on": self._due(-9), **values})

    def test_a_promise_is_renewed_as_a_whole(self):
        """Else the part left out would be reminded of, though it was promised."""
        one, two, three = self._invoice(30, 100), self._invoice(20, 200), self._invoice(10, 400)
        promise = self._promise(one, two)
        with self._refused(f"{one.name} is promised by .* together with {two.name}. Choose both to renew it, or withdraw it first"):
            self._dialog(promise, one).action_promise()
        with self._refused(f"{one.name} is promised by .* together with {two.name}"):
            self._dialog(promise, three).action_promise()
        self.assertEqual(promise.state, "open")
        self._pay(two)
        self._dialog(promise, one, three).action_promise()
        self.assertEqual(promise.state, "withdrawn", "of what is open still nothing was left out")
        again = self._profile().promise_ids.filtered(lambda record: record.state == "open")
        with self._refused(f"{three.name} is promised by .* together with {one.name}"):
            self._promise(three)
        self.assertEqual(again.line_ids.item_id.move_id, one | three)

    def test_of_three_all_are_chosen(self):
        invoices = [self._invoice(days, 100) for days in (30, 20, 10)]
        promise = self._promise(*invoices)
        with self._refused(f"together with {invoices[1].name}, {invoices[2].name}. Choose all of them to renew it"):
            self._dialog(promise, invoices[0]).action_promise()

    def test_no_other_promise_gives_way(self):
        one, two = self._invoice(20, 100), self._invoice(10, 200)
        first, second = self._promise(one), self._promise(two)
        with self._refused(f"{two.name} is promised already by .*. Withdraw that promise first, or renew it"):
            self._dialog(first, one, two).action_promise()
        self.assertEqual((first.state, second.state), ("open", "open"))
        other = self._customer("Other")
        theirs = self._promise(self._invoice(10, partner=other))
        with self._refused("another customer"):
            self._dialog(theirs, one, profile_id=self._profile().id).action_promise()
        self.assertEqual(theirs.state, "open")

    def test_two_parts_of_an_invoice_are_told_apart_by_their_days(self):
        invoice = self._invoice(10, post=False)
        invoice.invoice_payment_term_id = self.env["account.payment.term"].create({"name": "Two parts", "line_ids": [
            Command.create({"value": "percent", "value_amount": 50, "nb_days": days}) for days in (5, 10)]})
        invoice.action_post()
        first, second = self._item(invoice).sorted("date_maturity")
        self.env["collection.promise"].create({"promised_on": self.today, "line_ids": [Command.create({"item_id": item.id}) for item in first + second]})
        with self._refused(f"together with {invoice.name} due {format_date(self.env, second.date_maturity)}"):
            self.env["collection.promise"].create({"promised_on": self.today, "line_ids": [Command.create({"item_id": first.id})]})

    def test_a_promise_on_the_balance_gives_way_to_all_of_it_only(self):
        one, two = self._invoice(20, 100), self._invoice(10, 200)
        promise = self._promise(amount=250)
        with self._refused("whole balance"):
            self._dialog(promise, one).action_promise()
        self._dialog(promise, one, two).action_promise()
        self.assertEqual(promise.state, "withdrawn")

    # ------------------------------------------------------------------ what the amount is for

    def test_what_is_contested_or_on_its_way_is_promised_last(self):
        """1,000, of which 400 are contested, and 500: of 1,100 promised, 600 and 500 are what is asked for. 1,300 takes 200 of what is contested."""
        contested, other = self._invoice(20, 1000), self._invoice(10, 500)
        self.env["collection.dispute"].create({"item_id": self._item(contested).id, "amount": 400, "reason": "Damaged"})
        for amount, parts in ((1100, {contested: 600, other: 500}), (1300, {contested: 800, other: 500}), (1500, {contested: 1000, other: 500}),
                              (600, {contested: 600}), (700, {contested: 600, other: 100})):
            with self.subTest(amount):
                wizard = self.env["collection.promise.wizard"].create({"profile_id": self._profile().id, "amount": amount})
                self.assertEqual({self.env["account.move.line"].browse(line["item_id"]).move_id: line["amount"]
                                  for _command, _id, line in wizard._prepare_lines()}, parts)
        promise = self.env["collection.promise.wizard"].create({"profile_id": self._profile().id, "amount": 1100})._take()
        self.assertEqual(sum(promise.line_ids.mapped("amount")), 1100)
        self.assertFalse(self._run().action_ids, "all of it is promised or contested")

    def test_a_viewer_reads_and_takes_nothing(self):
        viewer = new_test_user(self.env(su=True), login="promise viewer", company_id=self.company.id, company_ids=self.company.ids,
                               groups="account_credit_collection.group_viewer")
        promise = self._promise(self._invoice(10)).with_user(viewer)
        self.assertTrue(promise.display_name)
        with self.assertRaises(AccessError):
            promise.action_withdraw()
        with self.assertRaises(AccessError):
            self._profile().with_user(viewer).env["collection.promise.wizard"].create({"profile_id": self._profile().id})

    def test_a_rewritten_installment_keeps_the_name_in_history(self):
        invoice = self._invoice(10, post=False)
        invoice.invoice_payment_term_id = self.env["account.payment.term"].create({"name": "Two parts", "line_ids": [
            Command.create({"value": "percent", "value_amount": 50, "nb_days": days}) for days in (5, 10)]})
        invoice.action_post()
        promise = self.env["collection.promise"].create(
            {"promised_on": self.today, "line_ids": [Command.create({"item_id": item.id}) for item in self._item(invoice)]})
        invoice.button_draft()
        with self._refused("is promised"):
            invoice.invoice_payment_term_id = self.env.ref("account.account_payment_term_immediate")
        promise._withdraw("Wrong invoice")
        invoice.invoice_payment_term_id = self.env.ref("account.account_payment_term_immediate")
        self.assertEqual((len(promise.line_ids), len(promise.line_ids.item_id), set(promise.line_ids.mapped("document"))),
                         (2, 1, {invoice.name}))

    def test_merging_customers_keeps_every_promise(self):
        other = self._customer("Twin")
        self._invoice(10)
        self._invoice(10, partner=other)
        mine = self._promise(amount=50)
        theirs = self._promise(amount=60, profile_id=self._profile(other).id)
        self.env["base.partner.merge.automatic.wizard"].create({})._merge((self.customer | other).ids, self.customer)
        self.assertEqual((mine | theirs).profile_id, self._profile())
        self.assertEqual((mine.state, theirs.state), ("open", "withdrawn"))


@tagged("post_install", "-at_install")
class TestPromiseFollowed(PromiseCommon):
    """What a promise means for reminders, the ladder and new orders."""

    def test_silent_until_then_and_on_at_the_level_it_left(self):
        invoice = self._invoice(6)
        self.assertEqual(self._levels(self._sent(self._run())), [1])
        promise = self._promise(invoice)
        run = self._run((promise.grace_until - self.today).days)
        self.assertFalse(run.action_ids)
        self.assertEqual(self._why(), "promise")
        profile = self._profile()
        self.assertIn("Promise until", profile.reason)
        self.assertGreater(profile.next_contact_on, promise.grace_until, "a pause always ends")
        self._night(self._after(promise))
        self.assertEqual(self._levels(self._run(self._after(promise))), [8])

    def test_silence_ends_even_if_nobody_judged(self):
        promise = self._promise(self._invoice(10))
        self.assertTrue(self._run(self._after(promise)).action_ids)
        self.assertEqual(promise.state, "open")

    def test_only_what_was_promised_is_silent(self):
        promised, partly, other = self._invoice(10, 100), self._invoice(10, 200), self._invoice(10, 400)
        self._promise(promised)
        self._promise(partly, amount=150)
        self._pay(partly, 20)
        lines = self._run().action_ids.line_ids
        self.assertEqual({line.item_id.move_id: line.asked for line in lines}, {partly: 50, other: 400})

    def test_a_promise_on_the_balance_silences_its_currency(self):
        currency = self.setup_other_currency("EUR")
        self._invoice(10, 100)
        foreign = self._invoice(10, 200, currency=currency)
        self._promise(amount=30)
        self.assertEqual(self._run().action_ids.line_ids.item_id.move_id, foreign)

    def test_a_reminder_waiting_to_leave_is_called_off(self):
        invoice = self._invoice(10)
        action = self._run().action_ids
        self._promise(invoice)
        gathered = self.env["collection.reader"]._read_facts(
            self.company, action.profile_id, self.env["collection.policy"]._in_force(self.company, action.profile_id, self.today), self.today)
        self.assertEqual(gathered.facts[action.profile_id.id].items[0].pause.reason, "promise")

    def test_two_broken_promises_make_the_limit_fall_once(self):
        ladder = self._ladder(1000, 2000, 3000, fall_broken=2, stage={"quiet_days": 30})
        profile = self._profile()
        profile.ladder_id = ladder
        self._grant(3000)
        profile._write_snapshot([{"stage_since": self._due(60)}])
        self._broken()
        self.assertEqual(profile.limit_amount, 3000)
        with self._on(self._due(-10)):
            second = self._promise(self._invoice(10), in_days=1)
        self._night(self._after(second))
        self.assertEqual((profile.limit_amount, profile.stage_id.amount), (2000, 2000))
        self.assertIn("2 promises", self.env["credit.limit"].search([("profile_id", "=", profile.id)], limit=1).why)
        self._night(self._after(second, 1))
        self.assertEqual(profile.limit_amount, 2000, "for the same promises nobody falls twice")

    def test_an_order_waits_after_two_broken_promises(self):
        self._rule("broken_promises", "hold", count=2, days=180, on_invoices=False)
        self._grant(10000)
        self._broken()
        order = self._order()
        order.action_confirm()
        self.assertEqual(order.state, "sale", "one is not enough")
        second = self._broken()
        with self._on(self._after(second)):
            held = self._order()
            held.action_confirm()
            self.assertEqual((held.state, held.credit_state), ("draft", "held"))
            self.assertEqual(self._hold(held).reason, "Broken promises to pay within 180 days: 2")
            self.assertFalse(self._hold(held).way_out)
            self.assertTrue(self._invoice(0).state, "posted")
        with self._on(self._after(second, 190)):
            late = self._order()
            late.action_confirm()
            self.assertEqual(late.state, "sale")

    def test_the_rule_costs_one_query_and_without_it_none(self):
        profile = self._profile()
        counts = []
        for _round in range(2):
            self.env.flush_all()
            profile._read_credit(self.today)
            before = self.cr.sql_log_count
            profile._read_credit(self.today)
            counts.append(self.cr.sql_log_count - before)
            self._rule("broken_promises", "hold", count=2)
        self.assertEqual(counts[1] - counts[0], 1)

    def test_every_company_has_the_shipped_rule(self):
        company = self.env["res.company"].create({"name": "New Ltd"})
        rule = self.env["credit.hold.rule"].search([("company_id", "=", company.id), ("kind", "=", "broken_promises")])
        self.assertRecordValues(rule, [{"outcome": "hold", "count": 2, "days": 180, "on_orders": True, "on_invoices": False}])

    def test_the_profile_and_the_invoice_tell_what_is_promised(self):
        invoice = self._invoice(10)
        self._promise(invoice)
        profile = self._profile()
        self.assertIn("100.00 by", profile.promise_text)
        self.assertIn("100.00 by", invoice.promise_text)
        self.assertFalse(profile.promise_record)
        self._pay(invoice)
        profile.invalidate_recordset()
        self.assertEqual((profile.promise_text, profile.promise_record), (False, "1 of 1 promises kept, 100 % of the amount"))
