from odoo.tests import tagged

from .test_account_promise import SayCase
from .test_credit_upload import pdf


@tagged("post_install", "-at_install", "browser")
class TestAccountSayBrowser(SayCase):
    """What a customer says on the page of its account, in a real browser."""

    def setUp(self):
        super().setUp()
        self.env["collection.plan.template"].search([]).active = False
        self.env["collection.plan.template"].create({
            "name": "Parts", "company_id": self.company.id, "currency_id": self.company.currency_id.id, "count": 3, "approve_count": 6, "year_limit": 0,
            "online": "ask"})
        self.patch(type(self.env["collection.plan"]), "_render", lambda *_args: pdf())

    def test_promise(self):
        self.start_tour(self._my(), "collection_say_promise", login="ada")
        promises = self._fresh(self.env["collection.promise"].search([("profile_id", "=", self._profile().id)], order="id"))
        self.assertEqual(promises.mapped("state"), ["withdrawn", "withdrawn"])

    def test_dispute(self):
        self.start_tour(self._link(), "collection_say_dispute")
        dispute = self._fresh(self.env["collection.dispute"].search([("profile_id", "=", self._profile().id)]))
        self.assertRecordValues(dispute, [{"amount": 60.0, "state": "closed", "outcome": "withdrawn", "source": "portal"}])

    def test_plan(self):
        self.start_tour(self._link(), "collection_say_plan")
        asked = self._fresh(self.env["collection.request"].search([("profile_id", "=", self._profile().id)]))
        self.assertRecordValues(asked, [{"parts": 2, "amount": 350.0, "state": "open", "note": "We wait for money ourselves"}])


@tagged("post_install", "-at_install", "browser")
class TestAccountSayTelephone(TestAccountSayBrowser):
    """The same on a telephone."""

    browser_size = "390x844"
    touch_enabled = True
    allow_inherited_tests_method = True
