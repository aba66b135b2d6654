"""Kill the sender, or its database connection: no message twice, none lost without a row that says so."""
import os
import signal
import time

from .world import FaultCase

KILLS = 25
ROWS = 60


class TestKill(FaultCase):
    """A worker that dies while it sends."""

    def test_a_sender_killed_at_25_random_moments_repeats_nothing_and_loses_nothing(self):
        died, found = 0, set()
        for number in range(KILLS):
            with self.seed(number) as rng:
                self.world.reset(keep=ROWS)
                worker = self.world.start("perform")
                self._wait_for_a_random_moment(rng)
                worker.kill()
                died += worker.result() is None
                states = self.world.states()
                found.add(states.get("sent", 0))
                self.assertLessEqual(states.get("sending", 0), 1, f"more than one row was leaving at once: {states}")
                self.after_a_crash()
                self.assert_nothing_twice_nothing_lost(rows=ROWS, unknown=1)
        self.assertGreater(died, KILLS * 0.8, "the worker was mostly done before the kill: this tested nothing")
        self.assertGreater(len(found), 5, f"the kills hit always the same moments: sent before the kill {sorted(found)}")

    def _wait_for_a_random_moment(self, rng):
        """Any moment of a pass over ``ROWS`` rows, whatever the speed of the machine: in its first check, or
        somewhere between two of its mails and the checks between them."""
        if rng.random() < 0.15:
            time.sleep(rng.uniform(0, 0.5))
            return
        mails = rng.randrange(1, ROWS)
        until = time.monotonic() + 30
        while self.sink.begun < mails and time.monotonic() < until:
            time.sleep(0.001)
        time.sleep(rng.uniform(0, 0.03))

    def test_killed_between_the_servers_acceptance_and_its_answer_one_row_is_unknown_for_good(self):
        self._kill_on_acceptance_of(7, rows=15)
        self.assertEqual(self.world.states(), {"checking": 8, "sending": 1, "sent": 6})
        self.after_a_crash()
        self.assertEqual(self.world.states(), {"unknown": 1, "sent": 14})
        self.assert_nothing_twice_nothing_lost(rows=15, unknown=1)
        for _day in range(3):  # nor does a later day send it by itself, nor does a new run plan it again
            self.world.next_day()
            self.world.start("plan").result()
            self.perform()
        self.assert_nothing_twice_nothing_lost(unknown=1)

    def test_before_its_lease_runs_out_the_row_that_was_leaving_is_left_alone_and_the_checked_ones_go_on(self):
        self._kill_on_acceptance_of(3, rows=10)
        self.assertEqual(self.world.states(), {"checking": 7, "sending": 1, "sent": 2})
        self.world.pass_time(9)
        self.perform()
        self.assertEqual(self.world.states(), {"sending": 1, "sent": 9})

    def test_a_company_that_wants_it_gets_an_unknown_mail_once_more_with_the_same_message_id(self):
        self._kill_on_acceptance_of(3, rows=5, resend=True)
        lost = self.sink.mails[-1]
        self.world.pass_time(20)
        again = self.world.start("perform")
        self._kill_when(again, lambda mail: mail.message_id == lost.message_id)
        again.result()
        self.after_a_crash()
        copies = [mail for mail in self.sink.mails if mail.to == lost.to]
        self.assertEqual([mail.message_id for mail in copies], [lost.message_id] * 2, "once again, not more, and recognisable")
        self.assertEqual(self.world.states(), {"unknown": 1, "sent": 4})

    def test_two_senders_that_find_the_same_dead_worker_ask_a_person_only_once(self):
        self.world.reset(keep=40)
        self.world.sql("UPDATE collection_action SET state = CASE WHEN id % 2 = 0 THEN 'sending' ELSE 'checking' END,"
                       " attempt = 1, worker = 'gone:1', claimed_at = now() AT TIME ZONE 'UTC' - interval '1 hour'")
        at = time.time() + 0.3
        workers = [self.world.start("perform", at=at) for _ in range(4)]
        for worker in workers:
            worker.result()
        self.assertEqual(self.world.states(), {"unknown": 20, "sent": 20})
        self.assert_nothing_twice_nothing_lost(rows=40, unknown=20)

    def _kill_on_acceptance_of(self, nth, rows, resend=False):
        self.world.reset(keep=rows)
        self.world.sql("UPDATE res_company SET collection_resend_unknown = %s WHERE id = %s", resend, self.world.company)
        self.sink.delay = 0.02  # the process id is known before the first mail is
        worker = self.world.start("perform")
        self._kill_when(worker, lambda _mail: len(self.sink.mails) == nth)
        self.assertIsNone(worker.result(), "the worker outlived its kill")
        self.sink.on_accepted = lambda _mail: None

    def _kill_when(self, worker, condition):
        def kill(mail):
            if condition(mail):
                os.kill(worker.pid, signal.SIGKILL)

        self.sink.on_accepted = kill

    def test_a_sender_whose_database_connection_is_cut_repeats_nothing_and_loses_nothing(self):
        cut = 0
        for number in range(5):
            with self.seed(number) as rng:
                self.world.reset(keep=ROWS)
                worker = self.world.start("perform")
                self._wait_for_a_random_moment(rng)
                cut += len(self.world.sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND application_name = %s", f"odoo-{worker.pid}"))
                worker.result(allow_error=True)
                self.assertLessEqual(self.world.states().get("sending", 0), 1)
                self.after_a_crash()
                self.assert_nothing_twice_nothing_lost(rows=ROWS, unknown=1)
        self.assertGreaterEqual(cut, 4, "the worker was mostly done before the cut: this tested nothing")
