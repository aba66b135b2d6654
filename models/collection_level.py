from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..engine import followup
from ..engine.money import exact

BEHAVIOURS = [
    ("any", "Any payer"),
    ("new", "New customer"),
    ("prompt", "Prompt payer"),
    ("occasional", "Occasionally late"),
    ("chronic", "Chronically late"),
]
CHANNELS = [("email", "E-mail"), ("sms", "SMS"), ("letter", "Letter"), ("call", "Call")]


class CollectionLevel(models.Model):
    """One step of a policy: when, over which channels, in which words, with what consequence."""

    _name = "collection.level"
    _description = "Follow-up Level"
    _order = "policy_id, offset_days, id"

    policy_id = fields.Many2one("collection.policy", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="policy_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    offset_days = fields.Integer("Days from the due date", required=True, default=1,
                                 help="Negative = before the due date.")
    day_kind = fields.Selection([("calendar", "Calendar days"), ("working", "Working days")],
                                default="calendar", required=True)
    wait_days = fields.Integer("Days since the previous level", default=0)
    channel_ids = fields.One2many("collection.level.channel", "level_id", "Channels", copy=True)
    message_ids = fields.One2many("collection.level.message", "level_id", "Messages", copy=True)
    minimum_ids = fields.One2many("collection.minimum", "level_id", "Minimum per currency", copy=True)
    needs_approval = fields.Boolean("Needs approval")
    repeat_days = fields.Integer("Repeat every (days)", default=0,
                                 help="Only for the last level: asks again every so many days. 0 = once.")
    attach_statement = fields.Boolean("Attach a statement")
    fee_amount = fields.Monetary("Fee", default=0.0, help="Charged once for each invoice that a reminder of this level is about, where the customer's charge rule allows it.")
    holds_orders = fields.Boolean("Holds orders", help="While an item is at this level, a credit hold rule may stop new orders.")
    when = fields.Char(compute="_compute_when")
    channel_names = fields.Char(compute="_compute_channel_names", string="Channels used")

    _wait_positive = models.Constraint("CHECK(wait_days >= 0 AND repeat_days >= 0)", "Days must not be negative.")
    _fee_positive = models.Constraint("CHECK(fee_amount >= 0)", "The fee of a level must not be negative.")

    @api.constrains("offset_days", "policy_id", "active")
    def _check_offset(self):
        for level in self:
            twin = self.search([("policy_id", "=", level.policy_id.id), ("id", "!=", level.id),
                                ("offset_days", "=", level.offset_days)], limit=1)
            if twin:
                raise ValidationError(self.env._(
                    "Levels “%(one)s” and “%(two)s” of policy “%(policy)s” are both %(days)s days from the due date. "
                    "Give one of them another day.",
                    one=level.name, two=twin.name, policy=level.policy_id.name, days=level.offset_days))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = self.env["collection.action.line"].sudo().search([("level_id", "in", self.ids)], limit=1).level_id \
            or self.env["collection.action"].sudo().search([("level_id", "in", self.ids)], limit=1).level_id
        if used:
            raise UserError(self.env._(
                "Level “%(level)s” of “%(policy)s” has been used in contacts and stays in their history. Archive it instead.",
                level=used.name, policy=used.policy_id.name))

    @api.depends("offset_days", "day_kind")
    @api.depends_context("lang")
    def _compute_when(self):
        for level in self:
            days = abs(level.offset_days)
            if not level.offset_days:
                level.when = self.env._("on the due date")
            elif level.offset_days < 0:
                level.when = self.env._("%s days before due", days)
            elif level.day_kind == "working":
                level.when = self.env._("working day %s after due", days)
            else:
                level.when = self.env._("%s days after due", days)

    @api.depends("channel_ids.channel", "channel_ids.use")
    @api.depends_context("lang")
    def _compute_channel_names(self):
        labels = dict(self.env["collection.level.channel"]._fields["channel"]._description_selection(self.env))
        for level in self:
            always = [labels[row.channel] for row in level.channel_ids if row.use == "always"]
            spare = [labels[row.channel] for row in level.channel_ids if row.use == "fallback"]
            level.channel_names = " + ".join(always) + (f" ({', '.join(spare)})" if spare else "")

    def _setup_problems(self):
        """What is missing on this level, as sentences that name it."""
        self.ensure_one()
        if not self.channel_ids:
            return [self.env._("Level “%(level)s” of “%(policy)s” has no channel.",
                               level=self.name, policy=self.policy_id.name)]
        payers = dict(self.env["collection.level.message"]._fields["behaviour"]._description_selection(self.env))
        return [self.env._("Level “%(level)s” of “%(policy)s” has no text for %(channel)s to: %(payer)s.",
                           level=self.name, policy=self.policy_id.name, channel=row.channel_label, payer=payers[payer])
                for row in self.channel_ids if row.channel != "call"
                for payer in payers if payer != "any" and not self._message_for(row.channel, payer)]

    def _message_for(self, channel, behaviour):
        """The variant for a payer, else the one for any payer; never the tone of another class."""
        rows = self.message_ids.filtered(lambda row: row.channel == channel and row._is_usable())
        return rows.filtered(lambda row: row.behaviour == behaviour)[:1] or rows.filtered(lambda row: row.behaviour == "any")[:1]

    def _to_engine(self, position, base):
        """This level as the engine takes it; ``base`` are the policy's minimums by currency."""
        self.ensure_one()
        own = {row.currency_id.id: exact(row.amount) for row in self.minimum_ids}
        return followup.Level(
            id=self.id, position=position, offset=self.offset_days, working=self.day_kind == "working",
            wait=self.wait_days, approval=self.needs_approval, repeat=self.repeat_days,
            channels=tuple(row.channel for row in self.channel_ids if row.use == "always"),
            fallback=tuple(row.channel for row in self.channel_ids if row.use == "fallback"),
            minimum={**base, **own})


class CollectionLevelChannel(models.Model):
    """A channel of a level: always used, or only when none of the others can be."""

    _name = "collection.level.channel"
    _description = "Channel of a Follow-up Level"
    _order = "level_id, sequence, id"

    level_id = fields.Many2one("collection.level", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    channel = fields.Selection(CHANNELS, required=True, default="email")
    use = fields.Selection([("always", "Always"), ("fallback", "If nothing else works")], required=True, default="always")
    channel_label = fields.Char(compute="_compute_channel_label")

    _channel_uniq = models.UniqueIndex("(level_id, channel)", "A level uses a channel only once.")

    @api.depends("channel")
    @api.depends_context("lang")
    def _compute_channel_label(self):
        labels = dict(self._fields["channel"]._description_selection(self.env))
        for row in self:
            row.channel_label = labels.get(row.channel, "")


class CollectionLevelMessage(models.Model):
    """What a level says over a channel to a kind of payer."""

    _name = "collection.level.message"
    _description = "Message of a Follow-up Level"
    _order = "level_id, channel, behaviour"

    level_id = fields.Many2one("collection.level", required=True, ondelete="cascade", index=True)
    channel = fields.Selection(CHANNELS, required=True, default="email")
    behaviour = fields.Selection(BEHAVIOURS, "Payer", required=True, default="any")
    template_id = fields.Many2one("mail.template", "Text", domain=[("model", "=", "collection.action")], ondelete="restrict",
                                  help="Text of the e-mail or letter.")
    sms_template_id = fields.Many2one("sms.template", "SMS text", domain=[("model", "=", "collection.action")], ondelete="restrict")
    script = fields.Text("Call script", translate=True)

    _variant_uniq = models.UniqueIndex("(level_id, channel, behaviour)", "A level has one text per channel and payer.")

    def _is_usable(self):
        """A call needs no text; the others need theirs."""
        self.ensure_one()
        if self.channel == "sms":
            return bool(self.sms_template_id)
        return self.channel not in ("email", "letter") or bool(self.template_id)


class CollectionMinimum(models.Model):
    """The least amount worth asking for in one currency, for a policy or for one level."""

    _name = "collection.minimum"
    _description = "Minimum Amount per Currency"

    policy_id = fields.Many2one("collection.policy", ondelete="cascade", index=True)
    level_id = fields.Many2one("collection.level", ondelete="cascade", index=True)
    currency_id = fields.Many2one("res.currency", required=True, ondelete="restrict")
    amount = fields.Monetary(required=True)

    _amount_positive = models.Constraint("CHECK(amount >= 0)", "The minimum amount must not be negative.")
    _one_owner = models.Constraint("CHECK((policy_id IS NULL) <> (level_id IS NULL))",
                                   "A minimum belongs to a policy or to a level.")
    _policy_currency_uniq = models.UniqueIndex("(policy_id, currency_id) WHERE policy_id IS NOT NULL",
                                               "A policy has one minimum per currency.")
    _level_currency_uniq = models.UniqueIndex("(level_id, currency_id) WHERE level_id IS NOT NULL",
                                              "A level has one minimum per currency.")
