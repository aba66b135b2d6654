from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..models.collection_reason import describe, heading, jsonable

SHOWN = 500  # rows shown per list; the totals count all


class CollectionRunWizard(models.TransientModel):
    """Preview of a follow-up: who gets what and why, who gets nothing and why. Writes nothing until asked."""

    _name = "collection.run.wizard"
    _description = "Follow-up Preview"

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company.root_id)
    currency_id = fields.Many2one(related="company_id.currency_id")
    policy_ids = fields.Many2many("collection.policy", string="Policies", domain="[('company_id', '=', company_id)]",
                                  help="Empty: all policies.")
    profile_ids = fields.Many2many("credit.profile", string="Customers", domain="[('company_id', '=', company_id)]",
                                   help="Empty: all customers with something open.")
    run_date = fields.Date("As of", compute="_compute_run_date")
    contact_ids = fields.One2many("collection.run.wizard.line", "wizard_id", domain=[("outcome", "=", "contact")],
                                  string="Will be contacted", readonly=True)
    silent_ids = fields.One2many("collection.run.wizard.line", "wizard_id", domain=[("outcome", "=", "silent")],
                                 string="Will not be contacted", readonly=True)
    contact_count = fields.Integer(readonly=True)
    silent_count = fields.Integer(readonly=True)
    amount = fields.Monetary(readonly=True)
    warning = fields.Text(readonly=True)
    bank_age = fields.Integer(readonly=True)
    confirm_stale = fields.Boolean("Send although bank data is old")
    previewed = fields.Boolean(readonly=True)

    @api.depends("company_id")
    def _compute_run_date(self):
        for wizard in self:
            wizard.run_date = wizard.company_id._collection_today()

    def _check_collector(self):
        if not self.env.user.has_group("account_credit_collection.group_collector"):
            raise UserError(self.env._("Only collectors may run a follow-up."))

    def _check_scope(self):
        """Refuse what a caller could mix up: another company's customers or policies."""
        company = self.company_id.root_id
        foreign = (self.profile_ids.filtered(lambda profile: profile.company_id != company)
                   or self.policy_ids.filtered(lambda policy: policy.company_id != company))
        if company not in self.env.companies.root_id:
            raise AccessError(self.env._("You do not work for this company."))
        if foreign:
            raise UserError(self.env._("%(record)s does not belong to %(company)s.",
                                       record=foreign[0].display_name, company=company.name))
        return company

    def _profiles(self):
        """The customers the wizard is about, none but those the user may see."""
        company = self._check_scope()
        if self.profile_ids:
            self.profile_ids.check_access("read")
            return self.profile_ids.sudo()
        candidates = self.env["collection.reader"].sudo()._read_candidates(company)
        profiles = self.env["credit.profile"].search([("id", "in", candidates)])
        if self.policy_ids:
            chosen = self.env["collection.policy"]._in_force(company, profiles, self.run_date)
            profiles = profiles.filtered(lambda profile: profile.partner_id.id in chosen and chosen[profile.partner_id.id].record in self.policy_ids)
        # Decided and recorded with the same eyes: a branch's user sees the whole customer or none of it.
        return profiles.sudo()

    def action_preview(self):
        """Decide on everyone without recording anything."""
        self.ensure_one()
        self._check_collector()
        Run = self.env["collection.run"].sudo()
        decided, gathered = Run._decide_batch(self.company_id.root_id, self._profiles(), self.run_date)
        contacts = [row for row in decided if row[2].contact]
        silent = [row for row in decided if not row[2].contact and row[2].reason != "nothing_open"]
        lines = [self._prepare_line(row, gathered) for row in contacts[:SHOWN] + silent[:SHOWN]]
        self.contact_ids.unlink()
        self.silent_ids.unlink()
        self.env["collection.run.wizard.line"].create(lines)
        stale = Run._bank_age_beyond_limit(self.company_id, self.run_date)
        self.write({
            "contact_count": len(contacts), "silent_count": len(silent), "previewed": True, "bank_age": stale or 0,
            "amount": sum(self._amount(row[2].contact, gathered.rows) for row in contacts),
            "warning": self._warnings(len(contacts), len(silent)),
        })
        return self._reopen()

    def _amount(self, contact, rows):
        return sum(float(rows[line.item].base * line.asked / rows[line.item].residual) for line in contact.lines)

    def _prepare_line(self, row, gathered):
        profile, _policy, decision = row
        values = {"wizard_id": self.id, "profile_id": profile.id}
        contact = decision.contact
        if contact:
            code, detail = self.env["collection.action"]._prepare_reason(decision, gathered.rows)
            return dict(values, outcome="contact", level_id=contact.level.id, channels=",".join(contact.channels),
                        amount=self._amount(contact, gathered.rows), reason=describe(self.env, code, detail),
                        needs_approval=contact.level.approval)
        _balance, overdue, _oldest = gathered.overdue.get(profile.partner_id.id, (0, 0, None))
        return dict(values, outcome="silent", amount=float(overdue), code=decision.reason,
                    heading=heading(self.env, decision.reason), next_on=decision.next_on,
                    reason=describe(self.env, decision.reason, jsonable(decision.detail)))

    def _warnings(self, contacts, silent):
        """What the person should know before sending, each sentence naming the record."""
        problems = [problem for policy in self.policy_ids or self.env["collection.policy"].search(
            [("company_id", "=", self.company_id.id)]) for problem in policy._setup_problems()]
        problems += self.env["collection.heartbeat"].sudo()._sentences()
        if max(contacts, silent) > SHOWN:
            problems.append(self.env._("Only the first %s customers of each list are shown; all are counted and sent.", SHOWN))
        return "\n".join(problems)

    def _reopen(self):
        return {"type": "ir.actions.act_window", "res_model": self._name, "res_id": self.id, "view_mode": "form",
                "target": "new", "name": self.env._("Follow-up preview")}

    def action_send(self):
        """Record the contacts and let the sending job take them."""
        run = self._record_run()
        self.env["collection.outbox"]._wake()
        return self._open_run(run)

    def action_plan(self):
        """Record the contacts, all of them waiting for approval."""
        run = self._record_run()
        ready = run.action_ids.filtered(lambda action: action.state == "ready")
        if ready:
            ready._transition("planned", reason="needs_approval", detail={})
            run.state = "held"
        return self._open_run(run)

    def _record_run(self):
        """Check rights and bank data, then record the run; rows are written by no user directly."""
        self.ensure_one()
        self._check_collector()
        profiles, company = self._profiles(), self.company_id.root_id
        Run = self.env["collection.run"].sudo()
        age = Run._bank_age_beyond_limit(company, self.run_date)
        if age and not self.confirm_stale:
            raise UserError(self.env._(
                "The newest bank entry of %(company)s is %(age)s days old, so customers who have paid may be reminded. "
                "Tick “Send although bank data is old” to go on.", company=company.name, age=age))
        run = Run.create({"company_id": company.id, "run_date": self.run_date, "kind": "manual"})
        run._execute(profiles)
        return run

    def _open_run(self, run):
        return {"type": "ir.actions.act_window", "res_model": "collection.run", "res_id": run.id, "view_mode": "form"}


class CollectionRunWizardLine(models.TransientModel):
    _name = "collection.run.wizard.line"
    _description = "Customer in a Follow-up Preview"
    _inherit = ["collection.items.dialog"]
    _order = "outcome, amount desc, id"

    wizard_id = fields.Many2one("collection.run.wizard", required=True, ondelete="cascade", index=True)
    profile_id = fields.Many2one("credit.profile", "Customer", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="wizard_id.currency_id")
    outcome = fields.Selection([("contact", "Contacted"), ("silent", "Not contacted")], required=True)
    level_id = fields.Many2one("collection.level", ondelete="cascade")
    channels = fields.Char()
    channel_names = fields.Char("Channel", compute="_compute_channel_names")
    needs_approval = fields.Boolean()
    amount = fields.Monetary()
    code = fields.Char()
    heading = fields.Char()
    reason = fields.Char("Why")
    next_on = fields.Date("Next contact")

    @api.depends("channels")
    def _compute_channel_names(self):
        labels = dict(self.env["collection.action"]._fields["channel"]._description_selection(self.env))
        for line in self:
            line.channel_names = ", ".join(labels.get(code, code) for code in (line.channels or "").split(",") if code)

    def action_open_customer(self):
        return {"type": "ir.actions.act_window", "res_model": "credit.profile", "res_id": self.profile_id.id, "view_mode": "form"}
