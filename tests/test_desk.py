from contextlib import suppress

from odoo.exceptions import UserError
from odoo.tests import tagged

from .desk import DeskMorning


@tagged("post_install", "-at_install")
class TestDeskCalls(DeskMorning):
    """A call ends in something that is followed up, or in nothing at all."""

    def setUp(self):
        super().setUp()
        self.second = self._invoice(10, 500)
        self.profile = self._rank()

    def _items(self, *invoices):
        return [self._item(invoice).id for invoice in invoices]

    def _foreign(self):
        currency = self.env.ref("base.CHF")
        currency.sudo().active = True
        return currency

    # ------------------------------------------------------------------ outcomes

    def test_a_promise_covers_the_chosen_invoices_and_the_customer_comes_back_after_it(self):
        call = self._call("promise", item_ids=self._items(self.invoice, self.second), amount=1200, promised_on=self._in_days(1),
                          method="cheque", note="Mrs Lee", seconds=95)
        promise = call.promise_id
        self.assertEqual((promise.amount, promise.method, promise.state), (1200, "cheque", "open"))
        self.assertEqual({line.item_id.move_id: line.amount for line in promise.line_ids}, {self.invoice: 1000, self.second: 200})
        self.assertEqual((call.seconds, call.note, call.user_id), (95, "Mrs Lee", self.env.user))
        self.assertGreater(self.profile.resubmit_on, promise.grace_until)
        self.assertEqual(self._names(), [])
        self.assertEqual(self._list()["done"], {"count": 1, "promised": 1200})

    def test_a_promise_that_is_on_the_screen_is_renewed_and_counts_up(self):
        first = self._call("promise", item_ids=self._items(self.invoice), amount=1000, promised_on=self._in_days(2)).promise_id
        again = self._call("promise", item_ids=self._items(self.invoice), amount=1000, promised_on=self._in_days(4), previous_id=first.id).promise_id
        self.assertEqual((again.level, again.previous_id, first.state, again.state), (2, first, "withdrawn", "open"))

    def test_no_promise_gives_way_without_being_named(self):
        """A colleague took it a minute ago: the screen knows nothing of it."""
        first = self._call("promise", user=self.collector, item_ids=self._items(self.invoice), amount=1000, promised_on=self._in_days(2)).promise_id
        with self.assertRaisesRegex(UserError, f"{self.invoice.name} is promised already by .*, or renew it"), self.cr.savepoint():
            self._call("promise", item_ids=self._items(self.invoice), amount=1000, promised_on=self._in_days(4))
        first._withdraw("A mistake")
        with self.assertRaisesRegex(UserError, "not open any more"), self.cr.savepoint():
            self._call("promise", item_ids=self._items(self.invoice), amount=1000, promised_on=self._in_days(4), previous_id=first.id)
        self.assertEqual((self.profile.promise_ids, len(self.profile.call_ids)), (first, 1))

    def test_a_promise_on_a_part_of_a_promise_is_refused(self):
        """Else the other invoice would be reminded of, before the day on which it was promised."""
        first = self._call("promise", item_ids=self._items(self.invoice, self.second), amount=1500, promised_on=self._in_days(20)).promise_id
        with self.assertRaisesRegex(UserError, f"{self.invoice.name} is promised by .* together with {self.second.name}. Choose both"), self.cr.savepoint():
            self._call("promise", item_ids=self._items(self.invoice), amount=1000, promised_on=self._in_days(22), previous_id=first.id)
        self.assertEqual(first.state, "open")
        self.assertFalse(self._run(8).action_ids)

    def test_what_is_not_posted_any_more_is_not_renewed_with_the_rest(self):
        first = self._call("promise", item_ids=self._items(self.invoice, self.second), amount=1500, promised_on=self._in_days(2)).promise_id
        self.second.button_draft()
        self.assertEqual(first._still_open().move_id, self.invoice)
        self.second.button_cancel()
        with self.assertRaisesRegex(UserError, "promised already by .*, or renew it"), self.cr.savepoint():
            self._call("promise", item_ids=self._items(self.invoice), amount=1000, promised_on=self._in_days(4))
        again = self._call("promise", item_ids=self._items(self.invoice), amount=1000, promised_on=self._in_days(4), previous_id=first.id).promise_id
        self.assertEqual((again.previous_id, first.state), (first, "withdrawn"))

    def test_the_screen_knows_what_is_promised_and_proposes_the_rest(self):
        third = self._invoice(5, 300)
        promise = self._call("promise", item_ids=self._items(self.invoice, self.second), amount=1200, promised_on=self._in_days(2)).promise_id
        seen = self._look()
        self.assertEqual([(item["promise_id"], item["promised"], item["collectable"]) for item in seen["items"]],
                         [(promise.id, 1000, 0), (promise.id, 200, 300), (False, 0, 300)])
        self.assertEqual([(one["item_ids"], one["amount"]) for one in seen["defaults"]["promise"]], [(self._items(third), 300)])
        self.assertEqual(seen["promises"], [{"id": promise.id, "text": promise._sentence(), "state": "open"}])
        self._call("promise", item_ids=self._items(third), amount=300, promised_on=self._in_days(2))
        proposed = self._look()["defaults"]["promise"]
        self.assertEqual([(one["item_ids"], one["amount"]) for one in proposed], [([], 0)], "what is promised is chosen by hand")

    def test_what_the_desk_proposes_with_a_dispute_leaves_nothing_to_ask_for(self):
        reason = self.env.ref("account_credit_collection.collection_dispute_reason_damaged")
        self._call("dispute", item_id=self._item(self.invoice).id, amount=400, reason_id=reason.id)
        offer = self._look()["defaults"]["promise"][0]
        self.assertEqual(offer["amount"], 1100)
        promise = self._call("promise", item_ids=offer["item_ids"], amount=offer["amount"], promised_on=self._in_days(20)).promise_id
        self.assertEqual({line.item_id.move_id: line.amount for line in promise.line_ids}, {self.invoice: 600, self.second: 500})
        self.assertFalse(self._run(8).action_ids)

    def test_a_dispute_takes_its_part_off_the_list_only(self):
        reason = self.env.ref("account_credit_collection.collection_dispute_reason_damaged")
        call = self._call("dispute", item_id=self._item(self.invoice).id, amount=300, reason_id=reason.id, note="3 chairs broken")
        self.assertEqual((call.dispute_id.amount, call.dispute_id.reason_id, call.dispute_id.reason), (300, reason, "3 chairs broken"))
        self.assertEqual(self._look()["collectable"], 1200)

    def test_a_plan_asked_for_stops_reminders_of_these_invoices_for_some_working_days(self):
        call = self._call("plan", item_ids=self._items(self.invoice), parts=3, first_on=self._in_days(7))
        self.assertEqual((call.plan_parts, call.plan_first_on, call.item_ids.move_id), (3, self._in_days(7), self.invoice))
        self.assertGreater(call.silent_until, self._in_days(4))
        self.assertEqual(self._look()["collectable"], 500)
        task = self.profile.activity_ids.filtered(lambda task: task.activity_type_id == self.env.ref("account_credit_collection.mail_activity_collection_plan"))
        self.assertEqual(len(task), 1)

    def test_copies_are_queued_with_the_pdf_of_each_chosen_invoice(self):
        self.desk = self.desk.with_context(force_report_rendering=True)
        call = self._call("copy", move_ids=self.invoice.ids, email="Pay <pay@customer.example>")
        mail = self.env["mail.mail"].sudo().search([("email_to", "=", "pay@customer.example")])
        self.assertEqual((len(mail), mail.state, len(mail.attachment_ids)), (1, "outgoing", 1))
        self.assertTrue(mail.attachment_ids.raw.startswith(b"%PDF"))
        self.assertIn(self.invoice.name, mail.body_html)
        self.assertEqual(call.item_ids.move_id, self.invoice)

    def test_nobody_answers_three_times_and_the_number_is_in_doubt(self):
        days = [self._call("no_answer").resubmit_on for _attempt in range(3)]
        self.assertEqual(days[0], days[1])
        self.assertGreater(days[2], days[1])
        kind = self.env.ref("account_credit_collection.mail_activity_collection_address")
        self.assertEqual(len(self.profile.activity_ids.filtered(lambda task: task.activity_type_id == kind)), 1)

    def test_the_right_contact_is_added_and_asked_for_next(self):
        call = self._call("wrong_contact", name="Jane Roe", phone="+32 2 555 12 12", email="jane@customer.example")
        self.assertEqual((call.contact_id.parent_id, call.contact_id.collection_contact), (self.customer, True))
        self.assertEqual(self._look()["contacts"][0]["name"], "Jane Roe")

    def test_a_refusal_gives_somebody_a_task(self):
        self._call("refuses", note="Sue us")
        self.assertIn("Refuses to pay", " ".join(self.profile.activity_ids.mapped("summary")))
        notes = " ".join(self.customer.message_ids.mapped("body"))
        self.assertIn("refuses to pay", notes)
        self.assertNotIn("Sue us", notes, "everybody reads the customer's chatter")

    def test_an_excuse_and_its_answer_are_counted_by_the_promises_they_brought(self):
        excuse = self.env.ref("account_credit_collection.collection_excuse_no_invoice")
        best, other = excuse.answer_ids[1], excuse.answer_ids[0]
        self.company.collection_answer_cases = 1
        for answer, invoice, paid in ((best, self.invoice, True), (other, self.second, False)):
            call = self._call("promise", excuse_id=excuse.id, answer_id=answer.id, item_ids=self._items(invoice),
                              amount=invoice.amount_residual, promised_on=self.today)
            if paid:
                self._pay(invoice)
            else:
                call.promise_id.sudo()._transition("broken")
        self.env.flush_all()
        shown = next(one for one in self._list()["library"]["excuses"] if one["id"] == excuse.id)
        self.assertEqual([(answer["id"], answer["rate"]) for answer in shown["answers"]][:2], [(best.id, 100), (other.id, 0)])
        self.assertEqual(excuse.use_count, 2)
        self.company.collection_answer_cases = 10
        shown = next(one for one in self._list()["library"]["excuses"] if one["id"] == excuse.id)
        self.assertEqual([(answer["id"], answer["rate"]) for answer in shown["answers"]][:2], [(other.id, False), (best.id, False)])

    # ------------------------------------------------------------------ what follows from a call

    def test_a_call_that_reached_somebody_completes_the_call_the_follow_up_asked_for(self):
        self.policy.level_ids.unlink()
        self._level(self.policy, 5, channels=("call",))
        self.customer.phone = "+32 2 555 00 00"
        run = self._run()
        for action in run.action_ids:
            action._transition("checking")
            action._transition("waiting", waiting_on=self.today)
        self.assertEqual(len(run.action_ids), 1)
        self._call("no_answer")
        self.assertEqual(run.action_ids.state, "waiting")
        call = self._call("refuses")
        self.assertEqual(run.action_ids.state, "sent")
        self.desk.undo(call.id)
        self.assertEqual(run.action_ids.state, "ready")

    def test_nobody_is_written_to_on_the_day_of_a_call_but_an_unanswered_one_does_not_count(self):
        self._call("no_answer")
        self._run().action_ids.action_cancel()
        self.assertEqual(self._why(), "contact")
        self._call("refuses")
        self._run(1)
        self.assertEqual(self._why(), "too_soon")

    def test_one_promise_in_two_currencies_is_refused_and_nothing_is_left(self):
        foreign = self._invoice(20, 100, currency=self._foreign())
        with self.assertRaisesRegex(UserError, "several currencies"), self.cr.savepoint():
            self._call("promise", item_ids=self._items(self.invoice, foreign), amount=1100, promised_on=self._in_days(2))
        self.assertFalse(self.profile.call_ids)
        self.assertFalse(self.profile.promise_ids)

    def test_bad_input_is_refused_in_plain_words(self):
        stranger = self._invoice(20, 10, partner=self._customer("Stranger"))
        reason = self.env["collection.dispute.reason"].search([], limit=1)
        for outcome, values, message in (
                ("promise", {"item_ids": []}, "Choose the invoices"), ("promise", {"item_ids": self._items(stranger)}, "Choose the invoices"),
                ("promise", {"item_ids": self._items(self.invoice), "amount": "much", "promised_on": self._in_days(1)}, "Enter an amount"),
                ("promise", {"item_ids": self._items(self.invoice), "amount": 10, "promised_on": "soon"}, "Enter a day"),
                ("promise", {"item_ids": self._items(self.invoice), "amount": 10, "promised_on": self._in_days(-1)}, "lies in the past"),
                ("promise", {"item_ids": self._items(self.invoice), "amount": 9999, "promised_on": self._in_days(1)}, "more than"),
                ("promise", {"item_ids": self._items(self.invoice), "amount": 10, "promised_on": self._in_days(731)}, "too far ahead"),
                ("promise", {"item_ids": self._items(self.invoice), "amount": 10, "promised_on": self._in_days(1), "method": "bogus"}, "how it will be paid"),
                ("promise", {"item_ids": self._items(self.invoice), "amount": 10, "promised_on": self._in_days(1), "method": ["cheque"]}, "how it will be paid"),
                ("dispute", {"item_id": self._item(stranger).id, "amount": 1, "reason_id": reason.id}, "Choose the invoice"),
                ("dispute", {"item_id": self._item(self.invoice).id, "amount": 1}, "Choose why"),
                ("plan", {"parts": 1, "first_on": self._in_days(1)}, "2 to 60"), ("copy", {"move_ids": stranger.ids, "email": "a@b.example"}, "Choose the invoices"),
                ("copy", {"move_ids": self.invoice.ids, "email": "nobody"}, "e-mail address"), ("callback", {"on": self._in_days(-1)}, "day to come"),
                ("wrong_contact", {"email": "not an address"}, "no e-mail address"), ("hang_up", {}, "Choose what")):
            with self.subTest(outcome=outcome, message=message), self.assertRaisesRegex(UserError, message), self.cr.savepoint():
                self._call(outcome, **values)
        self.assertFalse(self.profile.call_ids)

    def test_junk_from_a_screen_never_breaks(self):
        junk = ("x" * 5000, "<script>alert(1)</script>", -1, 0, 10 ** 30, 1e400, float("nan"), None, True, [], [[1]], {"a": 1}, "\u202e", "a\r\nBcc: b@c.example")
        names = ("note", "excuse_id", "answer_id", "contact_id", "seconds", "amount", "promised_on", "method", "item_ids", "item_id", "reason_id",
                 "on", "time", "parts", "first_on", "move_ids", "email", "name", "phone", "token", "currency_id")
        outcomes = ("promise", "dispute", "plan", "copy", "callback", "no_answer", "wrong_contact", "refuses")
        for value in junk:
            for outcome in outcomes:
                with self.subTest(outcome=outcome, value=str(value)[:20]), suppress(UserError), self.cr.savepoint():
                    self._call(outcome, **dict.fromkeys(names, value))
            for call in (lambda value=value: self.desk.load_customer(value), lambda value=value: self.desk.undo(value),
                         lambda value=value: self.desk.save_outcome(value, value, value)):
                with self.subTest(value=str(value)[:20]), self.assertRaises(UserError), self.cr.savepoint():
                    call()
        self.assertFalse(self.profile.promise_ids)
        self.assertFalse(self.profile.dispute_ids)
        self.assertFalse(self.env["mail.mail"].sudo().search([("email_to", "like", "Bcc")]))

    def test_the_same_form_sent_twice_is_one_call(self):
        values = {"item_ids": self._items(self.invoice), "amount": 1000, "promised_on": self._in_days(2), "token": "a-form"}
        self.assertEqual(self._call("promise", **values), self._call("promise", **values))
        self.assertEqual(len(self.profile.promise_ids), 1)

    # ------------------------------------------------------------------ taking back

    def test_a_slip_is_taken_back_as_if_it_had_not_been(self):
        before = self.profile.read(["worked_on", "resubmit_on", "work_pinned"])
        call = self._call("promise", item_ids=self._items(self.invoice), amount=1000, promised_on=self._in_days(2))
        self.assertTrue(self.desk.undo(call.id))
        self.assertEqual(self.profile.read(["worked_on", "resubmit_on", "work_pinned"]), before)
        self.assertFalse(self.profile.promise_ids)
        self.assertEqual((call.voided, self._names()), (True, ["Northwind"]))
        again = self._call("promise", item_ids=self._items(self.invoice), amount=1000, promised_on=self._in_days(2))
        self.assertEqual(again.promise_id.level, 1)

    def test_taking_back_a_renewal_lets_the_first_promise_hold_again(self):
        first = self._call("promise", item_ids=self._items(self.invoice), amount=1000, promised_on=self._in_days(2)).promise_id
        before = self.profile.read(["resubmit_on", "resubmit_kind"])
        second = self._call("promise", item_ids=self._items(self.invoice), amount=1000, promised_on=self._in_days(4), previous_id=first.id)
        self.desk.undo(second.id)
        self.assertEqual((first.state, first.line_ids.is_open), ("open", True))
        self.assertTrue(before[0]["resubmit_on"])
        self.assertEqual(self.profile.read(["resubmit_on", "resubmit_kind"]), before, "until the day of the first one nobody calls")

    def test_what_cannot_be_taken_back_says_so(self):
        copy = self._call("copy", move_ids=self.invoice.ids, email="pay@customer.example")
        first, _later = self._call("no_answer"), self._call("refuses")
        others = self._call("no_answer", partner=self._customer("Other"), user=self.collector)
        for call, message in ((copy, "no copies"), (first, "called again since"), (others, "Only your own")):
            with self.subTest(message=message), self.assertRaisesRegex(UserError, message):
                self.desk.undo(call.id)

    # ------------------------------------------------------------------ the screen

    def test_the_script_opens_with_the_question_and_never_with_an_excuse(self):
        names = self.env["collection.excuse"].search([]).mapped("name")
        for script in self.env["collection.script"].search([]):
            spoken = script._spoken({})
            self.assertIn("When did you send your payment?", spoken["opening"], script.name)
            words = " ".join([spoken["opening"], *spoken["steps"], spoken["close"]])
            self.assertFalse([name for name in names if name.lower() in words.lower()], script.name)
        seen = self._look()["script"]
        self.assertIn(self.invoice.name, seen["opening"])
        self.assertNotIn("{", seen["opening"])

    def test_what_is_shown_of_a_customer(self):
        self.customer.write({"phone": "+32 2 555 00 00", "tz": "Europe/Brussels"})
        seen = self._look()
        self.assertEqual((seen["collectable"], seen["overdue"], seen["balance"], seen["days_late"], seen["settled"]), (1500, 1500, 1500, 20, False))
        self.assertEqual([item["document"] for item in seen["items"]], [self.invoice.name, self.second.name])
        self.assertEqual(seen["contacts"][0]["phone"], "+32 2 555 00 00")
        self.assertEqual(seen["defaults"]["promise"][0]["amount"], 1500)
        self._pay(self.invoice)
        self._pay(self.second)
        self.assertTrue(self._look()["settled"])

    def test_money_that_came_in_is_part_of_the_history_however_it_was_booked(self):
        """A bank statement makes an entry and no payment document."""
        self._on_account(150)
        entry = self.env["account.move"].create({
            "move_type": "entry", "date": self._in_days(-1), "ref": "Statement 7", "journal_id": self.company_data["default_journal_bank"].id,
            "line_ids": [(0, 0, {"account_id": self.company_data["default_account_receivable"].id, "partner_id": self.customer.id, "credit": 60}),
                         (0, 0, {"account_id": self.company_data["default_account_receivable"].id, "partner_id": self.customer.id, "credit": 20}),
                         (0, 0, {"account_id": self.company_data["default_account_revenue"].id, "debit": 80})]})
        entry.action_post()
        found = {event["text"]: event["title"] for event in self._look()["history"] if event["icon"] == "fa-money"}
        self.assertEqual(len(found), 2)
        self.assertIn("80.00", found["Statement 7"])

    def test_a_customer_takes_the_same_queries_with_three_items_and_with_sixty(self):
        counts = []
        for more in (1, 0, 57):  # the first time fills the caches of the registry
            if more:
                self._owe(more)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            items = self._look()["items"]
            counts.append((len(items), self.cr.sql_log_count - before))
        self.assertEqual([items for items, _queries in counts], [3, 3, 60])
        self.assertEqual(counts[1][1], counts[2][1])

    def _owe(self, count):
        """Open items of 10 each, late, as an opening balance brings them."""
        owed = {"account_id": self.company_data["default_account_receivable"].id, "partner_id": self.customer.id, "debit": 10, "date_maturity": self._due(30)}
        self.env["account.move"].create({"move_type": "entry", "date": self._due(40), "line_ids": [
            *[(0, 0, owed)] * count, (0, 0, {"account_id": self.company_data["default_account_revenue"].id, "credit": 10 * count})]}).action_post()

    def test_a_customer_of_another_company_is_not_shown(self):
        other = self.env["res.company"].create({"name": "Other company"})
        profile = self.env["credit.profile"]._ensure(other, self.customer)
        with self.assertRaisesRegex(UserError, "not on your list"):
            self.desk.load_customer(profile.id)
