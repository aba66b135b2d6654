from datetime import timedelta
from unittest.mock import patch

import pytz
from freezegun import freeze_time

from odoo import SUPERUSER_ID
from odoo.tests import JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

from .agreement import AgreementCase


@tagged("post_install", "-at_install")
class TestAgreementDay(AgreementCase):
    """Online payments are dated where the company is."""

    def _paid_at(self, moment, timezone, company_day):
        with freeze_time(moment), patch.object(type(self.company), "_collection_timezone", lambda *_args: pytz.timezone(timezone)):
            self.assertEqual(str(self.company._collection_today()), company_day)
            offer = self.env["collection.settlement"]._make(
                self._profile(), self._item(self.invoices[0]), 1500.0, self.company._collection_today() + timedelta(days=5), "A clear end")
            offer.action_offer()
            offer = offer.sudo()
            transaction = self.env["payment.transaction"].sudo().create({
                "provider_id": self.provider.id, "payment_method_id": self.method.id, "amount": 1500.0, "currency_id": offer.currency_id.id,
                "partner_id": self.customer.id, "reference": timezone, "operation": "online_direct", **offer._prepare_transaction_values()})
            transaction._set_done()
            transaction._post_process()
            self.assertEqual(str(transaction.payment_id.date), company_day)
            self.assertEqual(offer.state, "taken")

    def test_the_morning_in_tokyo(self):
        self._blank("collection.settlement")
        self._paid_at("2026-11-22 23:30:00", "Asia/Tokyo", "2026-11-23")

    def test_the_evening_in_los_angeles(self):
        self._blank("collection.settlement")
        self._paid_at("2026-11-23 03:30:00", "America/Los_Angeles", "2026-11-22")


@tagged("post_install", "-at_install")
class TestAgreementLinks(AgreementCase):
    """The link is the customer's alone."""

    def test_staff_do_not_find_the_link_in_the_payment(self):
        plan = self._active()
        token = self._path(plan).rpartition("/")[2]
        transaction = self._pay_online(plan, "next")
        self.assertEqual(transaction.landing_route, f"/collections/plan/{plan.id}/paid")
        for name, field in transaction._fields.items():
            if field.store and field.type in ("char", "text", "html"):
                self.assertNotIn(token[:40], transaction[name] or "", name)
        landed = self._get(transaction.landing_route)
        self.assertEqual((landed.status_code, landed.headers["Location"].partition("/collections")[2].rpartition("/")[0]), (303, f"/plan/{plan.id}"))
        self.authenticate(None, None)
        self.assertEqual(self._get(transaction.landing_route).status_code, 404, "another visitor")

    def test_nobody_of_us_accepts_for_the_customer(self):
        plan = self._plan()
        new_test_user(self.env(su=True), login="eager collector", password="eager collector", company_id=self.company.id,
                      company_ids=self.company.ids, groups="account_credit_collection.group_collector")
        self.authenticate("eager collector", "eager collector")
        answer = self._accept(plan)
        self.assertEqual((answer.status_code, plan.state), (400, "offered"))
        self.assertIn("You are logged in as", self._words(answer))
        self.authenticate(None, None)
        self.assertEqual(self._accept(plan).status_code, 303)

    def test_nobody_of_us_pays_for_the_customer(self):
        plan = self._active()
        form = self._form(plan, "next")
        new_test_user(self.env(su=True), login="eager payer", password="eager payer", company_id=self.company.id,
                      company_ids=self.company.ids, groups="account_credit_collection.group_collector")
        self.authenticate("eager payer", "eager payer")
        page = self._get(self._path(plan, "pay"))
        self.assertNotIn("o_payment_form", page.text)
        self.assertIn("Only the customer pays here", self._words(page))
        with self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
            self._begin(form)
        self.assertFalse(self._transactions(plan))
        self.authenticate(None, None)
        self.assertTrue(self._begin(self._form(plan, "next"))["reference"])

    def test_the_bill_of_an_acceptance_is_the_systems(self):
        plan = self._plan(fee_amount=25.0, annual_rate=12.0)
        self._accept(plan)
        self.assertEqual(plan.charge_id.move_id.create_uid.id, SUPERUSER_ID)

    def test_a_forged_plan_is_not_mailed(self):
        plan = self._plan()
        self.env["ir.attachment"].sudo().search([
            ("res_model", "=", plan._name), ("res_field", "=", "document_file"), ("res_id", "=", plan.id)]).raw = b"%PDF-1.4 other"
        for method in ("_document_raw", "_download"):
            with self.assertRaisesRegex(Exception, "somebody changed it"):
                getattr(plan, method)()

    def test_every_page_says_its_language(self):
        self.assertIn('lang="en-US"', self._get("/collections/plan/1/x").text)


@tagged("post_install", "-at_install")
class TestAgreementTwice(AgreementCase):
    """One debt is paid once."""

    def _refused(self, form, why, **values):
        with self.assertRaises(JsonRpcException) as caught, mute_logger("odoo.http"):
            self._begin(form, **values)
        self.assertIn(why, str(caught.exception))

    def test_another_window_waits(self):
        offer = self._offer(amount=3000.0)
        self._begin(self._form(offer))
        self._begin(self._form(offer))
        self.authenticate(None, None)
        self._refused(self._form(offer), "odoo.exceptions.UserError")
        begun = self._transactions(offer)
        self.assertEqual(len(begun), 1)
        self.env.cr.execute("UPDATE payment_transaction SET create_date = create_date - interval '11 minutes' WHERE id = %s", begun.ids)
        self._begin(self._form(offer))
        self.assertEqual(len(self._transactions(offer)), 2)

    def test_an_amount_that_is_none(self):
        self._refused(self._form(self._active(), "next"), "odoo.exceptions.UserError", amount="x")
