"""What holds for every customer's limit, ladder and hold."""
import unittest
from datetime import timedelta
from decimal import Decimal

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from engine.hold import EXPIRED, HOLD, LEVEL, OVER_LIMIT, OVERDUE, SEVERITY, STOP, WARN, Open, Rule, Standing, check
from engine.ladder import BOTTOM, FALL, RISE, STAY, Conduct, Ladder, Stage, amounts, evaluate, granted, start
from engine.limit import BASE, DEFAULT, GROUP, INSURED, KEEP, TEMPORARY, ZERO, Grant, Limit, in_force, total
from engine.limit import WARN as EXPIRED_WARN

from .common import TODAY, day

MONEY = st.integers(0, 200000).map(lambda cents: Decimal(cents) / 100)
ROUND = st.sampled_from([Decimal(text) for text in ("0", "50", "100", "500", "1000", "99999")])
AMOUNTS = MONEY | ROUND
SHARES = st.sampled_from([Decimal(text) for text in ("0", "0.05", "0.1", "0.25", "0.5", "0.8", "1")])
OFFSETS = st.none() | st.integers(-20, 20)
POLICIES = st.sampled_from([KEEP, EXPIRED_WARN, ZERO])


@st.composite
def grants(draw):
    first, last = draw(OFFSETS), draw(OFFSETS)
    if first is not None and last is not None and first > last:
        first, last = last, first
    return Grant(draw(st.sampled_from([BASE, BASE, TEMPORARY, INSURED, GROUP])), draw(st.none() | AMOUNTS),
                 None if first is None else day(first), None if last is None else day(last))


JOURNALS = st.lists(grants(), max_size=7)
DEFAULTS = st.none() | AMOUNTS


class Limits(unittest.TestCase):
    @given(JOURNALS, POLICIES, DEFAULTS)
    def test_the_amount_is_what_its_parts_make(self, journal, policy, default):
        found = in_force(journal, TODAY, policy, default)
        own = next((found.parts[kind] for kind in (BASE, TEMPORARY, DEFAULT) if kind in found.parts), None)
        least = min((part for part in (own, found.parts.get(GROUP)) if part is not None), default=None)
        self.assertEqual(found.amount, None if least is None else least + found.parts.get(INSURED, 0))
        event(f"reason: {found.reason}")

    @given(JOURNALS, POLICIES, DEFAULTS, st.randoms(use_true_random=False))
    def test_only_the_order_within_a_kind_matters(self, journal, policy, default, random):
        mixed, by_kind = list(journal), {}
        random.shuffle(mixed)
        for one in reversed(journal):
            by_kind.setdefault(one.kind, []).append(one)
        mixed = [by_kind[one.kind].pop() for one in mixed]
        self.assertEqual(in_force(mixed, TODAY, policy, default), in_force(journal, TODAY, policy, default))

    @given(JOURNALS, POLICIES, DEFAULTS, grants())
    def test_what_is_still_to_come_changes_nothing(self, journal, policy, default, later):
        later = later._replace(start=day(1), end=None)
        self.assertEqual(in_force([*journal, later], TODAY, policy, default), in_force(journal, TODAY, policy, default))

    @given(JOURNALS, POLICIES, DEFAULTS, st.sampled_from([TEMPORARY, INSURED, GROUP]), AMOUNTS)
    def test_taking_back_is_as_if_it_had_never_been(self, journal, policy, default, kind, amount):
        without = [one for one in journal if one.kind != kind]
        again = [*without, Grant(kind, amount), Grant(kind, None)]
        self.assertEqual(in_force(again, TODAY, policy, default), in_force(without, TODAY, policy, default))

    @given(JOURNALS, POLICIES, DEFAULTS, AMOUNTS)
    def test_what_is_insured_never_takes_away_and_a_group_never_adds(self, journal, policy, default, amount):
        before = in_force(journal, TODAY, policy, default)
        if before.amount is not None:
            insured = in_force([*journal, Grant(INSURED, before.parts.get(INSURED, 0) + amount)], TODAY, policy, default)
            self.assertEqual(insured.amount, before.amount + amount)
        free = in_force([one for one in journal if one.kind != GROUP], TODAY, policy, default).amount
        if free is not None:
            self.assertLessEqual(before.amount, free)

    @settings(max_examples=300)
    @given(JOURNALS, DEFAULTS)
    def test_expiry_at_its_strictest_is_never_more_credit(self, journal, default):
        strict, lenient = (in_force(journal, TODAY, policy, default) for policy in (ZERO, KEEP))
        self.assertEqual(strict.expired, lenient.expired)
        self.assertTrue(lenient.amount is None or strict.amount <= lenient.amount)
        if not strict.expired:
            self.assertEqual(strict, lenient)

    @given(st.dictionaries(st.sampled_from(["receivable", "credits", "deliveries", "orders", "drafts"]),
                           st.decimals(-10**9, 10**9, places=2)), st.randoms(use_true_random=False))
    def test_exposure_does_not_depend_on_the_order_of_its_parts(self, parts, random):
        shuffled = dict(random.sample(sorted(parts.items()), len(parts)))
        self.assertEqual(total(shuffled), total(parts))
        self.assertEqual(Limit(Decimal(500)).left(total(parts)), 500 - sum(shuffled.values()))


COUNTS = st.sampled_from([0, 0, 0, 1, 2, 4])
FEW = st.sampled_from([Decimal(text) for text in ("0", "0", "0", "0.5", "1", "2")])
MUCH = st.sampled_from([Decimal(amount) for amount in (0, 60, 500, 10**5, 10**6)])


@st.composite
def ladders(draw):
    first, growth = draw(st.integers(1, 100).map(Decimal)), draw(st.sampled_from([Decimal("1.1"), Decimal("1.5"), Decimal(3)]))
    steps = amounts(first, growth, first * draw(st.integers(1, 40)))[-6:]
    on_time = draw(COUNTS)
    stages = tuple(Stage(index, step, on_time + draw(COUNTS), on_time, draw(COUNTS), draw(FEW), draw(FEW),
                         draw(st.none() | COUNTS.map(Decimal)), draw(COUNTS), draw(COUNTS)) for index, step in enumerate(steps))
    return Ladder(stages, draw(COUNTS), draw(COUNTS), draw(COUNTS), draw(st.booleans()))


@st.composite
def conducts(draw, rules):
    ago = st.none() | st.integers(-6, 0).map(day)
    return Conduct(draw(st.integers(0, len(rules.stages) - 1)), day(draw(st.integers(-6, 0))), tuple(draw(st.lists(COUNTS, max_size=5))),
                   draw(MUCH), draw(MUCH), draw(st.none() | COUNTS.map(Decimal)), draw(COUNTS), draw(COUNTS), draw(ago), draw(ago))


CAPS = st.none() | st.sampled_from([Decimal(cap) for cap in (0, 50, 1000, 10000)])
CLIMBS = ladders().flatmap(lambda rules: st.tuples(st.just(rules), conducts(rules), CAPS))


class Ladders(unittest.TestCase):
    @given(st.integers(1, 10**5), st.integers(1, 300), st.integers(0, 10**6), st.sampled_from(["0.01", "1", "50", "500"]))
    def test_its_amounts_grow_to_the_cap_and_not_beyond(self, first, percent, cap, quantum):
        found = amounts(Decimal(first), 1 + Decimal(percent) / 100, Decimal(cap), Decimal(quantum))
        self.assertEqual(found[-1], cap)
        self.assertTrue(all(one < two for one, two in zip(found, found[1:])))
        self.assertTrue(all(amount % Decimal(quantum) == 0 and amount > 0 for amount in found[:-1]))

    @given(CLIMBS)
    def test_one_step_at_most_or_to_the_first(self, climb):
        rules, conduct, cap = climb
        found = evaluate(rules, conduct, cap, TODAY)
        down = 0 if rules.to_first else conduct.stage - 1
        self.assertEqual(found.stage, {RISE: conduct.stage + 1, FALL: down, STAY: conduct.stage}[found.direction])
        self.assertTrue(0 <= found.stage < len(rules.stages))
        event(f"{found.direction}: {found.reason}")

    @given(CLIMBS)
    def test_never_above_the_cap_and_a_rise_is_never_less(self, climb):
        rules, conduct, cap = climb
        found = evaluate(rules, conduct, cap, TODAY)
        before, after = (granted(rules.stages[stage], cap) for stage in (conduct.stage, found.stage))
        if cap is not None:
            self.assertLessEqual(after, cap)
        if found.direction == RISE:
            self.assertGreater(after, before)
        if found.direction == FALL:
            self.assertLessEqual(after, before)

    @given(CLIMBS)
    def test_nobody_rises_who_is_bad_or_cooling_down_or_lacks_something(self, climb):
        rules, conduct, cap = climb
        found = evaluate(rules, conduct, cap, TODAY)
        cooling = conduct.fell_on and conduct.fell_on + timedelta(days=rules.cool_down) > TODAY
        bad = (rules.fall_days and conduct.worst > rules.fall_days) or (rules.fall_broken and conduct.broken >= rules.fall_broken)
        if cooling:
            self.assertEqual(found.direction, STAY)
        elif bad:
            self.assertIn((found.direction, found.reason == BOTTOM), [(FALL, False), (STAY, True)])
        else:
            self.assertNotEqual(found.direction, FALL)
        if found.direction == RISE:
            self.assertFalse(found.missing)
            self.assertLess(conduct.stage + 1, len(rules.stages))

    @given(CLIMBS)
    def test_who_behaves_better_does_not_go_lower(self, climb):
        rules, conduct, cap = climb
        better = conduct._replace(late=tuple(max(0, days - 1) for days in conduct.late), paid=conduct.paid + 1, worst=0, broken=0,
                                  peak=conduct.peak + 1, last_broken=None)
        self.assertLessEqual(evaluate(rules, conduct, cap, TODAY).stage, evaluate(rules, better, cap, TODAY).stage)

    @settings(max_examples=200)
    @given(CLIMBS)
    def test_every_gap_is_a_gap_and_closing_all_of_them_makes_rise(self, climb):
        rules, conduct, cap = climb
        found = evaluate(rules, conduct, cap, TODAY)
        if not found.missing:
            return
        for gap in found.missing:
            (self.assertGreater if gap.code == "average" else self.assertLess)(gap.have, gap.need)
        need = {gap.code: gap.need for gap in found.missing}
        better = conduct._replace(
            fell_on=None, worst=0, broken=0, late=(0,) * need["on_time"] if "on_time" in need else conduct.late,
            paid=need.get("turnover", conduct.paid), peak=need.get("use", conduct.peak), average=need.get("average", conduct.average),
            last_broken=TODAY - timedelta(days=need["quiet"]) if "quiet" in need else conduct.last_broken,
            since=TODAY - timedelta(days=need["days"]) if "days" in need else conduct.since)
        self.assertEqual(evaluate(rules, better, cap, TODAY).direction, RISE)

    @given(ladders(), AMOUNTS)
    def test_the_start_is_the_highest_that_fits(self, rules, amount):
        found = start(rules, amount)
        self.assertTrue(found == 0 or rules.stages[found].amount <= amount)
        self.assertTrue(all(stage.amount > amount for stage in rules.stages[found + 1:]))


@st.composite
def hold_rules(draw, outcomes=(WARN, HOLD, HOLD, STOP)):
    kind = draw(st.sampled_from([OVER_LIMIT, OVER_LIMIT, OVERDUE, OVERDUE, LEVEL, EXPIRED]))
    return Rule(kind, draw(st.sampled_from(outcomes)), draw(st.sampled_from([0, 0, 10])), draw(st.just(Decimal(0)) | AMOUNTS), draw(SHARES))


@st.composite
def standings(draw, helpless=True):
    """A customer; unless ``helpless``, one that no person has to help."""
    dues = draw(st.lists(st.tuples(AMOUNTS, st.integers(-20, 40)), max_size=6))
    dues.sort(key=lambda one: -one[1])
    items = tuple(Open(id, f"INV{id}", due, days, draw(st.sampled_from(["", "", "", "Notice"])))
                  for id, (due, days) in enumerate(dues))
    credits, disputed = draw(st.just(Decimal(0)) | AMOUNTS), draw(st.just(Decimal(0)) | AMOUNTS)
    receivable = sum((item.due for item in items), disputed)
    exposure = receivable - credits + draw(AMOUNTS)
    group = draw(st.none() | st.tuples(AMOUNTS, AMOUNTS.map(lambda others: exposure + others)))
    limit = Limit(draw(st.none() | AMOUNTS), expired=helpless and draw(st.booleans()))
    return Standing(limit, exposure, items, credits, receivable, group, "fraud" if helpless and draw(st.integers(0, 9)) == 0 else "")


RULES = st.lists(hold_rules(), max_size=5)
HELPFUL = st.lists(hold_rules((WARN, HOLD, HOLD)), min_size=1, max_size=5)
EVERYONE = st.tuples(standings(), AMOUNTS, RULES)


def less(known, amount):
    """``amount`` paid: less exposure, of the group too."""
    return known._replace(exposure=known.exposure - amount, group=known.group and (known.group[0], known.group[1] - amount))


def paid(known, way):
    """The customer after paying the items of ``way``."""
    parts = {id: part for id, _name, part in way.items}
    items = tuple(item._replace(due=item.due - parts.get(item.id, 0)) for item in known.items)
    return less(known, way.amount)._replace(items=items, receivable=known.receivable - way.amount)


def severity(*case):
    return SEVERITY.index(check(*case).outcome)


class Holds(unittest.TestCase):
    @settings(max_examples=300)
    @given(standings(helpless=False), AMOUNTS, HELPFUL)
    def test_who_goes_a_way_that_was_shown_is_free(self, known, amount, rules):
        for way in check(known, amount, rules, deposit=True).ways:
            event(way.kind)
            # matched with the invoices; of a deposit the exact amount, or the share of the document asked for
            for after in [paid(known, way)] if way.kind == "pay" else [
                    less(known, way.amount), less(known, amount * way.share / 100)]:
                self.assertIn(check(after, amount, rules).outcome, ("pass", WARN))

    @given(AMOUNTS, AMOUNTS, AMOUNTS, SHARES)
    def test_a_deposit_is_the_least_whole_share_that_frees(self, limit, used, amount, share):
        rules = [Rule(OVER_LIMIT, HOLD, share=share)]
        known = Standing(Limit(limit), min(used, limit * (share or 1)))  # what is there fits, the document may not
        ways = check(known, amount, rules, deposit=True).ways
        assume(ways)
        for percent, expected in [(ways[0].share, "pass"), (ways[0].share - 1, HOLD)]:
            self.assertEqual(check(less(known, amount * percent / 100), amount, rules).outcome, expected)

    @given(standings(helpless=False), AMOUNTS, HELPFUL)
    def test_who_can_pay_himself_free_is_shown_how(self, known, amount, rules):
        verdict = check(known, amount, rules)
        assume(verdict.outcome == HOLD)
        open_sum = max(Decimal(0), sum((item.due for item in known.items), Decimal(0)) - known.credits)
        cleared = less(known, open_sum)._replace(items=(), credits=Decimal(0), receivable=known.receivable - open_sum)
        free = check(cleared, amount, rules).outcome != HOLD
        self.assertEqual(bool(verdict.ways), free and open_sum > 0)
        event(f"free: {free}")

    @given(standings(), AMOUNTS, RULES, st.booleans())
    def test_a_way_adds_up_and_the_cheapest_comes_first(self, known, amount, rules, deposit):
        verdict = check(known, amount, rules, deposit)
        if verdict.ways:
            self.assertTrue(verdict.waits)
        self.assertEqual([way.amount for way in verdict.ways], sorted(way.amount for way in verdict.ways))
        due = {item.id: item.due for item in known.items}
        for way in verdict.ways:
            self.assertGreater(way.amount, 0)
            if way.kind == "pay":
                self.assertEqual(way.amount, sum(part for _id, _name, part in way.items))
                self.assertTrue(all(0 < part <= due[id] for id, _name, part in way.items))
                self.assertEqual(len({id for id, _name, _part in way.items}), len(way.items))
            else:
                self.assertTrue(deposit and 1 <= way.share <= 100 and way.amount <= amount)

    @given(EVERYONE, st.randoms(use_true_random=False))
    def test_the_order_of_rules_does_not_matter(self, case, random):
        known, amount, rules = case
        one, two = check(known, amount, rules, True), check(known, amount, random.sample(rules, len(rules)), True)
        self.assertEqual((one.outcome, one.ways), (two.outcome, two.ways))
        self.assertEqual({(finding.kind, finding.outcome) for finding in one.findings},
                         {(finding.kind, finding.outcome) for finding in two.findings})

    @given(EVERYONE)
    def test_every_outcome_has_its_findings_one_per_kind(self, case):
        verdict = check(*case)
        outcomes = [SEVERITY.index(finding.outcome) for finding in verdict.findings]
        self.assertEqual(outcomes, sorted(outcomes, reverse=True))
        self.assertEqual(SEVERITY.index(verdict.outcome), max(outcomes, default=0))
        self.assertEqual(len({finding.kind for finding in verdict.findings}), len(verdict.findings))
        event(verdict.outcome)

    @given(EVERYONE, AMOUNTS)
    def test_a_higher_limit_is_never_stricter(self, case, more):
        known, amount, rules = case
        assume(known.limit.amount is not None)
        limit = known.limit._replace(amount=known.limit.amount + more)
        group = known.group and (known.group[0] + more, known.group[1])
        self.assertLessEqual(severity(known._replace(limit=limit, group=group), amount, rules), severity(known, amount, rules))

    @given(EVERYONE, AMOUNTS)
    def test_more_unmatched_credit_is_never_stricter(self, case, more):
        known, amount, rules = case
        after = less(known, more)._replace(credits=known.credits + more)
        self.assertLessEqual(severity(after, amount, rules), severity(known, amount, rules))

    @given(EVERYONE, AMOUNTS)
    def test_a_smaller_document_is_never_stricter(self, case, more):
        known, amount, rules = case
        self.assertLessEqual(severity(known, amount, rules), severity(known, amount + more, rules))

    @given(EVERYONE, hold_rules())
    def test_one_more_rule_is_never_milder(self, case, rule):
        known, amount, rules = case
        self.assertLessEqual(severity(known, amount, rules), severity(known, amount, [*rules, rule]))

    @given(EVERYONE)
    def test_a_document_that_takes_credit_off_is_never_over_the_limit(self, case):
        known, amount, rules = case
        found = check(known, -amount, rules)
        self.assertNotIn(OVER_LIMIT, {finding.kind for finding in found.findings})


if __name__ == "__main__":
    unittest.main()
