import re

from lxml import html

from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .account_access import AccessCase
from .corpus import Counted, markup
from .credit_portal import CONSENT, CreditPortalCase

ALL = " ".join(markup.STRINGS)


class Quiet:
    """What must be true of any page, mail or paper that shows what strangers wrote."""

    def _assert_text(self, page, why):
        """No element, attribute, address or script of the corpus: it stayed text."""
        tree = html.fromstring(page if isinstance(page, str) else page.decode())
        for element in tree.iter():
            if not isinstance(element.tag, str):
                continue
            self.assertNotIn(markup.PWNED, element.tag, why)
            for name, value in element.attrib.items():
                self.assertNotIn(markup.PWNED, name, why)
                if name.startswith("on") or name in ("src", "action", "srcdoc", "formaction", "style"):
                    self.assertNotIn(markup.PWNED, value, f"{why}: {name}")
                if name == "href":
                    self.assertFalse(re.match(r"\s*(javascript|data|vbscript|//pwned)", value, re.IGNORECASE), f"{why}: {value}")
            if element.tag in ("script", "style", "base", "meta", "link"):
                self.assertNotRegex(element.text or "", r"(?<![\"'\\\w])pwned\(", why)


@tagged("post_install", "-at_install")
class TestBadMarkup(Counted, Quiet, AccessCase):
    """Names and texts that are markup, on every page, paper and mail that shows them (R-83)."""

    least = 45

    @mute_logger("odoo.addons.account_credit_collection.controllers.forms")
    def test_pages_of_the_account(self):
        su = self.env(su=True)
        self.customer.with_env(su).write({"name": ALL, "street": ALL, "city": ALL})
        self.ada.partner_id.with_env(su).name = ALL
        self.company.with_env(su).write({"name": ALL})
        self.records["dispute"].sudo()._write({"description": ALL} if "description" in self.records["dispute"]._fields else {})
        su["collection.dispute.reason"].search([]).name = ALL
        su["collection.plan.template"].search([]).name = ALL
        for move in self.invoices:
            move.with_env(su).write({"ref": ALL, "payment_reference": ALL})
        self.env.flush_all()
        self.env.invalidate_all()
        self._as(self.ada)
        for path, method, kind in self._endings():
            if method == "GET" and kind == "http" and "statement" not in path and "/file/" not in path:
                with self.case("markup", f"page {path}"):
                    self.env["credit.throttle"].sudo().search([]).unlink()
                    answer = self._get(self._my(path))
                    self.assertLess(answer.status_code, 500)
                    self._assert_text(answer.text, path)

    def test_each_string_on_the_page_the_mail_and_the_paper(self):
        """Each of the forty by itself: beside others it could be closed by one of them."""
        su = self.env(su=True)
        profile = self._profile().with_env(su)
        for number, given in enumerate(markup.STRINGS):
            with self.case("markup", given):
                self.customer.with_env(su).name = given
                self.env.flush_all()
                mail = self.action.with_env(su)
                for body in (mail.items_table, mail.pay_button, mail.bank_details):
                    if body:
                        self._assert_text(f"<div>{body}</div>", given)
                rendered = self.template.with_env(su)._render_field("body_html", mail.ids)[mail.id]
                self._assert_text(f"<div>{rendered}</div>", given)
                subject = self.template.with_env(su)._render_field("subject", mail.ids)[mail.id]
                self.assertNotRegex(subject, r"[\r\n]")
                if number % 8 == 0:
                    self._assert_text(self._get(self._link()).text, given)
                    paper = self.env["ir.actions.report"].sudo()._render_qweb_html("account_credit_collection.report_collection_account", profile.ids, data={"profiles": profile.ids})[0]
                    self._assert_text(paper, given)


@tagged("post_install", "-at_install")
class TestBadApplicant(Counted, Quiet, CreditPortalCase):
    """What the form takes may still act elsewhere: in the office's views, chatter, mails and papers (R-83, R-84)."""

    least = 21

    def test_through_the_form_to_everywhere(self):
        person = new_test_user(self.env(su=True), login="bad_markup", groups="account_credit_collection.group_manager,account.group_account_invoice",
                               company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        for number, given in enumerate(markup.ACCEPTED):
            with self.case("applicant", given):
                application = self._filled()
                self.assertEqual(self._post(self._path(application, "company"), {
                    **{name: value for name, value in self._applicant(email=f"x{number}@harbour.example").items() if name not in ("type", "fax")}, **dict.fromkeys(("name", "street", "city", "contact_name", "contact_function"), given)}).status_code, 303)
                self.assertEqual(self._post(self._path(application, "submit"), CONSENT).status_code, 303)
                self.assertEqual(application.name, given)
                for step in ("", "need"):
                    self._assert_text(self._get(self._path(application, step)).text, given)
                application.reference_ids._ask()
                mails = self.env["mail.mail"].sudo().search([("collection_origin", "in", [f"{part._name},{part.id}" for part in (*application, *application.reference_ids)])])
                self.assertTrue(mails)
                for mail in mails:
                    self._assert_text(f"<div>{mail.body_html}</div>", given)
                    self.assertNotRegex(f"{mail.subject}{mail.email_to}{mail.email_from}{mail.reply_to}", r"[\r\n]")
                    self.assertLessEqual((mail.email_to or "").count("@"), 1)
                for message in application.sudo().message_ids:
                    self._assert_text(f"<div>{message.body}</div>", given)
                self.assertEqual(application.with_user(person).read(["name"])[0]["name"], given)

    def test_names_are_no_second_recipient(self):
        """A name with commas and addresses in it is still one name."""
        for given in ("eve@evil.example, Ada", "Ada, eve@evil.example,", '"Ada" eve@evil.example', "eve@evil.example; Ada", "Ada (eve@evil.example)", "=?utf-8?q?eve=40evil.example=2C?="):
            with self.case("recipient", given):
                application = self._filled()
                self._post(self._path(application, "company"), {**{name: value for name, value in self._applicant().items() if name not in ("type", "fax")}, "contact_name": given})
                self._post(self._path(application, "submit"), CONSENT)
                application.reference_ids.contact_name = given
                application.reference_ids._ask()
                for part in (application, *application.reference_ids):
                    for mail in self.env["mail.mail"].sudo().search([("collection_origin", "=", f"{part._name},{part.id}")]):
                        self.assertNotIn("evil", (mail.email_to or "") + (mail.email_cc or ""))
                        self.assertFalse(mail.recipient_ids.filtered(lambda one: "evil" in (one.email or "")))
