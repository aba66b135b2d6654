from odoo.addons.portal.controllers.portal import CustomerPortal

from . import account as accounts


class PortalHome(CustomerPortal):
    """The entry on the portal's home: the account, with what is due."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "credit_account_count" in counters:
            profiles = accounts.own_profiles()
            # 0 hides the entry from who has no account; any text is shown as it is
            values["credit_account_count"] = profiles.sudo()._account_due_text() if profiles else 0
        return values
