from datetime import timedelta

from odoo.fields import Command
from odoo.tests import tagged

from .handover import HandoverCommon


class ClaimCommon(HandoverCommon):

    def _dispute(self, invoice, amount):
        return self.env["collection.dispute"].create({"item_id": self._item(invoice).id, "amount": amount}).sudo()

    def _told(self):
        """The notes of the tasks to tell the agency."""
        kind = self.env.ref("account_credit_collection.mail_activity_collection_handover_tell")
        return [str(one.note).replace("&nbsp;", "\N{NO-BREAK SPACE}") for one in self._profile().activity_ids.filtered(lambda one: one.activity_type_id == kind).sorted("id")]


@tagged("post_install", "-at_install")
class TestHandoverDisputed(ClaimCommon):
    """What is disputed stays here, and nobody loses sight of it."""

    def test_what_is_disputed_after_the_letter_does_not_leave(self):
        first, second = self._invoice(120, 600), self._invoice(100, 400)
        record = self._announced(first, second)
        dispute = self._dispute(first, 600)
        self._over(record)._hand_over(None)
        self.assertRecordValues(record, [{"claim": 400, "open_amount": 400, "state": "handed"}])
        self.assertEqual((record.line_ids.item_id, self._pauses(first, second)), (self._item(second), [None, "handed_over"]))
        self.assertIn(first.name, record.event_ids.filtered(lambda event: event.kind == "dispute")[:1].text)
        dispute._clear(600, "rejected")
        dispute.sudo().decided_on = self._due(2)
        self.assertEqual(self._proposed(first).claim, 600, "a case of its own")

    def test_all_of_it_disputed_stays(self):
        first, second = self._invoice(120, 600), self._invoice(100, 400)
        record = self._announced(first, second)
        for invoice in (first, second):
            self._dispute(invoice, invoice.amount_total)
        with self._refused("under dispute"):
            self._over(record)._hand_over(None)
        self.assertEqual(len(record.line_ids), 2)

    def test_a_dispute_that_is_cleared_before_the_approval_is_claimed(self):
        invoice = self._invoice(120, 600)
        dispute = self._dispute(invoice, 150)
        record = self._proposed(invoice)
        self.assertEqual(record.claim, 450)
        dispute._clear(150, "rejected")
        dispute.decided_on = self._due(2)
        record._approve(self.agency, 0, None)
        self.assertEqual(record.claim, 600)

    def test_the_claim_is_settled_when_what_was_claimed_is_paid(self):
        invoice = self._invoice(120, 600)
        dispute = self._dispute(invoice, 150)
        record = self._handed(invoice)
        self.assertRecordValues(record, [{"claim": 450, "open_amount": 450}])
        self._sends(record, 450, 0)
        self.assertRecordValues(record, [{"state": "closed", "outcome": "recovered", "recovered": 450, "open_amount": 0}])
        self.assertEqual((invoice.amount_residual, dispute.open_amount, self._pauses(invoice)), (150, 150, [None]))
        self.assertTrue(record.event_ids.filtered(lambda event: "150.00 that was not claimed" in event.text))
        self._pay(invoice, 150, on=self.today + timedelta(days=1))
        self.assertEqual(record.recovered, 450, "that came to us, after the case")

    def test_the_agencys_money_goes_to_what_it_collected(self):
        first, second = self._invoice(120, 600), self._invoice(100, 400)
        self._dispute(first, 150)
        record = self._handed(first, second)
        self._sends(record, 850, 0)
        self.assertEqual([first.amount_residual, second.amount_residual, record.state], [150, 0, "closed"])

    def test_a_credit_for_the_dispute_leaves_the_claim(self):
        invoice = self._invoice(120, 600)
        dispute = self._dispute(invoice, 150)
        record = self._handed(invoice)
        dispute._resolve("credit_note", 150)
        note = dispute.move_ids[:1]
        if note.state == "draft":
            note.action_post()
        self.assertEqual((invoice.amount_residual, record.open_amount, record.state), (450, 450, "handed"))

    def test_a_write_off_leaves_what_is_disputed(self):
        for way in ("credit_note", "bad_debt"):
            with self.subTest(way=way):
                self.company.collection_handover_write_off = way
                invoice = self._invoice(120, 600)
                dispute = self._dispute(invoice, 150)
                record = self._handed(invoice)
                record._write_off("Nothing to seize")
                self.assertRecordValues(record, [{"state": "closed", "written_off": 450, "outcome": "written_off"}])
                self.assertEqual((invoice.amount_residual, dispute.state, dispute.open_amount), (150, "open", 150))

    def test_the_collector_hears_how_a_dispute_ended(self):
        invoice = self._invoice(120, 600)
        dispute = self._dispute(invoice, 150)
        record = self._handed(invoice)
        dispute._clear(150, "rejected")
        self.assertIn("dispute about", self._told()[0])
        self.assertEqual(record.open_amount, 450, "the agency has its claim")
        self._sends(record, 450, 0)
        dispute.decided_on = self._due(2)
        self.assertEqual((record.state, self._proposed(invoice).claim), ("closed", 150))


@tagged("post_install", "-at_install")
class TestHandoverPaid(ClaimCommon):
    """What the customer paid is neither claimed nor kept from the agency."""

    def test_money_on_account_is_matched_first(self):
        invoice = self._invoice(120, 1000)
        record = self._approved(invoice)
        self._on_account(900)
        with self._refused("900.00 of Northwind is on account"):
            record.action_announce()
        record._cancel("x")
        with self._refused("900.00 of Northwind is on account"):
            self._proposed(invoice)

    def test_what_is_on_its_way_is_awaited(self):
        invoice = self._invoice(120, 600)
        record = self._approved(invoice)
        provider = self.env["payment.provider"].sudo().search([("code", "=", "demo")], limit=1)
        if not provider:
            self.skipTest("payment_demo is not installed")
        self.env["payment.transaction"].sudo().create({
            "provider_id": provider.id, "payment_method_id": self.env["payment.method"].sudo().search([], limit=1).id, "amount": 600,
            "currency_id": self.company.currency_id.id, "partner_id": self.customer.id, "reference": "flying", "state": "pending",
            "invoice_ids": [Command.set(invoice.ids)]})
        with self._refused(f"600.00 for {invoice.name} is on its way"):
            record.action_announce()

    def test_a_payment_matched_again_is_no_recovery(self):
        invoice = self._invoice(120, 600)
        payment = self._pay(invoice, 100)
        record = self._handed(invoice)
        self.assertEqual((record.claim, record.recovered), (500, 0))
        lines = payment.move_id.line_ids
        lines.remove_move_reconcile()
        self.assertRecordValues(record, [{"open_amount": 500, "recovered": 0}])
        (lines.filtered(lambda line: line.account_id == self._item(invoice).account_id) + self._item(invoice)).reconcile()
        self.assertRecordValues(record, [{"open_amount": 500, "recovered": 0, "recovered_direct": 0}])
        self._pay(invoice, 500)
        self.assertRecordValues(record, [{"state": "closed", "recovered": 500}])

    def test_the_agency_is_told_what_we_got(self):
        invoice = self._invoice(120, 600)
        record = self._handed(invoice)
        self._pay(invoice, 200)
        self._pay(invoice, 400)
        first, second = self._told()
        self.assertIn("here: $\N{NO-BREAK SPACE}200.00. Open: $\N{NO-BREAK SPACE}400.00", first)
        self.assertIn("here: $\N{NO-BREAK SPACE}400.00. Open: $\N{NO-BREAK SPACE}0.00", second)
        self.assertEqual(record.state, "closed")

    def test_the_agencys_own_money_is_no_news_to_it(self):
        record = self._handed(self._invoice(120, 600))
        self._sends(record, 600, 0)
        self.assertEqual(self._told(), [])

    def test_the_agency_is_told_of_a_recall_and_of_a_write_off(self):
        first, second = self._handed(self._invoice(120, 600)), self._handed(self._invoice(120, 50))
        first._recall("They want to talk")
        second._write_off("Too small")
        self.assertEqual(["They want to talk" in note or "written off" in note for note in self._told()], [True, True])

    def test_a_charge_on_what_is_handed_over_waits_with_it(self):
        invoice = self._invoice(120, 600)
        record = self._handed(invoice)
        bill = self._charge(40)
        self.assertEqual(self._pauses(bill), [None], "about nothing of the case")
        bill.button_draft()
        bill.collection_charge_id.line_ids.sudo().item_id = self._item(invoice)
        bill.action_post()
        self.assertIn(bill.name, self._told()[-1])
        self.assertEqual(self._pauses(invoice, bill), ["handed_over"] * 2)
        self.assertFalse(self._sent(self._run()).action_ids)
        record._recall("They want to talk")
        self.assertEqual(self._pauses(invoice, bill), [None, None], "asked for again")
