from datetime import timedelta
from decimal import Decimal

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools.misc import format_date

from ..engine import discount
from ..engine.discount import GRANTED, Annual, Guard, Rule, Slide, Tier
from ..engine.money import exact
from ..engine.workday import Calendar
from .collection_reason import describe

TERMS = "discount_terms"  # what the customer was told: only posting sets it
ON_TOTAL = "included"  # the tax goes down with the price; in core's other ways the discount is on the price without it
SALES = ("out_invoice", "out_receipt")
DAY = timedelta(days=1)


class AccountMove(models.Model):
    """The discounts a posted customer invoice carries, whatever becomes of its payment terms.

    ``discount_terms`` keeps the rule as it was told, its days counted out. Which of it applies on a day is worked out live
    for payments; core's discount fields of the item follow it for screens and reminders (``account_move_line_discount``).
    """

    _name = "account.move"
    _inherit = ["account.move", "collection.guard.mixin"]

    discount_terms = fields.Json("Discounts as told", readonly=True, copy=False, groups="base.group_user")
    discount_text = fields.Text("Early payment", compute="_compute_discount_text")
    discount_refusal = fields.Char("Why there is no discount", compute="_compute_discount_refusal", groups="base.group_user")

    @api.model_create_multi
    def create(self, vals_list):
        given = any(vals.get(TERMS) for vals in vals_list) or self._guarded_defaults({TERMS})
        self._refuse_guarded({TERMS} if given else ())
        return super().create(vals_list)

    def write(self, vals):
        self._refuse_guarded({TERMS} & set(vals))
        return super().write(vals)

    def _post(self, soft=True):
        posted = super()._post(soft)
        posted._agree_discounts()
        posted._judge_discounts_again()
        return posted

    def _agree_discounts(self):
        """Keep what invoices just posted grant; an invoice posted anew may have other terms, or none any more."""
        for move in self.filtered(lambda move: move.move_type in SALES):
            agreed = move._to_discount_terms()
            if agreed or move._discount_kept():
                move.sudo().discount_terms = agreed  # sudo: set by methods only
                move._discount_item()._follow_discounts(move.company_id.root_id._collection_today())

    # ------------------------------------------------------------------ the rule

    def _to_discount_terms(self):
        """The discounts of the payment terms as this invoice of theirs keeps them; False when core sees to them."""
        term, item = self.invoice_payment_term_id, self._discount_item()
        if self.move_type not in SALES or not term._has_discounts() or not item:
            return False
        issued = self.invoice_date or self.date
        return {**_to_json(term._decide_agreed(self.company_id, issued, item.date_maturity or issued)),
                "gross_up": term.discount_gross_up, "tax": term.early_pay_discount_computation}

    def _discount_kept(self):
        """What a posted invoice carries."""
        return self.sudo().discount_terms  # sudo: a customer's page goes by it and must not show it, for the grace in it

    def _discount_agreed(self):
        """The terms in force: as told, of a draft as they would be, whatever it granted when it was posted before."""
        return (self._to_discount_terms() if self.state == "draft" else self._discount_kept()) or None

    def _discount_item(self):
        return self.line_ids.filtered(lambda line: line.display_type == "payment_term")[:1]

    # ------------------------------------------------------------------ what it comes to

    def _discount_base(self, amount):
        """The part of ``amount`` that is discounted; None: all of it."""
        if self._discount_agreed()["tax"] == ON_TOTAL or not self.amount_total:
            return None
        return amount * exact(self.amount_untaxed) / exact(self.amount_total)

    def _discount_on(self, day, amount=None):
        """What is to be paid on a day of what is open (of ``amount``), with the grace."""
        amount = exact(self._discount_item().amount_residual_currency if amount is None else amount)
        return self._round_cash(self._decide_offer(
            _from_json(self._discount_agreed()), self._issued(), day, amount, exact(self.currency_id.rounding), self._discount_base(amount)))

    def _discounts_told(self, today):
        """What is still possible on a day, without the grace: offers, the best first."""
        item = self._discount_item()
        if not item or item.amount_residual_currency <= 0:
            return ()
        amount = exact(item.amount_residual_currency)
        found = self._decide_told(_from_json(self._discount_agreed()), self._issued(), today, amount, exact(self.currency_id.rounding),
                                  self._discount_base(amount))
        return [self._round_cash(one) for one in found]

    @api.model
    def _decide_offer(self, rule, issued, day, amount, quantum, base=None):
        """One engine call: the place to hook another discount."""
        return discount.offer(rule, issued, day, amount, quantum, Calendar(), base)

    @api.model
    def _decide_told(self, rule, issued, today, amount, quantum, base=None):
        """What may be told on a day, the grace left out."""
        if rule.tiers:
            return [one for one in discount.offers(rule, issued, amount, quantum, Calendar(), base) if one.until >= today]
        found = self._decide_offer(rule._replace(grace=0), issued, today, amount, quantum, base)
        return [found] if found.code == GRANTED else []

    def _round_cash(self, found):
        """What is to be paid in coins, where the invoice is rounded to them."""
        rounding = self.sudo().invoice_cash_rounding_id  # sudo: for a customer's page
        if not rounding or found.code != GRANTED:
            return found
        to_pay = found.to_pay + exact(self.currency_id.round(rounding.compute_difference(self.currency_id, float(found.to_pay))))
        return found._replace(to_pay=to_pay, discount=found.to_pay + found.discount - to_pay)

    def _issued(self):
        return self.invoice_date or self.date or fields.Date.context_today(self)

    @api.model
    def _discount_end(self, rule, issued):
        """The day from which a falling discount is over; None for tiers, which say their days."""
        return issued + rule.slide.last * DAY if rule.slide else None

    # ------------------------------------------------------------------ who gets it

    def _has_discount(self, day, settled=()):
        """Whether a payment of that day, in time, gets a discount; ``settled``: items it pays as well."""
        item = self._discount_item()
        if not item or item.reconciled or not self._allows_parts():
            return False
        return self._discount_on(day).code == GRANTED and not self._discount_refusals(day, settled)

    def _allows_parts(self):
        """As in core a part payment ends the discount, unless the terms gross it up."""
        item = self._discount_item()
        return self._discount_agreed()["gross_up"] or not self.currency_id.compare_amounts(item.amount_residual_currency, item.amount_currency)

    def _is_eligible_for_early_payment_discount(self, currency, reference_date):
        if not self._discount_kept() or self.state != "posted":
            return super()._is_eligible_for_early_payment_discount(currency, reference_date)
        return self.currency_id == currency and self._has_discount(reference_date or self._issued())

    def _discount_refusals(self, day=None, settled=()):
        """Why customers get no discount on a day, by default today: ``{invoice: (code, detail)}`` of those who do not; a fixed number of queries.

        What a payment settles (``settled``, and the invoice itself) is not held against it.
        """
        found = {}
        records = self.sudo()  # sudo: settings of the root, and plans and disputes, which whoever books a payment need not see
        for company, moves in records.filtered("discount_terms").grouped(lambda move: move.company_id.root_id).items():
            guard = company._discount_guard()
            if guard != Guard():
                found.update(moves._refuse_by(company, guard, day or company._collection_today(), set(settled and settled.ids)))
        return found

    def _refuse_by(self, company, guard, day, settled):
        today, partners = company._collection_today(), self.commercial_partner_id
        reader = self.env["collection.reader"]
        late = reader._read_overdue_on(company, partners.ids, day, today) if guard.overdue is not None else {}
        defaulted = self._defaulted_customers(company) if guard.defaulted else partners.browse()
        items = self.line_ids.filtered(lambda line: line.display_type == "payment_term")
        disputed = reader._read_disputes(items.ids, today) if guard.disputed else {}
        found = {}
        for move in self:
            overdue = sum((amount for item, invoice, amount in late.get(move.commercial_partner_id.id, ())
                           if invoice != move.id and item not in settled), Decimal(0))
            code = self._decide_refusal(guard, overdue, move.commercial_partner_id in defaulted,
                                        any(disputed.get(item.id) for item in move._discount_item()))
            if code:
                found[move] = (f"discount_{code}", {"amount": company.currency_id.format(float(overdue))})
        return found

    def _decide_refusal(self, guard, overdue, defaulted, disputed):
        """One engine call: the place to hook another reason to refuse."""
        return discount.refusal(guard, overdue, defaulted, disputed)

    def _defaulted_customers(self, company):
        """Customers who broke a payment plan of which something is still open."""
        return self.env["collection.plan"].search([
            ("state", "=", "defaulted"), ("company_id", "=", company.id), ("profile_id.partner_id", "in", self.commercial_partner_id.ids),
            ("line_ids.item_id.reconciled", "=", False)]).profile_id.partner_id

    # ------------------------------------------------------------------ in words

    @api.depends("state", "discount_terms", "invoice_payment_term_id", "invoice_date", "amount_residual", "amount_total", "payment_state")
    @api.depends_context("lang")
    def _compute_discount_text(self):
        for move in self:
            shown = move.move_type in SALES and move.payment_state in ("not_paid", "partial") and move._discount_agreed()
            move.discount_text = "\n".join(move._discount_lines()) or False if shown else False

    def _compute_discount_refusal(self):
        refused = self._discount_refusals()
        for move in self:
            move.discount_refusal = describe(self.env, *refused[move]) if move in refused and move.payment_state in ("not_paid", "partial") else False

    def _discount_lines(self):
        """What may still be paid less until when, a sentence each."""
        today = self.company_id.sudo().root_id._collection_today()
        if not self._allows_parts() or self in self._discount_refusals():
            return []
        told = self._discounts_told(max(today, self._issued()) if self.state == "posted" else self._issued())
        lines = [self._discount_sentence(one) for one in told]
        ends = self._discount_end(_from_json(self._discount_agreed()), self._issued())
        if lines and ends:
            lines.append(self.env._("After that the discount falls every day; from %s on there is none.", format_date(self.env, ends)))
        return lines

    def _discount_sentence(self, told):
        return self.env._("%(amount)s if paid until %(day)s, saving %(saved)s", amount=self.currency_id.format(float(told.to_pay)),
                          day=format_date(self.env, told.until), saved=self.currency_id.format(float(told.discount)))

    def _get_invoice_next_payment_values(self, custom_amount=None):
        """The portal says what is to be paid until when, with all discounts still to come."""
        values = super()._get_invoice_next_payment_values(custom_amount)
        if self._discount_kept() and values.get("epd_line"):
            today = self._discount_item()._discount_today()
            told = self._discounts_told(today)
            values.update(discount_date=fields.Date.to_string(told[0].until), epd_days_left=(told[0].until - today).days,
                          epd_discount_msg=Markup("<br/>").join(self._discount_sentence(one) for one in told))
        return values


def _to_json(rule):
    """A rule as an invoice stores it; percentages as texts, to be exact."""
    slide = {**rule.slide._asdict(), "percent": str(rule.slide.percent), "annual": isinstance(rule.slide, Annual)} if rule.slide else None
    return {"tiers": [[tier.days, str(tier.percent)] for tier in rule.tiers], "slide": slide, "grace": rule.grace}


def _from_json(terms):
    slide = terms["slide"]
    if slide:
        percent = Decimal(slide["percent"])
        slide = Annual(percent, slide["last"], slide["basis"]) if slide["annual"] else Slide(percent, slide["first"], slide["last"])
    return Rule(tuple(Tier(days, Decimal(percent)) for days, percent in terms["tiers"]), slide, grace=terms["grace"])
