from datetime import timedelta

from odoo.fields import Command
from odoo.tests import tagged

from .test_browser import ACTION, BrowserCase


class PromiseBrowser(BrowserCase):
    def _promise(self):
        return self.env["collection.promise"].create({
            "promised_on": self.today + timedelta(days=5), "line_ids": [Command.create({"item_id": self._item(self.invoice).id})]})

    def _take_one(self):
        profile = self._profile()
        self.start_tour(f"{ACTION}.credit_profile_action/{profile.id}", "collection_promise", login="accountant")
        self.env.invalidate_all()
        self.assertRecordValues(profile.promise_ids, [{
            "amount": 60, "state": "open", "note": "Mrs Miller",
            "taken_by": self.env["res.users"].search([("login", "=", "accountant")]).id}])
        self.assertEqual(profile.promise_ids.line_ids.item_id.move_id, self.invoice)


@tagged("post_install", "-at_install", "browser")
class TestPromiseBrowser(PromiseBrowser):
    """Promises, as a collector takes them at a desk."""

    def test_a_promise_is_taken_on_the_telephone(self):
        self._take_one()

    def test_a_promise_is_renewed_from_the_list(self):
        promise = self._promise()
        self.start_tour(f"{ACTION}.collection_promise_action", "collection_promise_renew", login="accountant")
        self.env.invalidate_all()
        self.assertEqual(self._profile().promise_ids.mapped(lambda one: (one.state, one.level)), [("open", 2), ("withdrawn", 1)])
        self.assertEqual(promise.withdraw_reason, "Renewed")

    def test_a_promise_is_withdrawn_with_a_reason(self):
        promise = self._promise()
        self.start_tour(f"{ACTION}.collection_promise_action/{promise.id}", "collection_promise_withdraw", login="accountant")
        self.env.invalidate_all()
        self.assertRecordValues(promise, [{"state": "withdrawn", "withdraw_reason": "Not before next month"}])


@tagged("post_install", "-at_install", "browser")
class TestPromiseTelephone(PromiseBrowser):
    """The same on a telephone."""

    browser_size = "390x844"
    touch_enabled = True

    def test_a_promise_is_taken_on_the_way(self):
        self._take_one()
