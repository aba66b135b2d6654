from odoo import models
from odoo.exceptions import AccessError
from odoo.tools.misc import format_date

MANAGER = "account_credit_collection.group_manager"


class CreditProfile(models.Model):
    """A customer's account as the customer sees it: by login, or by a signed link."""

    _name = "credit.profile"
    _inherit = ["credit.profile", "collection.link.mixin"]

    _link_scope = "account_credit_collection.account"

    def _account_url(self):
        """A signed link to the account, without a login; it expires."""
        self.ensure_one()
        return self._link_url("/collections/account")

    def _account_items(self):
        """The open receivable items of the customer and all its contacts, in all currencies, oldest due first; credits too."""
        self.ensure_one()
        rows = self.env["collection.reader"]._read_items(self.company_id, self.partner_id.ids)
        return self.env["account.move.line"].browse([row.id for row in rows])

    def _reader_lang(self):
        """The language of whoever reads for this customer; never one that is not installed."""
        self.ensure_one()
        candidates = (self.partner_id.lang, self.company_id.partner_id.lang)
        return next((code for code in candidates if code and self.env["res.lang"]._get_data(code=code)), self.env.lang)

    # ------------------------------------------------------------------ what others know of the items

    def _account_states(self, items):
        """What is agreed or said about items, in the customer's words: ``{item id: (code, text)}``. A place to hook."""
        return {}

    def _account_handed(self, items):
        """Items that an agency collects: ``{item id: its name}``. A place to hook."""
        return {}

    def _account_agreements(self):
        """Plans and offers of the customer: dicts with ``label``, ``state`` and ``url``. A place to hook."""
        return []

    def _account_said(self):
        """What the customer said that is not over yet: dicts with ``label``, ``state`` and ``suffix``. A place to hook."""
        return []

    # ------------------------------------------------------------------ buttons

    def action_open_account(self):
        """Look at the account with the customer's eyes."""
        self.ensure_one()
        if not self.env.user.has_group("account_credit_collection.group_collector"):
            raise AccessError(self.env._("Only collectors and credit managers open the customer's page."))
        self.check_access("read")
        return {"type": "ir.actions.act_url", "url": self._account_url(), "target": "new"}

    def action_revoke_links(self):
        """Make every address that was sent to these customers invalid, also those of their plans and offers."""
        if not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Only a credit manager makes links invalid."))
        self.check_access("write")
        self._link_revoke()
        for profile in self:
            profile._message_log(body=self.env._("All links to the account, its payment plans and its offers given out until %s are invalid.",
                                                 format_date(self.env, profile.company_id._collection_today())))
