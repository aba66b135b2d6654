from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.misc import format_date

from ..engine import segment
from .collection_reason import describe

SIZES = [("a", "A"), ("b", "B"), ("c", "C")]
RESTING = ["left_to_automation", "segment_text", "segment_reason", "segment_next_text", "policy_source", "ladder_source", "charge_rule_source", "collector_source"]
BY_HAND = {"segment_id", "segment_locked"}


class CreditProfile(models.Model):
    """The segment of a customer, and what rests on it: it holds where the customer has nothing of its own."""

    _inherit = "credit.profile"

    billing_12m = fields.Monetary("Billed in 12 months", copy=False, readonly=True, aggregator="sum",
                                  help="Posted invoices of the last 12 months with tax, less credit notes.")
    size_class = fields.Selection(SIZES, "Size", copy=False, readonly=True,
                                  help="A: the largest customers, which bring most of what is billed in 12 months; the boundaries are in the settings.")
    payer_grade = fields.Integer("Payer grade", copy=False, readonly=True, aggregator="avg",
                                 help="1 is the best payer, 5 the worst; 0 = nothing to judge by yet. The average of four grades: days late by amount, "
                                      "part of the value that was late, promises not kept, and days since the last payment while something is overdue.")
    segment_id = fields.Many2one("credit.segment", copy=False, index="btree_not_null", ondelete="restrict", check_company=True,
                                 domain="[('company_id', '=', company_id), ('is_draft', '=', False)]",
                                 help="Found every night. Chosen by hand it stays.")
    segment_since = fields.Date("In the segment since", copy=False, readonly=True)
    segment_next_id = fields.Many2one("credit.segment", "Next segment", copy=False, readonly=True, ondelete="set null")
    segment_next_since = fields.Date("Fits the next segment since", copy=False, readonly=True)
    segment_locked = fields.Boolean("Segment set by hand", copy=False, tracking=True, help="The customer stays in its segment whatever its figures are.")
    segment_reasons = fields.Json(copy=False, readonly=True)
    segment_text = fields.Char(compute="_compute_segment_reason")
    segment_reason = fields.Char("Why this segment", compute="_compute_segment_reason")
    segment_next_text = fields.Char("Next", compute="_compute_segment_reason")
    segment_move_ids = fields.One2many("credit.segment.move", "profile_id", "Moves between segments", readonly=True)
    # whether the value stands there because of the segment: then the segment may change it
    collector_by_segment = fields.Boolean(copy=False, readonly=True)
    ladder_by_segment = fields.Boolean(copy=False, readonly=True)
    left_to_automation = fields.Boolean(compute="_compute_left_to_automation", help="No person works on the customer: its segment leaves so many of its customers to automatic reminders.")
    policy_source = fields.Char(compute="_compute_sources")
    ladder_source = fields.Char(compute="_compute_sources")
    charge_rule_source = fields.Char(compute="_compute_sources")
    collector_source = fields.Char(compute="_compute_sources")

    @api.depends("segment_id", "segment_since", "segment_locked", "segment_reasons", "segment_next_id", "segment_next_since", "currency_id")
    @api.depends_context("lang")
    def _compute_segment_reason(self):
        for profile in self:
            wait = profile.company_id.collection_segment_wait_days
            profile.segment_text = self.env._("In “%(segment)s” since %(day)s", segment=profile.segment_id.name, day=format_date(
                self.env, profile.segment_since)) if profile.segment_since and profile.segment_id else profile.segment_id.name
            profile.segment_reason = describe(self.env, "segment_by_hand") if profile.segment_locked \
                else self.env["credit.segment"]._sentence(profile.segment_reasons, profile.currency_id)
            profile.segment_next_text = profile.segment_next_since and describe(
                self.env, "segment_next" if profile.segment_next_id else "segment_next_none", {
                    "segment": profile.segment_next_id.name, "since": format_date(self.env, profile.segment_next_since),
                    "on": format_date(self.env, fields.Date.add(profile.segment_next_since, days=wait))})

    @api.depends("segment_id.automation_share")
    def _compute_left_to_automation(self):
        for profile in self:
            profile.left_to_automation = profile._decide_automation(profile.segment_id._giving().automation_share)

    def _decide_automation(self, share):
        """One engine call: always the same customers, so that nobody goes to and fro."""
        return segment.left_to_automation(self.partner_id.id, share)

    @api.depends("policy_id", "ladder_id", "charge_rule_id", "collector_id", "segment_id", "company_id", "ladder_by_segment", "collector_by_segment", "no_charges")
    @api.depends_context("lang")
    def _compute_sources(self):
        """Where each value comes from that the customer has not of its own, in words."""
        for profile in self:
            company, rule = profile.company_id, profile._given_charge_rule()
            profile.policy_source = False if profile.policy_id else profile._source_words(
                profile._given("policy_id"), self.env["collection.policy"]._default_for(company))
            common = company.collection_charge_rule_id if profile._is_business() else company.collection_charge_consumer_rule_id
            profile.charge_rule_source = False if profile.charge_rule_id or profile.no_charges else profile._source_words(rule, common)
            profile.ladder_source, profile.collector_source = profile._ladder_words(), profile._collector_words()

    def _ladder_words(self):
        """Where the ladder comes from, or that emptied it comes again."""
        if self.ladder_id and self.ladder_by_segment and self.ladder_id == self._origin.ladder_id:
            return self.env._("The ladder comes from segment “%s”. One chosen here is the customer's own and stays.", self.segment_id.name)
        coming = not self.ladder_id and self._given("ladder_id")
        return bool(coming) and self.env._("In the coming night the segment gives the ladder “%s”: choose another one, or another segment, if it does not fit.",
                                           coming.display_name)

    def _collector_words(self):
        """Where the collector comes from, or that emptied it comes again."""
        if self.collector_id and self.collector_by_segment and self.collector_id == self._origin.collector_id:
            return self.env._("The collector comes from segment “%s”. One chosen here is the customer's own and stays.", self.segment_id.name)
        coming = not self.collector_id and self._given("collector_id")
        return bool(coming) and self.env._("In the coming night the segment gives the collector %s: choose another one, or another segment, if that does not fit.",
                                           coming.display_name)

    def _source_words(self, given, common):
        if given:
            return self.env._("“%(value)s”, from segment “%(segment)s”", value=given.display_name, segment=self.segment_id.name)
        return self.env._("“%s”, as for all customers of the company", common.display_name) if common else False

    def _given(self, name):
        """What the customer's segment gives of one kind."""
        return self.segment_id._giving()._gift(name)

    def _own(self, name):
        """The collector or the ladder if a person chose it for this customer."""
        return self[name] if not self[name.replace("_id", "_by_segment")] else self[name].browse()

    def _given_charge_rule(self):
        """The charge rule that the segment gives, if it is meant for this kind of customer."""
        rule = self._given("charge_rule_id")
        kind = "business" if self._is_business() else "consumer"
        return rule if not self.charge_rule_id and rule.customer_kind in ("any", kind) else rule.browse()

    def _prepare_ranks(self, company, today):
        """Who is left to automation is not on the list, unless something pins it to the top."""
        ranked = super()._prepare_ranks(company, today)
        return {profile: values for profile, values in ranked.items() if values["work_pinned"] or not profile.left_to_automation}

    # ------------------------------------------------------------------ by hand

    @api.model_create_multi
    def create(self, vals_list):
        """A new customer is sorted by the night."""
        self._refuse_guarded(BY_HAND & set().union(*vals_list) | self._guarded_defaults(BY_HAND))
        return super().create(vals_list)

    def write(self, vals):
        """A segment chosen by hand stays, and is in the journal; a collector or ladder chosen by hand is the customer's own.

        Also when it is the very one that the segment gave. Left empty, what the segment gives comes again in the coming night.
        """
        if "segment_id" in vals:
            vals = {**vals, "segment_locked": bool(vals["segment_id"])}
        before = {profile: profile.segment_id for profile in self} if "segment_id" in vals else {}
        result = super().write(vals)
        for name in {"collector_id", "ladder_id"} & set(vals):
            self._write_segment([{name.replace("_id", "_by_segment"): False}] * len(self))
        self._note_by_hand({profile: old for profile, old in before.items() if profile.segment_id != old})
        return result

    def _note_by_hand(self, before, code="segment_moved_by_hand", detail=None):
        """Journal and dates of customers that a person moved: ``{profile: segment before}``."""
        moved = self.browse([profile.id for profile in before])
        if moved.segment_id.filtered("is_draft"):
            raise ValidationError(self.env._("Segment “%s” is a draft: put it into force first.", moved.segment_id.filtered("is_draft")[0].name))
        days = {company: company._collection_today() for company in moved.company_id}
        # sudo: the journal is written by methods only, and the right to choose the segment was checked
        self.env["credit.segment.move"].sudo().create([{
            "profile_id": profile.id, "company_id": profile.company_id.id, "from_id": before[profile].id, "to_id": profile.segment_id.id,
            "day": days[profile.company_id], "code": code, "detail": detail or {"user": self.env.user.name}} for profile in moved])
        moved._write_segment([{"segment_since": days[profile.company_id], "segment_next_id": False, "segment_next_since": False,
                               "segment_reasons": False} for profile in moved])

    def _write_segment(self, vals_list):
        """As a snapshot is written; what is computed from it is read anew."""
        self._write_snapshot(vals_list)
        self.invalidate_recordset(RESTING, flush=False)

    def action_open_segment_moves(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.credit_segment_move_action")
        return dict(action, domain=[("profile_id", "=", self.id)], context={})
