from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .segment import SegmentCommon


@tagged("post_install", "-at_install")
class TestSegmentGifts(SegmentCommon):
    """What a segment gives holds where the customer has nothing of its own."""

    def setUp(self):
        super().setUp()
        self._invoice(10)
        self.profile = self._profile()

    def _in(self, **gifts):
        segment = self._segment("Giver", **gifts)
        self._sort()
        self.assertEqual(self.profile.segment_id, segment)
        return segment

    def _policy_in_force(self):
        found = self.env["collection.policy"]._in_force(self.company, self.profile, self.today)
        return found[self.customer.id].record

    def test_the_own_policy_comes_before_the_segments_before_the_companys(self):
        given, own = self._policy("Given", [(2, {})]), self._policy("Own", [(3, {})])
        self.assertEqual(self._policy_in_force(), self.policy)
        segment = self._in(policy_id=given.id)
        self.assertEqual(self._policy_in_force(), given)
        self.assertEqual(self.profile.policy_source, "“Given”, from segment “Giver”")
        given.active = False
        self.assertEqual(self._policy_in_force(), self.policy)
        self.assertIn("“Given” is archived", segment.warning)
        given.active = True
        self.profile.policy_id = own
        self.assertEqual(self._policy_in_force(), own)
        self.assertFalse(self.profile.policy_source)

    def test_a_policy_counts_the_customers_it_applies_to_through_segments(self):
        given = self._policy("Given", [(2, {})])
        other = self._profile(self._customer("Other"))
        self.profile.partner_id.country_id = self.env.ref("base.ch")
        self._in(policy_id=given.id, country_ids=[Command.set(self.env.ref("base.ch").ids)])
        Profile = self.env["credit.profile"]
        self.assertEqual(Profile.search(given._profile_domain()), self.profile)
        self.assertEqual(Profile.search(self.policy._profile_domain()), other)
        given.active = False
        self.assertEqual(Profile.search(self.policy._profile_domain()), self.profile | other)

    def test_a_run_follows_the_policy_of_the_segment(self):
        self._in(policy_id=self._policy("Given", [(9, {})]).id)
        self.assertEqual(self._levels(self._run()), [9])

    def test_the_charge_rule_of_the_segment_where_it_is_meant_for_the_customer(self):
        rules = self.env["collection.charge.rule"].create([
            {"name": kind, "company_id": self.company.id, "customer_kind": kind, "percent": 5} for kind in ("any", "consumer", "business")])
        self.company.collection_charge_rule_id = rules[2]
        segment = self._in(charge_rule_id=rules[0].id)
        self.assertEqual(self.profile._charge_rules(), {self.profile: rules[0]})
        segment.charge_rule_id = rules[1]  # the customer is a business
        self.assertEqual(self.profile._charge_rules(), {self.profile: rules[2]})
        segment.charge_rule_id = rules[0]
        self.profile.charge_rule_id = rules[2]
        self.assertEqual(self.profile._charge_rules(), {self.profile: rules[2]})

    def test_the_collector_of_the_segment_comes_and_goes_with_it(self):
        one, two = self._collectors()
        segment = self._in(collector_id=one.id)
        self.assertEqual(self.profile.collector_id, one)
        self.assertEqual(self.profile.collector_source, "The collector comes from segment “Giver”. One chosen here is the customer's own and stays.")
        segment.collector_id = two
        self._sort(1)
        self.assertEqual(self.profile.collector_id, two)
        segment.collector_id = False
        self._sort(2)
        self.assertFalse(self.profile.collector_id)

    def test_a_collector_chosen_by_a_person_stays(self):
        one, two = self._collectors()
        self.profile.collector_id = two
        segment = self._in(collector_id=one.id)
        self.assertEqual((self.profile.collector_id, self.profile.collector_source), (two, False))
        self.profile.collector_id = False
        self.assertEqual(self.profile.collector_source, "In the coming night the segment gives the collector one: choose another one, or another segment, "
                         "if that does not fit.")
        self._sort(1)
        self.assertEqual(self.profile.collector_id, one)
        self.profile.collector_id = two
        segment.collector_id = False
        self._sort(2)
        self.assertEqual(self.profile.collector_id, two)

    def test_the_ladder_of_the_segment_comes_and_goes_with_it(self):
        ladder, own = self._ladder("Given"), self._ladder("Own")
        segment = self._in(ladder_id=ladder.id)
        self.assertEqual((self.profile.ladder_id, self.profile.stage_id), (ladder, ladder.stage_ids[0]))
        self.assertEqual(self.profile.ladder_source, "The ladder comes from segment “Giver”. One chosen here is the customer's own and stays.")
        segment.ladder_id = False
        self._sort(1)
        self.assertFalse(self.profile.ladder_id or self.profile.stage_id)
        self.profile.ladder_id = own
        segment.ladder_id = ladder
        self._sort(2)
        self.assertEqual((self.profile.ladder_id, self.profile.ladder_source), (own, False))

    def test_the_given_collector_or_ladder_chosen_once_more_is_the_customers_own(self):
        one, _two = self._collectors()
        ladder = self._ladder("Given")
        segment = self._in(collector_id=one.id, ladder_id=ladder.id)
        self.profile.write({"collector_id": one.id, "ladder_id": ladder.id})
        self.assertFalse(self.profile.collector_source or self.profile.ladder_source)
        segment.write({"collector_id": False, "ladder_id": False})
        self._sort(1)
        self.assertEqual((self.profile.collector_id, self.profile.ladder_id), (one, ladder))

    def test_an_emptied_ladder_says_that_the_segment_gives_it_again(self):
        self._in(ladder_id=self._ladder("Given").id)
        self.profile.ladder_id = False
        self.assertEqual(self.profile.ladder_source, "In the coming night the segment gives the ladder “Given”: choose another one, or another segment, "
                         "if it does not fit.")

    def test_a_segment_that_is_a_draft_again_gives_nothing_and_the_choice_by_hand_ends_with_it(self):
        given, (one, _two) = self._policy("Given", [(2, {})]), self._collectors()
        rule = self.env["collection.charge.rule"].create({"name": "Given", "company_id": self.company.id, "customer_kind": "any", "percent": 5})
        ladder, rest = self._ladder("Given"), self._segment("Rest", 50)
        chosen = self._segment("Chosen", 90, policy_id=given.id, collector_id=one.id, charge_rule_id=rule.id, ladder_id=ladder.id, automation_share=100)
        self._settle_definitions()
        self.profile.segment_id = chosen
        self._sort()
        self.assertEqual((self._policy_in_force(), self.profile.collector_id, self.profile.ladder_id), (given, one, ladder))
        for end, again in ((chosen.action_disarm, chosen.action_arm), (chosen.action_archive, chosen.action_unarchive)):
            end()
            self.assertEqual((self._policy_in_force(), self.profile._charge_rules(), self.profile.left_to_automation),
                             (self.policy, {}, False))  # at once
            self.assertEqual(self.env["credit.profile"].search_count([("id", "=", self.profile.id), *given._profile_domain()]), 0)
            self.assertEqual(self.env["credit.profile"].search(self.policy._profile_domain()), self.profile)
            self._sort(1)
            self.assertEqual((self.profile.segment_id, self.profile.segment_locked), (rest, False))
            self.assertFalse(self.profile.collector_id or self.profile.ladder_id)
            self.assertEqual(self.profile.segment_move_ids[:1].reason, "Fits no segment before it")
            again()
            self.profile.segment_id = chosen
        self._sort(2)
        self.assertEqual((self.profile.segment_id, self.profile.collector_id), (chosen, one))

    def test_a_collector_or_charge_rule_of_another_company_is_not_given(self):
        one, _two = self._collectors()
        other = self.env["res.company"].sudo().create({"name": "Other Seller"})
        rule = self.env["collection.charge.rule"].sudo().create({"name": "Theirs", "company_id": other.id, "percent": 5})
        segment = self._in(collector_id=one.id)
        with self.assertRaisesRegex(ValidationError, "“Theirs” is not one of"):
            segment.sudo().charge_rule_id = rule
        one.sudo().write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        with self.assertRaisesRegex(ValidationError, "one does not work for"):
            self._segment("Second", 20, collector_id=one.id)
        self._sort(1)
        self.assertFalse(self.profile.collector_id)
        segment.invalidate_recordset()
        self.assertIn("the segment gives no collector", segment.warning)

    def test_ladders_take_the_same_number_of_queries_for_few_and_for_many(self):
        segment = self._in(ladder_id=self._ladder("Given").id)

        def night(number):
            partners = self.env["res.partner"].concat(*(self._customer(f"Customer {number}.{one}") for one in range(number)))
            self.env["credit.profile"]._ensure(self.company, partners)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._sort()
            self.env.flush_all()
            queries = self.env.cr.sql_log_count - before
            self.assertEqual(self.env["credit.profile"].search([("partner_id", "in", partners.ids)]).stage_id, segment.ladder_id.stage_ids[0])
            return queries
        night(2)
        self.assertEqual(night(40), night(3))

    def test_who_is_left_to_automation_is_not_on_the_worklist(self):
        self._invoice(40, 50000)
        segment = self._in(automation_share=0)
        self.profile._refresh(self.company, self.today)
        self.assertTrue(self.profile.work_band)
        self.assertFalse(self.profile.left_to_automation)
        segment.automation_share = 100
        self.profile._refresh(self.company, self.today)
        self.assertTrue(self.profile.left_to_automation)
        self.assertFalse(self.profile.work_band)
        self.profile.sudo().write({"resubmit_kind": "callback", "resubmit_on": self.today})  # an agreed call pins to the top
        self.profile._refresh(self.company, self.today)
        self.assertTrue(self.profile.work_pinned and self.profile.work_band)

    def test_who_moves_into_automation_leaves_the_worklist_in_the_same_night(self):
        self._invoice(40, 50000)
        self._in()
        self.profile._refresh(self.company, self.today)
        self.assertTrue(self.profile.work_band)
        self._segment("Machine", 5, automation_share=100)
        self._sort(1)
        self.assertFalse(self.profile.work_band)

    def test_merged_customers_keep_the_history_of_the_one_that_stays(self):
        other = self._customer("Double")
        self._invoice(10, partner=other)
        self._segment("Giver")
        self._sort()
        self.assertTrue(self._profile(other).segment_move_ids)
        wizard = self.env["base.partner.merge.automatic.wizard"].sudo().create({})
        wizard._merge((self.customer | other).ids, self.customer)
        self.assertEqual(len(self.profile.segment_move_ids), 1)

    def _merge_in(self, other):
        self.env["base.partner.merge.automatic.wizard"].sudo().create({})._merge((self.customer | other).ids, self.customer)
        self.env.invalidate_all()
        return self._profile()

    def test_what_a_person_chose_for_the_other_one_holds_after_a_merge(self):
        one, two = self._collectors()
        given, own, wanted = self._ladder("Given"), self._ladder("Own"), self._segment("Wanted", 90)
        other = self._customer("Double")
        self._in(collector_id=one.id, ladder_id=given.id)
        self._profile(other).write({"collector_id": two.id, "ladder_id": own.id, "segment_id": wanted.id})
        profile = self._merge_in(other)
        self.assertEqual((profile.collector_id, profile.collector_by_segment), (two, False))
        self.assertEqual((profile.ladder_id, profile.ladder_by_segment, profile.stage_id), (own, False, own.stage_ids[0]))
        self.assertEqual((profile.segment_id, profile.segment_locked), (wanted, True))
        self.assertEqual(profile.segment_move_ids[:1].reason, "Chosen by hand for “Double”, which was merged into this customer")
        self._sort(1)
        self.assertEqual((profile.segment_id, profile.collector_id, profile.ladder_id), (wanted, two, own))

    def test_what_a_segment_gave_is_no_choice_in_a_merge(self):
        one, two = self._collectors()
        given = self._ladder("Given")
        swiss = self._customer("Double", country_id=self.env.ref("base.ch").id)
        self._segment("Swiss", 5, collector_id=two.id, ladder_id=given.id, country_ids=[Command.set(self.env.ref("base.ch").ids)])
        self._profile(swiss)
        segment = self._in()  # gives nothing
        self.assertEqual((self._profile(swiss).collector_id, self._profile(swiss).ladder_id), (two, given))
        profile = self._merge_in(swiss)
        self.assertFalse(profile.collector_id)
        segment.collector_id = one
        self._sort(1)
        self.assertEqual((profile.collector_id, profile.collector_by_segment), (one, True))
        segment.collector_id = False
        self._sort(2)
        self.assertFalse(profile.collector_id or profile.ladder_id)

    def test_the_own_choice_of_the_one_that_stays_comes_first_in_a_merge(self):
        one, two = self._collectors()
        mine, theirs, other = self._segment("Mine", 20), self._segment("Theirs", 30), self._customer("Double")
        self.profile.write({"collector_id": one.id, "segment_id": mine.id})
        self._profile(other).write({"collector_id": two.id, "segment_id": theirs.id})
        profile = self._merge_in(other)
        self.assertEqual((profile.collector_id, profile.segment_id), (one, mine))

    # ------------------------------------------------------------------ given

    def _collectors(self):
        return self.env["res.users"].sudo().with_context(no_reset_password=True).create([{
            "name": name, "login": f"{name}.segment", "company_id": self.company.id, "company_ids": [Command.set(self.company.ids)],
            "group_ids": [Command.set(self.env.ref("account_credit_collection.group_collector").ids)]} for name in ("one", "two")])

    def _ladder(self, name):
        return self.env["credit.ladder"].sudo().create({"name": name, "company_id": self.company.id, "stage_ids": [
            Command.create({"name": "First", "amount": 1000}), Command.create({"name": "Second", "amount": 2000})]}).with_user(self.env.user)
