import io

from openpyxl import load_workbook

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.account_credit_collection.reports.collection_subject import SECTIONS, TOLD_ELSEWHERE

from .credit_application import CreditApplicationCommon

EMAIL = "zoe@zebra.example"


class PrivacyCommon(CreditApplicationCommon):
    """A contact of a customer of whom something is known everywhere."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.zoe = cls.env["res.partner"].create({"name": "Zoe Zebra", "email": EMAIL, "parent_id": cls.customer.id, "collection_contact": True})

    def _reminded(self):
        invoice = self._invoice(10)
        return invoice, self._sent(self._run()).action_ids

    def _lookup(self, name="Zoe Zebra", email=EMAIL):
        wizard = self.env["privacy.lookup.wizard"].sudo().create({"name": name, "email": email})
        wizard.action_lookup()
        return wizard.line_ids

    def _line(self, record):
        return self._lookup().filtered(lambda line: line.res_model == record._name and line.res_id == record.id)


@tagged("post_install", "-at_install")
class TestPrivacyLookup(PrivacyCommon):
    """Core's search for a person finds what Collections knows, and deletes only what may go."""

    def _everything(self):
        _invoice, action = self._reminded()
        application = self._apply(email=EMAIL, contact_name="Zoe Zebra", reference_ids=[Command.create({"name": "Supplier", "contact_name": "Zoe Zebra"})])
        profile = self._profile()
        call = self.env["collection.call"].sudo().create({
            "profile_id": profile.id, "user_id": self.env.uid, "called_at": f"{self.today} 10:00:00", "day": self.today, "number": EMAIL, "outcome": "copy"})
        self.env["collection.channel"]._queue("collection_mail_template_statement", profile, "en_US", EMAIL, ())
        mail = self.env["mail.mail"].sudo().search([("credit_profile_id", "=", profile.id)])
        touch = self.env["collection.touch"].sudo().create({
            "partner_id": self.customer.id, "contact_id": self.zoe.id, "company_id": self.company.id, "kind": "visit", "day": self.today})
        return action, application, application.reference_ids, call, mail, touch

    def test_a_person_is_found_wherever_collections_knows_it(self):
        records = self._everything()
        lines = {(line.res_model, line.res_id) for line in self._lookup()}
        for record in records:
            with self.subTest(record._name):
                self.assertIn((record._name, record.id), lines)

    def test_each_record_is_found_once(self):
        self._everything()
        found = [(line.res_model, line.res_id) for line in self._lookup()]
        self.assertEqual(len(found), len(set(found)))

    def test_somebody_else_is_not_found(self):
        records = self._everything()
        lines = {(line.res_model, line.res_id) for line in self._lookup("Ulf Unknown", "ulf@unknown.example")}
        self.assertFalse({(record._name, record.id) for record in records} & lines)

    @mute_logger("odoo.models.unlink")
    def test_what_is_over_is_emptied_at_once(self):
        invoice, action = self._reminded()
        self.assertEqual(action.recipient_id, self.zoe)
        with self.assertRaisesRegex(UserError, "still open.*36 months"):
            self._line(action).action_unlink()
        self._pay(invoice)
        line = self._line(action)
        line.action_unlink()
        self.assertTrue(action.exists())
        self.assertFalse(action.recipient or action.recipient_id)
        self.assertTrue(line.is_unlinked)
        self.assertIn("Emptied", line.execution_details)

    def test_applications_say_until_when_they_are_kept(self):
        application = self._apply(email=EMAIL)
        with self.assertRaisesRegex(UserError, "is kept as long as"):
            self._line(application).action_unlink()
        application.action_review()
        self._decide(application, outcome="refuse", reason_ids=[Command.set(self.reason.ids)])
        with self.assertRaisesRegex(UserError, "kept until"):
            self._line(application).action_unlink()

    def test_what_the_law_keeps_is_not_deleted(self):
        invoice, action = self._reminded()
        self._pay(invoice)
        self.env["collection.retention.rule"].search([("company_id", "=", self.company.id), ("code", "=", "contact")]).basis = "law"
        with self.assertRaisesRegex(UserError, "by law until"):
            self._line(action).action_unlink()

    def test_names_in_free_text_are_found(self):
        invoice = self._invoice(10)
        item = invoice.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")
        dispute = self.env["collection.dispute"].sudo().create({"profile_id": self._profile().id, "item_id": item.id, "reason": "Zoe Zebra says it broke"})
        self._profile().sudo().stop_note = f"Write to {EMAIL} no more"
        self.assertTrue(self._line(dispute))
        self.assertTrue(self._line(self._profile()))
        other = self._lookup("Z%e Zebra", "z_e@zebra.example").filtered(lambda line: line.res_model == "collection.dispute")
        self.assertFalse(other, "signs that stand for others match nothing else")

    @mute_logger("odoo.models.unlink")
    def test_references_and_mails_say_why_they_stay(self):
        application = self._apply(reference_ids=[Command.create({"name": "Supplier", "contact_name": "Zoe Zebra", "email": EMAIL})])
        with self.assertRaisesRegex(UserError, "is kept as long as"):
            self._line(application.reference_ids).action_unlink()
        self.env["collection.channel"]._queue("collection_mail_template_statement", self._profile(), "en_US", EMAIL, ())
        mail = self.env["mail.mail"].sudo().search([("credit_profile_id", "=", self._profile().id)])
        with self.assertRaisesRegex(UserError, "still open"):
            self._line(mail).action_unlink()
        mail.state = "exception"
        self._line(mail).action_unlink()
        self.assertFalse(mail.exists())

    def test_the_standing_of_a_customer_stays(self):
        self._reminded()
        line = self._lookup("Northwind", "northwind@customer.example").filtered(
            lambda one: (one.res_model, one.res_id) == ("credit.profile", self._profile().id))
        with self.assertRaisesRegex(UserError, "as long as the customer's invoices"):
            line.action_unlink()


@tagged("post_install", "-at_install")
class TestSubjectReport(PrivacyCommon, HttpCase):
    """All that is stored about a person, in one paper."""

    def _sections(self, partner):
        return {title: rows for title, _labels, rows in self.env["collection.subject"]._sections(partner)}

    def _text(self, partner):
        return str(self.env["collection.subject"]._sections(partner))

    def test_a_customer_gets_all_that_is_known_of_it(self):
        self._reminded()
        self._apply(email="northwind@customer.example", name="Northwind")
        sections = self._sections(self.customer)
        self.assertLessEqual({"Contact", "Credit Profile", "Credit Application", "Follow-up Contact"}, set(sections))
        self.assertEqual(len(sections["Follow-up Contact"]), 1)

    def test_every_model_that_knows_a_customer_is_told(self):
        told = {section.model for section in SECTIONS} | set(TOLD_ELSEWHERE)
        for name, model in self.env.registry.items():
            if model._original_module != "account_credit_collection" or model._abstract or model._transient:
                continue
            if any(field.store and field.type in ("many2one", "many2many") and field.comodel_name in ("res.partner", "credit.profile")
                   for field in model._fields.values()):
                with self.subTest(name):
                    self.assertIn(name, told)

    def test_every_section_names_fields_that_exist(self):
        for section in SECTIONS:
            with self.subTest(section.model):
                self.assertFalse(set(section.fields) - set(self.env[section.model]._fields))
                self.env["collection.subject"]._records(section, self.customer)

    def test_relations_and_the_words_of_messages_are_told(self):
        self.zoe.write({"birth_day": 24, "birth_month": "5", "no_greetings": True, "social_linkedin": "https://www.linkedin.com/in/zoezebra"})
        _invoice, action = self._reminded()
        action.write({"subject": "Pay", "body": "<p>Dear Zoe, pay by Friday</p>"})
        text = self._text(self.zoe)
        self.assertIn("linkedin.com/in/zoezebra", text)
        self.assertIn("pay by Friday", text)
        self.env["credit.segment.move"].sudo().create({
            "profile_id": self._profile().id, "company_id": self.company.id, "day": self.today, "code": "segment_manual",
            "to_id": self.env["credit.segment"].sudo().search([("company_id", "in", (False, self.company.id))], limit=1).id})
        self.assertIn(self.env["ir.model"]._get("credit.segment.move").name, self._sections(self.customer))

    def test_a_contact_gets_what_names_it_and_not_the_affairs_of_the_customer(self):
        self._reminded()
        sections = self._sections(self.zoe)
        self.assertIn("Follow-up Contact", sections)
        self.assertNotIn("Credit Profile", sections)
        self.assertIn(EMAIL, self._text(self.zoe))

    def test_nothing_of_other_people_is_in_it(self):
        other = self._customer("Someone Else")
        self._invoice(10, partner=other)
        self._sent(self._run())
        self.assertNotIn("Someone Else", self._text(self.customer))
        self.assertNotIn("someone.else@", self._text(self.zoe))

    def test_a_percent_sign_in_an_address_matches_nothing_else(self):
        self._apply(email="victim@zebra.example")
        self.zoe.email = "%@zebra.example"
        self.assertNotIn("victim@", self._text(self.zoe))

    def test_the_paper_and_the_workbook_are_made_and_noted(self):
        self._reminded()
        wizard = self.env["collection.subject.wizard"].create({"partner_id": self.zoe.id})
        wizard.action_pdf()
        self.assertIn("A report about all that is stored", self.zoe.message_ids[0].body)
        html, _kind = self.env["ir.actions.report"]._render_qweb_html("account_credit_collection.report_collection_subject", wizard.ids)
        self.assertIn(b"zoe@zebra.example", html)
        self.assertIn(b"How long it is kept", html)
        stream = io.BytesIO()
        wizard._write_workbook(stream)
        book = load_workbook(io.BytesIO(stream.getvalue()))
        self.assertIn("Follow-up Contact", book.sheetnames)

    def test_managers_only(self):
        Wizard = self.env["collection.subject.wizard"].with_user(self.colleague)
        with self.assertRaises(AccessError):
            Wizard.create({"partner_id": self.zoe.id})
        wizard = self.env["collection.subject.wizard"].create({"partner_id": self.zoe.id})
        with self.assertRaises(AccessError):
            wizard.with_user(self.colleague).action_pdf()
        self.authenticate(self.colleague.login, self.colleague.login)
        self.assertEqual(self.url_open(f"/collections/subjects/{wizard.id}.xlsx").status_code, 403)
