import io
import re

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools.pdf import PdfFileReader

from ..models.collection_channel_paper import LETTER_REPORT
from .common import CollectionCommon

STATEMENT_REPORT = "account_credit_collection.action_report_collection_statement"


@tagged("post_install", "-at_install")
class TestLetter(CollectionCommon):
    """Letters and statements on paper."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.policy.level_ids.unlink()
        cls._level(cls.policy, 1, channels=("letter",))
        cls.customers = cls.customer | cls._customer("Atelier", lang="fr_FR") | cls._customer("Südwind")

    def _letters(self, *counts):
        """Letters about so many items, one for each customer, with their texts."""
        for customer, count in zip(self.customers, counts):
            for number in range(count):
                self._invoice(10 + number, 100.0 + number, partner=customer)
        actions = self._run().action_ids.sorted("id")
        texts, broken = self.env["collection.channel"]._prepare_messages(actions)
        self.assertFalse(broken)
        for action, values in texts.items():
            action.write(values)
        return actions

    def _html(self, report, actions):
        return self.env["ir.actions.report"]._render_qweb_html(report, actions.ids)[0].decode()

    def _pages(self, raw):
        return PdfFileReader(io.BytesIO(raw)).numPages

    def test_one_file_for_each_letter_from_one_call(self):
        actions = self._letters(1, 30, 1)
        files = self.env["collection.channel"]._render_pdf(LETTER_REPORT, actions)
        self.assertEqual(set(files), set(actions.ids))
        pages = {action.partner_id: self._pages(files[action.id]) for action in actions}
        self.assertEqual([pages[customer] for customer in self.customers], [1, 2, 1])

    def test_a_file_for_each_letter_when_all_have_one_page(self):
        actions = self._letters(1, 2, 1)
        files = self.env["collection.channel"]._render_pdf(LETTER_REPORT, actions)
        self.assertEqual([self._pages(files[action.id]) for action in actions], [1, 1, 1])

    def test_speaks_the_language_of_its_reader(self):
        actions = self._letters(1, 1)
        html = self._html(LETTER_REPORT, actions)
        self.assertRegex(html, r"100\.00")
        self.assertRegex(html, r"100,00")
        self.assertIn('data-oe-lang="fr_FR"', html)

    def test_needs_nothing_from_a_server(self):
        html = self._html(LETTER_REPORT, self._letters(1))
        self.assertNotRegex(html, r'src="(?!data:)')
        self.assertNotIn("<link", html)
        self.assertNotIn("/collections/", html, "a link or a picture of the pay page on paper")

    def test_bank_details_appear_once(self):
        bank = self.env["res.partner.bank"].create({"acc_number": "BE15001559627230", "partner_id": self.company.partner_id.id})
        self.company_data["default_journal_bank"].bank_account_id = bank
        actions = self._letters(1)
        number = re.compile(re.escape(bank.acc_number))
        self.assertEqual(len(number.findall(self._html(LETTER_REPORT, actions))), 1)
        actions.body = "<p>Please pay.</p>"
        self.assertEqual(len(number.findall(self._html(LETTER_REPORT, actions))), 1)

    def test_address_names_company_contact_and_country_abroad(self):
        self.customer.child_ids = [(0, 0, {"name": "Accounts", "type": "invoice", "street": "2 Side Street", "city": "Paris",
                                           "country_id": self.env.ref("base.fr").id})]
        action = self._letters(1)
        action.recipient_id = self.customer.child_ids
        lines = action._letter_address()
        self.assertEqual(lines[:3], ["Northwind", "Accounts", "2 Side Street"])
        self.assertEqual(lines[-1], "FRANCE")
        self.company.country_id = self.env.ref("base.fr")
        self.assertNotIn("FRANCE", action._letter_address())

    def test_letter_paper_of_the_company(self):
        report = self.env.ref(LETTER_REPORT)
        self.env.company.paperformat_id = self.env.ref("base.paperformat_us")
        self.assertEqual(report.get_paperformat().format, "Letter")
        self.env.company.paperformat_id = self.env.ref("base.paperformat_euro")
        self.assertEqual(report.get_paperformat().format, "A4")

    def test_other_reports_are_printed_as_before(self):
        report = self.env.ref("account.account_invoices")
        self.assertEqual(report._get_layout(), self.env.ref("web.minimal_layout"))
        arguments = report._build_wkhtmltopdf_args(report.get_paperformat(), False)
        self.assertEqual(arguments.count("--javascript-delay"), 1)

    def test_statement_shows_what_is_open_now(self):
        actions = self._letters(2)
        first, second = actions.line_ids.sorted("residual")
        self._pay(first.item_id.move_id)
        html = self._html(STATEMENT_REPORT, actions)
        self.assertNotIn(first.document, html)
        self.assertIn(second.document, html)
        self._pay(second.item_id.move_id)
        self.assertIn("everything is paid", self._html(STATEMENT_REPORT, actions))

    def test_nobody_prints_what_they_may_not_read(self):
        actions = self._letters(1)
        stranger = new_test_user(self.env, "stranger", groups="base.group_user")
        for report in (LETTER_REPORT, STATEMENT_REPORT):
            with self.subTest(report), self.assertRaises(AccessError):
                self.env["ir.actions.report"].with_user(stranger)._render_qweb_html(report, actions.ids)

    def test_queries_do_not_grow_with_the_batch(self):
        self.env["res.lang"]._get_data(code="fr_FR")
        one, many = self._letters(1, 1, 1)[:1], self.env["collection.action"].search([])
        self._html(LETTER_REPORT, many)

        def count(actions):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._html(LETTER_REPORT, actions)
            return self.env.cr.sql_log_count - before

        alone = count(one)
        self.assertLessEqual(count(many), alone + 12)  # a second language costs a few
