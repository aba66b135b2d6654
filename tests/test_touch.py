from datetime import date, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from .occasion import TODAY, OccasionCommon


@tagged("post_install", "-at_install")
class TestTouch(OccasionCommon):
    """Who was in touch with a customer, and what those who sell should know of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller, cls.other = (new_test_user(
            cls.env(su=True), login=f"touch {name}", groups="sales_team.group_sale_salesman,base.group_partner_manager",
            company_id=cls.company.id, company_ids=cls.company.ids) for name in ("seller", "other"))

    def _log(self, user, contact=None, days_ago=0, **values):
        wizard = self.env["collection.touch.wizard"].with_user(user).create({
            "contact_id": (contact or self.ann).id, "day": TODAY - timedelta(days=days_ago), **values})
        with freeze_time(f"{TODAY} 12:00:00"):
            wizard.action_log()
        return self.env["collection.touch"].search([("user_id", "=", user.id)], order="id desc", limit=1)

    def _hint(self, user=None, partner=None):
        with freeze_time(f"{TODAY} 12:00:00"):
            self.env.invalidate_all()
            return (partner or self.customer).with_user(user or self.seller).relation_hint

    # ------------------------------------------------------------------ the log

    def test_a_salesperson_logs_a_visit_that_belongs_to_the_customer(self):
        touch = self._log(self.seller, kind="visit", note="  Wants the new range  ")
        self.assertEqual((touch.partner_id, touch.contact_id, touch.kind, touch.note, touch.is_automatic),
                         (self.customer, self.ann, "visit", "Wants the new range", False))

    def test_last_touch_and_those_of_twelve_months_stand_on_the_customer_and_its_contacts(self):
        for days in (400, 364, 20):
            self._log(self.seller, days_ago=days)
        with freeze_time(f"{TODAY} 12:00:00"):
            for partner in (self.customer, self.ann):
                seen = partner.with_user(self.seller)
                self.assertEqual((seen.touch_last_on, seen.touch_count), (TODAY - timedelta(days=20), 2))

    def test_the_future_is_no_touch(self):
        with self.assertRaisesRegex(UserError, "after it happened"):
            self._log(self.seller, days_ago=-1)

    def test_one_takes_back_ones_own_and_nobody_elses(self):
        touch = self._log(self.seller)
        with self.assertRaisesRegex(UserError, "not yours"):
            touch.with_user(self.other).action_remove()
        for operation in ({"note": "x"}, {"user_id": self.other.id}):
            with self.assertRaises(AccessError):
                touch.with_user(self.seller).write(operation)
        touch.with_user(self.seller).action_remove()
        self.assertFalse(touch.exists())

    def test_a_call_of_a_collector_is_a_touch_until_it_is_taken_back(self):
        def call(outcome):
            return self.env["collection.call"].sudo().create({
                "profile_id": self.profile.id, "user_id": self.env.uid, "called_at": "2026-11-23 10:00:00", "day": TODAY, "outcome": outcome,
                "contact_id": self.ann.id, "note": "owes us 500.00"})
        nobody, spoken = call("no_answer"), call("refuses")
        touches = self.env["collection.touch"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual((touches.kind, touches.call_id, touches.note), ("call", spoken, False))  # what was said stays with the call
        spoken.voided = True
        self.assertFalse(touches.exists())
        self.assertFalse(self.env["collection.touch"].search([("call_id", "=", nobody.id)]))

    def test_thanks_for_paying_are_a_touch_only_where_the_mail_may_go(self):
        Thanks = self.env["collection.thanks"].sudo()
        for day, stop in ((TODAY, False), (TODAY - timedelta(days=1), "ceased")):
            self.profile.sudo().stop_kind = stop
            who = self.env["collection.reader"]._read_recipients(self.customer.ids)[self.customer.id].default._replace(address=self.customer.email)
            Thanks.create({"profile_id": self.profile.id, "paid_on": day, "sent_on": TODAY, "paid": []})._send(who)
        touch = self.env["collection.touch"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual((touch.kind, touch.day, touch.is_automatic), ("thanks", TODAY, True))

    def test_touches_of_another_company_are_not_seen(self):
        other = self.setup_other_company(name="Third Ltd")["company"]
        touch = self._log(self.seller)
        outsider = new_test_user(self.env(su=True), login="touch outsider", groups="base.group_user", company_id=other.id, company_ids=other.ids)
        self.assertFalse(self.env["collection.touch"].with_user(outsider).search([("id", "=", touch.id)]))
        self.assertFalse(self.customer.with_user(outsider).touch_last_on)

    def test_the_form_of_a_salesperson_opens_and_shows_the_tab(self):
        with Form(self.customer.with_user(self.seller)) as form:
            form.birth_month, form.birth_day = "2", 29
        self.assertEqual((self.customer.birth_month, self.customer.birth_day), ("2", 29))
        action = self.ann.with_user(self.seller).action_open_touches()
        self.assertEqual(action["domain"], [("partner_id", "in", self.customer.ids)])

    # ------------------------------------------------------------------ the hint

    def test_nothing_is_known_of_a_new_customer(self):
        self.ann.write({"birth_month": False, "birth_day": 0})
        self.assertFalse(self._hint())

    def test_a_birthday_ahead_names_the_contact(self):
        self.assertEqual(self._hint(), "Ann has a birthday on 11/24/2026: a call is worth more than a mail")
        self.ann.birth_day = 23
        self.assertEqual(self._hint(), "Ann has a birthday today: call")

    def test_nobody_is_told_to_call_who_has_died_or_wants_no_greetings(self):
        for values in ({"collection_stop": "deceased"}, {"no_greetings": True}):
            with self.subTest(values=values), self.cr.savepoint() as point:
                self.ann.write(values)
                self.assertFalse(self._hint())
                point.rollback()

    def test_an_open_dispute_comes_before_the_birthday_and_tells_no_amount(self):
        invoice = self._invoice(0, amount=987.65)
        self.env["collection.dispute"].create({"item_id": self._item(invoice).id, "amount": 987.65})
        self.assertEqual(self._hint(), "A dispute is open: say nothing of new offers before it is cleared")

    def test_a_stop_comes_before_everything(self):
        self.profile.sudo().stop_kind = "ceased"
        self.assertEqual(self._hint(), "Nobody may contact this customer: ask Collections first")

    def test_no_sentence_holds_a_digit_of_an_amount(self):
        self.env["credit.limit"].sudo()._record_all([(self.profile, {"amount": 1000.0, "meaning": "amount", "source": "manual", "reason": "Test"})])
        self._invoice(-30, amount=912.34)
        self.assertEqual(self._hint(), "The credit limit is nearly used: speak about payment before a large order")

    def test_a_good_payer_that_nobody_saw_for_long(self):
        self.ann.write({"birth_month": False, "birth_day": 0})
        self.profile._write_snapshot([{"behaviour_class": "prompt", "settled_count": 12}])
        self.customer.customer_since = date(2016, 12, 1)
        self.assertEqual(self._hint(), "Has paid on time and been our customer for 9 years: a customer to look after")
        self._log(self.seller, days_ago=121)
        self.assertIn("whom nobody was in touch with since 07/25/2026", self._hint())

    def test_the_order_shows_the_hint_of_who_gets_the_invoice(self):
        order = self.env["sale.order"].sudo().create({"partner_id": self.ann.id})
        with freeze_time(f"{TODAY} 12:00:00"):
            self.assertIn("birthday", order.relation_hint)

    def test_portal_users_are_told_nothing(self):
        portal = new_test_user(self.env(su=True), login="touch portal", groups="base.group_portal")
        self.assertEqual(self.env["credit.profile"].with_user(portal)._relation_hints(self.company, self.customer), {})
        for name in ("birth_day", "no_greetings", "relation_hint", "touch_last_on", "customer_since", "social_x"):
            with self.subTest(field=name), self.assertRaises(AccessError):
                portal.partner_id.with_user(portal).read([name])

    # ------------------------------------------------------------------ on the partner

    def test_links_are_completed_and_lead_where_they_say(self):
        self.customer.write({"social_linkedin": " linkedin.com/company/northwind ", "social_x": "http://www.x.com/northwind"})
        self.assertEqual((self.customer.social_linkedin, self.customer.social_x), ("https://linkedin.com/company/northwind", "https://www.x.com/northwind"))
        self.assertIn('target="_blank" rel="noopener noreferrer"', self.customer.social_links)

    def test_links_to_elsewhere_are_refused(self):
        for link in ("javascript:alert(1)", "https://linkedin.com.evil.example/x", "https://linkedin.com@evil.example/", "https://evillinkedin.com/x",
                     "ftp://linkedin.com/x", "https://linkedin.com:8443/x", 'https://linkedin.com/"onmouseover="x', "https://x.com/northwind", "https://[/"):
            with self.subTest(link=link), self.assertRaisesRegex(ValidationError, "no page of LinkedIn"), self.cr.savepoint():
                self.customer.social_linkedin = link

    def test_a_birthday_that_no_calendar_has_is_refused(self):
        for month, day, year in (("2", 30, 0), (False, 5, 0), ("5", 0, 0), ("5", 5, 1850), ("5", 5, 2999)):
            with self.subTest(month=month, day=day, year=year), self.assertRaises(ValidationError), self.cr.savepoint():
                self.ann.write({"birth_month": month, "birth_day": day, "birth_year": year})
        self.customer.write({"birth_month": "5", "birth_day": 5, "birth_year": 1850})  # a company may be older

    def test_a_contact_that_is_deleted_takes_its_greetings_and_touches_along(self):
        greeting = self._plan()
        touch = self._log(self.seller)
        self.ann.unlink()
        self.assertFalse(greeting.exists())
        self.assertFalse(touch.exists())
