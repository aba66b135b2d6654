from datetime import date
from decimal import Decimal

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools.misc import formatLang

from ..engine import proposal
from ..engine.money import exact

LONG_MONTH = date(2026, 1, 1)  # from its first day, terms that wait for the end of a month are longest


class AccountPaymentTerm(models.Model):
    _inherit = "account.payment.term"

    def _credit_days(self):
        """How many days these terms give at most, from the invoice to the last part due."""
        self.ensure_one()
        return max(((line._get_due_date(LONG_MONTH) - LONG_MONTH).days for line in self.line_ids), default=0)


class CreditApplication(models.Model):
    """The limit that follows from what is known (F-3), each term with its sum."""

    _inherit = "credit.application"

    proposed_limit = fields.Monetary("Proposed limit", readonly=True, copy=False)
    proposal_detail = fields.Json(readonly=True, copy=False, groups="account_credit_collection.group_collector")
    proposal_table = fields.Html("How it comes about", compute="_compute_proposal_table", sanitize=False,
                                 groups="account_credit_collection.group_collector")

    def _propose(self, risk):
        """Write the proposed limit with its terms; an applicant without a class gets no risk discount here, a person looks at it."""
        card = self.scorecard_id
        rule = proposal.Rule(exact(card.buffer), exact(card.net_worth_share), exact(card.rounding))
        found = self._decide_proposal(self._proposal_facts(), rule, exact(risk.risk_factor) if risk else Decimal(1))
        self.write({"proposed_limit": float(found.amount or 0), "proposal_detail": {
            "binding": found.binding, "lowest": str(found.lowest or 0), "risk_factor": str(found.risk_factor), "unit": str(rule.unit),
            "terms": [{"code": term.code, "amount": str(term.amount), "inputs": {key: str(value) for key, value in term.inputs.items()}}
                      for term in found.terms]}})

    def _decide_proposal(self, facts, rule, risk_factor):
        """One engine call: the place to hook another way to propose a limit."""
        return proposal.propose(facts, rule, risk_factor)

    def _proposal_facts(self):
        """A new customer counts as on time (0 days late): the buffer is there for what is not known."""
        term = self.requested_term_id
        return proposal.Facts(
            exact(self.requested_limit) if self.requested_limit else None,
            exact(self.monthly_purchases) if self.monthly_purchases else None,
            term._credit_days() if term else 30, self._value_average_days_late() or Decimal(0),
            exact(self.net_worth) if self.net_worth else None, self._high_credits())

    @api.depends("proposal_detail")
    @api.depends_context("lang")
    def _compute_proposal_table(self):
        for application in self:
            application.proposal_table = application._proposal_html()

    def _proposal_html(self):
        detail = self.proposal_detail
        if not detail or not detail["terms"]:
            return False
        rows = [self._proposal_row(term, term["code"] == detail["binding"]) for term in detail["terms"]]
        risk = self.env._("Lowest × risk factor %(factor)s, rounded down to %(unit)s",
                          factor=formatLang(self.env, float(detail["risk_factor"]), digits=2), unit=self._amount(detail["unit"]))
        rows.append(Markup('<tr class="fw-bold"><td>%s</td><td class="text-end text-nowrap">%s</td></tr>') % (
            risk, self._amount(self.proposed_limit)))
        return Markup('<table class="table table-sm mb-0"><tbody>%s</tbody></table>') % Markup("").join(rows)

    def _proposal_row(self, term, binds):
        mark = Markup(' <span class="badge text-bg-info">%s</span>') % self.env._("the lowest") if binds else ""
        return Markup('<tr><td>%s%s<div class="text-muted small">%s</div></td><td class="text-end text-nowrap">%s</td></tr>') % (
            self._term_label(term["code"]), mark, self._term_inputs(term), self._amount(term["amount"]))

    def _term_label(self, code):
        return {
            "requested": self.env._("Requested"), "purchases": self.env._("Purchases until they are paid"),
            "net_worth": self.env._("Share of net worth"), "references": self.env._("Highest credit elsewhere"),
        }.get(code, code)

    def _term_inputs(self, term):
        """What the term was calculated from, for who wants to do the sum again."""
        inputs = term["inputs"]
        if term["code"] == "purchases":
            return self.env._("%(purchases)s a month × (%(days)s + %(late)s days late) ÷ 30, plus %(buffer)s %%",
                              purchases=self._amount(inputs["purchases"]), days=inputs["term_days"],
                              late=self._short(inputs["days_late"]), buffer=self._short(inputs["buffer"]))
        if term["code"] == "net_worth":
            return self.env._("%(share)s %% of %(worth)s", share=self._short(inputs["share"]), worth=self._amount(inputs["net_worth"]))
        if term["code"] == "references":
            return self.env._("mean of %s trade references", inputs["count"])
        return ""

    def _amount(self, value):
        return formatLang(self.env, float(value), currency_obj=self.currency_id)

    def _short(self, value):
        number = float(value)
        return formatLang(self.env, number, digits=0 if number == int(number) else 2)
