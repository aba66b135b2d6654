from odoo import http

from ..models.collection_greeting_optout import PATH
from . import forms, links
from .forms import MODULE, PLAIN, SHOW

ROUTE = f"{PATH}/<int:greeting_id>/<string:token>"


class OptOut(http.Controller):
    """No more greetings: a page that asks once, since mail scanners follow links, and the button of mail programs."""

    @http.route(ROUTE, **SHOW)
    def ask(self, greeting_id, token, **_kwargs):
        greeting = links.find_linked("collection.greeting", greeting_id, token)
        return self._answer(greeting) if greeting else links.refuse()

    # a mail program posts without our page's token: the signed link itself is the proof
    @http.route(ROUTE, **{**PLAIN, "csrf": False})  # nosemgrep: route-without-csrf - the link is signed
    @forms.counted
    def stop(self, greeting_id, token, **_kwargs):
        greeting = links.find_linked("collection.greeting", greeting_id, token)
        if not greeting:
            return links.refuse()
        greeting._opt_out()
        return self._answer(greeting)

    def _answer(self, greeting):
        company = greeting.company_id
        return links.answer(f"{MODULE}.portal_opt_out", {"company": company, "res_company": company, "done": greeting.contact_id.no_greetings})
