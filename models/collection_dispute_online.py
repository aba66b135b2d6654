from textwrap import shorten

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import UserError
from odoo.tools.mail import html2plaintext, plaintext2html

from .collection_dispute_task import TASK

SHORT = 120  # letters of what is contested that stand in lists; all of it is in the chatter
OVER = ("rejected", "withdrawn")  # looked into, and asked for again


class CollectionDispute(models.Model):
    """What a customer contests by itself, on the page of its account: it says what and why, everything else is ours."""

    _name = "collection.dispute"
    _inherit = ["collection.dispute", "collection.said.mixin"]

    @api.model
    def _prepare_dispute(self, vals):
        return {**super()._prepare_dispute(vals), **self._said(vals)}

    # ------------------------------------------------------------------ opening

    @api.model
    def _open_online(self, item, said_by, said, files=()):
        """Contest an item: ``said`` has amount, reason_id and text; ``files`` are judged ones with their names.

        The same sent twice is taken once. Whose fault it was is for us to find out: a customer who contests
        and pays late all the same is late.
        """
        self, item = (records.with_user(SUPERUSER_ID) for records in (self, item))  # what follows from it is the system's work
        twin = self.search([("item_id", "=", item.id), ("state", "=", "open"), ("source", "=", "portal"),
                            ("reason_id", "=", said["reason_id"]), ("amount", "=", said["amount"])], limit=1)
        if twin:
            return twin
        self._check_new_online(item)
        record = self.create({
            "item_id": item.id, "amount": said["amount"], "customer_amount": said["amount"], "reason_id": said["reason_id"],
            "reason": shorten(said["text"], SHORT, placeholder="…"), "our_fault": False, "source": "portal", "said_by_id": said_by.id})
        record._add_online(said_by, said["text"], files)
        return record

    @api.model
    def _check_new_online(self, item):
        """What we have looked into is not contested again and again by a form: that is talked about."""
        if self.search_count([("item_id", "=", item.id), ("state", "=", "closed"), ("outcome", "in", OVER)], limit=1):
            raise UserError(self.env._("We have looked into %s before. Please call us, so that we talk about it.", item.move_name or item.name))

    def _likely_our_fault(self):
        """What is proposed to whoever decides: of what was said online, what its reason usually comes to."""
        return self.our_fault or (self.source == "portal" and self.reason_id.our_fault)

    # ------------------------------------------------------------------ later

    def _say_more(self, said_by, text, files=()):
        """A note or a file that the customer adds while it is open; whoever clears it up has a task again."""
        record = self.with_user(SUPERUSER_ID)  # as when it was opened
        if record.state != "open":
            raise UserError(record.env._("This is closed already. Please call us if it is not settled for you."))
        record._add_online(said_by, text, files)
        if not record.activity_search([TASK]):
            record._ask_owner()

    def _add_online(self, said_by, text, files):
        """Keep what was said where everybody who clears it up reads it."""
        names = self.env["collection.dispute.file"]._keep(self, said_by, files).mapped("name")
        body = "\n".join(filter(None, (text, names and self.profile_id._chatter_env()._("Files: %s", ", ".join(names)))))
        if body:
            self._message_log(body=plaintext2html(body), author_id=said_by.id, message_type="comment")

    def _withdraw_online(self):
        """The customer contests it no longer: it is asked for again from tomorrow on."""
        record = self.with_user(SUPERUSER_ID)  # as when it was opened
        if record.state == "open":  # a second click changes nothing
            record._resolve("withdrawn", record.open_amount, True, record.profile_id._chatter_env()._("Withdrawn by the customer, online"), our_fault=False)

    # ------------------------------------------------------------------ the page

    def _online_notes(self):
        """What the customer wrote about it, oldest first: ``[(moment, text)]``; ours is not among it."""
        customer = self.partner_id.commercial_partner_id
        messages = self.message_ids.filtered(
            lambda message: message.message_type == "comment" and message.author_id
            and (message.author_id == self.said_by_id or message.author_id.commercial_partner_id == customer))
        return [(message.date, html2plaintext(message.body)) for message in messages.sorted("id")]

    def _online_state(self):
        """What becomes of it, in plain words; our finding is for us."""
        _ = self.env._
        money = self.currency_id.format
        if self.state == "open":
            return _("We are looking into it. Until then we do not ask you for the %s that you told us about.", money(self.open_amount))
        reason = self.outcome_reason if self.outcome == "rejected" and self.source == "portal" else False
        if reason:
            return _("We looked into it, and the invoice is right: %s", reason)
        return {
            "credit_note": _("You were right. We credited %s.", money(self.credited_amount)),
            "written_off": _("We do not ask for it any more."),
            "replaced": _("It is cleared up. Please pay what is still open."),
            "withdrawn": _("You took this back."),
            "paid": _("It is paid. Thank you."),
        }.get(self.outcome, _("We looked into it, and the invoice is right. Please pay what is still open."))
