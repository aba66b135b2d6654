import re
from datetime import timedelta

from odoo.fields import Command
from odoo.http import Request
from odoo.tests import HttpCase

from .common import CollectionCommon


class AccountCase(CollectionCommon, HttpCase):
    """Northwind has a portal user, Ada, and so has Southwind, Bert; a visitor comes by login or with a link."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._customer("Southwind")
        cls.ada = cls._portal_user("ada", cls.customer)
        cls.bert = cls._portal_user("bert", cls.other)

    @classmethod
    def _portal_user(cls, login, customer, **values):
        """A contact of a customer with a login of its own; the password is the login."""
        contact = cls.env["res.partner"].create({"name": login.title(), "parent_id": customer.id, "email": f"{login}@customer.example"})
        return cls.env["res.users"].with_context(no_reset_password=True).create({
            "login": login, "password": login, "partner_id": contact.id, "company_id": cls.company.id,
            "company_ids": [Command.set(cls.company.ids)], "group_ids": [Command.set(cls.env.ref("base.group_portal").ids)], **values})

    def setUp(self):
        super().setUp()
        self._as(None)

    # ------------------------------------------------------------------ the visitor

    def _as(self, user):
        """From here on the browser is this user's; None: nobody is logged in."""
        self.authenticate(user and user.login, user and user.login)

    def _my(self, suffix="", partner=None):
        """The address of a page of the account for who is logged in."""
        return f"/my/credit/{self._profile(partner).id}{suffix}"

    def _link(self, suffix="", partner=None, token=None):
        """The address of the same page behind a link made for the customer."""
        profile = self._profile(partner)
        return f"/collections/account/{profile.id}/{token or profile._link_token()}{suffix}"

    def _message(self, suffix="", action=None):
        """The address of the same page behind the link in a message."""
        return f"/collections/{action.id}/{action._link_token()}{suffix}"

    # ------------------------------------------------------------------ the browser

    def _get(self, path, redirects=False):
        return self.url_open(path, allow_redirects=redirects)

    def _post(self, path, data=None, files=None, csrf=True, counted=False, redirects=False):
        """A form sent; ``counted`` False: as if it were the first one of the day."""
        if not counted:
            self.env["credit.throttle"].sudo().search([]).unlink()
        data = {**(data or {}), **({"csrf_token": Request.csrf_token(self)} if csrf else {})}
        return self.url_open(path, data=data, files=files, allow_redirects=redirects)

    def _words(self, answer):
        """What the page says, without markup; not what changes with each call."""
        wrap = re.search(r'<div id="wrap".*?</main>', answer.text, re.DOTALL)
        text = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", wrap[0] if wrap else answer.text, flags=re.DOTALL)
        return re.sub(r"\s+", " ", text.replace("\xa0", " ").replace("&nbsp;", " ")).strip()

    def _says(self, page, *sentences):
        words = self._words(page)
        for sentence in sentences:
            self.assertIn(sentence, words)

    def _big(self, page):
        """The big numbers, as figures."""
        found = re.findall(r'class="o_agreement_amount mb-1">(?:<[^>]+>)*([^<]*)', page.text)
        return [re.sub(r"[^\d.]", "", text) for text in found]

    # ------------------------------------------------------------------ what was said

    def _promised(self, invoice):
        return self.env["collection.promise.wizard"].create({
            "profile_id": self._profile(invoice.partner_id.commercial_partner_id).id, "item_ids": self._item(invoice).ids,
            "amount": invoice.amount_residual, "promised_on": self.today + timedelta(days=3)})._take()
