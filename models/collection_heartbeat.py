from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import config

from .collection_metrics import note

RED_AFTER = timedelta(hours=26)
AHEAD = timedelta(hours=1)  # what was noted so far ahead is of a clock that was set back since: it says nothing


class CollectionHeartbeat(models.Model):
    """When each job last ran and last succeeded; red when late (R-25)."""

    _name = "collection.heartbeat"
    _description = "Last success of a collection job"
    _rec_name = "job"

    job = fields.Char(required=True)
    last_run = fields.Datetime()
    last_success = fields.Datetime()
    last_error = fields.Char()

    _job_uniq = models.UniqueIndex("(job)", "A job has one heartbeat only.")

    @api.model
    def _beat(self, job, error=None):
        """Note that ``job`` finished: with success, or with ``error`` (ids only, nothing personal).

        What the job did is committed before: that another one beats at the same time must not make it fail (R-21).
        """
        self.env["credit.profile"]._attempt(lambda: self._write_beat(job, error))

    @api.model
    def _write_beat(self, job, error):
        note("job", job=job, problems=len(error.split(", ")) if error else 0)
        row = self.search([("job", "=", job)], limit=1)
        now = fields.Datetime.now()
        values = {"last_run": now, "last_error": error} if error else {"last_run": now, "last_success": now, "last_error": False}
        if row:
            row.write(values)
        else:
            self.create({"job": job, **values})

    @api.model
    def _problems(self):
        """Codes of what is wrong with the jobs, empty when all is well: ``[(job, problem)]``."""
        now = fields.Datetime.now()
        crons = {job: self.env.ref(f"account_credit_collection.{xmlid}", raise_if_not_found=False)
                 for job, xmlid in self._jobs().items()}
        beats = {row.job: row for row in self.search([])}
        problems = []
        armed = self.env["res.company"].search_count([("collection_automatic", "=", True)])
        for job, cron in crons.items():
            if not cron or not cron.active:
                if job != "run" or armed:
                    problems.append((job, "off"))
                continue
            beat = beats.get(job)
            ran = beat and (beat.last_run or beat.last_success)
            if not ran and cron.create_date < now - RED_AFTER:
                problems.append((job, "never"))
            interval = timedelta(**{cron.interval_type: cron.interval_number}) \
                if cron.interval_type in ("minutes", "hours", "days", "weeks") else timedelta(days=31)
            if cron.failure_count:
                problems.append((job, "failing"))
            elif cron.nextcall > now + 2 * interval or (ran and max(ran, beat.last_success or ran) > now + AHEAD):
                problems.append((job, "clock"))
            elif ran and now - ran > max(RED_AFTER, 2 * interval):
                problems.append((job, "late"))
            elif ran and now - (beat.last_success or cron.create_date) > max(RED_AFTER, 2 * interval):
                problems.append((job, "partly"))  # it runs, but something fails each time
        return problems

    @api.model
    def _sentences(self):
        """The problems in words for the person at the screen, also those of the server's set-up (R-26)."""
        texts = {
            "off": self.env._("is switched off"), "failing": self.env._("fails"), "late": self.env._("has not run for too long"), "partly": self.env._("runs with errors: see Health"),
            "never": self.env._("has never succeeded"), "violated": self.env._("found what must not be: see Health"), "clock": self.env._("is due too far in the future; was the clock changed?"),
        }
        names = {job: self.env.ref(f"account_credit_collection.{xmlid}", raise_if_not_found=False) for job, xmlid in self._jobs().items()}
        return [self.env._("The job “%(job)s” %(problem)s.", job=names[job].name if names[job] else job, problem=texts[problem])
                for job, problem in self._problems()] + self._server_sentences()

    @api.model
    def _server_sentences(self):
        """What is wrong with the server's set-up, for those who can change it (R-26)."""
        if not config["workers"] and self.env.user.has_group("base.group_system") and not config["test_enable"]:
            return [self.env._("The server runs without workers: scheduled jobs do not survive a restart of the database.")]
        return []

    @api.model
    def _jobs(self):
        return {"run": "ir_cron_collection_run", "perform": "ir_cron_collection_perform",
                "refresh": "ir_cron_credit_refresh", "charge": "ir_cron_collection_charge",
                "settlement": "ir_cron_collection_settlement", "snapshot": "ir_cron_collection_snapshot",
                "retention": "ir_cron_collection_retention"}
