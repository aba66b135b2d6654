"""What a customer takes over of the limits of another one."""
import unittest
from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from engine.limit import BASE, GROUP, INSURED, TEMPORARY, ZERO, Grant, in_force
from engine.succession import Merger, inherited, merge

from .common import TODAY, day


def grant(id, kind=BASE, amount=100, start=-50, end=None):
    """A line of the journal; days relative to TODAY, a greater ``id`` was written later."""
    return Grant(kind, None if amount is None else Decimal(amount), day(start), None if end is None else day(end), id)


def ids(grants):
    return [one.id for one in grants]


class Merging(unittest.TestCase):
    def check(self, cases):
        for name, own, joined, again in cases:
            with self.subTest(name):
                self.assertEqual(ids(merge(own, joined, TODAY).again), again)

    def test_what_a_newer_line_of_the_other_one_would_hide_is_written_again(self):
        self.check([
            ("the other one's is newer", [grant(1)], [grant(2)], [1]),
            ("the other one's is older", [grant(2)], [grant(1)], []),
            ("the other one has nothing", [grant(1)], [], []),
            ("nothing of its own", [], [grant(1)], []),
            ("newer, but of another kind", [grant(1)], [grant(2, INSURED)], []),
            ("only the newest of its own", [grant(1), grant(2)], [grant(3)], [2]),
            ("what is still to come as well", [grant(1), grant(2, start=10)], [grant(3)], [1, 2]),
            ("what holds until then, and what comes after", [grant(1, end=9), grant(2, start=10)], [grant(3)], [1, 2]),
            ("what ran out before the newest is gone", [grant(1, end=-1), grant(2)], [grant(3)], [2]),
            ("of each kind, the oldest first", [grant(1, GROUP), grant(2)], [grant(3), grant(4, GROUP)], [1, 2]),
        ])

    def test_a_base_that_ran_out_still_speaks(self):
        self.check([
            ("the other one's would speak in place of one in force", [grant(1)], [grant(2, end=-1)], [1]),
            ("both ran out, the other one's is newer", [grant(1, end=-9)], [grant(2, end=-1)], [1]),
            ("both ran out, the own one is newer", [grant(2, end=-9)], [grant(1, end=-1)], []),
            ("the other one's is newer, but had ended before the own one began", [grant(1, start=-9, end=-1)],
             [grant(2, start=-30, end=-20)], []),
            ("the own one ran out, the other one's holds", [grant(1, end=-1)], [grant(2)], []),
            ("another kind that ran out says nothing", [grant(1, INSURED)], [grant(2, INSURED, end=-1)], []),
        ])

    def test_a_temporary_amount_of_the_other_one_ends_today(self):
        for name, own, joined, ends in [
            ("it holds", [grant(1)], [grant(2, TEMPORARY, end=9)], 2),
            ("it is still to come", [grant(1)], [grant(2, TEMPORARY, start=5, end=9)], 2),
            ("on its last day", [grant(1)], [grant(2, TEMPORARY, end=0)], 2),
            ("the newest of several", [grant(1)], [grant(2, TEMPORARY, end=9), grant(3, TEMPORARY, end=5)], 3),
            ("it ran out", [grant(1)], [grant(2, TEMPORARY, end=-1)], None),
            ("there is no base it would stand in for", [], [grant(2, TEMPORARY, end=9)], None),
        ]:
            with self.subTest(name):
                found = merge(own, joined, TODAY).ends
                self.assertEqual(found and found.id, ends)

    def test_taking_it_back_takes_back_its_own_too_so_that_is_written_again(self):
        own = [grant(2), grant(3, TEMPORARY, end=9)]
        self.assertEqual(ids(merge(own, [grant(1, TEMPORARY, end=9)], TODAY).again), [3])

    def test_who_has_no_base_takes_over_that_of_the_other_one(self):
        self.assertEqual(merge([grant(1, INSURED)], [grant(2)], TODAY), Merger(None, (), True))
        self.assertFalse(merge([grant(1, end=-1)], [grant(2)], TODAY).takes_base, "one that ran out is a base as well")


class Inheriting(unittest.TestCase):
    def test_a_parent_takes_over_the_base_limits_that_count_from_today_on(self):
        for name, journal, expected in [
            ("nothing", [], []),
            ("nothing but other kinds", [grant(1, GROUP), grant(2, TEMPORARY, end=9)], []),
            ("the newest", [grant(1), grant(2)], [2]),
            ("the one in force and the one to come", [grant(1), grant(2, start=10)], [1, 2]),
            ("one within the days of another", [grant(1), grant(2, start=5, end=9)], [1, 2]),
            ("one that ran out beside one that holds", [grant(1), grant(2, end=-1)], [1]),
            ("all ran out: the last word", [grant(1, end=-9), grant(2, end=-1)], [2]),
            ("all ran out, the newest before the other began", [grant(1, start=-9, end=-1), grant(2, start=-30, end=-20)], [1]),
        ]:
            with self.subTest(name):
                self.assertEqual(ids(inherited(journal, TODAY)), expected)


@st.composite
def journals(draw):
    """Two journals written in turns, of bases and temporary amounts that began some time or are still to come."""
    own, joined = [], []
    for id in range(draw(st.integers(1, 7))):
        start, days = draw(st.integers(-9, 9)), draw(st.integers(0, 12))
        kind = draw(st.sampled_from([BASE, BASE, TEMPORARY]))
        end = start + days if kind == TEMPORARY or draw(st.booleans()) else None
        draw(st.sampled_from([own, joined])).append(grant(id, kind, draw(st.integers(0, 9)), start, end))
    return own, joined


def _holds(journal, today):
    return in_force(journal, today).base is not None and not in_force(journal, today).expired


class Properties(unittest.TestCase):
    @given(journals())
    def test_a_merge_changes_nothing_as_long_as_a_base_of_its_own_holds(self, pair):
        own, joined = pair
        assume(_holds(own, TODAY))
        found = merge(own, joined, TODAY)
        after = sorted(own + joined, key=lambda one: one.id)
        after += [Grant(TEMPORARY, None, TODAY, None, 100)] if found.ends else []
        after += found.again
        for offset in range(12):
            if not _holds(own, day(offset)):
                break
            before, now = (in_force(grants, day(offset), ZERO) for grants in (own, after))
            self.assertEqual((before.amount, before.until), (now.amount, now.until), f"in {offset} days")


if __name__ == "__main__":
    unittest.main()
