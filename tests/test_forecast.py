from datetime import timedelta

from odoo.tests import new_test_user, tagged

from .plan import PlanCommon
from .test_promise import PromiseCommon


@tagged("post_install", "-at_install")
class TestForecast(PromiseCommon):
    """What customers are expected to pay, and when."""

    def _foretell(self, partner=None, on=None):
        """The forecast of one customer as the night makes it."""
        profile = self._profile(partner)
        profile.sudo()._foretell(self.company, on or self.today)
        return self.env["collection.forecast"].search([("profile_id", "=", profile.id)])

    def _open(self, partner=None):
        """What the ledger has open of a customer."""
        return sum(self._profile(partner).item_ids.mapped("amount_residual"))

    def test_an_invoice_to_come_is_expected_when_it_is_due(self):
        invoice = self._invoice(-10, 500)
        row = self._foretell()
        self.assertRecordValues(row, [{"item_id": self._item(invoice).id, "document": invoice.name, "amount": 500.0, "source": "habit",
                                       "due": self._due(-10)}])
        self.assertGreaterEqual(row.expected_on, self._due(-10))
        self.assertLessEqual(row.expected_on, self._due(-10) + timedelta(days=5), "the next working day")

    def test_the_parts_of_an_item_sum_to_what_is_open_of_it_and_not_contested(self):
        invoice = self._invoice(10, 1000)
        self.env["collection.dispute"].create({"item_id": self._item(invoice).id, "amount": 100.0, "reason": "broken"})
        promise = self._promise(invoice, amount=400.0)
        rows = self._foretell()
        self.assertEqual({row.source: row.amount for row in rows}, {"promise": 400.0, "overdue": 500.0})
        self.assertEqual(rows.filtered(lambda row: row.source == "promise").expected_on, promise.promised_on)

    def test_credits_come_off_what_is_expected_first(self):
        self._invoice(-5, 300)
        self._invoice(-30, 700)
        self._on_account(400)
        rows = self._foretell()
        self.assertEqual(rows.mapped("amount"), [600.0])
        self.assertEqual(sum(rows.mapped("amount")), self._open())

    def test_a_promise_on_the_balance_covers_the_oldest_invoices(self):
        old, new = self._invoice(20, 300), self._invoice(5, 300)
        promise = self.env["collection.promise"].create({
            "profile_id": self._profile().id, "currency_id": self.company.currency_id.id, "amount": 450.0,
            "promised_on": self.today + timedelta(days=4)})
        found = {(row.item_id, row.source): row.amount for row in self._foretell()}
        self.assertEqual(found, {(self._item(old), "promise"): 300.0, (self._item(new), "promise"): 150.0, (self._item(new), "overdue"): 150.0})
        self.assertEqual(promise.state, "open")

    def test_another_currency_keeps_its_amount_and_takes_its_share_in_company_currency(self):
        currency = self.setup_other_currency("GBP", rates=[("2000-01-01", 0.5)])
        self._invoice(-10, 100, currency=currency)
        self.assertRecordValues(self._foretell(), [{"amount_currency": 100.0, "currency_id": currency.id, "amount": 200.0}])

    def test_rows_that_say_the_same_stay_and_what_is_not_open_any_more_goes(self):
        self._invoice(-10, 100)
        wrong = self._invoice(-20, 200)
        first = self._foretell()
        self.assertEqual(self._foretell(), first)
        left = first.filtered(lambda row: row.amount == 100.0)
        wrong.button_draft()
        self.assertEqual(self._foretell(), left)

    def test_nothing_is_expected_of_archived_customers_nor_of_what_is_paid(self):
        other, gone = self._customer("Southwind"), self._customer("Eastwind")
        stays = self._invoice(-10, 300)
        paid = self._invoice(-10, 100, partner=other)
        self._invoice(-10, 200, partner=gone)
        for partner in (None, other, gone):
            self._foretell(partner)
        self._pay(paid)
        self._profile(gone).active = False
        self.env["credit.profile"]._drop_expected(self.company)
        rows = self.env["collection.forecast"].with_context(active_test=False).search([("company_id", "=", self.company.id)])
        self.assertEqual(rows.item_id, self._item(stays))

    def test_the_night_clears_what_its_batches_pass_by(self):
        self._invoice(-10, 200)
        self._foretell()
        self._profile().active = False
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **values: 1000.0)
        self.assertEqual(self.env["credit.profile"].sudo()._refresh_company(self.company), [])
        self.assertFalse(self.env["collection.forecast"].with_context(active_test=False).search([("company_id", "=", self.company.id)]))

    def test_an_invoice_opens_for_those_who_see_entries_and_its_customer_for_others(self):
        invoice = self._invoice(-10, 100)
        row = self._foretell()
        self.assertEqual((row.action_open_item()["res_model"], row.action_open_item()["res_id"]), ("account.move", invoice.id))
        viewer = new_test_user(self.env(su=True), login="forecast viewer", company_id=self.company.id, company_ids=self.company.ids,
                               groups="account_credit_collection.group_viewer")
        found = row.with_user(viewer).action_open_item()
        self.assertEqual((found["res_model"], found["res_id"]), ("credit.profile", self._profile().id))

    def test_the_night_foretells_and_a_row_opens_its_invoice(self):
        invoice = self._invoice(-10, 100)
        self._profile()._refresh(self.company, self.today)
        row = self.env["collection.forecast"].search([("profile_id", "=", self._profile().id)])
        self.assertEqual(row.action_open_item()["res_id"], invoice.id)

    def test_two_customers_cost_as_many_queries_as_twenty(self):
        partners = [self._customer(f"Customer {number}") for number in range(20)]
        for partner in partners:
            self._invoice(-10, 100, partner=partner)
        profiles = self.env["credit.profile"]._ensure(self.company, self.env["res.partner"].concat(*partners)).sudo()
        self.env.flush_all()
        profiles[:1]._foretell(self.company, self.today)  # what is kept in memory from then on
        counts = []
        for some in (profiles[1:3], profiles[3:]):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some._foretell(self.company, self.today)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)
        self.assertEqual(len(self.env["collection.forecast"].search([("profile_id", "in", profiles.ids)])), 20)


@tagged("post_install", "-at_install")
class TestForecastOfPlans(PlanCommon):
    """What is expected by a plan, and what of it nobody expects by the plan any more."""

    def _expected(self, on):
        profile = self._profile()
        profile.sudo()._foretell(self.company, on)
        rows = self.env["collection.forecast"].search([("profile_id", "=", profile.id)])
        return sorted((row.source, row.amount) for row in rows), rows

    def test_an_installment_is_expected_by_the_plan_until_its_grace_is_over(self):
        """300 in three parts of 100, a week apart, with three days of grace."""
        self.terms.grace_days = 3
        plan = self._active(self._invoice(10, 300))
        first = self._part(plan, min(plan.installment_ids.mapped("number"))).due
        found, rows = self._expected(first + timedelta(days=3))
        self.assertEqual(found, [("plan", 100), ("plan", 100), ("plan", 100)])
        self.assertEqual(min(rows.mapped("expected_on")), first + timedelta(days=3))
        found, _rows = self._expected(first + timedelta(days=4))
        self.assertEqual(found, [("overdue", 100), ("plan", 100), ("plan", 100)])
