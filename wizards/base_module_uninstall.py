from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..models.collection_removal import MODULE


class BaseModuleUninstall(models.TransientModel):
    _inherit = "base.module.uninstall"

    collection_kept = fields.Text("Still needed", compute="_compute_collection_kept")
    collection_export = fields.Boolean("Export and delete", help="Everything is stored in one file before it is deleted.")

    @api.depends("module_ids")
    def _compute_collection_kept(self):
        for wizard in self:
            wizard.collection_kept = wizard._takes_us_along() and "\n".join(self.env["collection.removal"]._kept())

    def _takes_us_along(self):
        return MODULE in self._get_modules().mapped("name")

    def action_collection_export(self):
        """Download everything now."""
        self._check_administrator()
        return {"type": "ir.actions.act_url", "url": f"/web/content/{self.env['collection.removal']._export().id}?download=true"}

    def action_uninstall(self):
        """What was ticked is done first; an export of the day is there already after a download."""
        if self.collection_export and self._takes_us_along():
            self._check_administrator()
            if not self.env["collection.removal"]._exported():
                self.env["collection.removal"]._export()
        return super().action_uninstall()

    def _check_administrator(self):
        """Who may remove programs, as core says it."""
        if not self.env.is_admin():
            raise AccessError(self.env._("Only administrators export everything."))
