from odoo import api, fields, models
from odoo.exceptions import UserError

KINDS = [("call", "Call"), ("visit", "Visit"), ("meeting", "Meeting"), ("mail", "Letter or mail"), ("gift", "Gift"), ("greeting", "Greeting"),
         ("thanks", "Thanks"), ("note", "Other")]
BY_HAND = ("call", "visit", "meeting", "mail", "gift", "note")


class CollectionTouch(models.Model):
    """One time that somebody of us was in touch with a customer, for everybody of the office: without amounts.

    Those who sell write down theirs; greetings, thanks and calls of collectors come by themselves.
    """

    _name = "collection.touch"
    _description = "Touch"
    _order = "day desc, id desc"
    _rec_name = "kind"

    # what was said to a person goes with the person
    partner_id = fields.Many2one("res.partner", "Customer", required=True, index=True, ondelete="cascade", readonly=True)
    contact_id = fields.Many2one("res.partner", "With", index="btree_not_null", ondelete="cascade", readonly=True)
    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict", readonly=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    day = fields.Date(required=True, readonly=True)
    user_id = fields.Many2one("res.users", "By", index=True, ondelete="restrict", readonly=True)
    note = fields.Text(readonly=True)
    is_automatic = fields.Boolean("By itself", readonly=True)
    greeting_id = fields.Many2one("collection.greeting", index="btree_not_null", ondelete="cascade", readonly=True)
    call_id = fields.Many2one("collection.call", index="btree_not_null", ondelete="cascade", readonly=True)
    # the same again, for lists that are read by those who see nothing of greetings
    title = fields.Char("What", compute="_compute_title", compute_sudo=True)

    _last_idx = models.Index("(partner_id, company_id, day)")

    @api.depends("kind", "greeting_id", "contact_id")
    @api.depends_context("lang")
    def _compute_title(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for touch in self:
            touch.title = touch.greeting_id.occasion_id.name or kinds.get(touch.kind, "")

    @api.depends("kind", "partner_id", "day")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for touch in self:
            touch.display_name = self.env._("%(customer)s: %(what)s", customer=touch.partner_id.display_name or "", what=touch.title or "")

    # ------------------------------------------------------------------ writing them down

    @api.model
    def _log(self, rows):
        """Write down touches: dicts with ``partner_id``, ``company_id``, ``kind``, ``day`` and what else is known."""
        # sudo: touches are made by methods only
        return self.sudo().create([{"user_id": self.env.uid, "is_automatic": False, **row} for row in rows])

    @api.model
    def _log_by_itself(self, rows):
        """Touches that came of something else: nobody of us stands for them unless it is said who."""
        return self._log([{"user_id": False, **row, "is_automatic": True} for row in rows])

    @api.model
    def _log_greeting(self, greeting, today):
        self._log_by_itself([{"partner_id": greeting.profile_id.partner_id.id, "contact_id": greeting.contact_id.id,
                              "company_id": greeting.company_id.id, "kind": "greeting", "day": today, "greeting_id": greeting.id}])

    def action_remove(self):
        """Take back what one wrote down oneself by mistake; a credit manager also that of others."""
        self.check_access("read")
        manager = self.env.su or self.env.user.has_group("account_credit_collection.group_manager")
        for touch in self:
            if touch.is_automatic or not manager and touch.user_id != self.env.user:
                raise UserError(self.env._("%s is not yours to take back: ask who wrote it down.", touch.display_name))
        self.sudo().unlink()  # sudo: as above

    # ------------------------------------------------------------------ figures

    @api.model
    def _last_touches(self, company, partners, since):
        """Last day and number since a day: ``{partner id: (day, number)}``."""
        # sudo: whoever sees the customer sees when it was last in touch
        rows = self.sudo()._read_group([("partner_id", "in", partners.ids), ("company_id", "=", company.id)], ["partner_id"], ["day:max"])
        counts = dict(self.sudo()._read_group([("partner_id", "in", partners.ids), ("company_id", "=", company.id), ("day", ">", since)],
                                              ["partner_id"], ["__count"]))
        return {partner.id: (last, counts.get(partner, 0)) for partner, last in rows}


class CollectionThanks(models.Model):
    """Who was thanked for paying heard from us."""

    _inherit = "collection.thanks"

    def _send(self, who):
        super()._send(who)
        thanked = self.exists()  # where the door said no, nobody was thanked
        self.env["collection.touch"]._log_by_itself([
            {"partner_id": record.profile_id.partner_id.id, "contact_id": who.partner, "company_id": record.company_id.id, "kind": "thanks",
             "day": record.sent_on} for record in thanked])


class CollectionCall(models.Model):
    """A collector who spoke to somebody was in touch; what was said stays with the call."""

    _inherit = "collection.call"

    @api.model_create_multi
    def create(self, vals_list):
        calls = super().create(vals_list)
        self.env["collection.touch"]._log_by_itself([
            {"partner_id": call.profile_id.partner_id.id, "contact_id": call.contact_id.id, "company_id": call.company_id.id, "kind": "call",
             "day": call.day, "user_id": call.user_id.id, "call_id": call.id} for call in calls if call.reached and not call.voided])
        return calls

    def write(self, vals):
        """A call that was a slip was no touch either."""
        result = super().write(vals)
        if vals.get("voided"):
            self.env["collection.touch"].sudo().search([("call_id", "in", self.ids)]).unlink()  # sudo: made and taken back by methods
        return result
