"""One customer that cannot be processed among many that can."""
from .world import FaultCase


class TestPoison(FaultCase):
    """What one customer breaks stays with that customer."""

    who = "c007@customer.example"

    def test_a_customer_that_breaks_the_run_is_stopped_after_three_and_the_others_are_planned(self):
        self._poisoned_ledger(50)
        for attempt in (1, 2, 3):
            self.world.next_day()
            run = self.world.start("plan").result()
            self.assertEqual(run["state"], "error", run)
            self.assertIn("1", run["message"])
            self.assertEqual(self._errors(), {self.who: attempt})
            self.assertEqual(self._planned(), 49, "a poison customer must not stop the others")
            self.assertEqual(self.world.activities("mail_activity_collection_task"), {self.who: 1} if attempt == 3 else {})
        self.world.next_day()
        run = self.world.start("plan").result()
        self.assertEqual(run["state"], "done", run)
        self.assertEqual(self._errors(), {self.who: 3})
        reason = self.world.sql("SELECT next_reason FROM credit_profile WHERE error_count > 0")[0].next_reason
        self.assertEqual(reason, "quarantined")
        self.perform()
        self.assertEqual(len(self.sink.mails), 49)

    def test_a_person_who_edits_a_customer_meanwhile_does_not_break_a_poisoned_run(self):
        self._poisoned_ledger(30)
        run = self.world.start("plan", stop_before=("collection.run/_attempt_one", 20))
        run.wait_until_stopped()
        self.world.sql("UPDATE credit_profile SET pause_reason = NULL WHERE partner_id = %s",
                       self.world.customers["c025@customer.example"]["partner"])
        run.go_on()
        self.assertEqual(run.result()["state"], "error")
        self.assertEqual(self._errors(), {self.who: 1})
        self.assertEqual(self._planned(), 29)

    def test_only_errors_in_a_row_stop_a_customer(self):
        self._poisoned_ledger(10)
        self.world.start("plan").result()
        self.assertEqual(self._errors(), {self.who: 1})
        self.world.sql("DELETE FROM collection_action WHERE state = 'sent'")  # somebody cleared it up
        self.world.next_day()
        self.world.start("plan").result()
        self.assertEqual(self._errors(), {})

    def _poisoned_ledger(self, customers):
        """A customer whose former contact lost its lines and was altered: its key is taken with another content."""
        self.world.reset("planned", keep=customers)
        self.world.sql("UPDATE collection_action SET state = 'sent', sent_on = CURRENT_DATE - 90, payload_hash = 'altered'"
                       " WHERE partner_id = %s", self.world.customers[self.who]["partner"])
        self.world.sql("DELETE FROM collection_action_line")
        self.world.sql("DELETE FROM collection_action WHERE state <> 'sent'")
        self.world.sql("UPDATE credit_profile SET evaluated_on = NULL")

    def _errors(self):
        return {self.world.by_partner[row.partner_id]: row.error_count for row in self.world.sql(
            "SELECT partner_id, error_count FROM credit_profile WHERE error_count <> 0")}

    def _planned(self):
        return len([row for row in self.world.rows().values() if row.state == "ready"])

    def test_a_contact_whose_second_decision_breaks_stops_no_other_message(self):
        self._perform_with_poison("decision")
        self.assertEqual(self.world.activities("mail_activity_collection_task"), {self.who: 1})

    def test_a_contact_whose_text_breaks_stops_no_other_message(self):
        self._perform_with_poison("text")

    def test_a_sent_mail_that_cannot_be_noted_in_the_chatter_stops_no_other_message(self):
        self.world.reset(keep=50)
        for _activation in range(2):
            self.perform(chunk=10, fail_at="note", customer=self.world.customers[self.who]["partner"])
            self.assertEqual(self.world.states(), {"sent": 50})
        noted = self.world.sql("SELECT DISTINCT message_id FROM mail_message WHERE message_id = ANY(%s)",
                               [mail.message_id for mail in self.sink.mails])
        self.assertEqual((len(self.sink.mails), len(noted)), (50, 49))

    def test_a_contact_whose_mail_cannot_be_built_stops_no_other_message(self):
        self._perform_with_poison("mail")

    def test_a_contact_of_a_dead_sender_that_cannot_be_ended_stops_no_other_message(self):
        self.world.reset(keep=20)
        self.world.sql("UPDATE collection_action SET state = 'sending', attempt = 1, worker = 'gone:1',"
                       " claimed_at = now() AT TIME ZONE 'UTC' - interval '1 hour' WHERE id IN (SELECT min(id) FROM collection_action)")
        self.perform(fail_at="lost", customer=self.world.customers["c000@customer.example"]["partner"])
        self.assertEqual(self.world.states(), {"sent": 19, "sending": 1})

    def _perform_with_poison(self, step):
        self.world.reset(keep=50)
        self.perform(fail_at=step, customer=self.world.customers[self.who]["partner"])
        self.assertEqual({row.customer for row in self.world.rows().values() if row.state != "sent"}, {self.who})
        self.assertEqual(self.world.states(), {"sent": 49, "failed": 1})
        self.assert_nothing_twice_nothing_lost(rows=50)
