"""Who looks at which customer's account: decided here and nowhere else (R-73, R-74).

Three addresses open the same pages: the customer's own portal, a link that was made for the customer, and the link
in one of our messages. Whatever is wrong with an address gets one answer, which tells nothing about what exists.
"""
import functools
from dataclasses import dataclass
from urllib.parse import urlencode

from odoo.http import request
from odoo.tools import py_to_js_locale
from odoo.tools.misc import format_date

from ..models.collection_message import LINK_SCOPE
from . import forms, links

MY = "/my/credit"
PATHS = (f"{MY}/<int:profile_id>", "/collections/account/<int:profile_id>/<string:token>", "/collections/<int:action_id>/<string:token>")


@dataclass(frozen=True)
class Account:
    """One customer's account with one company, opened by somebody who may.

    ``profile`` is a `credit.profile` with all rights, in the language of the reader; ``path`` the address below which all its pages
    are; ``action`` the message whose link was followed, an empty record otherwise.
    """

    profile: object
    path: str
    action: object

    @property
    def company(self):
        return self.profile.company_id

    def url(self, suffix=""):
        return self.path + suffix

    def items(self):
        """The open receivable items of this customer, oldest due first: the only ones a page may be about."""
        return self.profile._account_items()

    def item(self, item_id):
        """One of them, an empty record for any other number."""
        return self.items().filtered(lambda item: item.id == item_id)

    def is_login(self):
        """Whether it is the customer's own portal, with its navigation; a link shows the same without."""
        return self.path.startswith(MY)

    def visitor(self):
        """Who is at the page, for the record of what was said there: a portal user of this very customer, else whoever the
        message went to, else the customer. Somebody else's login speaks with the link, not in its own name."""
        user = request.env.user
        own = user._is_portal() and user.partner_id.commercial_partner_id == self.profile.partner_id
        return user.partner_id if own else self.action.recipient_id or self.profile.partner_id

    def is_staff(self):
        """Whether one of us looks at it: he may read, and says nothing in the customer's name."""
        return request.env.user._is_internal()


def paths(suffix=""):
    """The addresses of one page, for ``http.route``."""
    return [path + suffix for path in PATHS]


def visit(endpoint):
    """Hand an endpoint the account that its address opens: ``def page(self, account, /, **kwargs)``."""
    @functools.wraps(endpoint)
    def wrapper(self, /, profile_id=None, action_id=None, token=None, **kwargs):
        found = find(profile_id, action_id, token)
        return endpoint(self, found, **kwargs) if found else turn_away()
    return wrapper


def find(profile_id=None, action_id=None, token=None):
    """The account an address opens, None for whatever is wrong with it."""
    if action_id is not None:
        return _by_message(action_id, token)
    return _by_login(profile_id) if token is None else _by_link(profile_id, token)


def turn_away():
    """Somebody who is not logged in is asked to; everybody else learns that there is no such page."""
    path = request.httprequest.path
    if path.startswith(MY) and request.env.user._is_public():
        return links.go(f"/web/login?{urlencode({'redirect': path})}")
    return links.refuse()


def show(account, template, values=None, status=200, **headers):
    """A page of an account in the one frame that all of them have; ``template`` calls `account_portal_page`."""
    return links.answer(f"{forms.MODULE}.{template}", {**page_values(account), **(values or {})}, status, **headers)


def page_values(account):
    """What all pages of an account may show; days and amounts in the language of the reader."""
    env = account.profile.env
    return {
        "account": account, "path": account.path, "o": account.profile, "company": account.company, "res_company": account.company,
        "contact": account.profile._statement_sender(), "is_staff": account.is_staff(), "page_name": "credit_account",
        "lang_tag": py_to_js_locale(env.lang or "en_US"),
        "day": lambda value: format_date(env, value) if value else "", "money": lambda amount, currency: currency.format(float(amount)),
    }


def own_profiles():
    """The accounts of whoever is logged in: those of the own company, with the companies of ours that the login may see."""
    user = request.env.user
    if user._is_public():
        return request.env["credit.profile"].browse()
    # sudo: customers have no right on profiles; the search is for their own only
    return request.env["credit.profile"].sudo().search(
        [("partner_id", "=", user.partner_id.commercial_partner_id.id), ("company_id", "in", user.company_ids.root_id.ids)])


def _by_login(profile_id):
    profile = own_profiles().filtered(lambda one: one.id == profile_id)
    return _open(profile, f"{MY}/{profile_id}", request.env.lang) if profile else None


def _by_link(profile_id, token):
    profile = links.find_linked("credit.profile", profile_id, token)
    return _open(profile, f"/collections/account/{profile_id}/{token}", profile._reader_lang()) if profile else None


def _by_message(action_id, token):
    payload = links.read_token(LINK_SCOPE, token)
    if not isinstance(payload, list) or len(payload) != 3 or payload[0] != action_id or not 0 < action_id <= links.LAST_ID:
        return None
    action = request.env["collection.action"].sudo().browse(action_id).exists()  # sudo: the token is the right
    if not action or [action.partner_id.id, action.profile_id.link_epoch] != payload[1:]:
        return None
    return _open(action.profile_id, f"/collections/{action_id}/{token}", action._reader_lang(), action)


def _open(profile, path, lang, action=None):
    """In the language of the reader from here on, and with the rights of the system: the address was the right. None once it is archived."""
    if not profile.active:
        return None
    request.update_context(lang=lang)
    action = (action or request.env["collection.action"]).with_env(request.env)
    return Account(profile.with_env(request.env).sudo(), path, action.sudo())
