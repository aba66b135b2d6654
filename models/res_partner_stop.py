from odoo import fields, models
from odoo.exceptions import AccessError

from ..engine.stop import DECEASED
from .credit_profile_stop import GREETING_TASK, STOP_KINDS, STOPPABLE

PERSON_STOPS = [("deceased", "Has died"), ("left", "Has left the company"), ("asked", "Asked not to be contacted")]


class ResPartner(models.Model):
    """People whom our messages must not reach; the next contact of the customer gets them."""

    _inherit = "res.partner"

    collection_stop = fields.Selection(PERSON_STOPS, "Never write to this contact", tracking=True, groups="base.group_user",
                                       help="Collections skips this contact: reminders, statements, calls and greetings go to the next one.")
    collection_stop_kind = fields.Selection(STOP_KINDS, "No contact", compute="_compute_collection_stop_kind",
                                            groups="account_credit_collection.group_viewer")
    collection_stop_relayed = fields.Boolean(compute="_compute_collection_stop_kind", groups="account_credit_collection.group_viewer")

    def _compute_collection_stop_kind(self):
        stops, Profile = self._customer_stops(), self.env["credit.profile"]
        for partner in self:
            kind, relay = stops.get(partner.commercial_partner_id._origin.id, (False, False))
            partner.collection_stop_kind = kind
            partner.collection_stop_relayed = Profile._decide_stop(kind, bool(relay)).relayed

    def _customer_stops(self):
        return self.env["collection.reader"]._read_stops(self.commercial_partner_id._origin.ids)

    def write(self, vals):
        """Whoever must be left alone is so from this moment on, stays so wherever the contact moves, and is not freed by everybody."""
        if "collection_stop" in vals and not vals["collection_stop"]:
            self._check_may_free()
        stopped = self._stopped_customers() if {"parent_id", "is_company"} & set(vals) else {}
        result = super().write(vals)
        for person, kind in stopped.items():
            person._keep_stop(kind)
        if vals.get("collection_stop"):
            self._call_off_people()
        if vals.get("no_greetings"):
            self._call_off_greetings()
        return result

    def _check_may_free(self):
        stopped = self.filtered("collection_stop")[:1]
        if stopped and not self.env.su and not self.env.user.has_group("account_credit_collection.group_manager"):
            raise AccessError(self.env._("Only a credit manager may have %s written to again.", stopped.display_name))

    # ------------------------------------------------------------------ who moves

    def _stopped_customers(self):
        """Those of these partners that are customers left alone: ``{partner: kind}``."""
        owners = self.filtered(lambda partner: partner.commercial_partner_id == partner)
        stops = owners._customer_stops() if owners else {}
        return {owner: stops[owner.id][0] for owner in owners if owner.id in stops}

    def _keep_stop(self, kind):
        """A customer that became the contact of another one is that one's to write to, but for this person."""
        if self.commercial_partner_id != self and not self.collection_stop:
            self.collection_stop = "deceased" if kind == DECEASED else "asked"

    # ------------------------------------------------------------------ what follows at once

    def _call_off_people(self):
        """What is planned, waits or lies in the mail queue for these people goes nowhere; the next run finds the next contact."""
        # sudo: what may not go out does not depend on who says so
        people = self.sudo()
        self.env["collection.action"].sudo().search([("recipient_id", "in", self.ids), ("state", "in", STOPPABLE)])._call_off_for("stop_person")
        self.env["collection.channel"]._unqueue_barred(people)
        people.activity_unlink([GREETING_TASK])
        profiles = self.env["credit.profile"].sudo().search([("partner_id", "in", self.ids)])
        (profiles - profiles._may_be_called())._drop_contact_tasks()

    def _call_off_greetings(self):
        """Greetings that still lie in the mail queue, or that a salesperson was asked for; of a company: those of all of its contacts."""
        # sudo: as above
        people = self.sudo().with_context(active_test=False).search(["|", ("id", "in", self.ids), ("commercial_partner_id", "in", self.ids)])
        self.env["collection.channel"]._unqueue_greetings(people)
        people.activity_unlink([GREETING_TASK])
