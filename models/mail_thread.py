from odoo import models


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def _routing_handle_bounce(self, email_message, message_dict):
        """Read a bounce back into the contact it belongs to: its level no longer counts."""
        super()._routing_handle_bounce(email_message, message_dict)
        ids = message_dict.get("bounced_msg_ids")
        actions = self.env["collection.action"].sudo().search(
            [("message_id", "in", list(ids)), ("state", "=", "sent")]) if ids else ()
        for action in actions:
            action._fail_after_sending("bounced", {})
