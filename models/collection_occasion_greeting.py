from odoo import api, fields, models
from odoo.exceptions import UserError

from .collection_occasion import CHANNELS
from .collection_reason import describe

STATES = [("planned", "Planned"), ("to_print", "To print"), ("sent", "Sent"), ("skipped", "Skipped"), ("cancelled", "Cancelled")]


class CollectionGreeting(models.Model):
    """One greeting to one contact for one day of a year: the row that keeps it from going out twice.

    Planned at night, judged on the day on which it leaves: until then the reason says how things stand.
    """

    _name = "collection.greeting"
    _description = "Greeting"
    _inherit = ["collection.state.mixin"]
    _order = "leaves_on desc, id desc"
    _rec_name = "contact_id"

    _transitions = frozenset({("planned", "to_print"), ("planned", "sent"), ("planned", "skipped"), ("planned", "cancelled"),
                              ("to_print", "sent"), ("to_print", "skipped"), ("to_print", "cancelled")})

    occasion_id = fields.Many2one("collection.occasion", "Special day", required=True, index=True, ondelete="restrict", readonly=True)
    profile_id = fields.Many2one("credit.profile", "Customer", required=True, index=True, ondelete="restrict", readonly=True)
    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict", readonly=True)
    # what was said to a person goes with the person
    contact_id = fields.Many2one("res.partner", required=True, index=True, ondelete="cascade", readonly=True)
    day = fields.Date(required=True, readonly=True)
    leaves_on = fields.Date("Leaves on", required=True, readonly=True, index=True)
    year = fields.Integer(required=True, readonly=True, aggregator=None)
    years = fields.Integer(readonly=True, aggregator=None, help="How many years it is; 0 = nobody knows.")
    channel = fields.Selection(CHANNELS, "How", required=True, readonly=True)
    state = fields.Selection(STATES, "Status", required=True, default="planned", readonly=True, index=True)
    code = fields.Char(readonly=True)
    detail = fields.Json(readonly=True)
    reason = fields.Char("Why", compute="_compute_reason")
    once_key = fields.Char(readonly=True, help="The same for the same day of the same contact, whichever company greets.")
    recipient = fields.Char("Sent to", readonly=True)
    sent_on = fields.Date(readonly=True)
    body = fields.Html("Text of the card", readonly=True, sanitize=False)
    user_id = fields.Many2one(related="profile_id.partner_id.user_id", string="Salesperson")

    _year_uniq = models.UniqueIndex("(occasion_id, contact_id, year, company_id)", "A contact is greeted once a year for a day.")
    _once_uniq = models.UniqueIndex("(once_key) WHERE once_key IS NOT NULL AND state <> 'cancelled'", "Another company greets this contact for this day.")

    @api.depends("code", "detail")
    @api.depends_context("lang")
    def _compute_reason(self):
        for greeting in self:
            greeting.reason = describe(self.env, greeting.code, greeting.detail)

    @api.depends("contact_id", "occasion_id", "year")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for greeting in self:
            greeting.display_name = self.env._("%(contact)s: %(day)s %(year)s", contact=greeting.contact_id.display_name or "",
                                               day=greeting.occasion_id.name or "", year=greeting.year or "")

    # ------------------------------------------------------------------ a merged contact

    @api.model
    def _move_contacts(self, gone, stays):
        """The greetings of contacts merged into one: of two for the same day of a year that which left is kept, else that of who stays."""
        greetings = self.search([("contact_id", "in", (gone | stays).ids)])
        order = greetings.sorted(lambda one: (one.state not in ("sent", "to_print"), one.contact_id != stays, one.id))
        known = {}
        for greeting in order:
            known.setdefault((greeting.occasion_id, greeting.year, greeting.company_id), greeting)
        kept = self.browse([greeting.id for greeting in known.values()])
        (greetings - kept).unlink()
        for greeting in kept.filtered(lambda one: one.contact_id != stays):
            greeting._move_contact(stays)

    def _move_contact(self, contact):
        """Its key names the contact, too, if not the address: whom another company greets already is not greeted by this one as well."""
        key = self.once_key
        if key and self.channel != "email":
            key = key.replace(f"|{self.channel}|{self.contact_id.id}|", f"|{self.channel}|{contact.id}|")
            if self.search_count([("once_key", "=", key), ("state", "!=", "cancelled"), ("id", "!=", self.id)], limit=1):
                key = False
        if self.once_key and not key and self.state == "planned":
            self.unlink()
        else:
            self.write({"contact_id": contact.id, "once_key": key})

    # ------------------------------------------------------------------ by a person

    def action_cancel(self):
        """Greet these contacts not this time: nothing plans them again this year."""
        records = self._as_collector()
        for record in records.filtered(lambda record: record.state not in ("planned", "to_print")):
            raise UserError(self.env._("%s is done already: there is nothing to cancel.", record.display_name))
        records._transition("cancelled", code="greeting_by_hand", detail=False)

    def action_print_cards(self):
        """Print the cards that may still go, which are then taken as sent."""
        records = self._as_collector()
        cards = records.filtered(lambda record: record.channel == "card" and record.state in ("to_print", "sent") and record.body)
        if not cards:
            raise UserError(self.env._("Choose cards that are ready to print: those still planned are written on the day on which they leave."))
        cards -= cards._skip_spoilt()
        for card in cards.filtered(lambda record: record.state == "to_print"):
            card._mark_sent(card.company_id._collection_today())
        if not cards:
            return self._tell_spoilt(records)
        return self.env.ref("account_credit_collection.action_report_collection_greeting").report_action(cards.ids, config=False)

    @api.model
    def _tell_spoilt(self, cards):
        return {"type": "ir.actions.client", "tag": "display_notification", "params": {
            "type": "warning", "sticky": True, "title": self.env._("These cards may not go any more"),
            "message": ", ".join(f"{card.display_name} ({card.reason})" for card in cards if card.state == "skipped"),
            "next": {"type": "ir.actions.client", "tag": "soft_reload"}}}

    def _as_collector(self):
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group("account_credit_collection.group_collector"):
            raise UserError(self.env._("Greetings are in the hands of collectors and credit managers."))
        return self.sudo()  # sudo: what becomes of a greeting is written by methods only
