"""A mail server that is down, slow, refuses, or cuts the line at the worst moment."""
import time

from .sink import Sink
from .world import FaultCase

BACKOFF = (5, 15, 60, 240, 1440)  # minutes, as in models/collection_outbox_send.py


class TestDown(FaultCase):
    """Nobody answers."""

    def test_a_server_down_for_hours_fails_no_row_and_then_each_is_sent_once(self):
        self.world.reset(keep=12)
        self.sink.down()
        for step, minutes in enumerate(BACKOFF[:4], start=1):
            for _activation in range(3):
                self.perform()
            rows = self.world.rows().values()
            self.assertEqual({row.state for row in rows} - {"ready", "retry"}, set(), "an outage must fail nothing")
            self.assertLessEqual(max(row.attempt or 0 for row in rows), step, "more than one attempt in a back-off step")
            self.assertEqual(sum(row.attempt or 0 for row in rows), 3 * step, "an activation must stop at the first row")
            self.world.pass_time(minutes)
        self.sink.up()
        self.world.pass_time(24 * 60)
        self.perform()
        self.assertEqual(self.world.states(), {"sent": 12})
        self.assert_nothing_twice_nothing_lost(rows=12)

    def test_a_server_that_goes_down_and_comes_back_while_sending_loses_nothing(self):
        self.world.reset(keep=30)
        self.sink.on_accepted = lambda _mail: self._power_off() if len(self.sink.mails) == 10 else None
        self.perform()
        self.assertEqual(self.world.states(), {"sent": 9, "unknown": 1, "retry": 1, "ready": 19})
        self.sink.up()
        self.sink.on_accepted = lambda _mail: None
        self.after_a_crash()
        self.assertEqual(self.world.states(), {"sent": 29, "unknown": 1})
        self.assert_nothing_twice_nothing_lost(rows=30, unknown=1)

    def _power_off(self):
        self.sink.controller.server.close()
        self.sink.cut_lines()
        return Sink.CUT

    def test_a_server_that_ends_each_session_after_ten_mails_is_asked_again_at_once(self):
        self.world.reset(keep=35)
        self.sink.mails_per_session = 10
        self.perform()
        self.assertEqual(self.world.states(), {"sent": 35})
        self.assert_nothing_twice_nothing_lost(rows=35)

    def test_a_server_that_answers_421_now_and_then_delays_but_fails_nothing(self):
        self.world.reset(keep=20)
        self.sink.on_mail = lambda number: "421 too many connections" if number % 8 == 0 else None
        for _activation in range(6):
            self.perform()
            self.assertEqual(set(self.world.states()) - {"sent", "ready", "retry"}, set())
            self.world.pass_time(20)
        self.assertEqual(self.world.states(), {"sent": 20})
        self.assert_nothing_twice_nothing_lost(rows=20)


class TestAnswers(FaultCase):
    """Refusals and cuts, at one message of ten; the others must not notice."""

    def setUp(self):
        super().setUp()
        self.world.reset(keep=10)
        self.who = "c004@customer.example"

    def _row(self):
        return next(row for row in self.world.rows().values() if row.customer == self.who)

    def _only(self, answer):
        return lambda to: answer if to == self.who else None

    def test_cut_before_the_body_it_is_tried_again_later_with_the_same_message_id(self):
        self.sink.on_rcpt = self._only(Sink.CUT)
        self.perform()
        self.assertEqual(self._row().state, "retry")
        self.assertNotIn("unknown", self.world.states())
        self._then_sent_with(self._row().message_id)

    def test_a_temporary_refusal_of_the_body_is_tried_again_with_the_same_message_id(self):
        self.sink.on_data = self._only("451 try later")
        self.perform()
        self.assertEqual(self.world.states(), {"sent": 9, "retry": 1})
        self._then_sent_with(self._row().message_id)

    def test_a_temporary_refusal_of_the_recipient_is_tried_again_with_the_same_message_id(self):
        self.sink.on_rcpt = self._only("450 greylisted")
        self.perform()
        self.assertEqual(self.world.states(), {"sent": 9, "retry": 1})
        self._then_sent_with(self._row().message_id)

    def _then_sent_with(self, message_id):
        self.sink.on_rcpt = self.sink.on_data = lambda _to: None
        self.perform()
        self.assertEqual(self._row().state, "retry", "tried again before its time")
        self.world.pass_time(6)
        self.perform()
        self.assertEqual(self.world.states(), {"sent": 10})
        self.assertEqual((self._row().attempt, self._row().message_id), (2, message_id))
        self.assert_nothing_twice_nothing_lost(rows=10)

    def test_a_refused_recipient_fails_and_a_person_is_asked_for_an_address(self):
        self.sink.on_rcpt = self._only("550 no such user")
        self.perform()
        self.assertEqual(self.world.states(), {"sent": 9, "failed": 1})
        self.assertEqual(self._row().reason, "bad_address")
        self.assertEqual(self.world.activities("mail_activity_collection_address"), {self.who: 1})
        self.assert_nothing_twice_nothing_lost(rows=10)

    def test_a_refused_body_fails_and_a_person_is_told(self):
        self.sink.on_data = self._only("554 looks like spam")
        self.perform()
        self.assertEqual(self.world.states(), {"sent": 9, "failed": 1})
        self.assertEqual(self.world.activities("mail_activity_collection_task"), {self.who: 1})
        self.assert_nothing_twice_nothing_lost(rows=10)

    def test_cut_after_acceptance_it_is_unknown_and_never_sent_again_by_itself(self):
        self.sink.on_accepted = lambda mail: Sink.CUT if mail.to == self.who else None
        self.perform()
        self._stays_unknown()

    def test_a_server_that_hangs_after_acceptance_leaves_it_unknown(self):
        self.sink.on_accepted = lambda mail: Sink.HANG if mail.to == self.who else None
        began = time.monotonic()
        self.perform(smtp_timeout=1.5)
        self.assertLess(time.monotonic() - began, 20)
        self._stays_unknown()

    def test_what_breaks_in_odoo_after_the_server_took_it_leaves_it_unknown(self):
        self.perform(fail_at="afterwards", customer=self.world.customers[self.who]["partner"])
        self._stays_unknown()

    def test_a_server_that_hangs_before_the_body_is_tried_again_later(self):
        self.sink.on_rcpt = self._only(Sink.HANG)
        self.perform(smtp_timeout=1.5)
        self.assertEqual(self._row().state, "retry")
        self._then_sent_with(self._row().message_id)

    def _stays_unknown(self):
        self.assertEqual(self.world.states(), {"sent": 9, "unknown": 1})
        self.sink.on_accepted = lambda _mail: None
        for _day in range(2):
            self.world.next_day()
            self.world.start("plan").result()
            self.perform()
        self.assertEqual(self._row().state, "unknown")
        self.assert_nothing_twice_nothing_lost(unknown=1)


class TestSlow(FaultCase):
    """A server, or a machine, that takes its time."""

    def test_on_a_machine_too_slow_for_all_rows_of_a_check_fewer_are_checked_together(self):
        self.world.reset(keep=25)
        self.perform(chunk=25, slow_mail=0.1, budget=15)  # all of them take longer than a check lasts
        self.assertEqual(self.world.states(), {"sent": 25})
        self.assert_nothing_twice_nothing_lost(rows=25)

    def test_a_sender_stops_when_its_time_is_up_and_says_that_rows_are_left(self):
        self.world.reset(keep=30)
        self.sink.delay = 0.2
        answer = self.perform(budget=1)
        self.assertTrue(answer["left"])
        self.assertEqual(set(self.world.states()), {"sent", "ready"})
        self.sink.delay = 0
        self.perform()
        self.assertEqual(self.world.states(), {"sent": 30})
        self.assert_nothing_twice_nothing_lost(rows=30)
