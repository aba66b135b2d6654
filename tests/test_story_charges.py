from datetime import date

from odoo.fields import Command
from odoo.tests import tagged

from .charge import ChargeCommon

DUE = date(2024, 5, 15)


@tagged("post_install", "-at_install")
class TestStoryCharges(ChargeCommon):
    """Part payment, a rate that changes, the rest, a taxed bill, half of it waived: ledger, tax and balance agree to the cent."""

    def test_from_a_late_invoice_to_a_bill_half_waived(self):
        company, customer = self.company, self.customer
        customer.country_id = company.country_id  # no fiscal position: our own tax
        # The EU's rule on the ECB's rates: 12.5 % in the first half of 2024, 12.25 % in the second. Our products bear 15 % tax.
        company.collection_charge_rule_id = self.env.ref("account_credit_collection.charge_rule_eu")
        self.env.ref("base.EUR").active = True
        self.env["res.currency.rate"].search([("currency_id", "=", self.env.ref("base.EUR").id)]).unlink()  # one for one
        products = company._charge_product("interest") | company._charge_product("fee")
        self.tax.write({"amount": 15, "amount_type": "percent", "price_include_override": "tax_excluded"})
        products.taxes_id = [Command.set(self.tax.ids)]
        balance_before = customer.credit

        # An invoice of 10,000 due on 15 May: 4,000 paid on 14 June, the rest on 30 September.
        invoice = self._dated(DUE)
        self._pay(invoice, 4000, date(2024, 6, 14))
        june = self._charge(date(2024, 6, 30), post=True)
        self._pay(invoice, 6000, date(2024, 9, 30))
        autumn = self._charge(date(2024, 10, 31), post=True)
        self.assertEqual(invoice.payment_state, invoice._get_invoice_in_payment_state())

        # F-8: 102.74 + 32.88 in June with 40 for the delay, 185.26 in autumn: 320.88 of interest in all.
        self.assertEqual((june.amount, autumn.amount), (175.62, 185.26))
        self.assertEqual([line.amount for line in (june | autumn).line_ids.filtered(lambda line: line.kind == "interest").sorted("date_from")],
                         [102.74, 32.88, 185.26])
        self.assertEqual((june.move_id.amount_tax, june.move_id.amount_total), (26.34, 201.96))
        self.assertEqual((autumn.move_id.amount_tax, autumn.move_id.amount_total), (27.79, 213.05))

        # Half is waived: the autumn bill, and of the June bill the 40 that are not interest.
        notes = autumn._waive("Goodwill") | june._waive("Goodwill", june.line_ids.filtered(lambda line: line.kind == "fixed"))

        # The ledger of charges
        lines = (june | autumn).line_ids
        self.assertEqual(sum(lines.filtered(lambda line: line.state == "posted").mapped("amount")), 135.62)
        self.assertEqual(sum(lines.filtered(lambda line: line.state == "waived").mapped("amount")), 225.26)
        self.assertEqual((june.state, autumn.state), ("posted", "waived"))
        # The books: 135.62 of income, 20.34 of tax, 155.96 still owed
        moves = june.move_id | autumn.move_id | notes
        income = -sum(moves.line_ids.filtered(lambda line: line.account_id.account_type.startswith("income")).mapped("balance"))
        tax = -sum(moves.line_ids.filtered(lambda line: line.tax_line_id == self.tax).mapped("balance"))
        self.assertEqual((round(income, 2), round(tax, 2)), (135.62, 20.34))
        self.assertEqual((june.residual, autumn.residual), (155.96, 0))
        self.assertEqual(round(customer.credit - balance_before, 2), 155.96)
        # What the tax report adds up: base and tax of the grids of this tax
        base = -sum(moves.line_ids.filtered(lambda line: self.tax in line.tax_ids).mapped("balance"))
        self.assertEqual(round(base, 2), 135.62)
        # And no later run charges any of it again
        self.assertFalse(self._charge(date(2024, 12, 31)))
