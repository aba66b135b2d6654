from markupsafe import Markup

from odoo import api, models

PATH = "/greetings/stop"
LINK_DAYS = 400  # longer than until the greeting of next year


class CollectionGreeting(models.Model):
    """Every greeting by e-mail tells how to get no more of them, by a signed link and for the mail program (R-103)."""

    _name = "collection.greeting"
    _inherit = ["collection.greeting", "collection.link.mixin"]
    _link_scope = "account_credit_collection.greeting"

    def _link_days(self):
        return LINK_DAYS

    def _opt_out(self):
        """The contact wants no greetings any more: from this moment on, of any company."""
        contact = self.sudo().contact_id  # sudo: who holds the link decides for itself
        if not contact.no_greetings:
            contact.no_greetings = True
            contact._message_log(body=self.env._("Wants no more greetings: said so by the link in a mail."))


class CollectionChannel(models.AbstractModel):
    _inherit = "collection.channel"

    @api.model
    def _prepare_origin(self, record):
        """What a mail program shows as its button to unsubscribe (RFC 8058)."""
        values = super()._prepare_origin(record)
        if record._name == "collection.greeting":
            values["headers"] = repr({"List-Unsubscribe": f"<{record._link_url(PATH)}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"})
        return values

    @api.model
    def _prepare_foot(self, record, lang):
        """The line under every greeting, whatever its text says."""
        foot = super()._prepare_foot(record, lang)
        if record._name != "collection.greeting":
            return foot
        env = self.with_context(lang=lang).env
        return foot + Markup('<p style="max-width:600px;margin:0 auto;padding:0 16px 16px;font-family:Arial,Helvetica,sans-serif;font-size:12px;color:#666666">'
                             '<a href="%s" style="color:#666666">%s</a></p>') % (record._link_url(PATH), env._("No more greetings, please"))
