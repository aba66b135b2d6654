from datetime import timedelta

from odoo.fields import Command
from odoo.tests import tagged

from .account import AccountCase


@tagged("post_install", "-at_install", "browser")
class TestAccountRestBrowser(AccountCase):
    """What else the customer does at its account, in a real browser: reads its limit, takes its papers, opens an offer and its application."""

    def setUp(self):
        super().setUp()
        invoices = self._invoice(40, 1200.0) + self._invoice(35, 800.0)
        self._invoice(-5, 250.0)
        profile = self._profile()
        ladder = self.env["credit.ladder"].create({"name": "Ladder", "company_id": self.company.id, "fall_days": 30, "cool_down_days": 1, "stage_ids": [
            Command.create({"name": str(amount), "amount": amount, "sequence": place}) for place, amount in enumerate((5000.0, 8000.0))]})
        self.env["credit.limit"]._record(profile, {"amount": 5000.0, "cap": 9000.0, "reason": "Test", "source": "manual"})
        profile.ladder_id = ladder
        profile._write_snapshot([{"ladder_code": "missing", "ladder_detail": {}, "ladder_missing": [["days", 10, 90]]}])
        items = self._item(invoices[0]) + self._item(invoices[1])
        self.env["collection.settlement"]._make(profile, items, 1500.0, self.today + timedelta(days=10), "A clear end").action_offer()
        self._apply(profile)

    def _apply(self, profile):
        """An application that somebody looks at."""
        application = self.env["credit.application"].sudo().create(
            {"company_id": self.company.id, "name": self.customer.name, "email": self.customer.email, "reference": "CA/BROWSER"})
        self.env.flush_all()
        self.env.cr.execute("UPDATE credit_application SET state = 'review', profile_id = %s WHERE id = %s", [profile.id, application.id])
        application.invalidate_recordset()

    def test_limit_papers_and_offer_with_a_link(self):
        self.start_tour(self._link(), "collection_account_rest")

    def test_application_by_login(self):
        self.start_tour(self._my(), "collection_account_application", login="ada")


@tagged("post_install", "-at_install", "browser")
class TestAccountRestTelephone(TestAccountRestBrowser):
    """The same on a telephone."""

    browser_size = "390x844"
    touch_enabled = True
    allow_inherited_tests_method = True
