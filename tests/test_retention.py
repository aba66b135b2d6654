import base64
import os
from unittest.mock import patch

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.account_credit_collection.models.collection_retention_kinds import KINDS

from .credit_application import CreditApplicationCommon

MARK = "Zwyxquabble"  # nothing else in a database is called that
FILE = b"%PDF-1.4\n% Zwyxquabble private file\n%%EOF"
VAT = "BE0499887718"
IBAN = "BE68990004711967"


class RetentionCommon(CreditApplicationCommon):
    """The rules of a company, and a way to let their time pass."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules = cls.env["collection.retention.rule"].sudo()

    def _rule(self, code):
        return self.rules.with_context(active_test=False).search([("company_id", "=", self.company.id), ("code", "=", code)])

    def _settle(self):
        """What a commit would write: tracked values among it."""
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.env.flush_all()

    def _purge(self, months=0, days=0):
        """The nightly purge, so much later."""
        self._settle()
        with freeze_time(self.today + relativedelta(months=months, days=days)), \
                patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *_args, **_kwargs: 1000.0):
            self.rules._cron_purge()
        self._settle()
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestPurgeOfApplicants(RetentionCommon):
    """After the purge nothing personal of a refused applicant is left, and the ledger is what it was."""

    def _marked(self, **values):
        """An application that bears its mark in every field a person can be known by."""
        application = self._apply(
            name=f"{MARK} Ltd", contact_name=f"Ann {MARK}", contact_function=f"Head of {MARK}", email=f"ann@{MARK}.example".lower(),
            phone="+32 471 98 76 55", vat=VAT, street=f"{MARK} Street 1", website=f"https://{MARK}.example".lower(),
            company_registry=f"REG-{MARK}", answer_ids=[Command.create({
                "question_id": self.checklist.question_ids[0].id, "value_text": f"{MARK}, account {IBAN}"})],
            reference_ids=[Command.create({"name": f"{MARK} Supplies", "contact_name": f"Sam {MARK}", "email": f"sam@{MARK}.example".lower(),
                                           "phone": "+32 471 98 76 56"})], **values)
        self.env["credit.application.document"].sudo().create({
            "application_id": application.id, "question_id": self.checklist.question_ids[1].id, "original_name": f"{MARK}.pdf",
            "file": base64.b64encode(FILE)})
        return application

    def _lived(self):
        """… that was looked at, asked about, answered for, made a customer of, and refused."""
        application = self._marked()
        application.action_review()
        application.action_ask_references()
        application.reference_ids._answer({"manner_of_payment": "bad", "comment": f"{MARK} never pays"}, f"Sam {MARK}", "192.0.2.9")
        application.message_post(body=f"Called Ann {MARK}", message_type="comment", subtype_xmlid="mail.mt_comment", partner_ids=self.env.user.partner_id.ids)
        application.activity_schedule("mail.mail_activity_data_todo", summary=f"Call {MARK}", note=f"<p>{MARK}</p>", user_id=self.env.uid)
        self._settle()  # values are tracked from one commit to the next
        application.with_context(tracking_disable=False, mail_notrack=False).name = f"{MARK} Limited"
        self._settle()
        application.action_create_partner()
        self._decide(application, outcome="refuse", refusal_text=f"Dear {MARK}", reason_ids=[Command.set(self.reason.ids)])
        self.assertEqual(application.state, "refused")
        self.env["mail.mail"].sudo().search([("collection_origin", "=like", "credit.application%")])[:1].write({"state": "exception"})
        return application

    # ------------------------------------------------------------------ searching everything

    def _marks(self):
        return (MARK, MARK.lower(), VAT, IBAN, "471987655", "471 98 76 55", "471987656", "471 98 76 56")

    def _columns(self):
        """Every column of every table that can hold words."""
        return self.env.execute_query(SQL(
            """SELECT c.table_name, c.column_name FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
                WHERE t.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.data_type IN ('text', 'character varying', 'jsonb', 'json', 'bytea')"""))

    def _found(self):
        """Where marks stand: ``{(table, mark)}``."""
        self._settle()
        tables = {}
        for table, column in self._columns():
            tables.setdefault(table, []).append(column)
        found = set()
        for table, columns in tables.items():
            for mark in self._marks():
                tests = SQL(" OR ").join(SQL("strpos(%s::text, %s) > 0", SQL.identifier(column), mark) for column in columns)
                if self.env.execute_query(SQL("SELECT 1 FROM %s WHERE %s LIMIT 1", SQL.identifier(table), tests)):
                    found |= {(table, mark)}
        return found

    def _files(self):
        """The files of the filestore with the mark in them."""
        store, found = self.env["ir.attachment"]._filestore(), []
        for folder, _folders, names in os.walk(store):
            if os.path.basename(folder) == "checklist":
                continue
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    if MARK.encode() in file.read():
                        found.append(name)
        return found

    def _attachments(self):
        """Files of records, also of their fields; not those of the site itself."""
        return self.env["ir.attachment"].sudo().search([("id", ">", 0), ("res_model", "!=", "ir.ui.view"), ("url", "=", False)])

    def _ledger(self):
        """All entries and journal items, byte by byte."""
        self.env.flush_all()
        return self.env.execute_query(SQL(
            """SELECT (SELECT md5(string_agg(m::text, '|' ORDER BY id)) FROM account_move m),
                      (SELECT md5(string_agg(l::text, '|' ORDER BY id)) FROM account_move_line l)"""))

    # ------------------------------------------------------------------ the promise itself

    @mute_logger("odoo.models.unlink")
    def test_nothing_of_a_refused_applicant_is_left_in_any_table_or_file(self):
        self._invoice(10)
        self._invoice(400)
        self.assertEqual(self._found(), set(), "the marks are unmistakable")
        files = self._attachments()
        application = self._lived()
        found = {table for table, _mark in self._found()}
        self.assertLessEqual({"credit_application", "credit_application_reference", "credit_application_answer", "mail_message", "mail_tracking_value",
                              "mail_activity", "res_partner"}, found, "the search sees what there is")
        self.assertTrue(self._files())
        ledger = self._ledger()
        self._purge(months=11)
        self.assertTrue(application.exists())
        self._purge(months=12, days=2)
        self.assertFalse(application.exists())
        self.env["ir.attachment"]._gc_file_store_unsafe()
        self.assertEqual(self._found(), set())
        self.assertEqual(self._files(), [])
        self.assertFalse(self._attachments() - files, "no letter or contract, whose text is compressed")
        self.assertEqual(self._ledger(), ledger)

    def test_a_customer_that_became_one_stays(self):
        application = self._lived()
        partner = application.partner_id
        self._invoice(10, partner=partner)
        self._purge(months=13)
        self.assertFalse(application.exists())
        self.assertTrue(partner.exists(), "there is an invoice: accounting must keep it")

    def test_a_customer_known_before_stays(self):
        application = self._marked()
        application.action_review()
        application._match(self.customer)
        self._decide(application, outcome="refuse", reason_ids=[Command.set(self.reason.ids)])
        self._purge(months=13)
        self.assertTrue(self.customer.exists())
        self.assertFalse(application.exists())

    def test_the_log_tells_numbers_only(self):
        self._lived()
        self._purge(months=13)
        line = self._rule("application").log_ids
        self.assertEqual((line.count, line.months), (1, 12))
        self._purge(months=14)
        self.assertEqual(len(self._rule("application").log_ids), 1, "a purge that finds nothing leaves no line")


@tagged("post_install", "-at_install")
class TestRetention(RetentionCommon):
    """Rules, and the purge of everything else."""

    def _contact(self, paid=True):
        invoice = self._invoice(10)
        action = self._sent(self._run()).action_ids
        action.write({"subject": "Pay", "body": "<p>Dear Zoe</p>"})
        file = self.env["ir.attachment"].sudo().create({"name": "Letter.pdf", "raw": b"letter", "res_model": action._name, "res_id": action.id})
        action.attachment_ids = file
        if paid:
            self._pay(invoice)
        return action, file

    def test_every_company_has_every_rule_once(self):
        company = self.env["res.company"].create({"name": "Sister"})
        self.rules._ensure_all()
        rules = self.rules.search([("company_id", "=", company.id)])
        self.assertEqual(sorted(rules.mapped("code")), sorted(code for code, kind in KINDS.items() if kind.model in self.env))
        for rule in rules:
            with self.subTest(rule.code):
                self.assertTrue(rule.name and rule.why and rule.since and rule.basis_note)
                self.assertNotIn("keep_", f"{rule.name} {rule.why} {rule.since} {rule.basis_note}")

    def test_every_kind_names_fields_that_exist(self):
        for code, kind in KINDS.items():
            with self.subTest(code):
                self.assertIn(kind.model, self.env)
                self.assertLessEqual({*kind.blank, kind.since.partition(".")[0]}, set(self.env[kind.model]._fields))
                self._rule(code).action_open_due()

    def test_contacts_lose_what_is_personal_and_keep_what_is_counted(self):
        action, file = self._contact()
        steps = (action.state, action.level_id, action.line_ids.mapped("asked"))
        self._purge(months=35)
        self.assertEqual(action.recipient, "northwind@customer.example")
        self._purge(months=36, days=1)
        self.assertFalse(action.recipient or action.recipient_id or action.body or action.subject or action.attachment_ids or file.exists())
        self.assertNotIn("northwind", action.dedupe_key)
        self.assertEqual((action.state, action.level_id, action.line_ids.mapped("asked")), steps)

    def test_what_an_open_case_needs_is_kept(self):
        action, _file = self._contact(paid=False)
        self._purge(months=60)
        self.assertEqual(action.recipient, "northwind@customer.example", "the invoice is still owed")

    def test_a_purge_done_twice_does_nothing_twice(self):
        self._contact()
        self._purge(months=37)
        self.assertFalse(self.env["collection.heartbeat"].search([("job", "=", "retention")]).last_error, "every kind of data was looked through")
        rule = self._rule("contact")
        self.assertEqual(rule.log_ids.mapped("count"), [1])
        with freeze_time(self.today + relativedelta(months=38)):
            self.assertEqual(rule._due_ids(0), [])

    def test_a_kind_that_fails_stops_no_other_and_is_told(self):
        action, _file = self._contact()
        Rule = self.env.registry["collection.retention.rule"]
        whole = Rule._purge

        def broken(rule, records):
            if rule.code == "contact":
                raise ValueError("broken")
            return whole(rule, records)

        application = self._review()
        self._decide(application, outcome="refuse", reason_ids=[Command.set(self.reason.ids)])
        with patch.object(Rule, "_purge", broken), mute_logger("odoo.addons.account_credit_collection.models.collection_retention_job"):
            self._purge(months=37)
        self.assertTrue(action.recipient)
        self.assertFalse(application.exists())
        beat = self.env["collection.heartbeat"].search([("job", "=", "retention")])
        self.assertIn("contact of company", beat.last_error)

    def test_a_rule_that_is_switched_off_deletes_nothing(self):
        action, _file = self._contact()
        self._rule("contact").active = False
        self._purge(months=37)
        self.assertTrue(action.recipient)

    def test_the_period_of_applications_is_the_one_the_notice_tells(self):
        rule = self._rule("application")
        rule.months = 6
        self.assertEqual(self.company.credit_retention_months, 6)
        self.company.credit_retention_months = 18
        self.assertEqual(rule.months, 18)

    def test_the_screen_counts_what_is_stored_and_what_goes_next(self):
        before = self._rule("contact").stored_count
        self._contact()
        self.env.invalidate_all()
        self.assertEqual((self._rule("contact").stored_count - before, self._rule("contact").due_count), (1, 0))
        with freeze_time(self.today + relativedelta(months=37)):
            self.env.invalidate_all()
            self.assertEqual(self._rule("contact").due_count, 1)
        for rule in self.rules.search([("company_id", "=", self.company.id)]):
            self.assertGreaterEqual(rule.stored_count, rule.due_count, rule.code)

    def test_mails_that_never_left_go(self):
        self.env["collection.channel"]._queue("collection_mail_template_statement", self._profile(), "en_US", "northwind@customer.example", ())
        mail = self.env["mail.mail"].sudo().search([("credit_profile_id", "=", self._profile().id)])
        self.assertEqual(mail.record_company_id, self.company)
        mail.state = "exception"
        message = mail.mail_message_id
        self._purge(months=4)
        self.assertFalse(mail.exists() or message.exists())

    def test_managers_change_periods_and_nothing_else(self):
        manager = new_test_user(self.env(su=True), login="keeper", groups="account_credit_collection.group_manager",
                                company_id=self.company.id, company_ids=self.company.ids)
        rule = self._rule("contact").with_user(manager)
        rule.write({"months": 24, "basis": "contract", "basis_note": "our terms, § 7"})
        self.assertEqual(rule.own_months, 24)
        for vals in ({"code": "call"}, {"company_id": self.company.id}):
            with self.assertRaises(AccessError):
                rule.write(vals)
        with self.assertRaises(AccessError):
            rule.unlink()
        with self.assertRaises(AccessError):
            rule.with_user(self.colleague).read(["months"])

    def test_calls_lose_number_person_and_notes(self):
        profile = self._profile()
        call = self.env["collection.call"].sudo().create({
            "profile_id": profile.id, "user_id": self.env.uid, "called_at": f"{self.today} 10:00:00", "day": self.today, "number": "+32 1", "note": "Zoe said so",
            "contact_id": self.customer.id, "outcome": "callback", "seconds": 60})
        self._purge(days=1, months=36)
        self.assertFalse(call.number or call.note or call.contact_id)
        self.assertEqual((call.outcome, call.seconds), ("callback", 60), "the figures stay")
