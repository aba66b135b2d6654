"""Limits and ladders for the ledgers of `./dev bench`, inside Odoo: decided as a person would, a batch at a time."""
from odoo.fields import Command

GRANTED_TOGETHER = 2000
AMOUNTS = (1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000)
ASKS = {"window_count": 3, "on_time_count": 3, "tolerance_days": 3, "turnover_multiple": 1, "use_share": 25, "average_days": 5,
        "quiet_days": 180, "min_days": 90}


def grant(env, partners, amount=10_000_000.0):
    """A base limit for customers, where the addon is there; their profiles."""
    if "credit.limit" not in env:
        return None
    profiles = env["credit.profile"]._ensure(env.company, partners)
    env["credit.limit"]._record_all([(profile, {"amount": amount, "reason": "Bench"}) for profile in profiles])
    return profiles


def ladder(env):
    """A ladder of seven stages; what its stages ask for is the standard."""
    return env["credit.ladder"].create({
        "name": "Bench", "company_id": env.company.id, "fall_days": 30, "cool_down_days": 90,
        "stage_ids": [Command.create({"name": f"Up to {amount}", "amount": amount, "sequence": place, **ASKS})
                      for place, amount in enumerate(AMOUNTS)]})


def put_on_ladder(env, profiles, since):
    """Approved base limits, evenly over the stages, under one ceiling; everybody came to the stage ``since``."""
    steps = ladder(env)
    stages = steps.stage_ids
    profiles._write_snapshot([{"ladder_id": steps.id}] * len(profiles))
    env["credit.limit"]._record_all([(profile, {
        "amount": stages[number % len(stages)].amount, "cap": AMOUNTS[-1], "stage_id": stages[number % len(stages)].id, "reason": "Bench",
    }) for number, profile in enumerate(profiles)])
    profiles._write_snapshot([{"stage_since": since}] * len(profiles))


def grant_all(env, stages, since):
    """A limit and a place on the ladder for everybody, as the stage "grant"; how many they are."""
    profiles = env["credit.profile"].search([("company_id", "=", env.company.id)])
    with stages.stage("grant"):
        for start in range(0, len(profiles), GRANTED_TOGETHER):
            put_on_ladder(env, profiles[start:start + GRANTED_TOGETHER], since)
            env.cr.commit()
    return len(profiles)
