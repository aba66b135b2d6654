from odoo import api, models


class AccountPayment(models.Model):
    _inherit = "account.payment"

    @api.model_create_multi
    def create(self, vals_list):
        """Online, core takes one line of each kind and today's discount only: ours is booked when the payment is set off."""
        for vals in vals_list:
            if vals.get("payment_transaction_id") and vals.get("write_off_line_vals"):
                # sudo: a customer pays online
                transaction = self.env["payment.transaction"].sudo().browse(vals["payment_transaction_id"])  # nosemgrep: public-method-with-sudo - read only
                if transaction._discounted_invoice().discount_terms:
                    vals["write_off_line_vals"] = []
        return super().create(vals_list)


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _discounted_invoice(self):
        """The invoice whose discount core gives an online payment: the first of which it pays just the discounted amount."""
        for invoice in self.invoice_ids.filtered(lambda invoice: invoice.state == "posted"):
            values = invoice._get_invoice_next_payment_values()
            if values["installment_state"] == "epd" and self.amount == values["amount_due"]:
                return invoice
        return self.invoice_ids.browse()
