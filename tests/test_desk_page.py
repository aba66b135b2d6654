from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ..models.collection_reason import describe
from .test_promise import PromiseCommon


class PageCommon(PromiseCommon):
    """A salesperson who sees customers and orders, and nothing of the receivables."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = new_test_user(
            cls.env(su=True), login="page seller", company_id=cls.company.id, company_ids=cls.company.ids,
            groups="sales_team.group_sale_salesman_all_leads,base.group_partner_manager")
        cls.customer.user_id = cls.seller

    def _notes(self, partner=None):
        """The notes in a customer's chatter, newest first, as plain text."""
        messages = self.env["mail.message"].search(
            [("model", "=", "res.partner"), ("res_id", "=", (partner or self.customer).id), ("is_internal", "=", True)], order="id desc")
        return [str(message.preview) for message in messages]

    def _told(self, partner=None):
        """The salesperson's tasks about a customer."""
        kind = self.env.ref("account_credit_collection.mail_activity_collection_news")
        return self.env["mail.activity"].search([
            ("res_model", "=", "res.partner"), ("res_id", "=", (partner or self.customer).id), ("activity_type_id", "=", kind.id)])

    def _status(self, partner=None, on=None):
        """The plain status, as the salesperson reads it on a day."""
        with self._on(on or self.today):
            self.env.invalidate_all()
            return (partner or self.customer).with_user(self.seller).with_company(self.company).collection_status or ""


@tagged("post_install", "-at_install")
class TestPageNotes(PageCommon):
    """The customer's chatter carries what was promised and what came of it, and the salesperson is told."""

    def test_a_promise_is_noted_when_taken_and_when_kept(self):
        invoice = self._invoice(10)
        promise = self._promise(invoice)
        self.assertEqual(self._notes()[0], f"Promised to pay {invoice.name} by {self._day(promise.promised_on)}")
        self._pay(invoice)
        self.assertEqual(self._notes()[0], f"Promise kept: {invoice.name} by {self._day(promise.promised_on)}")

    def _day(self, day):
        return self.env["ir.qweb.field.date"].value_to_html(day, {})

    def test_partly_broken_withdrawn_and_again(self):
        one, two = self._invoice(10), self._invoice(10)
        promises = self._promise(one) + self._promise(two)
        self._pay_on(one, promises[0].promised_on, 30)
        self._night(self._after(promises[0]))
        note = self._notes()[0]
        self.assertIn(f"Promise kept in part only: {one.name}", note)
        self.assertIn(f"Promise broken: {two.name}", note, "one note a customer and night")
        with self._on(self._after(promises[0])):
            again = self._promise(two)
            self.assertIn(f"Promised once more to pay {two.name}", self._notes()[0])
            self.assertIn("(promise no. 2)", self._notes()[0])
            again._withdraw("Not 100.00 after all")
        self.assertIn(f"Promise withdrawn: {two.name}", self._notes()[0])

    def test_a_payment_taken_back_and_an_invoice_credited(self):
        invoice = self._invoice(10)
        self._promise(invoice)
        self._pay(invoice)
        self._item(invoice).remove_move_reconcile()
        self.assertIn("Promise open again", self._notes()[0])
        refund = self._invoice(0, 100, move_type="out_refund")
        (self._item(invoice) | self._item(refund)).reconcile()
        self.assertIn("Promise settled without a payment", self._notes()[0])

    def test_on_the_balance_and_of_many_invoices(self):
        invoices = [self._invoice(10) for _number in range(7)]
        self._promise(amount=50)._withdraw("Better each")
        self.assertIn("the balance", self._notes()[0])
        self._promise(*invoices)
        self.assertIn(f"{invoices[4].name} and 2 more", self._notes()[0])
        self.assertNotIn(invoices[5].name, self._notes()[0])

    def test_no_amount_stands_in_a_note_and_a_name_is_escaped(self):
        invoice = self._invoice(10, 4711.0, post=False)
        invoice.name = "<b>4/1</b>"
        invoice.action_post()
        promise = self._promise(invoice, amount=815)
        self._night(self._after(promise))
        self.assertFalse([note for note in self._notes() if "4,711" in note or "815" in note])
        message = self.env["mail.message"].search([("model", "=", "res.partner"), ("res_id", "=", self.customer.id)], limit=1)
        self.assertNotIn("<b>", message.body)
        self.assertIn(f'data-oe-id="{promise.id}"', message.body)

    def test_history_that_is_loaded_is_not_told(self):
        invoice = self._invoice(30)
        before = self._notes()
        self.env["collection.promise"].sudo().create({
            "made_on": self._due(20), "promised_on": self._due(10), "line_ids": [Command.create({"item_id": self._item(invoice).id})]})
        self.assertEqual(self._notes(), before)

    def test_a_note_is_in_the_language_of_the_company_whoever_writes_it(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env["res.lang"]._activate_lang("de_DE")
        self.company.partner_id.lang = "fr_FR"
        profile = self._profile().with_context(lang="de_DE")
        self.assertEqual(profile._chatter_env().lang, "fr_FR")
        profile._note(("plain_reminded", {"on": "2026-11-03"}))
        expected = describe(profile._chatter_env(), "plain_reminded", {"on": "2026-11-03"})
        self.assertIn("03/11/2026", expected)
        self.assertEqual(self._notes()[0], expected)

    def test_without_its_kind_of_task_nobody_is_told_and_nothing_breaks(self):
        invoice = self._invoice(10)
        self.env.ref("account_credit_collection.mail_activity_collection_news").unlink()
        self.env["collection.dispute"].create({"item_id": self._item(invoice).id, "amount": 50, "reason": "Broken"})
        promise = self._promise(self._invoice(10))
        self._night(self._after(promise))
        self.assertEqual(promise.state, "broken")
        self.assertIn("Promise broken", self._notes()[0])

    def test_whoever_acts_needs_no_right_on_customers_and_is_the_author(self):
        invoice = self._invoice(10)
        self._promise_as(self.collector, invoice)
        message = self.env["mail.message"].search([("model", "=", "res.partner"), ("res_id", "=", self.customer.id)], limit=1)
        self.assertEqual(message.author_id, self.collector.partner_id)
        self.assertTrue(message.is_internal)
        self.assertFalse(self.env["mail.mail"].search([("mail_message_id", "=", message.id)]))
        self.assertFalse(message.notification_ids)

    def _promise_as(self, user, invoice):
        return self.env["collection.promise"].with_user(user).create({
            "promised_on": self._due(-5), "line_ids": [Command.create({"item_id": self._item(invoice).id})]})

    def test_the_salesperson_is_told_of_a_broken_promise_by_one_task_without_amounts(self):
        invoice = self._invoice(10, 4711)
        promise = self._promise(invoice)
        self.assertFalse(self._told(), "a promise is no bad news")
        mails = self.env["mail.mail"].search_count([])
        self._night(self._after(promise))
        self.assertRecordValues(self._told(), [{"user_id": self.seller.id, "summary": "Did not pay as agreed"}])
        other = self._invoice(10, 815)
        with self._on(self._after(promise)):
            second = self._promise(other, in_days=1)
        self._night(self._after(second))
        self.assertEqual(len(self._told()), 1, "told once, as long as it is not done")
        self.assertEqual(self._told().date_deadline, self._after(second))
        self.assertEqual(self.env["mail.mail"].search_count([]), mails, "nobody gets a mail")
        self.assertEqual(self._told().with_user(self.seller).summary, "Did not pay as agreed")

    def test_who_has_paid_meanwhile_is_no_news_any_more(self):
        invoice = self._invoice(10)
        promise = self._promise(invoice)
        late = self._after(promise)
        self._night(late)
        self.assertTrue(self._told())
        self._night(self._after(promise, 2))
        self.assertTrue(self._told(), "still not paid")
        self._pay_on(invoice, self._after(promise, 2))
        self._night(self._after(promise, 3))
        self.assertFalse(self._told())

    def test_by_setting_of_everything_or_of_nothing(self):
        self.company.collection_tell_salesperson = "all"
        promise = self._promise(self._invoice(10))
        self.assertEqual(self._told().summary, f"Promised to pay by {self._day(promise.promised_on)}")
        self._told().unlink()
        self.company.collection_tell_salesperson = "nobody"
        self._night(self._after(promise))
        self.assertEqual(promise.state, "broken")
        self.assertFalse(self._told())

    def test_nobody_is_told_who_left_who_acts_or_who_sees_another_company(self):
        profile = self._profile()
        for change in ({"active": False}, {"company_id": self.env.company.id}):
            with self.subTest(change):
                seller = new_test_user(self.env(su=True), login=f"seller {change}", groups="sales_team.group_sale_salesman",
                                       company_id=self.company.id, company_ids=self.company.ids)
                self.customer.user_id = seller
                if "active" in change:
                    seller.active = False
                else:
                    other = self.env["res.company"].create({"name": "Elsewhere"})
                    seller.write({"company_id": other.id, "company_ids": [Command.set(other.ids)]})
                profile._note("Broken", tell=True)
                self.assertFalse(self._told())
        self.customer.user_id = self.env.user
        profile._note("Broken", tell=True)
        self.assertFalse(self._told())
        self.customer.user_id = self.collector
        profile._note("Broken", tell=True)
        self.assertEqual(self._told().summary, "There is news about the customer's payments; the notes tell more")

    def test_a_batch_costs_the_same_however_many_customers(self):
        counts = []
        for size in (3, 4, 40):  # the first fills what is looked up once
            partners = [self._customer(f"Noted {size} {number}", user_id=self.seller.id) for number in range(size)]
            profiles = self.env["credit.profile"].union(*(self._profile(partner) for partner in partners))
            for _round in range(2):  # a task to make, then a task to bring up to date
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.cr.sql_log_count
                profiles._notes({profile: f"Broken {profile.id}" for profile in profiles}, tell=True)
                self.env.flush_all()
                counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[2:4], counts[4:])

    def test_of_promises_judged_in_one_night_too(self):
        counts = []
        for size in (3, 4, 40):  # the first fills what is looked up once
            promises = self.env["collection.promise"]
            for number in range(size):
                promises += self._promise(self._invoice(10, partner=self._customer(f"Night {size} {number}")))
            moves = dict.fromkeys(promises, "broken")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            promises._note_moves(moves)
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(*counts[1:])


@tagged("post_install", "-at_install")
class TestPageStatus(PageCommon):
    """What sales may know: words on the customer and the order, never an amount."""

    def test_nothing_is_told_of_who_pays(self):
        self._invoice(-10)
        self.assertEqual(self._status(), "")
        self.assertEqual(self._status(self._customer("Stranger")), "")

    def test_reminded_until_paid(self):
        invoice = self._invoice(10)
        self._sent(self._run())
        self.assertEqual(self._status(), f"Reminded on {self._day(self.today)}")
        self._pay(invoice)
        self.assertEqual(self._status(), "")

    def _day(self, day):
        return self.env["ir.qweb.field.date"].value_to_html(day, {})

    def test_a_friendly_word_before_the_due_date_is_no_reminder(self):
        self._invoice(-5)
        self._sent(self._run())
        self.assertEqual(self._status(), "")

    def test_promised_then_not_kept_then_promised_again_then_paid(self):
        invoice = self._invoice(10, 4711)
        self._sent(self._run())
        promise = self._promise(invoice)
        self.assertEqual(self._status(), f"Promised to pay by {self._day(promise.promised_on)}")
        late = self._after(promise)
        self._night(late)
        self.assertEqual(self._status(on=late), "Did not pay as agreed")
        with self._on(late):
            again = self._promise(invoice)
        self.assertEqual(self._status(on=late), f"Promised to pay by {self._day(again.promised_on)}")
        self._pay_on(invoice, late)
        self.assertEqual(self._status(on=late), "")

    def test_one_promise_broken_another_open(self):
        broken, other = self._invoice(10), self._invoice(10)
        self._promise(broken, in_days=1)
        second = self._promise(other, in_days=20)
        day = self._due(-10)
        self._night(day)
        self.assertEqual(self._status(on=day), "Did not pay as agreed", "what was broken weighs most")
        self.assertTrue(second)

    def test_a_broken_promise_on_the_balance(self):
        invoice = self._invoice(10, 300)
        promise = self._promise(amount=250)
        late = self._after(promise)
        self._night(late)
        self.assertEqual(self._status(on=late), "Did not pay as agreed")
        self._pay_on(invoice, late)
        self._night(late)
        self.assertEqual(self._status(on=late), "")

    def test_on_hold_and_served_no_more(self):
        self._grant(50)
        order = self._order(100)
        order.action_confirm()
        self.assertEqual(order.credit_state, "held")
        self.assertEqual(self._status(), "On credit hold")
        self.env.invalidate_all()
        self.assertEqual(order.with_user(self.seller).collection_status, "On credit hold")
        self._profile().write({"credit_stop": True, "credit_stop_reason": "Insolvent, owes 4,711"})
        self.assertEqual(self._status(), "The customer is served no more")

    def test_a_dispute_by_its_reason_and_several_by_their_number(self):
        Dispute, reasons = self.env["collection.dispute"], self.env["collection.dispute.reason"].search([], limit=2)
        one, two = self._invoice(10, 4711), self._invoice(10)
        self._sent(self._run())
        first = Dispute.create({"item_id": self._item(one).id, "amount": 815, "reason": "815 of 4,711", "reason_id": reasons[0].id})
        self.assertEqual(self._status(), f"A dispute is open: {reasons[0].name}", "it says more than that we reminded")
        self.assertRecordValues(self._told(), [{"user_id": self.seller.id, "summary": f"A dispute is open: {reasons[0].name}"}])
        Dispute.create({"item_id": self._item(two).id, "amount": 100, "reason_id": reasons[1].id})
        self.assertEqual(self._status(), "Disputes are open: 2")
        self.assertFalse([note for note in self._notes() if "815" in note])
        first._resolve("rejected", 815)
        self.assertEqual(self._status(), f"A dispute is open: {reasons[1].name}")

    def test_a_plan_that_was_asked_for_until_it_is_offered(self):
        invoice = self._invoice(10)
        self.env["collection.call"].sudo().create({
            "profile_id": self._profile().id, "user_id": self.env.uid, "called_at": f"{self.today} 12:00:00", "day": self.today,
            "outcome": "plan", "item_ids": [Command.set(self._item(invoice).ids)], "silent_until": self._due(-3)})
        self.assertEqual(self._status(), "A payment plan was asked for")
        self.assertEqual(self._status(on=self._due(-4)), "")

    def test_who_refuses_until_spoken_to_again_or_promised(self):
        invoice = self._invoice(10)
        self._night(self.today)
        call = {"profile_id": self._profile().id, "user_id": self.env.uid, "called_at": f"{self.today} 12:00:00", "day": self.today}
        Call = self.env["collection.call"].sudo()
        Call.create({**call, "outcome": "refuses"})
        Call.create({**call, "outcome": "no_answer"})
        self.assertEqual(self._status(), "Refuses to pay")
        promise = self._promise(invoice)
        self.assertIn("Promised", self._status())
        promise._withdraw("Refuses again")
        self.assertEqual(self._status(), "Refuses to pay")
        Call.create({**call, "outcome": "callback"})
        self.assertEqual(self._status(), "")

    def test_what_weighs_most_comes_first(self):
        invoice, other = self._invoice(10, 4711), self._invoice(10)
        self._profile().write({"credit_stop": True, "credit_stop_reason": "Insolvent"})
        self.env["collection.dispute"].create({"item_id": self._item(other).id, "reason_id": self.env["collection.dispute.reason"].search([], limit=1).id})
        promise = self._promise(invoice)
        self.assertEqual(self._status().split(" · "), [
            "The customer is served no more", f"A dispute is open: {self.env['collection.dispute.reason'].search([], limit=1).name}",
            f"Promised to pay by {self._day(promise.promised_on)}"])

    def test_a_contact_shows_its_company_and_an_order_its_payer(self):
        self._invoice(10)
        self._sent(self._run())
        contact = self.env["res.partner"].create({"name": "Ann", "parent_id": self.customer.id})
        self.assertEqual(self._status(contact), f"Reminded on {self._day(self.today)}")
        shop = self._customer("Shop")
        order = self._order(partner=shop, partner_invoice_id=contact.id)
        self.assertEqual(order.with_user(self.seller).collection_status, f"Reminded on {self._day(self.today)}")

    def test_the_salesperson_reads_the_words_and_nothing_else(self):
        invoice = self._invoice(10, 4711)
        self._promise(invoice, amount=815)
        partner = self.customer.with_user(self.seller)
        self.assertIn("Promised", partner.read(["collection_status"])[0]["collection_status"])
        for name in ("collection_overdue", "credit_profile_id", "collection_reason", "credit"):
            with self.subTest(name), self.assertRaises(AccessError):
                partner.read([name])
        with self.assertRaises(AccessError):
            self._profile().with_user(self.seller).read(["overdue"])
        for text in (self._status(), *self._notes()):
            self.assertNotRegex(text, r"4[,.]?711|815")

    def test_another_company_is_not_told_of_by_a_forged_context(self):
        self._invoice(10)
        self._sent(self._run())
        other = self.env["res.company"].create({"name": "Elsewhere"})
        outsider = new_test_user(self.env(su=True), login="outsider", groups="sales_team.group_sale_salesman_all_leads",
                                 company_id=other.id, company_ids=other.ids)
        partner = self.customer.with_user(outsider)
        self.assertFalse(partner.with_context(allowed_company_ids=other.ids).collection_status)
        with self.assertRaises(AccessError):
            partner.with_context(allowed_company_ids=self.company.ids).read(["collection_status"])

    def test_a_list_of_80_costs_as_much_as_one_of_2(self):
        counts = []
        for size in (3, 2, 80):  # the first fills what is looked up once
            partners = self.env["res.partner"].union(*(self._customer(f"Listed {size} {number}") for number in range(size)))
            for number, partner in enumerate(partners):
                invoice = self._invoice(10, partner=partner)
                if number % 2:
                    self._promise(invoice)
            self._sent(self._run())
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            texts = partners.with_user(self.seller).with_company(self.company).mapped("collection_status")
            counts.append(self.cr.sql_log_count - before)
            self.assertEqual(len(texts), size)
            self.assertTrue(all(texts))
        self.assertEqual(*counts[1:])


@tagged("post_install", "-at_install")
class TestPageOnAccount(PageCommon):
    """Money on account counts at once for a promise on the balance, and booking costs next to nothing."""

    def test_a_payment_on_account_keeps_it_at_once_and_its_cancelling_opens_it_again(self):
        self._invoice(10, 300)
        promise = self._promise(amount=250)
        payment = self._on_account(100)
        self.assertRecordValues(promise, [{"state": "open", "paid_amount": 100}])
        rest = self._on_account(150)
        self.assertRecordValues(promise, [{"state": "kept", "paid_amount": 250}])
        rest.action_draft()
        self.assertRecordValues(promise, [{"state": "open", "paid_amount": 100}])
        payment.action_cancel()
        self.assertRecordValues(promise, [{"state": "open", "paid_amount": 0}])

    def test_a_payment_late_on_account_does_not_keep_it(self):
        self._invoice(10, 300)
        promise = self._promise(amount=250)
        late = self._after(promise)
        self._night(late)
        with self._on(late):
            payment = self._on_account(250)
            payment.action_draft()
            payment.date = late
            payment.action_post()
        self.assertRecordValues(promise, [{"state": "broken", "paid_amount": 0}])

    def test_posting_invoices_costs_nothing_more(self):
        invoices = self.env["account.move"].union(*(self._invoice(0, post=False) for _number in range(20)))
        promise = self._promise(self._invoice(10))
        self.assertEqual(promise.state, "open")
        self.env.flush_all()
        asked = []
        self.patch(type(self.env["collection.promise"]), "_judge_about", lambda _self, ids: asked.extend(ids))
        invoices.action_post()
        self.assertFalse(asked)

    def test_booking_many_payments_looks_once(self):
        payments = self.env["account.payment"].create([{
            "payment_type": "inbound", "partner_type": "customer", "partner_id": self.customer.id, "amount": 10,
            "date": self.today, "journal_id": self.company_data["default_journal_bank"].id} for _number in range(20)])
        Promise, looks = type(self.env["collection.promise"]), []
        original = Promise._judge_about
        self.patch(Promise, "_judge_about", lambda records, ids: looks.append(len(ids)) or original(records, ids))
        payments.action_post()
        self.assertEqual([count for count in looks if count], [20])
