"""The clock of the machine jumps, for PostgreSQL and Odoo alike, while contacts are under way."""
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from .host import CUSTOMERS, HostCase, long_only
from .test_server import PERFORM, RUN

DAY = 86400
BRUSSELS = ZoneInfo("Europe/Brussels")


class ClockCase(HostCase):
    """Processes with a clock that the test moves."""

    clock = True

    def setUp(self):
        super().setUp()
        self.machine.clock.move(0)

    def jump(self, days):
        self.machine.clock.move(days * DAY)

    def night(self):
        """The jobs of a night and of the hour after it, as a cron worker does them; how often each was called."""
        self.machine.due_now(RUN, PERFORM)
        calls = self.machine.do("poll")["calls"]
        self.machine.do("poll")
        return calls

    def problems(self):
        return {job: problem for job, problem in self.machine.do("health")["problems"] if job in ("run", "perform")}

    def asked(self):
        """How many messages each customer has got."""
        return {mail.to: sum(other.to == mail.to for other in self.sink.mails) for mail in self.sink.mails}


class TestHostJump(ClockCase):
    """T-T-05, T-T-06, R-27: nobody is written to twice, nobody is forgotten, and someone is told."""

    def test_forty_days_ahead_and_back(self):
        self.night()
        self.assertEqual(set(self.asked().values()), {1})
        self.jump(40)
        self.night()
        self.assertEqual(set(self.asked().values()), {2}, "one level per run, however many days have passed")
        self.jump(0)
        self.assertEqual(self.machine.do("poll")["calls"], {}, "core's jobs sleep until a day that is weeks away")
        self.assertEqual(self.problems(), {"run": "clock", "perform": "clock"})
        self.assertIn("was the clock changed", " ".join(self.machine.do("health")["sentences"]))
        self.night()  # what an administrator does who reads it
        self.assertEqual(set(self.asked().values()), {2}, "nobody gets a third message on the first day")
        self.assertEqual(self.machine.states(), {"sent": 2 * CUSTOMERS})
        self.assertEqual(self.problems(), {})
        self.assert_nothing_twice()

    def test_what_waits_for_a_time_that_is_weeks_away_by_mistake_leaves_when_it_is_due(self):
        """A clock that ran ahead: a back-off, a check and a message under way all bear its time."""
        self.jump(40)
        self.machine.sql("UPDATE res_company SET collection_automatic = false")
        self.sink.on_data = lambda who: "451 later" if who < "c010" else None
        self.machine.do("perform")
        self.assertEqual(self.machine.states(), {"retry": 10, "sent": CUSTOMERS - 10})
        self.machine.sql("UPDATE collection_action SET state = 'checking', worker = 'gone:1' WHERE id IN"
                         " (SELECT id FROM collection_action WHERE state = 'retry' ORDER BY id LIMIT 2)")
        self.machine.sql("UPDATE collection_action SET state = 'sending', worker = 'gone:1' WHERE id IN"
                         " (SELECT id FROM collection_action WHERE state = 'retry' ORDER BY id LIMIT 1)")
        self.sink.on_data = lambda _who: None
        self.jump(0)
        self.machine.do("perform")
        self.assertEqual(self.machine.states(), {"unknown": 1, "sent": CUSTOMERS - 1})
        self.assert_nothing_twice()

    def test_two_days_back(self):
        self.night()
        self.jump(-2)
        self.assertEqual(self.problems(), {"run": "clock", "perform": "clock"})
        self.night()
        self.assertEqual(set(self.asked().values()), {1})
        self.jump(0)
        self.night()
        self.assertEqual(set(self.asked().values()), {1})
        self.assertEqual(self.machine.states(), {"sent": CUSTOMERS})
        self.assertEqual(self.problems(), {})
        self.assert_nothing_twice()

    @long_only
    def test_a_job_that_succeeded_in_the_future_is_not_trusted(self):
        self.jump(40)
        self.night()
        self.jump(0)
        self.machine.sql("UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' + interval '4 minutes'")  # mended by hand, and then it sleeps
        self.assertEqual(self.problems(), {"run": "clock", "perform": "clock"})


@long_only
class TestHostSummerTime(ClockCase):
    """T-T-04: a contact planned in the night of a change of the clocks leaves at the hour of its place."""

    def test_in_the_night_of_a_change_contacts_wait_for_the_true_hour(self):
        self.machine.sql("UPDATE res_partner SET tz = 'Europe/Brussels'")
        self.machine.sql("UPDATE collection_policy SET hour_from = 8, hour_to = 20")
        for month, sunday, utc in ((3, "last of March", 6), (10, "last of October", 7)):
            with self.subTest(sunday):
                self._plan_in_the_night(month, utc)

    def _plan_in_the_night(self, month, utc):
        day = self._next_change(month)
        self.machine.sql("DELETE FROM collection_action; DELETE FROM collection_run_count; DELETE FROM collection_run")
        self.machine.sink.mails.clear()
        self._at(day.replace(hour=0, minute=30))
        self.night()
        [(first, last)] = self.machine.sql("SELECT min(not_before), max(not_before) FROM collection_action WHERE state = 'ready'")
        self.assertEqual((first, last), (day.replace(hour=utc, tzinfo=None),) * 2)
        self._at(day.replace(hour=utc) - timedelta(minutes=5))
        self.machine.do("perform")
        self.assertEqual(len(self.sink.mails), 0, "before eight o'clock")
        self._at(day.replace(hour=utc) + timedelta(minutes=5))
        self.machine.do("perform")
        self.assertEqual(len(self.sink.mails), CUSTOMERS)

    def _next_change(self, month):
        """The next day on which the clocks change in a month, from now on."""
        day = datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
        while True:
            day += timedelta(days=1)
            noon = day + timedelta(hours=12)
            if day.month == month and day.astimezone(BRUSSELS).utcoffset() != noon.astimezone(BRUSSELS).utcoffset():
                return day

    def _at(self, moment):
        self.machine.clock.move((moment - datetime.now(timezone.utc)).total_seconds())
