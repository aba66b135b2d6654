from datetime import timedelta

from odoo.tests import tagged

from .charge import ChargeCommon
from .plan import PlanCommon


@tagged("post_install", "-at_install")
class TestPlanAndCharges(PlanCommon, ChargeCommon):
    """Late interest rests while a plan is kept; what a plan costs is a bill of its own."""

    def _days(self, charges):
        return sum(period[2] for period in self._periods(charges))

    def _broken_plan(self, invoice):
        """A plan that is broken on the day after its first part was due; that day."""
        self.terms.max_missed = 1
        plan = self._active(invoice)
        day = self._miss(plan, 1)
        self.assertEqual(plan.state, "defaulted")
        return day

    def test_the_days_of_the_plan_are_free_and_those_after_it_are_not(self):
        """Due 20 days ago: 19 days until yesterday; none while the plan was kept; 5 from the day on which it broke."""
        invoice = self._dated(self._due(20))
        self.assertEqual(self._days(self._charge(self._due(1), post=True)), 19)
        day = self._broken_plan(invoice)
        with self._on(day + timedelta(days=5)):
            self.assertEqual(self._periods(self._charge(day + timedelta(days=4)))[0][:3], (day, day + timedelta(days=4), 5))

    def test_where_the_terms_say_so_the_days_of_the_plan_cost_after_all(self):
        self.terms.revive_interest = True
        invoice = self._dated(self._due(20))
        self._charge(self._due(1), post=True)
        day = self._broken_plan(invoice)
        with self._on(day + timedelta(days=5)):
            self.assertEqual(self._days(self._charge(day + timedelta(days=4))), (day - self.today).days + 5)

    def test_charges_are_waived_once_it_is_paid_and_not_before(self):
        invoice = self._dated(self._due(20))
        charge = self._charge(self._due(1), post=True)
        self.assertGreater(charge.residual, 0)
        plan = self._active(invoice, waive_charges=True)
        self._night(self.today)
        self.assertEqual(charge.state, "posted")
        self._pay(invoice)
        self._night(self._due(-1))
        self.assertEqual((plan.state, charge.state), ("finished", "posted"), "the payment may bounce")
        self._night(self._due(-2))
        self.assertEqual((charge.state, charge.residual), ("waived", 0))

    def test_a_broken_plan_waives_nothing(self):
        invoice = self._dated(self._due(20))
        charge = self._charge(self._due(1), post=True)
        self.terms.waive_charges = True
        self._broken_plan(invoice)
        self.assertEqual(charge.state, "posted")

    def test_what_was_agreed_includes_the_tax_on_it(self):
        """253.57 of interest, taxed by 15 % on top: the bill over 291.61 is brought down to what was agreed."""
        product = self.env.ref("account_credit_collection.product_interest")
        self.tax.write({"amount_type": "percent", "price_include_override": "tax_excluded"})
        product.taxes_id = self.tax
        self.customer.country_id = self.company.country_id  # no fiscal position
        self.assertEqual(self.tax.amount, 15)
        plan = self._active(self._dated(self._due(20), 9600), count=6, annual_rate=9, rhythm="monthly", first_on=self._month())
        self.assertEqual((plan.charge_id.move_id.amount_total, plan.charge_id.residual), (291.61, 253.57))
        self.assertRecordValues(plan, [{"total": 9853.57, "open_amount": 9853.57, "paid_amount": 0}])
