import logging
from datetime import timedelta

from odoo import api, fields, models

from .collection_job import CONCURRENCY_ERRORS
from .collection_metrics import note_failure

_logger = logging.getLogger(__name__)

POSTPONE = timedelta(minutes=2)
# Silences that pass by themselves: the contact waits instead of being called off.
WAIT_FOR = {"quiet_day"}


class CollectionOutbox(models.AbstractModel):
    """The check of claimed rows: lock their items, decide again, render."""

    _inherit = "collection.outbox"

    @api.model
    def _check(self, actions, policies):
        """Check rows together; when one breaks the check, one by one, so that it stops nobody else (R-21)."""
        try:
            with self.env.cr.savepoint():
                return self._check_together(actions, policies)
        except CONCURRENCY_ERRORS:
            raise
        except Exception as error:
            if len(actions) == 1:
                note_failure(_logger, error, "collection action %s could not be checked", actions.id)
                self._conclude(actions, "failed", "error", str(error)[:200])
                return actions.browse()
        _logger.warning("a check of %s collection actions failed, going on one by one", len(actions))
        return actions.browse().union(*(self._check(action, policies) for action in actions))

    @api.model
    def _check_together(self, actions, policies):
        """Lock the customers' items, decide again, render; return those that may leave."""
        actions = self._lock_items(actions)
        actions = self._reconfirm(actions, policies)
        ready, broken = self.env["collection.channel"]._prepare_messages(actions)
        for action, (code, detail) in broken.items():
            action._stop(code, detail, state="failed")
        checked = actions.browse()
        for action, texts in ready.items():
            # The check saw the facts as they were at the claim, not as they are now.
            action.write({**texts, **self.env["collection.channel"]._prepare_identity(action), "checked_at": action.claimed_at})
            checked |= action
        return checked.sorted("id")

    @api.model
    def _lock_items(self, actions):
        """Lock the receivable items of each contact; where someone works on them, try later."""
        items = actions.line_ids.item_id
        locked = set(items.try_lock_for_update(allow_referencing=True)._ids)
        busy = actions.filtered(lambda action: not locked.issuperset(action.line_ids.item_id._ids))
        self._postpone(busy, fields.Datetime.now() + POSTPONE)
        return actions - busy

    @api.model
    def _postpone(self, actions, until):
        actions._transition("ready", not_before=until, worker=False)

    @api.model
    def _reconfirm(self, actions, policies):
        """Decide again on locked rows; call off, postpone, or bring the amounts up to date.

        ``policies`` keeps the policies prepared so far in this activation.
        """
        kept, seen = actions.browse(), set()
        for (company, policy, run), group in actions.grouped(lambda a: (a.company_id, a.policy_id, a.run_id)).items():
            if not company.active:
                group._stop("company_archived")
                continue
            today = company._collection_today()
            if (policy, today) not in policies:
                policies[policy, today] = policy._in_force_for(company, today)
            in_force = policies[policy, today]
            stops = policy._stops(group.profile_id, today)
            partners = {action.partner_id.id: in_force._replace(stop=stops.get(action.partner_id.id)) for action in group}
            gathered = self.env["collection.reader"]._read_facts(
                company, group.profile_id, partners, today, skip_actions=group.ids, skip_runs=run.ids)
            sent = self._already_sent(group)
            for action in group:
                # After a merge one customer may have two contacts over one channel: one of them is enough.
                key = (action.profile_id, action.channel)
                if key in seen or (action.run_id, *key) in sent:
                    action._stop("in_flight")
                elif self._reconfirm_one(action, in_force, gathered, today):
                    kept |= action
                    seen.add(key)
        return kept

    @api.model
    def _already_sent(self, actions):
        """Which customers the runs of these contacts have reached, over which channels: after a merge a second message would be one too many."""
        sent = self.env["collection.action"].search_fetch(
            [("run_id", "in", actions.run_id.ids), ("profile_id", "in", actions.profile_id.ids), ("state", "=", "sent")], ["run_id", "profile_id", "channel"])
        return {(action.run_id, action.profile_id, action.channel) for action in sent}

    @api.model
    def _reconfirm_one(self, action, in_force, gathered, today):
        planned = action._to_engine(in_force.engine)
        facts = gathered.facts[action.profile_id.id]._replace(in_flight=frozenset())
        if action.channel in ("letter", "call"):
            facts = facts._replace(quiet=False)  # a person works on the day a person works
        if planned is None:
            action._stop("no_level")
            return False
        # Only the channel of this very row matters now; another one is the next run's business.
        usable = gathered.recipients[action.partner_id.id].usable.get(action.channel)
        if not usable or self._is_somebody_else(action, usable):
            action._stop(facts.stop or ("stop_person" if action.recipient_id.collection_stop else "unreachable"))
            return False
        later = action.policy_id._not_before(gathered.recipients[action.partner_id.id], action.channel, in_force.engine.calendar)
        if later:
            self._postpone(action, later)
            return False
        decision = action.policy_id._confirm(facts, planned, in_force.engine, today)
        if decision.contact:
            action._update_lines(decision.contact, gathered.rows)
            code, detail = action._prepare_reason(decision, gathered.rows)
            action.write({"planned_reason": code, "planned_detail": detail})
            return True
        if decision.reason in WAIT_FOR:
            day = in_force.engine.calendar.next_working_day(today + timedelta(days=1))
            self._postpone(action, fields.Datetime.to_datetime(day))
        else:
            action._stop(decision.reason, decision.detail)
        return False

    @api.model
    def _is_somebody_else(self, action, usable):
        """Whether it would go elsewhere now; what names a person (a letter, a call) also where only the person is another one."""
        if action.channel in ("letter", "call") and usable.partner != action.recipient_id.id:
            return True
        return (usable.address or "").lower() != (action.recipient or "").lower()

    @api.model
    def _recheck(self, actions):
        """Check letters again before a person posts them; return those still due."""
        waiting = actions.filtered(lambda action: action.state == "waiting")
        locked = set(waiting.line_ids.item_id.try_lock_for_update(allow_referencing=True)._ids)
        free = waiting.filtered(lambda action: locked.issuperset(action.line_ids.item_id._ids))
        return self._reconfirm(free, {}) | (actions - waiting)
