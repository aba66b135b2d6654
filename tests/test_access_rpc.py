import json
import logging
from datetime import timedelta
from xmlrpc.client import Fault

from odoo.fields import Datetime
from odoo.http import Request
from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger

from ..models.res_company_access import TOLD
from .access_world import OURS, AccessWorld

_logger = logging.getLogger(__name__)
QUIET = ("odoo.http", "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule", "odoo.addons.base.models.res_users", "odoo.models", "odoo.orm.models",
         "odoo.addons.base.models.ir_http", "odoo.sql_db", "odoo.addons.rpc.controllers.jsonrpc", "odoo.addons.rpc.controllers.xmlrpc", "odoo.addons.web.controllers.export")
OUTSIDERS = ("portal_own", "portal_other", "employee", "other_manager")
# What is never an outsider's: what a customer owes, what was agreed, what was said, and what is planned.
PRIVATE = ("credit.profile", "credit.limit", "credit.hold", "credit.application", "credit.application.document", "collection.action", "collection.call", "collection.promise",
           "collection.dispute", "collection.plan", "collection.settlement", "collection.charge", "collection.handover", "collection.snapshot", "collection.ageing",
           "collection.run.wizard.line", "credit.limit.import.wizard.line", "collection.level.message", "collection.statement.wizard")
# Methods that do without asking for rights: nobody reaches them from outside.
HIDDEN = (("credit.profile", "_ensure"), ("credit.profile", "_link_token"), ("credit.profile", "_plain_status_of"), ("credit.limit", "_enact"), ("collection.plan", "_draw"),
          ("collection.settlement", "_make"), ("collection.settlement", "_transition"), ("collection.channel", "_queue"), ("collection.channel", "_queue_statements"),
          ("collection.reader", "_read_open_amounts"), ("collection.dispute", "_open_online"), ("collection.promise", "_take_online"), ("collection.checkout", "_choose"),
          ("collection.outbox", "_wake"), ("collection.kept.file.mixin", "_kept_raw"), ("collection.handover.file", "_kept_raw"), ("collection.guard.mixin", "_as_manager"),
          ("credit.throttle", "_note"), ("collection.retention.rule", "_purge"), ("res.company", "_collection_today"))


@tagged("post_install", "-at_install")
class TestAccessRpc(AccessWorld):
    """Every door from outside, tried with the key or the session of each kind of person."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        until = Datetime.now() + timedelta(days=1)
        cls.keys = {role: cls.env["res.users.apikeys"].with_user(user).sudo()._generate("rpc", role, until)
                    for role, user in cls.people.items() if role != "public"}
        cls.marks = (cls.customer.name, cls.move.name, "7431.11", "7,431.11", "Behind")
        cls.tried = 0

    @classmethod
    def tearDownClass(cls):
        _logger.info("rpc: %s assertions", cls.tried)
        super().tearDownClass()

    # ------------------------------------------------------------------ doors

    def _json2(self, role, model, method, **values):
        answer = self.url_open(f"/json/2/{model}/{method}", data=json.dumps(values), headers={
            "Content-Type": "application/json", "Authorization": f"Bearer {self.keys[role]}", "X-Odoo-Database": self.env.cr.dbname})
        return answer.status_code, answer.text

    def _jsonrpc(self, role, model, method, *args, **kwargs):
        try:
            return 200, str(self.make_jsonrpc_request("/jsonrpc", {"service": "object", "method": "execute_kw", "args": [
                self.env.cr.dbname, self.people[role].id, self.keys[role], model, method, args, kwargs]}))
        except JsonRpcException as error:
            return self._status(error), str(error)

    def _xmlrpc(self, role, model, method, *args, **kwargs):
        try:
            return 200, str(self.xmlrpc_object.execute_kw(self.env.cr.dbname, self.people[role].id, self.keys[role], model, method, args, kwargs))
        except Fault as error:
            return 403 if error.faultCode in (3, 4) else 500, error.faultString  # no such key, no right

    def _call_kw(self, model, method, *args, **kwargs):
        """In the session of who is logged in."""
        return self._route(f"/web/dataset/call_kw/{model}/{method}", model=model, method=method, args=args, kwargs=kwargs)

    def _route(self, path, **params):
        try:
            return 200, json.dumps(self.make_jsonrpc_request(path, params), default=str)
        except JsonRpcException as error:
            return self._status(error), str(error)

    def _status(self, error):
        """An error of the server is no closed door."""
        return 403 if str(error).rsplit(".", 1)[-1] in ("AccessError", "AccessDenied", "NotFound", "Forbidden", "SessionExpiredException") else 500

    def _silent(self, why, text):
        type(self).tried += 1
        with self.subTest(why):
            self.assertFalse([mark for mark in self.marks if mark in text], text[:600])

    def _closed(self, why, status, text=""):
        """Refused for want of rights, and not because something went wrong before."""
        self._silent(why, text)
        with self.subTest(why):
            self.assertIn(status, (401, 403, 404), text[:300])

    def _open(self, why, answer, mark=b""):
        """The same door, for who may use it."""
        type(self).tried += 1
        with self.subTest(why):
            self.assertEqual((answer.status_code, mark in answer.content), (200, True), answer.text[:300])

    # ------------------------------------------------------------------ keys

    @mute_logger(*QUIET)
    def test_lists_over_a_key(self):
        for role in OUTSIDERS:
            for model in PRIVATE:
                self._silent(f"{role} {model}", self._json2(role, model, "search_read", domain=[], fields=[])[1])
        status, text = self._json2("manager", "credit.profile", "search_read", domain=[], fields=["partner_id"])
        self.assertTrue(status == 200 and self.customer.name in text, "the door itself works")

    @mute_logger(*QUIET)
    def test_hidden_methods_over_any_door(self):
        self.authenticate("manager", "manager")
        for model, method in HIDDEN:
            ids = self.rows[model].ids if model in self.rows else []
            self._closed(f"json2 {model}.{method}", *self._json2("manager", model, method, ids=ids))
            self._closed(f"jsonrpc {model}.{method}", *self._jsonrpc("manager", model, method, ids))
            self._closed(f"xmlrpc {model}.{method}", *self._xmlrpc("manager", model, method, ids))
            self._closed(f"call_kw {model}.{method}", *self._call_kw(model, method, ids))

    @mute_logger(*QUIET)
    def test_the_key_of_somebody_who_left(self):
        user = self.people["collector"]
        self.assertEqual(self._json2("collector", "credit.profile", "search_count", domain=[])[0], 200)
        user.sudo().active = False
        self._closed("json2", self._json2("collector", "credit.profile", "search_count", domain=[])[0])
        self._closed("jsonrpc", self._jsonrpc("collector", "credit.profile", "search_count", [])[0])
        self._closed("xmlrpc", self._xmlrpc("collector", "credit.profile", "search_count", [])[0])

    # ------------------------------------------------------------------ contexts

    @mute_logger(*QUIET)
    def test_contexts_open_nothing(self):
        """A foreign company ticked by hand, archived records, and values that a context would set."""
        self.authenticate("other_manager", "other_manager")
        for model in PRIVATE:
            for context in ({"allowed_company_ids": self.company.ids}, {"allowed_company_ids": [self.second.id, self.company.id]}, {"active_test": False, "force_company": self.company.id}):
                self._silent(f"{model} {context}", self._call_kw(model, "search_read", [], [], context=context)[1])
        for values in ({"default_company_id": self.company.id}, {"default_profile_id": self.profile.id, "default_application_id": self.rows["credit.application"].id}):
            for model in ("collection.promise.wizard", "collection.plan.wizard", "credit.limit.wizard", "credit.decision.wizard", "collection.handover.wizard"):
                self._silent(f"{model} {values}", self._call_kw(model, "onchange", [], {}, [], {name: {} for name in self.env[model]._fields}, context=values)[1])
        self._silent("worklist", self._call_kw("collection.desk", "load_worklist", scope="all", also=self.profile.id)[1])
        self._silent("customer", self._call_kw("collection.desk", "load_customer", self.profile.id)[1])
        self._silent("overview", self._call_kw("collection.overview", "load_overview", context={"allowed_company_ids": self.company.ids})[1])

    @mute_logger(*QUIET)
    def test_customers_learn_nothing_of_our_patience(self):
        """What a company would forgive and when it writes is no field of its public card."""
        ours = [name for name, field in self.env["res.company"]._fields.items() if OURS in (field._modules or ())]
        names = [name for name in ours if name not in TOLD]
        self.assertFalse([name for name in names if not name.startswith(("collection_", "credit_"))], "the guard of our fields goes by these words")
        self.authenticate("northwind", "northwind")
        self.assertEqual(self._call_kw("res.company", "read", self.company.ids, ["name"])[0], 200)
        for name in names:
            self._closed(name, self._call_kw("res.company", "read", self.company.ids, [name])[0])
        for name in ("collection_stop", "collection_contact", "birth_day", "no_greetings", "collection_status", "credit_profile_ids"):
            self._closed(name, self._call_kw("res.partner", "read", self.customer.ids, [name])[0])

    # ------------------------------------------------------------------ files

    @mute_logger(*QUIET)
    def test_files_of_ours(self):
        """Kept files leave by our door only, which notes who took them; the others by a door for who may read the record."""
        kept = self._files()
        for role in ("portal_own", "employee", "salesperson", "viewer", "manager", "other_manager", "system"):
            login = self.people[role].login
            self.authenticate(login, login)
            for model, record in kept.items():
                attachment = self.env["ir.attachment"].sudo().search([("res_model", "=", model), ("res_field", "=", "file"), ("res_id", "=", record.id)])
                for path in (f"/web/content/{model}/{record.id}/file", f"/web/content/{attachment.id}", f"/web/image/{model}/{record.id}/file",
                             f"/web/content?model={model}&id={record.id}&field=file&download=1"):
                    allowed = model in ("collection.dispute.file", "credit.application.document") and role == "manager" or (role, model) == ("viewer", "collection.dispute.file")
                    answer = self.url_open(path)
                    type(self).tried += 2
                    with self.subTest(role=role, path=path):
                        self.assertEqual(b"%PDF" in answer.content, allowed)
                        self.assertFalse(allowed and "pdf" in answer.headers["Content-Type"], "it would be shown as part of the site")
        self._own_door(kept)

    def _own_door(self, kept):
        """By the door of ours: the manager takes them, the others find none."""
        doors = {"collection.handover.file": "/collections/handover/file", "collection.bureau.file": "/collections/bureau/file",
                 "collection.dispute.file": "/collections/dispute/file", "credit.application.document": "/credit/document"}
        self.authenticate("manager", "manager")
        for model, record in kept.items():
            self._open(f"manager {model}", self.url_open(f"{doors[model]}/{record.id}"), b"%PDF")
        for role in ("portal_own", "employee", "salesperson", "other_manager", "system"):
            login = self.people[role].login
            self.authenticate(login, login)
            for model, record in kept.items():
                self._closed(f"{role} {model}", self.url_open(f"{doors[model]}/{record.id}").status_code)

    def _files(self):
        models = ("collection.handover.file", "collection.bureau.file", "collection.dispute.file", "credit.application.document")
        for model in models[:2]:
            self.rows[model]._keep("secret.zip", b"%PDF secret")
        return {model: self.rows[model] for model in models}

    # ------------------------------------------------------------------ lists and papers

    @mute_logger(*QUIET)
    def test_exports_of_core_and_of_ours(self):
        reports = ("collection.ageing", "collection.snapshot", "collection.forecast")
        self.authenticate("manager", "manager")
        self._open("manager csv", self._csv("credit.profile"), self.customer.name.encode())
        for model in reports:
            self._open(f"manager xlsx {model}", self._xlsx(model), b"PK")
        for role in ("portal_own", "employee", "other_manager", "system"):
            login = self.people[role].login
            self.authenticate(login, login)
            for model in PRIVATE:
                self._silent(f"{role} csv {model}", self._csv(model).text)
            for model in (*reports, "credit.profile"):
                answer = self._xlsx(model)
                self._silent(f"{role} xlsx {model}", answer.text)
                self.assertGreaterEqual(answer.status_code, 400)

    def _csv(self, model):
        data = {"model": model, "fields": [{"name": "id", "label": "id"}, {"name": "display_name", "label": "name"}], "ids": self.rows[model].ids,
                "domain": [], "import_compat": False, "groupby": []}
        return self.url_open("/web/export/csv", data={"data": json.dumps(data), "csrf_token": Request.csrf_token(self)})

    def _xlsx(self, model):
        return self.url_open("/collections/export.xlsx", data={"model": model, "companies": str(self.company.id), "csrf_token": Request.csrf_token(self)})

    @mute_logger(*QUIET)
    def test_papers_by_their_address(self):
        """A report may be asked for with any number."""
        papers = [(report.report_name, report.model) for report in self.env["ir.actions.report"].sudo().search([("report_name", "like", "account_credit_collection.")])]
        self.authenticate("manager", "manager")
        opened = [name for name, model in papers if self.url_open(f"/report/html/{name}/{self.rows[model].id}").status_code == 200]
        self.assertGreater(len(opened), len(papers) / 2, "the door itself works")
        for role in ("portal_own", "employee", "salesperson", "other_manager", "system"):
            login = self.people[role].login
            self.authenticate(login, login)
            for name, model in papers:
                self._closed(f"{role} {name}", self.url_open(f"/report/html/{name}/{self.rows[model].id}").status_code)
            options = json.dumps({"profiles": self.profile.ids, "kind": "open"})
            for asked in (f"profiles={self.profile.id}&kind=open", f"options={options}"):
                self._closed(f"{role} {asked}", self.url_open(f"/report/html/account_credit_collection.report_collection_account?{asked}").status_code)
        self.assertTrue(papers)

    # ------------------------------------------------------------------ messages

    @mute_logger(*QUIET)
    def test_threads(self):
        """Nobody reads, follows or writes into the history of a record that is not its own to see."""
        threads = [name for name in self._models() if "message_follower_ids" in self.env[name]._fields]
        for name in threads:
            self.rows[name].message_post(body="Behind the scenes")
        self.authenticate("manager", "manager")
        posted = self._route("/mail/message/post", thread_model="credit.profile", thread_id=self.profile.id, post_data={
            "body": "Inside", "message_type": "comment", "subtype_xmlid": "mail.mt_note"})
        self.assertEqual(posted[0], 200, "the door itself works")
        before = self.env["mail.message"].sudo().search_count([("model", "in", threads)])
        for role in ("portal_own", "employee", "other_manager"):
            login = self.people[role].login
            self.authenticate(login, login)
            for name in threads:
                self._thread(role, name, self.rows[name].id)
        self.authenticate(None, None)
        for name in threads:
            self._thread("nobody", name, self.rows[name].id)
        self.assertEqual(self.env["mail.message"].sudo().search_count([("model", "in", threads)]), before, "nobody wrote")

    def _thread(self, role, name, number):
        why = f"{role} {name}"
        status, answer = self._route("/mail/thread/messages", thread_model=name, thread_id=number)
        # core answers with messages of other records where there is no such thread for the visitor
        found = json.loads(answer)["data"].get("mail.message", ()) if status == 200 else ()
        self._silent(why, str([message for message in found if message.get("model") == name]))
        self._silent(why, self._route("/mail/data", fetch_params=[["mail.thread", {"thread_model": name, "thread_id": number, "request_list": ["followers", "attachments", "activities", "suggestedRecipients"]}]])[1])
        self._route("/mail/message/post", thread_model=name, thread_id=number, post_data={"body": "Intruder", "message_type": "comment", "subtype_xmlid": "mail.mt_note"})
        self._silent(why, self.url_open(f"/mail/view?model={name}&res_id={number}", allow_redirects=False).text)
