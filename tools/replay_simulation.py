"""Inside `odoo shell`, after a replay: simulate the last quarter in which invoices were issued, with the policy in force, and
compare it with what the replay really did on those days, contact by contact: customer, day, level and channel.
"""
import json
from collections import Counter
from datetime import date, timedelta

DAYS = 91  # of a quarter


def main(env, path, out):
    """Simulate the quarter of the ledger in the JSON file ``path``; what came of it is written to ``out``."""
    with open(path, encoding="utf-8") as handle:
        last = max(date.fromisoformat(values[3]) for values in json.load(handle))
    simulation = env["collection.simulation"].create({
        "name": "Replay", "first_day": last - timedelta(days=DAYS - 1), "last_day": last, "policy_id": env.company.collection_policy_id.id})
    simulation._simulate()
    env.cr.commit()
    with open(out, "w", encoding="utf-8") as handle:
        json.dump(compare(simulation), handle, indent=2)


def compare(simulation):
    """The contacts on both sides, and each that stands on one side only, in words."""
    simulated, alternative, real = (_contacts(simulation, side) for side in ("force", "alternative", "real"))
    return {
        "first": simulation.first_day.isoformat(), "last": simulation.last_day.isoformat(), "failed": simulation.failed_count,
        "simulated": sum(simulated.values()), "real": sum(real.values()), "both": sum((simulated & real).values()),
        # the alternative is the policy in force, too: two ways to the same contacts
        "only_simulated": _named(simulated - real) + _named(alternative - simulated),
        "only_real": _named(real - simulated) + _named(simulated - alternative)}


def _contacts(simulation, side):
    rows = simulation.result_ids.filtered(lambda row: row.side == side)
    return Counter((row.day.isoformat(), row.profile_id.partner_id.name, row.level_id.with_context(lang="en_US").name, row.channel,
                    f"{row.amount:.2f}") for row in rows)


def _named(contacts):
    return [", ".join(contact) for contact in sorted(contacts.elements())]
