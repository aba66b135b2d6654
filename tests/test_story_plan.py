import re
from datetime import timedelta

from odoo.tests import tagged

from .agreement import AgreementCase


@tagged("post_install", "-at_install")
class TestStoryPlan(AgreementCase):
    """Three overdue invoices become a plan; two parts are paid, the third is missed, and the follow-up goes on where it stopped."""

    def test_story_plan(self):
        self.company.collection_bank_days = 0  # how old bank data may be is another story
        self._sent(self._run(-10))
        self.assertEqual(self._last_level(self.invoices[1]), 1, "ten days late, reminded for the first time")
        plan = self._plan()
        self.assertEqual(plan.installment_ids.sorted("number").mapped("amount"), [1000.0] * 5)
        self.assertEqual(self._accept(plan, self._mailed_path(plan)).status_code, 303)
        self.assertEqual(plan.state, "active")
        self._pays_two_parts(plan)
        self._is_left_alone(plan)
        self._misses_the_third(plan)
        self._hears_from_us_again(plan)

    def _mailed_path(self, plan):
        """Where the link in the customer's mail leads to; the agreement goes with it."""
        mail = self.env["mail.mail"].sudo().search([("email_to", "like", "northwind@customer.example"), ("body_html", "like", "/collections/plan/")])
        self.assertEqual((len(mail), mail.attachment_ids.mapped("raw")), (1, [plan._document_raw()]))
        return re.search(r"/collections/plan/[^\"'<]+", mail.body_html)[0]

    def _pays_two_parts(self, plan):
        """The down payment, and the first part before its day: both in the portal."""
        self._pay_online(plan, "next")
        self._pay_online(plan, "next")
        self.assertEqual(self._left(), [0.0, 1800.0, 1200.0], "oldest due first")
        self.assertEqual(self.invoices[0].payment_state, self.env["account.move"]._get_invoice_in_payment_state())
        self.assertEqual(plan.installment_ids.sorted("number").mapped("state"), ["paid", "paid", "open", "open", "open"])
        self.assertRecordValues(plan, [{"paid_amount": 2000.0, "open_amount": 3000.0, "next_amount": 1000.0}])

    def _is_left_alone(self, plan):
        """Ledger dates are as they were, but nobody is reminded."""
        self.assertEqual([self._item(invoice).date_maturity for invoice in self.invoices], [self._due(days) for days in (40, 20, 5)])
        run = self._run(7)
        self.assertFalse(run.action_ids)
        self.assertEqual(self._why(), "plan")

    def _misses_the_third(self, plan):
        """Fourteen days late is late; on the fifteenth day the night ends the plan."""
        third = plan.installment_ids.sorted("number")[2]
        for days in range(-7, 15):
            self._night(third.due + timedelta(days=days))
        self.assertEqual(plan.state, "active")
        self.assertTrue(third.reminded_before_on < third.due < third.reminded_after_on, "told once before and once after")
        self._night(third.due + timedelta(days=15))
        self.assertRecordValues(plan, [{"state": "defaulted", "default_code": "days_late", "defaulted_on": third.due + timedelta(days=15)}])

    def _hears_from_us_again(self, plan):
        """What is open of the second and third invoice, at the level after the last one."""
        day = plan.defaulted_on + timedelta(days=1)
        run = self._run(day)
        self.assertEqual(len(run.action_ids), 1)
        self.assertEqual({line.item_id.move_id: line.residual for line in run.action_ids.line_ids}, dict(zip(self.invoices[1:], (1800.0, 1200.0))))
        self.assertEqual(run.action_ids.level_id.offset_days, 8, "not from the beginning, and no level left out")
        self.assertIn("This plan has ended", self._words(self._get(self._path(plan))))

    def _night(self, day):
        self._profile()._refresh(self.company, day)
        self.env.invalidate_all()

    def _last_level(self, invoice):
        lines = self.env["collection.action.line"].search([("item_id", "=", self._item(invoice).id)], order="id desc", limit=1)
        return lines.level_id.offset_days
