from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..engine import ladder
from ..engine.money import exact
from .collection_reason import describe
from .credit_limit import detail_of

REFUSED_DAYS = 90  # a move that a person refused is not proposed again for so long


class CreditProfile(models.Model):
    """Where a customer stands on its ladder, what it takes to rise, and the nightly look at all of them."""

    _inherit = "credit.profile"

    ladder_id = fields.Many2one("credit.ladder", tracking=True, index="btree_not_null", ondelete="restrict", check_company=True,
                                domain="[('company_id', '=', company_id)]")
    stage_id = fields.Many2one("credit.ladder.stage", readonly=True, copy=False, ondelete="restrict")
    stage_since = fields.Date(readonly=True, copy=False)
    stage_fell_on = fields.Date("Fell on", readonly=True, copy=False)
    review_asked_for = fields.Date(readonly=True, copy=False, help="The end of the limit for which a review was asked.")
    ladder_code = fields.Char(readonly=True, copy=False)
    ladder_detail = fields.Json(readonly=True, copy=False)
    ladder_missing = fields.Json(readonly=True, copy=False)
    next_stage_id = fields.Many2one("credit.ladder.stage", compute="_compute_next_stage")
    next_limit = fields.Monetary("Next limit", compute="_compute_next_stage", aggregator=None)
    next_stage_text = fields.Text("What is missing", compute="_compute_next_stage")

    @api.depends("ladder_id.stage_ids.amount", "stage_id", "cap_amount", "ladder_code", "ladder_missing")
    @api.depends_context("lang")
    def _compute_next_stage(self):
        for profile in self:
            stages = profile.ladder_id.stage_ids
            place = stages.ids.index(profile.stage_id.id) if profile.stage_id in stages else None
            later = stages[place + 1:place + 2] if place is not None and profile.ladder_code != ladder.TOP else stages.browse()
            profile.next_stage_id = later
            profile.next_limit = min(later.amount, profile.cap_amount or later.amount)
            profile.next_stage_text = profile._ladder_text() if profile.stage_id else False

    def _ladder_text(self):
        """Why the customer stays, and each condition not met, in sentences."""
        lines = [describe(self.env, f"ladder_{self.ladder_code}", self.ladder_detail)] if self.ladder_code else []
        money = self.currency_id.format
        for code, have, need in self.ladder_missing or ():
            have, need = (money(value) if code in ("turnover", "use") else f"{value:g}" for value in (have, need))
            lines.append("• " + describe(self.env, f"ladder_gap_{code}", {"have": have, "need": need}))
        return "\n".join(lines)

    # ------------------------------------------------------------------ coming to a stage

    def _start_credit(self, application):
        """The limit an approved (and signed) application grants: the first stage, under the approved ceiling."""
        self.ensure_one()
        stage = application.stage_id
        if application.ladder_id:
            self.sudo().write({"ladder_id": application.ladder_id.id})
        term = application.granted_term_id
        if term:
            self.partner_id.with_company(self.company_id).property_payment_term_id = term
        return self.env["credit.limit"]._record(self, {
            "amount": application.start_limit, "meaning": "amount" if application.start_limit else "prepay", "cap": application.approved_cap,
            "date_to": application.limit_until, "stage_id": stage.id, "source": "application", "application_id": application.id,
            "requested_by": application.requested_by.id, "reason": self.env._("Credit application %s", application.reference)})

    def write(self, vals):
        """A new ladder begins where the customer's limit is; as far as it leads, who assigns it must have the authority."""
        result = super().write(vals)
        if vals.get("ladder_id") and not self.env.su:
            for profile in self:
                top = profile._ladder_top()
                self.env["credit.authority"]._require(profile.company_id, min(top, profile.cap_amount or top))
        if "ladder_id" in vals:
            self._begin_ladder()
        return result

    def _ladder_top(self):
        """As far as the ladder could take the customer without a ceiling."""
        return max(self.ladder_id.stage_ids.mapped("amount"), default=0.0)

    def _begin_ladder(self):
        self._write_snapshot([profile._prepare_beginning(profile.ladder_id) for profile in self])

    def _prepare_beginning(self, record):
        """The stage of a ladder at which the customer begins: that of its limit."""
        base = self.base_line_id
        return self._prepare_stage(record._stage_for(base.amount) if base.meaning == "amount" else record.stage_ids[:1])

    def _prepare_stage(self, stage, fell=False):
        today = self.company_id._collection_today()
        return {"stage_id": stage.id or False, "stage_since": today if stage else False, "stage_fell_on": today if fell else False,
                "ladder_code": False, "ladder_detail": False, "ladder_missing": False}

    def _follow_base(self, lines):
        """A base limit takes the customer to its stage, where it begins anew, and the stage brings its payment terms."""
        super()._follow_base(lines)
        stages = {line.profile_id: line.profile_id._stage_of(line) for line in lines}
        same = {line.profile_id for line in lines if line.currency_id.compare_amounts(line.amount, line.previous_amount) == 0}
        moving = self.filtered(lambda profile: stages[profile] and (stages[profile] != profile.stage_id or profile not in same))
        moving._write_snapshot([
            profile._prepare_stage(stages[profile], fell=bool(profile.stage_id) and stages[profile].amount < profile.stage_id.amount)
            for profile in moving])
        for (company, term), profiles in self.grouped(lambda profile: (profile.company_id, stages[profile].payment_term_id)).items():
            if term:
                profiles._show_in_core(company, "property_payment_term_id", term)

    def _stage_of(self, line):
        """The stage a base limit belongs to; prepayment and credit without a limit leave the customer where it is."""
        return line.stage_id or (self.ladder_id._stage_for(line.amount) if line.meaning == "amount" else self.stage_id)

    # ------------------------------------------------------------------ every night

    def _refresh(self, company, today):
        super()._refresh(company, today)
        self._refresh_limits(today)
        self._climb(company, today)
        self._ask_review(company, today)

    def _climb(self, company, today):
        """Look at a batch of customers of one company on their ladders; each change is a line of the journal."""
        climbing = self.filtered(lambda profile: profile.stage_id and profile.limit_meaning == "amount" and profile.active
                                 and profile.base_line_id.meaning in ("amount", "prepay") and profile.limit_code not in ("temporary", "expired")
                                 and not (profile.base_line_id.date_to and profile.base_line_id.date_to < today))
        climbing -= climbing._waiting_for_limit(today)
        ladders = {record: record._to_engine() for record in climbing.ladder_id if record.active}
        climbing = climbing.filtered(lambda profile: profile.ladder_id in ladders and profile.stage_id in profile.ladder_id.stage_ids)
        looked = {record: max(stage.window for stage in value.stages) for record, value in ladders.items()}
        facts = self.env["collection.reader"]._read_conduct(
            company, [(profile.partner_id.id, profile.stage_since, profile.ladder_id.fall_days, looked[profile.ladder_id])
                      for profile in climbing], today)
        broken = climbing._broken_promises()
        moves = [(profile, profile._decide_stage(ladders[profile.ladder_id], profile._to_conduct(facts, broken), today))
                 for profile in climbing]
        climbing._write_snapshot([{"ladder_code": move.reason, "ladder_detail": detail_of(move.detail),
                                   "ladder_missing": [[gap.code, float(gap.have), float(gap.need)] for gap in move.missing]}
                                  for _profile, move in moves])
        self._record_moves([(profile, move) for profile, move in moves if move.direction != ladder.STAY])

    def _waiting_for_limit(self, today):
        """Those about whose base limit a person decides, decided for a later day, or refused a move not long ago."""
        lines = self.env["credit.limit"].sudo().search(Domain([("profile_id", "in", self.ids), ("kind", "=", "base")]) & Domain.OR([
            [("state", "=", "proposed")], [("state", "=", "approved"), ("date_from", ">", today)],
            [("state", "=", "refused"), ("source", "=", "ladder"), ("date_from", ">", today - timedelta(days=REFUSED_DAYS))]]))
        return lines.profile_id

    def _broken_promises(self):
        """Promises broken since the stage began: ``{profile id: (count, last day)}``. A place to hook."""
        return {}

    def _to_conduct(self, facts, broken):
        """What the customer did, as the engine takes it."""
        count, last = broken.get(self.id, (0, None))
        place = self.ladder_id.stage_ids.ids.index(self.stage_id.id)
        return ladder.Conduct(
            stage=place, since=self.stage_since, **facts[self.partner_id.id], broken=count, last_broken=last,
            average=exact(self.average_days_late) if self.settled_count else None, fell_on=self.stage_fell_on or None)

    def _decide_stage(self, engine_ladder, conduct, today):
        """One engine call: the place to hook another way to rise or fall."""
        return ladder.evaluate(engine_ladder, conduct, exact(self.cap_amount) if self.cap_amount else None, today)

    def _decide_amount(self, move, stage):
        """One engine call: the place to hook another limit after a move."""
        cap = exact(self.cap_amount) if self.cap_amount else None
        return ladder.after(move, stage._to_engine(), cap, exact(self.base_line_id.amount))

    @api.model
    def _record_moves(self, moves):
        """The changes of a batch: in force at once, or proposed where a person has the last word."""
        ready, proposed = [], []
        for profile, move in moves:
            (proposed if profile._needs_approval(move) else ready).append((profile, profile._prepare_move(move)))
        Limit = self.env["credit.limit"].sudo()
        if ready:
            Limit._record_all(ready)
        if proposed:
            Limit._record_all(proposed, "proposed")
            self.browse([profile.id for profile, _vals in proposed])._ask_once("limit", self.env._("Approve the new credit limit"))

    def _needs_approval(self, move):
        if move.direction == ladder.RISE:
            return self.ladder_id.rise_approval or not self.cap_amount  # never beyond what a person approved
        # a person decides on private persons, never a rule alone
        return self.ladder_id.fall_approval or not self.partner_id.is_company

    def _prepare_move(self, move):
        stage = self.ladder_id.stage_ids[move.stage]
        code = f"ladder_{move.reason}" if move.direction == ladder.FALL else "ladder_rose"
        detail = {**detail_of(move.detail), "stage": stage.name}
        return {"kind": "base", "amount": float(self._decide_amount(move, stage)), "cap": self.cap_amount, "stage_id": stage.id,
                "source": "ladder", "requested_by": False, "date_to": self.base_line_id.date_to,
                "code": code, "detail": detail, "reason": describe(self.env, code, detail)}

    def _ask_review(self, company, today):
        """A task before a limit runs out, once for each end."""
        soon = today + timedelta(days=company.credit_review_days)
        ending = self.filtered(lambda profile: profile.limit_until and profile.limit_until <= soon
                               and profile.review_asked_for != profile.limit_until)
        ending._ask_once("review", self.env._("Review the credit limit before it ends"))
        ending._write_snapshot([{"review_asked_for": profile.limit_until} for profile in ending])
