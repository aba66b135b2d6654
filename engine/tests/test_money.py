"""Exact money."""
import unittest
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from engine.money import exact, quantize, split

QUANTA = [Decimal(text) for text in ("1", "0.05", "0.01", "0.001", "0.0001")]
UNITS = st.integers(-10**14, 10**14)


class Exact(unittest.TestCase):
    def test_a_number_is_what_a_person_would_write(self):
        for value, expected in [(2.675, "2.675"), (0.1, "0.1"), (0.0, "0.0"), (7, "7"), ("12.50", "12.50"), (Decimal("1.10"), "1.10")]:
            with self.subTest(value=value):
                self.assertEqual(str(exact(value)), expected)

    @given(st.floats(allow_nan=False, allow_infinity=False))
    def test_and_back_again(self, value):
        self.assertEqual(float(exact(value)), value)


class Rounding(unittest.TestCase):
    def test_half_up_away_from_zero(self):
        for amount, quantum, expected in [
            ("2.5", "1", "3"), ("2.4999", "1", "2"), ("-2.5", "1", "-3"),
            ("0.025", "0.05", "0.05"), ("0.024", "0.05", "0"), ("1.02", "0.05", "1.00"), ("1.03", "0.05", "1.05"),
            ("2.675", "0.01", "2.68"), ("2.665", "0.01", "2.67"), ("-2.675", "0.01", "-2.68"),
            ("1.0005", "0.001", "1.001"), ("1.00005", "0.0001", "1.0001"), ("1.00004", "0.0001", "1.0000"),
            ("99999999999999.995", "0.01", "100000000000000.00"),
        ]:
            with self.subTest(amount=amount, quantum=quantum):
                self.assertEqual(quantize(Decimal(amount), Decimal(quantum)), Decimal(expected))

    def test_the_result_shows_the_decimals_of_the_currency(self):
        for quantum, expected in zip(QUANTA, ("12", "12.00", "12.00", "12.000", "12.0000"), strict=True):
            with self.subTest(quantum=quantum):
                self.assertEqual(str(quantize(12, quantum)), expected)

    def test_a_float_is_read_as_it_is_written(self):
        self.assertEqual(quantize(2.675, Decimal("0.01")), Decimal("2.68"))
        self.assertEqual(quantize(1.005, Decimal("0.01")), Decimal("1.01"))
        self.assertEqual(quantize(0.1 + 0.2, Decimal("0.01")), Decimal("0.30"))

    def test_the_unit_of_a_currency_is_read_so_too(self):
        for rounding, expected in [(0.01, "1.02"), (0.05, "1.00"), (1.0, "1"), (0.001, "1.015")]:
            with self.subTest(rounding=rounding):
                self.assertEqual(quantize(1.015, rounding), Decimal(expected))

    def test_there_is_no_negative_zero(self):
        self.assertEqual(str(quantize(Decimal("-0.001"), Decimal("0.01"))), "0.00")

    @given(st.decimals(-10**12, 10**12, places=6), st.sampled_from(QUANTA))
    def test_the_nearest_multiple_and_stable(self, amount, quantum):
        rounded = quantize(amount, quantum)
        self.assertEqual(rounded % quantum, 0)
        self.assertLessEqual(abs(rounded - amount) * 2, quantum)
        self.assertEqual(quantize(rounded, quantum), rounded)
        self.assertEqual(quantize(-amount, quantum), -rounded)


class Splitting(unittest.TestCase):
    def test_examples(self):
        cent = "0.01"
        for total, parts, quantum, expected in [
            ("9600", 7, cent, ["1371.43"] * 6 + ["1371.42"]),  # F-15
            ("100", 3, cent, ["33.34", "33.33", "33.33"]),
            ("100", 7, "1", ["15", "15", "14", "14", "14", "14", "14"]),
            ("-100", 3, cent, ["-33.34", "-33.33", "-33.33"]),
            ("0.02", 3, cent, ["0.01", "0.01", "0"]),
            ("0", 2, cent, ["0", "0"]),
            ("1.00", 3, "0.05", ["0.35", "0.35", "0.30"]),
            ("10", 1, cent, ["10"]),
            ("10.005", 2, cent, ["5.00", "5.005"]),  # less than a unit goes to the last
            ("900719925474099.33", 2, cent, ["450359962737049.67", "450359962737049.66"]),  # beyond a float
        ]:
            with self.subTest(total=total, parts=parts):
                self.assertEqual(split(Decimal(total), parts, Decimal(quantum)), [Decimal(text) for text in expected])

    def test_no_parts_is_an_error(self):
        for parts in (0, -1):
            with self.assertRaises(ValueError):
                split(Decimal(1), parts, Decimal("0.01"))

    @given(UNITS, st.integers(1, 120), st.sampled_from(QUANTA))
    def test_r41(self, units, parts, quantum):
        total = units * quantum
        pieces = split(total, parts, quantum)
        self.assertEqual(len(pieces), parts)
        self.assertEqual(sum(pieces), total)
        self.assertLessEqual(max(pieces) - min(pieces), quantum)
        self.assertTrue(all(abs(Fraction(piece) - Fraction(total) / parts) < Fraction(quantum) for piece in pieces))
        self.assertTrue(all(piece * total >= 0 for piece in pieces))
        self.assertTrue(all(piece % quantum == 0 for piece in pieces))
        self.assertEqual(pieces, sorted(pieces, key=abs, reverse=True))
        self.assertEqual(split(-total, parts, quantum), [-piece for piece in pieces])
