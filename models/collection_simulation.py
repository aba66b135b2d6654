from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date
from odoo.tools.misc import formatLang

STATES = [("draft", "Draft"), ("running", "Running"), ("done", "Done")]
MODES = [("policy", "One policy for all"), ("segments", "The segments with drafts")]
BY_HAND = [("done", "Done on the same day"), ("undone", "Left undone")]
COSTS = ("cost_email", "cost_sms", "cost_letter", "cost_call")
GIVEN = {"name", "company_id", "first_day", "last_day", "segment_ids", "mode", "policy_id", "draft_ids", "by_hand", *COSTS}
MOST_DAYS = 366
CALL_MINUTES = 10  # proposed; who knows better changes what a call costs


class CollectionSimulation(models.Model):
    """What a policy would have done in the past, beside what is in force and what really happened.

    It lives through the real ledger customer by customer and writes nothing but its own rows.
    """

    _name = "collection.simulation"
    _description = "Simulation of a Strategy"
    _inherit = ["collection.state.mixin", "collection.guard.mixin"]
    _order = "id desc"
    _check_company_auto = True

    _transitions = frozenset({("draft", "running"), ("draft", "done"), ("running", "done"), ("running", "draft"), ("done", "draft")})

    name = fields.Char(required=True, default=lambda self: self.env._("What if"))
    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict", default=lambda self: self.env.company.root_id,
                                 domain="[('parent_id', '=', False)]")
    currency_id = fields.Many2one(related="company_id.currency_id")
    first_day = fields.Date("From", required=True, default=lambda self: self._default_last_day() + timedelta(days=1) - relativedelta(months=3))
    last_day = fields.Date("To", required=True, default=lambda self: self._default_last_day())
    # archived ones too: without them the simulation would be about everybody
    segment_ids = fields.Many2many("credit.segment", "collection_simulation_segment_rel", "simulation_id", "segment_id", "Only segments",
                                   ondelete="restrict", context={"active_test": False},
                                   domain="[('company_id', '=', company_id), ('is_draft', '=', False)]", help="Empty: all customers.")
    mode = fields.Selection(MODES, "Alternative", required=True, default="policy")
    policy_id = fields.Many2one("collection.policy", ondelete="restrict", index="btree_not_null", check_company=True,
                                domain="[('company_id', '=', company_id)]", help="All customers chosen above are followed up by it.")
    draft_ids = fields.Many2many("credit.segment", "collection_simulation_draft_rel", "simulation_id", "segment_id", "Drafts",
                                 ondelete="restrict", context={"active_test": False},
                                 domain="[('company_id', '=', company_id), ('is_draft', '=', True)]",
                                 help="Taken as if they were in force, in their place among the others.")
    by_hand = fields.Selection(BY_HAND, "Letters and calls are", required=True, default="done",
                               help="Left undone, they keep the customer silent for the days that the policy gives them.")
    cost_email = fields.Monetary("An e-mail costs", default=lambda self: self._default_cost("email"))
    cost_sms = fields.Monetary("An SMS costs", default=lambda self: self._default_cost("sms"))
    cost_letter = fields.Monetary("A letter costs", default=lambda self: self._default_cost("letter"))
    cost_call = fields.Monetary("A call costs", default=lambda self: self._default_cost("call"))

    state = fields.Selection(STATES, default="draft", required=True, readonly=True, index=True, copy=False)
    reached = fields.Integer(readonly=True, copy=False)  # id of the last customer looked at, to go on after an interruption
    failed_count = fields.Integer("Customers that could not be worked out", readonly=True, copy=False)
    progress = fields.Integer("Progress (%)", compute="_compute_progress")
    result_ids = fields.One2many("collection.simulation.result", "simulation_id", "Contacts", readonly=True)
    side_ids = fields.One2many("collection.simulation.side", "simulation_id", "Side by side", readonly=True)
    matched_count = fields.Integer("Really sent and simulated", readonly=True, copy=False)
    agreement = fields.Float("Agreement with what happened (%)", readonly=True, copy=False, digits=(5, 1), aggregator=None,
                             help="Contacts that what is in force would have made and that were really made: the same customer, day, level and "
                                  "channel, in percent of all that either of them has.")
    agreement_text = fields.Char(compute="_compute_agreement_text")
    verdict = fields.Char(compute="_compute_verdict")

    _days_ordered = models.Constraint("CHECK(first_day <= last_day)", "A simulation ends on the day on which it begins or later.")
    _costs_positive = models.Constraint("CHECK(cost_email >= 0 AND cost_sms >= 0 AND cost_letter >= 0 AND cost_call >= 0)",
                                        "What a contact costs must not be negative.")

    @api.model
    def _default_last_day(self):
        """The last day of the month before."""
        return self.env.company._collection_last_month()

    @api.model
    def _default_cost(self, channel):
        """As the settings of the company say; of a call, for the minutes that one takes."""
        company = self.env.company.root_id
        return company.collection_cost_minute * CALL_MINUTES if channel == "call" else company[f"collection_cost_{channel}"]

    @api.depends("reached", "state")
    def _compute_progress(self):
        for record in self:
            ids = record._customer_ids() if record.state == "running" else []
            record.progress = 100 * sum(pid <= record.reached for pid in ids) // len(ids) if ids else 100 * (record.state == "done")

    @api.depends("agreement", "matched_count")
    @api.depends_context("lang")
    def _compute_agreement_text(self):
        for record in self:
            record.agreement_text = self.env._(
                "What is in force agrees with what really happened to %(share)s %%; contacts that are the same in customer, day, level and channel: %(count)s.",
                share=formatLang(self.env, record.agreement, digits=1), count=record.matched_count)

    @api.depends("side_ids")
    @api.depends_context("lang")
    def _compute_verdict(self):
        for record in self:
            sides = {row.side: row for row in record.side_ids}
            record.verdict = record._compare(sides["force"], sides["alternative"]) if {"force", "alternative"} <= set(sides) else False

    def _compare(self, force, other):
        """What the alternative comes to, against what is in force."""
        money = self.currency_id.format
        return self.env._(
            "With the alternative: contacts %(contacts)s instead of %(before)s, of them calls %(calls)s instead of %(calls_before)s; cost %(cost)s instead of %(cost_before)s.",
            contacts=other.contact_count, before=force.contact_count, cost=money(other.cost), cost_before=money(force.cost),
            calls=other.call_count, calls_before=force.call_count)

    @api.constrains("first_day", "last_day", "company_id")
    def _check_period(self):
        for record in self:
            if (record.last_day - record.first_day).days > MOST_DAYS:
                raise ValidationError(self.env._("%s covers more than a year. Choose a shorter period.", record.name))
            if record.last_day >= record.company_id._collection_today():
                raise ValidationError(self.env._("%(name)s: %(day)s is not over yet. Only the past can be simulated.",
                                                 name=record.name, day=format_date(self.env, record.last_day)))

    # ------------------------------------------------------------------ rights

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            kept = {"state", "reached", "failed_count", "matched_count", "agreement", "result_ids", "side_ids"}
            self._refuse_guarded(set().union(*vals_list) - GIVEN | self._guarded_defaults(kept))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self._refuse_guarded(set(vals) - GIVEN)
            self._check_draft(set(vals) - {"name"})
        return super().write(vals)

    def _check_draft(self, names):
        for record in self.filtered(lambda record: names and record.state != "draft"):
            raise UserError(self.env._("%s has been worked out. Set it back to draft to change it, or make a copy.", record.name))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_running(self):
        for record in self.filtered(lambda record: record.state == "running"):
            raise UserError(self.env._("%s is being worked out. Stop it first.", record.name))

    def _check_manager(self):
        return self._as_manager(self.env._("Only credit managers simulate strategies."))

    # ------------------------------------------------------------------ buttons

    def action_reset(self):
        """Back to draft; what was worked out is gone."""
        records = self._check_manager()
        records._clear()
        records._transition("draft")
        return True

    def _clear(self):
        self.result_ids.unlink()
        self.side_ids.unlink()
        self.write({"reached": 0, "failed_count": 0, "matched_count": 0, "agreement": 0.0})

    def action_refresh(self):
        """The form reads itself anew after a button."""
        self.check_access("read")
        return True

    def action_open_results(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_simulation_result_action")
        return dict(action, domain=[("simulation_id", "=", self.id)], name=self.name, context={})
