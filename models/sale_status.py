from odoo import api, fields, models


class SaleOrder(models.Model):
    """How things stand with the customer of an order: in plain words, for whoever sells."""

    _inherit = "sale.order"

    collection_status = fields.Char("Payments", compute="_compute_collection_status", groups="base.group_user",
                                    help="How things stand with what the customer owes, in plain words.")

    @api.depends("partner_invoice_id", "partner_id", "company_id")
    @api.depends_context("lang")
    def _compute_collection_status(self):
        """The customer is whoever gets the invoice."""
        self.collection_status = False
        for company, orders in self.grouped(lambda order: order.company_id.root_id).items():
            customers = {order: (order.partner_invoice_id or order.partner_id).commercial_partner_id._origin for order in orders}
            status = self.env["credit.profile"]._plain_status_of(company, self.env["res.partner"].union(*customers.values()))
            for order, customer in customers.items():
                order.collection_status = status.get(customer.id, False)
