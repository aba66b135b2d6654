from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date, split_every

from .bulk import insert_rows
from .collection_charge import COLLECTOR
from .collection_reason import describe

BATCH = 500
DIRECT = 1000  # customers, or bills, done at once; more are left to the job
STATES = [("draft", "To prepare"), ("preparing", "Being prepared"), ("prepared", "To review"), ("posting", "Being posted"), ("done", "Done"), ("dropped", "Dropped")]


class CollectionChargeRun(models.Model):
    """One pass over the customers of a company, as of a day: drafts of charges, reviewed and posted by a person."""

    _name = "collection.charge.run"
    _description = "Charge Run"
    _inherit = ["collection.state.mixin", "collection.guard.mixin"]
    _order = "last_day desc, id desc"

    _transitions = frozenset({("draft", "preparing"), ("preparing", "prepared"), ("preparing", "dropped"), ("draft", "prepared"), ("prepared", "draft"), ("prepared", "posting"), ("prepared", "dropped"), ("posting", "prepared"),
                              ("posting", "done"), ("prepared", "done"), ("draft", "dropped")})

    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict", default=lambda self: self.env.company.root_id,
                                 domain="[('parent_id', '=', False)]")
    last_day = fields.Date("Charge the days up to", required=True, default=lambda self: self._default_last_day())
    state = fields.Selection(STATES, default="draft", required=True, readonly=True)
    reached = fields.Integer(readonly=True)  # id of the last customer looked at, to go on after an interruption
    charge_ids = fields.One2many("collection.charge", "run_id", "Charges", readonly=True)
    count_ids = fields.One2many("collection.charge.count", "run_id", "What came of the invoices", readonly=True)
    charge_count = fields.Integer("Customers charged", compute="_compute_totals")
    draft_count = fields.Integer("To post", compute="_compute_totals")
    progress = fields.Integer("Posted (%)", compute="_compute_totals")
    totals = fields.Char(compute="_compute_totals")
    warning = fields.Char(compute="_compute_warning")

    @api.model
    def _default_last_day(self):
        """The last day of the month before."""
        return self.env.company._collection_today().replace(day=1) - timedelta(days=1)

    @api.depends("last_day", "company_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for run in self:
            run.display_name = self.env._("%(company)s, up to %(day)s", company=run.company_id.name, day=format_date(self.env, run.last_day)) if run.last_day else ""

    @api.depends("charge_ids.state", "charge_ids.amount")
    def _compute_totals(self):
        groups = self.env["collection.charge"]._read_group([("run_id", "in", self.ids)], ["run_id", "state", "currency_id"], ["__count", "amount:sum"])
        for run in self:
            mine = [row[1:] for row in groups if row[0] == run]
            drafts = sum(count for state, _currency, count, _amount in mine if state == "draft")
            run.charge_count, run.draft_count = sum(row[2] for row in mine), drafts
            run.progress = round(100 * (1 - drafts / run.charge_count)) if run.charge_count else 0
            amounts = {}
            for state, currency, _count, amount in mine:
                if state in ("draft", "posted"):
                    amounts[currency] = amounts.get(currency, 0) + amount
            run.totals = " · ".join(currency.format(amount) for currency, amount in amounts.items())

    @api.depends("company_id")
    def _compute_warning(self):
        for run in self:
            company = run.company_id
            rules = company.collection_charge_rule_id | company.collection_charge_consumer_rule_id
            own = self.env["credit.profile"].search([("company_id", "=", company.id), ("charge_rule_id", "!=", False)]).charge_rule_id
            if not rules and not own:
                run.warning = self.env._("No charge rule is chosen: nobody would be charged. A credit manager chooses one in the settings of Collections.")
            else:
                run.warning = " ".join(dict.fromkeys(rule.warning for rule in rules | own if rule.warning)) or False

    # ------------------------------------------------------------------ rights

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            given = {"company_id", "last_day"}
            self._refuse_guarded(set().union(*vals_list) - given | self._guarded_defaults({"state", "reached", "charge_ids", "count_ids"}))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self._refuse_guarded(set(vals) - {"company_id", "last_day"})
            if any(run.state != "draft" for run in self):
                raise AccessError(self.env._("A charge run that was prepared is not changed: drop it and make a new one."))
        return super().write(vals)

    def _check_group(self):
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group(COLLECTOR):
            raise AccessError(self.env._("You may not charge customers."))

    # ------------------------------------------------------------------ prepare

    def action_prepare(self):
        """Reckon what customers are to be charged; a person reviews it before anything is billed."""
        self._check_group()
        for run in self.sudo():  # sudo: the ledger of charges is written by methods only
            run._check_last_day()
            if len(run._customers_left()) > DIRECT:
                run._transition("preparing")
                run._wake()
            else:
                run._prepare()
        return True

    @api.model
    def _wake(self):
        self.env.ref("account_credit_collection.ir_cron_collection_charge")._trigger()

    def _customers_left(self):
        """Ids of the customers that were not looked at yet, in their order."""
        return self.env["credit.profile"].search([("company_id", "=", self.company_id.id), ("id", ">", self.reached)], order="id").ids

    def _check_last_day(self):
        if self.last_day >= self.company_id._collection_today():
            raise UserError(self.env._("%s is not over yet: only days that are over are charged.", format_date(self.env, self.last_day)))

    def _prepare(self, commit=False):
        """Drafts for all customers, a batch at a time; with ``commit`` each batch is a transaction of its own.

        Returns False when the job's time is up before all are done; the next call goes on.
        """
        self.ensure_one()
        company, cron = self.company_id, self.env["ir.cron"]
        if not company.collection_charge_from:
            company.collection_charge_from = company._collection_today()
        ids = self._customers_left()
        if commit:
            cron._commit_progress(remaining=len(ids))
        for batch in split_every(BATCH, ids):
            self.env["collection.job"]._retrying(lambda batch=batch: self._prepare_batch(self.env["credit.profile"].browse(batch)), commit)
            self.reached = batch[-1]
            if commit and not cron._commit_progress(len(batch)) and batch[-1] != ids[-1]:
                return False
        self._transition("prepared")
        return True

    def _prepare_batch(self, profiles):
        """Reckon and record one batch of customers; the counts say why the others are not charged."""
        company = self.company_id
        found, counts = self.env["collection.charge.reckoner"]._reckon(
            company, profiles, self._until(), company._collection_today())
        self.env["collection.charge"]._record(self, {profiles.browse(profile): lines for profile, lines in found.items()})
        self._count(counts)

    def _until(self):
        """The first day that is not looked at."""
        return self.last_day + timedelta(days=1)

    def _count(self, counts):
        known = {row.code: row for row in self.count_ids}
        for code, count in counts.items():
            if code in known:
                known[code].count += count
        insert_rows(self.env["collection.charge.count"], [
            {"run_id": self.id, "company_id": self.company_id.id, "code": code, "count": count} for code, count in counts.items() if code not in known])

    # ------------------------------------------------------------------ drop

    def action_drop(self):
        """Give the days of all drafts free again."""
        self._check_group()
        for run in self.sudo():  # sudo: as above
            run.charge_ids.filtered(lambda charge: charge.state == "draft")._cancel()
            run._transition("done" if run.charge_ids.filtered(lambda charge: charge.state != "reversed") else "dropped")
        return True

    def action_open_charges(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_charge_action")
        return dict(action, domain=[("run_id", "=", self.id)], context={})


class CollectionChargeCount(models.Model):
    """How many invoices of a charge run met an outcome."""

    _name = "collection.charge.count"
    _description = "Outcome of a Charge Run"
    _order = "count desc, id"
    _rec_name = "code"
    _log_access = False

    run_id = fields.Many2one("collection.charge.run", required=True, index=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="restrict", readonly=True)
    code = fields.Char(required=True, readonly=True)
    count = fields.Integer("Invoices", readonly=True)
    text = fields.Char("Outcome", compute="_compute_text")

    _code_uniq = models.UniqueIndex("(run_id, code)", "A charge run counts an outcome once.")

    @api.depends("code")
    @api.depends_context("lang")
    def _compute_text(self):
        for row in self:
            row.text = describe(self.env, f"charge_{row.code}")
