from odoo import http
from odoo.http import request

from . import account as accounts
from . import links, paging
from .forms import MODULE, SHOW

ITEMS, MOVES = 100, 50  # rows of a page


class AccountPage(http.Controller):
    """The customer's account: what is due, what can be done about it, and whom to ask."""

    @http.route(accounts.MY, **SHOW)
    def account_list(self, **_kwargs):
        """The accounts of whoever is logged in; straight to the only one."""
        profiles = accounts.own_profiles()
        if not profiles and request.env.user._is_public():
            return accounts.turn_away()
        if len(profiles) == 1:
            return links.go(f"{accounts.MY}/{profiles.id}")
        return links.answer(f"{MODULE}.account_portal_list", {"profiles": profiles, "page_name": "credit_account"})

    @http.route(accounts.paths(), **SHOW)
    @accounts.visit
    def account_page(self, account, /, page="", **_kwargs):
        """With a message's link its items come first and are ticked; the amounts are those of now."""
        profile, told = account.profile, set(account.action.line_ids.item_id.ids)
        opens, credits = profile._account_open(told)
        positions = profile._account_positions(opens, credits)
        bank, codes = profile._account_bank(positions, opens)
        shown = paging.read(page, len(opens), ITEMS)
        return accounts.show(account, "account_portal_account", {
            "opens": opens, "positions": positions, "due": [one for one in positions if one.due], "paging": shown,
            "sections": profile._account_sections(shown.cut(profile._account_order(opens))), "bank": bank, "codes": codes,
            "agreements": profile._account_agreements(), "said": profile._account_said(),
            "credit": profile._account_credit(), "applications": self._applications(account),
            "lateness": lambda due: profile.env["collection.action"]._lateness(due, account.company._collection_today()),
        })

    @http.route(accounts.paths("/documents"), **SHOW)
    @accounts.visit
    def account_documents(self, account, /, page="", **_kwargs):
        """What was agreed, and all invoices."""
        shown = paging.read(page, account.profile._account_invoices_count(), MOVES)
        return accounts.show(account, "account_portal_documents", {
            "papers": account.profile._account_papers(), "moves": account.profile._account_invoices(shown.start, shown.size), "paging": shown})

    def _applications(self, account):
        """With the way to each of them for who is logged in only: the key of a reminder signs no contract."""
        return [{**one, "url": one["record"]._link_url("/credit/application") if account.is_login() else ""}
                for one in account.profile._account_applications()]
