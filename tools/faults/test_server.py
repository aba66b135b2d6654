"""The server that Odoo runs in: its workers, its limits, its signals."""
import signal
import time

from .host import CUSTOMERS, LONG, HostCase, long_only

PERFORM, RUN = "Collections: send messages", "Collections: follow-up run"


class TestHostOneProcess(HostCase):
    """R-26: what an administrator is told about the server's set-up."""

    def test_only_without_workers_the_administrator_reads_that_jobs_do_not_survive(self):
        (alone, manager_alone), (prefork, _manager) = (self.machine.do("warnings", workers=workers) for workers in (0, 2))
        warning = [text for text in alone if "without workers" in text]
        self.assertEqual(len(warning), 1)
        self.assertEqual([text for text in prefork if "without workers" in text], [])
        self.assertNotIn(warning[0], manager_alone, "who cannot change the server is not told")


class TestHostCalls(HostCase):
    """R-21, R-22: how often a job is called, and how long it works."""

    def test_with_a_customer_that_breaks_the_run_the_jobs_are_called_a_few_times_and_not_hundreds(self):
        self.machine.sql("DELETE FROM collection_action")
        self.machine.sql("DELETE FROM collection_run_count; DELETE FROM collection_run")
        self.machine.sql("UPDATE credit_profile SET evaluated_on = NULL")
        self.machine.due_now(RUN, PERFORM)
        poison = self.machine.sql("SELECT id FROM res_partner WHERE email = 'c007@customer.example'")[0][0]
        calls = {}
        for _poll in range(3):  # whatever was triggered meanwhile
            for name, number in self.machine.do("poll", poison=poison)["calls"].items():
                calls[name] = calls.get(name, 0) + number
        self.assertLessEqual(sum(calls.values()), 20, calls)
        self.assertEqual(calls[RUN], 1, "a run that met an error is not done again at once")
        self.assertEqual(self.machine.states(), {"sent": CUSTOMERS - 1})
        self.assert_nothing_twice()
        errors = self.machine.sql("SELECT partner_id, error_count FROM credit_profile WHERE error_count > 0")
        self.assertEqual(errors, [(poison, 1)])
        self.assertEqual(self.machine.sql("SELECT sum(failure_count) FROM ir_cron"), [(0,)])

    def test_slow_messages_leave_one_after_the_other_in_one_call(self):
        rows, delay, limit = (CUSTOMERS, 0.5, CUSTOMERS * 0.75) if LONG else (16, 0.5, 20)  # 60 in 45 s
        self.machine.sql("DELETE FROM collection_action WHERE id NOT IN (SELECT id FROM collection_action ORDER BY id LIMIT %s)", rows)
        self.machine.due_now(PERFORM)
        self.sink.delay = delay
        found = self.machine.do("poll")
        self.assertEqual(self.machine.states(), {"sent": rows})
        self.assertEqual(found["calls"], {PERFORM: 1})
        self.assertLessEqual(found["seconds"], limit)
        self.assert_nothing_twice()


class TestHostEnd(HostCase):
    """A server that is told to end, or whose worker takes too long, while it sends."""

    @long_only
    def test_a_server_that_is_ended_while_it_sends_loses_nothing(self):
        self.machine.due_now(PERFORM)
        self.sink.delay = 0.2
        with self.machine.serving() as serving:
            self.wait_for_mails(3)
            serving.process.send_signal(signal.SIGTERM)
            serving.process.wait(30)
        self._finish_elsewhere()

    def test_a_worker_that_is_killed_for_its_time_leaves_one_message_unknown_and_the_rest_go_at_once(self):
        self.machine.due_now(PERFORM)
        self.hang = True
        self.sink.on_data = self._hang_on_the_sixth
        with self.machine.serving("--limit-time-real-cron", "8"):
            self.wait_for_mails(5)
            self.wait(lambda: "timeout" in self.machine.log("server"), 30, "the end of the worker")
            self.wait_for_mails(CUSTOMERS - 1)
            self.wait(lambda: self.machine.states().get("sent") == CUSTOMERS - 1, 10, "all others")
        self.assertEqual(self.machine.states(), {"sent": CUSTOMERS - 1, "sending": 1})
        self.sink.on_data = lambda _who: None
        self.machine.pass_time(20)
        self.machine.do("perform")
        self.assertEqual(self.machine.states(), {"sent": CUSTOMERS - 1, "unknown": 1})
        self.assert_nothing_twice()

    def _hang_on_the_sixth(self, _who):
        if len(self.sink.mails) == 5 and self.hang:
            self.hang = False
            return self.sink.HANG
        return None

    def _finish_elsewhere(self):
        began = time.monotonic()
        self.sink.delay = 0
        self.machine.do("perform")
        self.assertLess(time.monotonic() - began, 30)
        states = self.machine.states()
        self.assertEqual(states.pop("sending", 0) + states.pop("sent"), CUSTOMERS, "what was only checked goes at once")
        self.assertEqual(states, {})
        self.machine.pass_time(20)
        self.machine.do("perform")
        self.assertLessEqual(self.machine.states().get("unknown", 0), 1)
        self.assert_nothing_twice()
