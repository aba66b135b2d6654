import hashlib
import io
from datetime import timedelta

from odoo.fields import Command
from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger
from odoo.tools.misc import hash_sign
from odoo.tools.pdf import PdfFileReader

from .agreement import AgreementCase

HEADERS = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex", "X-Content-Type-Options": "nosniff",
           "X-Frame-Options": "DENY"}
STEPS = ("", "document", "evidence", "pay")


@tagged("post_install", "-at_install")
class TestAgreementPage(AgreementCase):
    """The page of a payment plan: read, accepted, followed."""

    def test_says_what_is_agreed(self):
        plan = self._plan()
        page = self._get(self._path(plan))
        words = self._words(page)
        self.assertEqual(page.status_code, 200)
        for said in (plan.name, "Northwind", "$ 5,000.00 for 3 invoices", "in 5 parts", "The plan costs nothing extra", "more than 14 days late", *(
                invoice.name for invoice in self.invoices)):
            self.assertIn(said, words)
        self.assertEqual(words.count("$ 1,000.00"), 5, "a fifth down and four equal parts")
        self.assertLessEqual(HEADERS.items(), dict(page.headers).items())
        self.assertIn("form-action 'self'", page.headers["Content-Security-Policy"])

    def test_accepted_with_evidence(self):
        plan = self._plan()
        shown = plan.document_hash
        answer = self._accept(plan)
        self.assertEqual(answer.status_code, 303)
        self.assertRecordValues(plan, [{"state": "active", "accepted_name": "Ada Miller", "accepted_ip": "127.0.0.1", "accepted_how": "portal",
                                        "document_hash": shown}])
        self.assertIn("python", plan.accepted_agent)
        words = self._words(self._get(self._path(plan)))
        self.assertIn("Accepted by Ada Miller", words)
        self.assertIn("$ 0.00 of $ 5,000.00 paid", words)
        self.assertNotIn("accepted_name", self._get(self._path(plan)).text)
        self.assertEqual(hashlib.sha256(self._get(self._path(plan, "document")).content).hexdigest(), shown, "the very file")
        self.assertEqual(self._get(self._path(plan, "evidence")).status_code, 200)

    def test_second_acceptance_changes_nothing(self):
        plan = self._plan()
        self._accept(plan)
        before = plan.read(["accepted_name", "accepted_on", "accepted_ip", "document_hash", "write_date"])
        self.assertEqual(self._accept(plan, accepted_name="Eve").status_code, 303)
        plan.invalidate_recordset()
        self.assertEqual(plan.read(["accepted_name", "accepted_on", "accepted_ip", "document_hash", "write_date"]), before)

    def test_reading_acts_on_nothing(self):
        plan, offer = self._plan(self.invoices[0]), self._offer(*self.invoices[1:], amount=1000.0)
        self.assertEqual(self._get(self._path(plan, "accept")).status_code, 405, "a mail scanner follows links")
        for record in (plan, offer):
            for step in STEPS:
                self._get(self._path(record, step))
            self.assertEqual((record.state, len(self._transactions(record))), ("offered", 0))

    def test_acceptance_must_be_whole(self):
        plan = self._plan()
        for why, values in {"no name": {"accepted_name": ""}, "spaces": {"accepted_name": "  "}, "no tick": {"agreed": None},
                            "other file": {"hash": "0" * 64}, "no file": {"hash": None}, "two ticks": {"agreed": "2"}}.items():
            with self.subTest(why):
                answer = self._accept(plan, **values)
                self.assertEqual(answer.status_code, 400)
                self.assertEqual(plan.state, "offered")
        with mute_logger("odoo.http", "odoo.addons.account_credit_collection.controllers.forms"):
            self.assertEqual(self._accept(plan, csrf=False).status_code, 400, "a form of another site")
            self.assertEqual(self._accept(plan, state="active").status_code, 400, "a field that it has not")
        self.assertEqual(plan.state, "offered")

    def test_changed_file_is_not_accepted(self):
        plan = self._plan()
        self.env["ir.attachment"].sudo().search([
            ("res_model", "=", plan._name), ("res_field", "=", "document_file"), ("res_id", "=", plan.id)]).raw = b"%PDF-1.4 other"
        self.assertEqual(self._get(self._path(plan, "document")).status_code, 404)
        answer = self._accept(plan)
        self.assertEqual((answer.status_code, plan.state), (400, "offered"))
        self.assertIn("its file was changed", self._words(answer))

    def test_offer_made_anew_needs_another_look(self):
        plan = self._plan()
        old = plan.document_hash
        plan._transition("lapsed")
        self.patch(type(plan), "_render", lambda *_args: b"%PDF-1.4 anew")
        plan.action_offer()
        self.assertNotEqual(plan.document_hash, old)
        self.assertEqual(self._accept(plan, hash=old).status_code, 400)
        self.assertEqual(self._accept(plan).status_code, 303)

    def test_what_is_over_has_a_plain_page(self):
        late, gone, broken = (self._plan(invoice) for invoice in self.invoices)
        late.accept_until = self.today - timedelta(days=1)
        gone._cancel("Another one")
        broken._accept("Ada", "", "", broken.document_hash)
        broken._transition("defaulted")
        for plan, said in ((late, "This offer has run out"), (gone, "does not apply any more"), (broken, "everything that is still open is due now")):
            page = self._get(self._path(plan))
            self.assertIn(said, self._words(page))
            self.assertNotIn("accepted_name", page.text)
            self.assertIn("ar@seller.example", page.text)
        self.assertEqual(self._accept(late).status_code, 303)
        self.assertEqual(late.state, "offered", "too late")
        self.assertEqual([plan._pay_choices() for plan in (late, gone)], [[], []])
        self.assertEqual([choice[2] for choice in broken._pay_choices()], [1200.0])

    def test_no_page_before_it_is_offered(self):
        self.assertEqual(self._get(self._path(self._plan(offer=False))).status_code, 404)

    def test_no_other_link_opens_it(self):
        plan, other = self._plan(self.invoices[0]), self._plan(self._invoice(9, 77.0, partner=self.other), partner=self.other)
        offer = self._offer(*self.invoices[1:], amount=1000.0)
        good, own = plan._link_token(), [plan.id, plan.link_epoch]
        tokens = {
            "another customer's": other._link_token(), "of an offer": offer._link_token(), "other scope": self._token("other", own),
            "revoked": self._token(plan._link_scope, [plan.id, plan.link_epoch - 1]), "expired": self._token(plan._link_scope, own, -1), "half": good[:60],
            "spelled": good[:-1] + ("B" if good[-1] == "A" else "A"), "padded": good + "="}
        for why, token in tokens.items():
            with self.subTest(why):
                for step in STEPS:
                    self.assertEqual(self._get(self._path(plan, step, token)).status_code, 404)
                self.assertEqual(self._accept(plan, self._path(plan, token=token)).status_code, 404)
        self.assertEqual(self._get(self._path(offer, token=good)).status_code, 404)
        self.assertEqual(self._get(f"/collections/plan/{other.id}/{good}").status_code, 404)
        plan._link_revoke()
        self.assertEqual(self._get(self._path(plan, token=good)).status_code, 404)
        self.assertEqual((plan.state, other.state), ("offered", "offered"))

    def _token(self, scope, values, hours=1):
        return hash_sign(self.env(su=True), scope, values, expiration=timedelta(hours=hours))

    def test_names_stay_text(self):
        self.customer.name = "<script>alert(1)</script>"
        plan = self._plan()
        plan.line_ids[:1].document = "<b>x</b>"
        for step in ("", "pay"):
            text = self._get(self._path(plan, step)).text
            self.assertNotIn("<script>alert", text)
            self.assertNotIn("<b>x", text)

    def test_speaks_the_language_of_its_reader(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        plan = self._plan()
        self.opener.cookies["frontend_lang"] = "fr_FR"
        page = self.url_open(self._path(plan))
        self.assertIn('lang="fr-FR"', page.text)
        self.assertIn("5 000,00", self._words(page).replace("\u202f", " "))

    def test_paper_is_made_once_and_holds_all(self):
        plan = self._plan(real=True)
        raw = plan._document_raw()
        self.assertEqual(hashlib.sha256(raw).hexdigest(), plan.document_hash)
        text = " ".join(page.extract_text() for page in PdfFileReader(io.BytesIO(raw)).pages)
        for said in (plan.name, "Northwind", "5,000.00", *(invoice.name for invoice in self.invoices)):
            self.assertIn(said, text)
        plan.mailed_on = False  # as if it were tomorrow
        plan.action_resend()
        self.assertEqual(plan._document_raw(), raw)
        self.assertEqual((plan.offered_to, plan.action_print()["url"].partition("?")[0]), (
            "northwind@customer.example", f"/web/content/collection.plan/{plan.id}/document_file"))
        plan._accept("Ada Miller", "203.0.113.9", "Firefox", plan.document_hash)
        record = " ".join(page.extract_text() for page in PdfFileReader(io.BytesIO(plan._evidence_raw())).pages)
        for said in ("Ada Miller", "203.0.113.9", "Firefox", plan.document_hash[:16]):
            self.assertIn(said, record)


@tagged("post_install", "-at_install")
class TestAgreementPay(AgreementCase):
    """Plans and offers paid online: what is offered, what is taken, and to which invoices it goes."""

    def test_choices_are_what_the_plan_says(self):
        plan = self._active()
        self.assertEqual([(code, amount) for code, _label, amount in plan._pay_choices()], [("next", 1000.0), ("all", 5000.0)])
        plan.installment_ids.sorted("number")[:2].due = self.today - timedelta(days=1)
        self.assertEqual([(code, amount) for code, _label, amount in plan._pay_choices()], [("next", 1000.0), ("due", 2000.0), ("all", 5000.0)])
        form = self._form(plan, "due")
        self.assertEqual((form["amount"], form["partner-id"], form["landing-route"]), ("2000.0", str(self.customer.id), self._landing(form)))

    def test_provider_may_know_the_site_and_not_the_page(self):
        """A provider's form and script lead elsewhere, and some look where a visitor comes from."""
        headers = self._get(self._path(self._active(), "pay")).headers
        self.assertLessEqual({**HEADERS, "Referrer-Policy": "strict-origin"}.items(), dict(headers).items())
        self.assertNotIn("form-action", headers["Content-Security-Policy"])
        self.assertIn("frame-ancestors 'none'", headers["Content-Security-Policy"])

    def _landing(self, form):
        return form["transaction-route"].partition("/transaction")[0]

    def test_a_part_pays_the_oldest_first(self):
        plan = self._active()
        first = self._pay_online(plan, "next")
        self.assertRecordValues(first, [{"amount": 1000.0, "partner_id": self.customer.id, "currency_id": self.company.currency_id.id}])
        self.assertEqual(self._left(), [1000.0, 1800.0, 1200.0])
        self._pay_online(plan, "next")
        self.assertEqual(self._left(), [0.0, 1800.0, 1200.0])
        self.assertEqual(plan.installment_ids.sorted("number").mapped("state"), ["paid", "paid", "open", "open", "open"])
        words = self._words(self._get(self._path(plan)))
        self.assertIn("$ 2,000.00 of $ 5,000.00 paid", words)

    def test_everything_finishes_it(self):
        plan = self._active()
        self._pay_online(plan, "all")
        self.assertEqual((plan.state, self._left()), ("finished", [0.0, 0.0, 0.0]))
        self.assertIn("Thank you, everything is paid", self._words(self._get(self._path(plan))))
        self.assertIn("nothing to pay", self._words(self._get(self._path(plan, "pay"))))

    def test_a_payment_goes_in_our_order(self):
        plan = self._active()
        self.patch(type(plan), "_pay_items", lambda plan: plan.line_ids.item_id.sorted("date_maturity", reverse=True))
        self._pay_online(plan, "next")
        self.assertEqual(self._left(), [2000.0, 1800.0, 200.0])

    def test_contacts_of_the_customer_are_paid_together(self):
        branch = self._customer("Northwind Branch", parent_id=self.customer.id, is_company=False)
        invoice = self._invoice(60, 500.0, partner=branch)
        plan = self._active(self.invoices[0], invoice)
        self._pay_online(plan, "all")
        self.assertEqual((invoice.amount_residual, self.invoices[0].amount_residual), (0.0, 0.0))

    def test_offer_is_taken_by_its_payment(self):
        offer = self._offer()
        words = self._words(self._get(self._path(offer)))
        for said in ("$ 5,000.00", "$ 3,000.00", "$ 2,000.00"):
            self.assertIn(said, words)
        self._pay_online(offer, "offer")
        self.assertEqual(offer.state, "taken")
        self.assertIn("Thank you, everything is paid", self._words(self._get(self._path(offer))))
        self.assertEqual(offer._pay_choices(), [])

    def test_offer_that_is_over_has_a_plain_page(self):
        late, gone = self._offer(self.invoices[0], amount=1000.0), self._offer(self.invoices[1], amount=1000.0)
        late.until = self.today - timedelta(days=1)
        gone._withdraw("Too much")
        for offer, said in ((late, "This offer has run out"), (gone, "does not apply any more")):
            self.assertIn(said, self._words(self._get(self._path(offer))))

    def test_first_payment_accepts_where_agreed(self):
        plan = self._plan()
        self.assertEqual(plan._pay_choices(), [], "first accepted, then paid")
        plan.activates_on_payment = True
        self.assertEqual([(code, amount) for code, _label, amount in plan._pay_choices()], [("next", 1000.0)])
        self.assertIn("Pay the first part", self._words(self._get(self._path(plan))))
        self._pay_online(plan, "next")
        self._profile()._refresh(self.company, self.today)
        self.assertRecordValues(plan, [{"state": "active", "accepted_how": "payment", "paid_amount": 1000.0}])

    def test_plan_is_paid_off_without_the_interest_to_come(self):
        """5,000 at 12 % a year: whoever pays all of it on the first day owes the 25 of fee besides, and no interest."""
        plan = self._active(annual_rate=12.0, fee_amount=25.0)
        self.assertEqual(plan._pay_choice("all")[2], 5025.0)
        self.assertTrue(plan._pay_open() > 5100)
        self._pay_online(plan, "all")
        self.assertIn("Thank you, everything is paid", self._words(self._get(self._path(plan))))
        self.assertEqual(plan._pay_choices(), [])
        self._profile()._refresh(self.company, self.today)
        self.assertRecordValues(plan, [{"state": "finished", "open_amount": 0.0}])

    # ------------------------------------------------------------------ what is not taken

    def _refused(self, form, **values):
        with self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
            self._begin(form, **values)

    def test_only_what_the_page_offered(self):
        plan, other = self._active(self.invoices[0]), self._active(self._invoice(9, 77.0, partner=self.other), partner=self.other)
        form = self._form(plan, "next")
        whole, foreign = self._form(plan, "all"), self._form(other, "next")
        base = self._landing(form)
        for why, values in {
                "less": {"amount": 1.0}, "more": {"amount": 4000.0}, "negative": {"amount": -400.0}, "stamp": {"access_token": "x"}, "no stamp": {"access_token": None},
                "stamp of another choice": {"access_token": whole["access-token"]}, "stamp of another plan": {"access_token": foreign["access-token"]},
                "saved card": {"flow": "token", "token_id": 1}, "another method": {"payment_method_id": self.method.id + 100000},
                "another provider": {"provider_id": self.provider.id + 100000}, "validation": {"is_validation": True},
                "foreign values": {"partner_id": self.other.id}, "another currency": {"currency_id": self.env.ref("base.EUR").id}}.items():
            with self.subTest(why):
                self._refused(form, **values)
        for why, route in {
                "unknown choice": f"{base}/transaction/none", "another plan": self._path(other, "transaction/next", plan._link_token()),
                "half a token": self._path(plan, "transaction/next", "x" * 70)}.items():
            with self.subTest(why):
                self._refused({**form, "transaction-route": route})
        self.provider.is_published = False
        self._refused(form)
        self.assertFalse(self._transactions(plan) | self._transactions(other))

    def test_double_click_is_one_payment(self):
        plan = self._active()
        form = self._form(plan, "next")
        self.assertEqual(self._begin(form)["reference"], self._begin(form)["reference"])
        self.assertEqual(len(self._transactions(plan)), 1)

    def test_a_page_is_paid_once(self):
        plan = self._active()
        form = self._form(plan, "next")
        self._pay_online(plan, "next")
        self._refused(form)  # a reload, another tab: the amount is the same, the part is not
        self.assertEqual((len(self._transactions(plan)), self._left()), (1, [1000.0, 1800.0, 1200.0]))

    def test_what_is_on_its_way_is_not_asked_for_again(self):
        plan = self._active()
        form = self._form(plan, "next")
        self._pay_online(plan, "next", "pending")
        self._refused(form)
        self.assertEqual([(code, amount) for code, _label, amount in plan._pay_choices()], [("all", 4000.0)])
        for step in ("", "pay"):
            self.assertIn("A payment of $ 1,000.00 is on its way", self._words(self._get(self._path(plan, step))))
        self.assertNotIn("Next part", self._words(self._get(self._path(plan))))
        self.assertIsNone(self._form(plan, "next"), "who asks for a part is not shown the whole instead")
        offer = self._offer(self._invoice(5, 500.0), amount=400.0)
        self._pay_online(offer, "offer", "pending")
        self.assertEqual(offer._pay_choices(), [])

    def test_payment_that_waits_for_the_bank_is_on_its_way(self):
        """With the accounting app, and without an account for money on its way, there is no entry before the bank statement comes."""
        self.patch(type(self.env["account.move"]), "_get_invoice_in_payment_state", lambda *_args: "in_payment")
        self.provider.journal_id.inbound_payment_method_line_ids.filtered(lambda line: line.payment_provider_id == self.provider).payment_account_id = False
        plan = self._active()
        self.assertFalse(self._pay_online(plan, "next").payment_id.move_id)
        self.assertEqual((plan.paid_amount, self._left()), (0.0, [2000.0, 1800.0, 1200.0]))
        self.assertEqual([(code, amount) for code, _label, amount in plan._pay_choices()], [("all", 4000.0)])

    def test_failed_payment_can_be_made_again(self):
        plan = self._active()
        for state in ("cancel", "error"):
            self._pay_online(plan, "next", state)
        self._pay_online(plan, "next")
        self.assertEqual(self._left(), [1000.0, 1800.0, 1200.0])

    def test_never_more_than_is_open(self):
        plan = self._active()
        self._pay(self.invoices[0])
        self._pay(self.invoices[1])
        self._pay(self.invoices[2], 900.0)
        self.assertEqual([(code, amount) for code, _label, amount in plan._pay_choices()], [("next", 300.0)])

    def test_without_a_provider_the_bank_account_is_shown(self):
        self.provider.is_published = False
        self.company_data["default_journal_bank"].bank_account_id = self.env["res.partner.bank"].create({
            "acc_number": "BE15001559627230", "partner_id": self.company.partner_id.id})
        plan = self._active()
        page = self._get(self._path(plan, "pay"))
        self.assertNotIn("o_payment_form", page.text)
        self.assertIn("BE15001559627230", page.text.replace(" ", ""))
        self.assertIn(plan.name, self._words(page))

    def test_payment_of_something_else_is_left_to_core(self):
        plan = self._active()
        transaction = self.env["payment.transaction"].sudo().create({
            "provider_id": self.provider.id, "payment_method_id": self.method.id, "amount": 1200.0, "currency_id": self.company.currency_id.id,
            "partner_id": self.customer.id, "reference": "elsewhere", "operation": "online_direct", "invoice_ids": [Command.set(self.invoices[2].ids)]})
        transaction._set_done()
        transaction._post_process()
        self.assertEqual(self._left(), [2000.0, 1800.0, 0.0])
        self.assertEqual(plan.paid_amount, 1200.0)


@tagged("post_install", "-at_install", "browser")
class TestAgreementBrowser(AgreementCase):
    """Accepted and paid in a real browser, without a login."""

    def test_accept_a_plan_and_pay_its_first_part(self):
        plan = self._plan()
        self.start_tour(self._path(plan), "agreement_plan")
        self.assertRecordValues(plan, [{"state": "active", "accepted_name": "Ada Miller", "paid_amount": 1000.0}])
        self.assertIn("Chrome", plan.accepted_agent)

    def test_take_an_offer(self):
        offer = self._offer()
        self.start_tour(self._path(offer), "agreement_offer")
        self.assertEqual(offer.state, "taken")


@tagged("post_install", "-at_install", "browser")
class TestAgreementTelephone(TestAgreementBrowser):
    """The same on a telephone."""

    browser_size = "390x844"
    touch_enabled = True
    allow_inherited_tests_method = True
