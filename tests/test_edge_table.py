"""The table of edge cases names tests that exist."""
import re
from pathlib import Path

from odoo.tests import BaseCase, tagged

ROOT = Path(__file__).resolve().parent.parent
CASES, TRAPS = 44, 14


@tagged("post_install", "-at_install")
class TestEdgeTable(BaseCase):

    def _rows(self):
        """Number, case, what happens, test of each row, in tables of four columns."""
        text = (ROOT / "docs/EDGE_CASES.md").read_text(encoding="utf-8")
        return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if re.match(r"\|\s*T?\d+\s*\|", line)]

    def _sources(self):
        """What the files of a name hold: of the addon, of the engine, of the faults."""
        found = {}
        for folder in ("tests", "engine/tests", "tools/faults"):
            for path in (ROOT / folder).glob("test_*.py"):
                found[path.stem] = found.get(path.stem, "") + path.read_text(encoding="utf-8")
        return found

    def test_every_case_and_every_trap_is_played_by_a_test(self):
        rows, sources = self._rows(), self._sources()
        numbers = [row[0] for row in rows]
        self.assertEqual(numbers, [str(number) for number in range(1, CASES + 1)] + [f"T{number}" for number in range(1, TRAPS + 1)])
        edge = sources["test_edge_cases"]
        for number, _case, _what, tests in rows:
            names = re.findall(r"`([^`]+)`", tests)
            with self.subTest(case=number):
                self.assertTrue(names or tests == "–")
                for name in names:
                    self.assertTrue(self._exists(name, sources, edge), f"{name} is no test")

    def _exists(self, name, sources, edge):
        """A file, ``file.beginning_of_a_test``, or the beginning of one of the edge cases."""
        parts = name.removesuffix("…").rsplit("/", 1)[-1].split(".")
        if len(parts) == 1:
            return parts[0] in sources or f"def {parts[0]}" in edge or parts[0] in ("faults",)
        return f"def {parts[-1]}" in sources.get(parts[0], "")
