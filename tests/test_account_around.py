from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .account import AccountCase


@tagged("post_install", "-at_install")
class TestAccountAround(AccountCase):
    """What stands around the items of an account: the limit, the entry on the portal's home, the buttons of staff."""

    # ------------------------------------------------------------------ credit

    def test_limit_and_the_next_one_in_plain_words(self):
        """1,000 granted and 250 used; the next stage of 2,000 asks for days and invoices in time."""
        profile = self._profile()
        ladder = self.env["credit.ladder"].create({"name": "Ladder", "company_id": self.company.id, "fall_days": 30, "cool_down_days": 1, "stage_ids": [
            Command.create({"name": str(amount), "amount": amount, "sequence": place}) for place, amount in enumerate((1000.0, 2000.0))]})
        self.env["credit.limit"]._record(profile, {"amount": 1000.0, "cap": 5000.0, "reason": "Test", "source": "manual"})
        profile.ladder_id = ladder
        self._invoice(-5, 250.0)
        profile._write_snapshot([{"ladder_code": "missing", "ladder_detail": {}, "ladder_missing": [["days", 10, 90], ["turnover", 250, 3000]]}])
        page = self._get(self._link())
        self._says(page, "You may buy on account up to $ 1,000.00", "$ 250.00 used, $ 750.00 left", "Your next limit is $ 2,000.00",
                   "You have had this limit for 10 days; it takes 90.", "With this limit you have paid $ 250.00 so far; it takes $ 3,000.00.")
        self.assertNotIn("Ladder", page.text)

    def test_what_is_missing_in_the_right_number(self):
        profile = self._profile()
        for code, have, need, said in (
                ("on_time", 1, 3, "1 of your last invoices was paid in time; it takes 3."), ("on_time", 2, 3, "2 of your last invoices were paid in time; it takes 3."),
                ("average", 5.37, 2, "You pay 5.4 days late on average; it may be 2 at most."), ("average", 1, 0, "You pay 1 day late on average; it may be 0 at most."),
                ("days", 1, 90, "You have had this limit for 1 day; it takes 90."), ("turnover", 1, 2, "With this limit you have paid $\xa01.00 so far; it takes $\xa02.00.")):
            with self.subTest(code, have=have):
                self.assertEqual(profile._account_gap(code, have, need), said)

    def test_no_limit_no_word_about_it(self):
        self._invoice(5, 10.0)
        self.assertNotIn("Your credit</h2>", self._get(self._link()).text)

    def test_prepayment_is_said(self):
        self.env["credit.limit"]._record(self._profile(), {"amount": 0.0, "meaning": "prepay", "reason": "Test", "source": "manual"})
        self._says(self._get(self._link()), "You pay in advance at the moment.")

    # ------------------------------------------------------------------ the portal's home

    def test_home_tells_what_is_due(self):
        self._invoice(5, 111.0)
        self._as(self.ada)
        self.assertIn("/my/credit", self._get("/my").text)
        self.assertEqual(self._count(), "$\xa0111.00")
        self._as(self.bert)
        self.assertEqual(self._count(), 0, "without an account there is no entry")
        self._profile(self.other)
        self.assertEqual(self._count(), "", "nothing due: the entry alone")

    def _count(self):
        answer = self.url_open("/my/counters", json={"jsonrpc": "2.0", "params": {"counters": ["credit_account_count"]}})
        return answer.json()["result"]["credit_account_count"]

    # ------------------------------------------------------------------ staff

    def test_buttons_of_the_profile(self):
        profile, viewer = self._profile(), self._member("viewer")
        address = profile.with_user(self._member("collector")).action_open_account()
        self.assertIn(f"/collections/account/{profile.id}/", address["url"])
        with self.assertRaises(AccessError):
            profile.with_user(viewer).action_open_account()
        old = self._link()
        with self.assertRaises(AccessError):
            profile.with_user(self._member("collector", "second")).action_revoke_links()
        profile.with_user(self._member("manager")).action_revoke_links()
        self.assertEqual(self._get(old).status_code, 404)
        self.assertEqual(self._get(self._link()).status_code, 200)
        self.assertIn("are invalid", profile.message_ids[0].body)

    def _member(self, group, login=None):
        return self.env["res.users"].with_context(no_reset_password=True).create({
            "name": login or group, "login": login or group, "company_id": self.company.id, "company_ids": [Command.set(self.company.ids)],
            "group_ids": [Command.link(self.env.ref(f"account_credit_collection.group_{group}").id)]})
