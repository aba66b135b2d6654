"""The edge cases of receivables, numbered as in docs/EDGE_CASES.md."""
from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import CollectionCommon
from .smtp import SmtpCase


@tagged("post_install", "-at_install")
class TestEdgeCases(SmtpCase, CollectionCommon):

    def test_01_credit_above_what_is_overdue_means_nothing_is_sent(self):
        self._invoice(10, 100)
        self._invoice(5, 250, move_type="out_refund")
        self.assertFalse(self._run().action_ids)
        self.assertEqual(self._why(), "covered_by_credit")

    def test_01_a_payment_on_account_is_netted_oldest_first(self):
        oldest, newest = self._invoice(20, 100), self._invoice(10, 100)
        self._on_account(120)
        lines = self._run().action_ids.line_ids
        self.assertEqual({line.item_id.move_id: line.asked for line in lines}, {newest: 80})
        self.assertNotIn(oldest, lines.item_id.move_id)

    def test_02_a_part_payment_claims_the_rest_and_keeps_the_level(self):
        invoice = self._invoice(1, 100)
        self._sent(self._run())
        self._pay(invoice, 30)
        run = self._run(7)
        self.assertEqual((run.action_ids.level_id.offset_days, run.action_ids.amount), (8, 70))

    def test_02_a_rest_below_the_tolerance_is_not_asked_for(self):
        self.policy.minimum_amount = 10
        invoice = self._invoice(10, 100)
        self._pay(invoice, 95)
        self.assertFalse(self._run().action_ids)
        self.assertEqual(self._why(), "below_minimum")

    def test_03_the_tolerance_is_in_the_currency_of_the_item(self):
        euro = self.env.ref("base.EUR") if self.company.currency_id.name != "EUR" else self.env.ref("base.USD")
        euro.active = True
        self.env["res.currency.rate"].create({"currency_id": euro.id, "name": "2020-01-01", "rate": 0.5, "company_id": self.company.id})
        self.policy.minimum_amount = 100
        self._invoice(10, 60, currency=euro)
        self.assertEqual(self._run().action_ids.line_ids.asked, 60, "60 of a currency worth double is above 100")
        other = self._customer("Small")
        self._invoice(10, 60, partner=other)
        self.assertFalse(self._run().action_ids)
        self.policy.minimum_ids = [Command.create({"currency_id": self.company.currency_id.id, "amount": 50})]
        self.assertTrue(self._run().action_ids, "a listed minimum wins")

    def test_04_each_installment_has_its_own_clock(self):
        term = self.env["account.payment.term"].create({"name": "Half now, half later", "line_ids": [
            Command.create({"value": "percent", "value_amount": 50, "nb_days": 0}),
            Command.create({"value": "percent", "value_amount": 50, "nb_days": 60})]})
        invoice = self._invoice(10, 200, post=False)
        invoice.write({"invoice_date": self.today - timedelta(days=10), "invoice_payment_term_id": term.id})
        invoice.action_post()
        run = self._run()
        self.assertEqual(run.action_ids.line_ids.mapped("asked"), [100])
        self.assertEqual(run.action_ids.line_ids.due, self.today - timedelta(days=10))

    def test_05_due_today_is_not_overdue(self):
        self._invoice(0)
        run = self._run()
        self.assertNotIn("after", run.action_ids.mapped("kind"))
        self.assertEqual(self._profile().overdue, 0)

    def test_06_today_is_the_companys_day_and_not_that_of_the_job(self):
        with freeze_time("2026-03-31 22:30:00"):
            self.company.partner_id.tz = "Europe/Brussels"
            self.assertEqual(str(self.company._collection_today()), "2026-04-01")
            self.company.partner_id.tz = "America/Los_Angeles"
            self.assertEqual(str(self.company._collection_today()), "2026-03-31")

    def _opening(self, amount=300):
        """An opening balance booked by a miscellaneous entry, without a due date."""
        receivable = self.company_data["default_account_receivable"]
        move = self.env["account.move"].create({
            "move_type": "entry", "date": self.today - timedelta(days=40), "journal_id": self.company_data["default_journal_misc"].id,
            "line_ids": [Command.create({"name": "Opening", "partner_id": self.customer.id, "account_id": receivable.id, "debit": amount}),
                         Command.create({"name": "Opening", "account_id": self.company_data["default_account_revenue"].id, "credit": amount})]})
        move.action_post()
        return self._item(move)

    def test_07_an_item_without_due_date_is_due_on_its_own_date(self):
        item = self._opening()
        item.no_followup = False
        self.assertFalse(item.date_maturity)
        line = self._run().action_ids.line_ids
        self.assertEqual((line.item_id, line.due), (item, item.date))

    def test_08_opening_balances_are_left_out_until_they_are_taken_in(self):
        item = self._opening()
        self.assertFalse(self._run().action_ids)
        self.assertEqual(self._why(), "no_followup")
        wizard = self.env["collection.opening.wizard"].create({"company_id": self.company.id})
        self.assertIn(item, wizard.item_ids)
        wizard.action_include()
        self.assertEqual(self._run().action_ids.line_ids.item_id, item)

    def test_09_two_equal_items_on_one_entry_are_both_asked_for(self):
        receivable = self.company_data["default_account_receivable"]
        move = self.env["account.move"].create({
            "move_type": "entry", "date": self.today - timedelta(days=40), "journal_id": self.company_data["default_journal_misc"].id,
            "line_ids": [*[Command.create({"name": "Same", "partner_id": self.customer.id, "account_id": receivable.id, "debit": 50,
                                           "date_maturity": self._due(10)}) for _twin in range(2)],
                         Command.create({"name": "Same", "account_id": self.company_data["default_account_revenue"].id, "credit": 100})]})
        move.action_post()
        self._item(move).no_followup = False
        self._profile()
        lines = self._run().action_ids.line_ids
        self.assertEqual((len(lines), sum(lines.mapped("asked"))), (2, 100))

    def test_10_drafts_and_cancelled_and_reversed_invoices_are_silent(self):
        self._invoice(10, post=False)
        cancelled = self._invoice(10, post=False)
        cancelled.button_cancel()
        reversed_one = self._invoice(10, 100)
        self.env["account.move.reversal"].with_context(active_model="account.move", active_ids=reversed_one.ids).create({
            "journal_id": reversed_one.journal_id.id, "reason": "wrong"}).modify_moves()
        self.assertFalse(self._run().action_ids)

    def test_11_an_invoice_reset_after_a_reminder_can_be_cancelled_and_starts_anew(self):
        invoice = self._invoice(10, 100)
        self._sent(self._run())
        invoice.button_draft()
        invoice.invoice_line_ids.price_unit = 80
        invoice.action_post()
        run = self._run(6)
        self.assertEqual(sum(run.action_ids.line_ids.mapped("asked")), 80)

    def test_11_a_later_due_date_takes_effect_at_once(self):
        invoice = self._invoice(10)
        self._item(invoice).date_maturity = self.today + timedelta(days=30)
        self.assertFalse(self._run().action_ids)

    def test_12_a_reopened_item_resumes_at_the_level_it_had(self):
        invoice = self._invoice(1, 100)
        self._sent(self._run())
        self._pay(invoice)
        self.assertFalse(self._run(7).action_ids)
        self._item(invoice).remove_move_reconcile()
        self.env["account.payment"].search([("partner_id", "=", self.customer.id)]).action_draft()
        self.assertEqual(self._levels(self._run(8)), [8])

    def test_13_a_pending_online_payment_is_money_in_transit(self):
        invoice = self._invoice(10, 100)
        provider = self.env["payment.provider"].sudo().search([], limit=1)
        transaction = self.env["payment.transaction"].sudo().create({
            "provider_id": provider.id, "payment_method_id": self.env["payment.method"].sudo().search([], limit=1).id,
            "reference": "T-13", "amount": 100, "currency_id": self.company.currency_id.id, "partner_id": self.customer.id,
            "invoice_ids": [Command.set(invoice.ids)], "operation": "online_direct"})
        transaction.state = "pending"
        self.assertFalse(self._run().action_ids)
        self.assertEqual(self._why(), "in_transit")
        transaction.state = "cancel"
        self.assertTrue(self._run().action_ids)

    def test_13_a_payment_without_an_entry_is_money_in_transit(self):
        invoice = self._invoice(10, 100)
        payment = self.env["account.payment"].create({
            "payment_type": "inbound", "partner_type": "customer", "partner_id": self.customer.id, "amount": 100,
            "date": self.today, "journal_id": self.company_data["default_journal_bank"].id})
        self.env.flush_all()
        self.env.cr.execute("UPDATE account_payment SET state = 'in_process', move_id = NULL WHERE id = %s", [payment.id])
        self.env.cr.execute("INSERT INTO account_move__account_payment (invoice_id, payment_id) VALUES (%s, %s)", [invoice.id, payment.id])
        self.env.invalidate_all()
        self.assertFalse(self._run().action_ids)
        self.assertEqual(self._why(), "in_transit")

    def test_14_blocked_stays_silent_and_a_paid_blocked_invoice_is_closed(self):
        invoice = self._invoice(10, 100)
        invoice.action_toggle_block_payment()
        self.assertFalse(self._run().action_ids)
        self.assertEqual(self._why(), "blocked")

    def test_15_several_levels_of_a_customer_make_one_message(self):
        for days in (2, 12, 40):
            self._invoice(days)
        run = self._run()
        self.assertEqual(len(run.action_ids), 1)
        self.assertEqual(len(run.action_ids.line_ids), 3)

    def test_16_the_automatic_run_of_a_day_exists_once(self):
        Run = self.env["collection.run"].sudo()
        self.assertEqual(Run._open_auto(self.company, self.today), Run._open_auto(self.company, self.today))

    def test_17_a_reminder_by_hand_counts_as_a_contact(self):
        self._invoice(10)
        run = self.env["collection.run"].sudo().create({"company_id": self.company.id, "run_date": self.today})
        run._execute(self._profile())
        self._sent(run)
        self.assertFalse(self._run(2).action_ids)
        self.assertEqual(self._why(), "too_soon")

    def test_18_a_blacklisted_address_is_not_written_to(self):
        self.env["mail.blacklist"]._add(self.customer.email)
        self._invoice(10)
        self.assertFalse(self._run().action_ids)
        self.assertEqual(self._why(), "unreachable")
        self.assertTrue(self._profile().activity_ids)

    def test_19_the_reminder_goes_to_the_marked_contact_then_the_invoice_address_then_the_company(self):
        invoicing = self.env["res.partner"].create({"name": "Ann", "parent_id": self.customer.id, "type": "invoice", "email": "ann@customer.example"})
        self._invoice(10)
        self.assertEqual(self._run().action_ids.recipient, "ann@customer.example")
        marked = self.env["res.partner"].create({"name": "Bob", "parent_id": self.customer.id, "email": "bob@customer.example", "collection_contact": True})
        self.env["collection.action"].search([]).sudo()._stop("by_user", {"user": "x"})
        self.assertEqual(self._run().action_ids.recipient, "bob@customer.example")
        (marked | invoicing).active = False
        self.env["collection.action"].search([("state", "=", "ready")]).sudo()._stop("by_user", {"user": "x"})
        self.assertEqual(self._run().action_ids.recipient, self.customer.email)

    def test_19_an_archived_customer_is_not_written_to_unless_the_policy_says_so(self):
        self._invoice(10)
        self.customer.active = False
        self.assertFalse(self._run().action_ids)
        self.assertEqual(self._why(), "archived")
        self.policy.dun_archived = True
        self.assertTrue(self._run().action_ids)

    def test_20_text_dates_and_amounts_are_in_the_recipients_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.template.with_context(lang="fr_FR").subject = "Votre compte chez {{ object.company_name }}"
        self.customer.lang = "fr_FR"
        self._invoice(10, 1234.5)
        run = self._run()
        with self.smtp() as sink:
            self._perform()
        self.assertIn("Votre compte", sink.mails[0]["Subject"])
        self.assertRegex(self.html(sink.mails[0]), r"1\s?.?234,50")
        self.assertEqual(run.action_ids.lang, "fr_FR")

    def test_20_a_customer_without_or_with_an_unknown_language_gets_the_companys(self):
        self.env.cr.execute("UPDATE res_partner SET lang = 'xx_XX' WHERE id = %s", [self.customer.id])
        self.env.invalidate_all()
        self._invoice(10)
        with self.smtp() as sink:
            self._run()
            self._perform()
        self.assertEqual(len(sink.mails), 1)

    def test_21_currencies_have_totals_of_their_own(self):
        other = self.env.ref("base.GBP")
        other.active = True
        self._invoice(10, 100)
        self._invoice(10, 40, currency=other)
        action = self._run().action_ids
        self.assertEqual(len(action), 1)
        self.assertIn(" and ", action.amount_text)
        self.assertEqual(sorted(asked for _residual, asked in action._totals().values()), [40, 100])

    def test_22_a_currency_without_a_rate_is_asked_for_in_itself(self):
        rupee = self.env.ref("base.INR")
        rupee.active = True
        rupee.rate_ids.unlink()
        self._invoice(10, 5000, currency=rupee)
        self.assertEqual(self._run().action_ids.line_ids.asked, 5000)

    def test_23_companies_are_followed_up_apart(self):
        second = self.setup_other_company(name="Second Ltd")["company"]
        self._invoice(10)
        run = self.env["collection.run"].sudo().create({"company_id": second.id, "run_date": self.today})
        run._execute()
        self.assertFalse(run.action_ids)
        self.assertEqual(self._run().action_ids.company_id, self.company)
        self.assertTrue(second.collection_policy_id, "a new company has its own policies")
        self.assertEqual(second.collection_policy_id.company_id, second)

    def test_40_nothing_on_weekends_and_holidays_of_the_customer(self):
        self.policy.quiet_weekends = self.policy.quiet_holidays = True
        self._invoice(10)
        saturday = self.today + timedelta(days=(5 - self.today.weekday()) % 7)
        self.assertFalse(self._run(saturday).action_ids)
        self.assertEqual(self._why(), "quiet_day")
        christmas = saturday.replace(month=12, day=25)
        self.assertFalse(self._run(christmas).action_ids)

    def test_40_a_message_waits_for_contact_hours_where_the_recipient_is(self):
        self.policy.write({"hour_from": 8, "hour_to": 18})
        self.customer.tz = "Asia/Tokyo"
        with freeze_time("2026-11-18 12:00:00"):  # 21:00 in Tokyo
            self.today = self.company._collection_today()
            self._invoice(10)
            action = self._run().action_ids
            self.assertEqual(action.not_before, datetime(2026, 11, 18, 23, 0))

    def test_40_the_cap_counts_across_channels(self):
        self.policy.write({"cap_count": 2, "cap_days": 60, "gap_days": 1})
        self._invoice(0)
        for day in (1, 8, 20):
            self._sent(self._run(day))
        self.assertEqual(self._why(), "cap_reached")

    def test_40_a_pause_ends_by_itself(self):
        self._invoice(10)
        self._profile().write({"paused_until": self.today + timedelta(days=2), "pause_reason": "holiday"})
        self.assertFalse(self._run(2).action_ids)
        self.assertTrue(self._run(3).action_ids)

    def test_37_a_disputed_part_is_not_asked_for_and_the_rest_is(self):
        invoice = self._invoice(10, 100)
        dispute = self.env["collection.dispute"].create({"item_id": self._item(invoice).id, "amount": 30, "reason": "damaged"})
        self.assertEqual(self._run().action_ids.line_ids.asked, 70)
        self.env["collection.action"].search([]).sudo()._stop("by_user", {"user": "x"})
        dispute.amount = 100
        self.assertFalse(self._run().action_ids)
        self.assertEqual(self._why(), "disputed")
        dispute.action_close()
        self.assertFalse(self._run().action_ids, "the clock goes on the day after")
        self.assertEqual(self._run(1).action_ids.line_ids.asked, 100)

    def test_41_a_salesperson_sees_no_receivables(self):
        sales = self.env["res.users"].create({"name": "Sam", "login": "sam.sales", "group_ids": [
            Command.set(self.env.ref("sales_team.group_sale_salesman").ids)]})
        self._invoice(10)
        self._run()
        for model in ("credit.profile", "collection.action", "collection.run"):
            self.assertFalse(self.env[model].with_user(sales).has_access("read"), model)

    def test_43_facts_not_yet_written_to_the_database_are_seen(self):
        invoice = self._invoice(10)
        invoice.no_followup = True
        self.assertFalse(self._run().action_ids)

    def test_44_merged_customers_keep_profile_pause_and_history(self):
        twin = self._customer("Northwind twin", email=self.customer.email)
        self._invoice(10)
        self._invoice(12, partner=twin)
        self._sent(self._run())
        self._profile(twin).write({"paused_until": self.today + timedelta(days=5), "pause_reason": "fair"})
        wizard = self.env["base.partner.merge.automatic.wizard"].sudo().create({})
        wizard._merge((self.customer | twin).ids, self.customer)
        profile = self.env["credit.profile"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(len(profile), 1)
        self.assertEqual(profile.paused_until, self.today + timedelta(days=5))
        self.assertEqual(len(profile.action_ids), 2)

    def test_42_uninstalling_is_refused_while_a_message_leaves(self):
        from ..hooks import _uninstall
        self._invoice(10)
        action = self._run().action_ids
        action.sudo()._transition("checking")
        action.sudo()._transition("sending")
        with self.assertRaises(UserError):
            _uninstall(self.env)

    # ------------------------------------------------------------------ traps that others fell into

    def test_trap_04_an_attempt_that_was_only_a_look_is_not_used_up(self):
        """Held back at the check, a contact has all its attempts left."""
        self._invoice(10)
        action = self._run().action_ids
        self.policy.write({"hour_from": 8, "hour_to": 18})
        with freeze_time("2026-11-18 22:00:00"), self.smtp() as sink:
            for _look in range(8):
                action.not_before = False
                self._perform()
        self.assertFalse(sink.mails)
        self.assertEqual((action.state, action.attempt), ("ready", 0))

    def test_trap_09_the_quiet_days_go_on_when_what_led_the_message_is_paid(self):
        first = self._invoice(30)
        self._invoice(2)
        self._sent(self._run())
        self._pay(first)
        self.assertFalse(self._run(1).action_ids)
        self.assertEqual(self._why(), "too_soon")
        self.assertTrue(self._run(6).action_ids)

    def test_trap_01_one_paid_invoice_of_several_settles_nothing_for_the_others(self):
        invoices = [self._invoice(days) for days in (12, 11, 10)]
        self._sent(self._run())
        self._pay(invoices[-1])
        again = self._run(7).action_ids
        self.assertEqual(set(again.line_ids.mapped("document")), {invoices[0].name, invoices[1].name})
