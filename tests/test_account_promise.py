from datetime import timedelta

from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .account import AccountCase

FORMS = "odoo.addons.account_credit_collection.controllers.forms"


class SayCase(AccountCase):
    """Northwind owes 100 since 10 days and 250 since 3."""

    def setUp(self):
        super().setUp()
        self.company.write({"collection_promise_max_days": 30, "collection_say_promises": 2, "collection_promise_days": 2})
        self.old, self.new = self._invoice(10, 100.0), self._invoice(3, 250.0)

    def _in(self, days):
        return str(self.today + timedelta(days=days))

    def _bob(self):
        """One of us."""
        return new_test_user(self.env(su=True), login="bob the collector", company_id=self.company.id, company_ids=self.company.ids,
                             groups="account_credit_collection.group_manager,base.group_user")

    def _tasks(self, name, record=None):
        kind = self.env.ref(f"account_credit_collection.mail_activity_collection_{name}")
        return (record or self._profile()).sudo().activity_ids.filtered(lambda task: task.activity_type_id == kind)

    def _fresh(self, records):
        self.env.invalidate_all()
        return records


@tagged("post_install", "-at_install")
class TestAccountPromise(SayCase):
    """“I will pay on…”, as the customer says it on its page."""

    def _promise(self, *invoices, path=None, in_days=5, amount="350", csrf=True, **values):
        items = [self._item(invoice).id for invoice in invoices or (self.old, self.new)]
        return self._post(path or self._my("/promise"), {
            "item": items, "promised_on": self._in(in_days), "amount": amount, "method": "transfer", **values}, csrf=csrf)

    def _promises(self):
        return self._fresh(self.env["collection.promise"].search([("profile_id", "=", self._profile().id)], order="id"))

    def test_promised_by_login_and_by_link(self):
        self._as(self.ada)
        self.assertEqual(self._promise(self.old, amount="100").status_code, 303)
        self._as(None)
        self.assertEqual(self._promise(self.new, path=self._link("/promise"), amount="250", in_days=6).status_code, 303)
        self.assertRecordValues(self._promises(), [
            {"amount": 100.0, "source": "portal", "said_by_id": self.ada.partner_id.id, "taken_by": False, "state": "open", "method": "transfer",
             "promised_on": self.today + timedelta(days=5)},
            {"amount": 250.0, "source": "portal", "said_by_id": self.customer.id, "taken_by": False, "state": "open", "method": "transfer",
             "promised_on": self.today + timedelta(days=6)}])

    def test_silence_follows_and_the_collector_sees_it(self):
        self._as(self.ada)
        self._promise()
        self.assertFalse(self._run().action_ids.line_ids.item_id, "nobody is reminded of what is promised")
        notes = self._fresh(self.customer).message_ids.mapped("body")
        self.assertTrue(any(self.old.name in note and self.new.name in note for note in notes))
        self.assertGreater(self._profile().resubmit_on, self.today + timedelta(days=5), "looked at again when it should have been paid")
        self.assertEqual(self._profile().resubmit_kind, "promise")

    def test_a_call_that_was_agreed_for_stands(self):
        self._profile().sudo().write({"resubmit_on": self.today + timedelta(days=1), "resubmit_kind": "callback"})
        self._as(self.ada)
        self._promise()
        self.assertRecordValues(self._fresh(self._profile()), [{"resubmit_on": self.today + timedelta(days=1), "resubmit_kind": "callback"}])

    def test_a_login_of_another_customer_speaks_with_the_link(self):
        self._as(self.bert)
        self._promise(self.old, path=self._link("/promise"), amount="100")
        self.assertEqual(self._promises().said_by_id, self.customer)

    def test_currency_with_three_decimals(self):
        """10.006 dinars are open: the form proposes them to the last coin, and takes them."""
        dinar = self.setup_other_currency("KWD", rates=[("2020-01-01", 0.3)], rounding=0.001)
        self.assertEqual(dinar.decimal_places, 3)
        other = self._invoice(5, 10.006, currency=dinar)
        self._as(self.ada)
        self.assertIn('value="10.006"', self._get(self._my(f"/promise?item={self._item(other).id}")).text)
        self.assertIn('value="10.006"', self._get(self._my(f"/dispute?item={self._item(other).id}")).text)
        self.assertIn("like 1,500.500", self._words(self._promise(other, amount="10.0061")))
        self.assertEqual(self._promise(other, amount="10.006").status_code, 303)
        self.assertEqual(self._promises().amount, 10.006)

    def test_a_part_is_spread_oldest_first(self):
        self._as(self.ada)
        self._promise(amount="130.50")
        self.assertEqual([(line.document, line.amount) for line in self._promises().line_ids], [(self.old.name, 100.0), (self.new.name, 30.5)])

    def test_sent_twice_is_taken_once(self):
        self._as(self.ada)
        first, second = self._promise(), self._promise()
        self.assertEqual((first.status_code, second.status_code), (303, 303))
        self.assertEqual(first.headers["Location"], second.headers["Location"])
        self.assertEqual(len(self._promises()), 1)

    def test_what_cannot_be_promised_is_refused_and_kept(self):
        self._as(self.ada)
        for why, values, said in (
                ("yesterday", {"in_days": -1}, "Please choose a day from"), ("too far", {"in_days": 31}, "Please choose a day from"),
                ("more than is open", {"amount": "350.01"}, "This is more than the"), ("nothing", {"amount": "0"}, "Please write an amount above zero"),
                ("no amount", {"amount": "a lot"}, "Please write an amount like"), ("no item", {"item": []}, "Please tick the invoices"),
                ("no such way", {"method": "pigeon"}, "Please choose one of the answers")):
            with self.subTest(why):
                answer = self._promise(**values)
                self.assertEqual(answer.status_code, 400)
                self.assertIn(said, self._words(answer))
                self.assertFalse(self._promises())
        self.assertIn('value="350.01"', self._promise(amount="350.01").text, "what was typed is there again")
        self.assertEqual(self._promise(in_days=30).status_code, 303, "the last day")

    def test_two_currencies_are_two_promises(self):
        currency = self.setup_other_currency("CAD", rates=[("2020-01-01", 2.0)])
        other = self._invoice(5, 80.0, currency=currency)
        self._as(self.ada)
        answer = self._promise(self.old, other, amount="100")
        self.assertEqual(answer.status_code, 400)
        self.assertIn("several currencies", self._words(answer))

    def test_what_staff_decides_is_no_field_of_the_form(self):
        self._as(self.ada)
        with mute_logger(FORMS):
            for name in ("state", "profile_id", "taken_by", "grace_until", "company_id"):
                self.assertEqual(self._promise(**{name: "1"}).status_code, 400, name)
        self.assertFalse(self._promises())

    def test_changed_while_open_and_no_more_than_twice_in_a_row(self):
        self._as(self.ada)
        self._promise()
        first = self._promises()
        form = self._get(self._my(f"/promise?renew={first.id}"))
        self.assertIn(f'name="renew" value="{first.id}"', form.text)
        again = self._get(self._my(f"/promise?item={self._item(self.old).id}"))
        self.assertIn(f'name="renew" value="{first.id}"', again.text, "what is promised already is changed as a whole")
        self.assertEqual(self._promise(in_days=9, renew=str(first.id)).status_code, 303)
        first, second = self._promises()
        self.assertEqual([(one.state, one.level) for one in (first, second)], [("withdrawn", 1), ("open", 2)])
        answer = self._promise(in_days=12, renew=str(second.id))
        self.assertEqual(answer.status_code, 400)
        self.assertIn("Please call us", self._words(answer))
        self.assertEqual(self._fresh(second).state, "open", "the promise that stands is not lost with it")

    def test_who_broke_it_twice_talks_to_a_person(self):
        self.company.collection_say_promises = 1
        self._as(self.ada)
        self._promise(self.old, amount="100")
        self._promises().sudo()._transition("broken")  # as the night does
        answer = self._promise(self.old, amount="100", in_days=8)
        self.assertEqual(answer.status_code, 400)
        self.assertIn("promised before and not paid", self._words(answer))
        self.assertEqual(self._promise(self.new, amount="250").status_code, 303, "another invoice is another word")

    def test_no_promises_online_by_setting(self):
        self.company.collection_say_promises = 0
        self._as(self.ada)
        self.assertEqual(self._promise().status_code, 400)

    def test_taken_back(self):
        self._as(self.ada)
        page = self._promise().headers["Location"]
        self.assertIn("Until then we do not remind you", self._words(self._get(page)))
        self.assertEqual(self._post(f"{page}/withdraw").status_code, 303)
        self.assertEqual(self._post(f"{page}/withdraw").status_code, 303, "a second click")
        promise = self._promises()
        self.assertEqual((promise.state, promise.withdraw_reason), ("withdrawn", "Withdrawn by the customer, online"))
        self.assertIn("does not hold any more", self._words(self._get(page)))
        self.assertEqual(self._run().action_ids.line_ids.item_id, self._item(self.old) | self._item(self.new), "reminded as ever")

    def test_staff_reads_and_says_nothing(self):
        bob = self._bob()
        self.authenticate(bob.login, bob.login)
        answer = self._promise(path=self._link("/promise"))
        self.assertEqual(answer.status_code, 400)
        self.assertIn("Only the customer speaks here", self._words(answer))
        self.assertFalse(self._promises())

    def test_reading_takes_nothing(self):
        self._as(self.ada)
        self.assertEqual(self._get(self._my(f"/promise?item={self._item(self.old).id}")).status_code, 200)
        with mute_logger("odoo.http"):
            self.assertEqual(self._promise(csrf=False).status_code, 400)
        self.assertFalse(self._promises())

    def test_paid_meanwhile_leads_to_the_account(self):
        self._pay(self.old)
        self._as(self.ada)
        answer = self._promise(self.old, amount="100")
        self.assertEqual((answer.status_code, answer.headers["Location"].endswith(self._my())), (303, True))

    def test_the_page_of_the_account_says_so(self):
        self._as(self.ada)
        self._promise(self.old, amount="100")
        states = self._profile()._account_states(self._item(self.old) | self._item(self.new))
        self.assertEqual([code for code, _text in states.values()], ["promised"])
        [said] = self._profile()._account_said()
        self.assertEqual((said["kind"], said["suffix"]), ("promise", f"/promise/{self._promises().id}"))
