from odoo import api, models


class CreditApplicationPart(models.AbstractModel):
    """What is known of an applicant: added while its application is open, and never moved to another one."""

    _name = "credit.application.part"
    _description = "Part of a Credit Application"
    _inherit = ["collection.guard.mixin"]

    # Nobody types these in, and whose it is nobody changes.
    _guarded = frozenset({"company_id"})
    _owner_fields = frozenset({"application_id"})

    @api.model_create_multi
    def create(self, vals_list):
        self._refuse_guarded(self._guarded & set().union(*vals_list) | self._guarded_defaults(self._guarded))
        parts = super().create(vals_list)
        parts.application_id._check_open()  # the application may come from the context too
        return parts

    def write(self, vals):
        self._refuse_guarded((self._guarded | self._owner_fields) & set(vals))
        if not self.env.su:
            self.application_id._check_open()
        return super().write(vals)

    def unlink(self):
        if not self.env.su:
            self.application_id._check_open()
        return super().unlink()
