from datetime import date, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from .snapshot import FEB, JAN, MAR, SnapshotCommon

MOVES = ("opening", "billed", "credited", "collected", "discounts", "written_off", "exchange", "other", "closing")
AGED = ("not_due", "b30", "b60", "b90", "over", "credit")


@tagged("post_install", "-at_install")
class TestSnapshotLedger(SnapshotCommon):
    """A month says what the ledger says."""

    def _balance(self, day):
        """The balance of the receivable accounts at the end of a day."""
        [[total]] = self.env["account.move.line"]._read_group(
            [("account_type", "=", "asset_receivable"), ("parent_state", "=", "posted"), ("date", "<=", day), ("company_id", "=", self.company.id)],
            [], ["balance:sum"])
        return total or 0.0

    def test_what_moved_what_is_open(self):
        self._build()
        self.assertRecordValues(self._row(JAN) + self._row(FEB) + self._row(MAR), [
            {"opening": 0, "billed": 1000, "credited": 0, "collected": 0, "closing": 1000},
            {"opening": 1000, "billed": 800, "credited": 100, "collected": 600, "closing": 1100},
            {"opening": 1100, "billed": 500, "credited": 0, "collected": 1200, "closing": 400},
        ])
        self.assertRecordValues(self._row(MAR, self.south), [{"opening": 0, "billed": 300, "collected": 200, "closing": 100}])

    def test_how_late_it_is(self):
        """At the end of February the first invoice is 19 days late: 400 × 19."""
        self._build()
        self.assertRecordValues(self._row(FEB), [{
            "not_due": 800, "b30": 400, "b60": 0, "b90": 0, "over": 0, "credit": -100, "overdue": 400, "overdue_days": 7600, "prev_not_due": 1000, "prev_b30": 0}])
        self.assertRecordValues(self._row(MAR), [{"not_due": 500, "b30": 0, "credit": -100, "overdue": 0, "overdue_days": 0, "prev_not_due": 800, "prev_b30": 400}])

    def test_how_it_was_paid(self):
        """600 eleven days late in February; 400 29 days and 800 five days late in March; 200 before it was due."""
        self._build()
        self.assertRecordValues(self._row(FEB) + self._row(MAR) + self._row(MAR, self.south), [
            {"paid": 600, "paid_on_time": 0, "paid_days": 6600},
            {"paid": 1200, "paid_on_time": 0, "paid_days": 15600},
            {"paid": 200, "paid_on_time": 200, "paid_days": 0},
        ])

    def test_what_was_billed_before(self):
        self._build()
        self.assertRecordValues(self._row(MAR), [{"sales_1": 500, "sales_2": 700, "sales_3": 1000, "sales_4": 0, "sales_12": 0}])
        for row in self.Snapshot.search([("company_id", "=", self.company.id)]):
            self.assertEqual(row.sales_1, row.billed - row.credited)

    def test_every_row_adds_up_and_the_sum_is_the_balance_of_the_accounts(self):
        """With money on account, a write-off, an entry without a customer and a foreign currency with another rate on payment."""
        receivable, expense = self.company_data["default_account_receivable"], self.company_data["default_account_expense"]
        euro = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0), ("2025-02-10", 4.0)])
        foreign = self._bill(date(2025, 1, 20), date(2025, 2, 20), 400, self.south, currency=euro)  # 200
        self._receive(foreign, date(2025, 2, 14), 400)  # 100 came, 100 lost by the rate
        self._entry(date(2025, 2, 2), (receivable, 70, False), (expense, -70, False))
        self._entry(date(2025, 3, 28), (receivable, -30, self.south), (expense, 30, False))
        self.env["account.payment"].create({
            "payment_type": "inbound", "partner_type": "customer", "partner_id": self.south.id, "amount": 45, "date": date(2025, 3, 5),
            "journal_id": self.company_data["default_journal_bank"].id}).action_post()
        rows = self._build()
        for row in rows:
            with self.subTest(row.display_name):
                moved = row.billed - row.credited - row.collected - row.discounts - row.written_off + row.exchange + row.other
                self.assertAlmostEqual(row.opening + moved, row.closing, 2)
                self.assertAlmostEqual(sum(row[name] for name in AGED), row.closing, 2)
        for month in (JAN, FEB, MAR):
            self.assertAlmostEqual(sum(rows.filtered(lambda row, month=month: row.month == month).mapped("closing")), self._balance(month), 2)
        self.assertRecordValues(self._row(FEB, False), [{"opening": 0, "closing": 70}])
        self.assertRecordValues(self._row(FEB, self.south), [{"opening": 200, "collected": 100, "exchange": -100, "closing": 0}])
        self.assertRecordValues(self._row(MAR, self.south), [{"collected": 245, "written_off": 30, "closing": 25}])

    def test_customers_that_become_one_keep_their_months(self):
        """Both in March: 400 + 100 open, 500 + 300 billed, 1,200 + 200 collected; Westwind's December goes over as it is."""
        west = self._customer("Westwind")
        self._receive(self._bill(date(2024, 12, 20), date(2025, 1, 20), 60, west), date(2025, 1, 15), 60)
        december = date(2024, 12, 31)
        self._build(december)
        names = (*MOVES, *AGED, "overdue", "overdue_days", "paid", "paid_days", "sales_1", "sales_12", "cost")

        def totals():
            return self.Snapshot._read_group([("company_id", "=", self.company.id)], ["month:month"], [f"{name}:sum" for name in names])

        before = totals()
        self.env["base.partner.merge.automatic.wizard"].sudo().create({})._merge((self.customer | self.south | west).ids, self.customer)
        self.env.invalidate_all()
        self.assertEqual(totals(), before)
        self.assertEqual(self.Snapshot.search([("company_id", "=", self.company.id)]).profile_id, self._profile())
        self.assertRecordValues(self._row(december) + self._row(MAR), [
            {"opening": 0, "billed": 60, "collected": 0, "closing": 60},
            {"opening": 1100, "billed": 800, "collected": 1400, "closing": 500},
        ])
        self._build(december)
        self.assertEqual(totals(), before, "built again it is the same")

    def test_a_customer_of_past_months_is_not_deleted(self):
        west = self._customer("Westwind")
        self._receive(self._bill(date(2025, 1, 5), date(2025, 1, 20), 60, west), date(2025, 1, 20), 60)
        newcomer = self._profile(self._customer("Newcomer"))
        self._build()
        with self.assertRaisesRegex(UserError, "Westwind.* is part of the figures of past months.*Archive it"):
            self._profile(west).unlink()
        newcomer.unlink()
        self.assertFalse(newcomer.exists())

    def test_over_90_days(self):
        """The first invoice passes 90 days late on 11 May."""
        west = self._customer("Westwind")
        late = self._bill(date(2025, 1, 10), date(2025, 2, 9), 50, west)
        self._build(JAN, date(2025, 6, 1))
        self.assertEqual(late.amount_residual, 50)
        april, may, june = (self._row(date(2025, *day), west) for day in ((4, 30), (5, 31), (6, 30)))
        self.assertRecordValues(april + may + june, [
            {"b90": 50, "over": 0, "rolled_over": 0, "prev_b60": 50, "prev_b90": 0},
            {"b90": 0, "over": 50, "rolled_over": 50, "prev_b60": 0, "prev_b90": 50},
            {"b90": 0, "over": 50, "rolled_over": 0, "prev_b60": 0, "prev_b90": 0},
        ])
        self.assertEqual(april.roll_b90, 100)
        self.assertEqual(may.roll_over, 100)


@tagged("post_install", "-at_install")
class TestSnapshotBuild(SnapshotCommon):
    """Months are built as often as one likes."""

    def test_building_again_changes_nothing(self):
        first = self._build()
        before = first.read()
        again = self._build()
        self.assertEqual(first, again)
        self.assertEqual(before, again.read())

    def test_late_entries_are_seen_and_what_is_gone_goes(self):
        self._build()
        self._bill(date(2025, 1, 31), date(2025, 3, 1), 10)
        row, south = self._row(JAN), self._row(MAR, self.south)
        self.fourth.button_draft()
        self.env["account.payment"].search([("partner_id", "=", self.south.id)]).action_draft()
        self._build()
        self.assertEqual(row.closing, 1010)
        self.assertFalse(south.exists(), "nothing is left to say about Southwind's March")

    def test_who_looked_after_the_customer_stays(self):
        boss = new_test_user(self.env(su=True), login="first collector", groups="account_credit_collection.group_collector",
                             company_id=self.company.id, company_ids=self.company.ids)
        self._profile().sudo().collector_id = boss
        self._build(JAN, JAN)
        self._profile().sudo().collector_id = self.env.user
        self._build(JAN, FEB)
        self.assertEqual((self._row(JAN) + self._row(FEB)).mapped("collector_id"), boss + self.env.user)

    def test_branches_belong_to_their_company(self):
        branch = self.env["res.company"].sudo().create({"name": "Branch", "parent_id": self.company.id})
        self.env.user.company_ids += branch
        receivable, revenue = self.company_data["default_account_receivable"], self.company_data["default_account_revenue"]
        journal = self.env["account.journal"].sudo().create({"name": "Branch", "code": "BRA", "type": "general", "company_id": branch.id})
        move = self.env["account.move"].with_company(branch).create({"move_type": "entry", "journal_id": journal.id, "date": JAN, "line_ids": [
            Command.create({"account_id": receivable.id, "balance": 25, "partner_id": self.customer.id}),
            Command.create({"account_id": revenue.id, "balance": -25})]})
        move.action_post()
        self._build(JAN, JAN)
        self.assertRecordValues(self._row(JAN), [{"closing": 1025, "other": 25}])

    def _night(self, today):
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 1000.0), \
                patch.object(type(self.company), "_collection_today", lambda company: today):
            self.env["collection.snapshot"].sudo()._cron_snapshot()

    def _built(self):
        return sorted(set(self.Snapshot.search([("company_id", "=", self.company.id)]).mapped("month")))

    def test_the_job_catches_up_and_then_rests(self):
        self.company.collection_snapshot_history = 2
        self._night(date(2025, 3, 20))
        self.assertEqual(self._built(), [JAN, FEB])
        self._bill(date(2025, 2, 28), date(2025, 3, 30), 10)
        self._night(date(2025, 3, 21))
        self.assertEqual(self._row(FEB).closing, 1100, "built already")
        self._night(date(2025, 4, 2))
        self.assertEqual(self._built(), [JAN, FEB, MAR])
        self.assertEqual(self._row(FEB).closing, 1110, "the first nights look at the last months again")
        self.assertEqual(self.company.collection_snapshot_last, MAR)

    def test_months_asked_for_are_built_from_the_newest_on(self):
        self.company.collection_snapshot_last = MAR
        wizard = self.env["collection.snapshot.wizard"].create({"company_id": self.company.id, "first_month": date(2025, 1, 5), "last_month": date(2025, 3, 5)})
        wizard.action_build()
        self.assertRecordValues(wizard, [{"is_running": True, "progress": 0}])
        months = self.Snapshot._months_tonight(self.company, date(2025, 4, 20))
        self.assertEqual(months, [MAR, FEB, JAN])
        self.Snapshot._build_asked(self.company, MAR)
        wizard.invalidate_recordset()
        self.assertRecordValues(wizard, [{"is_running": True, "progress": 33}])
        self._night(date(2025, 4, 20))
        wizard.invalidate_recordset()
        self.assertRecordValues(wizard, [{"is_running": False, "progress": 100}])
        self.assertEqual(self._built(), [JAN, FEB, MAR])

    def test_a_month_that_is_not_over_is_not_built(self):
        wizard = self.env["collection.snapshot.wizard"].create({"company_id": self.company.id, "last_month": self.today})
        with self.assertRaisesRegex(UserError, "that are over"):
            wizard.action_build()

    def test_a_month_that_failed_is_built_the_next_night(self):
        """February fails: March waits, or nobody would ever look at February again."""
        self.company.collection_snapshot_history = 3
        reader = type(self.env["collection.reader"])
        build = reader._build_month

        def fail(record, company, month):
            if month == FEB:
                raise ValueError("poisoned")
            return build(record, company, month)

        with patch.object(reader, "_build_month", fail), self.assertLogs("odoo.addons.account_credit_collection.models.collection_snapshot_build", "ERROR"):
            self._night(date(2025, 4, 20))
        self.assertEqual((self._built(), self.company.collection_snapshot_last), ([JAN], JAN))
        self._night(date(2025, 4, 21))
        self.assertEqual((self._built(), self.company.collection_snapshot_last), ([JAN, FEB, MAR], MAR))

    def test_an_empty_list_says_what_hides_older_months(self):
        action = self.env.ref("account_credit_collection.collection_snapshot_action")
        search = self.env.ref("account_credit_collection.collection_snapshot_view_search")
        self.assertIn("'search_default_last_quarter': 1", action.context)
        self.assertIn('name="last_quarter" string="Last 3 months"', search.arch)
        self.assertIn("“Last 3 months”", action.help)
        self.assertIn("Work out", self.env.ref("account_credit_collection.collection_provision_line_action").help or "")

    def test_one_company_that_fails_stops_no_other(self):
        self.company.collection_snapshot_history = 1
        other = self.setup_other_company(name="Other Ltd")["company"]
        reader = type(self.env["collection.reader"])
        build = reader._build_month

        def fail(record, company, month):
            if company == other:
                raise ValueError("poisoned")
            return build(record, company, month)

        with patch.object(reader, "_build_month", fail), self.assertLogs("odoo.addons.account_credit_collection.models.collection_snapshot_build", "ERROR"):
            self._night(date(2025, 2, 20))
        self.assertEqual(self._built(), [JAN])
        beat = self.env["collection.heartbeat"].sudo().search([("job", "=", "snapshot")])
        self.assertIn(f"company {other.id}", beat.last_error)


@tagged("post_install", "-at_install")
class TestSnapshotWork(SnapshotCommon):
    """Promises, disputes, charges, contacts and calls of a month, at what they cost."""

    def _set(self, record, **values):
        """What methods set, on days of the past."""
        record.flush_recordset()
        values = SQL(", ").join(SQL("%s = %s", SQL.identifier(name), value) for name, value in values.items())
        self.env.cr.execute(SQL("UPDATE %s SET %s WHERE id = %s", SQL.identifier(record._table), values, record.id))
        record.invalidate_recordset()

    def test_promises_by_number_and_money(self):
        """One of 100 kept, one of 300 with 120 paid, one of 50 broken: 1 of 3, 220 of 450."""
        for amount, paid, state in ((100, 100, "kept"), (300, 120, "partly"), (50, 0, "broken"), (70, 0, "withdrawn")):
            promise = self.env["collection.promise"].create({"profile_id": self._profile().id, "amount": amount, "promised_on": self.today + timedelta(days=3)})
            self._set(promise, state=state, paid_amount=paid, judged_on=date(2025, 2, 12))
        self._build(FEB, FEB)
        row = self._row(FEB)
        self.assertRecordValues(row, [{"promises": 3, "promises_kept": 1, "promised": 450, "promised_kept": 220}])
        self.assertAlmostEqual(row.kept_share, 33.33, 2)
        self.assertAlmostEqual(row.kept_amount_share, 48.89, 2)

    def test_promises_in_another_currency_count_in_ours(self):
        euro = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        self._bill(date(2025, 2, 5), date(2025, 3, 7), 100, currency=euro)
        promise = self.env["collection.promise"].create({"profile_id": self._profile().id, "amount": 100, "currency_id": euro.id})
        self._set(promise, state="kept", paid_amount=100, judged_on=date(2025, 2, 12))
        self._build(FEB, FEB)
        self.assertRecordValues(self._row(FEB), [{"promised": 50, "promised_kept": 50}])

    def test_disputes(self):
        """Opened on 5 February and closed on 15 February; opened on 20 February and closed on 22 March: 10 and 30 days."""
        for opened, closed in ((date(2025, 2, 5), date(2025, 2, 15)), (date(2025, 2, 20), date(2025, 3, 22))):
            dispute = self.env["collection.dispute"].create({"item_id": self._item(self._bill(opened, opened, 90)).id, "amount": 10, "reason": "Damaged"})
            self._set(dispute, opened_on=opened, closed_on=closed, state="closed")
        self._build(FEB, MAR)
        self.assertRecordValues(self._row(FEB) + self._row(MAR), [
            {"disputes_opened": 2, "disputes_closed": 1, "disputes_open": 1, "dispute_days": 10, "dispute_length": 10},
            {"disputes_opened": 0, "disputes_closed": 1, "disputes_open": 0, "dispute_days": 30, "dispute_length": 30},
        ])

    def test_contacts_and_calls_at_what_they_cost(self):
        """Two e-mails, an SMS, a letter and 150 seconds of calls: 0.20 + 0.08 + 1.50 + 2.50 × 0.80 = 3.78; 600 were collected: 0.63 for each 100."""
        self.company.write({"collection_cost_email": 0.1, "collection_cost_sms": 0.08, "collection_cost_letter": 1.5, "collection_cost_minute": 0.8})
        self._invoice(10)
        action = self._run().action_ids.filtered(lambda action: action.partner_id == self.customer)
        for number, channel in enumerate(("email", "email", "sms", "letter", "call")):
            copy = action.copy({"channel": channel, "dedupe_key": f"snapshot {number}", "payload_hash": "x"}) if number else action
            self._set(copy, channel=channel, state="sent", sent_on=date(2025, 2, 10 + number))
        for seconds, outcome, voided in ((90, "no_answer", False), (60, "no_answer", False), (600, "no_answer", True)):
            self.env["collection.call"].sudo().create({
                "profile_id": self._profile().id, "user_id": self.env.uid, "called_at": "2025-02-11 10:00:00", "day": date(2025, 2, 11),
                "outcome": outcome, "seconds": seconds, "voided": voided})
        self._build(FEB, FEB)
        row = self._row(FEB)
        self.assertRecordValues(row, [{"emails": 2, "texts": 1, "letters": 1, "calls": 2, "reached": 0, "minutes": 2.5, "cost": 3.78}])
        self.assertAlmostEqual(row.cost_share, 0.63, 2)

    def test_charges_billed_and_waived(self):
        """A bill of 40 and 12.50 on 3 February, of which the 12.50 are waived in March."""
        charge = self.env["collection.charge"].sudo().create({
            "company_id": self.company.id, "booking_company_id": self.company.id, "profile_id": self._profile().id,
            "currency_id": self.company.currency_id.id, "amount": 52.5})
        lines = self.env["collection.charge.line"].sudo().create([{
            "charge_id": charge.id, "company_id": self.company.id, "profile_id": self._profile().id, "currency_id": self.company.currency_id.id,
            "kind": "fee", "document": "X", "amount": amount} for amount in (40, 12.5)])
        self._set(charge, state="posted", posted_on=date(2025, 2, 3))
        self._set(lines[0], state="posted")
        self._set(lines[1], state="waived", waived_on=date(2025, 3, 3))
        self._build(FEB, MAR)
        self.assertRecordValues(self._row(FEB) + self._row(MAR), [{"charged": 52.5, "waived": 0}, {"charged": 0, "waived": 12.5}])


@tagged("post_install", "-at_install")
class TestSnapshotRights(SnapshotCommon):

    def _person(self, *groups):
        return new_test_user(self.env(su=True), login=f"snapshot {len(groups)}", company_id=self.company.id, company_ids=self.company.ids,
                             groups=",".join(f"account_credit_collection.{group}" for group in groups))

    def test_own_portfolio_sees_own_customers_in_sums_too(self):
        mine = self._person("group_collector", "group_own_portfolio")
        self._profile(self.south).sudo().collector_id = mine
        self._build()
        Snapshot = self.env["collection.snapshot"].with_user(mine)
        self.assertEqual(Snapshot.search([]).profile_id.partner_id, self.south)
        self.assertEqual(Snapshot._read_group([], [], ["closing:sum", "billed:sum"]), [(100, 300)])

    def test_nobody_writes_figures(self):
        row = self._build()[0].with_user(self._person("group_manager"))
        with self.assertRaises(AccessError):
            row.closing = 5

    def test_only_managers_build(self):
        with self.assertRaises(AccessError):
            self.env["collection.snapshot"].with_user(self._person("group_collector"))._ask(self.company, JAN, MAR)

    def test_each_figure_opens_what_it_is_made_of(self):
        self._build()
        row = self._row(FEB).with_user(self._person("group_viewer"))
        for figure in MOVES[1:-1]:
            action = getattr(row, f"action_open_{figure}")()
            rows = self.env[action["res_model"]].with_context(**action.get("context", {})).search(action["domain"])
            sign = 1 if figure in ("billed", "exchange", "other") else -1
            self.assertEqual(sign * sum(rows.mapped("amount")), row[figure], figure)
        for figure in ("opening", "closing", "overdue", *AGED):
            action = getattr(row, f"action_open_{figure}")()
            rows = self.env[action["res_model"]].with_context(**action["context"]).search(action["domain"])
            self.assertEqual(sum(rows.mapped("amount")), row[figure], figure)
        for figure in ("movements", "promises", "disputes", "charges", "contacts", "calls"):
            action = getattr(row, f"action_open_{figure}")()
            self.env[action["res_model"]].search(action["domain"])
        with self.assertRaises(AccessError):
            row.with_user(new_test_user(self.env(su=True), login="nobody", groups="base.group_user")).action_open_closing()
