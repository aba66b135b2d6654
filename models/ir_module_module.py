from odoo import models

from .collection_removal import MODULE


class IrModuleModule(models.Model):
    _inherit = "ir.module.module"

    def button_uninstall(self):
        """Whatever takes this addon along is refused before anything is marked for removal (R-60); others hear from core that they may not."""
        if self.env.is_admin() and MODULE in (self + self.downstream_dependencies()).mapped("name"):
            self.env["collection.removal"]._require()
        return super().button_uninstall()
