"""What happens to follow-ups when the records around them change."""
from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CollectionCommon
from .smtp import SmtpCase


@tagged("post_install", "-at_install")
class TestLifecycle(SmtpCase, CollectionCommon):

    def _approved_policy(self, **level):
        return self._policy("Approved", [(1, {"needs_approval": True, **level})])

    def _in_two_parts(self):
        """A posted invoice of two installments, both long overdue."""
        term = self.env["account.payment.term"].create({"name": "Halves", "line_ids": [
            Command.create({"value": "percent", "value_amount": 50, "nb_days": days}) for days in (0, 10)]})
        invoice = self._invoice(10, 200, post=False)
        invoice.write({"invoice_date": self.today - timedelta(days=60), "invoice_payment_term_id": term.id})
        invoice.action_post()
        return invoice

    def _in_one_part(self, invoice):
        """Reset it and make it payable at once: core drops an installment."""
        invoice.button_draft()
        invoice.invoice_payment_term_id = self.env.ref("account.account_payment_term_immediate")
        invoice.action_post()

    def test_an_invoice_may_be_rewritten_after_a_reminder_and_the_history_stays(self):
        invoice = self._in_two_parts()
        sent = self._sent(self._run()).action_ids
        self._in_one_part(invoice)
        self.assertEqual(sent.line_ids.mapped("asked"), [100, 100])
        self.assertEqual(set(sent.line_ids.mapped("document")), {invoice.name})
        self.assertLess(len(sent.line_ids.item_id), 2)

    def test_a_contact_about_a_rewritten_item_is_called_off(self):
        invoice = self._in_two_parts()
        action = self._run().action_ids
        self._in_one_part(invoice)
        self.assertEqual(action.state, "cancelled")

    def test_an_item_with_an_open_dispute_is_not_rewritten_by_accident(self):
        invoice = self._in_two_parts()
        for item in self._item(invoice):
            self.env["collection.dispute"].create({"item_id": item.id, "reason": "damaged"})
        with self.assertRaisesRegex(UserError, "open dispute"):
            self._in_one_part(invoice)

    def test_a_customer_that_joins_a_group_is_not_contacted_twice(self):
        self._profile().policy_id = self._approved_policy()
        self._invoice(10)
        waiting = self._run().action_ids
        group = self._customer("Group")
        self.customer.write({"parent_id": group.id, "is_company": False})
        run = self._run()
        self.assertFalse(run.action_ids)
        self.assertEqual((self._profile(group).next_reason, self._profile(group).error_count), ("in_flight", 0))
        waiting._stop("by_user", {"user": "x"})
        self.assertEqual(self._run().action_ids.partner_id, group)

    def test_the_gap_holds_when_a_contacted_customer_joins_a_group(self):
        self._invoice(10)
        self._sent(self._run())
        group = self._customer("Group")
        self.customer.write({"parent_id": group.id, "is_company": False})
        self.assertFalse(self._run(1).action_ids)
        self.assertEqual(self._why(group), "too_soon")

    def test_merged_twins_get_one_reminder(self):
        twin = self._customer("Northwind twin", email=self.customer.email)
        self._invoice(10)
        self._invoice(12, partner=twin)
        self._run()
        self.env["base.partner.merge.automatic.wizard"].sudo().create({})._merge((self.customer | twin).ids, self.customer)
        with self.smtp() as sink:
            self._perform()
        self.assertEqual(len(sink.mails), 1)

    def test_the_pause_with_the_later_end_keeps_its_reason_in_a_merge(self):
        twin = self._customer("Northwind twin", email=self.customer.email)
        self._profile().write({"paused_until": self.today, "pause_reason": "short"})
        self._profile(twin).write({"paused_until": self.today + timedelta(days=9), "pause_reason": "long"})
        self.env["base.partner.merge.automatic.wizard"].sudo().create({})._merge((self.customer | twin).ids, self.customer)
        self.assertEqual(self._profile().pause_reason, "long")

    def test_entries_booked_on_a_contact_belong_to_the_customer(self):
        child = self.env["res.partner"].create({"name": "Ann", "parent_id": self.customer.id})
        self._invoice(10, 100)
        payment = self._on_account(100, partner=child)
        self.env.cr.execute("UPDATE account_move_line SET partner_id = %s WHERE move_id = %s", [child.id, payment.move_id.id])
        self.env.invalidate_all()
        self.assertFalse(self._run().action_ids)
        self.assertEqual(self._why(), "covered_by_credit")
        self.assertFalse(self.env["credit.profile"].search([("partner_id", "=", child.id)]))

    def test_a_used_level_is_retired_by_archiving(self):
        self._invoice(10)
        level = self._sent(self._run()).action_ids.level_id
        with self.assertRaisesRegex(UserError, level.name):
            level.unlink()
        level.active = False
        self.assertEqual(self._levels(self._run(8)), [8])

    def test_a_skipped_level_counts_and_a_cancelled_one_comes_again(self):
        self._invoice(10)
        self._run().action_ids.action_cancel()
        again = self._run().action_ids
        self.assertEqual(again.level_id.offset_days, 1)
        again.action_skip()
        self.assertEqual((again.state, again.reason), ("suppressed", "skipped"))
        self.assertEqual(self._levels(self._run(1)), [8])

    def test_a_due_date_moved_before_approval_calls_the_late_level_off(self):
        self._profile().policy_id = self._policy("Late", [(20, {"needs_approval": True})])
        invoice = self._invoice(25)
        action = self._run().action_ids
        self._item(invoice).date_maturity = self._due(2)
        action.action_approve()
        with self.smtp() as sink:
            self._perform()
        self.assertFalse(sink.mails)
        self.assertEqual((action.state, action.reason), ("cancelled", "nothing_due"))

    def test_a_letter_approved_late_still_waits_its_days_for_the_post(self):
        self._profile().policy_id = self._approved_policy(channels=("letter",))
        self._invoice(30)
        action = self._run(-10).action_ids
        action.action_approve()
        self._perform()
        self._perform()
        self.assertEqual(action.state, "waiting")

    def test_a_call_ticked_off_anywhere_completes_the_contact(self):
        self._profile().policy_id = self._policy("Calls", [(1, {"channels": ("call",)})])
        self.customer.phone = "+32 2 555 12 12"
        self._invoice(20)
        action = self._run().action_ids
        self._perform()
        action.activity_id.action_feedback("They pay on Friday")
        self.assertEqual((action.state, action.sent_on), ("sent", self.today))

    def test_fresh_bank_data_lets_the_held_contacts_go(self):
        self.company.collection_bank_days = 5
        self._pay(self._invoice(60, 10), on=self.today - timedelta(days=30))
        self._invoice(10)
        held = self._run(kind="auto").action_ids
        self._pay(self._invoice(60, 10), on=self.today)
        self._run(1, kind="auto")
        self.assertEqual(held.state, "ready")


@tagged("post_install", "-at_install")
class TestFailures(SmtpCase, CollectionCommon):

    @mute_logger("odoo.addons.mail.models.mail_render_mixin")
    def test_a_repaired_text_is_sent_by_the_next_run(self):
        good = self.template.body_html
        self.template.body_html = '<p t-out="object.nothing_like_it.at_all"/>'
        self._invoice(10)
        self._run()
        with self.smtp() as sink:
            self._perform()
            self.template.body_html = good
            self._run(1)
            self._perform()
        self.assertEqual(len(sink.mails), 1)
        self.assertNotIn("Find an address", self._profile().activity_ids.activity_type_id.mapped("name"))

    @mute_logger("odoo.addons.account_credit_collection.models.collection_outbox_aside")
    def test_a_statement_that_cannot_be_made_stops_only_its_own_mail(self):
        policy = self._policy("Statement", [(1, {"attach_statement": True})])
        other = self._customer("Statement Ltd")
        self._profile(other).policy_id = policy
        self._invoice(10, partner=other)
        self._invoice(10)
        run = self._run()

        def broken(channel, actions):
            raise ValueError("no space left on device")
        self.patch(type(self.env["collection.channel"]), "_attach_statements", broken)
        with self.smtp() as sink:
            self._perform()
        self.assertEqual(len(sink.mails), 1)
        bad = run.action_ids.filtered(lambda action: action.partner_id == other)
        self.assertEqual((bad.state, bad.attempt), ("retry", 1))

    @mute_logger("odoo.addons.mail.models.mail_mail")
    def test_after_the_last_attempt_a_person_is_asked(self):
        self._invoice(10)
        action = self._run().action_ids
        with self.smtp() as sink:
            sink.answer["northwind@customer.example"] = "451 try again"
            for _attempt in range(6):
                action.not_before = False
                self._perform()
        self.assertEqual(action.state, "failed")
        self.assertTrue(self._profile().activity_ids)

    def test_a_sender_the_server_refuses_is_our_fault_and_stops_no_customer(self):
        for name in ("One", "Two"):
            self._invoice(10, partner=self._customer(name))
        run = self._run()
        with self.smtp() as sink, mute_logger("odoo.addons.mail.models.mail_mail"):
            sink.sender_answer = "550 sender not allowed"
            self._perform()
        self.assertEqual(sorted(run.action_ids.mapped("state")), ["ready", "retry"])

    def test_an_online_payment_done_but_not_booked_yet_is_in_transit(self):
        invoice = self._invoice(10, 100)
        transaction = self.env["payment.transaction"].sudo().create({
            "provider_id": self.env["payment.provider"].sudo().search([], limit=1).id,
            "payment_method_id": self.env["payment.method"].sudo().search([], limit=1).id, "reference": "T-done", "amount": 100,
            "currency_id": self.company.currency_id.id, "partner_id": self.customer.id,
            "invoice_ids": [Command.set(invoice.ids)], "operation": "online_direct"})
        transaction.write({"state": "done", "is_post_processed": False})
        self.assertFalse(self._run().action_ids)
        self.assertEqual(self._why(), "in_transit")

    def test_a_customer_without_a_mobile_is_no_task_when_the_mail_arrives(self):
        self._profile().policy_id = self._policy("Both", [(1, {"channels": ("email", "sms")})])
        self._invoice(10)
        self.assertEqual(self._run().action_ids.channel, "email")
        self.assertFalse(self._profile().activity_ids)

    def test_only_the_tone_of_its_own_class_or_of_any_reaches_a_payer(self):
        self.policy.level_ids.message_ids.behaviour = "chronic"
        self.assertIn("Prompt payer", self.policy.warning)
        self._invoice(10)
        action = self._run().action_ids
        with self.smtp() as sink:
            self._perform()
        self.assertFalse(sink.mails)
        self.assertEqual(action.reason, "no_template")


@tagged("post_install", "-at_install")
class TestScope(CollectionCommon):

    def test_the_preview_of_another_companys_customers_is_refused(self):
        second = self.setup_other_company(name="Second Ltd")["company"]
        self._invoice(10)
        wizard = self.env["collection.run.wizard"].create({"company_id": second.id, "profile_ids": self._profile().ids})
        with self.assertRaises(UserError):
            wizard.action_preview()
        with self.assertRaises(UserError):
            wizard.action_send()

    def test_a_company_the_user_does_not_work_for_is_refused(self):
        second = self.setup_other_company(name="Second Ltd")["company"]
        wizard = self.env["collection.run.wizard"].with_context(allowed_company_ids=self.company.ids).create({"company_id": second.id})
        with self.assertRaises(AccessError):
            wizard.action_preview()

    def test_a_collector_pauses_but_does_not_reassign_or_redraw_the_picture(self):
        collector = self.env["res.users"].sudo().with_context(no_reset_password=True).create({
            "name": "Cole", "login": "cole.test", "company_id": self.company.id, "company_ids": [Command.set(self.company.ids)],
            "group_ids": [Command.set(self.env.ref("account_credit_collection.group_collector").ids)]})
        profile = self._profile().with_user(collector)
        profile.write({"paused_until": self.today, "pause_reason": "fair"})
        for values in ({"collector_id": collector.id}, {"policy_id": self.policy.id}, {"overdue": 0}, {"behaviour_class": "prompt"}):
            with self.assertRaises(AccessError):
                profile.write(values)

    def test_a_disputing_customer_without_a_profile_gets_one(self):
        invoice = self._invoice(10)
        self._profile().sudo().unlink()
        collector = self.env["res.users"].sudo().with_context(no_reset_password=True).create({
            "name": "Dora", "login": "dora.test", "company_id": self.company.id, "company_ids": [Command.set(self.company.ids)],
            "group_ids": [Command.set(self.env.ref("account_credit_collection.group_collector").ids)]})
        dispute = self.env["collection.dispute"].with_user(collector).create({"item_id": self._item(invoice).id, "reason": "price"})
        self.assertEqual(dispute.profile_id.partner_id, self.customer)
