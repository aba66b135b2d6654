from datetime import timedelta
from unittest.mock import patch

from dateutil.relativedelta import relativedelta

from .test_promise import PromiseCommon


class PlanCommon(PromiseCommon):
    """The verbs of payment plans: draw up, accept, pay on a day, look at night."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["collection.plan.template"].search([]).active = False
        cls.terms = cls._template("Standard")
        cls.company.write({"collection_plan_days_before": 0, "collection_plan_days_after": 0, "collection_bank_days": 0})
        # the paper is another test's; here it would only take a second each time
        paper = patch.object(cls.env.registry["collection.plan"], "_render", lambda self, report: b"%PDF-1.4 agreement")
        cls.startClassPatcher(paper)
        cls.other_currency = cls.setup_other_currency("CAD", rates=[("2020-01-01", 2.0)])

    @classmethod
    def _template(cls, name, **values):
        """Terms without any rule but those of the test."""
        return cls.env["collection.plan.template"].create({
            "name": name, "company_id": cls.company.id, "currency_id": cls.company.currency_id.id, "count": 3, "year_limit": 0,
            "max_days_late": 0, "max_missed": 0, "grace_days": 0, **values})

    def _first(self, days=10):
        """A working day to begin on."""
        return self.env["collection.plan"]._calendar(self.company, self.today).next_working_day(self.today + timedelta(days=days))

    def _month(self):
        """The first part a step of the rhythm from today."""
        return self.today + relativedelta(months=1)

    def _wizard(self, *invoices, **values):
        items = self.env["account.move.line"].union(*(self._item(invoice) for invoice in invoices))
        return self.env["collection.plan.wizard"].create({
            "profile_id": self._profile(invoices[0].partner_id).id, "item_ids": items.ids, "template_id": self.terms.id, "currency_id": items.currency_id[:1].id,
            "first_on": self._first(), "rhythm": "weekly", **values})

    def _draft(self, *invoices, **values):
        return self._wizard(*invoices, **values)._draw()

    def _offered(self, *invoices, **values):
        plan = self._draft(*invoices, **values)
        plan.action_offer()
        return plan

    def _active(self, *invoices, **values):
        plan = self._offered(*invoices, **values)
        plan._accept_by_hand("Ms Miller", self.today)
        return plan

    def _amounts(self, plan):
        return plan.installment_ids.sorted("number").mapped("amount")

    def _part(self, plan, number):
        return plan.installment_ids.filtered(lambda row: row.number == number)

    def _states(self, plan):
        return plan.installment_ids.sorted("number").mapped("state")

    def _miss(self, plan, number, days=1):
        """The night so many days after an installment was due."""
        day = self._part(plan, number).due + timedelta(days=days)
        self._night(day, plan.profile_id)
        return day

    def _kinds(self, profile=None, name="plan_broken"):
        kind = self.env.ref(f"account_credit_collection.mail_activity_collection_{name}")
        return (profile or self._profile()).activity_ids.filtered(lambda activity: activity.activity_type_id == kind)

    def _mails(self):
        return self.env["mail.mail"].sudo().search([("email_to", "=", self.customer.email)], order="id")
