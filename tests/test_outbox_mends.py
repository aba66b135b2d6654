"""What dead workers, merges and bad rows must not do to the sending; and what the log must not tell."""
from datetime import timedelta
from unittest.mock import patch

from psycopg2.errors import UniqueViolation

from odoo import fields
from odoo.tests import tagged

from .common import CollectionCommon
from .smtp import SmtpCase

OURS = "odoo.addons.account_credit_collection"
NOW = fields.Datetime.now


class OutboxCase(SmtpCase, CollectionCommon):

    def setUp(self):
        super().setUp()
        self.outbox = self.env["collection.outbox"].sudo()

    def _stored(self, actions, **values):
        """Rows as another worker, or another day, left them."""
        self.env.flush_all()
        for name, value in values.items():
            self.env.cr.execute(f"UPDATE collection_action SET {name} = %s WHERE id IN %s", [value, tuple(actions.ids)])
        self.env.invalidate_all()

    def _two(self):
        """Two customers that owe, and the contacts of one run with them."""
        self.other = self._customer("Contoso")
        for partner in (self.customer, self.other):
            self._invoice(10, partner=partner)
        actions = self._run().action_ids
        mine = actions.filtered(lambda action: action.partner_id == self.customer)
        return mine, actions - mine


@tagged("post_install", "-at_install")
class TestOutboxLeft(OutboxCase):
    """Rows of dead workers (R-10)."""

    def test_a_row_that_says_not_since_when_it_is_leaving_is_unknown(self):
        self._invoice(10)
        action = self._run().action_ids
        self._stored(action, state="sending", claimed_at=None, attempt=1)
        self.assertEqual(self.outbox._reap(), [])
        self.assertEqual(action.state, "unknown")

    def test_a_row_that_cannot_be_ended_stops_no_other_and_is_told(self):
        bad, good = self._two()
        self._stored(bad | good, state="sending", attempt=1, claimed_at=NOW() - timedelta(hours=1))
        conclude = type(self.outbox)._conclude

        def broken(outbox, action, *args):
            if action == bad:
                raise ValueError
            conclude(outbox, action, *args)

        with patch.object(type(self.outbox), "_conclude", broken), self.assertLogs(OURS, "ERROR"), \
                patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 1000.0):
            self.outbox._cron_perform()
        self.assertEqual((bad.state, good.state), ("sending", "unknown"))
        self.assertEqual(self.env["collection.heartbeat"].sudo().search([("job", "=", "perform")]).last_error, f"contact {bad.id}")

    def test_one_bad_row_among_many_costs_few_steps(self):
        actions, steps = self.env["collection.action"].browse(range(1, 65)), []

        def step(some):
            steps.append(len(some))
            if 40 in some.ids:
                raise ValueError
        with self.assertLogs(OURS, "ERROR"):
            self.assertEqual(self.outbox._end_together_or_apart(step, actions), [40])
        self.assertEqual(len(steps), 13, "64, and two halves six times")

    def test_what_waits_by_a_clock_that_was_set_back_is_looked_at_again(self):
        wrong, right = self._two()
        self._stored(wrong | right, not_before=NOW() + timedelta(days=30))
        self._stored(wrong, claimed_at=NOW() + timedelta(hours=5))
        self._stored(right, claimed_at=NOW() - timedelta(hours=5))
        self.outbox._reap()
        self.assertFalse(wrong.not_before)
        self.assertTrue(right.not_before, "it was told to wait by the right clock")

    def test_whose_session_has_ended(self):
        reader, began = self.env["collection.reader"], NOW() - timedelta(hours=1)
        for sessions, claimed, gone in (({}, NOW(), True), ({7: began}, NOW(), False), ({7: began}, began - timedelta(hours=1), True), ({7: None}, NOW(), False)):
            with self.subTest(sessions=sessions, claimed=claimed):
                self.assertEqual(reader._is_gone(sessions, 7, claimed), gone)
        self.assertEqual([reader._session(worker) for worker in ("host:12:345", "host:12", "gone", False)], [345, None, None, None])

    def test_behind_a_pooler_the_lease_decides(self):
        """Numbers of sessions that the database does not know say nothing: it does not know one's own either."""
        self._invoice(10)
        action = self._run().action_ids
        self._stored(action, state="checking", worker="host:1:999999999", claimed_at=NOW())
        reader = self.env["collection.reader"]
        self.assertEqual(reader._read_gone_workers(action), action)
        with patch.object(type(self.outbox), "_worker", lambda _outbox: "host:2:999999998"):
            self.assertFalse(reader._read_gone_workers(action))

    def test_a_call_that_another_worker_claimed_meanwhile_is_left_to_it(self):
        self._profile().policy_id = self._policy("Calls", [(1, {"channels": ("call",)})])
        self.customer.phone = "+32 2 555 12 12"
        self._invoice(10)
        action = self._run().action_ids
        self._stored(action, state="checking", worker="host:1:2", claimed_at=NOW())
        self.outbox._hand_over(action)
        self.outbox._attach_statements(action)
        self.assertEqual((action.state, action.worker), ("checking", "host:1:2"))
        self._stored(action, worker=self.outbox._worker())
        self.outbox._hand_over(action)
        self.assertEqual(action.state, "waiting")


@tagged("post_install", "-at_install")
class TestOutboxCheck(OutboxCase):
    """What is checked together is not mixed up."""

    def test_after_a_merge_the_second_mail_of_a_run_does_not_leave(self):
        mine, other = self._two()
        self._stored(other, state="sent", sent_on=self.today)
        self._stored(mine, profile_id=other.profile_id.id)
        self.assertEqual(self.outbox._already_sent(mine), {(mine.run_id, other.profile_id, "email")})
        with self.smtp() as sink:
            self._perform()
        self.assertEqual((len(sink.mails), mine.state, mine.reason), (0, "cancelled", "in_flight"))

    def test_a_contact_of_another_run_counts_also_when_its_rows_are_checked_together(self):
        """Run 1 reached Contoso yesterday; of Northwind it has a row left. That is no reason to write to Contoso again today."""
        left, reached = self._two()
        self._stored(reached, state="sent", sent_on=self.today - timedelta(days=20), run_id=left.run_id.id)
        self._invoice(9, partner=self.other)
        second = self._run().action_ids
        self.assertEqual(second.partner_id, self.other)
        self._stored(reached, sent_on=self.today - timedelta(days=1))
        with self.smtp() as sink:
            self._perform()
        self.assertEqual([mail.envelope_to for mail in sink.mails], [["northwind@customer.example"]])
        self.assertEqual((left.state, second.reason), ("sent", "too_soon"))


@tagged("post_install", "-at_install")
class TestOutboxLog(OutboxCase):
    """The log tells what failed and where, and nobody's name (R-93)."""

    POISON = (("collection.policy", "_decide"), ("collection.policy", "_confirm"),
              ("collection.channel", "_perform_email"), ("collection.channel", "_note_mails"), ("collection.outbox", "_conclude"))

    def test_r93_what_fails_tells_the_log_no_names(self):
        for model, method in self.POISON:
            with self.subTest(method):
                self.assertNotRegex(self._told_by_a_poisoned_run(model, method), "(?i)northwind")

    def _told_by_a_poisoned_run(self, model, method):
        """The log of a run and its sending, all of it, in which a step always fails with the customer's name."""
        customer = self._customer(f"Northwind {method}")
        self._invoice(10, partner=customer)
        if method == "_conclude":
            self._stored(self._run().action_ids, state="sending", attempt=1, claimed_at=NOW() - timedelta(hours=1))

        def poison(*_args, **_kwargs):
            raise ValueError(f"{customer.name} has no balance") from UniqueViolation(f"Key (name)=({customer.name})")

        with patch.object(type(self.env[model]), method, poison), self.assertLogs(OURS, "INFO") as logs, self.smtp():
            self._run()
            self._perform()
        self.assertRegex("\n".join(logs.output), r"ValueError \(.*test_outbox_mends.py:\d+\)")
        return "\n".join(logs.output)
