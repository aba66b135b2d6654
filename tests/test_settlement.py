from datetime import date, timedelta
from unittest.mock import patch

from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..engine.interest import Stop
from .test_promise import PromiseCommon


class SettlementCommon(PromiseCommon):
    """The verbs of settlement offers, along a timeline of days from today."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({
            "collection_settlement_fee": 25, "collection_settlement_interest": 12, "collection_settlement_months": 9,
            "collection_settlement_handling": 150, "collection_write_off_max": 100000, "collection_interest_product_id": cls.product.id,
            "collection_write_off_account_id": cls.company_data["default_account_expense"].id})
        # the letter is another test's; here it would only take a second each time
        cls.startClassPatcher(patch.object(cls.env.registry["collection.settlement"], "_render", lambda self, report: b"%PDF-1.4 letter"))
        cls.manager = cls.env.user
        cls.tax = cls.env["account.tax"].create({"name": "21 %", "amount": 21, "amount_type": "percent", "company_id": cls.company.id})

    def _offer(self, *invoices, amount, in_days=10, offer=True, reason=None, user=None, partner=None):
        """An offer as a person makes it; ``offer=False`` keeps the draft."""
        items = self.env["account.move.line"].browse([self._item(invoice).id for invoice in invoices])
        Settlement = self.env["collection.settlement"].with_user(user or self.env.user)
        record = Settlement._make(self._profile(partner or invoices[0].partner_id), items, amount,
                                  self.company._collection_today() + timedelta(days=in_days), reason)
        if offer:
            record.action_offer()
        return record

    def _taxed(self, net, days_late=200):
        """An invoice with 21 % tax."""
        return self._invoice(days_late, invoice_line_ids=[Command.create({
            "name": "Goods", "quantity": 1, "price_unit": net, "tax_ids": [Command.set(self.tax.ids)],
            "account_id": self.company_data["default_account_revenue"].id})])

    def _charge(self, amount, partner=None):
        """A posted bill of interest, due yesterday."""
        charge = self.env["collection.charge"]._bill_agreement(
            self._profile(partner), self.company.currency_id, [("plan_interest", amount, "Late interest")], self._due(1), "Test")
        return charge.move_id

    def _book(self):
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **values: 0):
            self.env["collection.settlement"]._cron_book()

    def _open(self, *invoices):
        return [invoice.amount_residual for invoice in invoices]

    def _notes(self, record):
        return record.move_ids.sorted("id")

    def _settlement_tasks(self, profile=None):
        kind = self.env.ref("account_credit_collection.mail_activity_collection_settlement")
        return (profile or self._profile()).activity_ids.filtered(lambda activity: activity.activity_type_id == kind)


@tagged("post_install", "-at_install")
class TestSettlementFloor(SettlementCommon):
    """F-16: what a debt brings otherwise decides what may be offered."""

    def test_the_published_numbers(self):
        offer = self._offer(self._invoice(182, 10000), amount=3294.43)
        self.assertRecordValues(offer, [{"debt": 10000, "chance": 50, "age_days": 182, "floor": 3294.43, "conceded": 6705.57, "state": "offered"}])
        for term in ("5,000.00", "3,750.00", "3,444.43", "3,294.43"):
            self.assertIn(term, offer.floor_terms)

    def test_the_oldest_item_decides(self):
        """At 400 days late 25 %: (2,000 × 0.25 × 0.75) / 1.12^0.75 − 150 = 344.44 − 150 = 194.44."""
        offer = self._offer(self._invoice(400, 1000), self._invoice(10, 1000), amount=500, offer=False)
        self.assertRecordValues(offer, [{"age_days": 400, "chance": 25, "floor": 194.44}])

    def test_a_collector_asks_and_a_manager_approves_with_a_reason(self):
        invoice = self._invoice(182, 10000)
        offer = self._offer(invoice, amount=3294.42, user=self.collector)
        self.assertEqual(offer.state, "to_approve")
        self.assertFalse(offer.made_on)
        with self.assertRaises(AccessError):
            offer.action_approve()
        with self.assertRaises(AccessError):
            offer._decide_on("approve", "I say so")
        with self._refused("Say why"):
            offer.with_user(self.manager)._decide_on("approve", " ")
        offer.with_user(self.manager)._decide_on("approve", "Insolvency is near")
        self.assertRecordValues(offer, [{"state": "offered", "approved_by": self.manager.id, "approve_reason": "Insolvency is near",
                                         "made_on": self.today}])

    def test_a_manager_says_why_below_the_floor(self):
        invoice = self._invoice(182, 10000)
        with self._refused("below .*3,294.43.* Say why"):
            self._offer(invoice, amount=3000)
        self.assertEqual(self._offer(invoice, amount=3000, reason="The bank pays only this").state, "offered")

    def test_a_collector_gives_up_so_much_and_not_in_slices(self):
        self.company.collection_write_off_max = 100
        first, second = self._invoice(20, 1000), self._invoice(20, 1000)
        self.assertEqual(self._offer(first, amount=940, user=self.collector).state, "offered")
        sliced = self._offer(second, amount=959, user=self.collector)
        self.assertEqual(sliced.state, "to_approve", "60 + 41 are more than 100")
        sliced.with_user(self.manager)._decide_on("refuse", "Enough")
        self.assertEqual(self._offer(second, amount=960, user=self.collector).state, "offered", "60 + 40 are not")

    def test_a_refused_offer_ends(self):
        offer = self._offer(self._invoice(182, 10000), amount=100, user=self.collector)
        kind = self.env.ref("account_credit_collection.mail_activity_collection_settlement_approve")
        self.assertEqual(len(self._profile().activity_ids.filtered(lambda task: task.activity_type_id == kind)), 1)
        offer.with_user(self.manager)._decide_on("refuse", "It pays in full")
        self.assertRecordValues(offer, [{"state": "withdrawn", "end_reason": "It pays in full"}])
        self.assertFalse(self._profile().activity_ids.filtered(lambda task: task.activity_type_id == kind))

    def test_what_cannot_be_offered(self):
        invoice, today = self._invoice(200, 1000), self.company._collection_today()
        for why, values in (("nothing would be given up", {"amount": 1000}), ("nothing would be given up", {"amount": 1001}),
                            ("Enter the amount", {"amount": 0}), ("Enter the amount", {"amount": 0.001}), ("lies in the past", {"amount": 900, "in_days": -1}),
                            ("more than 60 days", {"amount": 900, "in_days": 61})):
            with self.subTest(values), self._refused(why):
                self._offer(invoice, **values)
        self.assertEqual(self._offer(invoice, amount=900, in_days=60, offer=False).until, today + timedelta(days=60))
        with self._refused("not owed by"):
            self._offer(invoice, amount=900, partner=self._customer("Other"))
        self._pay(invoice)
        with self._refused("not open"):
            self._offer(invoice, amount=900)

    def test_another_currency_has_its_own_floor_and_limit(self):
        """Two of the foreign currency are one of ours: handling is 300 there, 10,000 → 3,444.43 − 300 = 3,144.43."""
        foreign = self.setup_other_currency("CAD", rates=[("1900-01-01", 2.0)])
        invoice = self._invoice(182, 10000, currency=foreign)
        offer = self._offer(invoice, amount=3144.43)
        self.assertRecordValues(offer, [{"currency_id": foreign.id, "floor": 3144.43, "state": "offered"}])
        with self._refused("another currency"):
            self._offer(self._invoice(182), self._invoice(182, currency=foreign), amount=150)


@tagged("post_install", "-at_install")
class TestSettlementTaken(SettlementCommon):
    """Whether it is taken follows from the payments; then every item is settled to the cent."""

    def test_paid_exactly(self):
        invoice = self._invoice(200, 1000)
        offer = self._offer(invoice, amount=600)
        self._pay(invoice, 600)
        self.assertRecordValues(offer, [{"state": "taken", "taken_on": self.today, "booked_on": False, "missing_amount": 0}])
        self._book()
        self.assertEqual(self._open(invoice), [0])
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self._notes(offer).mapped("amount_total"), [400])
        self.assertEqual(offer.booked_on, self.today)

    def test_paid_in_two_parts_the_day_of_the_second_counts(self):
        invoice = self._invoice(200, 1000)
        offer = self._offer(invoice, amount=600)
        self._pay_on(invoice, self._due(-2), 200)
        self.assertRecordValues(offer, [{"state": "offered", "paid_amount": 200, "missing_amount": 400}])
        self._pay_on(invoice, self._due(-10), 400)
        self.assertRecordValues(offer, [{"state": "taken", "taken_on": self._due(-10)}])

    def test_a_cent_short(self):
        invoice = self._invoice(200, 1000)
        offer = self._offer(invoice, amount=600)
        self._pay(invoice, 599.99)
        self._night(self._due(-10))
        self.assertEqual(offer.state, "offered", "the last day")
        self._night(self._due(-11))
        self.assertRecordValues(offer, [{"state": "lapsed", "paid_amount": 599.99, "missing_amount": 0.01, "ended_on": self._due(-11)}])
        self._book()
        self.assertEqual(self._open(invoice), [400.01], "what came stays, the rest is owed")

    def test_a_day_late_and_back_dated(self):
        late, dated = self._invoice(200, 1000), self._invoice(200, 1000)
        offers = self._offer(late, amount=600) + self._offer(dated, amount=600)
        self._night(self._due(-11))
        self.assertEqual(offers.mapped("state"), ["lapsed", "lapsed"])
        self._pay_on(late, self._due(-11), 600)
        with self._on(self._due(-13)):
            self._pay(dated, 600, on=self._due(-10))
        self.assertEqual(offers.mapped("state"), ["lapsed", "taken"], "entered late, but it came in time")
        self._book()
        self.assertEqual(self._open(late, dated), [400, 0])

    def test_what_came_before_on_the_same_day_is_no_answer(self):
        invoice = self._invoice(200, 1000)
        self._pay(invoice, 300)
        offer = self._offer(invoice, amount=300)
        self.assertRecordValues(offer, [{"debt": 700, "conceded": 400}])
        self._night(self._due(-1))
        self.assertRecordValues(offer, [{"state": "offered", "paid_amount": 0}])
        self._pay_on(invoice, self._due(-1), 300)
        self.assertEqual(offer.state, "taken")

    def test_taxes_go_down_with_the_discount(self):
        """1,210 open; 605 settle it: 605 credited, 500 net and 105 tax."""
        invoice = self._taxed(1000)
        offer = self._offer(invoice, amount=605)
        self._pay(invoice, 605)
        self._book()
        self.assertRecordValues(self._notes(offer), [{"amount_untaxed": 500, "amount_tax": 105, "amount_total": 605, "state": "posted"}])
        self.assertEqual(self._open(invoice), [0])

    def test_charges_are_waived_first_then_a_discount(self):
        """1,210 with tax and 100 of interest; 1,089 settles it: 100 waived and 121 credited, 100 net and 21 tax."""
        invoice, bill = self._taxed(1000), self._charge(100)
        offer = self._offer(invoice, bill, amount=1089)
        self.assertRecordValues(offer, [{"principal": 1210, "charges": 100, "debt": 1310, "waived": 100, "discount": 121, "conceded": 221}])
        self._pay(invoice, 1089)
        self._book()
        self.assertEqual(self._open(invoice, bill), [0, 0])
        self.assertEqual(bill.sudo().collection_charge_id.state, "waived")
        notes = {note.reversed_entry_id: note for note in self._notes(offer)}
        self.assertRecordValues(notes[invoice], [{"amount_untaxed": 100, "amount_tax": 21}])
        self.assertEqual(notes[bill].amount_total, 100)

    def test_charges_alone_and_a_part_of_them(self):
        whole, part = self._charge(40), self._charge(60)
        invoice = self._invoice(200, 1000)
        offer = self._offer(invoice, whole, part, amount=1030)
        self.assertRecordValues(offer, [{"waived": 70, "discount": 0}])
        self._pay(invoice)
        self._pay(part, 30)
        self._book()
        self.assertEqual(self._open(invoice, whole, part), [0, 0, 0])
        self.assertEqual(sum(self._notes(offer).mapped("amount_total")), 70)

    def test_three_invoices_one_payment(self):
        """600 for three of 300 sit on the first two: the third is credited as a whole, no other is touched."""
        invoices = [self._invoice(days, 300) for days in (220, 210, 200)]
        offer = self._offer(*invoices, amount=600)
        payment = self._on_account(600)
        self._night(self._due(0))
        self.assertEqual(offer.state, "taken", "the customer owes nothing else, so it is clear what it is for")
        self.assertTrue(payment.is_reconciled)
        self._book()
        self.assertEqual(self._open(*invoices), [0, 0, 0])
        self.assertEqual([(note.reversed_entry_id, note.amount_total) for note in self._notes(offer)], [(invoices[2], 300)])

    def test_three_invoices_a_payment_across_them(self):
        invoices = [self._invoice(days, 333.33) for days in (220, 210, 200)]
        offer = self._offer(*invoices, amount=500)
        self._on_account(500)
        self._night(self._due(0))
        self._book()
        self.assertEqual(self._open(*invoices), [0, 0, 0])
        self.assertEqual({note.reversed_entry_id: note.amount_total for note in self._notes(offer)}, {invoices[1]: 166.66, invoices[2]: 333.33})

    def test_money_on_account_for_something_else_takes_nothing(self):
        invoice = self._invoice(200, 1000)
        self._invoice(5, 700)
        offer = self._offer(invoice, amount=600)
        self._on_account(700)
        self._night(self._due(0))
        self.assertEqual(offer.state, "offered")
        self._on_account(600)
        self._night(self._due(-1))
        self.assertEqual(offer.state, "taken", "exactly what is missing")

    def test_more_than_asked_gives_up_less(self):
        invoice = self._invoice(200, 1000)
        offer = self._offer(invoice, amount=600)
        self._pay(invoice, 700)
        self._book()
        self.assertEqual(self._open(invoice), [0])
        self.assertIn("300.00 was given up", offer.outcome)
        self.assertEqual(self._notes(offer).mapped("amount_total"), [300])

    def test_never_more_than_was_offered(self):
        """An earlier payment bounced in between: its 500 are still owed."""
        invoice = self._invoice(200, 1000)
        earlier = self._pay(invoice, 500)
        offer = self._offer(invoice, amount=300)
        earlier.move_id.line_ids.remove_move_reconcile()
        self._pay(invoice, 300)
        self._book()
        self.assertEqual(self._notes(offer).mapped("amount_total"), [200])
        self.assertEqual(self._open(invoice), [500])
        self.assertIn("something is still open", self._settlement_tasks().summary)

    def test_another_currency(self):
        foreign = self.setup_other_currency("CAD", rates=[("1900-01-01", 2.0)])
        invoice = self._invoice(200, 1000, currency=foreign)
        offer = self._offer(invoice, amount=600)
        self._pay(invoice, 600)
        self._book()
        self.assertRecordValues(self._notes(offer), [{"amount_total": 400, "currency_id": foreign.id}])
        self.assertEqual(self._item(invoice).amount_residual, 0)
        self.assertEqual(self._open(invoice), [0])

    def test_an_installment_and_not_the_one_before(self):
        """The first half is not of the offer, so that the credit note leaves it alone."""
        term = self.env["account.payment.term"].create({"name": "Halves", "line_ids": [
            Command.create({"value": "percent", "value_amount": 50, "nb_days": days}) for days in (0, 30)]})
        invoice = self._invoice(100, 1000, invoice_payment_term_id=term.id, invoice_date=self._due(130))
        first, second = self._item(invoice).sorted("date_maturity")
        offer = self.env["collection.settlement"]._make(self._profile(), second, 400, self._due(-5))
        offer.action_offer()
        self.env["account.payment.register"].with_context(active_model="account.move.line", active_ids=second.ids).create(
            {"payment_date": self.today, "amount": 400})._create_payments()
        self._book()
        self.assertEqual((first.amount_residual, second.amount_residual), (500, 0))
        self.assertEqual(self._notes(offer).amount_total, 100)

    def test_an_opening_balance_is_written_off(self):
        receivable, income = self.company_data["default_account_receivable"], self.company_data["default_account_revenue"]
        entry = self.env["account.move"].create({"move_type": "entry", "date": self._due(200), "line_ids": [
            Command.create({"account_id": receivable.id, "partner_id": self.customer.id, "debit": 1000, "date_maturity": self._due(200)}),
            Command.create({"account_id": income.id, "credit": 1000})]})
        entry.action_post()
        offer = self._offer(entry, amount=600)
        self._on_account(600)
        self._night(self._due(0))
        self.company.collection_write_off_account_id = False
        self._book()
        self.assertRecordValues(offer, [{"state": "taken", "booked_on": False}])
        self.assertIn("No account for write-offs", offer.book_error)
        self.assertIn("to be booked", self._settlement_tasks().summary)
        self._book()
        self.assertEqual(len(self._settlement_tasks()), 1, "asked once")
        self.assertFalse(offer.move_ids)
        self.company.collection_write_off_account_id = self.company_data["default_account_expense"]
        offer.action_book()
        self.assertTrue(self._item(entry).reconciled)
        self.assertFalse(offer.book_error)
        self.assertFalse(self._settlement_tasks())

    def test_a_locked_period(self):
        invoice = self._invoice(200, 1000)
        offer = self._offer(invoice, amount=600)
        self._pay(invoice, 600)
        self.company.sudo().sale_lock_date = self.today
        self._book()
        self.assertFalse(offer.book_error)
        self.assertGreater(self._notes(offer).date, self.today)
        self.assertEqual(self._open(invoice), [0])

    def test_the_entries_name_who_stands_for_them(self):
        invoice = self._invoice(182, 10000)
        offer = self._offer(invoice, amount=3000, user=self.collector)
        offer.with_user(self.manager)._decide_on("approve", "Insolvency is near")
        self._pay(invoice, 3000)
        self._book()
        text = " ".join(self._notes(offer).message_ids.mapped("body"))
        for name in (offer.name, self.collector.name, self.manager.name, "Insolvency is near"):
            self.assertIn(name, text)


@tagged("post_install", "-at_install")
class TestSettlementLife(SettlementCommon):
    """Silence while it is offered, and what happens when it ends."""

    def test_silent_and_resumed_by_a_real_run(self):
        invoice = self._invoice(10, 1000)
        offer = self._offer(invoice, amount=800)
        self.assertFalse(self._run(1).action_ids)
        self.assertEqual(self._why(), "settlement")
        self._night(self._due(-11))
        self.assertEqual(offer.state, "lapsed")
        self.assertEqual(self._run(11).action_ids.line_ids.item_id, self._item(invoice))

    def test_silent_until_it_is_booked(self):
        invoice = self._invoice(10, 1000)
        self._offer(invoice, amount=800)
        self._pay(invoice, 800)
        self.assertFalse(self._run(30).action_ids)
        self._book()
        self._run(30)
        self.assertEqual(self._why(), "nothing_open")

    def test_lapsed_is_told_once(self):
        offer = self._offer(self._invoice(200, 1000), amount=600)
        for days in (11, 12, 40):
            self._night(self._due(-days))
        self.assertRecordValues(offer, [{"state": "lapsed", "ended_on": self._due(-11)}])
        self.assertEqual(len(self._settlement_tasks()), 1)
        notes = self.customer.message_ids.filtered(lambda message: "lapsed" in (message.body or ""))
        self.assertEqual(len(notes), 1)
        self.assertNotIn("600", notes.body, "no amounts where everybody reads")

    def test_one_that_nobody_approved_in_time(self):
        offer = self._offer(self._invoice(182, 10000), amount=100, user=self.collector)
        self._night(self._due(-11))
        self.assertEqual(offer.state, "lapsed")

    def test_withdrawn(self):
        invoice = self._invoice(10, 1000)
        offer = self._offer(invoice, amount=800)
        offer.with_user(self.collector)._decide_on("withdraw", "The customer goes to court")
        self._pay(invoice, 800)
        self._book()
        self.assertRecordValues(offer, [{"state": "withdrawn", "ended_by": self.collector.id}])
        self.assertEqual(self._open(invoice), [200])
        with self._refused("stays"):
            offer._decide_on("withdraw", "Again")

    def test_a_payment_taken_back_before_it_is_booked(self):
        invoice = self._invoice(10, 1000)
        offer = self._offer(invoice, amount=800)
        payment = self._pay(invoice, 800)
        payment.action_draft()
        self.assertRecordValues(offer, [{"state": "offered", "paid_amount": 0, "missing_amount": 800, "taken_on": False}])
        self._book()
        self.assertFalse(offer.move_ids)

    def test_a_payment_that_bounces_afterwards(self):
        invoice, bill = self._invoice(200, 1000), self._charge(50)
        offer = self._offer(invoice, bill, amount=800)
        payment = self._pay(invoice, 800)
        self._book()
        payment.action_draft()
        self.assertRecordValues(offer, [{"state": "taken", "bounced_on": self.today}])
        payment.action_cancel()
        self.assertIn("taken back", self._settlement_tasks().summary)
        self.assertEqual(self._open(invoice), [800], "the credit note stands until a person says otherwise")
        with self.assertRaises(AccessError):
            offer.with_user(self.collector)._decide_on("take_back", "No money")
        offer._decide_on("take_back", "No money")
        self.assertEqual(self._open(invoice, bill), [1000, 50])
        self.assertEqual(bill.sudo().collection_charge_id.state, "posted")
        self.assertEqual(offer.state, "withdrawn")
        self.assertEqual(self._offer(invoice, bill, amount=900, in_days=5).state, "offered", "free for another offer")

    def test_one_agreement_at_a_time(self):
        invoice, other = self._invoice(10, 1000), self._invoice(10, 500)
        offer = self._offer(invoice, amount=800)
        with self._refused(f"settlement offer {offer.name}"):
            self._promise(invoice)
        with self._refused(f"settlement offer {offer.name}"):
            self._promise(amount=100)
        with self._refused(f"settlement offer {offer.name}"):
            self._offer(invoice, amount=700)
        promise = self._promise(other)
        with self._refused("is promised by"):
            self._offer(other, amount=400)
        promise._withdraw("No")
        offer._decide_on("withdraw", "No")
        self._promise(amount=100)
        with self._refused("whole balance is promised"):
            self._offer(other, amount=400)

    def test_a_plan_and_an_offer_refuse_each_other(self):
        settled, planned = self._invoice(10, 1000), self._invoice(10, 1000)
        offer = self._offer(settled, amount=800)
        template = self.env["collection.plan.template"].search([], limit=1)
        dialog = {"profile_id": self._profile().id, "template_id": template.id, "currency_id": self.company.currency_id.id,
                  "first_on": self.today + timedelta(days=20), "rhythm": "monthly"}
        Wizard = self.env["collection.plan.wizard"]
        with self._refused(f"settlement offer {offer.name}"):
            Wizard.create({**dialog, "item_ids": self._item(settled).ids})._draw()
        plan = Wizard.create({**dialog, "item_ids": self._item(planned).ids})._draw()
        plan.sudo()._transition("to_approve")
        with self._refused("payment plan"):
            self._offer(planned, amount=800)

    def test_no_interest_while_it_stands(self):
        invoice = self._invoice(10, 1000)
        offer = self._offer(invoice, amount=800)
        Reader = self.env["collection.reader"]
        row = Reader._read_items(self.company, self.customer.ids)
        self.assertEqual(Reader._read_charge_stops(row, self.today)[self._item(invoice).id], (Stop(date.min),))
        offer._decide_on("withdraw", "No")
        self.assertFalse(Reader._read_charge_stops(row, self.today).get(self._item(invoice).id))

    def test_merged_customers_keep_their_offers(self):
        other = self._customer("Northwind old")
        invoice = self._invoice(10, 1000, partner=other)
        offer = self._offer(invoice, amount=800)
        self._profile()
        self.env["base.partner.merge.automatic.wizard"].sudo()._merge((other | self.customer).ids, self.customer)
        self.assertEqual(offer.profile_id, self._profile())
        self._pay(invoice, 800)
        self.assertEqual(offer.state, "taken")

    def test_two_drafts_of_the_same_invoice_are_offered_once(self):
        invoice = self._invoice(10, 1000)
        first, second = self._offer(invoice, amount=800, offer=False), self._offer(invoice, amount=700, offer=False)
        first.action_offer()
        with self._refused(f"settlement offer {first.name}"):
            second.action_offer()
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.cr.savepoint():
            second.sudo()._transition("offered", made_on=self.today)
            self.env.flush_all()

    def test_a_draft_is_brought_up_to_date_when_it_is_offered(self):
        invoice = self._invoice(10, 1000)
        offer = self._offer(invoice, amount=800, offer=False)
        self._pay(invoice, 150)
        offer.action_offer()
        self.assertRecordValues(offer, [{"debt": 850, "conceded": 50}])
        draft = self._offer(self._invoice(10, 500), amount=400, offer=False)
        self._pay(draft.line_ids.item_id.move_id, 100)
        with self._refused("nothing would be given up"):
            draft.action_offer()

    def test_a_later_offer_closes_a_lapsed_one_for_good(self):
        invoice = self._invoice(10, 1000)
        first = self._offer(invoice, amount=600)
        self._night(self._due(-11))
        with self._on(self._due(-12)):
            second = self._offer(invoice, amount=900)
            self._pay(invoice, 600, on=self._due(-9))
        self.assertEqual((first.state, second.state), ("lapsed", "offered"))

    def test_the_mail_has_a_link_and_the_amounts(self):
        offer = self._offer(self._invoice(10, 1000), amount=800)
        mail = self.env["mail.mail"].sudo().search([("subject", "like", offer.name)])
        self.assertEqual(mail.email_to, "northwind@customer.example")
        for text in ("800.00", "200.00", f"/collections/settlement/{offer.id}/"):
            self.assertIn(text, mail.body_html)
        self.assertEqual(mail.attachment_ids.raw, b"%PDF-1.4 letter")
        self.customer.email = False
        self._offer(self._invoice(10, 500), amount=400)
        self.assertIn("no usable e-mail address", self._settlement_tasks().summary)

    def test_the_same_number_of_queries_for_two_and_for_twenty(self):
        def offers(count):
            found = self.env["collection.settlement"]
            for number in range(count):
                partner = self._customer(f"Customer {count} {number}")
                found += self._offer(self._invoice(10, 1000, partner=partner), amount=900)
            self.env.flush_all()
            self.env.invalidate_all()
            return found.profile_id

        def queries(profiles):
            Settlement = self.env["collection.settlement"]
            start = self.cr.sql_log_count
            Settlement._judge_all(profiles, self.today)
            self.env.flush_all()
            return self.cr.sql_log_count - start

        two, twenty = offers(2), offers(20)
        queries(two)
        self.env.invalidate_all()
        few = queries(two)
        self.env.invalidate_all()
        self.assertEqual(queries(twenty), few)


@tagged("post_install", "-at_install")
class TestSettlementRights(SettlementCommon):
    """Collectors make offers within their limits, for the customers they see."""

    def _user_of(self, login, *groups):
        return new_test_user(self.env(su=True), login=login, company_id=self.company.id, company_ids=self.company.ids,
                             groups=",".join(f"account_credit_collection.{group}" for group in groups))

    def test_a_viewer_only_looks(self):
        viewer = self._user_of("settlement viewer", "group_viewer")
        invoice = self._invoice(10, 1000)
        offer = self._offer(invoice, amount=800)
        self.assertEqual(offer.with_user(viewer).amount, 800)
        for method in ("action_offer", "action_withdraw", "action_resend", "action_book", "action_approve", "action_refuse", "action_take_back"):
            with self.subTest(method), self.assertRaises(AccessError):
                getattr(offer.with_user(viewer), method)()
        with self.assertRaises(AccessError):
            self._offer(self._invoice(10), amount=50, user=viewer)

    def test_nobody_writes_what_methods_write(self):
        offer = self._offer(self._invoice(182, 10000), amount=100, user=self.collector)
        for values in ({"state": "offered"}, {"amount": 1}, {"approved_by": self.collector.id}, {"until": self.today}):
            with self.subTest(values), self.assertRaises(AccessError):
                offer.with_user(self.collector).write(values)
        with self.assertRaises(AccessError):
            offer.with_user(self.collector).note = "Mrs Miller called"
        offer.with_user(self.collector)._write_note("Mrs Miller called")
        self.assertEqual(offer.note, "Mrs Miller called")
        with self.assertRaises(AccessError):
            self.env["collection.settlement"].with_user(self.collector).create({"profile_id": self._profile().id, "amount": 1})

    def test_own_portfolio(self):
        own = self._user_of("own settlements", "group_collector", "group_own_portfolio")
        other = self._customer("Contoso")
        mine, theirs = self._invoice(10, 1000), self._invoice(10, 1000, partner=other)
        self._profile().collector_id = own
        offers = self._offer(mine, amount=900) + self._offer(theirs, amount=900)
        self.assertEqual(self.env["collection.settlement"].with_user(own).search([]), offers[0])
        with self.assertRaises(AccessError):
            offers[1].with_user(own)._decide_on("withdraw", "Mine")
        with self.assertRaises(AccessError):
            self._offer(self._invoice(10, partner=other), amount=50, user=own)

    def test_the_accountant_who_matches_needs_no_right_on_offers(self):
        accountant = new_test_user(self.env(su=True), login="settlement accountant", groups="account.group_account_manager",
                                   company_id=self.company.id, company_ids=self.company.ids)
        invoice = self._invoice(10, 1000)
        offer = self._offer(invoice, amount=800)
        self.env["account.payment.register"].with_user(accountant).with_context(active_model="account.move", active_ids=invoice.ids).create(
            {"payment_date": self.today, "amount": 800})._create_payments()
        self.assertEqual(offer.state, "taken")

    def test_the_link_of_a_made_entry_is_not_set_by_hand(self):
        offer = self._offer(self._invoice(10, 1000), amount=800)
        note = self._invoice(10, 50, move_type="out_refund")
        with self.assertRaises(AccessError):
            note.write({"collection_settlement_id": offer.id})
        with self.assertRaises(UserError):
            offer.action_book()
