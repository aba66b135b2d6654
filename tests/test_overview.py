from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ..tools import dashboard
from .desk import DeskCommon

MODULE = "account_credit_collection."


class OverviewCommon(DeskCommon):
    """The landing page of a company, looked at by a credit manager."""

    def _look(self, user=None, on=None):
        """The page, with its tiles and lines of work by code."""
        self.env.flush_all()
        page = self.env["collection.overview"].with_user(user or self.env.user).with_company(self.company).load_overview()
        return {**page, "tiles": {tile["code"]: tile for tile in page.get("tiles", ())}, "work": {line["code"]: line for line in page.get("work", ())}}

    def _money(self, amount):
        return self.company.currency_id.format(amount)

    def _behind(self, found):
        """The records of the list that a figure opens."""
        action = self.env["ir.actions.actions"]._for_xml_id(found["open"]["action"])
        return self.env[action["res_model"]].search(found["open"]["domain"] or [])

    def _month(self, months_ago, partner=None, **values):
        """A customer's month as the job would have built it."""
        month = self.today + relativedelta(months=-months_ago, day=31)
        profile = self._profile(partner)
        return self.env["collection.snapshot"].sudo().create({
            "month": month, "company_id": self.company.id, "currency_id": self.company.currency_id.id, "profile_id": profile.id,
            "segment_id": profile.segment_id.id, **values})


@tagged("post_install", "-at_install")
class TestOverview(OverviewCommon):
    """What is due, what is late, what waits, and where it is going."""

    def test_nothing_yet(self):
        self.assertTrue(self._look()["empty"])

    def test_overdue_and_the_items_behind_it(self):
        late = self._invoice(10, 300)
        self._invoice(100, 200)
        self._invoice(-40, 500)
        self._profile()
        page = self._look()
        overdue = page["tiles"]["overdue"]
        self.assertEqual(overdue["value"], self._money(500))
        self.assertIn("50 %", overdue["detail"])
        self.assertEqual(sum(self._behind(overdue).mapped("amount")), 500)
        bar, = page["ageing"]["bars"]
        self.assertEqual([(part["bucket"], part["share"]) for part in bar["parts"]], [("b30", 60.0), ("over", 40.0)])
        self.assertEqual(self._behind(bar["parts"][0]).move_id, late)
        self.assertEqual({one["bucket"]: one["text"] for one in page["ageing"]["legend"]}["over"], self._money(200))

    def test_the_week_is_that_of_the_day_and_at_its_end_the_next_one(self):
        self._week_begins("1")
        self.assertEqual(self._week(date(2025, 3, 5)), (date(2025, 3, 3), date(2025, 3, 9)))
        self.assertEqual(self._week(date(2025, 3, 7)), (date(2025, 3, 3), date(2025, 3, 9)), "Friday")
        self.assertEqual(self._week(date(2025, 3, 8)), (date(2025, 3, 10), date(2025, 3, 16)), "Saturday")

    def test_the_week_begins_as_the_reader_s_and_ends_with_its_last_working_day(self):
        self._week_begins("7")
        self.assertEqual(self._week(date(2025, 3, 5)), (date(2025, 3, 2), date(2025, 3, 8)))
        self.assertEqual(self._week(date(2025, 3, 8)), (date(2025, 3, 9), date(2025, 3, 15)), "Saturday: the last day of the week")
        self.assertEqual(self._week(date(2025, 3, 9)), (date(2025, 3, 9), date(2025, 3, 15)), "Sunday: a new week")
        self._week_begins("1")
        self.env["resource.calendar.leaves"].create({
            "name": "Closed", "calendar_id": self.company.resource_calendar_id.id, "company_id": self.company.id,
            "date_from": "2025-03-06 23:00:00", "date_to": "2025-03-07 22:59:59"})
        self.company.resource_calendar_id.tz = self.company.partner_id.tz = "Europe/Brussels"
        self.assertEqual(self._week(date(2025, 3, 6)), (date(2025, 3, 3), date(2025, 3, 9)))
        self.assertEqual(self._week(date(2025, 3, 7)), (date(2025, 3, 10), date(2025, 3, 16)), "closed on that Friday")

    def _week(self, on):
        return self.env["collection.overview"]._week(self.company, on)

    def _week_begins(self, day):
        self.env["res.lang"]._lang_get(self.env.user.lang or "en_US").week_start = day

    def test_due_and_expected_in_the_week(self):
        monday, sunday = self._week(self.today)
        inside = self._invoice((self.today - sunday).days, 400)
        self._invoice((self.today - sunday).days - 1, 800)
        self._invoice((self.today - monday).days + 1, 100)
        self._profile().sudo()._foretell(self.company, self.today)
        page = self._look()
        self.assertEqual(page["tiles"]["due"]["value"], self._money(400))
        self.assertEqual(self._behind(page["tiles"]["due"]).move_id, inside)
        rows = self._behind(page["tiles"]["expected"])
        self.assertEqual(page["tiles"]["expected"]["value"], self._money(sum(rows.mapped("amount"))))
        self.assertFalse(rows.filtered(lambda row: row.source == "overdue" or row.expected_on > sunday))

    def test_promises_kept_by_number_and_by_money(self):
        self._invoice(5, 1000)
        for state, amount, paid in (("kept", 600, 600), ("partly", 300, 100), ("broken", 100, 0)):
            promise = self.env["collection.promise"].create({
                "profile_id": self._profile().id, "currency_id": self.company.currency_id.id, "amount": amount, "promised_on": self.today})
            promise.sudo().write({"state": state, "judged_on": self.today, "paid_amount": paid})
        kept = self._look()["tiles"]["kept"]
        self.assertEqual(kept["value"], "33 %")
        self.assertEqual(kept["detail"], "1 of 3; 70 % of the money")
        self.assertEqual(len(self._behind(kept)), 3)

    def test_the_money_of_promises_is_the_same_on_every_page(self):
        """600 kept with 590, as far as the tolerance goes; 100 pounds promised at 0.5 to the unit, of which 30 came, when they were at 0.25."""
        pound = self.setup_other_currency("GBP", rates=[("2000-01-01", 0.5), (self.today, 0.25)])
        self._invoice(5, 1000)
        self._invoice(5, 1000, currency=pound)
        month = self.today + relativedelta(months=-1, day=31)
        for currency, state, amount, paid in ((self.company.currency_id, "kept", 600, 590), (pound, "partly", 100, 30)):
            promise = self.env["collection.promise"].create({
                "profile_id": self._profile().id, "currency_id": currency.id, "amount": amount, "promised_on": self.today})
            promise.sudo().write({"state": state, "judged_on": month, "paid_amount": paid, "made_on": month - timedelta(days=3)})
        self.env.flush_all()
        self.assertEqual(self._look()["tiles"]["kept"]["detail"], "1 of 2; 81 % of the money")  # 590 + 60 of 600 + 200
        found = self.env["collection.productivity"]._read_group([("company_id", "=", self.company.id)], [], ["promised:sum", "promised_kept:sum"])
        self.assertEqual(found, [(800, 650)])
        self.env["collection.snapshot"].sudo()._rebuild(self.company, month, month)
        row = self.env["collection.snapshot"].search([("company_id", "=", self.company.id), ("month", "=", month), ("profile_id", "!=", False)])
        self.assertRecordValues(row, [{"promised": 800, "promised_kept": 650}])

    def test_disputes_and_todays_work(self):
        invoice = self._invoice(10, 300)
        dispute = self.env["collection.dispute"].create({"item_id": self._item(invoice).id, "amount": 120.0, "reason": "broken"})
        dispute.deadline = self.today - timedelta(days=1)
        self.policy.level_ids.needs_approval = True
        waits = self._run().action_ids
        page = self._look()
        self.assertEqual(page["tiles"]["disputes"]["value"], self._money(120))
        self.assertEqual(page["tiles"]["disputes"]["detail"], "1 open dispute")
        self.assertEqual(self._behind(page["work"]["disputes"]), dispute)
        self.assertEqual(self._behind(page["work"]["approve"]), waits)
        self.assertEqual(page["work"]["approve"]["count"], 1)
        self.assertNotIn("letters", page["work"], "only what waits is named")

    def test_who_is_to_be_called(self):
        self._rule("days_late", 100, days=1)
        self._invoice(20, 1000)
        self._rank()
        line = self._look()["work"]["calls"]
        self.assertEqual((line["count"], line["detail"], line["open"]["action"]), (1, self._money(1000), f"{MODULE}collection_desk_action"))
        own = self._customer("Southwind")
        self._invoice(20, 500, partner=own)
        self._rank(own).collector_id = self.env.user
        line = self._look()["work"]["calls"]
        listed = self.env["collection.desk"].with_company(self.company).load_worklist(line["open"]["params"]["scope"])
        self.assertEqual((line["count"], line["count"]), (2, listed["total"]), "all of them, though one is mine")
        viewer = new_test_user(self.env(su=True), login="overview viewer", company_id=self.company.id, company_ids=self.company.ids,
                               groups=f"{MODULE}group_viewer")
        line = self._look(viewer)["work"]["calls"]
        self.assertEqual(self._behind(line).partner_id, self.customer | own, "who does not call sees the customers")

    def test_what_changed_since_the_last_month_end(self):
        self._invoice(10, 300)
        self._month(2, b30=9.0)
        self._month(1, b30=500.0, over=50.0)
        day = self.env["ir.qweb.field.date"].value_to_html(self.today + relativedelta(months=-1, day=31), {})
        self.assertEqual(self._look()["changed"], f"Overdue fell by {self._money(250)} since {day}, to {self._money(300)}.")
        self._invoice(10, 250)
        self.assertEqual(self._look()["changed"], f"Overdue is what it was on {day}: {self._money(550)}.")
        self._invoice(10, 1)
        self.assertEqual(self._look()["changed"], f"Overdue rose by {self._money(1)} since {day}, to {self._money(551)}.")

    def test_with_a_branch_left_out_nothing_is_compared(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id, "currency_id": self.company.currency_id.id})
        self._invoice(10, 300)
        self._month(1, b30=500.0)
        self.assertIn("Overdue fell", self._look()["changed"], "a branch without receivables is no matter")
        self._invoice(10, 150).line_ids.flush_recordset()
        self.env.cr.execute("UPDATE account_move_line SET company_id = %s WHERE id = (SELECT max(id) FROM account_move_line WHERE account_id = %s)", [
            branch.id, self.company_data["default_account_receivable"].id])
        self.env.invalidate_all()
        self.assertEqual(self._look()["changed"], "Branches that are not ticked are left out here, so nothing can be compared with the last month end.")
        self.env.user.company_ids += branch
        page = self.env["collection.overview"].with_context(allowed_company_ids=(self.company | branch).ids).load_overview()
        self.assertIn(f"Overdue fell by {self._money(50)}", page["changed"])

    def test_the_segment_that_did_most_is_named(self):
        one, two = self.env["credit.segment"].create([{"name": name, "company_id": self.company.id} for name in ("Alpha", "Beta")])
        other = self._customer("Southwind")
        self._profile().sudo()._write_snapshot([{"segment_id": one.id, "segment_since": date(2000, 1, 1)}])
        self._profile(other).sudo()._write_snapshot([{"segment_id": two.id, "segment_since": date(2000, 1, 1)}])
        self._month(1, b30=100.0)
        self._month(1, partner=other, b30=100.0)
        self._invoice(10, 300)
        self._invoice(10, 900, partner=other)
        self.assertIn(f"rose by {self._money(1000)}", self._look()["changed"])
        self.assertIn("the most in the segment “Beta”", self._look()["changed"])

    def test_the_trend_has_a_point_for_each_month_with_a_figure(self):
        self._invoice(10, 300)
        self._month(2, billed=1000.0, closing=500.0, not_due=100.0)
        self._month(1, billed=0.0, opening=500.0, closing=500.0)
        trend = {series["code"]: series for series in self._look()["trend"]}
        days = (self.today + relativedelta(months=-2, day=31)).day
        self.assertEqual([point["value"] for point in trend["dso"]["points"]], [days / 2], "500 of 1,000; nothing was billed in the month after")
        self.assertIn("÷", trend["dso"]["help"])

    def test_the_trend_opens_the_months_that_it_shows(self):
        self._invoice(10, 300)
        months = [self._month(ago, billed=1000.0, closing=500.0) for ago in (0, 1, 13, 14)]
        other = self.setup_other_company(name="Second Ltd")["company"]
        self.env["collection.snapshot"].sudo().create({
            "month": months[1].month, "company_id": other.id, "currency_id": other.currency_id.id, "billed": 1000.0, "closing": 500.0})
        dso = next(series for series in self._look()["trend"] if series["code"] == "dso")
        self.assertEqual(self._behind(dso), months[1] | months[2])
        self.assertEqual(len(dso["points"]), 2)
        self.assertEqual((dso["open"]["view"], dso["open"]["context"]["graph_measure"]), ("graph", "dso"))

    def test_others_may_not_look_and_a_portfolio_is_one_s_own(self):
        self._invoice(10, 300)
        other = self._customer("Southwind")
        self._invoice(10, 900, partner=other)
        clerk = new_test_user(self.env(su=True), login="overview clerk", company_id=self.company.id, company_ids=self.company.ids, groups="base.group_user")
        with self.assertRaises(AccessError):
            self._look(clerk)
        self._profile().collector_id = self.collector
        self.collector.group_ids += self.env.ref(f"{MODULE}group_own_portfolio")
        self._profile(other)
        self.assertEqual(self._look(self.collector)["tiles"]["overdue"]["value"], self._money(300))

    def test_twenty_customers_cost_as_many_queries_as_three(self):
        counts = []
        for names in (range(1), range(1, 3), range(3, 20)):
            for number in names:
                self._invoice(10, 100, partner=self._customer(f"Customer {number}"))
                self._month(1, partner=self.env["res.partner"].search([("name", "=", f"Customer {number}")]), b30=100.0)
            self._look()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._look()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts[1:])


@tagged("post_install", "-at_install")
class TestDashboard(OverviewCommon):
    """The spreadsheet of the Dashboards app."""

    def test_the_file_is_what_its_generator_writes(self):
        self.assertEqual(dashboard.TARGET.read_text(encoding="utf-8"), dashboard.text(), "run: python3 -m tools.dashboard")

    def test_its_models_fields_and_menus_are_there(self):
        record = self.env.ref(f"{MODULE}collection_dashboard")
        record._check_spreadsheet_data()
        for figure in dashboard.CHARTS:
            self.assertTrue(self.env.ref(f"{MODULE}{figure[-1]}"))

    def test_companies_with_several_currencies_add_up_in_ours(self):
        """300 here; 500 there, in a currency of which 4 are one of ours since yesterday: 425."""
        pound = self.setup_other_currency("GBP", rates=[("2000-01-01", 0.5), (self.today - timedelta(days=1), 4.0)])
        other = self.setup_other_company(name="Second Ltd", currency_id=pound.id)
        mine = self._invoice(10, 300)
        theirs = self.env["account.move"].with_company(other["company"]).create({
            "move_type": "out_invoice", "partner_id": self.customer.id, "invoice_date": self._due(10), "invoice_date_due": self._due(10),
            "currency_id": pound.id, "invoice_line_ids": [Command.create({
                "name": "Goods", "price_unit": 500, "tax_ids": [], "account_id": other["default_account_revenue"].id})]})
        theirs.action_post()
        self._profile()._refresh(self.company, self.today)
        self.env["credit.profile"]._ensure(other["company"], self.customer).sudo()._refresh(other["company"], self.today)
        self.env.flush_all()
        both = (self.company | other["company"]).ids
        for model in ("collection.ageing", "collection.forecast", "collection.movement"):
            Report = self.env[model].with_company(self.company).with_context(allowed_company_ids=both)
            domain = [("item_id.move_id", "in", (mine | theirs).ids)]
            with self.subTest(model):
                self.assertEqual(Report._read_group(domain, [], ["amount_own:sum"]), [(425,)])
                self.assertEqual(sum(Report.search(domain).mapped("amount_own")), 425)
                self.assertEqual(Report.formatted_read_group(domain, [], ["own_currency_id:array_agg_distinct", "amount_own:sum_currency"]), [{
                    "own_currency_id:array_agg_distinct": self.company.currency_id.ids, "amount_own:sum_currency": 425, "__extra_domain": [(1, "=", 1)]}], "as charts ask")
        adding = {(measure, aggregate) for _name, _model, _domain, measure, aggregate, *_look in dashboard.FIGURES}
        self.assertEqual(adding | {(one[3], "sum") for one in dashboard.CHARTS if one[1] != "collection.snapshot"},
                         {("amount_own", "sum"), ("dso", "avg"), ("effectiveness", "avg")})

    def test_each_chart_can_be_read_by_a_viewer_without_accounting(self):
        self._invoice(10, 300)
        self._month(1, billed=1000.0, closing=500.0)
        viewer = new_test_user(self.env(su=True), login="dashboard viewer", company_id=self.company.id, company_ids=self.company.ids, groups=f"{MODULE}group_viewer")
        self._profile()._refresh(self.company, self.today)
        self.env.flush_all()
        for title, model, domain, measure, groups, *_look in dashboard.CHARTS:
            with self.subTest(chart=title):
                aggregate = self.env[model]._fields[measure].aggregator
                self.assertTrue(self.env[model].with_user(viewer).with_company(self.company).formatted_read_group(
                    [*domain, ("company_id", "=", self.company.id)], groups, [f"{measure}:{aggregate}"]))
