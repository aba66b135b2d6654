from datetime import date
from unittest.mock import patch

from odoo import SUPERUSER_ID
from odoo.exceptions import UserError
from odoo.tests import tagged

from .charge import ChargeCommon
from .common import CollectionCommon
from .handover import HandoverCommon
from .occasion import OccasionCommon
from .plan import PlanCommon
from .test_settlement import SettlementCommon

SAID = "The customer demanded not to be contacted"


class LeftAlone:
    """Northwind is left alone in one of two ways: as a customer, or as the only one whose address is known."""

    def _in_both_ways(self):
        """Do what follows for a customer that is left alone, and for a contact."""
        for way in ("customer", "contact"):
            with self.subTest(way=way):
                self._leave(way)
                yield way
            self._profile().sudo().write({"stop_kind": False})
            self.customer.collection_stop = False

    def _leave(self, way="customer"):
        if way == "customer":
            self._profile()._stop_by("ceased", "as their letter says", self.env["res.partner"])
        else:
            self.customer.collection_stop = "asked"

    def _queued(self):
        return self.env["mail.mail"].sudo().search([("credit_profile_id", "=", self._profile().id)])

    def _notes(self, record):
        return "".join(record.sudo().message_ids.mapped("body"))

    def _asked(self):
        return self._profile().activity_ids.mapped("summary")


@tagged("post_install", "-at_install")
class TestStopFollowUp(LeftAlone, CollectionCommon):
    """Reminders by e-mail, text message, letter and call; thanks."""

    def test_no_channel_of_a_level_reaches_who_is_left_alone(self):
        self.customer.phone = "+32 2 555 00 13"
        self._invoice(10)
        for channel in ("email", "sms", "letter", "call"):
            self.company.collection_policy_id = self._policy(channel, [(1, {"channels": (channel,)})])
            for way in self._in_both_ways():
                with self.subTest(channel=channel):
                    self.assertFalse(self._run().action_ids.filtered(lambda action: action.state in ("planned", "ready")), f"{channel}, {way}")

    def test_what_is_planned_over_any_channel_is_called_off(self):
        self.customer.phone = "+32 2 555 00 13"
        self._invoice(10)
        for channel in ("email", "sms", "letter", "call"):
            self.company.collection_policy_id = self._policy(channel, [(1, {"channels": (channel,)})])
            for way in ("customer", "contact"):
                with self.subTest(channel=channel, way=way):
                    action = self._run().action_ids
                    self.assertEqual((action.channel, action.state), (channel, "ready"))
                    self._leave(way)
                    self.assertEqual((action.state, action.reason), ("cancelled", "stop_ceased" if way == "customer" else "stop_person"))
                    self._profile().sudo().write({"stop_kind": False})
                    self.customer.collection_stop = False

    def test_nobody_is_thanked_who_is_left_alone(self):
        self.company.collection_thanks = "always"
        self._pay(self._invoice())
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *_args, **_values: 1):
            for _way in self._in_both_ways():
                self.env["collection.thanks"].with_user(SUPERUSER_ID)._cron_thank()
                self.assertFalse(self._queued())
            self.env["collection.thanks"].with_user(SUPERUSER_ID)._cron_thank()
        self.assertEqual(len(self._queued()), 1, "free again")


@tagged("post_install", "-at_install")
class TestStopPlan(LeftAlone, PlanCommon):
    """Mails about payment plans and promises, and the tasks in their place."""

    def test_no_mail_about_a_plan(self):
        plan = self._offered(self._invoice(10, 300)).sudo()
        self._queued().unlink()
        for _way in self._in_both_ways():
            for kind in ("offer", "link", "thanks", "broken", "cancelled"):
                self.assertFalse(self.env["collection.channel"]._queue_plan(plan, kind))
            self.assertFalse(self._queued())
        self.assertTrue(self.env["collection.channel"]._queue_plan(plan, "link"), "free again")

    def test_where_the_door_is_shut_nothing_is_noted_as_sent(self):
        plan = self._offered(self._invoice(10, 300)).sudo()
        plan.mailed_on = False
        with patch.object(type(self.env["collection.channel"]), "_why_not_queued", lambda *_args: "whatever the reason"):
            self.assertFalse(self.env["collection.channel"]._queue_plan(plan, "link"))
        self.assertFalse(plan.mailed_on)
        self.assertNotIn("False", self._notes(plan))

    def test_nobody_is_asked_to_call_about_a_late_installment(self):
        self.company.collection_plan_days_after = 2
        plan = self._active(self._invoice(10, 300), max_days_late=10)
        self._leave()
        day = self._miss(plan, 1, 3)
        self.assertFalse(self._kinds(name="plan_late"))
        self._profile().sudo().write({"stop_kind": False})
        self._night(day)
        self.assertTrue(self._kinds(name="plan_late"), "free again")

    def test_nobody_is_asked_to_remind_a_person_who_demanded_silence(self):
        self.customer.is_company = False
        plan = self._active(self._invoice(10, 300))
        self._leave("contact")
        plan.sudo().installment_ids[:1]._remind(self.today)
        self.assertFalse(self._kinds(name="task"))

    def test_nobody_is_asked_to_call_about_a_broken_promise(self):
        promise = self._promise(self._invoice(10, 300), in_days=5)
        self._leave()
        self._night(self._due(-20))
        self.assertEqual((promise.state, promise.task_given), ("broken", False))
        self.assertNotIn("Promise broken: call", self._asked())
        self._profile().sudo().write({"stop_kind": False})
        self._night(self._due(-20))
        self.assertIn("Promise broken: call", self._asked(), "free again")


@tagged("post_install", "-at_install")
class TestStopSettlement(LeftAlone, SettlementCommon):
    """Settlement offers."""

    def test_no_offer_of_a_settlement(self):
        offer = self._offer(self._invoice(200, 1000), amount=600).sudo()
        self._queued().unlink()
        said = {"customer": f"{offer.name}: {SAID}", "contact": f"{offer.name}: no usable e-mail address"}
        for way in self._in_both_ways():
            self.env["collection.channel"]._queue_settlement(offer)
            self.assertFalse(self._queued())
            self.assertIn(said[way], self._asked())
        self.assertFalse([note for note in self._profile().activity_ids.filtered(lambda task: SAID in task.summary).mapped("note") if "call" in note])

    def test_where_the_door_is_shut_a_person_hears_of_it(self):
        offer = self._offer(self._invoice(200, 1000), amount=600).sudo()
        with patch.object(type(self.env["collection.channel"]), "_why_not_queued", lambda *_args: "whatever the reason"):
            self.env["collection.channel"]._queue_settlement(offer)
        self.assertNotIn("False", self._notes(offer))
        self.assertIn(f"{offer.name}: no usable e-mail address", self._asked())

    def test_nobody_is_asked_to_call_about_an_offer_that_lapsed(self):
        offer = self._offer(self._invoice(200, 1000), amount=600)
        self._leave()
        self._night(self._due(-11))
        self.assertEqual(offer.state, "lapsed")
        self.assertNotIn("Settlement offer lapsed: call", self._asked())


@tagged("post_install", "-at_install")
class TestStopCharge(LeftAlone, ChargeCommon):
    """Bills of charges."""

    def setUp(self):
        super().setUp()
        self._dated(date(2024, 3, 31))
        self.company.collection_charge_send = True
        self.charge = self._charge(date(2024, 5, 31), post=True)

    def _send(self):
        self.env["collection.charge"].sudo()._send_waiting()

    def test_no_bill_and_the_true_reason(self):
        said = {"customer": SAID, "contact": "No e-mail address: print and post it."}
        for way in self._in_both_ways():
            self._send()
            self.assertRecordValues(self.charge, [{"mailed_on": False, "problem": said[way], "address_missing": True}])
            self.assertFalse(self._queued())
            self.assertEqual("No address to send a bill of charges to" in self._asked(), way == "contact")
            with self.assertRaisesRegex(UserError, SAID if way == "customer" else "has no e-mail address"):
                self.charge.action_send()
        self._send()
        self.assertEqual((self.charge.mailed_on, self._queued().email_to), (self.today, "northwind@customer.example"), "free again")

    def test_where_the_door_is_shut_it_was_not_sent(self):
        with patch.object(type(self.env["collection.channel"]), "_why_not_queued", lambda *_args: "whatever the reason"):
            self._send()
        self.assertRecordValues(self.charge, [{"mailed_on": False, "address_missing": True}])

    def test_the_bill_goes_to_one_address_of_the_lawyer(self):
        lawyer = self.env["res.partner"].create({"name": "Dupont", "email": "Dupont@law.example, desk@law.example"})
        self._profile()._stop_by("lawyer", "as their letter says", lawyer)
        self._send()
        self.assertEqual((self.charge.mailed_on, self._queued().email_to), (self.today, "dupont@law.example"))

    def test_the_next_contact_gets_the_bill(self):
        clerk = self.env["res.partner"].create({"name": "Clerk", "parent_id": self.customer.id, "collection_contact": True, "email": "clerk@customer.example"})
        self.assertEqual(self.charge._bill_address(), "northwind@customer.example", "who it is addressed to comes first")
        self.env["mail.blacklist"]._add("northwind@customer.example")
        self.assertEqual(self.charge._bill_address(), "clerk@customer.example")
        self.env["mail.blacklist"]._remove("northwind@customer.example")
        self.customer.collection_stop = "left"
        self.assertEqual(self.charge._bill_address(), "clerk@customer.example")
        clerk.collection_stop = "left"
        self.assertFalse(self.charge._bill_address())


@tagged("post_install", "-at_install")
class TestStopHandover(LeftAlone, HandoverCommon):
    """The letter before action."""

    def test_no_letter_before_action_by_mail(self):
        record = self._announced(self._invoice(200, 1000)).sudo()
        self._queued().unlink()
        record.mailed_to = False
        for _way in self._in_both_ways():
            self.env["collection.channel"]._queue_handover(record)
            self.assertEqual((record.mailed_to, self._queued().ids), (False, []))
        self.env["collection.channel"]._queue_handover(record)
        self.assertEqual((record.mailed_to, len(self._queued())), ("northwind@customer.example", 1), "free again")


@tagged("post_install", "-at_install")
class TestStopGreeting(LeftAlone, OccasionCommon):
    """Greetings."""

    def test_no_greeting_to_who_is_left_alone(self):
        for values, stopped in (({"collection_stop": "asked"}, False), ({}, True)):
            with self.subTest(values=values):
                self._plan()
                self.ann.write(values)
                if stopped:
                    self._leave()
                self.assertFalse(self._hour())
                self._greetings().sudo().unlink()
                self.ann.collection_stop = False

    def test_a_greeting_in_the_queue_is_called_off_when_they_want_none(self):
        self._plan()
        greeting = self._greetings()
        other = self.env["collection.channel"]
        other._queue("collection_mail_template_statement", self.profile, "en_US", "ann@customer.example", ())
        for who in (self.ann, self.customer):
            greeting.sudo().write({"state": "planned"})
            [mail] = self._hour(greeting.leaves_on)
            self.assertEqual((mail.email_to, greeting.state), ("ann@customer.example", "sent"))
            who.no_greetings = True
            self.assertFalse(mail.exists())
            who.no_greetings = False
        self.assertEqual(len(self._queued()), 1, "what was not about a special day goes on")
