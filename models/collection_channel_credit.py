from odoo import api, models
from odoo.tools.mail import email_normalize

MODULE = "account_credit_collection"


class CollectionChannel(models.AbstractModel):
    """Mails about credit applications: queued for core's mail job, never sent while a person or an applicant waits."""

    _inherit = "collection.channel"

    @api.model
    def _queue_application(self, application, kind, files=()):
        """Queue the mail ``kind`` (received, asked_back, approved, refused, signed) to the applicant."""
        if not application.email_normalized:
            application._message_log(body=self.env._("No mail was made: there is no usable e-mail address."))
            return
        subject = self._queue(f"credit_mail_template_{kind}", application, application._reader_lang(), application.email_normalized, files)
        application._message_log(body=self.env._("Mail to %(address)s: %(subject)s", address=application.email_normalized, subject=subject))

    @api.model
    def _queue_reference(self, reference):
        """Queue the question to a referee, with its own link."""
        application = reference.application_id
        self._queue("credit_mail_template_reference", reference, application._reader_lang(), email_normalize(reference.email), ())
        application._message_log(body=self.env._("Asked for a reference: %s", reference.display_name))

    @api.model
    def _queue(self, template, record, lang, recipient, files):
        """One queued mail to one plain address: names come from outside. It hangs on no record, since its link is for nobody of the office to read."""
        template = (self.env.ref(f"{MODULE}.{template}") if isinstance(template, str) else template).sudo()  # sudo: templates render what only the recipient may read
        subject = template._render_field("subject", record.ids, res_ids_lang={record.id: lang})[record.id]
        body = template._render_field("body_html", record.ids, res_ids_lang={record.id: lang}, options={"post_process": True})[record.id]
        sender = record.company_id.email_formatted
        self.env["mail.mail"].sudo().create({
            "subject": " ".join(subject.split()), "body_html": body + self._prepare_foot(record, lang), "email_from": sender, "reply_to": sender, "email_to": recipient,
            **self._prepare_origin(record), "auto_delete": True, "attachment_ids": [(0, 0, {"name": name, "raw": raw, "mimetype": "application/pdf", "res_model": "mail.message"})
                                                    for name, raw in files],  # deleted with the mail
        })
        return subject

    @api.model
    def _queue_paper(self, record, template):
        """Queue a mail with the kept paper of a record, and note it in its chatter; return the address, None where nothing goes."""
        partner = record.profile_id.partner_id
        who = self.env["collection.reader"]._read_recipients(partner.ids)[partner.id].usable.get("email")
        lang = who and (who.lang or record._reader_lang())
        files = [(record.with_context(lang=lang)._document_name(), record._document_raw())] if who and record.document_hash else []
        subject = who and self._queue(template, record, lang, who.address, files)
        if not subject:
            return None
        record._message_log(body=self.env._("Mail to %(address)s: %(subject)s", address=who.address, subject=subject))
        return who.address
