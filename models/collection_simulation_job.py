import logging
from collections import Counter

from odoo import api, models
from odoo.exceptions import UserError
from odoo.modules import module as odoo_module
from odoo.tools import split_every

from ..engine import simulation
from .bulk import insert_rows
from .collection_metrics import note_failure

_logger = logging.getLogger(__name__)

BATCH = 200
DIRECT = 200  # customers done at once; more are left to the job


class CollectionSimulation(models.Model):
    """The work of a simulation: a batch of customers per transaction, each lived through on both sides."""

    _inherit = "collection.simulation"

    def action_simulate(self):
        """Work it out: few customers at once, many by the job."""
        for record in self._check_manager():
            if record.state != "draft":
                raise UserError(self.env._("%s is being worked out or has been already. Set it back to draft to simulate again, or make a copy.", record.name))
            if record.mode == "policy" and not record.policy_id:
                raise UserError(self.env._("Choose the policy that %s tries out.", record.name))
            if len(record._customer_ids()) > DIRECT:
                record._transition("running")
                record._wake()
            else:
                record._simulate()
        return True

    @api.model
    def _wake(self):
        self.env.ref("account_credit_collection.ir_cron_collection_simulation")._trigger()

    @api.model
    def _cron_simulate(self):
        """Go on with what is running; does nothing while nothing is. Nothing raises out of the job (R-21)."""
        problems, unfinished = [], False
        for record in self.search([("state", "=", "running")], order="id"):
            try:
                unfinished |= not record._simulate(commit=True)
            except Exception as error:  # such as somebody who set it back to draft meanwhile
                note_failure(_logger, error, "simulation %s stopped", record.id)
                if not odoo_module.current_test:
                    self.env.cr.rollback()
                problems.append(f"simulation {record.id}")
        if unfinished:
            self._wake()
            return
        self.env["collection.heartbeat"]._beat("simulation", ", ".join(problems))
        self.env["ir.cron"]._commit_progress(remaining=0)

    def _customer_ids(self):
        """Ids of the customers that are lived through, in their order; archived ones too, for what really happened."""
        domain = [("company_id", "=", self.company_id.id)]
        if self.segment_ids:
            domain.append(("segment_id", "in", self.segment_ids.ids))
        return self.env["credit.profile"].with_context(active_test=False).search(domain, order="id").ids

    def _simulate(self, commit=False):
        """Live through the customers left; with ``commit`` each batch is a transaction of its own.

        Returns False when the job's time is up before all are done; the next call goes on.
        """
        self.ensure_one()
        cron, ids = self.env["ir.cron"], [pid for pid in self._customer_ids() if pid > self.reached]
        if commit:
            cron._commit_progress(remaining=len(ids))
        for batch in split_every(BATCH, ids):
            self._attempt_batch(self.env["credit.profile"].browse(batch))
            self.reached = batch[-1]
            if commit and not cron._commit_progress(len(batch)) and batch[-1] != ids[-1]:
                return False
            if commit and self._is_stopped():
                return True
        self._finish()
        return True

    def _is_stopped(self):
        """Whether somebody set it back to draft meanwhile."""
        self.invalidate_recordset(["state"])
        return self.state != "running"

    def _attempt_batch(self, profiles):
        """A batch at once, a poisoned one customer by customer: who fails is counted, and named in the log by id."""
        attempt = self.env["credit.profile"]._attempt
        if not attempt(lambda: self._simulate_batch(profiles)):
            return
        for profile in profiles:
            error = attempt(lambda profile=profile: self._simulate_batch(profile))
            if error:
                note_failure(_logger, error, "simulation %s: profile %s failed", self.id, profile.id)
                self.failed_count += 1

    # ------------------------------------------------------------------ a batch

    def _simulate_batch(self, profiles):
        """Both strategies of each customer over its past, and what really happened."""
        force, other = self._in_force(profiles), self._alternative(profiles)
        policies = [one.policy.engine for one in (*force.values(), *other.values()) if one.policy]
        memory = max((max(policy.gap, policy.cap_days) for policy in policies), default=0)
        pasts = self.env["collection.reader"]._read_pasts(self.company_id, profiles, self.first_day, self.last_day, memory)
        rows = self._prepare_real(profiles, force)
        for side, strategies in (("force", force), ("alternative", other)):
            for profile in profiles:
                rows += self._prepare_simulated(side, profile, strategies[profile.id], pasts)
        insert_rows(self.env["collection.simulation.result"], rows)

    def _prepare_simulated(self, side, profile, strategy, pasts):
        """The rows of one customer with one strategy; who has no policy or is archived today is not contacted."""
        if not strategy.policy or not profile.active or not pasts.items.get(profile.partner_id.id):
            return []
        timeline = self.env["collection.reader"]._to_timeline(profile, strategy.policy, pasts, self.first_day, self.last_day)
        rates = {item.id: item.rate for item in pasts.items[profile.partner_id.id]}
        return [self._prepare_row(side, profile, strategy, done.day, done.contact.level.id, channel,
                                  float(sum(line.asked * rates[line.item] for line in done.contact.lines)))
                for done in self._decide_walk(timeline, strategy.policy) for channel in done.channels]

    def _decide_walk(self, timeline, policy):
        """One engine call: one customer's past with a policy."""
        record = policy.record
        return simulation.walk(timeline, policy.engine, lambda facts, today: record._decide(facts, policy.engine, today),
                               self.first_day, self.last_day, record.manual_wait_days if self.by_hand == "undone" else None)

    def _prepare_real(self, profiles, force):
        """The contacts that were really made."""
        actions = self.env["collection.action"].search_fetch(
            [("profile_id", "in", profiles.ids), ("state", "=", "sent"), ("sent_on", ">=", self.first_day), ("sent_on", "<=", self.last_day)],
            ["profile_id", "sent_on", "level_id", "channel", "amount"], order="id")
        return [self._prepare_row("real", action.profile_id, force[action.profile_id.id], action.sent_on, action.level_id.id, action.channel, action.amount)
                for action in actions]

    def _prepare_row(self, side, profile, strategy, day, level, channel, amount):
        return {"simulation_id": self.id, "company_id": self.company_id.id, "side": side, "profile_id": profile.id, "day": day, "level_id": level,
                "channel": channel, "collector_id": strategy.collector.id, "segment_id": strategy.segment.id, "contact_count": 1,
                "amount": amount, "cost": self._cost(channel)}

    def _cost(self, channel):
        name = f"cost_{channel}"
        return self[name] if name in self._fields else 0.0

    # ------------------------------------------------------------------ the end

    def _finish(self):
        """Sum up the sides, and say how far what is in force agrees with what really happened."""
        Side = self.env["collection.simulation.side"]
        Side.create(Side._prepare_sides(self))
        force, real = (self._contacts_of(side) for side in ("force", "real"))
        both, either = sum((force & real).values()), sum((force | real).values())
        self._transition("done", matched_count=both, agreement=100.0 * both / either if either else 0.0)

    def _contacts_of(self, side):
        """The contacts of a side, to compare one by one."""
        rows = self.env["collection.simulation.result"].search_fetch(
            [("simulation_id", "=", self.id), ("side", "=", side)], ["profile_id", "day", "level_id", "channel"])
        return Counter((row.profile_id.id, row.day, row.level_id.id, row.channel) for row in rows)


class CollectionHeartbeat(models.Model):
    _inherit = "collection.heartbeat"

    @api.model
    def _jobs(self):
        return {**super()._jobs(), "simulation": "ir_cron_collection_simulation"}
