"""Reminders stop for the promised, disputed or planned part only, and resume the day after.

The days are fixed: Monday, 2 March 2026 is the first; no holiday lies in that month.
"""
from contextlib import contextmanager
from datetime import date

from freezegun import freeze_time

from odoo.tests import tagged

from .smtp import SmtpCase
from .test_promise import PromiseCommon

MONDAY = date(2026, 3, 2)


def march(day):
    return date(2026, 3, day)


class TimelineCommon(PromiseCommon):
    """A policy that asks every day for all that is late, so that each day shows what is asked for."""

    @classmethod
    def setUpClass(cls):
        cls.startClassPatcher(freeze_time(f"{MONDAY} 12:00:00"))
        super().setUpClass()
        assert cls.today == MONDAY
        cls.company.collection_promise_days = 0
        cls.company.collection_policy_id = cls._policy("Every day", [(1, {"repeat_days": 1})], gap_days=1)

    def _asked(self, day):
        """What is asked for on a day of March, by invoice: after the night's refresh, by a real run whose messages are sent."""
        with self._on(march(day)):
            self._profile()._refresh(self.company, march(day))
            run = self._sent(self._run(march(day)))
            return {line.item_id.move_id: line.asked for line in run.action_ids.line_ids}

    def _assert_asked(self, asked):
        """``{day: {invoice: amount}}``, as worked out by hand."""
        for day, expected in asked.items():
            with self.subTest(day=day):
                self.assertEqual(self._asked(day), expected)

    def _dispute(self, invoice, amount):
        return self.env["collection.dispute"].create({"item_id": self._item(invoice).id, "amount": amount, "reason": "Damaged"})

    def _reject(self, dispute, day):
        with self._on(march(day)):
            dispute._resolve("rejected", dispute.open_amount, why="Delivered as ordered")
            self.assertEqual(dispute.state, "closed")

    def _plan(self, invoice, until):
        """A call on Sunday in which payment in parts was asked for: silence about the invoice until then."""
        return self.env["collection.call"].sudo().create({
            "profile_id": self._profile().id, "user_id": self.env.uid, "called_at": "2026-03-01 12:00:00", "day": march(1),
            "outcome": "plan", "item_ids": [(6, 0, self._item(invoice).ids)], "plan_parts": 3, "plan_first_on": march(until),
            "silent_until": march(until)})


@tagged("post_install", "-at_install")
class TestDeskTimeline(TimelineCommon):

    # ------------------------------------------------------------------ promised

    def test_a_promised_part_rests_until_its_day_and_is_asked_for_the_day_after(self):
        invoice = self._invoice(10, 1000)
        self._promise(invoice, amount=600, in_days=2)  # by Wednesday the 4th
        self._assert_asked({2: {invoice: 400}, 3: {invoice: 400}, 4: {invoice: 400}, 5: {invoice: 1000}})

    def test_a_tolerance_that_ends_on_a_sunday_ends_on_the_monday(self):
        self.company.collection_promise_days = 2
        invoice = self._invoice(10, 1000)
        promise = self._promise(invoice, amount=600, in_days=4)  # by Friday the 6th; two days more are Sunday the 8th
        self.assertEqual(promise.grace_until, march(9))
        self._assert_asked({6: {invoice: 400}, 9: {invoice: 400}, 10: {invoice: 1000}})

    def test_a_promise_for_a_saturday_counts_until_monday(self):
        invoice = self._invoice(10, 1000)
        promise = self._promise(invoice, amount=600, in_days=5)  # Saturday the 7th
        self._assert_asked({7: {invoice: 400}, 8: {invoice: 400}, 9: {invoice: 400}, 10: {invoice: 1000}})
        self.assertEqual((promise.state, promise.judged_on), ("broken", march(10)))

    def test_what_came_of_a_promise_is_asked_for_no_more_and_the_rest_of_it_is(self):
        invoice = self._invoice(10, 1000)
        promise = self._promise(invoice, amount=600, in_days=3)  # by Thursday the 5th
        self._assert_asked({3: {invoice: 400}})
        self._pay_on(invoice, march(4), 250)
        self._assert_asked({4: {invoice: 400}, 5: {invoice: 400}, 6: {invoice: 750}})
        self.assertEqual(promise.state, "partly")

    def test_a_promise_kept_early_leaves_the_rest_asked_for(self):
        invoice = self._invoice(10, 1000)
        promise = self._promise(invoice, amount=600, in_days=8)
        self._pay_on(invoice, march(3), 600)
        self.assertEqual(promise.state, "kept")
        self._assert_asked({3: {invoice: 400}, 11: {invoice: 400}})

    def test_a_payment_taken_back_is_asked_for_again(self):
        invoice = self._invoice(10, 1000)
        promise = self._promise(invoice, in_days=2)
        payment = self._pay_on(invoice, march(3))
        self._assert_asked({3: {}, 6: {}})
        with self._on(march(9)):
            payment.action_cancel()
        self.assertEqual(promise.state, "broken")
        self._assert_asked({9: {invoice: 1000}})

    def test_withdrawn_it_is_asked_for_the_same_day(self):
        invoice = self._invoice(10, 1000)
        promise = self._promise(invoice, in_days=8)
        self._assert_asked({3: {}})
        with self._on(march(4)):
            promise._withdraw("No money")
        self._assert_asked({4: {invoice: 1000}})

    def test_a_promise_on_the_balance_rests_all_of_it_and_kept_on_account_the_rest_is_asked_for(self):
        one, two = self._invoice(10, 1000), self._invoice(8, 500)
        promise = self._promise(amount=1200, in_days=4)  # by Friday the 6th
        self._assert_asked({2: {}, 4: {}})
        with self._on(march(5)):
            payment = self.env["account.payment"].create({
                "payment_type": "inbound", "partner_type": "customer", "partner_id": self.customer.id, "amount": 1200,
                "date": march(5), "journal_id": self.company_data["default_journal_bank"].id})
            payment.action_post()
        self.assertEqual(promise.state, "kept")
        self._assert_asked({5: {two: 300}})  # the oldest is paid, 200 of the other
        self.assertEqual(one.amount_residual, 1000, "nobody has matched it yet")

    # ------------------------------------------------------------------ disputed

    def test_a_disputed_part_rests_and_rejected_it_is_asked_for_the_day_after(self):
        invoice = self._invoice(10, 1000)
        dispute = self._dispute(invoice, 300)
        self._assert_asked({2: {invoice: 700}, 4: {invoice: 700}})
        self._reject(dispute, 5)
        self._assert_asked({5: {invoice: 700}, 6: {invoice: 1000}})

    def test_what_was_contested_rightly_is_credited_and_the_rest_asked_for(self):
        invoice = self._invoice(10, 1000)
        dispute = self._dispute(invoice, 300)
        with self._on(march(4)):
            dispute._resolve("credit_note", 100)
            dispute._resolve("rejected", 200)
        self._assert_asked({4: {invoice: 700}, 5: {invoice: 900}})

    def test_a_payment_of_the_undisputed_part_leaves_nothing_to_ask_for(self):
        invoice = self._invoice(10, 1000)
        dispute = self._dispute(invoice, 300)
        self._pay_on(invoice, march(3), 700)
        self._assert_asked({3: {}, 5: {}})
        self._reject(dispute, 5)
        self._assert_asked({6: {invoice: 300}})

    # ------------------------------------------------------------------ planned

    def test_what_a_plan_was_asked_for_rests_until_then(self):
        planned, free = self._invoice(10, 1000), self._invoice(8, 500)
        self._plan(planned, until=5)
        self._assert_asked({2: {free: 500}, 5: {free: 500}, 6: {planned: 1000, free: 500}})

    def test_a_plan_that_was_a_slip_silences_nothing(self):
        invoice = self._invoice(10, 1000)
        call = self._plan(invoice, until=5)
        self._assert_asked({2: {}})
        call.voided = True
        self._assert_asked({3: {invoice: 1000}})

    # ------------------------------------------------------------------ all of it

    def test_a_customer_with_a_promise_a_dispute_a_plan_and_a_free_invoice(self):
        promised, disputed, planned, free = (self._invoice(days, amount) for days, amount in ((20, 1000), (18, 800), (16, 500), (14, 200)))
        self._promise(promised, amount=600, in_days=4)  # by Friday the 6th
        dispute = self._dispute(disputed, 300)
        self._plan(planned, until=11)
        rest = {promised: 400, disputed: 500, free: 200}
        self._assert_asked({2: rest, 6: rest, 7: {**rest, promised: 1000}})
        self._pay_on(free, march(7))
        self._reject(dispute, 9)
        self._assert_asked({
            10: {promised: 1000, disputed: 800},
            11: {promised: 1000, disputed: 800},
            12: {promised: 1000, disputed: 800, planned: 500}})

    def test_promised_and_disputed_parts_of_one_invoice_rest_together(self):
        invoice = self._invoice(10, 1000)
        dispute = self._dispute(invoice, 300)
        self._promise(invoice, amount=500, in_days=2)  # by Wednesday the 4th
        self._assert_asked({2: {invoice: 200}, 4: {invoice: 200}, 5: {invoice: 700}})
        self._reject(dispute, 5)
        self._assert_asked({6: {invoice: 1000}})


@tagged("post_install", "-at_install")
class TestDeskBeforeSending(SmtpCase, PromiseCommon):
    """Between planning and sending the customer may still be spoken to: the message is called off, or asks for less."""

    @contextmanager
    def _planned(self, *invoices):
        """A contact that is planned; what happens inside happens before it leaves."""
        run = self._run()
        self.assertEqual(run.action_ids.line_ids.item_id.move_id, self.env["account.move"].union(*invoices))
        yield run.action_ids
        with self.smtp() as sink:
            self._perform()
        run.action_ids.invalidate_recordset()
        self.assertEqual(len(sink.mails), int(run.action_ids.state == "sent"))

    def _dispute(self, invoice, amount):
        return self.env["collection.dispute"].create({"item_id": self._item(invoice).id, "amount": amount, "reason": "Damaged"})

    def _lines(self, action):
        return {line.item_id.move_id: line.asked for line in action.line_ids}

    def test_all_promised_calls_it_off(self):
        invoice = self._invoice(10, 1000)
        with self._planned(invoice) as action:
            self._promise(invoice)
        self.assertEqual((action.state, action.reason), ("cancelled", "promise"))

    def test_the_balance_promised_calls_it_off(self):
        invoice = self._invoice(10, 1000)
        with self._planned(invoice) as action:
            self._promise(amount=100)
        self.assertEqual((action.state, action.reason), ("cancelled", "promise"))

    def test_a_part_promised_lowers_it(self):
        invoice = self._invoice(10, 1000)
        with self._planned(invoice) as action:
            self._promise(invoice, amount=600)
        self.assertEqual((action.state, self._lines(action)), ("sent", {invoice: 400}))

    def test_a_part_disputed_lowers_it_and_all_disputed_calls_it_off(self):
        invoice = self._invoice(10, 1000)
        with self._planned(invoice) as action:
            self._dispute(invoice, 300)
        self.assertEqual((action.state, self._lines(action)), ("sent", {invoice: 700}))
        other = self._customer("Other")
        whole = self._invoice(10, 1000, partner=other)
        with self._planned(whole) as action:
            self._dispute(whole, 1000)
        self.assertEqual((action.state, action.reason), ("cancelled", "disputed"))

    def test_a_call_calls_it_off_and_the_next_one_leaves_out_what_a_plan_was_asked_for(self):
        planned, free = self._invoice(10, 1000), self._invoice(10, 500)
        with self._planned(planned, free) as action:
            self.env["collection.call"].sudo().create({
                "profile_id": self._profile().id, "user_id": self.env.uid, "called_at": f"{self.today} 12:00:00", "day": self.today,
                "outcome": "plan", "item_ids": [(6, 0, self._item(planned).ids)], "silent_until": self._due(-7)})
        self.assertEqual((action.state, action.reason), ("cancelled", "too_soon"), "spoken to today, nobody is written to within the gap")
        self.assertEqual(self._lines(self._run(6).action_ids), {free: 500})
