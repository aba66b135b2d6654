from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date

from .collection_reason import describe


class CollectionDesk(models.AbstractModel):
    """Customers and people that are left alone: the screen says so before it shows a number."""

    _inherit = "collection.desk"

    @api.model
    def load_customer(self, profile_id):
        data = super().load_customer(profile_id)
        return {**data, "stop": self._stop_banner(self._profile(profile_id))}

    @api.model
    def _stop_banner(self, profile):
        code = profile._contact_stop()
        if not code:
            return False
        return {"text": describe(self.env, code, {}), "note": profile.stop_note or "", "since": format_date(self.env, profile.stop_since),
                "contact": profile.stop_contact_id.display_name or ""}

    @api.model
    def _contacts(self, profile, policy, today):
        """Without people that must not be contacted."""
        found = super()._contacts(profile, policy, today)
        barred = set(self.env["res.partner"].browse([row["id"] for row in found]).filtered("collection_stop").ids)
        return [row for row in found if row["id"] not in barred]


class CollectionChannel(models.AbstractModel):
    _inherit = "collection.channel"

    @api.model
    def _queue_copies(self, call):
        """Whoever promised copies on the telephone learns at once that none go out."""
        why = self._why_not_queued("mail_template_copies", call, call.number)
        if why:
            raise UserError(self.env._("No copies can be sent to %(address)s: %(why)s", address=call.number, why=why))
        return super()._queue_copies(call)
