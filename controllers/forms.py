"""What the public forms share: how a post is counted, read and answered."""
import functools
import logging

from odoo.http import request

from ..models.credit_field_rules import UnknownFieldError, clean, sentence
from . import links

_logger = logging.getLogger(__name__)

# Posted by the site's own script or a captcha, of no interest to us.
TECHNICAL = {"csrf_token", "recaptcha_token_response", "g-recaptcha-response", "turnstile_captcha", "cf-turnstile-response"}
SMALL = 200_000  # bytes of a form without files
MODULE = "account_credit_collection"
# Every page of ours: of the site, open to all, in no search engine; a form only by POST and with the site's token.
PAGE = {"type": "http", "auth": "public", "website": True, "sitemap": False}
SHOW = {**PAGE, "methods": ["GET"]}
# Without a captcha, for what only leads to the next page: its forms need no script.
PLAIN = {**PAGE, "methods": ["POST"], "max_content_length": SMALL}
POST = {**PLAIN, "captcha": "credit_application"}


def counted(endpoint):
    """A post counts for its sender, and one that no page of ours can have made is refused."""
    @functools.wraps(endpoint)
    def wrapper(*args, **kwargs):
        refused = over("post", request.httprequest.remote_addr)
        if refused:
            return refused
        note("post", request.httprequest.remote_addr)
        try:
            return endpoint(*args, **kwargs)
        except UnknownFieldError:
            _logger.warning("A form was posted to “%s” with fields that it has not.", endpoint.__name__)
            return links.refuse(f"{MODULE}.credit_portal_unreadable", 400)
    return wrapper


def over(kind, *who):
    """The answer to someone who posts too often, None for anybody else."""
    # sudo: the visitor may not read how often anyone came
    throttle = request.env["credit.throttle"].sudo()
    if any(throttle._is_over(kind, one) for one in who):
        return links.answer(f"{MODULE}.credit_portal_busy", {}, 429, **{"Retry-After": "3600" if kind != "post" else "60"})
    return None


def note(kind, who):
    request.env["credit.throttle"].sudo()._note(kind, who)  # sudo: as above


def posted(*files):
    """``{name: [texts]}`` of the form; a file is welcome only under one of the names ``files``."""
    if set(request.httprequest.files) - set(files):
        raise UnknownFieldError
    form = request.httprequest.form
    return {name: form.getlist(name) for name in form if name not in TECHNICAL}


def read(form, texts, company):
    """``(values, errors)``: what the fields of ``form`` say, and one sentence for each that is wrong."""
    values, problems = clean([field.rule for field in form], texts, request.env["credit.form"]._reader(company))
    return values, {name: sentence(request.env, code, **details) for name, (code, details) in problems.items()}


def first(texts):
    """The posted texts as they are shown again."""
    return {name: values[0] for name, values in texts.items()}


def sections(form):
    """The fields under their headings: ``[(heading, [fields])]``."""
    found = {}
    for field in form:
        found.setdefault(field.section, []).append(field)
    return list(found.items())
