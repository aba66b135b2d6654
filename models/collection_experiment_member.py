from odoo import api, fields, models
from odoo.tools import format_date

from ..engine import experiment

LEFT = [("not_overdue", "Was not overdue after all"), ("own_policy", "Has a policy of its own now"), ("excluded", "Excluded from follow-up"),
        ("archived", "Archived")]
UNSENT = ("planned", "ready", "checking", "retry", "waiting")
ARMS = [(experiment.CHAMPION, "What is in force"), (experiment.CHALLENGER, "Challenger"), (experiment.HOLDOUT, "Held out")]


class CollectionExperimentMember(models.Model):
    """A customer in an experiment: its arm, the invoice with which it entered, and whether that was paid in time."""

    _name = "collection.experiment.member"
    _description = "Customer in an Experiment"
    _order = "entered_on desc, id desc"
    _rec_name = "profile_id"

    experiment_id = fields.Many2one("collection.experiment", required=True, index=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="restrict", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    profile_id = fields.Many2one("credit.profile", "Customer", required=True, index=True, ondelete="restrict", readonly=True)
    segment_id = fields.Many2one("credit.segment", index="btree_not_null", ondelete="set null", readonly=True, help="When it entered.")
    arm = fields.Selection(ARMS, required=True, readonly=True)
    entered_on = fields.Date(required=True, readonly=True)
    seen_until = fields.Date("Looked at until", required=True, readonly=True)
    item_id = fields.Many2one("account.move.line", index="btree_not_null", ondelete="set null", readonly=True)
    document = fields.Char("Invoice", readonly=True)
    amount = fields.Monetary("Overdue when it entered", readonly=True)
    paid_before = fields.Monetary(readonly=True, help="On that invoice, before the customer entered.")
    paid_amount = fields.Monetary("Paid since", readonly=True, help="On that invoice, as long as the customer was looked at.")
    cured_on = fields.Date("Paid on", readonly=True, help="The invoice was settled with money on this day, in time.")
    is_judged = fields.Boolean("Seen through", readonly=True, help="The time is over; only these count.")
    is_live = fields.Boolean("In the experiment", readonly=True)
    left_on = fields.Date("Treated otherwise since", readonly=True)
    left_code = fields.Selection(LEFT, "Why", readonly=True, help="It counts in the arm that it drew all the same, unless it was not overdue after all.")
    summary = fields.Char(compute="_compute_summary")

    _once_uniq = models.UniqueIndex("(experiment_id, profile_id)", "A customer enters an experiment once.")
    _live_uniq = models.UniqueIndex("(profile_id) WHERE is_live", "A customer is in one running experiment at a time.")

    @api.depends("document", "entered_on", "paid_amount", "amount")
    @api.depends_context("lang")
    def _compute_summary(self):
        for member in self:
            money = member.currency_id.format
            member.summary = self.env._("%(document)s, in since %(day)s: %(paid)s of %(amount)s paid", document=member.document or "–",
                                        day=format_date(self.env, member.entered_on), paid=money(member.paid_amount), amount=money(member.amount))

    @api.model
    def _treated(self, profiles, today):
        """The members in force among customers that are treated differently: not those of the champion."""
        return self.search([("profile_id", "in", profiles.ids), ("is_live", "=", True), ("arm", "!=", experiment.CHAMPION),
                            ("entered_on", "<=", today), ("experiment_id.state", "=", "running"), ("experiment_id.ends_on", ">=", today)])

    @api.model
    def _held_out(self, profiles, today):
        """Those of the customers that get no automatic reminder; a policy of the customer's own goes before."""
        return self._treated(profiles, today).filtered(
            lambda member: member.arm == experiment.HOLDOUT and not member.profile_id.policy_id).profile_id

    def _prepare_outcome(self, found, today):
        """What is known of a member today: what came in, and whether it is still treated as it drew."""
        values = {"paid_amount": float(found.paid) if found else 0.0, "is_judged": today > self.seen_until,
                  "cured_on": found.settled_on if found and found.cured else False}
        code = "not_overdue" if found and found.on_time else self._left_before() or self.is_live and not self.is_judged and self._why_left()
        return {**values, "left_code": code or False, "left_on": (self.left_on or today) if code else False}

    def _left_before(self):
        """Whoever was treated otherwise for some days stays marked; a payment on time may be taken back."""
        return self.left_code != "not_overdue" and self.left_code

    def _why_left(self):
        """Why the customer is not treated as drawn, if so."""
        profile = self.profile_id
        return "archived" if not profile.active else "excluded" if profile.excluded else "own_policy" if profile.policy_id else False

    def _call_off(self, code, policy=None):
        """End what is not sent yet, of one policy only where one is given."""
        domain = [("profile_id", "in", self.profile_id.ids), ("state", "in", UNSENT)] + ([("policy_id", "=", policy.id)] if policy else [])
        actions = self.env["collection.action"].search(domain) if self else self.env["collection.action"]
        actions._stop(code, {"experiment": self.experiment_id[:1].name})
        actions.activity_id.unlink()
        actions.run_id._close_held()

    def _move_to(self, profile):
        """The memberships of a customer merged with another, as far as the other has none of that experiment."""
        for member in self:
            taken = profile.experiment_member_ids.filtered(
                lambda other, member=member: other.experiment_id == member.experiment_id or other.is_live and member.is_live)
            if taken:
                member.unlink()
            else:
                member.profile_id = profile


class CreditProfile(models.Model):
    _inherit = "credit.profile"

    experiment_member_ids = fields.One2many("collection.experiment.member", "profile_id", "Experiments", groups="account_credit_collection.group_manager")
