"""What a pass of the campaign does, drawn from its number: the same number is the same pass."""
import random
from typing import NamedTuple


class Phase(NamedTuple):
    """Something under way: the job that does it, steps before which it may be stopped, the step a poisoned customer breaks."""

    name: str
    group: str  # how the pass is set up, brought to its end and judged
    work: str
    steps: tuple
    poison: tuple
    deeds: tuple
    share: int


DEEDS = ("pay", "credit note", "dispute", "merge", "edit")
PHASES = (
    Phase("plan", "contacts", "run", (
        "collection.run/_process", "collection.run/_prepare_actions", "collection.action/_record", "credit.profile/_write_snapshot",
        "collection.run/_finish", "collection.run/_tally", "collection.heartbeat/_beat"), ("plan", "decision"), DEEDS, 15),
    Phase("check", "contacts", "perform", (
        "collection.outbox/_claim", "collection.outbox/_lock_items", "collection.outbox/_reconfirm",
        "collection.channel/_prepare_messages", "collection.channel/_prepare_mails"), ("decision", "text"), (*DEEDS, "call off"), 15),
    Phase("paper", "contacts", "perform", (
        "collection.channel/_render_pdf", "collection.outbox/_hand_over", "collection.outbox/_attach_statements",
        "collection.channel/_attach"), ("mail",), (*DEEDS, "call off"), 10),
    Phase("data", "contacts", "perform", ("collection.outbox/_begin", "collection.channel/_perform_email"), ("mail",),
          (*DEEDS, "call off"), 25),
    Phase("result", "contacts", "perform", (
        "collection.outbox/_sent", "collection.outbox/_commit", "collection.outbox/_note_mails", "collection.channel/_note_mails",
        "collection.outbox/_give_back"), ("afterwards", "note"), DEEDS, 15),
    Phase("charge", "charges", "charge", (
        "collection.charge.run/_prepare_batch", "collection.charge/_record", "collection.charge.run/_count",
        "collection.charge.run/_settle"), ("charge",), (*DEEDS, "stop"), 10),
    Phase("bill", "charges", "charge", (
        "collection.charge/_bill", "collection.charge/_make_bills", "collection.charge/_link_lines", "collection.charge/_mark_charged",
        "collection.charge/_queue_bill", "collection.charge.run/_post_batch"), ("bill",), (*DEEDS, "stop", "waive"), 15),
    Phase("hand over", "handovers", "hand_over", (
        "collection.handover/_transition", "collection.handover/_log", "collection.handover/_tell", "collection.handover/_file_ask"),
        (), ("pay", "credit note", "dispute", "merge", "edit"), 6),
    Phase("file", "handovers", "file", (
        "collection.handover.file/_make_some", "collection.handover.file/_render_invoices", "collection.handover.file/_assemble",
        "collection.handover.file/_keep"), ("file",), ("pay", "credit note", "merge", "edit"), 6),
    Phase("settle", "settlements", "book", (
        "collection.settlement/_book", "collection.settlement/_give_up", "collection.settlement/_drop_tasks"), ("book",),
        ("edit", "merge"), 6),
)
SMTP = ("421", "451", "550", "cut", "hang", "slow")
# How often each is drawn; those that make no sense in a phase are left out there.
FAULTS = {"kill": 26, "kill at a step": 26, "terminate": 8, "connection": 12, "2 workers": 8, "4 workers": 5, "people": 22, "poison": 8, "smtp": 40}


class Pass(NamedTuple):
    """One pass of the campaign."""

    seed: int
    phase: Phase
    fault: str
    detail: str  # the step, the kind of fault
    nth: int
    moment: float  # of the usual time of the job
    also: str | None  # what people do besides
    again: bool  # what goes on afterwards is killed as well

    def title(self):
        return " ".join(filter(None, (f"seed {self.seed}: {self.phase.name} × {self.fault}", self.detail and f"({self.detail}, {self.nth})",
                                      self.also and f"and {self.also}", self.again and "and killed again")))


def draw(seed):
    """The pass of a number."""
    rng = random.Random(seed * 7919 + 11)
    phase = rng.choices(PHASES, [one.share for one in PHASES])[0]
    possible = {fault: weight for fault, weight in FAULTS.items() if _is_possible(phase, fault)}
    fault = rng.choices(list(possible), list(possible.values()))[0]
    detail = {"kill at a step": phase.steps, "people": phase.deeds, "poison": phase.poison, "smtp": SMTP}.get(fault, ("",))
    also = rng.choice(phase.deeds) if fault != "people" and rng.random() < 0.35 else None
    return Pass(seed, phase, fault, rng.choice(detail), rng.choice((1, 1, 2, 2, 3, 4, 6)), rng.random(), also, rng.random() < 0.2)


def _is_possible(phase, fault):
    if fault == "smtp":
        return phase.name in ("check", "data", "result")
    if fault == "poison":
        return bool(phase.poison)
    return True
