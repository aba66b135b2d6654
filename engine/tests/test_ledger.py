"""Claims, pauses and the netting of credits."""
import unittest
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from engine.ledger import net, spread

from .common import EUR, TODAY, USD, day, item, pause

ITEMS = st.lists(st.builds(
    item, st.just(0), st.integers(-30, 90), st.integers(0, 500), st.sampled_from([EUR, USD]),
    disputed=st.integers(0, 300), in_transit=st.integers(0, 300)), max_size=6).map(
        lambda items: [one._replace(id=index) for index, one in enumerate(items)])
CREDITS = st.dictionaries(st.sampled_from([EUR, USD]), st.integers(-50, 900).map(Decimal))


class Claimable(unittest.TestCase):
    def test_the_residual_without_what_is_disputed_or_on_its_way(self):
        for values, expected in [
            ({}, 100), ({"disputed": 30}, 70), ({"in_transit": 30}, 70), ({"disputed": 30, "in_transit": 30}, 40),
            ({"disputed": 100}, 0), ({"disputed": 80, "in_transit": 80}, 0), ({"amount": -5}, 0),
        ]:
            with self.subTest(values):
                self.assertEqual(item(1, 10, **values).claimable, expected)

    def test_a_pause_holds_up_to_and_including_its_last_day(self):
        for until, expected in [(None, True), (1, True), (0, True), (-1, False)]:
            with self.subTest(until=until):
                self.assertIs(pause("promise", until).holds(TODAY), expected)
        self.assertFalse(pause("promise", 0).holds(day(1)))


class Spreading(unittest.TestCase):
    def test_in_order_and_never_more_than_a_target_takes(self):
        for amount, targets, expected in [
            (100, {2: 60, 1: 60}, {2: 60, 1: 40}), (200, {1: 60, 2: 60}, {1: 60, 2: 60}),
            (60, {1: 60, 2: 60}, {1: 60}), (0, {1: 60}, {}), (50, {1: -5, 2: 0, 3: 60}, {3: 50}), (50, {}, {}),
        ]:
            with self.subTest(amount=amount, targets=targets):
                self.assertEqual(spread(Decimal(amount), {key: Decimal(value) for key, value in targets.items()}),
                                 expected)


class Netting(unittest.TestCase):
    def test_examples(self):
        old, new, far = item(1, 20), item(2, 10), item(3, -5)
        dollars = item(4, 30, currency=USD)
        for name, items, credits, expected in [
            ("nothing to net", [old, new], {}, {1: 100, 2: 100}),
            ("the oldest first, whatever the order", [new, old], {EUR: 30}, {1: 70, 2: 100}),
            ("over several items", [old, new, far], {EUR: 150}, {1: 0, 2: 50, 3: 100}),
            ("more credit than debt", [old, new], {EUR: 500}, {1: 0, 2: 0}),
            ("each currency on its own", [old, dollars], {USD: 60}, {1: 100, 4: 40}),
            ("a negative credit adds no debt", [old], {EUR: -50}, {1: 100}),
            ("the same due date: by id", [item(6, 20), item(5, 20)], {EUR: 100}, {5: 0, 6: 100}),
            ("only what is claimable takes credit", [item(1, 20, disputed=60), new], {EUR: 50}, {1: 0, 2: 90}),
        ]:
            with self.subTest(name):
                found = net(items, {currency: Decimal(value) for currency, value in credits.items()})
                self.assertEqual(found, expected)

    def test_the_credits_handed_in_are_left_alone(self):
        credits = {EUR: Decimal(30)}
        net([item(1, 20)], credits)
        self.assertEqual(credits, {EUR: 30})

    @given(ITEMS, CREDITS)
    def test_the_sum_is_exact_and_no_item_asks_too_much(self, items, credits):
        asked = net(items, credits)
        self.assertEqual(set(asked), {one.id for one in items})
        for currency in (EUR, USD):
            mine = [one for one in items if one.currency == currency]
            expected = sum(one.claimable for one in mine) - max(0, credits.get(currency, 0))
            self.assertEqual(sum(asked[one.id] for one in mine), max(0, expected))
        self.assertTrue(all(0 <= asked[one.id] <= one.claimable for one in items))

    @given(ITEMS, CREDITS, st.randoms(use_true_random=False))
    def test_the_order_of_items_does_not_matter(self, items, credits, random):
        shuffled = random.sample(items, len(items))
        self.assertEqual(net(items, credits), net(shuffled, credits))
