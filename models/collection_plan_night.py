from odoo import api, models

from ..engine.money import exact


class CollectionPlan(models.Model):
    """The nightly look at plans: what came in, what was not accepted in time, what is broken, whom to remind."""

    _inherit = "collection.plan"

    @api.model
    def _night(self, profiles, company, today):
        """The plans of a batch of customers of one company."""
        # sudo: what becomes of a plan is written by no person
        plans = self.sudo().search([("profile_id", "in", profiles.ids), *self._looked_at("", today)])
        if not plans:
            return
        booked = plans._judge(today)
        plans._close_offers(booked, today)
        plans._settle(booked, today)
        plans._look_for_broken(booked, company, today)
        plans._look_for_growth()
        active = plans.filtered(lambda plan: plan.state == "active")
        active._warn(today)
        active._remind(booked, company, today)

    def _close_offers(self, booked, today):
        """An offer that was paid is accepted or needless; one that nobody accepted in time lapses, unless money is on its way.

        Nothing is known of one with an invoice that is a draft again.
        """
        offered = self.filtered(lambda plan: plan.state == "offered")
        flying = offered.filtered(lambda plan: plan.activates_on_payment and plan.accept_until < today)._flying(today)
        for plan in offered - flying:
            first = plan.installment_ids.sorted("number")[:1]
            if plan in booked and not any(line._still_open() for line in plan.line_ids):
                plan._transition("cancelled", ended_on=today, end_reason=plan.profile_id._chatter_env()._("Paid before it was accepted"))
            elif plan in booked and plan.activates_on_payment and first.state == "paid" and not plan._is_taken():
                plan._book(lambda plan=plan, first=first: plan._activate(accepted_how="payment", accepted_on=plan._at(first.paid_on or today)),
                           self.env._("Payment plan %s is paid, but could not be put in force", plan.name))
            elif plan.accept_until < today:
                plan._transition("lapsed", ended_on=today)
                plan._ask("task", self.env._("Payment plan %s was not accepted in time", plan.name))
                plan.profile_id._note(("plan_note_lapsed", plan._told()))

    def _look_for_growth(self):
        """A task for each invoice that is larger than when its plan was made: the rest is outside the plan."""
        lines = self.filtered(lambda plan: plan.state == "active").line_ids.filtered(lambda line: line.item_id.parent_state == "posted")
        for line in lines:
            if line.currency_id.compare_amounts(float(line._growth(exact(line.item_id.amount_currency))), 0) > 0:
                line.plan_id._ask("task", self.env._("%(item)s is larger than in the payment plan %(plan)s: ask for the rest, or change the plan",
                                                     item=line.document, plan=line.plan_id.name))

    def _warn(self, today):
        """A task for each plan with an installment that stayed late although the customer was reminded: before it is broken."""
        for plan in self:
            days = plan.company_id.collection_plan_days_after
            if not plan.days_late:
                if plan.late_task_on:
                    plan.late_task_on = False
                    plan._drop_tasks("plan_late")
            elif not plan.late_task_on and plan.days_late > days and plan.profile_id._may_be_called():
                plan.late_task_on = today
                plan._ask("plan_late", self.env._("Payment plan %s: an installment is late", plan.name))

    # ------------------------------------------------------------------ reminders

    def _remind(self, booked, company, today):
        """One mail a customer and day at most: about what is late before what is to come."""
        wanted = self._to_remind(booked, company, today)
        if not wanted:
            return
        free = self._may_be_written_to(wanted.plan_id.profile_id, company, today)
        for profile, rows in wanted.grouped(lambda row: row.plan_id.profile_id).items():
            if profile in free:
                rows.sorted(lambda row: (row.due, row.id))[:1]._remind(today)

    def _to_remind(self, booked, company, today):
        """The installments about which nobody was written to yet, and of which something is missing or will be."""
        plans = self.filtered(lambda plan: plan in booked) - self._left_alone(today)
        day, standings = self._known_until(company, today), plans._as_expected(booked, today)
        rows, due = self.env["collection.plan.installment"], {}
        for plan in plans:
            open_ones = {one.installment.number for one in standings[plan].installments if one.open}
            row = plan.installment_ids.sorted("number").filtered(
                lambda row, open_ones=open_ones: row.number in open_ones and row._is_to_remind(company, day, today))[:1]
            if row:
                rows |= row
                due[plan] = plan._due_by(standings[plan], max(row.due, today))
        held = rows.plan_id._held(due, today)
        return rows.filtered(lambda row: row.plan_id not in held)

    @api.model
    def _may_be_written_to(self, profiles, company, today):
        """Customers at work today, as we are, whom neither follow-up nor another mail about a plan reaches today."""
        Reader = self.env["collection.reader"]
        countries = {partner: partner.country_id.code for partner in profiles.partner_id}
        calendars = Reader._read_calendars(company, set(countries.values()), today)
        contacts, in_flight = Reader._read_contacts(profiles, today, 1), Reader._read_in_flight(profiles)
        told = self.sudo().search([("profile_id", "in", profiles.ids), ("mailed_on", "=", today)]).profile_id  # sudo: whoever looks
        return (profiles - told).filtered(
            lambda profile: calendars[None].is_working(today) and calendars.get(countries[profile.partner_id], calendars[None]).is_working(today)
            and today not in contacts.get(profile.id, ()) and not in_flight.get(profile.id))


class CollectionPlanInstallment(models.Model):
    _inherit = "collection.plan.installment"

    def _is_to_remind(self, company, day, today):
        """Once some days before it is due, once some days after; late is what is so by the last ``day`` of which we know what came in."""
        before, after = company.collection_plan_days_before, company.collection_plan_days_after
        if self.due >= today:
            return before and not self.reminded_before_on and (self.due - today).days <= before
        return after and not self.reminded_after_on and (day - self.due).days >= after

    def _remind(self, today):
        """Once before and once after its day; without an address a person is asked to call."""
        late = self.due < today
        sent = self.env["collection.channel"]._queue_installment(self, "late" if late else "soon")
        self.write({"reminded_after_on" if late else "reminded_before_on": today, "is_unreached": not sent})
        if not sent and self.plan_id.profile_id._may_be_called():
            self.plan_id._ask("task", self.env._("No e-mail address: remind of the payment plan %s", self.plan_id.name))
