from contextlib import contextmanager
from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from .credit import CreditCommon


@tagged("post_install", "-at_install")
class TestCreditLadder(CreditCommon):
    """Limits that grow with good payment behaviour and shrink with bad, night after night."""

    def setUp(self):
        super().setUp()
        self.ladder = self._ladder(5000, 7500, 11250, 16875, 20000, stage={"window_count": 3, "on_time_count": 3})

    def _on_ladder(self, amount=5000, cap=20000, partner=None, **values):
        """A customer who came to the stage of ``amount`` two months ago."""
        profile = self._profile(partner)
        profile.ladder_id = self.ladder
        self._grant(amount, partner, cap=cap, **values)
        profile._write_snapshot([{"stage_since": self.today - timedelta(days=60)}])
        return profile

    def _last_line(self, partner=None):
        return self.env["credit.limit"].search([("profile_id", "=", self._profile(partner).id)], limit=1)

    def _night(self, profile=None):
        """The nightly look, as of the day it is."""
        profiles = profile if profile is not None else self._profile()
        profiles._refresh(self.company, self.company._collection_today())
        return profiles

    @contextmanager
    def _in_days(self, days):
        with freeze_time(self.today + timedelta(days=days)):
            yield

    def _paid(self, days_late, on=0, amount=100.0, partner=None):
        """An invoice due ``on`` days from today less its lateness, paid that day."""
        invoice = self._invoice(days_late - on, amount, partner=partner)
        self._pay(invoice, on=self.today + timedelta(days=on))
        return invoice

    def test_stages_are_laid_out_by_formula_f4(self):
        ladder = self.env["credit.ladder"].create({
            "name": "F-4", "company_id": self.company.id, "first_amount": 5000, "growth": 1.5, "top_amount": 20000})
        ladder.action_make_stages()
        self.assertEqual(ladder.stage_ids.mapped("amount"), [5000, 7500, 11250, 16875, 20000])
        ladder.top_amount = 9000
        ladder.action_make_stages()
        self.assertEqual(ladder.stage_ids.mapped("amount"), [5000, 7500, 9000])

    def test_three_invoices_paid_in_time_take_the_customer_up(self):
        profile = self._on_ladder()
        for _invoice in range(2):
            self._paid(0)
        self._night()
        self.assertEqual(profile.limit_amount, 5000)
        self.assertIn("2 of the last invoices", profile.next_stage_text)
        self._paid(3)
        self._night()
        line = self._last_line()
        self.assertEqual((profile.limit_amount, profile.stage_id.amount, line.source, line.previous_amount), (7500, 7500, "ladder", 5000))
        self.assertIn("everything", line.why)
        self.assertEqual(self.customer.with_company(self.company).credit_limit, 7500)

    def test_one_invoice_paid_forty_days_late_takes_the_customer_down(self):
        profile = self._on_ladder(7500)
        self._paid(40)
        self._night()
        self.assertEqual(profile.limit_amount, 5000)
        self.assertIn("40 days late", self._last_line().why)

    def test_an_invoice_makes_fall_once_not_again_when_it_is_paid_at_last(self):
        profile = self._on_ladder(11250)
        invoice = self._invoice(31, 100)
        self._night()
        self.assertEqual(profile.limit_amount, 7500)
        with self._in_days(1):
            self._pay(invoice, on=self.today + timedelta(days=1))
            self._night()
        self.assertEqual(profile.limit_amount, 7500)

    def test_an_invoice_still_unpaid_takes_down_again_after_the_cool_down(self):
        self.ladder.cool_down_days = 10
        profile = self._on_ladder(11250)
        self._invoice(31, 100)
        self._night()
        for days, expected in ((9, 7500), (10, 5000)):
            with self._in_days(days):
                self._night()
            with self.subTest(days=days):
                self.assertEqual(profile.limit_amount, expected)

    def test_a_contested_invoice_makes_nobody_fall(self):
        profile = self._on_ladder(7500)
        invoice = self._invoice(40, 100)
        self.env["collection.dispute"].create({"item_id": self._item(invoice).id, "amount": 100, "reason": "damaged"})
        self._night()
        self.assertEqual(profile.limit_amount, 7500)

    def test_the_ladder_ends_at_the_approved_ceiling(self):
        profile = self._on_ladder(cap=6000)
        for _invoice in range(3):
            self._paid(0)
        self._night()
        self.assertEqual(profile.limit_amount, 6000)
        with self._in_days(1):
            self._night()
        self.assertEqual((profile.limit_amount, profile.ladder_code), (6000, "top"))

    def test_turnover_and_use_are_asked_for(self):
        self.ladder.stage_ids.write({"window_count": 0, "on_time_count": 0, "turnover_multiple": 1, "use_share": 50})
        profile = self._on_ladder()
        self._paid(0, amount=2000)
        self._night()
        self.assertEqual([gap[:2] for gap in profile.ladder_missing], [["turnover", 2000], ["use", 2000]])
        self._paid(0, amount=3000)
        self._night()
        self.assertEqual(profile.limit_amount, 7500)

    def test_days_on_the_stage_are_asked_for(self):
        self.ladder.stage_ids.write({"window_count": 0, "on_time_count": 0, "min_days": 30})
        profile = self._on_ladder()
        profile._write_snapshot([{"stage_since": self.today}])
        for days, expected in ((29, 5000), (30, 7500)):
            with self._in_days(days):
                self._night()
            self.assertEqual(profile.limit_amount, expected)

    def test_rising_waits_for_approval_where_the_ladder_says_so(self):
        self.ladder.write({"rise_approval": True})
        self.ladder.stage_ids.write({"window_count": 0, "on_time_count": 0})
        profile = self._on_ladder()
        for _night in range(2):
            self._night()
        waiting = profile.limit_ids.filtered(lambda line: line.state == "proposed")
        self.assertEqual((len(waiting), profile.limit_amount), (1, 5000))
        waiting.action_approve()
        self.assertEqual((profile.limit_amount, profile.stage_id.amount), (7500, 7500))

    def test_a_private_persons_limit_is_cut_by_a_person_only(self):
        person = self._customer("Ann", is_company=False)
        profile = self._on_ladder(7500, partner=person)
        self._invoice(40, 100, partner=person)
        self._night(profile)
        self.assertEqual(profile.limit_amount, 7500)
        self.assertEqual(self._last_line(person).state, "proposed")

    def test_a_stage_brings_its_payment_terms(self):
        self.ladder.stage_ids.write({"window_count": 0, "on_time_count": 0})
        self.ladder.stage_ids[1].payment_term_id = self.pay_terms_b
        self._on_ladder()
        self._night()
        self.assertEqual(self.customer.with_company(self.company).property_payment_term_id, self.pay_terms_b)

    def test_a_limit_set_by_hand_puts_the_customer_on_the_stage_it_pays_for(self):
        profile = self._on_ladder()
        self._grant(12000)
        self.assertEqual(profile.stage_id.amount, 11250)

    def test_prepayment_and_expired_limits_do_not_climb(self):
        self.ladder.stage_ids.write({"window_count": 0, "on_time_count": 0})
        profile = self._on_ladder(5000, date_from=self.today - timedelta(days=9), date_to=self.today - timedelta(days=1))
        self._night()
        self.assertEqual(profile.limit_amount, 5000)
        self._grant(0)
        self._night()
        self.assertEqual(profile.limit_meaning, "prepay")

    def test_without_an_approved_ceiling_every_rise_waits_for_a_person(self):
        self.ladder.stage_ids.write({"window_count": 0, "on_time_count": 0})
        profile = self._on_ladder(cap=0)
        self._night()
        self.assertEqual((profile.limit_amount, self._last_line().state), (5000, "proposed"))

    def test_a_refused_move_is_not_proposed_every_night(self):
        self.ladder.rise_approval = True
        self.ladder.stage_ids.write({"window_count": 0, "on_time_count": 0})
        profile = self._on_ladder()
        self._night()
        self._last_line().action_refuse()
        self._night()
        self.assertEqual(len(profile.limit_ids), 2)

    def test_a_fall_lowers_the_base_whatever_is_insured_on_top(self):
        profile = self._profile()
        self._grant(5000, cap=20000)
        self._grant(15000, kind="insured")
        profile.ladder_id = self.ladder
        self.assertEqual(profile.stage_id.amount, 5000)
        self._grant(7500, cap=20000)
        profile._write_snapshot([{"stage_since": self.today - timedelta(days=60)}])
        self._paid(40)
        self._night()
        self.assertEqual(profile.limit_amount, 20000, "5,000 and what is insured")

    def test_a_cut_decided_for_a_later_day_is_kept(self):
        self.ladder.stage_ids.write({"window_count": 0, "on_time_count": 0, "min_days": 1})
        profile = self._on_ladder()
        self._grant(1000, cap=20000, date_from=self.today + timedelta(days=5))
        self._night()
        self.assertEqual((profile.limit_amount, profile.stage_id.amount), (5000, 5000))
        with self._in_days(5):
            self._night()
        self.assertEqual(profile.limit_amount, 1000)

    def test_credit_without_a_limit_of_its_own_under_a_group_limit_does_not_fall_to_prepayment(self):
        profile = self._on_ladder(7500)
        self._grant(None)
        self._grant(3000, kind="group")
        profile._write_snapshot([{"stage_since": self.today - timedelta(days=60)}])
        self._paid(40)
        self._night(profile)
        self.assertEqual((self._last_line().kind, profile.limit_amount, profile.limit_meaning), ("group", 3000, "amount"))

    def test_an_expired_limit_under_a_group_limit_stops_no_night(self):
        profile = self._on_ladder(7500, date_from=self.today - timedelta(days=90), date_to=self.today - timedelta(days=1))
        self._grant(6000, kind="group")
        self._paid(40)
        self._night()
        self.assertEqual(len(profile.limit_ids), 2)

    def test_a_manager_assigns_no_ladder_beyond_the_own_authority(self):
        self.env["credit.authority"].sudo().search([("company_id", "=", self.company.id)]).unlink()
        self.env["credit.authority"].sudo().create({"company_id": self.company.id, "user_id": self.env.uid, "amount": 15000})
        profile = self._profile()
        with self.assertRaises(UserError):
            profile.ladder_id = self.ladder
        self._grant(5000, cap=15000)
        profile.ladder_id = self.ladder

    def test_a_night_asks_the_database_as_often_for_forty_customers_as_for_four(self):
        self.ladder.stage_ids.write({"window_count": 3, "on_time_count": 3})
        profiles = self.env["credit.profile"]
        for number in range(40):
            partner = self._customer(f"Customer {number}")
            profiles += self._on_ladder(partner=partner)
        self._paid(0, partner=profiles[0].partner_id)
        counts = []
        for batch in (profiles[:4], profiles[:4], profiles):  # the first to warm up
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            batch._climb(self.company, self.today)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
