import random
import re
from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tools.misc import hash_sign

from odoo.addons.http_routing.tests.common import MockRequest

from ..controllers.links import read_token
from ..models.collection_message import LINK_SCOPE
from .common import CollectionCommon

PRIVATE = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


@tagged("post_install", "-at_install")
class TestPortalLink(CollectionCommon, HttpCase):
    """The page a message links to, as an outsider sees it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._customer("Southwind")

    def setUp(self):
        super().setUp()
        self.invoice = self._invoice(10, 111.0)
        self.foreign = self._invoice(10, 222.0, partner=self.other)
        actions = self._run().action_ids
        self.action = actions.filtered(lambda action: action.partner_id == self.customer)
        self.other_action = actions.filtered(lambda action: action.partner_id == self.other)
        self.token = self.action._link_token()

    def _get(self, suffix="", action=None, token=None):
        action = action or self.action
        return self.url_open(f"/collections/{action.id}/{token or action._link_token()}{suffix}", allow_redirects=False)

    def _sign(self, payload, scope=LINK_SCOPE, **expiry):
        return hash_sign(self.env(su=True), scope, payload, **(expiry or {"expiration_hours": 1}))

    # ------------------------------------------------------------------ own page

    def test_items_of_the_message_come_first_and_are_ticked(self):
        older, later = self._invoice(20, 333.0), self._invoice(-10, 444.0)
        page = self._get()
        self.assertEqual(page.status_code, 200)
        places = [page.text.index(move.name) for move in (self.invoice, older, later)]
        self.assertEqual(places, sorted(places), "the item of the message, what else is due, what is not due yet")
        ticked = page.text.split('type="checkbox"')
        self.assertEqual([f'value="{self._item(move).id}"' in part and "checked" in part.split("/>")[0]
                          for move, part in zip((self.invoice, older, later), ticked[1:])], [True, False, False])
        for hidden in (self.foreign.name, self.other.name, "222.00"):
            self.assertNotIn(hidden, page.text)

    def test_headers_keep_the_address_private(self):
        answers = {"page": self._get(), "bad": self._get(token="x"), "documents": self._get("/documents"), "statement": self._get("/statement.xlsx")}
        for name, answer in answers.items():
            with self.subTest(name):
                self.assertLessEqual(PRIVATE.items(), dict(answer.headers).items())
                self.assertIn("frame-ancestors 'none'", answer.headers["Content-Security-Policy"])

    def test_amounts_are_those_of_now(self):
        self._pay(self.invoice, 11.0)
        page = self._get()
        self.assertIn("100.00", page.text)
        self.assertIn("Partly paid", page.text)

    def test_withdrawn_invoice_is_not_open(self):
        self.invoice.button_draft()
        page = self._get()
        self.assertIn("Everything is paid, thank you", page.text)
        self.assertNotIn(self.invoice.name, page.text)
        self.assertEqual(self._get("/qr").status_code, 404)

    def test_speaks_the_language_of_its_reader(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.action.lang = "fr_FR"
        page = self._get()
        self.assertIn('lang="fr-FR"', page.text)
        self.assertIn("111,00", page.text)
        self.action.lang = "de_DE"
        self.assertEqual(self._get().status_code, 200, "a language that is not installed any more")

    def test_names_in_the_data_stay_text(self):
        self.customer.name = "<script>alert(1)</script>"
        text = self._get().text
        self.assertNotIn("<script>alert", text)
        self.assertIn("&lt;script&gt;alert", text)

    def test_qr_is_a_picture_where_a_standard_fits(self):
        methods = dict(self.env["res.partner.bank"].get_available_qr_methods_in_sequence())
        euro = self.env.ref("base.EUR")
        euro.active = True
        bank = self.env["res.partner.bank"].create({
            "acc_number": "BE15001559627230", "partner_id": self.company.partner_id.id, "allow_out_payment": True})
        self.company_data["default_journal_bank"].bank_account_id = bank
        self.assertEqual(self._get("/qr").status_code, 404, "no standard for this currency")
        self._invoice(10, 77.0, partner=self._customer("Eastwind"), currency=euro)
        action = self._run().action_ids
        picture = self._get("/qr", action=action)
        self.assertEqual(picture.status_code, 200 if "sct_qr" in methods else 404)
        if "sct_qr" in methods:
            self.assertEqual(picture.headers["Content-Type"], "image/png")
            self.assertTrue(picture.content.startswith(b"\x89PNG"))
        self.assertIn("BE15001559627230", self._get(action=action).text.replace(" ", ""))

    # ------------------------------------------------------------------ reading changes nothing

    def test_get_changes_nothing(self):
        def rows():
            self.env.flush_all()
            self.env.cr.execute("SELECT * FROM collection_action WHERE id = %s", [self.action.id])
            action = self.env.cr.dictfetchall()
            self.env.cr.execute("SELECT * FROM account_move WHERE id = %s", [self.invoice.id])
            return action + self.env.cr.dictfetchall()

        before = rows()
        self._get()
        self._get("/qr")
        self.assertEqual(rows(), before)
        self.assertFalse(self.invoice.access_token)

    # ------------------------------------------------------------------ bad links

    def _bad_tokens(self):
        own, token = [self.action.id, self.customer.id, 0], self.token
        return {
            "truncated": token[:-5], "half": token[:len(token) // 2], "one": "A", "doubled": token * 2, "long": "A" * 5000,
            "reversed": token[::-1], "upper": token.upper(), "padded": token + "=", "padded more": token + "%3D%3D%3D",
            "space": token + "%20", "null": token + "%00", "newline": token + "%0A", "quote": token + "%27",
            "expired": self._sign(own, expiration=timedelta(hours=-1)),
            "other action": self.other_action._link_token(),
            "other customer": self._sign([self.action.id, self.other.id, 0]),
            "other action, own customer": self._sign([self.other_action.id, self.customer.id, 0]),
            "other scope": self._sign(own, scope="account_credit_collection.other"),
            "text": self._sign("x" * 20), "dict": self._sign({"action": self.action.id, "x": 1}), "short": self._sign([self.action.id]), "of before": self._sign(own[:2]), "revoked": self._sign([*own[:2], -1]),
            "longer": self._sign([*own, 1]), "null list": self._sign([None, None]), "nested": self._sign([[self.action.id], own]),
            "unicode": "%E2%82%AC%F0%9F%92%B6" * 30, "bad utf-8": "%FF%FE" * 40, "fullwidth": "%EF%BC%A1" * 80,
            "other version": "Ag" + token[2:], "markup": "%3Cscript%3E" * 10,
        }

    def test_every_bad_link_gets_the_same_answer(self):
        answers = {}
        for name, token in self._bad_tokens().items():
            for suffix in ("", "/qr", "/documents", "/statement.pdf"):
                with self.subTest(name, suffix=suffix):
                    answer = self._get(suffix, token=token)
                    self.assertEqual(answer.status_code, 404)
                    answers.setdefault(self._said(answer), []).append(name)
        missing = self.env["collection.action"].browse(self.action.id + 10**6)
        for answer in (self._get(action=missing, token=self._sign([missing.id, self.customer.id, 0])),
                       self._get(action=missing.browse(10**30), token=self.token)):
            self.assertEqual(answer.status_code, 404)
            answers.setdefault(self._said(answer), []).append(answer.url)
        self.assertEqual(len(answers), 1, f"the answers tell apart what is wrong: {list(answers.values())}")
        self.assertNotIn(self.customer.name, next(iter(answers)))

    def _said(self, answer):
        """The page without what changes with each call."""
        return re.search(r'<div id="wrap".*</main>', answer.text, re.DOTALL)[0]

    def test_mutations_are_refused(self):
        dice = random.Random(74)
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        for _turn in range(60):
            place, letter = dice.randrange(len(self.token)), dice.choice(alphabet)
            token = self.token[:place] + letter + self.token[place + 1:]
            if token != self.token:
                with self.subTest(token=token):
                    self.assertEqual(self._get(token=token).status_code, 404)
        self.assertEqual(self._get(token=self.token).status_code, 200, "the link itself still works")

    def test_a_token_has_one_spelling(self):
        """Base64 leaves bits of the last letter unused; only the spelling that was sent is good."""
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        with MockRequest(self.env):
            for length in (20, 21, 22):
                token = self._sign("x" * length)
                good = [letter for letter in alphabet if read_token(LINK_SCOPE, token[:-1] + letter)]
                self.assertEqual(good, [token[-1]])

    def test_addresses_beside_the_route_are_not_found(self):
        for path in ("/collections", "/collections/1", "/collections/x/y", "/collections/-1/x", f"/collections/{self.action.id}/..%2F..%2Fetc",
                     f"/collections/{self.action.id}/{self.token}/other"):
            with self.subTest(path):
                self.assertEqual(self.url_open(path, allow_redirects=False).status_code, 404)

    def test_merged_customer_ends_the_link(self):
        self.action.partner_id = self.other
        self.assertEqual(self._get(token=self.token).status_code, 404)

    def test_revoked_links_open_nothing(self):
        self._profile().action_revoke_links()
        self.assertEqual(self._get(token=self.token).status_code, 404)
        self.assertEqual(self._get().status_code, 200, "a link made afterwards")

    def test_archived_customer_ends_the_link(self):
        self._profile().active = False
        self.assertEqual(self._get(token=self.token).status_code, 404)

    def test_lasts_as_long_as_the_company_says(self):
        self.company.collection_link_days = 1
        with self.subTest("in time"):
            self.assertEqual(self._get().status_code, 200)
        with self.subTest("too late"):
            token = self._sign([self.action.id, self.customer.id, 0], expiration=timedelta(seconds=-1))
            self.assertEqual(self._get(token=token).status_code, 404)
        made = {LINK_SCOPE: self.action._link_token(), self.env["credit.profile"]._link_scope: self._profile()._link_token()}
        for scope, token in made.items():
            for hours in (23, 25):
                with self.subTest(scope, hours=hours), MockRequest(self.env), freeze_time(datetime.now() + timedelta(hours=hours)):
                    self.assertEqual(bool(read_token(scope, token)), hours < 24)

    def test_portal_user_of_another_customer_needs_the_link_too(self):
        user = self.env["res.users"].with_context(no_reset_password=True).create({
            "name": "Other", "login": "other-portal", "password": "other-portal", "partner_id": self.other.id,
            "group_ids": [Command.set([self.env.ref("base.group_portal").id])]})
        self.authenticate(user.login, "other-portal")
        self.assertEqual(self._get().status_code, 200, "whoever has the link may read it")
        self.assertEqual(self._get(token=self.other_action._link_token()).status_code, 404)
