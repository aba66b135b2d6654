from odoo.tests import tagged

from .account import AccountCase


@tagged("post_install", "-at_install", "browser")
class TestAccountBrowser(AccountCase):
    """The account in a real browser: what is ticked adds up, and the buttons lead on."""

    def setUp(self):
        super().setUp()
        self.invoices = [self._invoice(days, amount) for days, amount in ((20, 1000.5), (5, 200.0), (-10, 70.0))]

    def test_ticked_items_add_up(self):
        self.start_tour(self._link(), "collection_account_ticks")

    def test_by_login_too(self):
        self.start_tour(self._my(), "collection_account_ticks", login="ada")

    def test_home_leads_to_the_account(self):
        self.start_tour("/my", "collection_account_home", login="ada")

    def test_message_comes_with_its_items_ticked(self):
        action = self._run().action_ids
        self._invoice(3, 5.0)
        self.start_tour(self._message(action=action), "collection_account_message")


@tagged("post_install", "-at_install", "browser")
class TestAccountTelephone(TestAccountBrowser):
    """The same on a telephone."""

    browser_size = "390x844"
    touch_enabled = True
    allow_inherited_tests_method = True
