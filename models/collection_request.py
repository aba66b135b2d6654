from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools.misc import format_date

from .collection_reason import describe

STATES = [("open", "Open"), ("answered", "Answered"), ("refused", "Refused"), ("ended", "Ended")]
EDITABLE = {"answer"}
ASKED = "account_credit_collection.mail_activity_collection_plan"


class CollectionRequest(models.Model):
    """A customer who asks online to pay in parts: a task for us, and some days without reminders.

    Made by its customer only. A plan that is offered answers it.
    """

    _name = "collection.request"
    _description = "Request to Pay in Parts"
    _inherit = ["collection.talk.mixin", "collection.state.mixin", "collection.said.mixin"]
    _order = "id desc"

    _transitions = frozenset({("open", "answered"), ("open", "refused"), ("open", "ended")})

    profile_id = fields.Many2one("credit.profile", "Customer", required=True, index=True, ondelete="restrict", readonly=True)
    company_id = fields.Many2one(related="profile_id.company_id", store=True, index=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True, ondelete="restrict")
    item_ids = fields.Many2many("account.move.line", string="Invoices", readonly=True)
    documents = fields.Char("For", readonly=True)
    amount = fields.Monetary("Open then", required=True, readonly=True)
    template_id = fields.Many2one("collection.plan.template", ondelete="restrict", readonly=True)
    parts = fields.Integer(required=True, readonly=True, aggregator=None)
    first_on = fields.Date("First part on", required=True, readonly=True)
    note = fields.Text("In the customer's words", readonly=True)
    made_on = fields.Date("Asked on", required=True, readonly=True)
    silent_until = fields.Date("Not asked for until", readonly=True, index="btree_not_null")
    state = fields.Selection(STATES, "Status", default="open", required=True, readonly=True, tracking=True, index=True)
    plan_id = fields.Many2one("collection.plan", "Payment plan", readonly=True, ondelete="set null", index="btree_not_null")
    answer = fields.Char(tracking=True, help="The customer reads it on the page of its account.")
    ended_on = fields.Date(readonly=True)
    sentence = fields.Char("Asked for", compute="_compute_sentence")

    @api.depends("parts", "first_on", "silent_until")
    @api.depends_context("lang")
    def _compute_sentence(self):
        for record in self:
            record.sentence = describe(self.env, "call_plan" if record.silent_until else "call_plan_again", record._told())

    def _told(self):
        return {"parts": self.parts, "first": self.first_on and self.first_on.isoformat(), "until": self.silent_until and self.silent_until.isoformat()}

    @api.depends("profile_id", "parts", "first_on")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for record in self:
            record.display_name = self.env._("%(customer)s: %(parts)s parts from %(day)s", customer=record.profile_id.display_name,
                                             parts=record.parts, day=format_date(self.env, record.first_on))

    def write(self, vals):
        """We answer; what was asked for stays as it was said."""
        own = {name for name in vals if name in self._fields and self._fields[name]._module == "account_credit_collection"}
        if not self.env.su and own - EDITABLE:
            raise AccessError(self.env._("What a customer asked for is not changed. Draw up a plan, or refuse it."))
        if not self.env.su and own and any(record.state != "open" for record in self):
            raise UserError(self.env._("%s is answered already.", self[:1].display_name))
        return super().write(vals)

    # ------------------------------------------------------------------ answering

    def action_draw_up(self):
        """Draw up the plan that was asked for; the terms are ours."""
        self.ensure_one()
        self._check_staff()
        if self.state != "open":
            raise UserError(self.env._("%s is answered already.", self.display_name))
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_plan_wizard_action")
        return dict(action, context=self._plan_defaults())

    def _plan_defaults(self):
        """What the dialog for plans begins with."""
        items = self.item_ids.filtered(lambda item: item.amount_residual_currency > 0)
        return {"default_profile_id": self.profile_id.id, "default_currency_id": self.currency_id.id, "default_item_ids": items.ids,
                "default_method": "count", "default_count": self.parts, "default_first_on": fields.Date.to_string(self.first_on)}

    def action_refuse(self):
        """No plan: it is asked for again from tomorrow on, and the customer reads why."""
        self._check_staff()
        for record in self.filtered(lambda record: record.state == "open"):
            if not record.answer:
                raise UserError(self.env._("Write an answer to %s first: the customer will ask why.", record.profile_id.display_name))
            record.sudo()._end("refused")  # sudo: the state is written by methods only

    def action_open_plan(self):
        """The plan that answered it."""
        self.ensure_one()
        return {"type": "ir.actions.act_window", "res_model": "collection.plan", "res_id": self.plan_id.id, "views": [(False, "form")]}

    def _check_staff(self):
        if not self.env.user.has_group("account_credit_collection.group_collector"):
            raise AccessError(self.env._("Only collectors and credit managers answer requests."))
        self.check_access("read")

    # ------------------------------------------------------------------ the end

    def _end(self, state, **values):
        """From tomorrow on it is asked for again, unless something else holds; nobody has a task about it any more."""
        for record in self.filtered(lambda record: record.state == "open"):
            today = record.company_id._collection_today()
            day = fields.Date.subtract(today, days=1) if state != "refused" else today
            record._transition(state, ended_on=today, silent_until=min(record.silent_until or day, day), **values)
            if not record.profile_id.request_ids.filtered(lambda other: other.state == "open"):
                record.profile_id.activity_feedback([ASKED], feedback=record.display_name)

    def _withdraw_online(self):
        """The customer asks for it no longer."""
        self.with_user(SUPERUSER_ID)._end("ended")  # what follows from it is the system's work

    def _end_settled(self):
        """What is paid needs no plan."""
        self.filtered(lambda record: not record.item_ids.filtered(
            lambda item: item.parent_state == "posted" and item.amount_residual_currency > 0))._end("ended")

    # ------------------------------------------------------------------ the page

    def _online_state(self):
        """What became of it, in plain words."""
        _ = self.env._
        if self.state == "refused":
            return self.answer
        return {
            "open": _("We will answer you soon.") if not self.silent_until else _(
                "We will answer you soon. We do not remind you of these invoices until %s.", format_date(self.env, self.silent_until)),
            "answered": _("We made you an offer."), "ended": _("This does not hold any more."),
        }[self.state]
