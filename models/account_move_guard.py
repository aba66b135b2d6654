from odoo import api, models

# What documents and entries were made for: it decides what becomes of disputes, offers and charges, so only methods set it.
LINKS = {"collection_dispute_id", "collection_settlement_id", "collection_charge_id", "collection_handover_id", "collection_handover_use"}


class AccountMove(models.Model):
    """Nobody says by hand what an entry was made for."""

    _name = "account.move"
    _inherit = ["account.move", "collection.guard.mixin"]

    @api.model_create_multi
    def create(self, vals_list):
        self._refuse_guarded({name for vals in vals_list for name in LINKS if vals.get(name)} | self._guarded_defaults(LINKS))
        return super().create(vals_list)

    def write(self, vals):
        self._refuse_guarded(LINKS & set(vals))
        return super().write(vals)
