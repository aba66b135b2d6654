from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .plan import PlanCommon

MODULE = "account_credit_collection"


@tagged("post_install", "-at_install")
class TestPlanRights(PlanCommon):
    """Collectors agree within the template, managers beyond it, viewers read."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.viewer = cls._staff("viewer")

    @classmethod
    def _staff(cls, group, *more):
        return new_test_user(cls.env(su=True), login=f"plan {group} {len(more)}", company_id=cls.company.id, company_ids=cls.company.ids,
                             groups=",".join(f"{MODULE}.group_{name}" for name in (group, *more)))

    def _by_collector(self, *invoices, **values):
        plan = self._wizard(*invoices, **values).with_user(self.collector)._draw()
        plan.action_offer()
        return plan.with_env(self.env)

    def test_a_collector_offers_within_the_template(self):
        plan = self._by_collector(self._invoice(10, 300))
        self.assertRecordValues(plan, [{"state": "offered", "made_by": self.collector.id, "approved_by": False}])

    def test_what_goes_beyond_the_template_waits_for_a_manager(self):
        self.terms.write({"approve_amount": 500, "approve_count": 4, "annual_rate": 5, "down_percent": 10})
        small = self._template("Small", amount_to=200)
        chronic = self._template("Chronic", payer="chronic")
        within = {"annual_rate": 5, "down_percent": 10, "down_on": self.today}
        for code, amount, values in (
                ("amount", 501, {}), ("count", 400, {"count": 5}), ("cost", 400, {"annual_rate": 4.9}), ("down", 400, {"down_percent": 9}),
                ("waive", 400, {"waive_charges": True}), ("fit", 400, {"template_id": small.id}), ("fit", 400, {"template_id": chronic.id}),
                ("first", 400, {"first_on": self._first(60), "down_on": self._first(50)})):
            with self.subTest(code):
                plan = self._by_collector(self._invoice(10, amount), **{**within, **values})
                self.assertRecordValues(plan, [{"state": "to_approve", "approval_codes": [code]}])
                self.assertTrue(plan.why)
                plan._cancel("Next")
        self.assertEqual(self._by_collector(self._invoice(10, 400), **within).state, "offered")

    def test_a_manager_approves_or_refuses(self):
        self.terms.approve_amount = 100
        plan, other = (self._by_collector(self._invoice(10, 300)) for _number in range(2))
        self.assertTrue(self._kinds(name="plan_approve"))
        with self.assertRaises(AccessError):
            plan.with_user(self.collector).action_approve()
        plan.action_approve()
        self.assertRecordValues(plan, [{"state": "offered", "approved_by": self.env.uid}])
        other.action_refuse()
        self.assertEqual(other.state, "draft")
        self.assertFalse(self._kinds(name="plan_approve"))

    def test_one_plan_a_year_and_a_manager_may_allow_another(self):
        self.terms.year_limit = 1
        first = self._active(self._invoice(10, 300))
        first._cancel("Paid at once")
        plan = self._by_collector(self._invoice(10, 300))
        self.assertEqual((plan.state, plan.approval_codes), ("to_approve", ["year"]))
        plan.action_approve()
        self.assertEqual(plan.state, "offered")
        self.assertTrue(plan.message_ids.filtered(lambda message: "within a year" in (message.body or "")))
        self.assertEqual(self._by_collector(self._invoice(7, 300)).state, "to_approve", "an offer counts too")
        self.env["collection.plan"].search([("profile_id", "=", plan.profile_id.id), ("id", "!=", first.id)])._cancel("No")
        first.sudo().agreed_on = self.today - timedelta(days=365)
        self.assertEqual(self._by_collector(self._invoice(5, 300)).state, "offered", "that was more than a year ago")

    def test_a_viewer_reads_and_does_nothing(self):
        plan = self._offered(self._invoice(10, 300))
        seen = plan.with_user(self.viewer)
        self.assertEqual(seen.total, 300)
        for method in ("action_offer", "action_approve", "action_refuse", "action_resend", "action_accept_by_hand", "action_cancel", "action_renegotiate", "action_print"):
            with self.subTest(method), self.assertRaises(AccessError):
                getattr(seen, method)()
        for method, values in (("_cancel", ("No",)), ("_accept_by_hand", ("Me", self.today))):
            with self.subTest(method), self.assertRaises(AccessError):
                getattr(seen, method)(*values)

    def test_nobody_writes_a_plan_by_hand(self):
        plan = self._offered(self._invoice(10, 300))
        for user in (self.collector, self.env.user):
            for record, values in ((plan, {"state": "active"}), (plan.installment_ids[:1], {"amount": 1}), (plan.line_ids, {"amount": 1})):
                with self.subTest(user=user.login, model=record._name), self.assertRaises(AccessError):
                    record.with_user(user).write(values)
        with self.assertRaises(AccessError):
            self.env["collection.plan"].with_user(self.collector).create({"profile_id": self._profile().id})

    def test_another_portfolio_is_out_of_sight(self):
        narrow = self._staff("collector", "own_portfolio")
        invoice = self._invoice(10, 300)
        plan = self._offered(invoice)
        self.assertFalse(self.env["collection.plan"].with_user(narrow).search([("id", "=", plan.id)]))
        for method in ("action_cancel", "action_resend"):
            with self.subTest(method), self.assertRaises(AccessError):
                getattr(plan.with_user(narrow), method)()
        with self.assertRaises(AccessError):
            self.env["collection.plan.wizard"].with_user(narrow).create({"profile_id": self._profile().id})
        with self.assertRaises(AccessError):
            self.env["collection.plan.cancel.wizard"].with_user(narrow).create({"plan_ids": plan.ids, "reason": "x"}).action_cancel()
        self._profile().sudo().collector_id = narrow
        self.assertEqual(self.env["collection.plan"].with_user(narrow).search([("id", "=", plan.id)]), plan)

    def test_cancelled_with_a_reason_follow_up_goes_on(self):
        invoice = self._invoice(10, 300)
        plan = self._active(invoice)
        self.env["collection.plan.cancel.wizard"].with_user(self.collector).create({"plan_ids": plan.ids, "reason": "Will pay at once"}).action_cancel()
        self.assertRecordValues(plan, [{"state": "cancelled", "end_reason": "Will pay at once", "ended_by": self.collector.id, "why": "Will pay at once"}])
        self.assertEqual(self._run().action_ids.line_ids.item_id, self._item(invoice))
        with self._refused("is over already"):
            plan._cancel("Again")
