from odoo import http
from odoo.exceptions import UserError
from odoo.http import content_disposition, request
from odoo.tools import consteq
from odoo.tools.misc import format_date, formatLang

from ..models.credit_field_rules import UnknownFieldError, sentence
from . import forms, links
from .forms import MODULE, PLAIN, POST, SHOW

ROUTE = "/credit/contract/<int:application_id>/<string:token>"


class CreditContract(http.Controller):
    """The offer as a contract: read, signed or declined by who has its link."""

    @http.route(ROUTE, **SHOW)
    def contract(self, application_id, token, **_kwargs):
        application = self._find(application_id, token)
        return self._answer(application, token) if application else links.refuse()

    @http.route(f"{ROUTE}/pdf", **{**SHOW, "save_session": False})
    def contract_file(self, application_id, token, **_kwargs):
        """The very file that is signed, or was."""
        application = self._find(application_id, token)
        raw = application and application._is_intact() and application._contract_raw()
        if not raw:
            return links.refuse()
        return request.make_response(raw, headers=[
            *links.SITE.items(), ("Content-Type", "application/pdf"), ("Content-Length", len(raw)),
            ("Content-Disposition", content_disposition(application.contract_name or "contract.pdf", "inline"))])

    @http.route(f"{ROUTE}/sign", **POST)
    @forms.counted
    def sign(self, application_id, token, **_kwargs):
        application = self._find(application_id, token)
        if not application:
            return links.refuse()
        texts = forms.posted()
        shown = texts.pop("hash", [""])
        values, errors = forms.read(self._form(application), texts, application.company_id)
        if not application.contract_hash or len(shown) != 1 or not consteq(shown[0].encode(), application.contract_hash.encode()):
            # what this page showed is not what would be signed
            errors = {"": sentence(request.env, "contract_changed")}
        if not errors:
            errors = self._sign(application, values)
        return self._answer(application, token, forms.first(texts), errors, 400) if errors else links.go(self._path(application, token))

    @http.route(f"{ROUTE}/decline", **PLAIN)
    @forms.counted
    def decline(self, application_id, token, **_kwargs):
        application = self._find(application_id, token)
        if not application:
            return links.refuse()
        if forms.posted():
            raise UnknownFieldError
        if application.state == "approved":
            application._withdraw()  # its link opens nothing afterwards, so the answer is the page itself
        return self._answer(application, token)

    def _find(self, application_id, token):
        """An application with an offer; a link to any other one is as good as none."""
        application = links.find_linked("credit.application", application_id, token)
        return application if application and application.state in ("approved", "signed") else None

    def _sign(self, application, values):
        """Take the signature; what speaks against it as an error of the page."""
        source = request.httprequest
        try:
            with request.env.cr.savepoint():
                application._sign(values["signed_name"], values["signed_function"], source.remote_addr, source.user_agent.string)
        except UserError as error:
            return {"": str(error)}
        return {}

    def _path(self, application, token):
        return f"/credit/contract/{application.id}/{token}"

    def _form(self, application):
        return request.env["credit.form"].sudo()._contract(application)

    def _answer(self, application, token, texts=None, errors=None, status=200):
        path = self._path(application, token)
        return links.answer(f"{MODULE}.credit_portal_contract", {
            "company": application.company_id, "res_company": application.company_id, "application": application,
            "pdf": f"{path}/pdf", "action": f"{path}/sign", "decline": f"{path}/decline", "errors": errors or {},
            "sections": forms.sections(self._form(application)),
            "texts": texts if texts is not None else {"signed_name": application.contact_name, "signed_function": application.contact_function or ""},
            "day": lambda value: format_date(request.env, value),
            "money": lambda amount: formatLang(request.env, amount, currency_obj=application.currency_id),
        }, status)
