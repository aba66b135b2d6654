"""What every page behind a signed link shares: the check of the token, the headers, one answer for whatever is wrong."""
import base64
import binascii
import re

from odoo.http import request
from odoo.tools.misc import verify_hash_signed

# The address of such a page is a key: it must not travel on, nor stay in a cache or a search engine.
PRIVATE = {
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
}
# Pages with the site's own scripts and styles; nobody may frame them or send their forms elsewhere.
SITE = {
    **PRIVATE, "X-Frame-Options": "DENY",
    "Content-Security-Policy": "object-src 'none'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'",
}
# A file from outside is stored by the browser, never shown as part of the site.
FILE = {**PRIVATE, "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'"}
TOKEN = re.compile(r"[A-Za-z0-9_-]{60,300}")
LAST_ID = 2 ** 31 - 1


def read_token(scope, token):
    """What a valid token says, None for any other text, also for another spelling of a valid one."""
    if not isinstance(token, str) or not TOKEN.fullmatch(token):
        return None
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != token:
            return None
        return verify_hash_signed(request.env(su=True), scope, token)
    except (ValueError, binascii.Error):  # not Base64, another version, not UTF-8
        return None


def find_linked(model, record_id, token):
    """The record of a `collection.link.mixin` model that a link was made for, None for whatever is wrong with the link."""
    payload = read_token(request.env[model]._link_scope, token)
    if not isinstance(payload, list) or len(payload) != 2 or payload[0] != record_id or not 0 < record_id <= LAST_ID:
        return None
    record = request.env[model].sudo().browse(record_id).exists()
    if not record or record.link_epoch != payload[1]:
        return None
    return record.with_env(request.env).sudo()


def refuse(template="account_credit_collection.credit_portal_refused", status=404, **values):
    """One answer for every bad link: it tells nothing about what exists."""
    return answer(template, values, status)


def answer(template, values, status=200, **headers):
    """A page of the site that nobody keeps."""
    return request.render(template, values, status=status, headers=[*SITE.items(), *headers.items()])


def go(path):
    """After a form: to a page of ours, by GET."""
    response = request.redirect(path, code=303, local=True)
    response.headers.update(SITE)
    return response
