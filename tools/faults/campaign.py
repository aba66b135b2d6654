"""./dev faults: passes of the fault campaign by their numbers, those that failed once first, on a database of their own."""
import subprocess
import time

from .. import database, provision, testing
from ..paths import CHECKOUT, say
from .kept import kept_seeds


def main(options):
    """Play the passes asked for; exit code 1 when one broke a promise."""
    began = time.monotonic()
    first = options.first or 1
    seeds = list(dict.fromkeys([*([] if options.first else kept_seeds()), *range(first, first + options.seeds)]))
    name = database.copy(testing.installed_database(), database.full_name(f"faults_{testing.RUN}"))
    try:
        command = [str(provision.environment().python), "-m", "tools.faults.campaign_run", *map(str, seeds)]
        code = subprocess.run(command, cwd=CHECKOUT, env=testing.faults_variables(name), stdin=subprocess.DEVNULL, check=False).returncode
    finally:
        database.drop(name)
    say(f"{len(seeds)} passes in {time.monotonic() - began:.0f} s")
    return code
