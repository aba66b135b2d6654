from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .test_settlement import SettlementCommon


@tagged("post_install", "-at_install")
class TestSettlementDialog(SettlementCommon):
    """The dialog tells at once what is given up, the least to accept, and whether it may be."""

    def _dialog(self, user=None, partner=None):
        Wizard = self.env["collection.settlement.wizard"].with_user(user or self.env.user)
        return Form(Wizard.with_context(default_profile_id=self._profile(partner).id))

    def test_what_is_overdue_with_its_charges_is_proposed(self):
        late, bill, later = self._invoice(182, 10000), self._charge(200), self._invoice(-20, 500)
        with self._dialog() as form:
            self.assertEqual(form.item_ids[:], self._item(late) + self._item(bill))
            self.assertEqual((form.principal, form.charges, form.debt, form.amount), (10000, 200, 10200, 10000))
            self.assertEqual((form.waived, form.discount), (200, 0))
            form.amount = 5100
            self.assertEqual((form.percent, form.waived, form.discount), (50, 200, 4900))
            form.percent = 25
            self.assertEqual(form.amount, 2550)
            self.assertTrue(form.below_floor)
            self.assertIn("say why", form.verdict)
            form.reason = "Insolvency is near"
            form.item_ids.add(self._item(later))
            self.assertEqual((form.debt, form.amount), (10700, 10500), "begins anew")

    def test_a_collector_is_told_before_pressing(self):
        self._invoice(182, 10000)
        form = self._dialog(self.collector)
        form.amount = 3294.43
        self.assertIn("It may be offered", form.verdict)
        form.amount = 3294.42
        self.assertIn("a credit manager has to approve", form.verdict)
        form.reason = "The customer called"
        action = form.save().action_offer()
        offer = self.env["collection.settlement"].browse(action["res_id"])
        self.assertRecordValues(offer, [{"state": "to_approve", "reason": "The customer called", "made_by": self.collector.id}])

    def test_a_draft_is_kept(self):
        self._invoice(182, 10000)
        form = self._dialog()
        form.amount = 9000
        offer = self.env["collection.settlement"].browse(form.save().action_draft()["res_id"])
        self.assertEqual(offer.state, "draft")
        self.assertFalse(self.env["mail.mail"].sudo().search([("subject", "like", offer.name)]))

    def test_ten_working_days(self):
        self._invoice(182, 10000)
        days = (self._dialog().until - self.today).days
        self.assertGreaterEqual(days, 14)
        self.assertLessEqual(days, 21, "holidays lengthen it")
        self.company.collection_settlement_max_days = 7
        self.assertEqual((self._dialog().until - self.today).days, 7)

    def test_nobody_looks_at_another_ones_customer_with_it(self):
        own = new_test_user(self.env(su=True), login="narrow", company_id=self.company.id, company_ids=self.company.ids,
                            groups="account_credit_collection.group_collector,account_credit_collection.group_own_portfolio")
        self._invoice(182, 10000)
        with self.assertRaises(AccessError):
            self._dialog(own)

    def test_the_decision_dialog_asks_why(self):
        offer = self._offer(self._invoice(182, 10000), amount=9000)
        action = offer.with_user(self.collector).action_withdraw()
        form = Form(self.env[action["res_model"]].with_user(self.collector).with_context(**action["context"]))
        form.reason = "The customer goes to court"
        form.save().action_decide()
        self.assertEqual(offer.state, "withdrawn")

    def test_the_profile_and_the_settings_show_it(self):
        offer = self._offer(self._invoice(182, 10000), amount=9000)
        profile = self._profile()
        self.assertIn("9,000.00", profile.settlement_text)
        with Form(profile) as form:
            self.assertIn("9,000.00", form.settlement_text)
        self.assertEqual(profile.action_settlement()["context"]["default_profile_id"], profile.id)
        with Form(offer) as form:
            self.assertEqual(form.floor, 3294.43)

    def test_what_is_paid_online(self):
        invoice, bill = self._invoice(182, 10000), self._charge(200)
        offer = self._offer(invoice, bill, amount=9000)
        self.assertEqual([(code, amount) for code, _label, amount in offer.sudo()._pay_choices()], [("offer", 9000)])
        self.assertEqual(list(offer._pay_moves()), [invoice, bill], "invoices first, so that charges are left to be waived")
        self._pay(invoice, 1000)
        self.assertEqual([amount for _code, _label, amount in offer.sudo()._pay_choices()], [8000])
        self._night(self._due(-11))
        self.assertEqual([(code, amount) for code, _label, amount in offer.sudo()._pay_choices()], [("all", 9200)])

    def test_refused_without_invoices(self):
        form = self._dialog()
        form.amount = 5
        with self.assertRaises(UserError):
            form.save().action_offer()
