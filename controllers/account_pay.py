from dataclasses import replace

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.payment.controllers.post_processing import PaymentPostProcessing

from ..models.credit_field_rules import Rule, UnknownFieldError, clean, sentence
from . import account as accounts
from . import forms, links
from .account_say import number_of
from .forms import MODULE, PLAIN, SHOW
from .pay import HEADERS, AgreementPay, keep_path, refuse_staff

PAID = "collection_checkout_paid"  # in the session: the pages of the checkouts that this visitor paid
PAY = "/pay/<int:checkout_id>"
FIELDS = {"item", "amount", "checkout"}
AMOUNT = Rule("amount", "amount", required=True, length=30, positive=True)
MOST = 5000  # items in one payment


class AccountPay(AgreementPay):
    """A customer pays what it chose on its account: one payment over several invoices, for one currency after the other."""

    @http.route(accounts.paths("/pay"), **PLAIN)
    @forms.counted
    @accounts.visit
    def account_choose(self, account, /, **_kwargs):
        """What was ticked, or another amount of it."""
        texts = forms.posted()
        if set(texts) - FIELDS:
            raise UnknownFieldError
        if account.is_staff():
            return links.go(account.path)
        items = self._checkout_items(account, texts.get("item", ()))
        if items is None:
            return links.refuse()
        if not items:  # nothing was ticked, or all of it is paid by now
            return links.go(account.path)
        try:
            amount = self._checkout_amount(account, items, texts)
            with request.env.cr.savepoint():
                chosen = account.profile.env["collection.checkout"]._choose(account.profile, items, amount, account.visitor())
        except UserError as error:
            return self._checkout_again(account, texts, str(error))
        return links.go(account.url(f"/pay/{chosen[0].id}"))

    @http.route(accounts.paths(PAY), **SHOW)
    @accounts.visit
    def account_pay(self, account, /, checkout_id, choice="", **_kwargs):
        checkout = self._checkout(account, checkout_id)
        return self._checkout_page(account, checkout, choice) if checkout else links.refuse()

    @http.route(accounts.paths(f"{PAY}/transaction/<string:choice>"), type="jsonrpc", auth="public", max_content_length=forms.SMALL)
    def account_transaction(self, checkout_id, choice, profile_id=None, action_id=None, token=None, access_token=None, **kwargs):
        """A payment of one choice, as large as the records say; what the page showed must still hold."""
        account = accounts.find(profile_id, action_id, token)
        checkout = account and self._checkout(account, checkout_id)
        if not checkout:
            raise NotFound()
        refuse_staff()
        self._validate_transaction_kwargs(kwargs)
        self._agreement_count()
        values = checkout._prepare_transaction(choice, str(access_token or ""), PaymentPostProcessing()._get_monitored_transaction())
        self._agreement_check(checkout, values["amount"], kwargs)
        transaction = self._agreement_again(checkout, values, kwargs) or self._create_transaction(
            provider_id=kwargs["provider_id"], payment_method_id=kwargs["payment_method_id"], token_id=None, flow=kwargs["flow"],
            tokenization_requested=False, landing_route=self._checkout_landing(account, checkout),
            custom_create_values=checkout._prepare_transaction_values(choice), **values)
        return transaction._get_processing_values()

    @http.route("/collections/checkout/<int:checkout_id>/paid", **SHOW)
    def account_paid(self, checkout_id, **_kwargs):
        """Back from the provider: to the page that this visitor came from."""
        path = request.session.get(PAID, {}).get(str(checkout_id))
        return links.go(path) if path else links.refuse()

    # ------------------------------------------------------------------ what was chosen

    def _checkout(self, account, checkout_id):
        """A checkout of this very account, None for any other number."""
        if not 0 < checkout_id <= links.LAST_ID:
            return None
        return account.profile.env["collection.checkout"].search([("id", "=", checkout_id), ("profile_id", "=", account.profile.id)])

    def _checkout_items(self, account, texts):
        """The items of the account that were ticked and are still open; None when one is no item of it, which no page of ours asks for.

        What was paid meanwhile is left out.
        """
        wanted = {number_of(text) for text in texts}
        if len(texts) > MOST or 0 in wanted:
            return None
        found = account.items().filtered(lambda item: item.id in wanted)
        missing = account.profile.env["account.move.line"].browse(wanted - set(found.ids)).exists()
        foreign = len(found + missing) < len(wanted) or any(not account.profile._is_own_item(item) for item in missing)
        return None if foreign else found.filtered(lambda item: item.amount_residual_currency > 0)

    def _checkout_amount(self, account, items, texts):
        """Another amount than all of it, as the visitor writes it; None without one. UserError says what is wrong with it."""
        if "amount" not in texts:
            return None
        rule = replace(AMOUNT, decimals=max(items.currency_id.mapped("decimal_places")))
        values, problems = clean([rule], {"amount": texts["amount"]}, request.env["credit.form"]._reader(account.company))
        for code, details in problems.values():
            raise UserError(sentence(request.env, code, **details))
        return values["amount"]

    def _checkout_again(self, account, texts, error):
        """The page from which another amount was posted, with what is wrong with it and what was typed."""
        number = texts.get("checkout", [""])[0]
        checkout = self._checkout(account, int(number)) if number.isascii() and number.isdecimal() and len(number) < 11 else None
        if not checkout:
            return links.go(account.path)
        return self._checkout_page(account, checkout, "", 400, error=error, typed=texts.get("amount", [""])[0])

    # ------------------------------------------------------------------ the page

    def _checkout_page(self, account, checkout, choice, status=200, **values):
        choices, covered = checkout._pay_choices(), checkout._page_covered()
        # What was asked for may be paid by now: then nothing else is put in its place; nor where a credit is enough.
        chosen = next((one for one in choices if one[0] == (choice or not covered and choices[0][0])), None)
        path = account.url(f"/pay/{checkout.id}")
        values = {
            **accounts.page_values(account), "error": None, "typed": "", **values, "checkout": checkout, "pay_path": path, "choices": choices, "chosen": chosen,
            "flying": checkout._pay_flying(), "bank": checkout._pay_bank(), "rows": checkout._page_rows(),
            "others": checkout._page_others(), "qr": checkout._page_qr(chosen and chosen[2]), "left": checkout._page_left(), "covered": covered,
            "is_less": checkout._page_is_less(chosen),
            **(self._agreement_form(checkout, path, chosen) if chosen and not account.is_staff() else {"payment_methods_sudo": None}),
        }
        return request.render(f"{MODULE}.account_portal_pay", values, status=status, headers=list(HEADERS.items()))

    def _checkout_landing(self, account, checkout):
        """Where a payment leads to. Staff read it with the payment, so that the link stays in the visitor's session."""
        keep_path(PAID, str(checkout.id), account.url(f"/pay/{checkout.id}"))
        return f"/collections/checkout/{checkout.id}/paid"
