"""./dev mutate: take a guard away, and a test must notice.

Without ``--engine`` it makes the changes listed in tools/mutations/, one at a time and in a copy of this checkout, which
has a database of its own, and runs the tests named with each. With ``--engine`` it changes operators, numbers and answers
of the rules (see mutate_engine).
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter

from . import provision, testing
from .mutations import MUTANTS
from .paths import CHECKOUT, DevError, checkout_dir, say

FOLDERS = {"tests": "tests", "engine": "engine/tests", "faults": "tools/faults"}
KILLED, SURVIVED, BROKEN = "killed", "survived", "broken"
VERDICTS = {0: SURVIVED, 1: KILLED}


def copy_checkout():
    """A copy of what is not ignored; a checkout like any other, with its own databases. Files that are gone go."""
    target = checkout_dir("mutants") / "copy"
    wanted = [name for name in testing._files() if (CHECKOUT / name).is_file()]
    for path in [path for path in target.rglob("*") if path.is_file() and str(path.relative_to(target)) not in wanted]:
        path.unlink()
    for name in wanted:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        if not (target / name).exists() or (target / name).read_bytes() != (CHECKOUT / name).read_bytes():
            shutil.copy2(CHECKOUT / name, target / name)
    return target


def python(path, *args):
    """The arguments and the environment that run a module of a copy's tools."""
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(path)}
    return {"args": [sys.executable, "-m", "tools.mutate_run", *args], "cwd": path, "env": env}


def problem(mutant, root):
    """Why a mutant cannot be made, or nothing."""
    for name in mutant.tests:
        folder, file, klass, *method = name.split(".")
        path = root / FOLDERS[folder] / f"{file}.py"
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        if f"class {klass}(" not in text or (method and f"def {method[0]}(" not in text):
            return f"there is no test {name}"
    if mutant.sql:
        return None
    path = root / mutant.file
    count = path.read_text(encoding="utf-8").count(mutant.find) if path.exists() else 0
    return None if count == 1 else f"what it changes is {count} times in {mutant.file}"


def run_tests(root, mutant):
    """What the tests named say in the copy as it is now."""
    part = json.dumps({"tests": mutant.tests, "sql": mutant.sql, "update": mutant.file.endswith((".xml", ".csv"))})
    code = _logged(root, part, f"{mutant.requirement} {mutant.what}")
    return VERDICTS.get(code, BROKEN)


def judge(root, mutant):
    """Make the change, run its tests, take it back."""
    if mutant.sql:
        return run_tests(root, mutant)
    path = root / mutant.file
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace(mutant.find, mutant.replace), encoding="utf-8")
    try:
        return run_tests(root, mutant)
    finally:
        path.write_text(whole, encoding="utf-8")


def inside(root, mutants):
    """``{number: verdict}`` of those that one Odoo can judge together; the others are missing."""
    work = checkout_dir("mutants") / "work.json"
    told = work.with_suffix(".told")
    told.unlink(missing_ok=True)
    quick = {number: mutant for number, mutant in enumerate(mutants)
             if all(name.startswith("tests.") for name in mutant.tests) and not mutant.file.endswith((".xml", ".csv"))}
    work.write_text(json.dumps([{"number": number, **mutant._asdict()} for number, mutant in quick.items()]), encoding="utf-8")
    shutil.copy2(CHECKOUT / "tools/mutate_inside.py", root / "tests/test_mutants.py")
    package = root / "tests/__init__.py"
    whole = package.read_text(encoding="utf-8")
    package.write_text(f"{whole}\nfrom . import test_mutants\n", encoding="utf-8")
    say(f"{len(quick)} mutants in one Odoo")
    try:
        _logged(root, "inside", "in one Odoo", {"ACC_MUTANTS": str(work)})
    finally:
        package.write_text(whole, encoding="utf-8")
        (root / "tests/test_mutants.py").unlink()
    return _verdicts(told)


def _verdicts(told):
    """The last word on each mutant; what fails with nothing changed is said."""
    found = {}
    for line in told.read_text(encoding="utf-8").splitlines() if told.exists() else ():
        number, verdict = json.loads(line)
        if number < 0:
            say(f"fails with nothing changed: {verdict}")
        elif verdict in VERDICTS.values() or verdict == BROKEN:
            found[number] = verdict
    return found


def _logged(root, part, title, more=None):
    """Run a part in the copy, its output into the log; the exit code."""
    command = python(root, part)
    with (checkout_dir("logs") / "mutate.log").open("a", encoding="utf-8") as handle:
        handle.write(f"\n===== {title}\n")
        handle.flush()
        return subprocess.run(**{**command, "env": {**command["env"], **(more or {})}}, stdout=handle, stderr=subprocess.STDOUT, check=False).returncode


def judge_alone(root, mutant, sound):
    """As ``judge``, in processes of its own; BROKEN where its tests fail with nothing changed. ``sound`` keeps which do not."""
    if mutant.tests not in sound:
        sound[mutant.tests] = run_tests(root, mutant._replace(what="nothing changed", sql="", file="")) == SURVIVED
    return judge(root, mutant) if sound[mutant.tests] else BROKEN


def guards(options):
    """Judge the listed mutants; 1 when a guard can be taken away unnoticed."""
    chosen = [mutant for mutant in MUTANTS
              if any(one.lower() in f"{mutant.requirement} {mutant.what} {mutant.file}".lower() for one in options.patterns or [""])]
    if not chosen:
        raise DevError("no mutant is called so")
    root = copy_checkout() if not options.keep else checkout_dir("mutants") / "copy"
    problems = [f"{mutant.requirement} {mutant.what}: {text}" for mutant in chosen if (text := problem(mutant, root))]
    if problems:
        raise DevError("\n".join(problems))
    subprocess.run(**python(root, "install"), check=True)
    found = inside(root, chosen)
    return table(chosen, [*_told(root, chosen, found)])


def _told(root, chosen, found):
    """The verdicts, each printed as it comes; those that are not ``found`` yet take a process each."""
    sound = {}
    for number, mutant in enumerate(chosen):
        begun = time.monotonic()
        verdict = found.get(number) or judge_alone(root, mutant, sound)
        print(f"{verdict:<9} {mutant.requirement:<6} {mutant.what} ({time.monotonic() - begun:.0f} s)", flush=True)
        yield verdict


def table(chosen, verdicts):
    """A line per requirement and the sums; 1 when something survived."""
    by_requirement = {}
    for mutant, verdict in zip(chosen, verdicts):
        by_requirement.setdefault(mutant.requirement, Counter())[verdict] += 1
    print(f"\n{'requirement':<12} {KILLED:>7} {SURVIVED:>9} {BROKEN:>7}")
    for requirement, counts in sorted(by_requirement.items(), key=lambda pair: int(pair[0].split("-")[1])):
        print(f"{requirement:<12} {counts[KILLED]:>7} {counts[SURVIVED]:>9} {counts[BROKEN]:>7}")
    counts = Counter(verdicts)
    print(f"guards {len(chosen)} of {len(by_requirement)} requirements, killed {counts[KILLED]}, survived {counts[SURVIVED]}, "
          f"broken {counts[BROKEN]}, ratio {100 * counts[KILLED] / len(chosen):.1f} %")
    return 0 if counts[KILLED] == len(chosen) else 1


def engine(rest):
    """Mutants of the rules, in the virtual environment that has what their tests need."""
    root = copy_checkout()
    env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    command = [provision.environment().python, CHECKOUT / "tools/mutate_engine.py", root, *rest]
    return subprocess.run(list(map(str, command)), cwd=root, env={**env, "PYTHONDONTWRITEBYTECODE": "1"}, check=False).returncode


def main(argv):
    """Command line."""
    options = argparse.ArgumentParser(prog="./dev mutate", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--engine", action="store_true", help="mutants of the rules: see ./dev mutate --engine --share 0.1")
    options.add_argument("-k", dest="patterns", action="append", help="only guards with this in requirement, words or file")
    options.add_argument("--keep", action="store_true", help="go on with the copy of the last time")
    options, rest = options.parse_known_args(argv)
    return engine(rest) if options.engine else guards(options)
