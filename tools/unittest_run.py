"""unittest discovery that counts tests exactly: python tools/unittest_run.py START TOP [-k PATTERN]

unittest's own summary counts every failing sub-test; here a test fails once. The last line is read by ./dev test.
"""
import argparse
import sys
import unittest


class CountingResult(unittest.TextTestResult):
    """Remembers which tests failed, by the test and not by the sub-test."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.bad, self.left_out = set(), set()

    def addError(self, test, err):
        super().addError(test, err)
        self.bad.add(test.id())

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.bad.add(test.id())

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.bad.add(test.id())

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.bad.add(test.id())

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.left_out.add(getattr(test, "test_case", test).id())


def main():
    """Run and print the tally."""
    options = argparse.ArgumentParser()
    options.add_argument("start")
    options.add_argument("top")
    options.add_argument("-k", dest="pattern")
    options = options.parse_args()
    loader = unittest.TestLoader()
    if options.pattern:
        pattern = options.pattern
        loader.testNamePatterns = [pattern if "*" in pattern else f"*{pattern}*"]
    suite = loader.discover(options.start, top_level_dir=options.top)
    result = unittest.TextTestRunner(resultclass=CountingResult, verbosity=1, stream=sys.stdout).run(suite)
    outside = {name for name in result.bad if name.startswith("setUp")}  # a class that never came to its tests
    skipped_outside = {name for name in result.left_out if name.startswith("setUp")}
    passed = result.testsRun - len(result.bad - outside) - len(result.left_out - skipped_outside - result.bad)
    print(f"TALLY {passed} {len(result.bad)} {len(result.left_out - result.bad)}", flush=True)
    return 1 if result.bad else 0


if __name__ == "__main__":
    sys.path.pop(0)  # this folder: its modules must not shadow what the tests import
    sys.exit(main())
