from odoo.fields import Command
from odoo.tests import Form, tagged

from .segment import SegmentCommon


@tagged("post_install", "-at_install")
class TestSegmentPreview(SegmentCommon):
    """The look at a segment before it is saved."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rest = cls._segment("Rest", 50)
        cls.partners = [cls._customer(f"Customer {number}") for number in range(3)]

    def setUp(self):
        super().setUp()
        for partner, amount in zip(self.partners, (100, 200, 300)):
            self._invoice(5, amount, partner)
        self.profiles = self._profile(self.partners[0]) | self._profile(self.partners[1]) | self._profile(self.partners[2])
        self.profiles._refresh(self.company, self.today)
        self._settle_definitions()

    def test_the_unsaved_form_says_who_would_come_and_from_where(self):
        form = Form(self.env["credit.segment"])
        form.name = "Large"
        form.sequence = 10
        form.billing_from = 150
        self.assertEqual((form.preview_count, form.preview_balance, form.preview_come, form.preview_leave), (2, 500, 2, 0))
        self.assertIn("Customer 2", form.preview)
        self.assertIn("2 from “Rest”", " ".join(form.preview.split()))
        form.billing_from = 250
        self.assertEqual((form.preview_count, form.preview_balance), (1, 300))
        self.assertNotIn("Customer 1", form.preview)

    def test_a_segment_in_force_says_who_would_leave_and_for_where(self):
        large = self._segment("Large", 10, billing_from=150)
        self._sort()
        form = Form(large)
        self.assertEqual((form.preview_count, form.preview_come, form.preview_leave), (2, 0, 0))
        form.billing_from = 250
        self.assertEqual((form.preview_count, form.preview_come, form.preview_leave), (1, 0, 1))
        self.assertIn("1 to “Rest”", " ".join(form.preview.split()))

    def test_what_the_preview_says_is_what_the_night_does(self):
        draft = self._segment("Large", 10, draft=True, billing_from=150)
        seen = draft._preview()
        self.assertEqual([(one.name, other) for one, other in seen.come], [("Customer 2", self.rest.id), ("Customer 1", self.rest.id)])
        draft.action_arm()
        self.assertEqual(self._sort(1), len(seen.come))
        self.assertEqual((draft.member_count, draft.member_balance), (seen.count, 500))

    def test_the_question_before_it_is_put_into_force_is_a_sentence(self):
        draft = self._segment("Large", 10, draft=True, billing_from=150)
        self.assertEqual(draft.preview_text, "Customers in this segment from the coming night on: 2, with "
                         f"{self.company.currency_id.format(500)} open. New among them: 2.")

    def test_a_choice_by_hand_ends_with_its_segment_in_the_preview_too(self):
        gone = self._segment("Gone", 60)
        self.profiles[2].segment_id = gone
        gone.is_draft = True
        self.assertEqual(self._segment("Large", 10, draft=True, billing_from=150).preview_count, 2)
        self.assertEqual(gone.preview_count, 1)  # put into force again before the night, nobody leaves it

    def test_a_later_place_is_previewed_as_such(self):
        self.assertEqual(self._segment("After", 60, draft=True, billing_from=150).preview_count, 0)

    def test_who_is_set_by_hand_stays(self):
        self.profiles[2].segment_id = self.rest
        self.assertEqual(self._segment("Large", 10, draft=True, billing_from=150).preview_count, 1)

    def test_the_preview_shows_a_narrowed_manager_own_customers_only(self):
        user = self.env["res.users"].sudo().with_context(no_reset_password=True).create({
            "name": "Narrow", "login": "segment.narrow", "company_id": self.company.id, "company_ids": [Command.set(self.company.ids)],
            "group_ids": [Command.set([self.env.ref("account_credit_collection.group_manager").id,
                                       self.env.ref("account_credit_collection.group_own_portfolio").id])]})
        self.profiles[2].collector_id = user
        segment = self._segment("Large", 10, draft=True, billing_from=150).with_user(user)
        self.assertEqual((segment.preview_count, segment.preview_balance), (1, 300))
        self.assertNotIn("Customer 1", segment.preview)

    def test_names_are_text_in_the_preview(self):
        self.partners[2].name = "<b>Evil</b>"
        self.assertIn("&lt;b&gt;Evil", self._segment("Large", 10, draft=True, billing_from=150).preview)
