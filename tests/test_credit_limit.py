from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .credit import CreditCommon


@tagged("post_install", "-at_install")
class TestCreditLimit(CreditCommon):
    """The journal of limits, what is in force, and what core shows of it."""

    def _now(self, profile=None):
        profile = profile or self._profile()
        return profile.limit_meaning, profile.limit_amount

    def test_no_limit_prepayment_and_an_amount_are_three_things(self):
        self.assertEqual(self._now(), ("none", 0))
        self._grant(0)
        self.assertEqual(self._now(), ("prepay", 0))
        self._grant(500)
        self.assertEqual(self._now(), ("amount", 500))
        self._grant(None)
        self.assertEqual(self._now(), ("none", 0))

    def test_core_shows_the_limit_in_force_and_warns_a_prepaying_customer_too(self):
        self.company.account_use_credit_limit = True
        self._grant(500)
        self.assertEqual(self.customer.with_company(self.company).credit_limit, 500)
        self._grant(0)
        self.assertEqual(self.customer.with_company(self.company).credit_limit, 0.01)
        draft = self._invoice(-30, 100, post=False)
        self.assertIn("credit limit", draft.partner_credit_warning)
        self._grant(None)
        self.assertEqual(self.customer.with_company(self.company).credit_limit, 0)

    def test_an_own_limit_equal_to_the_companys_default_is_still_the_customers_own(self):
        self.company.account_use_credit_limit = True
        self.env["ir.default"].set("res.partner", "credit_limit", 800.0, company_id=self.company.id)
        profile = self._profile()
        profile._refresh_limits()
        self.assertEqual((profile.limit_amount, profile.limit_code), (800, "default"))
        self._grant(800)
        self.env["ir.default"].set("res.partner", "credit_limit", 900.0, company_id=self.company.id)
        profile._refresh_limits()
        self.assertEqual((profile.limit_amount, profile.limit_code), (800, "base"))

    def test_a_temporary_limit_begins_and_ends_by_itself(self):
        self._grant(1000)
        day = timedelta(days=1)
        self._grant(3000, kind="temporary", date_from=self.today + day, date_to=self.today + 3 * day)
        profile = self._profile()
        for offset, expected in ((0, 1000), (1, 3000), (3, 3000), (4, 1000)):
            profile._refresh_limits(self.today + offset * day)
            with self.subTest(day=offset):
                self.assertEqual(profile.limit_amount, expected)
                self.assertEqual(self.customer.with_company(self.company).credit_limit, expected)

    def test_an_insured_amount_adds_and_a_group_limit_caps(self):
        self._grant(1000)
        self._grant(700, kind="group")
        self.assertEqual(self._now(), ("amount", 700))
        self._grant(250, kind="insured")
        self.assertEqual(self._now(), ("amount", 950))
        self._grant(None, kind="group")
        self.assertEqual(self._now(), ("amount", 1250))

    def test_an_expired_limit_does_what_the_company_says(self):
        yesterday = self.today - timedelta(days=1)
        self._grant(1000, date_from=yesterday - timedelta(days=30), date_to=yesterday)
        profile = self._profile()
        for setting, expected in (("keep", ("amount", 1000)), ("warn", ("amount", 1000)), ("zero", ("prepay", 0))):
            self.company.credit_expired = setting
            profile._refresh_limits()
            with self.subTest(setting):
                self.assertEqual(self._now(profile), expected)
                self.assertEqual(profile.limit_code, "expired")

    def test_the_journal_is_only_added_to(self):
        line = self._grant(1000)
        with self.assertRaises(AccessError):
            line.write({"amount": 5000})
        with self.assertRaises(AccessError):
            self.env["credit.limit"].create({"profile_id": self._profile().id, "amount": 1, "reason": "x", "date_from": self.today})
        with self.assertRaises(UserError):
            line.sudo().unlink()

    def test_a_base_limit_stays_under_the_approved_ceiling(self):
        with self.assertRaises(ValidationError):
            self._grant(1000, cap=900)

    def test_who_has_no_authority_asks_and_another_approves(self):
        self._authority("group_manager", 2000, own=500)
        asking, deciding = self._manager("asking"), self._manager("deciding")
        line = self.env["credit.limit"].with_user(asking)._request(self._profile(), {"kind": "base", "amount": 1500.0, "reason": "Grew"})
        self.assertEqual((line.state, self._now()), ("proposed", ("none", 0)))
        with self.assertRaisesRegex(UserError, "asked for this yourself"):
            line.with_user(asking).action_approve()
        line.with_user(deciding).action_approve()
        self.assertEqual((line.state, line.decided_by, self._now()), ("approved", deciding, ("amount", 1500)))

    def test_nobody_approves_beyond_their_authority(self):
        self._authority("group_manager", 2000, own=2000)
        line = self._grant(5000)  # recorded by the system
        self.assertEqual(line.state, "approved")
        proposed = self.env["credit.limit"]._record(self._profile(), {"amount": 6000.0, "reason": "More"}, "proposed")
        with self.assertRaisesRegex(UserError, "6,000"):
            proposed.with_user(self._manager("small")).action_approve()

    def test_many_are_approved_as_each_alone_and_the_matrix_is_asked_once_for_each_who_asked(self):
        self._authority("group_manager", 2000, own=500)
        asking, deciding = self._manager("asking"), self._manager("deciding")
        lines = self.env["credit.limit"]
        for user, amount in ((asking, 1500.0), (asking, 2000.0), (deciding, 600.0)):
            lines += self.env["credit.limit"].with_user(user)._request(
                self._profile(self._customer(f"{amount}")), {"kind": "base", "amount": amount, "reason": "Grew"})
        with self.assertRaisesRegex(UserError, "asked for this yourself"):
            lines.with_user(deciding).action_approve()
        self.assertEqual(set(lines.mapped("state")), {"proposed"})
        Authority = self.registry["credit.authority"]
        with patch.object(Authority, "_most", autospec=True, side_effect=Authority._most) as most:
            lines[:2].with_user(deciding).action_approve()
        self.assertEqual((most.call_count, lines[:2].mapped("state")), (1, ["approved", "approved"]))

    def test_less_credit_needs_no_authority(self):
        self._authority("group_manager", 100, own=0)
        self._grant(5000)
        line = self.env["credit.limit"].with_user(self._manager("careful"))._request(
            self._profile(), {"kind": "base", "amount": 4000.0, "reason": "Careful"})
        self.assertEqual((line.state, self._now()), ("approved", ("amount", 4000)))

    def test_lowering_is_measured_by_the_base_alone(self):
        self._authority("group_manager", 100, own=0)
        day = timedelta(days=1)
        self._grant(5000, cap=8000, date_from=self.today - day, date_to=self.today + 100 * day)
        self._grant(500000, kind="temporary", date_to=self.today + day)
        self._grant(200000, kind="insured")
        Limit, profile = self.env["credit.limit"].with_user(self._manager("clever")), self._profile()
        until = self.today + 100 * day
        for values, expected in (({"amount": 490000.0, "cap": 490000.0}, False), ({"amount": 5000.0}, False), ({"amount": 5000.0, "cap": 9000.0}, False),
                                 ({"amount": 4000.0, "cap": 8000.0, "date_to": False}, False), ({"amount": 4000.0, "cap": 8000.0, "date_to": until}, True),
                                 ({"kind": "temporary", "meaning": "none", "amount": 0.0}, True), ({"kind": "insured", "amount": 1.0}, False)):
            with self.subTest(values):
                self.assertEqual(Limit._may_decide(profile, {"kind": "base", "date_to": until, **values}), expected)

    def test_the_newest_decision_counts_not_the_newest_request(self):
        with freeze_time("2026-01-01 10:00:00"):
            old = self.env["credit.limit"]._record(self._profile(), {"amount": 7000.0, "reason": "Asked first"}, "proposed")
            self._grant(3000)
        with freeze_time("2026-01-02 10:00:00"):
            old.action_approve()
        self.assertEqual(self._now(), ("amount", 7000))

    def test_a_collector_only_proposes(self):
        collector = new_test_user(self.env(su=True), login="collector", groups="account_credit_collection.group_collector",
                                  company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        line = self.env["credit.limit"].with_user(collector)._request(self._profile(), {"kind": "base", "amount": 10.0, "reason": "Please"})
        self.assertEqual(line.state, "proposed")
        with self.assertRaises(AccessError):
            line.with_user(collector).action_approve()

    def test_a_limit_set_on_the_customer_form_is_a_line_of_the_journal(self):
        self.customer.with_company(self.company).credit_limit = 750
        profile = self._profile()
        self.assertEqual(self._now(), ("amount", 750))
        self.assertRecordValues(profile.limit_ids, [{"source": "partner", "amount": 750}])

    def test_a_customer_form_grants_no_more_than_its_user_may(self):
        self._authority("group_manager", 100, own=100)
        with self.assertRaises(UserError):
            self.customer.with_user(self._manager("small")).with_company(self.company).credit_limit = 750

    def test_limits_that_core_had_before_are_taken_over(self):
        self.env.cr.execute("UPDATE res_partner SET credit_limit = jsonb_build_object(%s, 1234.0) WHERE id = %s",
                            [str(self.company.id), self.customer.id])
        self.customer.invalidate_recordset()
        self.env["credit.limit"]._adopt_existing(self.company)
        self.assertEqual(self._now(), ("amount", 1234))

    def test_merged_customers_keep_the_limit_of_the_one_that_stays(self):
        other = self._customer("Eastwind")
        self._grant(1000)
        self._grant(9000, partner=other)
        self.env["base.partner.merge.automatic.wizard"].sudo()._merge((self.customer | other).ids, self.customer)
        self.assertEqual(self._now(), ("amount", 1000))
        self.assertEqual(len(self._profile().limit_ids.filtered(lambda line: line.amount == 9000)), 1, "the history is kept")

    def test_a_review_is_asked_for_once_before_a_limit_ends(self):
        self._grant(1000, date_to=self.today + timedelta(days=20))
        profile = self._profile()
        for _night in range(2):
            profile._refresh(self.company, self.today)
        kind = self.env.ref("account_credit_collection.mail_activity_collection_review")
        self.assertEqual(len(profile.activity_ids.filtered(lambda activity: activity.activity_type_id == kind)), 1)

    # ------------------------------------------------------------------ given

    def _authority(self, group, amount, own):
        self.env["credit.authority"].sudo().search([("company_id", "=", self.company.id)]).unlink()
        self.env["credit.authority"].sudo().create({
            "company_id": self.company.id, "group_id": self.env.ref(f"account_credit_collection.{group}").id,
            "amount": amount, "own_amount": own})

    def _manager(self, login):
        return new_test_user(self.env(su=True), login=login, groups="account_credit_collection.group_manager",
                             company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
