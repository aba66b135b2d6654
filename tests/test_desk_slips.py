from datetime import date

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..models.collection_desk import day_text
from .desk import DeskCommon, DeskMorning


@tagged("post_install", "-at_install")
class TestDeskWrongContact(DeskCommon):
    """Whoever was named wrong on the telephone is neither asked nor written to first."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._rule("days_late", 100, days=1)

    def setUp(self):
        super().setUp()
        self._invoice(20, 1000)
        self.profile = self._rank()

    def _person(self, name, **values):
        return self.env["res.partner"].create({"parent_id": self.customer.id, "name": name, "email": f"{name.lower()}@customer.example", **values})

    def _first(self):
        """Who is proposed for the call, for the copies, and who gets the next reminder."""
        seen = self._look()
        self.env["collection.action"].search([("state", "=", "ready")]).sudo()._stop("by_user", {"user": "x"})
        return seen["contacts"][0]["name"], seen["defaults"]["copy"]["email"], self._run(7).action_ids.filtered(lambda row: row.state == "ready").recipient

    def test_the_right_one_takes_the_place_of_the_one_who_was_marked(self):
        ann = self._person("Ann", collection_contact=True)
        self.assertEqual(self._first(), ("Ann", "ann@customer.example", "ann@customer.example"))
        call = self._call("wrong_contact", contact_id=ann.id, name="Bob", email="bob@customer.example")
        self.assertEqual((ann.collection_contact, call.wrong_id, call.contact_id.name), (False, ann, "Bob"))
        self.assertEqual(self._first(), ("Bob", "bob@customer.example", "bob@customer.example"))

    def test_the_right_one_comes_before_others_who_are_marked(self):
        ann, _carol = self._person("Ann", type="invoice"), self._person("Carol", collection_contact=True)
        self._call("wrong_contact", contact_id=ann.id, name="Bob", email="bob@customer.example")
        self.assertEqual(self._first(), ("Bob", "bob@customer.example", "bob@customer.example"))

    def test_a_wrong_invoice_address_comes_last_until_somebody_answers_there(self):
        ann = self._person("Ann", type="invoice")
        self.assertEqual(self._first()[1:], ("ann@customer.example", "ann@customer.example"))
        self._call("wrong_contact", contact_id=ann.id)
        self.assertEqual(self._first(), ("Northwind", self.customer.email, self.customer.email))
        self._call("no_answer", contact_id=ann.id)
        self.assertEqual(self._first()[1], self.customer.email)
        self._call("callback", contact_id=ann.id, on=self._in_days(1))
        self.assertEqual(self._first()[1], "ann@customer.example")

    def test_a_wrong_invoice_address_that_is_marked_is_right_again(self):
        ann = self._person("Ann", type="invoice")
        self._call("wrong_contact", contact_id=ann.id)
        ann.collection_contact = True
        self.assertEqual(self._first(), ("Ann", "ann@customer.example", "ann@customer.example"))

    def test_a_wrong_one_who_was_marked_comes_after_those_who_never_were(self):
        self._person("Ann", type="invoice")
        bob = self._person("Bob", type="invoice", collection_contact=True)
        self.env.cr.execute("UPDATE res_partner SET collection_contact = NULL WHERE name = 'Ann'")  # as contacts of before the addon have it
        self.env.invalidate_all()
        self._call("wrong_contact", contact_id=bob.id)
        self.assertEqual(self._first(), ("Ann", "ann@customer.example", "ann@customer.example"))

    def test_taken_back_the_marks_are_as_before_and_the_new_one_is_written_to_by_nobody(self):
        ann = self._person("Ann", collection_contact=True)
        call = self._call("wrong_contact", contact_id=ann.id, name="Bob", email="bob@customer.example")
        bob = call.contact_id
        self.desk.undo(call.id)
        self.assertEqual((ann.collection_contact, bob.active, bob.collection_contact), (True, False, False))
        self.assertEqual(self._first(), ("Ann", "ann@customer.example", "ann@customer.example"))

    def test_taken_back_a_wrong_invoice_address_is_right_again(self):
        ann = self._person("Ann", type="invoice")
        self.desk.undo(self._call("wrong_contact", contact_id=ann.id).id)
        self.assertEqual(self._first(), ("Ann", "ann@customer.example", "ann@customer.example"))
        self.assertFalse(ann.collection_contact, "it was not marked before")


@tagged("post_install", "-at_install")
class TestDeskUndo(DeskMorning):
    """A call taken back leaves nothing behind, and nothing of others is taken back with it."""

    def _tasks(self):
        """The open tasks about the customer."""
        self.env.invalidate_all()
        tasks = self.env["mail.activity"].search([
            "|", "&", ("res_model", "=", "credit.profile"), ("res_id", "=", self.profile.id),
            "&", ("res_model", "=", "res.partner"), ("res_id", "=", self.customer.id)], order="id")
        return [(task.summary, task.date_deadline, task.user_id) for task in tasks]

    def _broken(self):
        """A promise that fell through, and the task to call about it."""
        self.env["collection.promise"].sudo().create({
            "made_on": self._in_days(-20), "promised_on": self._in_days(-10), "line_ids": [(0, 0, {"item_id": self.item.id, "amount": 100})]})
        self._rank()

    def test_the_tasks_of_each_outcome_are_as_before(self):
        self.customer.user_id = self.collector
        self.company.collection_retry_days = 3
        self._broken()
        before = self._tasks()
        self.assertIn("Promise broken: call", [summary for summary, _day, _user in before])
        reason = self.env.ref("account_credit_collection.collection_dispute_reason_damaged")
        for outcome, values in (
                ("refuses", {}), ("plan", {"item_ids": self.item.ids, "parts": 3, "first_on": self._in_days(7)}), ("wrong_contact", {}),
                ("callback", {"on": self._in_days(2)}), ("no_answer", {}), ("dispute", {"item_id": self.item.id, "amount": 300, "reason_id": reason.id}),
                ("promise", {"item_ids": self.item.ids, "amount": 900, "promised_on": self._in_days(3)})):
            with self.subTest(outcome):
                call = self._call(outcome, **values)
                self.assertNotEqual(self._tasks(), before)
                self.desk.undo(call.id)
                self.assertEqual(self._tasks(), before)

    def test_what_others_went_on_with_stays(self):
        call = self._call("refuses")
        self.profile.activity_ids.filtered(lambda task: "Refuses" in task.summary).summary = "Refuses to pay: lawyer called"
        self.desk.undo(call.id)
        self.assertIn("Refuses to pay: lawyer called", self.profile.activity_ids.mapped("summary"))

    def test_a_promise_on_which_money_came_stays(self):
        call = self._call("promise", item_ids=self.item.ids, amount=1000, promised_on=self._in_days(4))
        self._pay(self.invoice, 300)
        self.assertEqual((call.promise_id.state, call.promise_id.paid_amount), ("open", 300))
        with self.assertRaisesRegex(UserError, "Something came of it"):
            self.desk.undo(call.id)

    def test_a_dispute_taken_back_is_expected_of_promises_again(self):
        """700 of 1,000 paid and 300 contested: kept, but the 300 were a slip; the same of a promise on the balance."""
        reason = self.env.ref("account_credit_collection.collection_dispute_reason_damaged")
        for on_balance in (False, True):
            with self.subTest(on_balance=on_balance):
                partner = self._customer(f"Slip {on_balance}")
                invoice = self._invoice(20, 1000, partner=partner)
                item, profile = self._item(invoice), self._rank(partner)
                about = {"profile_id": profile.id, "amount": 1000} if on_balance else {"line_ids": [(0, 0, {"item_id": item.id})]}
                promise = self.env["collection.promise"].create({"promised_on": self._in_days(5), **about})
                self._pay(invoice, 700)
                call = self._call("dispute", partner=partner, item_id=item.id, amount=300, reason_id=reason.id)
                self.assertEqual((promise.state, promise.missing_amount), ("kept", 0))
                self.desk.undo(call.id)
                self.assertRecordValues(promise, [{"state": "open", "missing_amount": 300}])

    def test_a_promise_that_holds_again_is_judged_by_what_happened_since(self):
        first = self._call("promise", item_ids=self.item.ids, amount=1000, promised_on=self._in_days(4)).promise_id
        call = self._call("promise", item_ids=self.item.ids, amount=1000, promised_on=self._in_days(6), previous_id=first.id)
        self.assertEqual((first.state, call.renewed_id), ("withdrawn", first))
        self.env["collection.dispute"].create({"item_id": self.item.id, "amount": 300, "reason": "Damaged"})
        self.desk.undo(call.id)
        self.assertRecordValues(first, [{"state": "open", "missing_amount": 700, "withdrawn_by": False}])

    def test_a_dispute_of_which_something_became_stays(self):
        reason = self.env.ref("account_credit_collection.collection_dispute_reason_damaged")
        for change in (lambda dispute: dispute._resolve("rejected", 100, why="No"), lambda dispute: dispute._resolve("credit_note", 100),
                       lambda dispute: dispute.write({"finding": "Two are missing"})):
            invoice = self._invoice(15, 500)
            self.env.invalidate_all()
            call = self._call("dispute", item_id=self._item(invoice).id, amount=400, reason_id=reason.id)
            change(call.dispute_id)
            self.env.invalidate_all()
            self.assertEqual(call.dispute_id.state, "open")
            with self.assertRaisesRegex(UserError, "Something came of it"):
                self.desk.undo(call.id)


@tagged("post_install", "-at_install")
class TestDeskBounds(DeskMorning):
    """What a screen may not send, and what happens once though it is sent twice."""

    def test_days_too_far_away(self):
        plan = {"item_ids": self.item.ids, "parts": 3}
        for outcome, values, message in (
                ("callback", {"on": self._in_days(91)}, "within the next 90 days"), ("callback", {"on": "9999-12-31"}, "within the next 90 days"),
                ("plan", {**plan, "first_on": self._in_days(-1)}, "within the next 365 days"), ("plan", {**plan, "first_on": self._in_days(366)}, "within the next 365"),
                ("plan", {**plan, "first_on": "9999-12-31"}, "within the next 365"), ("callback", {"on": "1999-01-01"}, "to come"),
                ("promise", {"item_ids": self.item.ids, "amount": 10, "promised_on": "0001-01-01"}, "Enter a day")):
            with self.subTest(outcome=outcome, message=message), self.assertRaisesRegex(UserError, message), self.cr.savepoint():
                self._call(outcome, **values)
        self.assertEqual(self._call("callback", on=self._in_days(90)).resubmit_on, self._in_days(90))
        self.assertEqual(self._call("plan", **plan, first_on=self.today).plan_first_on, self.today)

    def test_a_plan_asked_for_again_and_again_does_not_silence_for_good(self):
        plan = {"item_ids": self.item.ids, "parts": 3, "first_on": self._in_days(7)}
        until = self._call("plan", user=self.collector, **plan).silent_until
        calendar = self.desk._calendar(self.profile, self.today)
        self.assertEqual(until, calendar.add_working_days(self.today, 5))
        self.assertEqual(self._call("plan", user=self.collector, **plan).silent_until, until, "no longer than the first time")
        last = self.profile.call_ids.sudo()
        last.silent_until = calendar.add_working_days(self.today, -5)
        again = self._call("plan", user=self.collector, **plan)
        self.assertFalse(again.silent_until)
        self.assertIn("reminders go on", again.sentence)
        self.assertEqual(self._look()["collectable"], 1000)
        last.silent_until = calendar.add_working_days(self.today, -6)
        self.assertEqual(self._call("plan", user=self.collector, **plan).silent_until, until)
        self.assertEqual(self._call("plan", **plan).silent_until, until, "a credit manager may at any time")

    def test_a_mail_takes_twenty_copies(self):
        moves = self.invoice.union(*(self._invoice(20, 1) for _number in range(20)))
        self.assertEqual(len(self._look()["defaults"]["copy"]["move_ids"]), 20)
        with self.assertRaisesRegex(UserError, "20 invoices at most"):
            self._call("copy", move_ids=moves.ids, email="pay@customer.example")

    def test_copies_leave_when_the_call_is_saved_and_are_told_of_in_the_right_number(self):
        job = self.env.ref("mail.ir_cron_mail_scheduler_action")
        Trigger = self.env["ir.cron.trigger"].sudo()
        known = Trigger.search_count([("cron_id", "=", job.id)])
        call = self._call("copy", move_ids=self.invoice.ids, email="pay@customer.example")
        self.assertEqual(Trigger.search_count([("cron_id", "=", job.id)]), known + 1)
        self.assertEqual(call.sentence, "A copy of the invoice sent to pay@customer.example")
        moves = self.invoice | self._invoice(20)
        self.env.invalidate_all()
        both = self._call("copy", move_ids=moves.ids, email="pay@customer.example")
        self.assertEqual(both.sentence, "Copies of 2 invoices sent to pay@customer.example")

    def test_the_text_of_copies_that_was_deleted_is_named(self):
        self.env.ref("account_credit_collection.mail_template_copies").unlink()
        with self.assertRaisesRegex(UserError, "“Copies of invoices” was deleted"):
            self._call("copy", move_ids=self.invoice.ids, email="pay@customer.example")

    def test_a_note_is_shown_as_it_was_typed(self):
        self._call("refuses", note="says <we owe> nothing & <b>sue us</b>")
        self._call("plan", note="if x <y then", parts=3, first_on=self._in_days(7), item_ids=self.item.ids)
        notes = " ".join(self.profile.activity_ids.mapped("note"))
        self.assertIn("says &lt;we owe&gt; nothing &amp; &lt;b&gt;sue us&lt;/b&gt;", notes)
        self.assertIn("if x &lt;y then", notes)

    def test_texts_and_ways_that_cannot_be_kept(self):
        call = self._call("no_answer", note="a\0b\ud800c", token="t\0")
        self.assertEqual((call.note, call.token), ("abc", "t"))
        contact = self._call("wrong_contact", name="Jane\0\r\nRoe", phone="1\0 2", email="jane@customer.example").contact_id
        self.assertEqual((contact.name, contact.phone), ("Jane Roe", "1 2"))
        for method in ("bogus", ["transfer"], 5):
            with self.subTest(method=method), self.assertRaisesRegex(UserError, "how it will be paid"), self.cr.savepoint():
                self._call("promise", item_ids=self.item.ids, amount=10, promised_on=self._in_days(1), method=method)

    def test_a_form_belongs_to_its_customer_and_one_taken_back_may_be_sent_again(self):
        other = self._customer("Other")
        self._invoice(20, 10, partner=other)
        first, second = self._call("no_answer", token="form"), self._call("refuses", partner=other, token="form")
        self.assertEqual((first.profile_id.partner_id, second.profile_id.partner_id, second.outcome), (self.customer, other, "refuses"))
        theirs = self._call("no_answer", user=self.collector, token="form")
        self.assertNotEqual(theirs, first)
        self.desk.with_user(self.collector).undo(theirs.id)
        self.desk.undo(first.id)
        again = self._call("refuses", token="form")
        self.assertEqual((again.outcome, again.voided), ("refuses", False))
        self.assertEqual(self._call("refuses", token="form"), again)

    def test_a_day_is_written_as_its_language_writes_it(self):
        day = date(2026, 11, 26)
        for code, text in (("en_US", "Thursday, November 26"), ("en_GB", "Thursday 26 November"), ("fr_FR", "jeudi 26 novembre"),
                           ("de_DE", "Donnerstag, 26. November"), ("es_ES", "jueves, 26 de noviembre"), ("ja_JP", "11月26日木曜日"),
                           ("hu_HU", "november 26., csütörtök")):
            with self.subTest(code):
                self.env["res.lang"]._activate_lang(code)
                self.assertEqual(day_text(self.env["res.lang"].with_context(lang=code).env, day), text)
