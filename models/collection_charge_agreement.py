from odoo import api, models
from odoo.fields import Command


class CollectionCharge(models.Model):
    """Charges that are agreed on, as the interest and the fee of a payment plan, and charges as others look at them."""

    _inherit = "collection.charge"

    @api.model
    def _bill_agreement(self, profile, currency, lines, due, origin):
        """Bill what was agreed on: ``lines`` are (kind, net amount, text); the bill is due on a day. Returns the posted charge."""
        company = profile.company_id
        charge = self.sudo().create({  # sudo: charges are made by methods only
            "company_id": company.id, "booking_company_id": company.id, "profile_id": profile.id, "currency_id": currency.id,
            "amount": currency.round(sum(amount for _kind, amount, _text in lines)),
            "line_ids": [Command.create({
                "company_id": company.id, "profile_id": profile.id, "currency_id": currency.id, "kind": kind, "document": text,
                "amount": amount}) for kind, amount, text in lines]})
        charge._check_bill(company)
        charge.with_company(company)._make_bill({"invoice_date_due": due, "invoice_origin": origin})
        return self.browse(charge.id)

    @api.model
    def _on(self, items):
        """The posted charges on journal items of which something is still open."""
        lines = self.env["collection.charge.line"].sudo().search([("item_id", "in", items.ids), ("state", "=", "posted")])  # sudo: a look at the ledger
        return lines.charge_id.filtered(lambda charge: charge.state == "posted" and charge.currency_id.compare_amounts(charge.residual, 0) > 0)
