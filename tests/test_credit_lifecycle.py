"""Credit when customers and companies come, merge, move and go."""
from datetime import timedelta

import psycopg2
from freezegun import freeze_time

from odoo.exceptions import AccessError, ConcurrencyError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..hooks import _uninstall
from .credit import CreditCommon

MODULE = "account_credit_collection"


class LifecycleCommon(CreditCommon):

    def _now(self, profile=None):
        profile = profile or self._profile()
        return profile.limit_meaning, profile.limit_amount

    def _in_core(self, partner=None):
        partner = partner or self.customer
        partner.invalidate_recordset(["credit_limit"])
        return partner.with_company(self.company).credit_limit

    def _user(self, login, group):
        return new_test_user(self.env(su=True), login=login, groups=f"{MODULE}.{group}", company_id=self.company.id,
                             company_ids=[Command.set(self.company.ids)])

    def _ask(self, profile):
        kind = self.env.ref(f"{MODULE}.mail_activity_collection_task")
        return profile.activity_ids.filtered(lambda activity: activity.activity_type_id == kind)

    def _day(self, offset):
        return self.today + timedelta(days=offset)


@tagged("post_install", "-at_install")
class TestCreditNight(LifecycleCommon):
    """The nightly job, whatever state the customers are in."""

    def _night(self):
        with self.enter_registry_test_mode():
            self.env.ref(f"{MODULE}.ir_cron_credit_refresh").sudo().method_direct_trigger()
        self.env.invalidate_all()

    def _contradict(self, profile):
        """On a stage, but nobody knows since when."""
        profile.ladder_id = self._ladder(1000, 2000)
        self._grant(1000, partner=profile.partner_id)
        profile._write_snapshot([{"stage_since": False}])
        self.env.flush_all()

    @mute_logger(f"odoo.addons.{MODULE}.models.credit_profile_night", "odoo.sql_db")
    def test_a_bad_customer_keeps_nobody_else_from_being_refreshed(self):
        other = self._customer("Good payer")
        self._invoice(10, 100, partner=other)
        bad, good = self._profile(), self._profile(other)
        self._contradict(bad)
        with self.assertRaises(psycopg2.Error), self.env.cr.savepoint():
            bad._refresh(self.company, self.today)
        self._night()
        self.assertEqual((good.overdue, good.behaviour_on), (100, self.today))
        self.assertIn("failed", self._ask(bad).summary)
        beat = self.env["collection.heartbeat"].sudo().search([("job", "=", "refresh")])
        self.assertEqual(beat.last_error, f"profile {bad.id}")
        self._night()
        self.assertEqual(len(self._ask(bad)), 1, "one task, not one each night")
        bad._write_snapshot([{"stage_since": self.today}])
        self._night()
        beat.invalidate_recordset()
        self.assertFalse(beat.last_error)

    def test_a_temporary_limit_of_an_archived_customer_ends_too(self):
        self._grant(1000, date_from=self._day(-9))
        self._grant(5000, kind="temporary", date_from=self._day(-5), date_to=self._day(-1))
        profile = self._profile()
        profile._refresh_limits(self._day(-2))
        self.assertEqual(self._in_core(), 5000)
        profile.active = False
        self._night()
        self.assertEqual((self._now(profile), self._in_core()), (("amount", 1000), 1000))


@tagged("post_install", "-at_install")
class TestNewCustomers(LifecycleCommon):

    def test_a_profile_is_not_made_with_a_limit(self):
        partner = self._customer("Eastwind")
        Profile = self.env["credit.profile"].with_user(self._user("maker", "group_manager"))
        vals = {"partner_id": partner.id, "company_id": self.company.id}
        with self.assertRaises(AccessError):
            Profile.create({**vals, "limit_amount": 1e9, "limit_meaning": "amount"})
        with self.assertRaises(AccessError):
            Profile.with_context(default_limit_amount=1e9).create(vals)
        self.assertEqual(self._now(Profile.create(vals)), ("none", 0))

    def test_nor_does_the_context_of_whoever_needs_one_make_it_so(self):
        profile = self.env["credit.profile"].sudo().with_context(default_limit_amount=1e9, default_excluded=True)._ensure(
            self.company, self._customer("Eastwind"))
        self.assertEqual((profile.limit_amount, profile.excluded), (0, False))

    def test_a_limit_given_with_a_new_customer_is_in_the_journal(self):
        partners = self.env["res.partner"].with_company(self.company).create([
            {"name": "With", "credit_limit": 750}, {"name": "Without"}, {"name": "None", "credit_limit": 0}])
        profiles = self.env["credit.profile"].search([("partner_id", "in", partners.ids)])
        self.assertEqual(profiles.partner_id, partners[0])
        self.assertEqual(self._now(profiles), ("amount", 750))
        self.assertRecordValues(profiles.limit_ids, [{"source": "partner", "amount": 750}])

    def test_customers_without_a_limit_cost_nothing_more(self):
        ours = self.registry["credit.profile"]
        self.env["res.partner"].create({"name": "Warm up"})
        asked = []
        self.patch(ours, "search", lambda model, *args, **values: asked.append(args) or model.browse())
        self.env["res.partner"].create([{"name": f"Customer {number}"} for number in range(20)])
        self.assertFalse(asked)

    @mute_logger("odoo.sql_db")
    def test_of_two_first_profiles_at_once_the_slower_one_is_repeated(self):
        profile = self._profile()
        with self.assertRaises(ConcurrencyError), self.env.cr.savepoint():
            self.env["credit.profile"]._create_quietly([{"company_id": self.company.id, "partner_id": profile.partner_id.id}])


@tagged("post_install", "-at_install")
class TestMerge(LifecycleCommon):

    def setUp(self):
        super().setUp()
        self.other = self._customer("Eastwind")

    def _merge(self):
        self.env["base.partner.merge.automatic.wizard"].sudo().create({})._merge((self.customer | self.other).ids, self.customer)
        self.env.invalidate_all()
        return self._profile()

    def test_an_expired_limit_stops_no_merge(self):
        self._grant(1000, date_from=self._day(-60), date_to=self._day(-1))
        self._grant(9000, partner=self.other, date_from=self._day(-90), date_to=self._day(-30))
        profile = self._merge()
        self.assertEqual((self._now(profile), profile.limit_code), (("amount", 1000), "expired"))

    def test_the_own_limit_goes_on_though_the_other_one_was_decided_later(self):
        with freeze_time(self._day(-20)):
            self._grant(1000, date_from=self._day(-20))
        with freeze_time(self._day(-10)):
            self._grant(9000, partner=self.other, date_from=self._day(-10))
        self.assertEqual(self._now(self._merge()), ("amount", 1000))

    def test_of_limits_that_ran_out_the_own_one_goes_on_though_the_other_one_was_decided_later(self):
        with freeze_time(self._day(-60)):
            self._grant(1000, date_from=self._day(-60), date_to=self._day(-1))
        with freeze_time(self._day(-30)):
            self._grant(9000, partner=self.other, date_from=self._day(-90), date_to=self._day(-10))
        self.assertEqual(self._now(self._merge()), ("amount", 1000))

    def test_a_limit_to_come_does_not_count_before_its_day(self):
        self._grant(1000)
        self._grant(90000, date_from=self._day(10))
        self._grant(5000, partner=self.other)
        profile = self._merge()
        self.assertEqual(self._now(profile), ("amount", 1000))
        profile._refresh_limits(self._day(10))
        self.assertEqual(self._now(profile), ("amount", 90000))

    def test_what_is_added_again_keeps_its_own_days(self):
        self._grant(1000, date_from=self._day(-30), date_to=self._day(30))
        self._grant(5000, partner=self.other)
        self.assertRecordValues(self._merge().limit_ids.filtered(lambda line: line.source == "merge"), [
            {"amount": 1000, "date_from": self._day(-30), "date_to": self._day(30)}])

    def test_a_merge_begins_no_stage_anew(self):
        self._profile().ladder_id = self._ladder(1000, 2000)
        self._grant(1000)
        self._profile()._write_snapshot([{"stage_since": self._day(-40)}])
        self._grant(9000, partner=self.other)
        profile = self._merge()
        self.assertEqual((self._now(profile), profile.stage_since), (("amount", 1000), self._day(-40)))

    def test_nothing_is_added_when_the_newest_line_is_the_right_one(self):
        self._grant(5000, partner=self.other)
        self._grant(1000)
        profile = self._merge()
        self.assertEqual(self._now(profile), ("amount", 1000))
        self.assertEqual(set(profile.limit_ids.mapped("source")), {"manual"})

    def test_a_temporary_amount_of_the_other_one_ends(self):
        self._grant(1000)
        self._grant(50000, partner=self.other, kind="temporary", date_to=self._day(30))
        self.assertEqual(self._now(self._merge()), ("amount", 1000))

    def test_a_customer_nobody_decided_about_takes_over_limit_and_stage(self):
        ladder = self._ladder(1000, 2000)
        self._profile(self.other).ladder_id = ladder
        self._grant(1000, partner=self.other)
        self._profile()
        self._profile(self.other)._write_snapshot([{"stage_since": self._day(-40)}])
        profile = self._merge()
        self.assertEqual((self._now(profile), profile.stage_id, profile.stage_since),
                         (("amount", 1000), ladder.stage_ids[0], self._day(-40)))
        self.assertEqual(self._in_core(), 1000)

    def test_credit_without_a_limit_is_not_overwritten_by_cores_merge(self):
        self._grant(None)
        self._grant(9000, partner=self.other)
        self.assertEqual((self._now(self._merge()), self._in_core()), (("none", 0), 0))

    def test_a_member_of_the_others_group_becomes_its_head(self):
        third = self._profile(self._customer("Third"))
        (self._profile() | third).group_head_id = self._profile(self.other)
        self._merge()
        self.assertEqual(third.group_head_id, self._profile())
        self.assertFalse(self._profile().group_head_id)

    def test_the_head_of_the_others_group_stays_the_head(self):
        self._profile(self.other).group_head_id = self._profile()
        self.assertFalse(self._merge().group_head_id)

    def test_the_membership_of_the_other_one_is_kept(self):
        head = self._profile(self._customer("Head"))
        self._profile()
        self._profile(self.other).group_head_id = head
        self.assertEqual(self._merge().group_head_id, head)

    def test_members_follow_into_the_group_of_the_one_that_stays(self):
        head, third = (self._profile(self._customer(name)) for name in ("Head", "Third"))
        self._profile().group_head_id = head
        third.group_head_id = self._profile(self.other)
        self._merge()
        self.assertEqual((self._profile() | third).group_head_id, head)

    def test_two_groups_are_for_a_person_to_sort_out(self):
        first, second = (self._profile(self._customer(name)) for name in ("First", "Second"))
        self._profile().group_head_id = first
        self._profile(self.other).group_head_id = second
        profile = self._merge()
        self.assertEqual(profile.group_head_id, first)
        self.assertIn("two groups", self._ask(profile).summary)

    def test_scores_messages_tasks_and_promises_come_along(self):
        old = self._profile(self.other)
        self._profile()
        score = self.env["credit.external.score"].sudo().create({"profile_id": old.id, "score": 70})
        message = old.message_post(body="They pay after the harvest")
        task = old._task(f"{MODULE}.mail_activity_collection_task", "Ask for the accounts")
        self._invoice(10, 100, partner=self.other)
        promise = self.env["collection.promise"].create({
            "profile_id": old.id, "promised_on": self._day(5), "amount": 100, "currency_id": self.company.currency_id.id})
        profile = self._merge()
        self.assertEqual((score.profile_id, promise.profile_id), (profile, profile))
        self.assertIn(message, profile.message_ids)
        self.assertIn(task, profile.activity_ids)


@tagged("post_install", "-at_install")
class TestNewParent(LifecycleCommon):

    def _move_under(self, parent):
        self.customer.write({"is_company": False, "parent_id": parent.id})
        self.env.invalidate_all()
        return self._profile(parent)

    def test_a_stop_goes_along(self):
        self._profile().write({"credit_stop": True, "credit_stop_reason": "Fraud"})
        parent = self._customer("Parent")
        self._grant(100000, partner=parent)
        profile = self._move_under(parent)
        self.assertTrue(profile.credit_stop)
        self.assertIn("Fraud", profile.credit_stop_reason)
        self.assertIn("Northwind", str(self._ask(profile).note))
        order = self._confirmed(10)
        self.assertEqual(order.state, "draft")

    def test_a_parent_without_a_limit_takes_it_over(self):
        self._grant(500, date_to=self._day(30))
        profile = self._move_under(self._customer("Empty shell"))
        self.assertEqual((self._now(profile), profile.limit_until), (("amount", 500), self._day(30)))
        self.assertEqual(self._confirmed(600).state, "draft")

    def test_the_parents_own_limit_stays_and_a_person_is_asked(self):
        self._grant(500)
        parent = self._customer("Parent")
        self._grant(2000, partner=parent)
        profile = self._move_under(parent)
        self.assertEqual(self._now(profile), ("amount", 2000))
        self.assertEqual(len(self._ask(profile)), 1)

    def test_a_customer_without_decisions_leaves_no_task(self):
        self._profile()
        self.assertFalse(self._ask(self._move_under(self._customer("Parent"))))


@tagged("post_install", "-at_install")
class TestWhoSees(LifecycleCommon):

    def test_archived_rules_do_not_come_back_for_everybody(self):
        self.over_limit.active = False
        Rule = self.env["credit.hold.rule"]
        self.assertFalse(Rule.with_context(active_test=False)._in_force(self.company, "order"))
        self.assertFalse(Rule._in_force(self.company, "order"))

    def test_an_archived_member_still_counts_for_its_group(self):
        member = self._profile(self._customer("Member"))
        member.group_head_id = self._profile()
        self._grant(1000, kind="group")
        self._confirmed(300, partner=member.partner_id)
        member.active = False
        credit = self._profile().sudo()._read_credit(self.today)[self._profile().id].credit
        self.assertEqual(credit.group, (1000, 300))

    def test_a_customer_form_tells_nothing_of_other_portfolios(self):
        self._grant(500)
        self._invoice(10, 100)
        self._profile()._refresh(self.company, self.today)
        collector = self._user("restricted", "group_own_portfolio")
        collector.group_ids += self.env.ref(f"{MODULE}.group_collector")
        names = ["collection_overdue", "collection_limit", "collection_behaviour", "collection_next_on", "collection_reason",
                 "credit_profile_id"]
        self.customer.sudo().read(names)  # must not leave anything behind for others
        seen = self.customer.with_user(collector).with_company(self.company).read(names)[0]
        self.assertFalse(any(seen[name] for name in names))
        self._profile().collector_id = collector
        self.env.invalidate_all()
        seen = self.customer.with_user(collector).with_company(self.company).read(names)[0]
        self.assertEqual((seen["collection_overdue"], seen["collection_behaviour"]), (100, "new"))
        self.assertIn("500", seen["collection_limit"])


@tagged("post_install", "-at_install")
class TestComingAndGoing(LifecycleCommon):

    def _before(self, partner, amount):
        """A limit that core had before the addon."""
        self.env.cr.execute("UPDATE res_partner SET credit_limit = jsonb_build_object(%s, %s) WHERE id = %s",
                            [str(self.company.id), amount, partner.id])
        partner.invalidate_recordset()

    def test_a_subsidiary_keeps_the_limit_it_had(self):
        subsidiary = self._customer("Subsidiary", parent_id=self.customer.id)
        contact = self.env["res.partner"].create({"name": "Ann", "parent_id": self.customer.id})
        for partner, amount in ((self.customer, 1000.0), (subsidiary, 300.0), (contact, 1000.0)):
            self._before(partner, amount)
        self.env["credit.limit"]._adopt_existing(self.company)
        self.assertEqual(self._now(self._profile(subsidiary)), ("amount", 300))
        self.assertFalse(self.env["credit.profile"].search([("partner_id", "=", contact.id)]))

    def test_uninstalling_leaves_core_with_what_was_decided_for_good(self):
        customers = {name: self._customer(name) for name in ("Temporary", "Prepays", "Unlimited", "Insured")}
        self._grant(1000, partner=customers["Temporary"])
        self._grant(5000, partner=customers["Temporary"], kind="temporary", date_to=self._day(9))
        self._grant(0, partner=customers["Prepays"])
        self._grant(None, partner=customers["Unlimited"])
        self._grant(1000, partner=customers["Insured"])
        self._grant(700, partner=customers["Insured"], kind="insured")
        self.env["collection.action"].search([("state", "=", "sending")]).sudo()._transition("planned")
        self.assertEqual(self._in_core(customers["Temporary"]), 5000)
        self.patch(self.registry["collection.removal"], "_require", lambda removal: None)  # whether it may go is another test's
        _uninstall(self.env(su=True))
        self.assertEqual({name: self._in_core(partner) for name, partner in customers.items()},
                         {"Temporary": 1000, "Prepays": 0.01, "Unlimited": 0, "Insured": 1000})

    def test_the_next_installation_takes_the_smallest_amount_for_prepayment(self):
        self._before(self.customer, 0.01)
        self.env["credit.limit"]._adopt_existing(self.company)
        self.assertEqual(self._now(), ("prepay", 0))

    def test_a_company_in_yen_gets_amounts_in_yen(self):
        main, yen = self.env.ref("base.main_company"), self.env.ref("base.JPY")
        yen.active = True
        if main.currency_id == yen:
            self.skipTest("the main company has yen already")
        rates = self.env["res.currency.rate"].sudo()
        rates.search([("currency_id", "in", (yen | main.currency_id).ids)]).unlink()
        rates.create([{"currency_id": currency.id, "name": self._day(-1), "rate": rate, "company_id": False}
                      for currency, rate in ((main.currency_id, 1.0), (yen, 151.3))])
        company = self.env["res.company"].sudo().create({"name": "Kyoto", "currency_id": yen.id})
        rows = self.env["credit.authority"].sudo().search([("company_id", "=", company.id)])
        self.assertEqual(sorted(rows.mapped("own_amount")), [760000, 7600000])
        ladder = self.env["credit.ladder"].sudo().search([("company_id", "=", company.id)])
        self.assertEqual(ladder.stage_ids.mapped("amount"), [760000, 1100000, 1700000, 2600000, 3000000])
        self.assertEqual((ladder.first_amount, ladder.top_amount), (760000, 3000000))
