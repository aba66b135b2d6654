"""Agreements, cases and payments: kept to the last day of their time, then without anything personal (R-108)."""
from dateutil.relativedelta import relativedelta

from odoo.tests import tagged

from .rows import Rows
from .test_retention import RetentionCommon

MARK = "zoe@zebra.example"
# kind: (table, what makes a row of it one that is over), the day on which it ended comes with it
OVER = {
    "plan": ("collection_plan", {"state": "finished"}, "ended_on"),
    "settlement": ("collection_settlement", {"state": "taken"}, "until"),
    "promise": ("collection_promise", {"state": "kept"}, "made_on"),
    "handover": ("collection_handover", {"state": "closed"}, "ended_on"),
    "checkout": ("collection_checkout", {}, "paid_on"),
}
PARTS = {  # rows of something that is over
    "handover_log": ("collection_handover_event", {}, ("handover_id", "collection_handover", {"state": "closed"}, "ended_on")),
    "handover_file": ("collection_handover_file", {"state": "made"}, ("handover_id", "collection_handover", {"state": "closed"}, "ended_on")),
    "bureau": ("collection_bureau_line", {}, ("file_id", "collection_bureau_file", {"state": "delivered"}, "month")),
}


@tagged("post_install", "-at_install")
class TestRetentionOfTheRest(RetentionCommon):

    def setUp(self):
        super().setUp()
        self.rows = Rows(self.env, given={
            "res_company": self.company.id, "res_partner": self.customer.id, "credit_profile": self._profile().id, "res_users": self.env.uid,
            "res_currency": self.company.currency_id.id})

    def _personal(self, code):
        """A value for each field that is emptied."""
        model = self.env[self._rule(code)._kind.model]
        values = {}
        for name in self._rule(code)._kind.blank:
            field = model._fields.get(name)
            if field is not None and field.column_type and field.store:
                values[name] = self.customer.id if field.type == "many2one" else MARK
        return values

    def _over(self, code):
        table, values, day = OVER[code]
        row = self.rows.make(table, **values, **{day: self.today}, **self._personal(code))
        record = self.env[self._rule(code)._kind.model].sudo().browse(row)
        self.env["mail.message"].sudo().create({"model": record._name, "res_id": row, "body": MARK})
        self.env["ir.attachment"].sudo().create({"name": "letter.pdf", "raw": b"x", "res_model": record._name, "res_id": row})
        return record

    def _part(self, code):
        table, values, (link, parent, ended, day) = PARTS[code]
        whole = self.rows.make(parent, **ended, **{day: self.today})
        moved = {"month": self.today} if code == "bureau" else {}
        return self.env[self._rule(code)._kind.model].sudo().browse(self.rows.make(table, **values, **moved, **{link: whole}))

    def _around(self, record):
        """Notes and files of a record."""
        domain = [("res_id", "=", record.id)]
        return (self.env["mail.message"].sudo().search_count([("model", "=", record._name), *domain]),
                self.env["ir.attachment"].sudo().search_count([("res_model", "=", record._name), ("id", ">", 0), *domain]))

    def test_agreements_and_cases_are_emptied_the_day_after_their_time(self):
        for code in OVER:
            with self.subTest(code=code):
                record, kind = self._over(code), self._rule(code)._kind
                names = list(self._personal(code))
                self.assertTrue(names)
                self._purge(months=self._rule(code).months)
                self.assertTrue(all(record[name] for name in names), "the last day is a day on which it is kept")
                self._purge(months=self._rule(code).months, days=1)
                self.assertTrue(record.exists(), "days, amounts and outcomes stay")
                self.assertEqual([name for name in names if record[name]], [])
                notes, files = self._around(record)
                self.assertEqual((bool(notes), bool(files)), (not kind.chatter, not kind.files))

    def test_rows_of_closed_cases_and_of_delivered_files_go(self):
        for code in PARTS:
            with self.subTest(code=code):
                record = self._part(code)
                self._purge(months=self._rule(code).months)
                self.assertTrue(record.exists())
                self._purge(months=self._rule(code).months, days=1)
                self.assertFalse(record.exists())

    def test_what_is_not_over_stays_for_ever(self):
        for code, state in (("plan", "active"), ("settlement", "offered"), ("promise", "open"), ("handover", "handed")):
            with self.subTest(code=code):
                table, _values, day = OVER[code]
                record = self.env[self._rule(code)._kind.model].sudo().browse(
                    self.rows.make(table, state=state, **{day: self.today}, **self._personal(code)))
                self._purge(months=1000)
                self.assertTrue(all(record[name] for name in self._personal(code)))

    def test_every_kind_is_purged_in_a_test(self):
        """A new kind needs a test of its own: here, or in one of the other files on retention."""
        elsewhere = {"application", "application_signed", "contact", "mail_note", "call", "request", "dispute", "dispute_file", "greeting", "touch",
                     "thanks", "mail", "log"}
        self.assertEqual({rule.code for rule in self.rules.search([("company_id", "=", self.company.id)])}, elsewhere | set(OVER) | set(PARTS))

    # ------------------------------------------------------------------ a signed contract ends when the customer has no limit any more, signs again, or is archived

    def _signed(self, **values):
        application = self._approved(**values)
        self._sign(application)
        application.sudo().limit_until = False
        return application

    def _night(self):
        self.env["credit.application"].sudo()._gc_applications()
        self.env.invalidate_all()

    def test_in_force_it_is_kept_for_ever(self):
        application = self._signed()
        self._night()
        self.assertFalse(application.limit_until)
        self._purge(months=1000)
        self.assertTrue(application.email)

    def test_it_is_emptied_ten_years_after_the_customer_was_archived(self):
        application = self._signed()
        application.profile_id.sudo().active = False
        self._night()
        self.assertEqual(application.limit_until, self.today)
        self._purge(months=120)
        self.assertTrue(application.email)
        self._purge(months=120, days=1)
        self.assertFalse(application.email or application.contact_name)
        self.assertTrue(application._is_intact(), "the contract is the proof and stays")

    def test_a_limit_taken_back_ends_it(self):
        application = self._signed()
        self.env["credit.limit"].sudo()._record_all([(application.profile_id.sudo(), {
            "meaning": "none", "amount": 0, "source": "manual", "reason": "Taken back"})])
        self.assertEqual(application.profile_id.limit_meaning, "none")
        self._night()
        self.assertEqual(application.limit_until, self.today)

    def test_one_signed_later_takes_its_place(self):
        first, second = self._signed(), self._signed(name="Contoso", email="carl@contoso.example", vat=False, company_registry=False)
        self.env.flush_all()
        self.env.cr.execute("UPDATE credit_application SET profile_id = %s, signed_on = signed_on + interval '1 hour' WHERE id = %s",
                            [first.profile_id.id, second.id])
        self.env.invalidate_all()
        self._night()
        self.assertEqual((first.limit_until, second.limit_until), (self.today, False))

    def test_with_a_last_day_it_is_the_day_that_counts(self):
        application = self._signed()
        application.sudo().limit_until = self.today + relativedelta(months=3)
        application.profile_id.sudo().active = False
        self._night()
        self.assertEqual(application.limit_until, self.today + relativedelta(months=3))
