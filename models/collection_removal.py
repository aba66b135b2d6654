import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .collection_outbox_reap import SEND_LEASE

MODULE = "account_credit_collection"
LEFT = f"{MODULE}.left"  # parameters that outlive the addon
EXPORTED = f"{MODULE}.exported"
BATCH = 1000
# What is still owed to customers and to the law, by the words that tell it.
RUNNING = {
    "plans": ("collection.plan", [("state", "in", ("to_approve", "offered", "active"))]),
    "settlements": ("collection.settlement", ["|", ("state", "in", ("to_approve", "offered")), "&", ("state", "=", "taken"), ("booked_on", "=", False)]),
    "handovers": ("collection.handover", [("state", "in", ("approved", "announced", "handed"))]),
    "applications": ("credit.application", [("state", "=", "signed"), "|", ("email", "!=", False), ("contact_name", "!=", False)]),  # not emptied yet
}


class CollectionRemoval(models.AbstractModel):
    """The addon goes only when nothing is lost by it (R-60).

    Never while a message is leaving. With agreements in force, cases at an agency or signed contracts only after
    everything was exported the same day. What it booked stays, as entries of core.
    """

    _name = "collection.removal"
    _description = "Removal of the addon"

    @api.model
    def _require(self):
        """Raise a UserError that says what is in the way and what to do."""
        if self._is_sending():
            raise UserError(self.env._("A follow-up message is being sent right now. Uninstall again in a minute."))
        needed, free = self._lock_room()
        if needed > free:
            raise UserError(self.env._(
                "The database server has too little room to remove so many tables at once, and would leave some behind: about %(needed)s locks are "
                "needed and %(free)s are free. Uninstall while nobody else works, or raise max_locks_per_transaction.", needed=needed, free=max(0, free)))
        kept = self._kept()
        if kept and not self._exported():
            raise UserError("\n".join([
                self.env._("Credit & Collections is still needed:"), *kept,
                self.env._("End these first, or tick “Export and delete” when you uninstall: everything is stored in one file before it goes.")]))

    @api.model
    def _is_sending(self):
        """Whether the outcome of a message would be lost. What a dead worker left longer ago than its lease is leaving no more."""
        alive = Domain("claimed_at", "=", False) | Domain("claimed_at", ">=", fields.Datetime.now() - SEND_LEASE)
        return bool(self._count("collection.action", Domain("state", "=", "sending") & alive))

    @api.model
    def _lock_room(self):
        """Core goes on when the server runs out of locks: the tables it could not drop would stay, with all that is in them."""
        return self.env["collection.reader"]._read_lock_room([model._table for model in self.env.values() if model._original_module == MODULE and model._auto])

    @api.model
    def _kept(self):
        """What is in force, a sentence for each kind; none where nothing is."""
        found = {kind: self._count(model, domain) for kind, (model, domain) in RUNNING.items()}
        return [self._sentence(kind, count) for kind, count in found.items() if count]

    @api.model
    def _count(self, model, domain):
        return self.env[model].sudo().with_context(active_test=False).search_count(domain)  # sudo: of all companies

    @api.model
    def _sentence(self, kind, count):
        return {
            "plans": self.env._("Payment plans offered or active: %s", count),
            "settlements": self.env._("Settlement offers that customers may still take, or took and that are not booked yet: %s", count),
            "handovers": self.env._("Cases approved for, or with, an agency: %s", count),
            "applications": self.env._("Signed credit applications, which the law asks you to keep: %s", count),
        }[kind]

    # ------------------------------------------------------------------ the export of the day

    @api.model
    def _exported(self):
        """The file of today, if somebody made one: what changed since yesterday would not be in an older one."""
        file = self._last_export()
        return file if file and file.create_date.date() == fields.Date.today() else file.browse()  # nosemgrep: day-of-the-server - of a file, in UTC

    @api.model
    def _last_export(self):
        stored = self.env["ir.config_parameter"].sudo().get_param(EXPORTED)  # sudo: the file is for administrators, whether there is one is no secret
        return self.env["ir.attachment"].sudo().browse(int(stored or 0)).exists()

    @api.model
    def _forget_export(self):
        """It holds everything about everybody, so it is not kept for a removal that did not come."""
        if not self._exported():
            self._last_export().unlink()

    # ------------------------------------------------------------------ what is left behind

    @api.model
    def _leave(self):
        """The last day on which each company wrote to anybody, and the one up to which it charged: a new installation knows nothing else."""
        last = {"sent": ("collection.action", [("sent_on", "!=", False)], "sent_on:max"),
                "charged": ("collection.charge", [("state", "in", ("posted", "waived")), ("date_to", "!=", False)], "date_to:max")}
        left = {}
        for name, (model, domain, day) in last.items():
            for company, value in self.env[model].sudo()._read_group(domain, ["company_id"], [day]):  # sudo: of all companies
                left.setdefault(company.root_id.id, {})[name] = value.isoformat()
        self.env["ir.config_parameter"].sudo().set_param(LEFT, json.dumps(left))  # sudo: as above

    @api.model
    def _come_back(self):
        """Nobody is reminded again on the same day, nor charged for the same days."""
        left = json.loads(self.env["ir.config_parameter"].sudo().get_param(LEFT) or "{}")  # sudo: the installation asks
        for company in self.env["res.company"].search([("id", "in", [int(company) for company in left])]):
            days = left[str(company.id)]
            company.write({"collection_silent_since": days.get("sent"), "collection_charge_from": days.get("charged")})

    @api.model
    def _forget(self):
        """Core leaves behind what was written and attached under records whose tables go: nobody could read or delete it any more."""
        models_ = [name for name, model in self.env.items() if model._original_module == MODULE and not model._abstract]
        for model in ("mail.message", "ir.attachment"):
            domain = [("model" if model == "mail.message" else "res_model", "in", models_)]
            if model == "ir.attachment":
                domain.append(("id", ">", 0))  # those of fields, too
            while records := self.env[model].sudo().search(domain, limit=BATCH):  # sudo: of all companies
                records.unlink()


class ResCompany(models.Model):
    _inherit = "res.company"

    collection_silent_since = fields.Date("Last message of an earlier installation", readonly=True,
                                          help="It counts as a contact with every customer, so that nobody is reminded twice.")
