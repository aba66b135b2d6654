"""What holds for every customer, every policy and every day."""
import unittest
from collections import Counter
from datetime import timedelta
from decimal import Decimal

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from engine.followup import AFTER, BEFORE, decide
from engine.ledger import Facts
from engine.workday import Calendar

from .common import ALL, EUR, TODAY, USD, day, facts, item, level, pause, policy

CURRENCIES = st.sampled_from([EUR, USD])
SILENCES = {"stop", "paused", "promise", "plan", "no_level", "nothing_open", "disputed", "in_transit", "in_flight",
            "too_soon", "cap_reached", "quiet_day", "covered_by_credit", "nothing_due", "below_minimum", "unreachable"}
HOLIDAYS = frozenset(day(offset) for offset in (1, 2, 9, 23, 60))


@st.composite
def policies(draw, channels=("email", "sms", "letter"), settled=False):
    """Levels by offset; ``settled`` without minimums, so that nothing holds a level back for good."""
    offsets = sorted(draw(st.sets(st.integers(-10, 45), min_size=1, max_size=5)))
    minimum = st.just({}) if settled else st.dictionaries(CURRENCIES, st.sampled_from([20, 90, 150, 400]))
    levels = [level(position * 10, offset, working=draw(st.booleans()), wait=draw(st.integers(0, 12)),
                    channels=tuple(draw(st.lists(st.sampled_from(channels), min_size=1, max_size=2, unique=True))),
                    fallback=tuple(draw(st.lists(st.sampled_from(channels), max_size=2, unique=True))),
                    minimum=draw(minimum))
              for position, offset in enumerate(offsets)]
    levels[-1] = levels[-1]._replace(repeat=draw(st.sampled_from([0, 0, 3, 14])))
    calendar = Calendar(holidays=draw(st.sampled_from([frozenset(), HOLIDAYS])))
    return policy(*levels, fit=draw(st.booleans()), gap=draw(st.integers(0, 8)), cap=draw(st.integers(0, 3)),
                  cap_days=draw(st.integers(1, 30)), calendar=calendar)


@st.composite
def open_items(draw, rules, fresh=False, most=5):
    """Open items; unless ``fresh``, with a history that fits the levels of ``rules``."""
    items = []
    for id in draw(st.permutations(range(1, draw(st.integers(1, most)) + 1))):
        late = draw(st.integers(-20, 70))
        values = {}
        if not fresh and draw(st.booleans()):
            known = draw(st.sampled_from(rules.levels))
            if known.kind == BEFORE or late > 0:
                values = {"level": known.position, "level_on": -draw(st.integers(0, 30)),
                          "round": draw(st.integers(0, 2)) if known == rules.levels[-1] else 0}
        if draw(st.integers(0, 3)) == 0:
            values["pause"] = pause(draw(st.sampled_from(["promise", "plan"])),
                                    draw(st.none() | st.integers(-3, 12)))
        if draw(st.integers(0, 3)) == 0:
            values["disputed"] = draw(st.sampled_from([1, 40, 100, 300]))
        if draw(st.integers(0, 3)) == 0:
            values["in_transit"] = draw(st.sampled_from([1, 40, 100, 300]))
        if draw(st.integers(0, 4)) == 0:
            values["failed"] = ("email",)
        items.append(item(id, late, draw(st.sampled_from([5, 99, 100, 250])), draw(CURRENCIES), **values))
    return items


@st.composite
def customers(draw, rules, silent=True):
    # without silence the gap (at most 8 days) is over, so that most customers are contacted
    contacts = sorted(draw(st.lists(st.integers(-40, 0 if silent else -8), max_size=5 if silent else 2, unique=True)))
    values = {}
    if silent:
        values = {"in_flight": draw(st.sampled_from([frozenset()] * 6 + [frozenset({AFTER})])),
                  "stop": draw(st.sampled_from([None] * 9 + ["stop"])),
                  "pause": draw(st.sampled_from([None] * 6 + [pause("paused", until) for until in (None, 4, -1)])),
                  "quiet": draw(st.sampled_from([False] * 6 + [True]))}
    reachable = draw(st.just(ALL) | st.frozensets(st.sampled_from(sorted(ALL)), min_size=1))
    credits = draw(st.dictionaries(CURRENCIES, st.sampled_from([0, 1, 60, 100, 260])))
    return facts(*draw(open_items(rules)), contacts=contacts, credits=credits, reachable=reachable, **values)


@st.composite
def cases(draw, **values):
    rules = draw(policies())
    return draw(customers(rules, **values)), rules


def claimable(items, currency):
    return sum((one.claimable for one in items if one.currency == currency), Decimal(0))


def eligible(known):
    return [one for one in known.items if not (one.pause and one.pause.holds(TODAY))]


class OneDay(unittest.TestCase):
    @given(cases(), st.randoms(use_true_random=False))
    def test_the_order_of_items_does_not_matter(self, case, random):
        known, rules = case
        shuffled = known._replace(items=tuple(random.sample(known.items, len(known.items))))
        self.assertEqual(decide(known, rules, TODAY), decide(shuffled, rules, TODAY))

    @given(cases())
    def test_the_same_facts_give_the_same_decision(self, case):
        known, rules = case
        again = Facts(*known)._replace(credits=dict(known.credits))
        self.assertEqual(decide(known, rules, TODAY), decide(again, rules, TODAY))

    @given(cases())
    def test_every_decision_carries_a_reason(self, case):
        known, rules = case
        decision = decide(known, rules, TODAY)
        if decision.contact:
            self.assertEqual(decision.reason, "contact")
            self.assertEqual(set(decision.detail), {"item", "days", "level"})
            accounted = {line.item for line in decision.contact.lines} | set(decision.items)
            self.assertLessEqual({one.id for one in known.items if one.due < TODAY}, accounted)
            self.assertFalse({line.item for line in decision.contact.lines} & set(decision.items))
        else:
            self.assertIn(decision.reason, SILENCES)
        self.assertLessEqual(set(decision.items.values()), SILENCES)

    @given(cases(silent=False))
    def test_a_message_asks_for_exactly_what_may_be_asked_for(self, case):
        known, rules = case
        contact = decide(known, rules, TODAY).contact
        assume(contact)
        by_id = {one.id: one for one in known.items}
        for line in contact.lines:
            one = by_id[line.item]
            self.assertTrue(0 < line.asked <= one.residual - one.disputed - one.in_transit)
            self.assertFalse(one.pause and one.pause.holds(TODAY))
            self.assertEqual(one.due < TODAY, contact.kind == AFTER)
        if contact.kind == AFTER:
            overdue = [one for one in eligible(known) if one.due < TODAY]
            for currency in {line.currency for line in contact.lines}:
                asked = sum(line.asked for line in contact.lines if line.currency == currency)
                expected = max(0, claimable(overdue, currency) - known.credits.get(currency, 0))
                self.assertEqual(asked, expected)
                self.assertGreaterEqual(asked, contact.level.minimum.get(currency, 0))

    @given(cases(silent=False), st.sampled_from([0, 1, 100]))
    def test_a_customer_in_credit_is_never_contacted(self, case, more):
        known, rules = case
        covered = {currency: claimable(eligible(known), currency) + more for currency in (EUR, USD)}
        self.assertIsNone(decide(known._replace(credits=covered), rules, TODAY).contact)

    @given(cases(silent=False))
    def test_the_message_is_that_of_the_highest_level_in_it_and_can_be_delivered(self, case):
        known, rules = case
        contact = decide(known, rules, TODAY).contact
        assume(contact)
        moves = [line for line in contact.lines if line.advances]
        self.assertEqual(max(line.level for line in moves), contact.level.position)
        self.assertIn(contact.leading, {line.item for line in moves if line.level == contact.level.position})
        self.assertTrue(contact.channels)
        self.assertLessEqual(set(contact.channels), known.reachable)
        self.assertLessEqual(set(contact.channels), {*contact.level.channels, *contact.level.fallback})

    @given(cases(silent=False), st.data())
    def test_any_one_obstacle_silences_an_item(self, case, data):
        known, rules = case
        contact = decide(known, rules, TODAY).contact
        assume(contact)
        line = data.draw(st.sampled_from(contact.lines))
        one = next(one for one in known.items if one.id == line.item)
        for blocked in (one._replace(pause=pause("plan")), one._replace(pause=pause("promise", 0)),
                        one._replace(disputed=one.residual), one._replace(in_transit=one.residual)):
            items = tuple(blocked if other.id == one.id else other for other in known.items)
            after = decide(known._replace(items=items), rules, TODAY)
            self.assertNotIn(one.id, {line.item for line in after.contact.lines} if after.contact else ())
            self.assertIn(one.id, after.items)
        for silent in ({"stop": "stop"}, {"pause": pause("paused")}, {"quiet": True}, {"reachable": frozenset()},
                       {"in_flight": frozenset({BEFORE})}, {"contacts": (TODAY,)}):
            self.assertIsNone(decide(known._replace(**silent), rules, TODAY).contact, silent)


class Foretold(unittest.TestCase):
    @settings(max_examples=400)
    @given(cases())
    def test_the_forecast_comes_true_and_nothing_comes_before_it(self, case):
        known, rules = case
        decision = decide(known, rules, TODAY)
        if decision.contact:
            self.assertEqual((decision.next_on, decision.next_level), (None, None))
            return
        later = known._replace(in_flight=frozenset(), quiet=False)
        for offset in range(1, 150):
            if not rules.calendar.is_working(day(offset)):
                continue
            found = decide(later, rules, day(offset))
            if found.contact:
                self.assertEqual((decision.next_on, decision.next_level), (day(offset), found.contact.level.id))
                return
        self.assertIsNone(decision.next_on)


class ManyDays(unittest.TestCase):
    """A customer who never pays, day after day, each contact fed back as history."""

    def live(self, items, rules, days=110, credits=None, lost=()):
        """Yield (day, items before, contact); contacts on the days in ``lost`` fail on their channels."""
        known = facts(*items)._replace(credits=credits or {})
        for offset in range(days):
            today = day(offset)
            decision = decide(known, rules, today)
            if not decision.contact:
                continue
            if offset in lost:  # failed: not counted as a contact, the next channel's turn
                failed = {line.item for line in decision.contact.lines if line.advances}
                known = known._replace(items=tuple(
                    one._replace(failed=one.failed + decision.contact.channels) if one.id in failed else one
                    for one in known.items))
                continue
            yield today, {one.id: one for one in known.items}, decision.contact
            moves = {line.item: line for line in decision.contact.lines if line.advances}
            known = known._replace(contacts=(*known.contacts, today), items=tuple(
                one._replace(level=moves[one.id].level, round=moves[one.id].round, level_on=today, failed=())
                if one.id in moves else one for one in known.items))
            self.assertIsNone(decide(known, rules, today).contact, "the same run again contacts again")

    @settings(max_examples=120)
    @given(policies().flatmap(lambda rules: st.tuples(st.just(rules), open_items(rules, fresh=True))),
           st.sets(st.integers(0, 40), max_size=4))
    @example((policy(level(1, 1), gap=0), [item(1, 1)]), set())
    def test_nobody_is_asked_twice_too_soon_too_often_or_backwards(self, case, lost):
        rules, items = case
        asked, contacts = Counter(), []
        after = [one.position for one in rules.of_kind(AFTER)]
        by_position = {one.position: one for one in rules.levels}
        for today, before, contact in self.live(items, rules, lost=lost):
            contacts.append(today)
            for line in contact.lines:
                if not line.advances:
                    self.assertEqual((line.level, line.round), (before[line.item].level, before[line.item].round))
                    continue
                known, reached = before[line.item], by_position[line.level]
                asked[line.item, line.level, line.round] += 1
                self.assertEqual(reached.kind, contact.kind)
                self.assertLessEqual(reached.reached_on(known.due, rules.calendar), today)
                self.check_progress(rules, after, known, line, reached, today)
        self.assertLessEqual(set(asked.values()), {1})
        gap = max(1, rules.gap)
        self.assertTrue(all((two - one).days >= gap for one, two in zip(contacts, contacts[1:])))
        if rules.cap:
            window = timedelta(days=rules.cap_days)
            for one in contacts:
                self.assertLessEqual(sum(one <= other < one + window for other in contacts), rules.cap)

    def check_progress(self, rules, after, known, line, reached, today):
        if known.level == line.level:
            self.assertEqual((reached, line.round), (rules.levels[-1], known.round + 1))
            self.assertGreaterEqual((today - known.level_on).days, reached.repeat)
            return
        self.assertEqual(line.round, 0)
        if known.level is not None:
            self.assertGreater(line.level, known.level)
            self.assertGreaterEqual((today - known.level_on).days, reached.wait)
        if reached.kind == AFTER and not rules.fit:
            rank = after.index(known.level) if known.level in after else -1
            self.assertEqual(after.index(line.level), rank + 1)

    @settings(max_examples=60)
    @given(policies(settled=True), st.integers(-20, 40), st.booleans())
    def test_who_does_not_pay_is_taken_to_the_last_level_in_the_end(self, rules, late, climb):
        assume(rules.of_kind(AFTER))
        rules = rules._replace(fit=not climb)
        reached = [line.level for _day, _before, contact in self.live([item(1, late)], rules, days=300)
                   for line in contact.lines]
        self.assertEqual(reached[-1], rules.levels[-1].position)
        if climb:
            after = [one.position for one in rules.of_kind(AFTER)]
            self.assertEqual([one for one in dict.fromkeys(reached) if one in after], after)

    @settings(max_examples=60)
    @given(policies(settled=True), st.integers(1, 99), st.integers(-10, 40))
    def test_over_time_the_disputed_part_is_never_asked_for(self, rules, disputed, late):
        items = [item(1, late, disputed=disputed), item(2, late, disputed=100)]
        for _day, _before, contact in self.live(items, rules):
            self.assertEqual({line.item: line.asked for line in contact.lines}, {1: 100 - disputed})


if __name__ == "__main__":
    unittest.main()
