from odoo import fields, models


class CreditProfile(models.Model):
    _inherit = "credit.profile"

    risk_class = fields.Char(readonly=True, copy=False, tracking=True,
                             help="The class of the last score that a decision rested on; kept within the scorecard's tolerance.")
    external_score_ids = fields.One2many("credit.external.score", "profile_id", "Outside scores")
