from datetime import date, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from .handover import HandoverCommon
from .rows import Rows
from .test_self_check import NightCase, SelfCheckCase
from .test_settlement import SettlementCommon

MODELS = "odoo.addons.account_credit_collection.models"


@tagged("post_install", "-at_install")
class TestInvariantMends(SelfCheckCase):
    """What must not be mistaken for a violation, and what must not be taken for another one."""

    def _rows(self, invoice):
        """Rows about an invoice, written behind everybody's back."""
        return Rows(self.env, {
            "res_company": self.company.id, "res_partner": self.customer.id, "credit_profile": self._profile().id, "res_currency": self.company.currency_id.id,
            "account_move_line": self._item(invoice).id, "account_move": invoice.id, "res_users": self.env.uid})

    def _key(self, code):
        return [one._key() for one in self.invariant._violations(self.company) if one.code == code]

    def test_i4_a_contact_that_came_back_later_was_a_level_all_the_same(self):
        self._invoice(30)
        first, second, third = [self._sent(self._run(-days)).action_ids.sudo() for days in (20, 10, 0)]
        self.assertEqual([action.level_id.offset_days for action in (first, second, third)], [1, 8, 20])
        second._fail_after_sending("bounced", {})
        self.assertFalse(self._broken("I-4"))
        self._spoil("UPDATE collection_action SET sent_at = NULL WHERE id = %s", second.id)
        self.assertEqual(self._broken("I-4"), {"level_order": (first.id, third.id)}, "that one never left")

    def test_i5_a_part_that_is_paid_beyond_its_amount(self):
        plan = self._active(self._invoice(40, 300.0))
        self._pay(plan.line_ids.item_id.move_id, 200)
        self.assertFalse(self._broken("I-5"))
        for number, paid in ((1, 150), (2, 50)):
            self._spoil("UPDATE collection_plan_installment SET paid_amount = %s WHERE plan_id = %s AND number = %s", paid, plan.id, number)
        self.assertEqual(self._broken("I-5"), {"plan_payments": (plan.id,)})

    def test_i6_stays_the_same_when_the_next_month_is_charged(self):
        self._dated(date(2026, 1, 31))
        first = self._charge(date(2026, 2, 14), post=True).sudo()
        self._spoil("UPDATE collection_charge_line SET amount = amount + 5 WHERE charge_id = %s", first.id)
        before = self._key("I-6")
        second = self._charge(date(2026, 3, 31), post=True).sudo()
        self.assertEqual(self._broken("I-6"), {"charge_sums": (first.id, second.id)})
        self.assertEqual(self._key("I-6"), before)

    def test_i6_two_items_of_one_charge_are_two_violations_also_in_two_blocks(self):
        for amount in (10000, 20000):
            self._dated(date(2026, 1, 31), amount)
        charge = self._charge(date(2026, 2, 14), post=True).sudo()
        self._spoil("UPDATE collection_charge_line SET amount = amount + 5 WHERE charge_id = %s", charge.id)
        with patch(f"{MODELS}.collection_invariant.ITEMS", 1):
            self.assertEqual(len(set(self._key("I-6"))), 2)

    def test_i7_a_fee_that_is_charged_twice(self):
        first, _second = self._charged()
        self._without("collection_charge_line", "fee_once")
        values = {"kind": "fee", "date_from": False, "date_to": False, "level_id": self.policy.level_ids[0].id}
        line = first.line_ids[:1]
        twins = line.copy(values) + line.copy({**values, "level_id": self.policy.level_ids[1].id})
        self.assertFalse(self._broken("I-7"))
        twins.sudo().level_id = self.policy.level_ids[0]
        self.assertEqual(self._broken("I-7"), {"sum_twice": first._ids})

    def test_i8_a_charge_that_is_half_posted(self):
        first, second = self._charged()
        self._spoil("UPDATE collection_charge_line SET state = 'draft' WHERE charge_id = %s", first.id)
        self.assertEqual(self._broken("I-8"), {"bill": first._ids})
        self._spoil("UPDATE collection_charge_line SET state = 'posted' WHERE charge_id = %s", first.id)
        self._spoil("UPDATE collection_charge SET state = 'draft' WHERE id = %s", second.id)
        self.assertEqual(self._broken("I-8"), {"bill": second._ids})

    def test_i10_items_of_another_company_in_anything_that_is_about_items(self):
        rows, told = self._rows(self._invoice()), set()
        other = self.setup_other_company(name="Sister Ltd")["company"]
        self._spoil("UPDATE account_move_line SET company_id = %s WHERE id = %s", other.id, rows.given["account_move_line"])
        for model, link in (("collection.action", "action_id"), ("collection.charge", "charge_id"), ("collection.plan", "plan_id"),
                            ("collection.settlement", "settlement_id"), ("collection.handover", "handover_id"), ("collection.promise", "promise_id")):
            head, kind = rows.make(self.env[model]._table), {"kind": "fixed"} if model == "collection.charge" else {}
            rows.make(self.env[f"{model}.line"]._table, **{link: head, "item_id": rows.given["account_move_line"], **kind})
            told.add((model, (head,)))
        told.add(("collection.dispute", (rows.make("collection_dispute", item_id=rows.given["account_move_line"]),)))
        self.assertEqual({(one.model, one.ids) for one in self.invariant._violations(self.company) if one.rule == "across"}, told)

    def test_i11_an_invoice_in_two_agreements_of_any_kind(self):
        rows = self._rows(self._invoice())
        for model, link, state, over in (
                ("collection.settlement", "settlement_id", "offered", "cancelled"), ("collection.handover", "handover_id", "handed", "recalled"),
                ("collection.promise", "promise_id", "open", "kept")):
            heads = [rows.make(self.env[model]._table, state=state) for _twice in range(2)]
            for head in heads:
                rows.make(self.env[f"{model}.line"]._table, **{link: head, "item_id": rows.given["account_move_line"]})
            with self.subTest(model):
                self.assertEqual(self._broken("I-11"), {"agreed_twice": tuple(heads)})
                self._spoil(f"UPDATE {self.env[model]._table} SET state = %s WHERE id = %s", over, heads[0])
                self.assertFalse(self._broken("I-11"))

    def test_nothing_is_wrong_with_promises_fees_other_policies_and_merged_customers(self):
        self.policy.level_ids.fee_amount = 10
        first, second = self._customer("First"), self._customer("Second")
        for partner in (first, second):
            self._invoice(20, 200, partner)
        self._promise(self._invoice(20, 300, self._customer("Promiser")))
        self._sent(self._run(-10))
        self._profile(second).policy_id = self._policy("Other", [(1, {}), (10, {})], catch_up="climb")
        self._sent(self._run(-5))
        self.env["base.partner.merge.automatic.wizard"].sudo().create({})._merge((first | second).ids, first)
        self._sent(self._run())
        self.company.collection_charge_from = self._due(60)
        self._charge(self._due(1), post=True)
        self.assertEqual(self.invariant._violations(self.company), [])


@tagged("post_install", "-at_install")
class TestInvariantsSettled(SettlementCommon):

    def test_nothing_is_wrong_with_a_settlement_that_was_taken(self):
        invoice = self._invoice(100, 1000.0)
        offer = self._offer(invoice, amount=900.0)
        self._pay(invoice, 900)
        self._book()
        self.assertEqual(offer.state, "taken")
        self.assertEqual(self.env["collection.invariant"]._violations(self.company), [])


@tagged("post_install", "-at_install")
class TestInvariantsHanded(HandoverCommon):

    def test_nothing_is_wrong_with_what_was_handed_over(self):
        self.assertEqual(self._handed(self._invoice(100, 1000.0)).state, "handed")
        self.assertEqual(self.env["collection.invariant"]._violations(self.company), [])


@tagged("post_install", "-at_install")
class TestSelfCheckMends(NightCase):

    def _failing(self, name):
        """A check that breaks off, until the end of the ``with``."""
        return patch.object(type(self.env["collection.reader"]), name, lambda *_args: 1 / 0)

    def _look_with_an_error(self, name):
        with self._failing(name), self.assertLogs(f"{MODELS}.collection_self_check", "ERROR"):
            return self._look()

    def test_what_was_settled_troubles_nobody_any_more(self):
        self._spoiled()
        first = self._look()
        first.line_ids.with_user(self.manager).action_settle()
        self.assertEqual((first.state, self._beat().last_error, self._tasks().ids), ("clean", False, []))
        second = self._look()
        self.assertRecordValues(second, [{"state": "clean", "violation_count": 1, "new_count": 0}])
        self.assertRecordValues(second.line_ids, [{"since": first.done_on, "settled_by": self.manager.id}])
        self.assertEqual((self._beat().state, self._tasks().ids), ("ok", []))

    def test_what_could_not_be_looked_at_is_not_well(self):
        check = self._look_with_an_error("_read_beyond_cap")
        self.assertEqual((check.state, check.missing, self._beat().last_error), ("partly", "I-9", "I-9 ?"))
        screen = self.env["collection.health"].with_user(self.manager).create({})
        self.assertEqual(screen.state, "partly")
        self.assertIn("I-9", screen.check_text)

    def test_what_could_not_be_looked_at_is_as_it_was(self):
        self._spoiled()
        first, second, third = self._look(), self._look_with_an_error("_read_run_totals"), self._look()
        self.assertEqual([(check.state, check.violation_count, check.new_count) for check in (first, second, third)],
                         [("violated", 1, 1), ("violated", 1, 0), ("violated", 1, 0)])
        self.assertEqual((first | second | third).line_ids.mapped("since"), [first.done_on] * 3)
        self.assertEqual(len(self._tasks()), 1)

    def test_what_is_long_past_is_looked_at_no_more(self):
        run = self._spoiled()
        for days, state in ((91, "clean"), (89, "violated")):
            self._spoil("UPDATE collection_run SET run_date = %s WHERE id = %s", fields.Date.today() - timedelta(days=days), run.id)
            self.assertEqual(self._look().state, state)
        self._spoil("UPDATE collection_run SET run_date = %s WHERE id = %s", fields.Date.today() - timedelta(days=91), run.id)
        self.assertEqual(self._broken("I-12"), {"run_totals": run._ids}, "who asks for all of it gets all of it")

    def test_no_more_than_some_violations_of_a_rule_are_noted(self):
        self._spoiled()
        self._invoice(10, 100, self._customer("Southwind"))
        run = self._sent(self._run(-1))
        self._spoil("UPDATE collection_run_count SET count = 7 WHERE run_id = %s AND outcome = 'contact'", run.id)
        with patch(f"{MODELS}.collection_self_check.NOTED", 1):
            check, again = self._look(), self._look()
        self.assertEqual([(one.violation_count, len(one.line_ids), one.new_count) for one in (check, again)], [(2, 1, 1), (2, 1, 0)])
        again.line_ids.action_settle()
        self.assertEqual(again.state, "violated", "the other one is there still")

    def test_what_was_found_is_stored_before_the_beat(self):
        done = []
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *_args, **_values: done.append("commit"))
        self.patch(type(self.env["collection.heartbeat"]), "_beat", lambda *_args: done.append("beat"))
        self.checks._cron_self_check()
        self.assertEqual(done, ["commit", "beat", "commit"])

    def test_a_large_ledger_is_looked_at_by_the_job(self):
        cron = self.env.ref("account_credit_collection.ir_cron_collection_self_check").sudo()
        with patch("odoo.addons.account_credit_collection.wizards.collection_health.LARGE", -1):
            answer = self.env["collection.health"].with_user(self.manager).create({}).action_check_now()
        self.assertEqual(answer["tag"], "display_notification")
        self.assertTrue(self.env["ir.cron.trigger"].sudo().search([("cron_id", "=", cron.id)]))
        self.assertFalse(self.checks._latest(self.company))

    def test_a_manager_is_asked_in_the_managers_language(self):
        self.env["res.lang"]._activate_lang("nl_BE")
        self.manager.lang = "nl_BE"
        self._spoiled()
        with patch(f"{MODELS}.collection_self_check.describe", lambda env, code, detail=None: f"{code} {env.lang}"):
            self._look()
        self.assertEqual(self._tasks().summary, "check_task nl_BE")

    def test_the_job_is_due_at_night(self):
        self.assertEqual(self.env.ref("account_credit_collection.ir_cron_collection_self_check").nextcall.hour, 4)
