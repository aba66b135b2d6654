from datetime import timedelta

from odoo.tests import tagged

from .plan import PlanCommon


@tagged("post_install", "-at_install")
class TestPlanBroken(PlanCommon):
    """When a plan is broken, by its own rules, and what follows."""

    def _plan(self, **rules):
        self.terms.write(rules)
        return self._active(self._invoice(10, 300))

    def test_more_days_late_than_allowed(self):
        plan = self._plan(max_days_late=5)
        self._miss(plan, 1, 5)
        self.assertEqual(plan.state, "active")
        day = self._miss(plan, 1, 6)
        self.assertRecordValues(plan, [{"state": "defaulted", "default_code": "days_late", "defaulted_on": day}])
        self.assertIn("6 days late", plan.default_text)
        self.assertTrue(self._kinds())

    def test_two_parts_missed(self):
        plan = self._plan(max_missed=2, grace_days=2)
        self._miss(plan, 2, 2)
        self.assertEqual(plan.state, "active")
        self._miss(plan, 2, 3)
        self.assertEqual((plan.state, plan.default_code), ("defaulted", "missed"))

    def test_more_missing_than_allowed(self):
        plan = self._plan(max_shortfall=30)
        self._pay_on(plan.line_ids.item_id.move_id, self._part(plan, 1).due, 70)
        self._miss(plan, 1)
        self.assertEqual(plan.state, "active", "30 of 100 are missing, which is not more than 30 %")
        self._miss(plan, 2)
        self.assertEqual((plan.state, plan.default_code), ("defaulted", "shortfall"))
        self.assertIn("65 %", plan.default_text)

    def test_a_new_invoice_that_stays_late(self):
        plan = self._plan(current_days=10)
        self._invoice(400, 50)  # old, and left out of the plan on purpose
        new = self._invoice(-1, 80)
        self._pay_on(plan.line_ids.item_id.move_id, self.today, 299)
        self._night(self._due(-11))
        self.assertEqual(plan.state, "active")
        self._night(self._due(-12))
        self.assertEqual((plan.state, plan.default_code), ("defaulted", "new_overdue"))
        self.assertIn("11 days late", plan.default_text)
        self.assertTrue(new)

    def test_no_rule_breaks_nothing(self):
        plan = self._plan()
        self._miss(plan, 3, 90)
        self.assertRecordValues(plan, [{"state": "active", "days_late": 90 + (self._part(plan, 3).due - self._part(plan, 1).due).days}])

    def test_the_collector_hears_before_it_breaks(self):
        self.company.collection_plan_days_after = 2
        plan = self._plan(max_days_late=10)
        self._miss(plan, 1, 2)
        self.assertFalse(self._kinds(name="plan_late"))
        day = self._miss(plan, 1, 3)
        self.assertEqual(len(self._kinds(name="plan_late")), 1)
        self._pay_on(plan.line_ids.item_id.move_id, day, 100)
        self._night(day + timedelta(days=1))
        self.assertFalse(self._kinds(name="plan_late"))

    def test_broken_with_interest_only_what_was_earned_is_owed(self):
        """9,600 at 9 % in 6 months: on the day of the second part 72.00 + 60.22 are earned, 121.35 are not."""
        self.terms.max_missed = 1
        invoice = self._invoice(10, 9600)
        plan = self._active(invoice, count=6, annual_rate=9, rhythm="monthly", first_on=self._month())
        self._pay_on(invoice, self._part(plan, 1).due, 1642.26)
        self._miss(plan, 2, 0)
        self.assertEqual(plan.state, "active")
        earned = float(plan._decide_earned(self._part(plan, 2).due + timedelta(days=1)))
        self._miss(plan, 2, 1)
        self.assertEqual(plan.state, "defaulted")
        self.assertGreaterEqual(earned, 132.22)
        self.assertEqual(plan.charge_id.item_id.amount_residual_currency, plan.currency_id.round(earned))

    def test_late_interest_rests_while_the_plan_is_kept(self):
        plan = self._plan(max_missed=1)
        rows = self.env["collection.reader"]._read_items(self.company, self.customer.ids)
        item = plan.line_ids.item_id
        stops = self.env["collection.reader"]._read_charge_stops
        self.assertEqual([(stop.first, stop.last) for stop in stops(rows, self.today)[item.id]], [(self.today, None)])
        day = self._miss(plan, 1)
        self.assertEqual([(stop.first, stop.last) for stop in stops(rows, day)[item.id]], [(self.today, day - timedelta(days=1))])
        plan.sudo().revive_interest = True
        self.assertFalse(stops(rows, day).get(item.id))


@tagged("post_install", "-at_install")
class TestPlanAndFollowUp(PlanCommon):
    """Nobody is reminded of what is paid in parts, and of everything else as ever."""

    def test_a_plan_in_force_is_silent_and_new_invoices_speak(self):
        invoice = self._invoice(10, 300)
        plan = self._active(invoice)
        self.assertFalse(self._run().action_ids)
        self.assertEqual(self._why(), "plan")
        new = self._invoice(10, 50)
        self.assertEqual(self._run(1).action_ids.line_ids.item_id, self._item(new))
        self.assertEqual(plan.state, "active")

    def test_an_offer_is_silent_until_its_last_day(self):
        invoice = self._invoice(2, 300)
        plan = self._offered(invoice)
        self.assertFalse(self._run(plan.accept_until).action_ids)
        day = plan.accept_until + timedelta(days=1)
        self._night(day)
        self.assertEqual(plan.state, "lapsed")
        self.assertEqual(self._run(day).action_ids.line_ids.item_id, self._item(invoice))

    def test_a_draft_silences_nothing(self):
        invoice = self._invoice(10, 300)
        self._draft(invoice)
        self.assertEqual(self._run().action_ids.line_ids.item_id, self._item(invoice))

    def test_the_third_part_missed_follow_up_resumes_at_the_next_level(self):
        self.terms.max_missed = 1
        invoice = self._invoice(1, 300)
        self.assertEqual(self._levels(self._sent(self._run())), [1])
        plan = self._active(invoice)
        for number in (1, 2):
            self._pay_on(invoice, self._part(plan, number).due, 100)
            self._miss(plan, number, 0)
            self.assertFalse(self._run(self._part(plan, number).due).action_ids)
        day = self._miss(plan, 3, 1)
        self.assertEqual(plan.state, "defaulted")
        run = self._run(day)
        self.assertEqual(self._levels(run), [8], "the level after the last one reached, not the one its days would allow")
        self.assertEqual(run.action_ids.line_ids.item_id, self._item(invoice))

    def test_a_plan_is_not_called_about(self):
        invoice = self._invoice(10, 300)
        self._night(self.today)
        self.assertEqual(self._profile().to_collect, 300)
        self._active(invoice)
        self._night(self.today)
        self.assertEqual(self._profile().to_collect, 0)

    def test_asking_for_a_plan_is_silent_only_until_there_is_an_answer(self):
        invoice = self._invoice(10, 300)
        self.env["collection.desk"].save_outcome(self._profile().id, "plan", {
            "item_ids": self._item(invoice).ids, "parts": 3, "first_on": self._first().isoformat()})
        rows = self.env["collection.reader"]._read_items(self.company, self.customer.ids)

        def pauses():
            return {pause.reason for pause in self.env["collection.reader"]._read_pauses(rows, self.today).values()}

        self.assertEqual(pauses(), {"plan_asked"})
        plan = self._offered(invoice)
        self.assertEqual(pauses(), {"plan_offered"})
        plan._cancel("No")
        self.assertEqual(pauses(), set())

    def test_everybody_may_know_that_a_customer_pays_in_parts(self):
        invoice = self._invoice(10, 300)
        plan = self._active(invoice)
        text = self.env["credit.profile"]._plain_status_of(self.company, self.customer)[self.customer.id]
        self.assertIn("Pays in parts", text)
        self.assertNotIn(plan.currency_id.symbol, text)

    def test_the_desk_shows_the_plan_and_its_next_part(self):
        plan = self._active(self._invoice(10, 300))
        [shown] = self.env["collection.desk"].load_customer(self._profile().id)["plans"]
        self.assertEqual(shown["id"], plan.id)
        self.assertIn(self.company.currency_id.format(100), shown["text"])


@tagged("post_install", "-at_install")
class TestPlanNight(PlanCommon):
    """Reminders of installments, offers, and what follows when all is paid."""

    def setUp(self):
        super().setUp()
        self.company.write({"collection_plan_days_before": 3, "collection_plan_days_after": 2})

    def _working(self, day):
        return self.env["collection.plan"]._calendar(self.company, self.today).next_working_day(day)

    def test_one_reminder_before_and_one_after(self):
        plan = self._active(self._invoice(10, 300), first_on=self._first(20), rhythm="monthly")
        count = len(self._mails())
        first = self._part(plan, 1)
        self._night(first.due - timedelta(days=4))
        self.assertEqual(len(self._mails()), count)
        before = self._working(first.due - timedelta(days=3))
        for _night in range(2):
            self._night(before)
        self.assertEqual((len(self._mails()), first.reminded_before_on), (count + 1, before))
        after = self._working(first.due + timedelta(days=2))
        self._night(first.due + timedelta(days=1))
        self.assertEqual(len(self._mails()), count + 1)
        for _night in range(2):
            self._night(after)
        self.assertEqual((len(self._mails()), first.reminded_after_on), (count + 2, after))
        body = self._mails()[-1].body_html
        self.assertIn(self.company.currency_id.format(100).replace("\xa0", " "), body.replace("\xa0", " ").replace("&nbsp;", " "))
        self.assertIn(f"/collections/plan/{plan.id}/", body)

    def test_a_paid_part_is_not_reminded_of(self):
        invoice = self._invoice(10, 300)
        plan = self._active(invoice, first_on=self._first(20), rhythm="monthly")
        self._pay(invoice, 100)
        count = len(self._mails())
        self._night(self._working(self._part(plan, 1).due - timedelta(days=3)))
        self.assertEqual(len(self._mails()), count)

    def test_none_on_a_day_off(self):
        plan = self._active(self._invoice(10, 300), first_on=self._first(20), rhythm="monthly")
        first = self._part(plan, 1)
        first.sudo().due = first.due + timedelta(days=(7 - first.due.isoweekday()) % 7 + 1)  # a Monday
        count = len(self._mails())
        self._night(first.due - timedelta(days=1))
        self.assertEqual(len(self._mails()), count, "a Sunday")

    def test_none_on_the_day_of_another_contact_and_it_counts_for_the_gap(self):
        plan = self._active(self._invoice(10, 300), first_on=self._first(20), rhythm="monthly")
        self._invoice(1, 50)
        before = self._working(self._part(plan, 1).due - timedelta(days=3))
        self._sent(self._run(before))
        count = len(self._mails())
        self._night(before)
        self.assertEqual(len(self._mails()), count)
        self._part(plan, 1).sudo().reminded_before_on = before + timedelta(days=6)
        self.assertFalse(self._run(before + timedelta(days=7)).action_ids)
        self.assertEqual(self._why(), "too_soon")

    def test_without_an_address_a_person_is_asked(self):
        self.customer.email = False
        plan = self._active(self._invoice(10, 300), first_on=self._first(20), rhythm="monthly")
        task = self._kinds(name="task")
        self.assertEqual(len(task), 1, "the offer could not be sent either")
        task.unlink()
        self._night(self._working(self._part(plan, 1).due - timedelta(days=3)))
        self.assertEqual(len(self._kinds(name="task")), 1)

    def test_the_offer_goes_out_with_the_agreement_and_a_link(self):
        plan = self._offered(self._invoice(10, 300))
        mail = self._mails()[-1]
        self.assertIn(plan.name, mail.subject)
        self.assertIn(f"/collections/plan/{plan.id}/", mail.body_html)
        self.assertEqual(mail.attachment_ids.raw, b"%PDF-1.4 agreement")
        self.assertEqual(mail.state, "outgoing", "queued, not sent while a person waits")

    def test_the_first_payment_accepts_where_the_template_says_so(self):
        for says, state in ((False, "offered"), (True, "active")):
            with self.subTest(says=says):
                self.terms.activates_on_payment = says
                invoice = self._invoice(10, 300)
                plan = self._offered(invoice)
                self._pay(invoice, 100)
                self._night(self.today)
                self.assertEqual(plan.state, state)

    def test_paid_before_it_was_accepted_it_is_needless(self):
        invoice = self._invoice(10, 300)
        plan = self._offered(invoice)
        self._pay(invoice)
        self._night(self.today)
        self.assertEqual(plan.state, "cancelled")

    def test_accepted_online_is_the_very_file_shown_and_only_once(self):
        plan = self._offered(self._invoice(10, 300))
        with self._refused("has changed"):
            plan._accept("Ms Miller", "192.0.2.7", "Browser", "0" * 64)
        plan._accept("Ms Miller", "192.0.2.7", "Browser", plan.document_hash)
        self.assertRecordValues(plan, [{"state": "active", "accepted_name": "Ms Miller", "accepted_ip": "192.0.2.7", "accepted_how": "portal"}])
        with self._refused("accepted already"):
            plan._accept("Ms Miller", "192.0.2.7", "Browser", plan.document_hash)

    def test_an_offer_that_ran_out_is_not_accepted(self):
        plan = self._offered(self._invoice(10, 300))
        with self._on(plan.accept_until + timedelta(days=1)), self._refused("does not stand"):
            plan._accept("Ms Miller", "", "", plan.document_hash)

    def test_paid_it_is_thanked_for_once(self):
        invoice = self._invoice(10, 300)
        plan = self._active(invoice)
        self._pay(invoice)
        for _night in range(2):
            self._night(self.today)
        self.assertEqual((plan.state, len(self._mails().filtered(lambda mail: "Thank you" in mail.subject))), ("finished", 1))
