"""Plays passes of the fault campaign against ACC_DB: python -m tools.faults.campaign_run NUMBERS"""
import signal
import sys
import time

from . import campaign_draw, world
from .campaign_pass import JUDGES, PassRun
from .campaign_stage import Stage
from .campaign_table import Outcome, table
from .finding import is_no_room
from .kept import keep_seed

AGAIN = "./dev faults --from {0} --seeds 1"


def play_somehow(stage, drawn, out):
    """One pass; again where nothing was found but that the database server, shared with others, had no room for its locks."""
    for _attempt in range(6):
        outcome = play(stage, drawn)
        if not outcome.problems or outcome.violations or not all(map(is_no_room, outcome.problems)):
            return outcome
        out(f"once more: {drawn.title()}: the database server has no room for its locks")
        time.sleep(10)
    return outcome


def play(stage, drawn):
    """One pass; its outcome. What breaks the campaign itself is a finding too."""
    run = PassRun(stage, drawn)
    try:
        run.play()
    except Exception as error:
        run.problems.append(f"the pass broke off: {type(error).__name__} {error}")
    finally:
        for job in list(stage.world.jobs):
            job.kill()
            job.result(allow_error=True)
    try:
        violations = stage.world._here("violations")
        counts = JUDGES[drawn.phase.group](run).counts()
    except Exception as error:
        violations, counts = [], {}
        run.problems.append(f"the invariants could not be looked at: {error}")
    return Outcome(drawn, counts, run.kills, run.bitten, run.problems, violations)


def tell(outcome, took, keep, out):
    """A line about a pass; what it broke, and how to play it again."""
    seed = outcome.drawn.seed
    found = outcome.problems + [f"{one['code']} {one['model']} {one['ids']} {one['detail']}" for one in outcome.violations]
    out(f"{'BROKEN' if found else 'ok    '} {outcome.drawn.title()}, {took:.1f} s{'' if outcome.bitten else ', too late to meet the job'}")
    for problem in found[:8]:
        out(f"       {problem}")
    if found:
        out(f"       again: {AGAIN.format(seed)}")
        if keep:
            keep_seed(seed, found[0].splitlines()[0][:100])


def campaign(stage, seeds, keep=False, out=print):
    """Play passes and print the table, also of a campaign that is interrupted; their outcomes."""
    outcomes = []
    try:
        for seed in seeds:
            began = time.monotonic()
            outcomes.append(play_somehow(stage, campaign_draw.draw(seed), out))
            tell(outcomes[-1], time.monotonic() - began, keep, out)
    except KeyboardInterrupt:
        out("interrupted")
    for line in table(outcomes):
        out(line)
    return outcomes


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # told to end, it prints what it has
    played = campaign(Stage(world.the_world()), list(map(int, sys.argv[1:])), keep=True, out=lambda line: print(line, flush=True))
    sys.exit(0 if played and not any(one.is_broken() for one in played) else 1)
