"""Promises of docs/REQUIREMENTS.md that no other test keeps an eye on; each test begins with the number of its requirement."""
import os
import time
from datetime import datetime, timedelta
from pathlib import Path
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2.errors import SerializationFailure, UniqueViolation

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_mail_server import IrMail_Server
from odoo.addons.sms.tools.sms_api import SmsApi

from ..exceptions import KeyConflictError
from ..models import collection_job
from ..models.collection_outbox_send import BACKOFF
from .common import CollectionCommon
from .smtp import SmtpCase

# what is about a person alone, and owed to nobody: it goes when the person is deleted
PERSONAL = {("collection_greeting", "contact_id"), ("collection_touch", "partner_id"), ("collection_touch", "contact_id")}


@tagged("post_install", "-at_install")
class TestRequirements(SmtpCase, CollectionCommon):

    def _contact(self, **invoice):
        self._invoice(10, **invoice)
        return self._run().action_ids

    def _run_of_one(self):
        self._invoice(10)
        return self._run()

    def _refused(self, action, code):
        """Send while the server answers so."""
        with self.smtp() as sink:
            sink.answer[action.recipient] = code
            self._perform()

    def _due_again(self, action):
        action.not_before = fields.Datetime.now() - timedelta(seconds=1)

    # ------------------------------------------------------------------ the outbox

    def test_r01_the_database_refuses_the_same_contact_twice(self):
        action = self._contact()
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation), self.env.cr.savepoint():
            action.copy({"dedupe_key": action.dedupe_key, "payload_hash": action.payload_hash}).flush_recordset()

    def test_r01_the_database_refuses_the_same_step_of_an_item_twice(self):
        line = self._contact().line_ids
        other = line.action_id.copy({"dedupe_key": "another", "payload_hash": "another"})
        self.assertTrue(line.advances and line.live)
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation), self.env.cr.savepoint():
            line.copy({"action_id": other.id}).flush_recordset()

    def test_r01_the_same_contact_with_another_content_is_an_error(self):
        action = self._contact()
        vals = {"dedupe_key": action.dedupe_key, "payload_hash": "something else", "profile_id": action.profile_id.id,
                "level_id": action.level_id.id}
        with self.assertRaises(KeyConflictError):
            self.env["collection.action"].sudo()._record([vals])

    def test_r06_a_mail_goes_to_one_address_and_to_nobody_in_copy(self):
        self.customer.email = "one@customer.example"
        self._customer("Copy", is_company=False, parent_id=self.customer.id, email="two@customer.example", type="contact")
        self._contact()
        with self.smtp() as sink:
            self._perform()
        self.assertEqual([mail.envelope_to for mail in sink.mails], [["one@customer.example"]])
        self.assertFalse(sink.mails[0]["Cc"] or sink.mails[0]["Bcc"])
        self.assertNotIn(",", sink.mails[0]["To"])

    def test_r05_r07_nothing_is_left_to_cores_mail_queue(self):
        before = self.env["mail.mail"].sudo().search_count([])
        action = self._contact()
        with self.smtp() as sink:
            self._perform()
        self.assertEqual((len(sink.mails), action.state), (1, "sent"))
        self.assertEqual(self.env["mail.mail"].sudo().search_count([]), before)
        self.assertFalse(self.env["mail.message"].sudo().search([("message_id", "=", action.message_id)]).notification_ids)

    def test_r10_an_unknown_mail_is_sent_again_once_at_most(self):
        self.company.collection_resend_unknown = True
        action, seen = self._contact(), []
        for attempt in (1, 2):
            self.env.cr.execute("UPDATE collection_action SET state = 'sending', attempt = %s, worker = 'gone', claimed_at = %s WHERE id = %s",
                                (attempt, fields.Datetime.now() - timedelta(minutes=16), action.id))
            self.env.invalidate_all()
            self.env["collection.outbox"].sudo()._reap()
            seen.append(action.state)
        self.assertEqual(seen, ["ready", "unknown"])

    def test_r10_without_the_companys_wish_an_unknown_mail_is_never_sent_again(self):
        action = self._contact()
        self.env.cr.execute("UPDATE collection_action SET state = 'sending', attempt = 1, worker = 'gone', claimed_at = %s WHERE id = %s",
                            (fields.Datetime.now() - timedelta(minutes=16), action.id))
        self.env.invalidate_all()
        for _night in range(2):
            self.env["collection.outbox"].sudo()._reap()
        self.assertEqual(action.state, "unknown")
        self.assertEqual(len(self._profile().activity_ids), 1, "one person is asked once")

    @mute_logger("odoo.addons.mail.models.mail_mail")
    def test_r11_each_attempt_waits_longer_and_the_last_one_fails(self):
        action, waits = self._contact(), []
        while action.state != "failed" and len(waits) < 10:
            begun = fields.Datetime.now()
            self._refused(action, "451 try again")
            if action.state == "retry":
                self._refused(action, "250 not asked before its time")
                waits.append(round((action.not_before - begun) / timedelta(minutes=1)))
                self._due_again(action)
        self.assertEqual(waits, [5, 15, 60, 240, 1440])
        self.assertEqual((action.state, len(BACKOFF)), ("failed", 5))

    def test_r12_buttons_talk_to_no_server(self):
        self._policy("By hand", [(1, {"needs_approval": True})])
        actions = self._contact()
        actions.sudo().write({"state": "planned"})
        asked = []
        refuse = lambda *args, **kwargs: asked.append(args)  # noqa: E731
        with patch.object(IrMail_Server, "_connect__", refuse), patch.object(IrMail_Server, "send_email", refuse), \
                patch.object(IrMail_Server, "_disable_send", classmethod(lambda cls: False)), patch.object(SmsApi, "_send_sms_batch", refuse):
            actions.action_approve()
            self.env["collection.run.wizard"].create({"company_id": self.company.id, "profile_ids": [Command.set(self._profile().ids)]}).action_preview()
            actions.sudo().write({"state": "failed"})
            actions.action_retry()
        self.assertFalse(asked)
        self.assertEqual(actions.state, "ready")

    def test_r12_buttons_wake_the_job(self):
        actions = self._contact()
        actions.sudo().write({"state": "planned"})
        cron = self.env.ref("account_credit_collection.ir_cron_collection_perform")
        triggers = self.env["ir.cron.trigger"].sudo().search([("cron_id", "=", cron.id)])
        actions.action_approve()
        self.assertTrue(self.env["ir.cron.trigger"].sudo().search([("cron_id", "=", cron.id)]) - triggers)

    def test_r13_a_text_message_has_one_identity_and_one_request(self):
        level = self._policy("By text", [(1, {"channels": ("sms",)})])
        self.company.collection_policy_id = level
        self.customer.phone = "+32470123456"
        action, batches = self._contact(), []

        def crash(api, messages, **_kwargs):
            batches.append([number["uuid"] for message in messages for number in message["numbers"]])
            raise ValueError("the answer never came")
        with patch.object(SmsApi, "_send_sms_batch", crash), self.smtp():
            self._perform()
            first = action.sms_uuid
            self.assertEqual(action.state, "unknown")
            self._perform()
            self.assertEqual(len(batches), 1, "what is unknown is not sent again by itself")
            action.action_retry()
            self._perform()
        self.assertEqual(batches, [[first], [first]])

    def test_r15_a_damaged_attachment_does_not_leave(self):
        action = self._contact()
        file = self.env["ir.attachment"].sudo().create({"name": "copy.pdf", "raw": b"%PDF-1.4 whole", "res_model": action._name, "res_id": action.id})
        action.sudo().attachment_ids = file
        for damage in ("UPDATE ir_attachment SET checksum = 'other' WHERE id = %s", "UPDATE ir_attachment SET store_fname = 'no/where', db_datas = NULL WHERE id = %s"):
            with self.subTest(damage), mute_logger("odoo.addons.base.models.ir_attachment"):
                self.env.cr.execute(damage, (file.id,))
                self.env.invalidate_all()
                with self.smtp() as sink:
                    self._perform()
                self.assertFalse(sink.mails)
                self.assertEqual((action.state, action.reason), ("retry", "attachment_damaged"))
                self._due_again(action)

    def test_r15_what_another_worker_is_writing_is_not_taken_away(self):
        """Half a file of a minute ago was cut off; half a file of now may be one that grows."""
        files = self.env["ir.attachment"].sudo()
        raw = b"%PDF-1.4 written by two"
        path = files._full_path(files.create({"name": "one.pdf", "raw": raw}).store_fname)
        self.addCleanup(Path(path).unlink, missing_ok=True)
        Path(path).write_bytes(raw[:8])
        with self.assertRaises(UserError):
            files.create({"name": "two.pdf", "raw": raw})
        self.assertEqual(Path(path).read_bytes(), raw[:8])
        os.utime(path, (time.time() - 61, time.time() - 61))
        self.assertTrue(files.create({"name": "two.pdf", "raw": raw})._is_whole())

    def test_r18_the_first_good_address_wins(self):
        """Marked contact, invoice address, company; a blacklisted or bounced one is passed over."""
        invoice = self._customer("Bookkeeping", is_company=False, parent_id=self.customer.id, type="invoice", email="books@customer.example")
        marked = self._customer("Marked", is_company=False, parent_id=self.customer.id, type="contact", email="marked@customer.example",
                                collection_contact=True)
        found = []
        for spoil in (marked, invoice, self.customer, None):
            recipients = self.env["collection.reader"]._read_recipients(self.customer.ids)[self.customer.id]
            usable = recipients.usable.get("email")
            found.append(usable and usable.address)
            if spoil:
                self.env["mail.blacklist"].sudo()._add(spoil.email)
        self.assertEqual(found, ["marked@customer.example", "books@customer.example", "northwind@customer.example", None])

    def test_r102_planned_in_time_and_late_in_the_queue_it_waits_for_the_morning(self):
        self.policy.write({"hour_from": 8, "hour_to": 18})
        self.customer.tz = "Asia/Tokyo"
        with freeze_time("2026-11-18 08:59:00"):  # a minute before six in Tokyo
            self.today = self.company._collection_today()
            action = self._contact()
            self.assertEqual((action.state, action.not_before), ("ready", False))
        outbox = self.env["collection.outbox"].sudo()
        with freeze_time("2026-11-18 09:00:00"):
            checked = outbox._check(action.browse(outbox._claim(9)), {})
            self.assertEqual((len(checked), action.state, action.not_before), (0, "ready", datetime(2026, 11, 18, 23, 0)))

    # ------------------------------------------------------------------ jobs and the ledger

    def test_r20_every_job_runs_as_the_system(self):
        jobs = self.env["ir.model.data"].sudo().search([("module", "=", "account_credit_collection"), ("model", "=", "ir.cron")])
        crons = self.env["ir.cron"].sudo().with_context(active_test=False).browse(jobs.mapped("res_id"))
        self.assertGreater(len(crons), 8)
        self.assertEqual(crons.user_id, self.env.ref("base.user_root"))

    def test_r24_five_times_at_most(self):
        """What another process keeps getting in between of is given up after the fifth time, and the error is told."""
        job, tried = self.env["collection.job"], []

        def work():
            tried.append(len(tried))
            raise SerializationFailure("another worker got in between")
        with patch.object(collection_job.odoo_module, "current_test", False), patch.object(self.env.cr, "rollback", lambda: None), \
                patch.object(collection_job.time, "sleep", lambda seconds: None), self.assertRaises(SerializationFailure):
            job._retrying(work)
        self.assertEqual(len(tried), 5)

    def test_r28_the_database_refuses_a_second_automatic_run_of_a_day(self):
        values = {"company_id": self.company.id, "run_date": self.today, "kind": "auto"}
        self.env["collection.run"].sudo().create(values)
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation), self.env.cr.savepoint():
            self.env["collection.run"].sudo().create(values)
        self.env["collection.run"].sudo().create({**values, "kind": "manual"})

    def test_r46_r50_who_is_excluded_or_stopped_is_silent_at_the_check_too(self):
        for field, value, reason in (("excluded", True, "excluded"), ("paused_until", self.today + timedelta(days=3), "paused")):
            with self.subTest(field):
                customer = self._customer(f"Silent {field}")
                self._invoice(10, partner=customer)
                action = self._run().action_ids.filtered(lambda one, customer=customer: one.partner_id == customer)
                self.assertEqual(action.state, "ready")
                self._profile(customer).sudo().write({field: value})
                with self.smtp() as sink:
                    self._perform()
                self.assertFalse([mail for mail in sink.mails if mail.envelope_to == [customer.email]])
                self.assertEqual((action.state, action.reason), ("cancelled", reason))

    def test_r57_nothing_goes_with_a_customer_or_an_invoice(self):
        """A row of ours holds what it is about: the database refuses to delete it (entries may be rewritten: null, the name stays)."""
        self.env.cr.execute("""
            SELECT c.conrelid::regclass::text, a.attname, c.confdeltype FROM pg_constraint c
              JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
             WHERE c.contype = 'f' AND c.confrelid::regclass::text IN ('res_partner', 'res_company', 'res_users', 'account_move')
               AND c.conrelid::regclass::text ~ '^(collection|credit)_' AND c.confdeltype = 'c'""")
        ours = {model._table for model in self.env.registry.values() if not model._abstract and not model._transient}
        self.assertEqual({row[:2] for row in self.env.cr.fetchall() if row[0] in ours}, PERSONAL)

    def test_r58_a_run_takes_no_customer_of_another_company(self):
        other = self.setup_other_company(name="Cousin Ltd")["company"]
        theirs = self.env["credit.profile"].sudo()._ensure(other, self.customer)
        self._invoice(10)
        run = self.env["collection.run"].sudo().create({"company_id": self.company.id, "run_date": self.today, "kind": "manual"})
        run._process(theirs + self._profile())
        self.assertEqual(run.action_ids.profile_id, self._profile())
        self.assertFalse(theirs.evaluated_on)

    def test_r71_a_contact_that_was_sent_is_not_sent_again(self):
        sent = self._sent(self._run_of_one()).action_ids.sudo()
        for state in ("ready", "planned", "checking", "sending", "retry", "cancelled"):
            with self.subTest(state), self.assertRaises(UserError):
                sent._transition(state)
        self.assertEqual(sent.state, "sent")
