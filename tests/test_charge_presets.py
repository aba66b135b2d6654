import runpy
from datetime import date
from decimal import Decimal

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import TransactionCase, tagged
from odoo.tools.convert import convert_file
from odoo.tools.misc import file_path

from ..engine import interest, ranged, rate
from ..engine.promise import Entry
from ..models.collection_reader_charge import Reminder

MODULE = "account_credit_collection"
PRESETS = ("eu", "de_business", "de_consumer", "fr", "fr_contract", "be_business", "be_consumer", "ie", "it", "es", "nl", "uk", "monthly")
RATES = ("ecb", "boe", "buba", "fr_legal")
CONSUMERS = ("de_consumer", "be_consumer")
CENT = Decimal("0.01")


@tagged("post_install", "-at_install")
class TestChargePresets(TransactionCase):
    """The presets that ship say what the laws say: read through the records, they give the numbers of the official cases."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cases = runpy.run_path(file_path(f"{MODULE}/engine/tests/preset_cases.py"))
        cls.rates, cls.cases, cls.sums = cases["RATES"], cases["CASES"], cases["SUMS"]
        cls.turn, cls.turned = cases["TURN"], cases["TURNED"]
        cls.rule = {preset: cls.env.ref(f"{MODULE}.charge_rule_{preset}") for preset in PRESETS}
        cls.rate = {key: cls.env.ref(f"{MODULE}.rate_{key}") for key in RATES}

    def _terms(self, case):
        """The record's terms, with the example's own rate where it has one."""
        terms = self.rule[case.preset]._to_engine()
        if case.percent is not None:
            terms = terms._replace(percent=Decimal(case.percent))
        if case.reference is not None:
            terms = terms._replace(series=terms.series._replace(quotes=(rate.Quote(date.min, Decimal(case.reference)),)))
        return terms

    def _interest(self, case):
        terms, amount, paid = self._terms(case), Decimal(case.amount), fields.Date.to_date(case.paid)
        item = interest.Item(fields.Date.to_date(case.due), amount, (Entry(paid, amount),))
        accrue = ranged.accrue if isinstance(terms, ranged.Monthly) else interest.accrue
        return sum((segment.line(CENT) for segment in accrue(item, terms, paid.replace(year=paid.year + 1)).segments), Decimal(0))

    def _fixed(self, preset, amount):
        return ranged.fixed_sum(Decimal(amount), self.rule[preset]._bands(), 1, False, CENT).amount

    # ------------------------------------------------------------------ the numbers

    def test_rates_as_they_were_published(self):
        for rates in self.rates:
            terms = self.rule[rates.preset]._to_engine()
            for value in rates.values:
                with self.subTest(preset=rates.preset, value=value, source=rates.source):
                    day, percent = value.split()
                    self.assertEqual(rate.rate_on(terms, fields.Date.to_date(day)), Decimal(percent))

    def test_cases_as_they_were_published(self):
        self.assertEqual({case.preset for case in self.cases}, set(PRESETS))
        for case in self.cases:
            with self.subTest(preset=case.preset, source=case.source):
                self.assertEqual(self._interest(case), Decimal(case.interest))
                self.assertEqual(self._fixed(case.preset, case.amount), Decimal(case.fixed))

    def test_the_day_on_which_a_law_looks(self):
        quotes = tuple(rate.Quote(fields.Date.to_date(since), Decimal(percent)) for since, percent in self.turn)
        for preset, expected in self.turned.items():
            with self.subTest(preset):
                terms = self.rule[preset]._to_engine()
                terms = terms._replace(series=terms.series._replace(quotes=quotes))
                self.assertEqual(rate.rate_on(terms, date(2025, 7, 1)), Decimal(expected))

    def test_fixed_sums_as_they_were_published(self):
        for one in self.sums:
            with self.subTest(one):
                self.assertEqual(self._fixed(one.preset, one.amount), Decimal(one.fixed))

    # ------------------------------------------------------------------ the records

    def test_every_value_is_dated_sourced_and_on_its_own(self):
        for key, record in self.rate.items():
            with self.subTest(key):
                days = record.value_ids.mapped("valid_from")
                self.assertEqual(len(days), len(set(days)))
                self.assertTrue(all(value.source and value.get_external_id()[value.id] for value in record.value_ids))
                self.assertTrue(record.code and record.name)
                self.assertEqual(max(days), min(max(days), record.checked_on), "nothing later than somebody looked")
                quotes = record._to_engine(rate.DAILY).quotes
                self.assertEqual([quote.since for quote in quotes], sorted(days), "oldest first, whatever the order of the records")

    def test_every_preset_is_complete(self):
        shipped = self.env["collection.charge.rule"].browse(
            self.env["ir.model.data"].search([("module", "=", MODULE), ("model", "=", "collection.charge.rule")]).mapped("res_id"))
        self.assertEqual(shipped, self.env["collection.charge.rule"].union(*self.rule.values()).sorted(lambda rule: shipped.ids.index(rule.id)))
        for preset, rule in self.rule.items():
            with self.subTest(preset):
                self.assertFalse(rule.company_id, "for all companies")
                self.assertTrue(rule.active and rule.name and rule.note and rule.summary)
                self.assertEqual(rule.customer_kind, "consumer" if preset in CONSUMERS else "business")
                self.assertFalse(rule._problem())
                if preset != "monthly":
                    self.assertEqual(rule.currency_id.name, "GBP" if preset == "uk" else "EUR")
                self.assertFalse(rule.compound or rule.grace_days or rule.minimum or rule.cap_percent, "no law gives days, takes a minimum or adds interest to interest")

    def test_presets_cannot_be_made_incomplete(self):
        for preset, values in (("eu", {"rate_id": False}), ("monthly", {"range_ids": [fields.Command.clear()]})):
            with self.subTest(preset), self.assertRaisesRegex(ValidationError, self.rule[preset].name.replace(".", r"\.")):
                self.rule[preset].write(values)

    def test_loading_the_data_again_doubles_nothing(self):
        rules = self.env["collection.charge.rule"].union(*self.rule.values())
        before = (rules.band_ids.mapped("amount"), rules.range_ids.mapped("percent"), self.env["collection.rate.value"].search_count([]))
        for name in ("collection_rate_data.xml", "collection_charge_rule_data.xml"):
            convert_file(self.env, MODULE, f"data/{name}", {}, mode="init", noupdate=True)
        self.assertEqual((rules.band_ids.mapped("amount"), rules.range_ids.mapped("percent"), self.env["collection.rate.value"].search_count([])), before)

    def test_outdated_on_a_day(self):
        """Values are known up to January 2026."""
        for key, record in self.rate.items():
            with self.subTest(key):
                self.assertFalse(record._decide_outdated(date(2026, 6, 30)))
                self.assertTrue(record._decide_outdated(date(2026, 7, 1)))

    def test_a_rule_is_outdated_when_its_own_day_is(self):
        """Also where the last day before the half-year counts: what was checked in January 2026 says nothing of 30 June."""
        for preset in ("eu", "nl", "uk", "fr_contract"):
            with self.subTest(preset):
                series = rate.used(self.rule[preset]._to_engine())
                self.assertEqual([any(rate.is_outdated(one, day) for one in series) for day in (date(2026, 6, 30), date(2026, 7, 1))], [False, True])

    def test_confirming_a_rate_makes_it_current(self):
        self.rate["ecb"].checked_on = False
        self.assertTrue(self.rate["ecb"].is_outdated)
        self.assertIn(self.rate["ecb"].name, self.rate["ecb"].warning)
        self.rate["ecb"].action_confirm()
        self.assertFalse(self.rate["ecb"].is_outdated)
        self.assertFalse(self.rule["eu"].warning)

    def test_belgian_consumers_wait_for_their_reminder(self):
        """Posted on Monday 18 September 2023: the clause applies from 5 October, or 3 October by e-mail, at the earliest."""
        rule = self.rule["be_consumer"]
        self.assertEqual((rule.free_reminders, rule.fee_cap, rule.wait_days), (1, 7.5, 14))
        reminder = self._reminder(date(2023, 9, 18))
        self.assertEqual(rule._runs_from([reminder._replace(post=False)]), date(2023, 10, 3))
        self.assertGreaterEqual(rule._runs_from([reminder._replace(post=True)]), date(2023, 10, 5))
        self.assertEqual(rule._runs_from([]), date.max)
        self.assertIsNone(self.rule["be_business"]._runs_from([]))

    def _reminder(self, on):
        values = dict.fromkeys(Reminder._fields)
        return Reminder(**values | {"on": on})
