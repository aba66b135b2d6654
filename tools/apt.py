"""Debian packages: install what is missing on the system, or fetch a package into the cache without installing it.

The mirror is read from the machine's own package sources at run time, and signatures are checked with the keyring
named there: no address of any archive is written in this repository.
"""
import glob
import os
import re
import shutil
import subprocess
from pathlib import Path

from .paths import DevError, say

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def ensure_installed(packages, why):
    """Install the system packages (root), or say which command the user has to run."""
    if not packages:
        return
    names = " ".join(packages)
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise DevError(f"missing on this machine ({why}). Run:\n    sudo apt-get install --no-install-recommends {names}")
    say(f"apt-get install {names} (a minute or two)")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    subprocess.run(["apt-get", "update"], env=env, stdout=subprocess.DEVNULL, check=False)
    done = subprocess.run(install, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise DevError(f"apt-get install {names} failed:\n{done.stdout[-2000:]}")


def _codename():
    """The machine's Debian release, to recognise the entry of the main archive."""
    text = Path("/etc/os-release").read_text(encoding="utf-8") if os.path.exists("/etc/os-release") else ""
    match = re.search(r"^VERSION_CODENAME=(\S+)", text, re.MULTILINE)
    return match.group(1) if match else "stable"


def _deb822_entries(text):
    for stanza in re.split(r"\n\s*\n", text):
        lines = "\n".join(line for line in stanza.splitlines() if not line.lstrip().startswith("#"))
        fields = dict(re.findall(r"^([\w-]+):[ \t]*(.*(?:\n[ \t]+.*)*)", lines, re.MULTILINE))
        fields = {key.lower(): value.strip() for key, value in fields.items()}
        if "deb" in fields.get("types", "").split() and fields.get("enabled", "yes").lower() != "no":
            signed = fields.get("signed-by", "")
            for uri in fields.get("uris", "").split():
                yield uri, fields.get("suites", "").split(), signed if signed.startswith("/") else ""


def _oneline_entries(text):
    for line in text.splitlines():
        match = re.match(r"\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+\S+", line)
        if match:
            signed = re.search(r"signed-by=(\S+)", match.group(1) or "")
            yield match.group(2), [match.group(3)], signed.group(1) if signed else ""


def debian_mirror():
    """(URI, keyring) of the Debian archive that this machine already uses."""
    entries = []
    for name in ["/etc/apt/sources.list", *sorted(glob.glob("/etc/apt/sources.list.d/*"))]:
        if os.path.isfile(name):
            text = Path(name).read_text(encoding="utf-8", errors="replace")
            entries += (_deb822_entries if name.endswith(".sources") else _oneline_entries)(text)
    wanted = {_codename(), "stable", "testing", "unstable", "sid"}
    for uri, suites, signed in entries:
        if wanted & set(suites):
            return uri, signed or KEYRING
    raise DevError("no Debian archive in this machine's apt sources: set ODOO_HOME to an Odoo 19.0 source tree")


class PrivateApt:
    """An apt of its own below `root` that knows one suite only; the system's package state stays untouched."""

    def __init__(self, root, suite):
        self.root = Path(root)
        for name in ("lists/partial", "cache/archives/partial"):
            (self.root / name).mkdir(parents=True, exist_ok=True)
        (self.root / "status").touch()
        uri, keyring = debian_mirror()
        (self.root / "suite.sources").write_text(
            f"Types: deb\nURIs: {uri}\nSuites: {suite}\nComponents: main\nSigned-By: {keyring}\n", encoding="utf-8")
        options = {
            "Dir::State": root, "Dir::State::lists": self.root / "lists", "Dir::State::status": self.root / "status",
            "Dir::Cache": self.root / "cache", "Dir::Etc::sourcelist": self.root / "suite.sources",
            "Dir::Etc::sourceparts": "-", "Dir::Etc::preferencesparts": "-",
        }
        if os.geteuid() == 0:
            options["APT::Sandbox::User"] = "root"  # the cache may lie in a home that _apt cannot enter
        (self.root / "apt.conf").write_text(
            "".join(f'{key} "{value}";\n' for key, value in options.items()), encoding="utf-8")

    def _run(self, *command, cwd=None):
        done = subprocess.run([command[0], "-c", self.root / "apt.conf", *command[1:]], cwd=cwd,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode:
            raise DevError(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}")
        return done.stdout

    def update(self):
        """Fetch the suite's package list, checking its signature."""
        self._run("apt-get", "update", "-o", "APT::Update::Error-Mode=any")

    def depends(self, package):
        """The first alternative of each dependency of a package, by name."""
        shown = self._run("apt-cache", "show", "--no-all-versions", package)
        match = re.search(r"^Depends: (.*)$", shown, re.MULTILINE)
        return [re.split(r"[ |:(]", part.strip())[0] for part in match.group(1).split(",")] if match else []

    def fetch(self, packages, folder):
        """Download the packages into the folder; returns the files."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        before = set(folder.glob("*.deb"))
        self._run("apt-get", "download", *packages, cwd=folder)
        return sorted(set(folder.glob("*.deb")) - before)
