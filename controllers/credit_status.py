from odoo import http
from odoo.http import request
from odoo.tools.misc import format_date, formatLang

from ..models.credit_field_rules import UnknownFieldError
from . import forms, links
from .credit_steps import ROUTE, Page
from .forms import MODULE, PLAIN, SHOW

WITHDRAWABLE = ("draft", "submitted", "review", "approved")


class CreditStatus(http.Controller):
    """Where an application stands, for who has its link; and the way to take it back."""

    @http.route([ROUTE, "/credit/apply/<int:application_id>/<string:token>"], **SHOW)
    def status(self, application_id, token, **_kwargs):
        application = links.find_linked("credit.application", application_id, token)
        return self._answer(Page(application, token)) if application else links.refuse()

    @http.route(f"{ROUTE}/withdraw", **PLAIN)
    @forms.counted
    def withdraw(self, application_id, token, **_kwargs):
        application = links.find_linked("credit.application", application_id, token)
        if not application:
            return links.refuse()
        page = Page(application, token)
        if forms.posted():
            raise UnknownFieldError
        if application.state in WITHDRAWABLE:
            application._withdraw()  # its link opens nothing afterwards, so the answer is the page itself
        return self._answer(page)

    def _answer(self, page):
        application = page.application
        return links.answer(f"{MODULE}.credit_portal_status", {
            "company": page.company, "res_company": page.company, "application": application, "state": self._state(application),
            "continue_url": page.url(application._next_step()), "documents_url": page.url("documents"),
            "withdraw": page.url("withdraw") if application.state in WITHDRAWABLE else "",
            "contract": f"/credit/contract/{application.id}/{page.token}", "missing": application._missing_steps(),
            "day": lambda value: format_date(request.env, value),
            "money": lambda amount: formatLang(request.env, amount, currency_obj=application.currency_id),
        })

    def _state(self, application):
        """The state as the applicant sees it: a draft may be begun, or given back with a question."""
        return "asked_back" if application.state == "draft" and application.submitted_on else application.state
