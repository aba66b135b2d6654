from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.base.models.ir_http import IrHttp

from .checkout import CheckoutCase


@tagged("post_install", "-at_install")
class TestCheckoutMoney(CheckoutCase):
    """Nobody pays twice, no credit is taken twice, and what was asked for is what is settled."""

    def _contest(self, invoice, amount):
        reason = self.env["collection.dispute.reason"].search([], limit=1)
        return self.env["collection.dispute"].create({"item_id": self._item(invoice).id, "amount": amount, "reason_id": reason.id})

    def _arrives(self, transaction):
        self._as(None)
        transaction._set_done()
        transaction._post_process()
        self.env.invalidate_all()

    def _elsewhere(self, **values):
        """A payment of the first invoice that was made on another page."""
        return self.env["payment.transaction"].sudo().create({
            "provider_id": self.provider.id, "payment_method_id": self.method.id, "reference": "ELSEWHERE", "amount": 200.0, "partner_id": self.customer.id,
            "currency_id": self.company.currency_id.id, "invoice_ids": [Command.set(self.invoices[0].ids)], **values})

    def _places(self, items):
        """Where the rows lie: a row that is written lies elsewhere from then on."""
        self.env.flush_all()
        self.env.cr.execute("SELECT id, ctid::text FROM account_move_line WHERE id IN %s", [tuple(items.ids)])
        return dict(self.env.cr.fetchall())

    # ------------------------------------------------------------------ twice

    def test_who_begins_writes_what_it_pays(self):
        """Two windows that begin at the same moment do not see each other: the rows in common turn one away, so they have to be written."""
        credit = self._item(self._invoice(3, 30.0, move_type="out_refund"))
        items = self.env["account.move.line"].concat(*map(self._item, self.invoices))
        checkout = self._choose(*self.invoices[:2])
        before = self._places(items + credit)
        checkout._prepare_transaction("net", checkout._pay_stamp("net", 350.0))
        after = self._places(items + credit)
        self.assertEqual({item for item in before if before[item] != after[item]}, set((items[:2] + credit).ids))

    def test_begun_elsewhere(self):
        """On core's page of the invoice, for example."""
        checkout = self._choose(self.invoices[0])
        other = self._elsewhere()
        with self.assertRaisesRegex(UserError, "another window"):
            checkout._prepare_transaction("all", checkout._pay_stamp("all", 200.0))
        other._set_canceled()
        self.assertEqual(checkout._prepare_transaction("all", checkout._pay_stamp("all", 200.0))["amount"], 200.0)

    def test_a_transfer_that_was_announced_is_no_payment(self):
        wire = self.env["payment.provider"].sudo().search([("code", "=", "custom")], limit=1) or self.provider.copy({"code": "none", "state": "disabled"})
        announced, old = self._elsewhere(provider_id=wire.id, state="pending"), self._elsewhere(reference="OLD", state="pending")
        rows = self.env["collection.reader"]._read_items(self.company, self.customer.ids)
        transit = lambda: self.env["collection.reader"]._read_transit([row for row in rows if row.residual > 0])  # noqa: E731
        self.assertEqual(transit(), {self._item(self.invoices[0]).id: 200})
        self.env.cr.execute("UPDATE payment_transaction SET create_date = %s WHERE id = %s", [fields.Datetime.now() - timedelta(days=11), old.id])
        self.env.invalidate_all()
        self.assertEqual((transit(), announced.state, old.state), ({}, "pending", "pending"))
        self.assertEqual(self._choices(self._choose(self.invoices[0])), [("all", 200.0)])

    # ------------------------------------------------------------------ credits

    def test_a_credit_is_taken_once(self):
        """A credit of 30: 200 are paid with 170; while those are on their way, 180 are 180."""
        self._invoice(3, 30.0, move_type="out_refund")
        first, second = self._choose(self.invoices[0]), self._choose(self.invoices[1])
        self.assertEqual(self._choices(second), [("net", 150.0), ("all", 180.0)])
        taken = self._pay_online("net", state="pending", where=self._link(f"/pay/{first.id}"))
        self.assertEqual(self._choices(second), [("all", 180.0)])
        self._as(None)
        other = self._pay_online(state="pending", where=self._link(f"/pay/{second.id}"))
        self._arrives(other)
        self._arrives(taken)
        self.assertEqual(self._left(), [0.0, 0.0, 120.0])

    def test_what_was_begun_is_what_is_settled(self):
        """170 less the credit, left for a while; then all is begun in another window, and the first one arrives."""
        self._invoice(3, 30.0, move_type="out_refund")
        self._choose(self.invoices[0])
        begun = self._begin(self._form(choice="net"))
        transaction = self.env["payment.transaction"].sudo().search([("reference", "=", begun["reference"])])
        self.env.cr.execute("UPDATE payment_transaction SET create_date = create_date - interval '11 minutes' WHERE id = %s", [transaction.id])
        self.env.invalidate_all()
        self._as(None)
        self._begin(self._form(choice="all"))
        self._arrives(transaction)
        self.assertEqual((transaction.amount, self._left()[0]), (170.0, 0.0))

    def test_a_credit_is_promised_once_among_payments_of_one_choice(self):
        """300 less 20 contested and 120 less 100, a credit of 50: 230 and 20 are paid, nothing but what is contested stays open."""
        self._invoice(3, 50.0, move_type="out_refund")
        self._contest(self.invoices[0], 20.0)
        self._contest(self.invoices[2], 100.0)
        first = self._choose(self.invoices[0], self.invoices[2])
        self.assertEqual([self._choices(one) for one in first._together()], [[("net", 130.0), ("all", 180.0)], [("all", 20.0)]])
        for one in first._together():
            self._pay_online(where=self._link(f"/pay/{one.id}"))
        self.assertEqual(self._left(), [20.0, 180.0, 100.0])

    def test_who_has_a_credit_need_not_pay(self):
        self._invoice(3, 300.0, move_type="out_refund")
        self._choose(self.invoices[2])
        self.assertIn("You need not pay: we set it off for you.", self._words(self._get(self.where)))
        self.assertIsNone(self._form())
        self.assertIsNotNone(self._form(choice="all"), "who wants to, pays all the same")
        self._choose(self.invoices[2])
        tasks = self._profile().sudo().activity_ids.filtered(lambda task: task.summary and "Set off the credit" in task.summary)
        self.assertEqual(tasks.mapped("summary"), [f"Set off the credit of $\xa0120.00 against {self.invoices[2].name}"])

    # ------------------------------------------------------------------ contested after the choice

    def test_contested_after_the_choice(self):
        """Of 200 and 180 then 50 and 30 are contested: this payment leaves the 50 open, the other invoice is chosen anew."""
        checkout = self._choose(*self.invoices[:2])
        disputes = [self._contest(self.invoices[0], 50.0), self._contest(self.invoices[1], 30.0)]
        self.assertEqual(self._choices(checkout), [("all", 150.0)])
        self.assertIn("please choose it on your account again", self._words(self._get(self.where)))
        self._pay_online()
        self.assertEqual((self._left(), [one.state for one in disputes]), ([50.0, 180.0, 120.0], ["open", "open"]))

    def test_contested_while_at_the_provider(self):
        """380 were asked for and are paid: each invoice gets what was asked of it."""
        self._choose(*self.invoices[:2])
        begun = self._begin(self._form())
        self._contest(self.invoices[0], 50.0)
        self._arrives(self.env["payment.transaction"].sudo().search([("reference", "=", begun["reference"])]))
        self.assertEqual(self._left(), [0.0, 0.0, 120.0])

    # ------------------------------------------------------------------ parts

    def test_another_part_while_one_is_on_its_way(self):
        self._choose(self.invoices[0], amount="40")
        self._pay_online(state="pending")
        self.assertEqual(self._choices(self._choose(self.invoices[0], amount="30")), [("part", 30.0)])
        self.assertEqual(self._choices(self._choose(self.invoices[0], amount="190")), [("part", 160.0)])
        self.assertIn("It is less than the amount that you wrote", self._words(self._get(self.where)))

    def test_no_part_of_what_is_contested(self):
        self._contest(self.invoices[0], 130.0)
        answer = self._tick(self.invoices[0], amount="100")
        self.assertEqual(answer.status_code, 303, "the page that it was typed on is not known")
        self.assertFalse(self.env["collection.checkout"].search_count([("profile_id", "=", self._profile().id)]))

    # ------------------------------------------------------------------ the page

    def test_no_captcha_before_paying(self):
        """The forms that lead to the payment have no captcha, so none is asked for; all others have one."""
        with patch.object(IrHttp, "_verify_request_recaptcha_token", side_effect=UserError("no captcha")):
            self.assertEqual(self._tick(self.invoices[0]).status_code, 303)
            self.assertNotEqual(self._post(self._link("/plan"), {}).status_code, 303)

    def test_a_form_has_the_captcha_that_its_route_asks_for(self):
        """With a captcha switched on, a form without one could not be sent at all."""
        views = self.env["ir.ui.view"].sudo().search([("type", "=", "qweb"), ("key", "like", "account_credit_collection.")])
        forms = [form for view in views for form in view._get_combined_arch().iter("form") if form.get("method") == "post" and not form.get("data-captcha")]
        actions = [form.get("t-attf-action") or form.get("t-att-action") or "greeting" for form in forms]  # that one is posted to where it is
        plain = {action.rpartition("/")[2] for action in actions}
        self.assertEqual(plain, {"greeting", "pay", "upload", "remove", "withdraw", "decline"})
        for rule in self.env["ir.http"].routing_map().iter_rules():
            path, _slash, action = rule.rule.rpartition("/")
            if action in plain and "POST" in (rule.methods or ()) and (action == "pay" or path.startswith("/credit")):
                self.assertNotIn("captcha", rule.endpoint.routing, rule.rule)

    def test_a_transfer_names_the_invoices(self):
        checkout = self._choose(*self.invoices[:2])
        self.assertEqual(checkout._pay_reference(), f"{self.invoices[0].name}, {self.invoices[1].name}, {checkout.name}")

    def test_a_branch_is_paid_into_the_account_above(self):
        bank = self.env["res.partner.bank"].create({"acc_number": "BE15001559627230", "partner_id": self.company.partner_id.id})
        self.company_data["default_journal_bank"].bank_account_id = bank
        branch = self.env["res.company"].sudo().create({"name": "Branch", "parent_id": self.company.id})
        checkout = self._choose(self.invoices[0])
        checkout.company_id = branch
        self.assertEqual(checkout._pay_bank_account(), bank)

    def test_the_session_keeps_the_last_few_addresses(self):
        from odoo.addons.account_credit_collection.controllers import pay
        session = {}
        with patch.object(pay, "request", type("Request", (), {"session": session})):
            for number in range(15):
                pay.keep_path("paid", str(number), f"/{number}")
        self.assertEqual(list(session["paid"]), [str(number) for number in range(5, 15)])
