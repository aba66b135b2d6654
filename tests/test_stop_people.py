from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .test_stop import StopCommon

GREETING = "account_credit_collection.mail_activity_collection_greeting"


@tagged("post_install", "-at_install")
class TestStopPeople(StopCommon):
    """People who must be left alone: the next contact of the customer is written to."""

    def _clerk(self, name, **values):
        return self.env["res.partner"].create({
            "name": name, "parent_id": self.customer.id, "collection_contact": True, "email": f"{name.lower()}@customer.example",
            "street": "1 Main Street", "city": "Brussels", **values})

    def _queue(self, address, profile=None):
        return self.env["collection.channel"]._queue("collection_mail_template_statement", profile or self._profile(), "en_US", address, ())

    def _queued(self, profile=None):
        return self.env["mail.mail"].sudo().search([("credit_profile_id", "=", (profile or self._profile()).id)]).mapped("email_to")

    # ------------------------------------------------------------------ the next contact

    def test_the_next_contact_gets_what_a_person_must_not(self):
        second, first = self._clerk("Second"), self._clerk("First")
        self._invoice(10)
        action = self._run().action_ids
        self.assertEqual(action.recipient_id, first, "the newest contact first")
        first.collection_stop = "deceased"
        self.assertEqual((action.state, action.reason), ("cancelled", "stop_person"))
        self.assertEqual(self._run().action_ids.recipient_id, second)

    def test_a_letter_that_waits_is_not_printed_for_who_is_not_written_to_any_more(self):
        self.company.collection_policy_id = self._policy("Letters", [(1, {"channels": ("letter",)})])
        second, first = self._clerk("Second"), self._clerk("First")
        self._invoice(10)
        for way, reason in (({"collection_stop": "deceased"}, "stop_person"), ({"active": False}, "unreachable")):
            letter = self._run().action_ids
            self.assertEqual(letter.recipient_id, first)
            letter._transition("checking")
            letter._transition("waiting")
            self.assertEqual(self.env["collection.outbox"].sudo()._recheck(letter), letter, "still due")
            first.write(way)
            self.assertFalse(self.env["collection.outbox"].sudo()._recheck(letter).filtered(lambda one: one.state == "waiting"))
            self.assertEqual((letter.state, letter.reason), ("cancelled", reason))
            first.write({"collection_stop": False, "active": True})
        first.collection_stop = "left"
        self.assertEqual(self._run().action_ids.recipient_id, second)

    def test_a_call_to_who_left_is_not_made(self):
        self.company.collection_policy_id = self._policy("Calls", [(1, {"channels": ("call",)})])
        clerk = self._clerk("Clerk", phone="+32 2 555 00 12")
        self._invoice(10)
        call = self._run().action_ids
        outbox = self.env["collection.outbox"].sudo()
        call._transition("checking", worker=outbox._worker())
        outbox._hand_over(call)
        task = call.activity_id
        self.assertEqual((call.state, bool(task)), ("waiting", True))
        clerk.collection_stop = "left"
        self.assertEqual((call.state, task.exists().ids), ("cancelled", []))

    # ------------------------------------------------------------------ at once

    def test_no_mail_goes_to_a_person_that_must_be_left_alone(self):
        self.customer.collection_stop = "asked"
        self.assertFalse(self._queue("northwind@customer.example"))

    def test_mails_in_the_queue_to_a_person_are_called_off(self):
        clerk = self._clerk("Clerk")
        for address in ("Clerk@customer.example", "northwind@customer.example"):
            self._queue(address)
        clerk.collection_stop = "left"
        self.assertEqual(self._queued(), ["northwind@customer.example"], "the mail to the customer goes on")

    def test_an_address_shared_with_a_colleague_is_still_good(self):
        clerk = self._clerk("Clerk")
        self._clerk("Colleague", email="clerk@customer.example")
        self._queue("clerk@customer.example")
        clerk.collection_stop = "left"
        self.assertEqual(self._queued(), ["clerk@customer.example"])

    def test_mails_in_the_queue_to_a_lawyer_that_left_are_called_off(self):
        profile = self._stop("lawyer", self.lawyer)
        self._queue("dupont@law.example")
        self.lawyer.collection_stop = "left"
        self.assertFalse(self._queued(profile))

    def test_nobody_greets_a_person_that_must_be_left_alone(self):
        for values in ({"collection_stop": "deceased"}, {"no_greetings": True}):
            clerk = self._clerk("Clerk")
            clerk.activity_schedule(GREETING, summary="Birthday: call or write")
            clerk.write(values)
            self.assertFalse(clerk.activity_ids)

    def test_a_company_that_wants_no_greetings_wants_none_for_its_people(self):
        clerk = self._clerk("Clerk")
        clerk.activity_schedule(GREETING, summary="Birthday: call or write")
        self.customer.no_greetings = True
        self.assertFalse(clerk.activity_ids)

    def test_a_private_customer_that_died_is_not_called(self):
        widow = self._customer("Ada Miller", is_company=False)
        profile = self._profile(widow)
        call = "account_credit_collection.mail_activity_collection_call"
        (profile | self._profile())._ask_once("call", "Call back")
        (widow | self.customer).collection_stop = "deceased"
        self.assertFalse(profile.activity_search([call]))
        self.assertTrue(self._profile().activity_search([call]), "a company has others who can be called")
        self.assertEqual((profile | self._profile())._may_be_called(), self._profile())

    # ------------------------------------------------------------------ who moves

    def test_a_person_that_demanded_silence_is_left_alone_at_its_employer_too(self):
        employer = self._customer("Southwind")
        for kind, stays in (("ceased", "asked"), ("lawyer", "asked"), ("deceased", "deceased")):
            person = self._customer(f"Ada {kind}", is_company=False, collection_contact=True)
            self._stop(kind, partner=person)
            person.parent_id = employer
            self.assertEqual(person.collection_stop, stays)
        self.assertEqual(self.env["collection.reader"]._read_recipients(employer.ids)[employer.id].usable["email"].partner, employer.id)

    def test_the_people_of_a_customer_left_alone_are_free_elsewhere(self):
        clerk = self._clerk("Clerk")
        self._stop("ceased")
        clerk.parent_id = self._customer("Southwind")
        self.assertFalse(clerk.collection_stop)

    # ------------------------------------------------------------------ rights

    def test_everybody_stops_and_a_manager_frees(self):
        clerk = self._clerk("Clerk")
        seller = new_test_user(self.env(su=True), login="stop seller", groups="base.group_user,base.group_partner_manager",
                               company_id=self.company.id, company_ids=self.company.ids)
        clerk.with_user(seller).collection_stop = "left"
        clerk.with_user(seller).collection_stop = "asked"
        with self.assertRaisesRegex(AccessError, "Only a credit manager may have .*Clerk written to again"):
            clerk.with_user(seller).collection_stop = False
        self.assertEqual(clerk.collection_stop, "asked")
        clerk.collection_stop = False
        self.assertFalse(clerk.collection_stop)
