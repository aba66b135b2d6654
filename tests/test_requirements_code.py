"""Promises that are read off the code and the documents themselves; the number of the requirement stands in the name."""
import ast
import re
from pathlib import Path

from odoo.tests import BaseCase, tagged

ROOT = Path(__file__).parent.parent
SHIPPED = ("controllers", "engine", "models", "reports", "wizards")
FOLDERS = {"tests": "tests", "engine": "engine/tests", "faults": "tools/faults"}
NAMED = re.compile(r"`(tests|engine|faults)\.(test_\w+)\.(\w+)(?:\.(test_\w+))?`")
# ways past the outbox: of core's queue, of followers, of the transaction's end
PAST_THE_OUTBOX = ("force_send", "send_after_commit", "process_email_queue", "message_notify", "send_mail_batch", "_process_queue")
# what reaches a server of mail or text messages, and the only places that do; those of the outbox run in its job
SERVERS = ("_connect__", "connect", "send_email", "send_mail", "send_message", "sendmail", "send", "_send_sms_batch", "urlopen",
           "Sessions", "_send_one", "_send_ready", "_perform_ready")
REACHED_BY = {
    ("models/collection_smtp.py", "_connect__"), ("models/collection_channel_email.py", "send_email"), ("models/collection_channel.py", "_send"),
    ("models/collection_outbox.py", "Sessions"), ("models/collection_outbox.py", "_send_ready"), ("models/collection_outbox_send.py", "_send_one")}
QUERIES = ("execute", "execute_query", "execute_query_dict", "SQL")
# markup that is kept as it was rendered: with every value in it escaped, see test_bad_markup
RENDERED = {"models/collection_action.py", "models/collection_occasion_greeting.py"}
# the tree of a page, written out anew
WRITTEN = {"reports/collection_letter.py"}
PERSONAL = re.compile(r"health|illness|disease|religion|facebook|instagram|linkedin|tiktok|social network", re.IGNORECASE)


def shipped():
    """{path from the root: text} of the code that runs in production."""
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for folder in SHIPPED for path in sorted((ROOT / folder).glob("*.py"))}


def calls(text):
    """The calls in a file: [(name of what is called, call)]."""
    found = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    return [(getattr(node.func, "attr", getattr(node.func, "id", "")), node) for node in found]


def is_glued(node):
    """Whether an expression puts text together."""
    return isinstance(node, (ast.JoinedStr, ast.BinOp)) or getattr(getattr(node, "func", None), "attr", "") == "format"


def glued_names(tree):
    """The names that anything but SQL is put together under, by function: {function: names}."""
    return {function: {target.id for node in ast.walk(function) if isinstance(node, ast.Assign) and is_glued(node.value)
                       for target in node.targets if isinstance(target, ast.Name)} for function in ast.walk(tree) if isinstance(function, ast.FunctionDef)}


def glued_queries(text):
    """The lines on which a query is put together as text, there or under a name before."""
    tree, found = ast.parse(text), set()
    for scope, names in {tree: set(), **glued_names(tree)}.items():
        for node in ast.walk(scope):
            called = isinstance(node, ast.Call) and node.args and getattr(node.func, "attr", getattr(node.func, "id", ""))
            if called in QUERIES and (is_glued(node.args[0]) or getattr(node.args[0], "id", None) in names):
                found.add(node.lineno)
    return sorted(found)


@tagged("post_install", "-at_install")
class TestCode(BaseCase):

    def test_r03_no_lock_that_waits_with_an_old_picture(self):
        """Who waits for an advisory lock goes on with what it saw before: a row of the holder is invisible to it."""
        self.assertFalse([path for path, text in shipped().items() if re.search(r"pg_advisory|LOCK TABLE", text)])

    def test_r07_nothing_is_sent_past_the_outbox(self):
        names = {(path, word) for path, text in shipped().items() for name, node in calls(text) for word in PAST_THE_OUTBOX
                 if name == word or any(keyword.arg == word for keyword in node.keywords)}
        self.assertFalse(names)

    def test_r07_what_is_posted_tells_nobody(self):
        """`message_post` of ours names no partners: a note never becomes a mail of core's."""
        self.assertFalse([path for path, text in shipped().items() for name, node in calls(text)
                          if name == "message_post" and any(keyword.arg in ("partner_ids", "email_layout_xmlid") for keyword in node.keywords)])

    def test_r12_only_the_job_of_the_outbox_reaches_a_server(self):
        """Whatever a button calls: what opens a connection stands in these places, and is called by the outbox's job alone."""
        found = {(path, name) for path, text in shipped().items() for name, node in calls(text)
                 if name in SERVERS or name == "_send" and any(keyword.arg == "raise_exception" for keyword in node.keywords)}
        self.assertEqual(found, REACHED_BY)

    def test_r84_no_model_of_ours_renders_without_bounds(self):
        self.assertFalse([path for path, text in shipped().items() if re.search(r"_unrestricted_rendering\s*=\s*True|\bsafe_eval\b|\beval\(", text)])

    def test_r84_no_template_shows_markup_of_its_data(self):
        """Markup is written in the code, with places for values, and never made of a value; what is not sanitized is worked out, not stored."""
        made, stored = set(), set()
        for path, text in shipped().items():
            for name, node in calls(text):
                given = {keyword.arg: keyword.value for keyword in node.keywords}
                if name == "Markup" and not (node.args and isinstance(node.args[0], ast.Constant)):
                    made.add(path)
                if name == "Html" and "compute" not in given and getattr(given.get("sanitize"), "value", True) is False:
                    stored.add(path)
        self.assertEqual((made, stored), (WRITTEN, RENDERED))

    def test_r87_sql_is_never_put_together_as_text(self):
        self.assertFalse([f"{path}:{line}" for path, text in shipped().items() for line in glued_queries(text)])
        self.assertTrue(glued_queries('def f(cr, name):\n    query = f"SELECT {name}"\n    cr.execute(query)'))

    def test_r92_one_file_commits(self):
        """On a cursor, whatever it is called: ``cr.commit()`` as well as ``self.env.cr.commit()``."""
        commits = {path for path, text in shipped().items() for name, node in calls(text)
                   if name == "commit" and isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value).rpartition(".")[2] in ("cr", "_cr", "cursor")}
        self.assertEqual(commits, {"models/collection_outbox.py"})

    def test_r110_no_question_about_health_or_social_networks(self):
        text = (ROOT / "data" / "credit_checklist_data.xml").read_text(encoding="utf-8")
        asked = re.findall(r'<field name="(?:name|help|label|question)"[^>]*>([^<]*)<', text)
        self.assertGreater(len(asked), 10)
        self.assertEqual({text for text in asked if PERSONAL.search(text)}, {"Hospital or health service"}, "a line of business, nobody's health")


@tagged("post_install", "-at_install")
class TestRequirementsTable(BaseCase):
    """The table of docs/REQUIREMENTS.md is whole, and each test it names is there."""

    def setUp(self):
        super().setUp()
        self.text = (ROOT / "docs" / "REQUIREMENTS.md").read_text(encoding="utf-8")

    def test_every_requirement_has_a_row(self):
        numbers = [int(number) for number in re.findall(r"^\| R-(\d+) \|", self.text, re.MULTILINE)]
        self.assertEqual(numbers, [*range(1, 19), *range(20, 30), *range(40, 63), *range(70, 95), *range(100, 116)])

    def test_every_test_named_is_there(self):
        missing = [".".join(filter(None, name)) for name in set(NAMED.findall(self.text)) if not self._is_there(*name)]
        missing += [name for name in re.findall(r"`((?:tests|tools|engine|models|controllers|wizards|reports|data|docs)/[\w/]+\.\w+)`", self.text)
                    if not (ROOT / name).exists()]
        self.assertFalse(missing)

    def _is_there(self, folder, file, klass, method):
        """Whether there is such a class with such a test: its own, or of a class of the same file that it is built on."""
        path = ROOT / FOLDERS[folder] / f"{file}.py"
        classes = {node.name: node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.ClassDef)} if path.exists() else {}
        known = [klass, *(getattr(base, "id", "") for base in classes[klass].bases)] if klass in classes else []
        own = {node.name for name in known if name in classes for node in classes[name].body if isinstance(node, ast.FunctionDef)}
        return klass in classes and (not method or method in own)

    def test_what_runs_only_in_long_says_so(self):
        """A row that names a test which `./dev test` leaves out says where it runs."""
        for path in sorted((ROOT / FOLDERS["faults"]).glob("test_*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if any(getattr(mark, "id", "") == "long_only" for mark in getattr(node, "decorator_list", ())):
                    for row in re.findall(rf"^.*`faults\.{path.stem}\.(?:\w+\.)?{node.name}[`.].*$", self.text, re.MULTILINE):
                        with self.subTest(row[:8], test=node.name):
                            self.assertIn("./dev faults --host", row)

    def test_every_row_names_a_test_or_says_why_there_is_none(self):
        for row in re.findall(r"^\| R-\d+ \|.*$", self.text, re.MULTILINE):
            with self.subTest(row[:8]):
                self.assertTrue(NAMED.search(row) or "left out" in row)
