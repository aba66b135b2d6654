from datetime import timedelta
from unittest.mock import patch

from odoo.fields import Command

from .test_promise import PromiseCommon

GROUP = "account_credit_collection.group_"


class HandoverCommon(PromiseCommon):
    """A company that hands debts over, an agency that keeps 15 %, 25 % from half a year on, and the verbs of the business."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        accounts = cls.company_data
        cls.costs_account = accounts["default_account_revenue"].copy({"name": "Costs of handovers"})
        cls.fee_account = accounts["default_account_expense"].copy({"name": "Agency fees"})
        cls.loss_account = accounts["default_account_expense"].copy({"name": "Losses on receivables"})
        cls.company.write({
            "collection_write_off_account_id": cls.loss_account.id, "collection_handover_fee_account_id": cls.fee_account.id,
            "collection_handover_costs_account_id": cls.costs_account.id,
            "collection_interest_product_id": cls.product.id, "collection_write_off_max": 100})
        cls.env["credit.authority"].search([("company_id", "=", cls.company.id)]).unlink()
        cls.env["credit.authority"].create({"company_id": cls.company.id, "group_id": cls.env.ref(f"{GROUP}manager").id, "amount": 50000, "own_amount": 0})
        cls.tax = cls.env["account.tax"].create({"name": "21 %", "amount": 21, "amount_type": "percent", "company_id": cls.company.id})
        cls.fee_tax = cls.env["account.tax"].create({
            "name": "21 % of bills", "amount": 21, "amount_type": "percent", "type_tax_use": "purchase", "company_id": cls.company.id})
        for tax, account in ((cls.tax, "default_account_tax_sale"), (cls.fee_tax, "default_account_tax_purchase")):
            lines = tax.invoice_repartition_line_ids | tax.refund_repartition_line_ids
            lines.filtered(lambda line: line.repartition_type == "tax").account_id = accounts[account]
        cls.agency = cls.env["collection.agency"].create({
            "partner_id": cls._customer("Northern Collect").id, "company_id": cls.company.id,
            "band_ids": [Command.create({"age_days_from": 0, "percent": 15}), Command.create({"age_days_from": 180, "percent": 25})]})
        # the letter has a test of its own; elsewhere it would only take a second each time
        cls.startClassPatcher(patch.object(cls.env.registry["collection.handover"], "_render", lambda self, report: b"%PDF-1.4 letter"))

    def _taxed(self, net, days_late=200):
        """An invoice with 21 % tax."""
        return self._invoice(days_late, invoice_line_ids=[Command.create({
            "name": "Goods", "quantity": 1, "price_unit": net, "tax_ids": [Command.set(self.tax.ids)],
            "account_id": self.company_data["default_account_revenue"].id})])

    def _charge(self, amount):
        """A posted bill of interest, due yesterday."""
        return self.env["collection.charge"]._bill_agreement(
            self._profile(), self.company.currency_id, [("plan_interest", amount, "Late interest")], self._due(1), "Test").move_id

    def _items(self, *invoices):
        return self.env["account.move.line"].browse([self._item(invoice).id for invoice in invoices])

    def _proposed(self, *invoices, user=None, partner=None):
        Handover = self.env["collection.handover"].with_user(user or self.collector)
        record = Handover._propose(self._profile(partner or invoices[0].partner_id), self._items(*invoices), self.agency, "Three broken promises")
        return record.with_user(self.env.user)

    def _approved(self, *invoices, costs=0.0):
        record = self._proposed(*invoices)
        record._approve(self.agency, costs, None)
        return record

    def _announced(self, *invoices, **values):
        record = self._approved(*invoices, **values)
        record.action_announce()
        return record

    def _handed(self, *invoices, **values):
        """Announced, the letter left, and its days are over."""
        record = self._over(self._announced(*invoices, **values))
        record._hand_over("NC-77")
        return record

    def _letter(self, record):
        """The mail with the last letter."""
        return self.env["mail.mail"].search([("collection_origin", "=", f"collection.handover,{record.id}")])

    def _over(self, record):
        """The last letter left, and its days are over."""
        self._letter(record).state = "sent"
        record.sudo().deadline = self.today - timedelta(days=1)
        return record

    def _sends(self, record, amount, fee, kept=True, by="expense", line=None, costs=0.0):
        """The agency sends what it collected."""
        record._recover(amount, fee, kept, self.today, self.company_data["default_journal_bank"],
                        line or self.env["account.move.line"], by, costs)

    def _balance(self, account, *moves):
        """What entries booked on an account."""
        lines = moves[0].line_ids if moves else self.env["account.move.line"].search([("account_id", "=", account.id), ("parent_state", "=", "posted")])
        return sum(lines.filtered(lambda line: line.account_id == account).mapped("balance"))

    def _pauses(self, *invoices):
        """Why items are silent: ``[reason]``."""
        rows = self.env["collection.reader"]._read_items(self.company, self.customer.ids)
        pauses = self.env["collection.reader"]._read_pauses([row for row in rows if row.residual > 0], self.today)
        return [pauses[item.id].reason if item.id in pauses else None for item in self._items(*invoices)]
