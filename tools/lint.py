"""./dev lint: the static gates. Each must find nothing; what does not fit a house of Odoo is left out here, with its reason.

ruff        style and errors of all Python
pylint      pylint-odoo's rules over the addon
oca         oca-checks-odoo-module: XML, CSV and manifest; oca-checks-po: translations
bandit      known dangers in Python, medium and above, over what is installed
semgrep     the rules of this house (semgrep/house.yml), after they have found their planted bugs (house.py)
"""
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import paths, provision, server
from .paths import CHECKOUT, MODULE, say

SHIPPED = ("controllers", "engine", "models", "reports", "wizards", "exceptions.py", "hooks.py")
# Why pylint is not asked:
#   E0401 E0611 E1101 E1120 E1136  imports, members and arguments: Odoo puts its classes together at run time
#   E0712                          psycopg2 does so with its errors
#   E0203                          fields are not defined in methods
#   E0601                          stumbles over the field `date: date` of a named tuple; ruff's F821 looks for real ones
#   C8101 C8112                    one association's name as author; a README.rst
#   W8110                          hooks that return nothing have nothing to pass on
#   W8161                          does not know `_ = self.env._` in tables of words
#   W8113                          a related field without a label takes the other field's
#   W8163                          companies, currencies and rules are few
NOT_ASKED = "E0401,E0611,E1101,E1120,E1136,E0712,E0203,E0601,C8101,C8112,W8110,W8113,W8161,W8163"
IN_TESTS = f"{NOT_ASKED},C8107"  # errors that tests raise on purpose are read by nobody
# Why oca-checks is not asked: the order of attributes is taste; Odoo reads numbers without eval; our README is Markdown
OCA_NOT_ASKED = "xml-tag-position,xml-field-numeric-without-eval,prefer-readme-rst"
PO_NOT_ASKED = "po-pretty-format"  # written by polib, whose line breaks differ from gettext's


def tracked(*patterns):
    """The checkout's files that match, those in work included."""
    done = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", *patterns], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    return [name for name in done.stdout.splitlines() if (CHECKOUT / name).is_file()]


def _run(command, cwd=CHECKOUT, env=None):
    return subprocess.run(list(map(str, command)), cwd=cwd, env=env, check=False).returncode


def _ruff():
    return _run([provision.environment().venv / "bin/ruff", "check", "."])


def _pylint():
    """From the folder that bears the module's name: pylint-odoo tells an addon by it."""
    python = provision.environment().python
    files = [name for name in tracked("*.py") if not name.startswith(("tools/", "engine/"))]
    codes = []
    for left_out, names in ((NOT_ASKED, [name for name in files if not name.startswith("tests/")]),
                            (IN_TESTS, [name for name in files if name.startswith("tests/")])):
        command = [python, "-m", "pylint", "--load-plugins=pylint_odoo", "--valid-odoo-versions=19.0", "--score=n",
                   "--disable=all", "--enable=odoolint,F,E", f"--disable={left_out}", *names]
        codes.append(_run(command, paths.addons_dir() / MODULE, server.variables()))
    return any(codes)


def _oca():
    """In a copy: these look for a module below the folder of a repository, ours is that folder."""
    scripts = provision.tools("lint") / "bin"
    with tempfile.TemporaryDirectory() as folder:
        module = Path(folder) / MODULE
        for name in tracked():
            (module / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(CHECKOUT / name, module / name)
        subprocess.run(["git", "init", "-q", folder], check=True)
        checked = _run([scripts / "oca-checks-odoo-module", f"--disable={OCA_NOT_ASKED}", MODULE], folder)
        return checked or _run([scripts / "oca-checks-po", f"--disable={PO_NOT_ASKED}", *sorted(module.glob("i18n/*.po*"))], folder)


def _bandit():
    return _run([provision.tools("lint") / "bin/bandit", "-q", "-ll", "-r", *SHIPPED, "-x", "engine/tests"])


def _semgrep():
    scripts = provision.tools("semgrep") / "bin"
    env = {**os.environ, "PATH": os.pathsep.join([str(scripts), os.environ.get("PATH", os.defpath)])}
    quiet = ("--metrics=off", "--disable-version-check")
    return (_run([scripts / "semgrep", "scan", "--test", *quiet, "tools/semgrep"], env=env)
            or _run([scripts / "semgrep", "scan", "--quiet", "--error", *quiet, "--config", "tools/semgrep/house.yml", *SHIPPED], env=env))


GATES = {"ruff": _ruff, "pylint": _pylint, "oca": _oca, "bandit": _bandit, "semgrep": _semgrep}


def main(only=None):
    """Run the gates, or one of them; exit code 1 when one found something."""
    found = []
    for name, gate in GATES.items():
        if only in (None, name):
            say(f"lint: {name}")
            found += [name] if gate() else []
    print(f"lint: {', '.join(found)} found something" if found else "lint: nothing found", flush=True)
    return int(bool(found))
