from odoo import api, fields, models

from .collection_reason import clock, describe

OUTCOMES = [
    ("promise", "Promise"),
    ("dispute", "Dispute"),
    ("plan", "Plan"),
    ("copy", "Copies"),
    ("callback", "Call back"),
    ("no_answer", "Nobody answers"),
    ("wrong_contact", "Wrong contact"),
    ("refuses", "Refuses"),
]
# Nobody was spoken to: it is no contact, and what was to be said is still to be said.
UNREACHED = ("no_answer", "wrong_contact")


class CollectionCall(models.Model):
    """A call and what it came to. Made at the desk only, never changed: one that was a slip is voided."""

    _name = "collection.call"
    _description = "Call"
    _order = "called_at desc, id desc"

    profile_id = fields.Many2one("credit.profile", "Customer", required=True, index=True, ondelete="restrict", readonly=True)
    company_id = fields.Many2one(related="profile_id.company_id", store=True, index=True)
    user_id = fields.Many2one("res.users", "Called by", required=True, index=True, ondelete="restrict", readonly=True)
    called_at = fields.Datetime("At", required=True, readonly=True)
    day = fields.Date(required=True, readonly=True)
    contact_id = fields.Many2one("res.partner", "Spoke to", index="btree_not_null", ondelete="restrict", readonly=True)
    number = fields.Char(readonly=True)
    outcome = fields.Selection(OUTCOMES, required=True, readonly=True)
    reached = fields.Boolean("Somebody answered", compute="_compute_reached", store=True)
    excuse_id = fields.Many2one("collection.excuse", "Said", index="btree_not_null", ondelete="restrict", readonly=True)
    answer_id = fields.Many2one("collection.excuse.answer", "Answered", index="btree_not_null", ondelete="restrict", readonly=True)
    note = fields.Text(readonly=True)
    seconds = fields.Integer(readonly=True, aggregator="sum")
    promise_id = fields.Many2one("collection.promise", index="btree_not_null", ondelete="set null", readonly=True)
    renewed_id = fields.Many2one("collection.promise", "Instead of", ondelete="set null", readonly=True)
    promise_state = fields.Selection(related="promise_id.state", store=True, string="Came of it")
    dispute_id = fields.Many2one("collection.dispute", index="btree_not_null", ondelete="set null", readonly=True)
    item_ids = fields.Many2many("account.move.line", string="Invoices", readonly=True)
    plan_parts = fields.Integer("Parts asked for", readonly=True, aggregator=None)
    plan_first_on = fields.Date("First part", readonly=True)
    silent_until = fields.Date("Not asked for until", readonly=True, index="btree_not_null")
    resubmit_on = fields.Date("Again on", readonly=True)
    resubmit_time = fields.Float("Again at", readonly=True, aggregator=None)
    sentence = fields.Char("Outcome in words", compute="_compute_sentence")
    done_action_ids = fields.Many2many("collection.action", readonly=True, string="Calls of the follow-up done with it")
    wrong_id = fields.Many2one("res.partner", "Wrong contact", index="btree_not_null", ondelete="restrict", readonly=True)
    added_id = fields.Many2one("res.partner", "Contact added with it", ondelete="restrict", readonly=True)
    unmarked = fields.Boolean(readonly=True, help="The wrong contact received the reminders until then.")
    tasks = fields.Json(readonly=True, help="Tasks that the call made, moved or completed, for taking it back.")
    token = fields.Char(readonly=True, copy=False)
    before = fields.Json(readonly=True, help="How the customer stood on the list before the call, for taking it back.")
    voided = fields.Boolean("Taken back", readonly=True)

    _token_uniq = models.UniqueIndex("(profile_id, user_id, token) WHERE token IS NOT NULL AND voided IS NOT TRUE", "This call is recorded already.")
    _last_idx = models.Index("(profile_id, day) WHERE voided IS NOT TRUE")
    _mine_idx = models.Index("(user_id, day)")

    def _move_to(self, profile):
        """The calls of a customer merged with another: none of them is being recorded right now, so their keys go."""
        self.write({"token": False, "profile_id": profile.id})

    @api.depends("outcome")
    def _compute_reached(self):
        for call in self:
            call.reached = call.outcome not in UNREACHED

    @api.depends("outcome", "promise_id", "dispute_id", "resubmit_on", "plan_parts", "silent_until", "item_ids")
    @api.depends_context("lang")
    def _compute_sentence(self):
        for call in self:
            call.sentence = describe(self.env, call._sentence_code(), call._told())

    def _sentence_code(self):
        if self.outcome == "copy" and len(self.item_ids.move_id) == 1:
            return "call_copy_one"
        return "call_plan_again" if self.outcome == "plan" and not self.silent_until else f"call_{self.outcome}"

    def _told(self):
        """The figures of the sentence about this call."""
        self.ensure_one()
        return {"promise": self.promise_id._sentence() if self.promise_id else "", "dispute": self.dispute_id.display_name or "",
                "on": self.resubmit_on and self.resubmit_on.isoformat(), "at": clock(self.resubmit_time), "who": self.contact_id.name or "",
                "parts": self.plan_parts, "first": self.plan_first_on and self.plan_first_on.isoformat(),
                "until": self.silent_until and self.silent_until.isoformat(), "count": len(self.item_ids.move_id), "address": self.number or ""}

    @api.depends("profile_id", "outcome")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["outcome"]._description_selection(self.env))
        for call in self:
            call.display_name = f"{call.profile_id.display_name}: {labels.get(call.outcome, '')}"
