from datetime import timedelta

from odoo import api, fields, models

RED_AFTER = timedelta(hours=26)


class CollectionHeartbeat(models.Model):
    """When each job last succeeded; red when late (R-25)."""

    _name = "collection.heartbeat"
    _description = "Last success of a collection job"
    _rec_name = "job"

    job = fields.Char(required=True)
    last_success = fields.Datetime()
    last_error = fields.Char()

    _job_uniq = models.UniqueIndex("(job)", "A job has one heartbeat only.")

    @api.model
    def _beat(self, job, error=None):
        """Note that ``job`` finished: with success, or with ``error`` (ids only, nothing personal)."""
        row = self.search([("job", "=", job)], limit=1)
        values = {"last_error": error} if error else {"last_success": fields.Datetime.now(), "last_error": False}
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
        for job, cron in crons.items():
            if not cron or not cron.active:
                continue
            beat = beats.get(job)
            interval = timedelta(**{cron.interval_type: cron.interval_number}) \
                if cron.interval_type in ("minutes", "hours", "days", "weeks") else timedelta(days=31)
            if cron.failure_count:
                problems.append((job, "failing"))
            elif cron.nextcall > now + 2 * interval:
                problems.append((job, "clock"))
            elif beat and beat.last_success and now - beat.last_success > max(RED_AFTER, 2 * interval):
                problems.append((job, "late"))
        return problems

    @api.model
    def _jobs(self):
        return {"run": "ir_cron_collection_run", "perform": "ir_cron_collection_perform",
                "refresh": "ir_cron_credit_refresh"}
