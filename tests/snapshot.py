from datetime import date

from odoo.fields import Command

from .common import CollectionCommon

JAN, FEB, MAR = date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 31)


class SnapshotCommon(CollectionCommon):
    """Three months of two customers.

    Northwind is billed 1,000 on 10 January (due 9 February), 800 on 5 February (due 7 March), credited 100 on 25 February, which stays
    unapplied, and billed 500 on 1 March (due 31 March). It pays 600 of the first on 20 February and 400 on 10 March, and the 800 on 12 March.
    Southwind is billed 300 on 3 March (due 2 April) and pays 200 of it on 20 March.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.south = cls._customer("Southwind")
        cls.first = cls._bill(date(2025, 1, 10), date(2025, 2, 9), 1000)
        cls.second = cls._bill(date(2025, 2, 5), date(2025, 3, 7), 800)
        cls.third = cls._bill(date(2025, 3, 1), date(2025, 3, 31), 500)
        cls.fourth = cls._bill(date(2025, 3, 3), date(2025, 4, 2), 300, cls.south)
        cls._bill(date(2025, 2, 25), date(2025, 2, 25), 100, move_type="out_refund")
        cls._receive(cls.first, date(2025, 2, 20), 600)
        cls._receive(cls.first, date(2025, 3, 10), 400)
        cls._receive(cls.second, date(2025, 3, 12), 800)
        cls._receive(cls.fourth, date(2025, 3, 20), 200)
        cls.Snapshot = cls.env["collection.snapshot"].sudo()

    @classmethod
    def _bill(cls, day, due, amount, partner=None, move_type="out_invoice", currency=None):
        move = cls.env["account.move"].create({
            "move_type": move_type, "partner_id": (partner or cls.customer).id, "invoice_date": day, "date": day, "invoice_date_due": due,
            "invoice_payment_term_id": False, "currency_id": (currency or cls.company.currency_id).id,
            "invoice_line_ids": [Command.create({"name": "Goods", "quantity": 1, "price_unit": amount, "tax_ids": [],
                                                 "account_id": cls.company_data["default_account_revenue"].id})]})
        move.action_post()
        return move

    @classmethod
    def _receive(cls, invoice, day, amount):
        return cls.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids).create({
            "payment_date": day, "journal_id": cls.company_data["default_journal_bank"].id, "amount": amount})._create_payments()

    def _build(self, first=JAN, last=MAR):
        self.Snapshot._rebuild(self.company, first, last)
        return self.Snapshot.search([("company_id", "=", self.company.id)])

    def _row(self, month, partner=None):
        return self.Snapshot.search([("month", "=", month), ("profile_id", "=", partner is not False and self._profile(partner).id)])

    def _entry(self, day, *lines):
        """A posted entry of (account, balance, partner) lines."""
        move = self.env["account.move"].create({"move_type": "entry", "date": day, "line_ids": [
            Command.create({"account_id": account.id, "balance": balance, "partner_id": partner and partner.id}) for account, balance, partner in lines]})
        move.action_post()
        return move
