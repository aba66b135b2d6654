from odoo import api, fields, models

from ..engine import installment as engine
from ..engine.money import exact
from ..engine.schedule import Installment, Part
from .collection_reason import describe

STATES = [("open", "Open"), ("partly", "Partly paid"), ("paid", "Paid")]
LIVE = ("to_approve", "offered", "active")


class CollectionPlanLine(models.Model):
    """An item of a plan as it stood then: what was open of it. One that was rewritten since keeps its name only."""

    _name = "collection.plan.line"
    _description = "Item of a Payment Plan"
    _order = "plan_id, due, id"
    _rec_name = "document"

    plan_id = fields.Many2one("collection.plan", required=True, index=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="plan_id.currency_id")
    item_id = fields.Many2one("account.move.line", "Invoice", index=True, ondelete="set null", readonly=True)
    document = fields.Char(required=True, readonly=True)
    due = fields.Date("Due by contract", readonly=True)
    amount = fields.Monetary("In the plan", required=True, readonly=True)
    is_cost = fields.Boolean(readonly=True, help="The plan's own interest and fee.")
    # what was set off against the item before the plan is no payment of the plan
    money_before = fields.Monetary(readonly=True)
    credit_before = fields.Monetary(readonly=True)
    residual = fields.Monetary("Still open", compute="_compute_residual")
    plan_due = fields.Date("Due by the plan", compute="_compute_days")
    contract_days_late = fields.Integer("Days late by contract", compute="_compute_days")
    plan_days_late = fields.Integer("Days late by the plan", compute="_compute_days")
    is_live = fields.Boolean(compute="_compute_is_live", store=True)

    _item_uniq = models.UniqueIndex("(item_id) WHERE is_live", "An invoice is in one payment plan at a time.")

    @api.depends("plan_id.state")
    def _compute_is_live(self):
        for line in self:
            plan = line.plan_id
            # while the plan that it takes the place of still holds, that one has the item
            line.is_live = plan.state in LIVE and (plan.state == "active" or plan.previous_id.state not in LIVE)

    def _compute_residual(self):
        for line in self:
            line.residual = line._still_open()

    def _still_open(self):
        """What is open of the item now."""
        item = self.item_id.sudo()  # sudo: whoever sees the plan may know what is open of it
        return item.amount_residual_currency if item.parent_state == "posted" else 0.0

    def _compute_days(self):
        covers = {plan: plan._decide_cover() for plan in self.plan_id}
        for line in self:
            today = line.company_id._collection_today()
            late = bool(line._still_open()) and line.due
            first, last = covers[line.plan_id].get(line.id, (None, None))
            line.plan_due = last or False
            line.contract_days_late = max(0, (today - line.due).days) if late else 0
            line.plan_days_late = max(0, (today - first).days) if first else 0

    @api.model
    def _live_ones(self, items):
        """The live plans of items."""
        return self.sudo().search([("item_id", "in", items.ids), ("is_live", "=", True)])  # sudo: an item has one plan, whoever looks

    def _taken(self):
        """Why the item is not free, and what to do instead."""
        return self.env._("%(item)s is in the payment plan %(plan)s already. Cancel that plan first, or choose the other invoices.",
                          item=self.document, plan=self.plan_id.name)


class CollectionPlanInstallment(models.Model):
    """A part of a plan, its day, and what payments made of it. Number 0 is the down payment."""

    _name = "collection.plan.installment"
    _description = "Installment of a Payment Plan"
    _order = "plan_id, number"
    _rec_name = "number"

    plan_id = fields.Many2one("collection.plan", required=True, index=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="plan_id.currency_id")
    number = fields.Integer("No.", required=True, readonly=True, aggregator=None)
    label = fields.Char("Installment", compute="_compute_label")
    due = fields.Date(required=True, readonly=True)
    principal = fields.Monetary(readonly=True)
    interest = fields.Monetary(readonly=True)
    fee = fields.Monetary(readonly=True)
    amount = fields.Monetary(required=True, readonly=True)
    credited_amount = fields.Monetary("Credited", readonly=True)
    paid_amount = fields.Monetary("Paid", readonly=True)
    open_amount = fields.Monetary("Open", compute="_compute_open_amount")
    paid_on = fields.Date("Paid on", readonly=True)
    state = fields.Selection(STATES, "Status", default="open", required=True, readonly=True)
    days_late = fields.Integer(readonly=True, aggregator=None)
    reminded_before_on = fields.Date("Reminded before", readonly=True)
    reminded_after_on = fields.Date("Reminded after", readonly=True)
    is_unreached = fields.Boolean(readonly=True, help="There was no address: nobody was reminded.")

    _number_uniq = models.UniqueIndex("(plan_id, number)", "A plan has each installment once.")
    _amount_positive = models.Constraint("CHECK(amount > 0)", "An installment is more than nothing.")

    @api.depends("amount", "credited_amount", "paid_amount")
    def _compute_open_amount(self):
        for row in self:
            row.open_amount = row.currency_id.round(row.amount - row.credited_amount - row.paid_amount) if row.currency_id else 0.0

    @api.depends("number")
    @api.depends_context("lang")
    def _compute_label(self):
        for row in self:
            row.label = describe(self.env, "plan_part" if row.number else "plan_down", {"number": row.number})

    def _to_engine(self):
        """The installments as they were agreed."""
        return [Installment(row.number, row.due, Part(exact(row.principal), exact(row.interest), exact(row.fee))) for row in self]

    def _to_standing(self):
        """How they stood when last looked at."""
        rows = self.sorted("number")
        return engine.Standing(tuple(
            engine.Paid(part, exact(row.amount) - exact(row.credited_amount), exact(row.paid_amount), row.paid_on or None, row.state, row.days_late)
            for row, part in zip(rows, rows._to_engine())), engine.ZERO)

    def _follow(self, paid):
        """Write what the payments made of it, where it changed."""
        values = {"credited_amount": float(exact(self.amount) - paid.amount), "paid_amount": float(paid.paid), "paid_on": paid.on or False,
                  "state": paid.state, "days_late": paid.late}
        changed = {name: value for name, value in values.items() if self[name] != value}
        if changed:
            self.write(changed)
