from odoo import fields, models


class CreditRefusalReason(models.Model):
    """A reason for which credit is refused, in the words of the letter."""

    _name = "credit.refusal.reason"
    _description = "Reason to Refuse Credit"
    _order = "sequence, id"

    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    name = fields.Char("Reason, as the letter says it", required=True, translate=True)
    code = fields.Char("Technical name", required=True)

    _code_uniq = models.UniqueIndex("(code)", "Two reasons have the same technical name.")
