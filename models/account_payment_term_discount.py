from datetime import date, timedelta
from decimal import Decimal

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.misc import format_date, formatLang

from ..engine import discount
from ..engine.discount import Annual, Rule, Slide, Tier
from ..engine.money import exact
from ..engine.workday import Calendar

DAY = timedelta(days=1)
YEAR = [date(2027, 1, 1) + number * DAY for number in range(365)]  # an invoice may be of any day
MOST_GRACE = 60
FIELDS = {"early_discount", "discount_mode", "tier_ids", "line_ids", "discount_slide_percent", "discount_slide_first", "discount_annual_percent"}


class AccountPaymentTerm(models.Model):
    """Discounts in tiers or on a slide, on top of core's single one.

    Core's own fields say the best of them: what drafts, vendor bills and the tax of the "always" mode go by. What a
    posted customer invoice grants it carries itself (``account.move.discount_terms``).
    """

    _inherit = "account.payment.term"

    discount_mode = fields.Selection(
        [("core", "One discount"), ("tiers", "Several discounts"), ("slide", "Falling day by day"), ("annual", "A rate a year")],
        "Kind of discount", default="core", required=True)
    tier_ids = fields.One2many("collection.discount.tier", "term_id", "Discounts", copy=True)
    discount_working_days = fields.Boolean("Count working days", help="Weekends and public holidays of the company are not counted.")
    discount_grace_days = fields.Integer("Days of grace", help="A payment so many days too late still gets the discount. Customers are not told.")
    discount_gross_up = fields.Boolean("Also on part payments", help="A part paid in time settles more than itself: at 2 %, 485.00 settle 494.90.")
    discount_slide_percent = fields.Float("Discount at first (%)", default=2.0, digits=(5, 2))
    discount_slide_first = fields.Integer("In full until day", default=10)
    discount_slide_last = fields.Integer("Nothing from day", default=30)
    discount_annual_percent = fields.Float("Rate a year (%)", default=12.0, digits=(5, 2))
    # the single discount that was before, so that it comes back with its kind
    discount_core_percent = fields.Float(readonly=True, copy=True)
    discount_core_days = fields.Integer(readonly=True, copy=True)

    @api.model_create_multi
    def create(self, vals_list):
        terms = super().create(vals_list)
        terms._show_best_discount()
        return terms

    def write(self, vals):
        core = self.filtered(lambda term: term.discount_mode == "core") if vals.get("discount_mode", "core") != "core" else self.browse()
        for term in core:
            term.write({"discount_core_percent": term.discount_percentage, "discount_core_days": term.discount_days})
        back = self.filtered(lambda term: term.discount_mode != "core") if vals.get("discount_mode") == "core" else self.browse()
        result = super().write(vals)
        for term in back.filtered("discount_core_days"):
            term.write({name: value for name, value in term._core_discount().items() if name not in vals})
        if FIELDS & set(vals):
            self._show_best_discount()
        return result

    @api.onchange("discount_mode")
    def _onchange_discount_mode(self):
        if self.discount_mode == "core" and self.discount_core_days:
            self.update(self._core_discount())

    def _core_discount(self):
        """The single discount that the term had before it got another kind."""
        return {"discount_percentage": self.discount_core_percent, "discount_days": self.discount_core_days}

    # ------------------------------------------------------------------ the rule

    def _has_discounts(self):
        """Whether discounts are ours to work out, not core's."""
        return self.early_discount and self.discount_mode not in (False, "core")

    def _to_discount(self):
        """The engine's rule; its days are not counted out yet."""
        self.ensure_one()
        term = self.sudo()  # sudo: whoever invoices, a job too, goes by the tiers of the term
        rule = Rule(working=term.discount_working_days and term.discount_mode == "tiers", grace=max(0, term.discount_grace_days))
        if term.discount_mode == "tiers":
            return rule._replace(tiers=tuple(Tier(tier.days, exact(tier.percent)) for tier in term.tier_ids))
        if term.discount_mode == "slide":
            return rule._replace(slide=Slide(exact(term.discount_slide_percent), term.discount_slide_first, term.discount_slide_last))
        return rule._replace(slide=Annual(exact(term.discount_annual_percent), 0))

    def _decide_agreed(self, company, issued, due):
        """One engine call: the discounts of an invoice of that day. A place to hook another rule."""
        return discount.agreed(self._to_discount(), issued, due, self._discount_calendar(company, issued))

    def _discount_calendar(self, company, issued):
        return self.env["collection.reader"]._read_calendars(company, (), issued)[None] if self.discount_working_days else Calendar()

    def _due_on(self, issued):
        """When an invoice of that day is due: terms with a discount have one line."""
        return self.line_ids[:1]._get_due_date(issued) if self.line_ids else issued

    def _shortest_days(self):
        """Days from the invoice to its due date, at the least."""
        return min((self._due_on(day) - day).days for day in YEAR)

    # ------------------------------------------------------------------ what core's fields say

    def _show_best_discount(self):
        for term in self.filtered(lambda term: term._has_discounts()):
            percent, days = term._best_discount()
            values = {"discount_percentage": percent, "discount_days": days}
            if percent > 0 and any(term[name] != value for name, value in values.items()):
                term.write(values)

    def _best_discount(self):
        """(percent, days) of the best discount there is."""
        if self.discount_mode == "tiers":
            best = self.tier_ids.sorted("percent")[-1:]
            return best.percent, best.days
        if self.discount_mode == "slide":
            return self.discount_slide_percent, max(1, self.discount_slide_first)
        return round(self.discount_annual_percent * (self._shortest_days() - 1) / 365, 6), 1

    def _compute_terms(self, date_ref, currency, company, *args, **kwargs):
        """Core counts calendar days; of customers' drafts the first day may be further on."""
        found = super()._compute_terms(date_ref, currency, company, *args, **kwargs)
        if kwargs.get("sign", -1) > 0 and self._has_discounts() and self.discount_mode == "tiers" and self.discount_working_days:
            agreed = self._decide_agreed(company, date_ref, self._due_on(date_ref))
            found["discount_date"] = date_ref + agreed.tiers[0].days * DAY if agreed.tiers else found["discount_date"]
        return found

    # ------------------------------------------------------------------ what cannot be

    @api.constrains("discount_mode", "tier_ids", "early_discount", "line_ids", "discount_working_days", "discount_grace_days",
                    "discount_slide_percent", "discount_slide_first", "discount_slide_last", "discount_annual_percent")
    def _check_discounts(self):
        for term in self.filtered(lambda term: term._has_discounts()):
            if not 0 <= term.discount_grace_days <= MOST_GRACE:
                raise ValidationError(self.env._("%(term)s: between 0 and %(most)s days of grace are possible.", term=term.name, most=MOST_GRACE))
            problem = getattr(term, f"_{term.discount_mode}_problem")()
            if problem:
                raise ValidationError(self.env._("%(term)s: %(problem)s", term=term.name, problem=problem))

    def _tiers_problem(self):
        tiers = self.tier_ids.sorted("days")
        if not tiers:
            return self.env._("add at least one discount.")
        for earlier, later in zip(tiers, tiers[1:]):
            if later.days <= earlier.days or later.percent >= earlier.percent:
                return self.env._("who pays later gets less: %(later)s %% within %(days)s days cannot follow %(earlier)s %%.",
                                  later=_number(later.percent), days=later.days, earlier=_number(earlier.percent))
        return self._beyond_due(tiers[-1].days)

    def _beyond_due(self, days):
        count = Calendar().add_working_days if self.discount_working_days and self.discount_mode == "tiers" else lambda day, days: day + days * DAY
        if any(count(day, days) > self._due_on(day) for day in YEAR):
            return self.env._("a discount until day %s would end after the invoice is due.", days)
        return None

    def _slide_problem(self):
        if not 0 < self.discount_slide_percent < 100:
            return self.env._("the discount at first is more than 0 % and less than 100 %.")
        if not 0 <= self.discount_slide_first < self.discount_slide_last:
            return self.env._("the discount ends after the day until which it is given in full.")
        return self._beyond_due(self.discount_slide_last)

    def _annual_problem(self):
        days = self._shortest_days()
        if days < 2:
            return self.env._("for a rate a year, invoices must be due at least two days after their date.")
        if not 0 < self.discount_annual_percent * days / 365 < 100:
            return self.env._("the rate a year must be more than 0 %, and for the whole time less than 100 % of the invoice.")
        return None

    # ------------------------------------------------------------------ the example

    @api.depends("discount_mode", "tier_ids.days", "tier_ids.percent", "discount_working_days", "discount_slide_percent", "discount_slide_first",
                 "discount_slide_last", "discount_annual_percent", "line_ids.delay_type", "line_ids.days_next_month")
    def _compute_example_preview(self):
        super()._compute_example_preview()
        for term in self.filtered(lambda term: term._has_discounts()):
            lines = term._example_discounts(term.example_date or fields.Date.context_today(term))
            term.example_preview_discount = Markup("").join(Markup("<div>%s</div>") % line for line in lines) or ""

    def _example_discounts(self, issued):
        """The discounts of the example in words, each with what it costs a year not to take it."""
        due, currency = self._due_on(issued), self.currency_id
        agreed = self._decide_agreed(self.company_id or self.env.company, issued, due)
        found = self.env["account.move"]._decide_told(agreed, issued, issued, exact(self.example_amount), exact(currency.rounding))
        lines = [self._example_line(one, currency, due) for one in found]
        ends = self.env["account.move"]._discount_end(agreed, issued)
        if lines and ends:
            lines.append(self.env._("Then less every day, nothing from %s on", format_date(self.env, ends)))
        return lines

    def _example_line(self, told, currency, due):
        line = self.env._("Early Payment Discount: %(amount)s if paid until %(day)s (%(percent)s)", percent=self._percent_text(told.percent),
                          amount=formatLang(self.env, float(told.to_pay), currency_obj=currency), day=format_date(self.env, told.until))
        if due <= told.until:
            return line
        cost = self._decide_cost(told.percent, (due - told.until).days)
        return self.env._("%(discount)s; not taking it costs %(cost)s a year", discount=line, cost=self._percent_text(cost))

    def _percent_text(self, percent):
        """With the sign kept on the same line."""
        return f"{formatLang(self.env, float(percent), digits=2)}\N{NO-BREAK SPACE}%"

    def _decide_cost(self, percent, early):
        """One engine call: what not paying ``early`` days earlier costs a year."""
        return discount.annual_cost(Decimal(percent), early)


def _number(percent):
    return f"{percent:.4f}".rstrip("0").rstrip(".")
