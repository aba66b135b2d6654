import re
from datetime import timedelta

from freezegun import freeze_time

from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .credit import CreditCommon
from .credit_portal import CreditPortalCase


@tagged("post_install", "-at_install")
class TestStoryCredit(CreditPortalCase, CreditCommon):
    """From the application of a stranger to a limit that follows its behaviour, on real documents all the way."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.growing = cls._ladder(5000, 7500, 11250, stage={"window_count": 3, "on_time_count": 3, "tolerance_days": 3})
        cls.checklist.write({"ladder_id": cls.growing.id, "scorecard_id": cls.env["credit.scorecard"].search([], limit=1).id})
        staff = {"company_id": cls.company.id, "company_ids": [Command.set(cls.company.ids)]}
        cls.collector = new_test_user(cls.env(su=True), login="story.collector", groups="account_credit_collection.group_collector", **staff)
        cls.manager = new_test_user(cls.env(su=True), login="story.manager", groups="account_credit_collection.group_manager", **staff)
        cls.salesperson = new_test_user(cls.env(su=True), login="story.sales", groups="sales_team.group_sale_salesman", **staff)

    def test_story_credit(self):
        application = self._applies()
        self._references_answer(application)
        self._is_scored(application)
        customer = self._is_approved_and_signs(application)
        self._orders_within_the_limit(customer)
        self._orders_over_the_limit_and_is_released(customer)
        self._pays_three_in_time_and_rises(customer)
        self._pays_one_forty_days_late_and_falls(customer)
        self._can_be_followed_in_the_journal(customer)

    def _applies(self):
        customers = self.env["res.partner"].sudo().search_count([])
        application = self._submitted()
        self.assertEqual(self.env["res.partner"].sudo().search_count([]), customers, "an applicant is no customer yet")
        self.assertEqual((application.source, application.requested_limit), ("portal", 5000))
        return application

    def _references_answer(self, application):
        application.with_user(self.collector).action_review()
        application.with_user(self.collector).action_ask_references()
        facts = {"as_of": str(self.today), "manner_of_payment": "prompt", "high_credit": "25,000", "owing": "1,000", "past_due": "0",
                 "selling_terms": "30 days net", "last_sale": str(self.today), "answered_name": "Joe Paper"}
        supplier, bank = application.reference_ids.sorted("kind", reverse=True)
        page = f"/credit/reference/{supplier.id}/{supplier._link_token()}"
        answer = self._post(page, facts)
        self.assertLess(answer.status_code, 400, self._words(answer))
        self.assertEqual((supplier.state, supplier.manner_of_payment, supplier.high_credit), ("answered", "prompt", 25000))
        bank.with_user(self.collector).write({"comment": "Well known, no bounced payments"})  # told by telephone
        bank.with_user(self.collector).action_answered_by_phone()
        self.assertEqual(application.reference_ids.mapped("state"), ["answered", "answered"])

    def _is_scored(self, application):
        application.with_user(self.collector).action_score()
        self.assertGreater(application.score, 0)
        self.assertGreater(application.coverage, 0)
        self.assertTrue(application.class_id and application.proposed_limit)
        self.assertTrue(all(line.reason for line in application.score_ids))

    def _is_approved_and_signs(self, application):
        wizard = self.env["credit.decision.wizard"].with_user(self.manager).create({
            "application_id": application.id, "outcome": "approve", "approved_cap": 11250, "ladder_id": self.growing.id})
        self.assertEqual(wizard.start_limit, 5000, "a moderate limit to start with")
        wizard.action_decide()
        self.assertEqual((application.state, application.decided_by), ("approved", self.manager))
        self.assertFalse(application.partner_id, "nothing is granted before the signature")
        page = self._get(self._contract(application))
        shown = re.search(r'name="hash" value="([0-9a-f]{64})"', page.text)[1]
        signed = self._post(f"{self._contract(application)}/sign", {
            "hash": shown, "signed_name": "Ada Miller", "signed_function": "Owner", "entitled": "1"})
        self.assertEqual(signed.status_code, 303, self._words(signed))
        self.assertEqual((application.state, application.signed_name, application.contract_hash), ("signed", "Ada Miller", shown))
        self.assertTrue(application.signed_ip and application.signed_agent and application.signed_on)
        self.assertEqual(application.profile_id.limit_amount, 5000)
        customer = application.partner_id
        customer.property_account_receivable_id = self.company_data["default_account_receivable"]
        return customer

    def _orders_within_the_limit(self, customer):
        order = self._order(3000, partner=customer, user_id=self.salesperson.id)
        order.with_user(self.salesperson).action_confirm()
        self.assertEqual((order.state, order.credit_state), ("sale", "passed"))

    def _orders_over_the_limit_and_is_released(self, customer):
        order = self._order(2500, partner=customer, user_id=self.salesperson.id)
        order.with_user(self.salesperson).action_confirm()
        self.assertEqual((order.state, order.credit_state), ("draft", "held"))
        hold = self._hold(order)
        self.assertIn("500.00", hold.reason)
        wizard = self.env["credit.release.wizard"].with_user(self.manager).create({
            "hold_ids": [Command.set(hold.ids)], "reason": "Deposit was announced"})
        wizard.action_release()
        self.assertEqual((order.state, order.credit_state), ("sale", "released"))
        self.assertEqual((hold.decided_by, hold.decision_reason), (self.manager, "Deposit was announced"))
        for confirmed in self.env["sale.order"].search([("partner_id", "=", customer.id)]):
            confirmed._action_cancel()

    def _pays_three_in_time_and_rises(self, customer):
        for day in (10, 20, 30):
            self._invoice_paid(customer, issued=day, due=day + 14, paid=day + 14)
        self._night(customer, 45, 7500)

    def _pays_one_forty_days_late_and_falls(self, customer):
        self._invoice_paid(customer, issued=50, due=60, paid=100)
        self._night(customer, 101, 5000)

    def _can_be_followed_in_the_journal(self, customer):
        lines = self.env["credit.limit"].search([("profile_id.partner_id", "=", customer.id)], order="id")
        self.assertRecordValues(lines, [
            {"source": "application", "amount": 5000, "cap": 11250, "state": "approved"},
            {"source": "ladder", "amount": 7500, "cap": 11250, "state": "approved"},
            {"source": "ladder", "amount": 5000, "cap": 11250, "state": "approved"}])
        self.assertIn("40 days late", lines[2].why)

    # ------------------------------------------------------------------ verbs of the story

    def _invoice_paid(self, customer, issued, due, paid):
        """An invoice over 1,000, its days counted from the day of the signature."""
        with freeze_time(self.today + timedelta(days=issued)):
            invoice = self.env["account.move"].create({
                "move_type": "out_invoice", "partner_id": customer.id, "invoice_date": self.today + timedelta(days=issued),
                "invoice_date_due": self.today + timedelta(days=due), "invoice_payment_term_id": False,
                "invoice_line_ids": [Command.create({"product_id": self.product.id, "price_unit": 1000, "tax_ids": []})]})
            invoice.action_post()
            self.assertEqual(invoice.state, "posted")
        with freeze_time(self.today + timedelta(days=paid)):
            self._pay(invoice, on=self.today + timedelta(days=paid))

    def _night(self, customer, day, expected):
        """The nightly look, so many days after the signature."""
        profile = self._profile(customer)
        with freeze_time(self.today + timedelta(days=day)):
            profile._refresh(self.company, self.company._collection_today())
        self.assertEqual(profile.limit_amount, expected)
        self.assertEqual(customer.with_company(self.company).credit_limit, expected)
