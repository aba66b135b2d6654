import re

from odoo.tests import tagged

from ..controllers import account_page, account_say
from ..engine.ledger import Pause
from .account import AccountCase


@tagged("post_install", "-at_install")
class TestAccountList(AccountCase):
    """How the items of an account are listed: what is asked for, what is settled already, and many of them."""

    def _part(self, page, name):
        """The words of one section of the list."""
        found = re.search(rf'<section[^>]*aria-labelledby="section_{name}".*?</section>', page.text, re.DOTALL)
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0])).replace("\xa0", " ") if found else ""

    # ------------------------------------------------------------------ settled already

    def test_what_is_paid_in_another_way_is_not_asked_for(self):
        """100 are due; 200 are in a plan, 400 with an agency: both are shown beside the number, neither is promised again."""
        due, planned, handed = (self._invoice(10, amount) for amount in (100.0, 200.0, 400.0))
        self.patch(type(self.env["collection.reader"]), "_read_pauses", lambda *_args: {self._item(planned).id: Pause("plan")})
        self.patch(type(self.env["credit.profile"]), "_account_handed", lambda *_args: {self._item(handed).id: "Fair & Firm"})
        page = self._get(self._link())
        self.assertEqual(self._big(page), ["100.00"])
        self._says(page, "You pay as agreed with us: $ 200.00, not in this amount.", "Collected by an agency: $ 400.00, not in this amount.")
        offered = re.findall(r"/promise\?item=(\d+)", page.text)
        self.assertEqual(offered, [str(self._item(due).id)])

    def test_what_is_in_a_plan_is_in_a_section_of_its_own_and_never_late(self):
        """200 overdue and 40 not yet due are in the plan: 240 as agreed; of the 60 to come only 20 are not due yet."""
        due, late, later, free = (self._invoice(days, amount) for days, amount in ((10, 100.0), (64, 200.0), (-5, 40.0), (-9, 20.0)))
        plan = {self._item(move).id: Pause("plan") for move in (late, later)}
        self.patch(type(self.env["collection.reader"]), "_read_pauses", lambda *_args: plan)
        page = self._get(self._link())
        agreed = self._part(page, "agreed")
        self.assertEqual([move.name in agreed for move in (due, late, later, free)], [False, True, True, False])
        self.assertIn("In your payment plan", agreed)
        self.assertNotIn("late", agreed)
        self.assertIn("10 days late", self._part(page, "due"))
        self._says(page, "You pay as agreed with us: $ 240.00, not in this amount.", "Not due yet: $ 20.00")

    def test_what_the_credit_covers_is_not_late(self):
        """A credit of 150 covers the older invoice of 100, and 50 of the next one of 200: 150 are to be paid."""
        covered, partly = self._invoice(20, 100.0), self._invoice(10, 200.0)
        self._on_account(150.0)
        page = self._get(self._link())
        self.assertEqual(self._big(page), ["150.00"])
        self._says(page, "Covered by your credit", "Your credit covers $ 50.00 of it", "10 days late")
        self.assertNotIn("20 days late", page.text)
        self.assertEqual(re.findall(r"/promise\?item=(\d+)", page.text), [str(self._item(partly).id)])
        single = re.findall(r'form="account_pay_one"[^>]*value="(\d+)"', page.text)
        self.assertEqual(single, [str(self._item(partly).id)], "nobody is asked to pay what the credit covers")
        self.assertIn(f'id="item_{self._item(covered).id}"', page.text, "who wants to pay it all the same ticks it")

    def test_credit_covers_nothing_that_is_not_asked_for(self):
        due, later = self._invoice(10, 100.0), self._invoice(-10, 50.0)
        self._on_account(130.0)
        page = self._get(self._link())
        self.assertIn("Covered by your credit", self._part(page, "due"))
        self.assertNotIn("Covered", self._part(page, "later"))
        self.assertTrue(due.name in self._part(page, "due") and later.name in self._part(page, "later"))

    def test_only_fields_have_labels(self):
        invoice = self._invoice(8, 100.0)
        self.env["collection.dispute"].create({"item_id": self._item(invoice).id, "amount": 100.0, "reason": "broken"})
        text = self._get(self._link()).text.split('id="wrap"')[1].split("</main>")[0]
        ids = re.findall(r'\bid="([^"]+)"', text)
        labels = re.findall(r"<label[^>]*>", text)
        self.assertEqual(len(labels), 2, "those of the two days")
        for label in labels:
            self.assertIn(re.search(r'for="([^"]+)"', label)[1], ids)

    # ------------------------------------------------------------------ languages

    def test_a_link_has_its_own_language_and_a_proper_name_for_it(self):
        self.env["res.lang"]._activate_lang("sr@latin")
        self._invoice(8, 100.0)
        self.assertNotIn("js_language_selector", self._get(self._link()).text)
        self.customer.lang = "sr@latin"
        page = self._get(self._link())
        self.assertIn('lang="sr-Latn"', page.text)
        self.assertIn('data-lang="sr-Latn"', page.text)

    # ------------------------------------------------------------------ many

    def test_queries_do_not_grow_with_the_items(self):
        counts = []
        for number in (2, 30):
            for _one in range(number):
                self._invoice(5, 10.0)
            counts.append(self._queries(self._link()))
        self.assertEqual(*counts)

    def test_queries_do_not_grow_with_what_is_said_of_the_items(self):
        """Half of the items partly paid, promised or contested, of two contacts."""
        contact = self.env["res.partner"].create({"name": "Branch office", "parent_id": self.customer.id, "type": "invoice"})
        self._on_account(5.0)
        counts = []
        for number in (2, 8):
            for place in range(number):
                moves = [self._invoice(5, 10.0, partner=(self.customer, contact)[place % 2]) for _one in range(4)]
                self._pay(moves[0], 1.0)
                self._promised(moves[1])
                self.env["collection.dispute"].create({"item_id": self._item(moves[2]).id, "amount": 3.0, "reason": "broken"})
            counts.append(self._queries(self._link()))
        self.assertEqual(*counts)

    def _queries(self, path):
        """How often a page asks the database, once everything that is kept is kept."""
        self._get(path)
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        self.assertEqual(self._get(path).status_code, 200)
        return self.env.cr.sql_log_count - before

    def test_long_lists_have_pages(self):
        self.patch(account_page, "ITEMS", 2)
        invoices = [self._invoice(20 - day, 10.0) for day in range(5)]
        first, last = self._get(self._link()), self._get(self._link("?page=3"))
        self.assertEqual(self._big(first), ["50.00"], "the sum is that of all pages")
        listed = [[f"item_{self._item(move).id}" in page.text for move in invoices] for page in (first, last)]
        self.assertEqual(listed, [[True, True, False, False, False], [False, False, False, False, True]])
        for odd in ("0", "-1", "99", "x", "1e9", "", "9" * 50):
            self.assertEqual(self._get(self._link(f"?page={odd}")).status_code, 200)

    def test_ticks_are_of_one_page(self):
        for _one in range(3):
            self._invoice(5, 10.0)
        said = "What you tick on this page is paid together"
        self.assertNotIn(said, self._words(self._get(self._link())))
        self.patch(account_page, "ITEMS", 2)
        self._says(self._get(self._link()), said)

    def test_forms_list_the_oldest_and_what_was_chosen(self):
        self.patch(account_say, "LISTED", 2)
        invoices = [self._invoice(20 - day, 10.0) for day in range(4)]
        page = self._get(self._link(f"/promise?item={self._item(invoices[3]).id}"))
        self.assertEqual([f'value="{self._item(move).id}"' in page.text for move in invoices], [True, False, False, True])
        self._says(page, "There are more: 2.")
        self._says(self._get(self._link("/dispute")), "There are more: 2.")
