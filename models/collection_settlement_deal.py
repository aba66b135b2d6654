from decimal import Decimal
from typing import NamedTuple

from markupsafe import Markup

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date, formatLang

from ..engine import settlement
from ..engine.money import exact
from .collection_reason import describe
from .collection_settlement import MANAGER

WHOLE, MONTHS = Decimal(100), Decimal(12)
MOST = 1e15


class Deal(NamedTuple):
    """What an offer comes to: the debt in its two parts, what is given up, what the debt would bring otherwise, and the answer."""

    principal: Decimal
    charges: Decimal
    given: settlement.Concession
    age: int
    prospect: settlement.Prospect
    answer: settlement.Answer


class CollectionSettlement(models.Model):
    """The figures of an offer: what is given up, and whether that may be offered (F-16)."""

    _inherit = "collection.settlement"

    @api.model
    def _read_deal(self, company, items, amount, today):
        """The figures of an offer of ``amount`` for open ``items`` of one currency."""
        currency = items.currency_id[:1] or company.currency_id
        charges = items.filtered("move_id.collection_charge_id")
        owed = [sum((exact(item.amount_residual_currency) for item in some), Decimal(0)) for some in (items - charges, charges)]
        age = (today - min((item.date_maturity or item.date for item in items), default=today)).days
        prospect = company._settlement_prospect(currency, age, today)
        return Deal(*owed, self._decide_concession(*owed, exact(amount)), age, prospect,
                    self._decide_answer(exact(amount), sum(owed), prospect, exact(currency.rounding)))

    @api.model
    def _decide_concession(self, principal, charges, amount):
        """One engine call: the place to hook another order of what is given up."""
        return settlement.given_up(principal, charges, amount)

    @api.model
    def _decide_answer(self, amount, debt, prospect, quantum):
        """One engine call: the place to hook another floor."""
        return settlement.judge_amount(amount, debt, prospect, quantum)

    def _take_stock(self):
        """Bring an offer that is not made yet to what is open today."""
        self.ensure_one()
        today, items = self.company_id._collection_today(), self.line_ids.item_id
        for line in self.line_ids:
            line.amount = line.item_id.amount_residual_currency
        deal = self._read_deal(self.company_id, items, self.amount, today)
        self.write({
            "principal": float(deal.principal), "charges": float(deal.charges), "debt": float(deal.principal + deal.charges),
            "waived": float(deal.given.charges), "discount": float(deal.given.discount), "conceded": float(sum(deal.given)),
            "age_days": deal.age, "chance": float(deal.prospect.chance * WHOLE), "agency_fee": float(deal.prospect.fee),
            "interest": float(deal.prospect.interest), "months": int(deal.prospect.years * MONTHS), "handling": float(deal.prospect.handling),
            "floor": float(deal.answer.floor), "missing_amount": self.amount})

    # ------------------------------------------------------------------ in words

    def _explain_floor(self):
        """The terms of the floor as they were when it was worked out."""
        prospect = settlement.Prospect(exact(self.chance) / WHOLE, exact(self.agency_fee), exact(self.interest), self.months / MONTHS,
                                       exact(self.handling))
        return self._describe_floor(self.currency_id, exact(self.debt), self.age_days, prospect) if self.currency_id else ""

    @api.model
    def _describe_floor(self, currency, debt, age, prospect):
        """How the least to accept comes about, a line for each term."""
        terms = self._decide_terms(debt, prospect, exact(currency.rounding))
        shown = {name: currency.format(float(value)) for name, value in terms._asdict().items()}
        lines = [
            ("settlement_term_chance", {"share": self._percent(prospect.chance * WHOLE), "days": max(0, age), "amount": shown["expected"]}),
            ("settlement_term_fee", {"share": self._percent(prospect.fee), "amount": shown["kept"]}),
            ("settlement_term_interest", {"months": int(prospect.years * MONTHS), "share": self._percent(prospect.interest), "amount": shown["today"]}),
            ("settlement_term_handling", {"cost": currency.format(float(prospect.handling)), "amount": shown["floor"]})]
        return Markup("<ul class='mb-0 ps-3'>%s</ul>") % Markup("").join(
            Markup("<li>%s</li>") % describe(self.env, code, detail) for code, detail in lines)

    @api.model
    def _decide_terms(self, debt, prospect, quantum):
        """One engine call: the terms of the floor one after the other."""
        return settlement.terms(debt, prospect, quantum)

    @api.model
    def _percent(self, value):
        return formatLang(self.env, float(value), digits=0 if value == int(value) else 2)

    # ------------------------------------------------------------------ whether it may be offered

    def _check_offer(self):
        """Refuse what cannot be meant as an offer; each refusal says what to do instead."""
        self.ensure_one()
        today = self.company_id._collection_today()
        if not self.line_ids or not all(line.item_id for line in self.line_ids):
            raise UserError(self.env._("Choose the invoices that the offer settles."))
        for line in self.line_ids:
            self._check_item(line.item_id, line.document)
        self._check_free()
        self._check_until(self.until, today)
        self._check_amount()

    def _check_item(self, item, document):
        if (item.partner_id.commercial_partner_id, item.company_id.root_id) != (self.profile_id.partner_id, self.company_id):
            raise UserError(self.env._("%(item)s is not owed by %(customer)s.", item=document, customer=self.profile_id.display_name))
        if item.account_type != "asset_receivable" or item.parent_state != "posted" or item.reconciled or item.amount_residual_currency <= 0:
            raise UserError(self.env._("%s is not open: there is nothing to settle.", document))
        if item.currency_id != self.currency_id:
            raise UserError(self.env._("%s is in another currency. Make one offer for each currency.", document))

    @api.model
    def _check_given(self, amount, currency):
        """What is no amount at all, whoever sends it."""
        if not isinstance(amount, (int, float)) or not 0 < amount < MOST or currency.is_zero(amount):
            raise UserError(self.env._("Enter the amount to pay in %s.", currency.name))

    def _check_amount(self):
        if self.currency_id.compare_amounts(self.amount, self.debt) >= 0:
            raise UserError(self.env._("%(amount)s is all of the %(debt)s that is open: nothing would be given up. Take a promise instead.",
                                       amount=self.currency_id.format(self.amount), debt=self.currency_id.format(self.debt)))

    def _check_until(self, until, today):
        if until < today:
            raise UserError(self.env._("%s lies in the past: an offer needs a day to come.", format_date(self.env, until)))
        most = self.company_id.collection_settlement_max_days
        if (until - today).days > most:
            raise UserError(self.env._("%(day)s is more than %(days)s days ahead, which is the most that the settings allow.",
                                       day=format_date(self.env, until), days=most))

    def _objections(self):
        """Why a credit manager has to agree, as codes: below the floor, or more than a collector may give up."""
        codes = ["settlement_below_floor"] if self.currency_id.compare_amounts(self.amount, self.floor) < 0 else []
        own = self.company_id.currency_id
        if own.compare_amounts(self._given_by_collectors(), self.company_id.collection_write_off_max) > 0:
            codes.append("settlement_above_right")
        return codes

    def _given_by_collectors(self):
        """What this offer gives up with the customer's others that stand without a manager's word, company currency.

        Of all together: a debt is not given away in slices.
        """
        others = self.search([("profile_id", "=", self.profile_id.id), ("id", "!=", self.id), ("approved_by", "=", False),
                              "|", ("state", "=", "offered"), "&", ("state", "=", "taken"), ("made_on", ">=", "today -1y")])
        today = self.company_id._collection_today()
        return sum(record.currency_id._convert(record.conceded, self.company_id.currency_id, self.company_id, today) for record in others | self)

    def _objection_text(self, codes):
        money = self.currency_id.format
        limit = self.company_id.currency_id.format(self.company_id.collection_write_off_max)
        return " ".join(describe(self.env, code, {"amount": money(self.amount), "floor": money(self.floor), "given": money(self.conceded),
                                                  "limit": limit}) for code in codes)

    @api.model
    def _is_manager(self):
        return self.env.user.has_group(MANAGER)
