from markupsafe import Markup

from odoo import api, models
from odoo.tools.mail import html2plaintext

from ..exceptions import DeliveryError
from .collection_smtp import Mail, delivery_error, root_cause


class CollectionChannel(models.AbstractModel):
    """E-mail: built by core from what the row holds, handed over one by one."""

    _inherit = "collection.channel"

    @api.model
    def _prepare_mails(self, actions):
        """The finished mails of checked actions: ``{action id: Mail}``.

        Nothing more is read once a row is marked as leaving: each commit empties the
        cache, and reading row by row costs more than sending does.
        """
        senders, mails = {}, {}
        for action in actions:
            key = (action.company_id, action.collector_id)
            if key not in senders:
                senders[key] = self._prepare_route(action)
            try:
                mails[action.id] = self._prepare_mail(action, senders[key])
            except Exception as error:  # what is wrong with one mail stops no other; without a sender it is our fault
                outcome = "failed" if senders[key]["email_from"] else "down"
                mails[action.id] = Mail(None, None, None, DeliveryError(outcome, root_cause(error)))
        return mails

    @api.model
    def _prepare_route(self, action):
        """Who sends, where answers and bounces go: the same for all contacts of a company and collector."""
        domain = action.company_id.alias_domain_id
        sender = action._prepare_sender()["sender_email"] or domain.default_from_email
        # Answers go to the catch-all where there is one, so that they reach the customer's record.
        return {
            "email_from": sender, "reply_to": action.company_id.catchall_formatted or sender,
            "headers": {"Return-Path": domain.bounce_email or action.company_id.bounce_email or sender,
                        "X-Auto-Response-Suppress": "OOF"},
        }

    @api.model
    def _prepare_mail(self, action, route):
        """One mail to one recipient without copies (R-06); built by core from what the row holds."""
        Server = self.env["ir.mail_server"].sudo()
        try:
            files = self._checked_files(action)
        except DeliveryError as error:
            return Mail(None, route["email_from"], None, error)
        message = Server._build_email__(
            email_from=route["email_from"], email_to=[action.recipient], subject=action.subject, body=action.body,
            body_alternative=html2plaintext(action.body), reply_to=route["reply_to"], attachments=files,
            message_id=action.message_id, object_id=f"{action.partner_id.id}-res.partner", subtype="html",
            headers=route["headers"])
        return Mail(message, route["email_from"], route["headers"]["Return-Path"], None)

    @api.model
    def _perform_email(self, action, sessions):
        """Hand one mail to the server; raises DeliveryError with the state the action takes."""
        mail = sessions.mails[action.id]
        if mail.error:
            raise mail.error
        try:
            session = sessions.get(mail.sender)
        except Exception as error:
            raise DeliveryError("down", root_cause(error)) from error
        try:
            self.env["ir.mail_server"].with_context(domain_bounce_address=mail.bounce).send_email(  # nosemgrep: sends-by-itself - this is the outbox's hand
                mail.message, smtp_session=session)
        except Exception as error:
            raise delivery_error(error, getattr(session, "data_begun", False)) from error

    @api.model
    def _checked_files(self, action):
        """The files of an action; a missing or truncated one is refused before it is sent (R-15)."""
        files = []
        for attachment in action.attachment_ids.sudo():
            if not attachment._is_whole():
                raise DeliveryError("retry", attachment.name, "attachment_damaged")
            files.append((attachment.name, attachment.raw, attachment.mimetype))
        return files

    @api.model
    def _note_mails(self, actions):
        """Leave a note of sent mails in their customers' chatter; answers find their way there by the Message-Id.

        The words stand on the contact, one click away: cleaning the HTML of each again would cost more than sending it.
        """
        note = self.env.ref("mail.mt_note").id
        link = Markup('<p><a href="#" data-oe-model="collection.action" data-oe-id="%s">%s</a></p>')
        self.env["mail.message"].sudo().create([{
            "message_type": "email_outgoing", "subtype_id": note, "is_internal": True,
            "model": "res.partner", "res_id": action.partner_id.id, "subject": action.subject,
            "body": link % (action.id, action.subject), "record_name": action.partner_id.name,
            "message_id": action.message_id, "date": action.sent_at, "outgoing_email_to": action.recipient,
            "author_id": (action.collector_id.partner_id or action.company_id.partner_id).id,
            "email_from": action.company_id.email_formatted, "reply_to": action.company_id.email_formatted,
        } for action in actions])
        actions.write({"noted": True})
