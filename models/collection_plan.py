from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools.misc import format_date

from ..engine import overlay
from ..engine.money import exact
from .collection_reason import describe

STATES = [("draft", "Draft"), ("to_approve", "To approve"), ("offered", "Offered"), ("active", "Active"), ("finished", "Paid"),
          ("defaulted", "Broken"), ("cancelled", "Cancelled"), ("lapsed", "Not accepted")]
MOVES = {
    "draft": ("to_approve", "offered", "cancelled"),
    "to_approve": ("draft", "offered", "cancelled"),
    "offered": ("active", "cancelled", "lapsed"),
    "lapsed": ("offered", "cancelled"),
    "active": ("finished", "defaulted", "cancelled"),
    "finished": ("active",),  # a payment bounced
    "defaulted": ("active",),  # it was paid in time after all
}


class CollectionPlan(models.Model):
    """What a customer owes, to be paid in parts: an overlay, so that ledger entries and their due dates stay as they are.

    Made and moved by its methods only, which check who may. While it is offered or active nobody is asked for its items.
    """

    _name = "collection.plan"
    _description = "Payment Plan"
    _inherit = ["collection.talk.mixin", "collection.state.mixin", "collection.link.mixin", "collection.plan.terms"]
    _order = "id desc"
    _link_scope = "account_credit_collection plan"
    _transitions = frozenset((before, after) for before, afters in MOVES.items() for after in afters)

    name = fields.Char("Number", required=True, readonly=True, copy=False, index=True)
    profile_id = fields.Many2one("credit.profile", "Customer", required=True, index=True, ondelete="restrict", readonly=True)
    company_id = fields.Many2one(related="profile_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="profile_id.partner_id", string="Partner")
    template_id = fields.Many2one("collection.plan.template", ondelete="restrict", readonly=True)
    state = fields.Selection(STATES, "Status", default="draft", required=True, readonly=True, tracking=True, index=True)
    made_on = fields.Date("Drawn up on", required=True, readonly=True)
    made_by = fields.Many2one("res.users", "Drawn up by", required=True, readonly=True, ondelete="restrict")
    accept_until = fields.Date("Accept until", readonly=True)
    offered_on = fields.Date(readonly=True)
    line_ids = fields.One2many("collection.plan.line", "plan_id", "Invoices", readonly=True)
    installment_ids = fields.One2many("collection.plan.installment", "plan_id", "Schedule", readonly=True)
    charge_id = fields.Many2one("collection.charge", "Billed interest and fee", readonly=True, ondelete="restrict")
    unearned_move_id = fields.Many2one("account.move", "Credit for days to come", readonly=True, ondelete="set null", index="btree_not_null")
    call_id = fields.Many2one("collection.call", "Asked for on the telephone", readonly=True, ondelete="set null", index="btree_not_null")
    previous_id = fields.Many2one("collection.plan", "Instead of", readonly=True, ondelete="set null", index="btree_not_null")
    # money
    principal = fields.Monetary("Owed", readonly=True)
    interest = fields.Monetary(readonly=True)
    total = fields.Monetary("To pay", readonly=True)
    down_amount = fields.Monetary("Down payment", readonly=True)
    down_on = fields.Date("Down payment on", readonly=True)
    first_on = fields.Date("First part on", required=True, readonly=True)
    last_on = fields.Date("Last part on", readonly=True)
    paid_amount = fields.Monetary("Paid", readonly=True)
    open_amount = fields.Monetary("Open", readonly=True)
    late_amount = fields.Monetary("Late", readonly=True)
    days_late = fields.Integer(readonly=True, aggregator=None)
    next_due = fields.Date("Next due", readonly=True, index="btree_not_null")
    next_amount = fields.Monetary("Next installment", readonly=True)
    progress = fields.Float("Paid (%)", compute="_compute_progress")
    # approval and acceptance
    approval_codes = fields.Json(readonly=True)
    approval_text = fields.Char("Why a manager", compute="_compute_approval_text")
    approved_by = fields.Many2one("res.users", readonly=True, ondelete="restrict", tracking=True)
    agreed_on = fields.Date("In force since", readonly=True)
    accepted_on = fields.Datetime("Accepted at", readonly=True, tracking=True)
    accepted_name = fields.Char("Accepted by", readonly=True)
    accepted_ip = fields.Char("Accepted from", readonly=True, groups="account_credit_collection.group_collector")
    accepted_agent = fields.Char("Accepted with", readonly=True, groups="account_credit_collection.group_collector")
    accepted_how = fields.Selection([("portal", "Online"), ("hand", "On paper"), ("payment", "By paying")], "Accepted", readonly=True)
    document_hash = fields.Char("SHA-256 of the agreement", readonly=True)
    # the end
    ended_on = fields.Date("Ended on", readonly=True)
    ended_by = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    end_reason = fields.Char("Reason", readonly=True)
    defaulted_on = fields.Date("Broken on", readonly=True)
    default_code = fields.Char(readonly=True)
    default_detail = fields.Json(readonly=True)
    default_text = fields.Char("What broke it", compute="_compute_default_text")
    is_waived = fields.Boolean(readonly=True, help="Open charges on its items were given up.")
    thanked_on = fields.Date(readonly=True)
    mailed_on = fields.Date(readonly=True, help="The customer gets one mail a day about it.")
    late_task_on = fields.Date(readonly=True)
    why = fields.Char("Why?", compute="_compute_why")

    _name_uniq = models.UniqueIndex("(company_id, name)", "A plan has its own number.")

    @api.depends("paid_amount", "open_amount")
    def _compute_progress(self):
        for plan in self:
            whole = plan.paid_amount + plan.open_amount
            plan.progress = 100 * plan.paid_amount / whole if whole else 0.0

    @api.depends("approval_codes")
    @api.depends_context("lang")
    def _compute_approval_text(self):
        for plan in self:
            plan.approval_text = " · ".join(describe(self.env, f"plan_asks_{code}") for code in plan.approval_codes or ()) or False

    @api.depends("default_code", "default_detail")
    @api.depends_context("lang")
    def _compute_default_text(self):
        for plan in self:
            plan.default_text = describe(self.env, f"plan_broken_{plan.default_code}", plan.default_detail) if plan.default_code else False

    @api.depends("state", "next_due", "days_late", "accept_until", "end_reason", "default_code", "ended_on", "approval_codes")
    @api.depends_context("lang")
    def _compute_why(self):
        for plan in self:
            plan.why = plan._why()

    def _why(self):
        """Why the plan stands as it does, in a sentence."""
        if self.state == "defaulted":
            return self.default_text
        if self.state == "cancelled":
            return self.end_reason
        if self.state == "to_approve":
            return self.approval_text
        code = "late" if self.state == "active" and self.days_late else "ended" if self.state == "finished" else self.state
        return describe(self.env, f"plan_why_{code}", {
            "days": self.days_late, "amount": self.currency_id.format(self.late_amount), "next": self.currency_id.format(self.next_amount),
            "on": _iso(self.next_due), "until": _iso(self.accept_until), "ended": _iso(self.ended_on)})

    def _sentence(self):
        """“PLAN/2026/0001: next 1,371.43 on 3 December”."""
        self.ensure_one()
        if self.state != "active" or not self.next_due:
            return self.env._("%(plan)s: %(state)s", plan=self.name, state=dict(self._fields["state"]._description_selection(self.env))[self.state])
        return self.env._("%(plan)s: next %(amount)s on %(day)s", plan=self.name, amount=self.currency_id.format(self.next_amount),
                          day=format_date(self.env, self.next_due))

    # ------------------------------------------------------------------ for others

    def _decide_cover(self):
        """One engine call: when the plan pays each of its items: ``{line id: (first day, last day)}``."""
        standing = self.installment_ids._to_standing()
        lines = self.line_ids.sorted(lambda line: (line.is_cost, line.due or self.made_on, line.id))
        return overlay.cover(standing, [(line.id, exact(line._still_open())) for line in lines]) if self.state == "active" else {}

    def _items(self):
        """What is owed by it and still in the books."""
        return self.sudo().line_ids.item_id  # sudo: whoever sees the plan may know its items

    def _quantum(self):
        return exact(self.currency_id.rounding)

    # ------------------------------------------------------------------ rights

    def _check_staff(self, group="group_collector"):
        """Collectors and managers; each only for customers they may see."""
        if not self.env.su and not self.env.user.has_group(f"account_credit_collection.{group}"):
            raise AccessError(self.env._("Payment plans are made by collectors and approved by credit managers."))
        self.check_access("read")


def _iso(day):
    return day.isoformat() if day else False
