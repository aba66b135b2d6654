"""What is told of the jobs, and one promise about redirects; the number of the requirement stands in the name."""
from datetime import timedelta
from types import MethodType
from unittest.mock import patch
from urllib.parse import urlsplit

from odoo import fields
from odoo.http import Request
from odoo.tests import HttpCase, tagged
from odoo.tools import config

from odoo.addons.http_routing.tests.common import MockRequest

from ..controllers import links
from ..models.collection_reason import describe


@tagged("post_install", "-at_install")
class TestHealth(HttpCase):
    """What is told of the jobs: to managers, and to whoever watches the server (R-25, R-26)."""

    def setUp(self):
        super().setUp()
        Beat = self.env["collection.heartbeat"].sudo()
        self.crons = {job: self.env.ref(f"account_credit_collection.{xmlid}") for job, xmlid in Beat._jobs().items()}
        for job, cron in self.crons.items():
            cron.write({"active": True, "failure_count": 0, "nextcall": fields.Datetime.now()})
            Beat._beat(job)
        self.beat = Beat
        self.assertEqual(self._problems(), [])

    def _problems(self):
        return [found for found in self.beat._problems() if found[0] == "perform"]

    def test_r25_a_job_that_fails(self):
        self.crons["perform"].failure_count = 1
        self.assertEqual(self._problems(), [("perform", "failing")])

    def test_r25_a_job_due_too_far_ahead(self):
        self.crons["perform"].nextcall = fields.Datetime.now() + timedelta(days=41)
        self.assertEqual(self._problems(), [("perform", "clock")])

    def test_r25_a_job_that_is_switched_off(self):
        self.crons["perform"].active = False
        self.assertEqual(self._problems(), [("perform", "off")])

    def test_r25_a_job_that_did_not_succeed_for_more_than_a_day(self):
        self._last(run=25, success=25)
        self.assertEqual(self._problems(), [])
        self._last(run=27, success=27)
        self.assertEqual(self._problems(), [("perform", "late")])
        self._last(run=27, success=30)
        self.assertEqual(self._problems(), [("perform", "late")], "with errors before, and not at all since")

    def test_r25_a_job_that_runs_with_an_error_each_time(self):
        """One bad customer is no reason to look for a job that does not run."""
        self._last(run=27, success=27)
        self.beat._beat("perform", "contact 7")
        self.assertEqual(self._problems(), [("perform", "partly")])
        row = self.beat.search([("job", "=", "perform")])
        self.assertEqual((row.state, row.state_text), ("partly", describe(self.env, "job_partly")))
        self.assertIn("runs with errors", " ".join(self.beat._sentences()))
        row.last_success = False
        self.crons["perform"].env.cr.execute("UPDATE ir_cron SET create_date = %s WHERE id = %s",
                                             [fields.Datetime.now() - timedelta(days=3), self.crons["perform"].id])
        self.env.invalidate_all()
        self.assertEqual(self._problems(), [("perform", "partly")], "nor where it never went without one")

    def _last(self, run, success):
        now = fields.Datetime.now()
        self.beat.search([("job", "=", "perform")]).write(
            {"last_run": now - timedelta(hours=run), "last_success": now - timedelta(hours=success)})

    def test_r25_the_address_is_for_who_knows_the_secret(self):
        ask = lambda query="": self.url_open(f"/collections/health{query}").status_code  # noqa: E731
        parameter = self.env["ir.config_parameter"].sudo()
        parameter.set_param("account_credit_collection.health_token", False)
        self.assertEqual((ask(), ask("?token="), ask("?token=False")), (404, 404, 404))
        parameter.set_param("account_credit_collection.health_token", "open sesame")
        self.assertEqual((ask(), ask("?token="), ask("?token=open"), ask("?token=%FF")), (404, 404, 404, 404))
        self.assertIn(ask("?token=open sesame"), (200, 503))

    def test_r25_the_address_says_what_is_wrong_and_nothing_else(self):
        self.env["ir.config_parameter"].sudo().set_param("account_credit_collection.health_token", "open sesame")
        self.crons["perform"].failure_count = 1
        answer = self.url_open("/collections/health?token=open sesame")
        self.assertEqual(answer.status_code, 503)
        self.assertIn("perform failing", answer.text.splitlines())
        self.assertEqual(answer.headers["Cache-Control"], "no-store")

    def test_r82_a_redirect_stays_on_this_site(self):
        with MockRequest(self.env) as request:
            request.redirect = MethodType(Request.redirect, request)  # the mocked one knows no site
            for path in ("https://evil.example/x", "//evil.example/x", "https:evil.example", "/\\\\evil.example/x"):
                with self.subTest(path):
                    where = urlsplit(links.go(path).headers["Location"])
                    self.assertFalse(where.netloc or where.scheme)

    def test_r26_without_workers_administrators_are_warned(self):
        admin = self.env.ref("base.user_admin")
        told = {}
        for workers in (0, 2):
            with patch.dict(config.options, {"workers": workers, "test_enable": False}):
                told[workers] = any("workers" in text for text in self.beat.with_user(admin).sudo(False)._sentences())
        self.assertEqual(told, {0: True, 2: False})
