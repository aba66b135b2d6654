"""Mutants of the engine: one operator, number or answer changed, and the tests of that module must notice.

``./dev mutate --engine --share 0.1`` draws a tenth of all changes by ``--seed``. Each mutant lives in a process of its
own, forked from one that has loaded what all of them need; nothing on the disk is changed. Before that each test runs with
nothing changed: it must pass, and the work it takes says when a mutant turns in circles.
"""
import argparse
import ast
import os
import random
import resource
import sys
import time
import unittest
from math import ceil
from pathlib import Path

from mutate_operators import changes, mutated

KILLED, SURVIVED, ENDLESS = "killed", "survived", "endless"
TIMES = 5  # a mutant that works so many times longer than its tests need turns in circles
MEMORY = 4 * 2 ** 30
LONGEST = 600  # seconds that a test module may take with nothing changed
ENDLESS_COUNTED = 0.03  # the part of all mutants up to which those that turn in circles count as noticed


def modules(root, pattern=""):
    """The engine's modules, by name."""
    return [path.stem for path in sorted((root / "engine").glob("*.py")) if path.stem != "__init__" and pattern in path.stem]


def imported(path):
    """The engine modules a file imports, and the test helpers."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            parts = (node.module or "").split(".")
            found |= {parts[-1]} | {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[-1] for alias in node.names}
    return found


def reaching(root, module):
    """The test modules that come to a module: its own test first, then direct importers, then the farther ones."""
    graph = {path.stem: imported(path) for folder in ("engine", "engine/tests") for path in (root / folder).glob("*.py")}
    near, order = {module}, []
    while near:
        near = {name for name, uses in graph.items() if uses & near and name not in order}
        order += sorted(near, key=lambda name: (name != f"test_{module}", name))
    return [name for name in order if name.startswith("test_")]


def quiet_hypothesis():
    """The engine's own profile, but a found example is not made smaller: it is enough that it is found."""
    from hypothesis import Phase, settings

    import engine.tests  # noqa: F401
    settings.register_profile("mutants", settings.get_profile("engine"), phases=(Phase.explicit, Phase.generate))
    settings.load_profile("mutants")


class Replaced:
    """Finds modules of the engine in the form given, ``{name: code}``; all others come from the disk."""

    def __init__(self, codes):
        self.codes = {f"engine.{name}": code for name, code in codes.items()}

    def find_spec(self, fullname, _path=None, _target=None):
        """What ``import`` asks first."""
        from importlib.machinery import ModuleSpec
        return ModuleSpec(fullname, self) if fullname in self.codes else None

    def create_module(self, _spec):
        """An ordinary module."""

    def exec_module(self, module):
        """The code given."""
        exec(self.codes[module.__name__], module.__dict__)  # our own source, changed in one place


def _child(codes, tests):
    """In the forked process: run the tests with the modules given, each in its time; 1 when they noticed."""
    sys.meta_path.insert(0, Replaced(codes))
    try:
        quiet_hypothesis()
        for name, seconds in tests.items():
            until = ceil(time.process_time() + seconds)
            resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))
            suite = unittest.defaultTestLoader.loadTestsFromName(f"engine.tests.{name}")
            with open(os.devnull, "w", encoding="utf-8") as nowhere:
                result = unittest.TextTestRunner(stream=nowhere, failfast=True).run(suite)
            if not result.wasSuccessful():
                return 1
    except BaseException:  # a module that cannot even be loaded is noticed too
        return 1
    return 0


def judge(codes, tests):
    """What became of a mutant, and the seconds of work it took: of its own process, however busy the machine is.

    ``tests`` are the seconds that each may work, ``{name: seconds}``.
    """
    pid = os.fork()
    if not pid:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        for kind, limit in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CORE, 0)):
            resource.setrlimit(kind, (limit, limit))
        os._exit(_child(codes, tests))
    _pid, status, used = os.wait4(pid, 0)
    verdict = ENDLESS if os.WIFSIGNALED(status) else KILLED if os.WEXITSTATUS(status) else SURVIVED
    return verdict, used.ru_utime + used.ru_stime


def unchanged(root, tests):
    """The seconds of work that each test takes with nothing changed; none of them may fail then."""
    codes = {name: compile((root / f"engine/{name}.py").read_text(encoding="utf-8"), "<unchanged>", "exec") for name in modules(root)}
    needed = {}
    for name in sorted(tests):
        verdict, needed[name] = judge(codes, {name: LONGEST})
        if verdict != SURVIVED:
            sys.exit(f"engine.tests.{name} fails with nothing changed: no mutant can be judged")
    return needed


def drawn(root, options):
    """(module, change) of the share asked for; the same seed draws the same ones."""
    every = [(module, change) for module in modules(root, options.module)
             for change in changes((root / "engine" / f"{module}.py").read_text(encoding="utf-8"))]
    count = max(1, round(len(every) * options.share))
    return sorted(random.Random(options.seed).sample(every, count)), len(every)


def show(module, change, verdict):
    """One line per mutant that was not noticed."""
    print(f"{verdict}: engine/{module}.py:{change.line}:{change.column}: {change.text}", flush=True)


def work(root, options):
    """Judge the mutants; True when the tests notice enough of them."""
    chosen, total = drawn(root, options)
    print(f"{len(chosen)} of {total} mutants, seed {options.seed}", flush=True)
    score, begun = {}, time.monotonic()
    tests = {module: reaching(root, module) for module in {module for module, _change in chosen}}
    needed = unchanged(root, {name for names in tests.values() for name in names})
    print(f"{len(needed)} test modules pass with nothing changed, {sum(needed.values()):.0f} s of work", flush=True)
    for module, change in chosen:
        source = (root / "engine" / f"{module}.py").read_text(encoding="utf-8")
        verdict, _seconds = judge({module: mutated(source, change)}, {name: TIMES * needed[name] for name in tests[module]})
        score.setdefault(module, dict.fromkeys((KILLED, SURVIVED, ENDLESS), 0))[verdict] += 1
        if verdict != KILLED:
            show(module, change, verdict)
    return summary(score, options.least, time.monotonic() - begun)


def summary(score, least, seconds):
    """A table by module and the ratio; True when it is high enough."""
    print(f"{'module':<16} {KILLED:>7} {ENDLESS:>8} {SURVIVED:>9}")
    for module, counts in sorted(score.items()):
        print(f"{module:<16} {counts[KILLED]:>7} {counts[ENDLESS]:>8} {counts[SURVIVED]:>9}")
    sums = {verdict: sum(counts[verdict] for counts in score.values()) for verdict in (KILLED, ENDLESS, SURVIVED)}
    count = sum(sums.values())
    ratio = 100 * (sums[KILLED] + min(sums[ENDLESS], int(ENDLESS_COUNTED * count))) / max(1, count)
    print(f"engine mutants {count}, killed {sums[KILLED]}, endless {sums[ENDLESS]}, survived {sums[SURVIVED]}, "
          f"ratio {ratio:.1f} %, {seconds:.0f} s")
    return ratio >= least


def main(argv):
    """Command line: the root of a checkout, then the options."""
    options = argparse.ArgumentParser(prog="./dev mutate --engine")
    options.add_argument("root", type=Path)
    options.add_argument("--share", type=float, default=0.1, help="the part of all mutants that is drawn")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--module", default="", help="only modules whose name contains this")
    options.add_argument("--least", type=float, default=85, help="the ratio in percent below which it fails")
    options = options.parse_args(argv)
    sys.path.insert(0, str(options.root))
    import decimal  # noqa: F401 - loaded once for all children

    import dateutil.relativedelta  # noqa: F401
    import hypothesis.strategies  # noqa: F401
    return 0 if work(options.root, options) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
