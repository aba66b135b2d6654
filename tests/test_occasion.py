from datetime import date, timedelta
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .occasion import TODAY, OccasionCommon

TUESDAY = TODAY + timedelta(days=1)


@tagged("post_install", "-at_install")
class TestOccasionPlan(OccasionCommon):
    """Who is greeted for which day, and when it leaves."""

    def test_a_birthday_within_a_week_is_planned_once_however_many_nights(self):
        greeting = self._plan()
        self.assertEqual((greeting.contact_id, greeting.day, greeting.leaves_on, greeting.state), (self.ann, TUESDAY, TUESDAY, "planned"))
        self.assertEqual(self._plan(TUESDAY), greeting)

    def test_what_is_planned_says_how_things_stand_now(self):
        self.ann.no_greetings = True
        greeting = self._plan()
        self.assertEqual((greeting.state, greeting.reason), ("planned", "Wants no greetings"))
        self.ann.no_greetings = False
        self._plan()
        self.assertFalse(greeting.reason)

    def test_one_in_eight_days_is_not_planned_yet(self):
        self.ann.birth_day, self.ann.birth_month = 1, "12"  # 8 days ahead
        self.assertFalse(self._plan())
        self.assertEqual(self._plan(TUESDAY).leaves_on, date(2026, 12, 1))

    def test_on_a_sunday_it_leaves_on_the_friday_before_or_the_monday_after(self):
        self.ann.birth_day = 29
        self.assertEqual(self._plan().leaves_on, date(2026, 11, 27))
        self.birthday.day_off = "after"
        self.assertEqual(self._plan().leaves_on, date(2026, 11, 30))  # the plan follows the rule
        self.birthday.day_off = "same"
        self.assertEqual(self._plan().leaves_on, date(2026, 11, 29))

    def test_29_february_is_kept_on_the_28th_of_other_years(self):
        self.ann.write({"birth_month": "2", "birth_day": 29})
        self.assertEqual(self._plan(date(2027, 2, 22)).day, date(2027, 2, 28))
        self.assertEqual(self._plan(date(2028, 2, 24)).sorted("year")[-1].day, date(2028, 2, 29))

    def test_a_plan_follows_a_corrected_birthday_and_leaves_nothing_of_one_that_was_deleted(self):
        greeting = self._plan()
        self.ann.birth_day = 26
        self.assertEqual(self._plan().day, date(2026, 11, 26))
        self.ann.write({"birth_day": 0, "birth_month": False})
        self._plan()
        self.assertFalse(greeting.exists())

    def test_an_archived_contact_and_another_segment_are_left_out(self):
        segment = self.env["credit.segment"].create({"name": "Test dealers", "company_id": self.company.id})
        self.birthday.segment_ids = segment
        self.assertFalse(self._plan())
        self.birthday.segment_ids = False
        self.ann.active = False
        self.assertFalse(self._plan())

    def test_the_anniversary_counts_from_the_first_invoice(self):
        self._invoice(0, invoice_date=date(2021, 11, 25), invoice_date_due=date(2021, 11, 25))
        fifth = self._occasion("anniversary", every_years=5)
        self._plan()
        greeting = self._greetings(fifth)
        self.assertEqual((greeting.contact_id, greeting.day, greeting.years), (self.customer, date(2026, 11, 25), 5))
        self.assertFalse(self._plan(date(2027, 11, 22)) & self._greetings(fifth).filtered(lambda one: one.year == 2027))  # 6 years

    def test_a_day_that_a_person_wrote_counts_instead_of_the_first_invoice(self):
        self.customer.customer_since = date(2016, 11, 26)
        fifth = self._occasion("anniversary", every_years=5)
        self._plan()
        self.assertEqual((self._greetings(fifth).day, self._greetings(fifth).years), (date(2026, 11, 26), 10))

    def test_a_holiday_is_that_of_the_customers_country_in_its_own_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        day = self._occasion("holiday", holiday="armistice day", country_id=self.env.ref("base.be").id)
        greeting = self._plan(date(2026, 11, 9)) & self._greetings(day)
        self.assertEqual((greeting.day, greeting.leaves_on), (date(2026, 11, 11), date(2026, 11, 10)))  # itself a day off
        self.assertEqual(greeting.with_context(lang="fr_FR").mail_day, "Jour de l'Armistice")
        self.assertEqual(greeting.with_context(lang="en_US").mail_day, "Armistice Day")
        german = self._customer("Berlin GmbH", country_id=self.env.ref("base.de").id)
        self._bought(german)
        profile = self._profile(german)
        self._plan(date(2026, 11, 9), profile)
        self.assertFalse(self._greetings(day).filtered(lambda one: one.profile_id == profile))

    def test_days_before_reach_over_the_end_of_the_year(self):
        day = self._occasion("holiday", holiday="New Year's Day", days_before=10)
        self._plan(date(2026, 12, 21))
        self.assertEqual(self._greetings(day).mapped(lambda one: (one.leaves_on, one.year)), [(date(2026, 12, 22), 2027)])

    def test_a_date_of_our_own_and_a_founding_day_go_to_the_customer(self):
        ours = self._occasion("own", month="11", day=25)
        founded = self._occasion("founding", channel="task", task_text="Call")
        self.customer.write({"birth_month": "11", "birth_day": 26, "birth_year": 1950})
        self._plan()
        self.assertEqual((self._greetings(ours).contact_id, self._greetings(ours).day), (self.customer, date(2026, 11, 25)))
        self.assertEqual((self._greetings(founded).contact_id, self._greetings(founded).years), (self.customer, 76))

    def test_without_an_address_of_its_own_a_contact_is_greeted_for_the_customer(self):
        self.customer.email = False
        ours = self._occasion("own", month="11", day=25)
        self._plan()
        self.assertEqual(self._greetings(ours).contact_id, self.ann)

    def test_a_fixed_number_of_queries_however_many_customers(self):
        self._occasion("own", month="11", day=25)
        few, many = [self.env["credit.profile"].union(*(self._profile(self._born(f"{size} {number}")) for number in range(size))) for size in (3, 40)]
        self._plan(profiles=few)  # warm
        counts = []
        for profiles in (few, many):
            self._greetings().sudo().unlink()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["collection.greeting"].sudo()._plan(self.company, profiles, TODAY)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(len(self._greetings()), 80)
        self.assertLessEqual(counts[1], counts[0])

    def _born(self, name):
        customer = self._customer(f"Firm {name}")
        self._contact(f"Bo{name}".replace(" ", ""), partner=customer)
        self._bought(customer)
        return customer

    # ------------------------------------------------------------------ twice

    def test_nobody_is_greeted_twice_a_year_for_a_day(self):
        greeting = self._plan()
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.cr.savepoint():
            greeting.sudo().copy()

    def test_two_companies_that_share_a_contact_greet_it_once_unless_told_otherwise(self):
        data = self.setup_other_company(name="Sister Ltd")
        other = data["company"]
        self._bought(self.customer, data=data)
        self.birthday.sudo().company_id = False
        theirs = self.env["credit.profile"].sudo()._ensure(other, self.customer)
        self._plan()
        Greeting = self.env["collection.greeting"].sudo()
        Greeting._plan(other, theirs, TODAY)
        self.assertEqual(Greeting.search([("contact_id", "=", self.ann.id)]).company_id, self.company)
        other.collection_greeting_once = False
        Greeting._plan(other, theirs, TODAY)
        self.assertEqual(Greeting.search([("contact_id", "=", self.ann.id)]).company_id, self.company | other)

    def test_two_special_days_of_a_kind_make_one_greeting_another_channel_makes_another(self):
        self._occasion("birthday")
        self._plan()
        self.assertEqual(len(self._greetings()), 1)
        self._occasion("birthday", channel="card")
        self.assertEqual(set(self._plan().mapped("channel")), {"email", "card"})

    # ------------------------------------------------------------------ arming

    def test_nothing_is_planned_before_a_manager_arms_the_day(self):
        self.birthday.action_disarm()
        self.assertFalse(self._plan())
        self.birthday.action_arm()
        self.assertTrue(self._plan())

    def test_disarming_calls_off_what_is_planned(self):
        greeting = self._plan()
        self.birthday.action_disarm()
        self.assertEqual((greeting.state, greeting.code), ("cancelled", "occasion_stopped"))
        self.assertFalse(self._hour(TUESDAY))

    def test_only_a_manager_arms_and_never_by_writing_the_field(self):
        collector = new_test_user(self.env, login="occasion collector", groups="account_credit_collection.group_collector",
                                  company_id=self.company.id, company_ids=self.company.ids)
        with self.assertRaises(AccessError):
            self.birthday.with_user(collector).action_arm()
        with self.assertRaises(AccessError):
            self.birthday.write({"armed": False})
        with self.assertRaises(AccessError):
            self.birthday.with_context(default_armed=True).create({"name": "Sly", "kind": "birthday"})

    def test_a_greeting_without_words_is_not_armed(self):
        silent = self._occasion("birthday", armed=False, template_id=False)
        with self.assertRaisesRegex(ValidationError, "words"):
            silent.action_arm()

    def test_shipped_days_are_ready_and_disarmed(self):
        for name in ("birthday", "anniversary", "new_year", "founding"):
            day = self.env.ref(f"account_credit_collection.collection_occasion_{name}")
            self.assertFalse(day.armed, name)
            self.assertTrue(day.template_id or day.channel == "task", name)

    def test_a_day_that_no_month_has_and_a_holiday_that_no_country_has_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "day and a month"):
            self._occasion("own", month="2", day=30)
        with self.assertRaisesRegex(ValidationError, "National Day"):  # what Belgium has instead is named
            self._occasion("holiday", holiday="Thanksgiving", country_id=self.env.ref("base.be").id)

    def test_the_preview_shows_who_would_be_greeted_before_it_is_armed(self):
        self.birthday.action_disarm()
        self._contact("Bob", (12, 20), no_greetings=True)
        self._contact("Cem", (12, 31))  # in 38 days
        with freeze_time(f"{TODAY} 12:00:00"):
            action = self.birthday.action_preview()
        rows = self.env["collection.occasion.preview"].search(action["domain"])
        self.assertEqual(rows.mapped(lambda row: (row.contact_id.name, row.sends, row.code)),
                         [("Ann", True, "greeting_ready"), ("Bob", False, "greeting_opted_out")])
        self.assertFalse(self._greetings().filtered(lambda one: one.state == "planned"))


@tagged("post_install", "-at_install")
class TestOccasionSend(OccasionCommon):
    """What leaves, and what keeps silent with its reason."""

    def setUp(self):
        super().setUp()
        self.ann.write({"birth_day": 23})
        self.greeting = self._plan()

    def _skipped(self, code, on=TODAY):
        self.assertFalse(self._hour(on))
        self.assertEqual((self.greeting.state, self.greeting.code), ("skipped", code))
        self.assertTrue(self.greeting.reason)
        self.assertNotEqual(self.greeting.reason, code)

    def test_it_is_queued_in_the_language_of_the_contact_and_is_a_touch(self):
        mail = self._hour()
        self.assertEqual((mail.email_to, mail.subject, mail.state), ("ann@customer.example", "Happy birthday, Ann", "outgoing"))
        self.assertEqual((self.greeting.state, self.greeting.recipient, self.greeting.sent_on), ("sent", "ann@customer.example", TODAY))
        touch = self.env["collection.touch"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual((touch.kind, touch.contact_id, touch.day, touch.is_automatic), ("greeting", self.ann, TODAY, True))
        self.assertFalse(self._hour())

    def test_it_waits_for_a_decent_hour_where_the_recipient_is(self):
        self.assertFalse(self._hour(at="07:59"))  # 8:59 in Brussels
        self.ann.tz = "America/New_York"
        self.assertFalse(self._hour(at="13:59"))  # 8:59 there
        self.assertEqual(self.greeting.state, "planned")
        self.assertTrue(self._hour(at="14:00"))

    def test_silent_while_a_dispute_is_open(self):
        invoice = self._invoice(0)
        self.env["collection.dispute"].create({"item_id": self._item(invoice).id, "amount": 10.0})
        self._skipped("greeting_dispute")

    def test_silent_while_paused_stopped_or_no_more_served(self):
        for values, code in (({"paused_until": TODAY}, "greeting_paused"), ({"credit_stop": True}, "greeting_stopped"),
                             ({"stop_kind": "lawyer"}, "stop_lawyer")):
            with self.subTest(code=code), self.cr.savepoint() as point:
                self.profile.sudo().write(values)
                self._skipped(code)
                point.rollback()

    def test_silent_after_a_legal_level_until_the_item_is_paid(self):
        self.policy.level_ids.filtered(lambda level: level.offset_days == 8).is_legal = True
        invoice = self._invoice(9)
        self.company.collection_greeting_most_late = -1
        for days in (-8, 0):
            self._sent(self._run(self.today + timedelta(days=days)))
        self.env.flush_all()
        self.env.cr.execute("UPDATE collection_action SET sent_on = sent_on - 60 WHERE profile_id = %s", [self.profile.id])
        self.env.invalidate_all()
        found = self.env["collection.reader"]._read_troubles(self.profile, TODAY)
        self.assertEqual(found[self.profile.id], ["legal"])
        self._pay(invoice)
        self.assertFalse(self.env["collection.reader"]._read_troubles(self.profile, TODAY)[self.profile.id])

    def test_silent_while_overdue_by_more_than_the_settings_allow(self):
        self._invoice(0, invoice_date=date(2026, 10, 1), invoice_date_due=TODAY - timedelta(days=15))
        self.company.collection_greeting_most_late = 14
        with self.cr.savepoint() as point:
            self._skipped("greeting_overdue")
            point.rollback()
        self.company.collection_greeting_most_late = 15
        self.assertTrue(self._hour())

    def test_no_greeting_on_the_day_of_a_reminder(self):
        self._reminded(TODAY)
        self._skipped("greeting_reminded")

    def _reminded(self, *days):
        """Reminders that left on these days, whatever they were about."""
        self._invoice(1)
        self.company.collection_greeting_most_late = -1
        action = self._sent(self._run()).action_ids
        for number, day in enumerate(days):
            (action if not number else action.sudo().copy({"dedupe_key": f"test {number}", "state": "sent"})).sudo().sent_on = day
        self.env.flush_all()

    def test_counted_as_contacts_greetings_use_up_the_cap_and_stop_at_it(self):
        self.policy.write({"cap_count": 1, "cap_days": 30})
        self._reminded(TODAY - timedelta(days=3))
        self.company.collection_greeting_counts = True
        with self.cr.savepoint() as point:
            self._skipped("greeting_cap")
            point.rollback()
        self.company.collection_greeting_counts = False
        self.assertTrue(self._hour())
        Reader = self.env["collection.reader"]
        self.assertEqual(Reader._read_contacts(self.profile, TODAY, 30)[self.profile.id], (TODAY - timedelta(days=3),))
        self.company.collection_greeting_counts = True
        self.assertEqual(Reader._read_contacts(self.profile, TODAY, 30)[self.profile.id], (TODAY - timedelta(days=3), TODAY))

    def test_who_opted_out_is_blocked_or_gone_is_never_greeted(self):
        def blocked(contact):
            self.env["mail.blacklist"]._add(contact.email)
        cases = [(lambda ann: ann.write({"no_greetings": True}), "greeting_opted_out"), (lambda ann: ann.parent_id.write({"no_greetings": True}), "greeting_opted_out"),
                 (lambda ann: ann.write({"email": False}), "greeting_no_address"), (blocked, "greeting_blacklisted"),
                 (lambda ann: ann.write({"active": False}), "greeting_archived"), (lambda ann: ann.write({"collection_stop": "deceased"}), "greeting_deceased"),
                 (lambda ann: ann.write({"collection_stop": "left"}), "greeting_left")]
        for spoil, code in cases:
            with self.subTest(code=code), self.cr.savepoint() as point:
                spoil(self.ann)
                self._skipped(code)
                point.rollback()

    def test_three_days_late_it_is_not_sent_any_more(self):
        with self.cr.savepoint() as point:
            self.assertTrue(self._hour(TODAY + timedelta(days=2)))
            point.rollback()
        self._skipped("greeting_missed", TODAY + timedelta(days=3))

    def test_the_job_greets_every_company_and_beats(self):
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *_args, **_kwargs: 1000.0), freeze_time(f"{TODAY} 10:00:00"):
            self.env["collection.greeting"].sudo()._cron_greet()
        self.assertEqual(self.greeting.state, "sent")
        beat = self.env["collection.heartbeat"].sudo().search([("job", "=", "greeting")])
        self.assertTrue(beat.last_success)
        self.assertFalse(beat.last_error)

    def test_a_broken_template_stops_no_other_greeting(self):
        bob = self._contact("Bob", (11, 23))
        own = self._occasion("own", month="11", day=23)
        self._plan()
        queue = type(self.env["collection.channel"])._queue_greeting

        def broken(channel, greeting, address):
            if greeting.occasion_id == own:
                raise UserError("The words are broken")
            return queue(channel, greeting, address)

        with patch.object(type(self.env["collection.channel"]), "_queue_greeting", broken), \
                mute_logger("odoo.addons.account_credit_collection.models.collection_occasion_send"):
            mails = self._hour()
        self.assertEqual(set(mails.mapped("email_to")), {self.ann.email, bob.email})
        self.assertEqual(self._greetings(own).state, "planned")

    def test_a_person_takes_one_out_and_no_night_brings_it_back(self):
        self.greeting.action_cancel()
        self.assertEqual(self._plan(), self.greeting)
        self.assertFalse(self._hour())
        with self.assertRaisesRegex(UserError, "done already"):
            self.greeting.action_cancel()

    def test_a_task_goes_to_the_salesperson(self):
        seller = new_test_user(self.env, login="seller", groups="base.group_user", company_id=self.company.id, company_ids=self.company.ids)
        self.customer.user_id = seller
        own = self._occasion("own", month="11", day=23, channel="task", task_text="Bring a cake")
        self._plan()
        self._hour()
        task = self.env["mail.activity"].search([("res_model", "=", "res.partner"), ("res_id", "=", self.customer.id), ("summary", "=", "Bring a cake")])
        self.assertEqual((task.user_id, self._greetings(own).state), (seller, "sent"))

    def test_a_card_is_written_on_its_day_and_sent_when_it_is_printed(self):
        card = self._occasion("birthday", channel="card")
        self._plan()
        with self.assertRaisesRegex(UserError, "ready to print"):
            self._greetings(card).action_print_cards()
        self.ann.write({"street": "2 Side Street", "city": "Ghent"})
        self._hour()
        greeting = self._greetings(card)
        self.assertEqual(greeting.state, "to_print")
        self.assertIn("happy birthday", greeting.body)
        greeting.action_print_cards()
        self.assertEqual(greeting.state, "sent")
        html, _kind = self.env["ir.actions.report"]._render_qweb_html("account_credit_collection.report_collection_greeting", greeting.ids)
        self.assertIn("happy birthday", html.decode())

    def test_a_viewer_sees_greetings_and_changes_none(self):
        viewer = new_test_user(self.env, login="greeting viewer", groups="account_credit_collection.group_viewer",
                               company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        self.assertEqual(self.greeting.with_user(viewer).contact_id, self.ann)
        for method in ("action_cancel", "action_print_cards"):
            with self.subTest(method=method), self.assertRaises(UserError):
                getattr(self.greeting.with_user(viewer), method)()
        with self.assertRaises(AccessError):
            self.greeting.with_user(viewer).write({"state": "sent"})
