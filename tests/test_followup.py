from datetime import timedelta

from odoo.tests import tagged

from .common import CollectionCommon


@tagged("post_install", "-at_install")
class TestFollowup(CollectionCommon):
    """The run decides, records and explains."""

    def test_an_overdue_invoice_gets_one_reminder_about_all_that_is_overdue(self):
        late, later = self._invoice(10, 100), self._invoice(3, 50)
        self._invoice(-20, 70)
        run = self._run()
        action = run.action_ids
        self.assertEqual(len(action), 1)
        self.assertEqual(action.level_id.offset_days, 1)
        self.assertEqual(action.line_ids.item_id, self._item(late) | self._item(later))
        self.assertEqual(action.amount, 150)
        self.assertEqual(action.state, "ready")
        self.assertIn(late.name, action.planned_text)

    def test_running_twice_on_a_day_plans_nothing_twice(self):
        self._invoice(10)
        first, second = self._run(), self._run()
        self.assertEqual((len(first.action_ids), len(second.action_ids)), (1, 0))
        self.assertEqual(self._why(), "in_flight")

    def test_the_levels_are_climbed_one_by_one_with_the_gap_between(self):
        self._invoice(0, 100)
        climbed = []
        for day in range(1, 40):
            climbed += [(day, offset) for offset in self._levels(self._sent(self._run(day)))]
        self.assertEqual(climbed, [(1, 1), (8, 8), (20, 20)])

    def test_a_long_overdue_invoice_enters_at_the_first_level_or_at_the_one_that_fits(self):
        self._invoice(30)
        self.assertEqual(self._levels(self._run()), [1])
        other = self._customer("Fit")
        self._profile(other).policy_id = self._policy("Fit", [(1, {}), (8, {}), (20, {})], catch_up="fit")
        self._invoice(30, partner=other)
        run = self._run()
        self.assertEqual(run.action_ids.level_id.offset_days, 20)

    def test_who_gets_nothing_gets_a_reason(self):
        paused, excluded, early = self._customer("Paused"), self._customer("Excluded"), self._customer("Early")
        for partner in (paused, excluded):
            self._invoice(10, partner=partner)
        self._invoice(-30, partner=early)
        self._profile(paused).write({"paused_until": self.today + timedelta(days=3), "pause_reason": "fair"})
        self._profile(excluded).excluded = True
        run = self._run()
        self.assertFalse(run.action_ids)
        self.assertEqual([self._why(p) for p in (paused, excluded, early)], ["paused", "excluded", "nothing_due"])
        self.assertEqual(sum(run.count_ids.mapped("count")), 3)
        self.assertIn(str((self.today + timedelta(days=3)).year), self._profile(paused).reason)
