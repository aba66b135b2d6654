from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .desk import DeskCommon


@tagged("post_install", "-at_install")
class TestWorklist(DeskCommon):
    """Whom to call first, with the reasons, and who is left alone."""

    def test_what_can_be_collected_is_overdue_less_promised_disputed_and_covered_parts(self):
        whole, half, contested = (self._invoice(20, amount) for amount in (1000, 600, 400))
        self._invoice(-5, 5000)
        self._on_account(150)
        self.env["collection.promise"].create({
            "promised_on": self._in_days(3), "line_ids": [(0, 0, {"item_id": self._item(half).id, "amount": 250})]})
        self.env["collection.dispute"].create({"item_id": self._item(contested).id, "amount": 400, "reason": "Broken"})
        self._rule("days_late", days=1)
        self.assertEqual(self._rank().to_collect, 1000 + 350 - 150)
        seen = self._look()
        self.assertEqual(seen["collectable"], 1200)
        self.assertEqual({part["code"]: part["amount"] for part in seen["left_out"]}, {"promised": 250, "disputed": 400, "credit": 150})
        self.assertEqual(whole.amount_residual, 1000)

    def test_a_customer_just_reminded_has_the_word_for_three_days(self):
        self._invoice(1, 500)
        self._rule("days_late", days=1)
        self._sent(self._run())
        self.assertEqual((self._rank().to_collect, self._rank().work_band), (0, False))
        self.assertEqual(self._rank(on=self._in_days(3)).to_collect, 500)

    def test_bands_follow_the_points_and_the_reasons_are_told(self):
        self._rule("amount", 60, amount=1000)
        self._rule("days_late", 40, days=30)
        small, late, both = (self._customer(name) for name in ("Small", "Late", "Both"))
        self._invoice(5, 1500, partner=small)
        self._invoice(40, 100, partner=late)
        self._invoice(40, 1500, partner=both)
        profiles = self._rank(small | late | both)
        found = {profile.partner_id.name: (profile.work_percent, profile.work_band) for profile in profiles}
        self.assertEqual(found, {"Small": (60, "b"), "Late": (40, "b"), "Both": (100, "a")})
        row = self._list()["rows"][0]
        self.assertEqual(row["name"], "Both")
        self.assertIn("1,000.00", row["reasons"][0])
        self.assertIn("40 days late", row["reasons"][1])

    def test_within_a_band_a_minute_that_brings_more_comes_first(self):
        """F-6: the large debt of a prompt payer comes by itself; the smaller one of a bad payer needs the call."""
        self._rule("days_late", days=1)
        prompt, chronic = self._customer("Prompt"), self._customer("Chronic")
        self._invoice(5, 3000, partner=prompt)
        self._invoice(5, 1000, partner=chronic)
        profiles = self._rank(prompt | chronic)
        profiles[0]._write_snapshot([{"behaviour_class": "prompt"}])
        profiles[1]._write_snapshot([{"behaviour_class": "chronic"}])
        profiles._rank(self.company, self.today)
        self.assertEqual(profiles.mapped("work_value"), [3000 * 0.05 / 8, 1000 * 0.20 / 8])
        self.assertEqual(self._names(), ["Chronic", "Prompt"])

    def test_a_broken_promise_is_on_top_the_next_working_morning_and_a_call_takes_it_down(self):
        self._rule("days_late", 90, days=30)
        self._rule("broken_promise", 10, first=True)
        other = self._customer("Other")
        self._invoice(60, 9000, partner=other)
        invoice = self._invoice(5, 100)
        self.env["collection.promise"].sudo().create({
            "made_on": self._in_days(-20), "promised_on": self._in_days(-10), "line_ids": [(0, 0, {"item_id": self._item(invoice).id, "amount": 100})]})
        profiles = self._rank(self.customer | other)
        self.assertEqual(self._names(), ["Northwind", "Other"])
        self.assertTrue(profiles.filtered(lambda profile: profile.partner_id == self.customer).work_pinned)
        self.assertIn("A promise fell through", self._list()["rows"][0]["reasons"][0])
        self._call("refuses")
        self._rank(self.customer | other, on=self._in_days(1))
        self.assertFalse(self._profile().work_pinned)

    def test_a_promise_that_falls_through_ends_the_resubmission_but_an_unanswered_call_keeps_it(self):
        self._rule("broken_promise", 100, first=True)
        invoice = self._invoice(30, 100)
        self.env["collection.promise"].sudo().create({
            "made_on": self._in_days(-20), "promised_on": self._in_days(-10), "line_ids": [(0, 0, {"item_id": self._item(invoice).id, "amount": 100})]})
        self._profile().sudo().write({"worked_on": self._in_days(-20), "resubmit_on": self._in_days(9), "resubmit_kind": "refuses"})
        self._rank()
        self.assertEqual(self._names(), ["Northwind"])
        for _attempt in range(3):
            call = self._call("no_answer")
        profile = self._rank(on=self._in_days(1))
        self.assertEqual((profile.resubmit_on, profile.work_pinned), (call.resubmit_on, True))
        profile.sudo().worked_on = self._in_days(-1)
        self.assertEqual(self._names(), [], "after three attempts in a row there is a pause")

    def test_a_broken_promise_stays_on_top_though_the_follow_up_wrote_meanwhile(self):
        self._rule("broken_promise", 100, first=True)
        invoice = self._invoice(2, 100)
        self.env["collection.promise"].sudo().create({
            "made_on": self._in_days(-20), "promised_on": self._in_days(-10), "line_ids": [(0, 0, {"item_id": self._item(invoice).id, "amount": 100})]})
        self._rank()
        self._sent(self._run())
        self.assertEqual(self._names(), ["Northwind"])
        profile = self._rank(on=self._in_days(1))
        self.assertEqual((profile.to_collect, profile.work_pinned), (100, True))
        self.assertEqual(self._look()["collectable"], 100)

    def test_whom_nobody_reached_comes_back_on_the_day_that_was_said_though_reminded_meanwhile(self):
        self._rule("days_late", 100, days=1)
        self._invoice(2, 100)
        self._rank()
        again = self._call("no_answer").resubmit_on
        self._sent(self._run())
        profile = self._rank(on=again)
        self.assertEqual(profile.to_collect, 100)
        profile.sudo().write({"worked_on": self._in_days(-1), "resubmit_on": self.today})
        self.assertEqual(self._names(), ["Northwind"])

    def test_a_promise_of_a_part_hides_the_rest_for_five_working_days_at_most(self):
        self._rule("days_late", 100, days=1)
        part, _rest = self._invoice(20, 1000), self._invoice(20, 5000)
        self._rank()
        self._call("promise", item_ids=self._item(part).ids, amount=1000, promised_on=self._in_days(25))
        self.assertLessEqual(self._profile().resubmit_on, self._in_days(11))
        whole = self._customer("Whole")
        only = self._invoice(20, 1000, partner=whole)
        self._rank(whole)
        call = self._call("promise", partner=whole, item_ids=self._item(only).ids, amount=1000, promised_on=self._in_days(25))
        self.assertGreater(self._profile(whole).resubmit_on, call.promise_id.grace_until)

    def test_a_promise_withdrawn_brings_the_customer_back_to_the_list(self):
        self._rule("days_late", 100, days=1)
        invoice = self._invoice(20, 1000)
        self._rank()
        call = self._call("promise", item_ids=self._item(invoice).ids, amount=1000, promised_on=self._in_days(10))
        self._rank(on=self._in_days(1))
        call.promise_id._withdraw("Cannot pay after all")
        profile = self._rank(on=self._in_days(1))
        profile.sudo().worked_on = self._in_days(-1)
        self.assertEqual((profile.resubmit_on, self._names()), (False, ["Northwind"]))

    def test_who_was_just_reminded_and_calls_in_is_not_taken_for_settled(self):
        self._rule("days_late", 100, days=1)
        self._invoice(2, 100)
        self._rank()
        self._sent(self._run())
        seen = self._look()
        self.assertEqual((seen["settled"], seen["collectable"], seen["left_out"][0]["code"]), (False, 0, "noticed"))

    def test_who_is_on_the_telephone_stands_on_top_though_not_listed(self):
        self._rule("days_late", days=1)
        other = self._customer("Other")
        self._invoice(20, 100, partner=other)
        self._rank(self.customer | other)
        rows = self.desk.load_worklist("all", self._profile().id)["rows"]
        self.assertEqual([row["name"] for row in rows], ["Northwind", "Other"])

    def test_a_promise_that_was_paid_late_after_all_puts_nobody_on_top(self):
        self._rule("broken_promise", 10, first=True)
        self._rule("days_late", 90, days=1)
        invoice = self._invoice(30, 100)
        self.env["collection.promise"].sudo().create({
            "made_on": self._in_days(-20), "promised_on": self._in_days(-10), "line_ids": [(0, 0, {"item_id": self._item(invoice).id, "amount": 100})]})
        self._pay(invoice)
        self._invoice(5, 50)
        self.assertFalse(self._rank().work_pinned)

    def test_an_agreed_call_comes_back_on_its_day_with_its_hour(self):
        self._rule("days_late", 90, days=1)
        self._rule("callback", 10, first=True)
        self._invoice(20, 100)
        self._rank()
        self._call("callback", on=self._in_days(4), time=9.5)
        self.assertEqual(self._names(), [])
        self._rank(on=self._in_days(3))
        self.assertFalse(self._profile().work_pinned)
        self._rank(on=self._in_days(4))
        self.assertTrue(self._profile().work_pinned)
        self._profile().sudo().write({"worked_on": self._in_days(-1), "resubmit_on": self.today})
        self.assertEqual(self._list()["rows"][0]["at"], "9:30")

    def test_customers_of_a_collector_who_left_are_on_the_list_of_the_one_for_all_others(self):
        self._rule("days_late", days=1)
        self._invoice(20, 100)
        self._rank().collector_id = self.collector
        self.company.collection_user_id = self.env.user
        self.assertEqual(self._names("mine"), [])
        self.collector.active = False
        self.assertEqual(self._names("mine"), ["Northwind"])

    def test_the_resubmission_date_hides_a_customer_until_then(self):
        self._rule("days_late", days=1)
        self._invoice(20, 100)
        profile = self._rank()
        profile.sudo().write({"resubmit_on": self._in_days(2), "worked_on": self._in_days(-1)})
        self.assertEqual(self._names(), [])
        self.assertEqual(self._list()["hidden"], {"later": 1, "small": 0})
        profile.sudo().resubmit_on = self.today
        self.assertEqual(self._names(), ["Northwind"])

    def test_whom_the_follow_up_of_this_morning_writes_to_is_not_called_too(self):
        self._rule("days_late", days=1)
        self._invoice(2, 500)
        self._rank()
        self.assertEqual(self._names(), ["Northwind"])
        run = self._run()
        self.assertEqual((run.action_ids.state, self._names(), self._list()["hidden"]["later"]), ("ready", [], 1))
        run.action_ids.action_cancel()
        self.assertEqual(self._names(), ["Northwind"])

    def test_a_call_that_the_follow_up_of_today_asks_for_is_a_reason_on_todays_list(self):
        self._rule("days_late", 50, days=1)
        self._rule("call_due", 50)
        self.policy.level_ids.unlink()
        self._level(self.policy, 5, channels=("call",))
        self.customer.phone = "+32 2 555 00 00"
        self._invoice(20, 500)
        self._rank()
        self.assertEqual(self._profile().work_percent, 50)
        self._run()
        self.assertEqual((self._profile().work_percent, self._names()), (100, ["Northwind"]))

    def test_small_customers_are_left_to_the_reminders_unless_something_puts_them_on_top(self):
        self._rule("days_late", days=1)
        self.company.collection_worklist_minimum = 200
        self._invoice(20, 199.99)
        profile = self._rank()
        self.assertEqual((self._names(), self._list()["hidden"]["small"]), ([], 1))
        profile.sudo().work_pinned = True
        self.assertEqual(self._names(), ["Northwind"])

    def test_paused_and_excluded_customers_are_not_called(self):
        self._rule("days_late", days=1)
        self._invoice(20, 100)
        profile = self._rank()
        profile.paused_until = self._in_days(1)
        self.assertEqual(self._names(), [])
        profile.write({"paused_until": False, "excluded": True})
        self.assertEqual(self._names(), [])
        self.assertFalse(self._rank().work_band)

    def test_mine_team_and_all(self):
        self._rule("days_late", days=1)
        partners = {name: self._customer(name) for name in ("Mine", "Colleague's", "Stranger's", "Nobody's")}
        for partner in partners.values():
            self._invoice(20, 100, partner=partner)
        colleague, stranger = (self.env["res.users"].with_context(no_reset_password=True).create({
            "name": name, "login": f"{name}.desk.test", "company_id": self.company.id, "company_ids": [(6, 0, self.company.ids)],
            "group_ids": [(6, 0, [self.env.ref("account_credit_collection.group_collector").id])]}) for name in ("colleague", "stranger"))
        team = self.env["crm.team"].sudo().create({"name": "Collections", "company_id": self.company.id})
        self.env["crm.team.member"].sudo().create([{"crm_team_id": team.id, "user_id": user.id} for user in (self.collector, colleague)])
        self._rank(self.env["res.partner"].union(*partners.values()))
        for name, user in (("Mine", self.collector), ("Colleague's", colleague), ("Stranger's", stranger)):
            self._profile(partners[name]).collector_id = user
        self.assertEqual(self._names("mine", self.collector), ["Mine"])
        self.assertCountEqual(self._names("team", self.collector), ["Mine", "Colleague's"])
        self.assertCountEqual(self._names("all", self.collector), list(partners))
        self.company.collection_user_id = self.collector
        self.assertCountEqual(self._names("mine", self.collector), ["Mine", "Nobody's"])

    def test_without_a_list_of_ones_own_all_is_shown(self):
        self._rule("days_late", days=1)
        self._invoice(20, 100)
        self._rank()
        self.assertEqual(self.desk.with_user(self.collector).load_worklist()["scope"], "all")
        self._profile().collector_id = self.collector
        self.assertEqual(self.desk.with_user(self.collector).load_worklist()["scope"], "mine")

    def test_counts_and_money_by_band(self):
        self._rule("amount", 70, amount=1000)
        self._rule("days_late", 30, days=1)
        for name, amount in (("One", 1000), ("Two", 2000), ("Three", 10)):
            self._invoice(20, amount, partner=self._customer(name))
        self._rank(self.env["res.partner"].search([("name", "in", ("One", "Two", "Three"))]))
        found = self._list()
        self.assertEqual(found["bands"], [{"band": "a", "count": 2, "amount": 3000}, {"band": "c", "count": 1, "amount": 10}])
        self.assertEqual(found["total"], 3)

    def test_ranking_takes_the_same_queries_for_two_and_for_twenty_customers(self):
        self._rule("days_late", days=1)
        self._rule("broken_promise", first=True)
        partners = self.env["res.partner"].union(*(self._customer(f"Customer {number}") for number in range(20)))
        for partner in partners:
            self._invoice(20, 100, partner=partner)
        profiles = self._profile(partners)
        profiles.sudo()._refresh(self.company, self.today)
        counts = []
        for some in (profiles[:2], profiles):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            some.sudo()._rank(self.company, self.today + timedelta(days=len(some)))
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_the_list_takes_the_same_queries_for_five_rows_and_for_a_hundred(self):
        partners = self.env["res.partner"].create([{"name": f"Customer {number}"} for number in range(100)])
        profiles = self._profile(partners).sudo()
        reasons = [{"code": "work_amount", "points": 10, "detail": {"amount": 100.0}}, {"code": "work_days_late", "points": 10, "detail": {"days": 9}}]
        counts = []
        for rows in (5, 5, 100):  # the first time fills the caches of the registry
            profiles[:rows]._write_snapshot([{"to_collect": 100.0, "work_band": "b", "work_reasons": reasons, "ranked_on": self.today}] * rows)
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertEqual(len(self._list()["rows"]), rows)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    def test_nobody_but_collectors_and_managers_works_the_list(self):
        viewer = self.env["res.users"].with_context(no_reset_password=True).create({
            "name": "Viewer", "login": "viewer.desk.test", "company_id": self.company.id, "company_ids": [(6, 0, self.company.ids)],
            "group_ids": [(6, 0, [self.env.ref("account_credit_collection.group_viewer").id])]})
        desk = self.desk.with_user(viewer)
        for work in (lambda: desk.load_worklist("all"), lambda: desk.load_customer(1), lambda: desk.save_outcome(1, "refuses", {}), lambda: desk.undo(1)):
            with self.assertRaisesRegex(AccessError, "Only collectors"):
                work()

    def test_a_collector_of_an_own_portfolio_sees_and_calls_nobody_elses(self):
        self._rule("days_late", days=1)
        self._invoice(20, 100)
        profile = self._rank()
        self.collector.group_ids += self.env.ref("account_credit_collection.group_own_portfolio")
        self.assertEqual(self._names("all", self.collector), [])
        desk = self.desk.with_user(self.collector)
        with self.assertRaisesRegex(UserError, "not on your list"):
            desk.load_customer(profile.id)
        with self.assertRaisesRegex(UserError, "not on your list"):
            desk.save_outcome(profile.id, "refuses", {})
        self.assertFalse(profile.call_ids)
