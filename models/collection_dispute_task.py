from odoo import models
from odoo.tools.misc import format_date

TASK = "account_credit_collection.mail_activity_collection_dispute"
LATE = "account_credit_collection.mail_activity_collection_dispute_late"


class CollectionDispute(models.Model):
    """Who clears a dispute up, until when, and who hears of it when nobody did."""

    _inherit = "collection.dispute"

    def _assign(self, fill=False):
        """Owner and deadline by the reason; ``fill`` keeps what the collector said already."""
        for record in self:
            company = record.company_id
            values = {"owner_id": record._find_owner().id, "deadline": company._dispute_deadline(record.opened_on, record.reason_id.sla_days)}
            record.write({name: record[name] if fill and record[name] else value for name, value in values.items()})

    def _find_owner(self):
        """The reason's own owner; for sales, who sold it."""
        candidates = [self.reason_id.owner_id]
        if self.reason_id.team == "sales":
            candidates += [self.item_id.move_id.invoice_user_id, self.partner_id.user_id]
        able = (user for user in candidates if user.active and not user.share and self.company_id in user.company_ids.root_id)
        return next(able, self.env["res.users"])

    def _assignee(self):
        """Who gets the task: the owner if the owner may see the dispute, else whoever looks after the customer."""
        user = self.owner_id
        if user and user.active and self.with_user(user).has_access("read"):
            return user
        return self.profile_id._responsible()

    def _ask_owner(self):
        """One task for each open dispute; the list of tasks tells the owner, not a mail."""
        for record in self.filtered(lambda record: record.state == "open"):
            record.activity_unlink([TASK])
            user = record._assignee()
            env = record.with_context(lang=user.lang or record.env.lang).env
            record._task(TASK, user, record.deadline or record.company_id._collection_today(), env._(
                "Clear up: %(reason)s, %(document)s", reason=record.with_env(env).reason_id.name, document=record.document))

    def _task(self, kind, user, deadline, summary):
        self.with_context(mail_activity_quick_update=True).activity_schedule(kind, user_id=user.id, date_deadline=deadline, summary=summary)

    def _escalate(self, today):
        """After the deadline: once, to the one who looks after the customer."""
        for record in self:
            record.escalated_on = today
            user = record.profile_id._responsible()
            env = record.with_context(lang=user.lang or record.env.lang).env
            record._task(LATE, user, today, env._(
                "Not cleared up by %(day)s: %(document)s", day=format_date(env, record.deadline), document=record.document))
        self._tell("escalated")

    def _drop_tasks(self):
        self.activity_unlink([TASK, LATE])
