from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from ..engine import ladder
from ..engine.money import exact


class CreditLadder(models.Model):
    """A path of limits that grow with good payment behaviour and shrink with bad."""

    _name = "credit.ladder"
    _description = "Credit Ladder"
    _inherit = ["mail.thread"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict",
                                 default=lambda self: self.env.company.root_id)
    currency_id = fields.Many2one(related="company_id.currency_id")
    first_amount = fields.Monetary("First limit", default=5000)
    growth = fields.Float("Grows by factor", default=1.5)
    top_amount = fields.Monetary("Highest limit", default=20000)
    stage_ids = fields.One2many("credit.ladder.stage", "ladder_id", "Stages", copy=True)
    rise_approval = fields.Boolean("Rising waits for approval", tracking=True)
    fall_approval = fields.Boolean("Falling waits for approval", tracking=True,
                                   help="For private persons it always does: a person decides on them, not a rule.")
    fall_days = fields.Integer("Falls when later than (days)", default=30, tracking=True, help="0 = never.")
    fall_broken = fields.Integer("Falls after broken promises", default=2, tracking=True, help="0 = never.")
    fall_to_first = fields.Boolean("Falls to the first stage", tracking=True)
    cool_down_days = fields.Integer("Nothing moves after a fall for (days)", default=90, tracking=True)
    profile_count = fields.Integer(compute="_compute_profile_count", string="Customers")

    _figures_positive = models.Constraint("CHECK(fall_days >= 0 AND fall_broken >= 0 AND cool_down_days >= 1)",
                                          "The figures of a ladder must not be negative, and a fall rests for a day at least.")

    def _compute_profile_count(self):
        counts = dict(self.env["credit.profile"]._read_group([("ladder_id", "in", self.ids)], ["ladder_id"], ["__count"]))
        for record in self:
            record.profile_count = counts.get(record, 0)

    def copy_data(self, default=None):
        return [vals if default and {"name", "company_id"} & set(default) else dict(vals, name=self.env._("%s (copy)", record.name))
                for record, vals in zip(self, super().copy_data(default))]

    @api.constrains("stage_ids")
    def _check_stages(self):
        for record in self:
            stages = record.stage_ids.sorted(lambda stage: (stage.sequence, stage.id))
            if any(later.amount <= earlier.amount for earlier, later in zip(stages, stages[1:])):
                raise ValidationError(self.env._("“%s”: each stage must be above the one before.", record.name))

    def action_make_stages(self):
        """Lay out the stages from the first limit to the highest; those in use keep their conditions."""
        self.ensure_one()
        self.check_access("write")
        try:
            wanted = ladder.amounts(*(exact(value) for value in (
                self.first_amount, self.growth, self.top_amount, self.currency_id.rounding)))
        except ValueError as error:
            raise UserError(self.env._("“%s”: the first limit must be above zero, and the factor above 1.", self.name)) from error
        kept = self.stage_ids[:len(wanted)]
        commands = [Command.update(stage.id, {"amount": float(amount)}) for stage, amount in zip(kept, wanted)]
        commands += [Command.create({"amount": float(amount), "sequence": 10 * position, "name": self.env._("Stage %s", position)})
                     for position, amount in enumerate(wanted[len(kept):], len(kept) + 1)]
        self.write({"stage_ids": commands + [Command.delete(stage.id) for stage in self.stage_ids - kept]})

    def action_open_profiles(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.credit_profile_action")
        return dict(action, domain=[("ladder_id", "=", self.id)], context={})

    def _to_engine(self):
        self.ensure_one()
        return ladder.Ladder(tuple(stage._to_engine() for stage in self.stage_ids), self.fall_days, self.fall_broken,
                             self.cool_down_days, self.fall_to_first)

    def _first_stage(self):
        """The stage to begin with, whatever the ceiling: the limit to start with stays below that."""
        return self.stage_ids[:1]

    def _stage_for(self, amount):
        """The highest stage that ``amount`` pays for."""
        return self.stage_ids[ladder.start(self._to_engine(), exact(amount))] if self.stage_ids else self.stage_ids


class CreditLadderStage(models.Model):
    """A step of a ladder: its limit and payment terms, and what it takes to leave it upwards."""

    _name = "credit.ladder.stage"
    _description = "Stage of a Credit Ladder"
    _order = "ladder_id, sequence, id"

    ladder_id = fields.Many2one("credit.ladder", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="ladder_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="ladder_id.currency_id")
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    amount = fields.Monetary("Limit", required=True)
    payment_term_id = fields.Many2one("account.payment.term", "Payment terms", ondelete="restrict",
                                      help="Empty: the customer's terms stay as they are.")
    window_count = fields.Integer("Of the last (invoices)", default=3)
    on_time_count = fields.Integer("paid in time", default=3)
    tolerance_days = fields.Integer("Tolerance (days)", default=3)
    turnover_multiple = fields.Float("Paid since (× limit)", default=1.0, digits=(6, 2))
    use_share = fields.Float("Used up to (%)", default=25.0, digits=(5, 2))
    average_days = fields.Float("Late on average up to (days)", default=5.0, help="Negative: not asked.")
    quiet_days = fields.Integer("Days without a broken promise", default=180)
    min_days = fields.Integer("Days on this stage", default=90)

    _amount_positive = models.Constraint("CHECK(amount > 0)", "The limit of a stage must be above zero.")
    _window_holds = models.Constraint("CHECK(0 <= on_time_count AND on_time_count <= window_count)",
                                      "No more invoices can be paid in time than are looked at.")
    _figures_positive = models.Constraint(
        "CHECK(tolerance_days >= 0 AND turnover_multiple >= 0 AND use_share >= 0 AND quiet_days >= 0 AND min_days >= 0)",
        "What a stage asks for must not be negative.")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = self.env["credit.limit"].sudo().search([("stage_id", "in", self.ids)], limit=1).stage_id \
            or self.env["credit.profile"].sudo().search([("stage_id", "in", self.ids)], limit=1).stage_id
        if used:
            raise UserError(self.env._("Stage “%(stage)s” of “%(ladder)s” is in the history of customers and stays.",
                                       stage=used.name, ladder=used.ladder_id.name))

    @api.depends("name", "amount")
    def _compute_display_name(self):
        for stage in self:
            stage.display_name = f"{stage.name} ({stage.currency_id.format(stage.amount)})" if stage.currency_id else stage.name

    def _to_engine(self):
        self.ensure_one()
        figures = {name: exact(self[name]) for name in ("amount", "turnover_multiple", "use_share", "average_days")}
        return ladder.Stage(
            self.id, figures["amount"], self.window_count, self.on_time_count, self.tolerance_days, figures["turnover_multiple"],
            figures["use_share"] / 100, figures["average_days"] if self.average_days >= 0 else None, self.quiet_days, self.min_days)
