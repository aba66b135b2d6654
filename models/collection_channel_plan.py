from odoo import api, models


class CollectionChannel(models.AbstractModel):
    """Mails about payment plans: queued for core's mail job."""

    _inherit = "collection.channel"

    @api.model
    def _queue_plan(self, plan, kind, files=()):
        """Queue the mail ``kind`` (offer, link, thanks, broken, cancelled) about a plan; return whether it goes."""
        sent = self._queue_to(plan, plan, f"collection_mail_template_plan_{kind}", files)
        if sent:
            plan.mailed_on = plan.company_id._collection_today()
        return sent

    @api.model
    def _queue_installment(self, row, kind):
        """Queue the reminder ``kind`` (soon, late) of an installment; return whether it goes."""
        return self._queue_to(row.plan_id, row, f"collection_mail_template_plan_{kind}")

    @api.model
    def _queue_to(self, plan, record, template, files=()):
        partner = plan.profile_id.partner_id
        who = self.env["collection.reader"]._read_recipients(partner.ids)[partner.id].via("email")
        subject = who.address and self._queue(template, record, who.lang or plan._reader_lang(), who.address, files)
        if not subject:
            return False
        plan._message_log(body=self.env._("Mail to %(address)s: %(subject)s", address=who.address, subject=subject))
        return True
