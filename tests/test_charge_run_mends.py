from datetime import date
from unittest.mock import patch

from odoo import SUPERUSER_ID
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .charge import ChargeCommon

DUE = date(2024, 5, 15)
END = date(2024, 5, 31)
RUN, BILL = "odoo.addons.account_credit_collection.models.collection_charge_prepare", "odoo.addons.account_credit_collection.models.collection_charge_mail"
JOB = "odoo.addons.account_credit_collection.models.collection_charge_job"


class ChargeJobCase(ChargeCommon):

    def _job(self):
        """The nightly job, in this transaction."""
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **values: 1):
            self.env["collection.charge.run"].with_user(SUPERUSER_ID)._cron_charge()

    def _user(self, *groups, companies=None):
        return self.env["res.users"].with_context(no_reset_password=True).create({
            "name": "Carla", "login": f"carla.{'.'.join(groups)}.mend", "email": "carla@seller.example", "company_id": (companies or self.company)[:1].id,
            "company_ids": [Command.set((companies or self.company).ids)],
            "group_ids": [Command.set([self.env.ref(f"account_credit_collection.{group}").id for group in groups])]})

    def _new_run(self, last_day=END, **values):
        return self.env["collection.charge.run"].create({"company_id": self.company.id, "last_day": last_day, **values})

    def _failing(self, partner):
        """Reckoning that fails for a customer."""
        reckoner = type(self.env["collection.charge.reckoner"])
        reckon = reckoner._reckon_item

        def fails_for_one(reckoner, rule, facts, *args):
            if facts.row.partner == partner.id:
                raise ValueError("poison")
            return reckon(reckoner, rule, facts, *args)
        return patch.object(reckoner, "_reckon_item", fails_for_one)


@tagged("post_install", "-at_install")
class TestChargeRunRights(ChargeJobCase):
    """A run is for who may see all customers of the company and its branches."""

    def test_who_looks_after_some_customers_only_makes_no_run_but_waives_their_charges(self):
        self._dated(DUE, 1000)
        run = self._new_run()
        user = self._user("group_collector", "group_own_portfolio")
        self._profile().sudo().collector_id = user
        for name in ("action_prepare", "action_post", "action_retry", "action_drop", "action_stop"):
            with self.subTest(name), self.assertRaisesRegex(AccessError, "about all customers"):
                getattr(run.with_user(user), name)()
        run.action_prepare()
        self.company.collection_write_off_max = 60
        charge = run.with_user(user).charge_ids
        self.env["collection.charge.waive.wizard"].with_user(user).create({"charge_ids": [Command.set(charge.ids)], "reason": "Goodwill"}).action_waive()
        self.assertEqual(charge.state, "waived")

    def test_who_works_in_one_branch_makes_no_run_for_all(self):
        self.company.write({"child_ids": [Command.create({"name": "Branch A"}), Command.create({"name": "Branch B"})]})
        branch, _other = self.company.child_ids
        run = self._new_run()
        with self.assertRaisesRegex(AccessError, "Branch B"):
            run.with_user(self._user("group_collector", companies=self.company | branch)).action_prepare()
        run.with_user(self._user("group_manager", companies=self.company | self.company.child_ids)).action_prepare()

    def test_what_a_person_read_before_does_not_narrow_what_is_posted(self):
        """A list of charges in the cache that holds one of two: both are billed."""
        self._dated(DUE)
        self._dated(DUE, partner=self._customer("Other"))
        run = self._new_run()
        run.action_prepare()
        charges = run.charge_ids
        self.env.cache.update(run, run._fields["charge_ids"], [charges[:1].ids])
        run.action_post()
        self.assertEqual((charges.mapped("state"), run.state), (["posted", "posted"], "done"))


@tagged("post_install", "-at_install")
class TestChargeRunMends(ChargeJobCase):

    def test_a_customer_that_cannot_be_worked_out_stops_no_other(self):
        self._dated(DUE)
        other = self._customer("Other")
        self._dated(DUE, partner=other)
        run = self._new_run()
        with self._failing(other), self.assertLogs(RUN, "ERROR") as logs:
            run.action_prepare()
        self.assertEqual((run.state, run.charge_ids.partner_id), ("prepared", self.customer))
        self.assertEqual(self._counts(run)["error"], 1)
        self.assertIn(f"profile {self._profile(other).id} failed", logs.output[0])
        self.assertTrue(run.count_ids.filtered(lambda row: row.code == "error").text.startswith("Customers that"))

    def test_in_the_job_too_and_other_runs_are_posted(self):
        self._dated(DUE)
        other = self._customer("Other")
        self._dated(DUE, partner=other)
        waiting = self._charge(date(2024, 5, 20)).run_id
        waiting.sudo()._transition("posting")
        run = self._new_run()
        run.sudo()._transition("preparing")
        with self._failing(other), mute_logger(RUN, JOB):
            self._job()
        self.assertEqual((run.state, waiting.state), ("prepared", "prepared"), "the draft of who fails stays a draft")
        self.assertEqual(waiting.charge_ids.filtered(lambda charge: charge.state == "draft").partner_id, other)

    def test_a_run_that_cannot_go_on_is_stopped(self):
        self._dated(DUE)
        run = self._new_run()
        run.sudo()._transition("preparing")
        run.action_stop()
        self.assertEqual(run.state, "done", "nothing was prepared")
        run = self._charge(END).run_id
        run.sudo()._transition("posting")
        run.action_stop()
        self.assertEqual((run.state, run.draft_count), ("prepared", 1))

    def _stopped_meanwhile(self, state):
        """A person who stops the job while it is at its last batch, and decides on the state without seeing it."""
        run = type(self.env["collection.charge.run"])
        looks = run._is_stopped

        def stopped(run, at_work):
            run._transition(state)
            return looks(run, at_work)
        return patch.object(run, "_is_stopped", stopped)

    def test_a_run_stopped_while_its_last_bill_is_posted_is_done(self):
        self._dated(DUE)
        run = self._charge(END).run_id
        run.sudo()._transition("posting")
        with self._stopped_meanwhile("prepared"):
            self._job()
        self.assertEqual((run.state, run.draft_count), ("done", 0))

    def test_a_run_stopped_while_its_last_drafts_are_made_is_to_be_reviewed(self):
        self._dated(DUE)
        run = self._new_run()
        run.sudo()._transition("preparing")
        with self._stopped_meanwhile("done"):
            self._job()
        self.assertEqual((run.state, run.draft_count), ("prepared", 1))

    def test_a_run_dropped_while_its_last_drafts_are_made_leaves_none(self):
        self._dated(DUE)
        run = self._new_run()
        run.sudo()._transition("preparing")
        with self._stopped_meanwhile("dropped"):
            self._job()
        self.assertEqual((run.state, run.draft_count), ("dropped", 0))
        self.assertEqual(self._charge(END).state, "draft", "its days are free again")

    def test_a_run_that_was_left_with_nothing_to_review_is_done_with_the_next_job(self):
        self._dated(DUE)
        run = self._charge(END).run_id
        run.action_post()
        run.sudo()._transition("prepared")
        self._job()
        self.assertEqual(run.state, "done")

    def test_a_run_without_drafts_is_done(self):
        self.assertEqual(self._new_run().state, "draft")
        run = self._new_run()
        run.action_prepare()
        self.assertEqual(run.state, "done")

    def test_a_run_whose_drafts_were_all_decided_on_their_own_is_done(self):
        self._dated(DUE)
        self._dated(DUE, partner=self._customer("Other"))
        one, two = self._charge(END)
        one.action_post()
        self.assertEqual(one.run_id.state, "prepared")
        two._waive("Goodwill")
        self.assertEqual(one.run_id.state, "done")

    def test_a_task_asks_to_review_what_the_job_prepared(self):
        self._dated(DUE)
        user = self._user("group_manager")
        self.company.write({"collection_charge_day": 1, "collection_user_id": user.id})
        self._job()
        run = self.env["collection.charge.run"].search([("company_id", "=", self.company.id)])
        self.assertEqual((run.state, run.activity_ids.user_id), ("prepared", user))
        run.action_post()
        self.assertFalse(run.activity_ids)

    def test_the_first_run_asks_from_which_day_on_charges_are_made(self):
        self.company.collection_charge_from = False
        self._dated(DUE)
        run = self._new_run()
        self.assertEqual((run.asks_from, run.charge_from), (True, self.today.replace(day=1)), "nothing of the past unless somebody says so")
        run.charge_from = False
        with self.assertRaisesRegex(UserError, "from which day on"):
            run.action_prepare()
        run.charge_from = date(2024, 5, 22)
        run.action_prepare()
        self.assertEqual(self.company.collection_charge_from, date(2024, 5, 22))
        self.assertEqual(self._periods(run.charge_ids)[0][:3], (date(2024, 5, 22), END, 10))
        self.assertFalse(self._new_run().asks_from)

    def test_a_number_opens_its_invoices(self):
        charged = self._dated(DUE)
        in_time = self._dated(DUE, 500)
        late = self._dated(date(2024, 6, 20))
        self._pay(in_time, on=DUE)
        spared = self._dated(DUE, 700)
        self._item(spared).sudo().no_followup = True
        run = self._charge(END).run_id
        found = {row.code: self.env["account.move"].search(row.action_open_moves()["domain"]) for row in run.count_ids}
        self.assertEqual(found, {"charged": charged, "no_followup": spared})
        self.assertEqual({code: len(moves) for code, moves in found.items()}, self._counts(run))
        self.assertNotIn(late, found["charged"])
        with patch("odoo.addons.account_credit_collection.models.collection_charge_count.MOST", 1), self.assertRaisesRegex(UserError, "too many"):
            run.count_ids[0].action_open_moves()

    def test_a_number_opens_only_invoices_of_ones_own_customers(self):
        mine = self._dated(DUE)
        self._dated(DUE, partner=self._customer("Other"))
        user = self._user("group_collector", "group_own_portfolio")
        self._profile().sudo().collector_id = user
        row = self._charge(END).run_id.count_ids
        self.assertEqual(row.with_user(user).action_open_moves()["domain"], [("id", "in", mine.ids)])

    def test_a_line_of_the_ledger_opens_invoice_item_and_bill(self):
        invoice = self._dated(DUE)
        line = self._charge(END, post=True).line_ids
        self.assertEqual([line.action_open_invoice()["res_id"], line.action_open_item()["res_id"], line.action_open_bill()["res_id"]],
                         [invoice.id, self._item(invoice).id, line.charge_id.move_id.id])

    def test_the_dialog_says_what_is_waived_with_tax(self):
        """54.79 with 21 % are 66.30: what the credit note comes to."""
        self.customer.country_id = self.company.country_id  # no fiscal position
        self.company._charge_product("interest").taxes_id = self.tax.copy({"name": "21 %", "amount": 21, "amount_type": "percent"})
        self._dated(DUE)
        wizard = self.env["collection.charge.waive.wizard"].create({"charge_ids": [Command.set(self._charge(END).ids)], "reason": "Goodwill"})
        self.assertRegex(wizard.totals, r"54\.79.*, with tax.*66\.30")


@tagged("post_install", "-at_install")
class TestChargeMails(ChargeJobCase):

    def setUp(self):
        super().setUp()
        self.company.collection_charge_send = True

    def test_a_mail_that_cannot_be_made_stops_no_other(self):
        self._dated(DUE)
        other = self._customer("Other")
        self._dated(DUE, partner=other)
        charges = self._charge(END, post=True)
        owner = type(charges)
        proof = owner._proof_file

        def fails_for_one(charge):
            if charge.partner_id == self.customer:
                raise ValueError("no paper")
            return proof(charge)
        with patch.object(owner, "_proof_file", fails_for_one), mute_logger(BILL):
            self._job()
        found = {charge.partner_id: (charge.mailed_on, charge.problem) for charge in charges}
        self.assertEqual(found, {self.customer: (False, "The e-mail could not be made: no paper"), other: (self.today, False)})
        charges.filtered("problem").action_send()
        self.assertEqual(charges.mapped("mailed_on"), [self.today, self.today])
        self.assertFalse(any(charges.mapped("problem")))

    def test_who_had_no_address_gets_the_bill_once_there_is_one(self):
        self.customer.email = False
        self._dated(DUE)
        charge = self._charge(END, post=True)
        self._job()
        self.assertEqual((charge.mailed_on, charge.address_missing), (False, True))
        with self.assertRaisesRegex(UserError, "no e-mail address"):
            charge.action_send()
        self.customer.email = "north@wind.example"
        self._job()
        self.assertEqual((charge.mailed_on, charge.address_missing, charge.problem), (self.today, False, False))
        with self.assertRaisesRegex(UserError, "waits to be sent"):
            charge.action_send()

    def test_a_collector_sends_a_bill_that_is_not_sent_by_itself(self):
        self.company.collection_charge_send = False
        self._dated(DUE)
        charge = self._charge(END, post=True)
        self._job()
        self.assertFalse(charge.mailed_on)
        charge.with_user(self._user("group_collector")).action_send()
        self.assertEqual(charge.mailed_on, self.today)
        with self.assertRaises(AccessError):
            charge.with_user(self._user("group_viewer")).action_send()
        self.assertEqual(self.env["mail.mail"].search_count([("email_to", "=", self.customer.email)]), 1)
