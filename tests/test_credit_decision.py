import hashlib
from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, tagged

from .credit_application import PNG, CreditApplicationCommon


@tagged("post_install", "-at_install")
class TestDecision(CreditApplicationCommon):
    """Who may say yes, what the applicant is told, and what was signed."""

    def test_the_wizard_proposes_the_first_stage_below_the_proposed_ceiling(self):
        application = self._review()
        self._refer(application, high=12000)
        with Form(self.env["credit.decision.wizard"].with_context(default_application_id=application.id)) as form:
            self.assertEqual((form.approved_cap, form.start_limit, form.stage_id.name), (12000, 5000, "Start"))
            form.approved_cap = 3000
            self.assertEqual(form.start_limit, 3000)
            form.ladder_id = self.env["credit.ladder"]
            form.approved_cap = 9000
            self.assertEqual(form.start_limit, 9000)

    def test_nobody_approves_beyond_their_authority(self):
        application = self._review(requested_limit=20000)
        self.authority.amount = 19999
        with self.assertRaises(UserError):
            self._decide(application, approved_cap=20000)
        self.assertEqual(application.state, "review")
        self._decide(application, approved_cap=19999)
        self.assertEqual((application.state, application.decided_by), ("approved", self.env.user))

    def test_own_requests_need_somebody_else(self):
        application = self._apply(user=self.env.user)
        application.action_review()
        self.assertEqual(application.requested_by, self.env.user)
        with self.assertRaises(UserError):
            self._decide(application, approved_cap=1001)
        self._decide(application, approved_cap=1000)

    def test_who_entered_it_asked_for_it_whoever_submits_it(self):
        application = self._apply(user=self.env.user, submit=False)
        application.with_user(self.colleague).action_submit()
        self.assertEqual(application.requested_by, self.env.user)

    def test_an_offer_makes_sense(self):
        application = self._review()
        yesterday = self.today - timedelta(days=1)
        for values in ({"approved_cap": 0}, {"start_limit": 20001}, {"offer_until": yesterday}, {"limit_until": yesterday}, {"offer_until": False}):
            with self.subTest(values), self.assertRaises(UserError):
                self._decide(application, **{"approved_cap": 20000, **values})

    def test_an_offer_can_be_signed_on_its_last_day(self):
        application = self._review()
        last = self.today + timedelta(days=30)
        with self.assertRaises(UserError):
            self._decide(application, approved_cap=20000, offer_until=last, limit_until=last - timedelta(days=1))
        self._decide(application, approved_cap=20000, offer_until=last, limit_until=last)
        with freeze_time(last):
            self._sign(application)
            self.assertEqual(application.profile_id.limit_amount, 5000)

    def test_an_offer_grows_along_a_ladder_of_its_company(self):
        company = self.setup_other_company(name="Third Ltd")["company"]
        foreign = self.env["credit.ladder"].sudo().create({
            "name": "Foreign", "company_id": company.id, "stage_ids": [Command.create({"name": "First", "amount": 100})]})
        other = self.ladder.copy({"name": "Other", "company_id": self.company.id})
        term = self.env["account.payment.term"].sudo().create({"name": "Foreign", "company_id": company.id})
        application = self._review()
        offer = {"approved_cap": 20000, "start_limit": 100, "offer_until": self.today}
        for values in ({"ladder_id": foreign.id}, {"ladder_id": foreign.id, "stage_id": foreign.stage_ids.id}, {"stage_id": other.stage_ids[0].id},
                       {"ladder_id": self.ladder.id, "stage_id": other.stage_ids[0].id}, {"granted_term_id": term.id}):
            with self.subTest(values), self.assertRaises(UserError):
                application._approve({**offer, **values})
        self.assertEqual(application.state, "review")

    def test_a_ladder_of_another_company_is_not_proposed(self):
        company = self.setup_other_company(name="Third Ltd")["company"]
        foreign = self.env["credit.ladder"].sudo().create({"name": "Foreign", "company_id": company.id})
        self.scorecard.class_ids.sudo().ladder_id = foreign
        application = self._review()
        self.assertTrue(application.class_id)
        self.assertEqual(application._default_ladder(), self.ladder)

    def test_a_refusal_names_its_reasons(self):
        application = self._review()
        with self.assertRaises(UserError):
            self._decide(application, outcome="refuse")
        self._decide(application, outcome="refuse", reason_ids=[Command.set(self.reason.ids)], refusal_text="Ask us in May")
        self.assertEqual((application.state, application.decided_by), ("refused", self.env.user))
        mail = self._mails("ann@fabrikam.example")[-1]
        self.assertIn(self.reason.name, mail.body_html)
        letter = self._text(mail.attachment_ids.raw)
        for part in (application.reference, "do not support the limit", "Ask us in May", "Ann Applicant"):
            self.assertIn(part, letter.replace("\n", " "))

    def test_an_approval_is_told_with_letter_and_link(self):
        application = self._approved(lang="en_US")
        mail = self._mails("ann@fabrikam.example")[-1]
        self.assertIn(f"/credit/contract/{application.id}/", mail.body_html)
        self.assertEqual(mail.state, "outgoing")
        self.assertIn("5,000.00", self._text(mail.attachment_ids.raw))

    def test_letters_speak_the_applicants_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        application = self._approved(lang="fr_FR")
        self.assertRegex(self._text(application._contract_raw()), r"5[\s\u202f]000,00")

    def test_the_contract_is_made_once_and_its_fingerprint_kept(self):
        application = self._approved()
        raw = application._contract_raw()
        self.assertEqual(hashlib.sha256(raw).hexdigest(), application.contract_hash)
        text = self._text(raw)
        for part in ("Fabrikam", "5,000.00", "20,000.00", application.reference, "Late payment"):
            self.assertIn(part, text)
        self.assertFalse(application.profile_id, "nothing is granted before the signature")
        application.action_resend_contract()
        self.assertEqual(application._contract_raw(), raw)

    def test_early_payment_discounts_stand_in_the_contract(self):
        term = self.env["account.payment.term"].create({
            "name": "2/10 net 30", "early_discount": True, "discount_percentage": 2, "discount_days": 10,
            "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 30})]})
        application = self._decide(self._review(), approved_cap=20000, granted_term_id=term.id)
        self.assertIn("2 % discount for payment within 10 days", self._text(application._contract_raw()))

    def test_signing_puts_the_limit_in_force_and_keeps_the_evidence(self):
        application = self._approved()
        self._sign(application)
        self.assertRecordValues(application, [{
            "state": "signed", "signed_name": "Ann Applicant", "signed_function": "Director", "signed_ip": "192.0.2.7", "signed_agent": "Firefox"}])
        profile = application.profile_id
        self.assertEqual((profile.partner_id.name, profile.limit_amount, profile.cap_amount), ("Fabrikam", 5000, 20000))
        self.assertRecordValues(profile.limit_ids, [{"source": "application", "application_id": application.id, "decided_by": self.env.uid}])
        mail = self._mails("ann@fabrikam.example")[-1]
        self.assertEqual(mail.attachment_ids[0].raw, application._contract_raw())
        evidence = self._text(mail.attachment_ids[1].raw).replace("\n", "")
        for part in (application.contract_hash, "192.0.2.7", "Firefox", "Director"):
            self.assertIn(part, evidence)

    def test_is_signed_once_in_time_and_unchanged(self):
        application = self._approved()
        for name in ("", "   ", None):
            with self.assertRaises(UserError):
                self._sign(application, name)
        self._sign(application)
        with self.assertRaises(UserError):
            self._sign(application, "Somebody else")
        self.assertEqual(application.signed_name, "Ann Applicant")
        late = self._approved(name="Late", vat=False, email="late@late.example")
        with freeze_time(late.offer_until + timedelta(days=2)), self.assertRaises(UserError):
            self._sign(late)
        changed = self._approved(name="Changed", vat=False, email="changed@changed.example")
        self.env["ir.attachment"].sudo().search([
            ("res_model", "=", "credit.application"), ("res_field", "=", "contract_file"), ("res_id", "=", changed.id)]).raw = b"%PDF other"
        with self.assertRaises(UserError):
            self._sign(changed)

    def test_what_was_signed_cannot_be_changed_by_anyone(self):
        application = self._approved()
        self._sign(application)
        for values in ({"signed_name": "Me"}, {"signed_on": False}, {"contract_file": PNG}, {"contract_hash": "x"}, {"approved_cap": 1}):
            with self.subTest(values), self.assertRaises(UserError):
                application.sudo().write(values)
        with self.assertRaises(UserError):
            application.sudo().unlink()

    def test_without_a_contract_the_approval_grants_at_once(self):
        self.company.credit_contract_required = False
        application = self._approved()
        self.assertRecordValues(application, [{"state": "signed", "signed_on": False, "contract_hash": False, "offer_until": False}])
        self.assertEqual(application.profile_id.limit_amount, 5000)
        self.assertNotIn("/credit/contract/", self._mails("ann@fabrikam.example")[-1].body_html)

    def test_the_form_link_of_before_opens_no_contract(self):
        application = self._review()
        before = application.sudo().link_epoch
        self._decide(application, approved_cap=20000)
        self.assertGreater(application.sudo().link_epoch, before)

    def test_an_offer_nobody_signs_runs_out_and_can_be_made_anew(self):
        application = self._approved()
        with freeze_time(application.offer_until + timedelta(days=2)):
            self.env["credit.application"].sudo()._gc_applications()
            self.assertEqual(application.state, "expired")
            with self.assertRaises(UserError):
                self._sign(application)
            application.action_review()
            self.assertEqual(application.state, "review")


class ApplicationBrowserCase(CreditApplicationCommon, HttpCase):
    """An application of a company that looks like a known customer."""

    def setUp(self):
        super().setUp()
        manager = self._colleague("creditdecider", "group_manager")
        manager.password = "creditdecider"
        self.env["credit.authority"].sudo().create({"company_id": self.company.id, "user_id": manager.id, "amount": 50000})
        self.twin = self._customer("Fabrikam Ltd", email="ann@fabrikam.example")
        self.application = self._apply(reference_ids=[Command.create({"name": "Supplier", "email": "ledger@supplier.example"})])


@tagged("post_install", "-at_install", "browser")
class TestApplicationBrowser(ApplicationBrowserCase):
    """The same at a desk."""

    def test_an_application_is_read_matched_and_approved(self):
        self.start_tour("/odoo", "credit_decision", login="creditdecider")
        self.env.invalidate_all()
        self.assertRecordValues(self.application, [{
            "state": "approved", "partner_id": self.twin.id, "approved_cap": 12000, "conditions": "A guarantee of the parent company"}])
        self.assertTrue(self._mails("ledger@supplier.example"))


@tagged("post_install", "-at_install", "browser")
class TestApplicationTelephone(ApplicationBrowserCase):
    """The same on a telephone."""

    browser_size = "390x844"
    touch_enabled = True

    def test_an_application_is_read_and_decided(self):
        self.application._match(self.twin)
        self.application.action_review()
        self.start_tour(f"/odoo/credit-applications/{self.application.id}", "credit_decision_telephone", login="creditdecider")
        self.env.invalidate_all()
        self.assertEqual((self.application.state, self.application.refusal_reason_ids), ("refused", self.reason))
