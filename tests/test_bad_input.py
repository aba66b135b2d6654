import http.client
import random
import socket
import time
from unittest.mock import patch
from urllib.parse import urlencode

from odoo.http import Request
from odoo.tests import tagged
from odoo.tests.common import TEST_CURSOR_COOKIE_NAME
from odoo.tools import mute_logger
from odoo.tools.misc import hash_sign

from odoo.addons.http_routing.tests.common import MockRequest

from ..controllers import links
from ..controllers.credit_apply import FORM_SCOPE
from ..models.credit_field_rules import SENTENCES, clean, sentence
from .corpus import Counted, contact, numbers, text
from .credit_portal import APPLICANT, NEED, CreditPortalCase
from .test_account_promise import SayCase

FORMS = "odoo.addons.account_credit_collection.controllers.forms"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
HUGE = "9" * 5000  # Python itself refuses to read it as a number


@tagged("post_install", "-at_install")
class TestBadText(Counted, CreditPortalCase):
    """Whatever is written into a field of the application: stored as it was meant, or refused with a sentence."""

    least = 340

    def setUp(self):
        super().setUp()
        self.application = self._begun()
        self.good = {**APPLICANT, "country_id": self.env.ref("base.be").id, "q_legal_form": self.legal_form.id}

    def _save(self, step="company", **values):
        good = self.good if step == "company" else {**NEED, "q_staff": ""}
        answer = self._post(self._path(self.application, step), {**good, **values})
        self.assertIn(answer.status_code, (303, 400))
        self.application.invalidate_recordset()
        return answer

    def _refused_at(self, answer, field, before):
        """A sentence beside the field, and nothing of the step is kept."""
        self.assertEqual((answer.status_code, self._stored(self.application)), (400, before))
        self.assertTrue(self._error_at(answer, field))

    def test_letters(self):
        for name, given, kept in text.ALL:
            with self.case("text", name):
                before = self._stored(self.application)
                answer = self._save(name=given)
                if kept is None:
                    self._refused_at(answer, "name", before)
                else:
                    self.assertEqual((answer.status_code, self.application.name), (303, given if kept is text.SAME else kept))

    def test_letters_of_a_note(self):
        """Where lines may break, breaks are kept and everything else is as it is elsewhere."""
        rule = next(field.rule for field in self.env["credit.form"].sudo()._dispute_note() if field.name == "text")
        self.assertEqual(rule.kind, "lines")
        application = self._asked()
        reference = application.reference_ids.filtered(lambda one: one.kind == "trade")
        path = f"/credit/reference/{reference.id}/{reference._link_token()}"
        for name, given, kept in text.CONTROLS + text.INVISIBLE + text.MARKUP:
            if kept is None and not set(given) & set("\r\n"):
                with self.case("note", name):
                    answer = self._post(path, {"manner_of_payment": "prompt", "answered_name": "Joe", "comment": given})
                    self.assertEqual((answer.status_code, reference.state), (400, "asked"))
                    self.assertTrue(self._error_at(answer, "comment"))
        self.assertEqual(self._post(path, {"manner_of_payment": "prompt", "answered_name": "Joe", "comment": "=1+1\r\nBcc: eve@evil.example"}).status_code, 200)
        self.assertEqual(reference.comment, "'=1+1\nBcc: eve@evil.example")

    def _rules(self, step):
        return [field.rule for field in self.env["credit.form"].sudo()._step(step, self.checklist, self.company)]

    def _judged(self, rules, field, given):
        """What the form makes of a field: its value, or the sentence beside it."""
        values, errors = clean(rules, {**dict.fromkeys((rule.name for rule in rules), [""]), field: [given]}, self.env["credit.form"]._reader(self.company))
        code, details = errors.get(field, (None, {}))
        return values.get(field), code and sentence(self.env, code, **details)

    def test_addresses_and_numbers_of_people(self):
        rules = self._rules("company")
        for field, given, good in contact.ALL:
            with self.case("contact", given):
                value, problem = self._judged(rules, field, given)
                self.assertEqual((bool(value), problem is None), (good, good))

    def test_amounts(self):
        rules = self._rules("need")
        for given, good in numbers.AMOUNTS:
            with self.case("amount", given):
                value, problem = self._judged(rules, "requested_limit", given)
                self.assertEqual((bool(value), problem is None), (good, good))
        with self.case("amount", "over the line"):
            before = self._stored(self.application)
            self._refused_at(self._save("need", requested_limit="1e308"), "requested_limit", before)

    def test_numbers_say_what_to_write(self):
        """Each refusal is a sentence for people, none of them a code."""
        for code, words in SENTENCES.items():
            self.assertNotEqual(str(words), code)
            self.assertTrue(str(words).endswith("."))


@tagged("post_install", "-at_install")
class TestBadDays(Counted, SayCase):
    """Days and amounts that a customer writes on the page of its account."""

    least = 165

    def setUp(self):
        super().setUp()
        self._as(self.ada)
        self.env["collection.plan.template"].search([]).active = False
        self.env["collection.plan.template"].create({
            "name": "Three parts", "company_id": self.company.id, "currency_id": self.company.currency_id.id, "count": 3, "rhythm": "monthly",
            "approve_count": 6, "year_limit": 0, "online": "ask"})
        self.items = (self._item(self.old) + self._item(self.new)).ids
        self.reason = self.env.ref("account_credit_collection.collection_dispute_reason_damaged")

    def _rows(self):
        self.env.invalidate_all()
        return [self.env[f"collection.{model}"].search_count([("profile_id", "=", self._profile().id)]) for model in ("promise", "dispute", "request", "checkout")]

    def _refuse(self, answer, before, allowed=(400,)):
        self.assertIn(answer.status_code, allowed)
        self.assertEqual(self._rows(), before)

    def test_days(self):
        before = self._rows()
        forms = (("/promise", "promised_on", {"amount": "350", "method": "transfer"}), ("/plan", "first_on", {"parts": "3", "text": ""}))
        for turn, (given, _good) in enumerate(numbers.DAYS):  # none of them lies ahead within the customer's reach
            path, field, data = forms[turn % 2]
            with self.case("day", given):
                self._refuse(self._post(self._my(path), {**data, "item": self.items, field: given}), before)

    def test_days_of_a_statement(self):
        for turn, (given, _good) in enumerate(numbers.DAYS):
            path, values = (("/statement.xlsx", {"first": given, "last": given}), ("/statement.xlsx", {"first": given}), ("/plan", {"show": "1", "parts": given, "first_on": given}))[turn % 3]
            with self.case("statement", given):
                self.env["credit.throttle"].sudo().search([]).unlink()
                self.assertIn(self.url_open(self._my(path), params=values, allow_redirects=False, method="GET").status_code, (200, 400))

    def test_amounts_of_a_promise_a_dispute_and_a_payment(self):
        before = self._rows()
        forms = (("/promise", {"item": self.items, "promised_on": self._in(5), "method": "transfer"}, (400,)),
                 ("/dispute", {"item": self.items[0], "reason_id": self.reason.id, "text": "x"}, (400,)), ("/pay", {"item": self.items}, (303, 400)))
        for turn, given in enumerate(given for given, good in numbers.AMOUNTS if not good):
            path, data, allowed = forms[turn % 3]
            with self.case("promised", given):
                self._refuse(self._post(self._my(path), {**data, "amount": given}), before, allowed)

    def test_numbers_of_records(self):
        """A number of something that is not there, or is somebody else's, gets one and the same answer (R-76)."""
        theirs = self._item(self._invoice(5, 66.0, partner=self.other)).id
        words, before = set(), self._rows()
        forms = (("/promise", {"promised_on": self._in(5), "amount": "10", "method": "transfer"}), ("/plan", {"parts": "3", "first_on": self._in(9), "text": ""}),
                 ("/dispute", {"amount": "10", "reason_id": self.reason.id, "text": "x"}))
        for turn, given in enumerate((theirs, theirs + 10**6, 0, -1, "-0", 2**31 - 1, 2**31, 2**63, 10**30, HUGE, "1e3", "1.0", "0x1", "١", "１", "²", "", " ", "None", "NaN", "' OR 1=1", "1,2", "[1]", "\0", "é", "🏭", f" {self.items[0]}", f"+{self.items[0]}", f"{self.items[0]}.0")):
            with self.case("number of a record", given):
                for path, data in (("/pay", {}), forms[turn % 3]):
                    answer = self._post(self._my(path), {**data, "item": [given]})
                    self._refuse(answer, before, (404,))
                    words.add(self._words(answer))
                answer = self.url_open(self._my(forms[turn % 3][0]), params={"item": given}, allow_redirects=False, method="GET")
                self.assertEqual(answer.status_code, 404)
                words.add(self._words(answer))
        self.assertEqual(len(words), 1)

    @mute_logger(FORMS)
    def test_choices(self):
        before = self._rows()
        for given in ("", "0", "-1", "999999", HUGE, "x" * 5000, "1 OR 1=1", "True", "é", "\0", "٣", "3.0"):
            with self.case("choice", given):
                for path, field, data in (("/promise", "method", {"promised_on": self._in(5), "amount": "10"}), ("/plan", "parts", {"first_on": self._in(9), "text": ""}),
                                          ("/dispute", "reason_id", {"amount": "10", "text": "x"})):
                    self._refuse(self._post(self._my(path), {**data, "item": self.items[:1], field: given}), before)
                self._refuse(self._post(self._my("/promise"), {"item": self.items, "renew": given, "promised_on": self._in(5), "amount": "10", "method": "transfer"}), before, (400, 404))


@tagged("post_install", "-at_install")
class TestBadStructure(Counted, CreditPortalCase):
    """Requests that no browser makes: an answer below 500 each time, and nothing is stored."""

    least = 70

    def setUp(self):
        super().setUp()
        self.application = self._approved()
        self.opened = self._begun(email="b@harbour.example")
        self.before = self._stored(self.opened), self._stored(self.application), len(self._applications())
        self.paths = (self.url, self._path(self.opened, "company"), self._path(self.opened, "need"), self._path(self.opened, "upload"), self._path(self.opened, "submit"), f"{self._contract(self.application)}/sign")

    def _send(self, path, body=b"", headers=(), method="POST", wait=5):
        """What goes over the line exactly as written; the number of the answer, None where the server hung up or still waits for more."""
        with self.allow_requests(), socket.create_connection(("127.0.0.1", self.http_port()), timeout=wait) as line:
            own = f"session_id={self.session.sid}; {TEST_CURSOR_COOKIE_NAME}={self.http_request_key}"
            cookies = "; ".join((own, *(value for name, value in headers if name == "Cookie")))  # in one header: of two Odoo's tests see none
            lines = (("Host", f"127.0.0.1:{self.http_port()}"), ("Cookie", cookies), ("Connection", "close"), *(one for one in headers if one[0] != "Cookie"))
            head = "".join(f"{name}: {value}\r\n" for name, value in lines)
            try:
                line.sendall(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body)
                answer = http.client.HTTPResponse(line, method=method)  # the answer to HEAD has no body
                answer.begin()
                answer.read()
                return answer.status
            except (OSError, http.client.HTTPException):
                return None

    def _fine(self, status, silent=False):
        """An answer below 500; a server that hangs up on everybody stores nothing wrong either. ``silent``: there is more to come, it may wait for."""
        self.assertTrue(status < 500 if status else silent, status)

    def _one_good_one(self):
        """The same way over the line that all the bad ones went stores what is good."""
        body = urlencode({"csrf_token": Request.csrf_token(self), **NEED, "q_staff": "7"}).encode()
        self.env["credit.throttle"].sudo().search([]).unlink()
        self.assertEqual(self._send(self.paths[2], body, [("Content-Type", "application/x-www-form-urlencoded"), ("Content-Length", len(body))]), 303)
        self.env.invalidate_all()
        self.assertEqual(self.opened.requested_limit, 5000)

    @mute_logger("odoo.http", FORMS, "werkzeug", "odoo.addons.base.models.ir_http")
    def test_bodies(self):
        token = Request.csrf_token(self)
        field = b'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n' + token.encode() + b"\r\n"
        form, parts = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
        csrf = f"csrf_token={token}&".encode()
        bodies = {
            "JSON": ("application/json", b'{"jsonrpc": "2.0", "params": {"name": "\\ud800"}}'), "JSON of another kind": ("application/json", b"[" * 1000), "no JSON": ("application/json", b"{"), "text": ("text/plain", b"x" * 1000), "XML": ("text/xml", b"<a/>"),
            "nothing": (form, b""), "only the token": (form, csrf), "Latin-1": (form, csrf + b"name=M\xfcller"), "surrogates": (form, csrf + b"name=%ED%A0%80"), "overlong": (form, csrf + b"name=%C0%80"), "zero": (form, csrf + b"name=%00"), "half an escape": (form, csrf + b"name=%"),
            "a thousand fields": (form, csrf + b"&".join(b"f%d=1" % number for number in range(1000))), "the same field often": (form, csrf + b"name=a&" * 5000), "fields without names": (form, csrf + b"&=1&=2&&&"), "brackets": (form, csrf + b"name[]=1&name[0]=2&name[a][b]=3"),
            "dots": (form, csrf + b"name.x=1&__proto__=2&constructor=3"), "a million letters": (form, csrf + b"name=" + b"x" * 1_000_000), "UTF-16": (form + "; charset=utf-16", csrf + "name=x".encode("utf-16")), "unknown letters": (form + "; charset=nonsense", csrf + b"name=x"),
            "no boundary": ("multipart/form-data", field + b"--x--"), "empty boundary": ("multipart/form-data; boundary=", field), "long boundary": ("multipart/form-data; boundary=" + "b" * 5000, field), "never ends": (parts, field + b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nabc'),
            "no headers": (parts, field + b"--x\r\n\r\nabc\r\n--x--"), "empty name": (parts, field + b'--x\r\nContent-Disposition: form-data; name=""\r\n\r\nabc\r\n--x--'),
            "bad disposition": (parts, field + b"--x\r\nContent-Disposition: \xff\xfe;;;=\r\n\r\nabc\r\n--x--"), "file for a text": (parts, field + b'--x\r\nContent-Disposition: form-data; name="name"; filename="a.pdf"\r\n\r\nabc\r\n--x--'),
            "ten thousand parts": (parts, field + b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 3000 + b"--x--"), "nested": (parts, field + b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n\r\n--y--\r\n--x--"),
            "base64 part": (parts, field + b'--x\r\nContent-Disposition: form-data; name="name"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\r\n--x--'), "file name of controls": (parts, field + b'--x\r\nContent-Disposition: form-data; name="file"; filename="a\0\r.pdf"\r\n\r\nabc\r\n--x--'),
            "file name in another encoding": (parts, field + b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename*=utf-16''%ff%fe%00\r\n\r\nabc\r\n--x--"), "file without a name": (parts, field + b'--x\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\n\r\n--x--'),
            "six files": (parts, field + b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\nabc\r\n' * 6 + b"--x--"),
        }
        for turn, (name, (kind, body)) in enumerate(bodies.items()):
            with self.case("structure", name):
                for path in (self.paths[turn % 6], self.paths[(turn + 3) % 6]):
                    self.env["credit.throttle"].sudo().search([]).unlink()
                    status = self._send(path, body, [("Content-Type", kind), ("Content-Length", len(body))])
                    self._fine(status)
                    self.assertGreaterEqual(status, 300)
        self.assertEqual((self._stored(self.opened), self._stored(self.application), len(self._applications())), self.before)
        self._one_good_one()

    @mute_logger("odoo.http", FORMS, "werkzeug", "odoo.addons.base.models.ir_http")
    def test_lines_and_headers(self):
        form = ("Content-Type", "application/x-www-form-urlencoded")
        token = f"csrf_token={Request.csrf_token(self)}".encode()
        for name, headers, body, method in (
                ("length too small", [form, ("Content-Length", 3)], token, "POST"), ("length negative", [form, ("Content-Length", -1)], token, "POST"), ("length no number", [form, ("Content-Length", "x")], token, "POST"),
                ("two lengths", [form, ("Content-Length", 3), ("Content-Length", 5)], token, "POST"), ("no length", [form], token, "POST"), ("chunks", [form, ("Transfer-Encoding", "chunked")], b"5\r\nname=\r\n0\r\n\r\n", "POST"), ("bad chunks", [form, ("Transfer-Encoding", "chunked")], b"zz\r\n", "POST"),
                ("huge length", [form, ("Content-Length", 10**12)], token, "POST"), ("compressed", [form, ("Content-Encoding", "gzip"), ("Content-Length", 5)], b"\x1f\x8b\0\0\0", "POST"), ("another method by header", [form, ("X-HTTP-Method-Override", "DELETE"), ("Content-Length", 0)], b"", "POST"),
                ("PUT", [("Content-Length", 0)], b"", "PUT"), ("DELETE", [], b"", "DELETE"), ("PATCH", [("Content-Length", 0)], b"", "PATCH"), ("TRACE", [], b"", "TRACE"), ("OPTIONS", [], b"", "OPTIONS"), ("HEAD", [], b"", "HEAD"), ("made up", [], b"", "BREW"),
                ("languages", [("Accept-Language", "../../x,;q=a" * 200)], b"", "GET"), ("another host", [("X-Forwarded-Host", "evil.example")], b"", "GET"), ("ranges", [("Range", "bytes=0-0,-1")], b"", "GET"), ("condition", [("If-Modified-Since", "never")], b"", "GET"),
                ("cookies", [("Cookie", "frontend_lang=../../x; tz=x; cids=1-2-x; session_id=" + "z" * 500)], b"", "GET")):
            with self.case("structure", name):
                for path in (self.url, self._contract(self.application)):
                    self.env["credit.throttle"].sudo().search([]).unlink()
                    waits = name in ("huge length", "no length", "bad chunks")
                    self._fine(self._send(path, body, headers, method, wait=1 if waits else 5), silent=waits)
        self.assertEqual((self._stored(self.opened), self._stored(self.application), len(self._applications())), self.before)
        self._one_good_one()

    @mute_logger("odoo.http", FORMS)
    def test_programs_say_who_they_are(self):
        """What a browser calls itself is stored with a signature: as plain text, which no spreadsheet calculates."""
        form = ("Content-Type", "application/x-www-form-urlencoded")
        body = f"csrf_token={Request.csrf_token(self)}&hash={self.application.contract_hash}&signed_name=Ada&signed_function=Owner&entitled=1".encode()
        path, head = f"{self._contract(self.application)}/sign", [form, ("Content-Length", len(body))]
        with patch.object(type(self.application), "_render", lambda *_args: b"%PDF-1.7"):
            for agent in ("=HYPERLINK(1)\0\x1b[31m\xff\xad<pwned>" + "x" * 2000, "Mozilla\0", "a" * 60_000):
                with self.case("structure", f"name of the program {agent[:20]}"):
                    self._fine(self._send(path, body, [*head, ("User-Agent", agent)]))
        self.env.invalidate_all()
        self.assertEqual(self.application.state, "signed")
        self.assertNotRegex(self.application.signed_agent, r"[\0-\x1f\x7f-\x9f\xad]|\A=")
        self.assertTrue(self.application.signed_agent.startswith("'=HYPERLINK(1)"))
        self.assertEqual(len(self.application.signed_agent), 500)

    @mute_logger("odoo.http", "werkzeug")
    def test_numbers_in_addresses(self):
        token = self.application._link_token()
        words = set()
        for number in (0, 2**31 - 1, 2**31, 2**63, 10**30):
            with self.case("structure", f"number {number}"):
                for path in (f"/credit/apply/{number}/{token}", f"/credit/application/{number}/{token}", f"/credit/contract/{number}/{token}/pdf", f"/credit/reference/{number}/{token}",
                             f"/collections/plan/{number}/{token}", f"/collections/account/{number}/{token}", f"/greetings/stop/{number}/{token}"):
                    answer = self._get(path)
                    self.assertEqual(answer.status_code, 404)
                    words.add(self._words(answer))
        self.assertLessEqual(len(words), 1)

    @mute_logger("odoo.http", FORMS)
    def test_without_the_token_of_the_site(self):
        for path in self.paths:
            with self.case("structure", "no CSRF"):
                for csrf in ("", "x", "0" * 40 + "o0"):
                    self.assertEqual(self.opener.post(self.base_url() + path, data={"csrf_token": csrf}, allow_redirects=False).status_code, 400)

    def test_a_wrong_number_of_seconds_in_the_settings_closes_no_form(self):
        for seconds in ("abc", "", "nan", "1e400", "-5", "=3"):
            with self.case("setting", seconds):
                self.env["ir.config_parameter"].sudo().set_param("account_credit_collection.credit_apply_seconds", seconds)
                token = hash_sign(self.env(su=True), FORM_SCOPE, [self.company.id, f"nonce of {seconds}", int(time.time()) - 61], expiration_hours=24)
                answer = self._apply(token=token, email=f"s{len(seconds)}{seconds[:1].strip('=-')}@harbour.example")
                self.assertEqual(answer.status_code, 303, "opened a minute ago: slow enough for any setting")


@tagged("post_install", "-at_install")
class TestBadLinks(Counted, CreditPortalCase):
    """A thousand links that nearly are ours: none opens anything, each gets the same answer (R-74, R-94)."""

    def _mutate(self, dice, token):
        place, letter = dice.randrange(len(token)), dice.choice(LETTERS)
        return dice.choice((
            lambda: token[:place] + letter + token[place + 1:], lambda: token[:place] + token[place + 1:], lambda: token[:place] + letter + token[place:], lambda: token[:place], lambda: token[place:],
            lambda: token[::-1], lambda: token.swapcase(), lambda: token + letter, lambda: letter + token, lambda: token[:place] + chr(dice.randrange(0x110000)) + token[place:], lambda: token + token,
            lambda: token[:place] + token[place:].upper(), lambda: "".join(dice.sample(token, len(token))), lambda: token.replace(letter, "="), lambda: token[place:] + token[:place]))()

    def test_a_thousand_mutations(self):
        dice = random.Random(1000)
        application = self._begun()
        scopes = {application._link_scope: [application.id, 0], FORM_SCOPE: [self.company.id, "n" * 22, 1]}
        scopes |= {self.env[model]._link_scope: [1, 0] for model in ("credit.profile", "credit.application.reference", "collection.plan", "collection.settlement", "collection.greeting")}
        env = self.env(su=True)
        good = {scope: hash_sign(env, scope, values, expiration_hours=24) for scope, values in scopes.items()}
        with MockRequest(self.env):
            for scope, token in good.items():
                self.assertEqual(links.read_token(scope, token), scopes[scope])
                for other in set(good) - {scope}:
                    with self.case("link", f"{scope} for {other}"):
                        self.assertIsNone(links.read_token(other, token))
            for turn in range(1000):
                scope, token = dice.choice(sorted(good.items()))
                changed = self._mutate(dice, token)
                if changed != token:
                    with self.case("link", f"{turn} {changed[:20]}"):
                        self.assertIsNone(links.read_token(scope, changed))

    @mute_logger("odoo.http", "werkzeug")
    def test_over_the_line(self):
        dice = random.Random(60)
        application = self._begun()
        token, words = application._link_token(), set()
        for _turn in range(60):
            changed = self._mutate(dice, token).encode("utf-8", "surrogatepass")
            quoted = "".join(f"%{byte:02X}" for byte in changed)
            if changed != token.encode() and changed and b"/" not in changed:
                with self.case("link", quoted[:20]):
                    answer = self._get(f"/credit/application/{application.id}/{quoted}")
                    self.assertEqual(answer.status_code, 404)
                    words.add(self._words(answer))
        self.assertEqual(len(words), 1)
        self.assertEqual(self._get(f"/credit/application/{application.id}/{token}").status_code, 200)
