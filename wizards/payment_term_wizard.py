from decimal import ROUND_DOWN, Decimal

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tools import format_date

from ..engine.money import exact, quantize
from ..models.collection_dispute import check_numbers

RHYTHMS = [("weekly", "Every week"), ("fortnightly", "Every two weeks"), ("monthly", "Every month"), ("month_end", "At the end of every month")]
FIRST = [("now", "At once"), ("days", "After some days"), ("month_end", "At the end of the month")]
WEEKS = {"weekly": 7, "fortnightly": 14}
LEAST, MOST = 2, 60
MOST_DAYS = 3650
NUMBERS = ("parts", "days", "down_percent", "example_amount")


class PaymentTermWizard(models.TransientModel):
    """Payment terms of equal parts.

    The parts are percent lines of core's terms and core does the sum: it rounds each part half up to the currency and
    gives the last one all that remains, so that the parts always make the total: 9,600 / 7 = 6 × 1,371.43 + 1,371.42.
    All parts but the last (and the down payment) are the same amount; the last one differs by what rounding left, less
    than n / 2 cents: 100 / 7 = 6 × 14.29 + 14.26. Below n² / 2 cents it may turn negative (0.07 / 12 = 11 × 0.01 − 0.04),
    which the preview says. Percents have six decimals: of some hundred thousand and more, that costs the last part cents too.
    """

    _name = "payment.term.wizard"
    _description = "Equal Installments"

    term_id = fields.Many2one("account.payment.term", "Payment terms")
    name = fields.Char(required=True, compute="_compute_name", store=True, readonly=False, precompute=True, compute_sudo=False)
    parts = fields.Integer("Number of parts", required=True, default=3)
    rhythm = fields.Selection(RHYTHMS, "Due", required=True, default="monthly")
    first = fields.Selection(FIRST, "First part", required=True, default="days")
    days = fields.Integer("Days after invoice", default=30)
    down_percent = fields.Float("Down payment", digits=(5, 2), help="In percent of the invoice, due at once. The parts share the rest.")
    used_count = fields.Integer(compute="_compute_used_count")
    currency_id = fields.Many2one("res.currency", required=True, default=lambda self: self.env.company.currency_id)
    example_amount = fields.Monetary("Example", default=1000)
    example_date = fields.Date("Invoiced on", required=True, default=fields.Date.context_today)
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    @api.depends("term_id")
    def _compute_name(self):
        for wizard in self:
            wizard.name = wizard.term_id.name

    @api.depends("term_id")
    def _compute_used_count(self):
        for wizard in self:
            wizard.used_count = wizard._count_posted()

    def _count_posted(self):
        # terms may be shared: invoices of other companies count as well
        return self.env["account.move"].sudo().search_count(
            [("invoice_payment_term_id", "=", self.term_id._origin.id), ("state", "=", "posted")]) if self.term_id else 0

    @api.model_create_multi
    def create(self, vals_list):
        check_numbers(self.env, vals_list, NUMBERS)
        dialogs = super().create(vals_list)
        dialogs._check_term()
        return dialogs

    def write(self, vals):
        check_numbers(self.env, [vals], NUMBERS)
        result = super().write(vals)
        self._check_term()
        return result

    def onchange(self, values, field_names, fields_spec):
        check_numbers(self.env, [values], NUMBERS)
        asked = values.get("term_id") or self.env.context.get("default_term_id")
        self.env["account.payment.term"].browse(asked if isinstance(asked, int) else ()).check_access("read")
        return super().onchange(values, field_names, fields_spec)

    def _check_term(self):
        """A dialog is no way around the rights on its terms. No constraint: core runs these as the system."""
        self.term_id.check_access("read")

    # ------------------------------------------------------------------ what is asked for

    @api.constrains("parts", "days", "down_percent")
    def _check_numbers(self):
        for wizard in self:
            if problem := wizard._problem():
                raise ValidationError(problem)

    def _problem(self):
        """What is wrong with the numbers, as a sentence."""
        if not LEAST <= self.parts <= MOST:
            return self.env._("Choose between %(least)s and %(most)s parts.", least=LEAST, most=MOST)
        if not 0 <= self.down_percent < 100:
            return self.env._("A down payment is at least 0 % and less than 100 %.")
        if self.first == "days" and not 0 <= self.days <= MOST_DAYS:
            return self.env._("The first part is due between 0 and %s days after the invoice.", MOST_DAYS)
        return False

    def _prepare_lines(self):
        """The lines of the terms; the last one is core's balance."""
        down, *shares = self._prepare_percents()
        # what is due on the day of the down payment would be one item with it: the parts begin one step later
        start = 1 if down and self.first != "month_end" and not self._first_days() else 0
        lines = [{"value": "percent", "value_amount": float(share), "nb_months": 0, **self._prepare_due(number, bool(down))}
                 for number, share in enumerate(shares, start)]
        if down:
            lines.insert(0, {"value": "percent", "value_amount": float(down), "delay_type": "days_after", "nb_days": 0, "nb_months": 0})
        return lines

    def _prepare_percents(self):
        """Down payment and parts, exactly 100 % together. Shares are rounded down: the last one is never the smallest."""
        unit = Decimal(1).scaleb(-self.env["decimal.precision"].precision_get("Payment Terms"))
        down = quantize(self.down_percent, unit)
        share = ((100 - down) / self.parts).quantize(unit, rounding=ROUND_DOWN)
        return [down, *[share] * (self.parts - 1), 100 - down - share * (self.parts - 1)]

    def _first_days(self):
        return self.days if self.first == "days" else 0

    def _prepare_due(self, number, down):
        """When a part is due, in the words of core's lines; no two parts meet on a day, which core would make one item of.

        After a down payment on the last day of a month, ``down``, the ends of months begin with the next one: that of the
        day after the invoice. Weeks from the end of a month cannot be said so; there the preview warns of that day.
        """
        days, weeks = self._first_days(), WEEKS.get(self.rhythm)
        from_end = self.first == "month_end"
        if weeks:
            return {"delay_type": "days_after_end_of_month" if from_end else "days_after", "nb_days": days + weeks * number}
        if from_end and down:
            return {"delay_type": "days_end_of_month_on_the", "days_next_month": "0", "nb_days": 1, "nb_months": number}
        if from_end:
            return {"delay_type": "days_after_end_of_month", "nb_days": 0, "nb_months": number}
        if self.rhythm == "month_end" and number:
            return {"delay_type": "days_end_of_month_on_the", "days_next_month": "0", "nb_days": days, "nb_months": number}
        return {"delay_type": "days_after", "nb_days": days, "nb_months": number}

    # ------------------------------------------------------------------ preview

    @api.depends("parts", "rhythm", "first", "days", "down_percent", "currency_id", "example_amount", "example_date")
    @api.depends_context("lang")
    def _compute_preview(self):
        for wizard in self:
            problem = wizard._problem()
            wizard.preview = Markup('<p class="text-danger mb-0">%s</p>') % problem if problem else wizard._preview_html()

    def _read_parts(self):
        """Date and amount of each part, as core would put them on an invoice."""
        term = self.env["account.payment.term"].new({"line_ids": [Command.create(line) for line in self._prepare_lines()]})
        found = term._compute_terms(
            date_ref=self.example_date or fields.Date.context_today(self), currency=self.currency_id, company=self.env.company,
            tax_amount=0, tax_amount_currency=0, untaxed_amount=self.example_amount, untaxed_amount_currency=self.example_amount, sign=1)
        return [(key["date"], part["amount"]) for key, part in term._get_amount_by_date(found).items()]

    def _preview_html(self):
        parts = self._read_parts()
        rows = [self._preview_row(number, on, amount) for number, (on, amount) in enumerate(parts, 1)]
        total = Markup('<tr><td colspan="2" class="fw-bold">%s</td><td class="fw-bold text-end text-nowrap">%s</td></tr>') % (
            self.env._("Total"), self._amount(sum(exact(amount) for _on, amount in parts)))
        head = Markup('<tr><th>%s</th><th>%s</th><th class="text-end">%s</th></tr>') % (
            self.env._("Part"), self.env._("Due on"), self.env._("Amount"))
        return Markup('<table class="table table-sm mb-0"><thead>%s</thead><tbody>%s</tbody></table>%s') % (
            head, Markup("").join(rows) + total, self._preview_warning(parts))

    def _preview_row(self, number, on, amount):
        return Markup('<tr><td>%s</td><td class="text-nowrap">%s</td><td class="text-end text-nowrap">%s</td></tr>') % (
            number, format_date(self.env, on), self._amount(amount))

    def _preview_warning(self, parts):
        if self.example_amount > 0 and any(self.currency_id.compare_amounts(amount, 0) <= 0 for _on, amount in parts):
            warning = self.env._("The amount is too small for so many parts.")
        elif len(parts) < len(self._prepare_lines()):
            warning = self.env._("Parts that are due on the same day become one.")
        else:
            return ""
        return Markup('<p class="text-danger mt-2 mb-0">%s</p>') % warning

    def _amount(self, amount):
        return self.currency_id.format(float(amount))

    # ------------------------------------------------------------------ making it

    def action_create(self):
        """Make the terms, or give those at hand new lines. Invoices posted with them keep their parts."""
        self.ensure_one()
        if not self.env.user.has_group("account.group_account_manager"):
            raise AccessError(self.env._("Only accounting administrators change payment terms."))
        lines = [Command.create(line) for line in self._prepare_lines()]
        if self.term_id:
            self.term_id.write({"name": self.name, "line_ids": [Command.clear(), *lines]})
            return {"type": "ir.actions.act_window_close"}
        term = self.env["account.payment.term"].create({"name": self.name, "line_ids": lines})
        return {"type": "ir.actions.act_window", "res_model": "account.payment.term", "view_mode": "form", "res_id": term.id}
