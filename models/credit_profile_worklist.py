from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models

from ..engine import priority
from ..engine.money import exact, quantize
from .collection_call import OUTCOMES
from .collection_reader_worklist import Owed

BANDS = [("a", "A"), ("b", "B"), ("c", "C")]
REST_DAYS = 5  # working days until somebody asks for what was not promised
UNRANKED = {"to_collect": 0.0, "work_percent": 0, "work_band": False, "work_value": 0.0, "work_pinned": False, "work_reasons": False}


class CreditProfile(models.Model):
    """The place of a customer on the worklist: ranked every night, and left in place while people work."""

    _inherit = "credit.profile"

    to_collect = fields.Monetary("To collect", copy=False, readonly=True, aggregator="sum",
                                 help="Overdue, without what is promised, disputed, on its way, paused, or was just asked for.")
    work_percent = fields.Integer("Priority (%)", copy=False, readonly=True, aggregator=None)
    work_band = fields.Selection(BANDS, "Band", copy=False, readonly=True)
    work_value = fields.Float("Worth of a minute", copy=False, readonly=True, aggregator=None, digits=(16, 2),
                              help="What a minute of calling brings, beyond what would be paid without it.")
    work_pinned = fields.Boolean("Comes first", copy=False, readonly=True)
    work_reasons = fields.Json(copy=False, readonly=True)
    ranked_on = fields.Date(copy=False, readonly=True)
    resubmit_on = fields.Date("Again on", copy=False, readonly=True)
    resubmit_time = fields.Float("Again at", copy=False, readonly=True, aggregator=None)
    resubmit_kind = fields.Selection(OUTCOMES, "After the call", copy=False, readonly=True)
    worked_on = fields.Date("Called on", copy=False, readonly=True)
    call_ids = fields.One2many("collection.call", "profile_id", "Calls")
    work_reason = fields.Char("Why call", compute="_compute_work_reason")

    _worklist_idx = models.Index("(company_id, work_pinned DESC, work_band, work_value DESC, to_collect DESC, id) WHERE work_band IS NOT NULL")

    @api.depends("work_reasons")
    @api.depends_context("lang")
    def _compute_work_reason(self):
        for profile in self:
            profile.work_reason = " · ".join(reason["text"] for reason in self.env["collection.desk"]._reasons(profile)) or False

    def _refresh(self, company, today):
        """Rank last, on promises, behaviour and limits as they stand tonight."""
        super()._refresh(company, today)
        self._rank(company, today)

    def _rank(self, company, today):
        """Rank customers of one company; only those whose place changed are written."""
        listed = self.filtered(lambda profile: profile.active and not profile.excluded and not profile.stop_kind and (
            profile.overdue > 0 or profile._agreed_call(today) is not None))
        ranked = listed._prepare_ranks(company, today)
        changed, values = self.browse(), []
        for profile in self:
            new = {"resubmit_on": profile.resubmit_on, **ranked.get(profile, UNRANKED), "ranked_on": today}
            if any(profile[name] != value for name, value in new.items()):
                changed += profile
                values.append(new)
        changed._write_snapshot(values)

    def _prepare_ranks(self, company, today):
        """The worklist's values of each customer: ``{profile: values}``, in a fixed number of queries."""
        rules, uplift = self.env["collection.worklist.rule"]._in_force(company), self.env["collection.uplift"]._in_force(company)
        bands = company._collection_bands()
        found = {}
        for profile, case in self._cases(company, today).items():
            rank = profile._decide_rank(case, rules, bands)
            found[profile] = {
                "to_collect": float(case.amount), "work_percent": rank.percent, "work_band": rank.band or False,
                "work_value": float(profile._decide_value(case, uplift)), "work_pinned": rank.first,
                "resubmit_on": profile._woken(case, today),
                "work_reasons": [profile._prepare_reason(rule, case) for rule in rank.met if rank.band] or False,
            }
        return found

    def _cases(self, company, today):
        """What speaks for calling each customer: ``{profile: engine Case}``."""
        Reader = self.env["collection.reader"]
        owed = Reader._read_claims(company, self.partner_id.ids, today) if self else {}
        trails = Reader._read_trails(company, self, today)
        cut_offs = self._payrun_cut_offs(today)
        return {profile: profile._to_case(owed.get(profile.partner_id.id, Owed()), trails[profile.id], cut_offs.get(profile.id), today)
                for profile in self}

    def _to_case(self, owed, trail, cut_off, today):
        shares = self._decide_collectable(owed, today, trail.broken_on is not None or self._is_back(today))
        late = [owed.rows[item].due for item, share in shares.items() if share.amount]
        return priority.Case(
            amount=self._collectable(owed, shares), days_late=(today - min(late)).days if late else 0,
            broken=_days(trail.broken_on, today), callback=self._agreed_call(today), call_due=_days(trail.call_due_on, today),
            limit_used=self._used_of_limit(), silent=_days(trail.contacted_on, today),
            unanswered=_days(trail.reminded_on, today) if trail.reminded_on and (not trail.paid_on or trail.paid_on < trail.reminded_on) else None,
            payer=self.behaviour_class, cut_off=cut_off)

    def _decide_collectable(self, owed, today, awaited):
        """One engine call: what of the overdue items can be collected; who ``awaited`` our call is called though just reminded."""
        return priority.collectable(owed.items, owed.credits, {} if awaited else owed.noticed, self.company_id.collection_notice_days, today)

    def _decide_rank(self, case, rules, bands):
        """One engine call: the place to hook another way to rank."""
        return priority.rank(case, rules, bands)

    def _decide_value(self, case, uplift):
        """One engine call: what a minute of calling brings."""
        found = uplift.get(self.behaviour_class or "new")
        return priority.value(case.amount, found) if found else Decimal(0)

    def _collectable(self, owed, shares):
        """The shares together, company currency."""
        total = sum((self.env["collection.reader"]._in_base(owed.rows[item], share.amount) for item, share in shares.items()), Decimal(0))
        return quantize(total, self.currency_id.rounding)

    def _is_back(self, today):
        """Whether the day has come on which the customer was to be called again; some days later it is forgotten."""
        return bool(self.resubmit_on) and 0 <= (today - self.resubmit_on).days <= self.company_id.collection_notice_days

    def _wake(self):
        """A promise for which the customer was left alone does not hold any more."""
        # sudo: the place on the list is moved by methods only
        self.sudo().filtered(lambda profile: profile.resubmit_kind == "promise").write({"resubmit_on": False})

    def _after_promise(self, promise, today):
        """The day to look at a customer again: when the promise should have been kept, or before, as long as there is more to collect."""
        calendar = self.env["collection.reader"]._read_calendars(self.company_id, (), today)[None]
        after = calendar.next_working_day(promise.grace_until + timedelta(days=1))
        owed = self.env["collection.reader"]._read_claims(self.company_id, self.partner_id.ids, today).get(self.partner_id.id, Owed())
        rest = self._collectable(owed, self._decide_collectable(owed, today, True))
        return min(after, calendar.add_working_days(today, REST_DAYS)) if rest else after

    def _agreed_call(self, today):
        """Days since the day a call was agreed for; None where there is none or it lies ahead."""
        if self.resubmit_kind != "callback" or not self.resubmit_on or self.resubmit_on > today:
            return None
        return (today - self.resubmit_on).days

    def _woken(self, case, today):
        """The day until which the customer is left alone: a promise that fell through since the last call ends it."""
        fell_through = case.broken is not None and (not self.worked_on or self.worked_on < today - timedelta(days=case.broken))
        return False if fell_through else self.resubmit_on

    def _used_of_limit(self):
        """What the balance takes of the limit in percent; a picture good enough for a list."""
        return 100 * exact(self.balance) / exact(self.limit_amount) if self.limit_meaning == "amount" and self.limit_amount else None

    # ------------------------------------------------------------------ actions

    def action_call(self):
        """The call screen with this customer on top, whether or not it is listed: it may be on the telephone already."""
        self.ensure_one()
        action = self.env["ir.actions.client"]._for_xml_id("account_credit_collection.collection_desk_action")
        return dict(action, params={"profile_id": self.id})

    def action_open_calls(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_call_action")
        return dict(action, domain=[("profile_id", "=", self.id)])

    @api.model
    def _prepare_reason(self, rule, case):
        """Code, points and figures of a rule met, for a sentence."""
        days = {"broken_promise": case.broken, "callback": case.callback, "call_due": case.call_due, "days_late": case.days_late,
                "no_reaction": case.unanswered, "silent": case.silent, "pay_run": case.cut_off}.get(rule.kind)
        detail = {"days": days, "share": rule.kind == "limit_used" and int(case.limit_used), "amount": rule.kind == "amount" and float(rule.amount)}
        code = f"{rule.kind}_{rule.payer}" if rule.kind == "payer" else "silent_ever" if rule.kind == "silent" and case.silent is None else rule.kind
        return {"code": f"work_{code}", "points": rule.points, "first": rule.first, "detail": {name: value for name, value in detail.items() if value is not None and value is not False}}


def _days(day, today):
    return (today - day).days if day else None
