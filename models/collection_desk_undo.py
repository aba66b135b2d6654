from odoo import api, fields, models
from odoo.exceptions import UserError

from .desk_values import id_of


class CollectionDesk(models.AbstractModel):
    """Taking a call back that was a slip: the wrong customer, the wrong key."""

    _inherit = "collection.desk"

    @api.model
    def undo(self, call_id):
        """Take back one's own call of today, with what it made: promise or dispute, contact, tasks. What was mailed stays mailed."""
        self._check_collector()
        call = self.env["collection.call"].search([("id", "=", id_of(call_id)), ("user_id", "=", self.env.uid), ("voided", "=", False)])
        profile = call.profile_id
        if not call or call.day != profile.company_id._collection_today() or call.outcome == "copy":
            raise UserError(self.env._("Only your own calls of today can be taken back, and no copies that were sent."))
        later = self.env["collection.call"].search_count([("profile_id", "=", profile.id), ("id", ">", call.id), ("voided", "=", False)])
        if later:
            raise UserError(self.env._("%s was called again since; take that call back first.", profile.display_name))
        promise, dispute = call.sudo().promise_id, call.sudo().dispute_id  # sudo: a slip leaves no promise that was not kept
        if self._came_of(promise, dispute):
            raise UserError(self.env._("Something came of it already: it cannot be taken back any more."))
        call.sudo().voided = True
        self._restore(call.sudo(), promise, dispute)
        return True

    @api.model
    def _came_of(self, promise, dispute):
        """Whether there is more to a promise or dispute by now than what the call said."""
        if promise and (promise.state != "open" or promise.currency_id.compare_amounts(promise.paid_amount, 0)):
            return True
        return bool(dispute) and bool(dispute.state != "open" or dispute.move_ids or dispute.finding or dispute.decided_amount
                                      or dispute.currency_id.compare_amounts(dispute.amount, dispute.open_amount))

    @api.model
    def _restore(self, call, promise, dispute):
        """Everything as it was before the call; a promise that was renewed holds again."""
        renewed = call.renewed_id.filtered(lambda record: record.state == "withdrawn")
        contested = dispute.item_id.ids
        promise.unlink()
        dispute.unlink()
        renewed._transition("open", withdraw_reason=False, withdrawn_by=False)
        # what is not contested any more is expected again; while it was withdrawn a promise was not judged
        renewed._judge(call.profile_id.company_id._collection_today())
        self.env["collection.promise"]._judge_about(contested)
        call.profile_id.write(call.before)
        undone = call.done_action_ids.filtered(lambda action: action.state == "sent")
        undone._transition("failed", sent_on=False, sent_at=False)
        undone._transition("ready")
        self._restore_tasks(call)
        self._restore_contacts(call)
        call.profile_id._note(("noted_undone", {}), tell=None)

    # ------------------------------------------------------------------ tasks

    @api.model
    def _tasks(self, profile):
        """The open tasks about a customer, and what its salesperson was told: ``{id: how it stands}``."""
        customer = profile.sudo()  # sudo: tasks of others
        own = self.env["mail.activity"].sudo().search([("res_model", "=", profile._name), ("res_id", "=", profile.id)])
        return {str(task.id): self._standing_of(task) for task in own | customer._news()}

    @api.model
    def _standing_of(self, task):
        return [task.summary or "", fields.Date.to_string(task.date_deadline)] if task.active else None

    @api.model
    def _changed_tasks(self, before, after):
        """What a call made, moved or completed: ``{id: [before, after]}``, None for a task that is not open."""
        return {key: [before.get(key), after.get(key)] for key in {*before, *after} if before.get(key) != after.get(key)}

    @api.model
    def _restore_tasks(self, call):
        """Tasks as they were, but for those with which somebody went on since.

        A call that the follow-up asked for gets its task anew with its contact.
        """
        Task = self.env["mail.activity"].sudo().with_context(active_test=False, mail_activity_quick_update=True)
        again = call.done_action_ids.activity_id.ids
        for key, (before, after) in (call.tasks or {}).items():
            task = Task.browse(int(key)).exists()
            if not task or task.id in again or self._standing_of(task) != after:
                continue
            if before is None:
                task.unlink()
            else:
                task.write({"active": True, "feedback": False, "summary": before[0], "date_deadline": before[1]})
