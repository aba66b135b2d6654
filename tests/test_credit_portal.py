import logging
import re
import time
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.http import Request
from odoo.tests import tagged
from odoo.tools import mute_logger
from odoo.tools.misc import hash_sign

from ..controllers.credit_apply import FORM_SCOPE
from ..models import credit_application_portal, credit_throttle
from .credit_portal import CONSENT, NEED, REFERENCES, SCRIPT, CreditPortalCase
from .test_credit_upload import archive, flood, pdf, picture

# Never good, wherever it is written.
EVERYWHERE = {
    "script": SCRIPT, "image": '"><img src=x onerror=alert(1)>', "null": "a\0b", "escape": "a\x1b[2J", "bidi": "a\u202eb", "isolate": "a\u2066b",
    "zero width": "a\u200bb", "line separator": "a\u2028b", "private": "a\ue000b",
}
# Never good in a field of that kind.
BY_KIND = {
    "email": ("x", "a@b", "a b@c.de", "@a.de", "=a@b.de"), "phone": ("abc", "=1+1", "--12345"), "vat": ("x", "=12345", "BE*12345"),
    "zip": ("x", "=1234"), "website": ("javascript:alert(1)", "x", "ftp://a.b"), "year": ("98", "9999", "-199", "1e3", "NaN"),
    "amount": ("-1", "NaN", "inf", "-inf", "1e308", "1e5", "0x10", "abc", "=1+1", "1,5", "9" * 20, "1000000000000"), "number": ("abc", "-1", "1e9"),
    "choice": ("0", "-1", "999999999", "abc", "1 OR 1=1", "True"), "date": ("31/12/2020", "2020-02-30", "9999-12-31", "abc"),
    "tick": ("2", "yes", "<"),
}
UNKNOWN = ({"state": "approved"}, {"partner_id": "1"}, {"company_id": "1"}, {"user_id": "2"}, {"approved_cap": "1e9"}, {"source": "office"},
           {"nonce": "x"}, {"link_epoch": "0"}, {"": "x"}, {"__class__": "x"}, {"name[]": "x"}, {"ID": "1"}, {"q_unknown": "1"}, {"x" * 5000: "1"})
HEADERS = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex", "X-Content-Type-Options": "nosniff"}


@tagged("post_install", "-at_install")
class TestCreditApply(CreditPortalCase):
    """The form, as an honest applicant uses it."""

    def test_four_steps_and_the_status(self):
        application = self._begun()
        self.assertRecordValues(application, [{
            "state": "draft", "source": "portal", "company_id": self.company.id, "name": "Harbour Mill", "vat": "BE 0477.472.701", "founded_year": 1998,
            "website": "https://www.harbour.example", "email_normalized": "ada@harbour.example", "partner_id": False, "checklist_id": self.checklist.id}])
        self.assertEqual(application.answer_ids.choice_id, self.legal_form)
        answer = self._post(self._path(application, "need"), {**NEED, "q_staff": "12"})
        self._leads(answer, application, "references")
        self.assertRecordValues(application, [{"requested_limit": 5000.0, "monthly_purchases": 2500.5, "net_worth": 0.0}])
        answer = self._post(self._path(application, "references"), REFERENCES)
        self._leads(answer, application, "documents")
        self.assertEqual(application.reference_ids.mapped("kind"), ["trade", "bank"])
        self._post(self._path(application, "upload"), files=[("file", ("plan.pdf", pdf(), "application/pdf"))])
        answer = self._post(self._path(application, "submit"), CONSENT)
        self._leads(answer, application)
        self.assertRecordValues(application, [{
            "state": "submitted", "terms_consent": True, "bureau_consent": False, "privacy_version": self.company.credit_privacy_version}])
        self.assertTrue(application.consent_on and application.reference)
        self.assertEqual(application.reference_ids.mapped("consent"), [True, True])
        self.assertRecordValues(application.document_ids, [{"original_name": "plan.pdf", "unsafe": False, "mimetype": "application/pdf"}])
        self.assertIn("We have received your application", self._get(self._path(application)).text)

    def test_applicant_gets_a_mail_with_the_link(self):
        application = self._submitted()
        mail = self.env["mail.mail"].sudo().search([("email_to", "ilike", "ada@harbour.example")], limit=1)
        link = re.search(rf'href="[^"]*(/credit/[a-z]+/{application.id}/[^"]+)"', mail.body_html)
        self.assertTrue(link, mail.body_html)
        self.assertIn("We have received", self._get(link[1]).text)

    def test_pages_keep_their_address_to_themselves(self):
        application = self._begun()
        for path in (self.url, self._path(application), self._path(application, "need"), self._path(application, "documents"), "/credit/reference/1/x"):
            answer = self._get(path)
            with self.subTest(path):
                self.assertEqual({name: answer.headers.get(name) for name in HEADERS}, HEADERS)
                self.assertIn("frame-ancestors 'none'", answer.headers["Content-Security-Policy"])

    def test_only_an_open_company_has_a_form(self):
        second = self.setup_other_company(name="Closed Ltd")["company"]
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id, "credit_apply_open": True})
        words = {self._refused(self._get(f"/credit/apply/{number}")) for number in (second.id, branch.id, 0, 2**31 - 1, 2**31, 10**30)}
        self.assertEqual(len(words), 1)
        self.assertEqual(self._get("/credit/apply/-1").status_code, 404)
        second.credit_apply_open = True
        self._checklist("Anybody", [], company_id=False)
        self.assertIn("Closed Ltd", self._get(f"/credit/apply/{second.id}").text)
        main = self.env.ref("base.public_user").sudo().company_id
        for opened, status in ((True, 200), (False, 404)):
            main.credit_apply_open = opened
            self.assertEqual(self._get("/credit/apply").status_code, status)

    def test_kind_of_applicant_decides_what_is_asked(self):
        page = self._get(self.url).text
        self.assertIn("Legal form", page)
        self.assertNotIn("Your trade", page)
        page = self._get(f"{self.url}?type={self.person.id}").text
        self.assertIn("Your trade", page)
        self.assertNotIn("Legal form", page)
        for chosen in ("0", "x", "9" * 30, SCRIPT):
            self.assertIn("Legal form", self._get(f"{self.url}?type={chosen}").text)

    def test_amount_decides_what_is_asked(self):
        application = self._begun()
        path = self._path(application, "need")
        self.assertNotIn("Why so much?", self._get(path).text)
        answer = self._post(path, {**NEED, "requested_limit": "20,000", "q_staff": ""})
        self._leads(answer, application, "need")  # there is something more to answer
        self.assertIn("Why so much?", self._get(path).text)
        answer = self._post(path, {**NEED, "requested_limit": "20,000", "q_staff": "", "q_why": ""})
        self.assertEqual((answer.status_code, self._error_at(answer, "q_why")), (400, "Please fill this in."))
        self.assertEqual(self._post(path, {**NEED, "requested_limit": "20,000", "q_staff": "", "q_why": "Growth"}).status_code, 303)
        self.assertIn("Last balance sheet", self._get(self._path(application, "documents")).text)
        self._post(self._path(application, "references"), REFERENCES)
        answer = self._post(self._path(application, "submit"), CONSENT)
        self.assertIn("Last balance sheet", re.search(r"Before you can send it.*?</ul>", answer.text, re.DOTALL)[0])
        self.assertEqual((answer.status_code, application.state), (400, "draft"))
        self._post(path, {**NEED, "requested_limit": "19,999.99", "q_staff": "", "q_why": "Growth"})
        self.assertNotIn("why", application.answer_ids.question_id.mapped("code"), "an answer that is not asked for is not kept")
        self.assertNotIn("Last balance sheet", self._get(self._path(application, "documents")).text)

    def test_answers_are_shown_again(self):
        application = self._filled()
        page = self._get(self._path(application, "company")).text
        for value in ("Harbour Mill", "1998", "ada@harbour.example", "+32 2 123 45 67"):
            self.assertIn(f'value="{value}"', page)
        self.assertIn('value="2,500.50"', self._get(self._path(application, "need")).text)
        self.assertIn('value="joe@paper.example"', self._get(self._path(application, "references")).text)
        good = {name: value for name, value in self._applicant(name="Harbour Mill II").items() if name not in ("type", "fax")}
        self.assertEqual(self._post(self._path(application, "company"), {**good, "email": "wrong"}).status_code, 400)
        self._leads(self._post(self._path(application, "company"), good), application, "need")
        self.assertEqual(application.name, "Harbour Mill II")

    def test_a_reference_needs_a_name_and_an_address(self):
        application = self._begun()
        path = self._path(application, "references")
        empty = dict.fromkeys(REFERENCES, "")
        for data, field in (
                (empty, "no_references"), ({**empty, "trade1_email": "a@b.example"}, "trade1_name"), ({**empty, "trade1_name": "Paper"}, "trade1_email"),
                ({**REFERENCES, "bank_name": "", "bank_phone": "12345678"}, "bank_name")):
            with self.subTest(field):
                answer = self._post(path, data)
                self.assertEqual(answer.status_code, 400)
                self.assertTrue(self._error_at(answer, field))
                self.assertFalse(application.reference_ids)
        self.assertEqual(self._post(path, {**empty, "no_references": "1"}).status_code, 303)
        self._post(path, REFERENCES)
        self._post(path, {**REFERENCES, "bank_name": ""})
        self.assertEqual(application.reference_ids.mapped("name"), ["Paper Works"], "an emptied one is gone")

    def test_sent_back_the_form_opens_again(self):
        application = self._asked()
        application._ask_back("Please add your balance sheet.")
        page = self._get(self._path(application)).text
        self.assertIn("Please add your balance sheet.", page)
        self.assertEqual(self._post(self._path(application, "upload"), files=[("file", ("a.png", picture("PNG"), "image/png"))]).status_code, 303)
        self.assertNotIn("trade1_name", self._get(self._path(application, "references")).text, "who was asked already is not asked anew")
        self.assertIn('name="privacy" checked', re.sub(r'<input[^>]*name="privacy"[^>]*>', lambda tag: 'name="privacy" checked' if "checked" in tag[0] else "",
                                                       self._get(self._path(application, "documents")).text))
        self.assertEqual(self._post(self._path(application, "submit"), CONSENT).status_code, 303)
        self.assertEqual(application.state, "submitted")

    def test_status_in_words(self):
        application = self._begun()
        for state, words in (("draft", "Not sent yet"), ("submitted", "We have received"), ("review", "We are looking at"), ("approved", "Read and sign the contract"),
                             ("signed", "Your credit is in force"), ("refused", "We cannot give you credit"), ("expired", "The offer has run out"),
                             ("withdrawn", "Withdrawn")):
            application.sudo().write({"state": state})
            with self.subTest(state):
                self.assertIn(words, self._get(self._path(application)).text)

    def test_applicant_takes_it_back(self):
        application = self._submitted()
        path = self._path(application)
        self.assertIn("Withdrawn", self._post(f"{path}/withdraw").text)
        self.assertEqual(application.state, "withdrawn")
        self._refused(self._get(path))

    def test_begun_and_never_sent_goes_after_two_days(self):
        old, new, sent = self._begun(), self._begun(), self._submitted()
        self._post(self._path(old, "upload"), files=[("file", ("plan.pdf", pdf(), "application/pdf"))])
        with patch.object(credit_application_portal, "ABANDONED", timedelta(hours=-1)):
            new.sudo().source = "office"
            self.env["credit.application"]._gc_abandoned()
        self.assertEqual((old | new | sent).exists(), new | sent)

    def test_language_of_the_reader_decides_how_amounts_are_written(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.opener.cookies["frontend_lang"] = "de_DE"
        application = self._begun()
        self.assertEqual(application.lang, "de_DE")
        for text, amount in (("1.500", 1500), ("1.500,50", 1500.5), ("1500.50", 1500.5), ("2500", 2500)):
            with self.subTest(text):
                self.assertEqual(self._post(self._path(application, "need"), {**NEED, "requested_limit": text, "monthly_purchases": "0", "q_staff": ""}).status_code, 303)
                self.assertEqual(application.requested_limit, amount)


@tagged("post_install", "-at_install")
class TestCreditBadInput(CreditPortalCase):
    """Whatever is sent: no error of the server, a plain sentence, and nothing stored."""

    def _cases(self, rules, good):
        """``(field, kind, name, text)`` that must be refused at the field."""
        for rule in rules:
            if rule.name in good:
                yield rule.name, "long", "x" * (rule.length + 1)
                yield rule.name, "very long", "x" * 50_000
                for name, text in EVERYWHERE.items():
                    yield rule.name, name, text
                for text in BY_KIND.get(rule.kind, ()):
                    yield rule.name, rule.kind, text

    def _check_step(self, path, good, rules, stored):
        before, count = stored(), 0
        for field, name, text in self._cases(rules, good):
            with self.subTest(field=field, name=name, text=text[:30]):
                answer = self._post(path() if callable(path) else path, {**good, field: text})
                self.assertEqual(answer.status_code, 400)
                self.assertTrue(self._error_at(answer, field), "a sentence beside the field")
                self.assertNotIn(text if "<" in text[:-1] else SCRIPT, answer.text)
                count += 1
        self.assertEqual(stored(), before)
        return count

    def _rules(self, step, checklist=None):
        return [field.rule for field in self.env["credit.form"].sudo()._step(step, checklist or self.checklist, self.company)]

    def test_first_step(self):
        good = {"form": self._form_token(), **self._applicant()}
        good = {name: str(value) for name, value in good.items()}
        count = self._check_step(self.url, good, self._rules("company"), lambda: str(self._applications()))
        self.assertGreaterEqual(count, 150)

    def test_what_you_need(self):
        application = self._begun()
        application.sudo().requested_limit = 30000
        good = {**NEED, "requested_limit": "30,000", "q_staff": "12", "q_why": "Growth"}
        self._check_step(self._path(application, "need"), good, self._rules("need"), lambda: self._stored(application))

    def test_references(self):
        application = self._begun()
        self._check_step(self._path(application, "references"), REFERENCES, self._rules("references"), lambda: self._stored(application))

    def test_consent(self):
        application = self._filled()
        self._check_step(self._path(application, "submit"), CONSENT, self._rules("documents"), lambda: self._stored(application))
        for missing in ("privacy", "terms"):
            answer = self._post(self._path(application, "submit"), {name: "1" for name in CONSENT if name != missing})
            self.assertEqual((answer.status_code, self._error_at(answer, missing)), (400, "Please tick this to go on."))
        self.assertEqual(application.state, "draft")

    def test_required_fields(self):
        token, before = self._form_token(), self._applications()
        for field in ("name", "street", "city", "country_id", "contact_name", "email", "q_legal_form"):
            for text in ("", "   ", "\u00a0"):
                with self.subTest(field, text=text):
                    answer = self._apply(token=token, **{field: text})
                    self.assertEqual(answer.status_code, 400)
                    self.assertTrue(self._error_at(answer, field))
        self.assertEqual(self._applications(), before)

    def test_formulas_are_stored_as_text(self):
        application = self._begun(name="=cmd|'/c calc'!A0", street="@SUM(A1)", contact_name="-1+1")
        self.assertRecordValues(application, [{"name": "'=cmd|'/c calc'!A0", "street": "'@SUM(A1)", "contact_name": "'-1+1"}])

    @mute_logger("odoo.addons.account_credit_collection.controllers.forms")
    def test_unknown_fields(self):
        application, token = self._filled(), self._form_token()
        asked = self._asked().reference_ids.filtered(lambda one: one.kind == "trade")
        contract = self._approved()
        before = self._applications(), self._stored(application), self._stored(contract)
        pages = [
            (self.url, {"form": token, **self._applicant()}), (self._path(application, "company"), {}), (self._path(application, "need"), NEED),
            (self._path(application, "references"), REFERENCES), (self._path(application, "submit"), CONSENT), (self._path(application, "upload"), {}),
            (self._path(application, "remove"), {"document": "1"}), (self._path(application, "withdraw"), {}),
            (f"/credit/reference/{asked.id}/{asked._link_token()}", {"manner_of_payment": "prompt", "answered_name": "Joe"}),
            (f"/credit/reference/{asked.id}/{asked._link_token()}/decline", {}),
            (f"{self._contract(contract)}/sign", {"hash": contract.contract_hash, "signed_name": "A", "signed_function": "B", "entitled": "1"}),
            (f"{self._contract(contract)}/decline", {}),
        ]
        for path, data in pages:
            for extra in UNKNOWN:
                with self.subTest(path.split("/")[-1], extra=next(iter(extra))[:30]):
                    answer = self._post(path, {**data, **extra})
                    self.assertEqual(answer.status_code, 400)
                    self.assertIn("This could not be read", answer.text)
        self.assertEqual((self._applications(), self._stored(application), self._stored(contract)), before)
        self.assertEqual((asked.state, contract.state), ("asked", "approved"))

    @mute_logger("odoo.addons.account_credit_collection.controllers.forms")
    def test_wrong_kinds_of_values(self):
        token, before = self._form_token(), self._applications()
        good = {"form": token, **self._applicant()}
        doubled = [(name, str(value)) for name, value in good.items()] + [("name", "Second")]
        self.assertEqual(self._post_list(self.url, doubled).status_code, 400)
        self.assertEqual(self._post(self.url, {**good, "type": ["1", "2"]}).status_code, 400)
        for field in ("name", "email", "photo", "form"):
            with self.subTest(file=field):
                answer = self._post(self.url, {name: value for name, value in good.items() if name != field}, files=[(field, ("a.pdf", pdf(), "application/pdf"))])
                self.assertEqual(answer.status_code, 400)
        for chosen in ("", "0", "x", "9" * 25, self.env["credit.checklist"].create({"name": "Other", "company_id": self.company.id, "active": False}).id):
            with self.subTest(type=chosen):
                self.assertEqual(self._post(self.url, {**good, "type": chosen}).status_code, 400)
        for body, kind in ((b"{}", "application/json"), (b"\xff\xfe", "application/x-www-form-urlencoded"), (b"--x", "multipart/form-data; boundary=x"),
                           (b"x" * 1000, "text/plain"), (b"", "multipart/form-data")):
            with self.subTest(kind=kind):
                answer = self.opener.post(self.base_url() + self.url, data=body, headers={"Content-Type": kind}, allow_redirects=False)
                self.assertLess(answer.status_code, 500)
                self.assertGreaterEqual(answer.status_code, 400)
        self.assertEqual(self._applications(), before)

    def _post_list(self, path, pairs):
        self.env["credit.throttle"].sudo().search([]).unlink()
        return self.opener.post(self.base_url() + path, data=[*pairs, ("csrf_token", Request.csrf_token(self))], allow_redirects=False)

    def test_form_of_another_kind_is_too_large(self):
        answer = self._apply(name="x" * 300_000)
        self.assertEqual(answer.status_code, 413)
        self.assertFalse(self._applications().filtered(lambda one: one.name.startswith("xxx")))

    def test_each_form_is_good_once(self):
        token = self._form_token()
        self.assertEqual(self._apply(token=token).status_code, 303)
        before = self._applications()
        words = {self._refused(self._apply(token=token)), self._refused(self._apply(token=token, name="Another"))}
        second = self.setup_other_company(name="Second Ltd")["company"]
        second.credit_apply_open = True
        self._checklist("Anybody", [], company_id=False, sequence=90)
        other = self._form_token(f"/credit/apply/{second.id}")
        good = self._form_token()
        moment = int(time.time())
        env = self.env(su=True)
        for name, bad in {
            "other company": other, "truncated": good[:-3], "reversed": good[::-1], "padded": good + "=", "none": "x", "long": "A" * 300,
            "spelled": good[:-1] + ("B" if good[-1] == "A" else "A"), "expired": hash_sign(env, FORM_SCOPE, [self.company.id, "n", moment], expiration=timedelta(seconds=-1)),
            "scope": hash_sign(env, "account_credit_collection.application", [self.company.id, "n", moment]), "short": hash_sign(env, FORM_SCOPE, [self.company.id]),
            "text": hash_sign(env, FORM_SCOPE, "x" * 30), "script": SCRIPT, "null": "a\0" * 50}.items():
            with self.subTest(name):
                words.add(self._refused(self._apply(token=bad)))
        self.assertEqual(len(words), 1)
        self.assertEqual(self._applications(), before)

    def test_nobody_is_that_fast_nor_fills_in_the_trap(self):
        before = self._applications()
        self.env["ir.config_parameter"].sudo().set_param("account_credit_collection.credit_apply_seconds", "3")
        answer = self._apply()
        self.assertEqual(answer.status_code, 400)
        self.assertIn("That was very fast", answer.text)
        self.assertIn('value="Harbour Mill"', answer.text, "nothing typed is lost")
        self.env["ir.config_parameter"].sudo().set_param("account_credit_collection.credit_apply_seconds", "0")
        with mute_logger("odoo.addons.account_credit_collection.controllers.forms"):
            self.assertEqual(self._apply(fax="123").status_code, 400)
        self.assertEqual(self._applications(), before)

    def test_without_the_sites_token_nothing_is_read(self):
        token = self._form_token()
        application = self._filled()
        before = self._applications(), self._stored(application)
        for path, data in ((self.url, {"form": token, **self._applicant()}), (self._path(application, "need"), NEED), (self._path(application, "submit"), CONSENT),
                           (self._path(application, "upload"), {"x": "1"}), (self._path(application, "withdraw"), {"x": "1"})):
            with self.subTest(path.split("/")[-1]):
                self.assertEqual(self._post(path, data, csrf=False).status_code, 400)
        self.assertEqual((self._applications(), self._stored(application)), before)

    def test_looking_changes_nothing(self):
        application, contract = self._filled(), self._approved()
        asked = self._asked().reference_ids[0]
        before = self._stored(application), self._stored(contract), asked.state
        for path in ("submit", "upload", "remove", "withdraw"):
            with self.subTest(path):
                self.assertIn(self._get(self._path(application, path)).status_code, (404, 405))
        for path in (f"{self._contract(contract)}/sign", f"{self._contract(contract)}/decline", f"/credit/reference/{asked.id}/{asked._link_token()}/decline"):
            self.assertIn(self._get(path).status_code, (404, 405))
        for path in (self._path(application), self._path(application, "need"), self._contract(contract)):
            self.assertEqual(self._get(path + "?state=approved&withdraw=1&sign=1").status_code, 200)
        self.assertEqual((self._stored(application), self._stored(contract), asked.state), before)

    def test_wrong_steps(self):
        application = self._filled()
        before = self._stored(application)
        for step in ("x", "status", "approve", "need/x", "..%2Fneed", "NEED", "0"):
            with self.subTest(step):
                self.assertEqual(self._get(self._path(application, step)).status_code, 404)
                self.assertIn(self._post(self._path(application, step), NEED).status_code, (404, 405))
        self.assertIn(self._post(self._path(application, "documents"), CONSENT).status_code, (404, 405))
        self.assertEqual(self._stored(application), before)

    def test_after_sending_nothing_changes_any_more(self):
        application = self._submitted()
        before = self._stored(application)
        for step, data, files in (("company", self._applicant(), None), ("need", {**NEED, "requested_limit": "9"}, None), ("references", {}, None),
                                  ("submit", CONSENT, None), ("upload", {}, [("file", ("a.pdf", pdf(), "application/pdf"))])):
            with self.subTest(step):
                answer = self._post(self._path(application, step), data, files=files)
                self._leads(answer, application)
        for step in ("company", "need", "references", "documents"):
            self._leads(self._get(self._path(application, step)), application)
        self.assertEqual(self._stored(application), before)

    def test_every_bad_link_gets_the_same_answer(self):
        application, other = self._filled(), self._begun()
        before, words = self._stored(application), set()
        for name, token in self._bad_tokens(application, other).items():
            for step in ("", "/need", "/documents"):
                with self.subTest(name, step=step):
                    words.add(self._refused(self._get(f"/credit/application/{application.id}/{token}{step}")))
            for step, data in (("need", {**NEED, "requested_limit": "9"}), ("withdraw", {}), ("submit", CONSENT), ("upload", {}), ("remove", {})):
                with self.subTest(name, post=step):
                    words.add(self._refused(self._post(f"/credit/application/{application.id}/{token}/{step}", data)))
        for number in (application.id + 10**6, 2**31, 10**30, 0):
            words.add(self._refused(self._get(f"/credit/application/{number}/{self._token([number, 0])}")))
        self.assertEqual(len(words), 1, "the answers tell apart what is wrong")
        self.assertEqual(self._stored(application), before)

    def test_a_revoked_link_opens_nothing(self):
        application = self._filled()
        path = self._path(application)
        self.assertEqual(self._get(path).status_code, 200)
        application._link_revoke()
        self._refused(self._get(path))

    def test_nothing_personal_in_the_log(self):
        with self.assertLogs("odoo", logging.INFO) as caught, self.assertLogs("werkzeug", logging.INFO) as served:
            self._submitted()
            self.assertEqual(self._apply(limit_amount="99999").status_code, 400, "a field that the form has not, beside all about the applicant")
            self.assertEqual(self._apply(vat="<0477>").status_code, 400)
        text = "\n".join(record.getMessage() for record in caught.records + served.records)
        for word in ("harbour", "Harbour", "Miller", "0477", "paper.example", "123 45 67"):
            self.assertNotIn(word, text)


@tagged("post_install", "-at_install")
class TestCreditFiles(CreditPortalCase):
    """Files that come over the form."""

    def _upload(self, application, name, raw, mimetype="application/pdf", **data):
        return self._post(self._path(application, "upload"), data, files=[("file", (name, raw, mimetype))])

    def test_wrong_files_are_refused_with_a_sentence(self):
        application = self._filled()
        for name, raw, sentence in (
                ("a.exe", b"MZ" + b"\0" * 99, "PDF, JPEG and PNG"), ("a.pdf", b"<html>" + b" " * 99, "not what its name says"), ("a.svg", b"<svg/>", "PDF, JPEG and PNG"),
                ("a.pdf", archive(), "not what its name says"), ("a.pdf", pdf() + archive(), "not what its name says"), ("a.jpg", picture("PNG"), "not what its name says"),
                ("a.png", flood(20000, 20000), "too many pixels"), ("a.png", picture("PNG")[:50], "cannot be read"), ("a.pdf", b"", "not empty"),
                ("a.docx", archive(), "PDF, JPEG and PNG"), ("../../a.php", b"<?php", "PDF, JPEG and PNG"), ("a.pdf", pdf() + b"\0" * 10_600_000, "10 MB")):
            with self.subTest(name, start=raw[:8]):
                answer = self._upload(application, name, raw)
                self.assertEqual(answer.status_code, 400)
                self.assertIn(sentence, self._error_at(answer, "file"))
        self.assertEqual(self._post(self._path(application, "upload")).status_code, 400, "no file at all")
        self.assertFalse(application.document_ids)
        self.assertFalse(self.env["ir.attachment"].sudo().search_count([("res_model", "=", "credit.application.document"), ("res_id", "=", application.id)]))

    def test_more_than_the_route_takes(self):
        application = self._filled()
        answer = self._upload(application, "a.pdf", b"\0" * 26_300_000)
        self.assertEqual(answer.status_code, 413)
        self.assertFalse(application.document_ids)

    def test_five_files_and_25_megabytes(self):
        application = self._filled()
        for number in range(5):
            self.assertEqual(self._upload(application, f"{number}.png", picture("PNG", (10 + number, 10)), "image/png").status_code, 303)
        answer = self._upload(application, "6.png", picture("PNG"), "image/png")
        self.assertIn("Five files at most", self._error_at(answer, "file"))
        answer = self._post(self._path(application, "remove"), {"document": application.document_ids[0].id})
        self.assertEqual(answer.status_code, 303)
        self.assertEqual(len(application.document_ids), 4)
        self.env.cr.execute("UPDATE credit_application_document SET size = 26214300 WHERE id = %s", [application.document_ids[0].id])
        self.env.invalidate_all()
        self.assertIn("25 MB", self._error_at(self._upload(application, "7.png", picture("PNG"), "image/png"), "file"))

    def test_unsent_files_cannot_fill_the_disk(self):
        application = self._filled()
        with patch.object(credit_application_portal, "MAX_UNSENT", 10):
            self.assertIn("tomorrow", self._error_at(self._upload(application, "a.png", picture("PNG"), "image/png"), "file"))

    @mute_logger("odoo.addons.account_credit_collection.controllers.forms")
    def test_only_own_files_are_removed_and_own_questions_answered(self):
        application, other = self._filled(requested_limit="30,000", q_why="Growth"), self._filled()
        self._upload(other, "a.pdf", pdf())
        for document in (other.document_ids.id, 0, "x", "9" * 30):
            self.assertEqual(self._post(self._path(application, "remove"), {"document": document}).status_code, 400)
        self.assertTrue(other.document_ids)
        self.assertEqual(self._upload(application, "a.pdf", pdf(), question=self.accounts.id).status_code, 303)
        self.assertEqual(application.document_ids.question_id, self.accounts)
        for question in (self.legal_form.question_id.id, 10**9, "x"):
            self.assertEqual(self._upload(application, "b.pdf", pdf(), question=question).status_code, 400)
        two = [("file", ("a.pdf", pdf(), "application/pdf"))] * 2
        self.assertEqual(self._post(self._path(application, "upload"), files=two).status_code, 400)
        self.assertEqual(len(application.document_ids), 1)

    def test_staff_saves_the_file_and_nobody_else(self):
        application = self._filled()
        self._upload(application, "../<b>плохо.pdf", pdf())
        document = application.document_ids
        self.assertEqual((document.name, document.original_name), (f"app-{application.id}-1.pdf", "bплохо.pdf"))
        attachment = self.env["ir.attachment"].sudo().search([("res_model", "=", document._name), ("res_field", "=", "file"), ("res_id", "=", document.id)])
        self.assertRecordValues(attachment, [{"public": False, "access_token": False}])
        path = f"/credit/document/{document.id}"
        self.assertIn("/web/login", self._get(path).headers["Location"])
        for path_ in (f"/web/content/{attachment.id}", f"/web/content/{document._name}/{document.id}/file"):
            self.assertIn(self._get(path_).status_code, (403, 404))
        second = self.setup_other_company(name="Third Ltd")["company"]
        for login, group, company, status in (("fileviewer", "group_viewer", self.company, 404), ("filestaff", "group_collector", self.company, 200),
                                              ("fileother", "group_collector", second, 404)):
            self.env["res.users"].sudo().with_context(no_reset_password=True).create({
                "name": login, "login": login, "password": login, "company_id": company.id, "company_ids": [Command.set(company.ids)],
                "group_ids": [Command.set(self.env.ref(f"account_credit_collection.{group}").ids)]})
            self.authenticate(login, login)
            answer = self._get(path)
            with self.subTest(login):
                self.assertEqual(answer.status_code, status)
        self.authenticate("filestaff", "filestaff")
        answer = self._get(path)
        self.assertEqual(answer.content, pdf())
        self.assertTrue(answer.headers["Content-Disposition"].startswith("attachment"))
        self.assertEqual((answer.headers["X-Content-Type-Options"], answer.headers["Content-Type"]), ("nosniff", "application/octet-stream"))
        self.assertIn("default-src 'none'", answer.headers["Content-Security-Policy"])
        for number in (0, document.id + 10**6, 2**31, 10**30):
            self.assertEqual(self._get(f"/credit/document/{number}").status_code, 404)


@tagged("post_install", "-at_install")
class TestCreditThrottle(CreditPortalCase):
    """Who posts too often waits."""

    def _posts(self, number, path, data):
        csrf = Request.csrf_token(self)
        return [self.opener.post(self.base_url() + path, data={**data, "csrf_token": csrf}, allow_redirects=False).status_code for _turn in range(number)]

    def test_a_thousand_posts_a_minute(self):
        token, before = self._form_token(), self._applications()
        self.env["credit.throttle"].sudo().search([]).unlink()
        self.patch(credit_throttle, "LIMITS", {**credit_throttle.LIMITS, "post": ((30, timedelta(hours=1)),)})  # however slow the machine
        codes = self._posts(1000, self.url, {"form": token, **self._applicant(email="wrong")})
        self.assertEqual((codes.count(400), codes.count(429)), (30, 970))
        self.assertEqual(self.env["credit.throttle"].sudo().search_count([("kind", "=", "post")]), 30)
        answer = self._apply(token=token, counted=True)
        self.assertEqual((answer.status_code, self._applications()), (429, before))
        self.assertIn("Please wait a little", answer.text)

    def test_five_applications_an_hour_and_twenty_a_day(self):
        before = len(self._applications())
        self.env["credit.throttle"].sudo().search([]).unlink()
        for number in range(5):
            self.assertEqual(self._apply(counted=True, email=f"a{number}@b.example").status_code, 303)
        self.assertEqual(self._apply(counted=True, email="a6@b.example").status_code, 429)
        self.assertEqual(len(self._applications()), before + 5)
        rows = self.env["credit.throttle"].sudo().search([("kind", "=", "apply")])
        self.env["credit.throttle"].sudo().create([{"key": rows[0].key, "kind": "apply", "at": fields.Datetime.now() - timedelta(hours=3)}] * 15)
        rows.at = fields.Datetime.now() - timedelta(hours=2)
        self.assertEqual(self._apply(counted=True).status_code, 429, "twenty today")
        rows.at = fields.Datetime.now() - timedelta(hours=25)
        self.assertEqual(self._apply(counted=True).status_code, 303)

    def test_five_applications_an_hour_for_an_address_of_mail(self):
        throttle = self.env["credit.throttle"].sudo()
        for _turn in range(5):
            throttle._note("email", "ada@harbour.example")
        self.assertEqual(self._apply(counted=True, email="ADA@harbour.example").status_code, 429)
        self.assertEqual(self._apply(counted=True, email="eve@harbour.example").status_code, 303)

    def test_addresses_are_counted_each_for_itself_and_cannot_be_read(self):
        throttle = self.env["credit.throttle"].sudo()
        for _turn in range(30):
            throttle._note("post", "192.0.2.1")
            throttle._note("post", "2001:db8::1")
        over = {who: throttle._is_over("post", who) for who in ("192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::ffff", "2001:db8:0:1::1")}
        self.assertEqual(over, {"192.0.2.1": True, "192.0.2.2": False, "2001:db8::1": True, "2001:db8::ffff": True, "2001:db8:0:1::1": False})
        self.assertFalse(throttle.search([("key", "ilike", "192.0")]))
        self.assertFalse(throttle._is_over("apply", "192.0.2.1"))

    def test_old_rows_go(self):
        throttle = self.env["credit.throttle"].sudo()
        throttle._note("post", "192.0.2.1")
        row = throttle.search([], limit=1)
        row.at = fields.Datetime.now() - credit_throttle.KEPT - timedelta(minutes=1)
        throttle._gc_throttle()
        self.assertFalse(row.exists())


@tagged("post_install", "-at_install")
class TestCreditOutsider(CreditPortalCase):
    """What an outsider can learn: nothing."""

    def _statements(self, **values):
        """The kinds of statements that the database gets for an application, without their values."""
        token = self._form_token()
        self._apply(token=self._form_token(), email="warm@up.example")
        with patch.object(type(self.env.cr), "execute", autospec=True, side_effect=type(self.env.cr).execute) as execute:
            answer = self._apply(token=token, **values)
        texts = [str(getattr(call.args[1], "code", call.args[1])) for call in execute.call_args_list]
        return answer, [re.sub(r"\s+", " ", text) for text in texts if "SAVEPOINT" not in text]

    def test_known_and_unknown_customers_get_the_same(self):
        self.customer.write({"email": "ada@harbour.example", "vat": "BE0477472701", "name": "Harbour Mill"})
        known, known_statements = self._statements()
        unknown, unknown_statements = self._statements(email="eve@nowhere.example", vat="", name="Unheard Of")
        self.assertEqual((known.status_code, unknown.status_code), (303, 303))
        self.assertEqual(known_statements, unknown_statements)
        # nobody is looked for by an address or a number
        self.assertFalse([text for text in known_statements if "res_partner" in text and re.search(r"\b(email|vat|email_normalized)\b[^,]*(=|IN|LIKE)", text)])
        self.assertFalse(self._applications().partner_id)

    def test_no_customer_is_made_or_changed(self):
        before = self.env["res.partner"].with_context(active_test=False).search_count([])
        stamp = self.customer.write_date
        self.customer.email = "ada@harbour.example"
        self._submitted()
        self.assertEqual(self.env["res.partner"].with_context(active_test=False).search_count([]), before)
        self.assertEqual(self.customer.write_date, stamp)

    def test_one_company_says_nothing_of_another(self):
        second = self.setup_other_company(name="Second Ltd")["company"]
        second.credit_apply_open = True
        foreign = self.env["credit.checklist"].create({"name": "Secret checklist", "company_id": second.id})
        self.assertNotIn("Secret checklist", self._get(self.url).text)
        self.assertNotIn("Second Ltd", self._get(self.url).text)
        with mute_logger("odoo.addons.account_credit_collection.controllers.forms"):
            self.assertEqual(self._apply(type=foreign.id).status_code, 400)
        self.company.credit_term_ids = self.env["account.payment.term"].search([("company_id", "in", (False, self.company.id))], limit=1)
        term = self.env["account.payment.term"].create({"name": "For Northwind only"})
        application = self._begun()
        page = self._get(self._path(application, "need")).text
        self.assertNotIn("For Northwind only", page)
        self.assertEqual(self._post(self._path(application, "need"), {**NEED, "requested_term_id": term.id, "q_staff": ""}).status_code, 400)


@tagged("post_install", "-at_install")
class TestCreditReferee(CreditPortalCase):
    """The form of a referee."""

    FACTS = {"manner_of_payment": "slow_30", "selling_terms": "30 days", "high_credit": "8,000", "owing": "1,200.50", "past_due": "0", "last_sale": "2024-05-02",
             "account_since": "2019-01-01", "as_of": "", "comment": "", "answered_name": "Joe Paper"}

    def setUp(self):
        super().setUp()
        self.application = self._asked()
        self.reference = self.application.reference_ids.filtered(lambda one: one.kind == "trade")
        self.path = f"/credit/reference/{self.reference.id}/{self.reference._link_token()}"

    def test_a_supplier_tells_the_seven_facts_once(self):
        page = self._get(self.path).text
        self.assertIn("Harbour Mill", page)
        self.assertIn(self.company.name, page)
        self.assertIn("Thank you", self._post(self.path, self.FACTS).text)
        self.assertRecordValues(self.reference, [{
            "state": "answered", "manner_of_payment": "slow_30", "high_credit": 8000.0, "owing": 1200.5, "past_due": 0.0, "selling_terms": "30 days",
            "last_sale": fields.Date.to_date("2024-05-02"), "answered_name": "Joe Paper", "answered_ip": "127.0.0.1"}])
        self.assertTrue(self.reference.as_of and self.reference.answered_on)
        self._refused(self._post(self.path, {**self.FACTS, "manner_of_payment": "bad"}))
        self._refused(self._get(self.path))
        self.assertEqual(self.reference.manner_of_payment, "slow_30")

    def test_a_bank_is_asked_less(self):
        bank = self.application.reference_ids - self.reference
        bank.sudo().write({"email": "bank@bank.example", "state": "asked"})
        path = f"/credit/reference/{bank.id}/{bank._link_token()}"
        self.assertNotIn("high_credit", self._get(path).text)
        self.assertEqual(self._post(path, {"manner_of_payment": "prompt", "answered_name": "Teller", "comment": "", "account_since": ""}).status_code, 200)
        self.assertEqual(bank.state, "answered")

    def test_a_referee_may_decline(self):
        self.assertIn("We will not ask you again", self._post(f"{self.path}/decline").text)
        self.assertEqual(self.reference.state, "declined")
        self._refused(self._post(self.path, self.FACTS))

    def test_bad_answers(self):
        form = self.env["credit.form"].sudo()._reference_answer(self.reference)
        kinds = TestCreditBadInput._cases(self, [field.rule for field in form], self.FACTS)
        for field, name, text in kinds:
            with self.subTest(field=field, name=name, text=text[:30]):
                answer = self._post(self.path, {**self.FACTS, field: text})
                self.assertEqual(answer.status_code, 400)
                self.assertTrue(self._error_at(answer, field))
        for field in ("manner_of_payment", "answered_name"):
            self.assertTrue(self._error_at(self._post(self.path, {**self.FACTS, field: ""}), field))
        self.assertEqual(self.reference.state, "asked")

    def test_bad_links(self):
        other = self.application.reference_ids - self.reference
        words = set()
        for name, token in self._bad_tokens(self.reference, other).items():
            with self.subTest(name):
                words.add(self._refused(self._get(f"/credit/reference/{self.reference.id}/{token}")))
                words.add(self._refused(self._post(f"/credit/reference/{self.reference.id}/{token}", self.FACTS)))
                words.add(self._refused(self._post(f"/credit/reference/{self.reference.id}/{token}/decline")))
        words.add(self._refused(self._get(f"/credit/reference/{self.application.id}/{self.application._link_token()}")))
        for state in ("new", "answered", "declined"):
            self.reference.sudo().state = state
            words.add(self._refused(self._get(self.path)))
        self.reference.sudo().state = "asked"
        self.application.sudo().state = "withdrawn"
        words.add(self._refused(self._get(self.path)))
        self.assertEqual(len(words), 1)


@tagged("post_install", "-at_install")
class TestCreditContract(CreditPortalCase):
    """The contract, signed by who holds the link."""

    def setUp(self):
        super().setUp()
        self.application = self._approved()
        self.path = self._contract(self.application)

    def test_signed_with_evidence(self):
        page = self._get(self.path).text
        self.assertIn("2,000.00", page)
        self.assertIn("Invoices by e-mail", page)
        file = self._get(f"{self.path}/pdf")
        self.assertEqual((file.content, file.headers["Content-Type"]), (self.application._contract_raw(), "application/pdf"))
        self.assertEqual(self._sign(self.application).status_code, 303)
        self.assertRecordValues(self.application, [{
            "state": "signed", "signed_name": "Ada Miller", "signed_function": "Owner", "signed_ip": "127.0.0.1"}])
        self.assertIn("python-requests", self.application.signed_agent)
        self.assertLess(abs(self.application.signed_on - fields.Datetime.now()), timedelta(minutes=1))
        self.assertIn("Signed by", self._get(self.path).text)
        self.assertEqual(self._get(f"{self.path}/pdf").content, self.application._contract_raw(), "the signed file can still be read")

    def test_signed_once(self):
        self._sign(self.application)
        before = self._stored(self.application)
        answer = self._sign(self.application, signed_name="Eve")
        self.assertEqual(answer.status_code, 400)
        self.assertEqual(self._stored(self.application), before)

    def test_only_what_was_shown_is_signed(self):
        for shown in ("", "0" * 64, self.application.contract_hash.upper(), self.application.contract_hash[:-1], "é" * 64, SCRIPT):
            with self.subTest(shown=shown[:10]):
                answer = self._sign(self.application, hash=shown)
                self.assertEqual(answer.status_code, 400)
                self.assertIn("The contract was changed", answer.text)
        self.assertEqual(self.application.state, "approved")

    def test_bad_signatures(self):
        rules = [field.rule for field in self.env["credit.form"].sudo()._contract(self.application)]
        good = {"signed_name": "Ada", "signed_function": "Owner", "entitled": "1"}
        for field, name, text in TestCreditBadInput._cases(self, rules, good):
            with self.subTest(field=field, name=name):
                answer = self._sign(self.application, **{**good, field: text})
                self.assertEqual(answer.status_code, 400)
                self.assertTrue(self._error_at(answer, field))
        for field in good:
            self.assertTrue(self._error_at(self._sign(self.application, **{**good, field: ""}), field))
        self.assertFalse(self.application.signed_on)

    def test_an_offer_that_ran_out_is_not_signed(self):
        self.application.sudo().offer_until = fields.Date.today() - timedelta(days=3)
        answer = self._sign(self.application)
        self.assertEqual((answer.status_code, self.application.state), (400, "approved"))
        self.assertIn("run out", answer.text)

    def test_declined(self):
        self.assertIn("Declined", self._post(f"{self.path}/decline").text)
        self.assertEqual(self.application.state, "withdrawn")
        self._refused(self._sign(self.application))

    def test_bad_links(self):
        other = self._begun()
        words = set()
        for name, token in self._bad_tokens(self.application, other).items():
            path = f"/credit/contract/{self.application.id}/{token}"
            with self.subTest(name):
                words |= {self._refused(self._get(path)), self._refused(self._get(f"{path}/pdf")), self._refused(self._post(f"{path}/decline")),
                          self._refused(self._post(f"{path}/sign", {"hash": self.application.contract_hash}))}
        words.add(self._refused(self._get(self._contract(other))))
        self.assertEqual(len(words), 1)
        self.assertEqual(self.application.state, "approved")
