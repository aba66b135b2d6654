"""The steps of the simulated world (engine/tests/world.py), each done in Odoo as well, and both ledgers compared after it."""
from datetime import datetime, time, timedelta
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError

from ..engine.money import exact
from ..engine.tests.world import LEVELS, Settings, World
from ..engine.workday import Calendar
from .machine_agree import AgreementSteps
from .machine_ledger import LedgerSteps
from .machine_run import RunSteps

STEP_STATES = {"planned": "ready", "retry": "ready", "checking": "ready"}


class OdooWorld(LedgerSteps, AgreementSteps, RunSteps):
    """Plays a step in Odoo, then in the world, and looks whether they came to the same."""

    def __init__(self, case, freezer):
        self.case, self.env, self.freezer, self.company = case, case.env, freezer, case.company
        self.partners, self.lines, self.actions, self.known = {}, {}, {}, {}
        self.policies, self.calendars = {}, {}
        self.mails, self.kill = 0, None
        currencies = (self.company.currency_id.id, case.other_currency.id)
        self.world = World(Settings(currencies, self.policy, self.calendar, self.company.collection_promise_days,
                                    case.policy.manual_wait_days), case.today)
        self.clock()
        self.ensure_partners()
        self.assert_settings()

    # ------------------------------------------------------------------ the same settings, the same day

    def policy(self, today):
        if today not in self.policies:
            self.policies[today] = self.case.policy._in_force_for(self.company, today).engine
        return self.policies[today]

    def assert_settings(self):
        """What Odoo reads of the settings is what the world has by itself: read wrongly, both would be wrong together."""
        alone, read = Settings(), self.world.settings
        policy, today = read.policy(self.world.today), self.world.today
        levels = tuple(level._replace(id=own.id) for level, own in zip(policy.levels, LEVELS))
        self.case.assertEqual(policy._replace(id=1, levels=levels, calendar=Calendar()), alone.policy(today))  # its calendar has the country's holidays
        self.case.assertEqual(len(policy.levels), len(LEVELS))
        self.case.assertEqual((read.calendar(today).weekend, read.promise_days, read.manual_wait), (Calendar().weekend, alone.promise_days, alone.manual_wait))

    def calendar(self, today):
        if today not in self.calendars:
            self.calendars[today] = self.env["collection.plan"]._calendar(self.company, today)
        return self.calendars[today]

    def clock(self, minutes=0):
        """A little later with each step, so that the database tells older records from newer ones."""
        now = datetime.combine(self.world.today, time(12)) + timedelta(seconds=len(self.world.log), minutes=minutes)
        self.freezer.move_to(now)
        self.env.cr._now = now  # what is created bears the day of the world
        self.case.assertEqual(self.company._collection_today(), self.world.today)

    def ensure_partners(self):
        for customer in self.world.customers:
            if customer not in self.partners:
                self.partners[customer] = self.case._customer(f"Customer {customer.id} of {id(self)}")
        self.env["credit.profile"]._ensure(self.company, self.env["res.partner"].union(*self.partners.values()))

    def profile(self, customer):
        return self.env["credit.profile"].with_context(active_test=False).search(
            [("company_id", "=", self.company.id), ("partner_id", "=", self.partners[customer].id)])

    # ------------------------------------------------------------------ a step

    def step(self, name, *numbers):
        """Play it in both; whoever refuses, the other one must refuse as well."""
        shelves = {shelf: len(getattr(self.world, shelf)) for shelf in ("items", "credits", "disputes", "promises", "plans", "offers")}
        self.clock()
        why, made = None, None
        try:
            with self.env.cr.savepoint():
                made = getattr(self, f"do_{name}")(*numbers)
        except (UserError, ValidationError) as error:
            self.env.invalidate_all()
            made, why = False, str(error)
        done = self.world.step(name, *numbers)
        self.case.assertEqual(done, made is not False, f"{name} {numbers}: done in the world and in Odoo ({why})")
        for shelf, count in shelves.items():
            if made and len(getattr(self.world, shelf)) > count and made._name in MADE[shelf]:
                self.known[getattr(self.world, shelf)[count]] = made
        self.ensure_partners()
        if name == "advance":
            self.night()
        self.env.flush_all()
        self.env.invalidate_all()
        self.map_actions()
        self.compare()

    def night(self):
        """What the jobs do."""
        self.clock()
        profiles = self.env["credit.profile"].union(*(self.profile(customer) for customer in self.world.customers))
        profiles._refresh(self.company, self.world.today)
        self.case._book()

    # ------------------------------------------------------------------ compared

    def map_actions(self):
        """The rows of the world and those of Odoo in their order, which is that of the customers."""
        owners = {self.profile(customer).id for customer in self.world.customers}
        found = self.env["collection.action"].sudo().search([("profile_id", "in", list(owners))], order="id")
        self.case.assertEqual(len(found), len(self.world.rows), [(one.partner_id.name, one.channel, one.level_id.offset_days) for one in found])
        self.actions = dict(zip(self.world.rows, found))

    def compare(self):
        for told in (self.told_rows, self.told_promises, self.told_plans, self.told_offers, self.told_disputes, self.told_tasks, self.told_facts):
            ours, theirs, what = told()
            self.case.assertEqual(theirs, ours, f"{what}: Odoo, then the world")
        violations = self.violations()
        self.case.assertFalse(violations, violations)

    def violations(self):
        return self.env["collection.invariant"]._violations(self.company)

    def told_rows(self):
        by_line = {self.line(self.known[item]).id: item.id for item in self.world.items}
        policy = self.policy(self.world.today)
        positions = {level.id: level.position for level in policy.levels}

        def ours(row):
            lines = sorted((line.item, line.asked, line.level, line.advances) for line in row.contact.lines)
            return (row.channel, row.state, row.contact.level.position, row.contact.round, row.planned_on, row.sent_on,
                    row.reason if row.state in ("cancelled", "suppressed") else None, lines if row.state == "sent" else None)

        def theirs(action):
            lines = sorted((by_line[line.item_id.id], exact(line.asked), positions.get(line.level_id.id), line.advances) for line in action.line_ids)
            state = STEP_STATES.get(action.state, action.state)
            return (action.channel, state, positions[action.level_id.id], action.round, action.planned_on, action.sent_on or None,
                    action.reason if state in ("cancelled", "suppressed") else None, lines if state == "sent" else None)
        return [ours(row) for row in self.world.rows], [theirs(self.actions[row]) for row in self.world.rows], "contacts"

    def told_promises(self):
        return ([(one.state, one.paid, one.missing) for one in self.world.promises],
                [(found.state, exact(found.paid_amount), exact(found.missing_amount)) for found in map(self.known.get, self.world.promises)], "promises")

    def told_plans(self):
        return ([(one.state, one.standing.open) for one in self.world.plans],
                [(found.state, exact(found.open_amount)) for found in map(self.known.get, self.world.plans)], "plans")

    def told_offers(self):
        return ([(one.state, one.paid, one.missing, one.booked_on, one.given) for one in self.world.offers],
                [(found.state, exact(found.paid_amount), exact(found.missing_amount), found.booked_on or None, exact(found.booked_amount))
                 for found in map(self.known.get, self.world.offers)], "offers")

    def told_disputes(self):
        return ([(one.state, *one.balance[1:6]) for one in self.world.disputes],
                [(found.state, *map(exact, (found.open_amount, found.paid_amount, found.credited_amount, found.cleared_amount, found.written_off_amount)))
                 for found in map(self.known.get, self.world.disputes)], "disputes")

    def told_tasks(self):
        """How often a person was asked about a message; what is asked and settled since counts too."""
        kind = self.env.ref("account_credit_collection.mail_activity_collection_task")
        asked = self.env["mail.activity"].sudo().with_context(active_test=False).search_count(
            [("res_model", "=", "credit.profile"), ("activity_type_id", "=", kind.id), ("summary", "like", "Follow-up message: %")])
        return self.world.asked, asked, "tasks"

    def told_facts(self):
        """All that the rules are told of each customer today."""
        customers = [one for one in self.world.customers if not one.into and not one.parent]
        profiles = self.env["credit.profile"].union(*map(self.profile, customers))
        policies = self.env["collection.policy"]._in_force(self.company, profiles, self.world.today)
        gathered = self.env["collection.reader"]._read_facts(self.company, profiles, policies, self.world.today)
        by_line = {self.line(self.known[item]).id: item.id for item in self.world.items}
        found = []
        for customer in customers:
            facts = gathered.facts[self.profile(customer).id]
            items = tuple(sorted((item._replace(id=by_line[item.id]) for item in facts.items), key=lambda item: (item.due, item.id)))
            found.append(facts._replace(customer=customer.id, items=items, reachable=facts.reachable & {"email", "letter"}, quiet=False))
        return list(map(self.world.facts, customers)), found, "facts"


MADE = {"items": ("account.move",), "credits": ("account.payment", "account.move"), "disputes": ("collection.dispute",),
        "promises": ("collection.promise",), "plans": ("collection.plan",), "offers": ("collection.settlement",)}


def patched(world):
    """Mails and letters go nowhere; what a mail server would do is ``world.leave``."""
    channel = world.env.registry["collection.channel"]
    return (patch.object(channel, "_perform_email", lambda self, action, sessions: world.leave(self, action, sessions)),
            patch.object(channel, "_perform_letters", lambda self, actions: None))
