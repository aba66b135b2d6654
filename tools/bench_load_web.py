"""Visitors of a running server, told by the clock: ten who look at one large account, twenty a second who apply for credit."""
import contextlib
import http.cookiejar
import re
import statistics
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter

USERS, LOOKS = 10, 12
RATE, SECONDS = 20, 60
WAIT = 3.5  # seconds that nobody needs less for the form
APPLICANT = {"name": "Harbour Mill {}", "vat": "", "company_registry": "", "founded_year": "1998", "website": "", "street": "2 Quay Street", "street2": "",
             "zip": "10001", "city": "New York", "contact_name": "Ada Miller", "contact_function": "Owner", "email": "ada{}@harbour.example",
             "phone": "", "fax": ""}


class Visitor:
    """One browser: its own cookies, and its own address as a proxy tells it."""

    def __init__(self, base, number):
        self.base = base
        self.address = f"10.{number // 65536 % 256}.{number // 256 % 256}.{number % 256}"
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        self.spent, self.answers = [], Counter()

    def open(self, path, data=None):
        """The text of a page; what it took and how it was answered is noted."""
        request = urllib.request.Request(
            urllib.parse.urljoin(self.base, path), data=data and urllib.parse.urlencode(data).encode(),
            headers={"X-Forwarded-For": self.address, "X-Forwarded-Host": urllib.parse.urlsplit(self.base).netloc, "X-Forwarded-Proto": "http"})
        begun = time.perf_counter()
        try:
            with self.opener.open(request, timeout=120) as answer:
                text, code, url = answer.read().decode(errors="replace"), answer.status, answer.url
        except urllib.error.HTTPError as error:
            text, code, url = error.read().decode(errors="replace"), error.code, error.url
        except OSError:
            text, code, url = "", 599, ""
        self.spent.append(time.perf_counter() - begun)
        self.answers[code] += 1
        return text, url


def figures(visitors):
    """Seconds and answers of all visitors together."""
    spent = sorted(one for visitor in visitors for one in visitor.spent)
    answers = sum((visitor.answers for visitor in visitors), Counter())
    return {"visits": len(spent), "median": round(statistics.median(spent), 3), "p95": round(spent[int(len(spent) * 0.95)], 3),
            "most": round(spent[-1], 3), "answers": dict(answers), "errors": sum(number for code, number in answers.items() if code >= 500)}


def _together(jobs):
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def look(base, path, name):
    """Ten visitors who open one page again and again."""
    visitors = [Visitor(base, 900_000 + number) for number in range(USERS)]
    Visitor(base, 1).open(path)  # what is compiled once

    def visit(visitor):
        for _time in range(LOOKS):
            visitor.open(path)

    _together([lambda one=visitor: visit(one) for visitor in visitors])
    return {"name": name, **figures(visitors)}


def apply(base, made):
    """Applicants at a steady rate, each with an address of its own; one who was sent on to the next step has begun."""
    visitors, begun = [], []

    def visit(visitor, number):
        text, _url = visitor.open(made["apply"])
        token, csrf = (re.search(f'name="{name}" value="([^"]+)"', text) for name in ("form", "csrf_token"))
        if not token or not csrf:
            return
        time.sleep(WAIT)
        values = {key: value.format(number) for key, value in APPLICANT.items()}
        _text, url = visitor.open(made["apply"], {**values, **made["fields"], "form": token[1], "csrf_token": csrf[1]})
        if url.endswith("/need"):
            begun.append(number)

    first, threads = time.monotonic(), []
    for number in range(RATE * SECONDS):
        visitor = Visitor(base, number + 10)
        visitors.append(visitor)
        thread = threading.Thread(target=visit, args=(visitor, number))
        thread.start()
        threads.append(thread)
        with contextlib.suppress(ValueError):
            time.sleep(first + (number + 1) / RATE - time.monotonic())
    for thread in threads:
        thread.join()
    return {**figures(visitors), "requests": sum(len(visitor.spent) for visitor in visitors), "visits": len(visitors), "begun": len(begun),
            "seconds": round(time.monotonic() - first, 1)}


def measure(base, made):
    """All of it."""
    path = urllib.parse.urlsplit(made["account"]).path
    return {"pages": [look(base, path, f"account page of {made['items']:,} items, {USERS} visitors"),
                      look(base, f"{path}/statement.xlsx", f"statement of {made['items']:,} items as a workbook, {USERS} visitors")],
            "form": apply(base, made)}
