"""The database goes away, is full of others, or takes nothing any more, while messages leave."""
import time

from .host import CUSTOMERS, HostCase, long_only
from .test_server import PERFORM


class TestHostRestart(HostCase):
    """E-45: PostgreSQL crashes while the job of a server with workers sends."""

    def test_after_a_crash_of_the_database_all_messages_leave_within_two_minutes_and_none_twice(self):
        self.machine.due_now(PERFORM)
        self.sink.delay = 0.05
        with self.machine.serving() as serving:
            self.wait_for_mails(8)
            self.machine.cluster.restart("immediate")
            took = self.wait(self._done_but_one, 120, "all messages after the crash")
            self.wait(lambda: serving.health() == (200, "ok"), 20, "the health address")
            self.assertLess(took, 120)
        self.assertEqual(self._left(), self.machine.states().get("sending", 0), "at most the one that was leaving waits for its lease")
        self.machine.pass_time(20)
        self.machine.do("perform")
        states = self.machine.states()
        self.assertLessEqual(states.pop("unknown", 0), 1)
        self.assertEqual(set(states), {"sent"})
        self.assertEqual(sum(self.machine.states().values()), CUSTOMERS)
        self.assert_nothing_twice()

    def _done_but_one(self):
        self.wake()
        return self._left() <= 1

    def _left(self):
        try:
            return sum(number for state, number in self.machine.states().items() if state != "sent")
        except self.machine.cluster.Error:
            return CUSTOMERS


class TestHostStarved(HostCase):
    """No session left for Odoo; no writing allowed."""

    def test_without_a_free_session_nothing_is_lost_and_all_goes_on_when_there_is_one(self):
        self.machine.do("code", text="pass")  # Odoo itself is up
        others = self.machine.cluster.take_all_sessions()
        try:
            self.assertIsNone(self.machine.start("perform").result(allow_error=True))
            self.assertEqual(self.sink.mails, [])
        finally:
            others.close()
        self.machine.do("perform")
        self.assertEqual(self.machine.states(), {"sent": CUSTOMERS})
        self.assert_nothing_twice()

    @long_only
    def test_a_job_that_sends_already_needs_no_second_session(self):
        self.sink.delay = 0.02
        job = self.machine.start("perform")
        self.wait(lambda: self.sink.mails, 30, "the first mail")
        others = self.machine.cluster.take_all_sessions()
        try:
            job.result()
        finally:
            others.close()
        self.assertEqual(self.machine.states(), {"sent": CUSTOMERS})
        self.assert_nothing_twice()

    def test_a_database_that_takes_nothing_gets_nothing_sent(self):
        self.machine.cluster.take_nothing(True)
        try:
            self.assertIsNone(self.machine.start("perform").result(allow_error=True))
            polled = self.machine.start("poll").result(allow_error=True)
            self.assertIn(polled and polled["calls"], (None, {}))
            self.assertEqual((self.sink.mails, self.machine.states()), ([], {"ready": CUSTOMERS}))
        finally:
            self.machine.cluster.take_nothing(False)
        self.machine.do("perform")
        self.assertEqual(self.machine.states(), {"sent": CUSTOMERS})
        self.assert_nothing_twice()

    def test_a_database_without_room_loses_no_outcome_and_sends_nothing_twice(self):
        """What PostgreSQL says on a full disk (53100), for the row of one contact, from the moment its mail has left."""
        self.machine.sql("""
            CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF NEW.state = 'sent' AND NEW.id % 10 = 0 THEN RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100'; END IF;
                RETURN NEW; END $$;
            CREATE TRIGGER no_room BEFORE UPDATE ON collection_action FOR EACH ROW EXECUTE FUNCTION no_room()""")
        self.machine.do("perform")
        self.machine.sql("DROP TRIGGER no_room ON collection_action")
        hit = self.machine.sql("SELECT count(*) FROM collection_action WHERE id % 10 = 0")[0][0]
        self.assertEqual(self.machine.states(), {"sent": CUSTOMERS - hit, "unknown": hit})
        self.machine.pass_time(60)
        self.machine.do("perform")
        self.assertEqual(len(self.sink.mails), CUSTOMERS)
        self.assert_nothing_twice()

    @long_only
    def test_a_monitor_is_told_when_the_database_is_away(self):
        with self.machine.serving() as serving:
            self.wait(lambda: serving.health() == (200, "ok"), 60, "the health address")
            others = self.machine.cluster.take_all_sessions(end_the_rest=True)
            try:
                status, began = serving.health(), time.monotonic()
                self.assertNotEqual(status and status[0], 200)
                self.assertLess(time.monotonic() - began, 15)
            finally:
                others.close()
            self.wait(lambda: serving.health() == (200, "ok"), 30, "the health address after it")

