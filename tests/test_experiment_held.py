from datetime import timedelta

from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_experiment import ExperimentCommon


@tagged("post_install", "-at_install")
class TestExperimentHeld(ExperimentCommon):
    """What an experiment changes for its customers, from the moment they enter until it is over."""

    def _entered(self, arm, before=None, **values):
        """A running experiment and a customer that entered it last night; ``before`` does something before it enters."""
        record = self._experiment(**values)
        partner = self._drawn(record, arm)
        self._invoice(1, partner=partner)
        planned = before(partner) if before else None
        self._night(0)
        self.assertEqual(self._member(partner).arm, arm)
        return record, partner, planned

    def _planned(self, partner, **level):
        """The contact that today's run makes with a customer, before it enters."""
        self.policy.level_ids.filtered(lambda level: level.offset_days == 1).write(level)
        return self._run().action_ids.filtered(lambda action: action.partner_id == partner)

    # ------------------------------------------------------------------ held out

    def test_what_waited_for_approval_is_called_off_when_the_customer_is_held_out(self):
        _record, _partner, action = self._entered("holdout", lambda partner: self._planned(partner, needs_approval=True))
        self.assertEqual((action.state, action.reason), ("cancelled", "held_out"))

    def test_a_letter_waiting_to_be_printed_is_called_off_too(self):
        def waiting(partner):
            self.policy.level_ids.channel_ids.filtered(lambda row: row.level_id.offset_days == 1).channel = "letter"
            action = self._planned(partner)
            action._transition("checking")
            action._transition("waiting")
            return action
        _record, _partner, action = self._entered("holdout", waiting)
        self.assertEqual((action.channel, action.state, action.reason), ("letter", "cancelled", "held_out"))

    def test_what_was_decided_just_before_it_entered_does_not_leave_any_more(self):
        _record, partner, _none = self._entered("holdout")
        member = self._member(partner)
        member.sudo().is_live = False
        action = self._run().action_ids.filtered(lambda action: action.partner_id == partner)
        self.assertEqual(action.state, "ready")
        member.sudo().is_live = True
        self.env["collection.outbox"]._reconfirm(action, {})
        self.assertEqual((action.state, action.reason), ("cancelled", "held_out"))

    def test_who_is_held_out_is_not_on_the_worklist_and_the_call_screen_says_so(self):
        record = self._experiment()
        partner = self._drawn(record, "holdout")
        self._invoice(40, 5000, partner=partner)
        profile = self._profile(partner)
        self._night(0)  # an old invoice lets nobody enter
        self.assertTrue(profile.work_band)
        self._invoice(1, 80, partner=partner)
        self._night(0)
        self.assertEqual(self._member(partner).arm, "holdout")
        self.assertFalse(profile.work_band)
        desk = self.env["collection.desk"].with_company(self.company)
        self.assertIn("Held out by an experiment", desk.load_customer(profile.id)["held_out"])
        record.action_stop()
        self.assertTrue(profile.work_band, "back at once")
        self.assertFalse(desk.load_customer(profile.id)["held_out"])

    # ------------------------------------------------------------------ the end

    def test_what_the_challenger_has_ready_is_called_off_when_the_experiment_is_stopped(self):
        record, partner, _none = self._entered("challenger")
        action = self._run(2).action_ids.filtered(lambda action: action.partner_id == partner)
        self.assertEqual((action.policy_id, action.state), (self.challenger, "ready"))
        record.action_stop()
        self.assertEqual(action.state, "cancelled")
        self.assertIn("The experiment “Test” is over", action.reason_text)

    # ------------------------------------------------------------------ what it relies on

    def test_some_customers_stay_with_what_is_in_force(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self._experiment(challenger_share=90, holdout_share=10)
        record = self._experiment(challenger_share=90, holdout_share=9)
        record.arm_ids.filtered(lambda row: row.arm == "champion").sudo().unlink()
        self.assertFalse(record.verdict)

    def test_the_challenger_stays_as_it_is_while_it_is_tried_out(self):
        record, level = self._experiment(), self.challenger.level_ids[0]
        self.assertIn("The experiment “Test” tries this policy out", self.challenger.experiment_note)
        for change in (lambda: self.challenger.write({"active": False}), lambda: self.challenger.write({"gap_days": 9}),
                       lambda: level.write({"offset_days": 4}), lambda: level.channel_ids.write({"channel": "sms"}),
                       lambda: self._level(self.challenger, 40), level.unlink, level.channel_ids.unlink):
            with self.assertRaisesRegex(UserError, "The experiment “Test” tries “Gentle” out"), self.cr.savepoint():
                change()
        self.challenger.name = "Softer"
        level.name = "A word"
        record.action_stop()
        self.challenger.active = False
        self.assertFalse(self.challenger.experiment_note)

    def test_a_preview_for_the_challenger_shows_the_customers_that_drew_it(self):
        _record, partner, _none = self._entered("challenger")
        other = self._customer("Champion's")
        self._invoice(1, partner=other)
        wizards = self.env["collection.run.wizard"]
        shown = {policy: wizards.create({"company_id": self.company.id, "policy_ids": policy.ids})._profiles().partner_id
                 for policy in (self.policy, self.challenger)}
        self.assertEqual(shown, {self.policy: other, self.challenger: partner})

    # ------------------------------------------------------------------ what counts

    def _paid_after(self, days_late=1, **payment):
        """The member of a customer that entered today and paid afterwards."""
        record = self._experiment()
        record.sudo().started_on = self._due(40)
        invoice = self._invoice(days_late, 100)
        self._night(0)
        self._pay(invoice, **payment)
        self._night(21)
        return record.member_ids

    def test_money_that_came_before_it_entered_but_was_booked_later_cures(self):
        member = self._paid_after(5, on=self._due(2))
        self.assertEqual((member.cured_on, member.paid_amount, member.is_judged, member.left_code), (self._due(2), 100, True, False))

    def test_what_was_paid_on_the_due_day_was_not_overdue_after_all_and_does_not_count(self):
        member = self._paid_after(5, on=self._due(5))
        self.assertEqual((member.left_code, member.cured_on, member.left_on), ("not_overdue", False, self.today + timedelta(days=21)))
        self.assertEqual(sum(member.experiment_id.arm_ids.mapped("member_count")), 0)

    def test_what_was_paid_before_it_entered_does_not_count_as_paid_since(self):
        record = self._experiment()
        invoice = self._invoice(1, 100)
        self._pay(invoice, 40, on=self._due(1))
        self._night(0)
        self.assertEqual((record.member_ids.amount, record.member_ids.paid_before), (60, 40))
        self._night(1)
        self.assertEqual(record.member_ids.paid_amount, 0)
        self._pay(invoice, 60)
        self._night(2)
        self.assertEqual((record.member_ids.paid_amount, record.member_ids.cured_on), (60, self.today))

    def test_money_booked_late_counts_as_long_as_the_experiment_runs(self):
        record = self._experiment()
        invoice = self._invoice(1, 100)
        self._night(0)
        self._night(30)
        self.assertEqual((record.member_ids.is_judged, record.member_ids.cured_on), (True, False))
        self._pay(invoice)
        self._night(31)
        self.assertEqual(record.member_ids.cured_on, self.today)

    def test_who_is_treated_otherwise_counts_as_drawn_and_the_verdict_says_so(self):
        record = self._experiment()
        partners = {arm: self._drawn(record, arm) for arm in ("champion", "challenger")}
        for partner in partners.values():
            self._invoice(1, partner=partner)
        self._night(0)
        profile = self._profile(partners["challenger"])
        profile.policy_id = self.policy
        self._night(5)
        profile.policy_id = False
        self._night(21)
        self._profile(partners["champion"]).excluded = True  # after it was seen through
        self._night(22)
        arms, member = {row.arm: row for row in record.arm_ids}, self._member(partners["challenger"])
        self.assertEqual((member.left_code, member.left_on), ("own_policy", self.today + timedelta(days=5)))
        self.assertEqual((arms["challenger"].judged_count, arms["challenger"].left_count, arms["champion"].left_count), (1, 1, 0))
        self.assertIn("treated otherwise than drawn, and count as drawn: 1", arms["challenger"].verdict)
        self.assertFalse(arms["holdout"].left_count)

    # ------------------------------------------------------------------ what is to be expected

    def test_the_proposed_rate_counts_customers_and_money_as_the_experiment_does(self):
        credited, paid = self._customer("Credited"), self._customer("Paid")
        for partner in (credited, paid):
            self._invoice(30, partner=partner)
        self._invoice(28, partner=paid)
        refund = self._invoice(28, partner=credited, move_type="out_refund", post=False)
        refund.invoice_date = refund.date = self._due(28)
        refund.action_post()
        (self._item(refund) + self._item(self.env["account.move"].search([("partner_id", "=", credited.id), ("move_type", "=", "out_invoice")]))).reconcile()
        for invoice in self.env["account.move"].search([("partner_id", "=", paid.id)]):
            self._pay(invoice, on=self._due(20))
        # two customers; one was let off by a credit note, one paid (and has two invoices)
        self.assertEqual(self._experiment(start=False).base_rate, 50)

    def test_customers_that_a_running_experiment_takes_are_not_to_be_expected(self):
        for name in ("One", "Two"):
            self._invoice(10, partner=self._customer(name))
        segment = self.env["credit.segment"].create({"name": "Key", "company_id": self.company.id, "is_draft": False})
        first = self._experiment(name="First", segment_ids=segment.ids)
        second = self._experiment(name="Second", start=False)
        self.assertEqual(second.expected_count, 2)
        profile = self.env["credit.profile"].search([("partner_id.name", "=", "One"), ("company_id", "=", self.company.id)])
        profile._write_snapshot([{"segment_id": segment.id}])
        second.invalidate_recordset()
        self.assertEqual(second.expected_count, 1)
        self.assertIn("“First” is running and takes customers first", second.size_warning)
        first.action_stop()
        second.invalidate_recordset()
        self.assertEqual(second.expected_count, 2)

    def test_where_all_customers_are_taken_nobody_is_to_be_expected_and_who_is_in_one_is_in_no_other(self):
        self._invoice(10)
        self._invoice(1, partner=self._customer("Entered"))
        first = self._experiment(name="First")
        second = self._experiment(name="Second", start=False)
        self.assertEqual(second.expected_count, 0)
        first.sudo().segment_ids = self.env["credit.segment"].create({"name": "Key", "company_id": self.company.id, "is_draft": False})
        second.invalidate_recordset()
        self.assertEqual(second.expected_count, 2)
        first.sudo().segment_ids = False
        self._night(0)
        self.assertEqual(first.member_ids.profile_id.partner_id.name, "Entered")
        first.sudo().segment_ids = self.env["credit.segment"].search([("name", "=", "Key"), ("company_id", "=", self.company.id)])
        second.invalidate_recordset()
        self.assertEqual(second.expected_count, 1)

    def test_the_telephone_reads_sentences(self):
        record, partner, _none = self._entered("challenger")
        self.assertRegex(record.summary, r"^Until .*, customers so far: 1$")
        self.assertRegex(self._member(partner).summary, r"^INV/.*, in since .*: .*0\.00 of .*100\.00 paid$")
        row = record.arm_ids.filtered(lambda row: row.arm == "challenger")
        self.assertEqual(row.cured_text, "Paid in time: 0 of 0 customers seen through")
