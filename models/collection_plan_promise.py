from odoo import api, models
from odoo.exceptions import UserError


class CollectionPromise(models.Model):
    """What is paid in parts is not promised besides."""

    _inherit = "collection.promise"

    @api.model
    def _check_free(self, profile, items, currency):
        super()._check_free(profile, items, currency)
        lines = self.env["collection.plan.line"]
        line = lines._live_ones(items)[:1] if items else lines.sudo().search([  # sudo: a balance is whole, whoever looks
            ("plan_id.profile_id", "=", profile.id), ("plan_id.currency_id", "=", currency), ("is_live", "=", True)], limit=1)
        if line and items:
            raise UserError(self.env._("%(item)s is in the payment plan %(plan)s: its installments say when it is paid.",
                                       item=line.document, plan=line.plan_id.name))
        if line:
            raise UserError(self.env._("Part of the balance is in the payment plan %s. Take the promise for the other invoices.", line.plan_id.name))
