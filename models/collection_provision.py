from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools.misc import format_date

from ..engine import ageing, provision
from ..engine.money import exact

MANAGER = "account_credit_collection.group_manager"
OWN_PORTFOLIO = "account_credit_collection.group_own_portfolio"
METHODS = [("rolls", "What rolled from class to class"), ("cohort", "What became of the invoices of a period")]
ROLLS = ("roll_b30", "roll_b60", "roll_b90", "roll_over")
CLASSES = [bucket for bucket in ageing.BUCKETS if bucket != ageing.CREDIT]  # those that have a loss rate


# what the matrix is worked out from: another value, and it is no longer that of the record
BASIS = ("company_id", "day", "method", "months", "cohort_from", "cohort_to")


class CollectionProvision(models.Model):
    """What of the receivables of a day is expected to be lost, by segment and by how late they are (F-13). Nothing is booked."""

    _name = "collection.provision"
    _description = "Provision Matrix"
    _inherit = ["mail.thread", "collection.state.mixin", "collection.guard.mixin"]
    _order = "day desc, id desc"

    _transitions = frozenset({("draft", "kept")})

    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict", domain="[('parent_id', '=', False)]",
                                 default=lambda self: self.env.company.root_id)
    currency_id = fields.Many2one(related="company_id.currency_id")
    day = fields.Date("As of", required=True, default=lambda self: self._default_day(), tracking=True)
    method = fields.Selection(METHODS, "Loss rates from", required=True, default="rolls", tracking=True)
    months = fields.Integer(default=12, required=True, help="The months up to the day whose rolls are taken together.")
    cohort_from = fields.Date("Invoices from", default=lambda self: self._default_day() - relativedelta(months=18, day=31) + timedelta(days=1))
    cohort_to = fields.Date("Invoices to", default=lambda self: self._default_day() - relativedelta(months=6, day=31))
    state = fields.Selection([("draft", "Draft"), ("kept", "Kept")], default="draft", required=True, readonly=True, tracking=True, copy=False)
    computed_on = fields.Date("Worked out on", readonly=True, copy=False)
    line_ids = fields.One2many("collection.provision.line", "provision_id", "Matrix", copy=False)
    amount = fields.Monetary("Open", compute="_compute_totals", store=True, help="Open on the day, unapplied credits taken off.")
    provision = fields.Monetary("Expected loss", compute="_compute_totals", store=True, help="Sum of open × loss rate × factor over all lines.", tracking=True)
    warning = fields.Char(compute="_compute_warning")

    _months_positive = models.Constraint("CHECK(months > 0)", "Rolls need one month at least.")
    _cohort_order = models.Constraint("CHECK(cohort_from <= cohort_to)", "The period of the invoices ends before it begins.")

    @api.model
    def _default_day(self):
        """The last day of the month before."""
        return self.env.company.root_id._collection_last_month()

    @api.depends("day", "company_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for record in self:
            record.display_name = self.env._("%(company)s, %(day)s", company=record.company_id.name, day=format_date(self.env, record.day)) if record.day else ""

    @api.depends("line_ids.amount", "line_ids.provision")
    def _compute_totals(self):
        for record in self:
            record.amount = sum(record.line_ids.mapped("amount"))
            record.provision = sum(record.line_ids.mapped("provision"))

    @api.depends("line_ids.source", "line_ids.amount")
    @api.depends_context("lang")
    def _compute_warning(self):
        for record in self:
            unknown = record.line_ids.filtered(lambda line: line.source == "none" and line.amount > 0)
            record.warning = self.env._(
                "There is no history for %(count)s lines with %(amount)s open: they have no loss rate. Build more months, choose a longer period, or enter rates.",
                count=len(unknown), amount=record.currency_id.format(sum(unknown.mapped("amount")))) if unknown else False

    # ------------------------------------------------------------------ rights

    @api.model_create_multi
    def create(self, vals_list):
        self._refuse_guarded({"state", "computed_on"} & set().union(*vals_list) | self._guarded_defaults({"state", "computed_on"}))
        return super().create(vals_list)

    def write(self, vals):
        self._refuse_guarded({"state", "computed_on", "provision", "amount"} & set(vals))
        if not self.env.su and any(record.state == "kept" for record in self):
            raise UserError(self.env._("A provision that was kept is not changed. Make a new one."))
        before = {record: record._basis() for record in self if record.state == "draft"}
        result = super().write(vals)
        for record in self:
            if record in before and before[record] != record._basis():
                record._empty()
        return result

    def _basis(self):
        return [self[name] for name in BASIS]

    def _empty(self):
        """Figures of another day, or from other rates, are none of this one's: they are worked out again."""
        # sudo: lines and the day are the matrix' own
        self.sudo().line_ids.unlink()
        self.sudo().computed_on = False

    @api.ondelete(at_uninstall=False)
    def _unlink_draft_only(self):
        for record in self.filtered(lambda record: record.state == "kept"):
            raise UserError(self.env._("%s was kept and stays.", record.display_name))

    def _check_manager(self):
        """It is about all customers of the company with its branches, for who may see them."""
        self.ensure_one()
        self.check_access("write")
        if not self.env.user.has_group(MANAGER) or self.env.user.has_group(OWN_PORTFOLIO):
            raise AccessError(self.env._("The provision is about all customers: a credit manager works it out."))

    # ------------------------------------------------------------------ working out

    def action_compute(self):
        """The matrix anew, over what was entered by hand."""
        self._check_manager()
        if self.state != "draft":
            raise UserError(self.env._("%s was kept and stays as it is. Make a new one.", self.display_name))
        rates, whole = self._read_rates()
        # sudo: the ledger of all branches, checked above; the lines are made with the matrix
        groups = self.env["collection.ageing"].sudo()._at(self.day)._read_group(
            [("root_id", "=", self.company_id.id)], ["segment_id", "bucket"], ["amount:sum"])
        vals_list = [self._prepare_line(segment.sudo(False), bucket, amount, rates.get(segment.id, {}), whole) for segment, bucket, amount in groups]
        self.sudo().line_ids.unlink()
        self.env["collection.provision.line"].sudo().create(vals_list)
        self.sudo().computed_on = self.company_id._collection_today()  # sudo: as above
        return True

    def _prepare_line(self, segment, bucket, amount, rates, whole):
        """A line with the rate of its segment, or where the segment has no history, of the whole company."""
        own, common = rates.get(bucket), whole.get(bucket)
        source = "credit" if bucket == "credit" else "segment" if own is not None else "company" if common is not None else "none"
        rate = own if own is not None else common
        return {"provision_id": self.id, "segment_id": segment.id, "bucket": bucket, "amount": amount, "source": source,
                "rate": float(rate or 0), "factor": segment.forward_factor if segment else 1.0}

    def _read_rates(self):
        """Loss rates by bucket: ``({segment id: {bucket: rate}}, {bucket: rate} of the company)``."""
        rows = self._read_cohort_rates() if self.method == "cohort" else self._read_roll_rates()
        known = {owner: {bucket: rate for bucket, rate in zip(CLASSES, rates) if rate is not None} for owner, rates in rows.items()}
        return known, known.get(None, {})

    def _read_roll_rates(self):
        last = self.company_id._collection_last_month(self.day + timedelta(days=1))  # of the last month that is over by the day
        domain = [("company_id", "=", self.company_id.id), ("month", "<=", last), ("month", ">", last - relativedelta(months=self.months, day=31))]
        # sudo: of all customers, checked by who calls
        Snapshot, specs = self.env["collection.snapshot"].sudo(), [f"{roll}:avg" for roll in ROLLS]
        rows = {row[0].id: row[1:] for row in Snapshot._read_group(domain, ["segment_id"], specs)}
        rows[None] = Snapshot._read_group(domain, [], specs)[0]
        return {owner: self._decide_roll_rates([None if roll is False else exact(roll) for roll in rolls]) for owner, rolls in rows.items()}

    def _read_cohort_rates(self):
        rows = self.env["collection.reader"]._read_cohort(self.company_id, self.cohort_from, self.cohort_to, self.day)
        if rows:
            rows[None] = (sum(row[0] for row in rows.values()), [sum(some) for some in zip(*(row[1] for row in rows.values()))],
                          sum(row[2] for row in rows.values()))
        return {owner: self._decide_cohort_rates(*row) for owner, row in rows.items()}

    def _decide_roll_rates(self, rolls):
        """One engine call: the place to hook another way from rolls to loss rates."""
        return provision.loss_by_rolls(rolls)

    def _decide_cohort_rates(self, sold, paid, later):
        """One engine call: as above, from a period."""
        return provision.loss_by_cohort(sold, paid, later) if sold > 0 else [None] * len(CLASSES)

    # ------------------------------------------------------------------ keeping

    def action_keep(self):
        """From now on it stays as it is."""
        self._check_manager()
        if not self.line_ids:
            raise UserError(self.env._("%s is empty: work it out first.", self.display_name))
        self.sudo()._transition("kept")  # sudo: the state is written by methods only
        return True

    def action_print(self):
        self.check_access("read")
        return self.env.ref("account_credit_collection.collection_provision_report").report_action(self)
