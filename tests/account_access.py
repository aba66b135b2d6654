import re
from datetime import timedelta

from odoo.tests import JsonRpcException
from odoo.tools import SQL

from ..controllers.account import PATHS
from ..models.upload import judge
from .account import AccountCase
from .test_credit_upload import pdf

QUIET = ("odoo.http", "odoo.addons.account_credit_collection.controllers.forms", "odoo.addons.base.models.ir_http")
OURS = ("/my/credit", "/collections/")
# What stands below the address of an account, and whose numbers are in it.
ACCOUNT = {
    "": {}, "/documents": {}, "/statement.<any(pdf,xlsx):kind>": {"kind": "pdf"},
    "/file/<any(contract,plan,settlement,proof,invoice):kind>/<int:record_id>": {"kind": "invoice", "record_id": "#invoice"},
    "/pay": {}, "/pay/<int:checkout_id>": {"checkout_id": "#checkout"},
    "/pay/<int:checkout_id>/transaction/<string:choice>": {"checkout_id": "#checkout", "choice": "all"},
    "/promise": {}, "/promise/<int:promise_id>": {"promise_id": "#promise"}, "/promise/<int:promise_id>/withdraw": {"promise_id": "#promise"},
    "/dispute": {}, "/dispute/<int:dispute_id>": {"dispute_id": "#dispute"}, "/dispute/<int:dispute_id>/add": {"dispute_id": "#dispute"},
    "/dispute/<int:dispute_id>/withdraw": {"dispute_id": "#dispute"},
    "/plan": {}, "/request/<int:request_id>": {"request_id": "#request"}, "/request/<int:request_id>/withdraw": {"request_id": "#request"},
}
# Those of a plan or a settlement offer, each with a link of its own.
AGREEMENT = {
    "/collections/<any(plan,settlement):kind>/<int:record_id>/<string:token>", "/collections/<any(plan,settlement):kind>/<int:record_id>/<string:token>/document",
    "/collections/<any(plan,settlement):kind>/<int:record_id>/<string:token>/pay",
    "/collections/<any(plan,settlement):kind>/<int:record_id>/<string:token>/transaction/<string:choice>",
    "/collections/plan/<int:record_id>/<string:token>/accept", "/collections/plan/<int:record_id>/<string:token>/evidence",
}
# Back from a provider: known to the visitor's own session only.
LANDING = {"/collections/<any(plan,settlement):kind>/<int:record_id>/paid", "/collections/checkout/<int:checkout_id>/paid"}
# What a message shows.
MESSAGE = {"/collections/<int:action_id>/<string:token>/qr"}
# For people of the office, who log in.
STAFF = {
    "/collections/dispute/file/<int:file_id>": "file", "/collections/charges/<int:charge_id>/proof.xlsx": "dispute",
    "/collections/handover/file/<int:file_id>": "file", "/collections/bureau/file/<int:file_id>": "file",
    "/collections/statements/<int:wizard_id>.xlsx": "dispute", "/collections/export.xlsx": "dispute",
    "/collections/subjects/<int:wizard_id>.xlsx": "dispute",
}
# Says whether the jobs run, to a machine that watches; nothing of any customer.
HEALTH = {"/collections/health"}
# Lists the accounts of whoever is logged in.
LIST = {"/my/credit"}
NUMBERS = (0, 2 ** 31, 10 ** 20)


class AccessCase(AccountCase):
    """One of each kind that Northwind's account holds, and all routes that lead to one of them."""

    def setUp(self):
        super().setUp()
        self.company.write({"collection_say_promises": 2})
        self.patch(type(self.env["collection.plan"]), "_render", lambda *_args: pdf())
        self.patch(type(self.env["collection.settlement"]), "_render", lambda *_args: pdf())
        self.env["collection.plan.template"].search([]).active = False
        self.terms = self.env["collection.plan.template"].create({
            "name": "Parts", "company_id": self.company.id, "currency_id": self.company.currency_id.id, "count": 3, "year_limit": 0, "online": "offer"})
        self.invoices = [self._invoice(days, amount) for days, amount in ((40, 7431.11), (30, 7432.22), (20, 7433.33), (10, 7434.44), (5, 7435.55))]
        self.action = self._sent(self._run()).action_ids.filtered(lambda action: action.channel == "email")[:1]
        self.theirs = self._invoice(10, 50.0, partner=self.other)
        self.records = self._said()
        self.env.flush_all()

    def _said(self):
        """One of each kind that Northwind's account holds."""
        env, profile = self.env(su=True), self._profile().sudo()
        items = [self._item(invoice).sudo() for invoice in self.invoices]
        ada = self.ada.partner_id
        promise = env["collection.promise"]._take_online(
            profile, ada, items[0], {"promised_on": self.today + timedelta(days=3), "amount": 7431.11, "method": "transfer"}, env["collection.promise"])
        reason = env.ref("account_credit_collection.collection_dispute_reason_damaged")
        dispute = env["collection.dispute"]._open_online(
            items[1], ada, {"amount": 17.17, "reason_id": reason.id, "text": "Secret chairs"}, [("secret.pdf", self._judged(pdf()))])
        asked = env["collection.request"]._ask_online(profile, ada, items[2], {"parts": 2, "first_on": self.today + timedelta(days=14)})
        settlement = env["collection.settlement"]._make(profile, items[3], 5000.0, self.today + timedelta(days=10), "A clear end")
        settlement.action_offer()
        checkout = env["collection.checkout"]._choose(profile, items[4], None, ada)[0]
        return {"promise": promise, "dispute": dispute, "request": asked, "plan": asked.plan_id, "settlement": settlement, "checkout": checkout,
                "invoice": self.invoices[4], "file": dispute.file_ids}

    def _judged(self, raw):
        return judge("secret.pdf", raw)

    # ------------------------------------------------------------------ the routes

    def _rules(self):
        return [rule for rule in self.env["ir.http"].routing_map().iter_rules() if rule.rule.startswith(OURS)]

    def _suffix(self, rule):
        """What follows the address of an account; None for any other route."""
        base = next((path for path in PATHS if rule.rule == path or rule.rule.startswith(f"{path}/")), None)
        suffix = rule.rule.removeprefix(base) if base else None
        return None if rule.rule in MESSAGE or suffix is None else suffix

    def _endings(self, **changed):
        """``[(suffix with numbers in it, methods, kind)]`` of all pages below an account."""
        numbers = {f"#{name}": changed.get(name, str(record.id)) for name, record in self.records.items()}
        found = {}
        for rule in self._rules():
            suffix = self._suffix(rule)
            if suffix is not None:
                values = {name: numbers.get(value, value) for name, value in ACCOUNT[suffix].items()}
                path = re.sub(r"<[^:>]+(?:\([^)]*\))?:(\w+)>", lambda match, values=values: values[match[1]], suffix)
                kind = rule.endpoint.routing["type"]
                for method in rule.methods - {"HEAD", "OPTIONS"} if rule.methods else ("POST",):
                    found[path, method] = kind
        return sorted((path, method, kind) for (path, method), kind in found.items())

    # ------------------------------------------------------------------ asking

    def _ask(self, path, method, kind, items=()):
        """A call as a page of ours would make it; what the form says is complete. A call of a script has no number but 404 for “no such page”."""
        if kind != "http":
            try:
                return 200, self.make_jsonrpc_request(path, {"provider_id": 1, "payment_method_id": 1, "token_id": None, "amount": 1.0, "flow": "direct",
                                                             "tokenization_requested": False, "landing_route": "/", "access_token": "x"})
            except JsonRpcException as error:
                return error.code, str(error)
        if method == "GET":
            answer = self._get(path)
        else:
            answer = self._post(path, {"item": [str(item) for item in items]} if items else {})
        return answer.status_code, answer.text + str(dict(answer.headers))

    def _marks(self):
        """What nobody else may learn. The name of the company that asks is no secret."""
        amounts = [f"{amount:,.2f}" for amount in (7431.11, 7432.22, 7433.33, 7434.44, 7435.55, 17.17, 5000.0)]
        return [self.customer.name, *(invoice.name for invoice in self.invoices), *amounts, "Secret chairs", "secret.pdf", self.ada.email,
                self.records["plan"].name, self.records["settlement"].name]

    def _assert_closed(self, why, base, endings=None, allowed=(403, 404), items=()):
        for path, method, kind in endings or self._endings():
            status, text = self._ask(base + path, method, kind, items)
            with self.subTest(why, path=path, method=method):
                self.assertIn(status, allowed if kind == "http" else (404,))
                self.assertFalse([mark for mark in self._marks() if mark in text])

    # ------------------------------------------------------------------ what is stored

    def _digest(self):
        """A fingerprint of each table that pages could write to."""
        self.env.flush_all()
        models = [name for name, model in self.env.registry.items()
                  if model._original_module == "account_credit_collection" and model._auto and not model._abstract and name != "credit.throttle"]
        models += ["account.move", "account.move.line", "account.payment", "payment.transaction", "res.partner", "mail.message", "mail.mail", "mail.activity"]
        tables = sorted({self.env[name]._table for name in models} & self._tables())
        return {table: self.env.execute_query(SQL(
            "SELECT md5(COALESCE(string_agg(t::text, ',' ORDER BY t.id), '')) FROM %s t", SQL.identifier(table)))[0][0] for table in tables}

    def _tables(self):
        return {row[0] for row in self.env.execute_query(SQL("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"))}
