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
        records = self.filtered(lambda record: record.state == "open")
        if records:
            records.activity_unlink([TASK])
        records._give_tasks(TASK, {record: record._prepare_request(record._assignee()) for record in records})

    def _prepare_request(self, user):
        env = self.with_context(lang=user.lang or self.env.lang).env
        return {"user_id": user.id, "date_deadline": self.deadline or self.company_id._collection_today(), "summary": env._(
            "Clear up: %(reason)s, %(document)s", reason=self.with_env(env).reason_id.name, document=self.document)}

    def _give_tasks(self, kind, values):
        """A task for each of these, ``{dispute: values}``, made together."""
        self.mapped("display_name")  # core names the record of each activity on its own: read them together
        IrModel, Data = self.env["ir.model"], self.env["ir.model.data"]
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create([{
            "res_model_id": IrModel._get_id(self._name), "res_id": record.id, "automated": True,
            "activity_type_id": Data._xmlid_to_res_id(kind), **some} for record, some in values.items()])

    def _escalate(self, today):
        """After the deadline: once, to the one who looks after the customer."""
        if self:
            self.write({"escalated_on": today})
            self._give_tasks(LATE, {record: record._prepare_reminder(record.profile_id._responsible(), today) for record in self})
            self._tell(dict.fromkeys(self, "escalated"))

    def _prepare_reminder(self, user, today):
        env = self.with_context(lang=user.lang or self.env.lang).env
        return {"user_id": user.id, "date_deadline": today, "summary": env._(
            "Not cleared up by %(day)s: %(document)s", day=format_date(env, self.deadline), document=self.document)}

    def _drop_tasks(self):
        self.activity_unlink([TASK, LATE])
