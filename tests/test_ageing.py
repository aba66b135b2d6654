from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..engine import ageing
from .plan import PlanCommon
from .report import CLASSES, ReportCommon, day

END = day("2024-03-31")


@tagged("post_install", "-at_install")
class TestAgeing(ReportCommon):
    """What was open at the end of a day, and by which dimensions it is seen."""

    def _report(self, on=END, **context):
        return self.env["collection.ageing"].with_context(**context)._at(on)

    def _row(self, move, on=END):
        return self._report(on).search([("move_id", "=", move.id)])

    def test_sql_and_engine_put_each_item_into_the_same_class(self):
        late = (-1, 0, 1, 30, 31, 60, 61, 90, 91)
        moves = [self._billed("2023-12-01", fields.Date.subtract(END, days=days), 10) for days in late]
        note = self._billed("2023-12-01", "2023-12-01", 10, move_type="out_refund")
        for days, move in zip(late, moves):
            with self.subTest(days):
                row = self._row(move)
                self.assertEqual(row.days_late, ageing.days_late(row.due, END))
                self.assertEqual(row.bucket, ageing.bucket(row.amount, row.days_late))
        self.assertEqual([self._row(move).bucket for move in moves], ["not_due", "not_due", "b30", "b30", "b60", "b60", "b90", "b90", "over"])
        self.assertEqual((self._row(note).bucket, self._row(note).days_late, self._row(note).amount), ("credit", 0, -10))

    def test_sql_and_engine_agree_on_each_of_many_days(self):
        """An invoice due on 15 November 2023 and a credit note, looked at on each of 200 days."""
        invoice = self._billed("2023-10-01", "2023-11-15", 10)
        self._billed("2023-10-01", "2023-11-15", 4, move_type="out_refund")
        found = set()
        for days in range(200):
            on = fields.Date.add(day("2023-11-01"), days=days)
            for row in self._report(on).search([("partner_id", "=", self.customer.id)]):
                late = 0 if row.amount < 0 else ageing.days_late(row.due, on)
                self.assertEqual((row.days_late, row.bucket), (late, ageing.bucket(row.amount, late)), on)
                self.assertEqual((row.plan_days_late, row.plan_bucket), (row.days_late, row.bucket), on)
                found.add((row.move_id == invoice, row.bucket))
        self.assertEqual(found, {*((True, code) for code in CLASSES[:5]), (False, "credit")})

    def test_classes_stand_in_their_own_order(self):
        for days in (0, 5, 40, 70, 100):
            self._billed("2023-12-01", fields.Date.subtract(END, days=days), 10)
        self._billed("2023-12-01", "2023-12-01", 10, move_type="out_refund")
        self.assertEqual(tuple(self._classes(self.company, END)), CLASSES)
        self.assertEqual(ageing.BUCKETS, CLASSES)

    def test_the_same_item_on_two_days(self):
        invoice = self._billed("2024-01-05", "2024-02-04", 1000)
        self._paid(invoice, 400, "2024-03-10")
        found = [(self._row(invoice, day(on)).amount, self._row(invoice, day(on)).days_late) for on in ("2024-03-09", "2024-03-10")]
        self.assertEqual(found, [(1000, 34), (600, 35)])
        self.assertFalse(self._row(invoice, day("2024-01-04")))

    def test_a_payment_that_is_a_draft_again_settles_nothing(self):
        invoice = self._billed("2024-01-05", "2024-02-04", 100)
        payment = self._paid(invoice, 100, "2024-02-10")
        self.assertFalse(self._row(invoice))
        payment.move_id.button_draft()
        self.assertEqual(invoice.amount_residual, 0)  # core keeps it set off
        self.assertEqual(self._row(invoice).amount, 100)
        self.assertEqual(self._balance(self.company, END), 100)

    def test_an_item_that_is_opened_again_by_a_later_day_keeps_its_past(self):
        invoice = self._billed("2024-01-05", "2024-02-04", 100)
        self._paid(invoice, 100, "2024-02-10")
        self._item(invoice).remove_move_reconcile()
        self.assertEqual(self._classes(self.company, END), {"b60": 100, "credit": -100})

    def test_items_on_a_contact_belong_to_its_customer_and_some_to_nobody(self):
        contact = self.env["res.partner"].create({"name": "Ms Buyer", "parent_id": self.customer.id})
        account, income = self.company_data["default_account_receivable"], self.company_data["default_account_revenue"]
        entry = self._entry("2024-03-01", (account, 10, contact), (account, 5, None), (income, -15, None))
        self.assertEqual({row.partner_id: row.amount for row in self._row(entry)}, {self.customer: 10, self.env["res.partner"]: 5})

    def test_whose_an_item_is(self):
        collector, seller, other = (new_test_user(self.env, name, company_id=self.company.id) for name in ("collector", "seller", "other"))
        self._profile().collector_id = collector
        self.customer.user_id = other
        invoice = self._billed("2024-03-01", "2024-03-01", 10, invoice_user_id=seller.id)
        paid = self._received(4, "2024-03-02").move_id
        row = self._row(invoice)
        self.assertEqual((row.profile_id, row.collector_id, row.salesperson_id, row.country_id, row.root_id),
                         (self._profile(), collector, seller, self.env.ref("base.be"), self.company))
        self.assertEqual(self._row(paid).salesperson_id, other)

    def test_the_segment_is_that_of_the_day(self):
        first, second = self.env["credit.segment"].sudo().create([
            {"name": name, "company_id": self.company.id, "is_draft": False} for name in ("First", "Second")])
        profile = self._profile()
        for target, on in ((first, "2024-02-01"), (second, "2024-03-01")):
            self.env["credit.segment.move"].sudo().create({"profile_id": profile.id, "company_id": self.company.id, "to_id": target.id, "day": on})
        profile.sudo().write({"segment_id": second.id, "segment_since": "2024-03-01"})
        invoice = self._billed("2024-01-05", "2024-02-04", 100)
        for on, expected in (("2024-01-31", first), ("2024-02-01", first), ("2024-02-29", first), ("2024-03-01", second), ("2024-03-31", second)):
            with self.subTest(on):
                self.assertEqual(self._row(invoice, day(on)).segment_id, expected)

    def test_today_is_the_companys_and_what_is_no_day_is_refused(self):
        self.assertEqual(self.env["collection.ageing"]._report_day(), self.company._collection_today())
        self.assertEqual(self.env["collection.ageing"].with_context(collection_day="2024-02-29")._report_day(), day("2024-02-29"))
        for given in ("31 March", "2024-02-30", 7, ["2024-03-31"]):
            with self.subTest(given), self.assertRaisesRegex(UserError, "is no day"):
                self.env["collection.ageing"].with_context(collection_day=given).search([])

    def test_companies_given_are_the_only_ones(self):
        data = self.setup_other_company(name="Second Ltd")
        for some in (self.company_data, data):
            self._billed("2024-01-05", "2024-02-04", 100, data=some)
        rows = self.env.execute_query(self.env["collection.ageing"]._ageing_sql(data["company"], END))
        self.assertEqual(len(rows), 1)

    # ------------------------------------------------------------------ who sees what

    def test_own_portfolio_and_own_companies(self):
        other, third = self._customer("Other"), self.setup_other_company(name="Third Ltd")
        collector = new_test_user(self.env, "narrow", "account_credit_collection.group_collector", company_id=self.company.id)
        self._billed("2024-01-05", "2024-02-04", 100)
        self._billed("2024-01-05", "2024-02-04", 50, partner=other)
        self._billed("2024-01-05", "2024-02-04", 25, data=third)
        self._profile().collector_id = collector
        self._profile(other)
        report = self._report().with_user(collector)
        self.assertEqual(sum(report.search([]).mapped("amount")), 150)
        collector.group_ids += self.env.ref("account_credit_collection.group_own_portfolio")
        self.assertEqual(sum(report.search([]).mapped("amount")), 100)

    def test_a_row_opens_its_entry_for_those_who_may_see_it(self):
        invoice = self._billed("2024-01-05", "2024-02-04", 100)
        row = self._row(invoice)
        action = row.action_open_document()
        self.assertEqual((action["res_model"], action["res_id"]), ("account.move", invoice.id))
        nobody = new_test_user(self.env, "nobody", "base.group_user", company_id=self.company.id)
        with self.assertRaises(AccessError):
            row.with_user(nobody).action_open_document()

    def test_who_sees_no_entries_gets_to_the_customer(self):
        viewer = new_test_user(self.env, "reader", "account_credit_collection.group_viewer", company_id=self.company.id)
        invoice = self._billed("2024-01-05", "2024-02-04", 100)
        self._profile()
        account, income = self.company_data["default_account_receivable"], self.company_data["default_account_revenue"]
        nobodys = self._row(self._entry("2024-03-01", (account, 5, None), (income, -5, None)))
        moved = self.env["collection.movement"].search([("move_id", "=", invoice.id)])
        for row in (self._row(invoice), moved):
            action = row.with_user(viewer).action_open_document()
            self.assertEqual((action["res_model"], action["res_id"]), ("credit.profile", self._profile().id))
        with self.assertRaisesRegex(AccessError, "for those who may see journal entries"):
            nobodys.with_user(viewer).action_open_document()

    def test_a_card_tells_document_and_day(self):
        invoice = self._billed("2024-01-05", "2024-02-04", 100)
        self.assertEqual(self._row(invoice).due_text, f"{invoice.name}, due on 02/04/2024")

    # ------------------------------------------------------------------ the wizard

    def _opened(self, method="action_open", **values):
        return getattr(self.env["collection.ageing.wizard"].create(values), method)()

    def test_the_wizard_opens_the_report_of_its_day(self):
        action = self._opened(day="2024-02-29")
        self.assertEqual((action["res_model"], action["name"], action["display_name"]), (
            "collection.ageing", "Ageing as of February 29, 2024", "Ageing as of February 29, 2024"))
        self.assertEqual((action["context"]["collection_day"], action["context"]["pivot_column_groupby"]), ("2024-02-29", ["bucket"]))
        action = self._opened(day="2024-02-29", by="plan")
        self.assertEqual((action["display_name"], action["context"]["pivot_column_groupby"]), ("Ageing by plan as of February 29, 2024", ["plan_bucket"]))

    def test_the_title_has_the_day_in_the_reader_s_language(self):
        self.env["res.lang"]._activate_lang("en_GB")
        self.env.user.lang = "en_GB"
        wizard = self.env["collection.ageing.wizard"].with_context(lang="en_GB").create({"day": "2026-10-31"})
        self.assertEqual(wizard.action_open()["display_name"], "Ageing as of 31 October 2026")

    def test_quick_days_of_the_wizard(self):
        self.startPatcher(_today(self, "2024-05-10"))
        for method, expected in (("action_last_month", "2024-04-30"), ("action_last_quarter", "2024-03-31"), ("action_last_year", "2023-12-31")):
            with self.subTest(method):
                self.assertEqual(self._opened(method)["context"]["collection_day"], expected)

    def test_companies_with_different_currencies_stand_apart(self):
        euro = self.setup_other_currency("EUR", rates=[("2024-01-01", 1.0)])
        self.assertEqual(self._opened()["context"]["pivot_row_groupby"], ["segment_id"])
        self.setup_other_company(name="Second Ltd", currency_id=euro.id)
        self.assertEqual(self._opened()["context"]["pivot_row_groupby"], ["company_id", "segment_id"])


def _today(case, on):
    return patch.object(case.env.registry["res.company"], "_collection_today", lambda company: day(on))


@tagged("post_install", "-at_install")
class TestAgeingOfPlans(PlanCommon):
    """Late by contract and late by the plan stand side by side."""

    def _row(self, invoice, on):
        self.env["collection.ageing"].invalidate_model()  # as each request does
        return self.env["collection.ageing"]._at(on).search([("move_id", "=", invoice.id)])

    def test_items_of_a_plan_in_force_have_its_days(self):
        old, young = self._invoice(95, 100), self._invoice(40, 200)
        plan = self._active(old, young)  # three parts of 100, a week apart
        first, second, last = (part.due for part in plan.installment_ids.sorted("number"))
        self.assertEqual({line.document: line.scheduled_on for line in plan.line_ids}, {old.name: first, young.name: last})
        row = self._row(young, self.today)
        self.assertEqual((row.days_late, row.bucket, row.plan_due, row.plan_days_late, row.plan_bucket), (40, "b60", last, 0, "not_due"))
        # on the day of the second part nothing was paid: a week late by the plan too
        late = self._row(old, second)
        self.assertEqual((late.bucket, late.plan_days_late, late.plan_bucket), ("over", 7, "b30"))
        # before it was agreed, and once it is over, the contract holds
        self.assertEqual(self._row(young, fields.Date.subtract(self.today, days=1)).plan_due, self._item(young).date_maturity)
        plan._cancel("The customer changed its mind")
        self.assertEqual(self._row(young, self.today).plan_bucket, "b60")

    def test_what_was_agreed_before_days_were_kept_is_due_with_the_last_part(self):
        invoice = self._invoice(40, 200)
        plan = self._active(invoice)
        plan.line_ids.sudo().scheduled_on = False
        self.assertEqual(self._row(invoice, self.today).plan_due, plan.last_on)

    def test_without_a_plan_both_days_are_the_same(self):
        invoice = self._invoice(40, 200)
        self.assertEqual(self._row(invoice, self.today).plan_due, self._row(invoice, self.today).due)
