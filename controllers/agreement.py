from odoo import SUPERUSER_ID, http
from odoo.exceptions import UserError
from odoo.http import content_disposition, request
from odoo.tools import consteq

from . import forms, links
from .forms import MODULE, POST, SHOW

MODELS = {"plan": "collection.plan", "settlement": "collection.settlement"}
# What is not offered yet has no page.
HIDDEN = ("draft", "to_approve")
ROUTE = "/collections/<any(plan,settlement):kind>/<int:record_id>/<string:token>"
PLAN = "/collections/plan/<int:record_id>/<string:token>"


class CollectionAgreement(http.Controller):
    """A payment plan or a settlement offer: read, accepted and kept an eye on by who has its link."""

    @http.route(ROUTE, **SHOW)
    def agreement(self, kind, record_id, token, **_kwargs):
        record = find(kind, record_id, token)
        return self._answer(record, token) if record else links.refuse()

    @http.route(f"{ROUTE}/document", **{**SHOW, "save_session": False})
    def agreement_file(self, kind, record_id, token, **_kwargs):
        """The very file that is accepted, or was."""
        record = find(kind, record_id, token)
        raw = record and record._is_intact() and record._document_raw()
        return self._file(raw, record._document_name()) if raw else links.refuse()

    @http.route(f"{PLAN}/evidence", **{**SHOW, "save_session": False})
    def agreement_evidence(self, record_id, token, **_kwargs):
        """The record of the acceptance."""
        record = find("plan", record_id, token)
        raw = record and record._evidence_raw()
        return self._file(raw, record._evidence_name()) if raw else links.refuse()

    @http.route(f"{PLAN}/accept", **POST)
    @forms.counted
    def accept_agreement(self, record_id, token, **_kwargs):
        plan = find("plan", record_id, token)
        if not plan:
            return links.refuse()
        if not plan._is_acceptable():  # accepted already, or over: the page says so, and nothing happens
            return links.go(path_of(plan, token))
        texts = forms.posted()
        shown = texts.pop("hash", [""])
        values, errors = forms.read(self._form(plan), texts, plan.company_id)
        if len(shown) != 1 or not consteq(shown[0].encode(), plan.document_hash.encode()):
            # what this page showed is not what would be accepted
            errors = {"": request.env._("The agreement was changed after this page was opened. Please read it again before you accept.")}
        if request.env.user._is_internal():
            # what a link says is the customer's word, and the evidence must not name one of us
            errors = {"": request.env._("You are logged in as %s. Only the customer accepts a plan here: log out, or use “Accepted on paper…” on the plan.",
                                        request.env.user.name)}
        if not errors:
            errors = self._accept(plan, values["accepted_name"], shown[0])
        return self._answer(plan, token, forms.first(texts), errors, 400) if errors else links.go(path_of(plan, token))

    def _accept(self, plan, name, shown):
        """Take the acceptance; what speaks against it as an error of the page."""
        source = request.httprequest
        try:
            with request.env.cr.savepoint():
                # what follows from it, such as the bill of interest, is the system's work
                plan.with_user(SUPERUSER_ID)._accept(name, source.remote_addr, source.user_agent.string, shown)
        except UserError as error:
            return {"": str(error)}
        return {}

    def _form(self, plan):
        return request.env["credit.form"].sudo()._agreement(plan)

    def _file(self, raw, name):
        return request.make_response(raw, headers=[
            *links.SITE.items(), ("Content-Type", "application/pdf"), ("Content-Length", len(raw)),
            ("Content-Disposition", content_disposition(name, "inline"))])

    def _answer(self, record, token, texts=None, errors=None, status=200):
        plan = kind_of(record) == "plan"
        return links.answer(f"{MODULE}.agreement_portal_{kind_of(record)}", {
            **page_values(record, token), **record._portal_values(), "errors": errors or {}, "texts": texts or {},
            "sections": forms.sections(self._form(record)) if plan else [],
        }, status)


def find(kind, record_id, token):
    """What a link was made for, if it was offered to the customer."""
    record = links.find_linked(MODELS[kind], record_id, token)
    return record if record and record.state not in HIDDEN else None


def kind_of(record):
    return next(kind for kind, model in MODELS.items() if model == record._name)


def path_of(record, token):
    return f"/collections/{kind_of(record)}/{record.id}/{token}"


def page_values(record, token):
    """What all pages of an agreement show; days and amounts in the language of the reader."""
    return {
        "company": record.company_id, "res_company": record.company_id, "o": record, "path": path_of(record, token), "contact": record._contact(),
        "day": record._day, "money": lambda amount: record.currency_id.format(amount),
    }
