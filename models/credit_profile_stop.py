from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..engine import stop
from .collection_action import OPEN_STATES
from .collection_reason import describe

MODULE = "account_credit_collection"
CONTACT_TASKS = [f"{MODULE}.mail_activity_collection_{kind}" for kind in ("call", "promise", "plan_late")]
GREETING_TASK = f"{MODULE}.mail_activity_collection_greeting"

# What is on its way already cannot be called back.
STOPPABLE = sorted(set(OPEN_STATES) - {"sending", "unknown"})

STOP_KINDS = [
    (stop.INSOLVENT, "Insolvent"),
    (stop.DECEASED, "Deceased"),
    (stop.LAWYER, "Represented by a lawyer"),
    (stop.CEASED, "Demanded not to be contacted"),
]
STOP_FIELDS = frozenset({"stop_kind", "stop_since", "stop_note", "stop_contact_id"})


class CreditProfile(models.Model):
    """Customers who must be left alone, over every channel and by everybody of the group of companies.

    What stops us is a fact about the customer (an insolvency, a death, a mandate, a demand), not about one of our
    companies: it is set and lifted on all profiles of the customer at once, and a profile made later has it too.
    """

    _inherit = "credit.profile"

    stop_kind = fields.Selection(STOP_KINDS, "No contact", readonly=True, copy=False, tracking=True, index="btree_not_null")
    stop_since = fields.Date("No contact since", readonly=True, copy=False)
    stop_note = fields.Char("Why no contact", readonly=True, copy=False)
    stop_contact_id = fields.Many2one("res.partner", "Stands for the customer", readonly=True, copy=False, tracking=True, index="btree_not_null",
                                      ondelete="restrict", help="The lawyer, administrator or heir. Only a lawyer is written to by itself.")
    stop_text = fields.Char("Left alone because", compute="_compute_stop_text")

    @api.depends("stop_kind", "stop_since", "stop_note", "stop_contact_id")
    @api.depends_context("lang")
    def _compute_stop_text(self):
        for profile in self:
            profile.stop_text = describe(self.env, profile._contact_stop(), {}) if profile.stop_kind else False

    # ------------------------------------------------------------------ the gate

    @api.model
    def _decide_stop(self, kind, represented):
        """One engine call: whether a customer is left alone, and whether somebody is written to in its place."""
        return stop.judge(kind or None, represented)

    def _contact_stop(self):
        """The reason code why this customer itself must not be contacted over any channel, or None.

        Mails that ``collection.channel._queue`` makes go to a lawyer in its place; see ``_contact_relay``.
        """
        return self._decide_stop(self.stop_kind, bool(self.stop_contact_id)).reason

    def _contact_relay(self):
        """Who is written to in place of a customer that is left alone; nobody where nobody may be, nor who must be left alone itself."""
        verdict = self._decide_stop(self.stop_kind, bool(self.stop_contact_id))
        relay = self.sudo().stop_contact_id if verdict.relayed else self.env["res.partner"]  # sudo: who may be written to does not depend on who looks
        return relay.filtered(lambda person: person.active and not person.collection_stop)

    def _may_be_called(self):
        """Those of these customers whom a person may be asked to contact: nobody telephones a lawyer either."""
        return self.filtered(lambda one: not one._contact_stop() and (one.partner_id.is_company or not one.partner_id.collection_stop))

    # ------------------------------------------------------------------ rights

    @api.model_create_multi
    def create(self, vals_list):
        """Nobody sets a stop but the dialog; a customer that is left alone is so for a company that meets it later."""
        self._refuse_guarded(STOP_FIELDS & set().union(*vals_list) | self._guarded_defaults(STOP_FIELDS))
        profiles = super().create(vals_list)
        profiles._inherit_stop()
        return profiles

    def write(self, vals):
        self._refuse_guarded(STOP_FIELDS & set(vals))
        return super().write(vals)

    def _inherit_stop(self):
        """Profiles of customers that other companies leave alone already."""
        # sudo: what concerns the customer concerns all companies
        known = self.sudo().with_context(active_test=False).search([("partner_id", "in", self.partner_id.ids), ("stop_kind", "!=", False)])
        first = {profile.partner_id: profile for profile in known.sorted("id", reverse=True)}
        for profile in self.sudo().filtered(lambda one: not one.stop_kind and one.partner_id in first):
            profile.write(first[profile.partner_id]._stop_values())

    def _stop_values(self):
        return {"stop_kind": self.stop_kind, "stop_since": self.stop_since, "stop_note": self.stop_note, "stop_contact_id": self.stop_contact_id.id}

    def _everywhere(self):
        """The profiles of these customers with all companies."""
        # sudo: a stop holds for all companies, whoever sets it
        return self.sudo().with_context(active_test=False).search([("partner_id", "in", self.partner_id.ids)])

    # ------------------------------------------------------------------ set and lift

    def action_stop_contact(self):
        """Ask why these customers are to be left alone."""
        one = self if len(self) == 1 else self.browse()
        return self._stop_dialog(**({"default_kind": one.stop_kind, "default_contact_id": one.stop_contact_id.id} if one.stop_kind else {}))

    def action_lift_stop(self):
        """Ask why these customers may be contacted again."""
        return self._stop_dialog(default_is_lift=True)

    def _stop_dialog(self, **defaults):
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.credit_stop_wizard_action")
        return dict(action, context={"default_profile_ids": self.ids, "dialog_size": "medium", **defaults})

    def _stop_by(self, kind, note, contact):
        """A collector stops every contact with these customers, from this moment on."""
        self._check_may("group_collector", self.env._("Only a collector may stop contacting a customer."))
        profiles = self._everywhere()
        if self._decide_stop(kind, bool(contact)).relayed and profiles.filtered(lambda one: one.stop_kind not in (False, kind)):
            self._check_may("group_manager", self.env._("Only a credit manager may have somebody written to in place of a customer to whom nothing goes."))
        if contact.commercial_partner_id & profiles.partner_id:
            raise UserError(self.env._("%s belongs to the customer itself. Choose the lawyer, administrator or heir as a contact of its own.",
                                       contact.display_name))
        for company, group in profiles.grouped("company_id").items():
            group.write({"stop_kind": kind, "stop_since": company._collection_today(), "stop_note": note, "stop_contact_id": contact.id})
        profiles._note_all(self.env._("Left alone from now on, by every channel: %(why)s. %(note)s", why=self._kind_label(kind), note=note or ""))
        profiles._call_off_contacts()
        profiles._ask_what_follows()

    def _lift_by(self, note):
        """A credit manager lets these customers be contacted again; the next run decides on them."""
        self._check_may("group_manager", self.env._("Only a credit manager may lift a stop of contacts."))
        profiles = self._everywhere().filtered("stop_kind")
        profiles.write(dict.fromkeys(STOP_FIELDS, False))
        profiles._write_snapshot([{"next_reason": None, "next_detail": None}] * len(profiles))
        profiles._note_all(self.env._("May be contacted again: %s", note))
        profiles._rank_now()

    def _check_may(self, group, refusal):
        self.check_access("write")
        if not self.env.su and not self.env.user.has_group(f"account_credit_collection.{group}"):
            raise AccessError(refusal)

    def _kind_label(self, kind):
        return dict(self._fields["stop_kind"]._description_selection(self.env))[kind]

    def _note_all(self, body):
        author = self.env.user.partner_id.id
        self._message_log_batch(bodies=dict.fromkeys(self.ids, body), author_id=author)

    # ------------------------------------------------------------------ what follows at once

    def _call_off_contacts(self):
        """What is planned, waits for a person or lies in the mail queue goes nowhere."""
        for kind, profiles in self.grouped("stop_kind").items():
            code = self._decide_stop(kind, False).reason
            self.env["collection.action"].search([("profile_id", "in", profiles.ids), ("state", "in", STOPPABLE)])._call_off_for(code)
            profiles._write_snapshot([{"next_reason": code, "next_detail": None, "next_contact_on": None, "next_level_id": None}] * len(profiles))
        self.env["collection.channel"]._unqueue(self)
        self._drop_contact_tasks()
        self._rank_now()

    def _drop_contact_tasks(self):
        """Nobody is asked any more to call or to greet these customers and their people."""
        self.activity_unlink(CONTACT_TASKS)
        people = self.env["res.partner"].with_context(active_test=False).search([("commercial_partner_id", "in", self.partner_id.ids)])
        people.activity_unlink([GREETING_TASK])

    def _rank_now(self):
        for company, profiles in self.grouped("company_id").items():
            profiles._rank(company, company._collection_today())

    def _ask_what_follows(self):
        """A task where leaving alone is not all there is to do."""
        self.filtered(lambda one: one.stop_kind == stop.INSOLVENT)._ask_once("task", self.env._("Insolvent: file the claim with the administrator"))
        self.filtered(lambda one: one.stop_kind == stop.DECEASED)._ask_once("task", self.env._("Deceased: find out who the heirs are"))


class CollectionAction(models.Model):
    _inherit = "collection.action"

    def _call_off_for(self, code):
        """Contacts that must not take place any more, with the calls asked for: also what is just being checked."""
        self._stop(code)
        self.activity_id.unlink()
        self.run_id._close_held()
