from datetime import date, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .occasion import TODAY, OccasionCommon

TUESDAY = TODAY + timedelta(days=1)
NIGHT = "odoo.addons.account_credit_collection.models.credit_profile_night"


@tagged("post_install", "-at_install")
class TestOccasionPeople(OccasionCommon):
    """Whom a greeting is for, when people move, share an address, or are no customers at all."""

    def _second_customer(self, name="Southwind"):
        customer = self._customer(name)
        self._bought(customer)
        return customer, self._profile(customer)

    def test_a_contact_that_changes_its_employer_is_planned_for_the_new_one(self):
        greeting = self._plan()
        customer, profile = self._second_customer()
        self.ann.parent_id = customer
        self.assertEqual(self._plan(profiles=profile), greeting)
        self.assertEqual((greeting.profile_id, greeting.state), (profile, "planned"))

    def test_nor_is_it_greeted_again_by_the_new_one(self):
        greeting = self._plan()
        greeting.action_cancel()
        customer, profile = self._second_customer()
        self.ann.parent_id = customer
        with patch.object(type(profile), "_report_failure", lambda *_args: self.fail("the night failed")):
            self.assertEqual(self._plan(profiles=profile), greeting)
        self.assertEqual((greeting.profile_id, greeting.state), (self.profile, "cancelled"))

    def test_a_birthday_that_fails_stops_neither_the_balance_nor_another_birthday(self):
        self._invoice(10, amount=75.0)
        customer, profile = self._second_customer()
        bob = self._contact("Bob", partner=customer)
        plan = type(self.env["collection.greeting"])._plan

        def broken(greetings, company, profiles, today):
            if self.profile in profiles:
                raise ValueError("A date that nobody expected")
            return plan(greetings, company, profiles, today)

        with patch.object(type(self.env["collection.greeting"]), "_plan", broken), mute_logger(NIGHT):
            self.assertEqual(self._plan(profiles=self.profile + profile).contact_id, bob)
        self.assertEqual(self.profile.balance, 75.0)
        self.assertIn("nightly look", ", ".join(self.profile.activity_ids.mapped("summary")))

    def test_the_same_person_at_two_customers_gets_one_mail(self):
        customer, profile = self._second_customer()
        again = self._contact("Ann at Southwind", partner=customer, email="Ann <ANN@customer.example>")
        colleague = self._contact("Bob", (11, 25), partner=customer, email="ann@customer.example")
        self.assertEqual(self._plan(profiles=self.profile + profile).contact_id, self.ann + colleague)
        self._occasion("birthday", channel="task")
        planned = self._plan(profiles=self.profile + profile).filtered(lambda one: one.channel == "task")
        self.assertEqual(planned.contact_id, self.ann + again + colleague, "a call is to a person, not to an address")

    def test_who_was_never_invoiced_is_not_greeted(self):
        applicant = self._customer("Applicant")
        anna = self._contact("Anna", partner=applicant)
        profile = self._profile(applicant)
        self._invoice(partner=applicant, post=False)
        self.assertFalse(self._plan(profiles=profile))
        with freeze_time(f"{TODAY} 12:00:00"):
            rows = self.env["collection.occasion.preview"].search(self.birthday.action_preview()["domain"])
        self.assertEqual(rows.contact_id, self.ann)
        self._bought(applicant)
        self.assertEqual(self._plan(profiles=profile).contact_id, anna)

    def test_the_anniversary_is_that_of_the_company_that_greets(self):
        data = self.setup_other_company(name="Sister Ltd")
        theirs = self.env["credit.profile"].sudo()._ensure(data["company"], self.customer)
        self._bought(self.customer, date(2016, 11, 25))
        day = self._occasion("anniversary", every_years=5)
        day.sudo().company_id = False
        self._plan()
        self.assertFalse(self.customer.customer_since, "a sister would read it")
        Greeting = self.env["collection.greeting"].sudo()
        self.assertEqual(self._greetings(day).years, 10)
        words = self.env.ref("account_credit_collection.collection_mail_template_anniversary").body_html
        self.assertIn("since you became our customer", words, "a person may have written another day than that of the first invoice")
        self.company.collection_greeting_once = data["company"].collection_greeting_once = False
        Greeting._plan(data["company"], theirs, TODAY)
        self.assertFalse(Greeting.search([("profile_id", "=", theirs.id)]), "never invoiced the customer")
        self._bought(self.customer, date(2021, 11, 26), data)
        Greeting._plan(data["company"], theirs, TODAY)
        self.assertEqual(Greeting.search([("profile_id", "=", theirs.id)]).mapped(lambda one: (one.day, one.years)), [(date(2026, 11, 26), 5)])

    def test_the_next_contact_is_greeted_for_the_customer_when_the_first_has_died(self):
        self.customer.email = False
        bob = self._contact("Bob", False)
        self.ann.collection_stop = "deceased"
        own = self._occasion("own", month="11", day=25)
        self._plan()
        self.assertEqual(self._greetings(own).contact_id, bob)

    def test_a_customer_that_asked_for_it_keeps_greetings_from_its_contacts(self):
        for stop, code in (("asked", "greeting_asked"), ("deceased", "greeting_deceased"), ("left", False)):
            with self.subTest(stop=stop):
                self.customer.collection_stop = stop
                self.assertEqual(self._plan().code, code)
                self.assertEqual(bool(self.profile._special_days(self.company, TODAY)), not code, "who sells is told to call, or is not")


@tagged("post_install", "-at_install")
class TestOccasionCards(OccasionCommon):
    """A card waits for a person with a printer, and things change meanwhile."""

    def setUp(self):
        super().setUp()
        self.ann.write({"birth_day": 23, "street": "2 Side Street", "city": "Ghent"})
        self.birthday.channel = "card"
        self.card = self._plan()
        self._hour()

    def test_a_card_to_somebody_who_died_at_noon_is_not_printed(self):
        self.assertEqual(self.card.state, "to_print")
        self.ann.collection_stop = "deceased"
        action = self.card.action_print_cards()
        self.assertEqual((self.card.state, self.card.code), ("skipped", "greeting_deceased"))
        self.assertEqual(action["tag"], "display_notification")
        self.assertIn("has died", action["params"]["message"])
        self.assertFalse(self.env["collection.touch"].search([("greeting_id", "=", self.card.id)]))

    def test_the_others_are_printed_all_the_same(self):
        bob = self._contact("Bob", (11, 23), street="2 Side Street", city="Ghent")
        self._plan()
        self._hour()
        bobs = self._greetings().filtered(lambda one: one.contact_id == bob)
        self.ann.no_greetings = True
        action = (self.card + bobs).action_print_cards()
        self.assertEqual((self.card.state, bobs.state), ("skipped", "sent"))
        self.assertEqual(action["context"]["active_ids"], bobs.ids)

    def test_a_card_that_was_ready_on_friday_is_printed_on_the_next_friday(self):
        with freeze_time(f"{TODAY + timedelta(days=7)} 12:00:00"):
            self.card.action_print_cards()
        self.assertEqual(self.card.state, "sent")

    def test_disarming_calls_off_cards_too(self):
        self.birthday.action_disarm()
        self.assertEqual((self.card.state, self.card.code), ("cancelled", "occasion_stopped"))

    def test_one_taken_out_between_two_batches_is_no_failure(self):
        greeting = self._contact("Bob", (11, 23)) and self._plan() - self.card
        greeting.action_cancel()
        self.assertEqual((greeting + self.card)._greet_all(self.company, TODAY), [])
        self.assertEqual(greeting.state, "cancelled")


@tagged("post_install", "-at_install")
class TestOccasionShared(OccasionCommon):
    """The days that come with the addon belong to all companies; the manager of one does not greet for the others."""

    def setUp(self):
        super().setUp()
        self.data = self.setup_other_company(name="Sister Ltd")
        self.sister = self.data["company"]
        self.shared = self.env.ref("account_credit_collection.collection_occasion_birthday")
        (self.birthday + self.shared).sudo().armed = False
        groups = "account_credit_collection.group_manager"
        self.manager = new_test_user(self.env, login="one company", groups=groups, company_id=self.company.id, company_ids=self.company.ids)
        companies = self.env["res.company"].sudo().search([("parent_id", "=", False)])
        self.head = new_test_user(self.env, login="all companies", groups=groups, company_id=self.company.id, company_ids=companies.ids)

    def _armed(self, company):
        return self.env["collection.occasion"].sudo()._in_force(company)

    def test_a_shared_day_is_armed_for_the_managers_company_alone(self):
        action = self.shared.with_user(self.manager).action_arm()
        own = self._armed(self.company)
        self.assertEqual((own.company_id, own.shared_id, own.kind, own.template_id), (self.company, self.shared, "birthday", self.shared.template_id))
        self.assertIn(self.company.name, action["params"]["message"])
        self.assertFalse(self.shared.armed)
        self.assertFalse(self._armed(self.sister))
        self.assertEqual(self._plan().occasion_id, own)
        own.with_user(self.manager).action_disarm()
        self.shared.with_user(self.manager).action_arm()
        self.assertEqual(self._armed(self.company), own, "one copy, however often")

    def test_who_manages_all_companies_arms_it_for_all(self):
        self.shared.with_user(self.head).action_arm()
        self.assertEqual(self._armed(self.company), self.shared)
        self.assertEqual(self._armed(self.sister), self.shared)
        self.shared.with_user(self.head).action_disarm()
        self.assertFalse(self._armed(self.sister))

    def test_the_copy_of_a_company_stands_for_the_shared_day(self):
        self.shared.with_user(self.manager).action_arm()
        self.shared.with_user(self.head).action_arm()
        self.assertEqual(self._armed(self.company).company_id, self.company)
        self.assertEqual(self._armed(self.sister), self.shared)

    def test_what_greets_for_all_is_not_one_companys_to_stop_or_change(self):
        self.shared.with_user(self.head).action_arm()
        shared = self.shared.with_user(self.manager)
        for name, change in {"disarm": shared.action_disarm, "archive": lambda: shared.write({"active": False}),
                             "words": lambda: shared.write({"channel": "task"}), "delete": shared.unlink}.items():
            with self.subTest(change=name), self.assertRaisesRegex(UserError, "manager of all companies"), self.cr.savepoint():
                change()
        self.assertTrue(self.shared.armed)

    def test_nor_does_a_companys_own_day_become_everybodys(self):
        self.birthday.with_user(self.manager).action_arm()
        with self.assertRaisesRegex(UserError, "manager of all companies"), self.cr.savepoint():
            self.birthday.with_user(self.manager).company_id = False
        self.birthday.with_user(self.manager).name = "Our birthdays"
        self.assertEqual(self._armed(self.company), self.birthday)
