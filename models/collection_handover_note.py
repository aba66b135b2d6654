from markupsafe import Markup

from odoo import api, models
from odoo.tools.misc import format_date

from .collection_handover import MANAGER
from .collection_reason import describe

NAMED = 5  # invoices named in a note; the handover has them all
TASK = "account_credit_collection.mail_activity_collection_handover"
APPROVE = "account_credit_collection.mail_activity_collection_handover_approve"
TELL = "account_credit_collection.mail_activity_collection_handover_tell"
LINK = Markup('<a href="#" data-oe-model="collection.handover" data-oe-id="%s">%s</a>')
LOUD = ("announced", "handed", "recalled", "open_again")  # what the salesperson should know of


class CollectionHandover(models.Model):
    """Who is told of handovers: one note a customer in the chatter, tasks for those who have to do something."""

    _inherit = "collection.handover"

    @api.model
    def _tell(self, codes):
        """Tell what happened, ``{handover: code}``: documents and days, no amounts."""
        records = self.browse(record.id for record in codes).sudo()  # sudo: see credit.profile._notes
        for tell in (True, False):
            chosen = records.filtered(lambda record, tell=tell: (codes[record] in LOUD) == tell)
            bodies = {profile: some._note_body(codes) for profile, some in chosen.grouped("profile_id").items()}
            if bodies:
                self.env["credit.profile"]._notes(bodies, tell=tell)

    def _note_body(self, codes):
        env = self.profile_id._chatter_env()
        return Markup("<br/>").join(LINK % (record.id, record.with_env(env)._say(codes[record])) for record in self.sorted("id"))

    def _say(self, code):
        """A step in words, for the log and for the customer's chatter."""
        names = list(dict.fromkeys(self.line_ids.mapped("document")))
        items = ", ".join(names[:NAMED])
        if len(names) > NAMED:
            items = describe(self.env, "promise_note_many", {"items": items, "count": len(names) - NAMED})
        return describe(self.env, f"handover_note_{code}", {
            "items": items, "number": self.name, "agency": self.agency_id.name or "/", "why": self.end_reason or "/",
            "deadline": self.deadline and self.deadline.isoformat()})

    # ------------------------------------------------------------------ tasks

    def _ask(self, summary, note=None):
        """A task for whoever looks after the customer, about this handover."""
        self.ensure_one()
        self.profile_id._task(TASK, self.env._("%(handover)s: %(what)s", handover=self.name, what=summary), note=note)

    def _ask_to_tell(self, what, amount=0.0):
        """The agency must hear of it: in the log, and a task that nothing but a person takes off the list."""
        self.ensure_one()
        self._log("note", what, amount=amount)
        self.profile_id._task(TELL, self.env._("%(handover)s: tell %(agency)s", handover=self.name, agency=self.agency_id.name), note=what)

    def _warn_manager(self):
        """Reminders would go on soon, although the customer was told that none comes any more."""
        self.ensure_one()
        until = format_date(self.env, self._silent_until())
        self._ask_manager(self.env._("%(handover)s is silent until %(day)s only: hand it over or cancel it", handover=self.name, day=until),
                          self.env._("Nobody went on with it. After %s the customer is reminded again.", until))

    def _ask_manager(self, summary=None, note=None):
        """A task for a credit manager other than who proposed it, where there is one."""
        self.ensure_one()
        chosen = self.company_id.collection_user_id
        managers = self.env.ref(MANAGER).all_user_ids.filtered(
            lambda user: user.active and not user.share and self.company_id in user.company_ids)
        others = managers - self.proposed_by - self.env.ref("base.user_root")
        user = chosen if chosen in others else others[:1] or managers[:1] or self.profile_id._responsible()
        self.profile_id.with_context(mail_activity_quick_update=True).activity_schedule(
            TASK if summary else APPROVE, user_id=user.id, note=note or self.why, summary=summary or self.env._("Approve the handover %s", self.name))

    def _drop_tasks(self, kind=TASK):
        """The tasks of a kind are done, unless another handover of the customer still needs them."""
        states = ("proposed",) if kind == APPROVE else ("approved", "announced", "handed")
        others = self.search([("profile_id", "in", self.profile_id.ids), ("id", "not in", self.ids), ("state", "in", states)])
        done = self.profile_id - others.profile_id
        if done:
            done.activity_unlink([kind])
