"""What holds in the simulated world after each step: I-1 to I-12 as far as they have a meaning without a database.

I-8 (a charge has its entry), I-9 (limits) and I-10 (companies) are about records: see models/collection_invariant.py.
"""
from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache

from ..ledger import ZERO
from ..promise import KEPT, OPEN

DAY, CENT = timedelta(days=1), Fraction(1, 100)


def violations(world):
    """Sentences, each with the invariant that is broken; none is as it should be."""
    return [f"{check.__name__.upper().replace('_', '-')}: {found}" for check in CHECKS for found in check(world)]


def i_0(world):
    """The ledger itself: nothing is set off twice, nobody pays more than there is."""
    for item in world.items:
        if not ZERO <= world.residual(item) <= item.amount:
            yield f"{world.residual(item)} is open of the {item.amount} of item {item.id}"
    for credit in world.credits:
        if not ZERO <= world.unused(credit) <= credit.amount:
            yield f"{world.unused(credit)} is left of the {credit.amount} of credit {credit.id}"


def i_1(world):
    """No contact is sent twice."""
    keys = Counter((row.contact.leading, row.contact.level.position, row.contact.round, row.channel) for row in world.rows
                   if row.state not in ("cancelled", "failed"))
    yield from (f"{key} is asked for {count} times" for key, count in keys.items() if count > 1)


def i_2(world):
    """What was paid before the check was not sent; each amount was open then."""
    for row in world.rows:
        for line, residual in getattr(row, "seen", ()):
            if not ZERO < line.asked <= residual:
                yield f"row {row.id} asked {line.asked} of item {line.item}, of which {residual} was open"


def i_3(world):
    """One reminder a customer, channel and day at most, as far as they were one customer then."""
    keys = Counter((row.sent_by, row.channel, row.sent_on) for row in world.rows if row.state == "sent" and row.sent_by)
    yield from (f"customer {key[0]} got {count} messages over {key[1]} on {key[2]}" for key, count in keys.items() if count > 1)


def i_4(world):
    """Levels rise by one, after the wait; contacts lie the gap apart, and are not more than the cap."""
    policy = world.settings.policy(world.today)
    positions = [level.position for level in policy.levels]
    for row in world.rows:
        for line, before, on in getattr(row, "moves", ()):
            level = next(level for level in policy.levels if level.position == line.level)
            after = before is not None and level.kind == "after" and not policy.fit
            if after and line.level != before and positions.index(line.level) != positions.index(before) + 1:
                yield f"row {row.id} took item {line.item} from level {before} to {line.level}"
            if before is not None and line.level < before:
                yield f"row {row.id} took item {line.item} back from level {before} to {line.level}"
            if on and line.level != before and (row.planned_on - on).days < level.wait:
                yield f"row {row.id} came {(row.planned_on - on).days} days after the last level, not {level.wait}"
    for by in {row.sent_by for row in world.rows if row.state == "sent" and row.sent_by}:
        days = sorted({row.sent_on for row in world.rows if row.state == "sent" and row.sent_by == by and row.channel != "letter" and not row.by_hand})
        for one, two in zip(days, days[1:]):
            if (two - one).days < max(1, policy.gap):
                yield f"customer {by} was written to on {one} and {two}"
        for day in days:
            if policy.cap and sum(day <= other < day + timedelta(days=policy.cap_days) for other in days) > policy.cap:
                yield f"customer {by} was written to more than {policy.cap} times from {day} on"


def i_5(world):
    """The parts of a plan are the plan; what they got was paid.

    What was paid on each part is ``installment.match``'s own word: whether that is the right part, test_installment.py says.
    """
    for plan in world.plans:
        parts = sum((row.part.amount for row in plan.rows), ZERO)
        if parts != plan.total or plan.total != sum((line[1] for line in plan.lines), ZERO):
            yield f"the parts of plan {plan.id} are {parts}, the plan is {plan.total}"
        late = plan.ended_on and (world.today - plan.ended_on).days > 180  # history, which no payment changes any more
        if plan.standing and plan.state in ("active", "finished") and not late:
            money = sum((one.amount for one in world.booked(plan) if one.money), ZERO)
            if sum((one.paid for one in plan.standing.installments), ZERO) > max(ZERO, money):
                yield f"plan {plan.id} shows more paid than the {money} that was"
            owed = sum((world.residual(item) for item in world.items_of(plan)), ZERO) + sum(
                (one.amount for item in world.items_of(plan) for one in world.of_item(item) if one.credit.day > world.today), ZERO)
            if plan.state == "active" and plan.standing.open > owed or plan.standing.open < ZERO:
                yield f"{plan.standing.open} is open of plan {plan.id}, of its items {owed}"


def i_6(world):
    """What is charged and what is to correct come to what the days cost, summed day by day (see ``cost``)."""
    billed = world.log[-1][0] == "charge"  # then no day is left that was not charged
    for item in [one for one in world.items if not one.mild]:
        end = world.today if billed else max((span.end for span in world.charged(item)), default=None)
        if not end:
            continue
        exact, lines = cost(item.due, item.amount, *_history(world, item), end)
        found = world.posted(item) + world.to_correct(item)
        if abs(Fraction(found) - exact) > lines * CENT:
            yield f"the days of item {item.id} come to {found}, they cost {float(exact):.4f}"


@lru_cache(4096)
def cost(due, amount, paid, stops, end):
    """``(sum, periods)``: what the days before ``end`` cost, each day balance x rate / 365; nothing here is from ``interest`` or ``rate``.

    The fourth day after the due date is the first that costs, the day of a payment the last. By hand: 2.15 + 8 is 10.15, up to the half 10.5;
    from July 2026 on 3.40 + 8 is 11.4, up to the half 11.5.
    """
    total, periods, before, day = Fraction(0), 0, None, due + 4 * DAY
    while day < end:
        stopped = [part for first, last, part in stops if first <= day and (not last or day <= last)]
        left = 0 if None in stopped else max(0, amount - sum(part for on, part in paid if on < day) - sum(stopped))
        now = Fraction(left) * Fraction("10.5" if day < date(2026, 7, 1) else "11.5") / 36500
        periods += bool(now) and now != before
        total, before, day = total + now, now, day + DAY
    return total, periods


def _history(world, item):
    """What was set off when, and the days that cost nothing: contested (that part), in a plan (all)."""
    paid = tuple((one.credit.day, one.amount) for one in world.of_item(item))
    stops = [(one.opened_on, one.closed_on, one.amount) for one in world.disputes_of(item)]
    return paid, (*stops, *((plan.made_on, plan.ended_on, None) for plan in world.plans if item in world.items_of(plan)))


def i_7(world):
    """No day of an item is charged twice."""
    for item in {one.item for one in world.charges}:
        spans = sorted(world.charged(item))
        yield from (f"item {item.id}: {one} and {two}" for one, two in zip(spans, spans[1:]) if two.start < one.end)


def i_11(world):
    """An item has one agreement at a time, and no more of it is contested than is open.

    How payments share a contested item is ``dispute.settle``'s own word: whether that is right, test_dispute.py says.
    """
    for item in world.items:
        agreed = [plan.id for plan in world.plans if plan.state == "active" and item in world.items_of(plan)]
        agreed += [offer.id for offer in world.offers if offer.item is item and world.is_live_offer(offer)]
        agreed += [made.id for made in world.promises if made.state == OPEN and item in made.items]
        if len(agreed) > 1:
            yield f"item {item.id} is in {agreed}"
        contested = sum((one.balance.open for one in world.disputes_of(item)), ZERO)
        if contested > world.residual(item):
            yield f"{contested} of item {item.id} is contested, {world.residual(item)} is open"
    for one in world.disputes:
        if sum(one.balance[1:6], ZERO) != one.amount or min(one.balance[1:6]) < 0:
            yield f"dispute {one.id} of {one.amount} came to {one.balance}"


def i_12(world):
    """Each customer of a run has a contact or a reason."""
    for run in world.runs:
        if len(run.decided) != run.contacts + sum(run.silent.values()) or None in run.silent:
            yield f"run {run.id}: {len(run.decided)} customers, {run.contacts} contacts, {run.silent}"


def promises(world):
    """Where nobody contested or credited anything, a promise on an item is kept if and only if the money came in its window, but for a cent."""
    for made in world.promises:
        entries = [(one, one.credit) for item in made.items for one in world.of_item(item)]
        plain = not made.by_person and not made.before and not any(world.disputes_of(item) for item in made.items) and all(
            credit.kind == "money" and (credit.day >= made.made_on or one.id < made.id) for one, credit in entries)
        if made.items and plain and (made.state == OPEN or made.until >= world.today - timedelta(days=180)):
            came = sum((one.amount for one, credit in entries if made.made_on <= credit.day <= min(world.today, made.until)), ZERO)
            if (made.state == KEPT) != (came > 0 and made.amount - came <= CENT):
                yield f"promise {made.id} of {made.amount} until {made.until} is {made.state}, {came} came"


CHECKS = (i_0, i_1, i_2, i_3, i_4, i_5, i_6, i_7, i_11, i_12, promises)
