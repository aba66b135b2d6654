from odoo import fields, models


class CollectionLevel(models.Model):
    _inherit = "collection.level"

    is_legal = fields.Boolean("Legal step", help="Once an open item was asked for at this level, nobody greets the customer or offers it anything.")
