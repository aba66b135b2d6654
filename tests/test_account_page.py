import re

from odoo.fields import Command
from odoo.tests import tagged

from .account import AccountCase


@tagged("post_install", "-at_install")
class TestAccountPage(AccountCase):
    """What a customer sees of its account."""

    # ------------------------------------------------------------------ who comes how

    def test_three_addresses_open_the_same_page(self):
        invoice = self._invoice(10, 111.0)
        action = self._run().action_ids
        self._as(self.ada)
        pages = {"login": self._get(self._my())}
        self._as(None)
        pages.update(link=self._get(self._link()), message=self._get(self._message(action=action)))
        for name, page in pages.items():
            with self.subTest(name):
                self.assertEqual(page.status_code, 200)
                self.assertIn(invoice.name, self._words(page))
                self.assertEqual(page.headers["Referrer-Policy"], "no-referrer")
                self.assertEqual(page.headers["X-Robots-Tag"], "noindex")

    def test_login_leads_to_the_only_account(self):
        self.assertIn("/web/login?redirect=%2Fmy%2Fcredit", self._get("/my/credit").headers["Location"])
        self.assertIn("/web/login", self._get(self._my()).headers["Location"])
        profile = self._profile()
        self._as(self.ada)
        self.assertTrue(self._get("/my/credit").headers["Location"].endswith(f"/my/credit/{profile.id}"))
        self.assertEqual(self._get(self._my(partner=self.other)).status_code, 404)
        profile.active = False
        self.assertIn("There is nothing here yet", self._words(self._get("/my/credit")))

    def test_visitor_cannot_name_another_account(self):
        """What the address carries besides is no argument of ours."""
        self._invoice(10, 111.0)
        secret = self._invoice(10, 222.0, partner=self.other)
        self._as(self.ada)
        page = self._get(self._my(f"?account={self._profile(self.other).id}&profile_id={self._profile(self.other).id}"))
        self.assertEqual(page.status_code, 200)
        self.assertNotIn(secret.name, page.text)

    def test_staff_read_and_cannot_act(self):
        self._invoice(10, 111.0)
        self._as(self.env.user)
        page = self._get(self._link())
        self._says(page, f"You are logged in as {self.env.user.name}")
        self.assertNotIn('type="checkbox"', page.text)
        self.assertNotIn("/promise?item=", page.text)
        for button in re.findall(r"<button[^>]*>", page.text.split('id="wrap"')[1].split("</main>")[0]):
            if "formaction" not in button and "btn-outline-primary" not in button:
                self.assertIn("disabled", button)

    # ------------------------------------------------------------------ how much

    def test_due_now_is_what_is_asked_for(self):
        """111 + 50 are due, 30 of them disputed, a credit of 11 is taken off: 120; 40 come later."""
        first = self._invoice(10, 111.0)
        self._invoice(0, 50.0)
        self._invoice(-5, 40.0)
        self.env["collection.dispute"].create({"item_id": self._item(first).id, "amount": 30.0, "reason": "broken"})
        self._on_account(11.0)
        page = self._get(self._link())
        self.assertEqual(self._big(page), ["120.00"])
        self._says(page, "Your credits of $ 11.00 are taken off.", "You told us that $ 30.00 is wrong: you need not pay that for now.", "Not due yet: $ 40.00")

    def test_credit_of_another_customer_changes_nothing(self):
        self._invoice(10, 111.0)
        self._on_account(11.0, partner=self.other)
        self.assertEqual(self._big(self._get(self._link())), ["111.00"])

    def test_all_contacts_count(self):
        contact = self.env["res.partner"].create({"name": "Branch office", "parent_id": self.customer.id, "type": "invoice"})
        invoice = self._invoice(10, 100.0, partner=contact)
        self._on_account(20.0, partner=contact)
        page = self._get(self._link())
        self.assertEqual(self._big(page), ["80.00"])
        self._says(page, invoice.name, "Branch office")

    def test_one_number_for_each_currency(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self._invoice(9, 55.0)
        self._invoice(9, 77.0, currency=euro)
        self.assertEqual(self._big(self._get(self._link())), ["55.00", "77.00"])

    def test_empty_states(self):
        self._profile()
        page = self._get(self._link())
        self._says(page, "Everything is paid, thank you.")
        self.assertNotIn("Pay selected", page.text)
        later = self._invoice(-10, 70.0)
        page = self._get(self._link())
        self._says(page, "Nothing to pay for now", "Not due yet: $ 70.00", later.name)
        self.assertNotIn("Pay all due", page.text)

    def test_credit_larger_than_what_is_due(self):
        self._invoice(10, 100.0)
        self._on_account(130.0)
        self._says(self._get(self._link()), "Nothing to pay for now", "Your credits of $ 100.00 are taken off.", "Credit left on your account: $ 30.00")

    def test_promised_stays_due_and_is_said(self):
        invoice = self._invoice(10, 100.0)
        self._promised(invoice)
        page = self._get(self._link())
        self.assertEqual(self._big(page), ["100.00"])
        self._says(page, "Of this you said when you will pay $ 100.00.")

    # ------------------------------------------------------------------ the items

    def test_what_an_item_offers(self):
        invoice = self._invoice(8, 100.0)
        item = self._item(invoice)
        page = self._get(self._link())
        self._says(page, "8 days late", "Pay", "I will pay on…", "Something is wrong…", "Download")
        for address in (f"/promise?item={item.id}", f"/dispute?item={item.id}", f"/file/invoice/{invoice.id}", "/plan", "/documents", "/statement.pdf"):
            self.assertIn(address, page.text)

    def test_pay_all_due_names_what_is_due(self):
        due, later = self._invoice(8, 100.0), self._invoice(-8, 100.0)
        form = re.search(r'<form[^>]*class="o_credit_form o_credit_buttons.*?</form>', self._get(self._link()).text, re.DOTALL)[0]
        self.assertEqual(re.findall(r'name="item" value="(\d+)"', form), [str(self._item(due).id)])
        self.assertNotIn(str(self._item(later).id), form)

    def test_discount_for_paying_early_is_said(self):
        term = self.env["account.payment.term"].create({
            "name": "2/10", "company_id": self.company.id, "early_discount": True, "discount_percentage": 2, "discount_days": 40,
            "early_pay_discount_computation": "included", "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 45})]})
        self._invoice(0, 100.0, invoice_payment_term_id=term.id)
        self._says(self._get(self._link()), "Pay $ 98.00 until", "saving $ 2.00")

    def test_disputed_item_is_not_paid(self):
        invoice = self._invoice(8, 100.0)
        self.env["collection.dispute"].create({"item_id": self._item(invoice).id, "amount": 100.0, "reason": "broken"})
        page = self._get(self._link())
        self._says(page, "Nothing to pay for now")
        self.assertNotIn('type="checkbox"', page.text)

    def test_every_field_has_a_label(self):
        self._invoice(8, 100.0)
        self._invoice(-8, 100.0)
        text = self._get(self._link()).text.split('id="wrap"')[1].split("</main>")[0]
        ids = re.findall(r'\bid="([^"]+)"', text)
        self.assertEqual(len(ids), len(set(ids)), "an id stands once")
        fields = [tag for tag in re.findall(r"<(?:input|select|textarea)[^>]*>", text) if 'type="hidden"' not in tag]
        self.assertEqual(len(fields), 4, "two items and two days")
        for tag in fields:
            name = re.search(r'\bid="([^"]+)"', tag)[1]
            self.assertIn(f'for="{name}"', text)
        for place in re.findall(r'aria-labelledby="([^"]+)"', text):
            self.assertIn(place, ids)
        levels = [int(level) for level in re.findall(r"<h(\d)", text)]
        self.assertEqual(levels[0], 1)
        self.assertTrue(all(after - before <= 1 for before, after in zip(levels, levels[1:])), levels)

    def test_speaks_the_language_of_its_reader(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self._invoice(10, 1111.0)
        self.customer.lang = "fr_FR"
        page = self._get(self._link())
        self.assertIn('lang="fr-FR"', page.text)
        self.assertIn("111,00", page.text)

    def test_names_in_the_data_stay_text(self):
        self.customer.name = "<script>alert(1)</script>"
        self._invoice(10, 100.0)
        self.assertNotIn("<script>alert", self._get(self._link()).text)
