from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import CollectionCommon

MODULE = "odoo.addons.account_credit_collection"

# The tests live in the sixty days before today: due 40 days ago, so that all levels of the policy have come.
PERIOD = 60


@tagged("post_install", "-at_install")
class TestSimulation(CollectionCommon):
    """A policy over the past, beside what is in force and what really happened."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.strict = cls._policy("Strict", [(1, {"channels": ("email", "call")}), (10, {"channels": ("letter",)})])
        cls.customer.phone = "+32 2 555 12 12"

    def _simulation(self, **values):
        return self.env["collection.simulation"].create({
            "name": "Test", "company_id": self.company.id, "first_day": self.today - timedelta(days=PERIOD), "last_day": self.today - timedelta(days=1),
            "policy_id": self.strict.id, "cost_email": 0.1, "cost_letter": 2, "cost_call": 5, **values})

    def _simulate(self, **values):
        simulation = self._simulation(**values)
        simulation.action_simulate()
        self.assertEqual((simulation.state, simulation.failed_count), ("done", 0))
        return simulation

    def _made(self, simulation, side="alternative", partner=None):
        """The contacts of a side as (days late of what is due 40 days ago, level's days, channel)."""
        due = self._due(40)
        rows = simulation.result_ids.filtered(lambda row: row.side == side and row.profile_id.partner_id == (partner or self.customer))
        return [((row.day - due).days, row.level_id.offset_days, row.channel) for row in rows.sorted(lambda row: (row.day, row.id))]

    # ------------------------------------------------------------------ the past of the ledger

    def test_what_is_in_force_and_the_alternative_go_their_own_ways_through_the_same_past(self):
        self._invoice(40, 100)
        simulation = self._simulate()
        self.assertEqual(self._made(simulation, "force"), [(-7, -7, "email"), (1, 1, "email"), (8, 8, "email"), (20, 20, "email")])
        self.assertEqual(self._made(simulation), [(1, 1, "email"), (1, 1, "call"), (10, 10, "letter")])
        self.assertFalse(self._made(simulation, "real"))

    def test_each_side_is_summed_up_with_its_cost_and_the_money_asked_for(self):
        self._invoice(40, 100)
        sides = {row.side: row for row in self._simulate().side_ids}
        other = sides["alternative"]
        self.assertEqual((other.contact_count, other.customer_count, other.email_count, other.call_count, other.letter_count), (3, 1, 1, 1, 1))
        self.assertAlmostEqual(other.cost, 7.1)
        self.assertAlmostEqual(other.amount, 300)
        self.assertEqual((other.busiest_day, other.busiest_count), (self._due(39), 2))
        self.assertAlmostEqual(sides["force"].cost, 0.4)
        self.assertEqual(sides["real"].contact_count, 0)

    def test_the_verdict_says_what_the_alternative_comes_to(self):
        self._invoice(40, 100)
        simulation = self._simulate()
        self.assertIn("agrees with what really happened to 0.0 %", simulation.agreement_text)
        self.assertEqual([(row.contact_text, row.channel_text) for row in simulation.side_ids if row.side == "alternative"],
                         [("Contacts: 3, customers: 1", "E-mails: 1, SMS: 0, letters: 1, calls: 1")])
        self.assertRegex(simulation.verdict, r"contacts 3 instead of 4, of them calls 1 instead of 0; cost .*7\.10.* instead of .*0\.40")

    def test_a_part_paid_lowers_what_is_asked_and_a_payment_ends_it(self):
        invoice = self._invoice(40, 100)
        self._pay(invoice, 30, on=self._due(35))
        self._pay(invoice, 70, on=self._due(25))
        simulation = self._simulate()
        self.assertEqual(self._made(simulation, "force"), [(-7, -7, "email"), (1, 1, "email"), (8, 8, "email")])
        rows = simulation.result_ids.filtered(lambda row: row.side == "force").sorted("day")
        self.assertEqual(rows.mapped("amount"), [100, 100, 70])

    def test_money_on_account_covers_from_its_day_on(self):
        self._invoice(40, 100)
        payment = self._on_account(100)
        payment.action_draft()
        payment.date = self._due(30)
        payment.action_post()
        self.assertEqual(self._made(self._simulate(), "force"), [(-7, -7, "email"), (1, 1, "email"), (8, 8, "email")])

    def test_a_dispute_silences_its_part_until_it_was_closed(self):
        item = self._item(self._invoice(40, 100))
        dispute = self.env["collection.dispute"].create({"item_id": item.id, "reason": "Damaged", "opened_on": self._due(45)})
        dispute.action_close()
        dispute.sudo().closed_on = self._due(30)
        # closed on day 10, asked for again on day 11: one level at a time
        self.assertEqual(self._made(self._simulate())[0][:2], (11, 1))

    def test_a_promise_silences_until_its_last_day(self):
        item = self._item(self._invoice(40, 100))
        promise = self.env["collection.promise"].create({
            "profile_id": self._profile().id, "currency_id": self.company.currency_id.id, "promised_on": self.today + timedelta(days=2),
            "line_ids": [Command.create({"item_id": item.id, "amount": 100})]})
        promise.sudo().write({"made_on": self._due(40), "grace_until": self._due(25)})
        self.assertEqual(self._made(self._simulate())[0][:2], (16, 1))

    def test_a_promise_withdrawn_silences_until_the_day_before_whatever_is_written_later(self):
        item = self._item(self._invoice(40, 100))
        for lines in ([Command.create({"item_id": item.id, "amount": 100})], False):
            promise = self.env["collection.promise"].create({
                "profile_id": self._profile().id, "currency_id": self.company.currency_id.id, "promised_on": self.today + timedelta(days=2),
                **({"line_ids": lines} if lines else {"amount": 100})})
            promise._withdraw("Cannot pay")
            self.assertEqual(promise.withdrawn_on, self.today)
            promise.sudo().write({"made_on": self._due(40), "grace_until": self._due(10), "withdrawn_on": self._due(31)})
            # withdrawn on day 9, so asked for again on that day
            self.assertEqual(self._made(self._simulate())[0][:2], (9, 1), "on the balance" if not lines else "on the invoice")
            promise.sudo().unlink()

    def test_who_was_archived_since_is_in_what_really_happened_and_silent_on_both_sides(self):
        self._invoice(40, 100)
        self._sent(self._run(self._due(39)))
        self._profile().active = False
        simulation = self._simulate()
        self.assertEqual({side: self._made(simulation, side) for side in ("real", "force", "alternative")},
                         {"real": [(1, 1, "email")], "force": [], "alternative": []})

    def test_levels_and_contacts_from_before_the_period_are_known(self):
        self._invoice(40, 100)
        self._sent(self._run(self._due(39)))
        simulation = self._simulate(first_day=self._due(37))
        self.assertEqual(self._made(simulation, "force"), [(8, 8, "email"), (20, 20, "email")])

    def test_calls_left_undone_keep_the_customer_silent_for_some_days(self):
        self._invoice(40, 100)
        self.strict.manual_wait_days = 12
        made = self._made(self._simulate(by_hand="undone"))
        self.assertEqual(made, [(1, 1, "email")])  # the letter of day 14 is left undone, too

    def test_other_currencies_are_added_up_in_that_of_the_company(self):
        currency = self.setup_other_currency("CAD", rates=[("2000-01-01", 2.0)])
        self._invoice(40, 100, currency=currency)
        rows = self._simulate().result_ids.filtered(lambda row: row.side == "force")
        self.assertEqual(set(rows.mapped("amount")), {50.0})

    def test_who_is_excluded_is_contacted_on_no_side(self):
        self._invoice(40, 100)
        self._profile().excluded = True
        self.assertFalse(self._simulate().result_ids)

    # ------------------------------------------------------------------ beside what happened

    def test_what_is_in_force_agrees_with_what_the_runs_really_did(self):
        self._invoice(40, 100)
        self._invoice(33, 250, partner=self._customer("Other"))
        for late in range(50, 0, -1):
            self._sent(self._run(self._due(late)))
        simulation = self._simulate()
        self.assertEqual((simulation.agreement, simulation.matched_count), (100, 8))
        self.assertEqual(self._made(simulation, "real"), self._made(simulation, "force"))

    def test_what_only_one_side_has_lowers_the_agreement(self):
        self._invoice(40, 100)
        self._sent(self._run(self._due(39)))
        simulation = self._simulate(first_day=self._due(39))
        # really one contact, simulated the same and those of days 8 and 20
        self.assertEqual(simulation.matched_count, 1)
        self.assertAlmostEqual(simulation.agreement, 33.3, places=1)

    # ------------------------------------------------------------------ segments

    def test_a_draft_is_tried_out_before_it_is_armed(self):
        chronic = self._customer("Chronic")
        self._profile(chronic)._write_snapshot([{"behaviour_class": "chronic", "behaviour_on": self.today}])
        for partner in (self.customer, chronic):
            self._invoice(40, 100, partner=partner)
        draft = self.env["credit.segment"].create({"name": "Tough", "company_id": self.company.id, "sequence": 1, "payer_chronic": True,
                                                   "policy_id": self.strict.id, "is_draft": True})
        simulation = self._simulate(mode="segments", policy_id=False, draft_ids=[Command.set(draft.ids)])
        self.assertEqual(self._made(simulation, partner=chronic), [(1, 1, "email"), (10, 10, "letter")])
        self.assertEqual(self._made(simulation), self._made(simulation, "force"))
        self.assertEqual(simulation.result_ids.filtered(lambda row: row.side == "alternative" and row.profile_id.partner_id == chronic).segment_id, draft)

    def test_it_sorts_as_the_night_would(self):
        tag = self.env["res.partner.category"].create({"name": "Export"})
        export, ended, common = self._customer("Export", category_id=[Command.set(tag.ids)]), self._customer("Ended"), self._customer("Common")
        gone, rest = self.env["credit.segment"].create([
            {"name": name, "company_id": self.company.id, "sequence": place, "is_draft": False, "payer_new": True} for name, place in (("Gone", 3), ("Rest", 2))])
        gone.policy_id = self.strict
        for partner in (export, ended, common):
            self._invoice(40, 100, partner=partner)
        self._profile(ended).segment_id = gone
        gone.action_archive()  # the choice by hand ends with the segment
        draft = self.env["credit.segment"].create({"name": "Abroad", "company_id": self.company.id, "sequence": 1, "category_ids": [Command.set(tag.ids)]})
        simulation = self.env["collection.simulation"].create({"company_id": self.company.id, "mode": "segments", "draft_ids": [Command.set(draft.ids)]})
        profiles = [self._profile(partner) for partner in (export, ended, common)]
        found = simulation._by_segment(self.env["credit.profile"].concat(*profiles))
        self.assertEqual([found[profile.id].segment for profile in profiles], [draft, rest, rest])
        self.assertEqual(found[profiles[1].id].policy.record, self.env["collection.policy"]._default_for(self.company))

    def test_only_customers_of_the_chosen_segments(self):
        segment = self.env["credit.segment"].create({"name": "Key", "company_id": self.company.id, "is_draft": False})
        other = self._customer("Other")
        self._invoice(40, 100)
        self._invoice(40, 100, partner=other)
        self._profile(other).sudo()._write_snapshot([{"segment_id": segment.id}])
        self.assertEqual(self._simulate(segment_ids=[Command.set(segment.ids)]).result_ids.profile_id.partner_id, other)

    def test_a_segment_it_is_about_is_not_deleted_and_once_archived_does_not_open_it_to_everybody(self):
        segment, draft = self.env["credit.segment"].create([
            {"name": "Key", "company_id": self.company.id, "is_draft": False}, {"name": "Try", "company_id": self.company.id}])
        simulation = self._simulation(segment_ids=[Command.set(segment.ids)], mode="segments", policy_id=False, draft_ids=[Command.set(draft.ids)])
        for record in (segment, draft):
            with self.assertRaisesRegex(UserError, "“Test” is about this segment"):
                record.unlink()
        segment.active = False
        self._invoice(40, 100)
        simulation.invalidate_recordset()
        simulation.action_simulate()
        self.assertFalse(simulation.result_ids)

    # ------------------------------------------------------------------ the job

    def test_it_writes_nothing_but_its_own_rows(self):
        self._invoice(40, 100)
        self.env.flush_all()
        before = [self.env[name].search_count([]) for name in ("collection.action", "mail.mail", "mail.message", "collection.run")]
        profile = self._profile()
        stamp = profile.write_date, profile.next_reason
        self._simulate()
        self.assertEqual([self.env[name].search_count([]) for name in ("collection.action", "mail.mail", "mail.message", "collection.run")], before)
        self.assertEqual((profile.write_date, profile.next_reason), stamp)

    def test_the_job_goes_on_where_it_was_interrupted(self):
        for number in range(3):
            self._invoice(40, 100, partner=self._customer(f"C{number}"))
        simulation = self._simulation()
        whole = self._simulate()
        simulation.sudo()._transition("running")
        first = min(simulation._customer_ids())
        simulation.sudo()._simulate_batch(self.env["credit.profile"].browse(first))
        simulation.sudo().reached = first
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **values: 1):
            self.env["collection.simulation"].sudo()._cron_simulate()
        self.assertEqual(simulation.state, "done")
        self.assertEqual(len(simulation.result_ids), len(whole.result_ids))
        self.assertEqual(simulation.progress, 100)

    def test_the_number_of_queries_does_not_grow_with_the_customers(self):
        def cost(count):
            partners = [self._customer(f"Q{count}-{number}") for number in range(count)]
            for partner in partners:
                self._invoice(40, partner=partner)
            profiles = self.env["credit.profile"].sudo().search([("partner_id", "in", [partner.id for partner in partners])])
            simulation = self._simulation().sudo()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            simulation._simulate_batch(profiles)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        cost(1)  # what is read once and for all
        self.assertEqual(cost(2), cost(20))

    # ------------------------------------------------------------------ rights and mistakes

    def test_back_to_draft_takes_the_result_away(self):
        self._invoice(40, 100)
        simulation = self._simulate()
        with self.assertRaisesRegex(UserError, "Test has been worked out"):
            simulation.with_user(self.env.user).write({"policy_id": self.policy.id})
        with self.assertRaisesRegex(UserError, "Test is being worked out or has been already"):
            simulation.action_simulate()
        simulation.action_reset()
        self.assertEqual((simulation.state, simulation.agreement, len(simulation.result_ids), len(simulation.side_ids)), ("draft", 0, 0, 0))

    def test_what_the_job_works_on_is_not_deleted_and_what_it_met_is_told(self):
        simulation = self._simulation()
        simulation.sudo()._transition("running")
        with self.assertRaisesRegex(UserError, "Test is being worked out"):
            simulation.unlink()
        with patch.object(type(simulation), "_simulate", side_effect=ValueError), mute_logger(f"{MODULE}.models.collection_simulation_job"), \
                patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **values: 1):
            self.env["collection.simulation"].sudo()._cron_simulate()
        self.assertEqual(self.env["collection.heartbeat"].sudo().search([("job", "=", "simulation")]).last_error, f"simulation {simulation.id}")
        simulation.action_reset()
        simulation.unlink()

    def test_one_bad_customer_stops_no_other_and_is_counted(self):
        bad = self._customer("Bad")
        for partner in (self.customer, bad):
            self._invoice(40, 100, partner=partner)
        plain = type(self.env["collection.simulation"])._prepare_simulated

        def fail(simulation, side, profile, *args):
            if profile.partner_id == bad:
                raise ValueError("bad data")
            return plain(simulation, side, profile, *args)

        simulation = self._simulation()
        with patch.object(type(simulation), "_prepare_simulated", fail), mute_logger(f"{MODULE}.models.collection_simulation_job"):
            simulation.action_simulate()
        self.assertEqual((simulation.state, simulation.failed_count), ("done", 1))
        self.assertEqual(simulation.result_ids.profile_id.partner_id, self.customer)

    def test_only_the_past_and_a_year_at_most(self):
        with self.assertRaisesRegex(ValidationError, "is not over yet"):
            self._simulation(last_day=self.today)
        with self.assertRaisesRegex(ValidationError, "more than a year"):
            self._simulation(first_day=self.today - timedelta(days=400))

    def test_a_policy_must_be_chosen(self):
        with self.assertRaisesRegex(UserError, "Choose the policy that Test tries out"):
            self._simulation(policy_id=False).action_simulate()

    def test_only_managers_simulate_and_nobody_writes_a_result(self):
        self._invoice(40, 100)
        simulation = self._simulate()
        collector = new_test_user(self.env, "c.sim", "account_credit_collection.group_collector", company_id=self.company.id,
                                  company_ids=[Command.set(self.company.ids)])
        manager = new_test_user(self.env, "m.sim", "account_credit_collection.group_manager", company_id=self.company.id,
                                company_ids=[Command.set(self.company.ids)])
        with self.assertRaises(AccessError):
            simulation.with_user(collector).action_reset()
        with self.assertRaises(AccessError):
            simulation.with_user(manager).result_ids.write({"contact_count": 9})
        with self.assertRaises(AccessError):
            simulation.with_user(manager).write({"agreement": 100})
        with self.assertRaises(AccessError):
            self.env["collection.simulation"].with_user(manager).with_context(default_state="done").create({"name": "Forged"})
