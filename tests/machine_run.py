class KilledError(BaseException):
    """The machine dies here."""


class RunSteps:
    """Runs, the outbox, and what persons do about contacts; see ``machine.OdooWorld``."""

    # ------------------------------------------------------------------ runs

    def do_advance(self, days):
        """The world moves the clock, then the jobs run; see ``step``."""

    def run(self):
        self.env["collection.run"].sudo().create(
            {"company_id": self.company.id, "run_date": self.world.today, "kind": "manual"})._execute()

    def send(self, crash=None):
        """The outbox works; it may die while a mail leaves, and is started again twenty minutes later."""
        self.mails, self.kill = 0, crash
        outbox = self.env["collection.outbox"].sudo()
        try:
            outbox._perform_ready(50)
        except KilledError:
            self.env.invalidate_all()
            self.clock(minutes=20)
            self.kill = None
            outbox._perform_ready(50)

    def leave(self, _channel, _action, _sessions):
        """Instead of a mail server."""
        self.mails += 1
        if self.mails - 1 == self.kill:
            raise KilledError

    def do_run(self):
        self.run()
        self.send()

    def do_two_runs(self):
        self.env["collection.outbox"].sudo()._reap()
        self.run()
        self.run()
        self.send()
        self.run()

    def do_run_crash(self, at):
        self.run()
        self.send(crash=at)

    def row(self, number, **wanted):
        row = self.world.pick([one for one in self.world.rows if all(getattr(one, name) == value for name, value in wanted.items())], number)
        return self.actions[row] if row else None

    def do_post(self, number):
        return self.by_hand(self.row(number, state="waiting"), "action_confirm_sent")

    def do_skip(self, number):
        return self.by_hand(self.row(number, state="waiting"), "action_skip")

    def do_settle_unknown(self, number, how):
        done = self.by_hand(self.row(number, state="unknown"), ("action_confirm_sent", "action_cancel", "action_retry")[how])
        if done is not False and how == 2:
            self.send()
        return done

    def do_bounce_mail(self, number):
        action = self.row(number, state="sent", channel="email")
        if not action:
            return False
        action.sudo()._fail_after_sending("refused", {})
        return None

    def by_hand(self, action, method):
        if not action:
            return False
        getattr(action, method)()
        return None
