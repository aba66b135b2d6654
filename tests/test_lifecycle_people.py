"""Users and customers that leave: no work stays with somebody who is gone (R-59)."""
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ..models.res_users_leaving import KEPT
from .plan import PlanCommon
from .smtp import SmtpCase

MODULE = "account_credit_collection"


@tagged("post_install", "-at_install")
class TestLeavers(SmtpCase, PlanCommon):

    def setUp(self):
        super().setUp()
        self.cole, self.dora = self._leaver("cole"), self._leaver("dora")
        self.company.collection_user_id = self.dora

    def _leaver(self, login, group="group_collector", company=None):
        company = company or self.company
        return new_test_user(self.env(su=True), login=f"{login}.leaver", groups=f"{MODULE}.{group}", company_id=company.id,
                             company_ids=[Command.set(company.ids)])

    def _waiting_call(self):
        """A call of the follow-up that is Cole's to make."""
        self._profile().write({"collector_id": self.cole.id, "policy_id": self._policy("Calls", [(1, {"channels": ("call",)})]).id})
        self.customer.phone = "+32 2 555 12 12"
        self._invoice(20)
        action = self._run().action_ids
        self._perform()
        return action

    def _task_of(self, user, record=None, kind="mail_activity_collection_task"):
        return (record or self._profile()).sudo().activity_schedule(f"{MODULE}.{kind}", summary="Look", user_id=user.id)

    def test_a_call_to_be_made_is_still_somebodys_when_who_had_it_is_gone(self):
        """Core deletes the tasks of who is archived: the contact would wait for ever, and the customer be in flight."""
        action = self._waiting_call()
        self.assertEqual((action.state, action.activity_id.user_id), ("waiting", self.cole))
        self.cole.action_archive()
        self.assertEqual(action.activity_id.user_id, self.dora)
        action.activity_id.action_feedback("They pay on Friday")
        self.assertEqual(action.state, "sent")

    def test_the_customers_and_tasks_of_who_is_archived_go_to_the_default_collector(self):
        self._profile().collector_id = self.cole
        task = self._task_of(self.cole)
        self.cole.action_archive()
        self.assertEqual(task.exists().user_id, self.dora)
        self.assertEqual(self._profile().collector_id, self.dora)

    def test_written_inactive_is_the_same_as_archived(self):
        self._profile().collector_id = self.cole
        task = self._task_of(self.cole)
        self.cole.active = False
        self.assertEqual((task.user_id, self._profile().collector_id), (self.dora, self.dora))

    def test_without_a_default_nobody_has_the_customer_and_the_administrator_has_the_tasks(self):
        self.company.collection_user_id = False
        self._profile().collector_id = self.cole
        task = self._task_of(self.cole)
        self.cole.action_archive()
        self.assertFalse(self._profile().collector_id)
        self.assertEqual(task.exists().user_id, self.env.ref("base.user_admin"))

    def test_the_default_collector_leaves_the_tasks_to_others_too(self):
        self._profile().collector_id = self.dora
        task = self._task_of(self.dora)
        self.dora.action_archive()
        self.assertNotIn(task.exists().user_id, (self.dora, self.env["res.users"]))
        self.assertFalse(self._profile().collector_id)

    def test_who_leaves_a_company_leaves_its_customers_only(self):
        other = self.setup_other_company(name="Second Ltd")["company"]
        self.cole.company_ids += other
        here, there = self._profile(), self.env["credit.profile"].sudo()._ensure(other, self.customer)
        (here | there).sudo().collector_id = self.cole
        tasks = self._task_of(self.cole, here), self._task_of(self.cole, there)
        self.cole.write({"company_id": self.company.id, "company_ids": [Command.unlink(other.id)]})
        self.assertEqual((here.collector_id, tasks[0].user_id), (self.cole, self.cole))
        self.assertNotEqual(there.sudo().collector_id, self.cole)
        self.assertNotEqual(tasks[1].user_id, self.cole)

    def test_who_leaves_a_branch_keeps_the_customers_of_the_company(self):
        branch = self.env["res.company"].sudo().create({"name": "Branch", "parent_id": self.company.id})
        self.cole.company_ids += branch
        self._profile().collector_id = self.cole
        task = self._task_of(self.cole)
        self.cole.write({"company_ids": [Command.unlink(branch.id)]})
        self.assertEqual((self._profile().collector_id, task.user_id), (self.cole, self.cole))

    def test_what_the_self_check_found_goes_to_another_manager(self):
        """Core deletes the tasks of who is archived, and what was found before is told once only."""
        mara, next_one = self._leaver("mara", "group_manager"), self._leaver("nils", "group_manager")
        check = self.env["collection.self.check"].sudo().create({"company_id": self.company.id, "done_on": "2026-01-01 04:00:00", "state": "violated"})
        task = self._task_of(mara, check, "mail_activity_collection_self_check")
        mara.action_archive()
        self.assertIn(task.exists().user_id, check._managers())
        self.assertTrue(next_one in check._managers() and mara not in check._managers() and self.dora not in check._managers())

    def test_tasks_on_all_that_is_ours_are_handed_on(self):
        ours = {name for name, model in self.env.items() if model._original_module == MODULE and not model._abstract and "activity_ids" in model._fields}
        self.assertEqual(ours - set(KEPT), set())

    def test_a_dispute_of_who_is_gone_is_looked_after(self):
        invoice = self._invoice(10)
        dispute = self.env["collection.dispute"].sudo().create({"item_id": self._item(invoice).id, "reason": "damaged", "owner_id": self.cole.id})
        task = dispute.activity_ids or self._task_of(self.cole, dispute, "mail_activity_collection_dispute")
        task.user_id = self.cole
        self.cole.action_archive()
        self.assertEqual(task.exists().user_id, self.dora)

    def test_runs_go_on_with_a_collector_who_is_gone(self):
        self._profile().collector_id = self.cole
        self._invoice(10)
        self.cole.action_archive()
        self.assertEqual(self._run().action_ids.partner_id, self.customer)

    def test_tasks_of_other_programs_are_none_of_ours(self):
        task = self.customer.activity_schedule("mail.mail_activity_data_todo", user_id=self.cole.id)
        self.cole.active = False
        self.assertEqual(task.user_id, self.cole)

    # ------------------------------------------------------------------ a customer is archived

    def test_what_is_planned_is_called_off_with_a_reason_and_comes_back(self):
        self._invoice(10)
        action = self._run().action_ids
        self.customer.action_archive()
        self._perform()
        self.assertEqual(action.state, "cancelled")
        self.assertTrue(action.reason)
        self.customer.action_unarchive()
        again = self._run().action_ids
        self.assertEqual(again.state, "ready")

    def test_a_company_of_ours_that_is_archived_writes_to_nobody_any_more(self):
        second = self.env["res.company"].sudo().create({"name": "Second Ltd", "email": "ar@second.example"})
        self._invoice(10)
        action = self._run().action_ids
        action.company_id = second
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_company SET active = false WHERE id = %s", [second.id])
        self.env.invalidate_all()
        self._perform()
        self.assertEqual((action.state, action.reason), ("cancelled", "company_archived"))

    # ------------------------------------------------------------------ a customer joins another one, or leaves it

    def _join(self, group):
        self.customer.write({"parent_id": group.id, "is_company": False})

    def test_what_was_billed_to_a_group_stays_with_it_when_a_part_becomes_a_customer_of_its_own(self):
        group = self._customer("Group")
        self._join(group)
        self._invoice(10)
        self.assertEqual(self._sent(self._run()).action_ids.partner_id, group)
        self.customer.write({"parent_id": False, "is_company": True})
        self.assertFalse(self._run(1).action_ids)
        self.assertEqual(self._why(group), "too_soon")
        again = self._run(8).action_ids
        self.assertEqual((again.partner_id, again.level_id.offset_days), (group, 8), "it goes on where it was")

    def test_a_plan_goes_on_when_its_customer_joins_a_group(self):
        plan = self._active(self._invoice(30, 300))
        group = self._customer("Group")
        self._join(group)
        self.assertFalse(self._run().action_ids, "what is agreed is not asked for, whoever owes it")
        self._pay(plan.line_ids.item_id.move_id)
        for profile in (plan.profile_id, self._profile(group)):
            profile._refresh(self.company, self.today)
        self.assertEqual(plan.state, "finished")

    def test_a_promise_and_a_dispute_hold_when_their_customer_joins_a_group(self):
        promised, contested = self._invoice(30, 100), self._invoice(20, 50)
        self.env["collection.dispute"].sudo().create({"item_id": self._item(contested).id, "reason": "damaged"})
        self._promise(promised)
        self._join(self._customer("Group"))
        self.assertFalse(self._run().action_ids)
