"""Pay runs: when the next one is, when money is expected (F-12), and what payments tell of a habit."""
import random
import unittest
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.followup import BEFORE, confirm
from engine.habit import LEAST, Finding, learn, tail
from engine.ledger import Ahead
from engine.payrun import (
    FORTNIGHTLY,
    LAST,
    MONTHLY,
    NTH,
    WEEKLY,
    Rhythm,
    Upcoming,
    ahead,
    contact_day,
    cut_off,
    expected,
    last_run,
    next_open,
    next_run,
    upcoming,
)
from engine.workday import Calendar

from .common import ALL, day, facts, item, level, policy, positions, run

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = range(1, 6)
WORKWEEK = Calendar()
EASTER = Calendar(holidays=frozenset({date(2026, 4, 3), date(2026, 4, 6)}))
FRIDAYS = Rhythm(WEEKLY, FRIDAY)
RHYTHMS = (
    FRIDAYS, Rhythm(WEEKLY, MONDAY), Rhythm(FORTNIGHTLY, THURSDAY, date(2026, 3, 5)), Rhythm(MONTHLY, days=(15,)),
    Rhythm(MONTHLY, days=(LAST,)), Rhythm(MONTHLY, days=(10, 25)), Rhythm(MONTHLY, days=(30,)),
    Rhythm(NTH, TUESDAY, nth=2), Rhythm(NTH, FRIDAY, nth=LAST))
DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 31))
CALENDARS = st.sampled_from([WORKWEEK, EASTER, Calendar(weekend=frozenset({5, 6}))])


class TestRuns(unittest.TestCase):
    def test_an_item_that_is_never_due_has_a_run_too(self):
        for rhythm in RHYTHMS:
            for due in (date.min, date.max):
                with self.subTest(rhythm=rhythm, due=due):
                    self.assertLessEqual(ahead(rhythm, due, 2, 2, WORKWEEK).on, ahead(rhythm, due, 2, 2, WORKWEEK).run)
                    self.assertTrue(expected(due, Decimal(4000), 9, None, 6, rhythm, WORKWEEK))

    def test_the_next_run(self):
        for rhythm, on, expected_run in (
                (FRIDAYS, date(2026, 3, 18), date(2026, 3, 20)),
                (FRIDAYS, date(2026, 3, 20), date(2026, 3, 20)),
                (FRIDAYS, date(2026, 3, 21), date(2026, 3, 27)),
                (Rhythm(FORTNIGHTLY, THURSDAY, date(2026, 3, 5)), date(2026, 3, 6), date(2026, 3, 19)),
                (Rhythm(FORTNIGHTLY, THURSDAY, date(2026, 3, 5)), date(2026, 2, 1), date(2026, 2, 5)),
                (Rhythm(MONTHLY, days=(15,)), date(2026, 4, 1), date(2026, 4, 15)),
                (Rhythm(MONTHLY, days=(15, LAST)), date(2026, 4, 16), date(2026, 4, 30)),
                (Rhythm(MONTHLY, days=(30,)), date(2027, 2, 2), date(2027, 3, 1)),  # the 28th is a Sunday
                (Rhythm(MONTHLY, days=(31,)), date(2026, 4, 2), date(2026, 4, 30)),
                (Rhythm(MONTHLY, days=(10,)), date(2026, 12, 11), date(2027, 1, 11)),  # over the year, the 10th is a Sunday
                (Rhythm(NTH, TUESDAY, nth=2), date(2026, 3, 11), date(2026, 4, 14)),
                (Rhythm(NTH, FRIDAY, nth=LAST), date(2026, 3, 1), date(2026, 3, 27))):
            with self.subTest(rhythm=rhythm, on=on):
                self.assertEqual(next_run(rhythm, on, WORKWEEK), expected_run)

    def test_a_run_on_a_day_off_moves_to_the_next_working_day(self):
        """15 March 2026 is a Sunday; 3 and 6 April 2026 are Good Friday and Easter Monday."""
        self.assertEqual(next_run(Rhythm(MONTHLY, days=(15,)), date(2026, 3, 10), WORKWEEK), date(2026, 3, 16))
        self.assertEqual(next_run(Rhythm(MONTHLY, days=(15,)), date(2026, 3, 16), WORKWEEK), date(2026, 3, 16), "it is not over yet")
        self.assertEqual(next_run(FRIDAYS, date(2026, 3, 30), EASTER), date(2026, 4, 7))

    def test_the_last_run_before_a_day(self):
        self.assertEqual(last_run(FRIDAYS, date(2026, 3, 20), WORKWEEK), date(2026, 3, 20))
        self.assertEqual(last_run(FRIDAYS, date(2026, 3, 19), WORKWEEK), date(2026, 3, 13))
        self.assertEqual(last_run(Rhythm(MONTHLY, days=(15,)), date(2026, 3, 15), WORKWEEK), date(2026, 2, 16))

    def test_documents_are_in_time_until_the_cut_off(self):
        self.assertEqual(cut_off(date(2026, 3, 20), 2, WORKWEEK), date(2026, 3, 18))
        self.assertEqual(cut_off(date(2026, 3, 23), 2, WORKWEEK), date(2026, 3, 19), "over the weekend")
        self.assertEqual(cut_off(date(2026, 3, 20), 0, WORKWEEK), date(2026, 3, 20))
        self.assertEqual(contact_day(date(2026, 3, 18), 2, WORKWEEK), date(2026, 3, 16))
        self.assertEqual(next_open(FRIDAYS, date(2026, 3, 18), 2, WORKWEEK), (date(2026, 3, 18), date(2026, 3, 20)))
        self.assertEqual(next_open(FRIDAYS, date(2026, 3, 19), 2, WORKWEEK), (date(2026, 3, 25), date(2026, 3, 27)))

    def test_the_run_to_name(self):
        fifteenth = Rhythm(MONTHLY, days=(15,))
        for what, rhythm, on, weekly, calendar, found in (
                ("the next one, although it takes no documents any more", FRIDAYS, date(2026, 3, 19), True, WORKWEEK,
                 (date(2026, 3, 18), date(2026, 3, 20), False, True)),
                ("moved by Easter: a weekday would be wrong", FRIDAYS, date(2026, 3, 30), True, EASTER,
                 (date(2026, 4, 1), date(2026, 4, 7), True, False)),
                ("of a month, the one that takes documents", fifteenth, date(2026, 4, 14), False, WORKWEEK,
                 (date(2026, 5, 13), date(2026, 5, 15), False, False))):
            with self.subTest(what):
                self.assertEqual(upcoming(rhythm, on, 2, calendar, weekly), Upcoming(*found))

    def test_the_contact_comes_ahead_of_the_run_that_pays_in_time(self):
        self.assertEqual(ahead(FRIDAYS, date(2026, 3, 24), 2, 2, WORKWEEK),
                         Ahead(date(2026, 3, 16), date(2026, 3, 18), date(2026, 3, 20)))

    @given(st.sampled_from(RHYTHMS), DAYS, CALENDARS)
    def test_runs_are_on_working_days_and_in_order(self, rhythm, on, calendar):
        found = next_run(rhythm, on, calendar)
        self.assertGreaterEqual(found, on)
        self.assertTrue(calendar.is_working(found))
        self.assertEqual(next_run(rhythm, found, calendar), found)
        self.assertTrue(all(next_run(rhythm, on + timedelta(days=k), calendar) == found for k in range((found - on).days)))
        last = last_run(rhythm, on, calendar)
        self.assertLessEqual(last, on)
        self.assertGreater(next_run(rhythm, last + timedelta(days=1), calendar), on)

    @given(st.sampled_from(RHYTHMS), DAYS, st.integers(0, 8), st.integers(0, 8), CALENDARS)
    def test_contact_cut_off_and_run_come_in_this_order(self, rhythm, on, days, lead, calendar):
        found = ahead(rhythm, on, days, lead, calendar)
        self.assertTrue(found.on <= found.until <= found.run <= on)
        until, later = next_open(rhythm, on, days, calendar)
        self.assertTrue(on <= until <= later)


class TestExpected(unittest.TestCase):
    def test_f12_example(self):
        """Median +9 of 6 payments, the class +4, k = 6: 6.5, rounded to 7. Due Tue 4 March 2025, runs on Fridays."""
        found = expected(date(2025, 3, 4), Decimal(9), 6, Decimal(4), 6, FRIDAYS, WORKWEEK)
        self.assertEqual(found, date(2025, 3, 14))
        until = cut_off(found, 2, WORKWEEK)
        self.assertEqual(contact_day(until, 1, WORKWEEK), date(2025, 3, 11), "the reminder a day before the cut-off of Wed 12")

    def test_table(self):
        due = date(2025, 3, 4)
        for what, own, count, base, rhythm, on in (
                ("without runs", 9, 6, 4, None, date(2025, 3, 11)),
                ("a class only", None, 0, 4, None, date(2025, 3, 10)),  # Saturday 8 is a day off
                ("no class", 9, 6, None, None, date(2025, 3, 13)),
                ("nothing known", None, 0, None, FRIDAYS, date(2025, 3, 7)),
                ("many payments: the customer alone", 9, 10000, 4, None, date(2025, 3, 13)),
                ("early payers", -3, 6, -4, None, date(2025, 3, 3)),  # -3.5 is -3; Saturday 1 is a day off
                ("on the very day of a run", 3, 6, 3, FRIDAYS, date(2025, 3, 7))):
            with self.subTest(what):
                own, base = (None if value is None else Decimal(value) for value in (own, base))
                self.assertEqual(expected(due, own, count, base, 6, rhythm, WORKWEEK), on)

    def test_nobody_expects_money_in_the_past(self):
        self.assertEqual(expected(date(2025, 3, 4), Decimal(9), 6, Decimal(4), 6, FRIDAYS, WORKWEEK, date(2025, 3, 19)), date(2025, 3, 21))


class TestAhead(unittest.TestCase):
    """The follow-up comes ahead of the cut-off. Today is Wednesday 18 March 2026."""

    def _item(self, due_in=20, on=2, until=4, at=6, **values):
        return item(1, -due_in, ahead=Ahead(day(on), day(until), day(at)), **values)

    def test_the_contact_waits_for_its_day_or_comes_early(self):
        self.assertIsNone(run(self._item(), at=1).contact)
        self.assertEqual((run(self._item(), at=1).reason, run(self._item(), at=1).next_on), ("nothing_due", day(2)))
        self.assertEqual(positions(run(self._item(), at=2)), {1: 1}, "long before the seventh day before the due date")
        self.assertIsNone(run(self._item(due_in=5, on=2), at=0).contact, "the policy's own day is past, but not the one for the run")

    def test_the_reason_names_run_and_cut_off(self):
        self.assertEqual(run(self._item(), at=2).detail,
                         {"item": 1, "days": -18, "level": 101, "run": day(6), "until": day(4)})

    def test_too_late_for_the_run_the_policys_day_holds(self):
        self.assertIsNone(run(self._item(), at=5).contact)
        self.assertEqual(run(self._item(), at=5).next_on, day(13))
        found = run(self._item(), at=13)
        self.assertEqual((positions(found), "run" in found.detail), ({1: 1}, False))

    def test_once_and_never_after_the_due_date(self):
        self.assertIsNone(run(self._item(level=1, level_on=2), at=3).contact, "the level counts once")
        self.assertEqual(positions(run(self._item(level=1, level_on=2), at=21)), {1: 2}, "after the due date the policy goes on")
        self.assertEqual(positions(run(self._item(due_in=-1, on=-8, until=-6, at=-3))), {1: 2})

    def test_of_several_reminders_the_latest_comes_and_that_of_the_due_date_keeps_its_day(self):
        rules = policy(level(1, -14), level(2, -3), level(3, 0), level(4, 1))
        self.assertEqual(positions(run(self._item(), at=2, rules=rules)), {1: 2})
        left = self._item(level=2, level_on=2)
        self.assertEqual([run(left, at=at, rules=rules).contact is not None for at in (3, 19, 20)], [False, False, True])

    def test_gap_and_quiet_days_hold_as_ever(self):
        self.assertEqual(run(self._item(), at=2, contacts=(0,)).reason, "too_soon")
        self.assertEqual(run(self._item(), at=2, quiet=True).reason, "quiet_day")

    def test_confirmed_before_sending(self):
        planned = run(self._item(), at=2).contact
        self.assertIsNotNone(confirm(facts(self._item(), reachable=ALL), planned, policy(), day(3)).contact)
        late = confirm(facts(self._item(), reachable=ALL), planned, policy(), day(5))
        self.assertEqual((late.contact, late.reason), (None, "nothing_due"), "the cut-off has passed")


    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.integers(-20, 3), min_size=1, max_size=4, unique=True), st.integers(0, 40), st.integers(0, 15), st.integers(0, 15),
           st.integers(0, 15), st.integers(1, 8))
    def test_day_by_day_never_after_the_due_date_and_no_level_twice(self, offsets, due_in, spare, days, lead, gap):
        """Whatever the run: its day, the cut-off before it and the contact before that."""
        rules = policy(*(level(position, offset) for position, offset in enumerate(sorted(offsets))), gap=gap)
        pays = due_in - spare
        left = self._item(due_in, on=pays - days - lead, until=pays - days, at=pays)
        contacts = []
        for at in range(due_in + 5):
            found = run(left, at=at, rules=rules, contacts=[on for on, _contact in contacts])
            if found.contact:
                contacts.append((at, found.contact))
                left = left._replace(level=found.contact.level.position, level_on=day(at))
        taken = [contact.level.position for _on, contact in contacts]
        self.assertEqual(taken, sorted(set(taken)))
        self.assertTrue(all(on <= due_in for on, contact in contacts if contact.kind == BEFORE))
        ahead_of = [on for on, contact in contacts if contact.level.offset < 0 and on <= left.ahead.until.toordinal() - day(0).toordinal()]
        self.assertLessEqual(len(ahead_of), 1, "one contact ahead of the run")
        self.assertTrue(all(on >= pays - days - lead for on in ahead_of))


# ------------------------------------------------------------------ habits

TODAY = date(2026, 3, 18)
EUROPE = Calendar(holidays=frozenset(date(year, month, number) for year in (2025, 2026) for month, number in (
    (1, 1), (5, 1), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25))) | EASTER.holidays)
YEAR = [TODAY - timedelta(days=back) for back in range(364, -1, -1)]
WORKDAYS = [each for each in YEAR if EUROPE.is_working(each)]


class Generator:
    """Payers with a habit and without, always the same ones."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def runs(self, rhythm):
        return sorted({found for each in YEAR if (found := next_run(rhythm, each, EUROPE)) <= TODAY})

    def habitual(self, rhythm):
        """On most runs, 10 to 15 % on any other day, some of the rest a day early or late."""
        noise, jitter, busy = self.random.uniform(0.10, 0.15), self.random.choice([0, 0, 0.05, 0.1]), self.random.uniform(0.7, 1)
        paid = []
        for each in self.runs(rhythm):
            chance = self.random.random()
            if rhythm.kind in (WEEKLY, FORTNIGHTLY) and self.random.random() > busy:
                continue  # nothing was due
            if chance < noise:
                each = self.random.choice(WORKDAYS)
            elif self.random.random() < jitter:
                each = min(TODAY, EUROPE.add_working_days(each, self.random.choice([-1, 1])))
            paid.append(each)
        return paid

    def rhythm(self, kind):
        choose = self.random.choice
        return {
            "weekly": lambda: Rhythm(WEEKLY, choose(range(1, 6))),
            "fortnightly": lambda: (lambda anchor: Rhythm(FORTNIGHTLY, anchor.isoweekday(), anchor))(choose(WORKDAYS)),
            "monthly": lambda: Rhythm(MONTHLY, days=(choose([1, 5, 10, 15, 20, 25, 28, 30, LAST]),)),
            "twice a month": lambda: Rhythm(MONTHLY, days=choose([(1, 15), (15, LAST), (10, 25), (5, 20)])),
            "nth weekday": lambda: Rhythm(NTH, choose(range(1, 6)), nth=choose([1, 2, 3, 4, LAST])),
        }[kind]()

    def anyhow(self):
        return self.random.choices(WORKDAYS, k=self.random.randint(1, 80))

    def after_invoices(self):
        """A fixed number of days after the date of each invoice, booked on the next working day."""
        days = self.random.choice([7, 10, 14, 28, 30, 31, 45, 60])
        dates = self.random.choices(WORKDAYS, k=self.random.randint(4, 80))
        paid = (EUROPE.next_working_day(each + timedelta(days=days)) for each in dates)
        return [each for each in paid if each <= TODAY]


def same(found, rhythm):
    """Whether both name the same runs over half a year; they may say it in other words."""
    ahead_of = [TODAY + timedelta(days=k) for k in range(1, 180, 3)]
    return found is not None and all(next_run(found.rhythm, each, EUROPE) == next_run(rhythm, each, EUROPE) for each in ahead_of)


class TestLearn(unittest.TestCase):
    """Pay runs learnt from the payments of a year."""

    def test_habits_are_found_right(self):
        generator, right, payers = Generator(7), Counter(), 400
        for kind in ("weekly", "fortnightly", "monthly", "twice a month", "nth weekday"):
            for _payer in range(payers):
                rhythm = generator.rhythm(kind)
                right[kind] += same(learn(generator.habitual(rhythm), TODAY, EUROPE), rhythm)
        shares = {kind: f"{100 * count / payers:.1f} %" for kind, count in right.items()}
        for kind, count in right.items():
            self.assertGreaterEqual(count / payers, 0.9, f"{kind} of {shares}")

    def test_nobody_without_a_habit_is_said_to_have_one(self):
        generator, payers = Generator(11), 3000
        claimed = [found for _payer in range(payers) for paid in (generator.anyhow(), generator.after_invoices())
                   if (found := learn(paid, TODAY, EUROPE))]
        self.assertFalse(claimed, f"{len(claimed)} of {2 * payers} payers without a habit")

    def test_hits_and_payments_are_told(self):
        paid = Generator(1).runs(FRIDAYS)[-16:]
        moved = [*paid[:14], paid[14] - timedelta(days=3), paid[15] - timedelta(days=3)]
        self.assertEqual(learn(moved, TODAY, EUROPE), Finding(FRIDAYS, 14, 16))

    def test_too_few_payments_tell_nothing(self):
        paid = Generator(1).runs(Rhythm(MONTHLY, days=(15,)))
        self.assertIsNone(learn(paid[-LEAST + 1:] * 3, TODAY, EUROPE), "the same day again is no other payment")
        self.assertEqual(learn(paid[-LEAST:], TODAY, EUROPE).rhythm, Rhythm(MONTHLY, days=(15,)))

    def test_a_habit_that_ended_is_not_claimed(self):
        runs, generator = Generator(1).runs(FRIDAYS), Generator(3)
        recently = [each for each in WORKDAYS[-40:] if each.isoweekday() != FRIDAY]
        self.assertIsNotNone(learn(runs, TODAY, EUROPE))
        self.assertIsNone(learn(runs[:-8] + generator.random.sample(recently, 8), TODAY, EUROPE), "other days since")
        self.assertIsNone(learn(runs[:-20], TODAY, EUROPE), "no payment for months")

    def test_a_new_habit_is_seen_after_half_a_year(self):
        fridays, tuesdays = (Generator(1).runs(Rhythm(WEEKLY, weekday)) for weekday in (FRIDAY, TUESDAY))
        self.assertEqual(learn(fridays[:26] + tuesdays[26:], TODAY, EUROPE).rhythm, Rhythm(WEEKLY, TUESDAY))

    def test_runs_moved_by_holidays_and_weekends_count(self):
        paid = Generator(1).runs(Rhythm(MONTHLY, days=(1,)))
        self.assertIn(date(2026, 1, 2), paid, "New Year's Day is off")
        self.assertEqual(learn(paid, TODAY, EUROPE), Finding(Rhythm(MONTHLY, days=(1,)), len(paid), len(paid)))

    def test_payments_after_today_are_not_known(self):
        self.assertIsNone(learn([TODAY + timedelta(days=7 * k) for k in range(1, 20)], TODAY, EUROPE))

    def test_the_tail_of_the_binomial(self):
        self.assertAlmostEqual(tail(2, 3, 0.5), 0.5)
        self.assertAlmostEqual(tail(3, 3, 0.2), 0.008)
        self.assertAlmostEqual(tail(0, 5, 0.2), 1)

    @settings(max_examples=60)
    @given(st.data())
    def test_the_order_of_payments_does_not_matter(self, data):
        paid = Generator(data.draw(st.integers(0, 20))).habitual(data.draw(st.sampled_from(RHYTHMS)))
        self.assertEqual(learn(data.draw(st.permutations(paid)), TODAY, EUROPE), learn(paid, TODAY, EUROPE))


if __name__ == "__main__":
    unittest.main()
