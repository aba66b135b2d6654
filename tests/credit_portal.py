import json
import re
from datetime import timedelta
from unittest.mock import patch

from odoo.fields import Command
from odoo.http import Request
from odoo.tests import HttpCase
from odoo.tools.misc import hash_sign

from .common import CollectionCommon
from .test_credit_upload import pdf

APPLICANT = {
    "name": "Harbour Mill", "vat": "BE 0477.472.701", "company_registry": "HRB 4711", "founded_year": "1998", "website": "www.harbour.example",
    "street": "2 Quay Street", "street2": "", "zip": "1000", "city": "Brussels", "contact_name": "Ada Miller", "contact_function": "Owner",
    "email": "ada@harbour.example", "phone": "+32 2 123 45 67",
}
NEED = {"requested_limit": "5,000", "monthly_purchases": "2,500.50", "net_worth": ""}
REFERENCES = {"trade1_name": "Paper Works", "trade1_contact": "Joe", "trade1_phone": "", "trade1_email": "joe@paper.example",
              "bank_name": "First Bank", "bank_contact": "", "bank_phone": "", "bank_email": ""}
CONSENT = {"privacy": "1", "ask_references": "1", "terms": "1"}
SCRIPT = "<script>alert(1)</script>"


class CreditPortalCase(CollectionCommon, HttpCase):
    """An applicant before the public form of a company, without a login."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.credit_apply_open = True
        cls.env["ir.config_parameter"].sudo().set_param("account_credit_collection.credit_apply_seconds", "0")
        cls.env["credit.checklist"].search([]).active = False
        cls.checklist = cls._checklist("A company", [
            {"code": "legal_form", "name": "Legal form", "kind": "choice", "required": True,
             "choice_ids": [Command.create({"name": "Limited", "code": "ltd"}), Command.create({"name": "Partnership", "code": "partners"})]},
            {"code": "staff", "name": "How many people?", "kind": "number", "step": "need"},
            {"code": "why", "name": "Why so much?", "kind": "text", "step": "need", "required": True, "above_amount": 20000, "max_length": 50},
            {"code": "accounts", "name": "Last balance sheet", "kind": "file", "step": "documents", "required": True, "above_amount": 20000},
        ])
        cls.person = cls._checklist("A sole trader", [{"code": "trade", "name": "Your trade", "kind": "text", "required": True}],
                                    reference_count=0, bank_reference=False, sequence=20)
        cls.legal_form = cls.checklist.question_ids.filtered(lambda one: one.code == "legal_form").choice_ids[0]
        cls.accounts = cls.checklist.question_ids.filtered(lambda one: one.code == "accounts")

    @classmethod
    def _checklist(cls, name, questions, **values):
        return cls.env["credit.checklist"].create({
            "name": name, "company_id": cls.company.id, "reference_count": 1, "bank_reference": True,
            "question_ids": [Command.create({"sequence": number, **question}) for number, question in enumerate(questions)], **values})

    def setUp(self):
        super().setUp()
        self.authenticate(None, None)
        self.url = f"/credit/apply/{self.company.id}"

    # ------------------------------------------------------------------ the browser

    def _get(self, path):
        return self.url_open(path, allow_redirects=False)

    def _post(self, path, data=None, files=None, csrf=True, counted=False, redirects=False):
        """A form sent; ``counted`` False: as if it were the first one of the day."""
        if not counted:
            self.env["credit.throttle"].sudo().search([]).unlink()
        data = {**(data or {}), **({"csrf_token": Request.csrf_token(self)} if csrf else {})}
        return self.url_open(path, data=data, files=files, allow_redirects=redirects)

    def _form_token(self, path=None):
        return re.search(r'name="form" value="([^"]+)"', self.url_open(path or self.url).text)[1]

    def _applicant(self, **values):
        return {**APPLICANT, "type": self.checklist.id, "country_id": self.env.ref("base.be").id, "q_legal_form": self.legal_form.id, "fax": "",
                **values}

    def _apply(self, path=None, token=None, counted=False, **values):
        return self._post(path or self.url, {"form": token or self._form_token(), **self._applicant(**values)}, counted=counted)

    # ------------------------------------------------------------------ given

    def _applications(self):
        return self.env["credit.application"].sudo().search([("company_id", "=", self.company.id)], order="id")

    def _begun(self, **values):
        """A draft after the first step."""
        before = self._applications()
        answer = self._apply(**values)
        self.assertEqual(answer.status_code, 303, self._words(answer))
        application = self._applications() - before
        self.assertEqual(len(application), 1)
        return application

    def _path(self, application, step=""):
        return f"/credit/application/{application.id}/{application._link_token()}" + (f"/{step}" if step else "")

    def _filled(self, **need):
        """A draft that only wants its consent."""
        application = self._begun()
        for step, data in (("need", {**NEED, "q_staff": "12", **need}), ("references", REFERENCES)):
            answer = self._post(self._path(application, step), data)
            self.assertEqual(answer.status_code, 303, self._words(answer))
        return application

    def _submitted(self):
        application = self._filled()
        self.assertEqual(self._post(self._path(application, "submit"), CONSENT).status_code, 303)
        self.assertEqual(application.state, "submitted")
        return application

    def _asked(self):
        """A submitted application whose references were asked."""
        application = self._submitted()
        application.reference_ids._ask()
        return application

    def _approved(self):
        """An application with an offer; its PDFs are blank pages here."""
        application = self._submitted()
        application.action_review()
        with patch.object(type(application), "_render", lambda *_args: pdf()):
            application._approve({**application._default_dates(), "approved_cap": 5000, "start_limit": 2000, "conditions": "Invoices by e-mail"})
        return application

    def _contract(self, application):
        return f"/credit/contract/{application.id}/{application._link_token()}"

    def _sign(self, application, **values):
        with patch.object(type(application), "_render", lambda *_args: pdf()):
            return self._post(f"{self._contract(application)}/sign", {
                "hash": application.contract_hash, "signed_name": "Ada Miller", "signed_function": "Owner", "entitled": "1", **values})

    # ------------------------------------------------------------------ tokens

    def _token(self, values, scope="account_credit_collection.application", **life):
        return hash_sign(self.env(su=True), scope, values, **(life or {"expiration_hours": 24}))

    def _bad_tokens(self, record, other):
        """Tokens that open nothing: ``record`` is what the address names, ``other`` one of the same kind."""
        good, scope = record._link_token(), record._link_scope
        own = [record.id, record.sudo().link_epoch]
        return {
            "truncated": good[:-5], "half": good[:len(good) // 2], "one letter": "A", "doubled": good * 2, "long": "A" * 5000,
            "reversed": good[::-1], "upper": good.upper(), "padded": good + "=", "space": good + "%20", "null": good + "%00",
            "newline": good + "%0A", "quote": good + "%27", "foreign": other._link_token(), "markup": "%3Cscript%3E" * 10,
            "expired": self._token(own, scope, expiration=timedelta(seconds=-1)), "revoked": self._token([own[0], own[1] - 1], scope),
            "future": self._token([own[0], own[1] + 1], scope), "scope": self._token(own, "account_credit_collection.other"),
            "short": self._token([own[0]], scope), "longer": self._token([*own, 1], scope), "text": self._token("x" * 20, scope),
            "dictionary": self._token({"id": own[0], "x": 1}, scope), "nothing": self._token([None, None], scope),
            "nested": self._token([own, own], scope), "bad utf-8": "%FF%FE" * 40, "fullwidth": "%EF%BC%A1" * 80, "version": "Ag" + good[2:],
            "spelled": good[:-1] + ("B" if good[-1] == "A" else "A"), "bool": self._token([True, own[1]], scope),
        }

    # ------------------------------------------------------------------ then

    def _leads(self, answer, application, step=""):
        """The form was taken, and the next page is this one."""
        self.assertEqual(answer.status_code, 303, self._words(answer))
        self.assertRegex(answer.headers["Location"], rf"/credit/application/{application.id}/[A-Za-z0-9_-]+{step and '/' + step}$")

    def _refused(self, answer, status=404):
        self.assertEqual(answer.status_code, status)
        return self._words(answer)

    def _words(self, answer):
        """What the page says; not what changes with each call."""
        wrap = re.search(r'<div id="wrap".*?</main>', answer.text, re.DOTALL)
        return re.sub(r'value="[^"]*"', "", wrap[0]) if wrap else answer.text

    def _error_at(self, answer, field):
        """The sentence beside a field."""
        found = re.search(rf'id="{field}_error">(.*?)</div>', answer.text, re.DOTALL)
        return re.sub(r"<[^>]+>|\s+", " ", found[1]).strip() if found else None

    def _stored(self, application):
        """All that an application holds, to compare before and after."""
        application.invalidate_recordset()
        fields = [name for name, field in application._fields.items()
                  if field.store and field.type not in ("one2many", "many2many", "binary") and name not in ("write_date", "write_uid")]
        parts = [application.read(fields), application.answer_ids.read(["question_id", "value_text", "value_number", "choice_id"]),
                 application.reference_ids.read(["name", "email", "state", "consent"]), application.document_ids.read(["name", "checksum"])]
        return json.dumps(parts, default=str)
