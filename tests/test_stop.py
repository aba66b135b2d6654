from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .desk import DeskCommon


class StopCommon(DeskCommon):
    """A customer with something overdue, a collector and a lawyer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._rule("days_late", 100, days=1)
        cls.lawyer = cls.env["res.partner"].create({
            "name": "Maître Dupont", "email": "dupont@law.example", "phone": "+32 2 555 00 11", "street": "2 Court Street", "city": "Brussels"})

    def _stop(self, kind="insolvent", contact=None, partner=None, user=None):
        profile = self._profile(partner)
        self.env["credit.stop.wizard"].with_user(user or self.collector).create({
            "profile_ids": profile.ids, "kind": kind, "note": "as their letter says", "contact_id": contact.id if contact else False}).action_stop()
        return profile

    def _lift(self, profile, user=None):
        self.env["credit.stop.wizard"].with_user(user or self.env.user).create({
            "profile_ids": profile.ids, "is_lift": True, "note": "proceedings closed"}).action_lift()


@tagged("post_install", "-at_install")
class TestStop(StopCommon):
    """Customers that are left alone, by every channel."""

    def test_a_stopped_customer_is_not_reminded_and_the_reason_is_told(self):
        self._invoice(10)
        for kind in ("insolvent", "deceased", "lawyer", "ceased"):
            profile = self._stop(kind)
            self.assertEqual(profile._contact_stop(), f"stop_{kind}")
            self.assertFalse(self._run().action_ids)
            self.assertEqual(self._why(), f"stop_{kind}")
            self.assertTrue(profile.reason)
            self._lift(profile)
        self.assertTrue(self._run().action_ids, "follow-up goes on as soon as it is lifted")

    def test_what_is_planned_is_called_off_at_once(self):
        self.policy.level_ids[2].channel_ids.channel = "letter"
        self._invoice(10)
        waiting = self._run().action_ids
        self.assertEqual(waiting.state, "ready")
        profile = self._stop("ceased")
        self.assertEqual((waiting.state, waiting.reason), ("cancelled", "stop_ceased"))
        self.assertFalse(waiting.line_ids.filtered("live"), "the level was not reached")
        self.assertEqual((profile.next_reason, profile.next_contact_on), ("stop_ceased", False))

    def test_a_contact_is_called_off_at_the_door(self):
        self._invoice(10)
        action = self._run().action_ids
        self._profile().sudo().write({"stop_kind": "deceased"})  # by whatever way, after planning
        action._transition("checking")
        self.assertFalse(self.env["collection.outbox"]._reconfirm(action, {}))
        self.assertEqual((action.state, action.reason), ("cancelled", "stop_deceased"))

    def test_a_lawyer_gets_what_the_customer_may_not(self):
        self._invoice(10)
        self._stop("lawyer", self.lawyer)
        action = self._run().action_ids
        self.assertEqual((action.channel, action.recipient, action.recipient_id), ("email", "dupont@law.example", self.lawyer))
        usable = self.env["collection.reader"]._read_recipients(self.customer.ids)[self.customer.id].usable
        self.assertEqual(set(usable), {"email", "letter"}, "nobody telephones a lawyer about a debt")

    def test_an_administrator_gets_nothing_by_itself(self):
        self._invoice(10)
        profile = self._stop("insolvent", self.lawyer)
        self.assertFalse(self._run().action_ids)
        self.assertFalse(profile._contact_relay())
        self.assertIn("Insolvent: file the claim with the administrator", profile.activity_ids.mapped("summary"))

    def test_who_stands_for_the_customer_is_none_of_its_own(self):
        clerk = self.env["res.partner"].create({"name": "Clerk", "parent_id": self.customer.id, "email": "clerk@customer.example"})
        with self.assertRaisesRegex(UserError, "Clerk.*belongs to the customer"):
            self._stop("lawyer", clerk)

    def test_the_door_of_the_mail_queue_is_shut(self):
        self._invoice(10)
        profile = self._stop("ceased")
        channel = self.env["collection.channel"]
        self.assertFalse(channel._queue("collection_mail_template_statement", profile, "en_US", "northwind@customer.example", ()))
        self.assertFalse(self.env["mail.mail"].search([("credit_profile_id", "=", profile.id)]))
        self.assertIn("No mail was made to northwind@customer.example", profile.message_ids[0].body)
        self._lift(profile)
        self.assertTrue(channel._queue("collection_mail_template_statement", profile, "en_US", "northwind@customer.example", ()))
        self.assertEqual(self.env["mail.mail"].search([("credit_profile_id", "=", profile.id)]).email_to, "northwind@customer.example")

    def test_a_lawyer_gets_mails_at_its_own_address_only(self):
        profile = self._stop("lawyer", self.lawyer)
        channel = self.env["collection.channel"]
        self.assertFalse(channel._queue("collection_mail_template_statement", profile, "en_US", "northwind@customer.example", ()))
        self.assertTrue(channel._queue("collection_mail_template_statement", profile, "en_US", "Dupont@law.example", ()))

    def test_mails_in_the_queue_are_called_off(self):
        profile = self._profile()
        self.env["collection.channel"]._queue("collection_mail_template_statement", profile, "en_US", "northwind@customer.example", ())
        self._stop("ceased")
        self.assertFalse(self.env["mail.mail"].search([("credit_profile_id", "=", profile.id)]))

    def test_statements_find_no_address(self):
        self._invoice(10)
        profile = self._stop("ceased")
        queued = self.env["collection.channel"]._queue_statements(profile, {})
        self.assertEqual((queued.missing, queued.sent), (profile, profile.browse()))

    def test_the_worklist_leaves_out_who_is_left_alone(self):
        self._invoice(10, 1000)
        self._rank()
        self.assertEqual(self._names(), ["Northwind"])
        profile = self._stop("deceased")
        self.assertEqual(self._names(), [])
        self._lift(profile)
        self.assertEqual(self._names(), ["Northwind"])

    def test_the_call_screen_warns(self):
        self._invoice(10, 1000)
        self.assertFalse(self._look()["stop"])
        self._stop("lawyer", self.lawyer)
        banner = self._look()["stop"]
        self.assertIn("lawyer", banner["text"])
        self.assertEqual((banner["note"], banner["contact"]), ("as their letter says", "Maître Dupont"))

    def test_a_stop_holds_for_all_companies_now_and_later(self):
        other = self.env["res.company"].create({"name": "Sister"})
        theirs = self.env["credit.profile"].sudo()._ensure(other, self.customer)
        self._stop("ceased")
        self.assertEqual(theirs.stop_kind, "ceased")
        late = self.env["credit.profile"].sudo()._ensure(self.env["res.company"].create({"name": "Cousin"}), self.customer)
        self.assertEqual((late.stop_kind, late.stop_note), ("ceased", "as their letter says"))
        self._lift(self._profile())
        self.assertFalse((theirs | late).filtered("stop_kind"))

    def test_a_customer_left_alone_stays_so_when_merged(self):
        double = self._customer("Northwind Ltd")
        self._invoice(10)
        self._stop("ceased", partner=double)
        self.env["base.partner.merge.automatic.wizard"]._merge((self.customer | double).ids, self.customer)
        self.assertEqual(self._profile().stop_kind, "ceased")

    # ------------------------------------------------------------------ at once

    def test_what_is_just_being_checked_is_called_off_too(self):
        self._invoice(10)
        action = self._run().action_ids
        outbox = self.env["collection.outbox"].sudo()
        action._transition("checking", worker=outbox._worker())
        self._stop("ceased")
        self.assertEqual((action.state, action.reason), ("cancelled", "stop_ceased"))
        self.env.flush_all()
        self.assertFalse(outbox._begin(action), "the worker lets it be")

    def test_a_letter_just_being_made_is_not_handed_to_a_person(self):
        self.company.collection_policy_id = self._policy("Letters", [(1, {"channels": ("letter",)})])
        self._invoice(10)
        action = self._run().action_ids
        action._transition("checking")
        self._stop("lawyer", self.lawyer)
        self.env["collection.outbox"].sudo()._hand_over(action)
        self.assertEqual((action.state, action.attachment_ids.ids), ("cancelled", []))
        self.assertEqual(self._run().action_ids.recipient_id, self.lawyer, "the next run writes to the lawyer")

    def test_nobody_is_asked_any_more_to_call_or_to_greet(self):
        clerk = self.env["res.partner"].create({"name": "Clerk", "parent_id": self.customer.id})
        profile = self._profile()
        for kind in ("call", "promise", "plan_late"):
            profile._task(f"account_credit_collection.mail_activity_collection_{kind}", "Call Northwind back")
        clerk.activity_schedule("account_credit_collection.mail_activity_collection_greeting", summary="Birthday: call or write")
        profile._task("account_credit_collection.mail_activity_collection_review", "Review the credit limit before it ends")
        self._stop("ceased")
        self.assertEqual(profile.activity_ids.mapped("summary"), ["Review the credit limit before it ends"])
        self.assertFalse(clerk.activity_ids)

    # ------------------------------------------------------------------ who stands for the customer

    def test_a_lawyer_that_must_be_left_alone_gets_nothing(self):
        profile = self._stop("lawyer", self.lawyer)
        channel = self.env["collection.channel"]
        for values in ({"collection_stop": "left"}, {"active": False}):
            self.assertTrue(channel._queue("collection_mail_template_statement", profile, "en_US", "dupont@law.example", ()))
            self.lawyer.write(values)
            self.assertFalse(channel._queue("collection_mail_template_statement", profile, "en_US", "dupont@law.example", ()))
            self.lawyer.write({"collection_stop": False, "active": True})

    def test_only_a_manager_has_somebody_written_to_for_who_demanded_silence(self):
        profile = self._stop("ceased")
        with self.assertRaisesRegex(AccessError, "Only a credit manager"):
            self._stop("lawyer", self.lawyer)
        self.assertEqual(profile.stop_kind, "ceased")
        self._stop("lawyer")  # nobody is written to: no less strict
        self._stop("lawyer", self.lawyer)  # the mandate is the same, its bearer is known now
        self._stop("insolvent", self.lawyer)
        self._stop("lawyer", self.lawyer, user=self.env.user)
        self.assertEqual(profile._contact_relay(), self.lawyer)

    def test_a_change_begins_with_what_is_known(self):
        profile = self._stop("lawyer", self.lawyer)
        dialog = self.env["credit.stop.wizard"].with_context(**profile.action_stop_contact()["context"]).create({"note": "proceedings opened"})
        self.assertEqual((dialog.kind, dialog.contact_id), ("lawyer", self.lawyer))
        dialog.kind = "insolvent"
        dialog.action_stop()
        self.assertEqual((profile.stop_kind, profile.stop_contact_id), ("insolvent", self.lawyer))

    def test_the_form_of_the_customer_says_who_is_written_to(self):
        self._stop("lawyer")
        self.assertEqual((self.customer.collection_stop_kind, self.customer.collection_stop_relayed), ("lawyer", False))
        self._stop("lawyer", self.lawyer)
        self.customer.invalidate_recordset(["collection_stop_kind", "collection_stop_relayed"])
        self.assertTrue(self.customer.collection_stop_relayed)

    # ------------------------------------------------------------------ rights

    def test_collectors_stop_and_managers_lift(self):
        viewer = new_test_user(self.env(su=True), login="stop viewer", groups="account_credit_collection.group_viewer",
                               company_id=self.company.id, company_ids=self.company.ids)
        profile = self._profile()
        with self.assertRaises(AccessError):
            profile.with_user(viewer)._stop_by("ceased", "no", self.lawyer)
        self._stop("ceased")
        with self.assertRaisesRegex(AccessError, "Only a credit manager"):
            self._lift(profile, self.collector)
        self._lift(profile)
        self.assertFalse(profile.stop_kind)

    def test_nobody_sets_a_stop_past_the_dialog(self):
        profile = self._profile()
        for user in (self.collector, self.env.user):
            with self.assertRaises(AccessError):
                profile.with_user(user).write({"stop_kind": False})
        with self.assertRaises(AccessError):
            self.env["credit.profile"].with_context(default_stop_kind="ceased").create({"company_id": self.company.id, "partner_id": self._customer("New").id})

    def test_reasons_are_kept_in_the_chatter(self):
        profile = self._stop("ceased")
        self.assertIn("as their letter says", "".join(profile.message_ids.mapped("body")))
        self._lift(profile)
        self.assertIn("proceedings closed", "".join(profile.message_ids.mapped("body")))
