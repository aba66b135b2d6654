from datetime import date, timedelta

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import CollectionCommon

DAY = timedelta(days=1)
THREE = [(10, 2.0), (20, 1.0)]  # 2/10 1/20 n/30


class DiscountCase(CollectionCommon):
    """A customer on 2/10 1/20 n/30, and the verbs of discounts."""

    def _terms(self, tiers=THREE, days=30, mode="tiers", **values):
        return self.env["account.payment.term"].create({
            "name": "2/10 1/20 n/30", "early_discount": True, "discount_mode": mode, "company_id": self.company.id,
            "early_pay_discount_computation": "included",
            "tier_ids": [Command.create({"days": day, "percent": percent}) for day, percent in tiers] if mode == "tiers" else [],
            "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": days})], **values})

    def _vat(self, percent=21.0):
        return self.env["account.tax"].create({"name": f"{percent} %", "amount": percent, "type_tax_use": "sale", "company_id": self.company.id})

    def _billed(self, term=None, amount=10000.0, ago=0, tax=None, **values):
        """A posted invoice of some days ago on terms with discounts."""
        day = self.today - ago * DAY
        line = {"name": "Goods", "quantity": 1, "price_unit": amount, "tax_ids": [Command.set(tax.ids if tax else [])],
                "account_id": self.company_data["default_account_revenue"].id}
        return self._invoice(0, invoice_payment_term_id=(term or self._terms()).id, invoice_date=day, date=day, invoice_line_ids=[Command.create(line)], **values)

    def _shown(self, invoice):
        """What core's fields show: (days after the invoice, amount to pay)."""
        item = self._item(invoice)
        return (item.discount_date - invoice.invoice_date).days if item.discount_date else None, item.discount_amount_currency

    def _night(self, days=0):
        self._profile()._refresh(self.company, self.today + days * DAY)


@tagged("post_install", "-at_install")
class TestDiscountTerms(DiscountCase):
    """Payment terms with several discounts, a falling one, or a rate a year."""

    def test_core_shows_the_best_of_them(self):
        for values, expected in (({}, (2.0, 10)), ({"tiers": [(5, 3.0), (20, 1.5)]}, (3.0, 5)),
                                 ({"mode": "slide", "discount_slide_percent": 2, "discount_slide_first": 10, "discount_slide_last": 30}, (2.0, 10)),
                                 ({"mode": "annual", "discount_annual_percent": 12}, (0.953425, 1))):  # 12 × 29 / 365
            with self.subTest(values):
                term = self._terms(**values)
                self.assertEqual((term.discount_percentage, term.discount_days), expected)
        term = self._terms()
        term.tier_ids[0].percent = 2.5
        self.assertEqual(term.discount_percentage, 2.5)
        term.tier_ids[0].unlink()
        self.assertEqual((term.discount_percentage, term.discount_days), (1.0, 20))

    def test_a_copy_has_its_own_discounts(self):
        term = self._terms()
        other = term.copy()
        self.assertEqual(other.tier_ids.mapped(lambda tier: (tier.days, tier.percent)), THREE)
        self.assertFalse(other.tier_ids & term.tier_ids)

    def test_what_makes_no_sense_is_refused_in_words(self):
        for values, said in (
                ({"tiers": []}, "add at least one"), ({"tiers": [(10, 1.0), (20, 2.0)]}, "2 % within 20 days cannot follow 1 %"),
                ({"tiers": [(10, 2.0), (10, 1.0)]}, "cannot follow"), ({"tiers": [(10, 2.0), (31, 1.0)]}, "until day 31"),
                ({"tiers": [(23, 2.0)], "discount_working_days": True}, "until day 23"), ({"discount_grace_days": -1}, "grace"),
                ({"mode": "slide", "discount_slide_last": 31}, "until day 31"), ({"mode": "slide", "discount_slide_first": 30}, "ends after"),
                ({"mode": "slide", "discount_slide_percent": 0}, "at first"), ({"mode": "annual", "days": 1}, "two days"),
                ({"mode": "annual", "discount_annual_percent": 0}, "more than 0 %")):
            with self.subTest(said), self.assertRaisesRegex(ValidationError, said):
                self._terms(**values)
        self._terms([(10, 2.0), (30, 1.0)])
        self._terms([(20, 2.0)], discount_working_days=True)

    def test_days_and_percents_change_places_in_one_go(self):
        term = self._terms()
        first, second = term.tier_ids
        term.write({"tier_ids": [Command.update(first.id, {"days": 25, "percent": 0.5}), Command.update(second.id, {"days": 5, "percent": 3.0})]})
        self.assertEqual((term.discount_percentage, term.discount_days), (3.0, 5))

    def test_the_example_says_what_waiting_costs(self):
        """F-10: 2/98 × 365/20 = 37.24 % a year; 1/99 × 365/10 = 36.87 %."""
        term = self._terms()
        term.example_date = date(2026, 3, 18)
        text = str(term.example_preview_discount).replace("&nbsp;", " ")
        for part in ("980.00", "03/28/2026", "37.24 %", "990.00", "04/07/2026", "36.87 %"):
            self.assertIn(part, text)
        slide = self._terms(mode="slide")
        slide.example_date = date(2026, 3, 18)
        self.assertIn("nothing from 04/17/2026 on", slide.example_preview_discount)

    def test_the_form(self):
        with Form(self.env["account.payment.term"]) as form:
            form.name = "3/7 n/30"
            form.early_discount = True
            form.discount_mode = "tiers"
            with form.line_ids.edit(0) as line:
                line.nb_days = 30
            with form.tier_ids.new() as tier:
                tier.days, tier.percent = 7, 3
            self.assertIn("970.00", form.example_preview_discount)
        self.assertEqual((form.record.discount_percentage, form.record.discount_days), (3.0, 7))


@tagged("post_install", "-at_install")
class TestDiscountOnInvoice(DiscountCase):
    """What an invoice grants: shown in core's fields as the days go by, whatever becomes of its terms."""

    def test_the_discount_in_force_is_the_one_shown(self):
        for ago, expected in ((0, (10, 9800)), (8, (10, 9800)), (10, (10, 9800)), (11, (20, 9900)), (15, (20, 9900)), (20, (20, 9900))):
            with self.subTest(days=ago):
                self.assertEqual(self._shown(self._billed(ago=ago)), expected)

    def test_every_night_it_moves_on(self):
        invoice = self._billed()
        for days, expected in ((10, (10, 9800)), (11, (20, 9900)), (20, (20, 9900)), (21, (20, 9900))):
            self._night(days)
            self.assertEqual(self._shown(invoice), expected, days)
        self.assertEqual(self._item(invoice).discount_balance, 9900)

    def test_slide_and_rate_a_year(self):
        """F-10: day 15 of 2 % falling from day 10 to 30 is 1.5 %; 12 % a year, 20 days early on 10,000 is 65.75."""
        slide = self._billed(self._terms(mode="slide"))
        annual = self._billed(self._terms(mode="annual"))
        for days, falling, yearly in ((5, 9800, 9917.81), (10, 9800, 9934.25), (15, 9850, 9950.68), (18, 9880, 9960.55), (25, 9950, 9983.56)):
            self._night(days)
            self.assertEqual((self._shown(slide)[1], self._shown(annual)[1]), (falling, yearly), days)
            self.assertEqual(self._shown(annual)[0], days)

    def test_terms_edited_later_move_nothing(self):
        term = self._terms()
        invoice = self._billed(term)
        term.tier_ids[0].percent = 5
        term.tier_ids[1].unlink()
        self._night(11)
        self.assertEqual(self._shown(invoice), (20, 9900))
        term.discount_mode = "core"
        self._night(5)
        self.assertEqual(self._shown(invoice), (10, 9800))
        self.assertEqual(self._shown(self._billed(term))[1], 9500)

    def test_posted_anew_it_has_the_terms_of_that_day(self):
        term = self._terms()
        invoice = self._billed(term)
        invoice.button_draft()
        term.tier_ids[0].percent = 3
        invoice.action_post()
        self.assertEqual(self._shown(invoice), (10, 9700))
        invoice.button_draft()
        term.early_discount = False
        invoice.action_post()
        self.assertFalse(invoice.discount_terms)

    def test_working_days_leave_out_weekends_and_holidays(self):
        """10 working days after Wednesday 18 March 2026 are Wednesday 1 April; with the 27th off, Thursday the 2nd."""
        self.company.country_id = self.env.ref("base.us")
        term = self._terms(discount_working_days=True)
        day = date(2026, 3, 18)
        self.assertEqual(self._billed(term, ago=(self.today - day).days).discount_terms["tiers"], [[14, "2.0"], [28, "1.0"]])
        draft = self._invoice(0, 100, invoice_payment_term_id=term.id, invoice_date=day, post=False)
        self.assertEqual(self._item(draft).discount_date, date(2026, 4, 1))
        self.company.resource_calendar_id = self.env["resource.calendar"].create({"name": "Week", "company_id": self.company.id, "tz": "Europe/Brussels"})
        self.env["resource.calendar.leaves"].create({
            "name": "Day off", "calendar_id": self.company.resource_calendar_id.id, "company_id": self.company.id,
            "date_from": "2026-03-26 23:00:00", "date_to": "2026-03-27 22:59:59"})
        self.assertEqual(self._billed(term, ago=(self.today - day).days).discount_terms["tiers"][0], [15, "2.0"])

    def test_grace_is_not_told(self):
        invoice = self._billed(self._terms(discount_grace_days=2), ago=11)
        self.assertEqual(self._shown(invoice), (20, 9900))
        self.assertNotIn("9,800", invoice.discount_text)
        self.assertEqual(invoice._get_invoice_next_payment_values()["amount_due"], 9900)

    def test_currencies_of_no_and_of_three_decimals(self):
        yen = self.setup_other_currency("JPY", rates=[("1900-01-01", 150.0)])
        dinar = self.setup_other_currency("KWD", rates=[("1900-01-01", 0.3)])
        self.env.ref("product.decimal_price").digits = 3
        invoice = self._billed(amount=10025.0, currency=yen)  # 10,025 × 0.98 = 9,824.5 → 9,825; 66.83 × 0.98 = 65.49
        self.assertEqual((self._shown(invoice)[1], self._item(invoice).discount_balance), (9825, 65.49))
        invoice = self._billed(amount=10.001, currency=dinar)  # 10.001 × 0.98 = 9.80098 → 9.801; 33.34 × 0.98 = 32.67
        self.assertEqual((self._shown(invoice)[1], self._item(invoice).discount_balance), (9.801, 32.67))

    def test_bills_credit_notes_and_core_terms_are_cores(self):
        term = self._terms()
        for kind in ("in_invoice", "out_refund"):
            move = self._billed(term, move_type=kind)
            self.assertFalse(move.discount_terms)
        bill = self._billed(term, move_type="in_invoice")
        line = bill.line_ids.filtered(lambda line: line.display_type == "payment_term")
        self.assertEqual((line.discount_date, line.discount_amount_currency), (bill.invoice_date + 10 * DAY, -9800))
        self.assertFalse(self._billed(self._terms(mode="core")).discount_terms)

    def test_nobody_writes_the_terms_by_hand(self):
        invoice = self._billed()
        user = self.env["res.users"].search([("id", "=", self.env.uid)])
        with self.assertRaises(AccessError):
            invoice.with_user(user).write({"discount_terms": {"tiers": [[90, "50"]]}})

    def test_in_words_on_the_invoice(self):
        lines = self._billed(self._terms(), ago=0).discount_text.splitlines()
        self.assertEqual(len(lines), 2)
        self.assertRegex(lines[0], r"9,800\.00.* saving .*200\.00")
        self.assertRegex(lines[1], r"9,900\.00.* saving .*100\.00")
        self.assertEqual(len(self._billed(ago=15).discount_text.splitlines()), 1)
        self.assertFalse(self._billed(ago=25).discount_text)

    def test_the_paper_says_all_that_are_possible(self):
        def printed(invoice):
            return self.env["ir.actions.report"]._render_qweb_html("account.report_invoice", invoice.ids)[0].decode()

        self.assertIn("9,900.00", printed(self._billed()))
        self.assertIn("9,800.00", printed(self._billed()))
        self.assertNotIn("9,800.00", printed(self._billed(ago=15)))
        self.assertIn("due if paid before", printed(self._billed(self._terms(mode="core"))))

    def test_the_portal_asks_for_what_is_to_be_paid_today(self):
        for ago, due, told in ((8, 9800, 2), (15, 9900, 1)):
            values = self._billed(ago=ago)._get_invoice_next_payment_values()
            self.assertEqual((values["installment_state"], values["amount_due"], values["next_amount_to_pay"]), ("epd", due, 10000))
            self.assertEqual(values["epd_discount_msg"].count("if paid until"), told)
        values = self._billed(ago=25)._get_invoice_next_payment_values()
        self.assertEqual((values["installment_state"], values["amount_due"]), (None, 10000))

    def test_reminders_before_the_due_date_say_what_paying_early_saves(self):
        invoice = self._billed(self._terms([(3, 2.0), (28, 1.0)]), ago=24)
        action = self._run().action_ids
        self.assertRegex(str(action.items_table), r"Pay .*9,900\.00.* saving .*100\.00")
        self.assertEqual(action._statements()[action][0]["items"][0]["discount"][0], 9900)
        self._pay(invoice, 100)
        self.assertNotIn("saving", str(action.with_context(lang="en_US").items_table or ""))

    # ------------------------------------------------------------------ refused

    def test_nobody_is_refused_unless_set(self):
        self._invoice(40, 500)
        self.assertFalse(self._billed().discount_refusal)

    def test_who_is_overdue_gets_none(self):
        self.company.write({"collection_discount_refuse_overdue": True, "collection_discount_overdue": 100})
        invoice = self._billed(ago=5)
        late = self._invoice(40, 100)
        self.assertFalse(invoice.discount_refusal, "100 is not more than 100")
        more = self._invoice(40, 0.01)
        invoice.invalidate_recordset(["discount_refusal", "discount_text"])
        self.assertIn("100.01", invoice.discount_refusal)
        self.assertFalse(invoice.discount_text)
        self._night()
        self.assertEqual(self._shown(invoice), (None, 0))
        self.assertFalse(invoice._is_eligible_for_early_payment_discount(invoice.currency_id, self.today))
        self._pay(late + more)
        self._night()
        self.assertEqual(self._shown(invoice), (10, 9800))

    def test_disputed_invoices_and_broken_plans(self):
        self.company.collection_discount_disputed = True
        invoice, other = self._billed(), self._billed()
        self.env["collection.dispute"].create({
            "item_id": self._item(invoice).id, "amount": 50,
            "reason_id": self.env["collection.dispute.reason"].search([], limit=1).id})
        self.assertIn("disputed", invoice.discount_refusal)
        self.assertFalse(other.discount_refusal)
        self.company.collection_discount_defaulted = True
        late = self._invoice(40, 300)
        self.env["collection.plan"].sudo().create({
            "name": "PLAN/1", "profile_id": self._profile().id, "currency_id": self.company.currency_id.id, "state": "defaulted", "made_on": self.today,
            "made_by": self.env.uid, "first_on": self.today, "line_ids": [Command.create({"item_id": self._item(late).id, "document": late.name, "due": self._due(40), "amount": 300})]})
        other.invalidate_recordset(["discount_refusal"])
        self.assertIn("payment plan", other.discount_refusal)
        self._pay(late)
        other.invalidate_recordset(["discount_refusal"])
        self.assertFalse(other.discount_refusal)

    # ------------------------------------------------------------------ cost

    def test_a_night_takes_the_same_queries_for_two_invoices_and_for_twenty(self):
        self.company.write({"collection_discount_refuse_overdue": True, "collection_discount_disputed": True})
        term, counts = self._terms(), []
        for number in (2, 18):
            for _each in range(number):
                self._billed(term)
            ids = self.env["collection.reader"]._read_discounted(self.company, self.customer.ids)
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["account.move.line"].browse(ids)._follow_discounts(self.today + 11 * DAY)
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual({self._shown(move) for move in self.env["account.move.line"].browse(ids).move_id}, {(20, 9900)})
            self.env["account.move.line"].browse(ids)._follow_discounts(self.today)
        self.assertEqual(counts[0], counts[1])

    def test_posting_other_invoices_costs_nothing_more(self):
        invoice = self._invoice(0, 100, invoice_payment_term_id=self.env.ref("account.account_payment_term_30days").id)
        with self.assertQueryCount(0):
            invoice._agree_discounts()
