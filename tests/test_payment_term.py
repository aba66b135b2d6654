from datetime import date, timedelta

from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import CollectionCommon


class InstallmentCase(CollectionCommon):

    def _dialog(self, parts=3, rhythm="monthly", first="now", **values):
        return self.env["payment.term.wizard"].create({"name": "Installments", "parts": parts, "rhythm": rhythm, "first": first, **values})

    def _term(self, *args, **values):
        return self.env["account.payment.term"].browse(self._dialog(*args, **values).action_create()["res_id"])

    def _on_terms(self, term, amount=300.0, on=None, **values):
        return self._invoice(0, amount, invoice_payment_term_id=term.id, invoice_date=on or self.today, **values)

    def _parts(self, invoice):
        """The parts of an invoice, oldest first."""
        return self._item(invoice).sorted(lambda item: (item.date_maturity, item.id))


@tagged("post_install", "-at_install")
class TestPaymentTerm(InstallmentCase):
    """Payment terms of equal parts: core's own computation gives the last part the cents, on the days agreed."""

    def _check_split(self, amount, currency, expected):
        for count, (each, last) in expected.items():
            with self.subTest(amount=amount, currency=currency.name, parts=count):
                invoice = self._on_terms(self._term(count, "weekly"), amount, currency=currency)
                parts = self._parts(invoice)
                self.assertEqual([round(part.amount_currency, 3) for part in parts], [each] * (count - 1) + [last])
                self.assertEqual(currency.compare_amounts(sum(parts.mapped("amount_currency")), amount), 0)
                self.assertEqual(self.company.currency_id.compare_amounts(sum(parts.mapped("balance")), invoice.amount_total_signed), 0)

    def test_the_last_part_takes_the_cents(self):
        cents = self.company.currency_id
        self._check_split(100.0, cents, {3: (33.33, 33.34), 7: (14.29, 14.26), 12: (8.33, 8.37)})
        self._check_split(9600.0, cents, {3: (3200.0, 3200.0), 7: (1371.43, 1371.42), 12: (800.0, 800.0)})

    def test_a_last_part_below_nothing_still_makes_the_total(self):
        """Core rounds 0.07 / 12 up to a cent eleven times: too small an amount for so many parts, and the dialog says so."""
        self._check_split(0.07, self.company.currency_id, {3: (0.02, 0.03), 7: (0.01, 0.01), 12: (0.01, -0.04)})
        self.assertIn("too small", self._dialog(12, example_amount=0.07).preview)
        self.assertNotIn("too small", self._dialog(7, example_amount=0.07).preview)

    def test_in_a_currency_without_cents(self):
        yen = self.setup_other_currency("JPY", rates=[("1900-01-01", 150.0)])
        self._check_split(1000.0, yen, {3: (333.0, 334.0), 7: (143.0, 142.0), 12: (83.0, 87.0)})

    def test_in_a_currency_of_three_decimals(self):
        self.env.ref("product.decimal_price").digits = 3
        dinar = self.setup_other_currency("KWD", rates=[("1900-01-01", 0.3)])
        self._check_split(10.001, dinar, {3: (3.334, 3.333), 7: (1.429, 1.427), 12: (0.833, 0.838)})

    def test_percents_of_six_decimals_cost_a_large_amount_cents_not_money(self):
        """14.285714 % of 9,600,000 is 1,371,428.54, where a seventh would be 1,371,428.57: the last part has the rest."""
        self._check_split(9600000.0, self.company.currency_id, {7: (1371428.54, 1371428.76)})

    def test_with_coarse_percents_the_parts_still_make_the_total(self):
        self.env.ref("account.decimal_payment").digits = 0
        self._check_split(100.0, self.company.currency_id, {3: (33.0, 34.0), 60: (1.0, 41.0)})

    def test_a_down_payment_comes_first_and_the_parts_share_the_rest(self):
        """20 % of 1,000.00 at once, and 800.00 in 3 parts from a month later on."""
        parts = self._parts(self._on_terms(self._term(3, down_percent=20), 1000.0, on=date(2026, 1, 10)))
        self.assertEqual(parts.mapped("amount_currency"), [200.0, 266.67, 266.67, 266.66])
        self.assertEqual(parts.mapped("date_maturity"), [date(2026, 1, 10), date(2026, 2, 10), date(2026, 3, 10), date(2026, 4, 10)])

    # ------------------------------------------------------------------ days

    def _check_days(self, start, expected, **values):
        found = self._dialog(len(expected), example_date=start, **values)._read_parts()
        self.assertEqual([(on.month, on.day) for on, _amount in found], expected)

    def test_weeks(self):
        self._check_days(date(2026, 1, 31), [(1, 31), (2, 7), (2, 14)], rhythm="weekly")
        self._check_days(date(2026, 1, 10), [(1, 15), (1, 29), (2, 12)], rhythm="fortnightly", first="days", days=5)
        self._check_days(date(2026, 1, 10), [(1, 31), (2, 14)], rhythm="fortnightly", first="month_end")

    def test_months_are_months_not_thirty_days(self):
        self._check_days(date(2026, 1, 31), [(1, 31), (2, 28), (3, 31), (4, 30)], rhythm="monthly")
        self._check_days(date(2026, 1, 15), [(2, 14), (3, 14), (4, 14)], rhythm="monthly", first="days", days=30)
        self._check_days(date(2026, 2, 28), [(2, 28), (3, 31), (4, 30)], rhythm="monthly", first="month_end")

    def test_month_ends(self):
        self._check_days(date(2026, 1, 31), [(1, 31), (2, 28), (3, 31)], rhythm="month_end", first="month_end")
        self._check_days(date(2026, 1, 15), [(1, 15), (2, 28), (3, 31)], rhythm="month_end")
        self._check_days(date(2026, 1, 15), [(1, 30), (2, 28), (3, 31)], rhythm="month_end", first="days", days=15)

    def test_no_two_parts_ever_meet_on_a_day(self):
        """Core makes one item of parts due on the same day: whatever the day of the invoice, there are as many as asked for."""
        for values in ({"rhythm": "monthly"}, {"rhythm": "month_end"}, {"rhythm": "month_end", "first": "days", "days": 15},
                       {"rhythm": "monthly", "first": "month_end"}, {"rhythm": "month_end", "down_percent": 10},
                       {"rhythm": "month_end", "first": "month_end", "down_percent": 10}, {"rhythm": "monthly", "first": "month_end", "down_percent": 10}):
            dialog = self._dialog(12, **values)
            for day in range(366):
                dialog.example_date = date(2027, 3, 1) + timedelta(days=day)
                found = dialog._read_parts()
                self.assertEqual(len(found), 13 if dialog.down_percent else 12, (values, dialog.example_date))

    def test_a_down_payment_at_the_end_of_a_month_moves_the_ends_of_months_on(self):
        values = {"rhythm": "month_end", "first": "month_end", "down_percent": 20}
        for start, expected in ((date(2026, 1, 31), [(1, 31), (2, 28), (3, 31), (4, 30)]), (date(2026, 1, 30), [(1, 30), (1, 31), (2, 28), (3, 31)]),
                                (date(2026, 2, 28), [(2, 28), (3, 31), (4, 30), (5, 31)])):
            found = self._dialog(3, example_date=start, **values)._read_parts()
            self.assertEqual([(on.month, on.day) for on, _amount in found], expected)
        invoice = self._on_terms(self._term(4, **values), 1000.0, on=date(2026, 1, 31))
        self.assertEqual(self._parts(invoice).mapped("amount_currency"), [200.0] * 5)

    def test_weeks_from_the_end_of_a_month_say_when_a_part_meets_the_down_payment(self):
        dialog = self._dialog(4, "weekly", "month_end", down_percent=20, example_date=date(2026, 1, 30))
        self.assertNotIn("same day", dialog.preview)
        dialog.example_date = date(2026, 1, 31)
        self.assertEqual([amount for _on, amount in dialog._read_parts()], [400.0, 200.0, 200.0, 200.0])
        self.assertIn("due on the same day become one", dialog.preview)

    def test_core_counts_months_on_its_other_kinds_of_lines_too(self):
        line = self._term().line_ids[0]
        line.write({"delay_type": "days_after_end_of_next_month", "nb_days": 5, "nb_months": 1})
        self.assertEqual(line._get_due_date(date(2026, 1, 31)), date(2026, 4, 5))
        line.write({"delay_type": "days_end_of_month_on_the", "nb_days": 0, "days_next_month": "31"})
        self.assertEqual(line._get_due_date(date(2025, 12, 10)), date(2026, 2, 28))

    def test_without_the_addon_the_parts_stay_apart(self):
        term = self._term(3, "monthly")
        term.line_ids._months_as_days()
        self.assertEqual(term.line_ids.mapped("nb_days"), [0, 30, 60])
        self.assertFalse(term.has_months)

    # ------------------------------------------------------------------ the dialog

    def test_the_preview_is_what_an_invoice_gets(self):
        dialog = self._dialog(7, "month_end", "days", days=10, down_percent=15, example_amount=9600, example_date=date(2026, 1, 20))
        term = self.env["account.payment.term"].browse(dialog.action_create()["res_id"])
        parts = self._parts(self._on_terms(term, 9600.0, on=date(2026, 1, 20)))
        self.assertEqual([(on, round(amount, 2)) for on, amount in dialog._read_parts()],
                         [(part.date_maturity, part.amount_currency) for part in parts])

    def test_the_preview_follows_what_is_typed(self):
        form = Form(self.env["payment.term.wizard"])
        form.name, form.parts, form.example_amount = "Seven", 7, 9600
        self.assertEqual(form.preview.count("1,371.43"), 6)
        self.assertEqual(form.preview.count("1,371.42"), 1)
        self.assertIn("9,600.00", form.preview)
        form.parts = 1
        self.assertIn("between 2 and 60", form.preview)

    def test_core_shows_the_months_on_its_own_form(self):
        term = self._term(2)
        with Form(term) as form:
            form.example_date = date(2026, 1, 31)
            self.assertIn("02/28/2026", form.example_preview)

    def test_numbers_that_make_no_sense(self):
        for values in ({"parts": 1}, {"parts": 61}, {"down_percent": 100}, {"down_percent": -1}, {"first": "days", "days": -1}):
            with self.subTest(values), self.assertRaises(ValidationError):
                self._dialog(**values)

    def test_what_is_no_number_is_refused_while_it_is_typed(self):
        Wizard = self.env["payment.term.wizard"]
        dialog = self._dialog()
        for name in ("down_percent", "example_amount", "parts", "days"):
            for value in (float("nan"), float("inf"), "x"):
                for attempt in (lambda name=name, value=value: Wizard.onchange({name: value}, [name], {"preview": {}}),
                                lambda name=name, value=value: self._dialog(**{name: value}),
                                lambda name=name, value=value: dialog.write({name: value})):
                    with self.subTest(name=name, value=value), self.assertRaisesRegex(ValidationError, "is not an amount"):
                        attempt()

    def test_a_part_is_due_within_ten_years(self):
        line = self._term().line_ids[0]
        for months in (-1, 121):
            with self.subTest(months), mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation), self.cr.savepoint():
                line.nb_months = months
                line.flush_recordset()
        line.nb_months = 120
        line.flush_recordset()
        self.assertEqual(line.new({"nb_months": 10 ** 9})._get_due_date(date(2026, 1, 31)), date(2036, 1, 31), "what is typed breaks no example")

    def test_the_dialog_shows_nothing_of_another_companys_terms(self):
        other = self.env["res.company"].sudo().create({"name": "Other company"})
        secret = self.env["account.payment.term"].sudo().create({"name": "SECRET", "company_id": other.id})
        accountant = new_test_user(self.env(su=True), "accountant", "account.group_account_manager", company_id=self.company.id,
                                   company_ids=self.company.ids)
        Wizard = self.env["payment.term.wizard"].with_user(accountant)
        dialog = Wizard.create({"name": "Mine"})
        by_context = Wizard.with_context(default_term_id=secret.id)
        self.env.invalidate_all()
        spec = {"name": {}, "term_id": {"fields": {"display_name": {}}}}
        for number, attempt in enumerate((
                        lambda: Wizard.create({"term_id": secret.id}).read(["name"]), lambda: Wizard.create({"term_id": secret.id, "name": "Mine"}),
                        lambda: by_context.create({"name": "Mine"}), lambda: dialog.write({"term_id": secret.id, "name": "Mine"}),
                        lambda: Wizard.onchange({"term_id": secret.id}, ["term_id"], spec), lambda: by_context.onchange({}, [], spec))):
            with self.subTest(number), self.assertRaises(AccessError), self.cr.savepoint():
                attempt()

    def test_rewritten_terms_leave_posted_invoices_alone(self):
        term = self._term(3)
        posted = self._on_terms(term)
        before = [(part.id, part.date_maturity, part.amount_currency) for part in self._parts(posted)]
        dialog = self.env["payment.term.wizard"].create({"term_id": term.id, "parts": 2, "rhythm": "weekly", "first": "now"})
        self.assertEqual((dialog.name, dialog.used_count), ("Installments", 1))
        dialog.action_create()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual([(part.id, part.date_maturity, part.amount_currency) for part in self._parts(posted)], before)
        self.assertEqual(self._parts(self._on_terms(term)).mapped("amount_currency"), [150.0, 150.0])

    def test_terms_nobody_used_yet_need_no_warning(self):
        term = self._term(3)
        self._on_terms(term, post=False)
        self.assertEqual(self.env["payment.term.wizard"].create({"term_id": term.id}).used_count, 0)

    def test_only_accounting_administrators_make_terms(self):
        dialog = self._dialog()
        manager = new_test_user(self.env, "credit.manager", "account_credit_collection.group_manager", company_id=self.company.id)
        with self.assertRaises(AccessError):
            dialog.with_user(manager).sudo().action_create()
        with self.assertRaises(AccessError):
            self.env["payment.term.wizard"].with_user(manager).create({"name": "Mine"})


@tagged("post_install", "-at_install")
class TestPaymentTermFollowup(InstallmentCase):
    """Each part is followed up for itself: 300.00 in three parts, due 10, 24 and 38 days from today."""

    def setUp(self):
        super().setUp()
        self.company.collection_policy_id = self._policy("After the due date", [(1, {}), (8, {}), (20, {})])
        self.invoice = self._on_terms(self._term(3, "fortnightly", "days", days=10))
        self.one, self.two, self.three = self._parts(self.invoice)

    def _asked(self, on):
        """What a run of a day asks for: {part: (amount, level it rises to)}, and the level of the message."""
        run = self._sent(self._run(on))
        lines = {line.item_id: (line.asked, line.level_id.offset_days if line.advances else None) for line in run.action_ids.line_ids}
        return lines, self._levels(run)

    def test_nothing_is_asked_before_its_part_is_due(self):
        for day in (0, 9, 10):
            self.assertEqual(self._asked(day), ({}, []))
        self.assertEqual(self._why(), "nothing_due")
        self.assertEqual(self._asked(11), ({self.one: (100.0, 1)}, [1]))
        self.assertEqual(self._asked(24), ({self.one: (100.0, 8)}, [8]))

    def test_each_part_has_its_own_clock_and_level(self):
        self.assertEqual(self._asked(11), ({self.one: (100.0, 1)}, [1]))
        self.assertEqual(self._asked(18), ({self.one: (100.0, 8)}, [8]))
        # the first part waits for its 20th day and is only named; the second one begins at the first level
        self.assertEqual(self._asked(25), ({self.one: (100.0, None), self.two: (100.0, 1)}, [1]))
        self.assertEqual(self._asked(30), ({self.one: (100.0, 20), self.two: (100.0, None)}, [20]))
        self.assertEqual(self._asked(39), ({self.one: (100.0, None), self.two: (100.0, 8), self.three: (100.0, 1)}, [8]))

    def test_a_part_payment_settles_the_oldest(self):
        self._asked(11)
        self._asked(25)
        self._pay(self.invoice, 150)
        self.assertEqual((self.one | self.two | self.three).mapped("amount_residual"), [0.0, 50.0, 100.0])
        self.assertEqual(self._asked(32)[0], {self.two: (50.0, 8)})
        self.assertEqual(self._asked(39)[0], {self.two: (50.0, None), self.three: (100.0, 1)})

    def test_a_part_paid_in_time_is_never_asked_for(self):
        self._pay(self.invoice, 100)
        self.assertEqual(self._asked(20), ({}, []))
        self.assertEqual(self._asked(25), ({self.two: (100.0, 1)}, [1]))
