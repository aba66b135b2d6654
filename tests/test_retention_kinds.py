from unittest.mock import patch

from dateutil.relativedelta import relativedelta

from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .test_retention import RetentionCommon

JOB = "odoo.addons.account_credit_collection.models.collection_retention_job"


@tagged("post_install", "-at_install")
class TestRetentionKinds(RetentionCommon):
    """Each kind of data by itself: what an open claim needs is kept, the rest goes, and the ledger is what it was."""

    def _dispute(self, invoice):
        dispute = self.env["collection.dispute"].sudo().create({"profile_id": self._profile().id, "item_id": self._item(invoice).id, "reason": "Broken"})
        file = self.env["collection.dispute.file"].sudo().create({"dispute_id": dispute.id, "name": "dispute-1.pdf", "file": "QQ=="})
        self.env.flush_all()
        self.env.cr.execute(SQL("UPDATE collection_dispute SET state = 'closed', closed_on = %s WHERE id = %s", self.today, dispute.id))
        self.env.invalidate_all()
        return dispute, file

    def _call(self, **values):
        return self.env["collection.call"].sudo().create({
            "profile_id": self._profile().id, "user_id": self.env.uid, "called_at": f"{self.today} 10:00:00", "day": self.today, "number": "+32 1",
            "note": "Refuses to pay", "outcome": "callback", **values})

    def _ledger(self):
        self.env.flush_all()
        return self.env.execute_query(SQL(
            """SELECT (SELECT md5(string_agg(m::text, '|' ORDER BY id)) FROM account_move m),
                      (SELECT md5(string_agg(l::text, '|' ORDER BY id)) FROM account_move_line l)"""))

    # ------------------------------------------------------------------ an open claim

    def test_evidence_of_an_open_claim_is_kept(self):
        invoice = self._invoice(10)
        dispute, file = self._dispute(invoice)
        call = self._call()
        request = self.env["collection.request"].sudo().create({
            "profile_id": self._profile().id, "currency_id": invoice.currency_id.id, "item_ids": self._item(invoice).ids, "amount": 100.0, "parts": 2,
            "first_on": self.today, "made_on": self.today, "note": "In two parts, please", "state": "refused"})
        self._purge(months=60)
        self.assertEqual((dispute.reason, call.note, request.note), ("Broken", "Refuses to pay", "In two parts, please"))
        self.assertTrue(file.exists())
        self._pay(invoice)
        ledger = self._ledger()
        self._purge(months=60)
        self.assertFalse(dispute.reason or call.note or request.note or file.exists())
        self.assertEqual(self._ledger(), ledger)

    def test_what_is_owed_since_keeps_no_old_call(self):
        call = self._call()
        invoice = self._invoice(10)
        invoice.line_ids.flush_recordset()
        self.env.cr.execute(SQL("UPDATE account_move_line SET date = %s WHERE move_id = %s", self.today + relativedelta(months=30), invoice.id))
        self.env.invalidate_all()
        self._purge(months=37)
        self.assertFalse(call.note, "a customer that buys on owes something all the time")

    # ------------------------------------------------------------------ relations, notes, payments

    def test_rows_about_people_go_after_their_time(self):
        profile = self._profile()
        touch = self.env["collection.touch"].sudo().create({
            "partner_id": self.customer.id, "company_id": self.company.id, "kind": "visit", "day": self.today, "note": "At the fair"})
        greeting = self.env["collection.greeting"].sudo().create({
            "occasion_id": self.env["collection.occasion"].search([], limit=1).id, "profile_id": profile.id, "company_id": self.company.id,
            "contact_id": self.customer.id, "day": self.today, "leaves_on": self.today, "year": self.today.year, "channel": "email", "state": "sent"})
        thanks = self.env["collection.thanks"].sudo().create({
            "profile_id": profile.id, "paid_on": self.today, "sent_on": self.today, "sent_to": "zoe@zebra.example", "paid": {"EUR": 1}})
        self._purge(months=36)
        self.assertTrue(touch.exists() and greeting.exists() and thanks.sent_to)
        self._purge(months=36, days=1)
        self.assertFalse(touch.exists() or greeting.exists() or thanks.sent_to or thanks.paid)
        self.assertEqual(thanks.sent_on, self.today)

    def test_what_belongs_to_a_branch_goes_too(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        stored = self._rule("touch").stored_count
        touch = self.env["collection.touch"].sudo().create({
            "partner_id": self.customer.id, "company_id": branch.id, "kind": "visit", "day": self.today})
        self.env.invalidate_all()
        self.assertEqual(self._rule("touch").stored_count - stored, 1)
        self._purge(months=37)
        self.assertFalse(touch.exists())

    def test_notes_that_name_an_address_go_with_the_contacts(self):
        profile = self._profile()
        mail = profile._message_log(body="Mail to zoe@zebra.example: Statement", message_type="email_outgoing")
        note = profile._message_log(body="Paused by the manager")
        invoice = self._invoice(10)
        self._purge(months=37)
        self.assertTrue(mail.exists(), "the invoice of that time is still owed")
        self._pay(invoice)
        self._purge(months=37)
        self.assertEqual((mail.exists(), note.exists()), (mail.browse(), note))
        self._purge(months=85)
        self.assertFalse(note.exists())

    def test_a_statement_by_mail_leaves_such_a_note(self):
        self._invoice(10)
        profile = self._profile()
        rule = self._rule("mail_note")
        profile.sudo().stop_kind = "deceased"
        self.env["collection.channel"]._queue("collection_mail_template_statement", profile, "en_US", "zoe@zebra.example", ())
        self.env.invalidate_all()
        self.assertEqual(rule._stored().search(rule._domain() & rule._domain_of_company()).filtered(
            lambda note: "zoe@zebra.example" in note.body).mapped("res_id"), profile.ids)

    def test_only_the_note_of_the_text_message_goes(self):
        invoice = self._invoice(10)
        action = self._sent(self._run()).action_ids
        proof = self.customer._message_log(body="Bank account changed after a call back: verified by the CFO")
        note = self.env["collection.channel"]._note(action, "Please pay")
        action.write({"channel": "sms", "body": "Please pay", "sent_at": note.date, "message_id": note.message_id})
        self._pay(invoice)
        self._purge(months=37)
        self.assertFalse(note.exists() or action.body)
        self.assertTrue(proof.exists())

    # ------------------------------------------------------------------ the job

    def test_a_bad_record_stops_no_other_of_its_kind(self):
        calls = self._call() | self._call() | self._call()
        bad = calls[0]
        Rule = self.env.registry["collection.retention.rule"]
        whole = Rule._purge

        def broken(rule, records):
            if rule.code == "call" and bad in records:
                raise ValueError("broken")
            return whole(rule, records)

        with patch.object(Rule, "_purge", broken), patch(f"{JOB}.BATCH", 2), mute_logger(JOB):
            self._purge(months=37)
        self.assertEqual([bool(call.note) for call in calls], [True, False, False])
        beat = self.env["collection.heartbeat"].search([("job", "=", "retention")])
        self.assertIn(f"call of company {self.company.id}: 1 ({bad.id})", beat.last_error)

    def test_reasons_are_told_in_the_words_of_the_reader_and_of_the_kind(self):
        contact, touch = self._rule("contact"), self._rule("touch")
        self.assertIn("commercial letters", contact.basis_note)
        self.assertNotEqual(touch.basis_note, contact.basis_note)
        contact.basis = "law"
        self.assertIn("tax law", contact.basis_note)
        contact.basis_note = "HGB 257"
        contact.basis = "contract"
        self.assertEqual(contact.basis_note, "HGB 257")
