"""A walk over the days of events sees what a walk over all days sees, and the contacts it makes are those of the rules."""
import unittest
from datetime import timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.followup import decide
from engine.simulation import _perform, walk
from engine.timeline import Memory, Span, Thread, Timeline, facts_on
from engine.workday import Calendar

from .common import ALL, EUR, day, item, level, policy
from .test_properties import CURRENCIES, policies

FIRST, LAST = -20, 60
RULES = policy(level(1, -7), level(2, 1), level(3, 15, wait=7, channels=("call",)), gap=5)


def thread(id, due, amount=100, issued=-90, settled=(), currency=EUR, **values):
    """An item due on a day relative to TODAY; ``settled`` as (day, amount)."""
    spans = {name: tuple(values.pop(name, ())) for name in ("disputes", "promises", "pauses")}
    return Thread(item(id, -due, amount, currency, **values), day(issued),
                  tuple((day(on), Decimal(part)) for on, part in settled), **spans)


def span(first, last, **values):
    values = {**values, **({"amount": Decimal(values["amount"])} if "amount" in values else {})}
    until = values.pop("until", None)
    return Span(day(first), None if last is None else day(last), until=None if until is None else day(until), **values)


def live(*threads, rules=RULES, wait=None, **values):
    """The contacts as (day relative to TODAY, position, channels done)."""
    timeline = Timeline(7, threads, **{"reachable": ALL | {"call"}, **values})
    return [((done.day - day(0)).days, done.contact.level.position, done.channels)
            for done in walk(timeline, rules, lambda facts, today: decide(facts, rules, today), day(FIRST), day(LAST), wait)]


class Stories(unittest.TestCase):
    def test_an_item_climbs_until_it_is_paid(self):
        # due on Friday 20 March: a week before, the Saturday after, 15 days late
        self.assertEqual(live(thread(1, 2), rules=RULES), [(-5, 1, ("email",)), (3, 2, ("email",)), (17, 3, ("call",))])
        self.assertEqual(live(thread(1, 2, settled=[(10, 100)])), [(-5, 1, ("email",)), (3, 2, ("email",))])

    def test_nothing_is_asked_before_it_is_issued_and_a_part_paid_leaves_the_rest(self):
        self.assertEqual(live(thread(1, 2, issued=8, settled=[(9, 40)])), [(8, 2, ("email",)), (17, 3, ("call",))])

    def test_what_was_known_before_is_not_asked_again(self):
        self.assertEqual(live(thread(1, -10, level=2, level_on=-30)), [(5, 3, ("call",))])

    def test_disputes_promises_and_pauses_hold_on_their_days(self):
        for name, values, expected in [
            ("disputed whole, then closed", {"disputes": [span(-20, 12, amount=100)]}, 13),
            ("disputed in part", {"disputes": [span(-20, 12, amount=30)]}, 3),
            ("promised and broken", {"promises": [span(1, 9, amount=100, until=9)]}, 10),
            ("promised, withdrawn early", {"promises": [span(1, 4, amount=100, until=9)]}, 5),
            ("in a plan that ended", {"pauses": [span(0, 6, reason="plan")]}, 7),
        ]:
            with self.subTest(name):
                made = live(thread(1, 2, level=1, level_on=-25, **values))
                self.assertEqual(made[0][:2], (expected, 2))

    def test_a_promise_of_a_part_that_came_in_is_no_promise_any_more(self):
        facts = facts_on(Timeline(7, (thread(1, -10, settled=[(3, 60)], promises=[span(0, 9, amount=60, until=9)]),)), Memory({}, [], []), day(5))
        self.assertEqual((facts.items[0].residual, facts.items[0].promised, facts.items[0].pause), (40, 0, None))

    def test_credits_cover_while_they_are_there(self):
        credits = ((day(-30), EUR, Decimal(100)), (day(8), EUR, Decimal(-100)))
        self.assertEqual(live(thread(1, 2, level=1, level_on=-25), credits=credits)[0][0], 8)

    def test_contacts_of_people_keep_the_gap_from_the_day_after(self):
        self.assertEqual(live(thread(1, 2, level=1, level_on=-25), contacts=(day(1),))[0][0], 6)
        self.assertEqual(live(thread(1, 2, level=1, level_on=-25), contacts=(day(3),))[0][0], 3)

    def test_a_call_left_undone_keeps_silence_until_it_is_given_up_and_then_counts_as_a_step(self):
        rules = policy(level(1, 1, channels=("call",)), level(2, 5), gap=1)
        self.assertEqual(live(thread(1, 0), rules=rules, wait=7), [(1, 1, ()), (9, 2, ("email",))])
        self.assertEqual(live(thread(1, 0), rules=rules, wait=None), [(1, 1, ("call",)), (5, 2, ("email",))])

    def test_it_is_given_up_earlier_when_its_items_are_settled(self):
        rules = policy(level(1, 1, channels=("call",)), gap=1)
        made = live(thread(1, 0, settled=[(4, 100)]), thread(2, 1), rules=rules, wait=7)
        self.assertEqual([on for on, _position, _channels in made], [1, 4])

    def test_a_policy_without_quiet_days_writes_on_weekends_and_one_with_them_does_not(self):
        self.assertEqual(live(thread(1, 2, level=1, level_on=-25))[0][0], 3)  # Saturday 21 March
        self.assertEqual(live(thread(1, 2, level=1, level_on=-25), quiet=frozenset({day(3), day(4)}))[0][0], 5)


@st.composite
def spans(draw, **values):
    first = draw(st.integers(-40, 40))
    last = first + draw(st.integers(0, 30))
    until = draw(st.sampled_from([None, last, last + 5]))
    amount = draw(st.sampled_from([30, 100, 300]))
    return span(first, draw(st.sampled_from([None, last, last])), amount=amount, until=until, **values)


@st.composite
def timelines(draw):
    threads = []
    for id in range(1, draw(st.integers(1, 4)) + 1):
        issued = draw(st.integers(-60, 40))
        threads.append(thread(
            id, issued + draw(st.integers(0, 45)), draw(st.sampled_from([50, 100, 250])), issued, currency=draw(CURRENCIES),
            settled=draw(st.lists(st.tuples(st.integers(-40, 60), st.sampled_from([20, 50, 250])), max_size=2)),
            disputes=draw(st.lists(spans(), max_size=1)), promises=draw(st.lists(spans(), max_size=1)),
            pauses=draw(st.lists(spans(reason="plan"), max_size=1))))
    return Timeline(7, tuple(threads), tuple((day(on), currency, Decimal(amount)) for on, currency, amount in draw(st.lists(
        st.tuples(st.integers(-40, 60), CURRENCIES, st.sampled_from([60, 100])), max_size=2))),
        tuple(sorted(day(on) for on in draw(st.lists(st.integers(-40, 60), max_size=3)))), draw(st.sampled_from([ALL, frozenset({"email"})])),
        frozenset(day(on) for on in draw(st.lists(st.integers(FIRST, LAST), max_size=8))))


def naive(timeline, rules, wait):
    """The same, asked on every single day."""
    memory, made = Memory({}, [], []), []
    for on in range(FIRST, LAST + 1):
        decision = decide(facts_on(timeline, memory, day(on)), rules, day(on))
        if decision.contact:
            made.append(_perform(decision.contact, memory, day(on), wait))
    return made


class Properties(unittest.TestCase):
    @settings(max_examples=400, deadline=None)
    @given(timelines(), policies(channels=("email", "sms", "letter", "call")), st.sampled_from([None, 0, 7]), st.booleans())
    def test_a_walk_over_events_sees_what_a_walk_over_every_day_sees(self, timeline, rules, wait, weekends):
        if weekends:  # as a company that works on its days off
            rules = rules._replace(calendar=Calendar(weekend=frozenset({7})))
        asked = []

        def judge(facts, today):
            asked.append(today)
            return decide(facts, rules, today)

        self.assertEqual(list(walk(timeline, rules, judge, day(FIRST), day(LAST), wait)), naive(timeline, rules, wait))
        self.assertEqual(asked, sorted(set(asked)))

    def test_it_looks_at_few_days(self):
        asked = []

        def judge(facts, today):
            asked.append(today)
            return decide(facts, RULES, today)

        timeline = Timeline(7, (thread(1, 2),), reachable=ALL | {"call"}, quiet=frozenset(
            day(0) + timedelta(days=n) for n in range(FIRST, LAST) if not Calendar().is_working(day(n))))
        list(walk(timeline, RULES, judge, day(FIRST), day(LAST)))
        self.assertLess(len(asked), 15)
