"""A run that meets others at work, or was broken off; and jobs that work beside each other."""
from datetime import timedelta
from unittest.mock import patch

from psycopg2.errors import UniqueViolation

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.collection_job import RETRYING
from .common import CollectionCommon
from .test_charge_run_mends import DUE, ChargeJobCase

BILL = "odoo.addons.account_credit_collection.models.collection_charge_job"
LEFT = "odoo.addons.account_credit_collection.models.collection_run_left"


@tagged("post_install", "-at_install")
class TestRunLeft(CollectionCommon):

    def setUp(self):
        super().setUp()
        self.events = []
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: self.events.append("commit") or 1000.0)
        self.startPatcher(patch(f"{LEFT}.time.sleep"))
        self.env["res.company"].sudo().search([]).collection_automatic = False

    def _auto(self, days_ago=0):
        return self.env["collection.run"].sudo().create(
            {"company_id": self.company.id, "run_date": self.today - timedelta(days=days_ago), "kind": "auto"})

    def _hold(self, times):
        """Another worker holds the customer's row when it is asked for, so many times."""
        held, lock, profile = iter(range(times)), type(self.env["credit.profile"])._lock_batch, self._profile()
        self.patch(type(self.env["credit.profile"]), "_lock_batch", lambda model, profiles: lock(
            model, profiles - profile if profile in profiles and next(held, None) is not None else profiles))

    def _beaten(self):
        return self.env["collection.heartbeat"].sudo().search([("job", "=", "run")])

    def test_a_customer_that_others_hold_for_a_moment_is_decided_on(self):
        self._invoice(10)
        self._hold(3)
        run = self._auto()
        self.assertTrue(run._execute(commit=True))
        self.assertEqual((run.state, len(run.action_ids)), ("done", 1))

    def test_a_run_is_not_over_while_others_hold_a_customer(self):
        self._invoice(10)
        other = self._customer("Free")
        self._invoice(10, partner=other)
        self._hold(6)  # once with all the others, and five times afterwards
        run = self._auto()
        self.assertFalse(run._execute(commit=True))
        self.assertEqual((run.state, run.action_ids.partner_id), ("running", other))
        self.assertTrue(run._execute(commit=True), "called again")
        self.assertEqual((run.state, run.action_ids.partner_id), ("done", other | self.customer))

    def test_the_job_is_called_again_for_what_others_hold_but_not_at_once(self):
        self.company.sudo().collection_automatic = True
        self._invoice(10)
        self._hold(100)
        asked = []
        self.patch(type(self.env["ir.cron"]), "_trigger", lambda cron, at=None: asked.append((cron.code, at)))
        self.env["collection.run"].sudo()._cron_run()
        [again] = [at for code, at in asked if "_cron_run" in code]
        self.assertGreater(again, fields.Datetime.now() + timedelta(seconds=30))

    def test_a_run_that_was_broken_off_yesterday_is_over(self):
        yesterday, today = self._auto(1), self._auto()
        self.assertFalse(self.env["collection.run"].sudo()._close_left())
        self.assertEqual((yesterday.state, today.state), ("done", "running"))

    @mute_logger(LEFT)
    def test_one_that_cannot_be_closed_is_told(self):
        left = self._auto(1)
        with patch.object(type(left), "_finish", side_effect=ValueError):
            self.env["collection.run"].sudo()._cron_run()
        self.assertEqual(self._beaten().last_error, f"run {left.id}")

    def test_what_a_run_did_is_stored_before_it_is_told(self):
        """Else who is in the way of the telling takes the run back, and success is told all the same."""
        self.company.sudo().collection_automatic = True
        self._invoice(10)
        for model, name in (("collection.run", "_finish"), ("collection.heartbeat", "_beat")):
            original = getattr(type(self.env[model]), name)
            self.patch(type(self.env[model]), name, lambda *args, name=name, original=original: self.events.append(name) or original(*args))
        self.env["collection.run"].sudo()._cron_run()
        self.assertEqual(self.events[self.events.index("_finish"):self.events.index("_beat")], ["_finish", "commit"])

    def test_a_row_that_another_worker_was_first_to_make_is_no_failure_of_a_part(self):
        """Within work that is done again as a whole it is done again; on its own it is told."""
        def late():
            raise UniqueViolation
        profile = self._profile()
        self.assertIsInstance(profile._attempt(late), UniqueViolation)
        RETRYING.add(self.env.cr)
        self.addCleanup(RETRYING.discard, self.env.cr)
        with self.assertRaises(UniqueViolation):
            profile._attempt(late)


@tagged("post_install", "-at_install")
class TestChargeRunHeld(ChargeJobCase):
    """One run of charges that has to wait holds up no other."""

    def _posting(self, partner):
        self._dated(DUE, partner=partner)
        run = self._new_run()
        run.action_prepare()
        run.sudo()._transition("posting")
        return run

    def test_others_are_posted_and_mailed_and_it_is_asked_for_again_later(self):
        held, asked, mailed = self._posting(self.customer), [], []
        Run, Charge, Cron = (type(self.env[name]) for name in ("collection.charge.run", "collection.charge", "ir.cron"))
        with patch.object(Run, "_post_drafts", lambda run, commit=False: False), patch.object(Cron, "_trigger", lambda cron, at=None: asked.append(at)), \
                patch.object(Charge, "_send_waiting", lambda charges, commit=False: mailed.append(True)):
            self._job()
        self.assertEqual((held.state, mailed), ("posting", [True]))
        self.assertGreater(asked[-1], fields.Datetime.now() + timedelta(seconds=30))

    def test_an_error_without_words_is_named_too(self):
        """Else its draft would wait for ever, and the job be called for it without end."""
        run = self._posting(self.customer)
        with patch.object(type(self.env["collection.charge"]), "_bill", side_effect=AssertionError()), mute_logger(BILL):
            self._job()
        self.assertEqual((run.charge_ids.problem, run.state), ("AssertionError", "prepared"))
