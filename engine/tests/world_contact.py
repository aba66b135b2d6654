"""Runs, what they send, and what becomes of it, in the world of ``world``."""
from collections import Counter
from datetime import timedelta

from ..followup import confirm, decide
from ..ledger import Facts

OPEN_STATES = ("ready", "waiting", "unknown")
MAIL, LETTER = "email", "letter"


class Contacts:
    """The outbox: a row for each channel of a contact."""

    def do_run(self):
        self.run()
        self.send()

    def do_two_runs(self):
        """A second run before anything is sent finds all under way; a third finds all sent."""
        self.expire()
        self.run()
        assert not self.run(), "a second run contacts again"
        self.send()
        assert not self.run(), "a third run contacts again"

    def do_run_crash(self, at):
        """The machine dies while a mail leaves: nobody knows what became of it, the others go out after the restart."""
        self.run()
        self.send(crash=at)

    def run(self):
        """Decide on all customers who owe something; the rows that are new."""
        run = self.add(self.runs, decided={}, contacts=0, silent=Counter())
        before = len(self.rows)
        for customer in [one for one in self.customers if not one.into]:
            if self.open_items(customer):
                self.decide(run, customer)
        return self.rows[before:]

    def decide(self, run, customer):
        decision = decide(self.facts(customer), self.settings.policy(self.today), self.today)
        run.decided[customer.id] = decision
        if not decision.contact:
            run.silent[decision.reason] += 1
            return
        run.contacts += 1
        before = {line.item: self.progress(next(item for item in self.items if item.id == line.item)) for line in decision.contact.lines}
        moves = [(line, *before[line.item][:2]) for line in decision.contact.lines if line.advances]
        for channel in decision.contact.channels:
            self.add(self.rows, customer=customer, contact=decision.contact._replace(channels=(channel,)), channel=channel, state="ready", run=run.id,
                     planned_on=self.today, waiting_on=None, sent_on=None, sent_by=None, by_hand=False, reason=None, moves=moves, seen=())

    def send(self, crash=None):
        """Check each row again; mails leave, letters wait for a person. After a crash the row in its hands is unknown."""
        mails = 0
        self.expire()
        for row in [one for one in self.rows if one.state == "ready"]:
            if not self.check(row):
                continue
            if row.channel == LETTER:
                row.state, row.waiting_on = "waiting", self.today
                continue
            row.state = "unknown" if mails == crash else "sent"
            row.sent_on = self.today if row.state == "sent" else None
            row.sent_by = row.customer.id
            self.asked += row.state == "unknown"
            mails += 1

    def check(self, row):
        """The same rules again, just before it leaves; of two customers that became one, one message of a run is enough."""
        if any(one.run == row.run and one.customer is row.customer and one.channel == row.channel and one.state == "sent" for one in self.rows):
            row.state, row.reason = "cancelled", "in_flight"
            return False
        facts: Facts = self.facts(row.customer, skip={row.id}, quiet_run=row.run)._replace(in_flight=frozenset())
        decision = confirm(facts, row.contact, self.settings.policy(self.today), self.today)
        if not decision.contact:
            row.state, row.reason = "cancelled", decision.reason
            return False
        row.contact = decision.contact
        residuals = {item.id: self.residual(item) for item in self.items}
        row.seen = [(line, residuals[line.item]) for line in row.contact.lines]
        return True

    def expire(self):
        """A letter that nobody posts is given up: its step counts as taken. What was paid is called off."""
        for row in self.rows:
            if row.state == "waiting":
                if all(self.residual(line[0]) <= 0 for line in self.moved(row)):
                    row.state, row.reason = "cancelled", "settled"
                elif (self.today - row.waiting_on).days > self.settings.manual_wait:
                    row.state, row.reason = "suppressed", "not_done"

    def moved(self, row):
        by_id = {item.id: item for item in self.items}
        return [(by_id[line.item], line) for line in row.contact.lines if line.advances]

    # ------------------------------------------------------------------ by persons

    def do_post(self, number):
        row = self.pick([one for one in self.rows if one.state == "waiting"], number)
        if not row:
            return False
        row.state, row.sent_on, row.sent_by, row.by_hand = "sent", self.today, row.customer.id, True
        return True

    def do_skip(self, number):
        row = self.pick([one for one in self.rows if one.state == "waiting"], number)
        if not row:
            return False
        row.state, row.reason = "suppressed", "skipped"
        return True

    def do_settle_unknown(self, number, how):
        """0: it arrived, 1: it did not and is called off, 2: it is sent again."""
        row = self.pick([one for one in self.rows if one.state == "unknown"], number)
        if not row:
            return False
        if how == 2:
            row.state = "ready"
            self.send()
        else:
            row.state, row.sent_on, row.reason = ("sent", self.today, None) if how == 0 else ("cancelled", None, "by_user")
            row.by_hand = True
        return True

    def do_bounce_mail(self, number):
        """A message came back for another reason than its address: it does not count."""
        row = self.pick([one for one in self.rows if one.state == "sent" and one.channel == MAIL], number)
        if not row:
            return False
        row.state, row.sent_on, row.reason = "failed", None, "refused"
        self.asked += 1
        return True

    def merge_contacts(self, source, target):
        """What is not sent is called off, what was sent counts for the customer that stays."""
        for row in self.rows:
            if row.customer is source:
                if row.state in ("ready", "waiting"):
                    row.state, row.reason = "cancelled", "merged"
                row.customer = target

    # ------------------------------------------------------------------ what it says to the rules

    def contacts_of(self, customer, items, skip, quiet_run):
        """The days of contacts, and the kinds under way: with those about the same items under another customer."""
        policy, days, flying = self.settings.policy(self.today), set(), set()
        since = self.today - timedelta(days=max(policy.gap, policy.cap_days))
        for row in self.rows:
            about = row.customer is customer
            elsewhere = not about and row.customer.parent and any(line.item in items for line in row.contact.lines)
            if not about and not elsewhere:
                continue
            if row.state == "sent" and row.sent_on >= since and (elsewhere or row.run != quiet_run):
                days.add(row.sent_on)
            elif row.state in OPEN_STATES and (elsewhere or row.id not in skip):
                flying.add(row.contact.kind)
        return tuple(sorted(days)), frozenset(flying)

    def progress(self, item):
        """The last level that counted, its day and its round."""
        level = level_on = None
        round_ = 0
        for row in self.rows:
            if row.state not in ("sent", "suppressed"):
                continue
            for line in row.contact.lines:
                if line.item == item.id and line.advances and (level is None or (line.level, line.round) >= (level, round_)):
                    level, round_, level_on = line.level, line.round, row.sent_on or row.planned_on
        return level, level_on, round_
