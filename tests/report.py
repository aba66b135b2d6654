from datetime import date, timedelta

from odoo.fields import Command

from .common import CollectionCommon

# the bounds of the classes, by hand
CLASSES = ("not_due", "b30", "b60", "b90", "over", "credit")


class ReportCommon(CollectionCommon):
    """The verbs of a ledger on fixed days: bill, pay, write off; and what the reports say of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.franc = cls.setup_other_currency("CHF", rates=[("2024-01-01", 2.0), ("2024-02-01", 2.5)])
        cls.company.collection_write_off_account_id = cls.company_data["default_account_expense"]

    # ------------------------------------------------------------------ given

    def _billed(self, on, due, amount, partner=None, currency=None, data=None, tax=None, **values):
        """A posted invoice (or credit note) of a day."""
        data = data or self.company_data
        move = self.env["account.move"].with_company(data["company"]).create({
            "move_type": "out_invoice", "partner_id": (partner or self.customer).id, "invoice_date": on, "date": on, "invoice_date_due": due,
            "invoice_payment_term_id": False, "currency_id": (currency or data["currency"]).id, "invoice_line_ids": [Command.create({
                "name": "Goods", "price_unit": amount, "tax_ids": [Command.set(tax.ids if tax else [])],
                "account_id": data["default_account_revenue"].id})], **values})
        move.action_post()
        return move

    def _paid(self, invoice, amount, on, data=None, **values):
        """A payment of an invoice, registered; of its currency."""
        data = data or self.company_data
        return self.env["account.payment.register"].with_company(data["company"]).with_context(
            active_model="account.move", active_ids=invoice.ids).create({
                "payment_date": on, "journal_id": data["default_journal_bank"].id, "amount": amount, "currency_id": invoice.currency_id.id,
                **values})._create_payments()

    def _received(self, amount, on, data=None, **values):
        """Money of the customer that nobody matched yet."""
        payment = self.env["account.payment"].create({
            "payment_type": "inbound", "partner_type": "customer", "partner_id": self.customer.id, "amount": amount, "date": on,
            "journal_id": (data or self.company_data)["default_journal_bank"].id, **values})
        payment.action_post()
        return payment

    def _entry(self, on, *lines, journal="default_journal_misc"):
        """A posted entry; ``lines`` are (account, balance, partner)."""
        move = self.env["account.move"].create({
            "move_type": "entry", "date": on, "journal_id": self.company_data[journal].id, "line_ids": [Command.create({
                "account_id": account.id, "balance": balance, "partner_id": partner and partner.id, "name": "Entry"}) for account, balance, partner in lines]})
        move.action_post()
        return move

    def _written_off(self, invoice, amount, on):
        """Our own write-off, of a day."""
        entry = self._item(invoice)._make_write_off(amount, "Write-off", invoice.name)
        entry.date = on
        self._item(invoice)._post_write_off(entry)
        return entry

    # ------------------------------------------------------------------ then

    def _balance(self, company, day):
        """The balance of the receivable accounts in the trial balance of a day."""
        [[total]] = self.env["account.move.line"]._read_group([
            ("account_id.account_type", "=", "asset_receivable"), ("parent_state", "=", "posted"), ("date", "<=", day),
            ("company_id", "=", company.id)], [], ["balance:sum"])
        return round(total, 2)

    def _classes(self, company, day, by="bucket", *domain):
        """Open at the end of a day by class, without the empty ones."""
        rows = self.env["collection.ageing"]._at(day)._read_group([("company_id", "=", company.id), *domain], [by], ["amount:sum"])
        return {code: round(amount, 2) for code, amount in rows}

    def _moved(self, company, first, last, *domain):
        """Movements of a period by kind."""
        rows = self.env["collection.movement"]._read_group(
            [("company_id", "=", company.id), ("date", ">=", first), ("date", "<=", last), *domain], ["kind"], ["amount:sum"])
        return {kind: round(amount, 2) for kind, amount in rows}

    def _kinds(self, *moves):
        """The parts of the receivable items of entries."""
        rows = self.env["collection.movement"].search([("move_id", "in", [move.id for move in moves])])
        return sorted((row.kind, row.amount) for row in rows)


def day(text):
    return date.fromisoformat(text)


def month(text):
    """The first and the last day of "2024-02"."""
    first = day(f"{text}-01")
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
