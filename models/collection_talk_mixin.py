from odoo import models
from odoo.exceptions import AccessError


class CollectionTalkMixin(models.AbstractModel):
    """Those who see it discuss it, though nobody writes it; a word to somebody outside is a collector's.

    Core would mail what is said here to a customer past the outbox, without stops or contact hours.
    """

    _name = "collection.talk.mixin"
    _description = "Discussed by those who see it"
    _inherit = ["mail.thread"]
    _mail_post_access = "read"

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        recipients = super()._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)
        outside = any(recipient["share"] for recipient in recipients)
        if outside and not self.env.su and not self.env.user.has_group("account_credit_collection.group_collector"):
            raise AccessError(self.env._("Only collectors write to customers about %s. Leave a note instead.", self.display_name))
        return recipients
