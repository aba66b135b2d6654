from contextlib import contextmanager
from datetime import date, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from .common import CollectionCommon
from .smtp import SmtpCase

# A Wednesday; in Belgium Easter Monday is 6 April, Ascension Day 14 May 2026.
WEDNESDAY = date(2026, 3, 18)


class PayrunCommon(CollectionCommon):
    """Pay runs of a customer in Belgium, along a timeline that begins on a Wednesday."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        clock = freeze_time(f"{WEDNESDAY} 12:00:00")
        clock.start()
        cls.addClassCleanup(clock.stop)
        cls.today = cls.company._collection_today()
        cls.company.collection_payrun_learn = True
        cls.company.country_id = cls.env.ref("base.be")

    def _payrun(self, partner=None, **values):
        """Runs on Fridays; documents two working days before."""
        return self.env["collection.payrun"].create({"profile_id": self._profile(partner).id, "rhythm": "weekly", "weekday": "5", **values})

    def _due_on(self, day, **values):
        return self._invoice((self.today - day).days, **values)

    def _came(self, *days, partner=None):
        """Money that came in on these days, as the bank has it."""
        journal = self.company_data["default_journal_bank"]
        self.env["account.move"].create([{
            "move_type": "entry", "date": day, "journal_id": journal.id, "line_ids": [
                (0, 0, {"account_id": journal.default_account_id.id, "debit": 10, "credit": 0}),
                (0, 0, {"account_id": self.company_data["default_account_receivable"].id, "debit": 0, "credit": 10,
                        "partner_id": (partner or self.customer).id})]} for day in days]).action_post()

    def _fridays(self, count, missing=0):
        """The last Fridays, ``missing`` of them moved to the Tuesday before."""
        fridays = [date(2026, 3, 13) - timedelta(days=7 * week) for week in range(count)]
        return [day - timedelta(days=3) if place in range(2, 2 + missing) else day for place, day in enumerate(fridays)]

    def _learn(self, partner=None, on=None):
        profile = self._profile(partner)
        profile._learn_payruns(self.company, on or self.today)
        return self.env["collection.payrun"].with_context(active_test=False).search([("profile_id", "=", profile.id)])

    @contextmanager
    def _on(self, day):
        with freeze_time(f"{day} 12:00:00"):
            yield


@tagged("post_install", "-at_install")
class TestPayrun(PayrunCommon):
    """What is known of a customer's pay runs, in words and dates."""

    def test_the_sentence(self):
        for values, sentence in (
                ({}, "Every Friday, documents by Wednesday; next run 20 Mar"),
                ({"rhythm": "fortnightly", "weekday": "4", "anchor": date(2026, 3, 12)},
                 "Every second Thursday, documents by Tuesday; next run 26 Mar"),
                ({"rhythm": "monthly", "month_days": "15"}, "On day 15 of the month; documents by 13 Apr for the run of 15 Apr"),
                ({"rhythm": "monthly", "month_days": "Last"}, "On the last day of the month; documents by 27 Mar for the run of 31 Mar"),
                ({"rhythm": "monthly", "month_days": "last, 15"},
                 "On these days of the month: 15, last; documents by 27 Mar for the run of 31 Mar"),
                ({"rhythm": "nth_weekday", "weekday": "2", "nth": "-1", "cut_off_days": 0},
                 "On the last Tuesday of the month; documents by 31 Mar for the run of 31 Mar"),
                ({"rhythm": "monthly", "month_days": "22"},
                 "On day 22 of the month; documents by 19 Mar for the run of 23 Mar, moved from a day off")):
            with self.subTest(sentence):
                record = self._payrun(**values)
                self.assertEqual(record.sentence, sentence)
                self.assertEqual(record.display_name, f"Northwind: {sentence}")
                self.assertIn(record.month_days, (False, "15", "22", "last", "15, last"), "as every reader understands it")
                record.unlink()

    def test_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        record = self._payrun(rhythm="monthly", month_days="last").with_context(lang="fr_FR")
        self.assertIn("31 mars", record.sentence)

    def test_the_next_run_that_can_still_be_reached(self):
        record = self._payrun()
        self.assertEqual(record._next(WEDNESDAY), (WEDNESDAY, date(2026, 3, 20)))
        self.assertEqual(record._next(date(2026, 3, 19)), (date(2026, 3, 25), date(2026, 3, 27)))
        self.assertEqual(record._next(date(2026, 4, 4)), (date(2026, 4, 8), date(2026, 4, 10)))
        monday = self._payrun(self._customer("Monday"), weekday="1")
        self.assertEqual(monday._next(date(2026, 4, 2)), (date(2026, 4, 2), date(2026, 4, 7)), "Easter Monday is off where the customer is")

    def test_days_to_the_cut_off_for_many(self):
        other = self._profile(self._customer("Other"))
        profiles = self._payrun().profile_id | other
        self.assertEqual(profiles._payrun_cut_offs(date(2026, 3, 16)), {self._profile().id: 2})
        self.assertEqual(profiles._payruns(), {self._profile().id: self._profile().payrun_ids})

    def test_what_cannot_be_is_refused_in_plain_words(self):
        for values, why in (({"rhythm": "monthly", "month_days": "15, ultimo"}, "are no days of the month"),
                            ({"rhythm": "monthly"}, "are no days of the month"),
                            ({"rhythm": "monthly", "month_days": "32"}, "are no days of the month"),
                            ({"rhythm": "fortnightly"}, "tell one day on which Northwind pays"),
                            ({"rhythm": "fortnightly", "anchor": WEDNESDAY}, "is not a Friday"),
                            ({"weekday": False}, "Choose the weekday on which Northwind pays"),
                            ({"rhythm": "nth_weekday", "nth": False}, "Choose which Friday of the month")):
            with self.subTest(why), self.assertRaisesRegex(ValidationError, why), self.cr.savepoint():
                self._payrun(**values)

    def test_it_stays_in_the_company_of_its_customer(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        user = new_test_user(self.env(su=True), login="payrun collector", groups="account_credit_collection.group_collector",
                             company_id=self.company.id, company_ids=(self.company | other).ids)
        Payrun = self.env["collection.payrun"].with_user(user)
        values = {"profile_id": self._profile().id, "rhythm": "weekly", "weekday": "5"}
        for forged in (lambda: Payrun.create({**values, "company_id": other.id}), lambda: Payrun.with_context(default_company_id=other.id).create(values)):
            with self.assertRaises(AccessError), self.cr.savepoint():
                forged()
        record = Payrun.create(values)
        with self.assertRaises(AccessError), self.cr.savepoint():
            record.write({"company_id": other.id})
        self.assertEqual(record.company_id, self.company)

    def test_an_item_that_is_never_due_stops_nothing(self):
        self._payrun()
        self._invoice(10, 50)
        item = self._item(self._invoice(-5, 100))
        item.date_maturity = "9999-12-31"
        self.env.flush_all()
        run = self._run()
        self.assertNotEqual(self._why(), "error")
        self.assertEqual(run.action_ids.line_ids.item_id.mapped("amount_residual"), [50])
        profile = self._profile()
        rows = [row._replace(due=date.max, partner=self.customer.id) for row in self._rows(profile)]
        self.assertTrue(all(day.year > 8000 for day in profile._expected_dates(rows, self.today).values()))

    def _rows(self, profile):
        return list(self.env["collection.reader"]._read_claims(self.company, profile.partner_id.ids, self.today)[profile.partner_id.id].rows.values())

    def test_entered_on_the_customer(self):
        action = self._profile().action_payrun()
        form = Form(self.env["collection.payrun"].with_context(**action["context"]), "account_credit_collection.collection_payrun_view_form")
        form.rhythm = "fortnightly"
        form.anchor = date(2026, 3, 12)
        self.assertEqual(form.weekday, "4", "the day tells the weekday")
        record = form.save()
        self.assertEqual((self._profile().payrun_id, self._profile().payrun_text), (record, record.sentence))
        record.active = False
        self.assertFalse(self._profile().payrun_id)
        self.assertEqual(self._profile().action_payrun()["res_id"], record.id, "it can be taken up again")

    def test_nobody_says_that_a_run_was_learnt(self):
        collector = new_test_user(self.env(su=True), login="payrun collector", company_id=self.company.id, company_ids=self.company.ids,
                                  groups="account_credit_collection.group_collector")
        record = self._payrun().with_user(collector)
        record.cut_off_days = 3
        for refused in ({"source": "learnt"}, {"hits": 5}, {"profile_id": self._profile(self._customer("Other")).id}):
            with self.subTest(refused), self.assertRaises(AccessError):
                record.write(refused)
        for method, values in ((self.env["collection.payrun"], {"source": "learnt"}),
                               (self.env["collection.payrun"].with_context(default_source="learnt"), {})):
            with self.assertRaises(AccessError):
                method.with_user(collector).create({"profile_id": self._profile(self._customer("Third")).id, **values})

    def test_a_list_is_read_in_as_many_queries_as_one_line(self):
        counts = []
        for size in (2, 2, 20):
            records = self.env["collection.payrun"].union(*(self._payrun(self._customer(f"Listed {size} {number}")) for number in range(size)))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            records.mapped("sentence")
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    def test_of_other_companies_and_other_portfolios_nothing_is_seen(self):
        record = self._payrun()
        second = self.setup_other_company(name="Third Ltd")["company"]
        users = [new_test_user(self.env(su=True), login=f"payrun {company.name}", company_id=company.id, company_ids=company.ids, groups=groups)
                 for company, groups in ((second, "account_credit_collection.group_collector"),
                                         (self.company, "account_credit_collection.group_collector,account_credit_collection.group_own_portfolio"))]
        for user in users:
            self.assertFalse(self.env["collection.payrun"].with_user(user).search([("id", "=", record.id)]), user.login)
        self._profile().collector_id = users[1]
        self.assertTrue(self.env["collection.payrun"].with_user(users[1]).search([("id", "=", record.id)]))

    def test_of_merged_customers_what_was_entered_stays(self):
        kept, gone = self._customer("Kept"), self._customer("Gone")
        self._came(*self._fridays(20), partner=kept)
        self.assertEqual(self._learn(kept).source, "learnt")
        entered = self._payrun(gone, weekday="2")
        self.env["base.partner.merge.automatic.wizard"].create({})._merge((kept | gone).ids, kept)
        self.assertEqual(self._profile(kept).payrun_ids, entered)


@tagged("post_install", "-at_install")
class TestPayrunExpected(PayrunCommon):
    """When money is expected (F-12)."""

    def _paid(self, *late):
        """Invoices due long ago, each paid so many days after its due date."""
        for days in late:
            invoice = self._invoice(60)
            self._pay(invoice, on=self._due(60) + timedelta(days=days))

    def _expected(self, *invoices):
        rows = self.env["collection.reader"]._read_items(self.company, self.customer.ids)
        found = self._profile()._expected_dates(rows, self.today)
        return [found[self._item(invoice).id] for invoice in invoices]

    def test_the_example_of_the_formula(self):
        """Six payments with a median of 9 days, the class with 4: 6.5 days, rounded to 7, and on to the run on Friday."""
        self._paid(7, 8, 9, 9, 10, 30)
        self._profile()._write_snapshot([{"behaviour_class": "occasional", "settled_count": 6, "average_days_late": 9}])
        for name, days in (("A", 4), ("B", 4), ("C", 1), ("D", 4)):
            self._profile(self._customer(name))._write_snapshot(
                [{"behaviour_class": "occasional", "settled_count": 5, "average_days_late": days}])
        soon, late = self._due_on(date(2026, 3, 31)), self._due_on(date(2026, 2, 3))
        self.assertEqual(self._expected(soon, late), [date(2026, 4, 7), WEDNESDAY], "Tuesday 7 April; never in the past")
        self._payrun()
        self.assertEqual(self._expected(soon, late), [date(2026, 4, 10), date(2026, 3, 20)], "the next run")

    def test_a_customer_nobody_knows_pays_when_it_is_due(self):
        self.assertEqual(self._expected(self._due_on(date(2026, 4, 6))), [date(2026, 4, 7)], "Easter Monday is off")


@tagged("post_install", "-at_install")
class TestPayrunLearnt(PayrunCommon):
    """What a year of payments tells."""

    def test_a_weekly_habit(self):
        self._came(*self._fridays(16, missing=2))
        record = self._learn()
        self.assertRecordValues(record, [{"rhythm": "weekly", "weekday": "5", "source": "learnt", "hits": 14, "payments": 16,
                                          "learnt_on": self.today, "attach_invoices": False}])
        self.assertEqual(record.learnt_text, "Learnt from 14 of 16 payments")
        self.assertEqual(self._profile().payrun_learnt_text, record.learnt_text)

    def test_two_payments_on_a_day_are_one_and_other_journals_tell_nothing(self):
        self._came(*self._fridays(5), *self._fridays(5))
        self.env["account.move"].create({
            "move_type": "entry", "date": self._fridays(9)[-1], "journal_id": self.company_data["default_journal_misc"].id, "line_ids": [
                (0, 0, {"account_id": self.company_data["default_account_revenue"].id, "debit": 10, "credit": 0}),
                (0, 0, {"account_id": self.company_data["default_account_receivable"].id, "debit": 0, "credit": 10,
                        "partner_id": self.customer.id})]}).action_post()
        self.assertEqual(sorted(self.env["collection.reader"]._read_payment_days(self.company, self.customer.ids, self.today)[self.customer.id]),
                         sorted(self._fridays(5)))

    def test_a_contact_pays_for_the_customer(self):
        contact = self.env["res.partner"].create({"name": "Branch", "parent_id": self.customer.id, "type": "other"})
        self._came(*self._fridays(16), partner=contact)
        self.assertEqual(self._learn().hits, 16)

    def test_two_days_a_month(self):
        self._came(*[date(2025 + (month > 12), (month - 1) % 12 + 1, day) for month in range(7, 15) for day in (1, 15)])
        record = self._learn()
        self.assertRecordValues(record, [{"rhythm": "monthly", "month_days": "1, 15", "weekday": False, "hits": 16}])

    def test_what_was_entered_is_never_overwritten(self):
        self._came(*self._fridays(20))
        record = self._payrun(weekday="2")
        self.assertEqual(self._learn(), record)
        self.assertRecordValues(record, [{"weekday": "2", "source": "entered", "learnt_on": False}])
        record.active = False
        self._learn()
        self.assertFalse(record.active, "nor what a person said is none")

    def test_who_changes_a_learnt_one_has_entered_it(self):
        self._came(*self._fridays(20))
        record = self._learn()
        record.write({"note": "Order number on the invoice", "attach_invoices": True})
        self.assertEqual(record.source, "learnt", "documents are another matter")
        record.weekday = "4"
        self.assertEqual(record.source, "entered")
        self._learn()
        self.assertEqual(record.weekday, "4")

    def test_taken_over_with_a_button(self):
        self._came(*self._fridays(20))
        record = self._learn()
        record.action_take_over()
        self.assertEqual((record.source, record.learnt_text), ("entered", "Entered by a person"))

    def test_one_that_no_longer_holds_ends_and_comes_back(self):
        self._came(*self._fridays(20))
        record = self._learn()
        record.cut_off_days = 4
        self._learn(on=date(2026, 9, 1))
        self.assertFalse(record.active, "half a year without a payment")
        self._came(*[date(2026, 8, 31) - timedelta(days=7 * week) for week in range(26)])
        self.assertEqual(self._learn(on=date(2026, 9, 1)), record)
        self.assertRecordValues(record, [{"active": True, "weekday": "1", "cut_off_days": 4}])

    def test_once_a_week_every_night_a_seventh(self):
        self._came(*self._fridays(20))
        nights = []
        for night in range(14):
            self._profile()._refresh(self.company, self.today + timedelta(days=night))
            nights += [night] if self._profile().payrun_ids.learnt_on == self.today + timedelta(days=night) else []
        self.assertEqual(len(nights), 2)
        self.assertEqual(nights[1] - nights[0], 7)

    def test_switched_off(self):
        self._came(*self._fridays(20))
        self.company.collection_payrun_learn = False
        for night in range(7):
            self._profile()._refresh(self.company, self.today + timedelta(days=night))
        self.assertFalse(self._profile().payrun_ids)

    def test_as_many_queries_for_thirty_customers_as_for_three(self):
        counts = []
        for size in (3, 3, 30):
            partners = [self._customer(f"Payer {size} {number}") for number in range(size)]
            for partner in partners:
                self._came(*self._fridays(8), partner=partner)
            profiles = self.env["credit.profile"].union(*(self._profile(partner) for partner in partners))
            profiles._learn_payruns(self.company, self.today)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            profiles._learn_payruns(self.company, self.today)
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])


@tagged("post_install", "-at_install")
class TestPayrunFollowed(SmtpCase, PayrunCommon):
    """The contact before the due date comes in time for the run, with what it needs."""

    def _days_of_contact(self, until):
        """The days on which a contact goes out."""
        days, day = [], self.today
        while day <= until:
            with self._on(day):
                days += [day] if self._sent(self._run(day)).action_ids else []
            day += timedelta(days=1)
        return days

    def test_before_the_cut_off_instead_of_a_week_before_the_due_date(self):
        """Due on Tuesday 7 April; the run of Friday 3 April pays it; documents by Wednesday, so we write on Monday 30 March."""
        self._payrun()
        self._due_on(date(2026, 4, 7))
        self.assertEqual(self._days_of_contact(date(2026, 4, 9)), [date(2026, 3, 30), date(2026, 4, 8)])

    def test_without_a_pay_run_on_the_policys_day(self):
        self._due_on(date(2026, 4, 7))
        self.assertEqual(self._days_of_contact(date(2026, 4, 9)), [date(2026, 3, 31), date(2026, 4, 8)])

    def test_a_monthly_run_long_before_the_due_date(self):
        """Due on 10 April; paid with the run of 31 March; documents by Friday 27, so we write on Wednesday 25 March."""
        self._payrun(rhythm="monthly", month_days="last")
        self._due_on(date(2026, 4, 10))
        self.assertEqual(self._days_of_contact(date(2026, 4, 12)), [date(2026, 3, 25), date(2026, 4, 11)])

    def test_without_a_run_before_the_due_date_on_the_policys_day(self):
        self._payrun(rhythm="monthly", month_days="15")
        self._due_on(date(2026, 4, 10))
        self.assertEqual(self._days_of_contact(date(2026, 4, 10)), [date(2026, 4, 3)])

    def test_the_reason_says_why(self):
        invoice = self._due_on(date(2026, 4, 7))
        self._payrun()
        action = self._run(date(2026, 3, 30)).action_ids
        self.assertEqual(action.planned_text, f"{invoice.name} is due in 8 days; the customer's pay run on 04/03/2026 takes documents until 04/01/2026")

    def test_the_next_contact_is_foretold(self):
        self._payrun()
        self._due_on(date(2026, 4, 7))
        self._run(self.today)
        self.assertEqual(self._profile().next_contact_on, date(2026, 3, 30))

    def test_with_copies_of_the_invoices_and_a_statement(self):
        self._payrun(attach_invoices=True, attach_statement=True)
        first, second = self._due_on(date(2026, 3, 24)), self._due_on(date(2026, 3, 25), amount=50)
        with self._on(date(2026, 3, 16)), self.smtp() as sink:
            action = self._run(date(2026, 3, 16)).action_ids
            # without it core makes HTML of invoices in tests
            self.env["collection.outbox"].sudo().with_context(force_report_rendering=True)._perform_ready(60)
        self.assertEqual((action.state, action.line_ids.item_id.move_id), ("sent", first | second))
        names = [part.get_filename() for part in sink.mails[0].iter_attachments()]
        self.assertEqual(len(names), 3)
        self.assertTrue(all(part.get_content()[:4] == b"%PDF" for part in sink.mails[0].iter_attachments()))
        for move in (first, second):
            self.assertTrue(any(move.name.replace("/", "_") in name for name in names), names)

    def test_copies_only_and_made_once(self):
        self._payrun(attach_invoices=True)
        invoice = self._due_on(date(2026, 3, 24))
        made = []
        channel = type(self.env["collection.channel"])
        self.patch(channel, "_invoice_file", lambda _channel, move: made.append(move) or (f"{move.name}.pdf".replace("/", "_"), b"%PDF-1"))
        with self._on(date(2026, 3, 16)), self.smtp() as sink:
            self._run(date(2026, 3, 16))
            self._perform()
        self.assertEqual([part.get_filename() for part in sink.mails[0].iter_attachments()], [f"{invoice.name}.pdf".replace("/", "_")])
        self.assertEqual(made, [invoice])

    def test_after_the_due_date_without_documents(self):
        self._payrun(attach_invoices=True)
        self._due_on(date(2026, 3, 16))
        with self.smtp() as sink:
            self._run()
            self._perform()
        self.assertFalse(list(sink.mails[0].iter_attachments()))

    def test_as_many_queries_with_many_pay_runs_as_with_one(self):
        counts = []
        for size in (2, 2, 20):
            partners = [self._customer(f"Runs {size} {number}") for number in range(size)]
            for partner in partners:
                self._payrun(partner)
                self._due_on(date(2026, 4, 7), partner=partner)
            profiles = self.env["credit.profile"].union(*(self._profile(partner) for partner in partners))
            policies = self.env["collection.policy"]._in_force(self.company, profiles, self.today)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env["collection.reader"]._read_facts(self.company, profiles, policies, self.today)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
