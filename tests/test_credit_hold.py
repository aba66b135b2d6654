from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .credit import CreditCommon


@tagged("post_install", "-at_install")
class TestCreditHold(CreditCommon):
    """What may be confirmed and posted, what waits, and who lets it go."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = new_test_user(cls.env(su=True), login="seller", groups="sales_team.group_sale_salesman",
                                   company_id=cls.company.id, company_ids=[Command.set(cls.company.ids)])

    # ------------------------------------------------------------------ orders

    def test_an_order_within_the_limit_goes_on(self):
        self._grant(1000)
        order = self._confirmed(1000)
        self.assertEqual((order.state, order.credit_state), ("sale", "passed"))

    def test_an_order_over_the_limit_stays_a_quotation_on_hold(self):
        self._grant(1000)
        order = self._confirmed(1000.01)
        hold = self._hold(order)
        self.assertEqual((order.state, order.credit_state, hold.state), ("draft", "held", "held"))
        self.assertIn("0.01", hold.reason)
        self.assertRecordValues(hold, [{"amount": 1000.01, "exposure": 0, "limit_amount": 1000}])

    def test_confirmed_orders_count_for_the_next_one(self):
        self._grant(1000)
        self._confirmed(600)
        self.assertEqual(self._confirmed(401).credit_state, "held")
        self.assertEqual(self._confirmed(400).credit_state, "passed")

    def test_confirming_several_at_once_lets_through_what_fits(self):
        self._grant(1000)
        orders = self._order(600) | self._order(600) | self._order(400)
        orders.action_confirm()
        self.assertEqual(orders.mapped("state"), ["sale", "draft", "sale"])

    def test_a_held_order_that_is_tried_again_keeps_one_hold(self):
        self._grant(1000)
        order = self._confirmed(1500)
        order.action_confirm()
        self.assertEqual(len(self.env["credit.hold"].search([("order_id", "=", order.id)])), 1)
        self._grant(2000)
        order.action_confirm()
        self.assertEqual((order.state, self._hold(order).state), ("sale", "obsolete"))

    def test_prepayment_holds_every_order_until_it_is_paid(self):
        self._grant(0)
        order = self._confirmed(100)
        self.assertEqual(order.credit_state, "held")
        self.assertIn("in advance", self._hold(order).reason)
        self._on_account(100)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_without_a_limit_nothing_is_too_much(self):
        self.assertEqual(self._confirmed(10**9).state, "sale")

    def test_an_order_in_another_currency_counts_at_its_rate(self):
        self._grant(1000)
        gold = self.setup_other_currency("CAD", rates=[("2020-01-01", 2.0)])
        self.assertEqual(self._confirmed(2000, currency=gold).state, "sale")
        self.assertEqual(self._exposure(), {"orders": 1000})
        self.assertEqual(self._confirmed(0.1, currency=gold).credit_state, "held")

    def test_a_growing_order_is_checked_for_what_it_grows_by(self):
        self._grant(1000)
        order = self._confirmed(800)
        order.order_line.price_unit = 1000
        with self.assertRaisesRegex(UserError, "credit hold"):
            order.order_line.product_uom_qty = 2
        order.order_line.price_unit = 10

    def test_an_order_line_added_later_is_checked_too(self):
        self._grant(1000)
        order = self._confirmed(800)
        with self.assertRaises(UserError):
            self.env["sale.order.line"].create({"order_id": order.id, "product_id": self.product.id, "price_unit": 300, "tax_ids": []})

    def test_nobody_gets_round_the_check_by_writing_the_state(self):
        self._grant(100)
        order = self._order(200)
        with self.assertRaises(UserError):
            order.write({"state": "sale"})
        with self.assertRaises(UserError):
            self._order(200, state="sale")
        with self.assertRaises(AccessError):
            order.with_user(self.seller).write({"credit_state": "passed"})

    def test_a_cancelled_order_is_checked_again_when_it_comes_back(self):
        self._grant(1000)
        order = self._confirmed(900)
        order._action_cancel()
        order.action_draft()
        self._confirmed(900)
        order.action_confirm()
        self.assertEqual((order.state, order.credit_state), ("draft", "held"))

    def test_what_is_paid_online_is_not_held(self):
        self._grant(0)
        order = self._order(100)
        provider = self.env["payment.provider"].sudo().search([("company_id", "in", (False, self.company.id))], limit=1) \
            or self.env["payment.provider"].sudo().search([], limit=1)
        self.env["payment.transaction"].sudo().create({
            "provider_id": provider.id, "payment_method_id": self.env["payment.method"].search([], limit=1).id, "amount": 100.0,
            "currency_id": order.currency_id.id, "partner_id": order.partner_id.id, "reference": "TX1", "state": "authorized",
            "sale_order_ids": [Command.set(order.ids)]})
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_the_check_costs_an_order_at_most_eight_queries(self):
        self._rule("overdue", "hold", days=30)
        self._rule("level", "hold")
        self._grant(10000)
        self._invoice(10, 100)
        counts = {}
        for setting in ("hold", "off", "hold", "off"):  # the first two warm the caches
            self.company.credit_check = setting
            order = self._order(10)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            order.action_confirm()
            self.env.flush_all()
            counts[setting] = self.env.cr.sql_log_count - before
        self.assertLessEqual(counts["hold"] - counts["off"], 8)

    # ------------------------------------------------------------------ other rules

    def test_overdue_holds_by_days_and_share_of_the_limit(self):
        self._rule("overdue", "hold", days=30, share=10)
        self._grant(1000)
        self._invoice(31, 100)
        self.assertEqual(self._confirmed(10).state, "sale", "a tenth of the limit is not more than a tenth")
        late = self._invoice(31, 50)
        order = self._confirmed(10)
        self.assertEqual(order.credit_state, "held")
        self.assertIn("overdue", self._hold(order).reason)
        self._pay(late)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_what_is_contested_or_paid_on_account_is_not_overdue(self):
        self._rule("overdue", "hold", days=5)
        contested = self._invoice(31, 100)
        self.env["collection.dispute"].create({"item_id": self._item(contested).id, "amount": 100, "reason": "broken"})
        self._invoice(20, 70)
        self._on_account(70)
        self.assertEqual(self._confirmed(10).state, "sale")

    def test_a_warning_lets_the_order_go_on(self):
        self._rule("overdue", "warn", days=5)
        self._invoice(10, 100)
        order = self._confirmed(10)
        self.assertEqual((order.state, order.credit_state), ("sale", "warned"))

    def test_an_expired_limit_holds_where_the_rule_says_so(self):
        self._rule("expired", "hold")
        self._grant(1000, date_from=self.today - timedelta(days=9), date_to=self.today - timedelta(days=1))
        self.assertEqual(self._confirmed(10).credit_state, "held")

    def test_a_follow_up_level_holds_orders_until_its_invoice_is_paid(self):
        self._rule("level", "hold")
        self.policy.level_ids.filtered(lambda level: level.offset_days == 1).holds_orders = True
        invoice = self._invoice(3, 100)
        self.assertEqual(self._confirmed(10).state, "sale")
        self._sent(self._run())
        order = self._confirmed(10)
        self.assertEqual(order.credit_state, "held")
        self.assertIn(invoice.name, self._hold(order).way_out)
        self._pay(invoice)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_a_customer_served_no_more_is_stopped_and_nobody_releases(self):
        self._profile().write({"credit_stop": True, "credit_stop_reason": "insolvent"})
        order = self._confirmed(10)
        self.assertEqual(self._hold(order).outcome, "stop")
        self.assertIn("insolvent", self._hold(order).reason)
        with self.assertRaisesRegex(UserError, "only payment helps"):
            self._hold(order)._release("please", self.today)

    def test_a_group_limit_holds_for_all_members_together(self):
        sister = self._customer("Sister")
        self._profile(sister).group_head_id = self._profile()
        self._grant(1000, kind="group")
        self._confirmed(600, partner=sister)
        self.assertEqual(self._confirmed(401).credit_state, "held")
        self.assertEqual(self._confirmed(400).state, "sale")

    def test_a_company_that_only_warns_holds_nothing(self):
        self.company.credit_check = "warn"
        self._grant(10)
        self.assertEqual(self._confirmed(100).credit_state, "warned")
        self.company.credit_check = "off"
        self.assertFalse(self._confirmed(100).credit_state)

    def test_what_we_owe_a_customer_counts_where_the_company_wants_it(self):
        self._grant(100)
        self._invoice(-9, 70, move_type="in_invoice")
        self.assertEqual(self._confirmed(150).credit_state, "held")
        self.company.credit_net_payables = True
        self.assertEqual(self._confirmed(150).state, "sale")
        self.assertEqual(self._exposure(), {"orders": 150, "payables": -70})

    def test_our_own_companies_are_not_checked_unless_asked_for(self):
        sister = self.setup_other_company(name="Sister Ltd")["company"].partner_id
        self._grant(10, partner=sister)
        self.assertEqual(self._confirmed(100, partner=sister).state, "sale")
        self.company.credit_skip_intercompany = False
        self.assertEqual(self._confirmed(100, partner=sister).credit_state, "held")

    # ------------------------------------------------------------------ the way out

    def test_the_hold_names_the_cheapest_way_out(self):
        self._grant(1000)
        self._invoice(-5, 500)
        cheap = self._invoice(-9, 250)
        order = self._confirmed(450)
        way = self._hold(order).way_out
        self.assertIn(cheap.name, way)
        self.assertIn("deposit", way)
        self._pay(cheap)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    # ------------------------------------------------------------------ release

    def test_a_release_needs_a_reason_and_lets_the_order_go_on(self):
        self._grant(1000)
        order = self._confirmed(1500)
        wizard = self.env["credit.release.wizard"].create({"hold_ids": [Command.set(self._hold(order).ids)], "reason": "Prepaid half"})
        wizard.action_release()
        hold = self._hold(order)
        self.assertEqual((order.state, order.credit_state), ("sale", "released"))
        self.assertRecordValues(hold, [{"state": "released", "decision_reason": "Prepaid half", "decided_by": self.env.uid}])

    def test_a_release_ends_with_its_last_day_and_its_amount(self):
        self._grant(1000)
        order = self._confirmed(1500)
        self._hold(order)._release("until tomorrow", self.today + timedelta(days=1))
        order.order_line.price_unit = 1600
        order.action_confirm()
        self.assertEqual(order.state, "draft", "more than was released")
        order.order_line.price_unit = 1500
        with freeze_time(self.today + timedelta(days=2)):
            order.action_confirm()
            self.assertEqual(order.state, "draft", "released until yesterday")

    def test_a_salesperson_releases_nothing_and_sees_no_amount(self):
        self._grant(1000)
        self._invoice(-5, 987)
        order = self._order(500, user_id=self.seller.id)
        answer = order.with_user(self.seller).action_confirm()
        self.assertEqual(answer["tag"], "display_notification")
        sentence = order.with_user(self.seller).credit_sentence
        self.assertIn("credit limit", sentence)
        self.assertNotRegex(sentence + answer["params"]["message"].replace(order.name, ""), r"\d")
        with self.assertRaises(AccessError):
            self._hold(order).with_user(self.seller).action_release()
        with self.assertRaises(AccessError):
            self._hold(order).with_user(self.seller).read(["reason"])

    def test_nobody_releases_more_credit_than_they_may_grant(self):
        self.env["credit.authority"].sudo().search([("company_id", "=", self.company.id)]).unlink()
        self.env["credit.authority"].sudo().create({
            "company_id": self.company.id, "group_id": self.env.ref("account_credit_collection.group_release").id, "amount": 1200})
        self._grant(1000)
        releaser = self._releaser()
        small, large = (self._confirmed(amount, user_id=self.seller.id) for amount in (1100, 1300))
        self._hold(small).with_user(releaser)._release("fine", self.today)
        with self.assertRaisesRegex(UserError, "beyond what you may approve"):
            self._hold(large).with_user(releaser)._release("fine", self.today)

    def _releaser(self):
        return new_test_user(self.env(su=True), login="releaser", groups="account_credit_collection.group_release",
                             company_id=self.company.id, company_ids=[Command.set(self.company.ids)])

    def test_several_holds_are_released_within_the_authority_for_all_of_them(self):
        self.env["credit.authority"].sudo().search([("company_id", "=", self.company.id)]).unlink()
        self.env["credit.authority"].sudo().create({
            "company_id": self.company.id, "group_id": self.env.ref("account_credit_collection.group_release").id, "amount": 5000})
        self._grant(100)
        holds = self.env["credit.hold"].union(*(self._hold(self._confirmed(3000, user_id=self.seller.id)) for _each in range(2)))
        with self.assertRaisesRegex(UserError, "beyond what you may approve"):
            holds.with_user(self._releaser())._release("all of them", self.today)

    def test_who_only_releases_opens_and_releases_a_hold_of_any_document(self):
        self.env["credit.authority"].sudo().create({
            "company_id": self.company.id, "group_id": self.env.ref("account_credit_collection.group_release").id, "amount": 5000})
        self._grant(100)
        invoice = self._invoice(-5, 500, invoice_user_id=self.seller.id)
        order = self._confirmed(500, user_id=self.seller.id)
        releaser = self._releaser()
        for document, state in ((invoice, "posted"), (order, "sale")):
            hold = self._hold(document).with_user(releaser)
            self.assertTrue(hold.document)
            wizard = self.env["credit.release.wizard"].with_user(releaser).create({"hold_ids": [Command.set(hold.ids)], "reason": "fine"})
            wizard.action_release()
            self.assertEqual(document.state, state)

    def test_nothing_is_released_against_a_stop_and_nothing_for_another_customer(self):
        other = self._customer("Prepaying")
        self._grant(0, partner=other)
        self._grant(1000)
        order, second = self._confirmed(1500), self._confirmed(1500)
        for held in (order, second):
            self._hold(held)._release("fine", self.today)
        order.partner_id = other
        order.action_confirm()
        self.assertEqual(order.state, "draft", "released for somebody else")
        self._profile().write({"credit_stop": True, "credit_stop_reason": "insolvent"})
        second.action_confirm()
        self.assertEqual(second.state, "draft", "stopped meanwhile")

    # ------------------------------------------------------------------ ways round the check

    def test_a_check_of_yesterday_opens_nothing_today(self):
        self._grant(1000)
        first = self._confirmed(900)
        first.write({"state": "sent"})
        self._confirmed(900)
        with self.assertRaises(UserError):
            first.write({"state": "sale"})

    def test_an_expired_release_opens_nothing(self):
        self._grant(1000)
        order = self._confirmed(1500)
        self._hold(order)._release("until today", self.today)
        with freeze_time(self.today + timedelta(days=1)), self.assertRaises(UserError):
            order.write({"state": "sale"})

    def test_a_portal_customer_does_not_read_why(self):
        self._profile().write({"credit_stop": True, "credit_stop_reason": "insolvent"})
        order = self._confirmed(10)
        portal = new_test_user(self.env(su=True), login="portal.customer", groups="base.group_portal")
        portal.partner_id.parent_id = self.customer
        order.message_subscribe(portal.partner_id.ids)
        for name in ("credit_state", "credit_note", "credit_sentence"):
            with self.subTest(name), self.assertRaises(AccessError):
                order.with_user(portal).read([name])

    def test_defaults_in_the_context_are_no_way_round(self):
        self._grant(100)
        Order = self.env["sale.order"].with_context(default_credit_state="passed")
        with self.assertRaises(AccessError):
            Order.create({"partner_id": self.customer.id})
        order = self._confirmed(50)
        with self.assertRaises(UserError):
            self.env["sale.order.line"].with_context(default_order_id=order.id).create(
                {"product_id": self.product.id, "price_unit": 9000, "tax_ids": []})

    def test_amounts_and_rates_are_not_written_by_hand(self):
        order = self._order(5000)
        for values in ({"amount_total": 1}, {"currency_rate": 1e9}, {"invoice_status": "invoiced"}):
            with self.subTest(values), self.assertRaises(AccessError):
                order.write(values)

    def test_a_confirmed_order_goes_to_no_customer_without_credit(self):
        other = self._customer("Prepaying")
        self._grant(0, partner=other)
        order = self._confirmed(5000)
        for field in ("partner_id", "partner_invoice_id"):
            with self.subTest(field), self.assertRaises(UserError):
                order.write({field: other.id})

    def test_a_line_moved_or_measured_anew_is_checked(self):
        self._grant(1000)
        order, draft = self._confirmed(500, quantity=1), self._order(900)
        with self.assertRaises(UserError):
            draft.order_line.write({"order_id": order.id})
        with self.assertRaises(UserError):
            order.order_line.write({"product_uom_id": self.env.ref("uom.product_uom_dozen").id, "price_unit": 6000})

    def test_a_far_delivery_moved_near_is_checked(self):
        self.company.credit_horizon_days = 30
        self._grant(1000)
        order = self._confirmed(5000, commitment_date=f"{self.today + timedelta(days=60)} 12:00:00")
        self.assertEqual(order.state, "sale")
        with self.assertRaises(UserError):
            order.commitment_date = f"{self.today + timedelta(days=1)} 12:00:00"

    def test_an_invoice_is_covered_by_its_order_only_as_far_as_that_goes(self):
        self._grant(100)
        for change, expected in (
                (lambda invoice: invoice.invoice_line_ids.write({"quantity": 1}), "posted"),
                (lambda invoice: invoice.invoice_line_ids.write({"quantity": 1000}), "draft"),
                (lambda invoice: invoice.invoice_line_ids.write({"price_unit": 9999}), "draft")):
            order = self._confirmed(50)
            invoice = order._create_invoices()
            change(invoice)
            invoice.action_post()
            with self.subTest(expected):
                self.assertEqual(invoice.state, expected)
            (invoice.button_draft() if invoice.state == "posted" else None)
            invoice.button_cancel()
            order._action_cancel()

    def test_an_invoice_posted_by_writing_its_state_is_refused(self):
        self._grant(100)
        invoice = self._invoice(-5, 500, post=False)
        with self.assertRaises(UserError):
            invoice.write({"state": "posted"})

    def test_money_received_and_booked_counts_once(self):
        self._grant(600)
        order = self._order(1500)
        payment = self._on_account(500)
        provider = self.env["payment.provider"].sudo().search([], limit=1)
        self.env["payment.transaction"].sudo().create({
            "provider_id": provider.id, "payment_method_id": self.env["payment.method"].search([], limit=1).id, "amount": 500.0,
            "currency_id": order.currency_id.id, "partner_id": order.partner_id.id, "reference": "TX2", "state": "done",
            "payment_id": payment.id, "sale_order_ids": [Command.set(order.ids)]})
        order.action_confirm()
        self.assertEqual(order.credit_state, "held")

    def test_a_hold_is_settled_when_its_document_is_cancelled_or_deleted(self):
        self._grant(100)
        invoice, order = self._invoice(-5, 500), self._confirmed(500)
        invoice_hold, order_hold = self._hold(invoice), self._hold(order)
        name = order.name
        invoice.button_cancel()
        order.unlink()
        self.assertEqual((invoice_hold.state, order_hold.state), ("obsolete", "obsolete"))
        self.assertIn(name, order_hold.display_name)

    def test_a_users_branch_confirms_by_the_settings_of_the_root(self):
        branch = self.env["res.company"].sudo().create({"name": "Branch", "parent_id": self.company.id})
        clerk = new_test_user(self.env(su=True), login="clerk", groups="sales_team.group_sale_salesman_all_leads",
                              company_id=branch.id, company_ids=[Command.set(branch.ids)])
        self._grant(1000)
        self.product.company_id = False
        order = self.env["sale.order"].with_user(clerk).with_company(branch).create({
            "partner_id": self.customer.id, "company_id": branch.id,
            "order_line": [Command.create({"product_id": self.product.id, "price_unit": 5000, "tax_ids": []})]})
        order.action_confirm()
        self.assertEqual((order.state, order.credit_state), ("draft", "held"))

    # ------------------------------------------------------------------ invoices

    def test_an_invoice_over_the_limit_stays_a_draft(self):
        self._grant(1000)
        invoice = self._invoice(-30, 1001)
        self.assertEqual((invoice.state, invoice.credit_state), ("draft", "held"))
        self._hold(invoice)._release("agreed", self.today)
        invoice.action_post()
        self.assertEqual((invoice.state, invoice.credit_state), ("posted", "released"))

    def test_the_invoice_of_a_confirmed_order_is_not_held_again(self):
        self._grant(1000)
        order = self._confirmed(1000)
        invoice = order._create_invoices()
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")

    def test_credit_notes_are_never_held(self):
        self._grant(0)
        self._profile().credit_stop = True
        note = self._invoice(0, 100, move_type="out_refund")
        self.assertEqual(note.state, "posted")

    def test_vendor_bills_and_other_entries_are_not_looked_at(self):
        self._grant(0)
        bill = self._invoice(0, 100, move_type="in_invoice")
        self.assertEqual(bill.state, "posted")

    def test_a_batch_of_invoices_posts_what_fits(self):
        self._grant(1000)
        moves = self._invoice(-5, 600, post=False) | self._invoice(-5, 600, post=False) | self._invoice(-5, 300, post=False)
        moves.action_post()
        self.assertEqual(sorted(moves.mapped("state")), ["draft", "posted", "posted"])


@tagged("post_install", "-at_install")
class TestExposure(CreditCommon):
    """Every document counts once, in the right currency and company."""

    def test_formula_f1_on_real_documents(self):
        self.company.credit_horizon_days = 30
        self._invoice(-10, 8000)
        self._on_account(500)
        order = self._confirmed(1200)
        order.order_line.qty_delivered = 1
        self._confirmed(3300)
        self._confirmed(1700, commitment_date=f"{self.today + timedelta(days=60)} 12:00:00")
        self._grant(10000)
        self._grant(15000, kind="temporary", date_to=self.today)
        profile = self._profile()
        self.assertEqual(self._exposure(), {"receivable": 8000, "credits": -500, "deliveries": 1200, "orders": 3300})
        self.assertEqual((profile.exposure, profile.available), (12000, 3000))

    def test_an_order_is_followed_to_its_payment_without_counting_twice(self):
        order = self._confirmed(1000)
        self.assertEqual(self._exposure(), {"orders": 1000})
        order.order_line.qty_delivered = 1
        self.assertEqual(self._exposure(), {"deliveries": 1000})
        invoice = order._create_invoices()
        self.assertEqual(self._exposure(), {"deliveries": 1000}, "a draft is still the order's")
        invoice.invoice_date_due = self.today + timedelta(days=30)
        invoice.action_post()
        self.assertEqual(self._exposure(), {"receivable": 1000})
        self._pay(invoice)
        self.assertEqual(self._exposure(), {})

    def test_a_down_payment_is_taken_off_its_order(self):
        order = self._confirmed(1000)
        wizard = self.env["sale.advance.payment.inv"].with_context(active_model="sale.order", active_ids=order.ids).create(
            {"advance_payment_method": "percentage", "amount": 30})
        deposit = wizard._create_invoices(order)
        deposit.action_post()
        self.assertEqual(self._exposure(), {"receivable": 300, "orders": 700})
        self._pay(deposit)
        self.assertEqual(self._exposure(), {"orders": 700})
        order._create_invoices(final=True).action_post()
        self.assertEqual(self._exposure(), {"receivable": 700})

    def test_a_part_invoice_leaves_the_rest_of_the_order(self):
        order = self._confirmed(100, quantity=10)
        invoice = order._create_invoices()
        invoice.invoice_line_ids.quantity = 4
        invoice.action_post()
        self.assertEqual(self._exposure(), {"receivable": 400, "orders": 600})

    def test_what_is_still_to_come_counts_at_its_own_price(self):
        order = self._order(50, quantity=10)
        self.env["sale.order.line"].create({"order_id": order.id, "product_id": self.product.id, "product_uom_qty": 1, "price_unit": 400,
                                            "tax_ids": []})
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.invoice_line_ids.filtered(lambda line: line.price_unit == 400).unlink()
        invoice.invoice_line_ids.price_unit = 90
        invoice.action_post()
        self.assertEqual(self._exposure(), {"receivable": 900, "orders": 400})

    def test_goods_taken_back_and_credited_leave_nothing_behind(self):
        order = self._confirmed(100, quantity=5)
        invoice = order._create_invoices()
        invoice.action_post()
        self.env["account.move.reversal"].with_context(active_model="account.move", active_ids=invoice.ids).create(
            {"journal_id": invoice.journal_id.id}).reverse_moves()
        note = order.invoice_ids - invoice
        note.action_post()
        order.order_line.product_uom_qty = 0
        self.assertEqual(sum(self._exposure().values()), 0)

    def test_drafts_count_where_the_company_wants_them(self):
        self._invoice(-10, 300, post=False)
        self.assertEqual(self._exposure(), {})
        self.company.credit_count_drafts = True
        self.assertEqual(self._exposure(), {"drafts": 300})

    def test_a_draft_just_being_posted_does_not_count_twice(self):
        self.company.credit_count_drafts = True
        self._grant(500)
        self.assertEqual(self._invoice(-10, 500).state, "posted")

    def test_contacts_and_delivery_addresses_count_for_their_customer(self):
        contact = self.env["res.partner"].create({"name": "Shop", "parent_id": self.customer.id, "type": "delivery"})
        self._confirmed(250, partner=contact)
        self.assertEqual(self._exposure(), {"orders": 250})

    def test_three_currencies_and_two_companies_agree_with_the_ledger_to_the_cent(self):
        second = self.setup_other_company(name="Second Ltd")["company"]
        cad = self.setup_other_currency("CAD", rates=[("2020-01-01", 1.37)])
        gbp = self.setup_other_currency("GBP", rates=[("2020-01-01", 0.83)])
        for amount, currency in ((1000.01, None), (333.33, cad), (77.77, gbp)):
            self._invoice(-10, amount, currency=currency)
        part = self._invoice(5, 200.02, currency=cad)
        self._pay(part, 50.01)
        self._invoice(0, 12.34, move_type="out_refund", currency=gbp)
        elsewhere = self.env["account.move"].with_company(second).create({
            "move_type": "out_invoice", "partner_id": self.customer.id, "company_id": second.id, "invoice_date": self.today,
            "invoice_line_ids": [Command.create({"name": "x", "price_unit": 55.55, "tax_ids": []})]})
        elsewhere.action_post()
        for company in (self.company, second):
            with self.subTest(company.name):
                lines = self.env["account.move.line"].search([
                    ("account_id.account_type", "=", "asset_receivable"), ("parent_state", "=", "posted"),
                    ("partner_id", "=", self.customer.id), ("company_id", "=", company.id)])
                profile = self.env["credit.profile"].sudo()._ensure(company, self.customer).sudo()
                self.assertAlmostEqual(profile.exposure, sum(lines.mapped("amount_residual")), places=2)
                self.assertAlmostEqual(profile.exposure, sum(lines.mapped("balance")), places=2)
        self.assertNotEqual(self._profile().exposure, 0)
