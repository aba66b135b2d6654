from dateutil.relativedelta import relativedelta

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .desk import DeskMorning

SUMS = ("attempts", "reached", "promises", "judged", "kept", "contacts", "minutes", "promised", "promised_kept", "assigned", "collected", "self_cured", "cost")
RATIOS = ("reached_share", "promise_share", "kept_share", "kept_money_share", "liquidation", "cost_share")


@tagged("post_install", "-at_install")
class TestProductivity(DeskMorning):
    """What a collector did, what came of it, and what it cost (F-18)."""

    def _figures(self, *domain, user=None):
        """All figures of the company's rows, or of some."""
        self.env.flush_all()
        rows = self.env["collection.productivity"].with_user(user or self.env.user)._read_group(
            [("company_id", "=", self.company.id), *domain], [], [*(f"{name}:sum" for name in SUMS), *(f"{name}:avg" for name in RATIOS)])
        return dict(zip((*SUMS, *RATIOS), rows[0]))

    def _of(self, user):
        return self._figures(("user_id", "=", user.id))

    def _assert(self, found, **expected):
        self.assertEqual({name: round(float(found[name]), 4) if found[name] else 0 for name in expected}, expected)

    def test_calls_their_answers_and_promises(self):
        self._call("no_answer", user=self.collector, seconds=60, token="one")
        self._call("promise", user=self.collector, seconds=180, amount=400, item_ids=self.item.ids, promised_on=str(self._in_days(3)), token="two")
        self._assert(self._of(self.collector), attempts=2, reached=1, promises=1, minutes=4.0, reached_share=50.0, promise_share=100.0, cost=3.0)

    def test_a_payment_in_the_window_of_a_promise_is_that_of_who_took_it(self):
        self._call("promise", user=self.collector, amount=1000, item_ids=self.item.ids, promised_on=str(self._in_days(3)))
        self.profile.collector_id = self.env.user
        self._pay(self.invoice, 400)
        self._assert(self._of(self.collector), collected=400, self_cured=0)
        self._assert(self._of(self.env.user), collected=0)

    def test_within_seven_days_after_a_call_it_came_of_the_call_and_later_by_itself(self):
        call = self._call("refuses", user=self.collector, excuse="")
        for days, collected, self_cured in ((7, 400, 0), (8, 0, 400)):
            with self.subTest(days=days):
                call.sudo().day = self.today - relativedelta(days=days)
                if days == 7:
                    self._pay(self.invoice, 400)
                self._assert(self._figures(), collected=collected, self_cured=self_cured)

    def test_a_call_taken_back_is_none(self):
        call = self._call("no_answer", user=self.collector, seconds=60)
        call.sudo().voided = True
        self._assert(self._of(self.collector), attempts=0, cost=0)

    def test_a_message_counts_for_the_customer_s_collector_and_costs_what_the_settings_say(self):
        self.profile.collector_id = self.collector
        self.company.collection_cost_email = 0.25
        self._sent(self._run())
        self._pay(self.invoice, 250)
        self._assert(self._of(self.collector), contacts=1, cost=0.25, collected=250, cost_share=0.1)

    def test_contacts_and_calls_cost_the_same_in_the_months_to_the_last_digit(self):
        """Three e-mails at 0.0525 and 100 seconds at 0.75 a minute: 0.1575 + 1.25."""
        self.company.write({"collection_cost_email": 0.0525, "collection_cost_minute": 0.75})
        self.profile.collector_id = self.collector
        sent = self._sent(self._run()).action_ids
        for number in range(2):
            sent[:1].sudo().copy({"dedupe_key": f"cost {number}", "payload_hash": "x", "state": "sent", "sent_on": self.today})
        self._call("no_answer", user=self.collector, seconds=100)
        self._assert(self._figures(), contacts=3, cost=1.4075)
        month = self.today + relativedelta(day=31)
        self.env["collection.snapshot"].sudo()._rebuild(self.company, month, month)
        self.assertEqual(self.env["collection.snapshot"].search([("profile_id", "=", self.profile.id), ("month", "=", month)]).cost, 1.4075)

    def test_what_nobody_asked_for_is_self_cured_and_what_was_not_late_is_neither(self):
        early = self._invoice(-10, 700)
        self._pay(self.invoice, 300)
        self._pay(early)
        self._assert(self._figures(), collected=0, self_cured=300)

    def test_promises_judged_by_number_and_money_at_the_rate_of_their_day(self):
        currency = self.setup_other_currency("GBP", rates=[("2000-01-01", 0.5)])
        self._invoice(5, 50, currency=currency)
        for code, state, amount, paid in ((self.company.currency_id, "kept", 600, 600), (self.company.currency_id, "broken", 300, 90), (currency, "partly", 50, 5)):
            promise = self.env["collection.promise"].create(
                {"profile_id": self.profile.id, "currency_id": code.id, "amount": amount, "promised_on": self.today})
            promise.sudo().write({"state": state, "judged_on": self.today, "paid_amount": paid, "taken_by": self.collector.id})
        self._assert(self._of(self.collector), judged=3, kept=1, promised=1000, promised_kept=700, kept_share=33.3333, kept_money_share=70.0)

    def test_liquidation_is_collected_of_what_was_overdue_at_the_start_of_the_month(self):
        self.profile.collector_id = self.collector
        self.env["collection.snapshot"].sudo().create({
            "month": self.today + relativedelta(months=-1, day=31), "company_id": self.company.id, "currency_id": self.company.currency_id.id,
            "profile_id": self.profile.id, "collector_id": self.collector.id, "b30": 1200.0, "over": 400.0, "not_due": 9.0})
        self._call("promise", user=self.collector, amount=1000, item_ids=self.item.ids, promised_on=str(self._in_days(3)))
        self._pay(self.invoice, 400)
        self._assert(self._of(self.collector), assigned=1600, collected=400, liquidation=25.0)
        assigned = self.env["collection.productivity"].search([("kind", "=", "assigned"), ("user_id", "=", self.collector.id)])
        self.assertEqual(assigned.day, self.today.replace(day=1))
        self.assertEqual(assigned.action_open_source()["res_id"], self.profile.id)

    def test_a_row_shows_its_own_figures_and_opens_what_it_counts(self):
        call = self._call("promise", user=self.collector, amount=400, item_ids=self.item.ids, promised_on=str(self._in_days(3)), seconds=60)
        self.env.flush_all()
        row = self.env["collection.productivity"].search([("kind", "=", "call"), ("user_id", "=", self.collector.id)])
        self.assertRecordValues(row, [{"attempts": 1, "promise_share": 100.0, "profile_id": self.profile.id}])
        self.assertEqual((row.action_open_source()["res_model"], row.action_open_source()["res_id"]), ("collection.call", call.id))

    def test_a_collector_sees_the_own_work_and_a_viewer_none(self):
        colleague = new_test_user(self.env(su=True), login="productive colleague", company_id=self.company.id, company_ids=self.company.ids,
                                  groups="account_credit_collection.group_collector")
        self._call("no_answer", user=self.collector, token="one")
        self._call("no_answer", user=colleague, token="two")
        self._assert(self._figures(user=self.collector), attempts=1)
        self._assert(self._figures(), attempts=2)
        viewer = new_test_user(self.env(su=True), login="productive viewer", company_id=self.company.id, company_ids=self.company.ids,
                               groups="account_credit_collection.group_viewer")
        with self.assertRaises(AccessError):
            self._figures(user=viewer)
