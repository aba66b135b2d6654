import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date
from odoo.tools.mail import plaintext2html

from .collection_job import CONCURRENCY_ERRORS
from .collection_metrics import note_failure
from .collection_reason import describe

_logger = logging.getLogger(__name__)

MAILS = 500  # bills looked at in one go
TEXT_FIELDS = ("mail_company", "mail_contact", "mail_number", "mail_last_day", "mail_total", "mail_waiver")


class CollectionCharge(models.Model):
    """The words of the mail with a bill, in the language of the reader: placeholders only, so that anybody may edit the text."""

    _inherit = "collection.charge"

    address_missing = fields.Boolean("No e-mail address", readonly=True, help="It is sent by itself once the customer has an address.")
    mail_company = fields.Char(compute="_compute_mail_texts")
    mail_contact = fields.Char(compute="_compute_mail_texts")
    mail_number = fields.Char(compute="_compute_mail_texts")
    mail_last_day = fields.Char(compute="_compute_mail_texts")
    mail_total = fields.Char(compute="_compute_mail_texts")
    mail_waiver = fields.Html(compute="_compute_mail_texts", sanitize=False)

    @api.model
    def mail_allowed_qweb_expressions(self):
        return (*super().mail_allowed_qweb_expressions(), "object.name", *(f"object.{name}" for name in TEXT_FIELDS))

    @api.depends("move_id", "date_to", "waive_until")
    @api.depends_context("lang")
    def _compute_mail_texts(self):
        for charge in self:
            partner = charge.move_id.partner_id or charge.partner_id
            charge.update({
                "mail_company": charge.booking_company_id.name, "mail_contact": partner.name or charge.partner_id.name,
                "mail_number": charge.name, "mail_last_day": format_date(self.env, charge.last_day) if charge.date_to else "",
                "mail_total": charge.currency_id.format(charge.move_id.amount_total), "mail_waiver": charge._waiver_sentence()})

    def _waiver_sentence(self):
        if not self.waive_until:
            return ""
        return plaintext2html(self.env._("If the invoices named in it are paid by %s, you need not pay this bill: we cancel it then.",
                                         format_date(self.env, self.waive_until)))

    # ------------------------------------------------------------------ sending

    @api.model
    def _send_waiting(self, commit=False):
        """Queue the mails of bills that were posted by a run; returns False when the job's time is up, or more wait.

        A mail that cannot be made stops no other. Who had no address is looked at again once there is one.
        """
        waiting = self.search([("state", "=", "posted"), ("mailed_on", "=", False), ("run_id", "!=", False), ("move_id.move_type", "=", "out_invoice"),
                               ("company_id.collection_charge_send", "=", True),
                               "|", ("problem", "=", False), "&", ("address_missing", "=", True),
                               "|", ("partner_id.email", "not in", (False, "")), ("partner_id.child_ids.email", "not in", (False, ""))],
                              order="id", limit=MAILS)
        for charge in waiting:
            charge._attempt_mail()
            if commit and not self.env["ir.cron"]._commit_progress(1):
                return False
        return len(waiting) < MAILS

    def _attempt_mail(self):
        """Queue one mail, or say on the charge why not; one that others work on waits for the next time."""
        error = self.env["credit.profile"]._attempt(self._queue_waiting)
        if error and not isinstance(error, CONCURRENCY_ERRORS):
            note_failure(_logger, error, "the mail of charge %s could not be made", self.id)
            self.write({"problem": self.env._("The e-mail could not be made: %s", str(error)[:150]), "address_missing": False})

    def _queue_waiting(self):
        """Queue one mail unless somebody sent it, or took the bill back, since it was found: looked at under a lock."""
        self.lock_for_update()
        if self.state == "posted" and not self.mailed_on:
            self._queue_bill()

    def _queue_bill(self):
        """The bill with its proof sheet to the customer, or a task where there is no address."""
        email = self._bill_address()
        if email and self.env["collection.channel"]._queue_charge(self, email):
            self.write({"mailed_on": self.company_id._collection_today(), "problem": False, "address_missing": False})
            return
        self.write({"problem": self._why_unsent() or self.env._("No e-mail address: print and post it."), "address_missing": True})
        if not self._why_unsent():
            self.profile_id._ask_once("address", self.env._("No address to send a bill of charges to"))

    def _why_unsent(self):
        """The sentence that says why the customer gets no bill although it may have an address."""
        return describe(self.env, self.profile_id._contact_stop(), {}) if self.profile_id._contact_stop() else False

    def _bill_address(self):
        """To whom the bill is addressed, or to whoever gets our messages instead: a lawyer, the next contact."""
        Reader, customer, addressee = self.env["collection.reader"], self.profile_id.partner_id.id, self.move_id.partner_id.id
        own = {} if self.profile_id._contact_stop() else Reader._read_addressees({addressee}).get(addressee, {})
        who = own.get("email") or Reader._read_recipients([customer])[customer].usable.get("email")
        return who.address if who else False

    def action_send(self):
        """Send a bill by e-mail now that was not sent: one without a run, or one whose problem is mended."""
        self._check_group()
        for charge in self.sudo():  # sudo: the ledger of charges is written by methods only
            if charge.state != "posted" or charge.mailed_on or charge.move_id.move_type != "out_invoice":
                raise UserError(self.env._("%s is no posted bill that waits to be sent.", charge.display_name))
            if not charge._bill_address():
                if charge._why_unsent():
                    raise UserError(self.env._("%(charge)s is not sent: %(why)s", charge=charge.display_name, why=charge._why_unsent()))
                raise UserError(self.env._("%s has no e-mail address: enter one, or print the bill and post it.", charge.move_id.partner_id.display_name))
            charge._queue_bill()
        return True
