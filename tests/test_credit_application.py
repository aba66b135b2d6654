import base64
import hashlib
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged
from odoo.tools.misc import verify_hash_signed

from .credit_application import PNG, CreditApplicationCommon


@tagged("post_install", "-at_install")
class TestApplication(CreditApplicationCommon):
    """From the first answer to the decision, as the office sees it."""

    def test_is_not_submitted_before_what_is_required_is_there(self):
        application = self._apply(submit=False, contact_name=False, email="nobody", requested_limit=30000, answer_ids=[])
        with self.assertRaises(UserError) as caught:
            application.action_submit()
        for missing in ("Contact", "valid e-mail", "What do you do?", "Annual accounts"):
            self.assertIn(missing, str(caught.exception))
        self.assertEqual(application.state, "draft")

    def test_annual_accounts_are_asked_for_from_their_amount_on(self):
        for amount, asked in ((24999.99, 1), (25000, 2)):
            with self.subTest(amount=amount):
                self.assertEqual(len(self.checklist._asked_at(amount)), asked)

    def test_gets_a_number_and_a_receipt_once(self):
        application = self._apply()
        number = application.reference
        self.assertRegex(number, rf"^CA{self.today.year}/\d{{4}}$")
        application.action_submit()
        self.assertEqual(application.reference, number)
        self.assertEqual(len(self._mails("ann@fabrikam.example")), 1)
        self.assertEqual(self._mails("ann@fabrikam.example").state, "outgoing", "queued, not sent")

    def test_questions_laid_out_are_no_answers_yet(self):
        self.checklist.question_ids = [Command.create({"code": code, "name": code, "kind": kind, "required": True})
                                       for code, kind in (("insolvent", "yesno"), ("employees", "number"))]
        application = self._apply(submit=False, answer_ids=[])
        application.action_fill_questions()
        self.assertEqual(set(application._missing()), {"What do you do?", "insolvent", "employees"})
        answers = {answer.question_id.code: answer for answer in application.answer_ids}
        answers["trade"].value_text = "Doors"
        answers["insolvent"].value_yes = False
        answers["employees"].given = True
        self.assertFalse(application._missing())
        self.assertEqual([answers[code].value for code in ("insolvent", "employees")], ["No", "0"])

    def test_has_to_be_answered_within_a_month(self):
        self.assertEqual(self._apply().answer_by, self.today + timedelta(days=30))

    def test_moves_only_along_its_states(self):
        application = self._apply()
        with self.assertRaises(UserError):
            application.action_decide()
        application.action_review()
        application.action_withdraw()
        with self.assertRaises(UserError):
            application.action_review()

    def test_nobody_types_in_what_methods_decide(self):
        application = self._review()
        for values in ({"state": "signed"}, {"score": 99}, {"approved_cap": 1}, {"contract_hash": "x"}, {"partner_id": self.customer.id},
                       {"signed_name": "Me"}, {"proposed_limit": 5}):
            with self.subTest(values), self.assertRaises(AccessError):
                application.write(values)
        with self.assertRaises(AccessError):
            self._apply(state="approved")

    def test_a_context_sets_nothing_that_methods_decide(self):
        application = self._review()
        cases = [("credit.application", {"name": "Fabrikam", "country_id": self.belgium.id}, names) for names in (
            {"state": "signed", "approved_cap": 1e9, "start_limit": 1e9, "decided_by": self.env.uid}, {"source": "portal"}, {"partner_id": self.customer.id})]
        known = {"application_id": application.id}
        cases += [
            ("credit.application.reference", {**known, "name": "One"}, {"state": "answered"}),
            ("credit.application.reference", {**known, "name": "One"}, {"answered_ip": "192.0.2.1"}),
            ("credit.application.answer", {**known, "question_id": self.checklist.question_ids[1].id}, {"company_id": self.company.id}),
            ("credit.application.document", {**known, "file": PNG, "original_name": "a.png"}, {"uploaded_on": "2020-01-01"}),
            ("credit.external.score", {**known, "score": 1}, {"company_id": self.company.id})]
        for model, vals, names in cases:
            context = {f"default_{name}": value for name, value in names.items()}
            with self.subTest(model=model, by="context", names=names), self.assertRaises(AccessError):
                self.env[model].with_user(self.colleague).with_context(**context).create(vals)
            with self.subTest(model=model, by="values", names=names), self.assertRaises(AccessError):
                self.env[model].with_user(self.colleague).create({**vals, **names})

    def test_a_copy_is_a_request_of_its_own(self):
        copied = self._apply().copy()
        self.assertEqual((copied.state, copied.source, copied.reference), ("draft", "office", False))

    def test_what_is_known_may_come_by_the_context_while_it_is_open(self):
        application = self._apply(submit=False, answer_ids=[])
        for question, state in zip(self.checklist.question_ids, ("open", "closed")):
            for model, vals in (("credit.application.answer", {"question_id": question.id}),
                                ("credit.application.reference", {"name": "One"}), ("credit.external.score", {"score": 1}),
                                ("credit.application.document", {"file": PNG, "original_name": "a.png"})):
                Model = self.env[model].with_context(default_application_id=application.id)
                with self.subTest(model=model, state=state):
                    if state == "open":
                        self.assertEqual(Model.create(vals).application_id, application)
                    else:
                        with self.assertRaises(UserError):
                            Model.create(vals)
            application.action_withdraw()

    def test_what_is_known_of_one_applicant_is_not_moved_to_another(self):
        first, second = self._apply(), self._apply(name="Other", vat=False, email="other@other.example")
        reference = self._refer(first)
        score = self.env["credit.external.score"].create({"application_id": first.id, "score": 80})
        for record in (reference, score, first.answer_ids):
            with self.subTest(record._name), self.assertRaises(AccessError):
                record.write({"application_id": second.id})
        with self.assertRaises(UserError):
            first.document_ids.create({"application_id": first.id, "file": PNG, "original_name": "a.png"}).write({"application_id": second.id})

    def test_what_a_referee_said_is_nobody_elses_to_say(self):
        application = self._review()
        Reference = self.env["credit.application.reference"].with_user(self.colleague)
        with self.assertRaises(AccessError):
            Reference.create({"application_id": application.id, "name": "Friend", "state": "answered", "answered_name": "Sam",
                              "manner_of_payment": "prompt", "high_credit": 90000})
        reference = self._refer(application, manner="bad")
        for values in ({"manner_of_payment": "prompt"}, {"kind": "bank"}, {"name": "Other"}):
            with self.subTest(values), self.assertRaises(UserError):
                reference.write(values)
        self._decide(application)
        with self.assertRaises(UserError):
            Reference.create({"application_id": application.id, "name": "Late"})

    def test_a_reference_named_in_a_decided_application_stays(self):
        application = self._approved(reference_ids=[Command.create({"name": "One"})])
        with self.assertRaises(UserError):
            application.reference_ids.unlink()

    def test_a_question_laid_out_is_no_answer_in_the_form_either(self):
        self.checklist.question_ids = [Command.create({"code": "insolvent", "name": "Insolvent?", "kind": "yesno", "required": True, "step": "company"})]
        application = self._apply(submit=False, answer_ids=[])
        application.action_fill_questions()
        question = self.checklist.question_ids.filtered(lambda one: one.code == "insolvent")
        self.assertIn(question, application._unanswered("company"))
        answer = application._answer_to("insolvent")
        self.assertEqual(application._answer_text(answer), "")
        answer.value_yes = False
        self.assertNotIn(question, application._unanswered("company"))
        self.assertEqual(application._answer_text(answer), "no")

    def test_dialogs_show_nothing_of_an_application_one_may_not_read(self):
        company = self.setup_other_company(name="Third Ltd")["company"]
        foreign = self.env["credit.application"].sudo().create({"name": "Foreign", "company_id": company.id, "requested_limit": 77, "email": "x@y.example"})
        own = self._review()
        self.env.invalidate_all()
        for name, vals in (("decision", {}), ("ask.back", {"text": "?"}), ("match", {"partner_id": self.customer.id})):
            Wizard = self.env[f"credit.{name}.wizard"].with_user(self.colleague)
            with self.subTest(name, by="create"), self.assertRaises(AccessError):
                Wizard.create({"application_id": foreign.id, **vals})
            with self.subTest(name, by="context"), self.assertRaises(AccessError):
                Wizard.with_context(default_application_id=foreign.id).create(vals)
            with self.subTest(name, by="write"), self.assertRaises(AccessError):
                Wizard.create({"application_id": own.id, **vals}).write({"application_id": foreign.id})
            with self.subTest(name, by="onchange"), self.assertRaises(AccessError):
                Wizard.onchange({"application_id": foreign.id}, ["application_id"], {"application_id": {}, "display_name": {}})

    def test_what_was_said_is_closed_with_the_decision(self):
        application = self._approved(reference_ids=[Command.create({"name": "One"})])
        reference = application.reference_ids
        for change in (lambda: application.write({"requested_limit": 1}), lambda: application.answer_ids.write({"value_text": "Other"}),
                       lambda: application.answer_ids.unlink(), lambda: reference.write({"comment": "Other"}), application.action_score,
                       lambda: self.env["credit.external.score"].create({"application_id": application.id, "score": 1})):
            with self.assertRaises(UserError):
                change()

    def test_consent_given_in_the_form_is_nobody_elses_to_tick(self):
        application = self._apply()
        application.bureau_consent = True
        application.sudo().source = "portal"
        with self.assertRaises(AccessError):
            application.bureau_consent = False

    def test_is_asked_back_with_words_and_a_link_and_comes_again(self):
        application = self._review()
        self.env["credit.ask.back.wizard"].create({"application_id": application.id, "text": "Please add your <accounts>"}).action_ask()
        self.assertEqual(application.state, "draft")
        mail = self._mails("ann@fabrikam.example")[-1]
        self.assertIn("Please add your &lt;accounts&gt;", mail.body_html)
        self.assertIn(f"/credit/application/{application.id}/", mail.body_html)
        number = application.reference
        application.action_submit()
        self.assertEqual((application.state, application.reference), ("submitted", number))

    def test_a_link_is_for_one_record_and_dies_when_it_is_revoked(self):
        application = self._apply()
        token = application._link_token()
        payload = verify_hash_signed(self.env(su=True), application._link_scope, token)
        self.assertEqual(payload, [application.id, application.sudo().link_epoch])
        self.assertIsNone(verify_hash_signed(self.env(su=True), "account_credit_collection.reference", token))
        application._link_revoke()
        self.assertNotEqual(payload[1], application.sudo().link_epoch)
        with freeze_time(self.today + timedelta(days=self.company.collection_link_days + 2)):
            self.assertIsNone(verify_hash_signed(self.env(su=True), application._link_scope, token))

    def test_nobody_of_the_office_reads_the_applicants_link(self):
        application = self._approved()
        with self.assertRaises(AccessError):
            application.read(["mail_sign_button"])
        self.assertNotIn("/credit/contract/", "".join(application.message_ids.mapped("body")))


@tagged("post_install", "-at_install")
class TestKnownCustomer(CreditApplicationCommon):
    """An applicant that is a customer already is matched, never created twice."""

    def test_customers_that_look_the_same_are_shown(self):
        Partner = self.env["res.partner"]
        self.company.account_fiscal_country_id = self.belgium
        by_tax = self._customer("Other name", country_id=False)
        by_tax.vat = "be 0477.472.701"
        by_mail = self._customer("By mail", email="Ann <ANN@fabrikam.example>")
        by_number = self._customer("By number", company_registry="HRB 12")
        by_name = self._customer("fabrikam", email=False)
        abroad = self._customer("Fabrikam", email=False, country_id=self.env.ref("base.fr").id)
        contact = Partner.create({"name": "Ann", "parent_id": self.customer.id, "email": "ann@fabrikam.example"})
        application = self._apply(company_registry="hrb-12")
        self.assertEqual(application.duplicate_ids, by_tax | by_mail | by_number | by_name | contact.commercial_partner_id)
        self.assertNotIn(abroad, application.duplicate_ids)

    def test_wildcards_in_a_name_match_nothing_else(self):
        self.assertFalse(self._apply(name="%", vat=False, email="x@y.example").duplicate_ids)

    def test_a_second_application_under_way_is_shown(self):
        first, second = self._apply(), self._apply(name="Fabrikam again", vat="BE 0477 472 701", email="other@fabrikam.example")
        self.assertEqual(second.duplicate_application_ids, first)
        first.action_withdraw()
        second.invalidate_recordset()
        self.assertFalse(second.duplicate_application_ids)

    def test_approval_waits_until_somebody_says_who_it_is(self):
        twin = self._customer("Fabrikam")
        application = self._review()
        with self.assertRaises(UserError) as caught:
            self._decide(application)
        self.assertIn("Fabrikam", str(caught.exception))
        self.assertEqual(application.state, "review")
        self.env["credit.match.wizard"].create({"application_id": application.id, "partner_id": twin.id}).action_match()
        self._decide(application)
        self._sign(application)
        self.assertEqual(application.partner_id, twin)
        self.assertEqual(self.env["res.partner"].search_count([("name", "=", "Fabrikam")]), 1)

    def test_a_person_may_say_that_it_is_another_one(self):
        twin = self._customer("Fabrikam")
        application = self._review()
        application.action_create_partner()
        application.action_create_partner()
        self.assertNotEqual(application.partner_id, twin)
        self.assertEqual(self.env["res.partner"].search_count([("name", "=", "Fabrikam"), ("parent_id", "=", False)]), 2)
        self.assertRecordValues(application.partner_id, [{"vat": "BE0477472701", "is_company": True, "country_id": self.belgium.id}])
        self.assertEqual(application.partner_id.child_ids.name, "Ann Applicant")

    def test_who_became_a_customer_meanwhile_is_not_created_by_the_signature(self):
        application = self._approved()
        twin = self._customer("Fabrikam")
        self._sign(application)
        self.assertRecordValues(application, [{"state": "signed", "partner_id": False, "profile_id": False}])
        self.assertTrue(application.activity_ids)
        application._match(twin)
        self.assertEqual(application.profile_id.limit_amount, 5000)

    def test_what_was_decided_on_one_customer_is_not_given_to_another(self):
        application = self._review()
        application._match(self._customer("Fabrikam"))
        application._match(self._customer("Fabrikam II"))
        self._decide(application, approved_cap=20000)
        decided = application.partner_id
        with self.assertRaises(UserError):
            self.env["credit.match.wizard"].with_user(self.colleague).create(
                {"application_id": application.id, "partner_id": self.customer.id}).action_match()
        self._sign(application)
        with self.assertRaises(UserError):
            application._match(decided)
        self.assertEqual((application.partner_id, len(application.profile_id.limit_ids)), (decided, 1))

    def test_a_customer_of_another_company_is_refused(self):
        second = self.setup_other_company(name="Third Ltd")["company"]
        foreign = self.env["res.partner"].sudo().create({"name": "Foreign", "company_id": second.id})
        with self.assertRaises(UserError):
            self._review().sudo()._match(foreign)


@tagged("post_install", "-at_install")
class TestKeeping(CreditApplicationCommon):
    """How long applications and their documents are kept, and who sees them."""

    def _document(self, application, **values):
        return self.env["credit.application.document"].with_user(self.colleague).create(
            {"application_id": application.id, "file": PNG, "original_name": "../my accounts.png", **values})

    def test_a_document_gets_a_name_of_ours_and_a_fingerprint(self):
        application = self._apply()
        first, second = self._document(application), self._document(application)
        self.assertEqual([first.name, second.name], [f"app-{application.id}-1.png", f"app-{application.id}-2.png"])
        raw = base64.b64decode(first.with_context(bin_size=False).file)
        self.assertRecordValues(first, [{"mimetype": "image/png", "size": len(raw), "checksum": hashlib.sha256(raw).hexdigest(),
                                         "original_name": "my accounts.png"}])
        with self.assertRaises(UserError):
            first.sudo().write({"file": PNG})

    def test_other_kinds_of_files_are_refused_by_their_content(self):
        application = self._apply()
        for raw in (b"<html><script>1</script></html>", b"PK\x03\x04 zip", b"MZ program", b""):
            with self.subTest(raw), self.assertRaises(UserError):
                self._document(application, file=base64.b64encode(raw), original_name="harmless.pdf")
            with self.subTest(raw, by="form"), self.assertRaises(UserError):
                self.env["credit.application.document"].sudo().create({"application_id": application.id, "file": base64.b64encode(raw)})

    def test_a_viewer_sees_neither_documents_nor_net_worth(self):
        application = self._apply(net_worth=1000)
        self._document(application)
        viewer = self._colleague("viewer", "group_viewer")
        seen = application.with_user(viewer)
        self.assertEqual(seen.name, "Fabrikam")
        for name in ("net_worth", "document_ids", "answer_ids", "proposal_detail", "signed_ip", "contract_file"):
            with self.subTest(name), self.assertRaises(AccessError):
                seen.read([name])
        for method in ("action_submit", "action_review", "action_score", "action_decide", "action_withdraw", "action_create_partner"):
            with self.subTest(method), self.assertRaises(AccessError):
                getattr(seen, method)()
        with self.assertRaises(AccessError):
            self.env["ir.actions.report"].with_user(viewer)._render_qweb_html(
                "account_credit_collection.report_credit_decision_letter", application.ids)

    def test_viewers_and_collectors_open_every_screen(self):
        application = self._apply(net_worth=1000, reference_ids=[Command.create({"name": "One"})])
        self._document(application)
        for login, group in (("looker", "group_viewer"), ("worker", "group_collector")):
            user = self._user(login, group)
            for record in (application, self.checklist, self.scorecard):
                with self.subTest(group=group, model=record._name):
                    Form(record.with_user(user))

    def _user(self, login, group):
        return new_test_user(self.env(su=True), login=login, groups=f"base.group_user,account_credit_collection.{group}",
                             company_id=self.company.id, company_ids=self.company.ids)

    def _purge(self):
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *_args, **_kwargs: 1000.0):
            self.env["collection.retention.rule"].sudo()._cron_purge()

    def test_refused_applications_go_with_their_files_when_their_time_is_over(self):
        application = self._review()
        document = self._document(application)
        self._decide(application, outcome="refuse", reason_ids=[Command.set(self.reason.ids)])
        with self.assertRaisesRegex(UserError, "kept until"):
            application.unlink()
        files = self.env["ir.attachment"].sudo().search([("res_model", "=", document._name), ("res_id", "=", document.id), ("res_field", "!=", False)])
        self.assertTrue(files)
        with freeze_time(application.keep_until - timedelta(days=1)):
            self._purge()
            self.assertTrue(application.exists())
        with freeze_time(application.keep_until + timedelta(days=3)):
            self._purge()
            self.assertFalse(application.exists() or document.exists() or files.exists())

    def test_what_is_under_way_or_in_force_is_kept(self):
        application = self._approved()
        with freeze_time(self.today + timedelta(days=20)), self.assertRaisesRegex(UserError, "as long as"):
            application.sudo().unlink()
        self._sign(application)
        with freeze_time(self.today + timedelta(days=4000)):
            self._purge()
            self.assertTrue(application.exists())

    def test_a_draft_nobody_handed_in_may_be_deleted(self):
        self._apply(submit=False).unlink()

    def test_the_privacy_search_finds_applicants(self):
        fields = self.env["credit.application"]._fields
        self.assertTrue(fields["email_normalized"].store and fields["email"].store)
        self.assertEqual(self.env["credit.application"]._rec_name, "name")

    def test_shipped_checklists_ask_and_shipped_scorecards_score(self):
        for name in ("company", "person", "public"):
            checklist = self.env.ref(f"account_credit_collection.credit_checklist_{name}")
            with self.subTest(name):
                self.assertTrue(checklist.question_ids.filtered("required"))
                self.assertLess(len(checklist._asked_at(1000)), len(checklist._asked_at(1000000)))
                application = self._apply(submit=False, name=name, checklist_id=checklist.id, vat=False, email=f"{name}@shipped.example", answer_ids=[])
                application.sudo()._submit()
                self.assertEqual(len(application.score_ids), len(checklist.scorecard_id.factor_ids))
                self.assertTrue(application.score > 0 or not checklist.scorecard_id)
