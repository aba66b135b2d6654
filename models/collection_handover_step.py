from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date

from .collection_handover import COLLECTOR, MANAGER
from .collection_handover_note import APPROVE


class CollectionHandover(models.Model):
    """From a proposal to the agency and back: every step a person's, in the log."""

    _inherit = "collection.handover"

    # ------------------------------------------------------------------ buttons

    def action_approve(self):
        return self._decision("approve", default_agency_id=self.agency_id.id, default_costs=self.costs)

    def action_announce(self):
        """Send the letter before action."""
        self._check_decision("announce")
        for record in self:
            record._announce()

    def action_hand_over(self):
        return self._decision("hand_over", default_reference=self.reference)

    def action_recall(self):
        return self._decision("recall")

    def action_cancel(self):
        return self._decision("cancel")

    def action_note(self):
        """Write down what the agency said, or a note of one's own."""
        return self._decision("note", default_reference=self.reference)

    def action_print(self):
        """The letter before action as it was made. Where it does not leave by mail, the customer's days begin when it is printed."""
        self.ensure_one()
        self.check_access("read")
        if self._letter_lacks() and self.env.user.has_group(COLLECTOR):
            self._note_printed()
        return self.sudo()._download()  # sudo: the kept paper, for who may read the handover

    def _decision(self, decision, **defaults):
        """Ask for what it takes; the dialog does it then."""
        self.ensure_one()
        self._check_decision(decision)
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_handover_decision_action")
        return dict(action, context={"default_handover_id": self.id, "default_decision": decision, "dialog_size": "medium", **defaults})

    def _check_decision(self, decision):
        self._check_group(MANAGER if decision in ("approve", "hand_over", "recall") else COLLECTOR)
        self.check_access("read")

    # ------------------------------------------------------------------ steps

    def _approve(self, agency, costs, reason):
        """A manager's word, within the approval matrix; nobody approves more of the own proposals than it says."""
        self._check_decision("approve")
        system = self._locked("proposed")
        if not agency:
            raise UserError(self.env._("Choose to whom %s goes.", self.name))
        system._check_agency(agency)
        system._renew()
        own = system.currency_id._convert(system.claim + costs - system.costs, system.company_id.currency_id, system.company_id, system.company_id._collection_today())
        self.env["credit.authority"]._require(system.company_id, own + system._other_cases(), system.proposed_by or None)
        system.costs = costs
        system._take_stock()
        system._transition("approved", agency_id=agency.id, approved_on=system.company_id._collection_today(), approved_by=self.env.uid,
                           approve_reason=reason)
        system._drop_tasks(APPROVE)
        self._log("step", self._say("approved"))
        system._tell({system: "approved"})

    def _announce(self):
        """The letter before action: made once, queued as a mail, and on paper for who wants it."""
        system = self._locked("approved")
        system._check_agency(system.agency_id)
        system._renew()
        today = system.company_id._collection_today()
        system._transition("announced", announced_on=today, deadline=today + timedelta(days=system.company_id.collection_handover_days))
        system._make_document()
        self._log("letter", self._say("announced"))
        system._tell({system: "announced"})
        self.env["collection.channel"]._queue_handover(system)

    def _hand_over(self, reference):
        """From now on the agency asks. The letter's days are the customer's, nobody shortens them."""
        self._check_decision("hand_over")
        system = self._locked("approved", "announced")
        today = system.company_id._collection_today()
        if system.state == "approved" and system.company_id.collection_handover_letter:
            raise UserError(self.env._("Announce %s first: the customer gets a last letter before it is handed over.", self.name))
        if system.state == "announced" and system.deadline >= today:
            raise UserError(self.env._("The customer may still pay until %(day)s. Hand %(handover)s over after that day.",
                                       handover=self.name, day=format_date(self.env, system.deadline)))
        if system._letter_lacks():
            raise UserError(self.env._("%(handover)s: %(what)s. The customer's days begin when the letter leaves.", handover=self.name, what=system._letter_lacks()))
        system._check_agency(system.agency_id)
        system._renew()
        system._transition("handed", handed_on=today, handed_by=self.env.uid, reference=reference or system.reference,
                           stops_interest=system.agency_id.stops_interest)
        self._log("step", self._say("handed"))
        system._tell({system: "handed"})
        system._drop_tasks()
        system.profile_id._wake()  # the worklist has other things to say about the customer now

    def _recall(self, reason):
        """Back from the agency: follow-up goes on where it was."""
        self._check_decision("recall")
        self._end("recalled", reason, "handed")
        self.sudo()._ask_to_tell(self.env._("Recalled: it collects this no more. %s", reason))  # sudo: a task for whoever looks after the customer

    def _cancel(self, reason):
        """Not handed over after all. Collectors take back what is proposed, managers what was approved or announced."""
        self._check_decision("cancel" if self.state == "proposed" else "approve")
        self._end("cancelled", reason, "proposed", "approved", "announced")

    def _end(self, state, reason, *states):
        if not (reason or "").strip():
            raise UserError(self.env._("Say why."))
        system = self._locked(*states)
        system._transition(state, ended_on=system.company_id._collection_today(), ended_by=self.env.uid, end_reason=reason)
        self._log("step", self._say(state))
        system._tell({system: state})
        system._drop_tasks()
        system._drop_tasks(APPROVE)

    def _write_note(self, kind, text, reference):
        self._check_decision("note")
        if not (text or "").strip():
            raise UserError(self.env._("Write what was said."))
        if (reference or False) != (self.reference or False):
            if self.state != "handed":
                raise UserError(self.env._("The agency's file number is of what it collects now. %(handover)s is “%(state)s”.",
                                           handover=self.name, state=self._state_label()))
            self.sudo().reference = reference  # sudo: written by methods only
        self._log(kind, text)

    # ------------------------------------------------------------------ helpers

    def _locked(self, *states):
        """The handover as the system writes it, locked, in one of the states in which the step makes sense."""
        self.ensure_one()
        self.lock_for_update()
        system = self.sudo()  # sudo: figures and states are written by methods only
        if system.state not in states:
            raise UserError(self.env._("%(handover)s is “%(state)s” already.", handover=self.name, state=self._state_label()))
        return system

    def _renew(self):
        """What is open today; what was agreed with the customer meanwhile holds."""
        self._judge(self.company_id._collection_today())
        items = self.line_ids.item_id.filtered(lambda item: item.amount_residual_currency > 0)
        if not items:
            raise UserError(self.env._("Nothing of %s is open any more.", self.name))
        self._check_stop(self.profile_id)
        self._check_agreed(self.profile_id, items)
        self._check_money_there(self.profile_id, items)
        self._take_stock()
        self._leave_out()
        if self.currency_id.compare_amounts(self.principal + self.charges, 0) <= 0:
            raise UserError(self.env._("All of %s is under dispute. Clear that up first.", self.name))

    def _check_agency(self, agency):
        """Whether the agency may have it, now: it may have been archived or changed since the approval."""
        if not agency.active:
            raise UserError(self.env._("%(agency)s is archived: %(handover)s cannot go there. Cancel it and propose it to another one.",
                                       agency=agency.name, handover=self.name))
        agency._check_usable(self.company_id)
        if not agency._serves(self.partner_id.country_id):
            raise UserError(self.env._("%(agency)s does not collect in %(country)s.", agency=agency.name, country=self.partner_id.country_id.name))

    def _other_cases(self):
        """What of the customer is about to leave or with agencies besides, in company currency: a debt is not approved in slices."""
        others = self.search([("profile_id", "=", self.profile_id.id), ("id", "!=", self.id), ("state", "in", ("approved", "announced", "handed"))])
        return sum(others.mapped("open_own"))
