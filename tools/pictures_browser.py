"""Photographs pages in headless Chromium over its DevTools protocol. Run inside the virtual environment.

python pictures_browser.py PLAN, a JSON file: {"base", "login", "password", "folder", "shots": [shot, ...]}.
A shot: name, url, width, and optionally ready (selector to wait for), clicks (selectors, clicked one after the other),
top (selector scrolled to the top), height (pixels; else as high as the page, at most `tallest`), public (no session).
"""
import base64
import contextlib
import io
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import requests
import websocket
from PIL import Image

BROWSERS = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--mute-audio",
           "--no-first-run", "--lang=en-US", "--force-color-profile=srgb", "--remote-debugging-port=0",
           "--remote-allow-origins=*")
PHONE = 600  # narrower than this is a phone: touch, and twice the pixels
PATIENCE = 60
COLOURS = 128
# Quiet means: what was asked for is there, nothing loads, no picture is missing, no font is on its way.
QUIET = """
(() => {
    const wanted = %(ready)s;
    const busy = document.querySelector(".o_blockUI, .o_loading_indicator, .o_view_sample_data.o_loading");
    const pictures = [...document.images].every((one) => one.complete);
    return document.readyState === "complete" && !busy && pictures && document.fonts.status === "loaded"
        && (!wanted || !!document.querySelector(wanted));
})()
"""
CLICK = """
(() => {
    const target = [...document.querySelectorAll(%(selector)s)].find((one) => one.getClientRects().length);
    if (target) { target.scrollIntoView({ block: "center" }); target.click(); }
    return !!target;
})()
"""
# Backend pages scroll inside, so the page is as high as the highest thing that scrolls.
HEIGHT = """
(() => {
    const inner = [...document.querySelectorAll(".o_content, .o_form_sheet_bg, .o_form_view_container, .modal-body")];
    const missing = inner.map((one) => one.scrollHeight - one.clientHeight);
    return Math.max(document.documentElement.scrollHeight, innerHeight + Math.max(0, ...missing));
})()
"""


class Browser:
    """One headless Chromium with one page."""

    def __init__(self, profile):
        binary = next(path for path in map(shutil.which, BROWSERS) if path)
        self.process = subprocess.Popen([binary, *OPTIONS, f"--user-data-dir={profile}", "about:blank"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        port = self._port(pathlib.Path(profile) / "DevToolsActivePort")
        pages = requests.get(f"http://127.0.0.1:{port}/json/list", timeout=30).json()
        page = next(one for one in pages if one["type"] == "page")
        self.socket = websocket.create_connection(page["webSocketDebuggerUrl"], timeout=PATIENCE)
        self.count = 0

    def _port(self, path):
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self.process.poll() is None:
            with contextlib.suppress(OSError, IndexError):
                return int(path.read_text(encoding="utf-8").splitlines()[0])
            time.sleep(0.1)
        raise RuntimeError("Chromium does not start")

    def call(self, method, **params):
        """One DevTools command and its answer; events in between are of no interest."""
        self.count += 1
        self.socket.send(json.dumps({"id": self.count, "method": method, "params": params}))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == self.count:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def value(self, script):
        """The value of a JavaScript expression in the page."""
        return self.call("Runtime.evaluate", expression=script, returnByValue=True)["result"].get("value")

    def until(self, script, what):
        """Wait until the expression is true in three looks in a row."""
        good, until = 0, time.monotonic() + PATIENCE
        while good < 3:
            if time.monotonic() > until:
                raise RuntimeError(f"waited {PATIENCE} s for {what} at {self.value('location.href')}")
            good = good + 1 if self.value(script) else 0
            time.sleep(0.15)

    def resize(self, width, height):
        """A window of that size; a narrow one is a phone."""
        phone = width < PHONE
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, mobile=phone,
                  deviceScaleFactor=2 if phone else 1)
        self.call("Emulation.setTouchEmulationEnabled", enabled=phone)

    def close(self):
        """End the browser that we started."""
        with contextlib.suppress(Exception):
            self.call("Browser.close")
        self.socket.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        self.process.kill()


def log_in(plan):
    """A session of Odoo; the value of its cookie."""
    session = requests.Session()
    answer = session.post(f"{plan['base']}/web/session/authenticate", timeout=PATIENCE, json={
        "params": {"db": plan["db"], "login": plan["login"], "password": plan["password"]}}).json()
    if not answer.get("result", {}).get("uid"):
        raise RuntimeError(f"cannot log in as {plan['login']}")
    return session.cookies["session_id"]


def take(browser, plan, shot, session):
    """Photograph one page; the PNG as Chromium gives it."""
    wide, tallest = shot["width"], shot.get("tallest", 2400)
    start = shot.get("height") or (844 if wide < PHONE else 900)
    browser.call("Network.clearBrowserCookies")
    if not shot.get("public"):
        browser.call("Network.setCookie", name="session_id", value=session, url=plan["base"])
    browser.resize(wide, start)
    browser.call("Page.navigate", url="about:blank")
    browser.call("Page.navigate", url=shot["url"] if "://" in shot["url"] else plan["base"] + shot["url"])
    steps = [shot.get("ready"), *shot.get("clicks", ())]
    for number, selector in enumerate(steps):
        browser.until(QUIET % {"ready": json.dumps(selector)}, selector or "the page")
        if number:
            browser.value(CLICK % {"selector": json.dumps(selector)})
    browser.until(QUIET % {"ready": json.dumps(shot.get("then"))}, shot.get("then") or "the page")
    if not shot.get("height"):
        browser.resize(wide, max(start, min(tallest, browser.value(HEIGHT))))
    if shot.get("top"):
        browser.value(f"document.querySelector({json.dumps(shot['top'])}).scrollIntoView({{ block: 'start' }})")
    browser.value("document.activeElement && document.activeElement.blur()")
    time.sleep(0.6)  # transitions
    browser.until(QUIET % {"ready": "null"}, "the page at its full height")
    return base64.b64decode(browser.call("Page.captureScreenshot", format="png", captureBeyondViewport=False)["data"])


def save(data, path):
    """Write a picture with few colours: a screen has not many, and a repository should stay small."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    image.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path.name}  {image.width} x {image.height}  {path.stat().st_size // 1024} kB", flush=True)


def main(path):
    """Take all pictures of a plan; pictures that exist already as files (`file`) are only made smaller."""
    plan = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    folder = pathlib.Path(plan["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    session = log_in(plan)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(profile)
        try:
            browser.call("Network.enable")
            for shot in plan["shots"]:
                data = pathlib.Path(shot["file"]).read_bytes() if "file" in shot else take(browser, plan, shot, session)
                save(data, folder / f"{shot['name']}.png")
        finally:
            browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
