"""Scores, their coverage, and classes with a tolerance (F-2)."""
import unittest
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from engine.score import BAND, CHOICE, MISSING, Band, Class, Factor, FactorError, classify, problem, score

POINTS = st.decimals(0, 1, places=2)
WEIGHTS = st.decimals("0.5", 50, places=1)
CLASSES = (Class("A", Decimal(80)), Class("B", Decimal(60)), Class("C", Decimal(40)), Class("D", Decimal(0)))


def flat(key, weight, points):
    """A factor that gives the same points whatever its value is."""
    return Factor(key, Decimal(str(weight)), (Band(None, Decimal(str(points))),))


def bands(*pairs):
    return tuple(Band(None if low is None else Decimal(str(low)), Decimal(str(points))) for low, points in pairs)


YEARS = Factor("years", Decimal(20), bands((None, ".1"), (2, ".4"), (5, ".7"), (10, 1)))


class Scores(unittest.TestCase):
    def test_f2_spreads_what_is_missing_over_the_others(self):
        factors = [flat("a", 30, ".9"), flat("b", 25, ".6"), flat("c", 20, 1), flat("d", 15, ".5"), flat("e", 10, ".1")]
        found = score({key: Decimal(1) for key in "abcd"}, factors)
        self.assertEqual((found.score, found.coverage), (Decimal("77.2"), 90))
        self.assertEqual([line.contribution for line in found.lines],
                         [Decimal("30.0"), Decimal("16.7"), Decimal("22.2"), Decimal("8.3"), 0])
        self.assertEqual([line.reason for line in found.lines], [BAND, BAND, BAND, BAND, MISSING])

    def test_bands_begin_at_their_low(self):
        for years, points, low, high in [(-1, ".1", None, 2), ("1.99", ".1", None, 2), (2, ".4", 2, 5), (5, ".7", 5, 10),
                                         ("9.99", ".7", 5, 10), (10, 1, 10, None), (500, 1, 10, None)]:
            with self.subTest(years=years):
                line = score({"years": Decimal(years)}, [YEARS]).lines[0]
                self.assertEqual((line.points, line.low, line.high), (Decimal(points), low, high))

    def test_nothing_known_is_no_score(self):
        found = score({"years": None}, [YEARS])
        self.assertEqual((found.score, found.coverage), (None, 0))
        self.assertEqual(score({}, []).score, None)

    def test_zero_is_known(self):
        found = score({"years": Decimal(0)}, [YEARS])
        self.assertEqual((found.score, found.coverage), (10, 100))

    def test_choices_have_points_of_their_own(self):
        place = Factor("place", Decimal(10), (Band(None, Decimal(1), "owned"), Band(None, Decimal(".5"), "rented")))
        for value, points, reason in [("owned", 1, CHOICE), ("rented", Decimal(".5"), CHOICE), ("tent", None, MISSING)]:
            with self.subTest(value=value):
                line = score({"place": value}, [place]).lines[0]
                self.assertEqual((line.points, line.reason), (points, reason))

    @given(st.lists(st.tuples(WEIGHTS, POINTS), min_size=1, max_size=6))
    def test_stays_between_0_and_100_and_adds_up(self, pairs):
        factors = [flat(key, weight, points) for key, (weight, points) in enumerate(pairs)]
        found = score({key: Decimal(1) for key in range(len(pairs))}, factors)
        self.assertTrue(0 <= found.score <= 100)
        self.assertEqual(found.coverage, 100)
        self.assertAlmostEqual(sum(line.contribution for line in found.lines), found.score, delta=Decimal("0.5"))

    @given(st.lists(st.tuples(WEIGHTS, POINTS), min_size=1, max_size=6), WEIGHTS)
    def test_an_unknown_factor_changes_the_coverage_only(self, pairs, weight):
        factors = [flat(key, each, points) for key, (each, points) in enumerate(pairs)]
        values = {key: Decimal(1) for key in range(len(pairs))}
        more = score(values, [*factors, flat("unknown", weight, 0)])
        self.assertEqual(more.score, score(values, factors).score)
        self.assertLess(more.coverage, 100)


class Mistakes(unittest.TestCase):
    def test_each_is_named_with_its_factor(self):
        for what, factor in [
            ("no_bands", Factor("f", Decimal(1), ())),
            ("not_open", Factor("f", Decimal(1), bands((0, 1), (5, ".5")))),
            ("overlap", Factor("f", Decimal(1), bands((None, 1), (5, ".5"), (5, ".4")))),
            ("overlap", Factor("f", Decimal(1), bands((None, 1), (None, ".5")))),
            ("points", Factor("f", Decimal(1), bands((None, "1.01")))),
            ("points", Factor("f", Decimal(1), bands((None, "-0.01")))),
            ("weight", Factor("f", Decimal(0), bands((None, 1)))),
        ]:
            with self.subTest(what=what):
                self.assertEqual(problem(factor), what)
                with self.assertRaises(FactorError) as caught:
                    score({"f": Decimal(1)}, [YEARS, factor])
                self.assertEqual((caught.exception.factor.key, caught.exception.code), ("f", what))

    def test_a_sound_factor_has_none(self):
        self.assertIsNone(problem(YEARS))


class Classes(unittest.TestCase):
    def test_classes_reach_from_their_low_to_the_next(self):
        for figure, expected in [(100, "A"), (80, "A"), ("79.9", "B"), (60, "B"), ("59.9", "C"), (0, "D"), (None, None)]:
            with self.subTest(figure=figure):
                self.assertEqual(classify(None if figure is None else Decimal(figure), CLASSES), expected)

    def test_f2_a_known_class_is_kept_within_the_tolerance(self):
        for figure, known, expected in [
            ("82.9", "B", "B"), (83, "B", "A"), (57, "B", "B"), ("56.9", "B", "C"), (95, "D", "A"), (77, "A", "A"), ("76.9", "A", "B"),
            (42, "D", "D"), (43, "D", "C"), (70, "gone", "B"), (81, None, "A"),
        ]:
            with self.subTest(figure=figure, known=known):
                self.assertEqual(classify(Decimal(figure), CLASSES, known, Decimal(3)), expected)

    def test_no_classes_no_class(self):
        self.assertIsNone(classify(Decimal(50), ()))

    @given(st.decimals(0, 100, places=1), st.sampled_from("ABCD"), st.decimals(0, 10, places=1))
    def test_settles_at_once(self, figure, known, tolerance):
        once = classify(figure, CLASSES, known, tolerance)
        self.assertEqual(classify(figure, CLASSES, once, tolerance), once)
