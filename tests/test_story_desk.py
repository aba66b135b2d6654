from unittest.mock import patch

from freezegun import freeze_time

from odoo import api
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from ..models import collection_desk
from .common import CollectionCommon

NAMES = ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel", "Ivy", "Juniper")
PAGE = "/odoo/worklist"


class DeskBrowser(CollectionCommon, HttpCase):
    """Ten late customers of one collector, each owing a little less than the one above."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["collection.worklist.rule"].search([]).active = False
        cls.env["collection.worklist.rule"].create({"name": "Late", "kind": "days_late", "days": 1, "points": 10})
        cls.user = new_test_user(
            cls.env(su=True), login="deskcollector", password="deskcollector", name="Carla", company_id=cls.company.id,
            company_ids=cls.company.ids, groups="account.group_account_invoice,account_credit_collection.group_collector")

    def setUp(self):
        super().setUp()
        self.profiles = {}
        for place, name in enumerate(NAMES):
            partner = self._customer(name, phone=f"+32 81 55 50 {place + 1:02d}")
            self._invoice(20, 1900.0 - 100 * place, partner=partner)
            self.profiles[name] = self._profile(partner)
        self._all().collector_id = self.user
        self._rank()

    def _all(self):
        return self.env["credit.profile"].concat(*self.profiles.values())

    def _rank(self):
        self._all()._refresh(self.company, self.company._collection_today())

    def _tour(self, name):
        self.start_tour(PAGE, name, login="deskcollector")
        self.env.invalidate_all()

    def _todo(self):
        rows = self.env["collection.desk"].with_user(self.user).with_company(self.company).load_worklist("mine")["rows"]
        return [row["name"] for row in rows if row["state"] == "todo"]

    def _call(self, name):
        return self.env["collection.call"].search([("profile_id", "=", self.profiles[name].id), ("voided", "=", False)])


@tagged("post_install", "-at_install", "browser")
class TestStoryDesk(DeskBrowser):
    """A morning at the desk, with the keyboard alone."""

    def test_story_desk(self):
        self.assertEqual(self._todo(), list(NAMES), "the dearest first")
        self._tour("test_story_desk")
        calls = {name: self._call(name) for name in NAMES}
        self.assertEqual({name: call.mapped("outcome") for name, call in calls.items()}, {
            "Alder": ["promise"], "Birch": ["promise", "dispute"], "Cedar": ["promise"], "Dogwood": ["no_answer"], "Elm": ["copy"], "Fir": ["plan"],
            "Ginkgo": ["callback"], "Hazel": ["wrong_contact"], "Ivy": ["refuses"], "Juniper": ["dispute"]})
        for name, call in calls.items():
            self.assertRecordValues(call, [{"user_id": self.user.id, "day": self.today, "profile_id": self.profiles[name].id}] * len(call))
        self._check_promises(calls)
        self._check_disputes(calls)
        self._check_copy(calls["Elm"])
        self._check_agreed(calls)
        self._check_contact(calls["Hazel"])
        self._check_tasks()
        self.assertEqual(self._todo(), [], "all ten were called")
        self._check_next_morning()

    def _check_promises(self, calls):
        promises = self.env["collection.promise"].search([("profile_id", "in", self._all().ids)])
        self.assertEqual(promises, (calls["Alder"] | calls["Birch"] | calls["Cedar"]).promise_id, "no promise without a call")
        self.assertRecordValues(calls["Birch"].promise_id, [{"profile_id": self.profiles["Birch"].id, "amount": 1500.0, "state": "open"}])
        self.assertRecordValues(calls["Alder"].promise_id, [
            {"profile_id": self.profiles["Alder"].id, "amount": 500.0, "state": "open", "method": "transfer", "taken_by": self.user.id}])
        self.assertRecordValues(calls["Cedar"].promise_id, [{"profile_id": self.profiles["Cedar"].id, "amount": 1700.0, "state": "open"}])
        excuse = self.env.ref("account_credit_collection.collection_excuse_signatory_away")
        self.assertRecordValues(calls["Cedar"], [{"excuse_id": excuse.id, "answer_id": excuse.answer_ids[1].id}])
        self.assertFalse(calls["Alder"].excuse_id)

    def _check_disputes(self, calls):
        """Of Birch and of Juniper; what Birch does not contest it promised."""
        disputes = self.env["collection.dispute"].search([("profile_id", "in", self._all().ids)])
        self.assertEqual(disputes, (calls["Birch"] | calls["Juniper"]).dispute_id, "no dispute without a call")
        price = self.env.ref("account_credit_collection.collection_dispute_reason_price")
        for name, amount in (("Birch", 300.0), ("Juniper", 250.0)):
            self.assertRecordValues(calls[name].dispute_id, [
                {"profile_id": self.profiles[name].id, "amount": amount, "state": "open", "reason_id": price.id}])
        excuse = self.env.ref("account_credit_collection.collection_excuse_wrong_invoice")
        self.assertRecordValues(calls["Juniper"], [{"excuse_id": excuse.id, "answer_id": excuse.answer_ids[0].id}])

    def _check_copy(self, call):
        mails = self.env["mail.mail"].sudo().search([("email_to", "like", "elm@customer.example")])
        self.assertEqual(len(mails), 1)
        self.assertEqual(mails.state, "outgoing", "queued; no button talks to a server")
        self.assertTrue(mails.attachment_ids, "with the invoice")
        self.assertEqual(call.item_ids.move_id.partner_id, self.profiles["Elm"].partner_id)

    def _check_agreed(self, calls):
        self.assertRecordValues(calls["Fir"], [{"plan_parts": 4}])
        self.assertTrue(calls["Fir"].silent_until > self.today)
        self.assertRecordValues(calls["Ginkgo"], [{"resubmit_time": 14.5}])
        self.assertTrue(calls["Ginkgo"].resubmit_on > self.today)
        self.assertTrue(calls["Dogwood"].resubmit_on > self.today)
        self.assertEqual(calls["Ivy"].note, "sees no reason to")

    def _check_contact(self, call):
        contact = self.profiles["Hazel"].partner_id.child_ids
        self.assertRecordValues(contact, [{"name": "mrs miller", "phone": "081 555 123", "collection_contact": True}])
        self.assertEqual(call.contact_id, contact)

    def _check_tasks(self):
        """Who asks for a plan and who refuses leaves something to decide."""
        for name, kind in (("Fir", "plan"), ("Ivy", "task")):
            activity = self.profiles[name].activity_ids.filtered(
                lambda activity, kind=kind: activity.activity_type_id == self.env.ref(f"account_credit_collection.mail_activity_collection_{kind}"))
            self.assertEqual(len(activity), 1, name)

    def _check_next_morning(self):
        """Who has something agreed is not called before its day."""
        tomorrow = self._due(-1)
        back = {name for name, profile in self.profiles.items() if profile.resubmit_on == tomorrow}
        with freeze_time(f"{tomorrow} 06:00:00"):
            self._rank()
            todo = self._todo()
        self.assertEqual(set(todo), back)
        self.assertFalse({"Alder", "Birch", "Cedar", "Elm", "Fir", "Ivy", "Juniper"} & set(todo))


@tagged("post_install", "-at_install", "browser")
class TestDeskBrowser(DeskBrowser):
    """What goes wrong at a desk, and what must not be lost."""

    def test_what_was_typed_comes_back(self):
        self._tour("collection_desk_typed")
        self.assertFalse(self.env["collection.call"].search([("profile_id", "in", self._all().ids)]))

    def test_refused_saved_once_and_taken_back(self):
        self._tour("collection_desk_refused")
        self.assertEqual(self._call("Alder").promise_id.amount, 100.0)
        self.assertEqual(len(self._call("Alder")), 1)
        self.assertFalse(self._call("Birch"))
        self.assertIn("Birch", self._todo())

    def test_a_promise_is_renewed_as_a_whole(self):
        profile = self.profiles["Alder"]
        invoices = profile.item_ids.move_id | self._invoice(20, 200.0, partner=profile.partner_id)
        first = self.env["collection.promise"].create({
            "promised_on": self._due(-5), "line_ids": [Command.create({"item_id": self._item(invoice).id}) for invoice in invoices]})
        self._invoice(20, 300.0, partner=profile.partner_id)
        self._rank()
        profile.sudo().work_pinned = True
        self._tour("collection_desk_renewed")
        promise = self._call("Alder").promise_id
        self.assertRecordValues(promise, [{"amount": 2000.0, "previous_id": first.id, "level": 2, "state": "open"}])
        self.assertEqual((promise.line_ids.item_id.move_id, first.state), (invoices, "withdrawn"))

    def test_mine_team_and_all(self):
        south = self._profile(self._customer("Southwind"))
        self._invoice(20, 50.0, partner=south.partner_id)
        self._invoice(20, 50.0)
        colleague = new_test_user(self.env(su=True), login="colleague", company_id=self.company.id, company_ids=self.company.ids,
                                  groups="account.group_account_invoice,account_credit_collection.group_collector")
        stranger = new_test_user(self.env(su=True), login="stranger", company_id=self.company.id, company_ids=self.company.ids,
                                 groups="account.group_account_invoice,account_credit_collection.group_collector")
        self.env["crm.team"].sudo().create({"name": "Desk", "member_ids": (self.user | colleague).ids})
        self.profiles |= {"Northwind": self._profile(), "Southwind": south}
        self._profile().collector_id, south.collector_id = colleague, stranger
        self._rank()
        self._tour("collection_desk_scopes")

    def test_failed_load_is_tried_again(self):
        Desk = self.registry["collection.desk"]
        with patch.object(Desk, "load_worklist", _failing_once(Desk.load_worklist)), \
                patch.object(Desk, "load_customer", _failing_once(Desk.load_customer)):
            self._tour("collection_desk_failed")

    def test_paid_meanwhile(self):
        self._pay(self.profiles["Alder"].item_ids.move_id)
        self._tour("collection_desk_settled")
        self.assertFalse(self._call("Alder"))

    def test_nobody_to_call(self):
        self._all().sudo().worked_on = self.today
        self._tour("collection_desk_empty")

    def test_a_long_list_says_how_many_more(self):
        with patch.object(collection_desk, "SHOWN", 4):
            self._tour("collection_desk_long")

    def test_the_app_opens_with_what_one_may_do(self):
        viewer = new_test_user(self.env(su=True), login="deskviewer", company_id=self.company.id, company_ids=self.company.ids,
                               groups="account.group_account_invoice,account_credit_collection.group_viewer")
        start = self.env.ref("account_credit_collection.collection_start_action")
        self.assertEqual(start.with_user(self.user).run()["tag"], "collection_desk")
        self.assertEqual(start.with_user(viewer).run()["tag"], "collection_overview")


@tagged("post_install", "-at_install", "browser")
class TestDeskTelephone(DeskBrowser):
    """The list and the customer are two steps on a telephone."""

    browser_size = "390x844"
    touch_enabled = True

    def test_worked_on_the_way(self):
        self._tour("collection_desk_telephone")
        self.assertEqual(self._call("Birch").outcome, "no_answer")


def _failing_once(method):
    """A method that refuses the first time it is asked."""
    asked = []

    @api.model
    def refusing(self, *args):
        asked.append(args)
        if len(asked) == 1:
            raise UserError("Not now")
        return method(self, *args)
    return refusing
