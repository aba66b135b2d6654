from unittest.mock import patch

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_retention import RetentionCommon


@tagged("post_install", "-at_install")
class TestForgottenApplicants(RetentionCommon):
    """A customer goes with its application only when nothing else came of it, and then it does go."""

    def _refused(self, **values):
        application = self._review(**values)
        if not application.partner_id:
            application.action_create_partner()
        return self._refuse(application)

    def _refuse(self, application):
        return self._decide(application, outcome="refuse", reason_ids=[Command.set(self.reason.ids)])

    @mute_logger("odoo.models.unlink")
    def test_a_prospect_that_the_applicant_was_merged_into_stays(self):
        application = self._refused()
        prospect = self.env["res.partner"].create({"name": "Old Prospect", "is_company": True, "email": application.email})
        buyer = self.env["res.partner"].create({"name": "Buyer", "parent_id": prospect.id})
        self.env["base.partner.merge.automatic.wizard"]._merge((application.partner_id | prospect).ids, prospect)
        self._purge(months=13)
        self.assertFalse(application.exists())
        self.assertEqual((prospect.exists(), buyer.exists()), (prospect, buyer))

    @mute_logger("odoo.models.unlink")
    def test_a_prospect_that_was_merged_into_the_applicant_stays(self):
        application = self._refused()
        partner = application.partner_id
        prospect = self.env["res.partner"].create({"name": "Old Prospect", "is_company": True, "email": application.email})
        self.env["base.partner.merge.automatic.wizard"]._merge((partner | prospect).ids, partner)
        self._purge(months=13)
        self.assertFalse(application.exists())
        self.assertTrue(partner.exists())

    @mute_logger("odoo.models.unlink")
    def test_a_customer_made_by_mistake_goes_and_the_right_one_stays(self):
        application = self._review()
        application.action_create_partner()
        made = application.partner_id
        application._match(self.customer)
        self._purge(days=1)
        self.assertFalse(made.exists())
        self._refuse(application)
        self._purge(months=13)
        self.assertTrue(self.customer.exists())

    def test_whom_somebody_works_with_stays_and_a_note_says_why(self):
        ways = {
            "contact": lambda partner: self.env["res.partner"].create({"name": "Buyer", "parent_id": partner.id}),
            "notes": lambda partner: partner.write({"comment": "<p>Comes to the fair</p>"}),
            "touch": lambda partner: self.env["collection.touch"].sudo().create({
                "partner_id": partner.id, "company_id": self.company.id, "kind": "visit", "day": self.today, "note": "Visited"}),
            "chatter": lambda partner: partner.message_post(body="Likes doors", message_type="comment"),
            "file": lambda partner: self.env["ir.attachment"].create({"name": "Prices", "raw": b"1", "res_model": "res.partner", "res_id": partner.id}),
            "supplier": lambda partner: self.env["res.partner.bank"].create({"acc_number": "BE71096123456769", "partner_id": partner.id}),
        }
        for place, (name, work) in enumerate(ways.items()):
            with self.subTest(name):
                application = self._refused(name=f"Fabrikam {name}", email=f"{name}@fabrikam{place}.example", vat=False)
                partner = application.partner_id
                work(partner)
                self._purge(months=13)
                self.assertFalse(application.exists())
                self.assertTrue(partner.exists())
                self.assertIn("It stays, since there is more", str(partner.message_ids.mapped("body")))

    @mute_logger("odoo.models.unlink")
    def test_the_last_of_two_applications_takes_the_customer_along(self):
        first = self._refused()
        partner = first.partner_id
        contact = partner.child_ids
        second = self._review(vat=False, name="Fabrikam again", email="ann2@fabrikam.example")
        second._match(partner)
        self._refuse(second)
        second.sudo().closed_on += relativedelta(months=2)
        self._purge(months=13)
        self.assertFalse(first.exists())
        self.assertTrue(partner.exists(), "the other application needs it")
        self._purge(months=15)
        self.assertFalse(second.exists() or partner.exists() or contact.exists())

    @mute_logger("odoo.models.unlink")
    def test_our_own_picture_keeps_nobody(self):
        application = self._refused()
        partner = application.partner_id
        profile = self.env["credit.profile"].sudo()._ensure(self.company, partner)
        self.env["collection.greeting"].sudo().create({
            "occasion_id": self.env["collection.occasion"].search([], limit=1).id, "profile_id": profile.id, "company_id": self.company.id,
            "contact_id": partner.id, "day": self.today, "leaves_on": self.today, "year": self.today.year, "channel": "email", "state": "sent"})
        self.env["collection.touch"].sudo().create({
            "partner_id": partner.id, "company_id": self.company.id, "kind": "greeting", "day": self.today, "is_automatic": True})
        self._purge(months=13)
        self.assertFalse(partner.exists() or profile.exists())

    @mute_logger("odoo.models.unlink", "odoo.addons.account_credit_collection.models.res_partner_applicant")
    def test_who_cannot_go_is_told_and_tried_again(self):
        application = self._refused()
        partner = application.partner_id
        Partner = self.env.registry["res.partner"]

        def stuck(_partners):
            raise ValueError("needed elsewhere")

        with patch.object(Partner, "unlink", stuck):
            self._purge(months=13)
        self.assertTrue(partner.exists())
        beat = self.env["collection.heartbeat"].search([("job", "=", "retention")])
        self.assertIn(f"partner {partner.id}", beat.last_error)
        self._purge(months=13)
        self.assertFalse(partner.exists())


@tagged("post_install", "-at_install")
class TestApplicationsThatEnd(RetentionCommon):
    """What nobody decides is closed, and what was signed is emptied long after its limit."""

    def _wait(self, months):
        self._settle()
        with freeze_time(self.today + relativedelta(months=months, days=1)):
            self.env["credit.application"].sudo()._expire_undecided()
        self._settle()

    def test_what_nobody_decides_is_closed_and_goes(self):
        draft, handed_in, review = self._apply(submit=False), self._apply(name="Two", vat=False), self._review(name="Three", vat=False)
        self._wait(11)
        self.assertEqual([one.state for one in (draft, handed_in, review)], ["draft", "submitted", "review"])
        self._wait(12)
        self.assertEqual([one.state for one in (draft, handed_in, review)], ["withdrawn", "expired", "expired"])
        self.assertTrue(review.keep_until)
        self._purge(months=25)
        self.assertFalse((draft | handed_in | review).exists())

    def test_a_word_keeps_it_open(self):
        application = self._review()
        self._settle()
        with freeze_time(self.today + relativedelta(months=6)):
            application.message_post(body="Waits for the accounts of the year")
        self._wait(13)
        self.assertEqual(application.state, "review")
        self.company.credit_undecided_months = 6
        self._wait(13)
        self.assertEqual(application.state, "expired")

    def test_a_signed_one_is_emptied_ten_years_after_its_limit(self):
        application = self._approved(reference_ids=[Command.create({"name": "Supplier", "contact_name": "Sam"})])
        self._sign(application)
        self.assertTrue(application.limit_until)
        contract = application.contract_hash
        application.sudo().limit_until = self.today + relativedelta(months=12)
        self._purge(months=131)
        self.assertTrue(application.answer_ids and application.reference_ids and application.email)
        self._purge(months=132, days=1)
        self.assertFalse(application.answer_ids or application.reference_ids or application.document_ids)
        self.assertFalse(application.email or application.contact_name or application.phone)
        self.assertEqual((application.state, application.contract_hash, application.signed_name), ("signed", contract, "Ann Applicant"))
        self.assertTrue(application._is_intact(), "the contract is the proof and stays")
