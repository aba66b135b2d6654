from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from .handover import HandoverCommon


@tagged("post_install", "-at_install")
class TestHandoverSilence(HandoverCommon):
    """What is about to leave is silent for some days only, and for nothing that silences it already."""

    def _forgotten(self, *invoices, days=31):
        record = self._approved(*invoices)
        record.sudo().approved_on = self._due(days)
        return record

    def _night(self):
        self.env["collection.handover"]._judge_all(self._profile(), self.today)

    def _asked(self, words):
        return self._profile().activity_ids.filtered(lambda one: words in (one.summary or ""))

    def test_other_reasons_to_be_silent_stand(self):
        """Thirty days of the handover are over; each of these lasts."""
        left_out, promised, offered, free = (self._invoice(120, 600) for _number in range(4))
        self._forgotten(left_out, promised, offered, free)
        self._item(left_out).no_followup = True
        self._promise(promised, in_days=5)
        self.env["collection.settlement"]._make(self._profile(), self._items(offered), 300, self.today + timedelta(days=5), "x").action_offer()
        self.assertEqual(self._pauses(left_out, promised, offered, free), ["no_followup", "promise", "settlement", None])

    def test_a_blocked_invoice_stays_blocked(self):
        invoice = self._invoice(120, 600)
        self._forgotten(invoice)
        invoice.payment_state = "blocked"
        self.assertEqual(self._pauses(invoice), ["blocked"])

    def test_what_silences_it_today_goes_before(self):
        invoice = self._invoice(120, 600)
        self._approved(invoice)
        self._promise(invoice, in_days=5)
        self.assertEqual(self._pauses(invoice), ["promise"])

    def test_handed_over_goes_before_everything(self):
        invoice = self._invoice(120, 600)
        self._handed(invoice)
        self._item(invoice).no_followup = True
        self.assertEqual(self._pauses(invoice), ["handed_over"])

    def test_a_manager_is_asked_before_the_silence_ends(self):
        """30 days from the approval: eight days before the end nothing, seven days before it once."""
        record = self._forgotten(self._invoice(120, 600), days=22)
        self._night()
        self.assertFalse(self._asked("is silent until"))
        record.sudo().approved_on = self._due(23)
        self._night()
        self._night()
        self.assertEqual(self._asked("is silent until").mapped("user_id.login"), [self._manager().login])

    def _manager(self):
        users = self.env.ref("account_credit_collection.group_manager").all_user_ids
        return users.filtered(lambda user: user.active and self.company in user.company_ids and user != self.env.ref("base.user_root"))[:1]

    def test_after_the_letter_as_well(self):
        record = self._over(self._announced(self._invoice(120, 600)))
        record.sudo().deadline = self._due(23)
        self._night()
        self.assertTrue(self._asked("is silent until"))


@tagged("post_install", "-at_install")
class TestHandoverLetter(HandoverCommon):
    """Nobody is handed over whose last letter never left."""

    def _gone(self, record):
        record.sudo().deadline = self._due(1)
        return record

    def test_a_mail_that_waits_or_failed_is_no_letter(self):
        record = self._gone(self._announced(self._invoice(120, 600)))
        with self._refused("waits to be sent"):
            record._hand_over(None)
        self._letter(record).state = "exception"
        with self._refused("failed: print the letter"):
            record._hand_over(None)
        self._letter(record).sudo().unlink()  # sent: core deletes it
        record._hand_over(None)
        self.assertEqual(record.state, "handed")

    def test_on_paper_the_days_begin_when_it_is_printed(self):
        self.customer.email = False
        record = self._gone(self._announced(self._invoice(120, 600)))
        with self._refused("print the last letter"):
            record._hand_over(None)
        record.with_user(self.collector).action_print()
        self.assertRecordValues(record, [{"printed_on": self.today, "deadline": self.today + timedelta(days=14)}])
        with self._refused("may still pay"):
            record._hand_over(None)
        self._gone(record)
        record.action_print()
        self.assertEqual(record.deadline, self._due(1), "printing it once more changes nothing")
        record._hand_over(None)
        self.assertEqual(record.state, "handed")

    def test_a_letter_that_is_called_off_has_not_left(self):
        record = self._announced(self._invoice(120, 600))
        self.env["collection.channel"]._unqueue(self._profile())
        with self._refused("print the last letter"):
            self._gone(record)._hand_over(None)

    def test_reminders_are_named_where_there_were_some(self):
        invoice = self._invoice(120, 600)
        record = self._approved(invoice)
        self.assertEqual(record.mail_opening, "these amounts are open:")
        record._cancel("x")
        self._sent(self._run())
        record = self._announced(invoice)
        self.assertEqual(record.mail_opening, "in spite of our reminders these amounts are open:")
        self.assertIn("in spite of our reminders", self._letter(record).body_html)
        html = self.env["ir.actions.report"].sudo()._render_qweb_html(record._document_report, record.ids)[0].decode()
        self.assertIn("in spite of our reminders", html)


@tagged("post_install", "-at_install")
class TestHandoverRights(HandoverCommon):
    """What holds on the day of the approval must hold on the day it leaves."""

    def test_not_to_an_agency_that_was_archived_or_changed(self):
        record = self._approved(self._invoice(120, 600))
        self.agency.active = False
        with self._refused("is archived"):
            record.action_announce()
        self.agency.active = True
        self._over(record.action_announce() or record)
        self.agency.country_ids = self.env.ref("base.fr")
        with self._refused("does not collect in Belgium"):
            record._hand_over(None)
        self.agency.country_ids = False
        self.agency.company_id = self.env["res.company"].create({"name": "Elsewhere"})
        with self.assertRaises(UserError):
            record._hand_over(None)

    def test_a_debt_is_not_approved_in_slices(self):
        self.env["credit.authority"].search([("company_id", "=", self.company.id)]).amount = 1000
        self._approved(self._invoice(120, 900))
        second = self._proposed(self._invoice(110, 900))
        with self._refused("1,800.00 is beyond what you may approve"):
            second._approve(self.agency, 0, None)

    def test_the_file_number_is_of_what_the_agency_has(self):
        record = self._handed(self._invoice(120, 600))
        record.with_user(self.collector)._write_note("status", "A new number", "NC-78")
        self.assertEqual(record.reference, "NC-78")
        record._recall("x")
        with self._refused("file number"):
            record.with_user(self.collector)._write_note("note", "Another", "NC-79")
        record.with_user(self.collector)._write_note("note", "They rang", "NC-78")
