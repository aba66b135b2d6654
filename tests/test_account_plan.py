import base64
import re
import time
from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .test_account_promise import FORMS, SayCase
from .test_credit_upload import pdf


@tagged("post_install", "-at_install")
class TestAccountPlan(SayCase):
    """“Ask to pay in parts”, as the customer does it on its page: 350 in three parts every month, nothing down."""

    def setUp(self):
        super().setUp()
        self.company.collection_plan_days = 5
        self.env["collection.plan.template"].search([]).active = False
        self.terms = self._template()
        self.patch(type(self.env["collection.plan"]), "_render", lambda *_args: pdf())

    def _template(self, **values):
        return self.env["collection.plan.template"].create({
            "name": "Three parts", "company_id": self.company.id, "currency_id": self.company.currency_id.id, "count": 3, "rhythm": "monthly",
            "approve_count": 6, "year_limit": 0, "online": "ask", **values})

    def _items(self, *invoices):
        return self.env["account.move.line"].concat(*map(self._item, invoices or (self.old, self.new)))

    def _show(self, *invoices, parts=3, in_days=14, **values):
        chosen = "".join(f"&item={item.id}" for item in self._items(*invoices))
        return self._get(self._my(f"/plan?show=1&parts={parts}&first_on={self._in(in_days)}{chosen}"))

    def _ask(self, *invoices, path=None, parts="3", in_days=14, csrf=True, **values):
        return self._post(path or self._my("/plan"), {
            "item": self._items(*invoices).ids, "parts": parts, "first_on": self._in(in_days), "text": "We wait for money ourselves", **values}, csrf=csrf)

    def _requests(self):
        return self._fresh(self.env["collection.request"].search([("profile_id", "=", self._profile().id)], order="id"))

    # ------------------------------------------------------------------ looking

    def test_shows_the_parts_that_the_engine_draws_up(self):
        self._as(self.ada)
        page = self._show(parts=3)
        words = self._words(page)
        self.assertEqual(page.status_code, 200)
        self.assertEqual((words.count("$ 116.66"), words.count("$ 116.67")), (1, 2), "350 in three parts, to the cent")
        self.assertFalse(self._requests(), "looking asks for nothing")

    def test_down_payment_and_costs_are_shown(self):
        self.terms.write({"down_percent": 20, "fee_amount": 7.0})
        self._as(self.ada)
        words = self._words(self._show(parts=2))
        for said in ("Down payment", "$ 77.00", "$ 140.00", "$ 357.00"):  # 70 down with the fee of 7, twice 140, in all 357
            self.assertIn(said, words)

    def test_within_what_the_template_allows(self):
        self.terms.minimum_part = 100.0
        self._as(self.ada)
        for why, values, said in (
                ("too many parts", {"parts": 7}, "Please choose one of the answers"), ("parts too small", {"parts": 4}, "A part is at least"),
                ("yesterday", {"in_days": -1}, "Please choose a first day"), ("too far", {"in_days": 46}, "Please choose a first day"),
                ("no day", {"in_days": 10 ** 5}, "Please choose a first day")):
            with self.subTest(why):
                self.assertIn(said, self._words(self._show(**values)))
                values = {**values, **({"parts": str(values["parts"])} if "parts" in values else {})}
                self.assertEqual(self._ask(**values).status_code, 400)
        self.assertFalse(self._requests())

    def test_no_template_no_form(self):
        self.terms.online = "no"
        self._as(self.ada)
        self.assertIn("Please call us", self._words(self._get(self._my("/plan"))))
        self.assertEqual(self._ask(parts="2").status_code, 400)
        self.assertFalse(self._requests())

    # ------------------------------------------------------------------ asking

    def test_asked_for_and_answered_with_a_plan(self):
        self._as(self.ada)
        self.assertEqual(self._ask().status_code, 303)
        asked = self._requests()
        until = self.env["collection.plan"]._calendar(self.company, self.today).add_working_days(self.today, 5)
        self.assertRecordValues(asked, [{
            "state": "open", "parts": 3, "amount": 350.0, "first_on": self.today + timedelta(days=14), "silent_until": until, "source": "portal",
            "said_by_id": self.ada.partner_id.id, "note": "We wait for money ourselves", "documents": f"{self.old.name}, {self.new.name}"}])
        self.assertTrue(self._tasks("plan"), "a task for the collector")
        self.assertFalse(self._run().action_ids, "nobody is reminded meanwhile")
        context = self._profile().action_payment_plan()["context"]
        dialog = self.env["collection.plan.wizard"].with_context(**context).create({})
        self.assertEqual((dialog.count, dialog.first_on, dialog.item_ids), (3, asked.first_on, asked.item_ids))
        plan = dialog._draw()
        plan.action_offer()
        self.assertRecordValues(self._fresh(asked), [{"state": "answered", "plan_id": plan.id}])
        self.assertFalse(self._tasks("plan"))
        page = self._get(self._my(f"/request/{asked.id}"))
        self.assertIn(f"/collections/plan/{plan.id}/", page.text, "the way to the offer")
        [agreement] = self._profile().sudo()._account_agreements()
        self.assertEqual((agreement["kind"], self._get(agreement["url"]).status_code), ("plan", 200))

    def test_the_way_to_the_offer_ends_after_a_day_and_with_the_links(self):
        """Whoever holds a reminder's link gets no key to the plan that lasts longer, and “Revoke links” takes it back."""
        self.terms.online = "offer"
        self._as(self.ada)
        self._ask()
        self._as(None)
        plan, profile = self._requests().plan_id.sudo(), self._profile().sudo()
        page = self._get(self._link(f"/request/{self._requests().id}"))
        way = re.search(rf"/collections/plan/{plan.id}/[\w-]+", page.text)[0]
        [listed] = profile._account_agreements()
        mailed = f"/collections/plan/{plan.id}/{plan._link_token()}"
        ends = [self._ends(path) for path in (way, listed["url"], mailed)]
        self.assertEqual([end <= time.time() + 86400 for end in ends], [True, True, False])
        self.assertEqual({self._get(path).status_code for path in (way, mailed)}, {200})
        profile.action_revoke_links()
        self.assertEqual({self._get(path).status_code for path in (way, listed["url"], mailed)}, {404})
        self.assertEqual(self._get(profile._account_agreements()[0]["url"]).status_code, 200)

    def _ends(self, path):
        """When the token of an address expires: core keeps it in 8 bytes behind the version."""
        return int.from_bytes(base64.urlsafe_b64decode(path.rpartition("/")[2] + "==")[1:9], "little")

    def test_offered_at_once_where_the_template_says_so(self):
        self.terms.online = "offer"
        self._as(self.ada)
        self._ask()
        asked = self._requests()
        self.assertEqual((asked.state, asked.plan_id.state, asked.plan_id.total), ("answered", "offered", 350.0))
        self.assertFalse(self._tasks("plan"), "nobody has anything to do")
        self.assertEqual(self._profile()._account_states(self._items(self.old))[self._item(self.old).id][0], "offered")

    def test_a_manager_is_asked_all_the_same(self):
        self.terms.write({"online": "offer", "approve_amount": 300.0})
        self._as(self.ada)
        self._ask()
        self.assertEqual((self._requests().state, len(self._requests().plan_id), len(self._tasks("plan"))), ("open", 0, 1))
        self.assertFalse(self.env["collection.plan"].search([("profile_id", "=", self._profile().id)]), "no half-made plan is left")

    def test_silent_once_in_a_row(self):
        self._as(self.ada)
        self._ask(self.old, parts="2")
        first = self._requests()
        self.assertEqual(self._post(self._my(f"/request/{first.id}/withdraw")).status_code, 303)
        self.assertEqual(self._fresh(first).state, "ended")
        self._ask(self.old, parts="3")
        self.assertEqual(self._requests()[-1:].silent_until, False, "whoever asks again and again is reminded")
        self.assertIn(self._item(self.old), self._run().action_ids.line_ids.item_id)

    def test_sent_twice_is_asked_once_and_one_at_a_time(self):
        self._as(self.ada)
        first, second = self._ask(), self._ask()
        self.assertEqual(first.headers["Location"], second.headers["Location"])
        answer = self._ask(parts="5")
        self.assertEqual(answer.status_code, 400)
        self.assertIn("You have asked for this already", self._words(answer))
        self.assertEqual(len(self._requests()), 1)

    def test_what_is_agreed_on_is_not_asked_for_again(self):
        self.terms.online = "offer"
        self._as(self.ada)
        self._ask(self.old, parts="2")
        self.assertNotIn(self.old.name, self._words(self._get(self._my("/plan"))))
        self.assertEqual(self._ask(self.old, parts="3").status_code, 400)

    def test_what_is_promised_is_taken_back_first(self):
        self._as(self.ada)
        self._post(self._my("/promise"), {"item": self._item(self.old).id, "promised_on": self._in(5), "amount": "100", "method": "transfer"})
        answer = self._ask()
        self.assertEqual(answer.status_code, 400)
        self.assertIn(f"You said that you pay {self.old.name}", self._words(answer))
        self.assertEqual(self._ask(self.new, parts="2").status_code, 303)

    def test_forms_take_nothing_else(self):
        self._as(self.ada)
        with mute_logger(FORMS, "odoo.http"):
            for name in ("template_id", "state", "silent_until", "annual_rate", "down_amount"):
                self.assertEqual(self._ask(**{name: "1"}).status_code, 400, name)
            self.assertEqual(self._ask(csrf=False).status_code, 400)
        bob = self._bob()
        self.authenticate(bob.login, bob.login)
        self.assertEqual(self._ask(path=self._link("/plan")).status_code, 400)
        self.assertFalse(self._requests())

    # ------------------------------------------------------------------ our side

    def test_refused_with_an_answer_that_the_customer_reads(self):
        self._as(self.ada)
        self._ask()
        asked = self._requests()
        with self.assertRaisesRegex(UserError, "Write an answer"):
            asked.action_refuse()
        asked.answer = "Please pay the small one now, then we talk"
        asked.action_refuse()
        self.assertEqual((asked.state, bool(self._tasks("plan"))), ("refused", False))
        self.assertIn("Please pay the small one now", self._words(self._get(self._my(f"/request/{asked.id}"))))
        self.assertEqual(self._run(1).action_ids.line_ids.item_id, self._items(), "asked for again from tomorrow on")

    def test_paid_is_not_asked_for(self):
        self._as(self.ada)
        self._ask(self.old, parts="2")
        self._pay(self.old)
        self._profile()._refresh(self.company, self.today)
        self.assertEqual((self._requests().state, bool(self._tasks("plan"))), ("ended", False))

    def test_what_was_asked_for_is_not_rewritten(self):
        self._as(self.ada)
        self._ask()
        asked = self._requests()
        collector = new_test_user(self.env(su=True), login="plan collector", company_id=self.company.id, company_ids=self.company.ids,
                                  groups="account_credit_collection.group_collector")
        for values in ({"state": "refused"}, {"parts": 9}, {"silent_until": self.today}, {"plan_id": False}):
            with self.assertRaises(AccessError):
                asked.with_user(collector).write(values)
        with self.assertRaises(AccessError):
            self.env["collection.request"].with_user(collector).create({"profile_id": self._profile().id, "parts": 2})
        asked.with_user(collector).answer = "No"
        asked.with_user(collector).action_refuse()
        with self.assertRaisesRegex(UserError, "is answered already"):
            asked.with_user(collector).answer = "Yes"
