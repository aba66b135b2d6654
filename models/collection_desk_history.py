from odoo import api, models
from odoo.tools.misc import format_date

HISTORY = 20


class CollectionDesk(models.AbstractModel):
    """What was said, sent and paid before a call."""

    _inherit = "collection.desk"

    @api.model
    def _history(self, profile):
        """Calls, messages, promises, disputes and payments in one stream, newest first."""
        events = [*self._past_calls(profile), *self._past_messages(profile), *self._past_agreements(profile), *self._past_payments(profile)]
        return sorted(events, key=lambda event: event["on"], reverse=True)[:HISTORY]

    @api.model
    def _past_calls(self, profile):
        calls = self.env["collection.call"].search([("profile_id", "=", profile.id), ("voided", "=", False)], limit=HISTORY)
        return [{"on": call.day, "icon": "fa-phone", "title": call.sentence, "text": call.note or ""} for call in calls]

    @api.model
    def _past_messages(self, profile):
        icons = {"email": "fa-envelope-o", "sms": "fa-commenting-o", "letter": "fa-file-text-o", "call": "fa-phone"}
        sent = self.env["collection.action"].search([("profile_id", "=", profile.id), ("state", "=", "sent")], order="sent_on desc", limit=HISTORY)
        return [{"on": action.sent_on, "icon": icons.get(action.channel, "fa-circle"), "title": action.level_id.name, "text": action.subject or ""}
                for action in sent if action.sent_on]

    @api.model
    def _past_agreements(self, profile):
        promises = [{"on": record.made_on, "icon": "fa-handshake-o", "title": record._sentence(), "text": record.outcome} for record in profile.promise_ids]
        disputes = [{"on": record.opened_on, "icon": "fa-balance-scale", "title": record.display_name, "text": ""} for record in profile.dispute_ids]
        return promises[:HISTORY] + disputes[:HISTORY]

    @api.model
    def _past_payments(self, profile):
        """Money that came in, by the entries: a bank statement makes no payment document, and those have no index by customer."""
        domain = self.env["collection.reader"]._money_domain(profile.company_id, profile.partner_id.ids)
        lines = self.env["account.move.line"].search(domain, order="date desc, id desc", limit=HISTORY)
        return [{"on": move.date, "icon": "fa-money", "text": move.ref or "",
                 "title": self.env._("Paid %s", lines[0].currency_id.format(-sum(lines.mapped("amount_currency"))))}
                for (move, _currency), lines in lines.grouped(lambda line: (line.move_id, line.currency_id)).items()]

    @api.model
    def _last_words(self, profile):
        call = self.env["collection.call"].search([("profile_id", "=", profile.id), ("voided", "=", False), ("reached", "=", True)], limit=1)
        return (call.note or call.sentence) and f"{call.note or call.sentence} ({format_date(self.env, call.day)})"
