"""./dev simulate: random sequences of business steps, in the rules alone, and in Odoo with both ledgers compared after each step.

A sequence that fails is made shorter, printed, and kept in engine/tests/seeds or tests/seeds, where each ./dev test plays it again.
"""
import argparse
import os
import re
import subprocess
import time

from . import database, provision, server, testing
from .paths import CHECKOUT, MODULE, say

SHRINK = 60  # seconds to make a sequence shorter in Odoo


def main(argv):
    """Both machines one after the other; exit code 1 when one found something."""
    options = _parser().parse_args(argv)
    codes = [_pure(options)] if options.sequences else []
    codes += [_odoo(options)] if options.odoo else []
    return int(any(codes))


def _parser():
    parser = argparse.ArgumentParser(prog="./dev simulate", description=__doc__.partition("\n")[0])
    parser.add_argument("--sequences", type=int, default=2000, help="in the rules alone, twice: drawn by hypothesis and by number (0: none)")
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--odoo", type=int, default=50, help="sequences played in Odoo as well (0: none)")
    parser.add_argument("--odoo-steps", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1000, help="the number of the first sequence drawn")
    return parser


def _pure(options):
    """The engine's own test of it, made long."""
    begun = time.monotonic()
    say(f"the rules alone: {options.sequences} × {options.steps} steps by hypothesis, and as many from seed {options.seed} on")
    env = {**os.environ, "ACC_SEQUENCES": str(options.sequences), "ACC_STEPS": str(options.steps), "ACC_SEED": str(options.seed), "ACC_KEEP": "1"}
    command = [provision.environment().python, "-m", "unittest", "engine.tests.test_machine"]
    code = subprocess.run(list(map(str, command)), cwd=CHECKOUT, env=env, check=False).returncode
    say(f"the rules alone: {'a violation, see above' if code else '0 violations'} in {time.monotonic() - begun:.0f} s")
    return code


def _odoo(options):
    """The differential test on a clone of the installed database, made long."""
    begun = time.monotonic()
    say(f"Odoo and the rules: {options.odoo} × {options.odoo_steps} steps from seed {options.seed} on")
    db = database.copy(testing.installed_database(), database.full_name(f"simulate_{os.getpid()}"))
    env = {"ACC_ODOO_SEQUENCES": str(options.odoo), "ACC_ODOO_STEPS": str(options.odoo_steps), "ACC_SEED": str(options.seed), "ACC_SHRINK": str(SHRINK)}
    said = []
    try:
        code, log = server.run_odoo(["--test-tags", f"/{MODULE}:TestMachine", "--stop-after-init", "--no-http"], db,
                                    log="simulate", watch=lambda line: _show(line, said), extra_env=env)
    finally:
        database.drop(db)
    code = code or int(not played(said, options.odoo))
    say(f"Odoo and the rules: {f'a difference, or not all was played: see above or {log}' if code else '0 differences'} in {time.monotonic() - begun:.0f} s")
    return code


def _show(line, said):
    """What the machine itself says."""
    if " machine: " in line:
        said.append(line[line.index(" machine: ") + 1:])
        print(said[-1], flush=True)


def played(said, number):
    """Whether the machine says that it played so many sequences; a test that was not found or skipped says nothing."""
    return any(re.match(rf"machine: {number} sequences, .* 0 differences,", line) for line in said)
