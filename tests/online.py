import re
import unittest


class OnlineCase:
    """Paying with core's demo provider as its own script does it; for a case with a browser (`HttpCase`)."""

    @classmethod
    def _open_provider(cls):
        """The demo provider of the company, open for everybody."""
        cls.provider = cls.env["payment.provider"].sudo().search([("code", "=", "demo"), ("company_id", "=", cls.company.id)])
        if not cls.provider:
            raise unittest.SkipTest("payment_demo is not installed")
        cls.provider.write({"state": "test", "is_published": True})
        cls.method = cls.env.ref("payment_demo.payment_method_demo")
        cls.method.active = True

    def _form_of(self, path):
        """Core's payment form on a page: what its script would send, and where to; None without one."""
        page = self._get(path)
        self.assertEqual(page.status_code, 200)
        found = re.search(r'<form[^>]*id="o_payment_form"[^>]*>', page.text)
        return dict(re.findall(r'data-([a-z-]+)="([^"]*)"', found[0])) if found else None

    def _begin(self, form, **values):
        """The call by which core's form starts a payment: its answer."""
        self.env["credit.throttle"].sudo().search([]).unlink()
        return self.make_jsonrpc_request(form["transaction-route"], {
            "provider_id": self.provider.id, "payment_method_id": self.method.id, "token_id": None, "amount": float(form["amount"]), "flow": "direct",
            "tokenization_requested": False, "landing_route": form["landing-route"], "is_validation": False, "access_token": form["access-token"],
            **values})

    def _pay_form(self, form, state="done"):
        """Paid, and back on the landing page; the reference of the transaction."""
        begun = self._begin(form)
        self.make_jsonrpc_request("/payment/demo/simulate_payment", {
            "reference": begun["reference"], "payment_details": "1234", "simulated_state": state})
        landed = self.make_jsonrpc_request("/payment/status/poll", {})
        self.env.invalidate_all()
        self.assertEqual(landed["state"], state)
        return begun["reference"]
