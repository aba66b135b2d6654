from markupsafe import Markup

from odoo import api, models

from .collection_promise_judge import UNKEPT
from .collection_reason import describe

NAMED = 5  # invoices named in a note; the promise has them all
LINK = Markup('<a href="#" data-oe-model="collection.promise" data-oe-id="%s">%s</a>')


class CollectionPromise(models.Model):
    """What the customer's chatter tells of promises: one note a customer, however many promises moved."""

    _inherit = "collection.promise"

    def _note_taken(self):
        """Those of an earlier day, which only the system can load, are history, and told already."""
        fresh = self.filtered(lambda record: record.made_on >= record.company_id._collection_today())
        self._note_moves({record: "taken" if record.level == 1 else "again" for record in fresh})

    @api.model
    def _note_moves(self, codes):
        """Tell what happened to promises: ``{promise: code}``; a word that was not kept is for the salesperson too."""
        by_profile = self.browse(record.id for record in codes).sudo().grouped("profile_id")  # sudo: see _notes
        bodies = {profile: some._note_body(codes) for profile, some in by_profile.items()}
        bad = {profile for profile, some in by_profile.items() if any(codes[record] in UNKEPT for record in some)}
        for tell in (True, False):
            chosen = {profile: body for profile, body in bodies.items() if (profile in bad) == tell}
            if chosen:
                self.env["credit.profile"]._notes(chosen, tell=tell)

    def _note_body(self, codes):
        """A line for each, which leads to the promise: amounts are seen there, by whom they concern."""
        env = self.profile_id._chatter_env()
        return Markup("<br/>").join(LINK % (record.id, record.with_env(env)._note_text(codes[record])) for record in self.sorted("id"))

    def _note_text(self, code):
        return describe(self.env, f"promise_note_{code}", {
            "items": self._note_items(), "on": self.promised_on.isoformat(), "number": self.level})

    def _note_items(self):
        names = self.line_ids.mapped("document")
        if self.on_balance:
            return describe(self.env, "promise_note_balance")
        if len(names) > NAMED:
            return describe(self.env, "promise_note_many", {"items": ", ".join(names[:NAMED]), "count": len(names) - NAMED})
        return ", ".join(names)
