from datetime import timedelta

from odoo import api, models

from .collection_plan_judge import SETTLED_DAYS

MODULE = "account_credit_collection"


class CollectionPlan(models.Model):
    """The nightly look at plans: what came in, what was not accepted in time, what is broken, whom to remind."""

    _inherit = "collection.plan"

    @api.model
    def _night(self, profiles, company, today):
        """The plans of a batch of customers of one company."""
        # sudo: what becomes of a plan is written by no person
        plans = self.sudo().search([
            ("profile_id", "in", profiles.ids), "|", ("state", "in", ("offered", "active")),
            "&", ("state", "=", "finished"), ("ended_on", ">=", today - timedelta(days=SETTLED_DAYS))])
        if not plans:
            return
        entries = plans._judge(today)
        plans._close_offers(today)
        plans._settle(entries)
        plans._look_for_broken(entries, today)
        active = plans.filtered(lambda plan: plan.state == "active")
        active._warn(today)
        active._remind(company, today)

    def _close_offers(self, today):
        """An offer that was paid is accepted or needless; one that nobody accepted in time lapses."""
        for plan in self.filtered(lambda plan: plan.state == "offered"):
            if not any(line._still_open() for line in plan.line_ids):
                plan._transition("cancelled", ended_on=today, end_reason=plan.profile_id._chatter_env()._("Paid before it was accepted"))
            elif plan.activates_on_payment and plan.installment_ids.sorted("number")[:1].state == "paid":
                plan._activate(accepted_how="payment")
            elif plan.accept_until < today:
                plan._transition("lapsed", ended_on=today)
                plan.profile_id._ask_once("task", self.env._("Payment plan %s was not accepted in time", plan.name))
                plan.profile_id._note(("plan_note_lapsed", plan._told()))

    def _settle(self, entries):
        """Entries that follow from payments; not with the reconciliation itself, in which no other entry is made."""
        for plan in self.filtered(lambda plan: plan.state == "active" and plan in entries):
            plan._pay_off(entries[plan])
        for plan in self.filtered(lambda plan: plan.state == "finished" and not plan.is_waived):
            plan.is_waived = True
            if plan.waive_charges:
                env = plan.profile_id._chatter_env()
                self.env["collection.charge"]._on(plan._items())._waive(env._("The payment plan %s was kept", plan.name))
            self.env["collection.channel"]._queue_plan(plan, "thanks")

    def _look_for_broken(self, entries, today):
        active = self.filtered(lambda plan: plan.state == "active" and plan in entries)
        outside = self.env["collection.reader"]._read_new_overdue(active.ids, today)
        for plan in active:
            # as it stands after what was credited this night
            standing = plan.installment_ids._to_standing()
            verdict = plan._decide_default(standing, outside.get(plan.id, 0), today)
            if verdict.code:
                plan._break(verdict, outside.get(plan.id, 0), today)

    def _warn(self, today):
        """A task for each plan with an installment that stayed late although the customer was reminded: before it is broken."""
        for plan in self:
            days = plan.company_id.collection_plan_days_after
            if not plan.days_late:
                if plan.late_task_on:
                    plan.late_task_on = False
                    plan._drop_tasks("plan_late")
            elif not plan.late_task_on and plan.days_late > days:
                plan.late_task_on = today
                plan.profile_id._ask_once("plan_late", self.env._("Payment plan %s: an installment is late", plan.name))

    # ------------------------------------------------------------------ reminders

    def _remind(self, company, today):
        """One mail a customer and day at most: about what is late before what is to come."""
        wanted = self._to_remind(company, today)
        if not wanted:
            return
        free = self._may_be_written_to(wanted.plan_id.profile_id, company, today)
        for profile, rows in wanted.grouped(lambda row: row.plan_id.profile_id).items():
            if profile in free:
                rows.sorted(lambda row: (row.due, row.id))[:1]._remind(today)

    def _to_remind(self, company, today):
        """The installments about which nobody was written to yet."""
        before, after = company.collection_plan_days_before, company.collection_plan_days_after

        def wanted(row):
            if row.state == "paid":
                return False
            if row.due >= today:
                return before and not row.reminded_before_on and (row.due - today).days <= before
            return after and not row.reminded_after_on and (today - row.due).days >= after

        return self.installment_ids.filtered(wanted)

    @api.model
    def _may_be_written_to(self, profiles, company, today):
        """Customers at work today, as we are, whom no follow-up reaches today."""
        Reader = self.env["collection.reader"]
        countries = {partner: partner.country_id.code for partner in profiles.partner_id}
        calendars = Reader._read_calendars(company, set(countries.values()), today)
        contacts, in_flight = Reader._read_contacts(profiles, today, 1), Reader._read_in_flight(profiles)
        return profiles.filtered(
            lambda profile: calendars[None].is_working(today) and calendars.get(countries[profile.partner_id], calendars[None]).is_working(today)
            and today not in contacts.get(profile.id, ()) and not in_flight.get(profile.id))


class CollectionPlanInstallment(models.Model):
    _inherit = "collection.plan.installment"

    def _remind(self, today):
        """Once before and once after its day; without an address a person is asked to call."""
        late = self.due < today
        self.write({"reminded_after_on" if late else "reminded_before_on": today})
        if not self.env["collection.channel"]._queue_installment(self, "late" if late else "soon"):
            self.plan_id.profile_id._ask_once("task", self.env._("No e-mail address: remind of the payment plan %s", self.plan_id.name))
