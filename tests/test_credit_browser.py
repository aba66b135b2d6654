from odoo.tests import tagged

from .credit_portal import CreditPortalCase
from .test_credit_upload import pdf


@tagged("post_install", "-at_install", "browser")
class TestCreditBrowser(CreditPortalCase):
    """The public pages of credit in a real browser, without a login."""

    def test_apply_in_four_steps(self):
        before = self._applications()
        self.start_tour(self.url, "credit_apply")
        application = self._applications() - before
        self.assertRecordValues(application, [{
            "state": "submitted", "name": "Harbour Mill", "requested_limit": 30000.0, "monthly_purchases": 12000.5, "founded_year": 1998,
            "terms_consent": True}])
        self.assertEqual(application.document_ids.question_id, self.accounts)
        self.assertEqual(application.reference_ids.mapped("name"), ["Paper Works", "First Bank"])

    def test_sign_the_contract(self):
        application = self._approved()
        self.patch(type(application), "_render", lambda *_args: pdf())
        self.start_tour(self._path(application), "credit_sign")
        self.assertRecordValues(application, [{"state": "signed", "signed_name": "Ada Miller"}])
        self.assertIn("Chrome", application.signed_agent)

    def test_give_a_reference(self):
        reference = self._asked().reference_ids.filtered(lambda one: one.kind == "trade")
        self.start_tour(f"/credit/reference/{reference.id}/{reference._link_token()}", "credit_refer")
        self.assertRecordValues(reference, [{"state": "answered", "high_credit": 8000.0, "answered_name": "Joe Paper"}])


@tagged("post_install", "-at_install", "browser")
class TestCreditTelephone(TestCreditBrowser):
    """The same on a telephone."""

    browser_size = "390x844"
    touch_enabled = True
    allow_inherited_tests_method = True
