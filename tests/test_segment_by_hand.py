from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .segment import SegmentCommon


@tagged("post_install", "-at_install")
class TestSegmentByHand(SegmentCommon):
    """What persons may do with segments."""

    def test_a_segment_chosen_by_hand_stays_until_it_is_taken_away(self):
        found, wanted = self._segment("Found", 10), self._segment("Wanted", 20)
        self._invoice(-10)
        profile = self._profile()
        self._settle_definitions()
        profile.segment_id = wanted
        self.assertTrue(profile.segment_locked)
        self.assertEqual(profile.segment_reason, "Chosen by hand; it stays until somebody takes it away")
        self.assertEqual(profile.segment_move_ids[:1].reason, f"Chosen by {self.env.user.name}")
        self.assertEqual(self._sort(40), 0)
        self.assertEqual(profile.segment_id, wanted)
        profile.segment_id = False
        self.assertFalse(profile.segment_locked)
        self.assertEqual(self._sort(41), 1)
        self.assertEqual(profile.segment_id, found)

    def test_nobody_is_put_into_a_draft(self):
        draft = self._segment("Draft", draft=True)
        with self.assertRaisesRegex(ValidationError, "“Draft” is a draft"):
            self._profile().segment_id = draft

    def test_a_collector_may_not_choose_and_nobody_writes_the_journal_or_the_figures(self):
        segment = self._segment("Any")
        user = self.env["res.users"].sudo().with_context(no_reset_password=True).create({
            "name": "Collector", "login": "segment.collector", "company_id": self.company.id, "company_ids": [Command.set(self.company.ids)],
            "group_ids": [Command.set(self.env.ref("account_credit_collection.group_collector").ids)]})
        profile = self._profile()
        for values in ({"segment_id": segment.id}, {"segment_locked": True}, {"size_class": "a"}):
            with self.assertRaises(AccessError):
                profile.with_user(user).write(values)
        for values in ({"size_class": "a"}, {"segment_since": self.today}, {"collector_by_segment": True}, {"segment_reasons": []}):
            with self.assertRaises(AccessError):
                profile.write(values)
        with self.assertRaises(AccessError):
            self.env["credit.segment.move"].create({"profile_id": profile.id, "company_id": self.company.id, "day": self.today})
        with self.assertRaises(AccessError):
            segment.with_user(user).action_sort()
        with self.assertRaises(AccessError):
            segment.with_user(user).action_arm()
        with self.assertRaises(AccessError):
            segment.with_user(user).read(["preview"])

    def test_a_segment_with_a_history_is_archived_not_deleted(self):
        segment = self._segment("Any")
        self._invoice(-10)
        self._sort()
        with self.assertRaisesRegex(UserError, "archive it"):
            segment.unlink()
        self._segment("Unused", draft=True).unlink()

    def test_ranges_that_nobody_fits_are_refused(self):
        for values in ({"grade_from": 4, "grade_to": 2}, {"billing_from": 100, "billing_to": 100}, {"days_from": 5, "days_to": 4}):
            with self.assertRaises(ValidationError):
                self._segment("Never", **values)

    def test_a_segment_that_is_never_reached_says_so(self):
        self._segment("Late ones", 10, payer_chronic=True, payer_occasional=True)
        never = self._segment("Chronic and large", 20, payer_chronic=True, size_a=True)
        self.assertIn("“Late ones” comes before", never.warning)
        never.payer_prompt = True
        self.assertFalse(never.warning)

    def test_a_ladder_beyond_ones_authority_is_not_given_to_a_segment(self):
        ladder = self.env["credit.ladder"].create({"name": "High", "company_id": self.company.id, "stage_ids": [
            Command.create({"name": "Top", "amount": 9000})]})
        self.env["credit.authority"].sudo().create({"company_id": self.company.id, "user_id": self.env.user.id, "amount": 8000})
        with self.assertRaisesRegex(UserError, "beyond what you may approve"):
            self._segment("Any", ladder_id=ladder.id)

    def test_criteria_in_words(self):
        segment = self._segment("Any", size_a=True, size_b=True, payer_chronic=True, grade_from=4, billing_from=1000, days_to=30)
        self.assertEqual(segment.criteria, "Size A, B · Payer: Chronically late · Payer grade 4–5 · "
                         f"At least {self.company.currency_id.format(1000)} billed in 12 months · Less than 30.0 days late on average")
        self.assertEqual(self._segment("Rest").criteria, "Everybody whom no segment above takes")

    def test_sorting_now_takes_all_companies_one_works_with(self):
        other = self.env["res.company"].sudo().create({"name": "Second Seller"})
        self.env["credit.segment"].sudo().search([("company_id", "=", other.id)]).action_archive()
        segments = self._segment("Here") | self.env["credit.segment"].sudo().create({"name": "There", "company_id": other.id, "is_draft": False})
        profiles = self._profile() | self.env["credit.profile"].sudo()._ensure(other, self.customer)
        self.env.user.sudo().company_ids |= other
        self.Segment.with_context(allowed_company_ids=[self.company.id, other.id]).action_sort()
        self.assertEqual(profiles.sudo().mapped("segment_id"), segments)

    def test_a_new_company_does_not_get_what_another_one_made_of_the_shipped_segments(self):
        names = ("key", "new", "small", "chronic")
        key, new, small, chronic = (self.env.ref(f"account_credit_collection.credit_segment_{name}").sudo() for name in names)
        key.write({"country_ids": [Command.set(self.env.ref("base.ch").ids)], "forward_factor": 2})
        new.category_ids = self.env["res.partner.category"].create({"name": "Export"})
        small.is_draft = True
        chronic.action_archive()
        company = self.env["res.company"].sudo().create({"name": "Second Seller"})
        found = self.env["credit.segment"].sudo().with_context(active_test=False).search([("company_id", "=", company.id)])
        self.assertEqual([(one.name, one.active, one.is_draft) for one in found], [
            ("Key accounts", True, True), ("New", True, True), ("Small", True, True), ("Chronically late", False, False),
            ("Often late", True, False), ("Good payers", True, False)])
        self.assertFalse(found.country_ids or found.category_ids)
        self.assertEqual(set(found.mapped("forward_factor")), {1.0})

    def test_a_new_company_has_the_shipped_segments_and_they_give_nothing(self):
        company = self.env["res.company"].sudo().create({"name": "Second Seller"})
        found = self.env["credit.segment"].sudo().search([("company_id", "=", company.id)])
        self.assertEqual(found.mapped("name"), ["Key accounts", "New", "Small", "Chronically late", "Often late", "Good payers"])
        self.assertFalse(found.filtered(lambda one: one.is_draft or one.policy_id or one.ladder_id or one.charge_rule_id
                                        or one.collector_id or one.automation_share or one.warning))
