from odoo import http
from odoo.http import request

from ..models.credit_field_rules import UnknownFieldError
from . import forms, links
from .forms import MODULE, PLAIN, POST, SHOW

ROUTE = "/credit/reference/<int:reference_id>/<string:token>"


class CreditReference(http.Controller):
    """The form of a referee: what it can say of the applicant, once."""

    @http.route(ROUTE, **SHOW)
    def reference_form(self, reference_id, token, **_kwargs):
        reference = self._find(reference_id, token)
        return self._answer(reference, {}, {}) if reference else links.refuse()

    @http.route(ROUTE, **POST)
    @forms.counted
    def answer_reference(self, reference_id, token, **_kwargs):
        reference = self._find(reference_id, token)
        if not reference:
            return links.refuse()
        texts = forms.posted()
        values, errors = forms.read(self._form(reference), texts, reference.company_id)
        if errors:
            return self._answer(reference, forms.first(texts), errors, 400)
        reference._answer_from_portal(values, request.httprequest.remote_addr)
        return self._thank(reference)

    @http.route(f"{ROUTE}/decline", **PLAIN)
    @forms.counted
    def decline_reference(self, reference_id, token, **_kwargs):
        reference = self._find(reference_id, token)
        if not reference:
            return links.refuse()
        if forms.posted():
            raise UnknownFieldError
        reference._decline()
        return self._thank(reference)

    def _find(self, reference_id, token):
        """A reference that is waited for, of an application that is looked at; its link ends with the answer."""
        reference = links.find_linked("credit.application.reference", reference_id, token)
        good = reference and reference.state in ("asked", "expired") and reference.application_id.state in ("submitted", "review")
        return reference if good else None

    def _form(self, reference):
        return request.env["credit.form"].sudo()._reference_answer(reference)

    def _thank(self, reference):
        return links.answer(f"{MODULE}.credit_portal_thanks", {
            "company": reference.company_id, "res_company": reference.company_id, "reference": reference})

    def _answer(self, reference, texts, errors, status=200):
        company, path = reference.company_id, request.httprequest.path
        return links.answer(f"{MODULE}.credit_portal_reference", {
            "company": company, "res_company": company, "reference": reference, "applicant": reference.application_id.name,
            "sections": forms.sections(self._form(reference)), "texts": texts, "errors": errors,
            "action": path, "decline": f"{path}/decline",
        }, status)
