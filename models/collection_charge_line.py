from odoo import api, fields, models
from odoo.tools import format_date

KINDS = [("interest", "Late interest"), ("fixed", "Fixed sum"), ("fee", "Reminder fee"), ("plan_interest", "Interest of a payment plan"),
         ("plan_fee", "Fee of a payment plan"), ("correction", "Correction"), ("fixed_correction", "Correction of a fixed sum")]
STATES = [("draft", "Draft"), ("posted", "Charged"), ("waived", "Waived"), ("reversed", "Cancelled")]
# Days of an item as a stretch of whole numbers of its own, so that the database can tell overlaps without an extension.
STRETCH = ("int8range(item_id::bigint * 100000 + (date_from - DATE '1990-01-01'), item_id::bigint * 100000 + (date_to - DATE '1990-01-01'))")


class CollectionChargeLine(models.Model):
    """The ledger of charges: what an item was charged for which days. A day of an item is charged once, whatever happens.

    ``date_to`` is the first day that is not charged any more. What was waived still takes its days, what was
    cancelled gives them free.
    """

    _name = "collection.charge.line"
    _description = "Line of a Charge"
    _order = "charge_id, document, date_from, id"
    _rec_name = "document"
    _log_access = False

    charge_id = fields.Many2one("collection.charge", required=True, index=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict", readonly=True)
    profile_id = fields.Many2one("credit.profile", "Customer", required=True, index=True, ondelete="restrict", readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, ondelete="restrict", readonly=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    item_id = fields.Many2one("account.move.line", index=True, ondelete="set null", readonly=True)
    move_id = fields.Many2one("account.move", "Invoice", index=True, ondelete="restrict", readonly=True)
    document = fields.Char(required=True, readonly=True)
    due = fields.Date(readonly=True)
    date_from = fields.Date("From", readonly=True)
    date_to = fields.Date("Until", readonly=True, help="The first day that is not charged any more.")
    last_day = fields.Date("To", compute="_compute_last_day")
    days = fields.Integer(readonly=True)
    balance = fields.Monetary("On", readonly=True, help="What was open on these days.")
    rate = fields.Float("%", digits=(9, 4), readonly=True, aggregator=None, help="Percent a year, or a month where the rule counts months.")
    amount = fields.Monetary(required=True, readonly=True)
    code = fields.Char(readonly=True)
    basis = fields.Char(readonly=True)  # method, count and grace it was reckoned by: rules change, what was charged does not
    level_id = fields.Many2one("collection.level", ondelete="restrict", readonly=True)
    action_id = fields.Many2one("collection.action", "Reminder", index="btree_not_null", ondelete="set null", readonly=True)
    invoice_line_id = fields.Many2one("account.move.line", "On the bill", index="btree_not_null", ondelete="set null", readonly=True)
    state = fields.Selection(STATES, default="draft", required=True, readonly=True)
    text = fields.Char("For", compute="_compute_text")

    _period_ordered = models.Constraint("CHECK(kind <> 'interest' OR (date_from IS NOT NULL AND date_from < date_to AND date_from >= DATE '1990-01-01'"
                                        " AND date_to < DATE '2250-01-01'))", "A charge is for at least one day.")
    _day_once = models.Constraint(f"EXCLUDE USING gist ({STRETCH} WITH &&) WHERE (kind = 'interest' AND state <> 'reversed' AND item_id IS NOT NULL)",
                                  "The same day of the same invoice is charged only once.")
    _fixed_once = models.UniqueIndex("(move_id) WHERE kind = 'fixed' AND state <> 'reversed'", "An invoice bears its fixed sum only once.")
    _fee_once = models.UniqueIndex("(item_id, level_id) WHERE kind = 'fee' AND state <> 'reversed'", "A level costs its fee only once.")

    @api.depends("date_to")
    def _compute_last_day(self):
        for line in self:
            line.last_day = fields.Date.subtract(line.date_to, days=1) if line.date_to else False

    @api.depends("kind", "level_id", "document", "date_from", "date_to")
    @api.depends_context("lang")
    def _compute_text(self):
        for line in self:
            line.text = line._sentence()

    def _sentence(self):
        """What the line is for, as the bill and the proof sheet say it."""
        day = lambda date: format_date(self.env, date)  # noqa: E731
        if self.kind == "interest":
            return self.env._("Late interest on %(document)s, %(start)s to %(end)s", document=self.document, start=day(self.date_from), end=day(self.last_day))
        if self.kind == "correction":
            return self.env._("Correction of the late interest on %(document)s, %(start)s to %(end)s", document=self.document,
                              start=day(self.date_from), end=day(self.last_day))
        if self.kind == "fixed":
            return self.env._("Fixed sum for the late payment of %s", self.document)
        if self.kind == "fixed_correction":
            return self.env._("Correction of the fixed sum for the late payment of %s", self.document)
        if self.kind == "fee":
            return self.env._("Reminder “%(level)s” about %(document)s", level=self.level_id.name, document=self.document)
        return self.document

    def _bill_sentence(self):
        """What several lines of an invoice and a kind are for: all their days."""
        if len(self) == 1 or self[0].kind not in ("interest", "correction"):
            return self[0]._sentence()
        start, end = min(self.mapped("date_from")), max(self.mapped("last_day"))
        return self.env._("Late interest on %(document)s, %(start)s to %(end)s, see the proof sheet", document=self[0].document,
                          start=format_date(self.env, start), end=format_date(self.env, end))

    def _billable(self):
        return self.filtered(lambda line: line.state in ("draft", "posted"))
