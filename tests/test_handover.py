from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .handover import GROUP, HandoverCommon


@tagged("post_install", "-at_install")
class TestHandoverByRule(HandoverCommon):
    """What the night proposes."""

    def setUp(self):
        super().setUp()
        self.env["collection.handover.rule"].search([]).active = False
        self.rule = self.env["collection.handover.rule"].create({
            "name": "Old", "company_id": self.company.id, "age_days": 90, "levels": 0, "amount_from": 500, "agency_id": self.agency.id})

    def _look(self, partner=None):
        profile = self._profile(partner)
        profile._refresh(self.company, self.today)
        return profile.handover_ids

    def test_an_old_debt_is_proposed_once(self):
        old, young = self._invoice(120, 600), self._invoice(20, 900)
        record = self._look()
        self.assertRecordValues(record, [{"state": "proposed", "agency_id": self.agency.id, "claim": 600, "proposed_by": False}])
        self.assertEqual(record.line_ids.item_id, self._item(old))
        self.assertIn("120 days late", record.why)
        self.assertNotIn(young.name, record.subject)
        self.assertEqual(len(self._look()), 1, "the next night finds it proposed")
        task = self._profile().activity_ids.filtered(lambda one: one.summary and record.name in one.summary)
        self.assertEqual(len(task), 1)

    def test_what_is_disputed_promised_or_below_the_amount_stays(self):
        invoice = self._invoice(120, 600)
        dispute = self.env["collection.dispute"].create({"item_id": self._item(invoice).id, "amount": 150})
        self.assertFalse(self._look(), "450.00 are left")
        dispute.sudo()._clear(150, "rejected")
        self._promise(invoice, in_days=5)
        self.assertFalse(self._look())

    def test_what_a_person_cancelled_is_not_proposed_again(self):
        self._invoice(120, 600)
        record = self._look()
        record._cancel("They pay on Friday")
        self.assertEqual(len(self._look()), 1)

    def test_levels_reached(self):
        """Levels at day 1, 8 and 20 after due; one at a time, so one reminder is one level."""
        invoice = self._invoice(120, 600)
        self.rule.levels = 2
        self._sent(self._run())
        self.assertFalse(self._look())
        self._sent(self._run(10))
        self.assertEqual(self._look().line_ids.item_id, self._item(invoice))

    def test_an_agency_of_another_country_is_left_to_the_person(self):
        self.agency.country_ids = self.env.ref("base.fr")
        self._invoice(120, 600)
        record = self._look()
        self.assertFalse(record.agency_id)
        with self.assertRaisesRegex(UserError, "does not collect in Belgium"):
            record._approve(self.agency, 0, None)

    def test_a_fixed_number_of_queries(self):
        """As many for twenty customers that are looked at as for two; proposals are few, and cost each."""
        def customers(count):
            partners = [self._customer(f"Debtor {count} {number}") for number in range(count)]
            for partner in partners:
                self._invoice(120, 100, partner)  # below the amount: looked at, not proposed
            profiles = self.env["credit.profile"].union(*(self._profile(partner) for partner in partners))
            profiles._refresh(self.company, self.today)
            self.env.invalidate_all()
            return profiles
        few, many = customers(2), customers(20)
        Handover = self.env["collection.handover"]
        Handover._propose_by_rules(few, self.company, self.today)  # warm
        counts = []
        for profiles in (few, many):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            Handover._propose_by_rules(profiles, self.company, self.today)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)


@tagged("post_install", "-at_install")
class TestHandoverSteps(HandoverCommon):
    """Who may do what, when, and what follows."""

    def test_nobody_approves_the_own_proposal(self):
        record = self._proposed(self._invoice(120, 600), user=self.env.user)
        with self.assertRaisesRegex(UserError, "asked for this yourself"):
            record._approve(self.agency, 0, None)
        with self.assertRaises(AccessError):
            record.with_user(self.collector)._approve(self.agency, 0, None)
        other = new_test_user(self.env, "second_manager", f"base.group_user,{GROUP}manager", company_id=self.company.id)
        record.with_user(other)._approve(self.agency, 0, None)
        self.assertEqual((record.state, record.approved_by), ("approved", other))

    def test_not_beyond_the_approval_matrix(self):
        record = self._proposed(self._invoice(120, 50000))
        with self.assertRaisesRegex(UserError, "beyond what you may approve"):
            record._approve(self.agency, 0.01, None)
        record._approve(self.agency, 0, None)

    def test_the_days_of_the_letter_are_the_customers(self):
        record = self._approved(self._invoice(120, 600))
        with self.assertRaisesRegex(UserError, "Announce"):
            record._hand_over(None)
        record.action_announce()
        with self.assertRaisesRegex(UserError, "may still pay"):
            record._hand_over(None)
        self._over(record)
        record._judge_all(self._profile(), self.today)
        self.assertTrue(self._profile().activity_ids.filtered(lambda one: "last day is over" in (one.summary or "")))
        record._hand_over(None)
        self.assertEqual(record.state, "handed")

    def test_without_a_letter_where_the_company_sends_none(self):
        self.company.collection_handover_letter = False
        record = self._approved(self._invoice(120, 600))
        record._hand_over(None)
        self.assertEqual(record.state, "handed")

    def test_only_the_free_part_is_handed_over(self):
        invoice = self._invoice(120, 600)
        self.env["collection.dispute"].create({"item_id": self._item(invoice).id, "amount": 150})
        self.assertEqual(self._proposed(invoice).claim, 450)

    def test_what_is_agreed_on_otherwise_stays(self):
        invoice = self._invoice(120, 600)
        self._promise(invoice, in_days=5)
        with self.assertRaisesRegex(UserError, "promised to pay"):
            self._proposed(invoice)

    def test_a_promise_made_meanwhile_stops_the_next_step(self):
        invoice = self._invoice(120, 600)
        record = self._announced(invoice)
        self._promise(invoice, in_days=5)
        self._over(record)
        with self.assertRaisesRegex(UserError, "Withdraw that promise"):
            record._hand_over(None)

    def test_handed_over_nothing_else_is_agreed_on(self):
        invoice = self._invoice(120, 600)
        self._handed(invoice)
        with self.assertRaisesRegex(UserError, "handed over to Northern Collect"):
            self._promise(invoice, in_days=5)
        with self.assertRaisesRegex(UserError, "handed over to Northern Collect"):
            self.env["collection.settlement"]._make(self._profile(), self._items(invoice), 300, self.today + timedelta(days=5)).action_offer()
        with self.assertRaisesRegex(UserError, "handed over to Northern Collect"):
            self.env["collection.plan"]._check_items(self._profile(), self._items(invoice))
        self.assertEqual(self._sent(self._run()).action_ids, self.env["collection.action"])
        self.assertEqual(self._why(), "handed_over")

    def test_a_recall_brings_the_items_back_where_they_were(self):
        invoice = self._invoice(120, 600)
        self._sent(self._run())
        record = self._handed(invoice)
        record._recall("They want to talk")
        self.assertRecordValues(record, [{"state": "recalled", "end_reason": "They want to talk", "ended_by": self.env.uid}])
        self.assertEqual(self._pauses(invoice), [None])
        self.assertEqual(self._levels(self._run(10)), [8], "the level after the one it had")

    def test_a_dispute_about_what_is_handed_over_asks_to_recall_it(self):
        invoice = self._invoice(120, 600)
        record = self._handed(invoice)
        self.env["collection.dispute"].create({"item_id": self._item(invoice).id, "amount": 150})
        self.assertTrue(record.contested)
        self.assertEqual(record.event_ids[:1].kind, "dispute")
        self.assertTrue(self._profile().activity_ids.filtered(lambda one: "recall it" in (one.summary or "")))

    def test_an_insolvent_customer_is_filed_not_handed_over(self):
        invoice = self._invoice(120, 600)
        record = self._approved(invoice)
        self._profile()._stop_by("insolvent", "Court of Brussels", self.env["res.partner"])
        with self.assertRaisesRegex(UserError, "file the claim"):
            record.action_announce()
        record._cancel("Insolvent")
        with self.assertRaisesRegex(UserError, "file the claim"):
            self._proposed(invoice)

    def test_who_wants_no_letters_is_handed_over_all_the_same(self):
        invoice = self._invoice(120, 600)
        self._profile()._stop_by("ceased", "By registered letter", self.env["res.partner"])
        record = self._announced(invoice)
        self.assertFalse(record.mailed_to or self.env["mail.mail"].search([("subject", "ilike", record.name)]))

    def test_a_merged_customer_keeps_its_handovers(self):
        other = self._customer("Northwind Branch")
        invoice = self._invoice(120, 600, other)
        record = self._handed(invoice)
        self.env["base.partner.merge.automatic.wizard"]._merge([self.customer.id, other.id], self.customer)
        self.assertEqual((record.profile_id, record.state), (self._profile(), "handed"))
        self._pay(invoice)
        self.assertEqual(record.state, "closed")

    def test_another_currency(self):
        """Two dollars an EUR…: the claim stays in the invoice's currency, the figures in the company's."""
        foreign = self.setup_other_currency("EUR", rates=[(self.today - timedelta(days=400), 2.0)])
        invoice = self._invoice(200, 1000, currency=foreign)
        record = self._handed(invoice)
        self.assertRecordValues(record, [{"claim": 1000, "claim_own": 500, "currency_id": foreign.id}])
        self._sends(record, 1000, 250)
        self.assertRecordValues(record, [{"state": "closed", "recovered_own": 500, "fee_own": 125, "outcome": "recovered"}])
        self.assertEqual((invoice.amount_residual, self._balance(self.fee_account)), (0, 125))

    def test_another_portfolio_and_another_company_see_nothing(self):
        record = self._handed(self._invoice(120, 600))
        narrow = new_test_user(self.env, "narrow", f"base.group_user,{GROUP}collector,{GROUP}own_portfolio", company_id=self.company.id)
        self.assertFalse(self.env["collection.handover"].with_user(narrow).search([("id", "=", record.id)]))
        self.assertFalse(self.env["collection.handover.event"].with_user(narrow).search([("handover_id", "=", record.id)]))
        with self.assertRaises(AccessError):
            record.with_user(narrow).action_note()

    def test_an_invoice_is_handed_over_once(self):
        invoice = self._invoice(120, 600)
        first = self._proposed(invoice)
        with self.assertRaisesRegex(UserError, "already"):
            self._proposed(invoice)
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            first.line_ids.sudo().copy({"handover_id": first.id})
            self.env.flush_all()

    def test_nobody_writes_a_handover(self):
        record = self._handed(self._invoice(120, 600))
        for values in ({"state": "closed"}, {"fee": 5}, {"reference": "x"}):
            with self.assertRaises(AccessError):
                record.write(values)
        with self.assertRaises(AccessError):
            self.env["collection.handover"].with_user(self.collector).create({"name": "x", "profile_id": self._profile().id})
        with self.assertRaises(AccessError):
            record.event_ids[:1].unlink()

    def test_interest_goes_on_unless_the_agency_reckons_its_own(self):
        invoice = self._invoice(120, 600)
        record = self._handed(invoice)
        rows = self.env["collection.reader"]._read_items(self.company, self.customer.ids)
        item = self._item(invoice).id
        self.agency.stops_interest = True  # from the next case on
        self.assertNotIn(item, self.env["collection.reader"]._read_charge_stops(rows, self.today))
        record._recall("Another time")
        record = self._handed(invoice)
        stop = self.env["collection.reader"]._read_charge_stops(rows, self.today)[item]
        self.assertEqual([(one.first, one.last) for one in stop], [(record.handed_on, None)])

    def test_without_an_address_the_letter_is_printed(self):
        self.customer.email = False
        record = self._announced(self._invoice(120, 600))
        self.assertFalse(record.mailed_to)
        self.assertTrue(self._profile().activity_ids.filtered(lambda one: "print the letter" in (one.summary or "")))
        self.assertIn("/document_file", record.action_print()["url"])


@tagged("post_install", "-at_install")
class TestHandoverMoney(HandoverCommon):
    """What came of it, to the cent in the ledger."""

    def test_paid_before_and_after_and_by_the_agency(self):
        first, second = self._invoice(120, 600), self._invoice(100, 400)
        record = self._announced(first, second)
        self._pay(first, 100, on=self.today - timedelta(days=1))
        self._over(record)
        record._hand_over(None)
        self.assertRecordValues(record, [{"claim": 900, "recovered_before": 100, "open_amount": 900}])
        self._pay(first, 500)
        self.assertRecordValues(record, [{"recovered_direct": 500, "open_amount": 400, "state": "handed"}])
        self._sends(record, 400, 0)
        self.assertRecordValues(record, [{"recovered_agency": 400, "recovered": 1000, "open_amount": 0, "state": "closed", "outcome": "recovered"}])

    def test_all_paid_after_the_letter_closes_it(self):
        invoice = self._invoice(120, 600)
        record = self._announced(invoice)
        self._pay(invoice)
        self.assertRecordValues(record, [{"state": "closed", "outcome": "recovered", "recovered_before": 600, "handed_on": False}])

    def test_a_proposal_paid_meanwhile_is_dropped(self):
        invoice = self._invoice(120, 600)
        record = self._proposed(invoice)
        self._pay(invoice)
        self.assertEqual(record.state, "cancelled")

    def test_a_payment_taken_back_opens_the_case_again(self):
        invoice = self._invoice(120, 600)
        record = self._handed(invoice)
        payment = self._pay(invoice)
        self.assertEqual(record.state, "closed")
        payment.move_id.line_ids.remove_move_reconcile()
        self.assertRecordValues(record, [{"state": "handed", "open_amount": 600, "recovered": 0, "outcome": False, "ended_on": False}])

    def test_a_fee_as_a_bill_is_set_off_with_what_was_kept(self):
        self.agency.fee_tax_ids = self.fee_tax
        invoice = self._invoice(200, 1000)
        record = self._handed(invoice)
        self._sends(record, 1000, 250, by="bill")
        bill = record.move_ids.filtered(lambda move: move.collection_handover_use == "kept_bill")
        self.assertRecordValues(bill, [{"move_type": "in_invoice", "state": "draft", "amount_untaxed": 250, "amount_total": 302.5}])
        kept = record.move_ids.filtered(lambda move: move.collection_handover_use == "fee")
        payable = kept.line_ids.filtered(lambda line: line.account_id.account_type == "liability_payable")
        self.assertEqual((payable.balance, payable.partner_id), (302.5, self.agency.partner_id))
        payment = record.move_ids.filtered(lambda move: move.collection_handover_use == "recovery")
        self.assertEqual((payment.amount_total, invoice.amount_residual, record.state, record.fee), (697.5, 0, "closed", 302.5))

    def test_a_fee_as_an_expense_with_its_tax(self):
        self.agency.fee_tax_ids = self.fee_tax
        record = self._handed(self._invoice(200, 1000))
        self._sends(record, 1000, 250, by="expense")
        kept = record.move_ids.filtered(lambda move: move.collection_handover_use == "fee")
        self.assertEqual(sorted(kept.line_ids.mapped("balance")), [-302.5, 52.5, 250])
        self.assertEqual(kept.line_ids.filtered(lambda line: line.tax_line_id).tax_line_id, self.fee_tax)

    def test_a_fee_that_is_billed_besides(self):
        invoice = self._invoice(200, 1000)
        record = self._handed(invoice)
        self._sends(record, 1000, 250, kept=False)
        self.assertEqual(sorted(record.move_ids.mapped("collection_handover_use")), ["bill", "recovery"])
        self.assertEqual((invoice.amount_residual, record.fee, record.state), (0, 250, "closed"))

    def test_money_that_is_in_the_books_already(self):
        invoice = self._invoice(200, 1000)
        record = self._handed(invoice)
        payment = self._on_account(750, self.agency.partner_id)
        line = payment.move_id.line_ids.filtered(lambda one: one.account_id.account_type == "asset_receivable")
        with self.assertRaisesRegex(UserError, "750.00, but .*800.00"):
            self._sends(record, 1000, 200, line=line)
        self._sends(record, 1000, 250, line=line)
        self.assertRecordValues(record, [{"recovered_agency": 1000, "state": "closed", "outcome": "recovered"}])

    def test_the_fixed_fee_is_charged_once(self):
        self.agency.fee_fixed = 30
        record = self._handed(self._invoice(100, 1000))
        self.assertEqual(record._expected_fee(200), 60)  # 15 % and 30.00
        self._sends(record, 200, 60)
        self.assertEqual(record._expected_fee(200), 30)

    def test_the_rest_as_a_bad_debt_keeps_the_tax(self):
        self.company.collection_handover_write_off = "bad_debt"
        invoice = self._taxed(1000)
        record = self._handed(invoice)
        record._write_off("Bankrupt")
        self.assertEqual((self._balance(self.loss_account), invoice.amount_residual, record.outcome), (1210, 0, "written_off"))
        self.assertFalse(record.move_ids.line_ids.filtered("tax_line_id"))

    def test_a_write_off_is_taken_back(self):
        for way in ("credit_note", "bad_debt"):
            with self.subTest(way=way):
                self.company.collection_handover_write_off = way
                invoice, charge = self._taxed(1000), self._charge(40)
                record = self._handed(invoice, charge)
                record._write_off("Bankrupt")
                self.assertEqual(record.state, "closed")
                record._undo_write_off("They found money")
                self.assertEqual([invoice.amount_residual, charge.amount_residual], [1210, 40])
                self.assertRecordValues(record, [{"state": "handed", "written_off": 0, "open_amount": 1250, "outcome": False}])
                self._pay(invoice)
                self._pay(charge)
                self.assertRecordValues(record, [{"state": "closed", "outcome": "recovered"}])

    def test_who_may_write_off(self):
        matrix = self.env["credit.authority"].sudo().search([("company_id", "=", self.company.id)])
        matrix.amount = 60000
        small, large = self._handed(self._invoice(120, 100)), self._handed(self._invoice(120, 50001))
        matrix.amount = 50000
        with self.assertRaisesRegex(UserError, "Collectors may write off up to"):
            large.with_user(self.collector)._write_off("x")
        with self.assertRaisesRegex(UserError, "beyond what you may approve"):
            large._write_off("x")
        small.with_user(self.collector)._write_off("Too small to sue")
        self.assertRecordValues(small, [{"state": "closed", "ended_by": self.collector.id}])

    def test_an_agency_or_a_journal_of_another_company_is_refused(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.env.user.company_ids += other
        stranger = self.env["collection.agency"].create({"partner_id": self.customer.id, "company_id": other.id})
        invoice = self._invoice(120, 600)
        record = self._proposed(invoice)
        with self.assertRaisesRegex(UserError, "another company"):
            record._approve(stranger, 0, None)
        record = self._handed(self._invoice(130, 700))
        sale = self.company_data["default_journal_sale"]
        with self.assertRaisesRegex(UserError, "bank or cash"):
            record._recover(100, 0, True, self.today, sale, self.env["account.move.line"], "bill")

    def test_the_dialogs(self):
        """A person's way through, as the screens go."""
        invoice = self._invoice(200, 1000)
        profile = self._profile().with_user(self.collector)
        action = profile.action_handover()
        form = Form(self.env[action["res_model"]].with_user(self.collector).with_context(**action["context"]))
        self.assertEqual((form.claim, form.item_ids.ids), (1000, self._item(invoice).ids))
        form.agency_id, form.reason = self.agency, "Nobody answers"
        record = self.env["collection.handover"].browse(form.save().action_propose()["res_id"])

        def decide(button, **values):
            action = getattr(record, button)()
            with Form(self.env[action["res_model"]].with_context(**action["context"])) as dialog:
                for name, value in values.items():
                    setattr(dialog, name, value)
            dialog.record.action_decide()

        decide("action_approve", costs=30)
        record.action_announce()
        self._over(record)
        decide("action_hand_over", reference="NC-1")
        decide("action_note", note="The debtor was visited")
        self.assertRecordValues(record, [{"state": "handed", "claim": 1030, "reference": "NC-1"}])
        self.assertEqual(record.event_ids[:1].text, "The debtor was visited")
        action = record.action_recover()
        form = Form(self.env[action["res_model"]].with_context(**action["context"]))
        form.amount = 400
        self.assertEqual((form.fee, form.net, form.fee_by), (100, 300, "bill"))
        form.save().action_recover()
        decide("action_write_off", reason="Nothing left")
        self.assertRecordValues(record, [{"state": "closed", "recovered_agency": 400, "written_off": 600}])

    def test_only_managers_book_recoveries(self):
        record = self._handed(self._invoice(120, 100))
        with self.assertRaises(AccessError):
            record.with_user(self.collector).action_recover()
        with self.assertRaises(AccessError):
            self._sends(record.with_user(self.collector), 100, 0)



@tagged("post_install", "-at_install")
class TestHandoverPaper(HandoverCommon):
    """The last letter, word by word."""

    def test_the_last_letter_says_what_is_claimed_until_when_and_who_comes_next(self):
        record = self._announced(self._invoice(120, 600), costs=25)
        html = self.env["ir.actions.report"].sudo()._render_qweb_html(record._document_report, record.ids)[0].decode()
        for words in ("Dear Northwind", "$\N{NO-BREAK SPACE}600.00", "$\N{NO-BREAK SPACE}625.00", "Northern Collect", record.name):
            self.assertIn(words, html)
        self.assertIn(record._day(record.deadline), html)
