from datetime import timedelta

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CollectionCommon
from .smtp import SmtpCase

BOUNCE = """\
Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mail.customer.example>
To: %(to)s
Subject: Undelivered Mail Returned to Sender
Message-Id: <dsn-1@mail.customer.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

I could not deliver your message.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.customer.example

Final-Recipient: rfc822; northwind@customer.example
Action: failed
Status: 5.1.1

--B
Content-Type: text/rfc822-headers

From: ar@seller.example
To: northwind@customer.example
Message-Id: %(message_id)s

--B--
"""


@tagged("post_install", "-at_install")
class TestOutbox(SmtpCase, CollectionCommon):
    """What was decided reaches the customer once, or says why not."""

    def test_the_mail_holds_the_customers_own_items_amounts_and_link(self):
        other = self._customer("Contoso")
        mine, theirs = self._invoice(10, 1234.5), self._invoice(10, 77, partner=other)
        run = self._run()
        with self.smtp() as sink:
            self._perform()
        self.assertEqual(run.action_ids.mapped("state"), ["sent", "sent"])
        mail = next(mail for mail in sink.mails if mail.envelope_to == ["northwind@customer.example"])
        html = self.html(mail)
        self.assertIn(mine.name, html)
        self.assertIn("1,234.50", html)
        self.assertNotIn(theirs.name, html)
        action = run.action_ids.filtered(lambda a: a.partner_id == self.customer)
        self.assertIn(f"/collections/{action.id}/", html)
        self.assertEqual(mail["Message-Id"], action.message_id)
        self.assertEqual(action.sent_on, self.today)

    def test_paid_before_the_check_is_never_asked_for(self):
        invoice = self._invoice(10)
        run = self._run()
        self._pay(invoice)
        with self.smtp() as sink:
            self._perform()
        self.assertFalse(sink.mails)
        self.assertEqual((run.action_ids.state, run.action_ids.reason), ("cancelled", "settled"))

    def test_a_part_payment_before_the_check_lowers_the_amount_asked(self):
        invoice = self._invoice(10, 100)
        run = self._run()
        self._pay(invoice, 40)
        with self.smtp() as sink:
            self._perform()
        self.assertEqual(run.action_ids.line_ids.asked, 60)
        self.assertIn("60.00", self.html(sink.mails[0]))

    def test_an_item_paid_meanwhile_leaves_the_message(self):
        paid, late = self._invoice(12, 100), self._invoice(10, 50)
        run = self._run()
        self._pay(paid)
        with self.smtp() as sink:
            self._perform()
        self.assertEqual(run.action_ids.state, "sent")
        self.assertNotIn(paid.name, self.html(sink.mails[0]))
        self.assertIn(late.name, self.html(sink.mails[0]))

    def test_sending_twice_sends_once(self):
        self._invoice(10)
        self._run()
        with self.smtp() as sink:
            self._perform()
            self._perform()
        self.assertEqual(len(sink.mails), 1)

    @mute_logger("odoo.addons.mail.models.mail_mail")
    def test_a_refused_address_fails_and_asks_a_person(self):
        self._invoice(10)
        run = self._run()
        with self.smtp() as sink:
            sink.answer["northwind@customer.example"] = "550 no such user"
            self._perform()
        self.assertEqual((run.action_ids.state, run.action_ids.reason), ("failed", "bad_address"))
        self.assertIn("Find an address", self._profile().activity_ids.activity_type_id.mapped("name"))

    @mute_logger("odoo.addons.mail.models.mail_mail")
    def test_a_temporary_refusal_is_tried_again_later_with_the_same_message_id(self):
        self._invoice(10)
        action = self._run().action_ids
        with self.smtp() as sink:
            sink.answer["northwind@customer.example"] = "451 try again"
            self._perform()
            self.assertEqual(action.state, "retry")
            first = action.message_id
            sink.answer.clear()
            action.not_before -= timedelta(hours=1)
            self._perform()
        self.assertEqual((action.state, action.message_id, action.attempt), ("sent", first, 2))
        self.assertEqual(len(sink.mails), 1)

    def test_a_server_that_is_down_fails_nothing(self):
        for name in ("One", "Two", "Three"):
            self._invoice(10, partner=self._customer(name))
        run = self._run()
        with self.smtp():
            self.env["ir.mail_server"].sudo().search([("name", "=", "Test sink")]).smtp_port = 1
            self._perform()
        self.assertEqual(sorted(run.action_ids.mapped("state")), ["ready", "ready", "retry"])
        self.assertEqual(sum(run.action_ids.mapped("attempt")), 1)

    def test_a_missing_address_takes_the_fallback_channel_and_asks_for_an_address(self):
        self._profile().policy_id = self._policy("Letters", [(1, {"fallback": ("letter",)})])
        self.customer.email = False
        self._invoice(10)
        run = self._run()
        self.assertEqual(run.action_ids.channel, "letter")
        self.assertTrue(self._profile().activity_ids)

    def test_a_bounce_is_read_back_and_the_next_channel_follows(self):
        self._profile().policy_id = self._policy("Letters", [(1, {"fallback": ("letter",)})])
        self._invoice(10)
        action = self._run().action_ids
        with self.smtp():
            self._perform()
        self.env["mail.thread"].sudo().message_process("res.partner", BOUNCE % {
            "to": self.env.company.bounce_email or "bounce@seller.example", "message_id": action.message_id})
        self.assertEqual((action.state, action.reason), ("failed", "bounced"))
        self.assertEqual(self._run(1).action_ids.channel, "letter")

    def test_a_level_that_asks_for_approval_waits_for_a_person(self):
        self._profile().policy_id = self._policy("Approved", [(1, {"needs_approval": True})])
        self._invoice(10)
        action = self._run().action_ids
        with self.smtp() as sink:
            self._perform()
            self.assertEqual((action.state, len(sink.mails)), ("planned", 0))
            action.action_approve()
            self._perform()
        self.assertEqual((action.state, len(sink.mails), action.approved_by), ("sent", 1, self.env.user))

    @mute_logger("odoo.addons.mail.models.mail_render_mixin")
    def test_a_broken_text_stops_its_own_messages_only_and_is_named(self):
        bad = self.template.copy({"name": "Broken text", "body_html": "<p t-out=\"object.nothing_like_it.at_all\"/>"})
        policy = self._policy("Broken", [(1, {})])
        policy.level_ids.message_ids.template_id = bad
        other = self._customer("Broken Ltd")
        self._profile(other).policy_id = policy
        self._invoice(10, partner=other)
        self._invoice(10)
        run = self._run()
        with self.smtp() as sink:
            self._perform()
        self.assertEqual(len(sink.mails), 1)
        failed = run.action_ids.filtered(lambda action: action.partner_id == other)
        self.assertEqual((failed.state, failed.reason), ("failed", "template_error"))
        self.assertIn("Broken text", failed.reason_text)
        self.assertNotIn("Traceback", failed.reason_text)

    def test_a_call_becomes_a_task_with_its_script_and_counts_when_done(self):
        self._profile().policy_id = self._policy("Calls", [(1, {"channels": ("call",)}), (8, {})])
        self.customer.phone = "+32 2 555 12 12"
        self._invoice(20)
        action = self._run().action_ids
        self._perform()
        self.assertEqual(action.state, "waiting")
        self.assertIn("When did you send your payment?", action.activity_id.note)
        self.assertFalse(self._run(1).action_ids)
        action.action_confirm_sent()
        self.assertEqual(self._levels(self._run(7)), [8])

    def test_a_call_nobody_makes_is_skipped_so_that_the_next_level_follows(self):
        policy = self._policy("Calls", [(1, {"channels": ("call",)}), (8, {})])
        self._profile().policy_id = policy
        self.customer.phone = "+32 2 555 12 12"
        self._invoice(20)
        action = self._run(-10).action_ids
        self._perform()
        action.waiting_on -= timedelta(days=10)
        self._perform()
        self.assertEqual((action.state, action.reason), ("suppressed", "not_done"))
        self.assertEqual(self._levels(self._run()), [8])
