from odoo.fields import Command

from .common import CollectionCommon


class CreditCommon(CollectionCommon):
    """The verbs of credit: grant, order, confirm, release; rules of the company's own, so that shipped data may change."""

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.quick_ref("sales_team.group_sale_manager")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.credit_check = "hold"
        cls.env["credit.hold.rule"].search([("company_id", "=", cls.company.id)]).unlink()
        cls.over_limit = cls._rule("over_limit", "hold")
        cls.product = cls.env["product.product"].create({
            "name": "Goods", "list_price": 100.0, "taxes_id": False, "invoice_policy": "order", "company_id": cls.company.id,
            "property_account_income_id": cls.company_data["default_account_revenue"].id})

    @classmethod
    def _rule(cls, kind, outcome, **values):
        return cls.env["credit.hold.rule"].create(
            {"name": kind, "company_id": cls.company.id, "kind": kind, "outcome": outcome, **values})

    @classmethod
    def _ladder(cls, *amounts, stage=None, **values):
        """A ladder whose stages ask for nothing but what ``stage`` says."""
        asks = {"window_count": 0, "on_time_count": 0, "turnover_multiple": 0, "use_share": 0, "average_days": -1, "quiet_days": 0,
                "min_days": 0, "tolerance_days": 3, **(stage or {})}
        return cls.env["credit.ladder"].create({
            "name": "Test ladder", "company_id": cls.company.id, "fall_days": 30, "cool_down_days": 1, **values,
            "stage_ids": [Command.create({"name": f"Stage {amount}", "amount": amount, "sequence": place, **asks})
                          for place, amount in enumerate(amounts)]})

    def _grant(self, amount=1000.0, partner=None, **values):
        """An approved line of the journal, as the credit manager decides it."""
        meaning = {"meaning": "prepay"} if amount == 0 else {"meaning": "none"} if amount is None else {}
        return self.env["credit.limit"]._record(self._profile(partner), {
            "amount": amount or 0.0, "reason": "Decided in the test", "source": "manual", **meaning, **values})

    def _order(self, amount=100.0, partner=None, currency=None, quantity=1, **values):
        pricelist = self.env["product.pricelist"].create({
            "name": "List", "currency_id": (currency or self.company.currency_id).id, "company_id": self.company.id})
        return self.env["sale.order"].create({
            "partner_id": (partner or self.customer).id, "company_id": self.company.id, "pricelist_id": pricelist.id,
            "order_line": [Command.create({"product_id": self.product.id, "product_uom_qty": quantity, "price_unit": amount,
                                           "tax_ids": []})], **values})

    def _confirmed(self, *args, **values):
        order = self._order(*args, **values)
        order.action_confirm()
        return order

    def _exposure(self, partner=None):
        """The parts of a customer's exposure, as amounts."""
        profile = self._profile(partner)
        profile.invalidate_recordset()
        return {name: round(amount, 2) for name, amount in profile.exposure_parts.items() if round(amount, 2)}

    def _hold(self, document):
        field = "order_id" if document._name == "sale.order" else "move_id"
        return self.env["credit.hold"].search([(field, "=", document.id)], limit=1)
