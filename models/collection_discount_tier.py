from odoo import api, fields, models

KEYS = {"term_id", "days", "percent"}


class CollectionDiscountTier(models.Model):
    """One of several discounts of a payment term: so much for paying within so many days of the invoice."""

    _name = "collection.discount.tier"
    _description = "Early Payment Discount"
    _order = "term_id, days, id"

    term_id = fields.Many2one("account.payment.term", "Payment terms", required=True, index=True, ondelete="cascade")
    days = fields.Integer(required=True, default=10, help="The last day of the discount, counted from the invoice date.")
    percent = fields.Float("Discount (%)", required=True, default=2.0, digits=(5, 2))

    # that later ones are smaller is for the term to say, which sees all of them
    _is_discount = models.Constraint("CHECK(days > 0 AND percent > 0 AND percent < 100)",
                                     "A discount is more than 0 % and less than 100 %, for payment within at least one day.")

    @api.model_create_multi
    def create(self, vals_list):
        tiers = super().create(vals_list)
        tiers.term_id._show_best_discount()
        return tiers

    def write(self, vals):
        terms = self.term_id
        result = super().write(vals)
        if KEYS & set(vals):
            (terms | self.term_id)._show_best_discount()
        return result

    def unlink(self):
        terms = self.term_id
        result = super().unlink()
        terms._show_best_discount()
        return result
