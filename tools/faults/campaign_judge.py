"""What must be true of contacts, whatever happened to them: nothing twice, nothing lost, nobody asked who had paid."""
from datetime import timezone

from . import promises
from .finding import Duplicate, Lost

ASKED = {"sent", "unknown", "waiting"}
REACHED = ASKED | {"failed"}
SETTLES = ("pay", "credit note", "dispute")


class Contacts:
    """Judges a pass about contacts; each finding is a sentence."""

    def __init__(self, run):
        self.run, self.world = run, run.world

    def after_the_fault(self):
        """Each process that died left one message undecided at most."""
        leaving = self.world.states().get("sending", 0)
        return [f"{leaving} contacts were leaving at once, {self.run.kills} processes died"] if leaving > self.run.kills else []

    def at_the_end(self):
        run = self.run
        final = promises.FINAL | ({"waiting"} if run.drawn.phase.name == "paper" else set())
        problems = promises.contact_problems(self.world, self._unknown_allowed(), not run.committed("merge"), final,
                                             run.poisoned if run.drawn.detail == "note" else None)
        return (problems + self._unchecked() + self._twice() + self._asked_though_settled() + self._forgotten() + self._runs_left()
                + self._papers())

    def _unknown_allowed(self):
        poisoned = self.run.poisoned is not None and self.run.drawn.detail == "afterwards"
        return self.run.kills + self.run.lines_cut + poisoned

    def _unchecked(self):
        """Nothing leaves that was not looked at once more."""
        return [f"contact {row.id} of {row.customer} is {row.state} and was never checked" for row in self.world.rows().values()
                if row.state in ASKED and not row.checked_at]

    def _twice(self):
        """One contact for an invoice, level, round and channel, however it leaves; a customer merged into another may be mentioned in two."""
        return [Duplicate(f"item {row.item_id} stands in the contacts {row.actions} of one level") for row in self.world.sql(
            "SELECT l.item_id, array_agg(DISTINCT a.id) AS actions FROM collection_action_line l JOIN collection_action a ON a.id = l.action_id"
            " WHERE a.state = ANY(%s) AND (l.advances OR %s) GROUP BY l.item_id, a.channel, a.level_id, a.round HAVING count(DISTINCT a.id) > 1",
            list(ASKED), not self.run.committed("merge"))]

    def _asked_though_settled(self):
        """Whoever paid, was credited or contested before the check has no message."""
        committed = self.run.committed(*SETTLES)
        problems = []
        for row in self.world.rows().values():
            if row.state in ("sent", "unknown") and row.customer in committed and row.checked_at:
                early = row.checked_at.replace(tzinfo=timezone.utc).timestamp() - committed[row.customer]
                if early > 0:
                    problems.append(f"{row.customer} was asked though it had settled {early:.2f} s before the check")
        return problems

    def _forgotten(self):
        """Whoever still owes was written to, or a person knows why not."""
        reached = {row.customer for row in self.world.rows().values() if row.state in REACHED}
        owing = set(self.run.stage.emails) - set(self.run.committed(*SETTLES, "merge"))
        return [Lost(f"{email} is lost: nobody wrote to it ({self._why(email)})") for email in sorted(owing - reached)]

    def _why(self, email):
        rows = [f"{row.state} {row.reason}" for row in self.world.rows().values() if row.customer == email]
        return ", ".join(rows) or "no contact"

    def _runs_left(self):
        return [Lost(f"run {row.id} of {row.run_date} is left {row.state}") for row in self.world.sql(
            "SELECT id, run_date, state FROM collection_run WHERE state = 'running'")]

    def _papers(self):
        """A letter that waits for a person is a file that shows what the contact says."""
        return [Lost(f"letter {row.id} waits without its file") for row in self.world.sql(
            "SELECT a.id FROM collection_action a WHERE a.channel = 'letter' AND a.state = 'waiting' AND (a.attachment_hash IS DISTINCT FROM"
            " a.payload_hash OR (SELECT count(*) FROM collection_action_ir_attachment_rel r WHERE r.collection_action_id = a.id) <> 1)")]

    def counts(self):
        states = self.world.states()
        return {"sent": states.get("sent", 0) + states.get("waiting", 0), "failed": states.get("failed", 0),
                "unknown": states.get("unknown", 0), "cancelled": states.get("cancelled", 0) + states.get("suppressed", 0)}
