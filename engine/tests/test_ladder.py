"""Limits that grow with good behaviour and shrink with bad (F-4)."""
import unittest
from decimal import Decimal

from engine.ladder import (
    BOTTOM,
    COOLING,
    FALL,
    MISSING,
    RISE,
    STAY,
    TOP,
    Conduct,
    Gap,
    Ladder,
    Move,
    Stage,
    after,
    amounts,
    evaluate,
    granted,
    start,
)

from .common import TODAY, day

CAP = Decimal(20000)
STEPS = [Decimal(text) for text in ("5000", "7500", "11250", "16875", "20000")]
# of the last 5 invoices 4 at most 3 days late; twice the limit paid, half of it used; 5 days late on average; 90 quiet, 60 in all
ASKS = {"window": 5, "on_time": 4, "tolerance": 3, "turnover": Decimal(2), "use": Decimal("0.5"), "average": Decimal(5),
        "quiet": 90, "days": 60}
RULES = {"fall_days": 30, "fall_broken": 2, "cool_down": 45}


def stages(*amounts, **asks):
    return tuple(Stage(100 + position, Decimal(amount), **(asks or ASKS)) for position, amount in enumerate(amounts))


def ladder(*amounts, asks=ASKS, **rules):
    return Ladder(stages(*amounts or STEPS, **asks), **{**RULES, **rules})


def conduct(stage=1, since=-60, **values):
    """Just good enough to leave the stage of 7,500; days relative to TODAY."""
    values = {"late": (0, 3, 9, 0, 1), "paid": 15000, "peak": 3750, "average": 5, "last_broken": -90, **values}
    for name in ("paid", "peak", "average"):
        values[name] = None if values[name] is None else Decimal(values[name])
    for name in ("last_broken", "fell_on"):
        values[name] = None if values.get(name) is None else day(values[name])
    return Conduct(stage, day(since), **values)


def move(rules=None, cap=CAP, at=0, **values):
    return evaluate(rules or ladder(), conduct(**values), cap, day(at))


def gaps(found):
    return [gap.code for gap in found.missing]


class Amounts(unittest.TestCase):
    def test_f4(self):
        self.assertEqual(amounts(Decimal(5000), Decimal("1.5"), CAP), STEPS)

    def test_examples(self):
        for first, growth, cap, quantum, expected in [
            ("5000", "2", "20000", "0.01", ["5000", "10000", "20000"]),  # the cap is a step already
            ("5000", "2", "20000.01", "0.01", ["5000", "10000", "20000", "20000.01"]),
            ("5000", "2", "5000", "0.01", ["5000"]),
            ("5000", "2", "3000", "0.01", ["3000"]),
            ("1000", "1.1", "1300", "0.01", ["1000", "1100", "1210", "1300"]),
            ("100", "1.333", "250", "0.01", ["100", "133.3", "177.69", "236.86", "250"]),  # rounded once, from the exact
            ("5000", "1.5", "20000", "500", ["5000", "7500", "11500", "17000", "20000"]),
            ("5000", "1.99", "19900", "500", ["5000", "10000", "19900"]),  # 19,800.5 would round above the cap
            ("5000", "1.99", "20000", "500", ["5000", "10000", "20000"]),  # nor is the cap there twice
            ("100", "1.5", "2000", "500", ["500", "1000", "1500", "2000"]),  # neither nothing nor twice the same
        ]:
            with self.subTest(first=first, growth=growth, cap=cap, quantum=quantum):
                found = amounts(Decimal(first), Decimal(growth), Decimal(cap), Decimal(quantum))
                self.assertEqual(found, [Decimal(text) for text in expected])

    def test_a_ladder_that_does_not_grow_is_an_error_not_an_endless_loop(self):
        for first, growth in [(0, 2), (-1, 2), (100, 1), (100, "0.5"), (100, 0)]:
            with self.subTest(first=first, growth=growth), self.assertRaises(ValueError):
                amounts(Decimal(first), Decimal(growth), CAP)

    def test_granted_is_never_above_the_cap(self):
        for cap, expected in [(None, 11250), (20000, 11250), (11250, 11250), (8000, 8000), (0, 0)]:
            with self.subTest(cap=cap):
                self.assertEqual(granted(stages(11250)[0], None if cap is None else Decimal(cap)), expected)

    def test_the_limit_after_a_move(self):
        for name, direction, cap, base, expected in [
            ("up to the stage", RISE, None, 5000, 7500), ("up to the cap", RISE, 6000, 5000, 6000),
            ("up, whatever the base", RISE, 20000, 9000, 7500),
            ("down to the stage", FALL, 20000, 11250, 7500), ("down to the cap", FALL, 6000, 11250, 6000),
            ("never up by falling: a person had granted less", FALL, 20000, 4000, 4000), ("nor from prepayment", FALL, None, 0, 0),
        ]:
            with self.subTest(name):
                found = after(Move(direction, 1, ""), stages(5000, 7500)[1], cap and Decimal(cap), Decimal(base))
                self.assertEqual(found, expected)

    def test_where_to_start(self):
        for amount, expected in [(0, 0), (4999, 0), (5000, 0), (7499, 0), (7500, 1), (16875, 3), (10**6, 4)]:
            with self.subTest(amount=amount):
                self.assertEqual(start(ladder(), Decimal(amount)), expected)


class Rising(unittest.TestCase):
    def test_with_everything_exactly_met(self):
        self.assertEqual(move(), Move(RISE, 2, RISE))

    def test_each_condition_alone_holds_back(self):
        for name, values, expected in [
            ("one more late", {"late": (0, 3, 9, 4, 1)}, Gap("on_time", 3, 4)),
            ("an older one on time does not count", {"late": (9, 9, 0, 0, 0, 0)}, Gap("on_time", 3, 4)),
            ("too few invoices yet", {"late": (0, 0, 0)}, Gap("on_time", 3, 4)),
            ("none yet", {"late": ()}, Gap("on_time", 0, 4)),
            ("paid too little", {"paid": "14999.99"}, Gap("turnover", Decimal("14999.99"), Decimal(15000))),
            ("never used", {"peak": "3749.99"}, Gap("use", Decimal("3749.99"), Decimal(3750))),
            ("late on average", {"average": "5.01"}, Gap("average", Decimal("5.01"), Decimal(5))),
            ("a promise broken lately", {"last_broken": -89}, Gap("quiet", 89, 90)),
            ("a promise broken today", {"last_broken": 0}, Gap("quiet", 0, 90)),
            ("too early", {"since": -59}, Gap("days", 59, 60)),
            ("the first day", {"since": 0}, Gap("days", 0, 60)),
        ]:
            with self.subTest(name):
                self.assertEqual(move(**values), Move(STAY, 1, MISSING, (expected,)))

    def test_each_condition_is_met_exactly_at_its_boundary_and_beyond(self):
        for values in [{"late": (0, 0, 0, 0)}, {"late": (3, 3, 3, 3, 99)}, {"late": (3, 3, 3, 3, 3, 99)}, {"paid": "15000.00"},
                       {"paid": 10**6}, {"peak": "3750.00"}, {"peak": 7500}, {"average": "5.00"}, {"average": 0},
                       {"last_broken": -91}, {"last_broken": None}, {"since": -61}]:
            with self.subTest(values):
                self.assertEqual(move(**values).direction, RISE)

    def test_all_that_is_missing_is_told_in_order(self):
        found = move(late=(), paid=0, peak=0, average=40, last_broken=-1, since=-1)
        self.assertEqual((found.reason, gaps(found)), (MISSING, ["on_time", "turnover", "use", "average", "quiet", "days"]))
        self.assertEqual(gaps(move(late=(), since=-1)), ["on_time", "days"])

    def test_a_condition_of_zero_asks_for_nothing(self):
        for name, relaxed, values in [
            ("on_time", {"on_time": 0}, {"late": (90,) * 5}), ("turnover", {"turnover": Decimal(0)}, {"paid": 0}),
            ("use", {"use": Decimal(0)}, {"peak": 0}), ("average", {"average": None}, {"average": 90}),
            ("quiet", {"quiet": 0}, {"last_broken": 0}), ("days", {"days": 0}, {"since": 0}),
        ]:
            with self.subTest(name):
                self.assertEqual(gaps(move(**values)), [name])
                self.assertEqual(move(ladder(asks={**ASKS, **relaxed}), **values).direction, RISE)

    def test_an_average_of_zero_days_is_a_condition(self):
        strict = ladder(asks={**ASKS, "average": Decimal(0)})
        self.assertEqual(move(strict, average=0).direction, RISE)
        self.assertEqual(gaps(move(strict, average="0.01")), ["average"])

    def test_the_top(self):
        for name, values, expected in [
            ("the last stage", {"stage": 4}, (STAY, 4, TOP)),
            ("the cap is this stage", {"stage": 1, "cap": Decimal(7500)}, (STAY, 1, TOP)),
            ("the cap is below this stage", {"stage": 3, "cap": Decimal(7500)}, (STAY, 3, TOP)),
            ("prepayment", {"stage": 1, "cap": Decimal(0)}, (STAY, 1, TOP)),
            ("a cap a little above this stage", {"stage": 1, "cap": Decimal("7500.01")}, (RISE, 2, RISE)),
            ("no cap", {"stage": 1, "cap": None}, (RISE, 2, RISE)),
            ("no cap, the last stage", {"stage": 4, "cap": None}, (STAY, 4, TOP)),
        ]:
            with self.subTest(name):
                found = move(**values)
                self.assertEqual(found, Move(*expected))

    def test_a_step_that_is_no_more_is_none(self):
        for above in (7500, 5000):
            self.assertEqual(move(ladder(5000, 7500, above)).reason, TOP)

    def test_one_stage_is_top_and_bottom(self):
        self.assertEqual(move(ladder(7500), stage=0).reason, TOP)
        self.assertEqual(move(ladder(7500), stage=0, worst=31).reason, BOTTOM)


class Falling(unittest.TestCase):
    def test_by_days_late_or_broken_promises(self):
        for name, values, expected in [
            ("exactly the days allowed", {"worst": 30}, (RISE, 2, RISE)),
            ("a day more", {"worst": 31}, (FALL, 0, "fell_late")),
            ("one promise less than it takes", {"broken": 1}, (RISE, 2, RISE)),
            ("as many as it takes", {"broken": 2}, (FALL, 0, "fell_broken")),
            ("more", {"broken": 9}, (FALL, 0, "fell_broken")),
            ("both: late comes first", {"worst": 31, "broken": 2}, (FALL, 0, "fell_late")),
            ("though nothing is missing at the top", {"worst": 31, "stage": 4}, (FALL, 3, "fell_late")),
            ("at the bottom", {"worst": 31, "stage": 0}, (STAY, 0, BOTTOM)),
        ]:
            with self.subTest(name):
                found = move(**values)
                self.assertEqual((found.direction, found.stage, found.reason), expected)

    def test_a_rule_of_zero_never_makes_fall(self):
        lenient = ladder(fall_days=0, fall_broken=0)
        self.assertEqual(move(lenient, worst=999, broken=99).direction, RISE)

    def test_why(self):
        self.assertEqual(move(worst=31).detail, {"code": "fell_late", "days": 31, "most": 30})
        self.assertEqual(move(broken=3).detail, {"code": "fell_broken", "count": 3, "most": 2})
        self.assertEqual(move(worst=31, stage=0).detail["code"], "fell_late")

    def test_to_the_first_stage(self):
        far = ladder(to_first=True)
        self.assertEqual(move(far, stage=4, worst=31), Move(FALL, 0, "fell_late", (), {"code": "fell_late", "days": 31, "most": 30}))
        self.assertEqual(move(far, stage=4, broken=2).stage, 0)
        self.assertEqual(move(far, stage=0, worst=31).reason, BOTTOM)
        self.assertEqual(move(stage=4, worst=31).stage, 3)

    def test_the_cap_does_not_keep_from_falling(self):
        self.assertEqual(move(stage=3, cap=Decimal(7500), worst=31).stage, 2)


class CoolingDown(unittest.TestCase):
    def test_nothing_moves_from_the_fall_to_the_last_day(self):
        for fell_on in (0, -1, -44):
            for name, values in [("no rise", {}), ("no fall", {"worst": 31}), ("no fall", {"broken": 2})]:
                with self.subTest(name, fell_on=fell_on):
                    found = move(fell_on=fell_on, **values)
                    self.assertEqual(found, Move(STAY, 1, COOLING, (), {"until": day(fell_on + 45)}))

    def test_from_the_day_after_everything_moves_again(self):
        self.assertEqual(move(fell_on=-45).direction, RISE)
        self.assertEqual(move(fell_on=-45, worst=31).direction, FALL)

    def test_what_is_missing_is_told_meanwhile(self):
        found = move(fell_on=-1, late=())
        self.assertEqual((found.reason, gaps(found)), (COOLING, ["on_time"]))

    def test_no_cool_down(self):
        self.assertEqual(move(ladder(cool_down=0), fell_on=0).direction, RISE)

    def test_at_the_top_there_is_nothing_to_wait_for(self):
        self.assertEqual(move(stage=4, fell_on=0).reason, TOP)


class Life(unittest.TestCase):
    def test_up_to_the_cap_down_and_up_again(self):
        rules, stage, seen = ladder(), 0, []
        for bad in (False, False, False, False, False, True, True, False):
            found = evaluate(rules, conduct(stage, paid=10**6, peak=20000, worst=31 if bad else 0), Decimal(15000), TODAY)
            stage = found.stage
            seen.append(granted(rules.stages[stage], Decimal(15000)))
        self.assertEqual(seen, [7500, 11250, 15000, 15000, 15000, 11250, 7500, 11250])


if __name__ == "__main__":
    unittest.main()
