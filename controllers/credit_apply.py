import logging
import secrets
import time

from odoo import http
from odoo.http import request
from odoo.tools.misc import hash_sign

from ..models.credit_field_rules import UnknownFieldError, sentence
from . import forms, links
from .forms import MODULE, POST, SHOW

_logger = logging.getLogger(__name__)

FORM_SCOPE = "account_credit_collection.form"
FORM_HOURS = 24
MINIMUM_SECONDS = 3  # nobody fills the first step in faster
TRAP = "fax"  # a field people do not see
ROUTES = ["/credit/apply", "/credit/apply/<int:company_id>"]


class CreditApply(http.Controller):
    """The first step of an application: who applies. It makes the draft that the later steps complete.

    Nothing of a customer is read here, so nothing can be learnt about one (R-76).
    """

    @http.route(ROUTES, **SHOW)
    def apply_form(self, company_id=None, type=None, **_kwargs):
        company = self._company(company_id)
        checklist = company and self._checklist(company, type)
        if not checklist:
            return links.refuse()
        return self._answer(company, checklist, {"country_id": str(company.country_id.id or "")}, {}, self._token(company))

    @http.route(ROUTES, **POST)
    @forms.counted
    def apply(self, company_id=None, **_kwargs):
        company = self._company(company_id)
        texts = forms.posted()
        token = self._take(texts, "form")
        issued = company and self._read_token(company, token)
        if not issued:
            return links.refuse()
        trap, checklist = self._take(texts, TRAP), self._checklist(company, self._take(texts, "type"), strict=True)
        if trap or not checklist:
            raise UnknownFieldError
        form = self._form(company, checklist)
        values, errors = forms.read(form, texts, company)
        if not errors and time.time() - issued[1] < self._minimum():
            errors = {"": sentence(request.env, "too_fast")}
        if errors:
            return self._answer(company, checklist, forms.first(texts), errors, token, status=400)
        return self._create(company, checklist, issued[0], form, values)

    def _create(self, company, checklist, nonce, form, values):
        address, email = request.httprequest.remote_addr, values["email"]
        refused = forms.over("apply", address) or forms.over("email", email)
        if refused:
            return refused
        application = request.env["credit.application"]._create_from_portal(company, checklist, nonce, form, values)
        if not application:
            return links.refuse()
        forms.note("apply", address)
        forms.note("email", email)
        _logger.info("Credit application %s was begun.", application.id)
        return links.go(f"/credit/application/{application.id}/{application._link_token()}/need")

    # ------------------------------------------------------------------ what is asked

    def _company(self, company_id):
        """The company applied to: only one that opened its form; without a number the main one of the site."""
        if company_id is not None and not 0 < company_id <= links.LAST_ID:
            return None
        # sudo: a visitor may know that a company takes applications, its name and logo
        companies = request.env["res.company"].sudo()
        company = companies.browse(company_id) if company_id is not None else companies.browse(request.env.company.root_id.id)
        return company if company.exists() and company.credit_apply_open and not company.parent_id else None

    def _checklists(self, company):
        # sudo: what is asked is on the page for all to see
        return request.env["credit.checklist"].sudo().search([("company_id", "in", (False, company.id))])

    def _checklist(self, company, chosen, strict=False):
        """The kind of applicant chosen; the first one until something is (``strict``: none for anything else)."""
        checklists = self._checklists(company)
        found = checklists.filtered(lambda checklist: str(checklist.id) == chosen)
        return found or (checklists[:0] if strict else checklists[:1])

    def _form(self, company, checklist):
        return request.env["credit.form"].sudo()._step("company", checklist, company, 0)

    # ------------------------------------------------------------------ the form's own token

    def _token(self, company):
        """Good for one application: a number used once, and when the form was opened."""
        return hash_sign(request.env(su=True), FORM_SCOPE, [company.id, secrets.token_urlsafe(16), int(time.time())],
                         expiration_hours=FORM_HOURS)

    def _read_token(self, company, token):
        """``(nonce, moment)`` of a form of this company, None for anything else."""
        payload = links.read_token(FORM_SCOPE, token)
        good = isinstance(payload, list) and len(payload) == 3 and payload[0] == company.id
        return payload[1:] if good else None

    def _minimum(self):
        # sudo: a number of the settings
        value = request.env["ir.config_parameter"].sudo().get_param(f"{MODULE}.credit_apply_seconds", MINIMUM_SECONDS)
        try:
            return min(60.0, max(0.0, float(value)))  # whatever stands in the settings, the form stays open
        except ValueError:
            return MINIMUM_SECONDS

    def _take(self, texts, name):
        """A field of the form itself, not of the applicant."""
        values = texts.pop(name, [""])
        if len(values) != 1:
            raise UnknownFieldError
        return values[0]

    def _answer(self, company, checklist, texts, errors, token, status=200):
        checklists = self._checklists(company)
        return links.answer(f"{MODULE}.credit_portal_start", {
            "company": company, "res_company": company, "step": "company", "links": {}, "action": request.httprequest.path,
            "sections": forms.sections(self._form(company, checklist)), "texts": texts, "errors": errors,
            "checklist": checklist, "checklists": checklists if len(checklists) > 1 else [], "form_token": token, "trap": TRAP,
        }, status)
