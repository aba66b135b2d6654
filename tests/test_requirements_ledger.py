"""Promises about money of docs/REQUIREMENTS.md that no other test keeps an eye on; the number of the requirement stands in the name."""
from datetime import timedelta

from psycopg2.errors import CheckViolation, UniqueViolation

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .charge import ChargeCommon
from .credit import CreditCommon
from .test_settlement import SettlementCommon


@tagged("post_install", "-at_install")
class TestCharges(ChargeCommon):
    """What the database refuses whatever the code does (R-44, R-107)."""

    def _line(self):
        self._dated(self.today - timedelta(days=90))
        return self._charge(self.today - timedelta(days=1)).line_ids.sudo()

    def _twice(self, line, **values):
        first = line.copy({"date_from": False, "date_to": False, **values})
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation), self.env.cr.savepoint():
            first.copy().flush_recordset()
        first.state = "reversed"
        first.flush_recordset()
        first.copy({"state": "draft"}).flush_recordset()  # what was cancelled is free again

    def test_r107_the_database_refuses_a_fixed_sum_twice(self):
        line = self._line()
        self._twice(line, kind="fixed", move_id=line.move_id.id)

    def test_r44_the_database_refuses_a_fee_twice(self):
        line = self._line()
        self._twice(line, kind="fee", level_id=self.policy.level_ids[:1].id)

    def test_r44_posting_twice_bills_once(self):
        self._dated(self.today - timedelta(days=90))
        charge = self._charge(self.today - timedelta(days=1), post=True)
        bill, lines = charge.move_id, charge.line_ids
        charge.action_post()
        charge.run_id.sudo().charge_ids._bill()
        self.assertEqual((charge.move_id, charge.line_ids, bill.state), (bill, lines, "posted"))
        self.assertEqual(self.env["account.move"].search_count([("collection_charge_id", "=", charge.id)]), 1)


@tagged("post_install", "-at_install")
class TestOnce(SettlementCommon):
    """One promise, one offer, one booking; and nobody is asked who has left (R-52, R-53, R-59)."""

    def test_r52_the_database_refuses_a_second_open_promise(self):
        invoice = self._invoice(10)
        line = self.env["collection.promise"].create({
            "promised_on": self.today + timedelta(days=5), "line_ids": [Command.create({"item_id": self._item(invoice).id})]}).sudo().line_ids
        self.assertTrue(line.is_open)
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation), self.env.cr.savepoint():
            line.copy().flush_recordset()

    def test_r53_the_database_refuses_an_invoice_in_two_offers(self):
        line = self._offer(self._invoice(200), amount=60).sudo().line_ids
        self.assertTrue(line.is_live)
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation), self.env.cr.savepoint():
            line.copy().flush_recordset()

    def test_r53_an_offer_is_booked_once(self):
        invoice = self._invoice(200)
        offer = self._offer(invoice, amount=60, reason="A clear end").sudo()
        self._pay(invoice, 60)
        self._book()
        notes, again = self._notes(offer), self._invoice(200)
        self.assertEqual((offer.state, self._open(invoice), len(notes)), ("taken", [0], 1))
        on, amount = offer.booked_on, offer.booked_amount
        self._pay(again, 10)
        offer._book()  # another job comes to it a moment later
        self.assertEqual((self._notes(offer), offer.booked_on, offer.booked_amount), (notes, on, amount))

    def test_r59_a_task_is_for_somebody_who_still_works_there(self):
        users = [new_test_user(self.env, name, "base.group_user,account_credit_collection.group_collector", company_id=self.company.id,
                               company_ids=[Command.set(self.company.ids)]) for name in ("collector", "deputy")]
        collector, deputy = users
        profile = self._profile().sudo()
        profile.collector_id = collector
        self.company.collection_user_id = deputy
        self.assertEqual(profile._responsible(), collector)
        self.env.flush_all()
        for leaves, comes_back in (  # past what hands the work over when somebody leaves
                ("UPDATE res_users SET active = FALSE WHERE id = %s", "UPDATE res_users SET active = TRUE WHERE id = %s"),
                ("DELETE FROM res_company_users_rel WHERE user_id = %s", None)):
            with self.subTest(leaves):
                self.env.cr.execute(leaves, (collector.id,))
                self.env.invalidate_all()
                self.assertEqual((profile.collector_id, profile._responsible()), (collector, deputy))
                if comes_back:
                    self.env.cr.execute(comes_back, (collector.id,))


@tagged("post_install", "-at_install")
class TestLimits(CreditCommon):

    def test_r51_the_database_refuses_a_limit_above_its_ceiling(self):
        line = self._grant(1000, kind="base", cap=1000.0).sudo()
        line.flush_recordset()
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation), self.env.cr.savepoint():
            self.env.cr.execute("UPDATE credit_limit SET amount = 1000.01 WHERE id = %s", (line.id,))

    def test_r51_a_ceiling_holds_in_a_request_too(self):
        with self.assertRaises(ValidationError):
            self._grant(1000.01, kind="base", cap=1000.0)
