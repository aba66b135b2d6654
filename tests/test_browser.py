from odoo.tests import HttpCase, new_test_user, tagged

from .common import CollectionCommon

ACTION = "/odoo/action-account_credit_collection"
# Run in the page that a message links to; it has no script of its own.
LOOK_AT_STATEMENT = """
const wrong = [];
const check = (good, what) => good || wrong.push(what);
check(document.documentElement.scrollWidth <= innerWidth, `${document.documentElement.scrollWidth} pixels wide`);
check(document.querySelector(".o_agreement_amount").textContent.includes("100.00"), "the amount to pay");
check(document.querySelector(".o_account_items").textContent.includes("10 days late"), "how late");
const button = document.querySelector(".o_credit_buttons .btn-primary").getBoundingClientRect();
check(button.height >= 44 && button.width > innerWidth / 4, "a button for a thumb");
check([...document.images].every((image) => image.naturalWidth), "all pictures");
wrong.length ? console.error(`missing on the page: ${wrong.join(", ")}`) : console.log("test successful");
"""


class BrowserCase(CollectionCommon, HttpCase):
    """A manager, a collector, two late customers of whom one contests what is asked for."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.tz = "UTC"  # the browser counts days where the machine is
        cls.today = cls.company._collection_today()
        cls.other = cls._customer("Southwind")
        for login, group in (("accountant", "group_collector"), ("creditmanager", "group_manager")):
            new_test_user(cls.env(su=True), login=login, password=login, company_id=cls.company.id,
                          company_ids=cls.company.ids, groups=f"account.group_account_invoice,account_credit_collection.{group}")

    def setUp(self):
        super().setUp()
        self.invoice = self._invoice(10, 100.0)
        self.contested = self._invoice(10, 200.0, partner=self.other)
        profiles = self._profile() | self._profile(self.other)
        profiles._refresh(self.company, self.today)

    def _dispute(self):
        self.env["collection.dispute"].create({"item_id": self._item(self.contested).id, "amount": 200.0, "reason": "broken"})


@tagged("post_install", "-at_install", "browser")
class TestBrowser(BrowserCase):
    """The screens, as a person at a desk uses them."""

    def test_policy_is_changed_on_its_timeline(self):
        level = self.policy.level_ids.filtered(lambda level: level.offset_days == 8)
        last = self.policy.level_ids.filtered(lambda level: level.offset_days == 20)
        self.start_tour("/odoo", "collection_policy", login="creditmanager")
        self.env.invalidate_all()
        self.assertEqual(level.offset_days, 10)
        self.assertTrue(last.active, "taken out of use, then used again")
        self.assertFalse(self.env["collection.action"].search([("company_id", "=", self.company.id)]))

    def test_accountant_previews_and_sends(self):
        self._dispute()
        self.start_tour("/odoo", "collection_follow_up", login="accountant")
        action = self.env["collection.action"].search([("company_id", "=", self.company.id)])
        self.assertRecordValues(action, [{"partner_id": self.customer.id, "state": "ready"}])

    def test_approver_reads_and_decides(self):
        self._invoice(10, 300.0, partner=self._customer("Eastwind"))
        self.policy.level_ids.needs_approval = True
        actions = self._run().action_ids
        self.start_tour("/odoo", "collection_approval", login="accountant")
        self.env.invalidate_all()
        states = {action.partner_id.name: action.state for action in actions}
        self.assertEqual(states, {"Northwind": "ready", "Southwind": "suppressed", "Eastwind": "cancelled"})

    def test_customer_is_paused_and_resumed(self):
        profile = self._profile()
        self.start_tour(f"{ACTION}.credit_profile_action/{profile.id}", "collection_pause", login="accountant")
        self.env.invalidate_all()
        self.assertFalse(profile.paused_until)

    def test_customer_stopped_by_errors_is_tried_again(self):
        profile = self._profile()
        profile.sudo().error_count = 3
        self.start_tour(f"{ACTION}.credit_profile_action/{profile.id}", "collection_try_again", login="accountant")
        self.env.invalidate_all()
        self.assertFalse(profile.error_count)

    def test_partner_shows_the_standing(self):
        self._run()
        self.start_tour(f"/odoo/res.partner/{self.customer.id}", "collection_partner", login="accountant")

    def test_invoice_is_left_out(self):
        self.start_tour(f"/odoo/action-account.action_move_out_invoice_type/{self.invoice.id}", "collection_invoice", login="accountant")
        self.env.invalidate_all()
        self.assertTrue(self._item(self.invoice).no_followup)


@tagged("post_install", "-at_install", "browser")
class TestTelephone(BrowserCase):
    """The same screens, and the customer's page, on a telephone."""

    browser_size = "390x844"
    touch_enabled = True

    def test_accountant_previews_and_sends(self):
        self._dispute()
        self.start_tour("/odoo", "collection_follow_up", login="accountant")
        action = self.env["collection.action"].search([("company_id", "=", self.company.id)])
        self.assertRecordValues(action, [{"partner_id": self.customer.id, "state": "ready"}])

    def test_outsider_reads_the_signed_page(self):
        action = self._run().action_ids.filtered(lambda action: action.partner_id == self.customer)
        self.browser_js(f"/collections/{action.id}/{action._link_token()}", LOOK_AT_STATEMENT,
                        ready="!!document.querySelector('main')", login=None)
