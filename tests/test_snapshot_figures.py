from datetime import date

from odoo.exceptions import UserError
from odoo.tests import tagged

from .snapshot import FEB, JAN, MAR, SnapshotCommon


@tagged("post_install", "-at_install")
class TestSnapshotFigures(SnapshotCommon):
    """Each figure of a row and of any group, worked out by hand from the months of ``SnapshotCommon``."""

    def setUp(self):
        super().setUp()
        self._build()
        self.ours = [("company_id", "=", self.company.id)]

    def _figures(self, domain, *specs, groupby=()):
        return self.Snapshot._read_group([*self.ours, *domain], groupby, specs)

    def _assert_figures(self, found, expected):
        self.assertEqual(len(found), len(expected))
        for figure, value in zip(found, expected):
            self.assertAlmostEqual(figure, value, 2)

    # ------------------------------------------------------------------ a row

    def test_a_customers_february(self):
        """1,100 open, 700 billed less credited, 28 days: 44; 400 of it overdue, so 16 late and 28 at best. 600 of 600 + 400 collected: 60 %.
        6,600 paid × days and 7,600 overdue × days over 600 + 400: 14.2. 400 of 1,000 not due rolled: 40 %."""
        row = self._row(FEB)
        self._assert_figures(
            (row.dso, row.dso_best, row.days_delinquent, row.effectiveness, row.on_time_share, row.days_late, row.roll_b30),
            (44, 28, 16, 60, 0, 14.2, 40))

    def test_unapplied_credits_flatter_nobody(self):
        """Northwind's March: 500 not due and a credit of 100, so 400 open and nothing overdue: 400 × 31 / 500 = 24.8 days, all of it at best;
        1,100 + 500 − 400 = 1,200 could be collected and was. A payment of 900 on account, with 400 overdue in February, changes what is open only."""
        row = self._row(MAR)
        self._assert_figures((row.dso, row.dso_best, row.days_delinquent, row.effectiveness), (24.8, 24.8, 0, 100))
        self.env["account.payment"].create({
            "payment_type": "inbound", "partner_type": "customer", "partner_id": self.customer.id, "amount": 900, "date": FEB,
            "journal_id": self.company_data["default_journal_bank"].id}).action_post()
        self._build(FEB, FEB)
        # 200 open, 400 overdue: 8 days, −8 at best; 1,500 collected of 1,500 + 400
        row = self._row(FEB)
        self._assert_figures((row.dso, row.dso_best, row.days_delinquent, row.effectiveness), (8, -8, 16, 78.95))

    def test_countback_of_a_customers_february(self):
        """1,100 open: 700 of February and 400 of January's 1,000: 28 + 0.4 × 31 days."""
        row = self._row(FEB)
        self.assertAlmostEqual(row.dso_countback, 40.4, 2)
        self.assertFalse(row.is_countback_capped)

    def test_countback_whose_history_is_used_up(self):
        """An opening entry of 5,000 is no sale: all that was billed in a year is less than what is open."""
        self._entry(date(2025, 2, 1), (self.company_data["default_account_receivable"], 5000, self.customer),
                    (self.company_data["default_account_expense"], -5000, False))
        self._build(FEB, FEB)
        row = self._row(FEB)
        self.assertEqual(row.dso_countback, 365)
        self.assertTrue(row.is_countback_capped)

    def test_nothing_to_divide_by(self):
        self._bill(date(2025, 1, 10), date(2025, 2, 9), 20, self.south)
        self._build(FEB, FEB)
        row = self._row(FEB, self.south)
        self.assertEqual((row.billed, row.dso, row.on_time_share), (0, 0, 0))
        [(dso, share)] = self._figures([("month", "=", FEB), ("profile_id", "=", row.profile_id.id)], "dso:avg", "on_time_share:avg")
        self.assertEqual((dso, share), (False, False), "no figure rather than 0")

    # ------------------------------------------------------------------ groups

    def test_stocks_count_once_a_period(self):
        """February and March together: 1,000 open before, 500 after, 600 of it not due."""
        [found] = self._figures([("month", ">=", FEB)], "opening:sum", "billed:sum", "credited:sum", "collected:sum", "closing:sum", "not_due:sum", "credit:sum")
        self._assert_figures(found, (1000, 1600, 100, 2000, 500, 600, -100))

    def test_figures_of_two_months_are_no_averages(self):
        """500 × 59 / 1,500 = 19.67, nothing of it overdue: at best the same, 100 % collected of 1,000 + 1,500 − 500; 200 of 2,000 paid in time;
        22,200 / 2,000 = 11.1 days; of 1,800 not due before, 400 rolled: 22.22 %."""
        [found] = self._figures([("month", ">=", FEB)], "dso:avg", "dso_best:avg", "days_delinquent:avg", "effectiveness:avg", "on_time_share:avg",
                                "days_late:avg", "roll_b30:avg")
        self._assert_figures(found, (19.67, 19.67, 0, 100, 10, 11.1, 22.22))

    def test_countback_of_a_group(self):
        """500 open at the end of March, 800 billed in it: 500 / 800 × 31."""
        [(found,)] = self._figures([], "dso_countback:avg")
        self.assertAlmostEqual(found, 19.375, 3)

    def test_by_month(self):
        found = self._figures([], "opening:sum", "closing:sum", "dso:avg", groupby=["month:month"])
        self.assertEqual([row[0] for row in found], [date(2025, 1, 1), date(2025, 2, 1), date(2025, 3, 1)])
        for row, expected in zip(found, ((0, 1000, 31), (1000, 1100, 44), (1100, 500, 500 * 31 / 800))):
            self._assert_figures(row[1:], expected)

    def test_by_customer_who_is_gone_at_the_end(self):
        """Northwind pays all in March but for its credit; over January and February Southwind was not there."""
        rows = {profile.partner_id: row for profile, *row in self._figures([], "opening:sum", "closing:sum", "dso:avg", groupby=["profile_id"])}
        self._assert_figures(rows[self.customer], (0, 400, 400 * 90 / 2200))
        self._assert_figures(rows[self.south], (0, 100, 100 * 90 / 300))

    def test_who_had_nothing_open_at_the_end_of_the_period(self):
        """West was billed 60 and paid in January: nothing of it is open at the end of March, whatever its last row says."""
        west = self._customer("Westwind")
        self._receive(self._bill(date(2025, 1, 5), date(2025, 1, 20), 60, west), date(2025, 2, 3), 60)
        self._build()
        rows = {profile.partner_id: row for profile, *row in self._figures([], "opening:sum", "closing:sum", "billed:sum", groupby=["profile_id"])}
        self._assert_figures(rows[west], (0, 0, 60))
        self.assertEqual(self._row(JAN, west).closing, 60)

    def test_grouping_sets_give_the_same_as_groups(self):
        """What a pivot asks for."""
        specs = ["closing:sum", "opening:sum", "dso:avg", "billed:sum", "effectiveness:avg", "__count"]
        sets = [[], ["profile_id"], ["month:quarter"], ["profile_id", "month:month"], ["month:year", "profile_id"]]
        found = self.Snapshot._read_grouping_sets(self.ours, sets, specs)
        for groupby, rows in zip(sets, found):
            with self.subTest(groupby=groupby):
                self.assertCountEqual(rows, self.Snapshot._read_group(self.ours, groupby, specs))

    def test_sums_of_groups_are_the_total(self):
        [(total,)] = self._figures([], "closing:sum")
        self.assertEqual(total, sum(row[1] for row in self._figures([], "closing:sum", groupby=["profile_id"])))
        self.assertEqual(total, sum(row[1] for row in self._figures([], "closing:sum", groupby=["country_id"])))

    def test_ordered_by_a_figure_and_paged(self):
        """By DSO: Southwind 30 days, Northwind 16.36."""
        found = self.Snapshot._read_group(self.ours, ["profile_id"], ["__count"], order="dso:avg desc", limit=1)
        self.assertEqual([(row[0].partner_id, len(row)) for row in found], [(self.south, 2)])
        found = self.Snapshot._read_group(self.ours, ["profile_id"], ["dso:avg"], order="closing:sum desc", offset=1)
        self.assertEqual([row[0].partner_id for row in found], [self.south])

    def test_the_client_gets_them_as_measures(self):
        fields = self.Snapshot.fields_get(["dso", "closing", "overdue_days"], ["aggregator", "help"])
        self.assertEqual((fields["dso"]["aggregator"], fields["closing"]["aggregator"]), ("avg", "sum"))
        self.assertFalse(fields["overdue_days"].get("aggregator"))
        for name, ratio in self.Snapshot._ratios.items():
            self.assertTrue(self.Snapshot._fields[name].help, f"{name} has no formula ({ratio})")
        groups = self.Snapshot.formatted_read_grouping_sets(self.ours, [[], ["month:month"]], ["closing:sum_currency", "dso:avg"])
        self.assertAlmostEqual(groups[0][0]["dso:avg"], 500 * 90 / 2500, 2)
        listed = self.Snapshot.web_read_group(self.ours, ["profile_id"], ["dso:avg", "closing:sum"], limit=1, order="dso desc")
        self.assertEqual(listed["length"], 2)
        self.assertAlmostEqual(listed["groups"][0]["dso:avg"], 30, 2)

    def test_groups_are_not_chosen_by_what_is_worked_out_afterwards(self):
        """Southwind and Northwind have 100 and 400 open; by the sum of all months Northwind would have 2,500."""
        for spec in ("closing:sum", "dso:avg"):
            with self.assertRaisesRegex(UserError, "cannot be chosen by"):
                self.Snapshot._read_group(self.ours, ["profile_id"], ["billed:sum"], having=[(spec, ">", 1000)])
        found = self.Snapshot._read_group(self.ours, ["profile_id"], ["closing:sum"], having=[("billed:sum", ">", 1000)])
        self.assertEqual([(row[0].partner_id, row[1]) for row in found], [(self.customer, 400)])

    def test_nothing_there(self):
        self.assertEqual(self._figures([("id", "=", 0)], "dso:avg", "closing:sum"), [(False, 0)])
        self.assertEqual(self._figures([("id", "=", 0)], "dso:avg", groupby=["segment_id"]), [])

    def test_a_fixed_number_of_queries(self):
        def count():
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.Snapshot._read_grouping_sets(self.ours, [[], ["profile_id"], ["month:month"]], ["opening:sum", "closing:sum", "dso:avg"])
            return self.cr.sql_log_count - before

        count()
        few = count()
        for number in range(10):
            self._bill(date(2025, 1, 5), date(2025, 1, 20), 60, self._customer(f"Wind {number}"))
        self._build()
        self.assertEqual(count(), few)
