from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from . import test_plan_rights
from .charge import ChargeCommon
from .plan import PlanCommon


class MendCommon(PlanCommon, ChargeCommon):

    _by_collector = test_plan_rights.TestPlanRights._by_collector

    def _note_on(self, invoice, amount):
        """A goodwill credit note on an invoice."""
        note = invoice._make_part_credit_note(amount, "Goodwill", "Goodwill", f"goodwill,{invoice.id}")
        note.action_post()
        return note

    def _interest_plan(self, invoice=None, **values):
        """9,600 at 9 % in 6 months from a month on: 253.57 of interest."""
        return self._active(invoice or self._invoice(10, 9600), count=6, annual_rate=9, rhythm="monthly", first_on=self._month(), **values)

    def _bounce(self, invoice):
        self._item(invoice).remove_move_reconcile()

    def _later(self, days):
        return self.today + timedelta(days=days)

    def _flying(self, plan, amount=100.0, day=None):
        """An online payment of the invoices of a plan that is on its way since a day."""
        provider = self.env["payment.provider"].sudo().create({"name": "Test", "code": "none", "company_id": self.company.id, "state": "test"})
        self.patch(self.registry["collection.plan"], "_pay_transactions", lambda plan: self.env["payment.transaction"].sudo().search(
            [("invoice_ids", "in", plan._items().move_id.ids), ("state", "=", "pending")]))
        return self.env["payment.transaction"].sudo().create({
            "provider_id": provider.id, "payment_method_id": self.env["payment.method"].sudo().search([], limit=1).id,
            "reference": f"test {plan.name} {amount}", "amount": amount, "currency_id": plan.currency_id.id, "partner_id": plan.partner_id.id,
            "state": "pending", "last_state_change": f"{day or self.today} 12:00:00", "invoice_ids": [Command.set(plan._items().move_id.ids)]})

    def _match(self, payment, invoice):
        line = payment.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        (line | self._item(invoice)).reconcile()

    def _sent_about(self, text):
        return self._mails().filtered(lambda mail: text in mail.subject)

    def _plain_tasks(self, text):
        return self._kinds(name="task").filtered(lambda task: text in task.summary)


@tagged("post_install", "-at_install")
class TestPlanWaives(MendCommon):
    """What a plan gives up of charges: of its own invoices, what is open, and not before the last payment holds."""

    def _kept(self, paid=0.0, **values):
        """Two invoices with charges on one bill; one of them is paid in parts and paid. The bill, of which so much was paid before."""
        mine, other = (self._dated(self._due(20)) for _number in range(2))
        charge = self._charge(self._due(1), post=True)
        if paid:
            self._pay(charge.move_id, paid)
        self._active(mine, waive_charges=True)
        self._pay(mine)
        self._night(self._later(2))
        return charge, mine, other

    def test_charges_on_other_invoices_stand(self):
        """12.5 % of 10,000 for 19 days is 65.07 on each of the two."""
        charge, _mine, _other = self._kept()
        self.assertEqual((charge.move_id.amount_untaxed, charge.state), (130.14, "posted"))
        self.assertAlmostEqual(charge.residual, charge.move_id.amount_total / 2)

    def test_what_was_paid_of_them_is_not_credited(self):
        charge, _mine, _other = self._kept(paid=100.0)
        self.assertAlmostEqual(sum(charge._credit_notes().mapped("amount_total")), min(charge.move_id.amount_total / 2, charge.move_id.amount_total - 100))
        self.assertGreaterEqual(charge.residual, 0)
        self.assertTrue(all(self._item(note).reconciled for note in charge._credit_notes()), "no credit over paid money")

    def test_drafts_are_dropped_too(self):
        mine = self._dated(self._due(20))
        draft = self._charge(self._due(1))
        self._active(mine, waive_charges=True)
        self._pay(mine)
        self._night(self._later(2))
        self.assertEqual(draft.state, "waived")

    def test_not_before_the_last_payment_holds(self):
        mine = self._dated(self._due(20))
        charge = self._charge(self._due(1), post=True)
        plan = self._active(mine, waive_charges=True)
        self._pay(mine)
        self._night(self.today)
        self._bounce(mine)
        self._night(self._later(3))
        self.assertEqual((plan.state, charge.state), ("active", "posted"))

    def test_beyond_what_a_collector_writes_off_a_manager_is_asked(self):
        self.terms.waive_charges = True
        mine = self._dated(self._due(20))
        self._charge(self._due(1), post=True)
        for most, state in ((65.0, "to_approve"), (100.0, "offered")):
            with self.subTest(most=most):
                self.company.collection_write_off_max = most
                plan = self._by_collector(mine)
                self.assertEqual(plan.state, state)
                plan._cancel("Next")


@tagged("post_install", "-at_install")
class TestPlanPaidOff(MendCommon):
    """What ends a plan before its time."""

    def test_a_credit_on_the_interest_takes_nothing_from_the_principal(self):
        invoice = self._invoice(10, 9600)
        plan = self._interest_plan(invoice)
        self._note_on(plan.charge_id.move_id, 200)
        self.assertEqual(float(plan._payoff(self.today)), 9600)
        self._pay(invoice)
        self._night(self.today)
        self.assertRecordValues(plan, [{"state": "finished", "open_amount": 0}])

    def test_a_payoff_that_bounces_brings_the_interest_back(self):
        invoice = self._invoice(10, 9600)
        plan = self._interest_plan(invoice)
        self._pay(invoice)
        self._night(self.today)
        self.assertEqual(plan.state, "finished")
        self._bounce(invoice)
        self._night(self.today)
        self.assertRecordValues(plan, [{"state": "active", "open_amount": 9853.57}])
        self.assertEqual((plan.charge_id.residual, float(plan._payoff(self.today))), (253.57, 9600))

    def test_a_payoff_a_day_later_than_quoted(self):
        """Quoted for day 5, it arrives on day 6: the day between is not asked for."""
        invoice = self._invoice(10, 9600)
        plan = self._interest_plan(invoice)
        quoted = float(plan._payoff(self._later(5)))
        self._pay_on(invoice, self._later(6))
        self._pay_on(plan.charge_id.move_id, self._later(6), quoted - 9600)
        self.assertEqual(plan.state, "active")
        self._night(self._later(6))
        self.assertRecordValues(plan, [{"state": "finished", "open_amount": 0}])

    def test_a_payoff_long_after_it_was_quoted_is_not_enough(self):
        invoice = self._invoice(10, 9600)
        plan = self._interest_plan(invoice)
        self._pay_on(invoice, self._later(6))
        self._night(self._later(6))
        self.assertEqual(plan.state, "active")

    def test_the_first_period_costs_its_days(self):
        """9,600 at 9 %: a month 72.00, so fourteen days in a month of 31 cost 32.52."""
        first = self.env["collection.plan"]._calendar(self.company, self.today).next_working_day(self._later(14))
        plan = self._draft(self._invoice(10, 9600), count=6, annual_rate=9, rhythm="monthly", first_on=first)
        interest = self._part(plan, 1).interest
        self.assertTrue(30 < interest < 45, interest)

    def test_nothing_paid_is_not_thanked_for(self):
        invoice = self._invoice(10, 300)
        plan = self._active(invoice)
        self._note_on(invoice, 300)
        self._night(self.today)
        self.assertEqual((plan.state, len(self._sent_about("Thank you"))), ("finished", 0))


@tagged("post_install", "-at_install")
class TestPlanHeld(MendCommon):
    """What speaks against saying that something is missing."""

    def setUp(self):
        super().setUp()
        self.terms.write({"max_missed": 1})
        self.company.write({"collection_plan_days_after": 1})

    def _missed(self, plan, days=1):
        self._miss(plan, 1, days)
        return plan.state, len(self._sent_about("is missing"))

    def _plan(self):
        return self._active(self._invoice(10, 300))

    def test_money_on_its_way(self):
        plan = self._plan()
        day = self._part(plan, 1).due
        self._flying(plan, day=day)
        self.assertEqual(self._missed(plan, 1), ("active", 0))
        self.assertEqual(self._missed(plan, 12)[0], "defaulted", "it does not come any more")

    def test_a_first_payment_on_its_way_accepts(self):
        self.terms.activates_on_payment = True
        plan = self._offered(self._invoice(10, 300))
        day = plan.accept_until + timedelta(days=1)
        self._flying(plan, day=plan.accept_until)
        self._night(day)
        self.assertEqual(plan.state, "offered")
        self._night(day + timedelta(days=15))
        self.assertEqual(plan.state, "lapsed")

    def test_a_plan_that_is_being_paid_is_not_cancelled(self):
        plan = self._plan()
        self._flying(plan)
        with self._refused("on its way"):
            plan._cancel("No")

    def test_money_nobody_matched(self):
        plan = self._plan()
        payment = self._on_account(300)
        self.assertEqual(self._missed(plan), ("active", 0))
        self.assertTrue(self._plain_tasks("Match the open payments"))
        self._match(payment, plan.line_ids.item_id.move_id)
        self.assertEqual(plan.state, "finished")

    def test_too_little_unmatched_money_holds_nothing(self):
        plan = self._plan()
        self._on_account(99)
        self.assertEqual(self._missed(plan)[0], "defaulted")

    def test_old_bank_data(self):
        self.company.collection_bank_days = 3
        plan = self._plan()
        self._pay(self._invoice(10, partner=self._customer("Other")))
        self.assertEqual(self._missed(plan), ("active", 0))
        self._pay_on(self._invoice(10, partner=self._customer("Third")), self._part(plan, 1).due + timedelta(days=1))
        self.assertEqual(self._missed(plan)[0], "defaulted")

    def test_customers_who_are_left_alone(self):
        for values in ({"excluded": True}, {"paused_until": self._later(90)}):
            with self.subTest(values=values):
                plan = self._plan()
                plan.profile_id.sudo().write(values)
                self.assertEqual(self._missed(plan), ("active", 0))
                plan.profile_id.sudo().write({"excluded": False, "paused_until": False})

    def test_what_is_contested_is_not_missing(self):
        plan = self._plan()
        reason = self.env.ref("account_credit_collection.collection_dispute_reason_damaged")
        self.env["collection.dispute"].create({"item_id": plan.line_ids.item_id.id, "reason_id": reason.id})
        self.assertEqual(self._missed(plan), ("active", 0))

    def test_booked_late_but_paid_in_time_it_was_never_broken(self):
        invoice = self._invoice(10, 300)
        plan = self._active(invoice)
        day = self._miss(plan, 1)
        self.assertEqual(plan.state, "defaulted")
        self.assertTrue(self._kinds())
        with self._on(day + timedelta(days=1)):
            self._pay(invoice, 100, on=self._part(plan, 1).due)
        self.assertRecordValues(plan, [{"state": "active", "defaulted_on": False, "ended_on": False, "default_code": False}])
        self.assertFalse(self._kinds())
        self._night(day + timedelta(days=1))
        self.assertEqual(plan.state, "active")

    def test_paid_late_it_stays_broken(self):
        invoice = self._invoice(10, 300)
        plan = self._active(invoice)
        day = self._miss(plan, 1)
        self._pay_on(invoice, day + timedelta(days=1), 100)
        self.assertEqual(plan.state, "defaulted")

    def test_broken_and_cancelled_the_customer_hears_of_it(self):
        broken, cancelled = self._plan(), self._active(self._invoice(10, partner=self.customer))
        cancelled._cancel("Secret reason")
        [mail] = self._sent_about("does not apply")
        self.assertNotIn("Secret", mail.body_html)
        self._miss(broken, 1)
        self.assertEqual(len(self._sent_about("has ended")), 1)

    def test_the_bill_of_a_broken_plan_is_due_at_once(self):
        plan = self._interest_plan()
        day = self._miss(plan, 1)
        self.assertEqual((plan.state, plan.charge_id.item_id.date_maturity), ("defaulted", day))

    def test_without_an_address_nobody_was_contacted(self):
        self.terms.max_missed = 0
        plan = self._plan()
        self.customer.email = False
        day = self._miss(plan, 1)
        self.assertTrue(self._plain_tasks("remind of the payment plan"))
        contacts = self.env["collection.reader"]._read_contacts(plan.profile_id, day, 5)
        self.assertNotIn(day, contacts.get(plan.profile_id.id, ()))

    def test_no_reminder_on_the_day_of_an_offer(self):
        self.terms.max_missed = 0
        plan = self._plan()
        due = self._part(plan, 1).due
        working = self.env["collection.plan"]._calendar(self.company, self.today).next_working_day
        day = working(due + timedelta(days=1))
        other = self._draft(self._invoice(10), first_on=day + timedelta(days=10))
        with self._on(day):
            other.action_offer()
        self.assertEqual(self._missed(plan, (day - due).days)[1], 0)
        self.assertEqual(self._missed(plan, (working(day + timedelta(days=1)) - due).days)[1], 1)


@tagged("post_install", "-at_install")
class TestPlanKeptStraight(MendCommon):
    """Offers, links, tasks and entries that change under a plan."""

    def test_sent_again_the_old_link_is_void_and_all_addresses_are_kept(self):
        plan = self._offered(self._invoice(10, 300))
        token = plan._link_token()
        with self._refused("today already"):
            plan.action_resend()
        first, self.customer.email = self.customer.email, "right@customer.example"
        plan.action_resend()
        self.assertNotEqual(plan._link_token(), token)
        self.assertEqual(plan.sudo().link_epoch, 1)
        self.assertEqual(plan.offered_to, f"{first}, right@customer.example")

    def test_a_plan_in_force_is_not_offered_again(self):
        plan = self._active(self._invoice(10, 300))
        with self._on(self._later(1)):
            plan.action_resend()
        self.assertIn("once more", self._mails()[-1].body_html)
        self.assertNotIn("we offer you", self._mails()[-1].body_html)

    def test_an_invoice_that_became_smaller(self):
        invoice = self._invoice(10, 1000)
        plan = self._active(invoice)
        invoice.button_draft()
        invoice.invoice_line_ids.price_unit = 800
        invoice.action_post()
        plan.sudo()._judge(self.today)
        self.assertEqual(plan.open_amount, 800)
        self._pay(invoice)
        self.assertEqual(plan.state, "finished")

    def test_an_invoice_that_became_larger(self):
        invoice = self._invoice(10, 1000)
        plan = self._active(invoice)
        invoice.button_draft()
        invoice.invoice_line_ids.price_unit = 1200
        invoice.action_post()
        self._night(self.today)
        self.assertEqual((plan.open_amount, len(self._plain_tasks("is larger than in"))), (1000, 1))
        self._pay(invoice, 1100)
        self.assertRecordValues(plan, [{"state": "finished", "paid_amount": 1000}])

    def test_a_tax_that_is_withheld_from_its_bill(self):
        """253.57 of interest, 10 % of it withheld by the customer: 25.36 are as if credited."""
        self.env.ref("account_credit_collection.product_interest").taxes_id = self.tax
        self.tax.write({"amount_type": "percent", "amount": -10, "price_include_override": "tax_excluded"})
        self.customer.country_id = self.company.country_id
        invoice = self._invoice(10, 9600)
        plan = self._interest_plan(invoice)
        self.assertEqual((plan.charge_id.residual, plan.open_amount), (228.21, 9828.21))

    def test_an_offer_whose_invoice_is_a_draft_tonight_stands(self):
        invoice = self._invoice(10, 300)
        plan = self._offered(invoice)
        invoice.button_draft()
        self._night(self.today)
        self.assertEqual(plan.state, "offered")

    def test_tasks_of_two_plans_are_told_apart(self):
        self.terms.approve_amount = 100
        plan, other = (self._by_collector(self._invoice(10, 300)) for _number in range(2))
        other.action_refuse()
        [task] = self._kinds(name="plan_approve")
        self.assertIn(plan.name, task.summary)
        plan.action_approve()
        self.assertFalse(self._kinds(name="plan_approve"))

    def test_offers_count_together(self):
        self.terms.write({"approve_amount": 1000, "year_limit": 1})
        first, second = (self._by_collector(self._invoice(10, 900)) for _number in range(2))
        self.assertEqual((first.state, second.state, second.approval_codes), ("offered", "to_approve", ["amount", "year"]))

    def test_a_plan_that_takes_anothers_place_is_not_counted_twice(self):
        self.terms.write({"approve_amount": 1000})
        invoice = self._invoice(10, 900)
        first = self._by_collector(invoice)
        again = self._draft(invoice, previous_id=first.id, count=2)
        again.with_user(self.collector).action_offer()
        self.assertEqual((first.state, again.state), ("cancelled", "offered"))

    def test_a_bill_that_cannot_be_posted_is_made_some_other_night(self):
        def locked(*_args, **_kwargs):
            raise UserError("The books are closed")

        with patch.object(self.registry["collection.charge"], "_bill_agreement", locked):
            plan = self._active(self._invoice(10, 300), fee_amount=30)
        self.assertEqual((plan.state, bool(plan.charge_id), len(self._plain_tasks("cannot be billed"))), ("active", False, 1))
        self._night(self.today)
        self.assertEqual((plan.charge_id.residual, len(self._plain_tasks("cannot be billed"))), (30, 0))

    def test_a_sales_lock_does_not_keep_a_customer_from_accepting(self):
        plan = self._offered(self._invoice(10, 300), fee_amount=30)
        self.company.sale_lock_date = self.today
        plan._accept("Ms Miller", document_hash=plan.document_hash)
        self.assertEqual(plan.state, "active")
        self._night(self._later(1))
        self.assertEqual(plan.charge_id.residual, 30)

    def test_a_credit_that_cannot_be_posted_does_not_stop_the_night(self):
        def locked(*_args, **_kwargs):
            raise UserError("The books are closed")

        self.terms.max_missed = 1
        plan = self._interest_plan()
        with patch.object(self.registry["collection.charge"], "_credit_part", locked):
            self._miss(plan, 1)
        self.assertEqual((plan.state, len(self._plain_tasks("by hand"))), ("defaulted", 1))

    def test_a_plan_that_cannot_be_ended_does_not_keep_the_others_from_it(self):
        self.terms.max_missed = 1
        plans = self._active(self._invoice(10, 300)) + self._active(self._invoice(10, 300))
        done = self.registry["collection.plan"]._credit_unearned

        def bad(plan, on):
            if plan == plans[0]:
                raise UserError("No")
            return done(plan, on)

        with patch.object(self.registry["collection.plan"], "_credit_unearned", bad):
            self._miss(plans[0], 1)
        self.assertEqual((plans.mapped("state"), len(self._plain_tasks("could not be ended"))), (["active", "defaulted"], 1))

    def test_the_day_it_was_signed_is_kept(self):
        plan = self._offered(self._invoice(10, 300), first_on=self._first(20))
        with self._on(self._later(2)):
            plan._accept_by_hand("Ms Miller", self._later(1))
        self.assertEqual(self.company._collection_date(plan.accepted_on), self._later(1))

    def test_accepted_by_payment_on_its_day(self):
        self.terms.activates_on_payment = True
        invoice = self._invoice(10, 300)
        plan = self._offered(invoice)
        self._pay(invoice, 100)
        self._night(self._later(1))
        self.assertEqual(self.company._collection_date(plan.accepted_on), self.today)

    def test_one_part_is_said_plainly(self):
        one = self._offered(self._invoice(10, 300), count=1)
        self.assertNotIn("1 parts", one._summary())
        self.assertEqual(one._summary().count("by"), 1)

    def test_both_days_take_the_same_queries_for_two_and_for_ten_plans(self):
        ids = [self._active(self._invoice(10, partner=self._customer(f"Many {number}"))).line_ids.item_id.id for number in range(10)]
        counts = []
        for count in (10, 2, 10):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["account.move.line"].browse(ids[:count]).mapped("plan_due_date")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
