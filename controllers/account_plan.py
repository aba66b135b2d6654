from odoo import http
from odoo.exceptions import UserError

from . import account as accounts
from . import forms, links
from .account_say import find_one, listed, pick, query, read, say, say_on, show_form
from .forms import POST, SHOW


class AccountPlan(http.Controller):
    """“Ask to pay in parts”: choose, look at the parts, ask; what was asked for, and what came of it."""

    @http.route(accounts.paths("/plan"), **SHOW)
    @accounts.visit
    def plan_form(self, account, /, **_kwargs):
        items, answer = pick(account, query("item"))
        if answer:
            return answer
        items = items or self._proposed(account)
        if not query("show"):
            return self._form(account, items)
        texts = {name: query(name)[:1] or [""] for name in ("parts", "first_on")}
        wish, errors = forms.read(self._wish(account, items), texts, account.company)
        return self._form(account, items, forms.first(texts), errors, None if errors else wish)

    @http.route(accounts.paths("/plan"), **POST)
    @forms.counted
    @accounts.visit
    def plan(self, account, /, **_kwargs):
        texts = forms.posted()
        items, answer = pick(account, texts.pop("item", []))
        if answer:
            return answer
        form = [*self._wish(account, items), *self._note(account)]
        said, errors = read(account, form, texts)
        if not errors:
            wish = {"parts": int(said["parts"]), "first_on": said["first_on"], "note": said["text"]}
            asked, errors = say(account.profile.env["collection.request"]._ask_online, account.profile, account.visitor(), items, wish)
            if not errors:
                return links.go(account.url(f"/request/{asked.id}"))
        return self._form(account, items, forms.first(texts), errors)

    @http.route(accounts.paths("/request/<int:request_id>"), **SHOW)
    @accounts.visit
    def request_page(self, account, /, request_id, **_kwargs):
        asked = find_one(account.profile.request_ids, request_id)
        return self._page(account, asked) if asked else links.refuse()

    @http.route(accounts.paths("/request/<int:request_id>/withdraw"), **POST)
    @forms.counted
    @accounts.visit
    def request_withdraw(self, account, /, request_id, **_kwargs):
        asked = find_one(account.profile.request_ids, request_id)
        if not asked:
            return links.refuse()
        errors = say_on(account, asked._withdraw_online)
        return self._page(account, asked, errors) if errors else links.go(account.url(f"/request/{request_id}"))

    # ------------------------------------------------------------------ pages

    def _requests(self, account):
        return account.profile.env["collection.request"]

    def _proposed(self, account):
        """What is due, of one currency; everything where nothing is due."""
        items, today = self._requests(account)._candidates(account.profile), account.company._collection_today()
        items = items.filtered(lambda item: item.date_maturity and item.date_maturity <= today) or items
        own_currency = account.company.currency_id
        currency = own_currency if own_currency in items.currency_id else items.currency_id[:1]
        return items.filtered(lambda item: item.currency_id == currency)

    def _template(self, account, items):
        requests = self._requests(account)
        return requests._template(account.profile, items) if len(items.currency_id) == 1 else account.profile.env["collection.plan.template"]

    def _wish(self, account, items):
        return account.profile.env["credit.form"]._plan_wish(self._requests(account)._most_parts(self._template(account, items)))

    def _note(self, account):
        return account.profile.env["credit.form"]._plan_note()

    def _form(self, account, items, texts=None, errors=None, wish=None):
        """Items, number and day; below them the parts, once these make some."""
        requests, template, rows = self._requests(account), self._template(account, items), []
        if wish:
            rows, errors = self._rows(account, items, wish)
        if template and not texts:
            texts = {"parts": str(min(requests._most_parts(template), template.count or 3)),
                     "first_on": str(requests._days(account.profile, template)[1])}
        shown, more = listed(requests._candidates(account.profile) | items, items)
        return show_form(
            account, "account_say_plan", self._wish(account, items), texts or {}, errors, rows=rows, chosen=items, template=template,
            items=shown, more=more, note_sections=forms.sections(self._note(account)),
            currency=items.currency_id[:1] or account.company.currency_id, down=template.down_percent)

    def _rows(self, account, items, wish):
        try:
            return self._requests(account)._schedule(account.profile, items, int(wish["parts"]), wish["first_on"]), {}
        except UserError as error:
            return [], {"": str(error)}

    def _page(self, account, asked, errors=None):
        offered = asked.plan_id if asked.plan_id.state in ("offered", "active") else asked.plan_id.browse()
        url = offered._account_way() if offered else None
        return accounts.show(account, "account_say_asked", {"asked": asked, "plan_url": url, "errors": errors or {}}, 400 if errors else 200)
