from werkzeug.exceptions import NotFound

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.payment.controllers import portal as payment_portal
from odoo.addons.payment.controllers.post_processing import PaymentPostProcessing

from . import forms, links
from .agreement import ROUTE, find, kind_of, page_values, path_of
from .forms import MODULE, SHOW

# A provider's own form and script go to the provider, which may look where they come from: the site, never the page.
HEADERS = {
    **links.SITE, "Referrer-Policy": "strict-origin",
    "Content-Security-Policy": "object-src 'none'; base-uri 'self'; frame-ancestors 'none'",
}

PAID = "collection_agreement_paid"  # in the session: the pages of the agreements that this visitor paid
LAST = 10  # so many of them: the addresses are keys


def keep_path(name, key, path):
    """Remember in the session where a payment was begun; of the last ones only."""
    rest = {old: where for old, where in request.session.get(name, {}).items() if old != key}
    request.session[name] = dict([*rest.items(), (key, path)][-LAST:])


def refuse_staff():
    """What a link says is the customer's word, and so is a payment that is begun with it."""
    if request.env.user._is_internal():
        raise UserError(request.env._("You are logged in as %s. Only the customer pays here.", request.env.user.name))


class AgreementPay(payment_portal.PaymentPortal):
    """An agreement paid online: core's payment form for one of the amounts the record offers."""

    @http.route(f"{ROUTE}/pay", **SHOW)
    def agreement_pay(self, kind, record_id, token, choice="", **_kwargs):
        record = find(kind, record_id, token)
        if not record:
            return links.refuse()
        choices = record._pay_choices()
        # What was asked for may be paid by now: then nothing else is put in its place.
        chosen = next((one for one in choices if one[0] == (choice or choices[0][0])), None)
        values = page_values(record, token)
        staff = request.env.user._is_internal()
        values.update(choices=choices, chosen=chosen, flying=record._pay_flying(), bank=record._pay_bank(), is_staff=staff,
                      **(self._agreement_form(record, values["path"], chosen) if chosen and not staff else {"payment_methods_sudo": None}))
        return request.render(f"{MODULE}.agreement_portal_pay", values, headers=list(HEADERS.items()))

    @http.route(f"{ROUTE}/transaction/<string:choice>", type="jsonrpc", auth="public", max_content_length=forms.SMALL)
    def agreement_transaction(self, kind, record_id, token, choice, access_token=None, **kwargs):
        """A payment of one choice, as large as the record says; what the page showed must still hold."""
        record = find(kind, record_id, token)
        if not record:
            raise NotFound()
        refuse_staff()
        self._validate_transaction_kwargs(kwargs)
        self._agreement_count()
        values = record._prepare_transaction(choice, str(access_token or ""), PaymentPostProcessing()._get_monitored_transaction())
        self._agreement_check(record, values["amount"], kwargs)
        transaction = self._agreement_again(record, values, kwargs) or self._create_transaction(
            provider_id=kwargs["provider_id"], payment_method_id=kwargs["payment_method_id"], token_id=None, flow=kwargs["flow"],
            tokenization_requested=False, landing_route=self._agreement_landing(record, token),
            custom_create_values=record._prepare_transaction_values(choice), **values)
        return transaction._get_processing_values()

    @http.route("/collections/<any(plan,settlement):kind>/<int:record_id>/paid", **SHOW)
    def agreement_paid(self, kind, record_id, **_kwargs):
        """Back from the provider: to the page whose link this visitor came with."""
        path = request.session.get(PAID, {}).get(f"{kind},{record_id}")
        return links.go(path) if path else links.refuse()

    def _agreement_landing(self, record, token):
        """Where a payment leads to. Staff read it with the payment, so that the link stays in the visitor's session."""
        kind = kind_of(record)
        keep_path(PAID, f"{kind},{record.id}", path_of(record, token))
        return f"/collections/{kind}/{record.id}/paid"

    # ------------------------------------------------------------------ the form

    def _agreement_form(self, record, path, chosen):
        """What core's payment form is rendered with. Nobody is logged in: no saved cards, and none to save."""
        code, _label, amount = chosen
        providers, methods = record._pay_online(amount)
        return {
            "amount": amount, "currency": record._pay_currency(), "partner_id": record._pay_partner().id,
            "providers_sudo": providers, "payment_methods_sudo": methods, "tokens_sudo": request.env["payment.token"].sudo(),
            "show_tokenize_input_mapping": dict.fromkeys(providers.ids, False), "availability_report": {},
            "reference_prefix": record.name, "transaction_route": f"{path}/transaction/{code}", "landing_route": path,
            "access_token": record._pay_stamp(code, amount),
        }

    # ------------------------------------------------------------------ the payment

    def _agreement_count(self):
        """A visitor who starts payments without end is asked to wait."""
        who = request.httprequest.remote_addr
        if request.env["credit.throttle"].sudo()._is_over("post", who):  # sudo: the visitor may not read how often anyone came
            raise UserError(request.env._("Please wait a minute, then try again."))
        forms.note("post", who)

    def _agreement_check(self, record, amount, wanted):
        """Only ways to pay that the page offered."""
        providers, methods = record._pay_online(amount)
        provider = providers.filtered(lambda one: one.id == wanted.get("provider_id"))
        method = methods.filtered(lambda one: one.id == wanted.get("payment_method_id"))
        if not (provider & method.provider_ids) or wanted.get("flow") not in ("redirect", "direct") or wanted.get("is_validation"):
            raise UserError(request.env._("This way to pay is not available any more. Please load the page again."))
        seen = wanted.get("amount")
        if seen is not None and (not isinstance(seen, (int, float)) or record.currency_id.compare_amounts(seen, amount)):
            raise UserError(request.env._("The amount has changed. Please load the page again."))

    def _agreement_again(self, record, values, wanted):
        """The payment this visitor has just begun, when the same is asked for twice."""
        transaction = PaymentPostProcessing()._get_monitored_transaction()
        same = transaction.state == "draft" and transaction._agreement() == record and (
            transaction.provider_id.id, transaction.payment_method_id.id, transaction.operation,
        ) == (wanted["provider_id"], wanted["payment_method_id"], f"online_{wanted['flow']}")
        return transaction if same and not record.currency_id.compare_amounts(transaction.amount, values["amount"]) else None
