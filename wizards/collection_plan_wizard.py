from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine.money import exact
from ..engine.schedule import STEPS, ZERO, down_payment
from ..models.collection_dispute import check_numbers
from ..models.collection_plan_draw import FAR_DAYS
from ..models.collection_plan_terms import AGREED

NUMBERS = ("down_percent", "down_amount", "count", "part_amount", "annual_rate", "fee_amount")


class CollectionPlanWizard(models.TransientModel):
    """Draw up a payment plan: what for, in which parts, from when; the schedule is shown while one types."""

    _name = "collection.plan.wizard"
    _description = "Draw up a Payment Plan"
    _inherit = ["collection.items.dialog", "collection.plan.terms"]

    profile_id = fields.Many2one("credit.profile", "Customer", required=True)
    company_id = fields.Many2one(related="profile_id.company_id")
    partner_id = fields.Many2one(related="profile_id.partner_id", string="Partner")
    previous_id = fields.Many2one("collection.plan", "Instead of")
    call_id = fields.Many2one("collection.call", "Asked for")
    currency_id = fields.Many2one(compute="_compute_currency_id", store=True, readonly=False, precompute=True)
    item_ids = fields.Many2many("account.move.line", string="Invoices", compute="_compute_item_ids", store=True, readonly=False, precompute=True)
    principal = fields.Monetary("Owed", compute="_compute_principal")
    template_id = fields.Many2one("collection.plan.template", compute="_compute_template_id", store=True, readonly=False, precompute=True)
    down_percent = fields.Float(compute="_compute_terms", store=True, readonly=False, precompute=True)
    method = fields.Selection(compute="_compute_terms", store=True, readonly=False, precompute=True, default=None)
    count = fields.Integer(compute="_compute_terms", store=True, readonly=False, precompute=True, default=None)
    part_amount = fields.Monetary(compute="_compute_terms", store=True, readonly=False, precompute=True)
    rhythm = fields.Selection(compute="_compute_terms", store=True, readonly=False, precompute=True, default=None)
    annual_rate = fields.Float(compute="_compute_terms", store=True, readonly=False, precompute=True)
    fee_amount = fields.Monetary(compute="_compute_terms", store=True, readonly=False, precompute=True)
    waive_charges = fields.Boolean(compute="_compute_terms", store=True, readonly=False, precompute=True)
    down_amount = fields.Monetary("Down payment", compute="_compute_down_amount", store=True, readonly=False)
    down_on = fields.Date("Down payment on", compute="_compute_days", store=True, readonly=False, precompute=True)
    first_on = fields.Date("First part on", compute="_compute_days", store=True, readonly=False, precompute=True)
    wish = fields.Char(related="call_id.sentence", string="Asked for on the telephone")
    preview = fields.Html(compute="_compute_preview", sanitize=False)
    problem = fields.Char(compute="_compute_preview")
    warnings = fields.Text(compute="_compute_preview")

    # ------------------------------------------------------------------ what it is about

    @api.depends("profile_id", "previous_id")
    def _compute_currency_id(self):
        """That of what is overdue, the customer's own where there are several."""
        for wizard in self:
            own, items = wizard.profile_id.company_id.currency_id, wizard._candidates()
            late = items.filtered(wizard._is_late) or items
            wizard.currency_id = (wizard.previous_id.currency_id or (own if own in late.currency_id else late[:1].currency_id)
                                  or own or self.env.company.currency_id)

    @api.depends("profile_id", "currency_id", "previous_id", "call_id")
    def _compute_item_ids(self):
        """What was in the plan before, else what the customer asked about, else what is overdue, else all of one currency."""
        for wizard in self:
            items = wizard._candidates().filtered(lambda item, wizard=wizard: item.currency_id == wizard.currency_id)
            again = items & wizard.previous_id.line_ids.item_id
            wizard.item_ids = again or items & wizard.call_id.item_ids or items.filtered(wizard._is_late) or items

    def _candidates(self):
        """What the customer owes and is in no other plan, oldest first."""
        items = self.profile_id.item_ids.filtered(lambda item: item.amount_residual_currency > 0)
        taken = self.env["collection.plan.line"]._live_ones(items).filtered(lambda line: line.plan_id != self.previous_id)
        return items - taken.item_id.with_env(self.env)

    def _is_late(self, item):
        return bool(item.date_maturity) and item.date_maturity < self._today()

    def _today(self):
        return (self.profile_id.company_id or self.env.company.root_id)._collection_today()

    @api.depends("item_ids")
    def _compute_principal(self):
        for wizard in self:
            wizard.principal = sum(wizard.item_ids.mapped("amount_residual_currency"))

    # ------------------------------------------------------------------ terms

    @api.depends("profile_id", "currency_id")
    def _compute_template_id(self):
        for wizard in self:
            amount = sum(wizard.item_ids.mapped("amount_residual_currency"))
            wizard.template_id = wizard.previous_id.template_id or wizard.profile_id and self.env["collection.plan.template"]._fitting(
                wizard.profile_id, wizard.currency_id, amount)

    @api.depends("template_id")
    def _compute_terms(self):
        """Those of the template, with the parts the customer asked for; of a plan that is changed those it had."""
        for wizard in self:
            values = wizard.template_id._term_values(AGREED, wizard.currency_id, wizard.company_id) if wizard.template_id else {
                name: wizard[name] or default for name, default in (("method", "count"), ("rhythm", "monthly"), ("count", 3))}
            if wizard.call_id.plan_parts:
                values |= {"method": "count", "count": wizard.call_id.plan_parts}
            if wizard.previous_id and wizard.previous_id.template_id == wizard.template_id:
                values |= wizard.previous_id._copy_terms(AGREED)
            wizard.update(values)

    @api.depends("down_percent", "principal")
    def _compute_down_amount(self):
        for wizard in self:
            quantum = exact(wizard.currency_id.rounding or 0.01)
            wizard.down_amount = float(down_payment(exact(wizard.principal), exact(wizard.down_percent), quantum))

    @api.depends("template_id", "rhythm")
    def _compute_days(self):
        """Down payment in a week; the first part a step of the rhythm later, or when the customer wished."""
        for wizard in self:
            today = wizard._today()
            calendar = self.env["collection.plan"]._calendar(wizard.company_id or self.env.company.root_id, today)
            down_on = calendar.next_working_day(today + timedelta(days=7))
            step = timedelta(days=wizard.template_id.first_days) if wizard.template_id.first_days else STEPS[wizard.rhythm or "monthly"]
            wished = wizard.call_id.plan_first_on
            wizard.down_on = down_on
            wizard.first_on = calendar.next_working_day(
                wished if wished and wished >= today else (down_on if wizard.down_percent else today) + step)

    def _values(self):
        """What was agreed, as ``_draw`` takes it."""
        return {**self._copy_terms(AGREED), "down_amount": self.down_amount, "down_on": self.down_on if self.down_amount else False,
                "first_on": self.first_on, "call_id": (self.call_id or self.previous_id.call_id).id, "previous_id": self.previous_id.id}

    # ------------------------------------------------------------------ preview

    @api.depends("item_ids", "template_id", *AGREED, "down_amount", "down_on", "first_on")
    @api.depends_context("lang")
    def _compute_preview(self):
        for wizard in self:
            rows, problem = wizard._rows()
            wizard.problem = problem
            wizard.preview = self.env["ir.qweb"]._render("account_credit_collection.collection_plan_preview", wizard._preview_values(rows)) if rows else False
            wizard.warnings = "\n".join(wizard._warnings(rows)) if rows else False

    def _rows(self):
        """The schedule, or why there is none."""
        if not self.item_ids or not self.first_on:
            return [], self.env._("Choose the invoices and the first day.")
        try:
            company = self.company_id
            return self.env["collection.plan"]._prepare_schedule(
                company, self.currency_id, exact(self.principal), self._values(), self._today()), False
        except UserError as error:
            return [], str(error)

    def _preview_values(self, rows):
        money = self.currency_id.format
        return {
            "rows": [{"number": row.number, "due": row.due, "amount": money(float(row.part.amount)), "interest": money(float(row.part.interest)),
                      "fee": money(float(row.part.fee)), "principal": money(float(row.part.principal))} for row in rows],
            "costs": any(row.part.interest or row.part.fee for row in rows),
            "total": money(float(sum(row.part.amount for row in rows))), "interest": money(float(sum(row.part.interest for row in rows))),
            "fee": money(float(sum(row.part.fee for row in rows))), "principal": money(float(sum(row.part.principal for row in rows)))}

    def _warnings(self, rows):
        """What a careful collector would look at again."""
        template, today = self.template_id, self._today()
        smallest = min(row.part.amount for row in rows)
        least = exact(template.currency_id._convert(template.minimum_part, self.currency_id, self.company_id, today)) if template.minimum_part else ZERO
        disputed = self.env["collection.reader"]._read_disputes(self.item_ids.ids, today)
        found = [
            (rows[0].due - today).days > FAR_DAYS and self.env._("The first payment comes in %s days only.", (rows[0].due - today).days),
            (rows[-1].due - today).days > 365 and self.env._("The plan lasts more than a year."),
            smallest < least and self.env._("A part is less than %s.", self.currency_id.format(float(least))),
            bool(self.annual_rate) and self.env._("The customer pays interest of %s.", self.currency_id.format(float(sum(row.part.interest for row in rows)))),
            any(disputed.values()) and self.env._("Something of these invoices is contested; what is credited for it takes from the last parts."),
        ]
        return [text for text in found if text]

    # ------------------------------------------------------------------ rights

    @api.model_create_multi
    def create(self, vals_list):
        check_numbers(self.env, vals_list, NUMBERS)
        return super().create(vals_list)

    def write(self, vals):
        check_numbers(self.env, [vals], NUMBERS)
        return super().write(vals)

    def onchange(self, values, field_names, fields_spec):
        check_numbers(self.env, [values], NUMBERS)
        return super().onchange(values, field_names, fields_spec)

    # ------------------------------------------------------------------ drawing it up

    def action_draft(self):
        """Keep the plan as a draft."""
        return self._open(self._draw())

    def action_offer(self):
        """Offer it, or ask a manager."""
        plan = self._draw()
        plan.action_offer()
        return self._open(plan)

    def _draw(self):
        self.ensure_one()
        Plan = self.env["collection.plan"]
        Plan._check_staff()
        if not self.template_id:
            raise UserError(self.env._("There is no template for payment plans. A credit manager makes one under Configuration, Plan templates."))
        self.template_id.check_access("read")
        if self.previous_id and self.previous_id.profile_id != self.profile_id:
            raise UserError(self.env._("%s is a plan of another customer.", self.previous_id.name))
        return Plan._draw(self.profile_id, self.item_ids, self.template_id, self._values())

    def _open(self, plan):
        return {"type": "ir.actions.act_window", "res_model": "collection.plan", "res_id": plan.id, "views": [(False, "form")]}
