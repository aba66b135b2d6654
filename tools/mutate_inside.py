"""Many mutants in one Odoo. ``./dev mutate`` puts this file among the tests of its copy; it is no test of the addon.

A guard inside a function is taken away by giving the function its changed code for one run of a test, a guard of the
database by a statement in the test's own transaction. What cannot be done so is left to a process of its own.
"""
import gc
import importlib
import json
import os
import signal
import types
from contextlib import contextmanager
from pathlib import Path

from odoo.tests import BaseCase, tagged
from odoo.tests.result import OdooTestResult
from odoo.tests.suite import OdooSuite

ADDON = Path(__file__).parent.parent
KILLED, SURVIVED, BROKEN, LEFT = "killed", "survived", "broken", "left"
SECONDS = 180


def parts_of(code):
    """What of a file is not inside a function, and its outermost functions in their order."""
    shell, functions = [], []
    for const in code.co_consts:
        if not isinstance(const, types.CodeType):
            shell.append(const)
        elif const.co_flags & 1:  # a function; the body of a class is not optimized
            functions.append(const)
        else:
            inner, found = parts_of(const)
            shell += inner
            functions += found
    return [code.co_code, code.co_names, *shell], functions


def content(code):
    """A function without the numbers of its lines."""
    consts = [content(const) if isinstance(const, types.CodeType) else (type(const), const) for const in code.co_consts]
    return code.co_code, code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars, consts


def changed_functions(file, find, replace):
    """``[(old code, new code)]`` of a change; None when it is not inside functions only."""
    path = ADDON / file
    source = path.read_text(encoding="utf-8")
    before, after = (parts_of(compile(text, str(path), "exec")) for text in (source, source.replace(find, replace)))
    if len(before[1]) != len(after[1]) or before[0][1:] != after[0][1:]:
        return None
    pairs = [pair for old, new in zip(before[1], after[1]) for pair in with_inner(old, new)]
    if any(old.co_freevars != new.co_freevars or old.co_name != new.co_name for old, new in pairs):
        return None
    return pairs or None


def with_inner(old, new):
    """The pair of a changed function and those inside it: what a decorator has made already lives on its own."""
    if content(old) == content(new):
        return []
    inner = [[const for const in code.co_consts if isinstance(const, types.CodeType)] for code in (old, new)]
    deeper = [pair for pairs in zip(*inner) for pair in with_inner(*pairs)] if len(inner[0]) == len(inner[1]) else []
    return [(old, new), *deeper]


def living(file, code):
    """The function objects made of a piece of code."""
    return [one for one in gc.get_objects() if isinstance(one, types.FunctionType) and one.__code__.co_name == code.co_name
            and one.__code__.co_firstlineno == code.co_firstlineno and one.__code__.co_filename.endswith(f"{ADDON.name}/{file}")]


@contextmanager
def replaced(pairs):
    """Functions with other code as long as the context lasts; ``pairs`` of a function and its code."""
    kept = [(one, one.__code__) for one, _code in pairs]
    try:
        for one, code in pairs:
            one.__code__ = code
        yield
    finally:
        for one, code in kept:
            one.__code__ = code


def _too_slow(_signal, _frame):
    raise TimeoutError("a mutant that turns in circles")


@tagged("post_install", "-at_install")
class TestMutants(BaseCase):
    """Each test named, first with nothing changed, then once for each mutant that names it."""

    def test_mutants(self):
        work = json.loads(Path(os.environ["ACC_MUTANTS"]).read_text(encoding="utf-8"))
        self.told = Path(os.environ["ACC_MUTANTS"]).with_suffix(".told")
        self.verdicts = {}
        signal.signal(signal.SIGALRM, _too_slow)
        suite, by_test = OdooSuite(), {}
        for mutant in work:
            for name in mutant["tests"]:
                by_test.setdefault(name, []).append(mutant)
        for name, mutants in sorted(by_test.items()):
            for method in self._methods(name):
                suite.addTest(self._wrapped(name, method, None))
                for mutant in mutants:
                    suite.addTest(self._wrapped(name, method, mutant))
        suite.run(OdooTestResult())

    def _methods(self, name):
        _folder, _file, _klass, *method = name.split(".")
        return method or [key for key in dir(self._class(name)) if key.startswith("test_")]

    def _class(self, name):
        _folder, file, klass, *_method = name.split(".")
        return getattr(importlib.import_module(f"odoo.addons.{ADDON.name}.tests.{file}"), klass)

    def _wrapped(self, name, method, mutant):
        """A test that is run with a guard taken away, and told about."""
        case = self._class(name)(method)
        plain, setup = case.run, case.setUp

        def run(result):
            number = mutant and mutant["number"]
            if mutant and (self.verdicts.get((name, method)) == BROKEN or self.verdicts.get(number) in (KILLED, LEFT)):
                return self._tell(number, BROKEN) if number not in self.verdicts else None
            bad = result.failures_count + result.errors_count
            verdict = self._run(plain, result, mutant) or (KILLED if result.failures_count + result.errors_count > bad else SURVIVED)
            if mutant:
                return self._tell(number, verdict)
            self.verdicts[name, method] = BROKEN if verdict == KILLED else SURVIVED
            return None if verdict == SURVIVED else self._tell(-1, f"{name}.{method}")

        def set_up():
            setup()
            if mutant and mutant["sql"]:
                case.env.flush_all()
                case.env.cr.execute(mutant["sql"])
                case.env.registry.clear_all_caches()
                case.env.invalidate_all()
        case.run, case.setUp = run, set_up
        return case

    def _run(self, plain, result, mutant):
        """Run a test; LEFT where the change is none of functions."""
        pairs = []
        if mutant and not mutant["sql"]:
            found = changed_functions(mutant["file"], mutant["find"], mutant["replace"])
            pairs = [(one, new) for old, new in found or () for one in living(mutant["file"], old)]
            if not pairs:
                return LEFT
        signal.alarm(SECONDS)
        try:
            with replaced(pairs):
                plain(result)
        finally:
            signal.alarm(0)
        return None

    def _tell(self, number, verdict):
        self.verdicts[number] = verdict
        with self.told.open("a", encoding="utf-8") as handle:
            handle.write(json.dumps([number, verdict]) + "\n")
