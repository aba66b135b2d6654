from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from ..engine import experiment
from ..engine.money import exact

STATES = [("draft", "Draft"), ("running", "Running"), ("stopped", "Stopped"), ("done", "Done")]
GIVEN = {"name", "company_id", "challenger_id", "segment_ids", "challenger_share", "holdout_share", "cure_days", "ends_on", "base_rate", "detect_points"}
MOST_HELD_OUT = 10  # percent: whoever gets no reminder pays later, and that costs


class CollectionExperiment(models.Model):
    """What is in force against another policy, on customers drawn by lot, until a day.

    A customer enters when an invoice of it falls overdue, and is looked at for ``cure_days``: paid in time or not.
    Nobody enters in the last ``cure_days``, so that everybody is seen through to the end.
    """

    _name = "collection.experiment"
    _description = "Experiment"
    _inherit = ["mail.thread", "collection.state.mixin", "collection.guard.mixin"]
    _order = "id desc"
    _check_company_auto = True

    _transitions = frozenset({("draft", "running"), ("running", "stopped"), ("running", "done")})

    name = fields.Char(required=True, tracking=True)
    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict", default=lambda self: self.env.company.root_id,
                                 domain="[('parent_id', '=', False)]")
    currency_id = fields.Many2one(related="company_id.currency_id")
    challenger_id = fields.Many2one("collection.policy", required=True, ondelete="restrict", index=True, tracking=True, check_company=True,
                                    domain="[('company_id', '=', company_id)]", help="The policy that is tried out, against what is in force for each customer.")
    # archived ones too: without them the experiment would be open to everybody
    segment_ids = fields.Many2many("credit.segment", "collection_experiment_segment_rel", "experiment_id", "segment_id", "Only segments",
                                   ondelete="restrict", context={"active_test": False},
                                   domain="[('company_id', '=', company_id), ('is_draft', '=', False)]", help="Empty: all customers without a policy of their own.")
    challenger_share = fields.Integer("Challenger (%)", default=50, required=True, tracking=True, aggregator=None)
    holdout_share = fields.Integer("Held out (%)", default=0, required=True, tracking=True, aggregator=None,
                                   help="They get no automatic reminder while the experiment runs: this tells what reminders bring at all.")
    cure_days = fields.Integer("Paid within (days)", default=30, required=True, aggregator=None, help="Since the customer entered, that is since the invoice fell overdue.")
    ends_on = fields.Date("Until", required=True, default=lambda self: self.env.company._collection_today() + timedelta(days=120), tracking=True)
    last_entry_on = fields.Date("Last customers enter on", compute="_compute_last_entry_on")
    state = fields.Selection(STATES, default="draft", required=True, readonly=True, index=True, copy=False, tracking=True)
    started_on = fields.Date("Started on", readonly=True, copy=False)
    ended_on = fields.Date("Ended on", readonly=True, copy=False)

    base_rate = fields.Float("Paid in time today (%)", compute="_compute_base_rate", store=True, readonly=False, digits=(5, 1), aggregator=None,
                             help="The share of customers that pay in time once they are overdue, counted as the experiment counts; proposed from the last year.")
    detect_points = fields.Float("Difference to tell (points)", default=10.0, digits=(5, 1), aggregator=None)
    needed_count = fields.Integer("Customers needed per arm", compute="_compute_size",
                                  help="n = (1.96 + 0.8416)² × [p₁(1 − p₁) + p₂(1 − p₂)] / (p₁ − p₂)²: a chance of 5 % to see a difference that is none, "
                                       "of 80 % to see one that is there.")
    entry_count = fields.Integer("Customers needed in all", compute="_compute_size")
    expected_count = fields.Integer("Customers to be expected", compute="_compute_size",
                                    help="As many as fell overdue in as many days before, without those whom another running experiment takes.")
    size_warning = fields.Char(compute="_compute_size")
    arm_ids = fields.One2many("collection.experiment.arm", "experiment_id", "Result", readonly=True)
    verdict = fields.Char("What the challenger tells", compute="_compute_verdict")
    holdout_verdict = fields.Char("What holding out tells", compute="_compute_verdict")
    member_ids = fields.One2many("collection.experiment.member", "experiment_id", "Customers", readonly=True)
    member_count = fields.Integer("Customers so far", compute="_compute_member_count")
    summary = fields.Char(compute="_compute_summary")

    _shares = models.Constraint(f"CHECK(challenger_share BETWEEN 1 AND 90 AND holdout_share BETWEEN 0 AND {MOST_HELD_OUT} AND challenger_share + holdout_share < 100)",
                                "The challenger gets 1 to 90 % of the customers, at most 10 % are held out, and some must stay with what is in force.")
    _cure_days_positive = models.Constraint("CHECK(cure_days BETWEEN 1 AND 180)", "Customers are looked at for 1 to 180 days.")
    _rates = models.Constraint("CHECK(base_rate BETWEEN 0 AND 100)", "The share paid in time lies between 0 and 100 %.")

    @api.depends("ends_on", "cure_days")
    def _compute_last_entry_on(self):
        for record in self:
            record.last_entry_on = record.ends_on and record.ends_on - timedelta(days=record.cure_days)

    @api.depends("company_id", "segment_ids", "cure_days")
    def _compute_base_rate(self):
        for record in self:
            today = record.company_id._collection_today()
            overdue, cured = self.env["collection.reader"]._read_cure_rate(
                record.company_id, record.segment_ids._origin.ids, today - timedelta(days=365), today - timedelta(days=record.cure_days), record.cure_days)
            record.base_rate = 100.0 * cured / overdue if overdue else 60.0

    @api.depends("base_rate", "detect_points", "challenger_share", "holdout_share", "ends_on", "cure_days", "segment_ids", "company_id")
    @api.depends_context("lang")
    def _compute_size(self):
        for record in self:
            needed = record._decide_size()
            record.needed_count = needed or 0
            record.entry_count = record._decide_entries(needed) if needed else 0
            record.expected_count = record._expect()
            record.size_warning = record._size_warning(needed)

    @api.depends("arm_ids.verdict")
    @api.depends_context("lang")
    def _compute_verdict(self):
        for record in self:
            told = {row.arm: row.verdict for row in record.arm_ids}
            record.verdict, record.holdout_verdict = told.get(experiment.CHALLENGER), told.get(experiment.HOLDOUT)

    @api.depends("member_ids")
    def _compute_member_count(self):
        counts = dict(self.env["collection.experiment.member"]._read_group([("experiment_id", "in", self.ids)], ["experiment_id"], ["__count"]))
        for record in self:
            record.member_count = counts.get(record, 0)

    @api.depends("member_count", "ends_on")
    @api.depends_context("lang")
    def _compute_summary(self):
        for record in self:
            record.summary = self.env._("Until %(day)s, customers so far: %(count)s", day=format_date(self.env, record.ends_on) if record.ends_on else "–",
                                        count=record.member_count)

    # ------------------------------------------------------------------ how many it takes

    def _shares_of(self):
        return experiment.Shares(self.challenger_share, self.holdout_share)

    def _decide_size(self):
        """One engine call: customers needed per arm."""
        base, wanted = exact(self.base_rate) / 100, exact(self.base_rate + self.detect_points) / 100
        return experiment.size(base, wanted) if 0 <= base <= 1 and 0 <= wanted <= 1 else None

    def _decide_entries(self, needed):
        """One engine call: customers that must enter in all."""
        return experiment.entries(needed, self._shares_of()) if 0 < self.challenger_share < 100 - self.holdout_share else 0

    def _expect(self):
        """Customers that fell overdue in as many days before today as there are for entering."""
        today = self.company_id._collection_today()
        days = self.last_entry_on and (self.last_entry_on - max(today, self.started_on or today)).days
        rivals = self._rivals()
        if not days or days <= 0 or any(not rival.segment_ids for rival in rivals):
            return 0
        return self.env["collection.reader"]._read_overdue_customers(
            self.company_id, self.segment_ids._origin.ids, today - timedelta(days=days), today, rivals.segment_ids.ids)

    def _rivals(self):
        """Running experiments that take some of the same customers first: a customer is in one at a time."""
        today = self.company_id._collection_today()
        return self._running(self.company_id).filtered(lambda other: other.last_entry_on >= today and other != self._origin and (
            not other.segment_ids or not self.segment_ids or other.segment_ids & self.segment_ids._origin))

    def _size_warning(self, needed):
        if self.state != "draft":
            return False
        if needed is None:
            return self.env._("From %(base)s %% no difference of %(points)s points can be told: it must lead to a share between 0 and 100 %%.",
                              base=formatLang(self.env, self.base_rate, digits=1), points=formatLang(self.env, self.detect_points, digits=1))
        rivals = self._rivals()
        if rivals and self.expected_count < self.entry_count:
            return self.env._(
                "“%(other)s” is running and takes customers first: %(needed)s are needed here, but only %(expected)s are left to be expected. "
                "Wait until it is over, or choose other segments.",
                other=rivals[0].name, needed=self.entry_count, expected=self.expected_count)
        if self.expected_count < self.entry_count:
            return self.env._(
                "%(needed)s customers are needed, but only %(expected)s are to be expected: a difference of %(points)s points will probably not be "
                "told from chance. Let it run longer, split closer to half and half, or look for a larger difference.",
                needed=self.entry_count, expected=self.expected_count, points=formatLang(self.env, self.detect_points, digits=1))
        return False

    # ------------------------------------------------------------------ rights

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            kept = {"state", "started_on", "ended_on", "arm_ids", "member_ids"}
            self._refuse_guarded((set().union(*vals_list) & self._own_fields()) - GIVEN | self._guarded_defaults(kept))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self._refuse_guarded((set(vals) & self._own_fields()) - GIVEN)
            for record in self.filtered(lambda record: record.state != "draft" and set(vals) & GIVEN - {"name"}):
                raise UserError(self.env._("%s has begun: what it compares is not changed any more. Stop it and make a copy.", record.name))
        return super().write(vals)

    @api.model
    def _own_fields(self):
        return {name for name, field in self._fields.items() if field._module == "account_credit_collection"}

    @api.ondelete(at_uninstall=False)
    def _unlink_except_begun(self):
        for record in self.filtered(lambda record: record.state != "draft"):
            raise UserError(self.env._("%s has begun and stays: it tells why customers were treated differently.", record.name))

    def _check_manager(self):
        return self._as_manager(self.env._("Only credit managers start and stop experiments."))

    # ------------------------------------------------------------------ start and stop

    def action_start(self):
        """From the coming night on customers enter."""
        for record in self._check_manager():
            today = record.company_id._collection_today()
            if not record.challenger_id.level_ids or not record.challenger_id.active:
                raise UserError(self.env._("The policy “%(policy)s” of %(name)s contacts nobody: give it levels, or choose another one.",
                                           policy=record.challenger_id.name, name=record.name))
            if record.last_entry_on <= today:
                raise ValidationError(self.env._("%(name)s ends on %(day)s: nobody could enter and be looked at for %(days)s days. Choose a later day.",
                                                 name=record.name, day=format_date(self.env, record.ends_on), days=record.cure_days))
            record._transition("running", started_on=today)
            record.env["collection.experiment.arm"]._make(record)
        return True

    def action_stop(self):
        """All customers go back to what is in force at once."""
        for record in self._check_manager():
            record._end("stopped", record.company_id._collection_today())
        return True

    def _end(self, state, today):
        """Close it; whoever was not seen through is not counted. All go back at once, also with what waits to be sent."""
        treated = self.member_ids.filtered(lambda member: member.is_live and not member.profile_id.policy_id)
        self._transition(state, ended_on=today)
        self.member_ids.filtered("is_live").write({"is_live": False})
        treated.filtered(lambda member: member.arm == experiment.CHALLENGER)._call_off("experiment_over", self.challenger_id)
        treated.filtered(lambda member: member.arm == experiment.HOLDOUT).profile_id._rank(self.company_id, today)

    def action_open_members(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_experiment_member_action")
        return dict(action, domain=[("experiment_id", "=", self.id)], context={})
