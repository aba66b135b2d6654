import logging

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .collection_metrics import note_failure

_logger = logging.getLogger(__name__)

BATCH = 200
TOLD = 10  # ids that the heartbeat names
HEARTBEAT = "retention"


class CollectionRetentionRule(models.Model):
    """The purge: in batches, each a transaction of its own, and what was done once is found no more."""

    _inherit = "collection.retention.rule"

    @api.model
    def _cron_purge(self):
        """Nightly: what was kept long enough goes. What fails for one kind of data stops no other."""
        self._ensure_all()
        rules = self.search([("company_id.parent_id", "=", False)]).filtered(lambda rule: rule._is_known())
        problems = [problem for rule in rules for problem in rule._purge_all()]
        problems += [f"partner {partner.id} of an application" for partner in self.env["res.partner"]._forget_applicants()]
        self.env["collection.removal"]._forget_export()
        self.env["collection.heartbeat"]._beat(HEARTBEAT, ", ".join(problems))
        self.env["ir.cron"]._commit_progress(remaining=0)

    def _purge_all(self):
        """Purge batch after batch, until nothing is due or the job's time is up; returns what did not work, in words."""
        self.ensure_one()
        bad, ids = [], [0]
        while True:
            due = []
            if self._attempt(lambda due=due, last=ids[-1]: due.extend(self._due_ids(last))):
                return [f"{self.code} of company {self.company_id.id}"]
            ids = due
            bad += self._purge_each(ids)
            if not self.env["ir.cron"]._commit_progress(len(ids)) or len(ids) < BATCH:
                self.last_on = self.company_id._collection_today()
                return [f"{self.code} of company {self.company_id.id}: {len(bad)} ({', '.join(map(str, bad[:TOLD]))})"] if bad else []

    def _due_ids(self, last):
        """The next that are due; those that failed before are not looked at again in the same night."""
        return self._stored().search(self._domain(due=True) & Domain("id", ">", last), limit=BATCH, order="id").ids

    def _purge_each(self, ids):
        """Purge a batch at once, a poisoned one record by record; returns the ids of those that failed."""
        if not self._attempt(lambda: self._purge_batch(ids)):
            return []
        if len(ids) == 1:
            return ids
        failed = []
        for record_id in ids:
            failed += self._purge_each([record_id])
            self.env["ir.cron"]._commit_progress()
        return failed

    def _attempt(self, work):
        """The error that ``work`` met, with a line in the log that tells nothing personal."""
        error = self.env["credit.profile"]._attempt(work)
        if error:
            note_failure(_logger, error, "retention: %s of company %s failed", self.code, self.company_id.id)
        return error

    def _purge_batch(self, ids):
        """Take away those of ``ids`` that are still due."""
        records = self._stored().search(self._domain(due=True) & Domain("id", "in", ids))
        if records:
            count = len(records)
            self._purge(records)
            self._note(count)

    def _note(self, count):
        """One line a day and kind: numbers only."""
        today = self.company_id._collection_today()
        line = self.env["collection.retention.log"].search([("rule_id", "=", self.id), ("on", "=", today)], limit=1)
        if line:
            line.count += count
        else:
            self.env["collection.retention.log"].create({"rule_id": self.id, "on": today, "count": count, "months": self.months})

    # ------------------------------------------------------------------ which

    def _stored(self):
        """The model of a kind of data, with what is archived."""
        # sudo: the purge takes what nobody may delete by hand; numbers show nothing of it
        return self.env[self._kind.model].sudo().with_context(active_test=False, tracking_disable=True)

    def _domain(self, due=False):
        """What is stored of a kind, or what of it was kept long enough."""
        kind = self._kind
        domain = Domain(kind.company, "child_of", self.company_id.id) if kind.company else self._domain_of_company()
        domain &= Domain(list(kind.own))
        if kind.blank:  # what was emptied is not stored any more
            domain &= Domain.OR([(name, "!=", False)] for name in kind.blank if name in self._stored()._fields)
        return domain & self._domain_done() & Domain(kind.since, "<", self._until()) if due else domain

    def _domain_done(self):
        """What no open case needs any more."""
        kind = self._kind
        owing = Domain(kind.customer, "not in", self._owing()) if kind.customer else Domain.TRUE
        return Domain(list(kind.done)) & owing

    def _owing(self):
        """Customers with something open that is older than what is kept anyway."""
        # sudo: whether something is open, as everywhere here
        items = self.env["account.move.line"].sudo()._search([
            ("company_id", "child_of", self.company_id.id), ("account_type", "=", "asset_receivable"), ("parent_state", "=", "posted"),
            ("reconciled", "=", False), ("partner_id", "!=", False), ("date", "<", self._until())])
        owners = self.env["res.partner"].sudo().with_context(active_test=False)._search([("id", "in", items.subselect(SQL.identifier(items.table, "partner_id")))])
        return self._profiles([("partner_id", "in", owners.subselect(SQL.identifier(owners.table, "commercial_partner_id")))])

    def _domain_of_company(self):
        """Notes under customers of this company."""
        return Domain("model", "=", "credit.profile") & Domain("res_id", "in", self._profiles([]))

    def _profiles(self, domain):
        # sudo: whose they are, as everywhere here
        return self.env["credit.profile"].sudo().with_context(active_test=False)._search([("company_id", "=", self.company_id.id), *domain])

    def _until(self):
        """The first day that is still kept."""
        return fields.Date.to_string(self.company_id._collection_today() - relativedelta(months=self.months))

    def _keep_until(self, record):
        """The last day on which a record is kept."""
        value = record.mapped(self._kind.since) if "." in self._kind.since else [record[self._kind.since]]
        day = fields.Date.to_date(value[0]) if value and value[0] else None
        return day and day + relativedelta(months=self.months)

    # ------------------------------------------------------------------ what happens

    def _purge(self, records):
        """Take records away, or what makes them those of a person, with all that hangs on them."""
        kind = self._kind
        special = getattr(self, f"_purge_{self.code}", None)
        if special:
            special(records)
        if kind.files:
            self._drop("ir.attachment", [("res_model", "=", kind.model), ("res_id", "in", records.ids), ("id", ">", 0)])  # those of fields too
        if kind.chatter:
            self._drop("mail.message", [("model", "=", kind.model), ("res_id", "in", records.ids)])
            self._drop("mail.activity", [("res_model", "=", kind.model), ("res_id", "in", records.ids)])
        if kind.blank:
            records.write({name: False for name in kind.blank if name in records._fields})
        else:
            records.unlink()

    def _drop(self, model, domain):
        # sudo: what belongs to a record goes with it
        self.env[model].sudo().with_context(active_test=False).search(domain).unlink()

    def _purge_contact(self, actions):
        """A contact's notes in the chatter, its text message, and its key, which names the address."""
        names = [name for name in actions.mapped("message_id") if name]
        self._drop("mail.message", [("message_id", "in", names)])
        uuids = [uuid for uuid in actions.mapped("sms_uuid") if uuid]
        self._drop("sms.sms", [("uuid", "in", uuids)])
        self._drop("sms.tracker", [("sms_uuid", "in", uuids)])
        for action in actions:
            action.dedupe_key = f"{action.dedupe_key.rpartition('|')[0]}|{action.id}"
        actions.profile_id._write_snapshot([{"statement_mark": None}] * len(actions.profile_id))

    def _purge_application_signed(self, applications):
        """What the applicant sent and what others said of it; the contract and the signature are the proof and stay."""
        for parts in (applications.document_ids, applications.answer_ids, applications.reference_ids, applications.external_score_ids):
            parts.unlink()

    def _purge_call(self, calls):
        """What a call wrote under the customer goes with the notes on customers; its key with the call."""
        calls.write({"token": False})

    def _purge_bureau(self, lines):
        """The file itself goes with the lines that say what was in it."""
        lines.file_id._forget_file()
