from odoo import fields, models

THANKS = [("never", "Never"), ("reminded", "When they were reminded"), ("always", "Always")]


class ResCompany(models.Model):
    """Whether customers are thanked for paying."""

    _inherit = "res.company"

    collection_thanks = fields.Selection(THANKS, "Thank customers for paying", default="never", required=True)
    collection_thanks_count = fields.Boolean("Thanks count as contacts")
