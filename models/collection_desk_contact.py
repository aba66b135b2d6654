from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools.mail import email_normalize

from .desk_values import id_of, line_of


class CollectionDesk(models.AbstractModel):
    """Who was called, and who is the right one: whoever was named wrong is not asked first again, nor written to first."""

    _inherit = "collection.desk"

    @api.model
    def _contact(self, profile, values):
        """The person spoken to, if it is one of the customer's."""
        contact = self.env["res.partner"].browse(id_of(values.get("contact_id"))).exists()
        return contact if contact.commercial_partner_id == profile.partner_id else self.env["res.partner"]

    @api.model
    def _prepare_wrong_contact(self, profile, values, today):
        """Who is the right one, if that was said; else somebody is to find out."""
        name, phone, email = (line_of(values.get(field)) for field in ("name", "phone", "email"))
        if email and not email_normalize(email):
            raise UserError(self.env._("“%s” is no e-mail address.", email))
        wrong = self._contact(profile, values)
        made = {"wrong_id": wrong.id, "unmarked": wrong.collection_contact, **self._again(profile, "wrong_contact", today)}
        wrong.filtered("collection_contact").sudo().collection_contact = False  # sudo: collectors need not edit customers otherwise
        if not (phone or email):
            profile._ask_once("address", self.env._("Wrong contact: find the right one"))
            return made
        contact = self.env["res.partner"].sudo().create({  # sudo: as above
            "parent_id": profile.partner_id.id, "type": "contact", "name": name or self.env._("Accounts payable"),
            "phone": phone, "email": email, "collection_contact": True})
        return {**made, "contact_id": contact.id, "added_id": contact.id, "number": phone or email}

    @api.model
    def _restore_contacts(self, call):
        """Nobody is written to because of a slip: the one it added rests, the one it named wrong is marked again."""
        call.added_id.write({"active": False, "collection_contact": False})
        if call.unmarked:
            call.wrong_id.collection_contact = True
