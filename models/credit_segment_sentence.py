from odoo import api, models
from odoo.tools.misc import formatLang

from .collection_reason import describe
from .credit_segment import PAYERS, SIZES


class CreditSegment(models.Model):
    """What segments ask for, and why a customer is in one, in words."""

    _inherit = "credit.segment"

    @api.model
    def _sentence(self, reasons, currency):
        """The stored reasons of a customer in the reader's language."""
        return " · ".join(describe(self.env, f"segment_{name}", {"value": self._reason_value(name, value, currency)}) for name, value in reasons or ()) or False

    def _reason_value(self, name, value, currency):
        if name == "sizes":
            return (value or "").upper()
        if name == "payers":
            return self._payer_label(value)
        if name == "billing":
            return currency.format(value)
        if name == "days":
            return formatLang(self.env, value, digits=1)
        if name == "countries":
            return self.env["res.country"].browse(value or []).name
        return value

    def _payer_label(self, value):
        return dict(self.env["credit.profile"]._fields["behaviour_class"]._description_selection(self.env)).get(value, value)

    def _criteria_words(self):
        """One short sentence for each thing that is asked."""
        words = {
            "sizes": ", ".join(size.upper() for size in SIZES if self[f"size_{size}"]),
            "payers": ", ".join(self._payer_label(payer) for payer in PAYERS if self[f"payer_{payer}"]),
            "grades": (self.grade_from or self.grade_to) and f"{self.grade_from or 1}–{self.grade_to or 5}",
            "risks": ", ".join(sorted(set(self.risk_class_ids.mapped("name")))),
            "countries": ", ".join(self.country_ids.mapped("name")),
            "tagged": ", ".join(self.category_ids.mapped("name"))}
        money, days = self.currency_id.format if self.currency_id else str, lambda value: formatLang(self.env, value, digits=1)
        return [describe(self.env, f"segment_{name}", {"value": value}) for name, value in words.items() if value] + [
            describe(self.env, f"segment_{name}_{'between' if start and end else 'from' if start else 'below'}", {"start": show(start), "end": show(end)})
            for name, start, end, show in (("billing", self.billing_from, self.billing_to, money), ("days", self.days_from, self.days_to, days))
            if start or end]
