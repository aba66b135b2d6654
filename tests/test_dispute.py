from datetime import timedelta
from decimal import Decimal

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from ..engine.dispute import days_excused
from .test_promise import PromiseCommon

TASK = "account_credit_collection.mail_activity_collection_dispute"
LATE = "account_credit_collection.mail_activity_collection_dispute_late"


class DisputeCommon(PromiseCommon):
    """The verbs of disputes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.collection_write_off_account_id = cls.company_data["default_account_expense"]
        cls.owner = new_test_user(cls.env(su=True), login="warehouse", company_id=cls.company.id, company_ids=cls.company.ids,
                                  groups="account_credit_collection.group_dispute_owner")

    def _dispute(self, invoice, amount=None, reason="damaged", **values):
        return self.env["collection.dispute"].create({
            "item_id": self._item(invoice)[:1].id, "reason_id": self.env.ref(f"account_credit_collection.collection_dispute_reason_{reason}").id,
            **({"amount": amount} if amount else {}), **values})

    def _dialog(self, dispute, **values):
        return dispute.env["collection.dispute.wizard"].with_context(default_dispute_id=dispute.id).create(values)

    def _resolve(self, dispute, outcome, **values):
        self._dialog(dispute, outcome=outcome, **values).action_resolve()
        return dispute.move_ids

    def _credit_note(self, invoice, amount):
        """A credit note that names no dispute, made in accounting."""
        note = self._invoice(0, amount, move_type="out_refund")
        (self._item(note) + self._item(invoice)).reconcile()
        return note

    def _take_back(self, note):
        """Core keeps what a draft is set off against until it is cancelled."""
        note.button_draft()
        note.button_cancel()

    def _amounts(self, dispute):
        """Open, paid, credited, cleared, written off: always the whole together."""
        found = (dispute.open_amount, dispute.paid_amount, dispute.credited_amount, dispute.cleared_amount, dispute.written_off_amount)
        self.assertAlmostEqual(sum(found), dispute.amount)
        return found

    def _asked(self, in_days=0):
        """What a run asks for on a day; whatever it planned is called off again."""
        with self._on(self.today + timedelta(days=in_days)):
            run = self._run(in_days)
            asked = sum(run.action_ids.line_ids.mapped("asked"))
            run.action_ids.sudo()._stop("by_user", {"user": "x"})
        return asked

    def _open_for(self, dispute, first, last=None):
        """As if the dispute had been open from so many days ago to so many days ago."""
        dispute.sudo().write({"opened_on": self._due(first), **({"closed_on": self._due(last), "state": "closed"} if last is not None else {})})


@tagged("post_install", "-at_install")
class TestDisputeAmounts(DisputeCommon):
    """What became of a contested amount follows from the entries."""

    def test_a_payment_settles_what_is_not_contested_first(self):
        invoice = self._invoice(10, 300)
        dispute = self._dispute(invoice, 100)
        self.assertEqual(self._amounts(dispute), (100, 0, 0, 0, 0))
        self._pay(invoice, 200)
        self.assertEqual(self._amounts(dispute), (100, 0, 0, 0, 0))
        payment = self._pay(invoice, 30)
        self.assertEqual(self._amounts(dispute), (70, 30, 0, 0, 0))
        rest = self._pay(invoice)
        self.assertEqual((self._amounts(dispute), dispute.state, dispute.outcome), ((0, 100, 0, 0, 0), "closed", "paid"))
        rest.move_id.line_ids.remove_move_reconcile()
        self.assertEqual((self._amounts(dispute), dispute.state, dispute.outcome), ((70, 30, 0, 0, 0), "open", False), "it bounced")
        self.assertEqual(dispute.activity_ids.activity_type_id, self.env.ref(TASK), "somebody is asked again")
        payment.move_id.line_ids.remove_move_reconcile()
        self.assertEqual(self._amounts(dispute), (100, 0, 0, 0, 0))

    def test_a_payment_in_proportion(self):
        self.company.collection_dispute_payments = "proportional"
        invoice = self._invoice(10, 300)
        self._pay(invoice, 60)
        dispute = self._dispute(invoice, 100)
        self._pay(invoice, 120)
        self.assertEqual(self._amounts(dispute), (50, 50, 0, 0, 0), "120 of the 240 that were open, so half of what is contested")

    def test_f17_a_payment_of_two_invoices(self):
        """2,200 for 2,000 and a contested invoice of 1,000: 733.33 of it count for the contested one."""
        self.company.collection_dispute_payments = "proportional"
        other, contested = self._invoice(20, 2000), self._invoice(10, 1000)
        dispute = self._dispute(contested, 1000)
        self.env["account.payment.register"].with_context(active_model="account.move", active_ids=(other + contested).ids).create({
            "payment_date": self.today, "journal_id": self.company_data["default_journal_bank"].id, "amount": 2200,
            "group_payment": True})._create_payments()
        self.assertEqual((self._item(other).amount_residual, self._item(contested).amount_residual), (0, 800))
        self.assertEqual(self._amounts(dispute), (266.67, 733.33, 0, 0, 0))
        self.assertAlmostEqual(self._asked(), 533.33)

    def test_a_credit_note_without_a_reference_goes_to_the_oldest_dispute(self):
        invoice = self._invoice(10, 300)
        self._credit_note(invoice, 20)
        young, old = self._dispute(invoice, 60), self._dispute(invoice, 50, opened_on=self._due(5))
        note = self._credit_note(invoice, 70)
        self.assertEqual((old.state, old.outcome, self._amounts(old)), ("closed", "credit_note", (0, 0, 50, 0, 0)))
        self.assertEqual(self._amounts(young), (40, 0, 20, 0, 0))
        self._take_back(note)
        self.assertEqual((old.state, self._amounts(old), self._amounts(young)), ("open", (50, 0, 0, 0, 0), (60, 0, 0, 0, 0)))

    def test_a_contested_installment(self):
        term = self.env["account.payment.term"].create({"name": "Two parts", "line_ids": [
            Command.create({"value": "percent", "value_amount": 50, "nb_days": 0}), Command.create({"value": "percent", "value_amount": 50, "nb_days": 10})]})
        invoice = self._invoice(0, 300, invoice_payment_term_id=term.id, invoice_date=self._due(30))
        first, second = self._item(invoice).sorted("date_maturity")
        dispute = self.env["collection.dispute"].create({"item_id": second.id, "amount": 90})
        self.assertEqual(self._asked(), 210, "150 of the first and 60 of the second")
        note = self._resolve(dispute, "credit_note", amount=90)
        self.assertEqual((first.amount_residual, second.amount_residual, note.reversed_entry_id), (150, 60, invoice))
        self.assertEqual((dispute.state, self._amounts(dispute)), ("closed", (0, 0, 90, 0, 0)))

    def test_in_a_foreign_currency(self):
        currency = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        invoice = self._invoice(10, 300, currency=currency)
        dispute = self._dispute(invoice, 100)
        self.assertEqual(dispute.currency_id, currency)
        self._pay(invoice, 250)
        self.assertEqual(self._amounts(dispute), (50, 50, 0, 0, 0))
        move = self._resolve(dispute, "written_off", amount=50)
        self.assertEqual((invoice.payment_state, move.line_ids.mapped("debit")), ("paid", [25, 0]))
        self.assertEqual(self._amounts(dispute), (0, 50, 0, 0, 50))

    def test_no_more_is_contested_than_is_open(self):
        invoice = self._invoice(10, 300)
        self._pay(invoice, 100)
        self._dispute(invoice, 120)
        with self.assertRaisesRegex(ValidationError, "80.00 that is open"), self.cr.savepoint():
            self._dispute(invoice, 81)
        self._pay(invoice, 200)
        with self.assertRaisesRegex(UserError, "not open"), self.cr.savepoint():
            self._dispute(invoice, 1)

    def test_what_is_no_number_is_no_amount(self):
        invoice = self._invoice(10, 300)
        dispute = self._dispute(invoice, 100)
        for value in (float("nan"), float("inf"), -float("inf"), "nan", "x", 1e300):
            by_context = self.env["collection.dispute"].with_context(default_amount=value)
            for attempt in (lambda value=value: self._dispute(invoice, value), lambda env=by_context: env.create({"item_id": self._item(invoice).id}),
                            lambda value=value: dispute.write({"amount": value}),
                            lambda value=value: dispute.write({"customer_amount": value}), lambda value=value: dispute._resolve("rejected", value),
                            lambda value=value: self._dialog(dispute, outcome="rejected", amount=value, why="x")):
                with self.subTest(value), self._refused("is not an amount"):
                    attempt()
        self.assertEqual(self._amounts(dispute), (100, 0, 0, 0, 0))

    def test_a_dispute_begins_within_the_last_ninety_days(self):
        """Its days do not count as late: nobody dates one back as far as it takes."""
        invoice = self._invoice(200, 300)
        for opened_on, message in (("0001-01-01", "at most 90 days back"), (self._due(91), "at most 90 days back"),
                                   (self._due(-1), "day to come"), ("9999-12-31", "day to come"), ("soon", "Enter a day"), (5, "Enter a day")):
            with self.subTest(opened_on), self._refused(message):
                self._dispute(invoice, 10, opened_on=opened_on)
        self.assertFalse(self._profile().dispute_ids)
        self.assertEqual(self._dispute(invoice, 10, opened_on=self._due(90)).opened_on, self._due(90))
        self.assertEqual(self._dispute(invoice, 10, opened_on=False).opened_on, self.today)
        loaded = self.env(su=True)["collection.dispute"].create({"item_id": self._item(invoice).id, "amount": 10, "opened_on": self._due(91)})
        self.assertEqual(loaded.opened_on, self._due(91), "history is loaded by the system")

    def test_two_who_contest_an_item_at_once_meet_in_its_row(self):
        """The row is written: the database turns away the second of two transactions, which cannot see the first dispute."""
        invoice = self._invoice(10, 1000)
        self.env.flush_all()

        def version():
            self.cr.execute("SELECT ctid FROM account_move_line WHERE id = %s", [self._item(invoice).id])
            return self.cr.fetchone()

        versions = [version()]
        dispute = self._dispute(invoice, 700)
        versions.append(version())
        dispute.amount = 800
        versions.append(version())
        self.assertEqual(len(set(versions)), 3)

    def test_the_original_amount_is_history_once_something_was_settled(self):
        invoice = self._invoice(10, 300)
        dispute = self._dispute(invoice, 100)
        dispute.amount = 150
        self.assertEqual(self._amounts(dispute), (150, 0, 0, 0, 0))
        self._credit_note(invoice, 10)
        with self._refused("settled already"):
            dispute.amount = 140


@tagged("post_install", "-at_install")
class TestDisputeResolve(DisputeCommon):
    """Five ways to end a dispute, and the way back."""

    def test_a_credit_note_is_exact_with_taxes(self):
        taxes = self.env["account.tax"].create([
            {"name": "21 %", "amount": 21, "type_tax_use": "sale"}, {"name": "6 % incl", "amount": 6, "price_include_override": "tax_included"},
            {"name": "Eco", "amount_type": "fixed", "amount": 0.37}])
        lines = [Command.create({"name": name, "quantity": quantity, "price_unit": price, "discount": discount, "tax_ids": [Command.set(tax.ids)],
                                 "account_id": self.company_data["default_account_revenue"].id})
                 for name, quantity, price, discount, tax in (("Chairs", 7, 33.33, 0, taxes[0]), ("Books", 3, 19.99, 10, taxes[1]),
                                                              ("Lamps", 5, 11.11, 0, taxes[0] + taxes[2]))]
        for amount in (0.01, 1.00, 33.33, 99.99, 123.45):
            with self.subTest(amount):
                invoice = self._invoice(10, invoice_line_ids=lines)
                dispute = self._dispute(invoice, 200)
                note = self._resolve(dispute, "credit_note", amount=amount)
                self.assertEqual((note.move_type, note.state, note.reversed_entry_id), ("out_refund", "posted", invoice))
                self.assertAlmostEqual(note.amount_total, amount)
                self.assertAlmostEqual(note.amount_tax / note.amount_total, invoice.amount_tax / invoice.amount_total, delta=0.5 if amount < 1 else 0.01)
                self.assertAlmostEqual(self._item(invoice).amount_residual, invoice.amount_total - amount)
                self.assertEqual((round(dispute.open_amount, 2), dispute.credited_amount, dispute.state), (round(200 - amount, 2), amount, "open"))

    def test_a_credit_note_is_exact_in_every_currency(self):
        """In three decimals core brings lines down to a unit too much now and then."""
        tax = self.env["account.tax"].create([
            {"name": "15 %", "amount": 15, "type_tax_use": "sale"},
            {"name": "7 % incl", "amount": 7, "type_tax_use": "sale", "price_include_override": "tax_included"}])
        account = self.company_data["default_account_revenue"].id
        for name, total in (("KWD", 1000.125), ("JPY", 10000)):
            currency = self.env.ref(f"base.{name}")
            currency.sudo().active = True
            for taxes in (tax[0], tax[1], tax):
                lines = [Command.create({"name": what, "quantity": quantity, "price_unit": price, "discount": discount, "account_id": account,
                                         "tax_ids": [Command.set(some.ids)]})
                         for what, quantity, price, discount, some in (
                             ("a", 3, total / 7, 12.5, taxes), ("b", 1, total / 3, 0, tax[0]), ("c", 1, -total / 30, 0, tax.browse()))]
                for share in (1 / 3, 0.2, 0.999):
                    invoice = self._invoice(10, currency=currency, invoice_line_ids=lines)
                    amount = currency.round(invoice.amount_total * share)
                    dispute = self._dispute(invoice, amount)
                    with self.subTest(currency=name, taxes=taxes.mapped("name"), amount=amount):
                        note = self._resolve(dispute, "credit_note")
                        self.assertEqual(currency.compare_amounts(note.amount_total, amount), 0, note.amount_total)
                        self.assertEqual(currency.compare_amounts(invoice.amount_residual, invoice.amount_total - amount), 0)
                        self.assertEqual((dispute.state, dispute.open_amount), ("closed", 0))

    def test_a_credit_note_of_all_is_cores_reversal(self):
        invoice = self._invoice(10, 300)
        dispute = self._dispute(invoice)
        note = self._resolve(dispute, "credit_note")
        self.assertEqual((note.amount_total, note.invoice_line_ids.name, invoice.payment_state), (300, "Goods", "reversed"))
        self.assertEqual((dispute.state, dispute.outcome, dispute.closed_by, dispute.closed_on), ("closed", "credit_note", self.env.user, self.today))
        with self._refused("Take back first"):
            dispute.action_reopen()
        self._take_back(note)
        self.assertEqual((dispute.state, self._amounts(dispute)), ("open", (300, 0, 0, 0, 0)))
        note.button_draft()
        note.action_post()
        self.assertEqual((dispute.state, invoice.payment_state), ("closed", "reversed"))

    def test_the_rest_stays_or_ends_too(self):
        first, second = self._invoice(10, 100), self._invoice(10, 100)
        keeps, drops = self._dispute(first), self._dispute(second)
        self._resolve(keeps, "credit_note", amount=60)
        self.assertEqual((keeps.state, self._amounts(keeps)), ("open", (40, 0, 60, 0, 0)))
        note = self._resolve(drops, "credit_note", amount=60, rest="drop")
        self.assertEqual((drops.state, drops.outcome, self._amounts(drops)), ("closed", "credit_note", (0, 0, 60, 40, 0)))
        self._take_back(note)
        self.assertEqual((drops.state, self._amounts(drops)), ("open", (60, 0, 0, 40, 0)))

    def test_who_may_not_post_leaves_a_draft(self):
        """It closes the dispute when it is posted."""
        invoice = self._invoice(10, 300)
        dispute = self._dispute(invoice, 100)
        collector = self.collector
        collector.sudo().group_ids = [Command.set(self.env.ref("account_credit_collection.group_collector").ids)]
        wizard = self._dialog(dispute.with_user(collector), outcome="credit_note")
        self.patch(type(self.env["collection.dispute"]), "_may_post", lambda self, move: False)
        self.assertEqual(wizard.action_resolve()["res_model"], "account.move")
        self.assertEqual((dispute.move_ids.state, dispute.state, dispute.open_amount), ("draft", "open", 100))
        dispute.move_ids.action_post()
        self.assertEqual((dispute.state, dispute.outcome), ("closed", "credit_note"))

    def test_what_waits_in_a_draft_is_not_decided_again(self):
        """300 contested, a credit note of 200 waits: only 100 are left to decide on."""
        invoice = self._invoice(10, 1000)
        dispute = self._dispute(invoice, 300)
        self.patch(type(self.env["collection.dispute"]), "_may_post", lambda self, move: False)
        note = self._resolve(dispute, "credit_note", amount=200)
        for outcome, amount in (("credit_note", 300), ("rejected", 101), ("written_off", 300)):
            with self.subTest(outcome), self._refused("waits to be posted"):
                self._resolve(dispute, outcome, amount=amount, why="x")
        with self._refused("waits to be posted"):
            dispute.action_close()
        self._resolve(dispute, "rejected", amount=100, why="x")
        note.action_post()
        self.assertEqual((self._item(invoice).amount_residual, dispute.state, self._amounts(dispute)), (800, "closed", (0, 0, 200, 100, 0)))
        self._take_back(note)
        self.assertEqual((dispute.state, self._amounts(dispute)), ("open", (200, 0, 0, 100, 0)))
        dispute.action_close()
        self.assertEqual(dispute.state, "closed", "a credit note that was taken back waits for nobody")

    def test_an_invoice_in_draft(self):
        """What the customer no longer contests is closed once, and stays so when the invoice is booked again."""
        invoice = self._invoice(10, 1000)
        dispute = self._dispute(invoice, 400)
        invoice.button_draft()
        for outcome in ("credit_note", "written_off"):
            with self._refused("not posted"):
                self._resolve(dispute, outcome)
        dispute._resolve("rejected", 150, why="x")
        self.assertEqual((dispute.state, self._amounts(dispute)), ("open", (250, 0, 0, 150, 0)))
        dispute.action_close()
        dispute.action_close()
        self.assertEqual((dispute.state, dispute.outcome, dispute.decided_amount), ("closed", "withdrawn", 400))
        self.assertFalse(dispute.activity_ids)
        invoice.action_post()
        self._night(self.today)
        self.assertEqual((dispute.state, self._amounts(dispute)), ("closed", (0, 0, 0, 400, 0)))

    def test_a_cancelled_invoice_is_not_contested(self):
        invoice = self._invoice(10, 1000)
        dispute = self._dispute(invoice, 400)
        self._resolve(dispute, "rejected", amount=100, why="x")
        invoice.button_cancel()
        self.assertEqual((dispute.state, dispute.outcome_reason, dispute.closed_by), ("closed", "The invoice was cancelled", self.env.user))
        self.assertEqual((self._amounts(dispute), dispute.decided_amount), ((0, 0, 0, 400, 0), 400))
        self.assertFalse(dispute.activity_ids)
        self.assertIn(f"Dispute about {invoice.name} ended, the invoice was cancelled", " ".join(self.customer.message_ids.mapped("body")))
        self._night(self.today + timedelta(days=60))
        self.assertFalse(dispute.escalated_on)
        self.assertFalse(self.customer.collection_status)
        with self._refused(f"{invoice.name} is not posted"):
            dispute.action_reopen()

    def test_what_was_made_for_a_dispute_is_not_said_by_hand(self):
        """A payment that claimed to be a write-off would turn what was paid into what was lost."""
        invoice = self._invoice(10, 100)
        dispute = self._dispute(invoice, 100)
        payment = self._pay(invoice)
        clerk = new_test_user(self.env(su=True), login="clerk", company_id=self.company.id, company_ids=self.company.ids,
                              groups="account.group_account_invoice")
        Move = self.env["account.move"].with_user(clerk)
        values = {"move_type": "out_invoice", "partner_id": self.customer.id}
        for attempt in (lambda: payment.move_id.with_user(clerk).write({"collection_dispute_id": dispute.id}),
                        lambda: Move.create({**values, "collection_dispute_id": dispute.id}),
                        lambda: Move.with_context(default_collection_dispute_id=dispute.id).create(values),
                        lambda: invoice.with_user(clerk).copy({"collection_dispute_id": dispute.id})):
            with self.assertRaises(AccessError):
                attempt()
        dispute.sudo()._settle()
        self.assertEqual(self._amounts(dispute), (0, 100, 0, 0, 0))

    def test_a_withdrawal_clears_us(self):
        """Days of what the customer does not contest after all count as late, by either button."""
        closed, resolved = self._dispute(self._invoice(10, 100)), self._dispute(self._invoice(10, 100))
        self.assertTrue(closed.our_fault and resolved.our_fault)
        closed.action_close()
        self._resolve(resolved, "withdrawn")
        self.assertEqual((closed.our_fault, resolved.our_fault), (False, False))

    def test_written_off_within_ones_right(self):
        self.company.collection_write_off_max = 50
        invoice = self._invoice(10, 300)
        dispute = self._dispute(invoice, 60)
        mine = dispute.with_user(self.collector)
        with self._refused("up to"):
            self._resolve(mine, "written_off")
        move = self._resolve(mine, "written_off", amount=50, rest="keep")
        self.assertEqual((move.state, move.line_ids.filtered("debit").account_id, self._item(invoice).amount_residual),
                         ("posted", self.company.collection_write_off_account_id, 250))
        self.assertEqual(self._amounts(dispute), (10, 0, 0, 0, 50))
        self._resolve(dispute, "written_off")
        self.assertEqual((dispute.state, dispute.outcome), ("closed", "written_off"))
        dispute.action_reopen()
        self.assertEqual((dispute.state, self._amounts(dispute), self._item(invoice).amount_residual), ("open", (60, 0, 0, 0, 0), 300))

    def test_the_most_to_write_off_holds_for_the_document(self):
        """Not for each click, nor for each dispute: 50 at most, of which 30 are gone."""
        self.company.collection_write_off_max = 50
        invoice = self._invoice(10, 300)
        first, second = self._dispute(invoice, 100), self._dispute(invoice, 100)
        self._resolve(first.with_user(self.collector), "written_off", amount=30)
        for dispute in (first, second):
            with self._refused("up to"):
                self._resolve(dispute.with_user(self.collector), "written_off", amount=21)
        self._resolve(second.with_user(self.collector), "written_off", amount=20, rest="drop")
        self.assertEqual(self._amounts(second), (0, 0, 0, 80, 20))
        second.with_user(self.collector).action_reopen()
        self._resolve(first.with_user(self.collector), "written_off", amount=20)
        self.assertEqual(self._amounts(first), (50, 0, 0, 0, 50), "what was taken back is not written off")

    def test_a_reversal_that_is_not_booked_takes_nothing_back(self):
        """50 at most, of which 50 are gone until the reversal is posted, be it scheduled or not."""
        self.company.collection_write_off_max = 50
        invoice = self._invoice(10, 300)
        dispute = self._dispute(invoice, 200)
        move = self._resolve(dispute.with_user(self.collector), "written_off", amount=50)
        reversal = move._reverse_moves([{"date": self.today + timedelta(days=3), "auto_post": "at_date"}])
        self.assertEqual((reversal.state, reversal.auto_post), ("draft", "at_date"))
        with self._refused("up to"):
            self._resolve(dispute.with_user(self.collector), "written_off", amount=1)
        reversal.write({"auto_post": "no", "date": self.today})
        reversal.action_post()
        self.assertEqual(dispute._written_off(), 0)

    def test_who_may_not_write_off_does_not_take_a_write_off_back(self):
        self.company.collection_write_off_max = 50
        invoice = self._invoice(10, 300)
        dispute = self._dispute(invoice, 200)
        self._resolve(dispute, "written_off")
        with self._refused("up to"):
            dispute.with_user(self.collector).action_reopen()
        self.assertEqual((dispute.state, self._item(invoice).amount_residual), ("closed", 100))
        dispute.action_reopen()
        self.assertEqual((dispute.state, self._item(invoice).amount_residual), ("open", 300))

    def test_without_an_account_nothing_is_written_off(self):
        self.company.collection_write_off_account_id = False
        dispute = self._dispute(self._invoice(10, 300), 60)
        with self._refused("No account for write-offs"):
            self._resolve(dispute, "written_off")

    def test_a_locked_month_moves_the_write_off_to_the_first_open_day(self):
        dispute = self._dispute(self._invoice(10, 300), 60)
        self.company.sudo().fiscalyear_lock_date = self.today
        move = self._resolve(dispute, "written_off")
        self.assertEqual((move.date, dispute.state), (self.today + timedelta(days=1), "closed"))

    def test_a_rejection_needs_words(self):
        dispute = self._dispute(self._invoice(10, 300), 60, reason="price")
        with self._refused("why"):
            self._resolve(dispute, "rejected")
        self._resolve(dispute, "rejected", why="The order says 12.00")
        self.assertEqual((dispute.outcome, dispute.outcome_reason, self._amounts(dispute), dispute.our_fault),
                         ("rejected", "The order says 12.00", (0, 0, 0, 60, 0), False))

    def test_a_rejection_after_a_part_was_paid(self):
        invoice = self._invoice(10, 300)
        dispute = self._dispute(invoice, 100)
        self._pay(invoice, 250)
        self._resolve(dispute, "rejected", why="x")
        self.assertEqual((dispute.state, self._amounts(dispute)), ("closed", (0, 50, 0, 50, 0)))
        self._pay(invoice)
        self.assertEqual((dispute.state, dispute.outcome, self._amounts(dispute)), ("closed", "rejected", (0, 50, 0, 50, 0)))

    def test_replaced_and_withdrawn_are_taken_back(self):
        for outcome in ("replaced", "withdrawn"):
            with self.subTest(outcome):
                dispute = self._dispute(self._invoice(10, 300), 60)
                self._resolve(dispute, outcome)
                self.assertEqual((dispute.state, dispute.outcome, dispute.cleared_amount), ("closed", outcome, 60))
                dispute.action_reopen()
                self.assertEqual((dispute.state, dispute.outcome, self._amounts(dispute)), ("open", False, (60, 0, 0, 0, 0)))

    def test_the_dialog_offers_what_is_usual(self):
        dispute = self._dispute(self._invoice(10, 300), 60, reason="price")
        with Form(self.env["collection.dispute.wizard"].with_context(default_dispute_id=dispute.id)) as form:
            self.assertEqual((form.outcome, form.amount, form.our_fault), ("credit_note", 60, True))
            self.assertIn("60.00", form.sentence)
            form.outcome = "rejected"
            form.why = "No"
            self.assertFalse(form.our_fault)

    def test_more_than_is_contested_is_not_credited(self):
        dispute = self._dispute(self._invoice(10, 300), 60)
        with self._refused("still contested"):
            self._resolve(dispute, "credit_note", amount=61)


@tagged("post_install", "-at_install")
class TestDisputeClock(DisputeCommon):
    """Reminders stop for the disputed part only, and go on the day after."""

    def test_a_timeline_of_runs(self):
        invoice = self._invoice(10, 100)
        self.assertEqual(self._asked(), 100)
        dispute = self._dispute(invoice, 30)
        self.assertEqual(self._asked(), 70)
        with self._on(self.today + timedelta(days=1)):
            self._resolve(dispute, "rejected", amount=10, why="x")
        self.assertEqual(self._asked(1), 70, "asked for from tomorrow on")
        self.assertEqual(self._asked(2), 80)
        with self._on(self.today + timedelta(days=3)):
            self._resolve(dispute, "replaced")
        self.assertEqual(self._asked(3), 80)
        self.assertEqual(self._asked(4), 100)
        dispute.action_reopen()
        self.assertEqual(self._asked(4), 70)
        self._resolve(dispute, "credit_note")
        self.assertEqual((self._asked(4), self._item(invoice).amount_residual), (70, 70))

    def test_a_wholly_disputed_invoice_is_silent(self):
        dispute = self._dispute(self._invoice(10, 100))
        self.assertEqual((self._asked(), self._why()), (0, "disputed"))
        dispute.action_close()
        self.assertEqual((self._asked(), self._asked(1)), (0, 100))

    def test_the_owner_has_working_days_and_then_the_collector_hears_of_it_once(self):
        self._profile().collector_id = self.collector
        reason = self.env.ref("account_credit_collection.collection_dispute_reason_damaged")
        reason.write({"owner_id": self.owner.id, "sla_days": 5})
        dispute = self._dispute(self._invoice(10, 100))
        calendar = self.env["collection.reader"]._read_calendars(self.company, (), self.today)[None]
        self.assertEqual((dispute.owner_id, dispute.deadline), (self.owner, calendar.add_working_days(self.today, 5)))
        task = dispute.activity_ids
        self.assertEqual((task.user_id, task.date_deadline, task.activity_type_id), (self.owner, dispute.deadline, self.env.ref(TASK)))
        self._night(dispute.deadline)
        self.assertFalse(dispute.escalated_on)
        for days in (1, 2):
            self._night(dispute.deadline + timedelta(days=days))
        late = dispute.activity_ids.filtered(lambda activity: activity.activity_type_id == self.env.ref(LATE))
        self.assertEqual((dispute.escalated_on, len(late), late.user_id), (dispute.deadline + timedelta(days=1), 1, self.collector))
        self._resolve(dispute, "replaced")
        self.assertFalse(dispute.activity_ids)

    def test_who_sold_it_clears_up_what_sales_must(self):
        """Salespeople see what they are asked to clear up, and no other dispute."""
        seller, employee = (new_test_user(self.env(su=True), login=login, company_id=self.company.id, company_ids=self.company.ids, groups=group)
                            for login, group in (("seller", "sales_team.group_sale_salesman"), ("employee", "base.group_user")))
        self._profile().collector_id = self.collector
        dispute = self._dispute(self._invoice(10, 100, invoice_user_id=seller.id), reason="price")
        self.assertEqual((dispute.owner_id, dispute.activity_ids.user_id), (seller, seller))
        self._dispute(self._invoice(10, 100))
        self.assertEqual(self.env["collection.dispute"].with_user(seller).search([]), dispute)
        dispute.with_user(seller).finding = "The price of the offer was 12.00"
        other = self._dispute(self._invoice(10, 100, invoice_user_id=employee.id), reason="price")
        self.assertEqual((other.owner_id, other.activity_ids.user_id), (employee, self.collector), "without a right to see disputes")

    def test_the_customers_chatter_tells_of_it(self):
        invoice = self._invoice(10, 100)
        dispute = self._dispute(invoice)
        self._resolve(dispute, "rejected", why="x")
        bodies = " ".join(self.customer.message_ids.mapped("body"))
        self.assertIn(f"Dispute about {invoice.name}: Damaged", bodies)
        self.assertIn(f"Dispute about {invoice.name} rejected", bodies)

    def test_the_nightly_look_takes_as_many_queries_for_few_as_for_many(self):
        counts = []
        for customers in (1, 2, 9):
            partners = [self._customer(f"Many {customers} {number}") for number in range(customers)]
            for partner in partners:
                partner.sudo().user_id = self.owner
                self._dispute(self._invoice(10, 100, partner=partner), 40, deadline=self.today)
            profiles = self.env["credit.profile"].union(*(self._profile(partner) for partner in partners))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            with self._on(self.today + timedelta(days=1)):
                self.env["collection.dispute"]._settle_all(profiles, self.today + timedelta(days=1))
                self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
            self.assertTrue(all(profiles.dispute_ids.mapped("escalated_on")))
        self.assertEqual(*counts[1:])

    def test_days_open_are_kept(self):
        dispute = self._dispute(self._invoice(10, 100))
        self._night(self.today + timedelta(days=3))
        self.assertEqual(dispute.days_open, 3)
        with self._on(self.today + timedelta(days=5)):
            dispute.action_close()
        self._night(self.today + timedelta(days=9))
        self.assertEqual(dispute.days_open, 5)


@tagged("post_install", "-at_install")
class TestDisputeBehaviour(DisputeCommon):
    """Days in dispute at our fault do not make a customer late; others do."""

    def _figures(self):
        found = self.env["collection.reader"]._read_payments(self.company, self.customer.ids, self.today, 12)
        return found[self.customer.id]

    def test_ours_and_theirs(self):
        for reason, on_time, days in (("damaged", 1, 0), ("deduction", 0, 10)):
            with self.subTest(reason):
                customer = self._customer(f"Customer {reason}")
                invoice = self._invoice(10, 100, partner=customer)
                self._open_for(self._dispute(invoice, reason=reason), 12)
                self._pay(invoice)
                found = self.env["collection.reader"]._read_payments(self.company, customer.ids, self.today, 12)[customer.id]
                self.assertEqual((found.settled, found.on_time, found.amount, found.amount_days), (1, on_time, 100, 100 * days))

    def test_only_the_days_of_the_dispute_and_its_share_of_the_amount(self):
        """Due 10 days ago, a quarter of it contested on 4 of these days: 100 × (10 − 4/4) = 900 amount-days."""
        invoice = self._invoice(10, 100)
        dispute = self._dispute(invoice, 25)
        self._open_for(dispute, 6, 3)
        self.assertEqual(dispute.days_excused, 4)
        self._pay(invoice)
        self.assertEqual((self._figures().on_time, self._figures().amount_days), (0, 900))

    def test_two_disputes_of_the_same_days_count_once(self):
        invoice = self._invoice(10, 100)
        for first, last in ((6, 3), (8, 5)):
            self._open_for(self._dispute(invoice, 50), first, last)
        self._pay(invoice)
        self.assertEqual(self._figures().amount_days, 600, "100 × 10, less 50 × 4 and 50 × 4")
        self._open_for(self._dispute(self._invoice(1, 5, partner=self._customer("Other"))), 1)

    def test_what_is_open_is_spared_the_days_of_a_closed_dispute(self):
        """100 are open for 10 days, half of it was contested on 4: 100 × (10 − 2)."""
        invoice = self._invoice(10, 100)
        dispute = self._dispute(invoice, 50)
        self._resolve(dispute, "replaced")
        self._open_for(dispute, 6, 3)
        self.assertEqual((self._figures().open_amount, self._figures().open_amount_days), (100, 800))

    def test_an_open_dispute_is_left_out_by_what_is_still_contested(self):
        invoice = self._invoice(10, 100)
        dispute = self._dispute(invoice, 60, reason="deduction")
        self._credit_note(invoice, 20)
        self.assertEqual(dispute.open_amount, 40)
        self.assertEqual(self._figures().open_amount, 40, "of the 80 that are open")

    def test_the_database_counts_days_as_the_rule_does(self):
        for spans in (((9, 1),), ((20, 12),), ((12, 8), (6, 2)), ((9, 4), (6, 2)), ((10, 10),), ((9, 9), (9, 9)), ((3, 0),)):
            with self.subTest(spans):
                customer = self._customer(f"Customer {spans}")
                invoice = self._invoice(10, 100, partner=customer)
                for first, last in spans:
                    self._open_for(self._dispute(invoice, 100 / len(spans)), first, last)
                self._pay(invoice)
                rule = days_excused(self._due(10), self.today, [(self._due(first), self._due(last)) for first, last in spans])
                conduct = self.env["collection.reader"]._read_conduct(self.company, [(customer.id, self._due(60), 5, 3)], self.today)
                self.assertEqual(conduct[customer.id]["late"], (10 - rule,))

    def test_the_ladder_does_not_see_them_either(self):
        stays = [(self.customer.id, self._due(60), 5, 3)]
        invoice = self._invoice(10, 100)
        dispute = self._dispute(invoice, 30)
        self._open_for(dispute, 12, 4)
        conduct = lambda: self.env["collection.reader"]._read_conduct(self.company, stays, self.today)[self.customer.id]  # noqa: E731
        self.assertEqual(conduct()["worst"], 4, "six of the ten days were in dispute")
        self._pay(invoice)
        self.assertEqual((conduct()["late"], conduct()["worst"], conduct()["paid"]), ((4,), 4, Decimal(100)))
        dispute.sudo().our_fault = False
        self.assertEqual(conduct()["late"], (10,))


@tagged("post_install", "-at_install")
class TestDisputeRights(DisputeCommon):
    """Owners outside finance see and answer their own disputes, and nothing else."""

    def setUp(self):
        super().setUp()
        self._profile().collector_id = self.collector
        self.invoice = self._invoice(10, 100)
        self.mine = self._dispute(self.invoice, 40, owner_id=self.owner.id)
        self.other = self._dispute(self._invoice(5, 777), 50)

    def test_the_owner_sees_its_own_only(self):
        Dispute = self.env["collection.dispute"].with_user(self.owner)
        self.assertEqual(Dispute.search([]), self.mine)
        with self.assertRaises(AccessError):
            self.other.with_user(self.owner).read(["amount"])
        for model in ("credit.profile", "account.move", "account.move.line", "collection.promise"):
            self.assertFalse(self.env[model].with_user(self.owner).has_access("read"), model)

    def test_the_form_opens_for_the_owner(self):
        mine = self.mine.with_user(self.owner)
        fields = mine.get_view(view_type="form")
        spec = {name: {"fields": {"display_name": {}}} if mine._fields[name].type in ("many2one",) else {}
                for name in mine.fields_get() if f'name="{name}"' in fields["arch"] and mine._fields[name].type not in ("one2many", "many2many")}
        self.assertNotIn("item_id", spec)
        values = mine.web_read(spec)[0]
        self.assertEqual((values["document"], values["amount"], values["partner_id"]["display_name"]), (self.invoice.name, 40, "Northwind"))
        self.assertNotIn("777", str(values))

    def test_the_owner_writes_what_was_found_and_adds_papers(self):
        mine = self.mine.with_user(self.owner)
        mine.finding = "Signed for 18 of 20"
        mine.message_post(body="See the note", attachments=[("note.txt", b"18 of 20")])
        self.assertEqual(self.mine.finding, "Signed for 18 of 20")
        for values in ({"amount": 1}, {"owner_id": False}, {"reason": "x"}, {"state": "closed"}, {"deadline": self.today}, {"our_fault": False}):
            with self.subTest(values), self.assertRaises(AccessError):
                mine.write(values)
        for method in ("action_close", "action_resolve", "action_reopen"):
            with self.subTest(method), self.assertRaises(AccessError):
                getattr(mine, method)()
        with self.assertRaises(AccessError):
            mine.unlink()
        with self.assertRaises(AccessError):
            mine.create({"item_id": self._item(self.invoice).id})
        with self.assertRaises(AccessError):
            self.other.with_user(self.owner).finding = "x"

    def test_the_task_is_done_by_the_owner(self):
        task = self.mine.activity_ids
        self.assertEqual(task.user_id, self.owner)
        task.with_user(self.owner).action_feedback(feedback="Two were broken")
        self.assertFalse(self.mine.activity_ids)

    def test_a_collector_cannot_write_what_is_reckoned(self):
        mine = self.mine.with_user(self.collector)
        mine.write({"reason": "3 of 20", "customer_amount": 90})
        for values in ({"open_amount": 0}, {"state": "closed"}, {"paid_amount": 40}, {"decided_amount": 40}, {"outcome": "rejected"}, {"profile_id": 1}):
            with self.subTest(values), self.assertRaises(AccessError):
                mine.write(values)
        with self.assertRaises(AccessError):
            mine.create({"item_id": self._item(self.invoice).id, "state": "closed"})
        made = mine.with_context(default_state="closed", default_decided_amount=5, default_open_amount=1).create(
            {"item_id": self._item(self.invoice).id, "amount": 10})
        self.assertEqual((made.state, made.decided_amount, made.open_amount), ("open", 0, 10))

    def test_the_dialog_shows_nothing_of_a_dispute_one_may_not_read(self):
        self.other.finding = "SECRET"
        stranger = new_test_user(self.env(su=True), login="stranger", company_id=self.company.id, company_ids=self.company.ids,
                                 groups="account_credit_collection.group_collector,account_credit_collection.group_own_portfolio")
        Wizard = self.env["collection.dispute.wizard"].with_user(stranger)
        told = {"outcome": "rejected", "amount": 1, "why": "x", "our_fault": False}
        spec = {"dispute_id": {"fields": {"display_name": {}}}, "open_amount": {}, "finding": {}}
        mine = self._dispute(self._invoice(1, 60, partner=self._customer("Mine")))
        mine.profile_id.sudo().collector_id = stranger
        dialog = Wizard.create({"dispute_id": mine.id})
        self.assertEqual((dialog.open_amount, dialog.amount), (60, 60))
        for number, attempt in enumerate((
                        lambda: Wizard.create({"dispute_id": self.other.id}).read(["amount"]),
                        lambda: Wizard.create({"dispute_id": self.other.id, **told}).web_read(spec),
                        lambda: Wizard.with_context(default_dispute_id=self.other.id).create(told),
                        lambda: dialog.write({"dispute_id": self.other.id}),
                        lambda: Wizard.onchange({"dispute_id": self.other.id}, ["dispute_id"], spec),
                        lambda: Wizard.with_context(default_dispute_id=self.other.id).onchange({}, [], spec))):
            with self.subTest(number), self.assertRaises(AccessError):
                attempt()

    def test_a_viewer_decides_nothing(self):
        viewer = new_test_user(self.env(su=True), login="dispute viewer", company_id=self.company.id, company_ids=self.company.ids,
                               groups="account_credit_collection.group_viewer")
        self.assertEqual(len(self.env["collection.dispute"].with_user(viewer).search([("profile_id", "=", self._profile().id)])), 2)
        with self.assertRaises(AccessError):
            self.mine.with_user(viewer).action_close()
        with self.assertRaises(AccessError):
            self.mine.with_user(viewer)._resolve("withdrawn", 1)

    def test_who_is_both_sees_all(self):
        self.collector.sudo().group_ids += self.env.ref("account_credit_collection.group_dispute_owner")
        self.assertIn(self.other, self.env["collection.dispute"].with_user(self.collector).search([]))
