from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools.mail import email_normalize

from .collection_reason import describe

# Mails that answer what somebody did, or that go to our own people, are no contacts of ours.
ANSWERING_MODELS = ("credit.application", "credit.application.reference", "collection.digest")


class CollectionChannel(models.AbstractModel):
    """The door of the mail queue: nothing goes to a customer, or a person, that must be left alone."""

    _inherit = "collection.channel"

    @api.model
    def _queue(self, template, record, lang, recipient, files):
        """As before; False where nobody may be written to, with a note that says why."""
        why = self._why_not_queued(template, record, recipient)
        if why:
            self._queue_profile(record)._message_log(body=self.env._("No mail was made to %(address)s: %(why)s", address=recipient, why=why),
                                                         message_type="auto_comment")
            return False
        return super()._queue(template, record, lang, recipient, files)

    @api.model
    def _queue_profile(self, record):
        """The customer that a mail about ``record`` concerns; none where it answers what somebody did."""
        if record._name in ANSWERING_MODELS:
            return self.env["credit.profile"]
        return record if record._name == "credit.profile" else record["profile_id"] if "profile_id" in record._fields else self.env["credit.profile"]

    @api.model
    def _why_not_queued(self, template, record, recipient):
        """The sentence that says why no mail may go to an address, or None."""
        profile = self._queue_profile(record).sudo()  # sudo: the door is the same for whoever knocks
        address = email_normalize(recipient or "")
        relay = profile._contact_relay() if profile else self.env["res.partner"]
        code = profile._contact_stop() if profile else None
        if code and address and address == relay.email_normalized:
            code = None
        if not code and self._is_barred(profile, address):
            code = "stop_person"
        return describe(self.env, code, {}) if code else None

    @api.model
    def _is_barred(self, profile, address):
        """Whether an address is only that of people of the customer who must not be written to."""
        if not profile or not address:
            return False
        # sudo: who may be written to does not depend on who writes
        people = self.env["res.partner"].sudo().search([("email_normalized", "=", address), ("commercial_partner_id", "=", profile.partner_id.id)])
        return bool(people) and all(person.collection_stop for person in people)

    @api.model
    def _prepare_origin(self, record):
        """Where a queued mail comes from, so that it can be called off, found and deleted with what it is about."""
        return {"collection_origin": f"{record._name},{record.id}", "credit_profile_id": self._queue_profile(record).id,
                "record_company_id": record.company_id.id}

    @api.model
    def _prepare_foot(self, record, lang):
        """What stands under a queued mail, whatever its template says: nothing, but for mails nobody asked for."""
        return Markup("")

    @api.model
    def _unqueue(self, profiles):
        """Call off the mails that still wait in core's queue for customers that are left alone from now on."""
        self._queued([("credit_profile_id", "in", profiles.ids)]).unlink()

    @api.model
    def _unqueue_barred(self, people):
        """Call off what still waits for people, or for lawyers, that must be left alone: the door is asked once more."""
        mails = self._queued(["|", ("credit_profile_id.partner_id", "in", people.commercial_partner_id.ids), ("credit_profile_id.stop_contact_id", "in", people.ids)])
        mails.filtered(lambda mail: self._why_not_queued(None, mail.credit_profile_id, mail.email_to)).unlink()

    @api.model
    def _unqueue_greetings(self, people):
        """Call off the greetings that still wait for people who want none."""
        greetings = self.env["collection.greeting"].sudo().search([("contact_id", "in", people.ids), ("state", "=", "sent"), ("channel", "=", "email")])  # sudo: as below
        self._queued([("collection_origin", "in", [f"{greeting._name},{greeting.id}" for greeting in greetings])]).unlink()

    @api.model
    def _queued(self, domain):
        """Mails of ours that did not leave yet."""
        # sudo: the queue is nobody's to read
        return self.env["mail.mail"].sudo().search([*domain, ("state", "in", ("outgoing", "exception"))])


class MailMail(models.Model):
    """Mails of ours hang on no record, since their links are for nobody of the office; this says where they come from."""

    _inherit = "mail.mail"

    collection_origin = fields.Char("Made by", readonly=True, index="btree_not_null", help="Model and number of what a mail of Collections is about.")
    credit_profile_id = fields.Many2one("credit.profile", readonly=True, index="btree_not_null", ondelete="set null")
