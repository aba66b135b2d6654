"""What must be true of charges, handovers and settlements, whatever happened to them: whole, or as if nothing had been."""
from decimal import Decimal

from .campaign_judge import SETTLES
from .finding import Duplicate, Lost

DUE = Decimal("40.31")  # 40, and 12.5 % a year of 100 from the day after the due date to yesterday: 9 days
# Sentences and the query that finds what they are about.
CHARGES = {
    Lost("charge {0} is posted without a posted bill"):
        "SELECT c.id FROM collection_charge c LEFT JOIN account_move m ON m.id = c.move_id WHERE c.state = 'posted' AND m.state IS DISTINCT FROM 'posted'",
    "bill {0} has no charge that knows it":
        "SELECT m.id FROM account_move m JOIN collection_charge c ON c.id = m.collection_charge_id WHERE c.move_id IS DISTINCT FROM m.id"
        " AND m.reversed_entry_id IS NULL",
    "bill {0} is posted, its charge is {1}":
        "SELECT m.id, c.state AS charge FROM account_move m JOIN collection_charge c ON c.move_id = m.id WHERE m.state = 'posted' AND c.state = 'draft'",
    "line {0} of charge {1} ({2}) is {3}":
        "SELECT l.id, c.id AS charge, c.state, l.state AS line FROM collection_charge_line l JOIN collection_charge c ON c.id = l.charge_id"
        " WHERE (c.state = 'draft' AND l.state = 'posted') OR (c.state = 'posted' AND l.state = 'draft')",
    "charge {0} says {1}, its lines come to {2}":
        "SELECT c.id, c.amount, sum(l.amount) FROM collection_charge c JOIN collection_charge_line l ON l.charge_id = c.id"
        " WHERE c.state IN ('draft', 'posted') AND l.state IN ('draft', 'posted') GROUP BY 1, 2 HAVING c.amount <> sum(l.amount)",
    Lost("line {0} is charged and on no bill"):
        "SELECT l.id FROM collection_charge_line l JOIN collection_charge c ON c.id = l.charge_id"
        " WHERE c.state = 'posted' AND l.state = 'posted' AND l.invoice_line_id IS NULL AND l.amount <> 0",
    Duplicate("{0} mails of {1}"):
        "SELECT count(*), collection_origin FROM mail_mail WHERE collection_origin LIKE 'collection.charge,%%' GROUP BY 2 HAVING count(*) > 1",
    Lost("charge {0} is said to be mailed, there is no mail"):
        "SELECT c.id FROM collection_charge c WHERE c.mailed_on IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM mail_mail m WHERE m.collection_origin = 'collection.charge,' || c.id)",
    "charge {0} has a mail and is said to have none":
        "SELECT c.id FROM collection_charge c WHERE c.mailed_on IS NULL AND EXISTS"
        " (SELECT 1 FROM mail_mail m WHERE m.collection_origin = 'collection.charge,' || c.id)",
}
HANDOVERS = (
    "SELECT h.id, h.name, h.state, r.email, (SELECT count(*) FROM collection_handover_event e WHERE e.handover_id = h.id AND e.kind = 'step') AS steps,"
    " (SELECT count(*) FROM collection_handover_event e WHERE e.handover_id = h.id AND e.kind = 'file') AS made,"
    " (SELECT count(*) FROM collection_handover_file f WHERE f.handover_id = h.id) AS files"
    " FROM collection_handover h JOIN credit_profile p ON p.id = h.profile_id JOIN res_partner r ON r.id = p.partner_id ORDER BY h.id")
STEPS = 2  # proposed, approved
SETTLEMENTS = (
    "SELECT s.name, s.booked_on IS NOT NULL AS booked, s.booked_amount, s.conceded, s.book_error, r.email,"
    " (SELECT sum(i.amount_residual_currency) FROM collection_settlement_line l JOIN account_move_line i ON i.id = l.item_id"
    "  WHERE l.settlement_id = s.id) AS open,"
    " (SELECT count(*) FROM account_move m WHERE m.collection_settlement_id = s.id) AS entries,"
    " (SELECT sum(m.amount_total) FROM account_move m WHERE m.collection_settlement_id = s.id AND m.state = 'posted') AS given"
    " FROM collection_settlement s JOIN credit_profile p ON p.id = s.profile_id JOIN res_partner r ON r.id = p.partner_id ORDER BY s.id")


class Money:
    """Judges a pass about money; each finding is a sentence."""

    def __init__(self, run):
        self.run, self.world = run, run.world

    def _touched(self):
        return set(self.run.committed(*SETTLES, "merge"))

    def _all_there(self, rows):
        """As many as there were in the beginning: what is gone is nothing that could be judged."""
        missing = len(self.run.stage.emails) - len(rows)
        return [Lost(f"{missing} of them are gone")] if missing else []


class Charges(Money):
    def after_the_fault(self):
        """Charge, watermark and posted bill are one (R-45)."""
        return [type(sentence)(sentence.format(*row)) for sentence, query in CHARGES.items() for row in self.world.sql(query)]

    def at_the_end(self):
        problems = self.after_the_fault() + [Lost(f"charge run {row.id} is left {row.state}") for row in self.world.sql(
            "SELECT id, state FROM collection_charge_run WHERE state NOT IN ('done', 'dropped')")]
        return problems + self._not_as_due() + self._problems_left()

    def once_through(self):
        """What the job leaves by itself: only what a person stopped or waived meanwhile, or what the run counts as an error, waits for another run."""
        if self.run.committed("stop"):
            return []
        waived, failed = set(self.run.committed("waive")), self._failed()
        return self._not_as_due(waived | failed) + self._not_counted(failed)

    def _failed(self):
        """Who could not be worked out."""
        return {self.run.poisoned} if self.run.drawn.phase.name == "charge" and self.run.poisoned and self.run.bitten else set()

    def _not_counted(self, failed):
        counted = sum(row.count for row in self.world.sql("SELECT count FROM collection_charge_count WHERE code = 'error'"))
        return [f"{len(failed)} could not be worked out, the run tells of {counted}"] if counted != len(failed) else []

    def _not_as_due(self, but=frozenset()):
        """Each customer that nobody touched is billed what the rule comes to, once."""
        found, problems = self.run.stage.charged(), []
        for email in set(self.run.stage.emails) - self._touched() - self._kept_by_merge() - but:
            got = found.get(email, [])
            if sum(got) != DUE:
                problems.append((Lost if sum(got) < DUE else Duplicate)(f"{email} is billed {list(map(str, got))} instead of {DUE}"))
            elif len(got) != 1:
                problems.append(Duplicate(f"{len(got)} bills of {email}: {list(map(str, got))}"))
        return problems

    def _kept_by_merge(self):
        """The customer that stays has two invoices."""
        emails = self.run.stage.emails
        return {emails[emails.index(email) + 1] for email in self.run.committed("merge")}

    def _problems_left(self):
        """Nothing says that it cannot be billed, once it could."""
        return [f"charge {row.id} of {row.email} is left with the problem “{row.problem}”" for row in self.world.sql(
            "SELECT c.id, c.problem, r.email FROM collection_charge c JOIN credit_profile p ON p.id = c.profile_id"
            " JOIN res_partner r ON r.id = p.partner_id WHERE c.problem IS NOT NULL AND c.state IN ('draft', 'posted')")]

    def counts(self):
        states = {row.state: row.number for row in self.world.sql("SELECT state, count(*) AS number FROM collection_charge GROUP BY 1")}
        return {"sent": states.get("posted", 0), "failed": 0, "unknown": 0, "cancelled": states.get("reversed", 0) + states.get("waived", 0)}


class Handovers(Money):
    def after_the_fault(self):
        """Handed over with its log and its file asked for, or not at all."""
        problems = []
        files = {file["handover"]: file for file in self.world.start("handover_files").result()}
        for row in self.world.sql(HANDOVERS):
            if row.state == "announced" and (row.steps, row.files) != (STEPS, 0):
                problems.append(f"{row.name} is not handed over, and has {row.steps} steps and {row.files} files")
            if row.state == "handed" and (row.steps, row.files) != (STEPS + 1, 1):
                problems.append(f"{row.name} is handed over with {row.steps} steps and {row.files} files")
            file = files.get(row.id, {"state": None, "intact": False})
            if (file["state"] == "made") != (row.made == 1) or (file["state"] == "made") != file["intact"]:
                kind = Duplicate if row.made > 1 else str
                problems.append(kind(f"the file of {row.name} is {file['state']}, made {row.made} times, intact: {file['intact']}"))
        return problems

    def at_the_end(self):
        problems = self.after_the_fault() + self._all_there(self.world.sql(HANDOVERS))
        files = {file["handover"]: file["state"] for file in self.world.start("handover_files").result()}
        for row in self.world.sql(HANDOVERS):
            if row.email in self._touched():
                continue
            if row.state != "handed":
                problems.append(Lost(f"{row.name} is lost: left {row.state}"))
            elif files.get(row.id) != "made" and row.email != self.run.poisoned:
                problems.append(Lost(f"the file of {row.name} is lost: left {files.get(row.id)}"))
        return problems

    def counts(self):
        states = {row.state: row.number for row in self.world.sql("SELECT state, count(*) AS number FROM collection_handover GROUP BY 1")}
        return {"sent": states.get("handed", 0), "failed": 0, "unknown": 0, "cancelled": states.get("cancelled", 0)}


class Settlements(Money):
    def after_the_fault(self):
        """Given up whole, once, or not at all."""
        problems = []
        for row in self.world.sql(SETTLEMENTS):
            if row.booked and (row.open, row.entries, row.given, row.booked_amount) != (0, 1, row.conceded, row.conceded):
                kind = Duplicate if row.entries > 1 else str
                problems.append(kind(f"{row.name} is booked: {row.open} open, {row.entries} entries over {row.given} instead of {row.conceded}"))
            if not row.booked and (row.open, row.entries) != (row.conceded, 0):
                problems.append(f"{row.name} is not booked: {row.open} open, {row.entries} entries over {row.given}")
        return problems

    def at_the_end(self):
        rows = self.world.sql(SETTLEMENTS)
        return self.after_the_fault() + self._all_there(rows) + [
            Lost(f"{row.name} of {row.email} is lost: not booked ({row.book_error})") for row in rows if not row.booked]

    def counts(self):
        booked = sum(row.booked for row in self.world.sql(SETTLEMENTS))
        return {"sent": booked, "failed": 0, "unknown": 0, "cancelled": 0}
