"""The situations in which passes begin, each a picture of the database that is made once."""
import time

from .campaign_pass import FEW

BILLED = 6  # customers of a charge run
CASES = 4  # handovers, settlements


class Stage:
    """The world with the pictures of the campaign; ``set_up`` goes back to the one of a phase."""

    def __init__(self, world):
        self.world, self.made, self.times, self.reached = world, set(), {}, {}
        self.handovers, self.settlements, self.emails = [], [], []

    def set_up(self, phase):
        """Everything as it is before the job of a phase."""
        name = phase.name.replace(" ", "_")
        if name not in self.made:
            getattr(self, f"_make_{name}", lambda: None)()
            self.made.add(name)
        if phase.name not in self.times:
            self._time(phase, name)
        self._back(name)

    def usual(self, phase):
        """Seconds that the job takes without any fault."""
        return self.times[phase.name]

    def nth(self, phase, step, drawn):
        """Which call of a step is meant, of those that the job makes without any fault."""
        return (drawn - 1) % self.reached[phase.name][step] + 1

    def work(self, phase, **options):
        """The job of a phase, in a process of its own."""
        if phase.name == "hand over":
            return self.world.start("hand_over", records=self.handovers, **options)
        return self.world.start("work", do=phase.work, **options)

    def _time(self, phase, name):
        self._back(name)
        began = time.monotonic()
        reached = self.work(phase, steps=phase.steps).result()["reached"]
        assert all(reached.values()), f"the job never comes to a step of {reached}"
        self.times[phase.name], self.reached[phase.name] = time.monotonic() - began, reached

    def _back(self, name):
        getattr(self, f"_back_{name}", self._back_contacts)()
        self.world.sql("UPDATE res_company SET collection_automatic = true")

    # ------------------------------------------------------------------ contacts

    def _back_contacts(self):
        if "few" not in self.made:
            self.made.add("few")
            self._few_customers(FEW)
            self.world._here("plan")
            self.world._picture("few")
        self.world.reset("few")
        self.emails = sorted(self.world.customers)[:FEW]

    def _back_plan(self):
        self._back_contacts()
        self._forget_contacts()

    def _forget_contacts(self):
        """Customers that no run has looked at."""
        self.world.sql("DELETE FROM collection_action_line")
        self.world.sql("DELETE FROM collection_action")
        self.world.sql("DELETE FROM collection_run")
        self.world.sql("UPDATE credit_profile SET evaluated_on = NULL")

    def _make_paper(self):
        self._few_customers(FEW // 2)
        self.world._here("campaign_policy")
        self.world._here("plan")
        self.world._picture("on_paper")

    def _back_paper(self):
        self.world.reset("on_paper")
        self.emails = sorted(self.world.customers)[:FEW // 2]

    # ------------------------------------------------------------------ money

    def _few_customers(self, number):
        self.world.reset(keep=number)
        self.emails = sorted(self.world.customers)[:number]
        self._forget_contacts()
        return [self.world.customers[email]["move"] for email in self.emails]

    def _make_charge(self):
        self._few_customers(BILLED)
        self.world._here("charge_switch_on")
        self.world._here("charge_open")
        self.world._picture("to_charge")

    def _back_charge(self):
        self.world.reset("to_charge")
        self.emails = sorted(self.world.customers)[:BILLED]

    def _make_bill(self):
        self._few_customers(BILLED)
        self.world._here("charge_switch_on")
        self.world._here("charge_open", prepared=True)
        self.world._picture("to_bill")

    def _back_bill(self):
        self.world.reset("to_bill")
        self.emails = sorted(self.world.customers)[:BILLED]

    def charged(self):
        """What is billed to each customer, posted: ``{e-mail: [amount]}``."""
        found = {}
        for row in self.world.sql(
                "SELECT r.email, c.amount FROM collection_charge c JOIN credit_profile p ON p.id = c.profile_id"
                " JOIN res_partner r ON r.id = p.partner_id WHERE c.state = 'posted' ORDER BY c.id"):
            found.setdefault(row.email, []).append(row.amount)
        return found

    def _make_hand_over(self):
        if self.handovers:  # the files needed them first
            return
        moves = self._few_customers(CASES)
        self.handovers = self.world._here("handover_announce", agency=self.world.agency, moves=moves)
        self.world._picture("announced")

    def _back_hand_over(self):
        self.world.reset("announced")
        self.emails = sorted(self.world.customers)[:CASES]

    def _make_file(self):
        self._back_announced_cases()
        self.world.start("hand_over", records=self.handovers).result()
        self.world._picture("handed")

    def _back_announced_cases(self):
        if not self.handovers:
            self._make_hand_over()
        self._back_hand_over()

    def _back_file(self):
        self.world.reset("handed")
        self.emails = sorted(self.world.customers)[:CASES]

    def _make_settle(self):
        moves = self._few_customers(CASES)
        self.settlements = self.world._here("settlement_take", moves=moves)
        self.world._picture("taken")

    def _back_settle(self):
        self.world.reset("taken")
        self.emails = sorted(self.world.customers)[:CASES]
