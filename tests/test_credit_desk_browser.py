from odoo.tests import new_test_user, tagged

from .credit import CreditCommon
from .test_browser import ACTION, BrowserCase


@tagged("post_install", "-at_install", "browser")
class TestCreditDesk(BrowserCase, CreditCommon):
    """Limits, holds and ladders, as the people at their desks use them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        new_test_user(cls.env(su=True), login="seller", password="seller", company_id=cls.company.id, company_ids=cls.company.ids,
                      groups="sales_team.group_sale_salesman_all_leads")

    def test_manager_sets_a_limit(self):
        profile = self._profile()
        self.start_tour(f"{ACTION}.credit_profile_action/{profile.id}", "credit_set_limit", login="creditmanager")
        self.env.invalidate_all()
        self.assertRecordValues(profile.limit_ids, [{"state": "approved", "amount": 5000.0, "decided_by": self._login("creditmanager").id}])
        self.assertEqual(profile.limit_amount, 5000.0)

    def test_seller_waits_and_manager_releases(self):
        self._grant(1000.0)
        order = self._order(1000.0, user_id=self._login("seller").id)
        self.start_tour(f"/odoo/action-sale.action_quotations_with_onboarding/{order.id}", "credit_over_limit", login="seller")
        self.env.invalidate_all()
        self.assertRecordValues(order, [{"state": "draft", "credit_state": "held"}])
        self.start_tour("/odoo", "credit_release", login="creditmanager")
        self.env.invalidate_all()
        self.assertRecordValues(order, [{"state": "sale", "credit_state": "released"}])
        self.assertRecordValues(self._hold(order), [{
            "state": "released", "decision_reason": "Payment seen, arrives tomorrow", "decided_by": self._login("creditmanager").id}])

    def test_manager_lays_out_a_ladder(self):
        self.start_tour("/odoo", "credit_ladder", login="creditmanager")
        ladder = self.env["credit.ladder"].search([("name", "=", "Growing customers")])
        self.assertEqual(ladder.stage_ids.mapped("amount"), [1000.0, 2000.0, 4000.0])

    def _login(self, login):
        return self.env["res.users"].search([("login", "=", login)])


@tagged("post_install", "-at_install", "browser")
class TestCreditDeskTelephone(TestCreditDesk):
    """The same on a telephone."""

    browser_size = "390x844"
    touch_enabled = True
    allow_inherited_tests_method = True
