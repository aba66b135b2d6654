from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import AccessError, ConcurrencyError, UserError
from odoo.tools.misc import clean_context

from ..engine import behaviour
from .collection_reason import describe

BEHAVIOUR_CLASSES = [
    ("new", "New"),
    ("prompt", "Prompt"),
    ("occasional", "Occasionally late"),
    ("chronic", "Chronically late"),
]
SNAPSHOT_FIELDS = {"evaluated_on", "balance", "overdue", "oldest_due", "behaviour_class", "behaviour_on", "settled_count",
                   "on_time_share", "average_days_late", "next_contact_on", "next_level_id", "next_reason", "next_detail",
                   "error_count", "limit_meaning", "limit_amount", "limit_until", "limit_code", "cap_amount", "base_line_id", "review_asked_for", "check_count",
                   "stage_id", "stage_since", "stage_fell_on", "ladder_code", "ladder_detail", "ladder_missing",
                   "risk_class", "to_collect", "work_percent", "work_band", "work_value", "work_pinned", "work_reasons", "ranked_on",
                   "resubmit_on", "resubmit_time", "resubmit_kind", "worked_on",
                   "billing_12m", "size_class", "payer_grade", "segment_since", "segment_next_id", "segment_next_since", "segment_reasons",
                   "statement_mark", "collector_by_segment", "ladder_by_segment"}
MANAGER_FIELDS = {"company_id", "partner_id", "active", "policy_id", "collector_id", "excluded", "ladder_id", "group_head_id",
                  "credit_stop", "credit_stop_reason", "charge_rule_id", "no_charges", "segment_id", "segment_locked"}


class CreditProfile(models.Model):
    """One customer's standing with one company: what is decided about it, and the last picture taken.

    Everything under "snapshot" is written by the nightly refresh and the run only,
    stamped ``evaluated_on``. What blocks business is computed live, never from here.
    """

    _name = "credit.profile"
    _description = "Credit Profile"
    _inherit = ["mail.thread", "mail.activity.mixin", "collection.guard.mixin"]
    _rec_name = "partner_id"
    _order = "overdue desc, id"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict",
                                 default=lambda self: self.env.company.root_id)
    partner_id = fields.Many2one("res.partner", "Customer", required=True, index=True, ondelete="restrict",
                                 domain=[("parent_id", "=", False)])
    active = fields.Boolean(default=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    policy_id = fields.Many2one("collection.policy", "Follow-up policy", tracking=True, index=True, ondelete="restrict",
                                check_company=True, domain="[('company_id', '=', company_id)]",
                                help="Empty: the company's default policy.")
    collector_id = fields.Many2one("res.users", tracking=True, index=True, ondelete="restrict")
    excluded = fields.Boolean("No follow-up", tracking=True)
    paused_until = fields.Date(tracking=True)
    pause_reason = fields.Char(tracking=True)
    error_count = fields.Integer(copy=False)

    # snapshot
    evaluated_on = fields.Date(copy=False, readonly=True)
    balance = fields.Monetary(copy=False, readonly=True, aggregator="sum")
    overdue = fields.Monetary(copy=False, readonly=True, aggregator="sum")
    oldest_due = fields.Date(copy=False, readonly=True)
    days_late = fields.Integer("Oldest, days late", compute="_compute_days_late")
    behaviour_class = fields.Selection(BEHAVIOUR_CLASSES, "Payer", default="new", copy=False, readonly=True)
    behaviour_on = fields.Date("Behaviour as of", copy=False, readonly=True)
    settled_count = fields.Integer("Items paid", copy=False, readonly=True)
    on_time_share = fields.Float("Paid on time (%)", copy=False, readonly=True, aggregator="avg", digits=(5, 2))
    average_days_late = fields.Float("Days late, weighted", copy=False, readonly=True, aggregator="avg", digits=(7, 2))
    next_contact_on = fields.Date(copy=False, readonly=True, index="btree_not_null")
    next_level_id = fields.Many2one("collection.level", copy=False, readonly=True, ondelete="set null")
    next_reason = fields.Char(copy=False, readonly=True)
    next_detail = fields.Json(copy=False, readonly=True)
    reason = fields.Char("Why", compute="_compute_reason")
    last_contact_on = fields.Date(compute="_compute_last_contact", search="_search_last_contact")
    action_ids = fields.One2many("collection.action", "profile_id", "Contacts")
    dispute_ids = fields.One2many("collection.dispute", "profile_id", "Disputes")
    item_ids = fields.Many2many("account.move.line", compute="_compute_item_ids", string="Open items")

    _customer_uniq = models.UniqueIndex("(company_id, partner_id)", "A customer has one credit profile per company.")

    @api.depends("oldest_due")
    def _compute_days_late(self):
        for profile in self:
            today = profile.company_id._collection_today()
            late = (today - profile.oldest_due).days if profile.oldest_due else 0
            profile.days_late = max(0, late)

    @api.depends("next_reason", "next_detail")
    @api.depends_context("lang")
    def _compute_reason(self):
        for profile in self:
            profile.reason = describe(self.env, profile.next_reason, profile.next_detail)

    @api.depends("action_ids.sent_on")
    def _compute_last_contact(self):
        last = dict(self.env["collection.action"]._read_group(
            [("profile_id", "in", self.ids), ("sent_on", "!=", False)], ["profile_id"], ["sent_on:max"]))
        for profile in self:
            profile.last_contact_on = last.get(profile, False)

    def _search_last_contact(self, operator, value):
        if operator not in ("<", ">", "<=", ">=", "="):
            return NotImplemented
        return [("action_ids", "any", [("sent_on", operator, value)])]

    def _compute_item_ids(self):
        for profile in self:
            profile.item_ids = self.env["account.move.line"].search(
                self.env["collection.reader"]._open_item_domain(profile.company_id, profile.partner_id.ids),
                order="date_maturity, id")

    # ------------------------------------------------------------------ rights

    @api.model_create_multi
    def create(self, vals_list):
        """A new customer begins without a picture: neither its values nor the context's defaults bring one along."""
        self._refuse_guarded(SNAPSHOT_FIELDS & set().union(*vals_list) | self._guarded_defaults(SNAPSHOT_FIELDS))
        return super().create(vals_list)

    def write(self, vals):
        """A picture is written by the jobs only; who belongs to whom is the manager's to say."""
        if not self.env.su:
            refused = SNAPSHOT_FIELDS & set(vals)
            if not self.env.user.has_group("account_credit_collection.group_manager"):
                refused |= MANAGER_FIELDS & set(vals)
            if refused:
                raise AccessError(self.env._("You may not change %(fields)s of %(customer)s.", customer=self[:1].display_name,
                                             fields=", ".join(self._fields[name].string for name in sorted(refused))))
        return super().write(vals)

    # ------------------------------------------------------------------ creation

    @api.model
    def _ensure(self, company, partners):
        """Return the profiles of commercial ``partners`` with ``company``, creating the missing ones."""
        company = company.root_id
        partners = partners.commercial_partner_id
        known = self.sudo().with_context(active_test=False).search_fetch(
            [("company_id", "=", company.id), ("partner_id", "in", partners.ids)], ["partner_id"])
        missing = partners - known.partner_id
        return self.browse(known.ids) | self._create_quietly([{"company_id": company.id, "partner_id": partner.id} for partner in missing])

    @api.model
    def _ensure_missing(self, company, open_only=False):
        """Create a profile for every partner with a receivable (open) item and none yet; return how many."""
        partner_ids = self.env["collection.reader"]._read_partners_without_profile(company.root_id, open_only)
        self._create_quietly([{"company_id": company.root_id.id, "partner_id": pid} for pid in partner_ids])
        return len(partner_ids)

    @api.model
    def _create_quietly(self, vals_list):
        """Bulk create without a chatter line, a follower or tracking per customer; nobody needs a right for it.

        Two transactions may both find a customer without a profile. The slower one must not
        tell its user of a broken key: it is repeated, and then sees the profile.
        """
        quiet = self.sudo().with_context(clean_context(self.env.context), tracking_disable=True, mail_create_nolog=True,
                                         mail_create_nosubscribe=True)
        try:
            return self.browse(quiet.create(vals_list).ids)
        except UniqueViolation as error:
            raise ConcurrencyError(str(error)) from error

    # ------------------------------------------------------------------ refresh

    def _refresh(self, company, today):
        """Behaviour and standing of a batch of customers, between two runs."""
        self._refresh_behaviour(today)
        standing = self.env["collection.reader"]._read_standing(company, self.partner_id.ids, today)
        self._write_snapshot([
            dict(zip(("balance", "overdue", "oldest_due"), standing.get(profile.partner_id.id, (0, 0, None))))
            for profile in self])

    def _refresh_behaviour(self, today):
        """Read the payments of the window in one query and write what changed."""
        for company, profiles in self.grouped("company_id").items():
            rule = company._collection_behaviour_rule()
            payments = self.env["collection.reader"]._read_payments(
                company, profiles.partner_id.ids, today, company.collection_window_months)
            profiles._write_snapshot([
                profile._prepare_behaviour(payments.get(profile.partner_id.id, behaviour.Payments()), rule, today)
                for profile in profiles])

    def _prepare_behaviour(self, payments, rule, today):
        figures = self._decide_behaviour(payments, rule)
        return {"settled_count": payments.settled, "on_time_share": float(figures.on_time_share or 0),
                "average_days_late": float(figures.days_late or 0), "behaviour_class": figures.label,
                "behaviour_on": today}

    def _decide_behaviour(self, payments, rule):
        """One engine call: the place to hook another way to judge a payer."""
        return behaviour.assess(payments, rule, self.behaviour_class if self.behaviour_on else None)

    def _write_snapshot(self, vals_list):
        """Write one dict per record in a few statements: a snapshot is no edit, so nothing is tracked."""
        if not self:
            return
        self.flush_recordset(list(vals_list[0]))
        self._write_multi([
            {name: self._fields[name].convert_to_column(value, profile) for name, value in vals.items()}
            for profile, vals in zip(self, vals_list)])
        self.invalidate_recordset(list(vals_list[0]) + ["days_late", "reason"], flush=False)

    # ------------------------------------------------------------------ actions

    def action_pause(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.credit_pause_wizard_action")
        return dict(action, context={"default_profile_ids": self.ids})

    def action_resume(self):
        """End a pause, and the stop after repeated errors."""
        self.write({"paused_until": False, "pause_reason": False})
        self._clear_errors()

    def _clear_errors(self):
        self.sudo().filtered("error_count").error_count = 0  # the write above checked the right

    def action_follow_up(self):
        """Preview the follow-up of these customers only."""
        if len(self.company_id) > 1:
            raise UserError(self.env._("These customers belong to several companies: %s. Choose those of one.",
                                       ", ".join(self.company_id.mapped("name"))))
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_run_wizard_action")
        return dict(action, context={"default_profile_ids": self.ids, "default_company_id": self[:1].company_id.id})

    def action_open_contacts(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_action_action")
        return dict(action, domain=[("profile_id", "in", self.ids)], context={})

    def action_open_items(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window", "name": self.env._("Open items"), "res_model": "account.move.line",
            "view_mode": "list,form", "domain": [("id", "in", self.item_ids.ids)],
            "search_view_id": (self.env.ref("account_credit_collection.account_move_line_view_search_collection").id, "search"),
            "views": [(self.env.ref("account_credit_collection.account_move_line_view_list_collection").id, "list"),
                      (False, "form")],
        }

    @api.model
    def _lock_batch(self, profiles):
        """Lock what nobody else holds; the rest is left to the other worker."""
        return profiles.try_lock_for_update(allow_referencing=True)

    def _quarantine(self, error):
        """Count an error of the run on this customer; the third stops it and asks a person (R-21)."""
        self.ensure_one()
        self.error_count += 1
        if self.error_count == 3:
            self._task("account_credit_collection.mail_activity_collection_task",
                       self.env._("Follow-up stopped after three errors"), note=error)

    def _ask_once(self, name, summary, **values):
        """A task for each customer's collector, unless one of that kind is open already.

        ``name`` is what follows "mail_activity_collection_" in the name of its type. The list of tasks tells the collector, not a mail for each.
        """
        if not self:
            return
        kind = self.env.ref(f"account_credit_collection.mail_activity_collection_{name}")
        asked = self.env["mail.activity"].search(
            [("res_model", "=", self._name), ("res_id", "in", self.ids), ("activity_type_id", "=", kind.id)])
        self.mapped("display_name")  # core names the record of each activity on its own: read them together
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create([{
            "res_model_id": self.env["ir.model"]._get_id(self._name), "res_id": profile.id, "activity_type_id": kind.id,
            "summary": summary, "user_id": profile._responsible().id, "automated": True, **values,
        } for profile in self - self.browse(asked.mapped("res_id"))])

    def _task(self, xmlid, summary, **values):
        """A task for whoever looks after the customer; the list tells them, not a mail for each."""
        self.ensure_one()
        return self.with_context(mail_activity_quick_update=True).activity_schedule(
            xmlid, summary=summary, user_id=self._responsible().id, **values)

    def _responsible(self, without=None):
        """Who gets the task: the collector, the company's default collector, or the salesperson."""
        self.ensure_one()
        return self.company_id._responsible(self.collector_id, self.company_id.collection_user_id, self.partner_id.user_id, without=without)
