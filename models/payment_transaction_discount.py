from odoo import api, models


class AccountPayment(models.Model):
    _inherit = "account.payment"

    @api.model_create_multi
    def create(self, vals_list):
        """Online, core takes one line of each kind and today's discount only: ours is booked when the payment is set off."""
        for vals in vals_list:
            if vals.get("payment_transaction_id") and vals.get("write_off_line_vals"):
                # sudo: a customer pays online
                transaction = self.env["payment.transaction"].sudo().browse(vals["payment_transaction_id"])
                if any(transaction.invoice_ids.mapped("discount_terms")):
                    vals["write_off_line_vals"] = []
        return super().create(vals_list)
