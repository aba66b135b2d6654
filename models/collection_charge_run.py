
from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import format_date

from .collection_charge import COLLECTOR

OWN_PORTFOLIO = "account_credit_collection.group_own_portfolio"
STATES = [("draft", "To prepare"), ("preparing", "Being prepared"), ("prepared", "To review"), ("posting", "Being posted"), ("done", "Done"), ("dropped", "Dropped")]


class CollectionChargeRun(models.Model):
    """One pass over the customers of a company and its branches, as of a day: drafts of charges, reviewed and posted by a person.

    It is for who may see all of them: what a run bills is what its reader saw.
    """

    _name = "collection.charge.run"
    _description = "Charge Run"
    _inherit = ["mail.thread", "mail.activity.mixin", "collection.state.mixin", "collection.guard.mixin"]
    _order = "last_day desc, id desc"

    _transitions = frozenset({("draft", "preparing"), ("preparing", "prepared"), ("preparing", "dropped"), ("draft", "prepared"), ("prepared", "draft"), ("prepared", "posting"), ("prepared", "dropped"), ("posting", "prepared"),
                              ("posting", "done"), ("preparing", "done"), ("prepared", "done"), ("done", "prepared"), ("draft", "done"), ("draft", "dropped")})

    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict", default=lambda self: self.env.company.root_id,
                                 domain="[('parent_id', '=', False)]")
    last_day = fields.Date("Charge the days up to", required=True, default=lambda self: self._default_last_day())
    charge_from = fields.Date("No day is charged before", default=lambda self: self._default_charge_from(),
                              help="Days before this one are never charged, by this run or a later one. It is asked once, by the first run of a company.")
    asks_from = fields.Boolean(compute="_compute_asks_from")
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
        return self.env.company._collection_last_month()

    @api.model
    def _default_charge_from(self):
        """The first day of this month: no day of the past is charged unless somebody says so."""
        return self.env.company._collection_today().replace(day=1)

    @api.depends("company_id", "state")
    def _compute_asks_from(self):
        for run in self:
            run.asks_from = run.state == "draft" and not run.company_id.collection_charge_from

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
            own |= self.env["credit.segment"]._in_force(company).charge_rule_id
            if not rules and not own:
                run.warning = self.env._("No charge rule is chosen: nobody would be charged. A credit manager chooses one in the settings of Collections.")
            else:
                run.warning = " ".join(dict.fromkeys(rule.warning for rule in rules | own if rule.warning)) or False

    # ------------------------------------------------------------------ rights

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            given = {"company_id", "last_day", "charge_from"}
            self._refuse_guarded(set().union(*vals_list) - given | self._guarded_defaults({"state", "reached", "charge_ids", "count_ids"}))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self._refuse_guarded(set(vals) - {"company_id", "last_day", "charge_from"})
            if any(run.state != "draft" for run in self):
                raise AccessError(self.env._("A charge run that was prepared is not changed: drop it and make a new one."))
        return super().write(vals)

    def _check_group(self):
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group(COLLECTOR):
            raise AccessError(self.env._("You may not charge customers."))

    def _check_all(self):
        """A person prepares, posts and drops only what he may see whole."""
        self._check_group()
        if self.env.su:
            return
        if self.env.user.has_group(OWN_PORTFOLIO):
            raise AccessError(self.env._("A charge run is about all customers, and you look after your own only. "
                                         "You can look at their charges and waive them; ask a credit manager for the run."))
        for run in self:
            beyond = self.env["collection.reader"]._companies(run.company_id) - self.env.user.company_ids
            if beyond:
                raise AccessError(self.env._("%(run)s also bills for %(companies)s, where you do not work. Ask a credit manager who works in all of them.",
                                             run=run.display_name, companies=", ".join(beyond.mapped("name"))))

    def _drafts(self):
        """The drafts, searched for: lists that a person read before hold only what that person sees."""
        return self.env["collection.charge"].search([("run_id", "in", self.ids), ("state", "=", "draft")])

    # ------------------------------------------------------------------ states

    def _settle(self):
        """The state once the work is over or stopped: there is something to review, or the run is done."""
        for run in self:
            run._transition("prepared" if run._drafts() else "done")

    def _settle_reviewed(self):
        """A run whose last draft was billed or waived on its own is done."""
        self.filtered(lambda run: run.state == "prepared" and not run._drafts())._transition("done")

    def _settle_stopped(self):
        """Who stopped or dropped the run could not see the job's last batch yet: the state as that batch leaves it."""
        self.filtered(lambda run: run.state in ("prepared", "done"))._settle()
        self.filtered(lambda run: run.state == "dropped")._drafts()._cancel()

    def _is_stopped(self, state):
        """Whether somebody stopped the job since it began."""
        self.invalidate_recordset(["state"])
        return self.state != state

    def action_stop(self):
        """Back to review with what is there: a way out when the job cannot go on."""
        self._check_all()
        self.sudo().filtered(lambda run: run.state in ("preparing", "posting"))._settle()  # sudo: the ledger of charges is written by methods only
        return True

    # ------------------------------------------------------------------ drop

    def action_drop(self):
        """Give the days of all drafts free again."""
        self._check_all()
        for run in self.sudo():  # sudo: as above
            drafts = run._drafts()
            rest = self.env["collection.charge"].sudo().search_count([("run_id", "=", run.id), ("state", "!=", "reversed"), ("id", "not in", drafts.ids)], limit=1)
            run._transition("done" if rest else "dropped")
            drafts._cancel()
        return True

    def action_open_charges(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_charge_action")
        return dict(action, domain=[("run_id", "=", self.id)], context={})
