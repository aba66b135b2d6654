from odoo import models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    def _action_done(self, feedback=False, attachment_ids=None):
        """A call that was made, wherever it was ticked off, completes its contact."""
        actions = self.env["collection.action"].sudo().search([("activity_id", "in", self.ids), ("state", "=", "waiting")])
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        for company, rows in actions.grouped("company_id").items():
            rows._mark_sent(company._collection_today())
        return result
