import unittest
from datetime import date
from decimal import Decimal

from engine.forecast import HABIT, OVERDUE, PLAN, PROMISE, TRANSIT, Expected, Owing, divide, expect

TODAY = date(2025, 3, 3)
USUAL = date(2025, 3, 14)


def day(number):
    return date(2025, 3, number)


def owing(number=1, amount=1000, usual=USUAL, habit=None, **values):
    return Owing(number, 1, Decimal(amount), usual, habit or max(usual, TODAY), **values)


def told(found):
    return [(part.item, part.day.day, int(part.amount), part.source) for part in found]


class TestExpect(unittest.TestCase):
    def test_nobody_spoke_of_it_so_it_comes_by_habit(self):
        self.assertEqual(expect([owing()], {}, TODAY), [Expected(1, USUAL, Decimal(1000), HABIT)])

    def test_later_than_usual_has_a_name_of_its_own(self):
        self.assertEqual(told(expect([owing(usual=day(1), habit=day(4))], {}, TODAY)), [(1, 4, 1000, OVERDUE)])

    def test_the_most_certain_part_comes_first_and_the_rest_by_habit(self):
        item = owing(contested=Decimal(100), transit=Decimal(200), promised=((day(10), Decimal(300)),))
        self.assertEqual(told(expect([item], {}, TODAY)), [(1, 3, 200, TRANSIT), (1, 10, 300, PROMISE), (1, 14, 400, HABIT)])

    def test_what_is_contested_is_not_expected(self):
        self.assertEqual(expect([owing(contested=Decimal(1000))], {}, TODAY), [])

    def test_a_promise_for_more_than_is_open_brings_what_is_open(self):
        item = owing(contested=Decimal(700), promised=((day(10), Decimal(900)),))
        self.assertEqual(told(expect([item], {}, TODAY)), [(1, 10, 300, PROMISE)])

    def test_a_late_installment_is_expected_today_at_the_earliest(self):
        item = owing(planned=((day(1), Decimal(400)), (day(20), Decimal(600))))
        self.assertEqual(told(expect([item], {}, TODAY)), [(1, 3, 400, PLAN), (1, 20, 600, PLAN)])

    def test_two_late_installments_are_one_part(self):
        item = owing(planned=((day(1), Decimal(400)), (day(2), Decimal(400))))
        self.assertEqual(told(expect([item], {}, TODAY)), [(1, 3, 800, PLAN), (1, 14, 200, HABIT)])

    def test_what_a_plan_missed_is_later_than_usual_though_the_invoice_would_not_be(self):
        item = owing(planned=((day(20), Decimal(600)),), missed=Decimal(300))
        self.assertEqual(told(expect([item], {}, TODAY)), [(1, 14, 300, OVERDUE), (1, 14, 100, HABIT), (1, 20, 600, PLAN)])

    def test_credits_are_taken_off_what_comes_first_in_their_currency(self):
        items = [owing(1, 500, usual=day(20)), owing(2, 300, usual=day(10)), owing(3, 100, usual=day(5))._replace(currency=2)]
        self.assertEqual(told(expect(items, {1: Decimal(400)}, TODAY)), [(3, 5, 100, HABIT), (1, 20, 400, HABIT)])

    def test_a_customer_in_credit_is_not_expected_to_pay(self):
        self.assertEqual(expect([owing(1, 500)], {1: Decimal(800)}, TODAY), [])


class TestDivide(unittest.TestCase):
    def test_parts_pay_the_oldest_item_first(self):
        found = divide([(day(1), Decimal(300)), (day(8), Decimal(300))], [(7, Decimal(200)), (8, Decimal(400))])
        self.assertEqual(found, {7: ((day(1), Decimal(200)),), 8: ((day(1), Decimal(100)), (day(8), Decimal(300)))})

    def test_more_owed_than_planned_leaves_the_rest_to_habit(self):
        self.assertEqual(divide([(day(1), Decimal(100))], [(7, Decimal(250))]), {7: ((day(1), Decimal(100)),)})
