"""One pass of the campaign: set up, disturb, bring to its end; what is judged afterwards is another file's."""
import random
import time

from . import campaign_judge, campaign_money
from .sink import Sink

FEW = 12  # customers, or contacts, of a pass
ROUNDS = 8  # so often the jobs are called until all is done
LEASE = 25  # minutes after which a row of a dead worker is anybody's
SLOW_PDF = 0.05


JUDGES = {"contacts": campaign_judge.Contacts, "charges": campaign_money.Charges, "handovers": campaign_money.Handovers,
          "settlements": campaign_money.Settlements}
ENDED_BY_US = ("OperationalError", "InterfaceError", "AdminShutdown")  # what a job says whose connection was cut


class PassRun:
    """What happens in one pass, and what was seen of it."""

    def __init__(self, stage, drawn):
        self.stage, self.world, self.drawn = stage, stage.world, drawn
        self.rng = random.Random(drawn.seed)
        self.kills, self.lines_cut, self.deeds, self.poisoned = 0, 0, [], None
        self.bitten = False  # the fault met the job while it was at work
        self.problems = []

    def play(self):
        """All of it; returns self."""
        self.stage.set_up(self.drawn.phase)
        people = self._people(self.drawn.detail if self.drawn.fault == "people" else self.drawn.also)
        self._disturb()
        self._meet(people)
        self._judge("after_the_fault")
        self._go_on()
        self._judge("at_the_end")
        return self

    def _judge(self, when):
        """Each finding once, when it is seen first."""
        found = getattr(JUDGES[self.drawn.phase.group](self), when)()
        self.problems += [problem for problem in found if problem not in self.problems]

    # ------------------------------------------------------------------ the job and its fault

    def _work(self, **options):
        return self.stage.work(self.drawn.phase, slow_pdf=SLOW_PDF, **options)

    def _disturb(self):
        fault = {"kill": self._kill, "kill at a step": self._kill_at_step, "terminate": self._terminate, "connection": self._cut_connection,
                 "2 workers": self._workers, "4 workers": self._workers, "people": self._only_work, "poison": self._poison, "smtp": self._smtp}
        fault[self.drawn.fault]()
        self.bitten |= bool(self.kills)

    def _wait(self):
        """A moment of the job; in half of the passes that send, told by what the server has, whatever the machine's speed."""
        if self.drawn.phase.name in ("data", "result") and self.rng.random() < 0.6:
            mails, until = self.rng.randrange(1, FEW), time.monotonic() + 15
            while self.world.sink.begun < mails and time.monotonic() < until:
                time.sleep(0.001)
            time.sleep(self.rng.uniform(0, 0.02))
            return
        time.sleep(self.drawn.moment * self.stage.usual(self.drawn.phase))

    def _kill(self):
        if self.drawn.phase.name == "data" and self.rng.random() < 0.5:
            return self._kill_on_acceptance()
        job = self._work()
        self._wait()
        job.kill()
        return self._died(job)

    def _kill_on_acceptance(self):
        """Between the server's acceptance and its answer."""
        self.world.sink.delay = 0.02
        nth, job = self.rng.randrange(1, FEW), self._work()
        self.world.sink.on_accepted = lambda _mail: job.kill() if len(self.world.sink.mails) == nth else None
        self._died(job)
        self.world.sink.on_accepted = lambda _mail: None
        self.world.sink.delay = 0.0

    def _died(self, job):
        """Whether it came to its end before it was killed shows in the number of kills; an error of its own is none."""
        self.kills += self._ended(job) is None

    def _kill_at_step(self):
        step = self.drawn.detail
        job = self._work(stop_before=(step, self.stage.nth(self.drawn.phase, step, self.drawn.nth)))
        if job.stops():
            time.sleep(self.rng.choice((0, 0, 0.3)))
            job.kill()
        self._died(job)

    def _terminate(self):
        job = self._work()
        self._wait()
        job.terminate()
        self._died(job)

    def _cut_connection(self):
        job = self._work()
        self._wait()
        cut = self.world.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                             " WHERE datname = current_database() AND application_name = %s", f"odoo-{job.pid}")
        self.kills += bool(cut)
        self._ended(job, ENDED_BY_US if cut else ())

    def _workers(self):
        at = time.time() + 0.2
        jobs = [self._work(at=at + self.rng.uniform(0, 0.1)) for _ in range(int(self.drawn.fault[0]))]
        ended = [self._ended(job)["ended"] for job in jobs]
        self.bitten = sorted(ended)[-2] > at + 0.1  # two of them at least were at it together

    def _ended(self, job, pardoned=()):
        """Nothing raises out of a job (R-21), whatever others do meanwhile."""
        outcome = job.outcome()
        if outcome and outcome.get("error", "") not in ("", *pardoned):
            self.problems.append(f"the job ended with {outcome['error']}\n{outcome['trace'][-2000:]}")
        return outcome

    def _only_work(self):
        self.work_ended = self._ended(self._work())["ended"]

    def _poison(self):
        email = self.rng.choice(self.stage.emails)
        self.poisoned = email
        outcome = self._ended(self._work(fail_at=self.drawn.detail, customer=self.world.customers[email]["partner"]))
        self.bitten = bool(outcome.get("result") and outcome["result"]["raised"])

    def _smtp(self):
        sink, kind, chosen = self.world.sink, self.drawn.detail, set(self.rng.sample(self.stage.emails, 2))
        answer = {"421": "421 too many connections", "451": "451 try later", "550": "550 no such user", "cut": Sink.CUT,
                  "hang": Sink.HANG, "slow": None}[kind]
        given = []

        def pick(to):
            given.extend([to] if to in chosen else [])
            return answer if to in chosen else None

        hook = self.rng.choice(("on_rcpt", "on_data", "on_accepted") if kind in ("cut", "hang") else ("on_rcpt", "on_data"))
        if kind == "slow":
            sink.delay = 0.4
        elif hook == "on_accepted":
            sink.on_accepted = lambda mail: pick(mail.to)
            self.lines_cut = len(chosen)
        else:
            setattr(sink, hook, pick)
            self.lines_cut = len(chosen) if hook == "on_data" else 0
        self._ended(self._work(smtp_timeout=1.0))
        self.bitten = bool(sink.mails if kind == "slow" else given)
        sink.delay, sink.on_rcpt, sink.on_data, sink.on_accepted = 0.0, *[lambda _what: None] * 3

    # ------------------------------------------------------------------ people

    def _people(self, what):
        """Someone at work on some of the customers, beginning somewhere in the job."""
        if not what:
            return None
        chosen = self.rng.sample(self.stage.emails[:-1], 1 if what in ("merge", "stop") else 3)
        deeds = [(what, self.world.customers[email]["partner"], self.world.customers[email]["move"]) for email in chosen]
        return self.world.start("meanwhile", deeds=deeds, delay=self.rng.random() * self.stage.usual(self.drawn.phase) / len(deeds))

    def _meet(self, people):
        if people:
            self.deeds += people.result()
        if self.drawn.fault == "people":
            self.bitten = any(deed["committed"] < self.work_ended and not deed["refused"] for deed in self.deeds)

    def committed(self, *what):
        """When deeds were done, by customer: ``{e-mail: clock}``."""
        return {self.world.by_partner[deed["partner"]]: deed["committed"] for deed in self.deeds
                if not deed["refused"] and (not what or deed["what"] in what)}

    # ------------------------------------------------------------------ afterwards

    def _go_on(self):
        """What the next days bring; once more killed where the pass says so."""
        self.world.pass_time(LEASE)
        if self.drawn.again:
            job = self._work()
            time.sleep(self.rng.random() * self.stage.usual(self.drawn.phase))
            job.kill()
            self._died(job)
        getattr(self, f"_go_on_{self.drawn.phase.group}")()

    def _cron(self, do):
        self._ended(self.world.start("work", do=do))

    def _go_on_contacts(self):
        """Until nothing is left to send, one clean run the next day, and that sent too."""
        if self.drawn.phase.work == "run":
            if self.drawn.nth == 3:  # the server is up again on the next day only
                self.world.next_day()
                self.world.sql("UPDATE collection_run SET run_date = run_date - 1")
            self._cron("run")
        self._send_all()
        self.world.next_day()
        clean = self.world.start("plan").result()
        if clean["state"] != "done":
            self.problems.append(f"a clean run ended {clean}")
        self._send_all()

    def _send_all(self):
        for _round in range(ROUNDS):
            self.world.pass_time(LEASE)
            self._cron("perform")
            if not {"ready", "retry", "checking", "sending"} & set(self.world.states()):
                return
            self.world.pass_time(24 * 60)

    def _go_on_charges(self):
        self._ended(self.world.start("charge_finish"))
        self._judge("once_through")
        self._ended(self.world.start("charge_finish", again=True))

    def _go_on_handovers(self):
        if self.drawn.phase.name == "hand over":
            self.world.start("hand_over", records=self.stage.handovers).result()
        self._cron("file")

    def _go_on_settlements(self):
        self._cron("book")
