"""What a request for credit comes to, and whether it needs anybody's authority."""
import unittest
from decimal import Decimal

from engine.authority import Request, lowers, reach
from engine.limit import BASE, GROUP, INSURED, TEMPORARY, Grant

from .common import TODAY, day


def request(amount, cap=0, kind=BASE, start=0, end=None):
    """Asked for today; days relative to TODAY."""
    return Request(Grant(kind, None if amount is None else Decimal(amount), None if start is None else day(start),
                         None if end is None else day(end)), Decimal(cap))


class Less(unittest.TestCase):
    def check(self, base, cases):
        for name, wanted, expected in cases:
            with self.subTest(name):
                self.assertIs(lowers(wanted, base, TODAY), expected)

    def test_less_is_no_higher_amount_no_higher_ceiling_and_no_later_end(self):
        self.check(request(5000, cap=8000, start=-1, end=100), [
            ("less", request(4000, cap=8000, end=100), True),
            ("the same", request(5000, cap=8000, end=100), True),
            ("prepayment, for a shorter time", request(0, cap=100, end=1), True),
            ("a cent more", request("5000.01", cap=8000, end=100), False),
            ("a higher ceiling", request(4000, cap="8000.01", end=100), False),
            ("no ceiling", request(4000, cap=0, end=100), False),
            ("a day longer", request(4000, cap=8000, end=101), False),
            ("without end", request(4000, cap=8000), False),
            ("from tomorrow on", request(4000, cap=8000, start=1, end=100), False),
            ("no limit at all", request(None, cap=8000, end=100), False),
            ("without a first day", request(4000, cap=8000, start=None, end=100), True),
            ("within a group", request(4000, kind=GROUP, end=100), False),
        ])

    def test_a_base_without_ceiling_and_end_bounds_the_amount_alone(self):
        self.check(request(5000, start=-1), [
            ("without either", request(5000), True),
            ("with both", request(5000, cap=90000, end=900), True),
            ("more", request(5001), False),
        ])

    def test_nothing_is_less_than_no_base(self):
        for name, base in [("nobody decided", None), ("no limit", request(None)), ("it ran out yesterday", request(9000, start=-9, end=-1))]:
            with self.subTest(name):
                self.assertFalse(lowers(request(1, end=-1), base, TODAY))
        self.assertTrue(lowers(request(1, end=0), request(9000, start=-9, end=0), TODAY), "on its last day it still holds")

    def test_taking_back_what_came_on_top_is_less(self):
        for kind in (TEMPORARY, INSURED):
            for base in (None, request(5000)):
                with self.subTest(kind, base=base):
                    self.assertTrue(lowers(request(None, kind=kind), base, TODAY))
                    self.assertFalse(lowers(request(1, kind=kind), base, TODAY))
        self.assertFalse(lowers(request(None, kind=GROUP), request(5000), TODAY), "a group that is no more frees its members")


class Reach(unittest.TestCase):
    def test_how_far_a_request_may_lead(self):
        for name, wanted, own, top, expected in [
            ("a base grows to its ceiling", request(1000, cap=8000), 500, 20000, 8000),
            ("and without one to the top of the ladder", request(1000), 500, 20000, 20000),
            ("beyond the ladder it grows no more", request(30000), 500, 20000, 30000),
            ("without ladder and ceiling it stays", request(1000), 500, 0, 1000),
            ("no limit", request(None, cap=8000), 500, 20000, None),
            ("temporary is what it is", request(1000, kind=TEMPORARY), 500, 20000, 1000),
            ("so is a group", request(1000, cap=8000, kind=GROUP), 500, 20000, 1000),
            ("insured comes on top", request(1000, kind=INSURED), 500, 20000, 1500),
            ("on top of nothing", request(1000, kind=INSURED), None, 20000, 1000),
        ]:
            with self.subTest(name):
                self.assertEqual(reach(wanted, None if own is None else Decimal(own), Decimal(top)), expected)


if __name__ == "__main__":
    unittest.main()
