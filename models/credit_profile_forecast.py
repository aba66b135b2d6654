from datetime import timedelta
from decimal import Decimal

from odoo import api, models
from odoo.fields import Domain

from ..engine import forecast
from ..engine.ledger import ZERO
from ..engine.money import exact, quantize
from .bulk import insert_rows
from .collection_forecast import FIGURES


class CreditProfile(models.Model):
    """What customers are expected to pay, and when: looked at every night."""

    _inherit = "credit.profile"

    def _refresh(self, company, today):
        """Foretell last, on promises, plans and habits as they stand tonight."""
        super()._refresh(company, today)
        if self:
            self._foretell(company, today)

    @api.model
    def _refresh_company(self, company):
        """The batches pass by customers who are archived."""
        problems = super()._refresh_company(company)
        if self._attempt(lambda: self._drop_expected(company)):
            problems.append(f"forecast {company.id}")
        self.env["ir.cron"]._commit_progress()
        return problems

    @api.model
    def _drop_expected(self, company):
        """Nothing is expected of customers who are archived, nor of what is paid or no longer in the books."""
        # sudo: a picture is written by the job only
        self.env["collection.forecast"].sudo().with_context(active_test=False).search(Domain("company_id", "=", company.id) & Domain.OR([
            Domain("profile_id.active", "=", False), Domain("item_id", "=", False), Domain("item_id.reconciled", "=", True),
            Domain("item_id.parent_state", "!=", "posted")])).unlink()

    def _foretell(self, company, today):
        """Replace what is expected of a batch of customers of one company; rows that say the same stay."""
        # sudo: a picture is written by the job only
        Forecast = self.env["collection.forecast"].sudo()
        wanted = {tuple(vals[name] for name in FIGURES): vals for vals in self._prepare_forecast(company, today)}
        known = Forecast.search_fetch([("profile_id", "in", self.ids)], FIGURES)
        gone = Forecast.browse([row.id for row in known if wanted.pop(row._figures(), None) is None])
        gone.unlink()
        insert_rows(Forecast, list(wanted.values()))

    def _prepare_forecast(self, company, today):
        """The rows of all customers: one for each part of an open item that is expected on a day for a reason."""
        outlook = self.env["collection.reader"]._read_outlook(company, self, today)
        credits = self.env["collection.reader"]._to_credits(outlook.rows)
        rows, owed = {row.id: row for row in outlook.rows}, self._owing(company, outlook, today)
        found = []
        for profile in self:
            partner = profile.partner_id.id
            parts = profile._decide_forecast(owed.get(partner, ()), credits.get(partner, {}), today)
            found += [profile._prepare_expected(company, rows[part.item], part) for part in parts]
        return found

    def _decide_forecast(self, items, credits, today):
        """One engine call: the place to hook another forecast of cash."""
        return forecast.expect(items, credits, today)

    def _prepare_expected(self, company, row, part):
        """A part of an item as a row, with its share of the item's amount in company currency."""
        base = quantize(row.base * part.amount / row.residual, company.currency_id.rounding)
        return {"profile_id": self.id, "company_id": company.id, "item_id": row.id, "document": row.name, "currency_id": row.currency,
                "due": row.due, "expected_on": part.day, "source": part.source, "amount_currency": float(part.amount), "amount": float(base)}

    def _owing(self, company, outlook, today):
        """The open items of each customer as the engine takes them, the oldest first: ``{partner id: [Owing]}``."""
        debits = [row for row in outlook.rows if row.residual > 0]
        days, planned, promised = self._usual_dates(debits, today), self._planned_parts(today), self._promised_parts(outlook, debits)
        found = {}
        for row in debits:
            found.setdefault(row.partner, []).append(forecast.Owing(
                row.id, row.currency, row.residual, *days[row.id], outlook.disputed.get(row.id, ZERO),
                outlook.transit.get(row.id, ZERO), promised.get(row.id, ()), *planned.get(row.id, ((), ZERO))))
        return found

    def _promised_parts(self, outlook, debits):
        """With what was promised on balances, over the items of their currency: ``{item id: ((day, amount), …)}``."""
        owners = {profile.partner_id.id: profile.id for profile in self}
        by_balance = {}
        for row in debits:
            by_balance.setdefault((owners[row.partner], row.currency), []).append(
                (row.id, max(ZERO, row.residual - outlook.disputed.get(row.id, ZERO))))
        found = dict(outlook.promised)
        for key, promise in outlook.on_balance.items():
            found.update(self._decide_divided([promise], by_balance.get(key, ())))
        return found

    def _planned_parts(self, today):
        """Which installments will pay which items, and what of it did not come within the grace: ``{item id: (((day, amount), …), missed)}``."""
        # sudo: whoever sees the customer may know what is agreed with it
        plans = self.env["collection.plan"].sudo().search([("profile_id", "in", self.ids), ("state", "=", "active")])
        found = {}
        for plan in plans:
            parts = [(one.installment.due, one.open) for one in plan.installment_ids._to_standing().installments]
            lines = plan.line_ids.sorted(lambda line: (line.is_cost, line.due or line.plan_id.made_on, line.id)).filtered("item_id")
            divided = self._decide_divided(parts, [(line.item_id.id, exact(line._still_open())) for line in lines])
            since = today - timedelta(days=plan.grace_days)
            found.update((item, _within_grace(own, since)) for item, own in divided.items())
        return found

    def _decide_divided(self, parts, owed):
        """One engine call: which item each part pays."""
        return forecast.divide(parts, [(item, Decimal(amount)) for item, amount in owed])


def _within_grace(parts, since):
    """The parts that may still come as they were planned, and the sum of those that were due before ``since``."""
    return tuple(part for part in parts if part[0] >= since), sum((amount for day, amount in parts if day < since), ZERO)
