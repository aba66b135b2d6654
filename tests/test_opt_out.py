from urllib.parse import urlsplit

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .occasion import TODAY, OccasionCommon


@tagged("post_install", "-at_install")
class TestOptOut(OccasionCommon, HttpCase):
    """No more greetings: by the link under a mail, or by the button of the mail program."""

    def setUp(self):
        super().setUp()
        self.ann.write({"birth_day": TODAY.day})
        self.greeting = self._plan()
        self.path = urlsplit(self.greeting._link_url("/greetings/stop")).path

    def test_every_greeting_carries_the_link_and_the_header(self):
        template = self.greeting.occasion_id.template_id
        self.env["collection.channel"]._queue(template, self.greeting, "en_US", "ann@customer.example", ())
        mail = self.env["mail.mail"].sudo().search([("collection_origin", "=", f"collection.greeting,{self.greeting.id}")])
        self.assertIn("/greetings/stop/", mail.body_html)
        self.assertIn("List-Unsubscribe-Post", mail.headers)
        self.assertIn("<http", mail.headers)

    def test_other_mails_carry_none(self):
        self.env["collection.channel"]._queue("collection_mail_template_statement", self._profile(), "en_US", "northwind@customer.example", ())
        mail = self.env["mail.mail"].sudo().search([("credit_profile_id", "=", self._profile().id)])
        self.assertNotIn("/greetings/stop/", mail.body_html)
        self.assertFalse(mail.headers)

    def test_opening_the_link_changes_nothing_and_pressing_the_button_does(self):
        page = self.url_open(self.path)
        self.assertEqual(page.status_code, 200)
        self.assertEqual(page.headers["Referrer-Policy"], "no-referrer")
        self.assertFalse(self.ann.no_greetings, "mail scanners follow links")
        page = self.url_open(self.path, data={"List-Unsubscribe": "One-Click"})
        self.assertEqual(page.status_code, 200)
        self.env.invalidate_all()
        self.assertTrue(self.ann.no_greetings)
        self.assertIn("no more greetings", page.text.lower())
        self.assertEqual(self.url_open(self.path, data={"again": "1"}).status_code, 200, "twice is harmless")

    def test_who_has_changed_its_employer_gets_none_from_the_new_one_either(self):
        customer = self._customer("Southwind")
        self._bought(customer)
        self.ann.parent_id = customer
        self.assertEqual(self.url_open(self.path, data={"List-Unsubscribe": "One-Click"}).status_code, 200)
        self.env.invalidate_all()
        self.assertEqual(self._plan(profiles=self._profile(customer)).code, "greeting_opted_out")

    @mute_logger("odoo.http")
    def test_bad_links_open_nothing(self):
        head, _slash, token = self.path.rpartition("/")
        for path in (f"{head}/{token[:-2]}xx", f"{head[:-len(str(self.greeting.id))]}{self.greeting.id + 1}/{token}", f"{head}/short"):
            for data in (None, {"a": "b"}):
                self.assertEqual(self.url_open(path, data=data).status_code, 404, path)
        self.greeting._link_revoke()
        self.assertEqual(self.url_open(self.path).status_code, 404)
        self.assertFalse(self.ann.no_greetings)
