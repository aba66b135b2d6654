from odoo import models


class CreditForm(models.AbstractModel):
    _inherit = "credit.form"

    def _agreement(self, agreement):
        """What is asked of who accepts a payment plan."""
        customer = agreement.profile_id.partner_id.display_name
        return [
            self._field("accepted_name", self.env._("Your full name"), required=True, length=120, autocomplete="name"),
            self._field("agreed", self.env._("I have read the agreement, agree to it, and I may do so for %s.", customer),
                        kind="tick", required=True, length=2),
        ]
