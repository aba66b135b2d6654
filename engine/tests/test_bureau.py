"""What a credit bureau is told of a customer's month."""
import unittest
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from engine.bureau import (
    BELOW,
    CONSUMER,
    COUNTRY,
    DISPUTED,
    NO_CONSENT,
    NOTHING,
    REPORTED,
    STOPPED,
    Customer,
    Item,
    Rule,
    decide,
)

FIRM = Customer(is_company=True, country=1, consent=True)
RULE = Rule(consent_needed=True, consumers=False)


def item(number, bucket, amount, disputed=False):
    return Item(number, bucket, Decimal(amount), Decimal(amount), disputed)


class TestBureau(unittest.TestCase):

    def test_a_month_is_told_by_class(self):
        report = decide(FIRM, RULE, [item(1, "not_due", 100), item(2, "b30", 50), item(3, "over", 25)])
        self.assertEqual((report.code, report.total, report.items), (REPORTED, 175, (1, 2, 3)))
        self.assertEqual(report.ages, {"not_due": 100, "b30": 50, "b60": 0, "b90": 0, "over": 25})

    def test_credits_take_off_the_oldest_first(self):
        report = decide(FIRM, RULE, [item(1, "not_due", 100), item(2, "b30", 50), item(3, "over", 25), item(4, "credit", -60)])
        self.assertEqual(report.ages, {"not_due": 100, "b30": 15, "b60": 0, "b90": 0, "over": 0})
        self.assertEqual((report.total, report.credit), (115, 60))

    def test_who_has_more_credit_than_debt_is_not_told_of(self):
        self.assertEqual(decide(FIRM, RULE, [item(1, "over", 25), item(4, "credit", -60)]).code, NOTHING)

    def test_a_disputed_item_is_left_out_whole(self):
        report = decide(FIRM, RULE, [item(1, "b30", 100), item(2, "over", 900, disputed=True)])
        self.assertEqual((report.code, report.total, report.items), (REPORTED, 100, (1,)))

    def test_where_all_is_disputed_nothing_is_told(self):
        self.assertEqual(decide(FIRM, RULE, [item(2, "over", 900, disputed=True)]).code, DISPUTED)

    def test_who_may_not_be_told_of(self):
        debt = [item(1, "b30", 100)]
        self.assertEqual(decide(FIRM._replace(stopped=True), RULE, debt).code, STOPPED)
        self.assertEqual(decide(FIRM._replace(consent=False), RULE, debt).code, NO_CONSENT)
        self.assertEqual(decide(FIRM._replace(is_company=False), RULE, debt).code, CONSUMER)
        self.assertEqual(decide(FIRM, RULE._replace(countries=frozenset({2})), debt).code, COUNTRY)

    def test_a_rule_may_ask_for_less(self):
        debt = [item(1, "b30", 100)]
        rule = Rule(consent_needed=False, consumers=True, countries=frozenset({1}))
        self.assertEqual(decide(Customer(False, 1, False), rule, debt).code, REPORTED)

    def test_an_amount_below_the_minimum(self):
        rule = RULE._replace(minimum=Decimal(100))
        self.assertEqual(decide(FIRM, rule, [item(1, "b30", "99.99")]).code, BELOW)
        self.assertEqual(decide(FIRM, rule, [item(1, "b30", 100)]).code, REPORTED)

    def test_the_minimum_is_about_all_currencies(self):
        rule = RULE._replace(minimum=Decimal(1000))
        self.assertEqual(decide(FIRM, rule, [item(1, "b30", 780)], elsewhere=Decimal(219)).code, BELOW)
        self.assertEqual(decide(FIRM, rule, [item(1, "b30", 780)], elsewhere=Decimal(220)).code, REPORTED)

    def test_who_paid_everything_in_the_month_is_good_news_worth_telling(self):
        self.assertEqual(decide(FIRM, RULE._replace(minimum=Decimal(100)), [], settled=True).code, REPORTED)
        self.assertEqual(decide(FIRM, RULE, []).code, NOTHING)

    @given(st.lists(st.tuples(st.sampled_from(["not_due", "b30", "b60", "b90", "over"]), st.integers(1, 9999), st.booleans())), st.integers(0, 9999))
    def test_the_classes_are_never_negative_and_sum_to_the_undisputed_debt_less_credit(self, rows, credit):
        items = [item(number, bucket, amount, disputed) for number, (bucket, amount, disputed) in enumerate(rows)]
        report = decide(FIRM, RULE, [*items, item(-1, "credit", -credit)])
        self.assertTrue(all(amount >= 0 for amount in report.ages.values()))
        owed = sum(one.amount for one in items if not one.disputed)
        self.assertEqual(report.total, max(0, owed - credit))
