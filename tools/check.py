"""./dev check [DB]: what must always be true, looked up in a database; the demo's by default. Nothing is changed in it."""
import argparse
import json

from . import database, server
from .paths import DevError

SHOWN = 10  # violations found by a check that are named before the rest is only counted
MARK = "CHECKED "
LOOK = f"""
import json
from odoo.addons.account_credit_collection.models.collection_invariant import CHECKS
from odoo.addons.account_credit_collection.models.collection_reason import describe
found = env["collection.invariant"]._violations()
print({MARK!r} + json.dumps({{"looked": env["collection.invariant"]._looked_at(),
                             "checks": {{code: describe(env, "check_" + code) for code in CHECKS}},
                             "found": [[one.code, one.rule, one.model, list(one.ids)] for one in found]}}))
env.cr.rollback()
"""


def main(argv):
    """Look, print; the exit code is 1 when something is not as it must be."""
    parser = argparse.ArgumentParser(prog="./dev check", description=__doc__)
    parser.add_argument("db", nargs="?", default="demo", help="a database of this checkout, by its short or its full name")
    db = database.full_name(parser.parse_args(argv).db)
    if not database.exists(db):
        raise DevError(f"there is no database {db}: ./dev demo --exit makes one")
    return report(db)


def report(db):
    """Print one line a check: records looked at, violations; return 1 when there are any, else 0."""
    failed, output = server.run_code(db, LOOK, log="check", capture=True)
    line = next((line for line in output.splitlines() if line.startswith(MARK)), None)
    if failed or not line:
        raise DevError(f"the check broke off; Odoo's log: {server.log_path('check')}")
    answer = json.loads(line.removeprefix(MARK))
    found = answer["found"]
    for code, text in answer["checks"].items():
        mine = [one for one in found if one[0] == code]
        print(f"{code:<6}{text:<43}{answer['looked'][code]:>9,} looked at  {len(mine):>5,} violations")
        for _code, rule, model, ids in mine[:SHOWN]:
            print(f"      {rule}: {model} {', '.join(map(str, ids))}")
        if len(mine) > SHOWN:
            print(f"      and {len(mine) - SHOWN} more")
    print(f"violations {len(found)}", flush=True)
    return 1 if found else 0
