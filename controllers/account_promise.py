from odoo import http

from . import account as accounts
from . import forms, links
from .account_say import find_one, listed, pick, query, read, say, say_on, show_form
from .forms import POST, SHOW


class AccountPromise(http.Controller):
    """“I will pay on…”: a promise that the customer gives, changes and takes back."""

    @http.route(accounts.paths("/promise"), **SHOW)
    @accounts.visit
    def promise_form(self, account, /, **_kwargs):
        previous = self._previous(account, query("renew"))
        items, answer = pick(account, query("item")) if previous is not None else (None, links.refuse())
        if answer:
            return answer
        previous = previous or self._promised(account, items)  # what is promised already is changed as a whole
        return self._form(account, previous._online_items() or items, previous)

    @http.route(accounts.paths("/promise"), **POST)
    @forms.counted
    @accounts.visit
    def promise(self, account, /, **_kwargs):
        texts = forms.posted()
        numbers, previous = texts.pop("item", []), self._previous(account, texts.pop("renew", []))
        items, answer = pick(account, numbers) if previous is not None else (None, links.refuse())
        if answer:
            return answer
        said, errors = read(account, self._fields(account, items), texts)
        if not errors:
            said["amount"] = float(said["amount"])
            taken, errors = say(account.profile.env["collection.promise"]._take_online, account.profile, account.visitor(), items, said, previous)
            if not errors:
                return links.go(account.url(f"/promise/{taken.id}"))
        return self._form(account, items, previous, forms.first(texts), errors)

    @http.route(accounts.paths("/promise/<int:promise_id>"), **SHOW)
    @accounts.visit
    def promise_page(self, account, /, promise_id, **_kwargs):
        promise = find_one(account.profile.promise_ids, promise_id)
        return self._page(account, promise) if promise else links.refuse()

    @http.route(accounts.paths("/promise/<int:promise_id>/withdraw"), **POST)
    @forms.counted
    @accounts.visit
    def promise_withdraw(self, account, /, promise_id, **_kwargs):
        promise = find_one(account.profile.promise_ids, promise_id)
        if not promise:
            return links.refuse()
        errors = say_on(account, promise._withdraw_online)
        return self._page(account, promise, errors) if errors else links.go(account.url(f"/promise/{promise_id}"))

    def _previous(self, account, texts):
        """The promise that is changed, an empty record where there is none; None for a number that is not of this account."""
        promises = account.profile.promise_ids
        found = promises.filtered(lambda promise: [str(promise.id)] == texts)
        return None if texts and not found else found

    def _promised(self, account, items):
        """The open promise of what was chosen."""
        return account.profile.promise_ids.filtered(lambda promise: promise.state == "open" and promise.line_ids.item_id & items)[:1]

    def _fields(self, account, items):
        return account.profile.env["credit.form"]._promise(items.currency_id[:1] or account.company.currency_id)

    def _form(self, account, items, previous, texts=None, errors=None):
        form = account.profile.env["credit.form"]
        free = self._free(account, previous)
        currency = (items or free).currency_id[:1] or account.company.currency_id
        amount = sum(item.amount_residual_currency for item in items if item.currency_id == currency)
        texts = texts or {"amount": form._amount_text(amount, currency, account.company) if amount else "", "method": "transfer"}
        shown, more = listed(free | items, items)
        last = account.profile.env["collection.promise"]._last_day(account.company)
        return show_form(account, "account_say_promise", self._fields(account, items), texts, errors, items=shown, more=more, chosen=items,
                         previous=previous, last=last)

    def _free(self, account, previous):
        """What may be promised: owed, and nothing is agreed on about it yet."""
        items = account.items().filtered(lambda item: item.amount_residual_currency > 0)
        states = account.profile._account_states(items)
        return items.filtered(lambda item: states.get(item.id, ("",))[0] in ("", "disputed", "asked")) | previous._online_items()

    def _page(self, account, promise, errors=None):
        return accounts.show(account, "account_say_promised", {"promise": promise, "errors": errors or {}}, 400 if errors else 200)
