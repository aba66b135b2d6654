from datetime import timedelta

from odoo.fields import Command
from odoo.tests import Form, tagged

from .plan import PlanCommon


@tagged("post_install", "-at_install")
class TestPlanDrawn(PlanCommon):
    """What a plan asks for is what is owed, to the cent."""

    def test_9600_in_seven_parts(self):
        plan = self._draft(self._invoice(10, 9600), count=7)
        self.assertEqual(self._amounts(plan), [1371.43] * 6 + [1371.42])
        self.assertRecordValues(plan, [{"state": "draft", "principal": 9600, "total": 9600, "open_amount": 9600, "interest": 0}])

    def test_a_down_payment_of_30_percent(self):
        plan = self._draft(self._invoice(10, 9600), down_percent=30, down_on=self._first(3), fee_amount=30)
        self.assertEqual(self._amounts(plan), [2910, 2240, 2240, 2240], "the fee comes with the first payment")
        self.assertEqual(self._part(plan, 0).due, self._first(3))

    def test_interest_of_9_percent_a_year_in_six_months(self):
        plan = self._draft(self._invoice(10, 9600), count=6, annual_rate=9, rhythm="monthly", first_on=self._month())
        self.assertEqual(self._amounts(plan), [1642.26] * 5 + [1642.27])
        self.assertRecordValues(plan, [{"principal": 9600, "interest": 253.57, "total": 9853.57}])

    def test_parts_of_an_amount(self):
        self.assertEqual(self._amounts(self._draft(self._invoice(10, 1000), method="amount", part_amount=300)), [300, 300, 300, 100])

    def test_currencies_of_no_and_of_three_decimals(self):
        for name, amount, expected in (("JPY", 10000, [3334, 3333, 3333]), ("KWD", 10, [3.334, 3.333, 3.333])):
            currency = self.env["res.currency"].with_context(active_test=False).search([("name", "=", name)])
            currency.active = True
            with self.subTest(currency=name):
                plan = self._draft(self._invoice(10, amount, currency=currency))
                self.assertEqual(plan.currency_id, currency)
                self.assertEqual(self._amounts(plan), expected)

    def test_what_was_paid_before_is_no_part_of_it(self):
        invoice = self._invoice(10, 1000)
        self._pay(invoice, 100)
        plan = self._active(invoice)
        self.assertRecordValues(plan, [{"total": 900, "paid_amount": 0, "open_amount": 900}])

    def test_an_offer_stands_until_its_first_day_at_most(self):
        first = self._first(4)
        self.assertEqual(self._offered(self._invoice(10, 300), first_on=first).accept_until, first)

    def test_days_off_move_to_the_next_working_day(self):
        saturday = self.today + timedelta(days=(5 - self.today.weekday()) % 7 + 7)
        first = self._draft(self._invoice(10, 300), first_on=saturday).installment_ids.sorted("number")[0]
        calendar = self.env["collection.plan"]._calendar(self.company, self.today)
        self.assertTrue(calendar.is_working(first.due))
        self.assertGreaterEqual(first.due, saturday + timedelta(days=2))

    # ------------------------------------------------------------------ refusals

    def test_an_item_is_in_one_plan_at_a_time(self):
        invoice = self._invoice(10)
        plan = self._offered(invoice)
        with self._refused(plan.name):
            self._draft(invoice)
        plan._cancel("Changed its mind")
        self.assertTrue(self._draft(invoice))

    def test_what_makes_no_plan_is_refused_in_plain_words(self):
        invoice = self._invoice(10, 1000)
        for why, values in (
                ("today at the earliest", {"first_on": self._due(1)}), ("less than the", {"down_amount": 1000, "down_on": self.today}),
                ("makes no plan", {"method": "amount", "part_amount": 1}), ("too far ahead", {"first_on": self._due(-400)}),
                ("comes before", {"down_amount": 10, "down_on": self._first(30)})):
            with self.subTest(why), self._refused(why):
                self._draft(invoice, **values)

    def test_items_of_others_of_two_currencies_or_paid_are_refused(self):
        dollar = self._invoice(10, currency=self.other_currency)
        paid, other = self._invoice(10), self._invoice(10, partner=self._customer("Other"))
        self._pay(paid)
        mine = self._invoice(10)
        for why, invoices in (("several currencies", (mine, dollar)), ("is not owed by", (mine, other)), ("is not open", (mine, paid))):
            with self.subTest(why), self._refused(why):
                self._draft(*invoices)

    def test_what_is_promised_is_not_offered_in_parts(self):
        invoice = self._invoice(10)
        self._promise(invoice)
        with self._refused("is promised by"):
            self._offered(invoice)

    def test_what_is_in_a_plan_is_not_promised(self):
        invoice = self._invoice(10)
        plan = self._offered(invoice)
        with self._refused(plan.name):
            self._promise(invoice)
        with self._refused(plan.name):
            self._promise(amount=50)

    def test_what_has_changed_since_is_drawn_up_anew(self):
        invoice = self._invoice(10, 1000)
        plan = self._draft(invoice)
        self._pay(invoice, 100)
        with self._refused("has changed"):
            plan.action_offer()

    # ------------------------------------------------------------------ dialog

    def test_the_dialog_proposes_what_is_overdue_of_one_currency(self):
        late, other = self._invoice(10), self._invoice(5)
        self._invoice(-10)
        self._invoice(10, currency=self.other_currency)
        form = Form(self.env["collection.plan.wizard"].with_context(default_profile_id=self._profile().id))
        self.assertEqual(form.item_ids[:], self._item(late) | self._item(other))
        self.assertEqual((form.principal, form.template_id, form.count), (200, self.terms, 3))

    def test_the_schedule_follows_what_is_typed(self):
        self._invoice(10, 9600)
        form = Form(self.env["collection.plan.wizard"].with_context(default_profile_id=self._profile().id))
        form.count = 7
        self.assertIn(self.company.currency_id.format(1371.42), form.preview)
        form.down_percent = 30
        self.assertEqual(form.down_amount, 2880)
        form.annual_rate = 9
        self.assertIn("interest", form.warnings)
        form.count = 500
        self.assertFalse(form.preview)
        self.assertIn("makes no plan", form.problem)

    def test_what_was_asked_for_on_the_telephone_fills_the_dialog(self):
        invoice = self._invoice(10, 900)
        self._invoice(8, 100)
        first = self._first(20)
        self.env["collection.desk"].save_outcome(self._profile().id, "plan", {
            "item_ids": self._item(invoice).ids, "parts": 5, "first_on": first.isoformat()})
        action = self._profile().action_payment_plan()
        form = Form(self.env["collection.plan.wizard"].with_context(**action["context"]))
        self.assertEqual((form.count, form.first_on, form.item_ids[:]), (5, first, self._item(invoice)))
        self.assertTrue(self._kinds(name="plan"))
        plan = form.save()._draw()
        plan.action_offer()
        self.assertFalse(self._kinds(name="plan"), "the task is done with the offer")
        self.assertEqual(self._amounts(plan), [180] * 5)

    def test_a_plan_that_is_changed_before_it_was_offered_leaves_the_wish_open(self):
        invoice = self._invoice(10, 900)
        self.env["collection.desk"].save_outcome(self._profile().id, "plan", {
            "item_ids": self._item(invoice).ids, "parts": 5, "first_on": self._first().isoformat()})
        plan = self._draft(invoice, call_id=self._profile()._plan_wish().id)
        new = self._draft(invoice, previous_id=plan.id)
        self.assertTrue(self._kinds(name="plan"))
        new._cancel("No")
        self.assertFalse(self._kinds(name="plan"))

    def test_the_template_fits_payer_and_amount(self):
        self.terms.active = False
        large = self._template("Large", amount_from=1000, count=12, annual_rate=6, sequence=1)
        small = self._template("Small", amount_to=999.99, count=2, sequence=2)
        chronic = self._template("Chronic", payer="chronic", sequence=0)
        find = self.env["collection.plan.template"]._fitting
        profile, currency = self._profile(), self.company.currency_id
        self.assertEqual([find(profile, currency, amount) for amount in (1000, 10)], [large, small])
        profile.sudo().behaviour_class = "chronic"
        self.assertEqual(find(profile, currency, 10), chronic)

    def test_a_plan_changed_is_a_new_one_for_the_same_items(self):
        invoice = self._invoice(10, 900)
        plan = self._active(invoice, count=2)
        self._pay(invoice, 100)
        action = plan.action_renegotiate()
        wizard = self.env["collection.plan.wizard"].with_context(**action["context"]).create({"count": 4, "first_on": self._first()})
        new = wizard._draw()
        self.assertEqual((plan.state, new.previous_id, self._amounts(new)), ("active", plan, [200] * 4))
        new.action_offer()
        self.assertEqual((plan.state, self.env["collection.plan.line"]._live_ones(self._item(invoice)).plan_id), ("active", plan))
        new._accept_by_hand("Ms Miller", self.today)
        self.assertEqual((plan.state, new.state, self.env["collection.plan.line"]._live_ones(self._item(invoice)).plan_id), ("cancelled", "active", new))


@tagged("post_install", "-at_install")
class TestPlanJudged(PlanCommon):
    """What becomes of a plan follows from what is set off against its items."""

    def test_payments_go_to_the_oldest_part_first(self):
        one, two = self._invoice(20, 400), self._invoice(10, 200)
        plan = self._active(one, two)
        self._pay(two, 200)
        self.assertEqual(self._states(plan), ["paid", "open", "open"])
        self._pay(one, 250)
        self.assertEqual(self._states(plan), ["paid", "paid", "partly"])
        self.assertRecordValues(plan, [{"paid_amount": 450, "open_amount": 150, "next_amount": 150, "next_due": self._part(plan, 3).due}])
        self._pay(one, 150)
        self.assertRecordValues(plan, [{"state": "finished", "ended_on": self.today, "open_amount": 0, "next_due": False}])

    def test_money_nobody_matched_does_not_count(self):
        invoice = self._invoice(10, 300)
        plan = self._active(invoice)
        payment = self._on_account(100)
        self.assertEqual(self._states(plan), ["open"] * 3)
        line = payment.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        (line | self._item(invoice)).reconcile()
        self.assertEqual(self._states(plan), ["paid", "open", "open"])

    def test_a_credit_note_takes_from_the_last_part(self):
        invoice = self._invoice(10, 300)
        plan = self._active(invoice)
        note = self._invoice(0, 120, move_type="out_refund")
        (self._item(note) | self._item(invoice)).reconcile()
        self.assertEqual([(row.credited_amount, row.open_amount) for row in plan.installment_ids.sorted("number")], [(0, 100), (20, 80), (100, 0)])
        self.assertRecordValues(plan, [{"paid_amount": 0, "open_amount": 180, "next_amount": 100}])

    def test_a_payment_that_bounces_goes_back(self):
        invoice = self._invoice(10, 300)
        plan = self._active(invoice)
        self._pay(invoice)
        self.assertEqual(plan.state, "finished")
        self._item(invoice).remove_move_reconcile()
        self.assertRecordValues(plan, [{"state": "active", "ended_on": False, "open_amount": 300}])
        self.assertEqual(self._states(plan), ["open"] * 3)

    def test_the_ledger_is_not_rewritten_and_shows_both_days(self):
        one, two = self._invoice(20, 100), self._invoice(10, 200)
        plan = self._active(one, two)
        due = [self._item(invoice).date_maturity for invoice in (one, two)]
        self.assertEqual(due, [self._due(20), self._due(10)])
        items = (self._item(one) | self._item(two)).sorted("date_maturity")
        self.assertEqual(items.mapped("contract_days_late"), [20, 10])
        self.assertEqual(items.mapped("plan_due_date"), [self._part(plan, 1).due, self._part(plan, 3).due])
        self.assertEqual(items.mapped("plan_days_late"), [0, 0])
        with self._on(self._part(plan, 1).due + timedelta(days=4)):
            self.env.invalidate_all()
            self.assertEqual(items.mapped("plan_days_late"), [4, 0])

    def test_interest_and_fee_are_billed_and_belong_to_the_plan(self):
        plan = self._active(self._invoice(10, 9600), count=6, annual_rate=9, rhythm="monthly", first_on=self._month(), fee_amount=30)
        self.assertEqual(plan.charge_id.item_id.amount_residual_currency, 283.57)
        self.assertEqual(sum(plan.line_ids.mapped("amount")), plan.total)
        self.assertEqual((plan.total, sum(self._amounts(plan))), (9883.57, 9883.57))
        self.assertEqual(plan.charge_id.item_id.date_maturity, plan.last_on)

    def test_paid_off_early_the_interest_of_days_to_come_is_credited(self):
        """9,600 at 9 % in 6 months, all of it paid on the day it was agreed: nothing of the interest was earned."""
        invoice = self._invoice(10, 9600)
        plan = self._active(invoice, count=6, annual_rate=9, rhythm="monthly", first_on=self._month())
        self.assertEqual(plan._payoff(self.today), 9600)
        self._pay(invoice)
        self.assertRecordValues(plan, [{"state": "active", "open_amount": 253.57}])
        self._night(self.today)
        self.assertRecordValues(plan, [{"state": "finished", "open_amount": 0}])
        self.assertEqual(plan.charge_id.item_id.amount_residual_currency, 0)

    def test_the_first_part_earned_is_kept(self):
        """On the day of the first part, 72.00 of the interest is earned: 9,672 end the plan, and 181.57 are credited."""
        invoice = self._invoice(10, 9600)
        plan = self._active(invoice, count=6, annual_rate=9, rhythm="monthly", first_on=self._month())
        due = self._part(plan, 1).due
        self.assertEqual(float(plan._payoff(due)), 9672)
        self._pay_on(invoice, due)
        self._pay_on(plan.charge_id.move_id, due, 72)
        self._night(due)
        self.assertEqual((plan.state, plan.charge_id._credit_notes().amount_total), ("finished", 181.57))

    def test_a_cancelled_invoice_is_as_if_credited(self):
        one, two = self._invoice(20, 200), self._invoice(10, 100)
        plan = self._active(one, two)
        plan = plan.sudo()
        two.button_draft()
        plan._judge(self.today)
        self.assertEqual(plan.open_amount, 300, "a draft is on its way to be something")
        two.button_cancel()
        plan._judge(self.today)
        self.assertEqual([row.open_amount for row in plan.installment_ids.sorted("number")], [100, 100, 0])

    def test_an_older_payment_that_bounces_is_missing_in_the_plan(self):
        """What is open of a plan is never less than what is open of its items."""
        invoice = self._invoice(10, 400)
        old = self._pay(invoice, 100)
        plan = self._active(invoice)
        self._pay(invoice, 150)
        self.assertEqual(plan.open_amount, 150)
        old.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable").remove_move_reconcile()
        self.assertEqual((plan.open_amount, self._item(invoice).amount_residual), (250, 250))

    def test_two_plans_in_two_currencies(self):
        euro, dollar = self._invoice(10, 300), self._invoice(10, 600, currency=self.other_currency)
        plans = self._active(euro) + self._active(dollar)
        self._pay(euro, 100)
        self.assertEqual([self._states(plan) for plan in plans], [["paid", "open", "open"], ["open"] * 3])
        self.assertEqual(plans.mapped("open_amount"), [200, 600])

    def test_looking_takes_the_same_queries_for_two_and_for_twenty_plans(self):
        ids = [self._active(self._invoice(10, partner=self._customer(f"Customer {number}"))).id for number in range(20)]
        Plan, counts = self.env["collection.plan"].sudo(), []
        items = Plan.browse(ids).line_ids.item_id.ids
        for count in (20, 2, 20):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            Plan._judge_about(items[:count])
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
        self.assertGreater(counts[1], 1)
        nights = []
        for count in (20, 2, 20):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            Plan._night(Plan.browse(ids[:count]).profile_id, self.company, self.today)
            nights.append(self.env.cr.sql_log_count - before)
        self.assertEqual(nights[1], nights[2])

    def test_a_reconciliation_without_plans_costs_one_query(self):
        invoice = self._invoice(10)
        self.env.flush_all()
        with self.assertQueryCount(1):
            self.env["collection.plan"]._judge_about(self._item(invoice).ids)

    def test_merging_customers_keeps_the_plans(self):
        other = self._customer("Twin")
        plan = self._active(self._invoice(10, partner=other))
        self.env["base.partner.merge.automatic.wizard"].create({})._merge((self.customer | other).ids, self.customer)
        self.assertEqual((plan.profile_id, plan.state), (self._profile(), "active"))

    def test_an_invoice_in_a_plan_is_not_taken_apart(self):
        invoice = self._invoice(10, post=False)
        invoice.invoice_payment_term_id = self.env["account.payment.term"].create({"name": "Two parts", "line_ids": [
            Command.create({"value": "percent", "value_amount": 50, "nb_days": days}) for days in (5, 10)]})
        invoice.action_post()
        plan = self._active(invoice)
        invoice.button_draft()
        with self._refused(plan.name):
            invoice.invoice_payment_term_id = self.env.ref("account.account_payment_term_immediate")
