from datetime import timedelta

from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from odoo.tools.misc import hash_sign

from ..models.collection_message import LINK_SCOPE
from .account_access import ACCOUNT, AGREEMENT, HEALTH, LANDING, LIST, MESSAGE, NUMBERS, QUIET, STAFF, AccessCase


@tagged("post_install", "-at_install")
class TestAccountAccess(AccessCase):
    """Whatever address somebody makes up: another customer's account answers that there is no such page, and tells nothing."""

    def test_every_route_is_known_here(self):
        """A new route must say here whom it is for, and is then tried like the others."""
        rules = {rule.rule for rule in self._rules()}
        below = {rule.rule for rule in self._rules() if self._suffix(rule) is not None}
        self.assertEqual({self._suffix(rule) for rule in self._rules()} - {None}, set(ACCOUNT))
        self.assertEqual(rules - below, AGREEMENT | LANDING | MESSAGE | set(STAFF) | LIST | HEALTH)

    # ------------------------------------------------------------------ by login

    @mute_logger(*QUIET)
    def test_nobody_logged_in(self):
        self._assert_closed("nobody", self._my(), allowed=(303, 403, 404))
        answer = self._get(self._my())
        self.assertEqual((answer.status_code, "/web/login" in answer.headers["Location"]), (303, True))
        self.assertEqual(self._get("/my/credit").status_code, 303)

    @mute_logger(*QUIET)
    def test_another_customers_login(self):
        self._as(self.bert)
        self._assert_closed("Bert", self._my())
        for number in (self._profile().id + 1000, *NUMBERS):
            self._assert_closed(f"number {number}", f"/my/credit/{number}")
        page = self._get("/my/credit", redirects=True).text
        self.assertFalse([mark for mark in self._marks() if mark in page])

    @mute_logger(*QUIET)
    def test_a_login_for_another_company_of_ours(self):
        second = self.setup_other_company(name="Third Ltd")["company"]
        eve = self._portal_user("eve", self.customer, company_id=second.id, company_ids=[Command.set(second.ids)])
        self._as(eve)
        self._assert_closed("Eve", self._my())

    @mute_logger(*QUIET)
    def test_staff_has_no_account(self):
        user = new_test_user(self.env(su=True), login="no customer", groups="base.group_user", company_id=self.company.id, company_ids=self.company.ids)
        self._as(None)
        self.authenticate(user.login, user.login)
        self._assert_closed("staff", self._my())

    # ------------------------------------------------------------------ by link

    def _tokens(self, scope, payload, good):
        sign = lambda where, values, hours=1: hash_sign(self.env(su=True), where, values, expiration=timedelta(hours=hours))  # noqa: E731
        return {
            "other scope": sign("other", payload), "expired": sign(scope, payload, -1), "revoked": sign(scope, [*payload[:-1], payload[-1] - 1]),
            "half": good[:60], "padded": good + "=", "spelled": good[:-1] + ("B" if good[-1] == "A" else "A"), "nonsense": "x" * 80,
            "of a plan": self.records["plan"]._link_token(), "other customer": self._profile(self.other)._link_token(),
            "a person's": sign(scope, payload[0]), "longer": sign(scope, [*payload, 1])}

    @mute_logger(*QUIET)
    def test_links_that_are_not_for_this_account(self):
        profile = self._profile().sudo()
        good = profile._link_token()
        self.assertEqual(self._get(self._link(token=good)).status_code, 200)
        for why, token in self._tokens(profile._link_scope, [profile.id, profile.link_epoch], good).items():
            self._assert_closed(why, self._link(token=token))
        for number in (profile.id + 1, self._profile(self.other).id, *NUMBERS):
            self._assert_closed(f"number {number}", f"/collections/account/{number}/{good}")
        profile._link_revoke()
        self._assert_closed("taken back", self._link(token=good))

    @mute_logger(*QUIET)
    def test_links_in_messages_that_are_not_for_this_account(self):
        action = self.action.sudo()
        good, payload = action._link_token(), [action.id, action.partner_id.id, action.profile_id.link_epoch]
        self.assertEqual(self._get(f"/collections/{action.id}/{good}").status_code, 200)
        for why, token in self._tokens(LINK_SCOPE, payload, good).items():
            self._assert_closed(why, f"/collections/{action.id}/{token}")
            self.assertEqual(self._get(f"/collections/{action.id}/{token}/qr").status_code, 404)
        for number in (action.id + 1, *NUMBERS):
            self._assert_closed(f"number {number}", f"/collections/{number}/{good}")
        other = hash_sign(self.env(su=True), LINK_SCOPE, [action.id, self.other.id, payload[2]], expiration=timedelta(hours=1))
        self._assert_closed("another customer's", f"/collections/{action.id}/{other}")
        action.profile_id._link_revoke()
        self._assert_closed("taken back", f"/collections/{action.id}/{good}")

    @mute_logger(*QUIET)
    def test_an_archived_account_is_closed(self):
        link, message = self._link(), f"/collections/{self.action.id}/{self.action._link_token()}"
        self._profile().sudo().active = False
        for base in (link, message):
            self._assert_closed("archived", base)
        self._as(self.ada)
        self._assert_closed("archived", f"/my/credit/{self.records['promise'].profile_id.id}")

    @mute_logger(*QUIET)
    def test_links_of_agreements(self):
        for name in ("plan", "settlement"):
            record = self.records[name]
            good = record._link_token()
            steps = ("", "/document", "/pay", "/evidence")
            self.assertEqual(self._get(f"/collections/{name}/{record.id}/{good}").status_code, 200)
            tokens = self._tokens(record._link_scope, [record.id, record.link_epoch], good)
            tokens.pop("of a plan")
            tokens["of the account"] = self._profile()._link_token()
            paths = [f"/collections/{name}/{record.id}/{token}" for token in tokens.values()]
            paths += [f"/collections/{name}/{number}/{good}" for number in (record.id + 1, *NUMBERS)]
            for path in paths:
                self._assert_closed(name, path, [(step, "GET", "http") for step in steps] + [("/transaction/all", "POST", "jsonrpc")])
            self.assertEqual(self._post(f"/collections/plan/{record.id}/{'x' * 80}/accept").status_code, 404)
            self.assertEqual(self._get(f"/collections/{name}/{record.id}/paid").status_code, 404, "nothing was paid in this session")
        self.assertEqual(self._get(f"/collections/checkout/{self.records['checkout'].id}/paid").status_code, 404)
