import re
from datetime import timedelta

from odoo.http import Request
from odoo.tests import HttpCase

from ..models.collection_plan_terms import AGREED
from .common import CollectionCommon
from .online import OnlineCase
from .test_credit_upload import pdf


class AgreementCase(OnlineCase, CollectionCommon, HttpCase):
    """Northwind owes 2,000, 1,800 and 1,200 since some weeks; whoever has the link pays with the demo provider, without a login."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._open_provider()
        cls.other = cls._customer("Southwind")
        cls.plan_template = cls.env["collection.plan.template"].create({
            "name": "Test plan", "company_id": cls.company.id, "currency_id": cls.company.currency_id.id, "down_percent": 20, "count": 4,
            "rhythm": "monthly", "max_days_late": 14, "max_missed": 2, "grace_days": 3, "stops_interest": True, "accept_days": 10, "year_limit": 0})

    def setUp(self):
        super().setUp()
        self.authenticate(None, None)
        self.invoices = [self._invoice(days, amount) for days, amount in ((40, 2000.0), (20, 1800.0), (5, 1200.0))]

    # ------------------------------------------------------------------ given

    def _plan(self, *invoices, real=False, partner=None, offer=True, **terms):
        """A plan offered for some invoices: a fifth down today, the rest in four parts from 30 days on. Its PDF is a blank page here."""
        items = self.env["account.move.line"].concat(*map(self._item, invoices or self.invoices))
        values = {**{name: self.plan_template[name] for name in AGREED}, "down_amount": sum(items.mapped("amount_residual_currency")) / 5,
                  "down_on": self.today, "first_on": self.today + timedelta(days=30), **terms}
        if not real:
            self._blank("collection.plan")
        plan = self.env["collection.plan"]._draw(self._profile(partner), items, self.plan_template, values)
        if offer:
            plan.action_offer()
        return plan.sudo()  # as the customer meets it

    def _active(self, *invoices, **terms):
        plan = self._plan(*invoices, **terms)
        plan._accept("Ada Miller", "127.0.0.1", "Test", plan.document_hash)
        return plan

    def _offer(self, *invoices, amount=3000.0, partner=None, days=10, real=False):
        items = self.env["account.move.line"].concat(*map(self._item, invoices or self.invoices))
        if not real:
            self._blank("collection.settlement")
        offer = self.env["collection.settlement"]._make(self._profile(partner), items, amount, self.today + timedelta(days=days), "A clear end")
        offer.action_offer()
        return offer.sudo()

    def _blank(self, model):
        self.patch(type(self.env[model]), "_render", lambda *_args: pdf())

    # ------------------------------------------------------------------ the browser

    def _path(self, record, step="", token=None):
        kind = record._name.removeprefix("collection.")
        return f"/collections/{kind}/{record.id}/{token or record._link_token()}" + (f"/{step}" if step else "")

    def _get(self, path):
        return self.url_open(path, allow_redirects=False)

    def _post(self, path, data=None, csrf=True):
        """A form sent, as if it were the first one of the day."""
        self.env["credit.throttle"].sudo().search([]).unlink()
        data = {**(data or {}), **({"csrf_token": Request.csrf_token(self)} if csrf else {})}
        return self.url_open(path, data=data, allow_redirects=False)

    def _accept(self, plan, path=None, csrf=True, **values):
        data = {"hash": plan.document_hash, "accepted_name": "Ada Miller", "agreed": "1", **values}
        return self._post((path or self._path(plan)) + "/accept", {name: value for name, value in data.items() if value is not None}, csrf)

    def _form(self, record, choice=""):
        """Core's payment form on the pay page."""
        return self._form_of(self._path(record, f"pay?choice={choice}"))

    def _pay_online(self, record, choice="", state="done"):
        """Paid on the pay page with the demo provider, which then leads to the landing page."""
        reference = self._pay_form(self._form(record, choice), state)
        transaction = self._transactions(record).filtered(lambda one: one.reference == reference)
        self.assertEqual(transaction.state, state)
        return transaction

    # ------------------------------------------------------------------ then

    def _transactions(self, record):
        return self.env["payment.transaction"].sudo().search([("agreement_model", "=", record._name), ("agreement_id", "=", record.id)])

    def _words(self, answer):
        """What the page says, on one line."""
        wrap = re.search(r'<div id="wrap".*?</main>', answer.text, re.DOTALL)
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", wrap[0] if wrap else answer.text)).replace("\xa0", " ")

    def _left(self):
        return [invoice.amount_residual for invoice in self.invoices]
