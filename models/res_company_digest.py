from odoo import api, fields, models


class ResCompany(models.Model):
    """Who gets the figures of a month by mail, and on which day."""

    _inherit = "res.company"

    collection_digest_user_ids = fields.Many2many("res.users", "collection_digest_user_rel", "company_id", "user_id", "Monthly digest to",
                                                  help="Each gets the figures of the customers that they may see, in their own language.")
    collection_digest_day = fields.Integer("Digest on day of the month", default=3)

    _collection_digest_day_valid = models.Constraint("CHECK(collection_digest_day BETWEEN 1 AND 28)", "The digest comes on a day from the 1st to the 28th.")


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    collection_digest_unreached = fields.Char(compute="_compute_collection_digest_unreached")

    @api.depends("collection_digest_user_ids.email_normalized")
    @api.depends_context("lang")
    def _compute_collection_digest_unreached(self):
        """Who of the readers gets nothing, for want of an address."""
        for settings in self:
            silent = settings.collection_digest_user_ids.filtered(lambda user: not user.email_normalized)
            settings.collection_digest_unreached = bool(silent) and self.env._("No digest without an e-mail address: %s", ", ".join(silent.mapped("name")))
