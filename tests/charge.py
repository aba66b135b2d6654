from datetime import date, timedelta

from odoo.fields import Command

from .common import CollectionCommon


class ChargeCommon(CollectionCommon):
    """A company that charges 12.5 % a year, with invoices of fixed days, and the verbs of charging."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls._charge_rule("12.5 % a year", percent=12.5)
        cls.company.write({"collection_charge_rule_id": cls.rule.id, "collection_charge_from": date(2020, 1, 1), "collection_charge_send": False})
        cls.tax = cls.company_data["default_tax_sale"]

    @classmethod
    def _charge_rule(cls, name, **values):
        return cls.env["collection.charge.rule"].create({
            "name": name, "company_id": cls.company.id, "currency_id": cls.company.currency_id.id, **values})

    @classmethod
    def _rate(cls, *values):
        """A reference rate: (day, percent) pairs."""
        return cls.env["collection.rate"].create({
            "name": "Test rate", "code": f"TEST{len(values)}", "checked_on": cls.today,
            "value_ids": [Command.create({"valid_from": day, "percent": percent, "source": "Test"}) for day, percent in values]})

    def _dated(self, due, amount=10000.0, partner=None, currency=None, **values):
        """A posted invoice due on a day, issued a month before."""
        return self._invoice(0, amount, partner, currency, invoice_date=due - timedelta(days=30), invoice_date_due=due, **values)

    def _charge(self, last_day, post=False):
        """A charge run up to a day; returns its charges."""
        run = self.env["collection.charge.run"].create({"company_id": self.company.id, "last_day": last_day})
        run.action_prepare()
        if post:
            run.action_post()
        return run.charge_ids

    def _counts(self, charges_or_run):
        return {row.code: row.count for row in charges_or_run.count_ids}

    def _periods(self, charges):
        """(from, to, days, balance, rate, amount) of the interest in the ledger, oldest first."""
        lines = charges.line_ids.filtered(lambda line: line.kind == "interest").sorted("date_from")
        return [(line.date_from, line.last_day, line.days, line.balance, line.rate, line.amount) for line in lines]
