from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged

from .test_settlement import SettlementCommon


@tagged("post_install", "-at_install")
class TestSettlementMoney(SettlementCommon):
    """What counts for an offer, and what is given up when more or less comes in than was thought."""

    def test_money_on_account_from_before_is_no_answer(self):
        invoice = self._invoice(200, 500)
        payment = self._on_account(300)
        offer = self._offer(invoice, amount=300)
        self._night(self.today)
        self.assertRecordValues(offer, [{"state": "offered", "paid_amount": 0, "missing_amount": 300}])
        (self._item(invoice) + payment.move_id.line_ids.filtered(lambda line: line.account_id == self._item(invoice).account_id)).reconcile()
        self.assertRecordValues(offer, [{"state": "offered", "paid_amount": 0, "missing_amount": 200}])
        self._on_account(200)
        self._night(self.today)
        self.assertEqual(offer.state, "taken", "no more than is open")

    def test_the_dialog_shows_what_is_not_matched(self):
        self._invoice(200, 500)
        self._on_account(300)
        with Form(self.env["collection.settlement.wizard"].with_context(default_profile_id=self._profile().id)) as form:
            self.assertEqual(form.on_account, 300)

    def test_two_payments_of_the_offer_before_it_is_booked(self):
        """2,000 for 1,500, paid twice: 500 are given up, and the second 1,500 are on account."""
        invoice = self._invoice(200, 2000)
        offer = self._offer(invoice, amount=1500)
        self._pay(invoice, 1500)
        second = self._on_account(1500)
        receivable = second.move_id.line_ids.filtered(lambda line: line.account_id == self._item(invoice).account_id)
        (self._item(invoice) + receivable).reconcile()
        self.assertEqual(self._open(invoice), [0])
        self._book()
        self.assertRecordValues(offer, [{"state": "taken", "booked_amount": 500, "book_error": False}])
        self.assertEqual(self._open(invoice), [0])
        self.assertEqual(receivable.amount_residual, -1500)
        self.assertIn("more was paid", self._settlement_tasks().summary)

    def test_a_second_smaller_payment_before_it_is_booked(self):
        """500 for 300; 200 more: the 200 are given back, not taken for the concession."""
        invoice = self._invoice(200, 500)
        offer = self._offer(invoice, amount=300)
        self._pay(invoice, 300)
        second = self._pay(invoice, 200)
        self._book()
        self.assertEqual((offer.booked_amount, self._open(invoice)), (200, [0]))
        self.assertFalse(second.move_id.line_ids.matched_debit_ids)

    def test_what_is_owed_beyond_the_offer_is_paid_by_a_second_payment(self):
        """An earlier 500 bounced: 1,000 are open, 200 given up, 300 came, and the second 500 pay the rest."""
        invoice = self._invoice(200, 1000)
        earlier = self._pay(invoice, 500)
        offer = self._offer(invoice, amount=300)
        earlier.move_id.line_ids.remove_move_reconcile()
        self._pay(invoice, 300)
        self._pay(invoice, 500)
        self._book()
        self.assertEqual((offer.booked_amount, self._open(invoice)), (200, [0]))
        self.assertFalse(self._settlement_tasks())

    def test_a_credit_note_inside_the_offer(self):
        """500 for 300; 250 are credited, so that 250 are all that is owed."""
        invoice = self._invoice(200, 500)
        offer = self._offer(invoice, amount=300)
        self._credit(invoice, 250)
        self.assertRecordValues(offer, [{"state": "offered", "missing_amount": 250}])
        self.assertEqual([amount for _code, _label, amount in offer.sudo()._pay_choices()], [250])
        self._pay(invoice, 250)
        self.assertRecordValues(offer, [{"state": "taken", "missing_amount": 0}])
        self._book()
        self.assertRecordValues(offer, [{"booked_amount": 0, "bounced_on": False}])
        self._night(self._due(-11))
        self.assertFalse(self._settlement_tasks())

    def _credit(self, invoice, amount):
        note = invoice._make_part_credit_note(amount, "Broken", "Broken", "test")
        note.action_post()
        return note

    def test_a_plan_keeps_a_lapsed_offer_from_coming_back(self):
        invoice = self._invoice(200, 500)
        offer = self._offer(invoice, amount=300)
        self._night(self._due(-11))
        with self._on(self._due(-12)):
            plan = self._plan(invoice)
            self._pay(invoice, 300, on=self._due(-9))
        self.assertEqual((offer.state, plan.state), ("lapsed", "active"))

    def test_a_promise_keeps_a_lapsed_offer_from_coming_back(self):
        invoice = self._invoice(200, 500)
        offer = self._offer(invoice, amount=300)
        self._night(self._due(-11))
        with self._on(self._due(-12)):
            self._promise(invoice)
            self._pay(invoice, 300, on=self._due(-9))
        self.assertEqual(offer.state, "lapsed")

    def test_a_promise_on_the_balance_does_too(self):
        invoice = self._invoice(200, 500)
        offer = self._offer(invoice, amount=300)
        self._night(self._due(-11))
        with self._on(self._due(-12)):
            self._promise(amount=500)
            self._pay(invoice, 300, on=self._due(-9))
        self.assertEqual(offer.state, "lapsed")

    def _plan(self, invoice):
        template = self.env["collection.plan.template"].search([], limit=1)
        plan = self.env["collection.plan.wizard"].create({
            "profile_id": self._profile().id, "template_id": template.id, "currency_id": self.company.currency_id.id,
            "first_on": self.company._collection_today() + timedelta(days=20), "rhythm": "monthly", "item_ids": self._item(invoice).ids})._draw()
        plan.sudo()._transition("offered", offered_on=self.company._collection_today())
        plan.sudo()._transition("active", agreed_on=self.company._collection_today())
        return plan

    def test_the_dialog_leaves_out_what_is_in_a_plan(self):
        planned, free = self._invoice(200, 500), self._invoice(100, 200)
        self._plan(planned)
        with Form(self.env["collection.settlement.wizard"].with_context(default_profile_id=self._profile().id)) as form:
            self.assertEqual(form.item_ids[:], self._item(free))


@tagged("post_install", "-at_install")
class TestSettlementBooked(SettlementCommon):
    """What was booked is followed, and what was offered stays as it was."""

    def test_a_credit_note_that_is_cancelled_afterwards(self):
        invoice = self._invoice(200, 1000)
        offer = self._offer(invoice, amount=600)
        self._pay(invoice, 600)
        self._book()
        note = self._notes(offer)
        note.button_draft()
        note.button_cancel()
        self.assertEqual(self._open(invoice), [400])
        self.assertRecordValues(offer, [{"undone_on": self.today, "state": "taken"}])
        self.assertIn("not booked any more", offer.outcome)
        self.assertEqual(len(self._settlement_tasks()), 1)
        note.button_draft()
        note.action_post()
        self.assertFalse(offer.undone_on)
        self.assertFalse(self._settlement_tasks())

    def test_taking_back_is_no_surprise(self):
        invoice, bill = self._invoice(200, 1000), self._charge(50)
        offer = self._offer(invoice, bill, amount=800)
        self._pay(invoice, 800)
        self._book()
        offer._decide_on("take_back", "No money")
        self.assertRecordValues(offer, [{"state": "withdrawn", "undone_on": False}])
        self.assertFalse(self._settlement_tasks())

    def test_nobody_puts_another_letter_in(self):
        offer = self._offer(self._invoice(200, 1000), amount=900)
        forged = {"raw": b"%PDF-1.4 pay me instead"}
        letter = self.env["ir.attachment"].sudo().search([("res_model", "=", offer._name), ("res_field", "=", "document_file"), ("res_id", "=", offer.id)])
        for user in (self.collector, self._manager_only()):
            with self.subTest(user.login), self.assertRaises(AccessError):
                letter.with_user(user).write(forged)
        letter.write(forged)
        offer.sudo().mailed_on = False
        for method in ("action_resend", "action_print"):
            with self.subTest(method), self._refused("somebody changed it"):
                getattr(offer.with_user(self.collector), method)()

    def _manager_only(self):
        return new_test_user(self.env(su=True), login="letter manager", company_id=self.company.id, company_ids=self.company.ids,
                             groups="account_credit_collection.group_manager")

    def test_the_note_has_a_dialog(self):
        offer = self._offer(self._invoice(200, 1000), amount=900).with_user(self.collector)
        action = offer.action_note()
        form = Form(self.env[action["res_model"]].with_user(self.collector).with_context(**action["context"]))
        form.note = "Mrs Miller called"
        form.save().action_decide()
        self.assertEqual(offer.note, "Mrs Miller called")

    def test_two_clicks_are_one_mail(self):
        def mails():
            return self.env["mail.mail"].sudo().search_count([("subject", "like", offer.name)])

        offer = self._offer(self._invoice(200, 1000), amount=900)
        with self._refused("today already"):
            offer.action_resend()
        self.assertEqual(mails(), 1)
        with self._on(self._due(-1)):
            offer.action_resend()
            with self._refused("today already"):
                offer.action_resend()
            self.assertEqual(mails(), 2)
            self.customer.email = "other@customer.example"
            offer.action_resend()
        self.assertEqual(mails(), 3)


@tagged("post_install", "-at_install")
class TestSettlementFlying(SettlementCommon):
    """Money on its way: begun in time it counts, and nobody waits for it for ever."""

    def setUp(self):
        super().setUp()
        self.provider = self.env["payment.provider"].sudo().search([("code", "=", "demo"), ("company_id", "=", self.company.id)])
        if not self.provider:
            self.skipTest("payment_demo is not installed")
        self.provider.write({"state": "test"})
        self.invoice = self._invoice(200, 1000)
        self.offer = self._offer(self.invoice, amount=600)

    def _begin(self, day=None):
        """A payment begun on a day (none: the last one) and on its way since."""
        with self._on(day or self.offer.until):
            offer = self.offer.sudo()
            transaction = self.env["payment.transaction"].sudo().create({
                "provider_id": self.provider.id, "payment_method_id": self.env.ref("payment_demo.payment_method_demo").id, "amount": 600,
                "currency_id": offer.currency_id.id, "partner_id": self.customer.id, "reference": "flying", "operation": "online_direct",
                **offer._prepare_transaction_values()})
            transaction._set_pending()
        self.env.flush_all()
        # the database dates it by its own clock
        self.env.cr.execute("UPDATE payment_transaction SET create_date = %s WHERE id = %s", [f"{day or self.offer.until} 12:00:00", transaction.id])
        transaction.invalidate_recordset()
        return transaction

    def _arrives(self, transaction, day):
        with self._on(day):
            transaction._set_done()
            transaction._post_process()

    def test_begun_on_the_last_day_and_arrived_later(self):
        transaction = self._begin()
        self._night(self._due(-11))
        self.assertRecordValues(self.offer, [{"state": "offered", "held_until": self._due(-20)}])
        self.assertIn("on its way", self.offer.outcome)
        self.assertFalse(self._run(11).action_ids)
        self._arrives(transaction, self._due(-13))
        self.assertEqual(transaction.payment_id.date, self._due(-13))
        self.assertRecordValues(self.offer, [{"state": "taken", "taken_on": self._due(-10), "held_until": False}])

    def test_failed_in_the_end(self):
        transaction = self._begin()
        self._night(self._due(-11))
        transaction._set_canceled()
        self._night(self._due(-12))
        self.assertRecordValues(self.offer, [{"state": "lapsed", "held_until": False}])

    def test_not_longer_than_ten_days(self):
        transaction = self._begin()
        self._night(self._due(-19))
        self.assertEqual(self.offer.state, "offered")
        self._night(self._due(-21))
        self.assertEqual(self.offer.state, "lapsed")
        self._arrives(transaction, self._due(-22))
        self.assertEqual(self.offer.state, "lapsed", "too late")

    def test_begun_too_late(self):
        self._night(self._due(-11))
        self._begin(self._due(-11))
        self._night(self._due(-12))
        self.assertEqual(self.offer.state, "lapsed")

    def test_not_withdrawn_meanwhile(self):
        transaction = self._begin(self.today)
        with self._on(self.today), self._refused("on its way"):
            self.offer.with_user(self.collector)._decide_on("withdraw", "No")
        transaction._set_canceled()
        self.offer.with_user(self.collector)._decide_on("withdraw", "No")
        self.assertEqual(self.offer.state, "withdrawn")

    def test_one_that_never_arrives_blocks_nothing_and_is_told_once(self):
        self._begin(self.today)
        offer = self.offer.sudo()
        with self._on(self._due(-9)):
            self.assertEqual(offer._pay_choices(), [])
        with self._on(self._due(-10)):
            self.assertEqual([amount for _code, _label, amount in offer._pay_choices()], [600])
        tasks = []
        for days in (9, 10, 11):
            self._night(self._due(-days))
            tasks.append(self._profile().activity_ids.filtered(lambda task: "does not arrive" in (task.summary or "")))
        self.assertEqual([len(found) for found in tasks], [0, 1, 1])
