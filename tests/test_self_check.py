import re
from datetime import date, timedelta
from pathlib import Path

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from ..models import collection_invariant
from ..models.collection_invariant import CHECKS
from ..models.collection_reason_health import HEALTH
from .charge import ChargeCommon
from .plan import PlanCommon


class SelfCheckCase(PlanCommon, ChargeCommon):
    """A ledger in which everything is as it must be, and the ways to spoil it behind the addon's back (T-P-13)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy.catch_up = "climb"
        cls.invariant = cls.env["collection.invariant"]

    # ------------------------------------------------------------------ given

    def _spoil(self, query, *values):
        """Change the database behind everybody's back."""
        self.env.flush_all()
        self.env.cr.execute(query, values)
        self.env.invalidate_all()

    def _without(self, table, name):
        """Take away what keeps the database from storing it."""
        self._spoil("SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND conname LIKE %s", table, f"%{name}")
        if self.env.cr.fetchall():
            self._spoil(f"ALTER TABLE {table} DROP CONSTRAINT {table}_{name}")
        else:
            self._spoil(f"DROP INDEX {table}_{name}")

    def _contact(self, days_late=10):
        """A contact that was sent today."""
        invoice = self._invoice(days_late)
        return invoice, self._sent(self._run()).action_ids.filtered(lambda action: self._item(invoice) in action.line_ids.item_id).sudo()

    def _two_contacts(self):
        """An invoice reminded of at its first level twenty days ago, at the second one ten days ago, each checked just before."""
        self._invoice(30)
        found = [self._sent(self._run(-days)).action_ids.sudo() for days in (20, 10)]
        for number, action in enumerate(found):
            self._spoil("UPDATE collection_action SET checked_at = %s, sent_at = %s WHERE id = %s",
                        fields.Datetime.now() + timedelta(hours=number), fields.Datetime.now() + timedelta(hours=number, seconds=9), action.id)
        self.assertEqual([action.level_id.offset_days for action in found], [1, 8])
        return found

    def _charged(self):
        """10,000 that were 31 days late, charged 12.5 % a year in two runs: 106.16."""
        self._pay(self._dated(date(2026, 1, 31)), on=date(2026, 3, 3))
        first = self._charge(date(2026, 2, 14), post=True).sudo()
        second = self._charge(date(2026, 3, 31), post=True).sudo()
        self.assertAlmostEqual(first.amount + second.amount, 106.16)
        return first, second

    # ------------------------------------------------------------------ then

    def _broken(self, code):
        """The rules of one check that are broken, with the records: ``{rule: ids}``."""
        return {one.rule: one.ids for one in self.invariant._violations(self.company) if one.code == code}


@tagged("post_install", "-at_install")
class TestInvariants(SelfCheckCase):

    def test_nothing_is_wrong_with_a_busy_ledger(self):
        self._two_contacts()
        self._charged()
        plan = self._active(self._invoice(40, 300.0, self._customer("Planner")))
        self._pay(plan.line_ids.item_id.move_id, 150)
        disputed = self._invoice(5, 200.0, self._customer("Contester"))
        self.env["collection.dispute"].create({"item_id": self._item(disputed).id, "amount": 80})
        self._pay(disputed, 150)
        self.env["credit.limit"]._record(self._profile(), {"amount": 500, "cap": 500, "reason": "Test"})
        self._pay(*self._invoice(20, 70, self._customer("Payer")))
        self._sent(self._run())
        self.assertEqual(self.invariant._violations(), [])
        sizes = self.invariant._looked_at()
        self.assertEqual(list(CHECKS), sorted(sizes, key=list(CHECKS).index))
        self.assertFalse([code for code in CHECKS if not sizes[code]])

    def test_i1_a_contact_that_was_sent_twice(self):
        _invoice, action = self._contact()
        self._without("collection_action", "dedupe_uniq")
        twin = action.copy({"dedupe_key": action.dedupe_key, "payload_hash": "x", "state": "sent", "sent_on": self._due(3)})
        self.assertEqual(self._broken("I-1"), {"sent_twice": (action.id, twin.id)})

    def test_i2_a_contact_about_what_was_paid_before_its_check(self):
        invoice, action = self._contact()
        checked = fields.Datetime.now()
        self._spoil("UPDATE collection_action SET checked_at = %s, create_date = create_date - interval '1 hour' WHERE id = %s", checked, action.id)
        self._pay(invoice)
        for minutes, wrong in ((30, True), (10, False), (-5, False)):  # paid before, by a job that took its time, after
            self._spoil("UPDATE account_partial_reconcile SET create_date = %s WHERE debit_move_id = %s", checked - timedelta(minutes=minutes), self._item(invoice).id)
            self.assertEqual(self._broken("I-2"), {"sent_paid": (action.id,)} if wrong else {})

    def test_i2_a_contact_of_which_a_part_was_owed_is_right(self):
        invoice, action = self._contact()
        checked = fields.Datetime.now()
        self._pay(invoice, 99.99)
        self._spoil("UPDATE collection_action SET checked_at = %s, create_date = create_date - interval '1 hour' WHERE id = %s", checked, action.id)
        self._spoil("UPDATE account_partial_reconcile SET create_date = %s WHERE debit_move_id = %s", checked - timedelta(days=1), self._item(invoice).id)
        self.assertFalse(self._broken("I-2"))

    def test_i3_two_mails_on_one_day(self):
        _invoice, action = self._contact()
        twin = action.copy({"dedupe_key": f"{action.dedupe_key}x", "payload_hash": "x", "state": "sent", "sent_on": action.sent_on})
        self.assertEqual(self._broken("I-3"), {"same_day": (action.id, twin.id)})
        twin.channel = "sms"
        self.assertFalse(self._broken("I-3"))

    def test_i3_customers_that_were_merged_got_one_each(self):
        _invoice, action = self._contact()
        company, _partner, *rest = action.dedupe_key.split("|")
        action.copy({"dedupe_key": "|".join([company, str(self._customer("Southwind").id), *rest]), "payload_hash": "x", "state": "sent", "sent_on": action.sent_on})
        self.assertFalse(self._broken("I-3"))

    def test_i4_a_contact_before_its_time(self):
        first, second = self._two_contacts()
        self.assertFalse(self._broken("I-4"))
        for days, wrong in ((5, False), (4, True)):  # the policy leaves five
            self._spoil("UPDATE collection_action SET sent_on = %s WHERE id = %s", first.sent_on + timedelta(days=days), second.id)
            self.assertEqual(self._broken("I-4"), {"too_soon_after": (first.id, second.id)} if wrong else {})

    def test_i4_a_level_left_out_or_taken_back(self):
        first, second = self._two_contacts()
        levels = {level.offset_days: level.id for level in self.policy.level_ids}
        for days, wrong in ((20, True), (8, False), (-7, True)):
            self._spoil("UPDATE collection_action_line SET level_id = %s WHERE action_id = %s", levels[days], second.id)
            self.assertEqual(self._broken("I-4"), {"level_order": (first.id, second.id)} if wrong else {})

    def test_i4_levels_that_were_changed_since_say_nothing(self):
        _first, second = self._two_contacts()
        self._spoil("UPDATE collection_level SET offset_days = 50, write_date = write_date + interval '1 hour' WHERE id = %s", self.policy.level_ids[1].id)
        self._spoil("UPDATE collection_level SET write_date = write_date + interval '1 hour' WHERE id = %s", second.level_id.id)
        self.assertFalse(self._broken("I-4"))

    def test_i5_parts_that_do_not_come_to_the_total(self):
        plan = self._active(self._invoice(40, 300.0))
        self._spoil("UPDATE collection_plan_installment SET amount = amount + 0.01, principal = principal + 0.01 WHERE plan_id = %s AND number = 1", plan.id)
        self.assertEqual(self._broken("I-5"), {"plan_totals": (plan.id,)})

    def test_i5_parts_paid_by_nothing(self):
        plan = self._active(self._invoice(40, 300.0))
        self._pay(plan.line_ids.item_id.move_id, 100)
        self.assertFalse(self._broken("I-5"))
        self._spoil("UPDATE collection_plan_installment SET paid_amount = 0.01 WHERE plan_id = %s AND number = 2", plan.id)
        self.assertEqual(self._broken("I-5"), {"plan_payments": (plan.id,)})

    def test_i6_days_that_cost_something_else(self):
        first, second = self._charged()
        self.assertFalse(self._broken("I-6"))
        line = second.line_ids.filtered(lambda line: line.kind == "interest")[:1]
        self._spoil("UPDATE collection_charge_line SET amount = amount + 0.02 WHERE id = %s", line.id)
        self.assertEqual(self._broken("I-6"), {"charge_sums": (first.id, second.id)})

    def test_i7_a_day_that_is_charged_twice(self):
        first, second = self._charged()
        line = second.line_ids.filtered(lambda line: line.kind == "interest")[:1]
        self._without("collection_charge_line", "day_once")
        self._spoil("UPDATE collection_charge_line SET date_from = date_from - 1 WHERE id = %s", line.id)
        self.assertEqual(self._broken("I-7"), {"days_twice": (first.id, second.id)})

    def test_i7_a_fixed_sum_that_is_charged_twice(self):
        first, _second = self._charged()
        line = first.line_ids[:1]
        self._without("collection_charge_line", "fixed_once")
        twins = line.copy({"kind": "fixed", "date_from": False, "date_to": False}) + line.copy({"kind": "fixed", "date_from": False, "date_to": False})
        self.assertEqual(self._broken("I-7"), {"sum_twice": twins.charge_id._ids})

    def test_i8_a_bill_that_is_gone_or_says_something_else(self):
        first, second = self._charged()
        self._spoil("UPDATE account_move SET state = 'draft' WHERE id = %s", first.move_id.id)
        self.assertEqual(self._broken("I-8"), {"bill": (first.id,)})
        self._spoil("UPDATE account_move SET state = 'posted', amount_untaxed = amount_untaxed + 1 WHERE id = %s", first.move_id.id)
        self.assertEqual(self._broken("I-8"), {"bill": (first.id,)})
        self._spoil("UPDATE account_move SET amount_untaxed = amount_untaxed - 1 WHERE id = %s", first.move_id.id)
        self.assertFalse(self._broken("I-8"))
        self._spoil("UPDATE collection_charge SET move_id = %s WHERE id = %s", first.move_id.id, second.id)
        self.assertIn("bill", self._broken("I-8"))

    def test_i9_a_limit_above_its_ceiling(self):
        line = self.env["credit.limit"]._record(self._profile(), {"amount": 500, "cap": 500, "reason": "Test"})
        self._without("credit_limit", "below_cap")
        self._spoil("UPDATE credit_limit SET cap = 499.99 WHERE id = %s", line.id)
        self.assertEqual(self._broken("I-9"), {"beyond_cap": (line.id,)})

    def test_i10_a_contact_and_a_charge_about_another_company(self):
        other = self.setup_other_company(name="Sister Ltd")["company"]
        invoice, action = self._contact()
        self._spoil("UPDATE account_move_line SET company_id = %s WHERE id = %s", other.id, self._item(invoice).id)
        self.assertEqual(self._broken("I-10"), {"across": (action.id,)})
        self._spoil("UPDATE account_move_line SET company_id = %s WHERE id = %s", self.company.id, self._item(invoice).id)
        self._spoil("UPDATE collection_run SET company_id = %s WHERE id = %s", other.id, action.run_id.id)
        self.assertEqual(self._broken("I-10"), {"across": (action.id,)})

    def test_i11_an_invoice_in_two_plans(self):
        plan = self._active(self._invoice(40, 300.0))
        second = self._active(self._invoice(40, 200.0))
        self._without("collection_plan_line", "item_uniq")
        self._spoil("UPDATE collection_plan_line SET item_id = %s WHERE plan_id = %s", plan.line_ids.item_id.id, second.id)
        self.assertEqual(self._broken("I-11"), {"agreed_twice": (plan.id, second.id)})

    def test_i11_more_contested_than_open(self):
        invoice = self._invoice(10, 100.0)
        dispute = self.env["collection.dispute"].create({"item_id": self._item(invoice).id, "amount": 100})
        self.assertFalse(self._broken("I-11"))
        self._spoil("UPDATE collection_dispute SET open_amount = 100.01 WHERE id = %s", dispute.id)
        self.assertEqual(self._broken("I-11"), {"contested_twice": (dispute.id,)})

    def test_i12_a_run_that_counted_something_else(self):
        _invoice, action = self._contact()
        self._spoil("UPDATE collection_run_count SET count = 2 WHERE run_id = %s AND outcome = 'contact'", action.run_id.id)
        self.assertEqual(self._broken("I-12"), {"run_totals": action.run_id._ids})
        self._spoil("UPDATE collection_run SET state = 'running' WHERE id = %s", action.run_id.id)
        self.assertFalse(self._broken("I-12"), "it has not counted yet")


class NightCase(SelfCheckCase):
    """The nightly look, and what its manager sees of it."""

    def setUp(self):
        super().setUp()
        self.checks = self.env["collection.self.check"].sudo()
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *_args, **_values: 1000.0)
        self.manager = self._user("manager")

    def _user(self, group, company=None):
        company = company or self.company
        return self.env["res.users"].sudo().with_context(no_reset_password=True).create({
            "name": group, "login": f"{group}.{company.id}.check", "company_id": company.id, "company_ids": [Command.set(company.ids)],
            "group_ids": [Command.set(self.env.ref(f"account_credit_collection.group_{group}").ids)]})

    def _spoiled(self):
        """A run that counted something else than it recorded."""
        _invoice, action = self._contact()
        self._spoil("UPDATE collection_run_count SET count = 2 WHERE run_id = %s AND outcome = 'contact'", action.run_id.id)
        return action.run_id

    def _look(self):
        self.checks._cron_self_check()
        return self.checks._latest(self.company)

    def _tasks(self):
        kind = self.env.ref("account_credit_collection.mail_activity_collection_self_check")
        return self.env["mail.activity"].sudo().search([("activity_type_id", "=", kind.id), ("user_id", "=", self.manager.id)])

    def _beat(self):
        return self.env["collection.heartbeat"].sudo().search([("job", "=", "self_check")])


@tagged("post_install", "-at_install")
class TestSelfCheck(NightCase, HttpCase):

    def test_a_night_without_a_finding_asks_nobody(self):
        check = self._look()
        self.assertEqual((check.state, check.violation_count, check.new_count), ("clean", 0, 0))
        self.assertFalse(self._tasks())
        self.assertEqual((self._beat().last_error, self._beat().state), (False, "ok"))
        self.assertNotIn("self_check", dict(self.env["collection.heartbeat"].sudo()._problems()))

    def test_managers_are_asked_once_for_each_violation(self):
        run = self._spoiled()
        first, second = self._look(), self._look()
        self.assertEqual([(check.violation_count, check.new_count) for check in (first, second)], [(1, 1), (1, 0)])
        self.assertEqual(second.line_ids.since, first.done_on, "since it was found first")
        self.assertEqual(len(self._tasks()), 1)
        self._spoil("UPDATE collection_run_count SET count = 1 WHERE run_id = %s AND outcome = 'contact'", run.id)
        self.assertEqual(self._look().state, "clean")
        self.assertFalse(self._tasks(), "there is nothing left to do")
        self._spoil("UPDATE collection_run_count SET count = 2 WHERE run_id = %s AND outcome = 'contact'", run.id)
        self.assertEqual(self._look().new_count, 1, "it came back")
        self.assertEqual(len(self._tasks()), 1)

    def test_a_violation_names_its_records_and_opens_them(self):
        run = self._spoiled()
        line = self._look().line_ids.with_user(self.manager)
        self.assertEqual(line.text, f"{run.display_name}: it counted 2 contacts and recorded 1.")
        self.assertTrue(line.advice.startswith("Compare its contacts"))
        self.assertEqual({name: line.action_open()[name] for name in ("res_model", "res_id")}, {"res_model": "collection.run", "res_id": run.id})

    def test_the_health_address_answers_503_without_a_name(self):
        self.env["ir.config_parameter"].sudo().set_param("account_credit_collection.health_token", "secret")
        run = self._spoiled()
        self._look()
        self.assertEqual(self._beat().last_error, f"I-12 collection.run {run.id}")
        answer = self.url_open("/collections/health?token=secret")
        self.assertEqual(answer.status_code, 503)
        self.assertIn("self_check violated", answer.text.split("\n"))
        self.assertNotIn("Northwind", answer.text)

    def test_check_now_looks_again_at_once(self):
        run = self._spoiled()
        screen = self.env["collection.health"].with_user(self.manager)
        opened = screen.browse(screen._open()["res_id"])
        self.assertEqual((opened.state, opened.line_ids.ids), ("none", []))
        opened = screen.browse(opened.action_check_now()["res_id"])
        self.assertEqual((opened.state, opened.line_ids.res_ids, opened.check_ids.asked_by), ("violated", run.ids, self.manager))
        self._spoil("UPDATE collection_run_count SET count = 1 WHERE run_id = %s AND outcome = 'contact'", run.id)
        self.assertEqual(screen.browse(opened.action_check_now()["res_id"]).state, "clean")
        self.assertFalse(self._beat().last_error)

    def test_a_check_that_cannot_be_made_stops_no_other(self):
        self._spoiled()
        self.patch(type(self.invariant), "_check_charge_sums", lambda _self: 1 / 0)
        with self.assertLogs("odoo.addons.account_credit_collection.models.collection_self_check", "ERROR"):
            check = self._look()
        self.assertEqual(check.line_ids.code, "I-12")
        self.assertIn("I-6 ?", self._beat().last_error)
        self.assertEqual(len(check.text.split("\n")), 2, "it says both")
        self.assertEqual(self._beat().state, "violated")

    def test_checks_are_forgotten_after_ninety_days(self):
        old, young = self._look(), self._look()
        old.done_on, young.done_on = (fields.Datetime.now() - timedelta(days=days) for days in (91, 89))
        self._look()
        self.assertFalse(old.exists())
        self.assertTrue(young.exists())

    def test_only_managers_of_the_company_see_it(self):
        self._spoiled()
        line = self._look().line_ids
        other = self._user("manager", self.setup_other_company(name="Sister Ltd")["company"])
        collector = self._user("collector")
        self.assertEqual(self.env["collection.self.check.line"].with_user(other).search([]), self.env["collection.self.check.line"])
        self.assertFalse(self.env["collection.health"].with_user(other).create({}).line_ids)
        for refused in (lambda: line.with_user(collector).action_settle(), lambda: line.with_user(other).action_settle(),
                        lambda: line.with_user(collector).action_open(), lambda: line.with_user(other).action_open(),
                        lambda: self.env["collection.health"].with_user(collector).action_check_now(),
                        lambda: self.env["collection.health"].with_user(collector)._open(),
                        lambda: line.with_user(self.manager).write({"code": "I-1"})):
            with self.assertRaises(AccessError):
                refused()

    def test_every_rule_has_its_sentence_and_its_advice(self):
        sources = Path(collection_invariant.__file__).parent.glob("collection_*invariant*.py")
        rules = {rule for source in sources for rule in re.findall(r'(?:_found_broken|Violation)\(\s*"(\w+)"', source.read_text(encoding="utf-8"))}
        self.assertGreater(len(rules), 10)
        self.assertEqual({f"invariant_{rule}{end}" for rule in rules for end in ("", "_do")}, {code for code in HEALTH if code.startswith("invariant_")})
        self.assertFalse([code for code in CHECKS if f"check_{code}" not in HEALTH])
        states = [state for state, _label in self.env["collection.heartbeat"]._fields["state"].selection]
        self.assertFalse([state for state in states if f"job_{state}" not in HEALTH])

    def test_every_job_is_on_the_screen_with_what_it_did(self):
        jobs = self.env["collection.health"].with_user(self.manager).create({}).job_ids
        self.assertEqual(set(jobs.mapped("job")), set(self.env["collection.heartbeat"]._jobs()))
        row = jobs.sudo().filtered(lambda row: row.job == "charge")
        cron = self.env.ref("account_credit_collection.ir_cron_collection_charge").sudo()
        row.write({"last_success": fields.Datetime.now(), "last_error": "charge 7"})
        self.assertEqual((row.name, row.state, row.next_call), (cron.name, "partly", cron.nextcall))
        cron.active = False
        row.invalidate_recordset()
        self.assertEqual(row.state, "off")

    def test_a_job_that_only_ever_failed_is_seen(self):
        """Its row is there, with an error and without a success."""
        row = self.env["collection.heartbeat"].sudo().search([("job", "=", "charge")])
        row.write({"last_success": False, "last_error": "charge 7"})
        with freeze_time(fields.Datetime.now() + timedelta(hours=27)):
            self.assertIn(("charge", "never"), self.env["collection.heartbeat"].sudo()._problems())
