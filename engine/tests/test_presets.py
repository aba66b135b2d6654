"""The presets against official tables, calculators and published examples; their sources stand in ``preset_cases``.

The reference rates are those that ship: they are read from the data file.
"""
import unittest
from datetime import date
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

from engine.interest import WAITING, Item, days_late
from engine.interest import accrue as by_day
from engine.promise import Entry
from engine.ranged import Band, Monthly, Range, fixed_sum
from engine.ranged import accrue as by_month
from engine.rate import AT_DEFAULT, BEFORE_HALF_YEAR, HALF_YEAR, Quote, Series, Terms, is_outdated, rate_on
from engine.tests.preset_cases import CASES, RATES, SUMS, TURN, TURNED

DATA = Path(__file__).parents[2] / "data" / "collection_rate_data.xml"
CENT = Decimal("0.01")


def shipped(key):
    """The values of a reference rate in the data file, as they stand there."""
    quotes = []
    for record in ElementTree.parse(DATA).iter("record"):
        fields = {field.get("name"): field for field in record}
        if record.get("model") == "collection.rate.value" and fields["rate_id"].get("ref") == key:
            quotes.append(Quote(date.fromisoformat(fields["valid_from"].text), Decimal(fields["percent"].text)))
    return tuple(quotes)


def reference(key, taken=HALF_YEAR):
    return Series(shipped(key), taken)


def band(amount, below=None, percent=0, above=0):
    return Band(Decimal(amount), below and Decimal(below), Decimal(percent), Decimal(above))


EIGHT, ECB = Decimal(8), reference("rate_ecb")
TERMS = {
    "eu": Terms(EIGHT, ECB), "it": Terms(EIGHT, ECB),
    "de_business": Terms(Decimal(9), reference("rate_buba")), "de_consumer": Terms(Decimal(5), reference("rate_buba")),
    "fr": Terms(Decimal(10), ECB),
    "fr_contract": Terms(Decimal(0), contract=True, floor=reference("rate_fr_legal"), times=Decimal(3)),
    "be_business": Terms(EIGHT, ECB, step=Decimal("0.5")), "be_consumer": Terms(EIGHT, ECB),
    "ie": Terms(EIGHT, ECB, AT_DEFAULT),
    "es": Terms(EIGHT, reference("rate_ecb", BEFORE_HALF_YEAR)), "nl": Terms(EIGHT, reference("rate_ecb", BEFORE_HALF_YEAR)),
    "uk": Terms(EIGHT, reference("rate_boe", BEFORE_HALF_YEAR), AT_DEFAULT),
    "monthly": Monthly((Range(Decimal("1.5")),)),
}
FORTY = (band(40),)
BANDS = {
    "de_consumer": (), "monthly": (), "ie": (band(40, "1000.01"), band(70, "10000.01"), band(100)),
    "uk": (band(40, 1000), band(70, 10000), band(100)),
    "be_consumer": (band(20, "150.01"), band(30, "500.01", 10, 150), band(65, 39200, 5, 500), band(2000)),
}


def terms_of(case):
    """The preset's terms, with the example's own rate where it has one."""
    terms = TERMS[case.preset]
    if case.percent is not None:
        terms = terms._replace(percent=Decimal(case.percent))
    if case.reference is not None:
        terms = terms._replace(series=terms.series._replace(quotes=(Quote(date.min, Decimal(case.reference)),)))
    return terms


def charged(case):
    """(interest, fixed sum) of an item paid late."""
    terms, amount, paid = terms_of(case), Decimal(case.amount), date.fromisoformat(case.paid)
    item = Item(date.fromisoformat(case.due), amount, (Entry(paid, amount),))
    until = paid.replace(year=paid.year + 1)
    accrual = (by_month if isinstance(terms, Monthly) else by_day)(item, terms, until)
    fixed = fixed_sum(amount, BANDS.get(case.preset, FORTY), days_late(item, terms.grace, until), False, CENT)
    return sum((segment.line(CENT) for segment in accrual.segments), Decimal(0)), fixed.amount


class TestPresets(unittest.TestCase):

    def test_rates_as_they_were_published(self):
        for rates in RATES:
            for value in rates.values:
                with self.subTest(preset=rates.preset, value=value, source=rates.source):
                    day, percent = value.split()
                    self.assertEqual(rate_on(TERMS[rates.preset], date.fromisoformat(day)), Decimal(percent))

    def test_cases_as_they_were_published(self):
        for case in CASES:
            with self.subTest(preset=case.preset, source=case.source, published=case.published):
                self.assertEqual(charged(case), (Decimal(case.interest), Decimal(case.fixed)))

    def test_fixed_sums_as_they_were_published(self):
        for one in SUMS:
            with self.subTest(one):
                found = fixed_sum(Decimal(one.amount), BANDS.get(one.preset, FORTY), 1, False, CENT)
                self.assertEqual(found.amount, Decimal(one.fixed))

    def test_every_preset_has_a_case_and_every_statutory_one_a_published_rate(self):
        self.assertEqual({case.preset for case in CASES}, set(TERMS))
        self.assertEqual({rates.preset for rates in RATES} | {"be_consumer", "monthly"}, set(TERMS))

    def test_belgian_consumers_wait(self):
        """Reminder by post on Monday 18 September 2023: the third working day is the 21st, the clause applies from 5 October
        (blog.forumforthefuture.be, la réforme du retard de paiement); by e-mail from 3 October.
        """
        for since in (date(2023, 10, 5), date(2023, 10, 3)):
            with self.subTest(since=since):
                item = Item(date(2023, 9, 11), Decimal(1000), since=since)
                self.assertEqual((by_day(item, TERMS["be_consumer"], since).code, days_late(item, TERMS["be_consumer"].grace, since)), (WAITING, 0))
                self.assertEqual(by_day(item, TERMS["be_consumer"], since.replace(day=31)).segments[0].start, since)

    def test_before_the_half_year_is_not_on_its_first_day(self):
        turned = tuple(Quote(date.fromisoformat(since), Decimal(percent)) for since, percent in TURN)
        for preset, expected in TURNED.items():
            with self.subTest(preset):
                terms = TERMS[preset]
                self.assertEqual(rate_on(terms._replace(series=terms.series._replace(quotes=turned)), date(2025, 7, 1)), Decimal(expected))


class TestShippedRates(unittest.TestCase):

    def test_sorted_without_doubles_and_as_far_as_known(self):
        for key, first, count, last in (("rate_ecb", (2011, 4, 13), 28, ((2025, 6, 11), "2.15")), ("rate_boe", (2009, 3, 5), 26, ((2025, 12, 18), "3.75")),
                                        ("rate_buba", (2016, 7, 1), 8, ((2026, 1, 1), "1.27")), ("rate_fr_legal", (2022, 7, 1), 8, ((2026, 1, 1), "2.62"))):
            with self.subTest(key):
                quotes = shipped(key)
                days = [quote.since for quote in quotes]
                self.assertEqual(days, sorted(set(days)))
                self.assertEqual((len(quotes), days[0], quotes[-1]), (count, date(*first), Quote(date(*last[0]), Decimal(last[1]))))

    def test_the_base_rate_moves_as_section_247_says(self):
        """By as many points as the ECB's rate moved between the first days of the half-years; -0.88 while that stood at 0."""
        ecb, base = reference("rate_ecb"), reference("rate_buba")
        for day in (date(2023, 1, 1), date(2023, 7, 1), date(2024, 1, 1), date(2024, 7, 1), date(2025, 1, 1), date(2025, 7, 1), date(2026, 1, 1)):
            with self.subTest(day):
                self.assertEqual(rate_on(Terms(Decimal(2), base), day) - 2, rate_on(Terms(Decimal(0), ecb), day) - Decimal("0.88"))

    def test_outdated_from_the_first_half_year_nobody_looked(self):
        ecb = ECB._replace(checked_on=date(2026, 1, 1))
        self.assertEqual([is_outdated(ecb, day) for day in (date(2026, 6, 30), date(2026, 7, 1))], [False, True])
        self.assertTrue(is_outdated(ECB, date(2026, 1, 1)), "without the check of January 2026")


if __name__ == "__main__":
    unittest.main()
