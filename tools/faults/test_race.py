"""Several processes at once: senders, runs, cashiers and collectors over the same customers."""
import select
import threading
import time
from datetime import timezone

import psycopg2

from .ledger import connection
from .world import FaultCase

CHECK_LASTS = 2.0  # seconds, as in models/collection_outbox_send.py


class TestSenders(FaultCase):
    """More than one sender."""

    def test_two_senders_share_200_contacts_and_send_each_once(self):
        self._senders(2)

    def test_four_senders_share_200_contacts_and_send_each_once(self):
        self._senders(4)

    def _senders(self, count):
        self.world.reset()
        self.sink.delay = 0.03  # long enough for all of them to take part
        at = time.time() + 0.5
        workers = [self.world.start("perform", at=at, chunk=15) for _ in range(count)]
        locked = [set(worker.result()["locked"]) for worker in workers]
        self.assertEqual(self.world.states(), {"sent": 200})
        self.assert_nothing_twice_nothing_lost(rows=200)
        shares = sorted(len(rows) for rows in locked)
        self.assertGreater(shares[0], 0, f"not all workers took part, this raced nothing: {shares}")

    def test_two_senders_that_note_the_same_mails_in_the_chatter_note_them_once_and_go_on(self):
        self.world.reset(keep=20)
        first = self.world.start("perform", chunk=10, stop_before=("collection.action/try_lock_for_update", 1))
        first.wait_until_stopped()  # it has found what is to be noted, and has not locked it
        self.perform()
        first.go_on()
        first.result()
        self.assertEqual(self.world.states(), {"sent": 20})
        self.assert_nothing_twice_nothing_lost(rows=20)


class TestRuns(FaultCase):
    """More than one follow-up run."""

    def test_two_runs_at_once_plan_the_same_contacts_as_one(self):
        self._two_runs()

    def test_two_runs_at_once_over_customers_without_a_profile_plan_the_same_contacts_as_one(self):
        self._two_runs("DELETE FROM credit_profile WHERE id % 2 = 0")

    def _two_runs(self, before="SELECT 1"):
        self.world.reset("planned")
        wanted = self._planned()
        for number in range(3):
            with self.seed(number) as rng:
                self.world.reset("invoiced")
                self.world.sql(before)
                at = time.time() + 0.3
                runs = [self.world.start("plan", batch=rng.choice((7, 30, 500)), at=at + delay)
                        for delay in (0, rng.uniform(0, 0.3))]
                done = [run.result() for run in runs]
                self.assertEqual([run["state"] for run in done], ["done", "done"], done)
                self.assertEqual(self._planned(), wanted)
                errors = self.world.sql("SELECT id FROM credit_profile WHERE error_count <> 0")
                self.assertFalse(errors, "a race counted as an error")

    def test_customers_that_a_run_held_when_it_died_are_decided_on_by_the_other_one(self):
        self.world.reset("planned")
        wanted = self._planned()
        self.world.reset("invoiced")
        dies = self.world.start("plan", batch=50, stop_before=("collection.action/_record", 1))
        dies.wait_until_stopped()
        goes_on = self.world.start("plan", batch=50)
        time.sleep(2)
        dies.kill()
        self.assertEqual(goes_on.result()["state"], "done")
        dies.result()
        self.assertEqual(self._planned(), wanted)

    def _planned(self):
        return sorted((row.dedupe_key, row.payload_hash, row.state) for row in self.world.rows().values())

    def test_a_run_and_a_sender_at_once_send_what_one_after_the_other_would(self):
        self.world.reset("invoiced")
        run = self.world.start("plan", batch=10)
        while not self._ended(run):
            self.perform()
        self.assertEqual(run.result()["state"], "done")
        self.perform()
        self.assertEqual(self.world.states(), {"sent": 200})
        self.assert_nothing_twice_nothing_lost(rows=200)

    @staticmethod
    def _ended(job):
        return bool(select.select([job.pipe], [], [], 0)[0])


class TestPayments(FaultCase):
    """A cashier at work while messages leave."""

    def test_a_payment_committed_before_the_check_is_never_asked_for(self):
        stopped = 0
        for number in range(20):
            with self.seed(number) as rng:
                self.world.reset(keep=12)
                self.sink.delay = 0.02
                customers = sorted(self.world.customers)[:12]
                paid = rng.sample(customers, 3)
                cashier = self.world.start("pay", moves=[self.world.customers[email]["move"] for email in paid],
                                           delays=[rng.uniform(0, 0.2) for _email in paid])
                with LongestWait(cashier.pid) as waiting:
                    locked = self.perform(at=time.time() + rng.uniform(0, 1))["locked"]
                    payments = cashier.result()
                self.after_a_crash()  # rows that were locked by the cashier are looked at again
                self._assert_not_asked(paid, payments, locked)
                self.assert_nothing_twice_nothing_lost(rows=12)
                self.assertEqual(set(customers) - set(paid) - self._reached(), set(), "who has not paid was not asked")
                self.assertLess(waiting.longest, 1, "the cashier had to wait for the sender")
                stopped += len(set(paid) - self._reached())
        self.assertGreater(stopped, 8, f"hardly any payment came before its check ({stopped} of 60): this tested nothing")
        self.assertLess(stopped, 56, f"hardly any payment came after its check ({stopped} of 60): this tested nothing")

    def test_paid_between_the_claim_and_the_lock_is_not_asked_for(self):
        self._pay_while_stopped("_lock_items", waits=False)
        self.assertEqual(self.world.states(), {"sent": 4, "cancelled": 1})

    def test_paid_before_the_claim_is_not_asked_for(self):
        self._pay_while_stopped("_claim", waits=False)
        self.assertEqual(self.world.states(), {"sent": 4, "cancelled": 1})

    def test_a_payment_during_the_check_waits_for_it_and_then_goes_through(self):
        self._pay_while_stopped("_reconfirm", waits=True)
        self.assertEqual(self.world.states(), {"sent": 5})

    def test_paid_while_the_checked_rows_waited_longer_than_a_check_lasts_is_not_asked_for(self):
        self._pay_while_stopped("_begin", waits=False, nth=2, pause=CHECK_LASTS + 0.2)
        self.assertEqual(self.world.states(), {"sent": 4, "cancelled": 1})

    def _pay_while_stopped(self, method, waits, nth=1, pause=0.0):
        """The last of five customers pays while the sender stands still before a step."""
        self.world.reset(keep=5)
        payer = self.world.customers["c004@customer.example"]
        sender = self.world.start("perform", stop_before=(f"collection.outbox/{method}", nth))
        sender.wait_until_stopped()
        cashier = self.world.start("pay", moves=[payer["move"]], delays=[0])
        if waits:
            self._wait_for_lock(cashier)
        else:
            cashier.result()
        time.sleep(pause)
        sender.go_on()
        sender.result()
        if waits:
            cashier.result()
        self.after_a_crash()
        self.assert_nothing_twice_nothing_lost(rows=5)

    def _wait_for_lock(self, job):
        until = time.monotonic() + 30
        waiting = "SELECT 1 FROM pg_stat_activity WHERE application_name = %s AND wait_event_type = 'Lock'"
        while not self.world.sql(waiting, f"odoo-{job.pid}"):
            self.assertLess(time.monotonic(), until, "the payment did not wait for the check")
            time.sleep(0.02)

    def test_with_a_slow_server_rows_that_waited_are_checked_again(self):
        self.world.reset(keep=25)
        self.sink.delay = 0.3
        customers = sorted(self.world.customers)[:25]
        paid = customers[12:25:3]
        cashier = self.world.start("pay", moves=[self.world.customers[email]["move"] for email in paid],
                                   delays=[0.5] * len(paid))
        locked = self.perform()["locked"]
        payments = cashier.result()
        self.after_a_crash()
        self.assert_nothing_twice_nothing_lost(rows=25)
        self._assert_not_asked(paid, payments, locked)
        committed = {self.world.customers[email]["move"]: one["committed"] for email, one in zip(paid, payments)}
        for mail in self.sink.mails:
            since = mail.began - committed.get(self.world.customers[mail.to]["move"], mail.began)
            self.assertLess(since, CHECK_LASTS + 1, f"{mail.to} was asked {since:.1f} s after the payment was committed")
        self.assertEqual(self.world.states(), {"sent": 25 - len(paid) + len(set(paid) & self._reached()),
                                               "cancelled": len(set(paid) - self._reached())})
        self.assertTrue(set(paid) - self._reached(), "no payment was noticed in time")

    def test_payments_do_not_wait_for_a_sender_that_checks_many_rows_together(self):
        self.world.reset()
        moves = [one["move"] for one in self.world.customers.values()]
        cashier = self.world.start("pay", moves=moves[:-11:-1], delays=[0] * 10)
        with LongestWait(cashier.pid) as waiting:
            self.perform()
            cashier.result()
        self.assertLess(waiting.longest, 1, "the cashier had to wait for the sender")
        self.after_a_crash()
        self.assert_nothing_twice_nothing_lost(rows=200)

    def test_payments_do_not_wait_for_a_run(self):
        self.world.reset("invoiced")
        moves = [one["move"] for one in self.world.customers.values()]
        cashier = self.world.start("pay", moves=moves[::40], delays=[0] * 5)
        with LongestWait(cashier.pid) as waiting:
            run = self.world.start("plan").result()
            again = self.world.start("plan").result()
            cashier.result()
        self.assertEqual([run["state"], again["state"]], ["done", "done"])
        self.assertLess(waiting.longest, 1, "the cashier had to wait for the run")
        self.perform()
        self.assertEqual(self.world.states().get("sent"), 195, "who paid during the run was asked, or another was not")

    def _reached(self):
        return {mail.to for mail in self.sink.mails}

    def _assert_not_asked(self, paid, payments, locked):
        """Who paid before the sender locked the row, or before ``checked_at``, has no message."""
        rows = {row.customer: row for row in self.world.rows().values()}
        for email, payment in zip(paid, payments):
            row, when = rows[email], payment["committed"]
            locked_at = locked.get(str(row.id), 0)
            self.assertFalse(email in self._reached() and when < locked_at,
                             f"{email} was asked though it had paid {locked_at - when:.3f} s before the check")
            if row.state == "sent":
                checked = row.checked_at.replace(tzinfo=timezone.utc).timestamp()
                self.assertGreater(when, checked, f"{email} was asked though it had paid before {row.checked_at}")


class TestCollector(FaultCase):
    """A person at work while messages leave."""

    def test_a_contact_called_off_while_others_are_sent_never_leaves(self):
        self.world.reset(keep=20)
        self.sink.delay = 0.3  # some are given back and checked again
        rows = list(self.world.rows())
        sender = self.world.start("perform")
        while not self.sink.mails:
            time.sleep(0.01)
        called_off = rows[5::3]
        self.world.start("cancel", actions=called_off).result()
        sender.result()
        self.after_a_crash()
        after = self.world.rows()
        self.assertEqual({after[number].state for number in called_off}, {"cancelled"})
        self.assertEqual(self.world.states(), {"sent": 20 - len(called_off), "cancelled": len(called_off)})
        self.assert_nothing_twice_nothing_lost(rows=20)

    def test_a_contact_called_off_between_its_check_and_its_leaving_never_leaves(self):
        self.world.reset(keep=5)
        third = list(self.world.rows())[2]
        sender = self.world.start("perform", stop_before=("collection.outbox/_begin", 3))
        sender.wait_until_stopped()  # it is the third one's turn
        self.assertEqual(self.world.rows()[third].state, "checking")
        self.world.start("cancel", actions=[third]).result()
        sender.go_on()
        sender.result()
        self.after_a_crash()
        self.assertEqual(self.world.rows()[third].state, "cancelled")
        self.assertEqual(self.world.states(), {"sent": 4, "cancelled": 1})
        self.assert_nothing_twice_nothing_lost(rows=5)

    def test_a_row_written_by_someone_else_while_its_message_leaves_is_sent_all_the_same(self):
        self.world.reset(keep=10)
        third = list(self.world.rows())[2]
        self.sink.on_data = lambda to: self._touch(third) if to == self.world.rows()[third].recipient else None
        self.perform()
        self.assertEqual(self.world.states(), {"sent": 10})
        self.assert_nothing_twice_nothing_lost(rows=10)

    def _touch(self, action):
        with psycopg2.connect(**connection()) as other, other.cursor() as cursor:
            cursor.execute("UPDATE collection_action SET print_count = 1 WHERE id = %s", [action])


class LongestWait:
    """Watches a process: the longest time in seconds that one of its statements waited for a lock."""

    def __init__(self, pid):
        self.name, self.longest, self.done = f"odoo-{pid}", 0.0, threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self):
        db = psycopg2.connect(**connection())
        db.autocommit = True
        with db.cursor() as cursor:
            while not self.done.wait(0.02):
                cursor.execute("SELECT extract(epoch FROM max(clock_timestamp() - query_start))::float FROM pg_stat_activity"
                               " WHERE application_name = %s AND wait_event_type = 'Lock'", [self.name])
                self.longest = max(self.longest, cursor.fetchone()[0] or 0.0)
        db.close()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_error):
        self.done.set()
        self.thread.join()

