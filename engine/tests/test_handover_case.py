import unittest
from datetime import date
from decimal import Decimal

from engine.handover import Entry
from engine.handover_case import Match, Stand, keep, since, stays

DAY = date(2025, 11, 20)


def stand(residual, **values):
    return Stand(Decimal(residual), **{name: Decimal(value) for name, value in values.items()})


class TestSince(unittest.TestCase):
    def test_what_was_there_before_does_not_count(self):
        matches = [Match(1, DAY, Decimal(100)), Match(2, DAY, Decimal(40), "credit"), Match(3, DAY, Decimal(5), None)]
        self.assertEqual(since(matches, {1: Decimal(100)}), ((Entry(DAY, Decimal(40), "credit"),), 0))

    def test_more_of_it_counts_and_what_is_gone_is_undone(self):
        self.assertEqual(since([Match(1, DAY, Decimal(130))], {1: Decimal(100), 2: Decimal(60)}), ((Entry(DAY, Decimal(30)),), 60))


class TestStays(unittest.TestCase):
    """600, of which 150 is disputed: 450 is claimed."""

    def test_what_is_not_claimed_stays(self):
        self.assertEqual(stays(stand(600, kept=150, disputed=150)), 150)
        self.assertEqual(stays(stand(150, kept=150, disputed=150)), 150)  # the claim is paid
        self.assertEqual(stays(stand(600, kept=150)), 150)  # the dispute was rejected: nobody's claim yet
        self.assertEqual(stays(stand(450, kept=150, credited=150)), 0)  # it was accepted
        self.assertEqual(stays(stand(500, kept=150, disputed=150, credited=100)), 150)  # another credit
        self.assertEqual(stays(stand(600, disputed=100)), 0)  # disputed since: the agency has it all
        self.assertEqual(stays(stand(600, undone=100)), 100)  # an old payment bounced
        self.assertEqual(stays(stand(100, kept=150)), 100)  # never more than is open

    def test_taking_stock_later_comes_to_the_same(self):
        """100 was credited and 20 undone since: of 520, 400 is claimed, so 120 stays."""
        later = stand(520, credited=100, undone=20)
        self.assertEqual(keep(Decimal(400), later), 200)
        self.assertEqual(stays(later._replace(kept=Decimal(200))), 120)


if __name__ == "__main__":
    unittest.main()
