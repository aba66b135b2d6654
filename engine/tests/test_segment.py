"""Segments: sizes, grades, first match and waiting time (F-19), by hand."""
import unittest
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from engine.segment import Facts, Rule, Standing, covers, left_to_automation, match, settle
from engine.sizing import Figures, SizeRule, grade, sizes

TODAY = date(2026, 3, 2)
D = Decimal


def ago(days):
    return TODAY - timedelta(days=days)


class TestSizes(unittest.TestCase):

    def test_a_up_to_80_and_b_up_to_95_percent(self):
        # of 1,000: 500 stands at 0 %, 250 at 50, 150 at 75, 60 at 90, 40 at 96
        self.assertEqual(sizes({1: D(500), 2: D(250), 3: D(150), 4: D(60), 5: D(40)}), {1: "a", 2: "a", 3: "a", 4: "b", 5: "c"})

    def test_a_single_large_customer_is_an_a(self):
        self.assertEqual(sizes({1: D(990), 2: D(10)}), {1: "a", 2: "c"})

    def test_who_stands_on_the_boundary_is_past_it(self):
        # 80 stands at 0, 15 at 80, 5 at 95
        self.assertEqual(sizes({1: D(80), 2: D(15), 3: D(5)}), {1: "a", 2: "b", 3: "c"})

    def test_nothing_billed_or_more_credited_is_c(self):
        self.assertEqual(sizes({1: D(10), 2: D(0), 3: D(-5)}), {1: "a", 2: "c", 3: "c"})
        self.assertEqual(sizes({}), {})
        self.assertEqual(sizes({1: D(0)}), {1: "c"})

    def test_equal_amounts_have_equal_sizes(self):
        self.assertEqual(set(sizes({key: D(100) for key in range(20)}).values()), {"a"})

    def test_who_has_a_size_keeps_it_within_the_tolerance(self):
        billing = {1: D(81), 2: D(15), 3: D(4)}  # 2 stands at 81 %, 3 at 96 %
        self.assertEqual(sizes(billing, known={2: "a", 3: "b"}), {1: "a", 2: "a", 3: "b"})
        self.assertEqual(sizes(billing, SizeRule(tolerance=D("0.5")), {2: "a", 3: "b"}), {1: "a", 2: "b", 3: "c"})

    def test_rising_needs_the_tolerance_too(self):
        billing = {1: D(79), 2: D(21)}  # 2 stands at 79 %
        self.assertEqual(sizes(billing)[2], "a")
        self.assertEqual(sizes(billing, known={2: "b"})[2], "b")
        self.assertEqual(sizes({1: D(77), 2: D(23)}, known={2: "b"})[2], "a")

    def test_a_fall_beyond_the_next_class_is_a_fall_to_where_the_tolerance_leads(self):
        self.assertEqual(sizes({1: D(96), 2: D(4)}, known={2: "a"})[2], "b")  # at 96 %: past 82, not past 97
        self.assertEqual(sizes({1: D(98), 2: D(2)}, known={2: "a"})[2], "c")

    @given(st.dictionaries(st.integers(1, 30), st.decimals(0, 1000, places=2), max_size=12), st.randoms())
    def test_the_order_of_customers_does_not_matter(self, billing, random):
        shuffled = list(billing.items())
        random.shuffle(shuffled)
        self.assertEqual(sizes(billing), sizes(dict(shuffled)))

    @given(st.dictionaries(st.integers(1, 30), st.decimals(1, 1000, places=2), min_size=1, max_size=12))
    def test_the_a_customers_bring_at_least_80_percent(self, billing):
        found = sizes(billing)
        self.assertGreaterEqual(100 * sum(amount for key, amount in billing.items() if found[key] == "a"), 80 * sum(billing.values()))


class TestGrade(unittest.TestCase):

    def test_the_best_and_the_worst(self):
        self.assertEqual(grade(Figures(D(0), D(0), D(0), None)), 1)
        self.assertEqual(grade(Figures(D(90), D(100), D(100), 200)), 5)

    def test_nothing_to_judge_by(self):
        self.assertEqual(grade(Figures()), 0)
        self.assertEqual(grade(Figures(broken=D(100), silent=100)), 0)

    def test_the_average_of_what_is_known(self):
        # 8 days: 3; 30 % late: 3; 20 % of promises broken: 3; silent 91 days: 5 → 14 / 4 = 3.5 → 4, the worse
        self.assertEqual(grade(Figures(D(8), D(30), D(20), 91)), 4)
        # 7 days: 2; 5 %: 1 → 1.5 → 2
        self.assertEqual(grade(Figures(D(7), D(5))), 2)
        # 1 day: 1; 5 %: 1; one promise in ten not kept: 2 → 4 / 3 → 1
        self.assertEqual(grade(Figures(D(1), D(5), D(10))), 1)


class TestMatch(unittest.TestCase):
    RULES = (Rule(1, sizes=frozenset("a")), Rule(2, payers=frozenset({"chronic"}), billing=(D(100), D(1000))),
             Rule(3, grades=(2, 3)), Rule(4, days=(D(10), D(0))), Rule(5, countries=frozenset({7})), Rule(6, tags=frozenset({1, 2})),
             Rule(7, risks=frozenset("D")))

    def found(self, **facts):
        rule, met = match(Facts(**facts), self.RULES)
        return rule and rule.key, met

    def test_the_first_that_fits_with_what_it_asked(self):
        self.assertEqual(self.found(size="a", payer="chronic", billing=D(500)), (1, ["sizes"]))
        self.assertEqual(self.found(size="b", payer="chronic", billing=D(500)), (2, ["payers", "billing"]))

    def test_ranges_begin_with_their_first_figure_and_end_below_the_second(self):
        self.assertEqual(self.found(payer="chronic", billing=D(100))[0], 2)
        self.assertIsNone(self.found(payer="chronic", billing=D("99.99"))[0])
        self.assertIsNone(self.found(payer="chronic", billing=D(1000))[0])
        self.assertEqual(self.found(days=D(10))[0], 4)
        self.assertIsNone(self.found(days=D("9.99"))[0])

    def test_grades_include_both_ends_and_need_a_grade(self):
        self.assertEqual([self.found(grade=value)[0] for value in range(6)], [None, None, 3, 3, None, None])
        self.assertIsNone(match(Facts(grade=0), [Rule(1, grades=(0, 5))])[0])
        self.assertEqual(match(Facts(grade=5), [Rule(1, grades=(4, 0))])[0].key, 1)

    def test_country_tags_and_risk(self):
        self.assertEqual([self.found(country=7)[0], self.found(tags=frozenset({2, 9}))[0], self.found(risk="D")[0]], [5, 6, 7])

    def test_nobody_fits_and_everybody_fits(self):
        self.assertEqual(self.found(), (None, []))
        rule, met = match(Facts(), [Rule(8)])
        self.assertEqual((rule.key, met), (8, []))


class TestCovers(unittest.TestCase):

    def test_an_earlier_one_that_takes_all(self):
        late = Rule(2, payers=frozenset({"chronic"}), billing=(D(100), D(200)), grades=(4, 5))
        for earlier in (Rule(1), Rule(1, payers=frozenset({"chronic", "new"})), Rule(1, billing=(D(100), D(0))), Rule(1, grades=(3, 0)),
                        Rule(1, payers=frozenset({"chronic"}), billing=(D(50), D(200)), grades=(4, 5))):
            self.assertTrue(covers(earlier, late), earlier)
        for earlier in (Rule(1, payers=frozenset({"new"})), Rule(1, billing=(D(101), D(0))), Rule(1, billing=(D(0), D(199))),
                        Rule(1, grades=(5, 5)), Rule(1, countries=frozenset({1}))):
            self.assertFalse(covers(earlier, late), earlier)
        self.assertFalse(covers(Rule(1, grades=(1, 5)), Rule(2)))  # who has no grade yet is left

    @given(st.data())
    def test_whoever_fits_the_later_one_fits_what_covers_it(self, data):
        some = st.frozensets(st.sampled_from("abc"), max_size=2)
        span = st.tuples(st.integers(0, 3).map(D), st.integers(0, 4).map(D))
        rule = st.tuples(some, st.tuples(st.integers(0, 5), st.integers(0, 5)), span).map(
            lambda drawn: Rule(1, sizes=drawn[0], grades=drawn[1], billing=drawn[2]))
        first, second = data.draw(rule), data.draw(rule)
        facts = Facts(data.draw(st.sampled_from("abc")), grade=data.draw(st.integers(0, 5)), billing=D(data.draw(st.integers(0, 5))))
        if covers(first, second) and match(facts, [second])[0]:
            self.assertTrue(match(facts, [first])[0])


class TestSettle(unittest.TestCase):

    def test_a_new_customer_enters_at_once(self):
        self.assertEqual(settle(Standing(), 1, TODAY, 30), Standing(1, TODAY))

    def test_another_segment_has_to_fit_for_the_waiting_time(self):
        first = settle(Standing(1, ago(100)), 2, TODAY, 30)
        self.assertEqual(first, Standing(1, ago(100), 2, TODAY))
        self.assertEqual(settle(first, 2, TODAY + timedelta(days=29), 30), first)
        self.assertEqual(settle(first, 2, TODAY + timedelta(days=30), 30), Standing(2, TODAY + timedelta(days=30)))

    def test_a_day_back_begins_the_time_anew(self):
        waiting = Standing(1, ago(100), 2, ago(29))
        back = settle(waiting, 1, TODAY, 30)
        self.assertEqual(back, Standing(1, ago(100)))
        self.assertEqual(settle(back, 2, TODAY, 30).next_since, TODAY)

    def test_a_third_segment_begins_the_time_anew(self):
        self.assertEqual(settle(Standing(1, ago(100), 2, ago(29)), 3, TODAY, 30), Standing(1, ago(100), 3, TODAY))

    def test_leaving_for_no_segment_waits_as_well(self):
        waiting = settle(Standing(1, ago(100)), None, TODAY, 30)
        self.assertEqual(waiting, Standing(1, ago(100), None, TODAY))
        self.assertEqual(settle(waiting, None, TODAY + timedelta(days=30), 30).segment, None)

    def test_what_a_person_redefined_does_not_wait(self):
        self.assertEqual(settle(Standing(1, ago(100), 2, ago(1)), 2, TODAY, 30, at_once=True), Standing(2, TODAY))

    def test_without_a_waiting_time_the_customer_moves_on_the_day(self):
        self.assertEqual(settle(Standing(1, ago(5)), 2, TODAY, 0), Standing(2, TODAY))


class TestAutomation(unittest.TestCase):

    def test_nobody_and_everybody(self):
        self.assertFalse(any(left_to_automation(key, 0) for key in range(500)))
        self.assertTrue(all(left_to_automation(key, 100) for key in range(500)))

    def test_about_the_share_and_always_the_same(self):
        chosen = [key for key in range(10000) if left_to_automation(key, 30)]
        self.assertEqual(chosen, [key for key in range(10000) if left_to_automation(key, 30)])
        self.assertTrue(2800 <= len(chosen) <= 3200, len(chosen))  # 3,000, give or take four standard deviations

    @given(st.integers(1, 10**9), st.integers(0, 100), st.integers(0, 100))
    def test_a_larger_share_keeps_those_of_the_smaller_one(self, key, one, two):
        if left_to_automation(key, min(one, two)):
            self.assertTrue(left_to_automation(key, max(one, two)))
