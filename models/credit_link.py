from odoo import fields, models
from odoo.tools.misc import hash_sign


class CollectionLinkMixin(models.AbstractModel):
    """A record that an outsider opens by a signed link in a mail (R-74).

    The token says ``[id, link_epoch]`` under ``_link_scope``, a scope of its own for each
    model, and expires. Raising the epoch revokes every link that was given out before.
    """

    _name = "collection.link.mixin"
    _description = "Record opened by a signed link"

    _link_scope = "account_credit_collection"

    link_epoch = fields.Integer(default=0, required=True, readonly=True, copy=False, groups="base.group_system")

    def _link_days(self):
        """How many days a link made now stays valid."""
        self.ensure_one()
        return self.company_id.sudo().collection_link_days  # sudo: a link is made for whoever asks for a mail

    def _link_token(self, hours=None):
        """A new token, good for ``hours``, else for as long as the link in a mail."""
        self.ensure_one()
        record = self.sudo()  # sudo: the epoch is nobody's to read
        return hash_sign(record.env, self._link_scope, [record.id, record.link_epoch], expiration_hours=hours or 24 * self._link_days())

    def _link_url(self, path):
        """The address of this record below ``path``, e.g. "/credit/reference"."""
        return f"{self.company_id.sudo().get_base_url()}{path}/{self.id}/{self._link_token()}"

    def _link_revoke(self):
        """Make every link given out so far invalid."""
        for record in self.sudo():  # sudo: the epoch is nobody's to write
            record.link_epoch += 1
