import re
from datetime import timedelta

from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger

from .account_access import NUMBERS, QUIET, STAFF, AccessCase
from .checkout import CheckoutCase


@tagged("post_install", "-at_install")
class TestAccountForeign(AccessCase):
    """With an account of one's own: the numbers of another customer open nothing, and reading changes nothing."""

    # ------------------------------------------------------------------ what is of another account

    @mute_logger(*QUIET)
    def test_records_of_another_customer(self):
        """Bert with his own account and Ada's numbers."""
        with_numbers = [ending for ending in self._endings() if re.search(r"/\d+", ending[0])]
        self.assertGreater(len(with_numbers), 8)
        self._as(self.bert)
        for base in (self._my(partner=self.other), self._link(partner=self.other)):
            self._assert_closed("Ada's numbers", base, with_numbers)
        for number in NUMBERS:
            endings = [one for one in self._endings(**dict.fromkeys(self.records, str(number))) if re.search(r"/\d+", one[0])]
            self._assert_closed(f"number {number}", self._my(partner=self.other), endings)

    @mute_logger(*QUIET)
    def test_items_of_another_customer(self):
        """Bert with Ada's invoices, in the address and in the form."""
        self._as(self.bert)
        base, own = self._my(partner=self.other), self._item(self.theirs).id
        numbers = [self._item(self.invoices[4]).id, *NUMBERS]
        before = self._digest()
        for number in numbers:
            for suffix in ("/promise", "/dispute", "/plan"):
                for query in (f"?item={number}", f"?item={own}&item={number}"):
                    self._assert_closed(f"item {number}", base, [(suffix + query, "GET", "http")])
            for suffix in ("/pay", "/promise", "/dispute", "/plan"):
                self._assert_closed(f"item {number}", base, [(suffix, "POST", "http")], items=[number])
                self._assert_closed(f"item {number} beside", base, [(suffix, "POST", "http")], items=[own, number])
        self._assert_closed("promise", base, [(f"/promise?renew={self.records['promise'].id}", "GET", "http")])
        answer = self._post(f"{base}/promise", {"item": own, "renew": self.records["promise"].id, "promised_on": str(self.today), "amount": "50", "method": "transfer"})
        self.assertEqual(answer.status_code, 404)
        self.assertEqual(self._digest(), before, "nothing came of it")

    @mute_logger(*QUIET)
    def test_nobody_smuggles_an_account_in(self):
        """What a visitor adds to the address or the form does not choose the account."""
        self._as(self.bert)
        own = self._my(partner=self.other)
        for name, value in (("profile_id", self._profile().id), ("account", self._profile().id), ("action_id", self.action.id), ("token", self.action._link_token())):
            text = self._get(f"{own}?{name}={value}").text
            self.assertFalse([mark for mark in self._marks() if mark in text], name)

    @mute_logger(*QUIET)
    def test_files_of_the_office(self):
        for path, name in STAFF.items():
            address = re.sub(r"<int:\w+>", str(self.records[name].id), path)
            self._as(None)
            self.assertIn(self._get(address).status_code, (303, 404, 405), "asked to log in")
            for user in (self.ada, self.bert):
                self._as(user)
                answer = self._get(address)
                self.assertIn(answer.status_code, (303, 403, 404, 405), path)
                self.assertFalse([mark for mark in self._marks() if mark in answer.text], path)

    # ------------------------------------------------------------------ methods

    @mute_logger(*QUIET)
    def test_methods_and_tokens_of_forms(self):
        self._as(self.ada)
        endings = [ending for ending in self._endings() if ending[2] == "http"]
        shown = {path for path, method, _kind in endings if method == "GET"}
        posted = {path for path, method, _kind in endings if method == "POST"}
        before = self._digest()
        for path in posted - shown:
            self.assertIn(self._get(self._my(path)).status_code, (404, 405), path)
        for path in posted:
            self.assertEqual(self._post(self._my(path), {"item": "1"}, csrf=False).status_code, 400, path)
        for path in shown - posted:
            self.assertIn(self._post(self._my(path)).status_code, (404, 405), path)
        self.assertEqual(self._digest(), before)

    # ------------------------------------------------------------------ reading changes nothing

    @mute_logger(*QUIET)
    def test_reading_changes_nothing(self):
        """A mail scanner follows every link there is."""
        endings = [path for path, method, _kind in self._endings() if method == "GET"]
        queries = [f"{path}?item={self._item(self.invoices[4]).id}" for path in ("/promise", "/dispute", "/plan")]
        queries.append(f"/plan?show=1&parts=3&first_on={self.today + timedelta(days=14)}&item={self._item(self.invoices[4]).id}")
        before, read = self._digest(), 0
        for base in (self._link(), f"/collections/{self.action.id}/{self.action._link_token()}"):
            for path in (*endings, *queries):
                status = self._get(base + path).status_code
                self.assertLess(status, 500, path)
                read += status == 200
        self.assertGreaterEqual(read, 2 * 12, "pages were really read")
        self.assertEqual(self._digest(), before)


@tagged("post_install", "-at_install")
class TestAccountForeignPayment(CheckoutCase):
    """What Ada's page signed for her payment opens nothing for Bert."""

    @mute_logger(*QUIET)
    def test_payment_of_another_customer_with_its_own_stamp(self):
        checkout = self._choose(*self.invoices)
        form, suffix = self._form(), f"/pay/{checkout.id}/transaction/all"
        self._invoice(9, 77.0, partner=self.other)
        self._as(self.bert)
        for route in (self._my(suffix, self.other), self._link(suffix, self.other), self._my(suffix)):
            with self.subTest(route), self.assertRaises(JsonRpcException) as caught:
                self._begin({**form, "transaction-route": route})
            self.assertEqual(caught.exception.code, 404)
        self.assertFalse(self.env["payment.transaction"].sudo().search([("agreement_model", "=", "collection.checkout")]))
        self._as(None)
        self.assertTrue(self._begin(form)["reference"], "the stamp itself is good")
