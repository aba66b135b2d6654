from odoo import models


class SmsTracker(models.Model):
    _inherit = "sms.tracker"

    def _action_update_from_provider_error(self, provider_error):
        """Read a failed delivery back into its contact: the level no longer counts."""
        result = super()._action_update_from_provider_error(provider_error)
        actions = self.env["collection.action"].search(
            [("sms_uuid", "in", self.mapped("sms_uuid")), ("state", "=", "sent")])
        for action in actions:
            action._fail_after_sending("bounced", {"error": provider_error})
        return result
