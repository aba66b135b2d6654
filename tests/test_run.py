from datetime import timedelta

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import CollectionCommon
from .smtp import SmtpCase


@tagged("post_install", "-at_install")
class TestRun(SmtpCase, CollectionCommon):
    """Preview, guards, restarts and the cost of a run."""

    def _wizard(self, **values):
        return self.env["collection.run.wizard"].create({"company_id": self.company.id, **values})

    def test_the_preview_tells_who_what_and_why_and_writes_nothing(self):
        self._invoice(10, 100)
        early = self._customer("Early")
        self._invoice(-30, partner=early)
        before = self.env["collection.action"].search_count([]), self._profile().evaluated_on
        wizard = self._wizard()
        wizard.action_preview()
        self.assertEqual((wizard.contact_count, wizard.silent_count, wizard.amount), (1, 1, 100))
        self.assertEqual(wizard.contact_ids.profile_id.partner_id, self.customer)
        self.assertIn("10 days past due", wizard.contact_ids.reason)
        self.assertEqual(wizard.silent_ids.code, "nothing_due")
        self.assertTrue(wizard.silent_ids.next_on)
        self.assertEqual((self.env["collection.action"].search_count([]), self._profile().evaluated_on), before)

    def test_what_was_previewed_is_what_is_planned(self):
        for number in range(4):
            self._invoice(10, 100 + number, partner=self._customer(f"C{number}"))
        wizard = self._wizard()
        wizard.action_preview()
        foretold = {line.profile_id: line.amount for line in wizard.contact_ids}
        run = self.env["collection.run"].browse(wizard.action_send()["res_id"])
        self.assertEqual({action.profile_id: action.amount for action in run.action_ids}, foretold)

    def test_planning_leaves_all_to_a_persons_approval(self):
        self._invoice(10)
        run = self.env["collection.run"].browse(self._wizard().action_plan()["res_id"])
        self.assertEqual((run.state, run.action_ids.state), ("held", "planned"))
        run.action_approve_all()
        self.assertEqual(run.action_ids.state, "ready")

    def test_old_bank_data_makes_the_automatic_run_wait_for_approval(self):
        self.company.collection_bank_days = 5
        paid = self._invoice(60, 10)
        self._pay(paid, on=self.today - timedelta(days=30))
        self._invoice(10)
        run = self._run(kind="auto")
        self.assertEqual((run.state, run.action_ids.state, run.action_ids.reason), ("held", "planned", "bank_stale"))
        self.assertIn("30 days", run.message)

    def test_old_bank_data_asks_the_person_once_more(self):
        self.company.collection_bank_days = 5
        self._pay(self._invoice(60, 10), on=self.today - timedelta(days=30))
        self._invoice(10)
        wizard = self._wizard()
        with self.assertRaisesRegex(UserError, "30 days old"):
            wizard.action_send()
        wizard.confirm_stale = True
        self.assertTrue(wizard.action_send())

    def test_the_number_of_queries_does_not_grow_with_the_customers(self):
        def cost(count):
            partners = [self._customer(f"Q{count}-{number}", email=False if number % 2 else f"q{count}{number}@customer.example")
                        for number in range(count)]
            for partner in partners:
                self._invoice(10, partner=partner)
            profiles = self.env["credit.profile"].sudo().search([("partner_id", "in", [p.id for p in partners])])
            run = self.env["collection.run"].sudo().create({"company_id": self.company.id, "run_date": self.today})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            run._process(profiles)
            self.env.flush_all()
            self.assertEqual(len(run.action_ids), (count + 1) // 2)
            return self.env.cr.sql_log_count - before
        cost(2)  # warm the caches
        # inserts and updates go out by the hundred
        self.assertLessEqual(cost(60), cost(2) + 3)

    @mute_logger("odoo.addons.account_credit_collection.models.collection_run")
    def test_one_bad_customer_stops_only_itself_and_is_given_to_a_person(self):
        good, bad = self._customer("Good"), self._customer("Bad")
        for partner in (good, bad):
            self._invoice(10, partner=partner)
        poisoned = self._policy("Poisoned", [(1, {})])
        self._profile(bad).policy_id = poisoned
        self.env.cr.execute("UPDATE collection_level SET day_kind = 'working', offset_days = 5 WHERE policy_id = %s", [poisoned.id])
        self.env.invalidate_all()

        def broken(policy, facts, engine, today):
            if policy.id == poisoned.id:
                raise ValueError("calendar has no working day within a year")
            return plain(policy, facts, engine, today)
        plain = type(self.env["collection.policy"])._decide
        self.patch(type(self.env["collection.policy"]), "_decide", broken)
        for _day in range(3):
            run = self._run()
        self.assertEqual(self._profile(good).next_reason, "in_flight")
        self.assertEqual((run.state, self._profile(bad).error_count), ("error", 3))
        self.assertIn("calendar", self._profile(bad).activity_ids.note)
        self.patch(type(self.env["collection.policy"]), "_decide", plain)
        self._run()
        self.assertEqual(self._why(bad), "quarantined")

    def test_the_nightly_job_runs_armed_companies_only(self):
        self._invoice(10)
        self.env["res.company"].sudo().search([]).collection_automatic = False
        with self.enter_registry_test_mode():
            self.env.ref("account_credit_collection.ir_cron_collection_run").sudo().method_direct_trigger()
        self.assertFalse(self.env["collection.run"].search([("kind", "=", "auto")]))
        self.company.sudo().collection_automatic = True
        with self.enter_registry_test_mode():
            self.env.ref("account_credit_collection.ir_cron_collection_run").sudo().method_direct_trigger()
        run = self.env["collection.run"].search([("kind", "=", "auto"), ("company_id", "=", self.company.id)])
        self.assertEqual((len(run), len(run.action_ids), run.state), (1, 1, "done"))

    def test_arming_starts_the_job_and_disarming_stops_it(self):
        cron = self.env.ref("account_credit_collection.ir_cron_collection_run").sudo()
        self.assertFalse(cron.active, "off until armed")
        settings = self.env["res.config.settings"].sudo().with_company(self.company)
        settings.create({"collection_automatic": True}).execute()
        self.assertTrue(cron.active)
        settings.create({"collection_automatic": False}).execute()
        self.assertFalse(cron.active)

    def test_two_levels_on_the_same_day_are_refused_by_name(self):
        with self.assertRaisesRegex(ValidationError, "“Day 8” and “Day 8”|“Day 8”"):
            self._level(self.policy, 8)

    def test_a_policy_without_a_level_contacts_nobody_and_says_so(self):
        empty = self._policy("Empty", [])
        self._profile().policy_id = empty
        self._invoice(10)
        self.assertFalse(self._run().action_ids)
        self.assertEqual(self._why(), "no_level")
        self.assertIn("“Empty”", empty.warning)

    def test_a_level_without_a_text_is_named_and_stops_only_its_own(self):
        policy = self._policy("Mute", [(1, {})])
        policy.level_ids.message_ids.unlink()
        other = self._customer("Mute Ltd")
        self._profile(other).policy_id = policy
        self._invoice(10, partner=other)
        self._invoice(10)
        run = self._run()
        with self.smtp() as sink:
            self._perform()
        self.assertEqual(len(sink.mails), 1)
        failed = run.action_ids.filtered(lambda action: action.partner_id == other)
        self.assertEqual((failed.state, failed.reason), ("failed", "no_template"))
        self.assertIn("Day 1", failed.reason_text)
        self.assertIn("Day 1", policy.warning)

    def test_a_locked_period_does_not_keep_a_customer_from_being_reminded(self):
        self._invoice(40)
        self.company.sudo().fiscalyear_lock_date = self.today - timedelta(days=5)
        self.assertTrue(self._run().action_ids)

    def test_the_chronic_and_the_new_payer_get_different_texts(self):
        harsh = self.template.copy({"body_html": "<p>This cannot go on.</p>"})
        self.policy.level_ids.filtered(lambda level: level.offset_days == 1).message_ids = [
            Command.create({"channel": "email", "behaviour": "chronic", "template_id": harsh.id})]
        chronic = self._customer("Chronic")
        self._profile(chronic).sudo().behaviour_class = "chronic"
        for partner in (chronic, self.customer):
            self._invoice(10, partner=partner)
        self._run()
        with self.smtp() as sink:
            self._perform()
        texts = {mail.envelope_to[0]: self.html(mail) for mail in sink.mails}
        self.assertIn("cannot go on", texts["chronic@customer.example"])
        self.assertNotIn("cannot go on", texts["northwind@customer.example"])

    def test_pausing_needs_an_end_in_the_future_and_a_reason(self):
        wizard = Form(self.env["credit.pause.wizard"].with_context(default_profile_ids=self._profile().ids))
        wizard.reason = "New invoice address pending"
        wizard.until = self.today - timedelta(days=1)
        with self.assertRaisesRegex(UserError, "Northwind"):
            wizard.save().action_pause()
        wizard.until = self.today + timedelta(days=3)
        wizard.save().action_pause()
        self.assertEqual(self._profile().paused_until, self.today + timedelta(days=3))

    def test_a_first_receivable_makes_the_profile(self):
        fresh = self._customer("Fresh")
        self.assertFalse(self.env["credit.profile"].search([("partner_id", "=", fresh.id)]))
        self._invoice(1, partner=fresh)
        self.assertEqual(len(self.env["credit.profile"].search([("partner_id", "=", fresh.id)])), 1)


@tagged("post_install", "-at_install")
class TestBehaviour(CollectionCommon):
    """Payer classes from real payments."""

    def _history(self, partner, lateness):
        for days in lateness:
            invoice = self._invoice(100, 100, partner=partner)
            self._pay(invoice, on=self._due(100) + timedelta(days=days))

    def _assessed(self, partner):
        profile = self._profile(partner)
        profile.sudo()._refresh(self.company, self.today)
        return profile

    def test_prompt_occasional_and_chronic_payers_are_told_apart(self):
        for name, lateness, label in (("P", (-5, 0, 2), "prompt"), ("O", (0, 10, 12), "occasional"), ("X", (20, 40, 30), "chronic")):
            partner = self._customer(name)
            self._history(partner, lateness)
            self.assertEqual(self._assessed(partner).behaviour_class, label)

    def test_few_payments_make_no_class(self):
        partner = self._customer("Rookie")
        self._history(partner, (0, 1))
        self.assertEqual(self._assessed(partner).behaviour_class, "new")

    def test_the_average_is_weighted_by_amount_and_counts_what_is_open_today(self):
        partner = self._customer("Weighted")
        self._pay(self._invoice(100, 140, partner=partner), on=self._due(100) + timedelta(days=7))
        self._invoice(55, 85, partner=partner)
        self.assertAlmostEqual(self._assessed(partner).average_days_late, 25.13, 2)

    def test_a_credit_note_is_no_payment(self):
        partner = self._customer("Credited")
        invoice = self._invoice(100, 100, partner=partner)
        refund = self._invoice(50, 100, partner=partner, move_type="out_refund")
        (self._item(invoice) + self._item(refund)).reconcile()
        profile = self._assessed(partner)
        self.assertEqual((profile.settled_count, profile.behaviour_class), (0, "new"))
