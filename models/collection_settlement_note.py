from markupsafe import Markup

from odoo import api, models

from .collection_reason import describe
from .collection_settlement import MANAGER

NAMED = 5  # invoices named in a note; the offer has them all
TASK = "account_credit_collection.mail_activity_collection_settlement"
APPROVE = "account_credit_collection.mail_activity_collection_settlement_approve"
LINK = Markup('<a href="#" data-oe-model="collection.settlement" data-oe-id="%s">%s</a>')
BAD = ("lapsed", "bounced", "undone")  # what the salesperson should know of


class CollectionSettlement(models.Model):
    """Who is told of offers: one note a customer in the chatter, tasks for those who have to do something."""

    _inherit = "collection.settlement"

    @api.model
    def _tell(self, codes):
        """Tell what happened to offers, ``{offer: code}``: documents and days, no amounts."""
        records = self.browse(record.id for record in codes).sudo()  # sudo: see credit.profile._notes
        for tell in (True, False):
            chosen = records.filtered(lambda record, tell=tell: (codes[record] in BAD) == tell)
            bodies = {profile: some._note_body(codes) for profile, some in chosen.grouped("profile_id").items()}
            if bodies:
                self.env["credit.profile"]._notes(bodies, tell=tell)

    def _note_body(self, codes):
        env = self.profile_id._chatter_env()
        return Markup("<br/>").join(LINK % (record.id, record.with_env(env)._note_text(codes[record])) for record in self.sorted("id"))

    def _note_text(self, code):
        names = list(dict.fromkeys(self.line_ids.mapped("document")))
        items = ", ".join(names[:NAMED])
        if len(names) > NAMED:
            items = describe(self.env, "promise_note_many", {"items": items, "count": len(names) - NAMED})
        return describe(self.env, f"settlement_note_{code}", {"items": items, "until": self.until.isoformat(), "number": self.name})

    # ------------------------------------------------------------------ tasks

    def _ask(self, summary, note=None):
        """A task for whoever looks after the customer, about this offer."""
        self.ensure_one()
        self.profile_id._task(TASK, self.env._("%(offer)s: %(what)s", offer=self.name, what=summary), note=note)

    def _ask_manager(self):
        """A task for a credit manager: the company's default collector where that is one, else any other who sees the company."""
        self.ensure_one()
        group = self.env.ref(MANAGER)
        chosen = self.company_id.collection_user_id
        managers = group.all_user_ids.filtered(lambda user: user.active and not user.share and self.company_id in user.company_ids)
        user = chosen if chosen in managers else (managers - self.env.ref("base.user_root"))[:1]
        self.profile_id.with_context(mail_activity_quick_update=True).activity_schedule(
            APPROVE, user_id=(user or self.profile_id._responsible()).id, note=self._objection_text(self._objections()),
            summary=self.env._("Approve the settlement offer %s", self.name))

    def _drop_tasks(self, kind=TASK):
        """The tasks of a kind are done, unless another offer of the customer still needs them."""
        states = ("to_approve",) if kind == APPROVE else ("lapsed",)
        others = self.search([("profile_id", "in", self.profile_id.ids), ("id", "not in", self.ids), ("state", "in", states)]) if self else self
        done = self.profile_id - others.profile_id
        if done:
            done.activity_unlink([kind])
