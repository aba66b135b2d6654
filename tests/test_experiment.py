from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ..engine import experiment
from .common import CollectionCommon


class ExperimentCommon(CollectionCommon):
    """Experiments and the customers that they draw."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.challenger = cls._policy("Gentle", [(3, {}), (25, {})])

    def _experiment(self, start=True, **values):
        record = self.env["collection.experiment"].create({
            "name": "Test", "company_id": self.company.id, "challenger_id": self.challenger.id, "challenger_share": 50, "holdout_share": 10,
            "cure_days": 20, "ends_on": self.today + timedelta(days=60), **values})
        if start:
            record.action_start()
        return record

    def _drawn(self, record, arm):
        """A new customer that this experiment puts into an arm."""
        while True:
            partner = self._customer(f"{arm} {self.env['res.partner'].search_count([])}")
            if record._decide_arm(partner) == arm:
                return partner

    def _night(self, days=1):
        """The nightly look as of so many days from today."""
        day = self.today + timedelta(days=days)
        profiles = self.env["credit.profile"].search([("company_id", "=", self.company.id)])
        profiles._refresh(self.company, day)
        self.env["collection.experiment"].sudo()._pass_night(self.company, day)

    def _member(self, partner):
        return self.env["collection.experiment.member"].search([("profile_id.partner_id", "=", partner.id)])

    def _next_contact(self, partner, days):
        """The level of the contact, or the reason for silence, of a customer so many days from today."""
        profile, day = self._profile(partner), self.today + timedelta(days=days)
        [(_profile, _policy, decision)], _gathered = self.env["collection.run"]._decide_batch(self.company, profile, day)
        return decision.contact.level.offset if decision.contact else decision.reason


@tagged("post_install", "-at_install")
class TestExperiment(ExperimentCommon):
    """Customers drawn by lot: who enters, what they get, and what it tells."""

    # ------------------------------------------------------------------ entering

    def test_customers_enter_with_the_first_invoice_that_falls_overdue_after_the_start(self):
        record = self._experiment()
        old, due, paid = self._customer("Old"), self._customer("Due"), self._customer("Paid")
        self._invoice(5, partner=old)
        first, _second = self._invoice(0, 80, partner=due), self._invoice(0, 50, partner=due)
        self._pay(self._invoice(0, partner=paid))
        self._night(1)
        self.assertEqual(record.member_ids.profile_id.partner_id, due)
        member = record.member_ids
        self.assertEqual((member.item_id, member.amount, member.entered_on, member.seen_until),
                         (self._item(first), 80, self.today + timedelta(days=1), self.today + timedelta(days=21)))
        self._night(2)
        self.assertEqual(record.member_count, 1)

    def test_who_has_a_policy_of_its_own_or_is_in_another_experiment_stays_out(self):
        record, other = self._experiment(), self._experiment(name="Second")
        own = self._customer("Own")
        for partner in (own, self.customer):
            self._invoice(0, partner=partner)
        self._profile(own).policy_id = self.policy
        self._night(1)
        self.assertEqual(record.member_ids.profile_id.partner_id, self.customer)
        self.assertFalse(other.member_ids)

    def test_only_customers_of_the_chosen_segments(self):
        segment = self.env["credit.segment"].create({"name": "Key", "company_id": self.company.id, "is_draft": False})
        record, other = self._experiment(segment_ids=[Command.set(segment.ids)]), self._customer("Other")
        for partner in (other, self.customer):
            self._invoice(0, partner=partner)
        self._profile(other)._write_snapshot([{"segment_id": segment.id}])
        self._night(1)
        self.assertEqual(record.member_ids.profile_id.partner_id, other)

    def test_a_segment_in_use_is_kept_and_one_archived_before_does_not_open_it_to_everybody(self):
        segment = self.env["credit.segment"].create({"name": "Key", "company_id": self.company.id, "is_draft": False})
        record = self._experiment(segment_ids=[Command.set(segment.ids)], start=False)
        with self.assertRaisesRegex(UserError, "“Test” is about this segment"):
            segment.unlink()
        segment.active = False
        record.invalidate_recordset()
        self.assertEqual(record.segment_ids, segment)
        record.action_start()
        self._invoice(0)
        self._night(1)
        self.assertFalse(record.member_ids)
        segment.active = True
        for change in ({"active": False}, {"is_draft": True}):
            with self.assertRaisesRegex(UserError, "“Test” is about the segment “Key”"):
                segment.write(change)
        record.action_stop()
        segment.active = False

    def test_nobody_enters_who_could_not_be_seen_through(self):
        record = self._experiment()
        self._invoice(-40)
        self._night(41)  # the last day to enter is day 40
        self.assertFalse(record.member_ids)

    # ------------------------------------------------------------------ what they get

    def test_each_arm_gets_what_it_drew_and_all_go_back_at_once_when_it_is_stopped(self):
        record = self._experiment()
        arms = {arm: self._drawn(record, arm) for arm in experiment.ARMS}
        for partner in arms.values():
            self._invoice(0, partner=partner)
        self._night(1)
        self.assertEqual({arm: self._member(partner).arm for arm, partner in arms.items()}, {arm: arm for arm in arms})
        self.assertEqual({arm: self._next_contact(partner, 4) for arm, partner in arms.items()},
                         {"champion": 1, "challenger": 3, "holdout": "held_out"})
        record.action_stop()
        self.assertEqual({self._next_contact(partner, 4) for partner in arms.values()}, {1})
        self.assertEqual((record.state, record.ended_on, record.member_ids.filtered("is_live").ids), ("stopped", self.today, []))

    def test_the_customer_says_why_it_gets_no_reminder(self):
        record = self._experiment()
        partner = self._drawn(record, "holdout")
        self._invoice(0, partner=partner)
        self._night(1)
        self.assertFalse(self._run(4).action_ids.filtered(lambda action: action.partner_id == partner))
        self.assertIn("Held out by an experiment", self._profile(partner).reason)

    def test_a_policy_chosen_by_a_person_goes_before_what_was_drawn(self):
        record = self._experiment()
        partner = self._drawn(record, "holdout")
        self._invoice(0, partner=partner)
        self._night(1)
        self._profile(partner).policy_id = self.policy
        self.assertEqual(self._next_contact(partner, 4), 1)

    def test_it_ends_by_itself_even_when_the_job_is_late(self):
        record = self._experiment()
        partner = self._drawn(record, "holdout")
        self._invoice(0, partner=partner)
        self._night(1)
        self.assertEqual(self._next_contact(partner, 60), "held_out")
        self.assertNotEqual(self._next_contact(partner, 61), "held_out")
        self._night(61)
        self.assertEqual((record.state, self._member(partner).is_live), ("done", False))

    # ------------------------------------------------------------------ what it tells

    def test_a_customer_is_cured_by_money_in_time_and_counts_once_it_is_seen_through(self):
        record = self._experiment()
        record.sudo().started_on = self._due(30)
        partners = [self._customer(name) for name in ("In time", "Late", "Never", "Credited")]
        invoices = [self._invoice(30, 100, partner=partner) for partner in partners]
        self._night(-29)  # all enter and are looked at for 20 days
        self._pay(invoices[0], on=self._due(9))
        self._pay(invoices[1], 40, on=self._due(21))
        self._pay(invoices[1], 60, on=self._due(8))
        credit = self._invoice(25, 100, partner=partners[3], move_type="out_refund", post=False)
        credit.invoice_date = credit.date = self._due(25)
        credit.action_post()
        (self._item(credit) + self._item(invoices[3])).reconcile()
        self._night(-9)
        members = [self._member(partner) for partner in partners]
        self.assertEqual([member.is_judged for member in members], [False] * 4)
        self._night(-8)
        self.assertEqual([member.is_judged for member in members], [True] * 4)
        self.assertEqual([bool(member.cured_on) for member in members], [True, False, False, False])
        self.assertEqual([member.paid_amount for member in members], [100, 40, 0, 0])
        self.assertEqual((sum(record.arm_ids.mapped("cured_count")), sum(record.arm_ids.mapped("paid_amount"))), (1, 140))

    def _with_members(self, counts):
        """A running experiment with so many members judged and cured by arm."""
        record = self._experiment()
        values = []
        for arm, (judged, cured) in counts.items():
            for number in range(judged):
                partner = self._customer(f"{arm}{number}")
                values.append({
                    "experiment_id": record.id, "company_id": self.company.id, "profile_id": self._profile(partner).id, "arm": arm,
                    "entered_on": self.today, "seen_until": self.today, "amount": 10, "paid_amount": 10 if number < cured else 0,
                    "cured_on": self.today if number < cured else False, "is_judged": True, "is_live": True})
        self.env["collection.experiment.member"].sudo().create(values)
        return {row.arm: row for row in record.arm_ids}

    def test_the_result_with_its_uncertainty(self):
        # Newcombe 1998: 56/70 against 48/80 is 20.0 points, between 5.2 and 33.4
        arms = self._with_members({"champion": (80, 48), "challenger": (70, 56)})
        row = arms["challenger"]
        self.assertEqual((row.judged_count, row.cured_count, row.cure_rate, row.paid_rate), (70, 56, 80, 80))
        self.assertEqual([round(part, 1) for part in (row.difference, row.low, row.high)], [20, 5.2, 33.4])
        self.assertEqual(row.verdict, "20.0 points more pay in time; with a certainty of 95 % between 5.2 and 33.4 points more")
        self.assertEqual(arms["holdout"].verdict, "Nobody was looked at long enough yet")
        self.assertEqual((row.experiment_id.verdict, row.experiment_id.holdout_verdict), (row.verdict, arms["holdout"].verdict))

    def test_worse_and_unclear_are_said_as_such(self):
        arms = self._with_members({"champion": (70, 56), "challenger": (80, 48), "holdout": (10, 7)})
        self.assertEqual(arms["challenger"].verdict, "20.0 points fewer pay in time; with a certainty of 95 % between 5.2 and 33.4 points fewer")
        self.assertIn("Not told from chance yet", arms["holdout"].verdict)

    # ------------------------------------------------------------------ how many it takes

    def test_it_says_how_many_customers_it_takes_and_warns_when_they_will_not_come(self):
        record = self._experiment(start=False, base_rate=60, detect_points=10, holdout_share=0)
        self.assertEqual((record.needed_count, record.entry_count), (354, 708))
        self.assertIn("708 customers are needed, but only 0 are to be expected", record.size_warning)
        record.detect_points = 6
        self.assertEqual(record.needed_count, 1013)
        record.detect_points = 50
        self.assertIn("no difference of 50.0 points", record.size_warning)

    def test_customers_to_be_expected_are_those_who_fell_overdue_in_as_many_days(self):
        late, paid_late, prompt = (self._customer(name) for name in ("Late", "Paid late", "Prompt"))
        self._invoice(30, partner=late)
        self._invoice(35, partner=late)
        self._invoice(50, partner=late)
        self._pay(self._invoice(30, partner=paid_late), on=self._due(20))
        self._pay(self._invoice(30, partner=prompt), on=self._due(31))
        record = self._experiment(start=False)  # 40 days for entering
        self.assertEqual(record.expected_count, 2)
        # of two customers whose first invoice was overdue for 20 days, one paid it within them
        self.assertEqual(record.base_rate, 50)

    # ------------------------------------------------------------------ rights and mistakes

    def test_what_has_begun_is_not_changed_and_stays(self):
        record = self._experiment()
        with self.assertRaisesRegex(UserError, "Test has begun"):
            record.with_user(self.env.user).challenger_share = 20
        with self.assertRaisesRegex(UserError, "has begun and stays"):
            record.unlink()

    def test_it_must_leave_time_to_look_at_customers_and_have_a_policy_that_contacts_somebody(self):
        with self.assertRaisesRegex(ValidationError, "nobody could enter"):
            self._experiment(ends_on=self.today + timedelta(days=20))
        with self.assertRaisesRegex(UserError, "“Empty” of Test contacts nobody"):
            self._experiment(challenger_id=self._policy("Empty", []).id)

    def test_only_managers_start_and_stop_and_nobody_writes_a_member(self):
        record = self._experiment()
        partner = self._drawn(record, "holdout")
        self._invoice(0, partner=partner)
        self._night(1)
        collector, manager = (new_test_user(self.env, f"{group}.exp", f"account_credit_collection.group_{group}", company_id=self.company.id,
                                            company_ids=[Command.set(self.company.ids)]) for group in ("collector", "manager"))
        with self.assertRaises(AccessError):
            record.with_user(collector).action_stop()
        with self.assertRaises(AccessError):
            record.with_user(manager).member_ids.write({"cured_on": self.today})
        with self.assertRaises(AccessError):
            record.with_user(manager).write({"state": "done"})
        decided, _gathered = self.env["collection.run"].with_user(collector)._decide_batch(
            self.company, self._profile(partner).with_user(collector), self.today + timedelta(days=4))
        self.assertEqual(decided[0][2].reason, "held_out", "known to whoever decides, who sees no experiment")
        record.with_user(manager).action_stop()
        self.assertEqual(record.state, "stopped")

    def test_a_merged_customer_keeps_one_place(self):
        record, other = self._experiment(), self._customer("Twin")
        for partner in (self.customer, other):
            self._invoice(0, partner=partner)
        self._night(1)
        self.env["base.partner.merge.automatic.wizard"].create({})._merge((self.customer | other).ids, self.customer)
        self.assertEqual(record.member_ids.profile_id.partner_id, self.customer)
