from dateutil.relativedelta import relativedelta

from odoo.tests import new_test_user, tagged

from .test_browser import ACTION, BrowserCase


class ReportBrowser(BrowserCase):
    """A customer with 100 late and 200 more, another who contests 200, and a month end with nothing overdue."""

    def setUp(self):
        super().setUp()
        self._dispute()
        dispute = self.env["collection.dispute"].search([("profile_id", "=", self._profile(self.other).id)])
        dispute.deadline = self.today - relativedelta(days=1)
        month = self.today + relativedelta(months=-1, day=31)
        self.env["collection.snapshot"].sudo().create({
            "month": month, "company_id": self.company.id, "currency_id": self.company.currency_id.id, "profile_id": self._profile().id,
            "billed": 1000.0, "closing": 500.0, "not_due": 500.0})
        self.env["collection.worklist.rule"].create({"name": "Late", "kind": "days_late", "points": 100, "days": 1})
        (self._profile() | self._profile(self.other))._refresh(self.company, self.today)


@tagged("post_install", "-at_install", "browser")
class TestReportBrowser(ReportBrowser):
    """The landing page and the reports, as a credit manager reads them."""

    def test_a_manager_lands_on_the_overview_and_opens_what_is_behind_it(self):
        self.start_tour(f"{ACTION}.collection_overview_action", "collection_overview", login="creditmanager")

    def test_a_pivot_tells_its_formulas_and_opens_down_to_the_invoice(self):
        self._invoice(-5, 300.0)
        self._profile()._refresh(self.company, self.today)
        self.start_tour(f"{ACTION}.collection_overview_action", "collection_report_pivot", login="creditmanager")

    def test_the_dashboard_draws_its_charts(self):
        self.start_tour("/odoo/dashboards", "collection_dashboard", login="creditmanager")


@tagged("post_install", "-at_install", "browser")
class TestReportTelephone(ReportBrowser):
    browser_size = "390x844"
    touch_enabled = True

    def test_the_overview_on_a_telephone(self):
        self.start_tour(f"{ACTION}.collection_overview_action", "collection_overview", login="creditmanager")


@tagged("post_install", "-at_install", "browser")
class TestReportEmpty(BrowserCase):
    def test_a_company_without_customers_is_told_what_to_do(self):
        company = self.setup_other_company(name="Fresh Ltd")["company"]
        new_test_user(self.env(su=True), login="freshmanager", password="freshmanager", company_id=company.id, company_ids=company.ids,
                      groups="account.group_account_invoice,account_credit_collection.group_manager")
        self.start_tour(f"{ACTION}.collection_overview_action", "collection_overview_empty", login="freshmanager")
