from datetime import timedelta

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools.misc import format_date

from .segment import SegmentCommon


@tagged("post_install", "-at_install")
class TestSegmentSorting(SegmentCommon):
    """Who comes into which segment, and when."""

    def _biller(self, name, amount, **values):
        partner = self._customer(name)
        self._invoice(-10, amount, partner, **values)
        return self._profile(partner)

    def test_size_is_by_what_was_billed_in_twelve_months_less_credit_notes(self):
        large, middle, small = self._biller("Large", 8000), self._biller("Middle", 1700), self._biller("Little", 500)
        self._invoice(-10, 200, middle.partner_id, move_type="out_refund")
        self._sort()
        # 8,000 + 1,500 + 500: Large stands at 0 %, Middle at 80 %, Little at 95 %
        self.assertEqual((large | middle | small).mapped("billing_12m"), [8000, 1500, 500])
        self.assertEqual((large | middle | small).mapped("size_class"), ["a", "b", "c"])

    def test_what_was_billed_longer_ago_does_not_count(self):
        old = self._customer("Old")
        self._invoice(400, 900, old)  # billed 430 days ago
        self._sort()
        self.assertEqual((self._profile(old).billing_12m, self._profile(old).size_class), (0, "c"))

    def test_the_grade_is_the_average_of_lateness_promises_and_silence(self):
        paid = self._invoice(20, 100)
        self._pay(paid, on=self._due(0))  # paid today, 20 days late
        self._profile()._refresh(self.company, self.today)
        self._sort()
        # 20 days late on average: 4; all of the value late: 5; nothing overdue → 4.5, half counts as the worse
        self.assertEqual(self._profile().payer_grade, 5)
        on_time = self._customer("Punctual")
        self._pay(self._invoice(5, 100, on_time), on=self._due(5))
        self._profile(on_time)._refresh(self.company, self.today)
        self._sort()
        self.assertEqual(self._profile(on_time).payer_grade, 1)

    def test_who_never_paid_and_owes_nothing_late_has_no_grade(self):
        self._invoice(-10)
        self._sort()
        self.assertEqual(self._profile().payer_grade, 0)

    def test_a_new_customer_comes_into_its_segment_in_the_first_night_with_the_reason(self):
        new = self._segment("New", payer_new=True)
        self._invoice(-10)
        self.assertEqual(self._sort(), 1)
        profile = self._profile()
        self.assertEqual((profile.segment_id, profile.segment_since), (new, self.today))
        self.assertEqual(profile.segment_reason, "Payer: New")
        self.assertEqual(profile.segment_text, f"In “New” since {format_date(self.env, self.today)}")
        move = profile.segment_move_ids
        self.assertEqual((move.from_id, move.to_id, move.day, move.reason), (self.Segment, new, self.today, "Payer: New"))

    def test_the_first_segment_that_fits_takes_the_customer(self):
        first, second = self._segment("First", 10, size_a=True), self._segment("Second", 20)
        self._invoice(-10, 500)
        self._sort()
        self.assertEqual(self._profile().segment_id, first)
        first.sequence = 30
        self._sort()
        self.assertEqual(self._profile().segment_id, second)
        self.assertEqual(self._profile().segment_reason, "Fits no segment before it")

    def test_a_customer_moves_when_the_other_segment_fitted_for_thirty_days(self):
        prompt, late = self._segment("Prompt", payer_new=True), self._segment("Late", payer_chronic=True)
        self._invoice(-10)
        profile = self._profile()
        self._settle_definitions()
        self._figures(profile, behaviour_class="chronic")
        self.assertEqual(self._sort(1), 0)
        self.assertEqual((profile.segment_id, profile.segment_next_id, profile.segment_next_since), (prompt, late, self.today + timedelta(days=1)))
        self.assertIn("Fits “Late” since", profile.segment_next_text)
        self.assertEqual(self._sort(30), 0)
        self.assertEqual(self._sort(31), 1)
        self.assertEqual((profile.segment_id, profile.segment_next_id, profile.segment_since), (late, self.Segment, self.today + timedelta(days=31)))
        self.assertEqual(len(profile.segment_move_ids), 2)

    def test_one_day_back_begins_the_waiting_time_anew(self):
        self._segment("Prompt", payer_new=True)
        self._segment("Late", payer_chronic=True)
        self._invoice(-10)
        profile = self._profile()
        self._settle_definitions()
        for day, payer in ((1, "chronic"), (20, "new"), (21, "chronic"), (40, "chronic")):
            self._figures(profile, behaviour_class=payer)
            self.assertEqual(self._sort(day), 0)
        self.assertEqual(profile.segment_next_since, self.today + timedelta(days=21))

    def test_who_is_moved_by_a_new_definition_does_not_wait(self):
        everybody = self._segment("Everybody", 50)
        self._invoice(-10)
        self._settle_definitions()
        draft = self._segment("New ones", 10, draft=True, payer_new=True)
        self.assertEqual(self._sort(1), 0)  # a draft takes nobody
        draft.action_arm()
        self.assertEqual(self._sort(2), 1)
        self.assertEqual(self._profile().segment_id, draft)
        draft.action_disarm()
        self.assertEqual(self._sort(3), 1)
        self.assertEqual(self._profile().segment_id, everybody)

    def test_numbering_anew_by_drag_and_drop_takes_no_waiting_time_away(self):
        prompt, late, rest = self._segment("Prompt", 10, payer_new=True), self._segment("Late", 20, payer_chronic=True), self._segment("Rest", 30)
        self._invoice(-10)
        self._settle_definitions()
        draft = self._segment("Draft", 40, draft=True)
        self.env["credit.segment"].concat(prompt, draft, late, rest).web_resequence({}, "sequence", 100)  # the draft was dragged
        self._figures(self._profile(), behaviour_class="chronic")
        self.assertEqual(self._sort(1), 0)
        self.assertEqual(self._profile().segment_next_id, late)
        self.env["credit.segment"].concat(late, prompt, draft, rest).web_resequence({}, "sequence", 10)
        self.assertEqual(self._sort(2), 1)  # those in force stand in another order
        self.assertEqual(self._profile().segment_id, late)

    def test_a_place_changed_among_others_takes_no_waiting_time_away(self):
        prompt, late = self._segment("Prompt", 10, payer_new=True), self._segment("Late", 20, payer_chronic=True)
        third, fourth = self._segment("Third", 30, payer_prompt=True), self._segment("Fourth", 40, payer_occasional=True)
        self._invoice(-10)
        self._settle_definitions()
        self.env["credit.segment"].concat(prompt, late, fourth, third).web_resequence({}, "sequence", 0)
        self._figures(self._profile(), behaviour_class="chronic")
        self.assertEqual(self._sort(1), 0)
        self._figures(self._profile(), behaviour_class="occasional")
        third.sequence = 0
        self.assertEqual(self._sort(2), 1)

    def test_the_archived_are_not_asked_whatever_the_context_says(self):
        self._segment("Old", 1).action_archive()
        segments = self.env["credit.segment"].with_context(active_test=False)._in_force(self.company)
        self.assertFalse(segments.filtered(lambda one: not one.active))

    def test_customers_of_an_archived_segment_leave_it_and_no_segment_is_one_too(self):
        only = self._segment("Only")
        self._invoice(-10)
        self._settle_definitions()
        only.action_archive()
        self.assertEqual(self._sort(1), 1)
        profile = self._profile()
        self.assertFalse(profile.segment_id)
        self.assertEqual(profile.segment_move_ids[:1].reason, "Fits no segment any more")

    def test_a_second_night_on_the_same_day_writes_nothing(self):
        self._segment("Only")
        self._invoice(-10)
        self._settle_definitions()
        moves = self.env["credit.segment.move"].search_count([("company_id", "=", self.company.id)])
        written = []
        self.patch(type(self.env["credit.profile"]), "_write_sorted", lambda profiles, writes: written.extend(writes))
        self.assertEqual(self._sort(), 0)
        self.assertEqual(written, [])
        self.assertEqual(self.env["credit.segment.move"].search_count([("company_id", "=", self.company.id)]), moves)

    def test_country_tag_and_risk_class_are_asked(self):
        tag = self.env["res.partner.category"].create({"name": "Export"})
        tagged_one = self._segment("Tagged", 10, category_ids=[Command.set(tag.ids)])
        swiss = self._segment("Swiss", 20, country_ids=[Command.set(self.env.ref("base.ch").ids)])
        card = self.env["credit.scorecard"].search([], limit=1)
        risky = self._segment("Risky", 30, risk_class_ids=[Command.set(card.class_ids[-1:].ids)])
        one, two = self._customer("One", category_id=[Command.set(tag.ids)]), self._customer("Two", country_id=self.env.ref("base.ch").id)
        three = self._customer("Three")
        for partner in (one, two, three):
            self._invoice(-10, partner=partner)
        self._figures(self._profile(three), risk_class=card.class_ids[-1].name)
        self._sort()
        self.assertEqual([self._profile(partner).segment_id for partner in (one, two, three)], [tagged_one, swiss, risky])

    def test_sorting_takes_the_same_number_of_queries_for_few_and_for_many(self):
        self._segment("Small", 10, size_c=True)
        self._segment("Rest", 20)

        def night():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._sort()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before
        self._invoice(-10)
        night()
        partners = [self._customer(f"Few {number}") for number in range(3)]
        self.env["credit.profile"]._ensure(self.company, self.env["res.partner"].concat(*partners))
        few = night()
        partners = [self._customer(f"Many {number}") for number in range(60)]
        self.env["credit.profile"]._ensure(self.company, self.env["res.partner"].concat(*partners))
        self.assertEqual(night(), few)

    def test_a_failed_sorting_is_reported_and_stops_nothing(self):
        self.patch(type(self.env["credit.profile"]), "_sort_customers", lambda *args: 1 / 0)
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **values: 1000.0)
        self.assertEqual(self.env["credit.profile"].sudo()._refresh_company(self.company), [f"segments {self.company.id}"])

    def test_the_night_sorts_after_the_figures(self):
        late = self._segment("Late", payer_chronic=True)
        self._invoice(60)
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **values: 1000.0)
        self.assertEqual(self.env["credit.profile"].sudo()._refresh_company(self.company), [])
        self.assertEqual(self._profile().segment_id, late)
