"""Two customers become one: no row of any table is lost, doubled or left behind (R-54)."""
from odoo.tests import tagged
from odoo.tools import SQL

from .common import CollectionCommon
from .rows import Rows
from .smtp import SmtpCase

MODULE = "account_credit_collection"
# What two equal rows of both customers become: one row.
JOINED = {
    "credit_profile": "a customer has one profile",
    "collection_snapshot": "a customer has one row a month, with the amounts of both",
    "collection_thanks": "a customer was thanked once for what it paid on a day",
    "collection_payrun": "a customer has one calendar of payment days",
    "collection_experiment_member": "a customer enters an experiment once",
    "collection_greeting": "a contact is greeted once a year for a day",
    "credit_segment_move": "the customer that stays has a history of its own",
}


@tagged("post_install", "-at_install")
class TestPartnerMerge(SmtpCase, CollectionCommon):

    def setUp(self):
        super().setUp()
        self.twin = self._customer("Northwind twin", email=self.customer.email)
        self.ann, self.anne = self.env["res.partner"].create([{"name": name, "parent_id": self.customer.id} for name in ("Ann", "Anne")])

    def _merge(self, gone=None, stays=None):
        gone, stays = gone or self.twin, stays or self.customer
        self.env["base.partner.merge.automatic.wizard"].sudo().create({})._merge((gone | stays).ids, stays)
        self.env.invalidate_all()

    # ------------------------------------------------------------------ every table, with equal rows of both

    def _prepare_rows(self):
        self.pairs = {"res_partner": (self.twin.id, self.customer.id),
                      "credit_profile": (self._profile(self.twin).id, self._profile().id)}
        company = self.company.id
        self.rows = Rows(self.env, given={
            "res_company": company, "res_partner": self.customer.id, "credit_profile": self._profile().id, "res_users": self.env.uid,
            "res_currency": self.company.currency_id.id, "collection_policy": self.policy.id, "collection_level": self.policy.level_ids[0].id},
            filled=self._filled())

    def _filled(self):
        """What makes two rows equal where a key asks for it, and what checks of the database ask for."""
        return {
            "collection_call": {"token": "same", "user_id": self.env.uid},
            "collection_promise": {"state": "open", "on_balance": True, "currency_id": self.company.currency_id.id},
            "collection_experiment_member": {"is_live": True},
            "collection_charge_line": {"date_from": "2026-01-01", "date_to": "2026-01-31"},
        }

    def _tables(self):
        ours = {model._table for model in self.env.values() if model._original_module == MODULE and model._auto and not model._transient}
        links = self.rows.links("res_partner", "credit_profile")
        return {table: columns for table, columns in links.items() if table in ours and table != "credit_profile"}

    def _twins(self, table, columns):
        """A row of the one that goes and the same of the one that stays."""
        for side in (0, 1):
            self.rows.make(table, **{column: self.pairs[target][side] for column, target in columns.items()})

    def _pointing(self, table, columns, side):
        """How many links of a table point to the one that goes (0) or to the one that stays (1)."""
        return sum(self.env.execute_query(SQL(
            "SELECT count(*) FROM %s WHERE %s = %s", SQL.identifier(table), SQL.identifier(column), self.pairs[target][side]))[0][0]
            for column, target in columns.items())

    def test_no_row_is_lost_doubled_or_left_behind(self):
        self._prepare_rows()
        tables = self._tables()
        self.assertGreater(len(tables), 25)
        for table, columns in tables.items():
            with self.subTest(table=table), self.env.cr.savepoint():
                self._twins(table, columns)
        self.env.invalidate_all()
        before = {table: self._pointing(table, columns, 0) + self._pointing(table, columns, 1) for table, columns in tables.items()}
        self._merge()
        for table, columns in tables.items():
            with self.subTest(table=table):
                self.assertEqual(self._pointing(table, columns, 0), 0)
                lost = before[table] - self._pointing(table, columns, 1)
                self.assertEqual(bool(lost), table in JOINED, f"{lost} links of {before[table]} are gone")

    # ------------------------------------------------------------------ while something is on its way

    def _mails(self, *days):
        """What leaves: now, and after a run on each of these days."""
        with self.smtp() as sink:
            self._perform()
            for day in days:
                self._run(day)
                self._perform()
        return sink.mails

    def _contact(self, **values):
        return self.env["res.partner"].create({"name": "Buying", "parent_id": self.customer.id, "email": self.twin.email, **values})

    def test_a_person_merged_into_a_contact_of_a_customer_becomes_a_part_of_that_one(self):
        self.twin.is_company = False
        contact = self._contact()
        invoice = self._invoice(10, partner=self.twin)
        action = self._run().action_ids
        self._merge(self.twin, contact)
        self.assertFalse(self.env["credit.profile"].search([("partner_id", "=", contact.id)]))
        self.assertEqual((action.profile_id, action.partner_id), (self._profile(), self.customer))
        self.assertEqual(self._item(invoice).partner_id.commercial_partner_id, self.customer)
        self.assertEqual(len(self._mails(0, 0)), 1)

    def test_a_company_merged_into_a_contact_makes_a_customer_of_it_with_all_its_history(self):
        contact = self._contact()
        invoice = self._invoice(10, partner=self.twin)
        self._profile(self.twin).write({"paused_until": self.today, "pause_reason": "fair"})
        sent = self._sent(self._run(1)).action_ids
        self._merge(self.twin, contact)
        self.assertEqual(self._item(invoice).partner_id.commercial_partner_id, contact)
        self.assertEqual((self._profile(contact).action_ids, self._profile(contact).pause_reason), (sent, "fair"))
        self.assertFalse(self._profile().action_ids)

    def test_three_customers_become_one_with_all_their_contacts(self):
        third = self._customer("Northwind third", email=self.customer.email)
        for partner in (self.customer, self.twin, third):
            self._invoice(10, partner=partner)
        sent = self._sent(self._run()).action_ids
        self._merge(self.twin | third, self.customer)
        self.assertEqual(self._profile().action_ids, sent)
        self.assertEqual(sent.partner_id, self.customer)
        self.assertFalse(self._mails(0, 1))

    def test_a_contact_that_is_leaving_right_now_stays_as_it_is_and_counts(self):
        self._invoice(10, partner=self.twin)
        action = self._run().action_ids
        action._transition("checking")
        action._transition("sending")
        self._merge()
        self.assertEqual((action.state, action.profile_id), ("sending", self._profile()))
        self.assertFalse(self._mails(0))
        self.assertEqual(self._why(), "in_flight")

    def test_files_tasks_messages_and_followers_of_the_profile_come_along(self):
        gone, stays = self._profile(self.twin), self._profile()
        file = self.env["ir.attachment"].create({"name": "note.txt", "raw": b"x", "res_model": gone._name, "res_id": gone.id})
        message = gone.message_post(body="They moved")
        task = gone._task("account_credit_collection.mail_activity_collection_task", "Call back")
        (gone | stays).message_subscribe(self.env.user.partner_id.ids)
        self._merge()
        self.assertEqual((file.res_id, message.res_id, task.res_id), (stays.id,) * 3)
        self.assertEqual(len(stays.message_follower_ids.filtered(lambda one: one.partner_id == self.env.user.partner_id)), 1)

    def test_an_archived_profile_that_stays_is_followed_up_when_the_other_one_was(self):
        self._profile().active = False
        self._invoice(10, partner=self.twin)
        self._merge()
        self.assertEqual(len(self._mails(0)), 1)

    # ------------------------------------------------------------------ a greeting names a contact

    def _greeting(self, contact, company=None, key=False, state="planned", channel="task"):
        occasion = self.env["collection.occasion"].sudo().search([], limit=1)
        return self.env["collection.greeting"].sudo().create({
            "occasion_id": occasion.id, "profile_id": self._profile().id, "company_id": (company or self.company).id, "contact_id": contact.id,
            "day": "2026-12-24", "leaves_on": "2026-12-20", "year": 2026, "channel": channel, "once_key": key, "state": state})

    def test_the_greeting_that_was_sent_is_kept(self):
        planned, sent = self._greeting(self.ann), self._greeting(self.anne, state="sent")
        self._merge(self.anne, self.ann)
        self.assertFalse(planned.exists())
        self.assertEqual((sent.contact_id, sent.state), (self.ann, "sent"))

    def test_another_company_that_greets_the_contact_already_keeps_this_one_from_it(self):
        other = self.setup_other_company(name="Second Ltd")["company"]
        first = self._greeting(self.ann, company=other, key=f"holiday|2026-12-24|task|{self.ann.id}|2026", state="sent")
        second = self._greeting(self.anne, key=f"holiday|2026-12-24|task|{self.anne.id}|2026")
        self._merge(self.anne, self.ann)
        self.assertTrue(first.exists())
        self.assertFalse(second.exists())

    def test_its_key_names_the_contact_that_stays(self):
        greeting = self._greeting(self.anne, key=f"holiday|2026-12-24|task|{self.anne.id}|2026")
        self._merge(self.anne, self.ann)
        self.assertEqual((greeting.contact_id, greeting.once_key), (self.ann, f"holiday|2026-12-24|task|{self.ann.id}|2026"))
