from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools.misc import clean_context, format_date

from ..engine import schedule
from ..engine.money import exact
from .collection_plan_line import LIVE
from .collection_plan_terms import AGREED, RULES

FARTHEST_DAYS = 365  # from today to the first part
FAR_DAYS = 45  # a collector begins within so many days; the dialog warns


class CollectionPlan(models.Model):
    """Drawing up a plan: its items, its schedule, and whether a collector may offer it alone."""

    _inherit = "collection.plan"

    @api.model
    def _draw(self, profile, items, template, values):
        """A draft for ``items``; ``values``: terms as agreed, ``down_amount``, ``down_on``, ``first_on``, ``call_id``, ``previous_id``."""
        company, currency = profile.company_id, items[:1].currency_id
        today = company._collection_today()
        self._check_items(profile, items, [values.get("previous_id")])
        lines = self._prepare_lines(items)
        principal = sum(exact(line["amount"]) for line in lines)
        rows = self._prepare_schedule(company, currency, principal, values, today)
        # sudo: plans are made by methods only; the default values of the dialog are none of the plan
        plan = self.sudo().with_context(clean_context(self.env.context), mail_create_nosubscribe=True).create({
            **{name: values[name] for name in (*AGREED, "down_amount", "down_on", "first_on")},
            **template._term_values(RULES, currency, company),
            "call_id": values.get("call_id"), "previous_id": values.get("previous_id"), "template_id": template.id,
            "name": self._next_number(company), "profile_id": profile.id, "currency_id": currency.id, "made_on": today,
            "made_by": self.env.uid, "accept_until": self._accept_until(company, template, today, rows[0].due)})
        plan._fill(lines, rows)
        return plan.sudo(self.env.su)

    def _fill(self, lines, rows):
        """Lines and installments of a new plan, and the sums that follow from them."""
        self.env["collection.plan.line"].create([{**line, "plan_id": self.id} for line in lines])
        self.env["collection.plan.installment"].create([{
            "plan_id": self.id, "number": row.number, "due": row.due, "amount": float(row.part.amount), "principal": float(row.part.principal),
            "interest": float(row.part.interest), "fee": float(row.part.fee)} for row in rows])
        total = float(sum(row.part.amount for row in rows))
        self.write({
            "principal": float(sum(row.part.principal for row in rows)), "interest": float(sum(row.part.interest for row in rows)),
            "total": total, "open_amount": total, "last_on": rows[-1].due, "next_due": rows[0].due, "next_amount": float(rows[0].part.amount)})

    @api.model
    def _next_number(self, company):
        # sudo: numbers are given by the system
        return self.env["ir.sequence"].sudo().with_company(company).next_by_code("collection.plan")

    @api.model
    def _accept_until(self, company, template, today, first):
        """The last day of an offer: not after its first payment is due."""
        return min(first, self._calendar(company, today).next_working_day(today + template._offer_time()))

    @api.model
    def _calendar(self, company, today):
        """Our own working days: that is when money arrives."""
        return self.env["collection.reader"]._read_calendars(company, (), today)[None]

    # ------------------------------------------------------------------ items

    @api.model
    def _prepare_lines(self, items):
        """What is open of items now, and what was set off against them before."""
        before = self.env["collection.reader"]._read_set_off(items.ids)
        return [{
            "item_id": item.id, "document": item.move_name or item.name, "due": item.date_maturity or item.date,
            "amount": item.amount_residual_currency, "money_before": float(before[item.id][0]), "credit_before": float(before[item.id][1]),
        } for item in items.sudo()]  # sudo: read access was checked, these are their facts

    @api.model
    def _check_items(self, profile, items, besides=()):
        """Each item is the customer's, open, free, and of one currency; the refusal names the item and what to do."""
        if not items:
            raise UserError(self.env._("Choose the invoices to be paid in parts."))
        items.check_access("read")
        if len(items.currency_id) > 1:
            raise UserError(self.env._("The invoices are in several currencies. Draw up one plan for each currency."))
        for item in items.sudo():  # sudo: as above
            self._check_item(profile, item)
        taken = self.env["collection.plan.line"]._live_ones(items).filtered(lambda line: line.plan_id.id not in besides)[:1]
        if taken:
            raise UserError(taken._taken())

    @api.model
    def _check_item(self, profile, item):
        document = item.move_name or item.name
        if (item.partner_id.commercial_partner_id, item.company_id.root_id) != (profile.partner_id, profile.company_id):
            raise UserError(self.env._("%(item)s is not owed by %(customer)s.", item=document, customer=profile.display_name))
        if item.account_type != "asset_receivable" or item.parent_state != "posted" or item.reconciled or item.amount_residual_currency <= 0:
            raise UserError(self.env._("%s is not open: there is nothing to pay in parts.", document))

    def _check_promised(self):
        """Nobody has promised on another day what the plan says."""
        lines = self.env["collection.promise.line"].sudo()._open_ones(self._items())[:1]  # sudo: as for the items
        if lines:
            raise UserError(self.env._("%(item)s is promised by %(day)s. Withdraw that promise first: the plan takes its place.", item=lines.document,
                                       day=format_date(self.env, lines.promise_id.promised_on)))
        balance = self.env["collection.promise"].sudo().search([  # sudo: as above
            ("profile_id", "=", self.profile_id.id), ("currency_id", "=", self.currency_id.id), ("on_balance", "=", True), ("state", "=", "open")], limit=1)
        if balance:
            raise UserError(self.env._("The whole balance is promised by %s. Withdraw that promise first: the plan takes its place.",
                                       format_date(self.env, balance.promised_on)))

    def _check_current(self):
        """What is offered is what is open now."""
        for line in self.sudo().line_ids:
            still_open = line._still_open()
            if self.currency_id.compare_amounts(line.amount, still_open):
                raise UserError(self.env._("%(item)s has changed since %(plan)s was drawn up: %(open)s are open now. Choose “Change…” to draw it up anew.",
                                           item=line.document, plan=self.name, open=self.currency_id.format(still_open)))

    # ------------------------------------------------------------------ schedule

    @api.model
    def _prepare_schedule(self, company, currency, principal, values, today):
        """The installments; terms that make none are refused in plain words."""
        self._check_days(values, today)
        if not 0 <= values["down_amount"] < principal:
            raise UserError(self.env._("The down payment must be less than the %s that are owed.", currency.format(float(principal))))
        try:
            rows = self._decide_schedule(principal, self._to_terms(values, today), self._calendar(company, today), exact(currency.rounding))
        except (ValueError, ArithmeticError):
            rows = ()
        if not rows or len(rows) > 121:
            raise UserError(self.env._("This makes no plan: choose 1 to 120 parts, each more than its interest."))
        return rows

    @api.model
    def _check_days(self, values, today):
        first, down = values["first_on"], values["down_on"] if values["down_amount"] else None
        if not first or first < today or down and down < today:
            raise UserError(self.env._("The plan begins today at the earliest: choose later days."))
        if down and down > first:
            raise UserError(self.env._("The down payment comes before the first part: choose its day."))
        if (first - today).days > FARTHEST_DAYS:
            raise UserError(self.env._("%s is too far ahead for a first part.", format_date(self.env, first)))

    @api.model
    def _to_terms(self, values, today):
        by_count = values["method"] == "count"
        return schedule.Terms(
            first=values["first_on"], rhythm=values["rhythm"], count=values["count"] if by_count else None,
            amount=None if by_count else exact(values["part_amount"]), down=exact(values["down_amount"]),
            down_on=values["down_on"] or values["first_on"], start=today, rate=exact(values["annual_rate"]), fee=exact(values["fee_amount"]))

    @api.model
    def _decide_schedule(self, principal, terms, calendar, quantum):
        """One engine call: the place to hook another way to divide a debt."""
        return schedule.build(principal, terms, calendar, quantum)

    # ------------------------------------------------------------------ what a manager is asked about

    def _approval(self):
        """Why a manager must approve, as codes; nothing when a collector may offer it alone."""
        self.ensure_one()
        template, company = self.template_id, self.company_id
        compare = self.currency_id.compare_amounts
        proposed = template._term_values(("fee_amount",), self.currency_id, company)
        own = sum(template._own(plan.currency_id, plan.principal, company) for plan in self.sudo() | self._beside())  # sudo: as there
        found = {
            "fit": not template._fits(self.profile_id, self.currency_id, self.principal),
            "first": (self.next_due - self.made_on).days > FAR_DAYS,
            "amount": template.approve_amount and template.currency_id.compare_amounts(own, template.approve_amount) > 0,
            "count": template.approve_count and len(self.installment_ids.filtered("number")) > template.approve_count,
            "down": compare(self.down_amount, self.currency_id.round(self.principal * template.down_percent / 100)) < 0,
            "cost": self.annual_rate < template.annual_rate or compare(self.fee_amount, proposed["fee_amount"]) < 0,
            "waive": self.waive_charges and (not template.waive_charges or company.currency_id.compare_amounts(
                self._waivable(), company.collection_write_off_max) > 0),
            "year": template.year_limit and self._count_year() >= template.year_limit,
        }
        return [code for code, asked in found.items() if asked]

    def _beside(self):
        """Other plans of the customer that wait, are offered or in force; not the one it takes the place of."""
        return self.sudo().search([  # sudo: they count, whoever made them
            ("profile_id", "=", self.profile_id.id), ("id", "not in", (self | self.previous_id).ids), ("state", "in", LIVE)])

    def _count_year(self):
        """Plans of the customer that came into force within a year, and those that may."""
        return self.sudo().search_count([  # sudo: those of a year count, whoever made them
            ("profile_id", "=", self.profile_id.id), ("id", "!=", self.id), "|", ("agreed_on", ">", self.company_id._collection_year_ago()),
            "&", ("state", "in", LIVE), ("id", "!=", self.previous_id.id)])
