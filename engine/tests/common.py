"""Short ways to write facts down. Days are numbers relative to TODAY, a Wednesday."""
from datetime import date, timedelta
from decimal import Decimal

from engine.followup import Level, Policy, decide
from engine.ledger import Facts, Item, Pause

TODAY = date(2026, 3, 18)
EUR, USD = 1, 2
ALL = frozenset({"email", "sms", "letter"})


def day(offset):
    return TODAY + timedelta(days=offset)


def item(id, late, amount=100, currency=EUR, **values):
    """An item ``late`` days past due (negative: due in the future); ``level_on`` as days relative to TODAY."""
    for name in ("disputed", "in_transit"):
        if name in values:
            values[name] = Decimal(values[name])
    if "level_on" in values:
        values["level_on"] = day(values["level_on"])
    return Item(id, currency, day(-late), Decimal(amount), **values)


def pause(reason, until=None):
    return Pause(reason, None if until is None else day(until))


def level(position, offset, **values):
    values = {"channels": ("email",), **values}
    values["minimum"] = {key: Decimal(value) for key, value in values.get("minimum", {}).items()}
    return Level(100 + position, position, offset, **values)


BASIC = (level(1, -7), level(2, 1), level(3, 15, wait=7), level(4, 30, wait=7))


def policy(*levels, **values):
    return Policy(1, levels or BASIC, **values)


def facts(*items, **values):
    values = {"reachable": ALL, **values}
    values["contacts"] = tuple(day(offset) for offset in values.get("contacts", ()))
    values["credits"] = {key: Decimal(value) for key, value in values.get("credits", {}).items()}
    return Facts(7, items, **values)


def run(*items, at=0, rules=None, **values):
    return decide(facts(*items, **values), rules or policy(), day(at))


def positions(decision):
    """{item: level position it moves to} of a contact."""
    return {line.item: line.level for line in decision.contact.lines if line.advances}


def amounts(decision):
    return {line.item: line.asked for line in decision.contact.lines}
