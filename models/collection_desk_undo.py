from odoo import api, models
from odoo.exceptions import UserError

from .collection_desk import id_of


class CollectionDesk(models.AbstractModel):
    """Taking a call back that was a slip: the wrong customer, the wrong key."""

    _inherit = "collection.desk"

    @api.model
    def undo(self, call_id):
        """Take back one's own call of today, with the promise or dispute that it made. What was mailed stays mailed."""
        self._check_collector()
        call = self.env["collection.call"].search([("id", "=", id_of(call_id)), ("user_id", "=", self.env.uid), ("voided", "=", False)])
        profile = call.profile_id
        if not call or call.day != profile.company_id._collection_today() or call.outcome == "copy":
            raise UserError(self.env._("Only your own calls of today can be taken back, and no copies that were sent."))
        later = self.env["collection.call"].search_count([("profile_id", "=", profile.id), ("id", ">", call.id), ("voided", "=", False)])
        if later:
            raise UserError(self.env._("%s was called again since; take that call back first.", profile.display_name))
        promise, dispute = call.sudo().promise_id, call.sudo().dispute_id  # sudo: a slip leaves no promise that was not kept
        if promise.state not in (False, "open") or dispute.state not in (False, "open"):
            raise UserError(self.env._("Something came of it already: it cannot be taken back any more."))
        call.sudo().voided = True
        self._restore(call.sudo(), promise, dispute)
        return True

    @api.model
    def _restore(self, call, promise, dispute):
        """Everything as it was before the call; a promise that was renewed holds again."""
        promise.unlink()
        dispute.unlink()
        call.renewed_id.filtered(lambda record: record.state == "withdrawn")._transition("open", withdraw_reason=False, withdrawn_by=False)
        call.profile_id.write(call.before)
        undone = call.done_action_ids.filtered(lambda action: action.state == "sent")
        undone._transition("failed", sent_on=False, sent_at=False)
        undone._transition("ready")
        call.profile_id._note(("noted_undone", {}))
