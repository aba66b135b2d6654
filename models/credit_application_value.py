from decimal import Decimal

from odoo import models

from ..engine.money import exact
from .credit_application_reference import MANNERS

MANNER_DAYS = dict(zip((code for code, _label in MANNERS), (0, 30, 60, 90, 120)))


class CreditApplication(models.Model):
    """What is known of an applicant, as the scorecard's factors ask for it."""

    _inherit = "credit.application"

    def _value_of(self, factor):
        """The value of a factor as ``Decimal`` or choice, None when unknown. Another source: a method ``_value_<source>``."""
        if factor.source == "question":
            return self._value_question(factor.question_code)
        return getattr(self, f"_value_{factor.source}")()

    def _value_question(self, code):
        answer = self._answer_to(code)
        if not answer or not answer._is_given():
            return None
        if answer.kind == "choice":
            return answer.choice_id.code or None
        if answer.kind == "yesno":
            return Decimal(int(answer.value_yes))
        return exact(answer.value_number) if answer.kind in ("number", "amount") else None

    def _answer_to(self, code):
        return self.answer_ids.filtered(lambda answer: answer.question_id.code == code)[:1]

    def _value_years_in_business(self):
        if not self.founded_year:
            return None
        return Decimal(max(0, self.company_id._collection_today().year - self.founded_year))

    def _answered(self, kind):
        return self.reference_ids.filtered(lambda one: one.kind == kind and one.state == "answered")

    def _manner(self, kind):
        """Days slow on average, as the references of a kind tell it."""
        days = [MANNER_DAYS[one.manner_of_payment] for one in self._answered(kind) if one.manner_of_payment]
        return Decimal(sum(days)) / len(days) if days else None

    def _value_trade_manner(self):
        return self._manner("trade")

    def _value_bank_reference(self):
        return self._manner("bank")

    def _high_credits(self):
        return tuple(exact(one.high_credit) for one in self._answered("trade") if one.high_credit)

    def _value_trade_high_credit_ratio(self):
        credits = self._high_credits()
        return 100 * sum(credits) / len(credits) / exact(self.requested_limit) if credits and self.requested_limit else None

    def _value_requested_to_purchases(self):
        return exact(self.requested_limit) / exact(self.monthly_purchases) if self.monthly_purchases else None

    def _value_requested_to_net_worth(self):
        return 100 * exact(self.requested_limit) / exact(self.net_worth) if self.net_worth > 0 else None

    def _value_external_score(self):
        lines = self.external_score_ids._valid(self.company_id._collection_today())
        return exact(lines[:1].score) if lines else None

    def _value_average_days_late(self):
        return exact(self.profile_id.average_days_late) if self.profile_id.settled_count else None
